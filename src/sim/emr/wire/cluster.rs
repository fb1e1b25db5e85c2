//! A cluster, in short and in full.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{Reason, Timeline};
use crate::sim::emr::cluster::{self, BootstrapAction, Cluster};
use crate::sim::emr::identity;
use crate::sim::emr::words::{ClusterState, Collection};

/// A cluster in a listing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr) struct Summary<'a> {
    id: &'a str,
    name: &'a str,
    status: Status<'a>,
    normalized_instance_hours: u64,
    cluster_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status<'a> {
    state: ClusterState,
    state_change_reason: Reason<'a>,
    timeline: Timeline,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    error_details: Vec<ErrorDetail<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorDetail<'a> {
    error_code: &'a str,
    error_data: Vec<BTreeMap<&'a str, &'a str>>,
    error_message: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tag<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Application<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    version: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Ec2InstanceAttributes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    ec2_key_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ec2_subnet_id: Option<&'a str>,
    requested_ec2_subnet_ids: Vec<&'a str>,
    ec2_availability_zone: &'a str,
    requested_ec2_availability_zones: [&'a str; 0],
    iam_instance_profile: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    emr_managed_master_security_group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emr_managed_slave_security_group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_access_security_group: Option<&'a str>,
    additional_master_security_groups: &'a [String],
    additional_slave_security_groups: &'a [String],
}

/// All that is told of one cluster.
#[expect(clippy::struct_excessive_bools, reason = "the wire has them one by one")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr) struct Full<'a> {
    id: &'a str,
    name: &'a str,
    status: Status<'a>,
    #[serde(rename = "Ec2InstanceAttributes")]
    attributes: Ec2InstanceAttributes<'a>,
    instance_collection_type: Collection,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_encryption_kms_key_id: Option<&'a str>,
    release_label: &'a str,
    auto_terminate: bool,
    termination_protected: bool,
    unhealthy_node_replacement: bool,
    visible_to_all_users: bool,
    applications: Vec<Application<'a>>,
    tags: Vec<Tag<'a>>,
    service_role: &'a str,
    normalized_instance_hours: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    master_public_dns_name: Option<String>,
    configurations: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_configuration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_scaling_role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_down_behavior: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_ami_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ebs_root_volume_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repo_upgrade_on_boot: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kerberos_attributes: Option<&'a Value>,
    cluster_arn: String,
    step_concurrency_level: u32,
    placement_groups: Value,
    #[serde(rename = "OSReleaseLabel", skip_serializing_if = "Option::is_none")]
    os_release_label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ebs_root_volume_iops: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ebs_root_volume_throughput: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extended_support: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    monitoring_configuration: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_enabled: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr) struct Bootstrap<'a> {
    name: &'a str,
    script_path: &'a str,
    args: &'a [String],
}

impl<'a> Summary<'a> {
    /// The cluster with the status that the listing has heard of.
    pub(in crate::sim::emr) fn new(
        cluster: &'a Cluster,
        listed: &'a cluster::Status,
        account: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            id: &cluster.id,
            name: &cluster.name,
            status: Status::new(listed),
            normalized_instance_hours: normalized_hours(cluster, now),
            cluster_arn: cluster.arn(account),
        }
    }
}

impl<'a> Status<'a> {
    fn new(status: &'a cluster::Status) -> Self {
        let message = Some(status.message.as_str()).filter(|message| !message.is_empty());
        Self {
            state: status.state,
            state_change_reason: Reason { code: status.code, message },
            timeline: Timeline::new(status.created, status.ready, status.ended),
            error_details: status.errors.iter().map(ErrorDetail::new).collect(),
        }
    }
}

impl<'a> ErrorDetail<'a> {
    fn new(error: &'a cluster::ErrorDetail) -> Self {
        Self {
            error_code: error.code,
            error_data: error.data.iter().map(|(key, value)| BTreeMap::from([(*key, value.as_str())])).collect(),
            error_message: &error.message,
        }
    }
}

impl<'a> Tag<'a> {
    fn all(tags: &'a [(String, String)]) -> Vec<Self> {
        tags.iter().map(|(key, value)| Self { key, value }).collect()
    }
}

impl<'a> Full<'a> {
    pub(in crate::sim::emr) fn new(cluster: &'a Cluster, account: &str, now: Timestamp) -> Self {
        let settings = &cluster.settings;
        let list = |value: &Option<Value>| value.clone().unwrap_or_else(|| Value::Array(Vec::new()));
        Self {
            id: &cluster.id,
            name: &cluster.name,
            status: Status::new(&cluster.status),
            attributes: attributes(settings),
            instance_collection_type: cluster.collection,
            log_uri: settings.log_uri.as_deref(),
            log_encryption_kms_key_id: settings.log_key.as_deref(),
            release_label: &settings.release,
            auto_terminate: settings.auto_terminate,
            termination_protected: settings.is_protected,
            unhealthy_node_replacement: settings.replaces_unhealthy,
            visible_to_all_users: true,
            applications: settings.applications.iter().map(|(name, version)| Application { name, version }).collect(),
            tags: Tag::all(&settings.tags),
            service_role: &settings.service_role,
            normalized_instance_hours: normalized_hours(cluster, now),
            master_public_dns_name: master_dns(cluster),
            configurations: list(&settings.configurations),
            security_configuration: settings.security_configuration.as_deref(),
            auto_scaling_role: settings.auto_scaling_role.as_deref(),
            scale_down_behavior: settings.scale_down_behavior.as_deref(),
            custom_ami_id: settings.custom_ami.as_deref(),
            ebs_root_volume_size: settings.root_volume_gib,
            repo_upgrade_on_boot: settings.repo_upgrade_on_boot.as_deref(),
            kerberos_attributes: settings.kerberos.as_ref(),
            cluster_arn: cluster.arn(account),
            step_concurrency_level: settings.step_concurrency,
            placement_groups: list(&settings.placement_groups),
            os_release_label: settings.os_release.as_deref(),
            ebs_root_volume_iops: settings.root_volume_iops,
            ebs_root_volume_throughput: settings.root_volume_throughput,
            extended_support: settings.extended_support,
            monitoring_configuration: settings.monitoring.as_ref(),
            session_enabled: settings.has_sessions,
        }
    }
}

impl<'a> Bootstrap<'a> {
    pub(in crate::sim::emr) fn new(action: &'a BootstrapAction) -> Self {
        Self { name: &action.name, script_path: &action.path, args: &action.arguments }
    }
}

fn attributes(settings: &cluster::Settings) -> Ec2InstanceAttributes<'_> {
    let groups = &settings.security_groups;
    Ec2InstanceAttributes {
        ec2_key_name: settings.key_name.as_deref(),
        ec2_subnet_id: settings.subnet.as_deref(),
        requested_ec2_subnet_ids: settings.subnet.as_deref().into_iter().collect(),
        ec2_availability_zone: &settings.zone,
        requested_ec2_availability_zones: [],
        iam_instance_profile: &settings.instance_profile,
        emr_managed_master_security_group: groups.master.as_deref(),
        emr_managed_slave_security_group: groups.workers.as_deref(),
        service_access_security_group: groups.service.as_deref(),
        additional_master_security_groups: &groups.more_master,
        additional_slave_security_groups: &groups.more_workers,
    }
}

/// The master's name: a public one where it has one, as the field says, and its private one elsewhere.
fn master_dns(cluster: &Cluster) -> Option<String> {
    cluster.status.ready?;
    let dice = cluster.instance_dice(cluster.master()?.number);
    let make = if cluster.settings.has_public_addresses { identity::public_dns } else { identity::private_dns };
    Some(make(dice, &cluster.region))
}

/// Hours of running machines, each counted by its size.
fn normalized_hours(cluster: &Cluster, now: Timestamp) -> u64 {
    let running = cluster.instances.iter().map(|instance| cluster.normalized_seconds(instance, now));
    let seconds = cluster.spent + running.sum::<u64>();
    seconds / 3600
}
