//! One step: a piece of work that a cluster was given, and what is going to become of it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::failure::Failure;
use super::identity::StepId;
use super::words::{ActionOnFailure, StepState};

/// What a step runs. Steps of the same job share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) struct Work {
    pub(super) jar: String,
    pub(super) main_class: Option<String>,
    pub(super) arguments: Vec<String>,
    pub(super) properties: BTreeMap<String, String>,
}

/// What will become of a step once it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Fate {
    /// How long it runs; `None` is for ever.
    pub(super) lasts: Option<Duration>,
    /// How it fails, if it does.
    pub(super) fails: Option<Failure>,
}

#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Counts up within the cluster.
    pub(super) number: u32,
    pub(super) id: StepId,
    pub(super) name: Cow<'static, str>,
    pub(super) work: Arc<Work>,
    pub(super) on_failure: ActionOnFailure,
    pub(super) fate: Fate,
    pub(super) state: StepState,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) failure: Option<Failure>,
    /// What few steps have.
    pub(super) extras: Option<Box<Extras>>,
}

/// What few steps are given.
#[derive(Debug, Clone, Default)]
pub(super) struct Extras {
    pub(super) execution_role: Option<String>,
    /// Where its logs go, if not where the cluster's go.
    pub(super) log_uri: Option<String>,
    pub(super) encryption_key: Option<String>,
}

impl Step {
    pub(super) const fn finish(&mut self, now: Timestamp, state: StepState, failure: Option<Failure>) {
        self.state = state;
        self.ended = Some(now);
        self.failure = failure;
    }

    /// Where its logs go, if not where the cluster's go.
    pub(super) fn log_uri(&self) -> Option<&str> {
        self.extras.as_ref()?.log_uri.as_deref()
    }
}
