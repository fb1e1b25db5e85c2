//! The real program in a real terminal over a simulated EMR: starting, moving, filtering, acting, leaving.

use std::time::Duration;

use rstest::rstest;
use rustix::process::Signal;
use serde_json::json;

use crate::support::deck::{Deck, Setting};
use crate::support::simulation::Simulation;

/// A deck over a small fleet that stands still, allowed to change it.
fn operating(sim: &Simulation) -> Deck {
    let deck = Setting::new(&["--quota-share", "off", "--operate"]).with(&sim.environment).start();
    deck.wait("etl-nightly");
    deck
}

/// Selects the cluster by its name.
fn select(deck: &mut Deck, name: &str) {
    deck.keys(&format!(":{name}<enter>"));
    deck.until("the selection", |screen| {
        screen.lines().any(|line| line.contains('▌') && line.contains(name))
            && screen.lines().any(|line| line.starts_with('╭') && line.contains(name))
    });
}

#[test]
fn the_demo_opens_without_any_login() {
    let mut deck = Setting::new(&["--demo", "--seed", "1"]).start();
    deck.wait("etl-nightly-prod");
    deck.wait("in trouble");
    deck.keys("q");
    assert_eq!(deck.end().exit_code(), 0);
    deck.assert_restored();
}

#[test]
fn the_fleet_is_moved_through_and_filtered() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    let first = deck.row("▌").unwrap();
    deck.keys("<down>");
    deck.until("another row", |screen| screen.lines().any(|line| line.contains('▌') && line != first));
    deck.keys("/etl<enter>");
    deck.wait("/etl");
    deck.keys("<esc>");
    deck.gone("/etl");
    deck.keys("/stat:");
    deck.wait("did you mean `state:`?");
    deck.keys("<esc>?");
    deck.wait("everywhere");
    deck.keys("<esc>");
    deck.gone("everywhere");
    deck.keys("<enter>");
    deck.wait("▸ cluster");
    deck.keys("2");
    deck.wait("ADDRESS");
    deck.keys("3");
    deck.wait("STARTED");
    deck.keys("<esc>");
    deck.wait("▸ fleet");
    deck.keys(":nosuch<enter>");
    deck.wait("no command and no cluster `nosuch`");
    deck.keys(":q<enter>");
    assert_eq!(deck.end().exit_code(), 0);
}

#[rstest]
#[case(80, 24)]
#[case(160, 45)]
#[case(59, 14)]
#[case(1, 1)]
#[case(400, 120)]
fn any_size_is_survived_and_the_place_is_kept(#[case] width: u16, #[case] height: u16) {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    select(&mut deck, "etl-nightly");
    deck.resize(width, height);
    if width >= 60 && height >= 15 {
        deck.until("the fleet at another size", |screen| screen.contains("▸ fleet") && screen.contains('▌'));
    }
    deck.resize(120, 36);
    deck.until("the old selection", |screen| {
        screen.lines().any(|line| line.contains('▌') && line.contains("etl-nightly"))
    });
    deck.keys("q");
    assert_eq!(deck.end().exit_code(), 0);
    deck.assert_restored();
}

#[test]
fn a_group_is_scaled_and_followed_to_the_end() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    select(&mut deck, "etl-nightly");
    deck.keys("s");
    deck.wait("< task r5.2xlarge spot >");
    deck.keys("<tab><ctrl-u>8<enter>");
    deck.wait("ModifyInstanceGroups");
    // It is termination protected: enter alone does nothing, and neither does a pasted name.
    deck.write(b"\x1b[200~etl-nightly\x1b[201~");
    deck.wait("the name is typed, not pasted");
    deck.keys("<enter>");
    assert!(sim.calls("ModifyInstanceGroups").is_empty());
    deck.keys("etl-nightly");
    deck.wait("enter do it");
    deck.confirm("<enter>");
    deck.wait("⟳ scale etl-nightly task 6→8");
    for _ in 0..20 {
        sim.advance(60);
    }
    deck.wait("✓ scale etl-nightly task 6→8  8/8");

    let calls = sim.calls("ModifyInstanceGroups");
    assert_eq!(calls.len(), 1);
    let journal = deck.journal();
    let mut events: Vec<&str> = journal.iter().map(|line| line["event"].as_str().unwrap()).collect();
    // How often it was looked at depends on how fast it went.
    events.dedup();
    assert_eq!(events, ["intent", "call", "accepted", "observed", "outcome"]);
    assert_eq!(journal[0]["actor"]["user"], "ops");
    assert_eq!(journal.last().unwrap()["state"], "succeeded");
    // What was shown and written down is what was sent.
    let written: serde_json::Value = serde_json::from_str(journal[1]["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(written, calls[0]["arguments"]);
    assert!(journal[2]["request_id"].is_string());
}

#[test]
fn termination_lifts_the_protection_as_a_step_of_its_own() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    select(&mut deck, "etl-nightly");
    deck.keys("<ctrl-d>");
    deck.wait("lift termination protection");
    deck.wait("cannot be undone");
    deck.keys("etl-nightl");
    deck.wait("name ▏etl-nightl");
    deck.rest(Duration::from_millis(400));
    deck.keys("<enter>");
    deck.wait("name ▏etl-nightl");
    assert!(sim.calls("TerminateJobFlows").is_empty());
    deck.keys("y");
    deck.confirm("<enter>");
    deck.wait("⟳ terminate etl-nightly");
    deck.until("the second call", |_| !sim.calls("TerminateJobFlows").is_empty());
    for _ in 0..20 {
        sim.advance(60);
    }
    deck.wait("✓ terminate etl-nightly");
    assert_eq!(sim.calls("SetTerminationProtection").len(), 1);
    assert_eq!(sim.calls("TerminateJobFlows").len(), 1);
}

#[test]
fn a_plan_can_be_left_and_nothing_is_sent() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    select(&mut deck, "etl-nightly");
    deck.keys("<ctrl-d>");
    deck.wait("lift termination protection");
    deck.keys("<esc>");
    deck.gone("lift termination protection");
    assert!(deck.journal().is_empty());
    assert!(sim.calls("TerminateJobFlows").is_empty());
}

#[test]
fn the_plan_is_shown_anew_when_the_world_has_changed() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    select(&mut deck, "etl-nightly");
    deck.keys("s");
    deck.wait("< task r5.2xlarge spot >");
    deck.keys("<tab><ctrl-u>8<enter>");
    deck.wait("ModifyInstanceGroups");
    // Somebody else resizes the same group meanwhile.
    let script = "import boto3; e=boto3.client('emr'); g=[g for g in e.list_instance_groups(ClusterId='j-QUIETETLNIGHT')['InstanceGroups'] if g['InstanceGroupType']=='TASK'][0]; e.modify_instance_groups(ClusterId='j-QUIETETLNIGHT', InstanceGroups=[dict(InstanceGroupId=g['Id'], InstanceCount=3)])";
    let status = std::process::Command::new(crate::support::python())
        .args(["-c", script])
        .envs(sim.environment.iter().cloned())
        .status()
        .unwrap();
    assert!(status.success());
    sim.advance(30);
    deck.keys("etl-nightly");
    deck.wait("enter do it");
    deck.rest(Duration::from_millis(400));
    deck.keys("<enter>");
    deck.wait("nothing was sent; this is the plan as things are now");
    deck.wait("was 6, is 3");
    assert_eq!(sim.calls("ModifyInstanceGroups").len(), 1, "only the other's");
    assert_eq!(deck.journal()[0]["event"], "withheld");
}

#[rstest]
#[case(&["--quota-share", "off", "--read-only"])]
#[case(&["--quota-share", "off"])]
fn a_read_only_run_changes_nothing(#[case] arguments: &[&str]) {
    let sim = Simulation::quiet();
    let mut deck = Setting::new(arguments).with(&sim.environment).start();
    deck.wait("etl-nightly");
    assert!(!deck.screen().contains("terminate"), "no hint for what cannot be done");
    for keys in ["s", "<ctrl-d>", ":scale<enter>", ":terminate<enter>"] {
        deck.keys("<esc>");
        deck.keys(keys);
        deck.wait("read-only");
        assert!(!deck.screen().contains("plan:"), "{}", deck.screen());
    }
    deck.keys("q");
    deck.end();
    for operation in ["ModifyInstanceGroups", "ModifyInstanceFleet", "TerminateJobFlows", "SetTerminationProtection"] {
        assert!(sim.calls(operation).is_empty());
    }
}

#[rstest]
#[case::terminated(Signal::TERM)]
#[case::hung_up(Signal::HUP)]
#[case::interrupted(Signal::INT)]
fn signals_restore_the_terminal(#[case] signal: Signal) {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    deck.signal(signal);
    deck.end();
    deck.assert_restored();
}

#[test]
fn ctrl_c_always_leaves() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    deck.keys(":fle");
    deck.wait(":fle");
    deck.keys("<ctrl-c>");
    assert_eq!(deck.end().exit_code(), 0);
    deck.assert_restored();
}

#[test]
fn leaving_during_a_change_is_asked_and_stands_in_the_journal() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    select(&mut deck, "etl-nightly");
    deck.keys("s");
    deck.wait("< task r5.2xlarge spot >");
    deck.keys("<tab><ctrl-u>9<enter>");
    deck.wait("ModifyInstanceGroups");
    deck.keys("etl-nightly");
    deck.confirm("<enter>");
    deck.wait("⟳ scale etl-nightly task 6→9");
    deck.until("the call to be taken", |_| !sim.calls("ModifyInstanceGroups").is_empty());
    deck.keys("q");
    deck.wait("leave?");
    deck.keys("<esc>");
    deck.gone("leave?");
    deck.keys("q");
    deck.wait("leave?");
    deck.keys("y");
    assert_eq!(deck.end().exit_code(), 0);
    deck.assert_restored();
    let journal = deck.journal();
    let last = journal.last().unwrap();
    assert_eq!(last["event"], "left");
    assert_eq!(sim.calls("ModifyInstanceGroups").len(), 1);
}

#[test]
fn a_signal_during_an_unanswered_call_stands_in_the_journal() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    select(&mut deck, "etl-nightly");
    deck.keys("s");
    deck.wait("< task r5.2xlarge spot >");
    deck.keys("<tab><ctrl-u>9<enter>");
    deck.wait("ModifyInstanceGroups");
    sim.fault(&json!({"fault": "black-hole", "op": "ModifyInstanceGroups"}));
    deck.keys("etl-nightly");
    deck.confirm("<enter>");
    deck.until("the call to be sent", |_| !sim.calls("ModifyInstanceGroups").is_empty());
    deck.signal(Signal::TERM);
    deck.end();
    deck.assert_restored();
    let journal = deck.journal();
    let last = journal.last().unwrap();
    assert_eq!(last["event"], "left");
    assert!(last["why"].as_str().unwrap().contains("before the answer"), "{last}");
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    let sim = Simulation::quiet();
    let deck = operating(&sim);
    // All details of the small fleet are there when the last steps are.
    deck.until("all details", |screen| screen.contains("idle termination") && !screen.contains("asking…"));
    deck.rest(Duration::from_secs(2));
    let before = deck.raw().len();
    deck.rest(Duration::from_secs(5));
    let written = String::from_utf8_lossy(&deck.raw()[before..]).into_owned();
    // The clock of the header may have gone on by a minute in that time: a few signs.
    assert!(written.len() < 40, "{} bytes: {written:?}", written.len());
}

#[test]
fn no_question_is_asked_of_the_terminal() {
    let sim = Simulation::quiet();
    let mut deck = operating(&sim);
    deck.keys("q");
    deck.end();
    let raw = String::from_utf8_lossy(&deck.raw()).into_owned();
    for question in ["\x1b[6n", "\x1b[c", "\x1b[>c", "\x1b[?u", "\x1b]10;?", "\x1b]11;?"] {
        assert!(!raw.contains(question), "{question:?}");
    }
}
