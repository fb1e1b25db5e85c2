//! A cluster and its parts, in words that hold for every cloud.

use std::time::Duration;

use jiff::Timestamp;

use super::ids::{ClusterId, GroupId, NodeId};
use super::phase::Phase;

/// What a listing tells of a cluster: cheap, for all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub id: ClusterId,
    pub name: String,
    pub phase: Phase,
    /// The cloud's own word for the state, as it came.
    pub native_state: String,
    /// Why it is in this state, where the cloud says so.
    pub reason: Option<String>,
    pub created_at: Option<Timestamp>,
    pub ready_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Whether it costs money in this state.
    pub is_billed: bool,
    pub capabilities: Capabilities,
}

/// What can be asked of one cluster, now. A refusal says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    pub scale: Ability,
    pub terminate: Ability,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ability {
    Yes,
    No(String),
}

impl Ability {
    pub fn no(why: impl Into<String>) -> Self {
        Self::No(why.into())
    }
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// What a closer look at one cluster tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detail {
    /// `emr-7.9.0`, an image version, a runtime.
    pub release: Option<String>,
    /// Installed software with versions, Spark first.
    pub software: Vec<(String, String)>,
    pub tags: Vec<(String, String)>,
    pub zone: Option<String>,
    pub log_uri: Option<String>,
    /// Termination protection; unknown where the cloud has no such thing.
    pub is_protected: Option<bool>,
    /// Ends by itself after its last job.
    pub ends_when_done: Option<bool>,
    /// Further facts in the cloud's own words, in the order to show them.
    pub facts: Vec<(&'static str, String)>,
    /// Errors the cloud reports about the cluster, most important first.
    pub errors: Vec<String>,
    /// How node groups are organised, where the cloud has more than one way.
    pub grouping: Grouping,
}

/// What the cloud does to the cluster by itself. Absent means that there is no such policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policies {
    pub scaler: Option<Scaler>,
    /// Ended by the cloud after being idle so long.
    pub idle_termination: Option<Duration>,
}

/// How a cloud organises node groups, where it has more than one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Grouping {
    #[default]
    Groups,
    Fleets,
}

/// A policy of the cloud that changes sizes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaler {
    pub name: &'static str,
    pub min: u32,
    pub max: u32,
    pub unit: Unit,
}

/// What a node group's numbers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    #[default]
    Nodes,
    /// Weighted capacity units: one machine may count for several.
    Weighted,
}

impl Unit {
    /// The word for an amount of this unit.
    pub const fn word(self, count: u32) -> &'static str {
        match (self, count) {
            (Self::Nodes, 1) => "node",
            (Self::Nodes, _) => "nodes",
            (Self::Weighted, 1) => "unit",
            (Self::Weighted, _) => "units",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the resource manager or the driver.
    Driver,
    /// Works and stores data.
    Core,
    /// Works only.
    Task,
}

impl Role {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Driver => "driver",
            Self::Core => "core",
            Self::Task => "task",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Market {
    OnDemand,
    Spot,
    Mixed,
    /// A word this program does not know, as it came.
    Unknown(String),
}

impl Market {
    pub fn word(&self) -> &str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
            Self::Mixed => "mixed",
            Self::Unknown(raw) => raw,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupState {
    Starting,
    Running,
    Resizing,
    /// The cloud gave up getting the machines asked for.
    Stalled,
    Ending,
    Ended,
    Unknown,
}

/// Machines of one role that are sized together.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeGroup {
    pub id: GroupId,
    pub name: String,
    pub role: Role,
    pub market: Market,
    pub instance_types: Vec<String>,
    pub unit: Unit,
    /// How many units the heaviest machine of the group counts for; 1 where machines are counted.
    pub heaviest: u32,
    pub desired: u32,
    pub running: u32,
    /// The two markets of a mixed group: what is asked of each and what runs.
    pub split: Option<Split>,
    pub state: GroupState,
    pub native_state: String,
    pub reason: Option<String>,
    /// Why the size cannot be changed, if it cannot.
    pub resize: Ability,
}

/// Both markets of a mixed group, in the group's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    pub on_demand_desired: u32,
    pub on_demand_running: u32,
    pub spot_desired: u32,
    pub spot_running: u32,
}

impl NodeGroup {
    /// It holds what was asked for. A group of weighted machines may hold up to one machine, less one unit, more.
    pub fn is_met(&self) -> bool {
        (self.desired..self.desired.saturating_add(self.heaviest)).contains(&self.running)
    }

    /// Running on spot, in the group's unit; `None` when the market is unknown.
    pub fn spot_running(&self) -> Option<u32> {
        match (&self.market, self.split) {
            (_, Some(split)) => Some(split.spot_running),
            (Market::Spot, None) => Some(self.running),
            (Market::OnDemand, None) => Some(0),
            (Market::Mixed | Market::Unknown(_), None) => None,
        }
    }
}

/// One machine of a cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub id: NodeId,
    pub group: Option<GroupId>,
    pub instance_type: String,
    pub market: Market,
    pub native_state: String,
    pub is_running: bool,
    pub is_ended: bool,
    pub address: Option<String>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub reason: Option<String>,
    /// Spot capacity that the cloud seems to have taken back (inferred, not said).
    pub is_probable_spot_loss: bool,
}

/// The state to show for a cluster, once its groups are known too: a cluster that runs while one of its
/// groups is resized is scaling; one whose group the cloud gave up on is degraded.
pub fn phase_with_groups(phase: Phase, groups: &[NodeGroup]) -> Phase {
    if !matches!(phase, Phase::Running | Phase::Idle) {
        return phase;
    }
    if groups.iter().any(|group| group.state == GroupState::Stalled) {
        Phase::Degraded
    } else if groups.iter().any(|group| group.state == GroupState::Resizing) {
        Phase::Scaling
    } else {
        phase
    }
}
