//! What is wrong with a cluster: the first question at 03:00, answered without a key press.

use jiff::Timestamp;

use crate::domain::{GroupState, JobState, Phase};
use crate::store::Cluster;

/// A failed job is trouble for so long.
const FAILURE_COUNTS_S: i64 = 24 * 3600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warn,
    Bad,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub severity: Severity,
    pub text: String,
}

/// The worst trouble of a cluster without building texts: for sorting and filtering thousands.
pub fn worst(cluster: &Cluster, now: Timestamp) -> Option<Severity> {
    match cluster.phase() {
        Phase::Failed => return Some(Severity::Bad),
        Phase::Degraded => return Some(Severity::Bad),
        _ => {}
    }
    let has_failed_job = recent_failures(cluster, now).next().is_some();
    (has_failed_job || cluster.phase() == Phase::Unknown).then_some(Severity::Warn)
}

/// All trouble, worst first.
pub fn troubles(cluster: &Cluster, now: Timestamp) -> Vec<Trouble> {
    let mut out = Vec::new();
    let mut add = |severity, text| out.push(Trouble { severity, text });
    let because = |text: &Option<String>| text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    let errors = cluster.detail.value().map_or(&[][..], |detail| &detail.errors);
    if cluster.phase() == Phase::Failed {
        // What the cloud says twice is said once.
        let reason = cluster
            .summary
            .reason
            .as_ref()
            .filter(|reason| !errors.iter().any(|error| error.contains(reason.as_str())));
        add(Severity::Bad, format!("ended with errors{}", because(&reason.cloned())));
    }
    for error in errors {
        add(Severity::Bad, error.clone());
    }
    for group in cluster.groups.value().into_iter().flatten().filter(|group| group.state == GroupState::Stalled) {
        let counted = format!("{} of {} {}", group.running, group.desired, group.unit.word(group.desired));
        add(
            Severity::Bad,
            format!("{} group is {}, {counted}{}", group.role.word(), group.native_state, because(&group.reason)),
        );
    }
    for job in recent_failures(cluster, now) {
        add(Severity::Warn, format!("{} “{}” failed{}", job.kind.word(), job.name, because(&job.failure)));
    }
    let lost = cluster
        .nodes
        .value()
        .into_iter()
        .flatten()
        .filter(|node| {
            node.is_probable_spot_loss
                && node.ended_at.is_some_and(|at| now.duration_since(at).as_secs() < FAILURE_COUNTS_S)
        })
        .count();
    if lost > 0 {
        add(Severity::Warn, format!("{lost} spot nodes probably taken back in 24 h"));
    }
    if cluster.phase() == Phase::Unknown {
        add(
            Severity::Warn,
            format!("the cloud says {}, which this program does not know", cluster.summary.native_state),
        );
    }
    out.sort_by_key(|trouble| std::cmp::Reverse(trouble.severity));
    out
}

fn recent_failures(cluster: &Cluster, now: Timestamp) -> impl Iterator<Item = &crate::domain::Job> {
    cluster.jobs.value().into_iter().flat_map(|page| &page.jobs).filter(move |job| {
        job.state == JobState::Failed
            && job.ended_at.is_none_or(|at| now.duration_since(at).as_secs() < FAILURE_COUNTS_S)
    })
}
