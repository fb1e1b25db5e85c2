//! Operations that add instance groups and instance fleets to a cluster.

use serde::{Deserialize, Serialize};

use super::input::{FleetInput, GroupInput};
use super::read::check_collection;
use super::{Answer, Request, check_not_ending, json};
use crate::sim::aws::ApiError;
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::words::{Collection, Role};

/// How many task groups a cluster may have.
const MAX_TASK_GROUPS: usize = 48;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddInstanceGroups {
    instance_groups: Vec<GroupInput>,
    job_flow_id: String,
}

pub(super) fn add_instance_groups(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        job_flow_id: String,
        instance_group_ids: Vec<String>,
        cluster_arn: String,
    }
    let account = request.account.to_owned();
    let input: AddInstanceGroups = request.input()?;
    let (cluster, mut tick) = request.job_flow(&input.job_flow_id)?;
    check_not_ending(cluster)?;
    check_collection(cluster, Collection::Groups, "AddInstanceGroups")?;
    let mut pools = Vec::new();
    for group in input.instance_groups {
        let has_core = cluster.pools.iter().any(|pool| pool.role == Role::Core);
        match group.instance_role {
            Role::Master => return Err(ApiError::validation("A cluster can have only one master instance group.")),
            Role::Core if has_core => {
                return Err(ApiError::validation("A cluster can have only one core instance group."));
            }
            Role::Core | Role::Task => {}
        }
        let dice = cluster.dice.of("added pool").at((cluster.pools.len() + pools.len()) as u64);
        pools.push(group.pool(dice, tick.now)?);
    }
    let task = cluster.pools.iter().chain(&pools).filter(|pool| pool.role == Role::Task).count();
    if task > MAX_TASK_GROUPS {
        return Err(ApiError::validation("A cluster can have at most 48 task instance groups."));
    }
    let instance_group_ids = pools.iter().map(|pool| pool.id.clone()).collect();
    let first = cluster.pools.len();
    cluster.pools.extend(pools);
    for place in first..cluster.pools.len() {
        cluster.grow_new_pool(place, &mut tick);
    }
    json(&Output { job_flow_id: cluster.id.clone(), instance_group_ids, cluster_arn: cluster.arn(&account) })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddInstanceFleet {
    cluster_id: String,
    instance_fleet: FleetInput,
}

pub(super) fn add_instance_fleet(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        cluster_id: String,
        instance_fleet_id: String,
        cluster_arn: String,
    }
    let account = request.account.to_owned();
    let input: AddInstanceFleet = request.input()?;
    let (cluster, mut tick) = request.cluster_mut(&input.cluster_id)?;
    check_collection(cluster, Collection::Fleets, "AddInstanceFleet")?;
    check_can_take(cluster, input.instance_fleet.instance_fleet_type)?;
    let dice = cluster.dice.of("added pool").at(cluster.pools.len() as u64);
    let pool = input.instance_fleet.pool(dice, tick.now)?;
    let instance_fleet_id = pool.id.clone();
    cluster.pools.push(pool);
    cluster.grow_new_pool(cluster.pools.len() - 1, &mut tick);
    json(&Output { cluster_id: cluster.id.clone(), instance_fleet_id, cluster_arn: cluster.arn(&account) })
}

/// A cluster has one fleet of each role.
fn check_can_take(cluster: &Cluster, role: Role) -> Result<(), ApiError> {
    if !cluster.state().is_up() {
        return Err(ApiError::invalid(
            "InvalidClusterState",
            "An instance fleet may only be added when the cluster is running or waiting.",
        ));
    }
    if cluster.pools.iter().any(|pool| pool.role == role) {
        return Err(ApiError::invalid(
            "InvalidInstanceFleet",
            format!("The cluster has an instance fleet of type {} already.", role.word()),
        ));
    }
    Ok(())
}
