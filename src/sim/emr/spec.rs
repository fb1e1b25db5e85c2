//! EMR clusters as scenarios write them: the shape and nothing else. What it means is in `build`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::failure::Failure;
use super::happening::{HappeningSpec, MarketWord};
use super::job::Book;
use super::words::ScalingUnit;
use crate::sim::period::Period;

/// One cluster.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in a scenario")]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct ClusterSpec {
    pub(in crate::sim) name: Spanned<String>,
    /// Made from the name when it is not given.
    pub(super) id: Option<Spanned<String>>,
    /// The account by name; the first one when it is not given.
    pub(in crate::sim) account: Option<Spanned<String>>,
    /// The account's first region when it is not given.
    pub(in crate::sim) region: Option<Spanned<String>>,
    pub(super) state: Option<Spanned<StateWord>>,
    /// How long ago it was created.
    pub(super) age: Option<Period>,
    /// How long ago it ended, if it has.
    pub(super) ended: Option<Spanned<Period>>,
    /// Why it ended, if it has.
    pub(super) end: Option<Spanned<EndWord>>,
    pub(super) release: Option<String>,
    /// Software as `name version`.
    pub(super) applications: Option<Vec<String>>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    pub(super) log_uri: Option<String>,
    #[serde(default)]
    pub(super) protected: bool,
    #[serde(default)]
    pub(super) auto_terminate: bool,
    #[serde(default)]
    pub(super) replaces_unhealthy: bool,
    #[serde(default)]
    pub(super) public: bool,
    pub(super) step_concurrency: Option<Spanned<u32>>,
    pub(super) managed_scaling: Option<Spanned<ScalingSpec>>,
    pub(super) idle_timeout: Option<Period>,
    #[serde(default, rename = "group")]
    pub(super) groups: Vec<Spanned<GroupSpec>>,
    #[serde(default, rename = "fleet")]
    pub(super) fleets: Vec<Spanned<FleetSpec>>,
    #[serde(default, rename = "bootstrap")]
    pub(super) bootstrap: Vec<BootstrapSpec>,
    /// The kind of work it does.
    pub(super) book: Option<Book>,
    /// How many steps lie behind it.
    #[serde(default)]
    pub(super) history: u32,
    #[serde(default, rename = "step")]
    pub(super) steps: Vec<Spanned<StepSpec>>,
    /// Work that keeps coming; overrides the scenario's `[life]`.
    pub(super) routine: Option<RoutineSpec>,
    pub(super) spot_losses_per_day: Option<f64>,
    #[serde(default, rename = "event")]
    pub(super) events: Vec<Spanned<HappeningSpec>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum StateWord {
    Starting,
    Bootstrapping,
    Running,
    Waiting,
    Terminating,
    Terminated,
    Failed,
}

/// Why a cluster ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum EndWord {
    User,
    Steps,
    StepFailure,
    Bootstrap,
    Capacity,
    Internal,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct GroupSpec {
    pub(super) role: RoleWord,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) instance_type: Spanned<String>,
    pub(super) market: Option<MarketWord>,
    pub(super) count: u32,
    pub(super) bid: Option<String>,
    /// More machines than this EC2 does not give.
    pub(super) available: Option<u32>,
    /// It gave up with so many machines.
    pub(super) suspended_at: Option<Spanned<u32>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct FleetSpec {
    pub(super) role: RoleWord,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) on_demand: u32,
    #[serde(default)]
    pub(super) spot: u32,
    pub(super) types: Vec<KindSpec>,
    pub(super) available: Option<u32>,
    /// How long a resize tries to get machines.
    pub(super) resize_timeout: Option<Period>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct KindSpec {
    #[serde(rename = "type")]
    pub(super) instance_type: Spanned<String>,
    pub(super) weight: Option<Spanned<u32>>,
    pub(super) bid_percent: Option<f64>,
    pub(super) priority: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum RoleWord {
    Master,
    Core,
    Task,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct BootstrapSpec {
    pub(super) name: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) args: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct StepSpec {
    pub(super) name: String,
    pub(super) state: StepWord,
    /// How long ago it was handed in.
    pub(super) age: Option<Period>,
    /// How long it ran, if it has ended.
    pub(super) took: Option<Period>,
    /// How much longer it runs, if it does; for ever when it is not given and nothing moves by itself.
    pub(super) left: Option<Period>,
    /// How it failed or will fail.
    pub(super) failure: Option<Failure>,
    pub(super) on_failure: Option<FailureWord>,
    /// The command; a job of the cluster's book when it is not given.
    pub(super) args: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum StepWord {
    Pending,
    Running,
    Completed,
    Failed,
    Cancelled,
    Interrupted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum FailureWord {
    Continue,
    CancelAndWait,
    TerminateCluster,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct ScalingSpec {
    #[serde(default)]
    pub(super) unit: UnitWord,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) max_on_demand: Option<u32>,
    pub(super) max_core: Option<u32>,
    /// Whether the load, and with it the size, changes from time to time.
    #[serde(default)]
    pub(super) lively: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum UnitWord {
    #[default]
    Instances,
    FleetUnits,
    Vcpu,
}

impl From<UnitWord> for ScalingUnit {
    fn from(word: UnitWord) -> Self {
        match word {
            UnitWord::Instances => Self::Instances,
            UnitWord::FleetUnits => Self::FleetUnits,
            UnitWord::Vcpu => Self::Vcpu,
        }
    }
}

/// Work that keeps coming by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct RoutineSpec {
    /// The mean time between two jobs.
    pub(super) every: Period,
    /// The shortest and the longest time a job runs; as the book says when it is not given.
    pub(super) lasts: Option<(Period, Period)>,
    /// How likely a job fails.
    #[serde(default)]
    pub(super) fails: f64,
}

/// What moves by itself in the whole scenario. Without it nothing does.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct LifeSpec {
    pub(in crate::sim) routine: RoutineSpec,
    /// How often a spot machine is lost: per machine and day.
    #[serde(default)]
    pub(in crate::sim) spot_losses_per_day: f64,
}

/// Clusters that come, do their steps and end.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct ArrivalSpec {
    /// The name; the number of the cluster is put behind it.
    pub(in crate::sim) name: String,
    pub(in crate::sim) account: Option<Spanned<String>>,
    pub(in crate::sim) region: Option<Spanned<String>>,
    /// The mean time between two of them.
    pub(super) every: Period,
    pub(super) book: Option<Book>,
    pub(super) steps: u32,
    #[serde(default)]
    pub(super) fails: f64,
    pub(super) release: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(rename = "group")]
    pub(super) groups: Vec<Spanned<GroupSpec>>,
}

/// Clusters by the dozen, or by the thousand.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct FleetOfClusters {
    /// How many clusters there are in the account and region, the ones written out included.
    pub(in crate::sim) count: usize,
    pub(in crate::sim) account: Option<Spanned<String>>,
    pub(in crate::sim) region: Option<Spanned<String>>,
    /// How many steps lie behind each.
    #[serde(default)]
    pub(in crate::sim) steps: u32,
    pub(in crate::sim) mix: Option<Spanned<Mix>>,
}

/// Shares of states; only their proportion counts.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct Mix {
    #[serde(default)]
    pub(super) starting: u32,
    #[serde(default)]
    pub(super) bootstrapping: u32,
    #[serde(default)]
    pub(super) running: u32,
    #[serde(default)]
    pub(super) waiting: u32,
}

impl Default for Mix {
    fn default() -> Self {
        Self { starting: 0, bootstrapping: 0, running: 3, waiting: 2 }
    }
}

/// A time in which EC2 has no machines to give to an account and region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct ShortageSpec {
    pub(in crate::sim) account: Option<Spanned<String>>,
    pub(in crate::sim) region: Option<Spanned<String>>,
    #[serde(rename = "type")]
    pub(super) instance_type: Option<String>,
    pub(super) market: Option<MarketWord>,
    pub(super) at: Period,
    pub(super) lasts: Period,
}
