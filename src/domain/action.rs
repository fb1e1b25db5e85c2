//! What an operator can ask for, and the single changes it is made of.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cluster::Unit;
use super::ids::{ClusterRef, GroupId};

/// One wish of the operator, about one cluster. A plan turns it into changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Action {
    /// Give a node group another size. `graceful` is how long nodes that leave may finish their work.
    Scale { cluster: ClusterRef, group: GroupId, to: GroupSize, graceful: Option<Duration> },
    /// End the cluster for good.
    Terminate { cluster: ClusterRef },
}

impl Action {
    pub fn cluster(&self) -> &ClusterRef {
        match self {
            Self::Scale { cluster, .. } | Self::Terminate { cluster } => cluster,
        }
    }

    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Scale { .. } => "scale",
            Self::Terminate { .. } => "terminate",
        }
    }
}

/// The size of a node group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupSize {
    Nodes(u32),
    /// Weighted capacity units of the two markets.
    Units {
        on_demand: u32,
        spot: u32,
    },
}

impl GroupSize {
    pub const fn total(self) -> u32 {
        match self {
            Self::Nodes(count) => count,
            Self::Units { on_demand, spot } => on_demand.saturating_add(spot),
        }
    }

    pub const fn unit(self) -> Unit {
        match self {
            Self::Nodes(_) => Unit::Nodes,
            Self::Units { .. } => Unit::Weighted,
        }
    }
}

impl fmt::Display for GroupSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nodes(count) => write!(f, "{count}"),
            Self::Units { on_demand, spot } => write!(f, "{on_demand}+{spot} spot"),
        }
    }
}

/// One change that one call to a cloud makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    SetProtection { on: bool },
    ResizeGroup { group: GroupId, from: GroupSize, to: GroupSize, graceful: Option<Duration> },
    Terminate,
}
