//! The steps of a cluster that was there before the simulation began.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Past, PastStep};
use crate::sim::clock;
use crate::sim::dice::Dice;
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::event::{Tick, What};
use crate::sim::emr::failure::Failure;
use crate::sim::emr::identity::StepId;
use crate::sim::emr::job;
use crate::sim::emr::spec::StateWord;
use crate::sim::emr::step::{Fate, Step};
use crate::sim::emr::words::{ActionOnFailure, StepState};

/// Gives a cluster the steps that lie behind it and the ones under way.
pub(super) fn restore(cluster: &mut Cluster, past: &Past, tick: &mut Tick<'_>) {
    let mut steps: Vec<Step> = past.steps.iter().map(known_step).collect();
    let is_up = matches!(past.state, StateWord::Running | StateWord::Waiting);
    let lacks_active = past.state == StateWord::Running && !steps.iter().any(|step| step.state.is_active());
    // What lies behind ended before the first step that is known, or before the end.
    let mut before = steps.iter().map(|step| step.created).min().unwrap_or(tick.now);
    if let Some(end) = &past.end {
        before = before.min(end.at);
    }
    if lacks_active {
        let step = running_job(cluster.dice.of("running job"), past, cluster.status.ready, tick.now);
        before = before.min(step.created);
        steps.push(step);
    }
    if let Some(ready) = cluster.status.ready {
        steps.extend(history(cluster.dice.of("history"), past, ready, before));
    }
    steps.sort_by_key(|step| (step.created, step.number));
    for (number, step) in (0_u32..).zip(&mut steps) {
        step.number = number;
        step.id = StepId::new(cluster.dice.of("step").at(u64::from(number)));
        let runs = is_up && step.state == StepState::Running;
        if let (true, Some(lasts), Some(started)) = (runs, step.fate.lasts, step.started) {
            tick.at_or_now(clock::after(started, lasts), What::StepEnds { step: number });
        }
    }
    cluster.next_step = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    cluster.steps = steps;
}

/// A step without its number and id: those follow from its place among all.
fn known_step(step: &PastStep) -> Step {
    Step {
        number: 0,
        id: StepId::default(),
        name: step.name.clone(),
        work: Arc::clone(&step.work),
        on_failure: step.on_failure,
        fate: step.fate,
        state: step.state,
        created: step.created,
        started: step.started,
        ended: step.ended,
        failure: if step.state == StepState::Failed { step.fate.fails } else { None },
        extras: None,
    }
}

/// The step that runs now, if nobody said which.
fn running_job(dice: Dice, past: &Past, ready: Option<Timestamp>, now: Timestamp) -> Step {
    let job = past.book.pick(dice);
    let lasts = job.duration(dice);
    let since = lasts.mul_f64(dice.of("since").fraction() * 0.8);
    let started = clock::before(now, since).max(ready.unwrap_or(past.created)).min(now);
    known_step(&PastStep {
        name: job.name.into(),
        work: Arc::clone(&job.work),
        on_failure: ActionOnFailure::Continue,
        state: StepState::Running,
        created: clock::before(started, Duration::from_secs(4)),
        started: Some(started),
        ended: None,
        fate: Fate { lasts: (!past.is_still).then_some(lasts), fails: None },
    })
}

/// Steps that ended one after the other, the last one some time before `before`.
fn history(dice: Dice, past: &Past, ready: Timestamp, before: Timestamp) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut until = before;
    // When there is little time behind the cluster, its past was a busy one.
    let room = clock::between(ready, before) / past.history.max(1);
    for n in 0..u64::from(past.history) {
        let dice = dice.at(n);
        let job = past.book.pick(dice);
        let pause = dice.of("pause").wait(Duration::from_mins(8)).min(room / 4);
        let took = job.duration(dice).min(room * 3 / 4);
        let ended = clock::before(until, pause);
        let started = clock::before(ended, took);
        if started <= ready {
            break;
        }
        let (state, fails) = outcome(dice, past.fails);
        steps.push(known_step(&PastStep {
            name: job.name.into(),
            work: Arc::clone(&job.work),
            on_failure: ActionOnFailure::Continue,
            state,
            created: clock::before(started, Duration::from_secs(3)),
            started: (state != StepState::Cancelled).then_some(started),
            ended: Some(ended),
            fate: Fate { lasts: None, fails },
        }));
        until = clock::before(started, Duration::from_secs(5));
    }
    steps
}

fn outcome(dice: Dice, fails: f64) -> (StepState, Option<Failure>) {
    if dice.of("fails").chance(fails) {
        (StepState::Failed, job::any_failure(dice))
    } else if dice.of("cancelled").chance(0.02) {
        (StepState::Cancelled, None)
    } else {
        (StepState::Completed, None)
    }
}
