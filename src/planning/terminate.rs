//! Ending a cluster for good.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::plan::{Basis, Effect, PlanStep};
use crate::domain::{Ability, Action, Change, Confirm, Plan, Role};

use super::Subject;

const EXPECTED_LIFT: Duration = Duration::from_secs(10);
const EXPECTED_END: Duration = Duration::from_secs(3 * 60);
const GIVE_UP_LIFT: Duration = Duration::from_secs(2 * 60);
const GIVE_UP_END: Duration = Duration::from_secs(30 * 60);

pub(super) fn plan(action: &Action, subject: &Subject, now: Timestamp) -> Plan {
    let mut refusals = Vec::new();
    if let Ability::No(why) = &subject.summary.capabilities.terminate {
        refusals.push(why.clone());
    }
    let mut steps = Vec::new();
    if subject.is_protected() {
        steps.push(PlanStep {
            change: Change::SetProtection { on: false },
            title: "lift termination protection".into(),
            call: None,
            is_reversible: true,
            expected_wait: EXPECTED_LIFT,
            gives_up_after: GIVE_UP_LIFT,
        });
    }
    steps.push(PlanStep {
        change: Change::Terminate,
        title: "terminate".into(),
        call: None,
        is_reversible: false,
        expected_wait: EXPECTED_END,
        gives_up_after: GIVE_UP_END,
    });

    let mut facts = subject.identity_facts();
    let protection = subject.detail.is_protected.map_or("unknown", |on| if on { "on" } else { "off" });
    facts.push(("termination protection".into(), protection.into()));
    let mut running: Vec<String> = subject.running_jobs().map(|job| job.id.to_string()).collect();
    running.sort();
    facts.push(("running".into(), if running.is_empty() { "nothing".into() } else { running.join(" ") }));

    let why = if subject.is_protected() {
        "it cannot be undone, and the cluster is termination protected"
    } else {
        "it cannot be undone"
    };
    Plan {
        action: action.clone(),
        target: subject.target(),
        effects: effects(subject),
        warnings: warnings(subject),
        refusals,
        undo: "none: a terminated cluster never comes back; HDFS and local disks are lost".into(),
        confirm: Confirm::TypeName { why: why.into() },
        based_on: Basis(facts),
        steps,
        made_at: now,
    }
}

fn effects(subject: &Subject) -> Vec<Effect> {
    let nodes: u32 = subject.groups.iter().map(|group| group.running).sum();
    let unit =
        subject.groups.iter().find(|group| group.role != Role::Driver).map_or("nodes", |group| group.unit.word(0));
    vec![
        Effect { what: "state".into(), before: subject.summary.native_state.clone(), after: "TERMINATED".into() },
        Effect { what: unit.into(), before: nodes.to_string(), after: "0".into() },
    ]
}

fn warnings(subject: &Subject) -> Vec<String> {
    let mut out = Vec::new();
    if subject.is_protected() {
        out.push("somebody protected this cluster against exactly this".into());
    }
    match &subject.jobs {
        Ok(page) => {
            for job in subject.running_jobs() {
                out.push(format!("{} {} “{}” is running and will be killed", job.kind.word(), job.id, job.name));
            }
            if page.waiting() > 0 {
                out.push(format!("{} waiting will never run", page.waiting()));
            }
        }
        Err(error) => out.push(format!("what runs on it could not be read: {error}")),
    }
    if subject.detail.log_uri.is_none() {
        out.push("no log URI is set: its logs go with it".into());
    }
    out
}
