//! The steps that a scenario writes out.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use toml::Spanned;

use crate::sim::clock;
use crate::sim::dice::Dice;
use crate::sim::emr::job::Book;
use crate::sim::emr::restore::PastStep;
use crate::sim::emr::spec::{FailureWord, StateWord, StepSpec, StepWord};
use crate::sim::emr::step::{Fate, Work};
use crate::sim::emr::words::{ActionOnFailure, StepState};
use crate::sim::scenario::Problem;

/// Refuses a step that a cluster in this state cannot have.
pub(super) fn check(step: &Spanned<StepSpec>, state: StateWord) -> Result<(), Problem> {
    let at = |message: &str| Err(Problem::at(step.span(), message));
    let spec = step.get_ref();
    let is_active = matches!(spec.state, StepWord::Running | StepWord::Pending);
    match (state, spec.state) {
        (StateWord::Waiting, _) if is_active => at("a waiting cluster has no steps to do: its state is running"),
        (StateWord::Terminated | StateWord::Failed | StateWord::Terminating, _) if is_active => {
            at("a cluster that ended has no steps to do: they are cancelled or interrupted")
        }
        (StateWord::Starting | StateWord::Bootstrapping, word) if word != StepWord::Pending => {
            at("a cluster that starts has pending steps only")
        }
        (_, StepWord::Failed) if spec.failure.is_none() => at("a step that failed needs `failure`"),
        _ => Ok(()),
    }
}

/// The step that is written, with what was not said filled in.
pub(super) fn known(spec: &StepSpec, book: Book, dice: Dice, start: Timestamp, is_still: bool) -> PastStep {
    let job = book.pick(dice);
    let work = spec.args.clone().map_or_else(|| Arc::clone(&job.work), |args| Arc::new(Work::command(args)));
    let created = clock::before(start, spec.age.map_or(Duration::from_mins(30), |age| age.0));
    let state = match spec.state {
        StepWord::Pending => StepState::Pending,
        StepWord::Running => StepState::Running,
        StepWord::Completed => StepState::Completed,
        StepWord::Failed => StepState::Failed,
        StepWord::Cancelled => StepState::Cancelled,
        StepWord::Interrupted => StepState::Interrupted,
    };
    let never_ran = matches!(spec.state, StepWord::Pending | StepWord::Cancelled);
    let started = (!never_ran).then(|| clock::after(created, Duration::from_secs(4)).min(start));
    let took = spec.took.map_or_else(|| job.duration(dice), |took| took.0);
    let ended = match (state, started) {
        (StepState::Pending | StepState::Running, _) => None,
        (_, from) => Some(clock::after(from.unwrap_or(created), took).min(start)),
    };
    let lasts = match spec.state {
        StepWord::Running => match (spec.left, started) {
            (Some(left), Some(from)) => Some(clock::between(from, start) + left.0),
            _ if is_still => None,
            (_, from) => {
                let ran = clock::between(from.unwrap_or(created), start);
                Some(ran.max(job.duration(dice)) + Duration::from_mins(1))
            }
        },
        _ => Some(spec.left.map_or(took, |left| left.0)),
    };
    PastStep {
        name: spec.name.clone().into(),
        work,
        on_failure: match spec.on_failure {
            None | Some(FailureWord::Continue) => ActionOnFailure::Continue,
            Some(FailureWord::CancelAndWait) => ActionOnFailure::CancelAndWait,
            Some(FailureWord::TerminateCluster) => ActionOnFailure::TerminateCluster,
        },
        state,
        created,
        started,
        ended,
        fate: Fate { lasts, fails: spec.failure },
    }
}
