use rstest::rstest;
use serde_json::{Value, json};

use crate::sim::bench::{Bench, group, step};

#[test]
fn a_cluster_starts_boots_and_waits() {
    let mut bench = Bench::with("");
    let id = bench.run(json!({}));
    let mut seen = vec![bench.state(&id)];
    for _ in 0..600 {
        bench.advance(1);
        let state = bench.state(&id);
        if seen.last() != Some(&state) {
            seen.push(state);
        }
    }
    assert_eq!(seen, ["STARTING", "BOOTSTRAPPING", "WAITING"]);
    let cluster = bench.describe(&id);
    assert_eq!(cluster["Status"]["StateChangeReason"]["Message"], "Cluster ready to run steps.");
    let timeline = &cluster["Status"]["Timeline"];
    let took = timeline["ReadyDateTime"].as_f64().unwrap() - timeline["CreationDateTime"].as_f64().unwrap();
    assert!((60.0..600.0).contains(&took), "{took}");
    assert_eq!(bench.instances(&id, "RUNNING").len(), 3);
    assert_eq!(bench.pool(&id, "CORE")["Status"]["State"], "RUNNING");
}

#[test]
fn machines_have_no_names_until_ec2_gives_them() {
    let mut bench = Bench::with("");
    let id = bench.run(json!({}));
    let waiting = bench.instances(&id, "AWAITING_FULFILLMENT");
    assert_eq!(waiting.len(), 3);
    assert!(waiting.iter().all(|machine| machine["Ec2InstanceId"].is_null() && machine["PrivateIpAddress"].is_null()));
    bench.advance(30);
    let given = bench.instances(&id, "PROVISIONING");
    assert_eq!(given.len(), 3);
    assert!(given.iter().all(|machine| machine["Ec2InstanceId"].as_str().unwrap().starts_with("i-0")));
}

#[test]
fn a_transient_cluster_does_its_steps_and_ends() {
    let mut bench = Bench::with("");
    let id = bench.run(json!({
        "Instances": {
            "InstanceGroups": [group("MASTER", "ON_DEMAND", 1)],
            "KeepJobFlowAliveWhenNoSteps": false,
        },
        "Steps": [step("one", 60, None, "CONTINUE"), step("two", 30, Some("oom"), "CONTINUE")],
    }));
    bench.wait_for(&id, "RUNNING");
    bench.wait_for(&id, "TERMINATING");
    let took = bench.wait_for(&id, "TERMINATED");
    assert!((45..=150).contains(&took), "{took}");
    assert_eq!(bench.step_states(&id), ["COMPLETED", "FAILED"]);
    let status = bench.describe(&id)["Status"].clone();
    assert_eq!(
        status["StateChangeReason"],
        json!({ "Code": "ALL_STEPS_COMPLETED", "Message": "Steps completed with errors" })
    );
    assert!(status["Timeline"]["EndDateTime"].is_f64());
    let gone = bench.instances(&id, "TERMINATED");
    assert_eq!(gone[0]["Status"]["StateChangeReason"]["Code"], "CLUSTER_TERMINATED");
    assert_eq!(bench.pool(&id, "MASTER")["Status"]["State"], "TERMINATED");
}

#[test]
fn a_transient_cluster_without_steps_ends_at_once() {
    let mut bench = Bench::with("");
    let id = bench.run(json!({ "Instances": { "MasterInstanceType": "m5.xlarge", "InstanceCount": 3 } }));
    bench.wait_for(&id, "TERMINATED");
    assert_eq!(bench.describe(&id)["Status"]["StateChangeReason"]["Message"], "Steps completed");
}

#[test]
fn termination_cancels_what_waits_and_interrupts_what_runs() {
    let mut bench = Bench::with("");
    let id = bench.run(json!({ "Steps": [step("one", 900, None, "CONTINUE"), step("two", 9, None, "CONTINUE")] }));
    bench.wait_for(&id, "RUNNING");
    bench.advance(10);
    assert_eq!(bench.step_states(&id), ["RUNNING", "PENDING"]);
    bench.ok("TerminateJobFlows", &json!({ "JobFlowIds": [id] }));
    assert_eq!(bench.state(&id), "TERMINATING");
    assert_eq!(bench.step_states(&id), ["INTERRUPTED", "CANCELLED"]);
    bench.wait_for(&id, "TERMINATED");
    let reason = bench.describe(&id)["Status"]["StateChangeReason"].clone();
    assert_eq!(reason, json!({ "Code": "USER_REQUEST", "Message": "Terminated by user request" }));
    // Once more is no error, and changes nothing.
    bench.ok("TerminateJobFlows", &json!({ "JobFlowIds": [id] }));
    assert_eq!(bench.state(&id), "TERMINATED");
}

#[test]
fn a_protected_cluster_stays_and_does_not_save_the_others() {
    let mut bench = Bench::with(
        r#"
        [[cluster]]
        name = "kept"
        id = "j-KEPT"
        protected = true
        [[cluster]]
        name = "open"
        id = "j-OPEN"
        "#,
    );
    let unknown = json!({ "JobFlowIds": ["j-OPEN", "j-NOBODY"] });
    assert_eq!(bench.refused("TerminateJobFlows", &unknown), "ValidationException: Specified job flow ID not valid.");
    assert_eq!(bench.state("j-OPEN"), "WAITING", "an id that is not one ends nothing");
    let both = json!({ "JobFlowIds": ["j-KEPT", "j-OPEN"] });
    assert_eq!(
        bench.refused("TerminateJobFlows", &both),
        "ValidationException: Could not shut down one or more job flows since they are termination protected."
    );
    assert_eq!((bench.state("j-KEPT").as_str(), bench.state("j-OPEN").as_str()), ("WAITING", "TERMINATING"));
    let off = json!({ "JobFlowIds": ["j-KEPT"], "TerminationProtected": false });
    assert_eq!(bench.ok("SetTerminationProtection", &off), Value::Null);
    bench.ok("TerminateJobFlows", &json!({ "JobFlowIds": ["j-KEPT"] }));
    assert_eq!(bench.state("j-KEPT"), "TERMINATING");
}

#[test]
fn the_listing_lags_behind_by_seconds() {
    let mut bench = Bench::with("[[cluster]]\nname = \"a\"\nid = \"j-A\"\n");
    let listed = |bench: &mut Bench, id: &str| {
        let all = bench.pages("ListClusters", "Clusters", &json!({}));
        all.iter().find(|cluster| cluster["Id"] == id).map(|cluster| cluster["Status"]["State"].clone())
    };
    bench.ok("TerminateJobFlows", &json!({ "JobFlowIds": ["j-A"] }));
    assert_eq!(bench.state("j-A"), "TERMINATING");
    assert_eq!(listed(&mut bench, "j-A"), Some(json!("WAITING")));
    let new = bench.run(json!({}));
    assert_eq!(listed(&mut bench, &new), None);
    bench.advance(6);
    assert_eq!(listed(&mut bench, "j-A"), Some(json!("TERMINATING")));
    assert_eq!(listed(&mut bench, &new), Some(json!("STARTING")));
}

#[test]
fn an_idle_cluster_ends_when_its_policy_says_so() {
    let mut bench = Bench::with("[[cluster]]\nname = \"a\"\nid = \"j-A\"\n");
    let policy = json!({ "ClusterId": "j-A", "AutoTerminationPolicy": { "IdleTimeout": 600 } });
    bench.ok("PutAutoTerminationPolicy", &policy);
    let got = bench.ok("GetAutoTerminationPolicy", &json!({ "ClusterId": "j-A" }));
    assert_eq!(got["AutoTerminationPolicy"]["IdleTimeout"], 600);
    let add = |seconds| json!({ "JobFlowId": "j-A", "Steps": [step("s", seconds, None, "CONTINUE")] });
    bench.ok("AddJobFlowSteps", &add(900));
    bench.advance(700);
    assert_eq!(bench.state("j-A"), "RUNNING", "a cluster that works is not idle");
    bench.advance(300);
    assert_eq!(bench.state("j-A"), "WAITING");
    bench.advance(545);
    assert_eq!(bench.state("j-A"), "TERMINATING");
}

#[test]
fn an_idle_policy_can_be_taken_away_and_does_not_end_what_is_protected() {
    let mut bench = Bench::with(
        "[[cluster]]\nname = \"a\"\nid = \"j-A\"\nidle_timeout = \"5m\"\n[[cluster]]\nname = \"b\"\nid = \"j-B\"\n\
         idle_timeout = \"5m\"\nprotected = true\n",
    );
    bench.ok("RemoveAutoTerminationPolicy", &json!({ "ClusterId": "j-A" }));
    assert_eq!(bench.ok("GetAutoTerminationPolicy", &json!({ "ClusterId": "j-A" })), json!({}));
    bench.advance(7200);
    assert_eq!((bench.state("j-A").as_str(), bench.state("j-B").as_str()), ("WAITING", "WAITING"));
}

#[test]
fn a_cluster_whose_bootstrap_action_fails_ends_with_errors() {
    let mut bench = Bench::with(
        r#"
        [[cluster]]
        name = "a"
        id = "j-A"
        state = "bootstrapping"
        bootstrap = [{ name = "agents", path = "s3://bucket/agents.sh" }]
        event = [{ event = "bootstrap-fails" }]
        [life]
        routine = { every = "1h" }
        "#,
    );
    bench.wait_for("j-A", "TERMINATED_WITH_ERRORS");
    let status = bench.describe("j-A")["Status"].clone();
    assert_eq!(status["StateChangeReason"]["Code"], "BOOTSTRAP_FAILURE");
    assert!(status["ErrorDetails"][0]["ErrorCode"].as_str().unwrap().starts_with("BOOTSTRAP_FAILURE_"));
    let data = status["ErrorDetails"][0]["ErrorData"].as_array().unwrap();
    assert!(data.contains(&json!({ "amazon-s3-path": "s3://bucket/agents.sh" })), "{data:?}");
}

#[rstest]
#[case(json!({ "InstanceGroups": [group("MASTER", "ON_DEMAND", 1), group("CORE", "SPOT", 2)] }), "INTERNAL_ERROR")]
#[case(json!({ "InstanceFleets": [fleet("MASTER", 1, 0, None), fleet("CORE", 0, 4, Some("TERMINATE_CLUSTER"))] }),
       "INSTANCE_FLEET_TIMEOUT")]
fn a_cluster_that_gets_no_machines_ends_with_errors(#[case] instances: Value, #[case] code: &str) {
    let mut bench = Bench::with("[[shortage]]\nmarket = \"spot\"\nat = \"0s\"\nlasts = \"5h\"\n");
    let id = bench.run(json!({ "Instances": instances }));
    bench.wait_for(&id, "TERMINATED_WITH_ERRORS");
    let status = bench.describe(&id)["Status"].clone();
    assert_eq!(status["StateChangeReason"]["Code"], code);
    assert_eq!(status["ErrorDetails"][0]["ErrorCode"], "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ");
    assert!(status["Timeline"]["ReadyDateTime"].is_null());
}

#[test]
fn a_fleet_without_spot_machines_can_start_on_demand_instead() {
    let mut bench = Bench::with("[[shortage]]\nmarket = \"spot\"\nat = \"0s\"\nlasts = \"5h\"\n");
    let core = fleet("CORE", 0, 4, Some("SWITCH_TO_ON_DEMAND"));
    let instances =
        json!({ "InstanceFleets": [fleet("MASTER", 1, 0, None), core], "KeepJobFlowAliveWhenNoSteps": true });
    let id = bench.run(json!({ "Instances": instances }));
    bench.wait_for(&id, "WAITING");
    let core = bench.pool(&id, "CORE");
    assert_eq!((&core["TargetOnDemandCapacity"], &core["TargetSpotCapacity"]), (&json!(4), &json!(0)));
    assert_eq!(core["ProvisionedOnDemandCapacity"], 4);
}

fn fleet(role: &str, on_demand: u32, spot: u32, action: Option<&str>) -> Value {
    let mut fleet = json!({
        "Name": role,
        "InstanceFleetType": role,
        "TargetOnDemandCapacity": on_demand,
        "TargetSpotCapacity": spot,
        "InstanceTypeConfigs": [{ "InstanceType": "m5.xlarge" }],
    });
    if let Some(action) = action {
        fleet["LaunchSpecifications"] =
            json!({ "SpotSpecification": { "TimeoutDurationMinutes": 20, "TimeoutAction": action } });
    }
    fleet
}

#[test]
fn ended_clusters_are_remembered_for_two_months() {
    let mut bench = Bench::with("[[cluster]]\nname = \"a\"\nid = \"j-A\"\nstate = \"terminated\"\nended = \"1h\"\n");
    bench.advance(59 * 86_400);
    assert_eq!(bench.state("j-A"), "TERMINATED");
    bench.advance(2 * 86_400);
    assert_eq!(
        bench.refused("DescribeCluster", &json!({ "ClusterId": "j-A" })),
        "InvalidRequestException: Cluster id 'j-A' is not valid."
    );
}

#[test]
fn the_loss_of_the_master_is_the_end() {
    let mut bench = Bench::with(
        "[[cluster]]\nname = \"a\"\nid = \"j-A\"\nevent = [{ at = \"1m\", event = \"node-fails\", group = \"master\" }]\n",
    );
    bench.advance(61);
    bench.wait_for("j-A", "TERMINATED_WITH_ERRORS");
    assert_eq!(bench.describe("j-A")["Status"]["StateChangeReason"]["Code"], "INSTANCE_FAILURE");
}

#[test]
fn clusters_come_work_and_go_by_themselves() {
    let mut bench = Bench::with(
        r#"
        [[arrivals]]
        name = "hourly"
        every = "20m"
        steps = 2
        group = [{ role = "master", type = "m5.xlarge", count = 1 }]
        "#,
    );
    bench.advance(6 * 3600);
    let all = bench.pages("ListClusters", "Clusters", &json!({}));
    assert!((8..40).contains(&all.len()), "{}", all.len());
    let ended = all.iter().filter(|cluster| cluster["Status"]["State"] == "TERMINATED").count();
    assert!(ended > 3, "{ended}");
    assert!(all.iter().any(|cluster| cluster["Name"] == "hourly-1"));
}
