//! Whatever callers do, in whatever order: what they are told never contradicts itself, and in the end all is quiet.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sim::bench::{Bench, step};

const WORLD: &str = r#"
[[cluster]]
name = "groups"
id = "j-GROUPS"
group = [
  { role = "master", type = "m5.xlarge", count = 1 },
  { role = "core", type = "m5.xlarge", count = 3 },
  { role = "task", type = "m5.xlarge", market = "spot", count = 4 },
]
[[cluster]]
name = "fleets"
id = "j-FLEETS"
step_concurrency = 3
fleet = [
  { role = "master", on_demand = 1, types = [{ type = "m5.xlarge" }] },
  { role = "core", on_demand = 4, types = [{ type = "m5.xlarge", weight = 2 }, { type = "m5.2xlarge", weight = 3 }] },
  { role = "task", spot = 9, resize_timeout = "10m", types = [{ type = "r5.xlarge", weight = 4 }, { type = "r4.xlarge" }] },
]
"#;
const CLUSTERS: [&str; 2] = ["j-GROUPS", "j-FLEETS"];

/// Something that somebody does.
#[derive(Debug, Clone)]
enum Deed {
    Wait(u64),
    Resize { cluster: usize, role: usize, on_demand: u32, spot: u32 },
    AddStep { cluster: usize, seconds: u32, fails: bool, on_failure: usize },
    CancelSteps { cluster: usize },
    Happens { cluster: usize, event: usize },
    Scale { cluster: usize, min: u32, more: u32 },
    StopScaling { cluster: usize },
    Protect { cluster: usize, on: bool },
    Terminate { cluster: usize },
    Run,
}

fn deed() -> impl Strategy<Value = Deed> {
    let cluster = 0_usize..2;
    prop_oneof![
        6 => (1_u64..900).prop_map(Deed::Wait),
        5 => (cluster.clone(), 0_usize..2, 0_u32..12, 0_u32..12)
            .prop_map(|(cluster, role, on_demand, spot)| Deed::Resize { cluster, role, on_demand, spot }),
        4 => (cluster.clone(), 1_u32..900, any::<bool>(), 0_usize..3)
            .prop_map(|(cluster, seconds, fails, on_failure)| Deed::AddStep { cluster, seconds, fails, on_failure }),
        1 => cluster.clone().prop_map(|cluster| Deed::CancelSteps { cluster }),
        3 => (cluster.clone(), 0_usize..8).prop_map(|(cluster, event)| Deed::Happens { cluster, event }),
        1 => (cluster.clone(), 1_u32..9, 0_u32..9).prop_map(|(cluster, min, more)| Deed::Scale { cluster, min, more }),
        1 => cluster.clone().prop_map(|cluster| Deed::StopScaling { cluster }),
        1 => (cluster.clone(), any::<bool>()).prop_map(|(cluster, on)| Deed::Protect { cluster, on }),
        1 => cluster.prop_map(|cluster| Deed::Terminate { cluster }),
        1 => Just(Deed::Run),
    ]
}

fn events() -> [Value; 8] {
    [
        json!({ "event": "spot-loss", "count": 2 }),
        json!({ "event": "spot-storm", "percent": 70, "lasts": "9m" }),
        json!({ "event": "capacity-shortage", "lasts": "20m" }),
        json!({ "event": "capacity-shortage", "group": "task", "market": "spot", "lasts": "1h" }),
        json!({ "event": "node-fails", "group": "core" }),
        json!({ "event": "bootstrap-fails" }),
        json!({ "event": "step-fails", "failure": "oom" }),
        json!({ "event": "step-completes" }),
    ]
}

/// Does it; what is refused because of the state something is in is refused, and changes nothing.
fn act(bench: &mut Bench, deed: &Deed) {
    match deed {
        Deed::Wait(seconds) => bench.advance(*seconds),
        Deed::Resize { cluster, role, on_demand, spot } => {
            let pool = bench.pool(CLUSTERS[*cluster], ["CORE", "TASK"][*role]);
            let (operation, change) = if *cluster == 0 {
                let change = json!([{ "InstanceGroupId": pool["Id"], "InstanceCount": on_demand }]);
                ("ModifyInstanceGroups", json!({ "InstanceGroups": change }))
            } else {
                let change = json!({ "InstanceFleetId": pool["Id"], "TargetOnDemandCapacity": on_demand,
                                     "TargetSpotCapacity": spot });
                ("ModifyInstanceFleet", json!({ "ClusterId": "j-FLEETS", "InstanceFleet": change }))
            };
            drop(bench.call(operation, &change));
        }
        Deed::AddStep { cluster, seconds, fails, on_failure } => {
            let on_failure = ["CONTINUE", "CANCEL_AND_WAIT", "TERMINATE_CLUSTER"][*on_failure];
            let step = step("s", *seconds, fails.then_some("stage"), on_failure);
            drop(bench.call("AddJobFlowSteps", &json!({ "JobFlowId": CLUSTERS[*cluster], "Steps": [step] })));
        }
        Deed::CancelSteps { cluster } => {
            let ids: Vec<Value> = bench.steps(CLUSTERS[*cluster]).iter().map(|step| step["Id"].clone()).collect();
            drop(bench.call("CancelSteps", &json!({ "ClusterId": CLUSTERS[*cluster], "StepIds": ids })));
        }
        Deed::Happens { cluster, event } => {
            let spec = serde_json::from_value(events()[*event].clone()).unwrap();
            let now = bench.world.advance(std::time::Duration::ZERO);
            bench.world.emr.script(CLUSTERS[*cluster], spec, now).unwrap();
        }
        Deed::Scale { cluster, min, more } => {
            let unit = ["Instances", "InstanceFleetUnits"][*cluster];
            let limits = json!({ "UnitType": unit, "MinimumCapacityUnits": min, "MaximumCapacityUnits": min + more });
            let arguments =
                json!({ "ClusterId": CLUSTERS[*cluster], "ManagedScalingPolicy": { "ComputeLimits": limits } });
            drop(bench.call("PutManagedScalingPolicy", &arguments));
        }
        Deed::StopScaling { cluster } => {
            drop(bench.call("RemoveManagedScalingPolicy", &json!({ "ClusterId": CLUSTERS[*cluster] })));
        }
        Deed::Protect { cluster, on } => {
            let arguments = json!({ "JobFlowIds": [CLUSTERS[*cluster]], "TerminationProtected": on });
            drop(bench.call("SetTerminationProtection", &arguments));
        }
        Deed::Terminate { cluster } => {
            drop(bench.call("TerminateJobFlows", &json!({ "JobFlowIds": [CLUSTERS[*cluster]] })));
        }
        Deed::Run => drop(bench.run(json!({}))),
    }
}

/// What is told of a cluster must fit together.
fn check(bench: &mut Bench, id: &str) {
    let cluster = bench.describe(id);
    let state = cluster["Status"]["State"].as_str().unwrap().to_owned();
    let steps = bench.step_states(id);
    let active = |state: &String| ["PENDING", "RUNNING", "CANCEL_PENDING"].contains(&state.as_str());
    match state.as_str() {
        "STARTING" | "BOOTSTRAPPING" => {}
        "RUNNING" => assert!(steps.iter().any(active), "{steps:?}"),
        _ => assert!(!steps.iter().any(active), "{state}: {steps:?}"),
    }
    let is_over = state.starts_with("TERMINATED");
    assert_eq!(cluster["Status"]["Timeline"]["EndDateTime"].is_f64(), is_over);
    let running = steps.iter().filter(|state| *state == "RUNNING").count();
    assert!(running as u64 <= cluster["StepConcurrencyLevel"].as_u64().unwrap(), "{steps:?}");
    let machines = bench.pages("ListInstances", "Instances", &json!({ "ClusterId": id }));
    let there = machines.iter().filter(|machine| machine["Status"]["State"] != "TERMINATED").count();
    assert!(!is_over || there == 0, "{there} machines outlive their cluster");
    let is_fleet = cluster["InstanceCollectionType"] == "INSTANCE_FLEET";
    for role in ["MASTER", "CORE", "TASK"].iter().take(if id.starts_with("j-GROUPS") || is_fleet { 3 } else { 2 }) {
        let pool = bench.pool(id, role);
        let mine = machines.iter().filter(|machine| {
            let key = if is_fleet { "InstanceFleetId" } else { "InstanceGroupId" };
            machine[key] == pool["Id"]
        });
        assert_eq!(pool["Status"]["State"] == "TERMINATED", is_over, "{pool}");
        if is_fleet {
            let weight = |machine: &Value| {
                let kinds = pool["InstanceTypeSpecifications"].as_array().unwrap();
                let kind = kinds.iter().find(|kind| kind["InstanceType"] == machine["InstanceType"]).unwrap();
                kind["WeightedCapacity"].as_u64().unwrap()
            };
            let has = |machine: &&Value| {
                !["TERMINATED", "AWAITING_FULFILLMENT"].contains(&machine["Status"]["State"].as_str().unwrap())
            };
            let provisioned: u64 = mine.filter(has).map(weight).sum();
            let told = |key: &str| pool[key].as_u64().unwrap();
            assert_eq!(provisioned, told("ProvisionedOnDemandCapacity") + told("ProvisionedSpotCapacity"), "{pool}");
        } else {
            let running = mine.filter(|machine| machine["Status"]["State"] == "RUNNING").count();
            assert_eq!(pool["RunningInstanceCount"], running, "{pool}");
            if pool["Status"]["State"] == "RUNNING" && !is_over {
                assert!(running as u64 <= pool["RequestedInstanceCount"].as_u64().unwrap(), "{pool}");
            }
        }
    }
}

fn all(bench: &mut Bench) -> Vec<String> {
    let listed = bench.pages("ListClusters", "Clusters", &json!({}));
    listed.iter().map(|cluster| cluster["Id"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_told_contradicts_itself(seed in 0_u64..1_000, deeds in prop::collection::vec(deed(), 1..40)) {
        let mut bench = Bench::seeded(WORLD, seed);
        for deed in &deeds {
            act(&mut bench, deed);
            for id in all(&mut bench) {
                check(&mut bench, &id);
            }
        }
        // When nobody does anything any more, all that was begun comes to its end.
        bench.advance(8 * 3600);
        for id in all(&mut bench) {
            check(&mut bench, &id);
            let state = bench.state(&id);
            prop_assert!(["WAITING", "TERMINATED", "TERMINATED_WITH_ERRORS"].contains(&state.as_str()), "{}", state);
            if state != "WAITING" {
                continue;
            }
            for role in ["MASTER", "CORE"] {
                let pool = bench.pool(&id, role);
                let state = pool["Status"]["State"].as_str().unwrap();
                prop_assert!(["RUNNING", "SUSPENDED", "ARRESTED"].contains(&state), "{}", pool);
                if state == "RUNNING" && !pool["InstanceGroupType"].is_null() {
                    prop_assert_eq!(&pool["RunningInstanceCount"], &pool["RequestedInstanceCount"]);
                }
            }
        }
    }
}
