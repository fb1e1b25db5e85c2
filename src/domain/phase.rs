//! The normalised state of a cluster. The cloud's own word is kept beside it, always.

use serde::{Deserialize, Serialize};

/// Where a cluster is in its life, in words that hold for every cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Provisioning,
    Starting,
    Running,
    Idle,
    Scaling,
    Degraded,
    Stopping,
    Stopped,
    Terminating,
    Terminated,
    Failed,
    /// The cloud said a word this program does not know; the word itself is the native state.
    Unknown,
}

impl Phase {
    pub const ALL: [Self; 12] = [
        Self::Provisioning,
        Self::Starting,
        Self::Running,
        Self::Idle,
        Self::Scaling,
        Self::Degraded,
        Self::Stopping,
        Self::Stopped,
        Self::Terminating,
        Self::Terminated,
        Self::Failed,
        Self::Unknown,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Idle => "idle",
            Self::Scaling => "scaling",
            Self::Degraded => "degraded",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Terminating => "terminating",
            Self::Terminated => "terminated",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The cluster exists and may do work, now or soon.
    pub const fn is_active(self) -> bool {
        !matches!(self, Self::Terminated | Self::Failed | Self::Stopped)
    }

    /// The cluster is past its end and will not come back.
    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Terminated | Self::Failed)
    }

    /// The state changes by itself soon.
    pub const fn is_moving(self) -> bool {
        matches!(self, Self::Provisioning | Self::Starting | Self::Scaling | Self::Stopping | Self::Terminating)
    }
}
