//! One machine of a cluster. It is small on purpose: ids and addresses are made from its number when asked for.

use jiff::Timestamp;

use super::pool::Kind;
use super::words::{InstanceState, Market, ReasonCode};

#[derive(Debug, Clone)]
pub(super) struct Instance {
    /// Counts up within the cluster, and is never used twice.
    pub(super) number: u32,
    /// The place of its pool in the cluster.
    pub(super) pool: usize,
    /// The place of its kind in the pool.
    pub(super) kind: usize,
    pub(super) market: Market,
    pub(super) state: InstanceState,
    pub(super) created: Timestamp,
    pub(super) ready: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) end: Option<InstanceEnd>,
    /// Set while its containers are given time to finish: the number of the decision that it should go.
    pub(super) leaving: Option<u32>,
}

/// Why a machine ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InstanceEnd {
    /// The pool was made smaller.
    Shrunk,
    /// EC2 took it back, or it broke.
    Failed,
    Bootstrap,
    ClusterTerminated,
}

impl Instance {
    pub(super) const fn is_ended(&self) -> bool {
        matches!(self.state, InstanceState::Terminated)
    }

    /// Counts towards the size of its pool: not ended, and not about to.
    pub(super) const fn stays(&self) -> bool {
        !self.is_ended() && self.leaving.is_none()
    }

    pub(super) fn weight(&self, kinds: &[Kind]) -> u32 {
        kinds.get(self.kind).map_or(1, |kind| kind.weight)
    }

    pub(super) fn finish(&mut self, now: Timestamp, end: InstanceEnd) {
        self.state = InstanceState::Terminated;
        self.ended = Some(now);
        self.end = Some(end);
        self.leaving = None;
    }
}

impl InstanceEnd {
    /// The code of the state change, where there is one for it.
    pub(super) const fn code(self) -> Option<ReasonCode> {
        match self {
            Self::Shrunk => None,
            Self::Failed => Some(ReasonCode::InstanceFailure),
            Self::Bootstrap => Some(ReasonCode::BootstrapFailure),
            Self::ClusterTerminated => Some(ReasonCode::ClusterTerminated),
        }
    }

    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Shrunk => "Instance was terminated by a resize of its group.",
            Self::Failed => "Instance was terminated by Amazon EC2.",
            Self::Bootstrap => "Bootstrap action returned a non-zero return code.",
            Self::ClusterTerminated => "Cluster was terminated.",
        }
    }
}
