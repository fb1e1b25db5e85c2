//! One cluster as last observed, each part with its own age.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::cluster::phase_with_groups;
use crate::domain::{Cloud, ClusterRef, Detail, Facet, JobPage, Node, NodeGroup, Phase, Policies, Summary, Unit};

/// When a shown value last changed, so that it can be lit for a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lit {
    pub state: Option<Timestamp>,
    pub nodes: Option<Timestamp>,
    pub jobs: Option<Timestamp>,
}

impl Lit {
    pub(super) fn last(self) -> Option<Timestamp> {
        self.state.max(self.nodes).max(self.jobs)
    }
}

/// A count of nodes or units over all groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    pub desired: u32,
    pub running: u32,
    pub spot_running: u32,
    pub unit: Unit,
    /// Every group holds what was asked for.
    pub is_met: bool,
}

impl Size {
    /// Share of the running capacity that is on spot, 0 to 100; `None` when nothing runs.
    pub fn spot_percent(self) -> Option<u32> {
        (self.running > 0).then(|| (self.spot_running * 100 + self.running / 2) / self.running)
    }
}

#[derive(Debug, Clone)]
pub struct Cluster {
    pub key: ClusterRef,
    pub cloud: Cloud,
    pub summary: Summary,
    /// When the cloud last said anything about it.
    pub seen_at: Timestamp,
    pub detail: Facet<Detail>,
    pub groups: Facet<Vec<NodeGroup>>,
    pub nodes: Facet<Vec<Node>>,
    pub jobs: Facet<JobPage>,
    pub policies: Facet<Policies>,
    pub lit: Lit,
    /// The last sweep that held it.
    pub(super) sweep: u64,
    /// Complete sweeps since then.
    pub(super) missed: u8,
    /// When it was last looked at closely: a listing may lag behind that.
    pub(super) inspected_at: Option<Timestamp>,
}

impl Cluster {
    pub(super) fn new(key: ClusterRef, cloud: Cloud, summary: Summary, at: Timestamp) -> Self {
        Self {
            key,
            cloud,
            summary,
            seen_at: at,
            detail: Facet::default(),
            groups: Facet::default(),
            nodes: Facet::default(),
            jobs: Facet::default(),
            policies: Facet::default(),
            lit: Lit::default(),
            sweep: 0,
            missed: 0,
            inspected_at: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.summary.name
    }

    /// The state to show: the listed one, refined by what the groups are doing.
    pub fn phase(&self) -> Phase {
        match self.groups.value() {
            Some(groups) => phase_with_groups(self.summary.phase, groups),
            None => self.summary.phase,
        }
    }

    /// How long it has existed, or existed until it ended.
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        let end = self.summary.ended_at.unwrap_or(now);
        self.summary.created_at.map(|created| Duration::try_from(end.duration_since(created)).unwrap_or_default())
    }

    /// What all groups hold together; `None` while they are not known.
    pub fn size(&self) -> Option<Size> {
        let groups = self.groups.value()?;
        let mut size = Size { is_met: true, ..Size::default() };
        for group in groups {
            size.desired += group.desired;
            size.running += group.running;
            size.spot_running += group.spot_running().unwrap_or(0);
            size.unit = group.unit;
            size.is_met &= group.is_met();
        }
        Some(size)
    }

    pub fn tags(&self) -> &[(String, String)] {
        self.detail.value().map_or(&[], |detail| &detail.tags)
    }
}
