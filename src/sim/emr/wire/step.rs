//! A step.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::Epoch;
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::identity;
use crate::sim::emr::step;
use crate::sim::emr::words::{ActionOnFailure, StepState};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr) struct Step<'a> {
    id: &'a str,
    name: &'a str,
    config: Config<'a>,
    action_on_failure: ActionOnFailure,
    status: Status,
    /// In the answer to `DescribeStep` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_role_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_key_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<AdditionalInfo>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Config<'a> {
    jar: &'a str,
    properties: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    main_class: Option<&'a str>,
    args: &'a [String],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    state: StepState,
    state_change_reason: NoReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_details: Option<FailureDetails>,
    timeline: Timeline,
}

/// EMR has a place for the reason of a step's state and never fills it.
#[derive(Debug, Serialize)]
struct NoReason {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FailureDetails {
    reason: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_file: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Timeline {
    creation_date_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<Epoch>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AdditionalInfo {
    resource_manager_application_ids: [String; 1],
    resource_manager: &'static str,
}

impl<'a> Step<'a> {
    pub(in crate::sim::emr) fn summary(cluster: &'a Cluster, step: &'a step::Step) -> Self {
        Self { execution_role_arn: None, ..Self::full(cluster, step) }
    }

    pub(in crate::sim::emr) fn full(cluster: &'a Cluster, step: &'a step::Step) -> Self {
        let extras = step.extras.as_deref();
        Self {
            id: step.id.as_str(),
            name: &step.name,
            config: Config {
                jar: &step.work.jar,
                properties: &step.work.properties,
                main_class: step.work.main_class.as_deref(),
                args: &step.work.arguments,
            },
            action_on_failure: step.on_failure,
            status: Status {
                state: step.state,
                state_change_reason: NoReason {},
                failure_details: failure_details(cluster, step),
                timeline: Timeline {
                    creation_date_time: Epoch(step.created),
                    start_date_time: step.started.map(Epoch),
                    end_date_time: step.ended.map(Epoch),
                },
            },
            execution_role_arn: extras.and_then(|extras| extras.execution_role.as_deref()),
            log_uri: step.log_uri(),
            encryption_key_arn: extras.and_then(|extras| extras.encryption_key.as_deref()),
            additional_info: step.started.map(|_| AdditionalInfo {
                resource_manager_application_ids: [application_id(cluster, step)],
                resource_manager: "YARN",
            }),
        }
    }
}

/// YARN counts applications from its own start.
fn application_id(cluster: &Cluster, step: &step::Step) -> String {
    let started = cluster.status.ready.unwrap_or(cluster.status.created).as_millisecond();
    format!("application_{started}_{:04}", step.number + 1)
}

fn failure_details(cluster: &Cluster, step: &step::Step) -> Option<FailureDetails> {
    let failure = step.failure?;
    let arguments = &step.work.arguments;
    let is_input = |argument: &&String| argument.starts_with("s3") && argument.ends_with('/');
    let input = arguments.iter().find(is_input).map_or("s3://acme-lake/", String::as_str);
    let after_class = arguments.iter().skip_while(|argument| *argument != "--class").nth(1).map(String::as_str);
    let class = step.work.main_class.as_deref().or(after_class).unwrap_or("com.acme.Main");
    let day = day(step.started.unwrap_or(step.created));
    let node = identity::private_dns(cluster.dice.of("node of failure").at(u64::from(step.number)), &cluster.region);
    // Without logs EMR does not find the cause.
    let log_uri = step.log_uri().or(cluster.settings.log_uri.as_deref())?;
    let log_uri = log_uri.trim_end_matches('/').replacen("s3n://", "s3://", 1);
    Some(FailureDetails {
        reason: failure.reason(),
        message: failure.message(&format!("{input}dt={day}"), class, &node),
        log_file: Some(format!("{log_uri}/{}/steps/{}/{}", cluster.id, step.id.as_str(), failure.log())),
    })
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
