//! Steps: how they come, run and end.

use std::borrow::Cow;
use std::sync::Arc;

use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::event::{Tick, What};
use crate::sim::emr::failure::Failure;
use crate::sim::emr::identity::StepId;
use crate::sim::emr::pace;
use crate::sim::emr::step::{Extras, Fate, Step, Work};
use crate::sim::emr::words::{ActionOnFailure, ReasonCode, StepState};

/// How many steps of a cluster are remembered before the oldest ended ones are forgotten.
const MAX_STEPS: usize = 600;
/// A routine brings no more work to a cluster that has this much waiting.
const MAX_PENDING_OF_ROUTINE: usize = 8;

/// A step that a cluster is given.
#[derive(Debug)]
pub(in crate::sim::emr) struct NewStep {
    pub(in crate::sim::emr) name: Cow<'static, str>,
    pub(in crate::sim::emr) work: Arc<Work>,
    pub(in crate::sim::emr) on_failure: ActionOnFailure,
    pub(in crate::sim::emr) fate: Fate,
    pub(in crate::sim::emr) extras: Option<Box<Extras>>,
}

impl NewStep {
    pub(in crate::sim::emr) fn of(name: impl Into<Cow<'static, str>>, work: Arc<Work>, fate: Fate) -> Self {
        Self { name: name.into(), work, on_failure: ActionOnFailure::Continue, fate, extras: None }
    }
}

impl Cluster {
    /// Puts a step at the end of the queue; returns its id.
    pub(in crate::sim::emr) fn add_step(&mut self, new: NewStep, tick: &mut Tick<'_>) -> StepId {
        if self.steps.len() >= MAX_STEPS {
            // Some more than one, so that this is not needed each time.
            let mut too_many = self.steps.len() - MAX_STEPS + MAX_STEPS / 8;
            self.steps.retain(|step| {
                let goes = too_many > 0 && !step.state.is_active();
                too_many -= usize::from(goes);
                !goes
            });
        }
        let number = self.next_step;
        self.next_step += 1;
        let id = StepId::new(self.dice.of("step").at(u64::from(number)));
        self.steps.push(Step {
            number,
            id,
            name: new.name,
            work: new.work,
            on_failure: new.on_failure,
            fate: new.fate,
            state: StepState::Pending,
            created: tick.now,
            started: None,
            ended: None,
            failure: None,
            extras: new.extras,
        });
        self.waits_after_failure = false;
        self.plan_dispatch(tick);
        id
    }

    pub(super) fn plan_dispatch(&mut self, tick: &mut Tick<'_>) {
        let dice = self.dice.of("dispatch").at(u64::from(self.decide()));
        tick.within(dice, pace::DISPATCH, What::Dispatches);
    }

    /// Starts the oldest waiting steps while there is room.
    pub(super) fn dispatch(&mut self, tick: &mut Tick<'_>) {
        if !self.state().is_up() {
            return;
        }
        let has_slot = |step: &&Step| matches!(step.state, StepState::Running) || is_being_stopped(step);
        let running = self.steps.iter().rev().filter(has_slot).count();
        let free = (self.settings.step_concurrency as usize).saturating_sub(running);
        for step in self.steps.iter_mut().filter(|step| step.state == StepState::Pending).take(free) {
            step.state = StepState::Running;
            step.started = Some(tick.now);
            if let Some(lasts) = step.fate.lasts {
                tick.after(lasts, What::StepEnds { step: step.number });
            }
        }
    }

    pub(super) fn step_ends(&mut self, number: u32, tick: &mut Tick<'_>) {
        if let Some(step) = self.step_mut(number)
            && step.state == StepState::Running
        {
            let fails = step.fate.fails;
            self.finish_step(number, fails, tick);
        }
    }

    /// Ends a step that runs, as completed or as failed.
    pub(super) fn finish_step(&mut self, number: u32, fails: Option<Failure>, tick: &mut Tick<'_>) {
        let Some(step) = self.step_mut(number) else { return };
        let state = if fails.is_some() { StepState::Failed } else { StepState::Completed };
        step.finish(tick.now, state, fails);
        let on_failure = step.on_failure;
        self.plan_dispatch(tick);
        if fails.is_none() || on_failure == ActionOnFailure::Continue {
            return;
        }
        if on_failure.ends_the_cluster() && !self.settings.is_protected {
            self.end(ReasonCode::StepFailure, "Shut down as step failed", Vec::new(), tick);
        } else {
            self.waits_after_failure = true;
            for step in self.steps.iter_mut().filter(|step| step.state == StepState::Pending) {
                step.finish(tick.now, StepState::Cancelled, None);
            }
        }
    }

    /// Begins to cancel a step that waits or runs.
    pub(in crate::sim::emr) fn cancel_step(&mut self, id: StepId, tick: &mut Tick<'_>) {
        let dice = self.dice.of("cancel");
        let Some(step) = self.steps.iter_mut().find(|step| step.id == id) else { return };
        let range = if step.state == StepState::Pending { pace::DISPATCH } else { pace::CANCELLING };
        step.state = StepState::CancelPending;
        tick.within(dice.at(u64::from(step.number)), range, What::StepCancelled { step: step.number });
    }

    pub(super) fn step_cancelled(&mut self, number: u32, tick: &mut Tick<'_>) {
        if let Some(step) = self.step_mut(number)
            && step.state == StepState::CancelPending
        {
            step.finish(tick.now, StepState::Cancelled, None);
            self.plan_dispatch(tick);
        }
    }

    pub(super) fn plan_job(&self, number: u32, tick: &mut Tick<'_>) {
        if let Some(routine) = self.routine {
            let wait = self.dice.of("routine").at(u64::from(number)).of("wait").wait(routine.every);
            tick.after(wait, What::JobArrives { number });
        }
    }

    /// The routine brings a job, unless the cluster cannot keep up.
    pub(super) fn job_arrives(&mut self, number: u32, tick: &mut Tick<'_>) {
        let Some(routine) = self.routine.filter(|_| !self.state().is_ending()) else { return };
        let pending = self.steps.iter().rev().filter(|step| step.state == StepState::Pending).count();
        if self.state().is_up() && pending < MAX_PENDING_OF_ROUTINE {
            let (job, fate) = routine.next(self.dice.of("routine").at(u64::from(number)));
            self.add_step(NewStep::of(job.name, Arc::clone(&job.work), fate), tick);
        }
        self.plan_job(number + 1, tick);
    }
}

/// A step that is being cancelled keeps its slot if it ran.
const fn is_being_stopped(step: &Step) -> bool {
    matches!(step.state, StepState::CancelPending) && step.started.is_some()
}
