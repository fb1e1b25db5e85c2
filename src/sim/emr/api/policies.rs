//! Operations on the policies of managed scaling and of auto-termination.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::input::{ScalingInput, idle_timeout};
use super::read::OfCluster;
use super::{Answer, Request, check_not_ending, empty_object, json};
use crate::sim::emr::scaling::Limits;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy<'a> {
    compute_limits: ComputeLimits,
    #[serde(skip_serializing_if = "Option::is_none")]
    utilization_performance_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scaling_strategy: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ComputeLimits {
    unit_type: &'static str,
    minimum_capacity_units: u32,
    maximum_capacity_units: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_on_demand_capacity_units: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_core_capacity_units: Option<u32>,
}

impl<'a> Policy<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            compute_limits: ComputeLimits {
                unit_type: limits.unit.word(),
                minimum_capacity_units: limits.min,
                maximum_capacity_units: limits.max,
                maximum_on_demand_capacity_units: limits.max_on_demand,
                maximum_core_capacity_units: limits.max_core,
            },
            utilization_performance_index: limits.performance_index,
            scaling_strategy: limits.strategy.as_deref(),
        }
    }
}

/// A cluster without a policy is answered with an empty object.
pub(super) fn get_managed_scaling(request: &mut Request<'_>) -> Answer {
    let input: OfCluster = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    match &cluster.scaler {
        None => Ok(empty_object()),
        Some(scaler) => json(&json!({ "ManagedScalingPolicy": Policy::new(&scaler.limits) })),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutManagedScaling {
    cluster_id: String,
    managed_scaling_policy: ScalingInput,
}

pub(super) fn put_managed_scaling(request: &mut Request<'_>) -> Answer {
    let input: PutManagedScaling = request.input()?;
    let (cluster, mut tick) = request.cluster_mut(&input.cluster_id)?;
    check_not_ending(cluster)?;
    let limits = input.managed_scaling_policy.limits(cluster.collection)?;
    let is_lively = cluster.routine.is_some();
    cluster.set_scaling(limits, is_lively, &mut tick);
    Ok(empty_object())
}

pub(super) fn remove_managed_scaling(request: &mut Request<'_>) -> Answer {
    let input: OfCluster = request.input()?;
    let (cluster, _) = request.cluster_mut(&input.cluster_id)?;
    check_not_ending(cluster)?;
    cluster.remove_scaling();
    Ok(empty_object())
}

pub(super) fn get_auto_termination(request: &mut Request<'_>) -> Answer {
    let input: OfCluster = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    match cluster.idle.timeout {
        None => Ok(empty_object()),
        Some(timeout) => json(&json!({ "AutoTerminationPolicy": { "IdleTimeout": timeout.as_secs() } })),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutAutoTermination {
    cluster_id: String,
    auto_termination_policy: Option<AutoTerminationInput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AutoTerminationInput {
    pub(super) idle_timeout: Option<u64>,
}

pub(super) fn put_auto_termination(request: &mut Request<'_>) -> Answer {
    let input: PutAutoTermination = request.input()?;
    let (cluster, mut tick) = request.cluster_mut(&input.cluster_id)?;
    check_not_ending(cluster)?;
    let seconds = input.auto_termination_policy.and_then(|policy| policy.idle_timeout);
    cluster.idle.timeout = seconds.map(idle_timeout).transpose()?;
    // An older deadline counts no more.
    cluster.idle.number += 1;
    cluster.watch_idleness(&mut tick);
    Ok(empty_object())
}

pub(super) fn remove_auto_termination(request: &mut Request<'_>) -> Answer {
    let input: OfCluster = request.input()?;
    let (cluster, _) = request.cluster_mut(&input.cluster_id)?;
    check_not_ending(cluster)?;
    cluster.idle.timeout = None;
    cluster.idle.number += 1;
    Ok(empty_object())
}
