//! `RunJobFlow`: a new cluster.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::input::{FleetInput, GroupInput, PairInput, ScalingInput, StepInput, check_type, idle_timeout};
use super::policies::AutoTerminationInput;
use super::steps::read_steps;
use super::tags::read_tags;
use super::{Answer, Request, json};
use crate::sim::aws::ApiError;
use crate::sim::dice::Dice;
use crate::sim::emr::cluster::{BootstrapAction, Cluster, SecurityGroups, Settings};
use crate::sim::emr::identity;
use crate::sim::emr::pool::{Kind, Pool, Units};
use crate::sim::emr::words::{Collection, Market, Role};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RunJobFlow {
    name: String,
    log_uri: Option<String>,
    log_encryption_kms_key_id: Option<String>,
    release_label: Option<String>,
    instances: InstancesInput,
    steps: Option<Vec<StepInput>>,
    step_execution_role_arn: Option<String>,
    bootstrap_actions: Option<Vec<BootstrapInput>>,
    applications: Option<Vec<ApplicationInput>>,
    configurations: Option<Value>,
    job_flow_role: Option<String>,
    service_role: Option<String>,
    tags: Option<Vec<PairInput>>,
    security_configuration: Option<String>,
    auto_scaling_role: Option<String>,
    scale_down_behavior: Option<ScaleDownBehavior>,
    custom_ami_id: Option<String>,
    ebs_root_volume_size: Option<u32>,
    repo_upgrade_on_boot: Option<String>,
    kerberos_attributes: Option<Value>,
    step_concurrency_level: Option<u32>,
    managed_scaling_policy: Option<ScalingInput>,
    placement_group_configs: Option<Value>,
    auto_termination_policy: Option<AutoTerminationInput>,
    #[serde(rename = "OSReleaseLabel")]
    os_release_label: Option<String>,
    ebs_root_volume_iops: Option<u32>,
    ebs_root_volume_throughput: Option<u32>,
    extended_support: Option<bool>,
    monitoring_configuration: Option<Value>,
    session_enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
enum ScaleDownBehavior {
    #[serde(rename = "TERMINATE_AT_INSTANCE_HOUR")]
    InstanceHour,
    #[serde(rename = "TERMINATE_AT_TASK_COMPLETION")]
    TaskCompletion,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InstancesInput {
    master_instance_type: Option<String>,
    slave_instance_type: Option<String>,
    instance_count: Option<u32>,
    instance_groups: Option<Vec<GroupInput>>,
    instance_fleets: Option<Vec<FleetInput>>,
    ec2_key_name: Option<String>,
    placement: Option<PlacementInput>,
    keep_job_flow_alive_when_no_steps: Option<bool>,
    termination_protected: Option<bool>,
    unhealthy_node_replacement: Option<bool>,
    ec2_subnet_id: Option<String>,
    ec2_subnet_ids: Option<Vec<String>>,
    emr_managed_master_security_group: Option<String>,
    emr_managed_slave_security_group: Option<String>,
    service_access_security_group: Option<String>,
    additional_master_security_groups: Option<Vec<String>>,
    additional_slave_security_groups: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PlacementInput {
    availability_zone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BootstrapInput {
    name: String,
    script_bootstrap_action: ScriptInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScriptInput {
    path: String,
    args: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ApplicationInput {
    name: Option<String>,
    version: Option<String>,
}

pub(super) fn run_job_flow(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        job_flow_id: String,
        cluster_arn: String,
    }
    let mut input: RunJobFlow = request.input()?;
    let made = request.emr.made.get(&request.site).copied().unwrap_or(0);
    let dice = request.emr.dice.of("made by callers").of(request.account).of(request.region).at(made);
    let id = identity::cluster_id(dice);
    let region: Arc<str> = request.region.into();
    let mut cluster = Cluster::new(id.clone(), input.name.clone(), request.site, region, dice, request.now);
    let (collection, pools) = pools(&mut input.instances, dice, request.now)?;
    cluster.collection = collection;
    cluster.pools = pools;
    let steps = input.steps.take().unwrap_or_default();
    let scaling = input.managed_scaling_policy.take().map(|policy| policy.limits(collection)).transpose()?;
    let idle = input.auto_termination_policy.take().and_then(|policy| policy.idle_timeout);
    cluster.idle.timeout = idle.map(idle_timeout).transpose()?;
    let role = input.step_execution_role_arn.take();
    cluster.settings = settings(input, dice, request.region)?;
    let steps = read_steps(steps, &cluster, role.as_deref())?;
    // From here on nothing can be refused.
    request.emr.made.insert(request.site, made + 1);
    let cluster_arn = cluster.arn(request.account);
    let key = request.emr.add(cluster);
    if let Some((cluster, mut tick)) = request.emr.present(key, request.now) {
        for step in steps {
            cluster.add_step(step, &mut tick);
        }
        if let Some(limits) = scaling {
            cluster.set_scaling(limits, false, &mut tick);
        }
        cluster.launch(&mut tick);
    }
    json(&Output { job_flow_id: id, cluster_arn })
}

fn pools(input: &mut InstancesInput, dice: Dice, now: jiff::Timestamp) -> Result<(Collection, Vec<Pool>), ApiError> {
    let dice = dice.of("pool");
    let (groups, fleets) = (input.instance_groups.take(), input.instance_fleets.take());
    let (collection, pools) = match (groups, fleets) {
        (Some(_), Some(_)) => {
            return Err(ApiError::validation("Instance groups and instance fleets cannot both be specified."));
        }
        (Some(groups), None) => {
            let pools = groups.into_iter().zip(0..).map(|(group, n)| group.pool(dice.at(n), now));
            (Collection::Groups, pools.collect::<Result<Vec<_>, _>>()?)
        }
        (None, Some(fleets)) => {
            let pools = fleets.into_iter().zip(0..).map(|(fleet, n)| fleet.pool(dice.at(n), now));
            (Collection::Fleets, pools.collect::<Result<Vec<_>, _>>()?)
        }
        (None, None) => (Collection::Groups, plain_pools(input, dice, now)?),
    };
    let count = |role| pools.iter().filter(|pool: &&Pool| pool.role == role).count();
    if count(Role::Master) != 1 {
        return Err(ApiError::validation("Exactly one master instance group or fleet must be specified."));
    }
    if count(Role::Core) > 1 || (collection == Collection::Fleets && count(Role::Task) > 1) {
        return Err(ApiError::validation(
            "A cluster can have only one core instance group, and one fleet of each type.",
        ));
    }
    if pools.iter().any(|pool| pool.role == Role::Master && !matches!(pool.requested.total(), 1 | 3)) {
        return Err(ApiError::validation("Master instance group must have exactly 3 instances for HA clusters."));
    }
    Ok((collection, pools))
}

/// The oldest way to say how many machines: so many in all, one of them the master.
fn plain_pools(input: &InstancesInput, dice: Dice, now: jiff::Timestamp) -> Result<Vec<Pool>, ApiError> {
    let (Some(master), Some(count)) = (&input.master_instance_type, input.instance_count) else {
        return Err(ApiError::validation("Instance groups, instance fleets or an instance count must be specified."));
    };
    let worker = input.slave_instance_type.as_ref().unwrap_or(master);
    check_type(master)?;
    check_type(worker)?;
    let pool = |n: u64, role: Role, name: &str, instance_type: &str, count: u32| {
        let mut pool = Pool::new(identity::group_id(dice.at(n)), name.to_owned(), role, Collection::Groups, now);
        pool.kinds = vec![Kind::plain(instance_type)];
        pool.requested = Units::only(Market::OnDemand, count);
        pool
    };
    let mut pools = vec![pool(0, Role::Master, "master", master, 1)];
    if count > 1 {
        pools.push(pool(1, Role::Core, "core", worker, count - 1));
    }
    Ok(pools)
}

fn settings(input: RunJobFlow, dice: Dice, region: &str) -> Result<Settings, ApiError> {
    let Some(release) = input.release_label else {
        return Err(ApiError::validation("ReleaseLabel must be specified."));
    };
    let level = input.step_concurrency_level.unwrap_or(1);
    if !(1..=256).contains(&level) {
        return Err(ApiError::validation("StepConcurrencyLevel must be between 1 and 256."));
    }
    let instances = input.instances;
    let placed = instances.placement.and_then(|placement| placement.availability_zone);
    let zone = placed.unwrap_or_else(|| format!("{region}{}", ["a", "b", "c"][dice.of("zone").below(3)]));
    let subnets = instances.ec2_subnet_ids.unwrap_or_default();
    let actions = input.bootstrap_actions.unwrap_or_default();
    Ok(Settings {
        release: release.as_str().into(),
        applications: applications(input.applications.unwrap_or_default(), &release),
        tags: read_tags(input.tags.unwrap_or_default())?,
        log_uri: input.log_uri,
        log_key: input.log_encryption_kms_key_id,
        auto_terminate: !instances.keep_job_flow_alive_when_no_steps.unwrap_or(false),
        is_protected: instances.termination_protected.unwrap_or(false),
        replaces_unhealthy: instances.unhealthy_node_replacement.unwrap_or(false),
        step_concurrency: level,
        scale_down_behavior: Some(
            match input.scale_down_behavior {
                Some(ScaleDownBehavior::InstanceHour) => "TERMINATE_AT_INSTANCE_HOUR",
                Some(ScaleDownBehavior::TaskCompletion) | None => "TERMINATE_AT_TASK_COMPLETION",
            }
            .to_owned(),
        ),
        zone,
        subnet: instances.ec2_subnet_id.or_else(|| subnets.into_iter().next()),
        key_name: instances.ec2_key_name,
        instance_profile: input.job_flow_role.unwrap_or_else(|| "EMR_EC2_DefaultRole".to_owned()),
        service_role: input.service_role.unwrap_or_else(|| "EMR_DefaultRole".to_owned()),
        auto_scaling_role: input.auto_scaling_role,
        security_configuration: input.security_configuration,
        security_groups: SecurityGroups {
            master: instances.emr_managed_master_security_group,
            workers: instances.emr_managed_slave_security_group,
            service: instances.service_access_security_group,
            more_master: instances.additional_master_security_groups.unwrap_or_default(),
            more_workers: instances.additional_slave_security_groups.unwrap_or_default(),
        },
        has_public_addresses: false,
        custom_ami: input.custom_ami_id,
        os_release: input.os_release_label,
        root_volume_gib: input.ebs_root_volume_size,
        root_volume_iops: input.ebs_root_volume_iops,
        root_volume_throughput: input.ebs_root_volume_throughput,
        repo_upgrade_on_boot: input.repo_upgrade_on_boot,
        bootstrap_actions: actions
            .into_iter()
            .map(|action| BootstrapAction {
                name: action.name,
                path: action.script_bootstrap_action.path,
                arguments: action.script_bootstrap_action.args.unwrap_or_default(),
            })
            .collect(),
        configurations: input.configurations,
        placement_groups: input.placement_group_configs,
        monitoring: input.monitoring_configuration,
        kerberos: input.kerberos_attributes.map(without_secrets),
        extended_support: input.extended_support,
        has_sessions: input.session_enabled,
    })
}

/// The software asked for, with the versions that come with the release.
fn applications(inputs: Vec<ApplicationInput>, release: &str) -> Vec<(Arc<str>, Arc<str>)> {
    let known = crate::sim::emr::build::RELEASES.iter().find(|known| known.0 == release);
    inputs
        .into_iter()
        .filter_map(|input| Some((input.name?, input.version)))
        .map(|(name, version)| {
            let usual = known.map_or("", |(_, spark, hadoop, hive)| match name.as_str() {
                "Spark" => spark,
                "Hadoop" => hadoop,
                "Hive" => hive,
                _ => "",
            });
            let version = version.unwrap_or_else(|| usual.to_owned());
            (name.into(), version.into())
        })
        .collect()
}

/// EMR never tells the passwords it was given.
fn without_secrets(mut kerberos: Value) -> Value {
    if let Some(members) = kerberos.as_object_mut() {
        members.retain(|name, _| !name.contains("Password"));
    }
    kerberos
}
