//! A machine.

use serde::Serialize;

use super::{Reason, Status, Timeline};
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::identity;
use crate::sim::emr::instance;
use crate::sim::emr::words::{Collection, InstanceState, Market};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::sim::emr) struct Instance<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ec2_instance_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_dns_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_ip_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_dns_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_ip_address: Option<String>,
    status: Status<'a, InstanceState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_fleet_id: Option<&'a str>,
    market: Market,
    instance_type: &'a str,
    ebs_volumes: Vec<Volume>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    device: &'static str,
    volume_id: String,
}

impl<'a> Instance<'a> {
    pub(in crate::sim::emr) fn new(cluster: &'a Cluster, instance: &instance::Instance) -> Self {
        let dice = cluster.instance_dice(instance.number);
        let pool = &cluster.pools[instance.pool];
        // Until EC2 gives a machine there is nothing to name.
        let is_given = instance.state != InstanceState::AwaitingFulfillment;
        let given = |value: String| is_given.then_some(value);
        let is_public = cluster.settings.has_public_addresses;
        let is_group = cluster.collection == Collection::Groups;
        Self {
            id: identity::instance_id(dice),
            ec2_instance_id: given(identity::ec2_id(dice)),
            public_dns_name: given(if is_public { identity::public_dns(dice, &cluster.region) } else { String::new() }),
            public_ip_address: given(identity::public_ip(dice)).filter(|_| is_public),
            private_dns_name: given(identity::private_dns(dice, &cluster.region)),
            private_ip_address: given(identity::private_ip(dice)),
            status: Status {
                state: instance.state,
                state_change_reason: Reason {
                    code: instance.end.and_then(instance::InstanceEnd::code),
                    message: instance.end.map(instance::InstanceEnd::message),
                },
                timeline: Timeline::new(instance.created, instance.ready, instance.ended),
            },
            instance_group_id: is_group.then_some(&pool.id),
            instance_fleet_id: (!is_group).then_some(&pool.id),
            market: instance.market,
            instance_type: pool.kinds.get(instance.kind).map_or("", |kind| &kind.instance_type),
            ebs_volumes: if is_given {
                vec![Volume { device: "/dev/sdb", volume_id: identity::volume_id(dice) }]
            } else {
                Vec::new()
            },
        }
    }
}
