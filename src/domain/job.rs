//! A piece of work on a cluster: what EMR calls a step, others a job, a run or an application.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::JobId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobKind {
    Step,
    Job,
    Run,
    Application,
}

impl JobKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Job => "job",
            Self::Run => "run",
            Self::Application => "application",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Queued,
    Pending,
    Running,
    Cancelling,
    Succeeded,
    Failed,
    Cancelled,
    Skipped,
    Retrying,
    Unknown,
}

impl JobState {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
            Self::Retrying => "retrying",
            Self::Unknown => "unknown",
        }
    }

    pub const fn is_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled | Self::Skipped)
    }

    pub const fn is_running(self) -> bool {
        matches!(self, Self::Running | Self::Cancelling | Self::Retrying)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub kind: JobKind,
    pub name: String,
    pub state: JobState,
    pub native_state: String,
    pub submitted_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// What went wrong, in the cloud's words.
    pub failure: Option<String>,
    /// What happens to the cluster if it fails, in the cloud's words.
    pub on_failure: Option<String>,
    pub command: String,
    pub log_uri: Option<String>,
}

/// The newest jobs of a cluster, newest first, and whether there are older ones that were not read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobPage {
    pub jobs: Vec<Job>,
    pub has_more: bool,
}

impl JobPage {
    pub fn running(&self) -> usize {
        self.jobs.iter().filter(|job| job.state.is_running()).count()
    }

    pub fn waiting(&self) -> usize {
        self.jobs.iter().filter(|job| matches!(job.state, JobState::Queued | JobState::Pending)).count()
    }

    pub fn failed(&self) -> usize {
        self.jobs.iter().filter(|job| job.state == JobState::Failed).count()
    }
}
