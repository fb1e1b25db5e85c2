//! The same seed, scenario and requests make the same story; who looks on does not change it.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::sim::bench::{Bench, step};
use crate::sim::scenario::ScenarioSource;
use crate::sim::world::Settings;

/// Everything that can be seen of everything at this moment.
fn snapshot(bench: &mut Bench) -> String {
    let mut out = String::new();
    let clusters = bench.pages("ListClusters", "Clusters", &json!({}));
    for listed in clusters {
        let id = listed["Id"].as_str().unwrap().to_owned();
        writeln!(out, "{listed}\n{}", cluster(bench, &id)).unwrap();
    }
    out
}

fn cluster(bench: &mut Bench, id: &str) -> String {
    let of = json!({ "ClusterId": id });
    let full = bench.describe(id);
    let (operation, member) = match full["InstanceCollectionType"].as_str() {
        Some("INSTANCE_FLEET") => ("ListInstanceFleets", "InstanceFleets"),
        _ => ("ListInstanceGroups", "InstanceGroups"),
    };
    let parts = [
        bench.pages(operation, member, &of),
        bench.pages("ListInstances", "Instances", &of),
        bench.pages("ListSteps", "Steps", &of),
    ];
    format!("{full}\n{}", Value::from(parts.map(Value::from).to_vec()))
}

fn demo(seed: u64) -> Bench {
    let mut bench = Bench::of(&ScenarioSource::named("demo"), Settings { seed: Some(seed), ..Settings::default() });
    // Something is changed, too.
    let all = bench.pages("ListClusters", "Clusters", &json!({ "ClusterStates": ["WAITING"] }));
    let waiting = all.iter().find(|cluster| cluster["Name"] == "pricing-simulations").unwrap();
    let add = json!({ "JobFlowId": waiting["Id"], "Steps": [step("extra", 600, Some("stage"), "CONTINUE")] });
    bench.ok("AddJobFlowSteps", &add);
    bench
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn the_same_seed_tells_the_same_story(seed in 0_u64..10_000) {
        let tell = || {
            let mut bench = demo(seed);
            bench.advance(5_000);
            snapshot(&mut bench)
        };
        prop_assert_eq!(tell(), tell());
    }

    #[test]
    fn who_looks_on_does_not_change_the_story(seed in 0_u64..10_000, looks in prop::collection::vec(1_u64..900, 1..12)) {
        let mut undisturbed = demo(seed);
        undisturbed.advance(6_000);
        let mut watched = demo(seed);
        let mut passed = 0;
        for seconds in looks {
            let seconds = seconds.min(6_000 - passed);
            watched.advance(seconds);
            passed += seconds;
            snapshot(&mut watched);
        }
        watched.advance(6_000 - passed);
        prop_assert_eq!(snapshot(&mut watched), snapshot(&mut undisturbed));
    }
}

#[test]
fn another_seed_tells_another_story() {
    let story = |seed| {
        let mut bench = demo(seed);
        bench.advance(5_000);
        snapshot(&mut bench)
    };
    assert_ne!(story(1), story(2));
}

#[test]
fn what_happens_to_one_cluster_does_not_change_another() {
    let text = |neighbour: &str| {
        format!(
            "[life]\nroutine = {{ every = \"4m\", fails = 0.2 }}\nspot_losses_per_day = 30\n\
             [[cluster]]\nname = \"mine\"\nid = \"j-MINE\"\ngroup = [\n\
             {{ role = \"master\", type = \"m5.xlarge\", count = 1 }},\n\
             {{ role = \"core\", type = \"m5.xlarge\", market = \"spot\", count = 9 }},\n]\n{neighbour}"
        )
    };
    let mut alone = Bench::with(&text(""));
    let mut together = Bench::with(&text("[[cluster]]\nname = \"other\"\nid = \"j-OTHER\"\nhistory = 9\n"));
    for _ in 0..10 {
        alone.advance(700);
        together.advance(700);
        let extra = json!({ "JobFlowId": "j-OTHER", "Steps": [step("extra", 60, None, "CONTINUE")] });
        together.ok("AddJobFlowSteps", &extra);
        together.run(json!({ "Name": "a third one" }));
        assert_eq!(cluster(&mut together, "j-MINE"), cluster(&mut alone, "j-MINE"));
    }
}

#[test]
fn nothing_moves_by_itself_in_the_quiet_scenario() {
    let mut bench = Bench::of(&ScenarioSource::named("quiet"), Settings::default());
    bench.advance(1);
    let states = |bench: &mut Bench| {
        let all = bench.pages("ListClusters", "Clusters", &json!({}));
        let seen: Vec<String> = all.iter().map(|listed| format!("{} {}", listed["Id"], listed["Status"])).collect();
        let ids: Vec<String> = all.iter().map(|listed| listed["Id"].as_str().unwrap().to_owned()).collect();
        let inside = ids.iter().map(|id| {
            let text = cluster(bench, id);
            // Hours run on, of course.
            let hours = text.find("NormalizedInstanceHours").unwrap();
            let rest = text[hours..].find(',').unwrap();
            format!("{}{}", &text[..hours], &text[hours + rest..])
        });
        (seen, inside.collect::<Vec<_>>())
    };
    let before = states(&mut bench);
    bench.advance(7 * 86_400);
    assert_eq!(states(&mut bench), before);
}

#[test]
fn the_clusters_of_the_large_scenario_stay_for_an_hour() {
    let settings = Settings { clusters: Some(300), ..Settings::default() };
    let mut bench = Bench::of(&ScenarioSource::named("large"), settings);
    let active = json!({ "ClusterStates": ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"] });
    for _ in 0..60 {
        assert_eq!(bench.pages("ListClusters", "Clusters", &active).len(), 300);
        bench.advance(60);
    }
    let mut steps = 0;
    for cluster in bench.pages("ListClusters", "Clusters", &active).iter().take(40) {
        let id = cluster["Id"].as_str().unwrap();
        steps += bench.steps(id).len();
    }
    assert!((300..900).contains(&steps), "about ten steps each and some more: {steps}");
}

#[test]
fn the_demo_lives() {
    let mut bench = Bench::of(&ScenarioSource::named("demo"), Settings::default());
    let names = |bench: &mut Bench| {
        let all = bench.pages("ListClusters", "Clusters", &json!({}));
        all.iter().map(|cluster| cluster["Name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let before = names(&mut bench);
    assert!(before.contains(&"etl-nightly-prod".to_owned()), "{before:?}");
    bench.advance(3 * 3600);
    let after = names(&mut bench);
    assert!(after.len() > before.len(), "new clusters have come: {after:?}");
}

#[test]
fn the_incident_happens_as_it_is_written() {
    let mut bench = Bench::of(&ScenarioSource::named("incident"), Settings::default());
    let all = bench.pages("ListClusters", "Clusters", &json!({}));
    let id =
        |name: &str| all.iter().find(|cluster| cluster["Name"] == name).unwrap()["Id"].as_str().unwrap().to_owned();
    let (orders, recommendations) = (id("orders-pipeline"), id("recommendations-batch"));
    assert_eq!(bench.pool(&orders, "TASK")["RunningInstanceCount"], 20);
    bench.advance(125);
    assert_eq!(bench.pool(&orders, "TASK")["RunningInstanceCount"], 3, "85 % of 20 are gone");
    bench.advance(50);
    assert_eq!(bench.world.faults.all()[0].hits, 0, "the account is not throttled yet");
    bench.advance(20);
    let refused = (0..100).filter(|_| bench.call("ListClusters", &json!({})).is_err()).count();
    assert!((20..50).contains(&refused), "{refused}");
    bench.world.faults.remove(None);
    bench.advance(50);
    let failed = bench.ok("ListSteps", &json!({ "ClusterId": orders, "StepStates": ["FAILED"] }));
    assert_eq!(failed["Steps"][0]["Status"]["FailureDetails"]["Reason"], "Out of memory.");
    bench.advance(600);
    assert_eq!(bench.pool(&orders, "TASK")["Status"]["State"], "SUSPENDED");
    assert_eq!(bench.state(&recommendations), "TERMINATED_WITH_ERRORS");
    assert_eq!(bench.state(&orders), "RUNNING");
}

#[test]
fn a_listing_has_every_cluster_once_while_clusters_come_and_go() {
    let settings = Settings { clusters: Some(180), ..Settings::default() };
    let mut bench = Bench::of(&ScenarioSource::named("large"), settings);
    let ids = |page: &Value| -> Vec<String> {
        page["Clusters"].as_array().unwrap().iter().map(|cluster| cluster["Id"].as_str().unwrap().to_owned()).collect()
    };
    let before: Vec<String> = {
        let all = bench.pages("ListClusters", "Clusters", &json!({}));
        all.iter().map(|cluster| cluster["Id"].as_str().unwrap().to_owned()).collect()
    };
    let mut seen = Vec::new();
    let mut arguments = json!({});
    loop {
        let page = bench.ok("ListClusters", &arguments);
        assert!(page["Clusters"].as_array().unwrap().len() <= 50);
        seen.extend(ids(&page));
        bench.run(json!({}));
        bench.advance(10);
        match page["Marker"].as_str() {
            Some(marker) => arguments = json!({ "Marker": marker }),
            None => break,
        }
    }
    assert!(before.iter().all(|id| seen.contains(id)));
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "none comes twice");
    assert!(!before.is_sorted(), "the order means nothing");
    let wrong = json!({ "Marker": "nonsense" });
    assert_eq!(bench.refused("ListClusters", &wrong), "InvalidRequestException: Marker 'nonsense' is not valid.");
}
