//! Operations that change sizes. They answer at once; the size changes a moment later.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::input::{self, KindInput, check_size};
use super::read::check_collection;
use super::{Answer, Request, void};
use crate::sim::aws::ApiError;
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::event::Resize;
use crate::sim::emr::identity;
use crate::sim::emr::pool::{Shrink, Units};
use crate::sim::emr::words::{Collection, Role};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModifyInstanceGroups {
    cluster_id: Option<String>,
    instance_groups: Option<Vec<GroupChange>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupChange {
    instance_group_id: String,
    instance_count: Option<u32>,
    #[serde(rename = "EC2InstanceIdsToTerminate")]
    terminate_now: Option<Vec<String>>,
    shrink_policy: Option<ShrinkInput>,
    configurations: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ShrinkInput {
    decommission_timeout: Option<u64>,
    instance_resize_policy: Option<ResizePolicyInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResizePolicyInput {
    instances_to_terminate: Option<Vec<String>>,
    instances_to_protect: Option<Vec<String>>,
    instance_termination_timeout: Option<u64>,
}

impl From<ShrinkInput> for Shrink {
    fn from(input: ShrinkInput) -> Self {
        let policy = input.instance_resize_policy.unwrap_or_default();
        Self {
            decommission_timeout: input.decommission_timeout.map(Duration::from_secs),
            terminate_first: policy.instances_to_terminate.unwrap_or_default(),
            protect: policy.instances_to_protect.unwrap_or_default(),
            named_timeout: policy.instance_termination_timeout.map(Duration::from_secs),
        }
    }
}

/// All changes are made, or none.
pub(super) fn modify_instance_groups(request: &mut Request<'_>) -> Answer {
    let input: ModifyInstanceGroups = request.input()?;
    let mut changes = Vec::new();
    for change in input.instance_groups.unwrap_or_default() {
        let (cluster_id, place) = find_group(request, input.cluster_id.as_deref(), &change.instance_group_id)?;
        check_group_change(request.cluster(&cluster_id)?, place, &change)?;
        changes.push((cluster_id, place, change));
    }
    if changes.is_empty() {
        return Err(ApiError::validation("At least one instance group must be specified."));
    }
    for (cluster_id, place, change) in changes {
        let (cluster, mut tick) = request.cluster_mut(&cluster_id)?;
        let pool = &mut cluster.pools[place];
        if change.configurations.is_some() {
            pool.configurations = change.configurations;
        }
        let market = pool.market;
        let terminate_now = change.terminate_now.unwrap_or_default();
        let resize = Resize {
            units: change.instance_count.map(|count| Units::only(market, count)),
            shrink: change.shrink_policy.map(Into::into),
            patience: None,
            terminate_now,
        };
        cluster.plan_resize(place, resize, &mut tick);
    }
    Ok(void())
}

/// The cluster that has this group, and the place of the group in it.
fn find_group(request: &Request<'_>, cluster_id: Option<&str>, id: &str) -> Result<(String, usize), ApiError> {
    let place = |cluster: &Cluster| cluster.pools.iter().position(|pool| pool.id == id);
    let found = if let Some(cluster_id) = cluster_id {
        let cluster = request.cluster(cluster_id)?;
        check_collection(cluster, Collection::Groups, "ModifyInstanceGroups")?;
        place(cluster).map(|place| (cluster.id.clone(), place))
    } else {
        let mut here = request.emr.clusters.values().filter(|cluster| cluster.site == request.site);
        here.find_map(|cluster| place(cluster).map(|place| (cluster.id.clone(), place)))
    };
    found.ok_or_else(|| ApiError::invalid("NoSuchInstanceGroup", format!("Instance group id '{id}' is not valid.")))
}

fn check_group_change(cluster: &Cluster, place: usize, change: &GroupChange) -> Result<(), ApiError> {
    check_collection(cluster, Collection::Groups, "ModifyInstanceGroups")?;
    if !cluster.state().is_up() {
        return Err(ApiError::validation(
            "An instance group may only be modified when the cluster is running or waiting.",
        ));
    }
    let pool = &cluster.pools[place];
    if pool.role == Role::Master && (change.instance_count.is_some() || change.terminate_now.is_some()) {
        return Err(ApiError::validation("A master instance group may not be modified"));
    }
    let is_core = pool.role == Role::Core;
    if let Some(count) = change.instance_count {
        check_size(count)?;
        if is_core && count == 0 {
            return Err(ApiError::validation("An instance group must have at least one instance"));
        }
        let least = replication(cluster, place);
        if is_core && count < least {
            return Err(ApiError::validation(format!(
                "The core instance group cannot be resized to fewer than {least} instances, the HDFS replication \
                 factor (dfs.replication) of the cluster."
            )));
        }
    }
    for id in change.terminate_now.iter().flatten() {
        let is_here = cluster
            .instances
            .iter()
            .any(|instance| instance.pool == place && identity::ec2_id(cluster.instance_dice(instance.number)) == *id);
        if !is_here {
            return Err(ApiError::validation(format!("Instance '{id}' does not belong to the instance group.")));
        }
    }
    Ok(())
}

/// `dfs.replication` as EMR sets it: by the number of core nodes with which the cluster was made.
fn replication(cluster: &Cluster, core: usize) -> u32 {
    match cluster.pools[core].made_with {
        0..=3 => 1,
        4..=9 => 2,
        _ => 3,
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModifyInstanceFleet {
    cluster_id: String,
    instance_fleet: FleetChange,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FleetChange {
    instance_fleet_id: String,
    target_on_demand_capacity: Option<u32>,
    target_spot_capacity: Option<u32>,
    resize_specifications: Option<Value>,
    instance_type_configs: Option<Vec<KindInput>>,
    context: Option<String>,
}

pub(super) fn modify_instance_fleet(request: &mut Request<'_>) -> Answer {
    let input: ModifyInstanceFleet = request.input()?;
    let (cluster, mut tick) = request.cluster_mut(&input.cluster_id)?;
    check_collection(cluster, Collection::Fleets, "ModifyInstanceFleet")?;
    let change = input.instance_fleet;
    if !cluster.state().is_up() {
        return Err(ApiError::invalid(
            "InvalidClusterState",
            "An instance fleet may only be modified when the cluster is running or waiting.",
        ));
    }
    let id = &change.instance_fleet_id;
    let Some(place) = cluster.pools.iter().position(|pool| pool.id == *id) else {
        return Err(ApiError::invalid("NoSuchInstanceFleet", format!("Instance fleet id '{id}' is not valid.")));
    };
    let pool = &mut cluster.pools[place];
    if pool.role == Role::Master {
        return Err(ApiError::invalid("InvalidInstanceFleet", "A master instance fleet may not be modified."));
    }
    let units = Units {
        on_demand: change.target_on_demand_capacity.unwrap_or(pool.requested.on_demand),
        spot: change.target_spot_capacity.unwrap_or(pool.requested.spot),
    };
    if pool.role == Role::Core && units.total() == 0 {
        return Err(ApiError::invalid("InvalidInstanceFleet", "The core instance fleet cannot be resized to 0 units."));
    }
    let patience = match &change.resize_specifications {
        None => None,
        Some(resize) => Some(input::patience(pool.launch_specifications.as_ref(), Some(resize))?),
    };
    // Machines that run keep what they are: kinds can be added, not taken away.
    for kind in input::kinds(change.instance_type_configs.unwrap_or_default())? {
        match pool.kinds.iter_mut().find(|known| known.instance_type == kind.instance_type) {
            Some(known) => *known = kind,
            None => pool.kinds.push(kind),
        }
    }
    pool.resize_specifications = change.resize_specifications.or(pool.resize_specifications.take());
    pool.context = change.context.or(pool.context.take());
    let resize = Resize { units: Some(units), patience, ..Resize::default() };
    cluster.plan_resize(place, resize, &mut tick);
    Ok(void())
}
