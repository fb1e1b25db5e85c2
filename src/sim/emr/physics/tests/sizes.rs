use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use crate::sim::bench::Bench;

/// A cluster of groups that waits: 4 core machines, and a spot task group of so many.
fn groups(task: u32, more: &str) -> String {
    format!(
        "[[cluster]]\nname = \"a\"\nid = \"j-A\"\ngroup = [\n{{ role = \"master\", type = \"m5.xlarge\", count = 1 }},\n\
         {{ role = \"core\", type = \"m5.xlarge\", count = 4 }},\n\
         {{ role = \"task\", type = \"m5.xlarge\", market = \"spot\", count = {task} }},\n]\n{more}"
    )
}

fn resize(bench: &mut Bench, role: &str, count: u32) {
    resize_with(bench, role, &json!({ "InstanceCount": count }));
}

fn resize_with(bench: &mut Bench, role: &str, change: &Value) {
    let mut change = change.clone();
    change["InstanceGroupId"] = bench.pool("j-A", role)["Id"].clone();
    bench.ok("ModifyInstanceGroups", &json!({ "ClusterId": "j-A", "InstanceGroups": [change] }));
}

fn counts(bench: &mut Bench, role: &str) -> (u64, u64, String) {
    let group = bench.pool("j-A", role);
    let number = |name: &str| group[name].as_u64().unwrap();
    (
        number("RequestedInstanceCount"),
        number("RunningInstanceCount"),
        group["Status"]["State"].as_str().unwrap().into(),
    )
}

#[test]
fn a_resize_is_seen_a_moment_later_and_done_minutes_later() {
    let mut bench = Bench::with(&groups(2, ""));
    resize(&mut bench, "TASK", 8);
    assert_eq!(counts(&mut bench, "TASK"), (2, 2, "RUNNING".into()), "the call answers before anything changes");
    bench.advance(4);
    assert_eq!(counts(&mut bench, "TASK"), (8, 2, "RESIZING".into()));
    let mut seen = Vec::new();
    for _ in 0..300 {
        bench.advance(1);
        let (_, running, _) = counts(&mut bench, "TASK");
        if seen.last() != Some(&running) {
            seen.push(running);
        }
    }
    assert_eq!(seen.first(), Some(&2));
    assert_eq!(counts(&mut bench, "TASK"), (8, 8, "RUNNING".into()));
    assert!(seen.len() >= 4, "machines come one by one: {seen:?}");
}

#[test]
fn idle_nodes_leave_soon() {
    let mut bench = Bench::with(&groups(9, ""));
    resize(&mut bench, "TASK", 3);
    bench.advance(5);
    assert_eq!(counts(&mut bench, "TASK"), (3, 9, "RESIZING".into()));
    bench.advance(50);
    assert_eq!(counts(&mut bench, "TASK"), (3, 3, "RUNNING".into()));
    let gone = bench.instances("j-A", "TERMINATED");
    assert_eq!(gone.len(), 6);
    assert!(gone.iter().all(|machine| machine["Status"]["StateChangeReason"]["Code"].is_null()));
}

const BUSY: &str = "state = \"running\"\nstep = [{ name = \"s\", state = \"running\", age = \"5m\" }]\n";

#[test]
fn busy_nodes_finish_their_work_first() {
    let mut bench = Bench::with(&groups(20, BUSY));
    resize(&mut bench, "TASK", 1);
    bench.advance(60);
    let (_, running, state) = counts(&mut bench, "TASK");
    assert!((3..20).contains(&running), "idle nodes are gone, busy ones are not: {running}");
    assert_eq!(state, "RESIZING");
    bench.advance(1_600);
    assert_eq!(counts(&mut bench, "TASK"), (1, 1, "RUNNING".into()));
}

#[test]
fn a_decommission_timeout_cuts_the_work_short() {
    let mut bench = Bench::with(&groups(20, BUSY));
    resize_with(&mut bench, "TASK", &json!({ "InstanceCount": 1, "ShrinkPolicy": { "DecommissionTimeout": 60 } }));
    bench.advance(65);
    assert_eq!(counts(&mut bench, "TASK"), (1, 1, "RUNNING".into()));
    assert_eq!(bench.pool("j-A", "TASK")["ShrinkPolicy"]["DecommissionTimeout"], 60);
}

#[test]
fn nodes_can_be_named_to_go_or_to_stay() {
    let mut bench = Bench::with(&groups(6, ""));
    let group = bench.pool("j-A", "TASK")["Id"].clone();
    let arguments = json!({ "ClusterId": "j-A", "InstanceGroupId": group, "InstanceStates": ["RUNNING"] });
    let ids: Vec<Value> =
        bench.pages("ListInstances", "Instances", &arguments).iter().map(|m| m["Ec2InstanceId"].clone()).collect();
    let policy = json!({ "InstancesToTerminate": [ids[0], ids[1]], "InstancesToProtect": [ids[2], ids[3], ids[4]] });
    let shrink = json!({ "DecommissionTimeout": 30, "InstanceResizePolicy": policy });
    resize_with(&mut bench, "TASK", &json!({ "InstanceCount": 3, "ShrinkPolicy": shrink }));
    bench.advance(60);
    let mut left: Vec<Value> =
        bench.pages("ListInstances", "Instances", &arguments).iter().map(|m| m["Ec2InstanceId"].clone()).collect();
    left.sort_by_key(ToString::to_string);
    let mut kept = ids[2..5].to_vec();
    kept.sort_by_key(ToString::to_string);
    assert_eq!(left, kept);
}

#[test]
fn named_instances_can_be_ended_at_once() {
    let mut bench = Bench::with(&groups(4, BUSY));
    let group = bench.pool("j-A", "TASK")["Id"].clone();
    let arguments = json!({ "ClusterId": "j-A", "InstanceGroupId": group, "InstanceStates": ["RUNNING"] });
    let id = bench.ok("ListInstances", &arguments)["Instances"][0]["Ec2InstanceId"].clone();
    resize_with(&mut bench, "TASK", &json!({ "InstanceCount": 3, "EC2InstanceIdsToTerminate": [id] }));
    bench.advance(4);
    assert_eq!(counts(&mut bench, "TASK"), (3, 3, "RUNNING".into()));
    assert_eq!(bench.instances("j-A", "TERMINATED")[0]["Ec2InstanceId"], id);
    // Without a count the group shrinks by what was ended.
    let id = bench.ok("ListInstances", &arguments)["Instances"][0]["Ec2InstanceId"].clone();
    resize_with(&mut bench, "TASK", &json!({ "EC2InstanceIdsToTerminate": [id] }));
    bench.advance(4);
    assert_eq!(counts(&mut bench, "TASK"), (2, 2, "RUNNING".into()));
    let stranger = json!({ "InstanceGroupId": group, "EC2InstanceIdsToTerminate": ["i-0"] });
    let message = bench.refused("ModifyInstanceGroups", &json!({ "ClusterId": "j-A", "InstanceGroups": [stranger] }));
    assert!(message.contains("'i-0'"), "{message}");
}

#[test]
fn a_second_resize_overrides_the_first() {
    let mut bench = Bench::with(&groups(2, ""));
    resize(&mut bench, "TASK", 30);
    bench.advance(20);
    assert_eq!(counts(&mut bench, "TASK").0, 30);
    resize(&mut bench, "TASK", 2);
    bench.advance(4);
    assert_eq!(counts(&mut bench, "TASK"), (2, 2, "RUNNING".into()), "what does not run yet is given back at once");
    bench.advance(600);
    assert_eq!(counts(&mut bench, "TASK"), (2, 2, "RUNNING".into()));
}

#[test]
fn nodes_that_were_to_leave_can_stay_after_all() {
    let mut bench = Bench::with(&groups(10, BUSY));
    resize(&mut bench, "TASK", 0);
    bench.advance(6);
    resize(&mut bench, "TASK", 10);
    bench.advance(1);
    bench.advance(700);
    let (requested, running, state) = counts(&mut bench, "TASK");
    assert_eq!((requested, running, state.as_str()), (10, 10, "RUNNING"));
    assert!(bench.instances("j-A", "TERMINATED").len() < 5, "most of them were kept");
}

#[test]
fn a_group_that_gets_no_machines_gives_up_until_somebody_asks_again() {
    let mut bench =
        Bench::with(&groups(2, "event = [{ event = \"capacity-shortage\", group = \"task\", lasts = \"1h\" }]\n"));
    resize(&mut bench, "TASK", 6);
    bench.advance(300);
    assert_eq!(counts(&mut bench, "TASK"), (6, 2, "RESIZING".into()));
    bench.advance(400);
    assert_eq!(counts(&mut bench, "TASK"), (6, 2, "SUSPENDED".into()));
    let reason = bench.pool("j-A", "TASK")["Status"]["StateChangeReason"].clone();
    assert_eq!(reason["Code"], "INSTANCE_FAILURE");
    assert!(bench.instances("j-A", "AWAITING_FULFILLMENT").is_empty());
    bench.advance(3_600);
    assert_eq!(counts(&mut bench, "TASK").2, "SUSPENDED", "it does not try again by itself");
    resize(&mut bench, "TASK", 6);
    bench.advance(5);
    assert_eq!(counts(&mut bench, "TASK").2, "RESIZING");
    bench.advance(400);
    assert_eq!(counts(&mut bench, "TASK"), (6, 6, "RUNNING".into()));
}

#[test]
fn a_resize_goes_on_when_capacity_returns_in_time() {
    let mut bench = Bench::with(&groups(2, "event = [{ event = \"capacity-shortage\", lasts = \"5m\" }]\n"));
    resize(&mut bench, "TASK", 6);
    bench.advance(280);
    assert_eq!(counts(&mut bench, "TASK"), (6, 2, "RESIZING".into()));
    bench.advance(400);
    assert_eq!(counts(&mut bench, "TASK"), (6, 6, "RUNNING".into()));
}

#[test]
fn setting_the_present_size_wakes_a_suspended_group_without_growing_it() {
    let mut bench = Bench::with(&groups(2, "event = [{ event = \"capacity-shortage\", lasts = \"1h\" }]\n"));
    resize(&mut bench, "TASK", 6);
    bench.advance(700);
    assert_eq!(counts(&mut bench, "TASK").2, "SUSPENDED");
    resize(&mut bench, "TASK", 2);
    bench.advance(4);
    assert_eq!(counts(&mut bench, "TASK"), (2, 2, "RUNNING".into()));
}

#[test]
fn a_node_that_fails_to_boot_arrests_its_group() {
    let mut bench = Bench::with(&groups(2, "event = [{ event = \"bootstrap-fails\" }]\n"));
    resize(&mut bench, "TASK", 3);
    bench.advance(400);
    assert_eq!(counts(&mut bench, "TASK"), (3, 2, "ARRESTED".into()));
    assert_eq!(bench.instances("j-A", "TERMINATED")[0]["Status"]["StateChangeReason"]["Code"], "BOOTSTRAP_FAILURE");
    assert_eq!(bench.state("j-A"), "WAITING");
    resize(&mut bench, "TASK", 3);
    bench.advance(400);
    assert_eq!(counts(&mut bench, "TASK"), (3, 3, "RUNNING".into()));
}

#[test]
fn lost_spot_machines_are_replaced_after_a_while() {
    let mut bench = Bench::with(&groups(6, "event = [{ at = \"1m\", event = \"spot-loss\", count = 2 }]\n"));
    bench.advance(61);
    assert_eq!(counts(&mut bench, "TASK").1, 4);
    let lost = bench.instances("j-A", "TERMINATED");
    assert!(
        lost.iter().all(|machine| machine["Market"] == "SPOT"
            && machine["Status"]["StateChangeReason"]["Code"] == "INSTANCE_FAILURE")
    );
    bench.advance(80);
    assert_eq!(counts(&mut bench, "TASK").2, "RESIZING");
    bench.advance(300);
    assert_eq!(counts(&mut bench, "TASK"), (6, 6, "RUNNING".into()));
    assert_eq!(counts(&mut bench, "CORE").1, 4, "only spot machines are lost");
}

#[test]
fn a_storm_takes_its_share_and_lets_nothing_new_come() {
    let storm = "event = [{ at = \"1m\", event = \"spot-storm\", group = \"task\", percent = 50, lasts = \"8m\" }]\n";
    let mut bench = Bench::with(&groups(20, storm));
    bench.advance(61);
    assert_eq!(counts(&mut bench, "TASK").1, 10);
    bench.advance(400);
    assert_eq!(counts(&mut bench, "TASK").1, 10);
    bench.advance(400);
    assert_eq!(counts(&mut bench, "TASK").1, 20);
}

#[rstest]
#[case("MASTER", 3, "A master instance group may not be modified")]
#[case("CORE", 0, "An instance group must have at least one instance")]
#[case("CORE", 1, "dfs.replication")]
#[case("TASK", 2001, "cannot exceed 2000")]
fn sizes_that_cannot_be_are_refused(#[case] role: &str, #[case] count: u32, #[case] why: &str) {
    let mut bench = Bench::with(&groups(2, ""));
    let bad = json!({ "InstanceGroupId": bench.pool("j-A", role)["Id"], "InstanceCount": count });
    let good = json!({ "InstanceGroupId": bench.pool("j-A", "TASK")["Id"], "InstanceCount": 5 });
    let message = bench.refused("ModifyInstanceGroups", &json!({ "InstanceGroups": [good, bad] }));
    assert!(message.starts_with("ValidationException") && message.contains(why), "{message}");
    bench.advance(60);
    assert_eq!(counts(&mut bench, "TASK").0, 2, "all changes are made, or none");
}

#[test]
fn managed_scaling_puts_back_what_somebody_else_changed() {
    let mut bench = Bench::with(&groups(5, "managed_scaling = { min = 2, max = 20 }\n"));
    bench.advance(1_000);
    resize(&mut bench, "TASK", 9);
    bench.advance(4);
    assert_eq!(counts(&mut bench, "TASK").0, 9);
    bench.advance(60);
    assert_eq!(counts(&mut bench, "TASK").0, 5);
}

#[test]
fn managed_scaling_follows_its_limits() {
    let mut bench = Bench::with(&groups(5, ""));
    let limits = |min, max| {
        json!({ "ClusterId": "j-A", "ManagedScalingPolicy": { "ComputeLimits":
            { "UnitType": "Instances", "MinimumCapacityUnits": min, "MaximumCapacityUnits": max } } })
    };
    bench.ok("PutManagedScalingPolicy", &limits(12, 30));
    bench.advance(60);
    assert_eq!((counts(&mut bench, "CORE").0, counts(&mut bench, "TASK").0), (4, 8), "task grows before core");
    bench.ok("PutManagedScalingPolicy", &limits(1, 3));
    bench.advance(60);
    assert_eq!((counts(&mut bench, "CORE").0, counts(&mut bench, "TASK").0), (3, 0), "core shrinks last");
    bench.ok("RemoveManagedScalingPolicy", &json!({ "ClusterId": "j-A" }));
    assert_eq!(bench.ok("GetManagedScalingPolicy", &json!({ "ClusterId": "j-A" })), json!({}));
    resize(&mut bench, "TASK", 4);
    bench.advance(600);
    assert_eq!(counts(&mut bench, "TASK"), (4, 4, "RUNNING".into()), "nobody puts it back any more");
}

/// A cluster of fleets with machines of weight 1, 2 and 4.
fn fleets(on_demand: u32, spot: u32, more: &str) -> String {
    let kinds = |weights: &[u32]| {
        let types = ["m5.xlarge", "m5.2xlarge", "m5.4xlarge"];
        let kind = |(name, weight): (&str, &u32)| format!("{{ type = \"{name}\", weight = {weight} }}");
        types.into_iter().zip(weights).map(kind).collect::<Vec<_>>().join(", ")
    };
    format!(
        "[[cluster]]\nname = \"a\"\nid = \"j-A\"\n{more}\nfleet = [\n\
         {{ role = \"master\", on_demand = 1, types = [{}] }},\n\
         {{ role = \"task\", on_demand = {on_demand}, spot = {spot}, resize_timeout = \"10m\", types = [{}] }},\n]\n",
        kinds(&[1]),
        kinds(&[1, 2, 4]),
    )
}

fn resize_fleet(bench: &mut Bench, on_demand: u32, spot: u32) {
    let id = bench.pool("j-A", "TASK")["Id"].clone();
    let fleet = json!({ "InstanceFleetId": id, "TargetOnDemandCapacity": on_demand, "TargetSpotCapacity": spot });
    bench.ok("ModifyInstanceFleet", &json!({ "ClusterId": "j-A", "InstanceFleet": fleet }));
}

fn capacity(bench: &mut Bench) -> [u64; 4] {
    let fleet = bench.pool("j-A", "TASK");
    ["TargetOnDemandCapacity", "TargetSpotCapacity", "ProvisionedOnDemandCapacity", "ProvisionedSpotCapacity"]
        .map(|name| fleet[name].as_u64().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Wherever a fleet is sent, it gets there: never below its target, above it by less than one machine.
    #[test]
    fn a_fleet_reaches_its_target_or_a_little_more(
        seed in 0_u64..1_000,
        sizes in prop::collection::vec((0_u32..20, 0_u32..20), 1..4),
    ) {
        let mut bench = Bench::seeded(&fleets(4, 8, ""), seed);
        for (on_demand, spot) in sizes {
            resize_fleet(&mut bench, on_demand, spot);
            bench.advance(400);
            let [target_od, target_spot, od, spot_now] = capacity(&mut bench);
            prop_assert_eq!([target_od, target_spot], [u64::from(on_demand), u64::from(spot)]);
            prop_assert!(od >= target_od && od < target_od + 4, "{} of {}", od, target_od);
            prop_assert!(spot_now >= target_spot && spot_now < target_spot + 4, "{} of {}", spot_now, target_spot);
            let fleet = bench.pool("j-A", "TASK");
            prop_assert_eq!(&fleet["Status"]["State"], "RUNNING");
        }
    }
}

#[test]
fn a_fleet_that_runs_out_of_time_reports_success_with_its_target_unmet() {
    let shortage = "event = [{ event = \"capacity-shortage\", market = \"spot\", lasts = \"2h\" }]";
    let mut bench = Bench::with(&fleets(2, 4, shortage));
    let before = capacity(&mut bench)[3];
    resize_fleet(&mut bench, 6, 20);
    bench.advance(300);
    assert_eq!(bench.pool("j-A", "TASK")["Status"]["State"], "RESIZING");
    bench.advance(400);
    let [_, target, on_demand, spot] = capacity(&mut bench);
    assert_eq!(bench.pool("j-A", "TASK")["Status"]["State"], "RUNNING");
    assert!(on_demand >= 6);
    assert_eq!((target, spot), (20, before));
}

#[test]
fn a_spot_rebalance_goes_in_two_steps_without_a_dip() {
    let mut bench = Bench::with(&fleets(12, 0, ""));
    resize_fleet(&mut bench, 12, 12);
    bench.advance(400);
    let [.., on_demand, spot] = capacity(&mut bench);
    assert!(on_demand >= 12 && spot >= 12);
    resize_fleet(&mut bench, 0, 12);
    bench.advance(120);
    let [.., on_demand, spot] = capacity(&mut bench);
    assert_eq!(on_demand, 0);
    assert!(spot >= 12);
}

#[test]
fn groups_and_fleets_can_be_added() {
    let mut bench = Bench::with(&groups(0, ""));
    let group = json!({ "Name": "burst", "InstanceRole": "TASK", "InstanceType": "r5.xlarge", "InstanceCount": 3 });
    let answer = bench.ok("AddInstanceGroups", &json!({ "JobFlowId": "j-A", "InstanceGroups": [group] }));
    let id = answer["InstanceGroupIds"][0].clone();
    let find = |bench: &mut Bench| {
        let all = bench.pages("ListInstanceGroups", "InstanceGroups", &json!({ "ClusterId": "j-A" }));
        all.into_iter().find(|group| group["Id"] == id).unwrap()
    };
    assert_eq!(find(&mut bench)["Status"]["State"], "PROVISIONING");
    bench.advance(400);
    let group = find(&mut bench);
    assert_eq!((&group["Status"]["State"], &group["RunningInstanceCount"]), (&json!("RUNNING"), &json!(3)));
    let core = json!({ "InstanceRole": "CORE", "InstanceType": "r5.xlarge", "InstanceCount": 3 });
    let message = bench.refused("AddInstanceGroups", &json!({ "JobFlowId": "j-A", "InstanceGroups": [core] }));
    assert!(message.contains("only one core instance group"), "{message}");
}

#[test]
fn the_wrong_call_for_the_collection_says_which_one_is_right() {
    let mut bench = Bench::with(&fleets(2, 0, ""));
    let message = bench.refused("ListInstanceGroups", &json!({ "ClusterId": "j-A" }));
    assert_eq!(
        message,
        "InvalidRequestException: Instance fleets and instance groups are mutually exclusive. The EMR cluster specified \
         in the request uses instance fleets. The ListInstanceGroups operation does not support clusters that use \
         instance fleets. Use the ListInstanceFleets operation instead."
    );
    let mut bench = Bench::with(&groups(2, ""));
    let fleet = json!({ "InstanceFleetId": "if-1", "TargetSpotCapacity": 1 });
    let message = bench.refused("ModifyInstanceFleet", &json!({ "ClusterId": "j-A", "InstanceFleet": fleet }));
    assert!(message.ends_with("Use the ModifyInstanceGroups operation instead."), "{message}");
}

#[test]
fn instances_are_filtered_capped_and_paged() {
    let mut bench = Bench::with(&groups(70, ""));
    let all = bench.pages("ListInstances", "Instances", &json!({ "ClusterId": "j-A" }));
    assert_eq!(all.len(), 75);
    let by_type = json!({ "ClusterId": "j-A", "InstanceGroupTypes": ["CORE", "MASTER"] });
    assert_eq!(bench.pages("ListInstances", "Instances", &by_type).len(), 5);
    let wrong = json!({ "ClusterId": "j-A", "InstanceFleetType": "CORE" });
    assert!(bench.refused("ListInstances", &wrong).contains("uses instance groups"));
    for count in [1_900, 0, 1_900, 0] {
        resize(&mut bench, "TASK", count);
        bench.advance(400);
    }
    let all = bench.pages("ListInstances", "Instances", &json!({ "ClusterId": "j-A" }));
    assert_eq!(all.len(), 2_000, "no more than 2,000 are listed");
    assert_eq!(bench.instances("j-A", "RUNNING").len(), 5, "those that run are among them");
}

#[test]
fn a_lively_scaler_moves_within_its_limits() {
    let lively = "managed_scaling = { min = 5, max = 12, lively = true }\nbook = \"streaming\"\nstate = \"running\"\n\
                  step = [{ name = \"s\", state = \"running\", left = \"9d\" }]\n";
    let mut bench = Bench::with(&format!("[life]\nroutine = {{ every = \"9d\" }}\n{}", groups(2, lively)));
    let mut seen = Vec::new();
    for _ in 0..40 {
        bench.advance(1_200);
        let size = counts(&mut bench, "CORE").0 + counts(&mut bench, "TASK").0;
        assert!((5..=12).contains(&size), "{size}");
        seen.push(size);
    }
    seen.sort_unstable();
    seen.dedup();
    assert!(seen.len() > 3, "{seen:?}");
}

#[test]
fn spot_machines_are_lost_as_often_as_the_scenario_says() {
    let mut bench = Bench::with(&groups(50, "spot_losses_per_day = 0.5\n[life]\nroutine = { every = \"9d\" }\n"));
    bench.advance(4 * 86_400);
    let lost = bench.instances("j-A", "TERMINATED");
    assert!((60..140).contains(&lost.len()), "{}", lost.len());
    assert!(lost.iter().all(|machine| machine["Market"] == "SPOT"));
    assert!(counts(&mut bench, "TASK").1 > 45, "they are replaced");
}

#[test]
fn a_group_does_not_get_more_machines_than_there_are() {
    let mut bench = Bench::with(&groups(2, "").replace("count = 2 }", "count = 2, available = 5 }"));
    resize(&mut bench, "TASK", 9);
    bench.advance(700);
    assert_eq!(counts(&mut bench, "TASK"), (9, 5, "SUSPENDED".into()));
    resize(&mut bench, "TASK", 4);
    bench.advance(60);
    assert_eq!(counts(&mut bench, "TASK"), (4, 4, "RUNNING".into()));
}

#[test]
fn a_shortage_in_the_region_hits_those_who_ask_for_that_type() {
    let mut bench = Bench::with(&format!(
        "[[shortage]]\ntype = \"m5.xlarge\"\nmarket = \"spot\"\nat = \"1m\"\nlasts = \"30m\"\n{}",
        groups(1, "")
    ));
    bench.advance(61);
    let other = json!({ "InstanceRole": "TASK", "InstanceType": "r5.xlarge", "InstanceCount": 2, "Market": "SPOT" });
    bench.ok("AddInstanceGroups", &json!({ "JobFlowId": "j-A", "InstanceGroups": [other] }));
    resize(&mut bench, "TASK", 3);
    resize(&mut bench, "CORE", 6);
    bench.advance(400);
    assert_eq!(counts(&mut bench, "CORE").1, 6, "on-demand machines come");
    let all = bench.pages("ListInstanceGroups", "InstanceGroups", &json!({ "ClusterId": "j-A" }));
    let running = |name: &str| {
        let group = all.iter().find(|group| group["InstanceType"] == name && group["InstanceGroupType"] == "TASK");
        group.map(|group| group["RunningInstanceCount"].clone())
    };
    assert_eq!((running("r5.xlarge"), running("m5.xlarge")), (Some(json!(2)), Some(json!(1))));
}

#[test]
fn a_node_leaves_by_the_last_decision_about_it_not_by_an_older_one() {
    let mut bench = Bench::with(&groups(30, BUSY));
    let shrink = |timeout| json!({ "InstanceCount": 0, "ShrinkPolicy": { "DecommissionTimeout": timeout } });
    resize_with(&mut bench, "TASK", &shrink(100));
    bench.advance(10);
    resize(&mut bench, "TASK", 30);
    bench.advance(10);
    resize_with(&mut bench, "TASK", &shrink(3_600));
    bench.advance(70);
    let (_, busy, _) = counts(&mut bench, "TASK");
    assert!(busy > 3, "{busy}");
    bench.advance(55);
    assert_eq!(counts(&mut bench, "TASK").1, busy, "the first deadline is over and means nothing any more");
    bench.advance(1_500);
    assert_eq!(counts(&mut bench, "TASK").1, 0);
}

#[test]
fn a_group_that_gave_up_does_not_replace_what_it_loses() {
    let mut bench = Bench::with(&groups(
        4,
        "event = [{ event = \"capacity-shortage\", group = \"task\", lasts = \"15m\" }, \
         { at = \"20m\", event = \"spot-loss\", count = 2 }]\n",
    ));
    resize(&mut bench, "TASK", 6);
    bench.advance(3_600);
    assert_eq!(counts(&mut bench, "TASK"), (6, 2, "SUSPENDED".into()));
}

#[test]
fn a_smaller_size_that_cannot_be_had_either_is_given_up_too() {
    let mut bench = Bench::with(&groups(2, "event = [{ event = \"capacity-shortage\", lasts = \"3h\" }]\n"));
    resize(&mut bench, "TASK", 30);
    bench.advance(300);
    resize(&mut bench, "TASK", 10);
    bench.advance(580);
    assert_eq!(counts(&mut bench, "TASK"), (10, 2, "RESIZING".into()), "it has the whole time again");
    bench.advance(60);
    assert_eq!(counts(&mut bench, "TASK"), (10, 2, "SUSPENDED".into()));
}
