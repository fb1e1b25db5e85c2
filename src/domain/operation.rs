//! A plan being carried out, until the cloud has really converged or we know that it will not.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::Plan;

/// Unique over all runs: also the key in the journal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperationId(pub String);

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationState {
    /// Checked again and written down; nothing is sent yet.
    Submitted,
    Running,
    Succeeded,
    /// Nothing was changed.
    Failed,
    /// Something was changed, and not all of it.
    Partial,
    /// A call was sent and its effect could not be observed.
    Unknown,
    /// The world had changed, or a rule forbids it: nothing was sent.
    Refused,
}

impl OperationState {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
        }
    }

    pub const fn is_open(self) -> bool {
        matches!(self, Self::Submitted | Self::Running)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    Waiting,
    /// The call is on its way.
    Calling,
    /// The cloud took it; its effect is awaited.
    Observing,
    /// The answer was lost: only observing tells whether it was done.
    Reconciling,
    Done,
    Failed,
    Unknown,
}

impl StepState {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Calling => "calling",
            Self::Observing => "observing",
            Self::Reconciling => "answer lost, observing",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub id: OperationId,
    pub plan: Plan,
    pub state: OperationState,
    pub steps: Vec<StepState>,
    /// What is seen now: `10/12`, a state, an error.
    pub progress: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl Operation {
    pub fn new(id: OperationId, plan: Plan, at: Timestamp) -> Self {
        let steps = vec![StepState::Waiting; plan.steps.len()];
        Self {
            id,
            plan,
            state: OperationState::Submitted,
            steps,
            progress: String::new(),
            started_at: at,
            ended_at: None,
        }
    }
}
