//! Operations that end clusters or change what they are.

use serde::{Deserialize, Serialize};

use super::{Answer, Request, check_not_ending, json, void};
use crate::sim::aws::ApiError;

/// How many clusters one request may name.
const MAX_JOB_FLOWS: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobFlows {
    job_flow_ids: Vec<String>,
}

/// Ends the clusters named. An id that is not one ends nothing; a protected cluster does not keep the others from
/// ending, but the call fails.
pub(super) fn terminate_job_flows(request: &mut Request<'_>) -> Answer {
    let input: JobFlows = request.input()?;
    check_ids(request, &input.job_flow_ids)?;
    let mut is_refused = false;
    for id in &input.job_flow_ids {
        let (cluster, mut tick) = request.job_flow(id)?;
        if cluster.settings.is_protected && !cluster.state().is_ending() {
            is_refused = true;
        } else {
            cluster.terminate(&mut tick);
        }
    }
    if is_refused {
        return Err(ApiError::validation(
            "Could not shut down one or more job flows since they are termination protected.",
        ));
    }
    Ok(void())
}

/// Every id must be one before anything is done.
fn check_ids(request: &mut Request<'_>, ids: &[String]) -> Result<(), ApiError> {
    if ids.is_empty() {
        return Err(ApiError::validation("At least one job flow ID must be specified."));
    }
    if ids.len() > MAX_JOB_FLOWS {
        return Err(ApiError::validation("A maximum of 10 job flow IDs can be specified."));
    }
    for id in ids {
        request.job_flow(id)?;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetTerminationProtection {
    job_flow_ids: Vec<String>,
    termination_protected: bool,
}

pub(super) fn set_termination_protection(request: &mut Request<'_>) -> Answer {
    let input: SetTerminationProtection = request.input()?;
    check_ids(request, &input.job_flow_ids)?;
    for id in &input.job_flow_ids {
        check_not_ending(request.job_flow(id)?.0)?;
    }
    for id in &input.job_flow_ids {
        request.job_flow(id)?.0.settings.is_protected = input.termination_protected;
    }
    Ok(void())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SetUnhealthyNodeReplacement {
    job_flow_ids: Vec<String>,
    unhealthy_node_replacement: bool,
}

pub(super) fn set_unhealthy_node_replacement(request: &mut Request<'_>) -> Answer {
    let input: SetUnhealthyNodeReplacement = request.input()?;
    check_ids(request, &input.job_flow_ids)?;
    for id in &input.job_flow_ids {
        check_not_ending(request.job_flow(id)?.0)?;
    }
    for id in &input.job_flow_ids {
        request.job_flow(id)?.0.settings.replaces_unhealthy = input.unhealthy_node_replacement;
    }
    Ok(void())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModifyCluster {
    cluster_id: String,
    step_concurrency_level: Option<u32>,
    extended_support: Option<bool>,
}

pub(super) fn modify_cluster(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        #[serde(skip_serializing_if = "Option::is_none")]
        step_concurrency_level: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        extended_support: Option<bool>,
    }
    let input: ModifyCluster = request.input()?;
    let (cluster, mut tick) = request.cluster_mut(&input.cluster_id)?;
    check_not_ending(cluster)?;
    if let Some(level) = input.step_concurrency_level {
        if !(1..=256).contains(&level) {
            return Err(ApiError::validation("StepConcurrencyLevel must be between 1 and 256."));
        }
        cluster.settings.step_concurrency = level;
        cluster.has_free_slots(&mut tick);
    }
    if input.extended_support.is_some() {
        cluster.settings.extended_support = input.extended_support;
    }
    json(&Output { step_concurrency_level: input.step_concurrency_level, extended_support: input.extended_support })
}
