//! Operations on steps.

use serde::{Deserialize, Serialize};

use super::input::StepInput;
use super::read::start;
use super::{Answer, Request, check_not_ending, json};
use crate::sim::aws::ApiError;
use crate::sim::dice::Dice;
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::paging::{Listing, page};
use crate::sim::emr::physics::NewStep;
use crate::sim::emr::step;
use crate::sim::emr::wire::Step;
use crate::sim::emr::words::{ActionOnFailure, StepState};

/// How many steps may wait or run.
const MAX_ACTIVE: usize = 256;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListSteps {
    cluster_id: String,
    step_states: Option<Vec<StepState>>,
    step_ids: Option<Vec<String>>,
    marker: Option<String>,
}

pub(super) fn list_steps(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        steps: Vec<Step<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
    let input: ListSteps = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    let (states, ids) = (input.step_states.unwrap_or_default(), input.step_ids.unwrap_or_default());
    if ids.len() > 10 {
        return Err(ApiError::invalid("TooManyStepIds", "A maximum of 10 step ids can be specified."));
    }
    if let Some(id) = ids.iter().find(|id| cluster.step(id).is_none()) {
        return Err(no_such_step(id));
    }
    let is_filtered = !states.is_empty() || !ids.is_empty();
    let listing = Listing::new(request.emr.dice, "ListSteps", &cluster.id);
    let after = start(listing, input.marker.as_deref())?;
    let wanted = cluster.steps.iter().filter(|step| states.is_empty() || states.contains(&step.state));
    let wanted = wanted.filter(|step| ids.is_empty() || ids.iter().any(|id| id == step.id.as_str()));
    let mut keyed: Vec<(u64, &step::Step)> = wanted.map(|step| (order(cluster, step, is_filtered), step)).collect();
    keyed.sort_unstable_by_key(|(key, _)| *key);
    let page = page(listing, keyed.into_iter().filter(|(key, _)| after.is_none_or(|after| *key > after)));
    let steps = page.items.into_iter().map(|step| Step::summary(cluster, step)).collect();
    json(&Output { steps, marker: page.marker })
}

/// The newest step first, but without any order when there is a filter: that is how EMR does it.
fn order(cluster: &Cluster, step: &step::Step, is_filtered: bool) -> u64 {
    let number = u64::from(step.number);
    if is_filtered { cluster.dice.of("order of steps").at(number).bits() } else { u64::MAX - number }
}

fn no_such_step(id: &str) -> ApiError {
    ApiError::invalid("NoSuchStep", format!("Step id '{id}' is not valid."))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeStep {
    cluster_id: String,
    step_id: String,
}

pub(super) fn describe_step(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        step: Step<'a>,
    }
    let input: DescribeStep = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    let step = cluster.step(&input.step_id).ok_or_else(|| no_such_step(&input.step_id))?;
    json(&Output { step: Step::full(cluster, step) })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddJobFlowSteps {
    job_flow_id: String,
    steps: Vec<StepInput>,
    execution_role_arn: Option<String>,
}

pub(super) fn add_job_flow_steps(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        step_ids: Vec<String>,
    }
    let input: AddJobFlowSteps = request.input()?;
    let (cluster, mut tick) = request.job_flow(&input.job_flow_id)?;
    check_not_ending(cluster)?;
    if input.steps.is_empty() {
        return Err(ApiError::validation("At least one step must be specified."));
    }
    let steps = read_steps(input.steps, cluster, input.execution_role_arn.as_deref())?;
    let step_ids = steps.into_iter().map(|step| cluster.add_step(step, &mut tick).as_str().to_owned()).collect();
    cluster.settle(&mut tick);
    json(&Output { step_ids })
}

/// The steps of a request, all of them checked before the first one is taken.
pub(super) fn read_steps(
    inputs: Vec<StepInput>,
    cluster: &Cluster,
    execution_role: Option<&str>,
) -> Result<Vec<NewStep>, ApiError> {
    let active = cluster.steps.iter().filter(|step| step.state.is_active()).count();
    if active + inputs.len() > MAX_ACTIVE {
        return Err(ApiError::validation(
            "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded.",
        ));
    }
    let dice = |n: usize| -> Dice { cluster.dice.of("step").at(u64::from(cluster.next_step) + n as u64) };
    let role = || execution_role.map(str::to_owned);
    let steps: Vec<NewStep> =
        inputs.into_iter().enumerate().map(|(n, input)| input.step(dice(n), role())).collect::<Result<_, _>>()?;
    let is_concurrent = cluster.settings.step_concurrency > 1;
    if is_concurrent && steps.iter().any(|step| step.on_failure != ActionOnFailure::Continue) {
        return Err(ApiError::validation(
            "ActionOnFailure must be CONTINUE for clusters with a StepConcurrencyLevel greater than 1.",
        ));
    }
    Ok(steps)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CancelSteps {
    cluster_id: String,
    step_ids: Vec<String>,
    #[expect(dead_code, reason = "both options stop the step; the difference is inside the machines")]
    step_cancellation_option: Option<CancellationOption>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum CancellationOption {
    SendInterrupt,
    TerminateProcess,
}

pub(super) fn cancel_steps(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        cancel_steps_info_list: Vec<Info>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Info {
        step_id: String,
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
    let input: CancelSteps = request.input()?;
    let (cluster, mut tick) = request.cluster_mut(&input.cluster_id)?;
    check_not_ending(cluster)?;
    if input.step_ids.len() > MAX_ACTIVE {
        return Err(ApiError::validation("A maximum of 256 steps can be cancelled in one request."));
    }
    let release = release(&cluster.settings.release);
    if release < (4, 8) || (release.0 == 5 && release.1 == 0) {
        return Err(ApiError::invalid("UnsupportedRelease", "CancelSteps is not supported by this release of EMR."));
    }
    let mut list = Vec::new();
    for id in input.step_ids {
        let step = cluster.step(&id).map(|step| (step.id, step.state));
        let state = step.map(|(_, state)| state);
        let refusal = match state {
            Some(StepState::Pending | StepState::CancelPending) => None,
            Some(StepState::Running) if release >= (5, 28) => None,
            Some(StepState::Running) => Some("Only pending steps can be cancelled in this release of EMR.".to_owned()),
            Some(state) => Some(format!("Step is in state {} and cannot be cancelled.", state.word())),
            None => Some(format!("Step id '{id}' is not valid.")),
        };
        if let (None, Some((id, StepState::Pending | StepState::Running))) = (&refusal, step) {
            cluster.cancel_step(id, &mut tick);
        }
        let status = if refusal.is_none() { "SUBMITTED" } else { "FAILED" };
        list.push(Info { step_id: id, status, reason: refusal });
    }
    json(&Output { cancel_steps_info_list: list })
}

/// Major and minor version of a label such as `emr-6.15.0`; what is not one counts as new.
fn release(label: &str) -> (u32, u32) {
    let mut numbers = label.trim_start_matches("emr-").split('.').map_while(|part| part.parse().ok());
    (numbers.next().unwrap_or(u32::MAX), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_compared_as_numbers() {
        assert_eq!(release("emr-5.28.1"), (5, 28));
        assert!(release("emr-5.9.0") < release("emr-5.28.0"));
        assert!(release("spark-8.0.0-preview") > (5, 28));
    }
}
