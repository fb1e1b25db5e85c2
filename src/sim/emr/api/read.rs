//! Operations that tell of clusters, pools and machines.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, Request, json};
use crate::sim::aws::ApiError;
use crate::sim::clock;
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::instance;
use crate::sim::emr::pace;
use crate::sim::emr::paging::{Listing, page};
use crate::sim::emr::wire::{Bootstrap, Fleet, Full, Group, Instance, Summary};
use crate::sim::emr::words::{ClusterState, Collection, InstanceState, Role};

/// How many machines are listed at most.
const MAX_LISTED: usize = 2_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListClusters {
    created_after: Option<f64>,
    created_before: Option<f64>,
    cluster_states: Option<Vec<ClusterState>>,
    marker: Option<String>,
}

pub(super) fn list_clusters(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        clusters: Vec<Summary<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
    let input: ListClusters = request.input()?;
    let states = input.cluster_states.unwrap_or_default();
    let seconds = |at: Timestamp| at.as_millisecond() as f64 / 1000.0;
    let listing = Listing::new(request.emr.dice, "ListClusters", &format!("{} {}", request.account, request.region));
    let after = start(listing, input.marker.as_deref())?;
    let order = request.emr.listings.get(&request.site);
    let begin = after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
    let clusters = order.into_iter().flat_map(|order| order.range((begin, std::ops::Bound::Unbounded))).filter_map(
        |(place, key)| {
            let cluster = request.emr.clusters.get(key)?;
            let listed = cluster.listed.as_ref()?;
            let created = seconds(listed.created);
            let is_wanted = (states.is_empty() || states.contains(&listed.state))
                && input.created_after.is_none_or(|after| created > after)
                && input.created_before.is_none_or(|before| created < before);
            is_wanted.then_some((*place, (cluster, listed)))
        },
    );
    let page = page(listing, clusters);
    let clusters = page
        .items
        .iter()
        .map(|(cluster, listed)| Summary::new(cluster, listed, request.account, request.now))
        .collect();
    json(&Output { clusters, marker: page.marker })
}

/// The key after which a page begins.
pub(super) fn start(listing: Listing, marker: Option<&str>) -> Result<Option<u64>, ApiError> {
    match marker {
        None => Ok(None),
        Some(marker) => match listing.key(marker) {
            Some(key) => Ok(Some(key)),
            None => Err(ApiError::invalid("InvalidMarker", format!("Marker '{marker}' is not valid."))),
        },
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfCluster {
    pub(super) cluster_id: String,
    pub(super) marker: Option<String>,
}

pub(super) fn describe_cluster(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        cluster: Full<'a>,
    }
    let input: OfCluster = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    json(&Output { cluster: Full::new(cluster, request.account, request.now) })
}

/// Refuses an operation that is about the other way to organise machines.
pub(super) fn check_collection(cluster: &Cluster, wanted: Collection, operation: &str) -> Result<(), ApiError> {
    if cluster.collection == wanted {
        return Ok(());
    }
    let (code, has, other) = match cluster.collection {
        Collection::Fleets => (
            "API_DOES_NOT_SUPPORT_INSTANCE_FLEET_CLUSTERS",
            "instance fleets",
            operation.replace("InstanceGroup", "InstanceFleet"),
        ),
        Collection::Groups => (
            "API_DOES_NOT_SUPPORT_INSTANCE_GROUP_CLUSTERS",
            "instance groups",
            operation.replace("InstanceFleet", "InstanceGroup"),
        ),
    };
    // Two pairs of operations differ in number, too.
    let other = match other.as_str() {
        "ModifyInstanceFleets" => "ModifyInstanceFleet",
        "ModifyInstanceGroup" => "ModifyInstanceGroups",
        "AddInstanceFleets" => "AddInstanceFleet",
        "AddInstanceGroup" => "AddInstanceGroups",
        other => other,
    };
    Err(ApiError::invalid(
        code,
        format!(
            "Instance fleets and instance groups are mutually exclusive. The EMR cluster specified in the request uses \
             {has}. The {operation} operation does not support clusters that use {has}. Use the {other} operation \
             instead."
        ),
    ))
}

pub(super) fn list_instance_groups(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        instance_groups: Vec<Group<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
    let input: OfCluster = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    check_collection(cluster, Collection::Groups, "ListInstanceGroups")?;
    let listing = Listing::new(request.emr.dice, "ListInstanceGroups", &cluster.id);
    let page = page(listing, pools(cluster, start(listing, input.marker.as_deref())?));
    let instance_groups = page.items.into_iter().map(|place| Group::new(cluster, place)).collect();
    json(&Output { instance_groups, marker: page.marker })
}

pub(super) fn list_instance_fleets(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        instance_fleets: Vec<Fleet<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
    let input: OfCluster = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    check_collection(cluster, Collection::Fleets, "ListInstanceFleets")?;
    let listing = Listing::new(request.emr.dice, "ListInstanceFleets", &cluster.id);
    let page = page(listing, pools(cluster, start(listing, input.marker.as_deref())?));
    let instance_fleets = page.items.into_iter().map(|place| Fleet::new(cluster, place)).collect();
    json(&Output { instance_fleets, marker: page.marker })
}

/// The places of a cluster's pools, in an order without meaning, after the key of a marker.
fn pools(cluster: &Cluster, after: Option<u64>) -> impl Iterator<Item = (u64, usize)> {
    let key = |place: usize| cluster.dice.of("order of pools").of(&cluster.pools[place].id).bits();
    let mut places: Vec<(u64, usize)> = (0..cluster.pools.len()).map(|place| (key(place), place)).collect();
    places.sort_unstable();
    places.into_iter().filter(move |(key, _)| after.is_none_or(|after| *key > after))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListInstances {
    cluster_id: String,
    instance_group_id: Option<String>,
    instance_group_types: Option<Vec<Role>>,
    instance_fleet_id: Option<String>,
    instance_fleet_type: Option<Role>,
    instance_states: Option<Vec<InstanceState>>,
    marker: Option<String>,
}

pub(super) fn list_instances(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        instances: Vec<Instance<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
    let input: ListInstances = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    check_filters(cluster, &input)?;
    let listing = Listing::new(request.emr.dice, "ListInstances", &cluster.id);
    let after = start(listing, input.marker.as_deref())?;
    let mut wanted = wanted(cluster, &input, request.now);
    wanted.sort_by_key(|(key, _)| *key);
    let things = wanted.into_iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
    let page = page(listing, things);
    let instances = page.items.into_iter().map(|instance| Instance::new(cluster, instance)).collect();
    json(&Output { instances, marker: page.marker })
}

/// A filter must be about the cluster's own way to organise machines, and about one of its pools.
fn check_filters(cluster: &Cluster, input: &ListInstances) -> Result<(), ApiError> {
    let by_group = input.instance_group_id.is_some() || input.instance_group_types.is_some();
    let by_fleet = input.instance_fleet_id.is_some() || input.instance_fleet_type.is_some();
    let (is_wrong, has, filter) = match cluster.collection {
        Collection::Groups => (by_fleet, "instance groups", "instance fleet"),
        Collection::Fleets => (by_group, "instance fleets", "instance group"),
    };
    if is_wrong {
        return Err(ApiError::invalid(
            "InvalidFilter",
            format!("The cluster uses {has}. Its instances cannot be filtered by {filter}."),
        ));
    }
    let named = [("Instance group", &input.instance_group_id), ("Instance fleet", &input.instance_fleet_id)];
    for (what, id) in named.into_iter().filter_map(|(what, id)| id.as_ref().map(|id| (what, id))) {
        if !cluster.pools.iter().any(|pool| pool.id == *id) {
            return Err(ApiError::invalid("NoSuchInstancePool", format!("{what} id '{id}' is not valid.")));
        }
    }
    Ok(())
}

/// The machines that pass the filters: those that are there, and of the others the ones that ended last.
fn wanted<'a>(cluster: &'a Cluster, input: &ListInstances, now: Timestamp) -> Vec<(u64, &'a instance::Instance)> {
    let oldest = clock::before(now, pace::INSTANCES_LISTED);
    let id = input.instance_group_id.as_ref().or(input.instance_fleet_id.as_ref());
    let passes = |instance: &&instance::Instance| {
        let pool = &cluster.pools[instance.pool];
        id.is_none_or(|id| pool.id == *id)
            && input.instance_group_types.as_ref().is_none_or(|roles| roles.is_empty() || roles.contains(&pool.role))
            && input.instance_fleet_type.is_none_or(|role| role == pool.role)
            && input.instance_states.as_ref().is_none_or(|states| states.is_empty() || states.contains(&instance.state))
            && instance.ended.is_none_or(|ended| ended >= oldest)
    };
    let mut wanted: Vec<&instance::Instance> = cluster.instances.iter().chain(&cluster.ended).filter(passes).collect();
    if wanted.len() > MAX_LISTED {
        wanted.sort_by_key(|instance| (instance.is_ended(), std::cmp::Reverse(instance.ended), instance.number));
        wanted.truncate(MAX_LISTED);
    }
    let order = cluster.dice.of("order of instances");
    wanted.into_iter().map(|instance| (order.at(u64::from(instance.number)).bits(), instance)).collect()
}

pub(super) fn list_bootstrap_actions(request: &mut Request<'_>) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output<'a> {
        bootstrap_actions: Vec<Bootstrap<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        marker: Option<String>,
    }
    let input: OfCluster = request.input()?;
    let cluster = request.cluster(&input.cluster_id)?;
    let listing = Listing::new(request.emr.dice, "ListBootstrapActions", &cluster.id);
    let after = start(listing, input.marker.as_deref())?;
    let actions = (0_u64..).zip(&cluster.settings.bootstrap_actions);
    let page = page(listing, actions.filter(|(place, _)| after.is_none_or(|after| *place > after)));
    let bootstrap_actions = page.items.into_iter().map(Bootstrap::new).collect();
    json(&Output { bootstrap_actions, marker: page.marker })
}
