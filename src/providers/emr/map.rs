//! EMR's words → ours. Pure. A word that is not known is kept as it came, never an error.

use std::time::Duration;

use aws_sdk_emr::primitives::DateTime;
use aws_sdk_emr::types as emr;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use jiff::Timestamp;

use crate::domain::text::cleaned;
use crate::domain::{
    Ability, Capabilities, ClusterId, Detail, GroupId, GroupState, Grouping, Identity, Job, JobKind, JobState, Market,
    Node, NodeGroup, Phase, Role, Scaler, Split, Summary, Unit,
};
use crate::providers::Inspection;

fn time(at: Option<DateTime>) -> Option<Timestamp> {
    // Whole milliseconds: over the wire it is a floating-point number, and the rest is its noise.
    at.and_then(|at| Timestamp::from_millisecond(at.to_millis().ok()?).ok())
}

fn whole(number: Option<i32>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}

fn text(text: Option<String>) -> Option<String> {
    text.map(cleaned).filter(|text| !text.trim().is_empty())
}

pub(super) fn identity(answer: &GetCallerIdentityOutput) -> Identity {
    Identity {
        account: cleaned(answer.account().unwrap_or_default().to_owned()),
        principal: cleaned(answer.arn().unwrap_or_default().to_owned()),
    }
}

/// EMR's cluster states.
fn phase(state: &str) -> Phase {
    match state {
        "STARTING" => Phase::Provisioning,
        "BOOTSTRAPPING" => Phase::Starting,
        "RUNNING" => Phase::Running,
        "WAITING" => Phase::Idle,
        "TERMINATING" => Phase::Terminating,
        "TERMINATED" => Phase::Terminated,
        "TERMINATED_WITH_ERRORS" => Phase::Failed,
        _ => Phase::Unknown,
    }
}

fn capabilities(phase: Phase, native: &str) -> Capabilities {
    let scale = match phase {
        Phase::Running | Phase::Idle => Ability::Yes,
        _ => Ability::no(format!("a cluster can be resized while RUNNING or WAITING; this one is {native}")),
    };
    let terminate = match phase {
        Phase::Terminating => Ability::no("it is terminating already"),
        phase if phase.is_ended() => Ability::no(format!("it has ended: {native}")),
        _ => Ability::Yes,
    };
    Capabilities { scale, terminate }
}

/// The same shape for a listed and a described cluster.
fn build_summary(id: String, name: Option<String>, status: Option<emr::ClusterStatus>) -> Summary {
    let (state, reason, timeline) = match status {
        Some(status) => (status.state, status.state_change_reason, status.timeline),
        None => (None, None, None),
    };
    let native_state = cleaned(state.map_or_else(|| "–".to_owned(), |state| state.as_str().to_owned()));
    let phase = phase(&native_state);
    let reason = reason.and_then(|reason| {
        let message = text(reason.message);
        // A code alone says nothing an operator could use, but it is better than nothing.
        message.or_else(|| text(reason.code.map(|code| code.as_str().to_owned())))
    });
    let (created_at, ready_at, ended_at) = match timeline {
        Some(line) => (time(line.creation_date_time), time(line.ready_date_time), time(line.end_date_time)),
        None => (None, None, None),
    };
    Summary {
        id: ClusterId::new(cleaned(id)),
        name: text(name).unwrap_or_else(|| "–".to_owned()),
        phase,
        capabilities: capabilities(phase, &native_state),
        native_state,
        reason,
        created_at,
        ready_at,
        ended_at,
        is_billed: !phase.is_ended(),
    }
}

pub(super) fn summary(cluster: emr::ClusterSummary) -> Option<Summary> {
    Some(build_summary(cluster.id?, cluster.name, cluster.status))
}

fn error_text(error: emr::ErrorDetail) -> Option<String> {
    match (text(error.error_message), text(error.error_code)) {
        (Some(message), Some(code)) => Some(format!("{message} ({code})")),
        (message, code) => message.or(code),
    }
}

pub(super) fn inspection(cluster: emr::Cluster) -> Option<Inspection> {
    let errors = cluster.status.as_ref().and_then(|status| status.error_details.clone()).unwrap_or_default();
    let grouping = match &cluster.instance_collection_type {
        Some(emr::InstanceCollectionType::InstanceFleet) => Grouping::Fleets,
        _ => Grouping::Groups,
    };
    let mut software: Vec<(String, String)> = cluster
        .applications
        .unwrap_or_default()
        .into_iter()
        .filter_map(|app| Some((text(app.name)?, text(app.version).unwrap_or_default())))
        .collect();
    software.sort_by_key(|(name, _)| name != "Spark");
    let place = cluster.ec2_instance_attributes;
    let mut facts = Vec::new();
    let mut fact = |label: &'static str, value: Option<String>| facts.extend(text(value).map(|value| (label, value)));
    fact("master", cluster.master_public_dns_name);
    fact("subnet", place.as_ref().and_then(|place| place.ec2_subnet_id.clone()));
    fact("instance profile", place.as_ref().and_then(|place| place.iam_instance_profile.clone()));
    fact("steps at once", cluster.step_concurrency_level.map(|level| level.to_string()));
    fact("scale down", cluster.scale_down_behavior.map(|behaviour| behaviour.as_str().to_owned()));
    fact("replace unhealthy", cluster.unhealthy_node_replacement.map(|on| if on { "on" } else { "off" }.to_owned()));
    fact("security", cluster.security_configuration);
    let detail = Detail {
        release: text(cluster.release_label),
        software,
        tags: cluster
            .tags
            .unwrap_or_default()
            .into_iter()
            .filter_map(|tag| Some((text(tag.key)?, text(tag.value).unwrap_or_default())))
            .collect(),
        zone: text(place.and_then(|place| place.ec2_availability_zone)),
        log_uri: text(cluster.log_uri),
        is_protected: cluster.termination_protected,
        ends_when_done: cluster.auto_terminate,
        facts,
        errors: errors.into_iter().filter_map(error_text).collect(),
        grouping,
    };
    Some(Inspection { summary: build_summary(cluster.id?, cluster.name, cluster.status), detail })
}

fn market(market: Option<&emr::MarketType>) -> Market {
    match market {
        Some(emr::MarketType::OnDemand) => Market::OnDemand,
        Some(emr::MarketType::Spot) => Market::Spot,
        Some(other) => Market::Unknown(cleaned(other.as_str().to_owned())),
        None => Market::Unknown("–".to_owned()),
    }
}

fn role(word: &str) -> Role {
    match word {
        "MASTER" => Role::Driver,
        "CORE" => Role::Core,
        _ => Role::Task,
    }
}

fn group_state(state: &str) -> GroupState {
    match state {
        "PROVISIONING" | "BOOTSTRAPPING" => GroupState::Starting,
        "RUNNING" => GroupState::Running,
        "RESIZING" | "RECONFIGURING" => GroupState::Resizing,
        "SUSPENDED" | "ARRESTED" => GroupState::Stalled,
        "TERMINATING" | "SHUTTING_DOWN" => GroupState::Ending,
        "TERMINATED" | "ENDED" => GroupState::Ended,
        _ => GroupState::Unknown,
    }
}

fn resize_ability(role: Role, state: GroupState, native: &str) -> Ability {
    match (role, state) {
        (Role::Driver, _) => Ability::no("the master cannot be resized"),
        (_, GroupState::Running | GroupState::Resizing | GroupState::Stalled) => Ability::Yes,
        _ => Ability::no(format!("the group is {native}")),
    }
}

pub(super) fn group(group: emr::InstanceGroup) -> Option<NodeGroup> {
    let word = group.instance_group_type.as_ref().map_or("TASK", |kind| kind.as_str());
    let role = role(word);
    let (state, reason) = match group.status {
        Some(status) => (status.state, status.state_change_reason.and_then(|reason| text(reason.message))),
        None => (None, None),
    };
    let native_state = cleaned(state.map_or_else(|| "–".to_owned(), |state| state.as_str().to_owned()));
    let state = group_state(&native_state);
    Some(NodeGroup {
        id: GroupId::new(cleaned(group.id?)),
        name: text(group.name).unwrap_or_else(|| word.to_ascii_lowercase()),
        role,
        market: market(group.market.as_ref()),
        instance_types: text(group.instance_type).into_iter().collect(),
        unit: Unit::Nodes,
        heaviest: 1,
        desired: whole(group.requested_instance_count),
        running: whole(group.running_instance_count),
        split: None,
        resize: resize_ability(role, state, &native_state),
        state,
        native_state,
        reason,
    })
}

pub(super) fn fleet(fleet: emr::InstanceFleet) -> Option<NodeGroup> {
    let word = fleet.instance_fleet_type.as_ref().map_or("TASK", |kind| kind.as_str());
    let role = role(word);
    let (state, reason) = match fleet.status {
        Some(status) => (status.state, status.state_change_reason.and_then(|reason| text(reason.message))),
        None => (None, None),
    };
    let native_state = cleaned(state.map_or_else(|| "–".to_owned(), |state| state.as_str().to_owned()));
    let state = group_state(&native_state);
    let split = Split {
        on_demand_desired: whole(fleet.target_on_demand_capacity),
        on_demand_running: whole(fleet.provisioned_on_demand_capacity),
        spot_desired: whole(fleet.target_spot_capacity),
        spot_running: whole(fleet.provisioned_spot_capacity),
    };
    let types = fleet.instance_type_specifications.unwrap_or_default();
    let market = match (split.on_demand_desired + split.on_demand_running, split.spot_desired + split.spot_running) {
        (_, 0) => Market::OnDemand,
        (0, _) => Market::Spot,
        _ => Market::Mixed,
    };
    Some(NodeGroup {
        id: GroupId::new(cleaned(fleet.id?)),
        name: text(fleet.name).unwrap_or_else(|| word.to_ascii_lowercase()),
        role,
        market,
        instance_types: types.iter().filter_map(|one| text(one.instance_type.clone())).collect(),
        unit: Unit::Weighted,
        heaviest: types.iter().map(|one| whole(one.weighted_capacity)).max().unwrap_or(1).max(1),
        desired: split.on_demand_desired.saturating_add(split.spot_desired),
        running: split.on_demand_running.saturating_add(split.spot_running),
        split: Some(split),
        resize: resize_ability(role, state, &native_state),
        state,
        native_state,
        reason,
    })
}

pub(super) fn node(instance: emr::Instance) -> Option<Node> {
    let (state, reason, timeline) = match instance.status {
        Some(status) => (status.state, status.state_change_reason, status.timeline),
        None => (None, None, None),
    };
    let native_state = cleaned(state.map_or_else(|| "–".to_owned(), |state| state.as_str().to_owned()));
    let code = reason.as_ref().and_then(|reason| reason.code.clone());
    let market = market(instance.market.as_ref());
    let is_ended = native_state == "TERMINATED";
    // EMR does not say that spot capacity was taken back; it only says that the machine failed.
    let is_probable_spot_loss =
        is_ended && market == Market::Spot && matches!(code, Some(emr::InstanceStateChangeReasonCode::InstanceFailure));
    Some(Node {
        id: cleaned(instance.ec2_instance_id.or(instance.id)?).as_str().into(),
        group: instance.instance_group_id.or(instance.instance_fleet_id).map(|id| GroupId::new(cleaned(id))),
        instance_type: text(instance.instance_type).unwrap_or_else(|| "–".to_owned()),
        market,
        is_running: native_state == "RUNNING",
        is_ended,
        native_state,
        address: text(instance.private_dns_name).or_else(|| text(instance.private_ip_address)),
        started_at: timeline.as_ref().and_then(|line| time(line.creation_date_time)),
        ended_at: timeline.as_ref().and_then(|line| time(line.end_date_time)),
        reason: reason.and_then(|reason| text(reason.message)),
        is_probable_spot_loss,
    })
}

fn job_state(state: &str) -> JobState {
    match state {
        "PENDING" => JobState::Queued,
        "RUNNING" => JobState::Running,
        "CANCEL_PENDING" => JobState::Cancelling,
        "COMPLETED" => JobState::Succeeded,
        "FAILED" => JobState::Failed,
        "CANCELLED" | "INTERRUPTED" => JobState::Cancelled,
        _ => JobState::Unknown,
    }
}

pub(super) fn job(step: emr::StepSummary) -> Option<Job> {
    let (state, failure, timeline) = match step.status {
        Some(status) => (status.state, status.failure_details, status.timeline),
        None => (None, None, None),
    };
    let native_state = cleaned(state.map_or_else(|| "–".to_owned(), |state| state.as_str().to_owned()));
    let failure = failure.and_then(|failure| match (text(failure.reason), text(failure.message)) {
        (Some(reason), Some(message)) => Some(format!("{}: {message}", reason.trim_end_matches('.'))),
        (reason, message) => reason.or(message),
    });
    let command = step.config.map(|config| {
        let jar = config.jar.filter(|jar| jar != "command-runner.jar");
        let words: Vec<String> =
            jar.into_iter().chain(config.main_class).chain(config.args.unwrap_or_default()).collect();
        cleaned(words.join(" "))
    });
    Some(Job {
        id: cleaned(step.id?).as_str().into(),
        kind: JobKind::Step,
        name: text(step.name).unwrap_or_else(|| "–".to_owned()),
        state: job_state(&native_state),
        native_state,
        submitted_at: timeline.as_ref().and_then(|line| time(line.creation_date_time)),
        started_at: timeline.as_ref().and_then(|line| time(line.start_date_time)),
        ended_at: timeline.as_ref().and_then(|line| time(line.end_date_time)),
        failure,
        on_failure: step.action_on_failure.map(|action| cleaned(action.as_str().to_owned())),
        command: command.unwrap_or_default(),
        log_uri: text(step.log_uri),
    })
}

pub(super) fn scaler(policy: &emr::ManagedScalingPolicy) -> Option<Scaler> {
    let limits = policy.compute_limits.as_ref()?;
    let unit = match limits.unit_type {
        Some(emr::ComputeLimitsUnitType::InstanceFleetUnits) => Unit::Weighted,
        _ => Unit::Nodes,
    };
    Some(Scaler {
        name: "managed scaling",
        min: whole(limits.minimum_capacity_units),
        max: whole(limits.maximum_capacity_units),
        unit,
    })
}

pub(super) fn idle_timeout(policy: &emr::AutoTerminationPolicy) -> Option<Duration> {
    policy.idle_timeout.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

#[cfg(test)]
mod tests;
