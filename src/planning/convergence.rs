//! Whether a change has worked, judged by what is seen and never by what was answered.

use crate::domain::{Change, GroupSize, GroupState, NodeGroup, Phase};

use super::Subject;

/// What a change has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Not seen to have begun.
    NotTaken(String),
    Moving(String),
    Reached(String),
    /// It will not get there.
    Stuck(String),
}

/// How far a change has come. A cluster that is gone counts as its last known state.
pub fn progress(change: &Change, subject: &Subject) -> Progress {
    let state = || subject.summary.native_state.clone();
    match change {
        Change::SetProtection { on } => match subject.detail.is_protected {
            Some(now) if now == *on => Progress::Reached(format!("protection {}", if *on { "on" } else { "off" })),
            _ => Progress::NotTaken("protection unchanged".into()),
        },
        Change::Terminate => match subject.summary.phase {
            phase if phase.is_ended() => Progress::Reached(state()),
            Phase::Terminating => Progress::Moving(state()),
            _ => Progress::NotTaken(state()),
        },
        Change::ResizeGroup { group, to, .. } => {
            if subject.summary.phase.is_ended() || subject.summary.phase == Phase::Terminating {
                return Progress::Stuck(format!("the cluster is {}", state()));
            }
            match subject.group(group) {
                Some(group) => resize_progress(group, *to),
                None => Progress::Stuck("the node group is gone".into()),
            }
        }
    }
}

/// Whether the cloud has taken the change on: the question after an answer was lost.
pub fn was_taken(change: &Change, subject: &Subject) -> bool {
    !matches!(progress(change, subject), Progress::NotTaken(_))
}

fn resize_progress(group: &NodeGroup, to: GroupSize) -> Progress {
    let asked = super::scale::current_size(group);
    if asked != to {
        return Progress::NotTaken(format!("requested size is {asked}"));
    }
    let (running, wanted) = (group.running, to.total());
    let counted = format!("{running}/{wanted}");
    let is_met = match (to, group.split) {
        (GroupSize::Nodes(wanted), _) => running == wanted,
        (GroupSize::Units { on_demand, spot }, Some(split)) => {
            // A fleet may hold up to one machine's weight, less one unit, more than it was asked for.
            let is_near = |running: u32, wanted: u32| (wanted..wanted + group.heaviest).contains(&running);
            is_near(split.on_demand_running, on_demand) && is_near(split.spot_running, spot)
        }
        (GroupSize::Units { .. }, None) => running >= wanted,
    };
    match group.state {
        GroupState::Stalled => Progress::Stuck(format!(
            "{counted}: the cloud gave up{}",
            group.reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default()
        )),
        GroupState::Running if is_met => Progress::Reached(counted),
        // A fleet's resize has a time limit after which EMR is content with less.
        GroupState::Running if to.unit() == crate::domain::Unit::Weighted && running < wanted => {
            Progress::Moving(format!("{counted}, fleet reports no resize under way"))
        }
        _ => Progress::Moving(counted),
    }
}
