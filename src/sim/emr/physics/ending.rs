//! How clusters end: because somebody wants it, because they are done, because they are idle, because they fail.

use crate::sim::emr::cluster::{Cluster, ErrorDetail};
use crate::sim::emr::event::{Tick, What};
use crate::sim::emr::instance::InstanceEnd;
use crate::sim::emr::pace;
use crate::sim::emr::words::{ClusterState, InstanceState, PoolState, ReasonCode, StepState};

impl Cluster {
    /// Somebody wants it to end.
    pub(in crate::sim::emr) fn terminate(&mut self, tick: &mut Tick<'_>) {
        self.end(ReasonCode::UserRequest, "Terminated by user request", Vec::new(), tick);
    }

    /// All steps are done and the cluster has no other reason to be.
    pub(super) fn complete(&mut self, tick: &mut Tick<'_>) {
        let has_failed = self.steps.iter().any(|step| step.state == StepState::Failed);
        let message = if has_failed { "Steps completed with errors" } else { "Steps completed" };
        self.end(ReasonCode::AllStepsCompleted, message, Vec::new(), tick);
    }

    /// Begins the end: steps that wait are cancelled, the one that runs is interrupted, machines go.
    pub(super) fn end(&mut self, code: ReasonCode, message: &str, errors: Vec<ErrorDetail>, tick: &mut Tick<'_>) {
        if self.state().is_ending() {
            return;
        }
        self.status.errors = errors;
        self.enter(ClusterState::Terminating, Some(code), message, tick);
        for step in self.steps.iter_mut().filter(|step| step.state.is_active()) {
            let ran = step.started.is_some();
            step.finish(tick.now, if ran { StepState::Interrupted } else { StepState::Cancelled }, None);
        }
        for pool in &mut self.pools {
            pool.state = PoolState::Terminating;
        }
        tick.within(self.dice.of("ending"), pace::TERMINATING, What::Ends);
    }

    /// Everything is gone.
    pub(super) fn ends(&mut self, tick: &mut Tick<'_>) {
        if self.state() != ClusterState::Terminating {
            return;
        }
        for mut instance in std::mem::take(&mut self.instances) {
            // What EC2 never gave does not end.
            if instance.state != InstanceState::AwaitingFulfillment {
                instance.finish(tick.now, InstanceEnd::ClusterTerminated);
                self.remember(instance);
            }
        }
        for pool in &mut self.pools {
            pool.state = PoolState::Terminated;
            pool.ended = Some(tick.now);
            pool.reason = Some((ReasonCode::ClusterTerminated, "Job flow terminated".to_owned()));
        }
        let (code, message) = (self.status.code, self.status.message.clone());
        self.status.ended = Some(tick.now);
        self.enter(final_state(code), code, &message, tick);
        tick.is_forgotten();
    }

    /// Sets or renews the deadline of a cluster that nobody uses.
    pub(in crate::sim::emr) fn watch_idleness(&mut self, tick: &mut Tick<'_>) {
        if let (Some(timeout), Some(since)) = (self.idle.timeout, self.idle.since) {
            self.idle.number += 1;
            tick.at_or_now(crate::sim::clock::after(since, timeout), What::IdleEnds { number: self.idle.number });
        }
    }

    pub(super) fn idle_ends(&mut self, number: u32, tick: &mut Tick<'_>) {
        if self.idle.number == number && self.state() == ClusterState::Waiting && !self.settings.is_protected {
            self.end(ReasonCode::UserRequest, "Terminated by auto-termination policy", Vec::new(), tick);
        }
    }
}

/// How a cluster is remembered that ended for this reason.
pub(in crate::sim::emr) const fn final_state(code: Option<ReasonCode>) -> ClusterState {
    match code {
        Some(ReasonCode::UserRequest | ReasonCode::AllStepsCompleted) | None => ClusterState::Terminated,
        Some(_) => ClusterState::TerminatedWithErrors,
    }
}
