//! Giving a node group another size.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::plan::{Basis, Effect, PlanStep};
use crate::domain::{Ability, Action, Change, GroupId, GroupSize, GroupState, Market, NodeGroup, Plan, Role, Unit};

use super::Subject;

/// How long nodes that leave may finish their work, unless the operator says otherwise.
pub const DEFAULT_GRACEFUL: Duration = Duration::from_secs(3600);
/// The most machines a group can have.
pub const MOST_NODES: u32 = 2000;
const EXPECTED_GROW: Duration = Duration::from_secs(5 * 60);
const GIVE_UP_GROW: Duration = Duration::from_secs(60 * 60);
/// After the nodes had their time to leave.
const GIVE_UP_MARGIN: Duration = Duration::from_secs(15 * 60);

/// The present size of a group, as asked of the cloud.
pub fn current_size(group: &NodeGroup) -> GroupSize {
    match (group.unit, group.split) {
        (Unit::Weighted, Some(split)) => {
            GroupSize::Units { on_demand: split.on_demand_desired, spot: split.spot_desired }
        }
        _ => GroupSize::Nodes(group.desired),
    }
}

/// The least a group may be shrunk to, with the reason.
///
/// Nodes that store data must hold every block as often as it is replicated: once up to 3 nodes, twice up to 9,
/// three times from 10 on.
pub fn floor(group: &NodeGroup) -> (u32, &'static str) {
    match (group.role, group.unit) {
        (Role::Task, _) => (0, "task groups can be emptied"),
        (_, Unit::Weighted) => (1, "core fleets hold the cluster's data"),
        (_, Unit::Nodes) => match group.desired {
            0..=3 => (1, "core nodes hold the cluster's data"),
            4..=9 => (2, "HDFS keeps 2 copies of each block here"),
            _ => (3, "HDFS keeps 3 copies of each block here"),
        },
    }
}

/// What is wrong with a wished size, for the form and for the plan.
pub fn check(group: &NodeGroup, to: GroupSize) -> Result<(), String> {
    if let Ability::No(why) = &group.resize {
        return Err(why.clone());
    }
    let present = current_size(group);
    if to.unit() != present.unit() {
        return Err("this group is sized in another unit".into());
    }
    let (least, why) = floor(group);
    if to.total() < least {
        return Err(format!("at least {least}: {why}"));
    }
    if to.total() > MOST_NODES {
        return Err(format!("at most {MOST_NODES}"));
    }
    if to == present && group.state != GroupState::Stalled {
        return Err("that is its size already".into());
    }
    Ok(())
}

/// `task "spot-burst" m5.4xlarge spot`.
pub fn describe(group: &NodeGroup) -> String {
    let types = match group.instance_types.as_slice() {
        [] => String::new(),
        [one] => format!(" {one}"),
        [first, rest @ ..] => format!(" {first} +{}", rest.len()),
    };
    let name = if group.name.eq_ignore_ascii_case(group.role.word()) {
        String::new()
    } else {
        format!(" “{}”", group.name)
    };
    format!("{}{name}{types} {}", group.role.word(), group.market.word())
}

pub(super) fn plan(
    action: &Action,
    subject: &Subject,
    group_id: &GroupId,
    to: GroupSize,
    graceful: Option<Duration>,
    now: Timestamp,
) -> Plan {
    let mut refusals = Vec::new();
    let mut warnings = Vec::new();
    let mut plan = Plan {
        action: action.clone(),
        target: subject.target(),
        steps: Vec::new(),
        effects: Vec::new(),
        warnings: Vec::new(),
        refusals: Vec::new(),
        undo: String::new(),
        confirm: subject.confirm(),
        based_on: Basis(subject.identity_facts()),
        made_at: now,
    };
    if let Ability::No(why) = &subject.summary.capabilities.scale {
        refusals.push(why.clone());
    }
    let Some(group) = subject.group(group_id) else {
        refusals.push(format!("the cluster has no node group {group_id}"));
        plan.refusals = refusals;
        return plan;
    };
    if let Err(why) = check(group, to) {
        refusals.push(why);
    }
    let from = current_size(group);
    let is_shrinking = to.total() < from.total();
    let graceful = (is_shrinking && group.unit == Unit::Nodes).then(|| graceful.unwrap_or(DEFAULT_GRACEFUL));
    warn(subject, group, from, to, graceful, &mut warnings);

    plan.based_on.0.push((format!("requested size of {}", describe(group)), from.to_string()));
    plan.effects = effects(subject, group, from, to);
    plan.undo = format!("set {} back to {from}; nodes that left come back empty", describe(group));
    plan.steps = vec![PlanStep {
        title: format!("{} {} {from} → {to}", if is_shrinking { "shrink" } else { "grow" }, describe(group)),
        change: Change::ResizeGroup { group: group.id.clone(), from, to, graceful },
        call: None,
        is_reversible: true,
        expected_wait: if is_shrinking { graceful.unwrap_or(EXPECTED_GROW) } else { EXPECTED_GROW },
        gives_up_after: graceful.map_or(GIVE_UP_GROW, |graceful| graceful + GIVE_UP_MARGIN),
    }];
    plan.warnings = warnings;
    plan.refusals = refusals;
    plan
}

fn effects(subject: &Subject, group: &NodeGroup, from: GroupSize, to: GroupSize) -> Vec<Effect> {
    let effect = |what: String, before: String, after: String| Effect { what, before, after };
    let mut out = vec![effect(describe(group), format!("{from} {}", group.unit.word(0)), format!("{to}"))];
    let total: u32 = subject.groups.iter().map(|group| group.desired).sum();
    let after = total - group.desired.min(total) + to.total();
    out.push(effect(format!("all {}", group.unit.word(0)), total.to_string(), after.to_string()));
    out
}

fn warn(
    subject: &Subject,
    group: &NodeGroup,
    from: GroupSize,
    to: GroupSize,
    graceful: Option<Duration>,
    warnings: &mut Vec<String>,
) {
    match &subject.policies {
        Ok(policies) => {
            if let Some(scaler) = &policies.scaler {
                warnings.push(format!(
                    "{} ({}–{} {}) is on and will undo this: change its limits instead",
                    scaler.name,
                    scaler.min,
                    scaler.max,
                    scaler.unit.word(scaler.max)
                ));
            }
        }
        Err(error) => warnings.push(format!("whether the cloud resizes it by itself could not be read: {error}")),
    }
    if let Err(error) = &subject.jobs {
        warnings.push(format!("what runs on it could not be read: {error}"));
    }
    match group.state {
        GroupState::Resizing => warnings
            .push(format!("a resize is under way ({} of {}): this one replaces it", group.running, group.desired)),
        GroupState::Stalled => warnings.push(format!(
            "the cloud gave up on this group{}: setting a size makes it try again",
            group.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default()
        )),
        _ => {}
    }
    if to.total() < from.total() {
        match graceful {
            Some(graceful) => warnings.push(format!(
                "nodes leave when their work is done, or after {} min with work unfinished",
                graceful.as_secs().div_ceil(60)
            )),
            None => warnings.push("fleets choose by themselves which machines leave".into()),
        }
        if group.role == Role::Core {
            warnings.push("core nodes move their data before they leave: this may take long".into());
        }
        for job in subject.running_jobs() {
            warnings.push(format!(
                "{} {} “{}” runs: its tasks on leaving nodes are retried",
                job.kind.word(),
                job.id,
                job.name
            ));
        }
    } else if matches!(group.market, Market::Spot | Market::Mixed) {
        warnings.push("spot capacity may come late, in part, or not at all".into());
    }
}
