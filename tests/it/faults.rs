//! The fault table: every fault on every kind of call. After each the other connection still refreshes, keys still
//! answer, the lane names the cause, and nothing is sent twice.

use std::time::Duration;

use rstest::rstest;
use serde_json::json;

use crate::support::deck::{Deck, Setting};
use crate::support::simulation::Simulation;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Throttle,
    Error500,
    Html500,
    Expired,
    Denied,
    BlackHole,
    Slow,
    Truncated,
    Garbage,
    Reset,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Error500 => "error-500",
            Self::Html500 => "html-500",
            Self::Expired => "expired",
            Self::Denied => "denied",
            Self::BlackHole => "black-hole",
            Self::Slow => "slow",
            Self::Truncated => "truncated",
            Self::Garbage => "garbage",
            Self::Reset => "reset",
        }
    }

    /// How the lane calls it; nothing for what is merely slow.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Throttle => &["throttled"],
            Self::Error500 | Self::Html500 => &["unavailable"],
            Self::Expired => &["expired"],
            Self::Denied => &["denied"],
            Self::BlackHole => &["timeout"],
            Self::Slow => &[],
            Self::Truncated => &["unreachable", "unreadable answer"],
            Self::Garbage => &["unreadable answer"],
            Self::Reset => &["unreachable"],
        }
    }
}

/// Two connections to two accounts of one simulation.
fn two_connections(sim: &Simulation) -> Deck {
    let connection = |name: &str| {
        format!(
            "[[connection]]\nname = \"{name}\"\nprovider = \"emr\"\nprofile = \"{name}\"\nregion = \"us-east-1\"\n\
             endpoint-url = \"{}\"\nmode = \"operate\"\ntimeout = \"1s\"\nquota-share = \"off\"\n",
            sim.endpoint()
        )
    };
    let setting = Setting::new(&[]).config(&format!("{}{}", connection("prod"), connection("dev"))).size(150, 40);
    let aws = setting.home.path().join(".aws");
    std::fs::create_dir_all(&aws).unwrap();
    let profile = |name: &str, key: &str| format!("[{name}]\naws_access_key_id = {key}\naws_secret_access_key = any\n");
    let text = profile("prod", "AKIASIMPROD000000001") + &profile("dev", "AKIASIMDEV0000000002");
    std::fs::write(aws.join("credentials"), text).unwrap();
    let deck = setting.start();
    deck.wait("etl-nightly");
    deck.until("both connections", |screen| screen.matches("emr/dev").count() > 1);
    deck
}

/// From now on every call of this operation in the first account meets the fault.
fn break_it(sim: &Simulation, fault: Fault, operation: &str) {
    let mut rule = json!({"fault": fault.name(), "op": operation, "account": "prod"});
    if fault == Fault::Slow {
        rule["delay_ms"] = json!(300);
    }
    sim.fault(&rule);
}

/// The header's row of connections.
fn lanes(screen: &str) -> &str {
    screen.lines().nth(1).unwrap_or_default()
}

fn listings_of_dev(sim: &Simulation) -> usize {
    sim.calls("ListClusters").iter().filter(|call| call["account"] == "dev").count()
}

/// What must hold whatever happened to the other connection.
fn assert_alive(deck: &mut Deck, sim: &Simulation) {
    let before = listings_of_dev(sim);
    deck.keys("<ctrl-r>");
    deck.until("the other connection to refresh", |_| listings_of_dev(sim) > before);
    deck.keys(":fleet<enter>");
    deck.wait("▸ fleet");
    deck.keys("?");
    deck.wait("everywhere");
    deck.keys("<esc>");
    deck.gone("everywhere");
}

#[rstest]
fn a_look_that_fails_harms_nobody_else(
    #[values(
        Fault::Throttle,
        Fault::Error500,
        Fault::Html500,
        Fault::Expired,
        Fault::Denied,
        Fault::BlackHole,
        Fault::Slow,
        Fault::Truncated,
        Fault::Garbage,
        Fault::Reset
    )]
    fault: Fault,
    #[values("ListClusters", "DescribeCluster", "ListSteps")] operation: &str,
) {
    let sim = Simulation::quiet();
    let mut deck = two_connections(&sim);
    deck.keys(":etl-nightly<enter>");
    deck.until("its detail", |screen| screen.contains("idle termination") && screen.contains("orders-to-parquet"));
    let rows = |screen: &str| screen.lines().filter(|line| line.contains("emr/prod ")).count();
    let before = rows(&deck.screen());

    break_it(&sim, fault, operation);
    deck.keys("<ctrl-r>");
    if fault.words().is_empty() {
        deck.until("the slow answer", |_| sim.calls(operation).iter().any(|call| call["fault"] == "slow"));
    } else {
        let is_named = |screen: &str| fault.words().iter().any(|word| lanes(screen).contains(word));
        let screen =
            deck.until("the lane to name the cause", |screen| lanes(screen).contains("emr/prod") && is_named(screen));
        if operation == "DescribeCluster" || operation == "ListSteps" {
            assert!(
                lanes(&screen).contains(operation) || fault == Fault::Expired || fault == Fault::Throttle,
                "{screen}"
            );
        }
        // The last good rows stay, and what is known of the cluster, too.
        assert_eq!(rows(&screen), before, "{screen}");
        assert!(screen.contains("emr-7.9.0") && screen.contains("orders-to-parquet"), "{screen}");
    }
    assert_alive(&mut deck, &sim);

    // What passes is over when it has passed.
    if matches!(fault, Fault::Throttle | Fault::Error500 | Fault::Expired) {
        sim.mend();
        deck.keys("<ctrl-r>");
        deck.until("the lane to recover", |screen| {
            lanes(screen).contains("emr/prod ●") && !fault.words().iter().any(|word| lanes(screen).contains(word))
        });
    }
}

/// Opens the plan for a change; both are confirmed by the cluster's name.
fn planned(deck: &mut Deck, operation: &str) -> (&'static str, &'static str) {
    let is_scale = operation == "ModifyInstanceGroups";
    let name = if is_scale { "etl-nightly" } else { "ml-features" };
    deck.keys(&format!(":{name}<enter>"));
    deck.until("the selection", |screen| screen.lines().any(|line| line.contains('▌') && line.contains(name)));
    if is_scale {
        deck.keys("s");
        deck.wait("< task");
        deck.keys("<tab><ctrl-u>8<enter>");
    } else {
        deck.keys("<ctrl-d>");
    }
    deck.wait("plan: ");
    deck.wait(operation);
    (if is_scale { "scale" } else { "terminate" }, name)
}

/// Lets the simulated time pass until the operation has ended.
fn let_it_happen(deck: &Deck, sim: &Simulation) {
    for _ in 0..400 {
        if deck.journal().last().is_some_and(|line| line["event"] == "outcome") {
            return;
        }
        sim.advance(60);
        deck.rest(Duration::from_millis(100));
    }
}

/// What an operation has come to after a fault on its call.
fn outcome(fault: Fault) -> &'static str {
    match fault {
        // The cloud said no: nothing was changed.
        Fault::Throttle | Fault::Expired | Fault::Denied => "✗",
        // The answer is lost, and no effect is seen.
        _ => "?",
    }
}

#[rstest]
fn a_change_that_fails_is_never_sent_twice(
    #[values(
        Fault::Throttle,
        Fault::Error500,
        Fault::Html500,
        Fault::Expired,
        Fault::Denied,
        Fault::BlackHole,
        Fault::Slow,
        Fault::Truncated,
        Fault::Garbage,
        Fault::Reset
    )]
    fault: Fault,
    #[values("ModifyInstanceGroups", "TerminateJobFlows")] operation: &str,
) {
    let sim = Simulation::quiet();
    let mut deck = two_connections(&sim);
    let (verb, name) = planned(&mut deck, operation);
    break_it(&sim, fault, operation);
    deck.keys(name);
    deck.confirm("<enter>");
    deck.until("the call", |_| !sim.calls(operation).is_empty());
    let_it_happen(&deck, &sim);
    // Some faults spoil only the answer: then the change is found out to have been made.
    let is_done = sim.calls(operation)[0]["carried_out"] == true;
    let ended = format!("{} {verb} {name}", if is_done { "✓" } else { outcome(fault) });
    // An answer that has no content cannot be told from rubbish: then only the outcome says that something is wrong.
    let words = if fault == Fault::Garbage { &[] } else { fault.words() };
    let screen = deck.until(&ended, |screen| {
        screen.contains(&ended) && (words.is_empty() || words.iter().any(|word| lanes(screen).contains(word)))
    });
    assert_eq!(sim.calls(operation).len(), 1, "{screen}");
    let journal = deck.journal();
    assert_eq!(journal.iter().filter(|line| line["event"] == "call").count(), 1);
    assert_eq!(journal.last().unwrap()["event"], "outcome");
    assert_alive(&mut deck, &sim);
    assert_eq!(sim.calls(operation).len(), 1);
}

#[rstest]
fn a_change_whose_answer_is_lost_is_found_out_by_looking(
    #[values("ModifyInstanceGroups", "TerminateJobFlows")] operation: &str,
) {
    let sim = Simulation::quiet();
    let mut deck = two_connections(&sim);
    let (verb, name) = planned(&mut deck, operation);
    // The call is carried out; the connection dies before the answer.
    sim.fault(&json!({"fault": "lost-answer", "op": operation, "account": "prod"}));
    deck.keys(name);
    deck.confirm("<enter>");
    deck.until("the call", |_| !sim.calls(operation).is_empty());
    let_it_happen(&deck, &sim);
    deck.wait(&format!("✓ {verb} {name}"));
    let journal = deck.journal();
    let events: Vec<&str> = journal.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert!(events.contains(&"answer-lost"), "{events:?}");
    assert_eq!(journal.last().unwrap()["state"], "succeeded");
    assert_eq!(sim.calls(operation).len(), 1, "never sent again");
}
