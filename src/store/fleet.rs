//! All connections, clusters and operations of this run.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::domain::{ClusterRef, ConnectionName, Lane, Operation, Phase, Summary};

use super::cluster::Cluster;
use super::snapshot::{Listing, Part, Snapshot};

/// A cluster that two complete sweeps did not hold is gone: one sweep may miss a cluster that changes state meanwhile.
const SWEEPS_MISSED_BEFORE_GONE: u8 = 2;
/// Listings of a cloud lag behind what it says of a single cluster, by seconds.
const LISTING_LAG_S: i64 = 30;
/// Finished operations that are kept on screen.
const OPERATIONS_KEPT: usize = 200;

/// What an application of snapshots touched, so that only that is worked out again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub lanes: bool,
    /// Clusters came, went, or were listed anew.
    pub listing: bool,
    /// Clusters of which more is known now.
    pub touched: Vec<ClusterRef>,
    pub operations: bool,
}

#[derive(Debug, Default)]
pub struct Fleet {
    lanes: Vec<Lane>,
    clusters: HashMap<ClusterRef, Cluster>,
    operations: Vec<Operation>,
    last_lit: Option<Timestamp>,
}

impl Fleet {
    /// Takes observations in the order in which they were made.
    pub fn apply(&mut self, snapshots: Vec<Snapshot>) -> Changes {
        let mut changes = Changes::default();
        for snapshot in snapshots {
            match snapshot {
                Snapshot::Lane(lane) => {
                    changes.lanes = true;
                    match self.lanes.iter_mut().find(|known| known.name == lane.name) {
                        Some(known) => *known = lane,
                        None => self.lanes.push(lane),
                    }
                }
                Snapshot::Listing(listing) => {
                    changes.listing = true;
                    self.take_listing(listing);
                }
                Snapshot::Part { cluster, at, part } => {
                    if self.take_part(&cluster, at, part) {
                        changes.touched.push(cluster);
                    }
                }
                Snapshot::Operation(operation) => {
                    changes.operations = true;
                    self.take_operation(*operation);
                }
            }
        }
        changes
    }

    fn take_listing(&mut self, listing: Listing) {
        let Listing { connection, cloud, at, sweep, clusters, ends_sweep } = listing;
        for summary in clusters {
            let key = ClusterRef::new(connection.clone(), summary.id.clone());
            let cluster = self
                .clusters
                .entry(key)
                .or_insert_with_key(|key| Cluster::new(key.clone(), cloud, summary.clone(), at));
            cluster.sweep = cluster.sweep.max(sweep);
            cluster.missed = 0;
            if !lags_behind(cluster, &summary, at) {
                set_summary(cluster, summary, at);
            }
            self.last_lit = self.last_lit.max(cluster.lit.last());
        }
        if ends_sweep && sweep > 0 {
            for cluster in self.clusters.values_mut() {
                let is_ours = cluster.key.connection == connection && !cluster.summary.phase.is_ended();
                if is_ours && cluster.sweep < sweep {
                    cluster.missed += 1;
                }
            }
            self.clusters.retain(|_, cluster| cluster.missed < SWEEPS_MISSED_BEFORE_GONE);
        }
    }

    fn take_part(&mut self, key: &ClusterRef, at: Timestamp, part: Part) -> bool {
        let Some(cluster) = self.clusters.get_mut(key) else { return false };
        let (phase, size) = (cluster.phase(), cluster.size());
        let counts =
            |cluster: &Cluster| cluster.jobs.value().map(|jobs| (jobs.running(), jobs.waiting(), jobs.failed()));
        let jobs = counts(cluster);
        match part {
            Part::Inspection(Ok(seen)) => {
                let (summary, detail) = *seen;
                cluster.detail.take(Ok(detail), at);
                cluster.inspected_at = Some(at);
                set_summary(cluster, summary, at);
            }
            Part::Inspection(Err(error)) => cluster.detail.take(Err(error), at),
            Part::Groups(seen) => cluster.groups.take(seen, at),
            Part::Nodes(seen) => cluster.nodes.take(seen, at),
            Part::Jobs(seen) => cluster.jobs.take(seen, at),
            Part::Policies(seen) => cluster.policies.take(seen, at),
        }
        // A value that is seen for the first time has not changed: nothing is lit.
        if phase != cluster.phase() {
            cluster.lit.state = Some(at);
        }
        if size.is_some() && size != cluster.size() {
            cluster.lit.nodes = Some(at);
        }
        if jobs.is_some() && jobs != counts(cluster) {
            cluster.lit.jobs = Some(at);
        }
        self.last_lit = self.last_lit.max(cluster.lit.last());
        true
    }

    fn take_operation(&mut self, operation: Operation) {
        match self.operations.iter_mut().find(|known| known.id == operation.id) {
            Some(known) => *known = operation,
            None => self.operations.push(operation),
        }
        if self.operations.len() > OPERATIONS_KEPT
            && let Some(oldest) = self.operations.iter().position(|operation| !operation.state.is_open())
        {
            self.operations.remove(oldest);
        }
    }

    /// Forgets clusters that ended before `since`.
    pub fn forget_ended_before(&mut self, since: Timestamp) {
        self.clusters.retain(|_, cluster| {
            !cluster.summary.phase.is_ended() || cluster.summary.ended_at.is_none_or(|ended| ended >= since)
        });
    }

    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    pub fn lane(&self, name: &ConnectionName) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.name == *name)
    }

    pub fn cluster(&self, key: &ClusterRef) -> Option<&Cluster> {
        self.clusters.get(key)
    }

    pub fn clusters(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.values()
    }

    pub fn len(&self) -> usize {
        self.clusters.len()
    }

    pub fn is_empty(&self) -> bool {
        self.clusters.is_empty()
    }

    /// Oldest first.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The newest moment at which a shown value changed: it is lit for a while after that.
    pub fn last_lit(&self) -> Option<Timestamp> {
        self.last_lit
    }

    /// Whether what is known of the cluster is older than its connection promises.
    pub fn is_stale(&self, cluster: &Cluster, now: Timestamp) -> bool {
        let Some(lane) = self.lane(&cluster.key.connection) else { return false };
        !cluster.summary.phase.is_ended() && now.duration_since(cluster.seen_at).unsigned_abs() > lane.stale_after()
    }
}

/// A listing that says less than a close look shortly before is old news.
fn lags_behind(cluster: &Cluster, listed: &Summary, at: Timestamp) -> bool {
    let is_recent = cluster.inspected_at.is_some_and(|seen| at.duration_since(seen).as_secs() < LISTING_LAG_S);
    is_recent && progress(listed.phase) < progress(cluster.summary.phase)
}

/// How far along its life a cluster is.
fn progress(phase: Phase) -> u8 {
    match phase {
        Phase::Provisioning => 0,
        Phase::Starting => 1,
        Phase::Running | Phase::Idle | Phase::Scaling | Phase::Degraded | Phase::Unknown => 2,
        Phase::Stopping | Phase::Stopped => 3,
        Phase::Terminating => 4,
        Phase::Terminated | Phase::Failed => 5,
    }
}

fn set_summary(cluster: &mut Cluster, summary: Summary, at: Timestamp) {
    if at < cluster.seen_at {
        return;
    }
    if cluster.summary.native_state != summary.native_state {
        cluster.lit.state = Some(at);
    }
    cluster.summary = summary;
    cluster.seen_at = at;
}
