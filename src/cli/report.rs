//! The JSON that scripts read: a contract, versioned. A value that was not observed is `null`, never a zero.
//! Described in `docs/json.md`.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{Cloud, Grouping, Job, Lane, LaneStatus, Market, Node, NodeGroup, Phase, ProviderError, Unit};
use crate::store::{Cluster, Fleet};

pub(super) const VERSION: u8 = 1;

/// `sparkdeck clusters -o json`.
#[derive(Debug, Serialize)]
pub(super) struct ClustersDocument {
    version: u8,
    clusters: Vec<ClusterReport>,
    connections: Vec<ConnectionReport>,
}

/// `sparkdeck cluster REF -o json`.
#[derive(Debug, Serialize)]
pub(super) struct ClusterDocument {
    version: u8,
    cluster: ClusterReport,
    jobs: Option<Vec<JobReport>>,
    has_more_jobs: Option<bool>,
    policies: Option<PoliciesReport>,
    facts: BTreeMap<&'static str, String>,
    connections: Vec<ConnectionReport>,
}

#[derive(Debug, Serialize)]
pub(super) struct ClusterReport {
    pub(super) provider: Cloud,
    pub(super) connection: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) state: Phase,
    pub(super) native_state: String,
    pub(super) reason: Option<String>,
    pub(super) created_at: Option<Timestamp>,
    pub(super) ready_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) nodes: Option<NodesReport>,
    pub(super) groups: Option<Vec<GroupReport>>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    pub(super) release: Option<String>,
    pub(super) protected: Option<bool>,
    /// Always null in this version of the program: prices are not known to it yet.
    pub(super) cost_per_hour: Option<()>,
    pub(super) observed_at: Timestamp,
    /// What could not be read of it.
    pub(super) errors: Vec<String>,
}

/// Machines of all groups together. Fleets say how much capacity they want, not how many machines: `desired` is null.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct NodesReport {
    pub(super) desired: Option<u32>,
    pub(super) running: Option<u32>,
    pub(super) spot: Option<u32>,
}

#[derive(Debug, Serialize)]
pub(super) struct GroupReport {
    id: String,
    name: String,
    role: &'static str,
    market: String,
    instance_types: Vec<String>,
    /// What the numbers count: `nodes` or `weighted`.
    unit: &'static str,
    desired: u32,
    running: u32,
    spot_running: Option<u32>,
    native_state: String,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct JobReport {
    kind: &'static str,
    id: String,
    name: String,
    state: crate::domain::JobState,
    native_state: String,
    submitted_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    failure: Option<String>,
    command: String,
    log_uri: Option<String>,
}

#[derive(Debug, Serialize)]
struct PoliciesReport {
    managed_scaling: Option<ScalerReport>,
    idle_termination_s: Option<u64>,
}

#[derive(Debug, Serialize)]
struct ScalerReport {
    min: u32,
    max: u32,
    unit: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct ConnectionReport {
    name: String,
    provider: Cloud,
    region: Option<String>,
    mode: crate::domain::Mode,
    status: &'static str,
    error: Option<String>,
    remedy: Option<String>,
    identity: Option<IdentityReport>,
}

#[derive(Debug, Serialize)]
struct IdentityReport {
    account: String,
    principal: String,
}

const fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::Nodes => "nodes",
        Unit::Weighted => "weighted",
    }
}

pub(super) fn clusters_document(fleet: &Fleet, clusters: &[&Cluster]) -> ClustersDocument {
    ClustersDocument {
        version: VERSION,
        clusters: clusters.iter().map(|cluster| cluster_report(cluster)).collect(),
        connections: fleet.lanes().iter().map(connection_report).collect(),
    }
}

pub(super) fn cluster_document(fleet: &Fleet, cluster: &Cluster) -> ClusterDocument {
    let jobs = cluster.jobs.value();
    ClusterDocument {
        version: VERSION,
        cluster: cluster_report(cluster),
        jobs: jobs.map(|page| page.jobs.iter().map(job_report).collect()),
        has_more_jobs: jobs.map(|page| page.has_more),
        policies: cluster.policies.value().map(|policies| PoliciesReport {
            managed_scaling: policies.scaler.as_ref().map(|scaler| ScalerReport {
                min: scaler.min,
                max: scaler.max,
                unit: unit_word(scaler.unit),
            }),
            idle_termination_s: policies.idle_termination.map(|idle| idle.as_secs()),
        }),
        facts: cluster.detail.value().map(|detail| detail.facts.iter().cloned().collect()).unwrap_or_default(),
        connections: fleet
            .lanes()
            .iter()
            .filter(|lane| lane.name == cluster.key.connection)
            .map(connection_report)
            .collect(),
    }
}

pub(super) fn cluster_report(cluster: &Cluster) -> ClusterReport {
    let detail = cluster.detail.value();
    let groups = cluster.groups.value();
    let errors = [
        cluster.detail.trouble.as_deref(),
        cluster.groups.trouble.as_deref(),
        cluster.nodes.trouble.as_deref(),
        cluster.jobs.trouble.as_deref(),
        cluster.policies.trouble.as_deref(),
    ];
    ClusterReport {
        provider: cluster.cloud,
        connection: cluster.key.connection.to_string(),
        id: cluster.key.id.to_string(),
        name: cluster.name().to_owned(),
        state: cluster.phase(),
        native_state: cluster.summary.native_state.clone(),
        reason: cluster.summary.reason.clone(),
        created_at: cluster.summary.created_at,
        ready_at: cluster.summary.ready_at,
        ended_at: cluster.summary.ended_at,
        nodes: nodes_report(detail.map(|detail| detail.grouping), groups, cluster.nodes.value()),
        groups: groups.map(|groups| groups.iter().map(group_report).collect()),
        tags: detail.map(|detail| detail.tags.iter().cloned().collect()),
        release: detail.and_then(|detail| detail.release.clone()),
        protected: detail.and_then(|detail| detail.is_protected),
        cost_per_hour: None,
        observed_at: cluster.seen_at,
        errors: errors.into_iter().flatten().map(ProviderError::to_string).collect(),
    }
}

/// Counts machines: of groups by their counters, of fleets by the machines themselves.
fn nodes_report(
    grouping: Option<Grouping>,
    groups: Option<&Vec<NodeGroup>>,
    nodes: Option<&Vec<Node>>,
) -> Option<NodesReport> {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    match grouping? {
        Grouping::Groups => groups.map(|groups| NodesReport {
            desired: Some(groups.iter().map(|group| group.desired).sum()),
            running: Some(groups.iter().map(|group| group.running).sum()),
            spot: groups.iter().map(NodeGroup::spot_running).sum(),
        }),
        Grouping::Fleets => nodes.map(|nodes| {
            let running = || nodes.iter().filter(|node| node.is_running);
            NodesReport {
                desired: None,
                running: Some(count(running().count())),
                spot: Some(count(running().filter(|node| node.market == Market::Spot).count())),
            }
        }),
    }
}

fn group_report(group: &NodeGroup) -> GroupReport {
    GroupReport {
        id: group.id.to_string(),
        name: group.name.clone(),
        role: group.role.word(),
        market: group.market.word().to_owned(),
        instance_types: group.instance_types.clone(),
        unit: unit_word(group.unit),
        desired: group.desired,
        running: group.running,
        spot_running: group.spot_running(),
        native_state: group.native_state.clone(),
        reason: group.reason.clone(),
    }
}

fn job_report(job: &Job) -> JobReport {
    JobReport {
        kind: job.kind.word(),
        id: job.id.to_string(),
        name: job.name.clone(),
        state: job.state,
        native_state: job.native_state.clone(),
        submitted_at: job.submitted_at,
        started_at: job.started_at,
        ended_at: job.ended_at,
        failure: job.failure.clone(),
        command: job.command.clone(),
        log_uri: job.log_uri.clone(),
    }
}

pub(super) fn lane_error(lane: &Lane) -> Option<&Arc<ProviderError>> {
    match &lane.status {
        LaneStatus::Failing { error, .. } => Some(error),
        _ => None,
    }
}

fn connection_report(lane: &Lane) -> ConnectionReport {
    let error = lane_error(lane);
    ConnectionReport {
        name: lane.name.to_string(),
        provider: lane.cloud,
        region: lane.region.clone(),
        mode: lane.mode,
        status: lane.status.word(),
        error: error.map(ToString::to_string),
        remedy: error.map(|error| error.remedy()),
        identity: lane.identity.as_ref().map(|identity| IdentityReport {
            account: identity.account.clone(),
            principal: identity.principal.clone(),
        }),
    }
}
