use jiff::Timestamp;
use rstest::rstest;

use super::*;
use crate::sim::error::SimError;
use crate::sim::faults::FaultKind;
use crate::sim::world::{Settings, World};

/// The smallest scenario there can be.
const LEAST: &str = r#"
name = "least"
description = "one account"
[[account]]
id = "123456789012"
name = "prod"
access_key = "KEY"
regions = ["us-east-1"]
"#;

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn world(text: &str) -> Result<World, SimError> {
    let source = ScenarioSource::Text { name: "test.toml".to_owned(), text: text.to_owned() };
    World::new(&source, Settings::default(), start())
}

#[test]
fn every_shipped_scenario_loads_and_says_what_it_is() {
    let names: Vec<&str> = ScenarioSource::shipped().collect();
    assert!(["demo", "quiet", "large", "incident"].iter().all(|name| names.contains(name)), "{names:?}");
    for name in names {
        let source = ScenarioSource::named(name);
        let world =
            World::new(&source, Settings::default(), start()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(world.scenario, name);
        assert!(world.description.len() > 20, "{name}");
    }
}

#[rstest]
#[case("speeed = 1", "test.toml:2:1: unknown key `speeed`: did you mean `speed`?")]
#[case("speed = -1", "test.toml:2:9: speed -1 is not between 0 and 10000")]
#[case("start = \"yesterday\"", "test.toml:2:9: ")]
#[case("quotas = \"maybe\"", "test.toml:2:10: invalid value: string \"maybe\", expected \"on\", \"off\" or a table")]
#[case("quotas = { ListCluster = { burst = 1, refill = 1 } }", "did you mean `ListClusters`?")]
#[case(
    "[[cluster]]\nname = \"a\"\nstate = \"runing\"",
    "test.toml:11:9: unknown word `runing`: did you mean `running`?"
)]
#[case("[[cluster]]\nname = \"a\"\naccount = \"prd\"", "test.toml:11:11: unknown account `prd`: did you mean `prod`?")]
#[case(
    "[[cluster]]\nname = \"a\"\nregion = \"mars-1\"",
    "test.toml:11:10: unknown region `mars-1`: there is us-east-1"
)]
#[case("[[cluster]]\nname = \"a\"\nage = \"5 parsecs\"", "test.toml:11:7: `5 parsecs` is not a time")]
#[case("[[cluster]]\nstate = \"running\"", "test.toml:9:1: missing key `name`")]
#[case("[[cluster]]\nname = \"a\"\nended = \"1m\"", "only a cluster whose state is terminated or failed has ended")]
#[case(
    "[[cluster]]\nname = \"a\"\nstate = \"failed\"\nage = \"1h\"\nended = \"2h\"",
    "test.toml:13:9: a cluster cannot have ended"
)]
#[case(
    "[[cluster]]\nname = \"a\"\n[[cluster]]\nname = \"a\"",
    "test.toml:12:8: there are two clusters called `a`, or with this id"
)]
#[case(
    "[[cluster]]\nname = \"a\"\nstep = [{ name = \"s\", state = \"running\" }]",
    "test.toml:11:9: a waiting cluster has no steps"
)]
#[case("[[cluster]]\nname = \"a\"\nstep = [{ name = \"s\", state = \"failed\" }]", "needs `failure`")]
#[case(
    "[[cluster]]\nname = \"a\"\ngroup = [{ role = \"core\", type = \"m5.xlarge\", count = 1 }]",
    "exactly one group or fleet with the role master"
)]
#[case(
    "[[cluster]]\nname = \"a\"\ngroup = [{ role = \"master\", type = \"m5.huge\", count = 1 }]",
    "test.toml:11:36: `m5.huge` is not the name of a machine type"
)]
#[case(
    "[[cluster]]\nname = \"a\"\nfleet = [{ role = \"master\", on_demand = 1, types = [{ type = \"m5.xlarge\", weight = 0 }] }]",
    "a weight of at least 1"
)]
#[case(
    "[[cluster]]\nname = \"a\"\nevent = [{ event = \"spot-loss\", group = \"gpu\" }]",
    "test.toml:11:10: unknown group `gpu`: the cluster has Primary, Core"
)]
#[case(
    "[[cluster]]\nname = \"a\"\nevent = [{ event = \"terminate\", count = 2 }]",
    "`count` does not belong to this event"
)]
#[case("[[cluster]]\nname = \"a\"\nmanaged_scaling = { min = 5, max = 2 }", "min 5 is more than max 2")]
#[case(
    "[[fault]]\nfault = \"throttle\"\nop = \"ListSetps\"",
    "test.toml:9:1: unknown operation `ListSetps`: did you mean `ListSteps`?"
)]
#[case("[[fault]]\nfault = \"slow\"", "the fault slow needs delay_ms")]
#[case("[[fault]]\nfault = \"throttle\"\naccount = \"test\"", "unknown account `test`")]
#[case(
    "[[account]]\nid = \"12\"\nname = \"x\"\naccess_key = \"X\"\nregions = [\"r\"]",
    "account id `12` is not twelve digits"
)]
#[case(
    "[[account]]\nid = \"123456789012\"\nname = \"x\"\naccess_key = \"X\"\nregions = [\"r\"]",
    "`123456789012` is used twice"
)]
#[case("[fleet]\ncount = 3\nregion = \"nowhere\"", "unknown region `nowhere`")]
#[case("a = [", "test.toml:")]
fn what_is_wrong_is_told_with_its_place(#[case] line: &str, #[case] expected: &str) {
    // Keys of the top level must stand before the first table.
    let is_top = !line.starts_with('[');
    let text = if is_top { format!("\n{line}{LEAST}") } else { format!("{LEAST}{line}\n") };
    let error = match world(&text) {
        Ok(_) => panic!("was understood: {text}"),
        Err(SimError::Scenario(diagnostic)) => diagnostic.to_string(),
        Err(other) => panic!("{other:?}"),
    };
    assert!(error.contains(expected), "{error}\nin\n{text}");
}

#[test]
fn a_scenario_without_clusters_is_one() {
    let mut world = world(LEAST).unwrap();
    let site = world.accounts.site(0, "us-east-1");
    assert!(world.emr.census(site).is_empty());
}

#[test]
fn the_number_of_clusters_is_the_one_asked_for() {
    let count = |name: &str, clusters| {
        let settings = Settings { clusters: Some(clusters), ..Settings::default() };
        let mut world = World::new(&ScenarioSource::named(name), settings, start())?;
        let site = world.accounts.site(0, "us-east-1");
        let census = world.emr.census(site);
        Ok(census.iter().filter(|(state, _)| !state.starts_with("TERMINATED")).map(|(_, count)| *count).sum())
    };
    assert_eq!(count("large", 321).map_err(|error: SimError| error.to_string()), Ok(321));
    assert_eq!(count("demo", 40).map_err(|error| error.to_string()), Ok(40));
    let error = count("demo", 3).unwrap_err().to_string();
    assert!(error.contains("active clusters of its own in prod us-east-1: ask for"), "{error}");
}

#[test]
fn a_scenario_is_named_or_is_a_file() {
    assert_eq!(ScenarioSource::named("demo"), ScenarioSource::Shipped("demo".to_owned()));
    assert_eq!(ScenarioSource::named("my.toml"), ScenarioSource::File("my.toml".into()));
    assert_eq!(ScenarioSource::named("./demo"), ScenarioSource::File("./demo".into()));
    let error = ScenarioSource::named("dmeo").text().unwrap_err().to_string();
    assert!(error.contains("there is no scenario `dmeo` (did you mean `demo`?)"), "{error}");
    assert!(error.contains("quiet"), "{error}");
    let error = ScenarioSource::named("./no-such-file.toml").text().unwrap_err().to_string();
    assert!(error.contains("no-such-file.toml"), "{error}");
}

const PAGE: &str = include_str!("../../../docs/simulator.md");

#[test]
fn the_example_in_the_documentation_is_a_scenario() {
    let example = PAGE.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let mut world = world(example).unwrap_or_else(|error| panic!("{error:?}"));
    let site = world.accounts.site(0, "us-east-1");
    assert_eq!(world.emr.census(site).values().sum::<usize>(), 200);
}

#[test]
fn the_documentation_names_everything_there_is() {
    for name in operations() {
        // Three pairs of policies are written together.
        let short = name.trim_start_matches("Get").trim_start_matches("Put").trim_start_matches("Remove");
        assert!(PAGE.contains(name) || PAGE.contains(short), "{name}");
    }
    for name in ScenarioSource::shipped() {
        assert!(PAGE.contains(&format!("- `{name}`: ")), "{name}");
    }
    for kind in FaultKind::ALL {
        assert!(PAGE.contains(&format!("| `{}` | ", kind.word())), "{kind:?}");
    }
}
