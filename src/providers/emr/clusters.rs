//! Reading clusters, node groups, policies and machines.

use aws_sdk_emr::primitives::DateTime;
use aws_sdk_emr::types::{ClusterState, InstanceState};

use crate::domain::{ClusterId, ErrorKind, Grouping, Node, NodeGroup, Policies, ProviderError};
use crate::providers::{CallCx, Inspection, ListScope, PageSink};

use super::{Emr, map};

const ACTIVE: [ClusterState; 5] = [
    ClusterState::Starting,
    ClusterState::Bootstrapping,
    ClusterState::Running,
    ClusterState::Waiting,
    ClusterState::Terminating,
];
const ENDED: [ClusterState; 2] = [ClusterState::Terminated, ClusterState::TerminatedWithErrors];

/// A marker that does not move would be followed for ever.
fn next_marker(
    operation: &'static str,
    last: Option<&String>,
    next: Option<String>,
) -> Result<Option<String>, ProviderError> {
    match next.filter(|marker| !marker.is_empty()) {
        Some(next) if Some(&next) == last => {
            Err(ProviderError::new(ErrorKind::Decode, operation, "the paging marker does not move"))
        }
        next => Ok(next),
    }
}

impl Emr {
    pub(super) async fn list_clusters(
        &self,
        cx: &CallCx,
        scope: ListScope,
        page: PageSink,
    ) -> Result<(), ProviderError> {
        let (states, created_after) = match scope {
            ListScope::Active => (ACTIVE.to_vec(), None),
            ListScope::EndedSince(at) => (ENDED.to_vec(), Some(DateTime::from_secs(at.as_second()))),
        };
        let mut marker = None;
        loop {
            let request = self
                .client
                .list_clusters()
                .set_cluster_states(Some(states.clone()))
                .set_created_after(created_after)
                .set_marker(marker.clone());
            let answer = self.call(cx, "ListClusters", request.send()).await?;
            let summaries = answer.clusters.unwrap_or_default().into_iter().filter_map(map::summary).collect();
            if page.send(summaries).await.is_err() {
                return Ok(());
            }
            marker = next_marker("ListClusters", marker.as_ref(), answer.marker)?;
            if marker.is_none() {
                return Ok(());
            }
        }
    }

    pub(super) async fn describe_cluster(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Inspection, ProviderError> {
        let request = self.client.describe_cluster().cluster_id(cluster.as_str());
        let answer = self.call(cx, "DescribeCluster", request.send()).await?;
        answer
            .cluster
            .and_then(map::inspection)
            .ok_or_else(|| ProviderError::new(ErrorKind::Decode, "DescribeCluster", "the answer holds no cluster"))
    }

    pub(super) async fn list_groups(
        &self,
        cx: &CallCx,
        cluster: &ClusterId,
        grouping: Grouping,
    ) -> Result<Vec<NodeGroup>, ProviderError> {
        let mut groups = Vec::new();
        let mut marker = None;
        loop {
            let next = match grouping {
                Grouping::Groups => {
                    let request =
                        self.client.list_instance_groups().cluster_id(cluster.as_str()).set_marker(marker.clone());
                    let answer = self.call(cx, "ListInstanceGroups", request.send()).await?;
                    groups.extend(answer.instance_groups.unwrap_or_default().into_iter().filter_map(map::group));
                    next_marker("ListInstanceGroups", marker.as_ref(), answer.marker)?
                }
                Grouping::Fleets => {
                    let request =
                        self.client.list_instance_fleets().cluster_id(cluster.as_str()).set_marker(marker.clone());
                    let answer = self.call(cx, "ListInstanceFleets", request.send()).await?;
                    groups.extend(answer.instance_fleets.unwrap_or_default().into_iter().filter_map(map::fleet));
                    next_marker("ListInstanceFleets", marker.as_ref(), answer.marker)?
                }
            };
            marker = next;
            if marker.is_none() {
                groups.sort_by(|a, b| (a.role, &a.name, &a.id).cmp(&(b.role, &b.name, &b.id)));
                return Ok(groups);
            }
        }
    }

    pub(super) async fn get_policies(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Policies, ProviderError> {
        let request = self.client.get_managed_scaling_policy().cluster_id(cluster.as_str());
        let scaling = self.call(cx, "GetManagedScalingPolicy", request.send()).await?;
        let request = self.client.get_auto_termination_policy().cluster_id(cluster.as_str());
        let idle = self.call(cx, "GetAutoTerminationPolicy", request.send()).await?;
        Ok(Policies {
            scaler: scaling.managed_scaling_policy.and_then(|policy| map::scaler(&policy)),
            idle_termination: idle.auto_termination_policy.and_then(|policy| map::idle_timeout(&policy)),
        })
    }

    /// The living machines, and the newest of those that ended (to tell of spot losses).
    pub(super) async fn list_instances(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Vec<Node>, ProviderError> {
        let living = [
            InstanceState::AwaitingFulfillment,
            InstanceState::Provisioning,
            InstanceState::Bootstrapping,
            InstanceState::Running,
        ];
        let mut nodes: Vec<Node> = Vec::new();
        let mut marker = None;
        loop {
            let request = self
                .client
                .list_instances()
                .cluster_id(cluster.as_str())
                .set_instance_states(Some(living.to_vec()))
                .set_marker(marker.clone());
            let answer = self.call(cx, "ListInstances", request.send()).await?;
            nodes.extend(answer.instances.unwrap_or_default().into_iter().filter_map(map::node));
            marker = next_marker("ListInstances", marker.as_ref(), answer.marker)?;
            if marker.is_none() {
                break;
            }
        }
        let request =
            self.client.list_instances().cluster_id(cluster.as_str()).instance_states(InstanceState::Terminated);
        let answer = self.call(cx, "ListInstances", request.send()).await?;
        // A machine may end between the two calls.
        for node in answer.instances.unwrap_or_default().into_iter().filter_map(map::node) {
            match nodes.iter_mut().find(|known| known.id == node.id) {
                Some(known) => *known = node,
                None => nodes.push(node),
            }
        }
        Ok(nodes)
    }
}
