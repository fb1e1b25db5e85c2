//! A pool, as an instance group or as an instance fleet.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Reason, Status, Timeline};
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::pool::{Kind, Pool, Shrink};
use crate::sim::emr::words::{Market, PoolState, Role};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr) struct Group<'a> {
    id: &'a str,
    name: &'a str,
    market: Market,
    instance_group_type: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    bid_price: Option<&'a str>,
    instance_type: &'a str,
    requested_instance_count: u32,
    running_instance_count: u32,
    status: Status<'a, PoolState>,
    configurations: Value,
    configurations_version: u32,
    last_successfully_applied_configurations: Value,
    last_successfully_applied_configurations_version: u32,
    ebs_block_devices: Value,
    ebs_optimized: bool,
    shrink_policy: ShrinkPolicy<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_scaling_policy: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShrinkPolicy<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    decommission_timeout: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_resize_policy: Option<ResizePolicy<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResizePolicy<'a> {
    instances_to_terminate: &'a [String],
    instances_to_protect: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_termination_timeout: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr) struct Fleet<'a> {
    id: &'a str,
    name: &'a str,
    status: Status<'a, PoolState>,
    instance_fleet_type: Role,
    target_on_demand_capacity: u32,
    target_spot_capacity: u32,
    provisioned_on_demand_capacity: u32,
    provisioned_spot_capacity: u32,
    instance_type_specifications: Vec<TypeSpecification<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    launch_specifications: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resize_specifications: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TypeSpecification<'a> {
    instance_type: &'a str,
    weighted_capacity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    bid_price: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bid_price_as_percentage_of_on_demand_price: Option<f64>,
    configurations: Value,
    ebs_block_devices: Value,
    ebs_optimized: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<f64>,
}

impl<'a> Group<'a> {
    pub(in crate::sim::emr) fn new(cluster: &'a Cluster, place: usize) -> Self {
        let pool = &cluster.pools[place];
        let kind = pool.kinds.first();
        let configurations = pool.configurations.clone().unwrap_or_else(|| json!([]));
        Self {
            id: &pool.id,
            name: &pool.name,
            market: pool.market,
            instance_group_type: pool.role,
            bid_price: kind.and_then(|kind| kind.bid.as_deref()),
            instance_type: kind.map_or("", |kind| &kind.instance_type),
            requested_instance_count: pool.requested.total(),
            running_instance_count: cluster.tally(place).running,
            status: status(pool),
            last_successfully_applied_configurations: configurations.clone(),
            configurations,
            configurations_version: 0,
            last_successfully_applied_configurations_version: 0,
            ebs_block_devices: block_devices(kind),
            ebs_optimized: is_ebs_optimized(kind),
            shrink_policy: ShrinkPolicy::new(&pool.shrink),
            auto_scaling_policy: pool.auto_scaling.as_ref().map(attached),
        }
    }
}

impl<'a> Fleet<'a> {
    pub(in crate::sim::emr) fn new(cluster: &'a Cluster, place: usize) -> Self {
        let pool = &cluster.pools[place];
        let provisioned = cluster.tally(place).provisioned;
        Self {
            id: &pool.id,
            name: &pool.name,
            status: status(pool),
            instance_fleet_type: pool.role,
            target_on_demand_capacity: pool.requested.on_demand,
            target_spot_capacity: pool.requested.spot,
            provisioned_on_demand_capacity: provisioned.on_demand,
            provisioned_spot_capacity: provisioned.spot,
            instance_type_specifications: pool.kinds.iter().map(TypeSpecification::new).collect(),
            launch_specifications: pool.launch_specifications.as_ref(),
            resize_specifications: pool.resize_specifications.as_ref(),
            context: pool.context.as_deref(),
        }
    }
}

impl<'a> TypeSpecification<'a> {
    fn new(kind: &'a Kind) -> Self {
        Self {
            instance_type: &kind.instance_type,
            weighted_capacity: kind.weight,
            bid_price: kind.bid.as_deref(),
            bid_price_as_percentage_of_on_demand_price: kind.bid_percent,
            configurations: kind.configurations.clone().unwrap_or_else(|| json!([])),
            ebs_block_devices: block_devices(Some(kind)),
            ebs_optimized: is_ebs_optimized(Some(kind)),
            priority: kind.priority,
        }
    }
}

impl<'a> ShrinkPolicy<'a> {
    fn new(shrink: &'a Shrink) -> Self {
        let has_policy =
            !shrink.terminate_first.is_empty() || !shrink.protect.is_empty() || shrink.named_timeout.is_some();
        Self {
            decommission_timeout: shrink.decommission_timeout.map(|timeout| timeout.as_secs()),
            instance_resize_policy: has_policy.then(|| ResizePolicy {
                instances_to_terminate: &shrink.terminate_first,
                instances_to_protect: &shrink.protect,
                instance_termination_timeout: shrink.named_timeout.map(|timeout| timeout.as_secs()),
            }),
        }
    }
}

fn status(pool: &Pool) -> Status<'_, PoolState> {
    Status {
        state: pool.state,
        state_change_reason: Reason {
            code: pool.reason.as_ref().map(|(code, _)| *code),
            message: pool.reason.as_ref().map(|(_, message)| message.as_str()),
        },
        timeline: Timeline::new(pool.created, pool.ready, pool.ended),
    }
}

/// A scaling policy that was given at creation, as one that is attached.
fn attached(policy: &Value) -> Value {
    let mut policy = policy.clone();
    policy["Status"] = json!({ "State": "ATTACHED", "StateChangeReason": { "Code": "USER_REQUEST", "Message": "" } });
    policy
}

/// `EbsBlockDevices` from the `EbsConfiguration` that was given: one entry per volume.
fn block_devices(kind: Option<&Kind>) -> Value {
    let given = kind.and_then(|kind| kind.ebs.as_ref()).and_then(|ebs| ebs["EbsBlockDeviceConfigs"].as_array());
    let mut letters = 'b'..='z';
    let devices = given.into_iter().flatten().flat_map(|config| {
        let count = config["VolumesPerInstance"].as_u64().unwrap_or(1);
        (0..count.min(24)).map(|_| config["VolumeSpecification"].clone())
    });
    devices
        .zip(&mut letters)
        .map(|(volume, letter)| json!({ "VolumeSpecification": volume, "Device": format!("/dev/sd{letter}") }))
        .collect()
}

fn is_ebs_optimized(kind: Option<&Kind>) -> bool {
    kind.and_then(|kind| kind.ebs.as_ref()).and_then(|ebs| ebs["EbsOptimized"].as_bool()).unwrap_or(false)
}
