//! The operations of EMR: one row each, with its quota, and the functions that carry them out.

mod clusters;
mod groups;
mod input;
mod policies;
mod read;
mod run;
mod sizes;
mod steps;
mod tags;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Emr;
use super::cluster::Cluster;
use super::event::Tick;
use crate::sim::accounts::SiteId;
use crate::sim::aws::ApiError;
use crate::sim::quotas::Limit;

/// The body of an answer; void operations answer with an empty one.
type Answer = Result<Vec<u8>, ApiError>;

/// One operation.
#[derive(Debug)]
pub(in crate::sim) struct Operation {
    pub(in crate::sim) name: &'static str,
    /// Its own quota, where one is published; all of them share another.
    pub(in crate::sim) limit: Option<Limit>,
    /// Whether it changes anything.
    pub(in crate::sim) changes: bool,
    run: fn(&mut Request<'_>) -> Answer,
}

/// A call of an operation.
struct Request<'a> {
    emr: &'a mut Emr,
    site: SiteId,
    account: &'a str,
    region: &'a str,
    now: Timestamp,
    body: &'a [u8],
}

const fn reads(name: &'static str, burst: f64, refill: f64, run: fn(&mut Request<'_>) -> Answer) -> Operation {
    Operation { name, limit: Some(Limit { burst, refill }), changes: false, run }
}

const fn changes(name: &'static str, burst: f64, refill: f64, run: fn(&mut Request<'_>) -> Answer) -> Operation {
    Operation { name, limit: Some(Limit { burst, refill }), changes: true, run }
}

/// An operation for which no quota of its own is published.
const fn unlimited(name: &'static str, changes: bool, run: fn(&mut Request<'_>) -> Answer) -> Operation {
    Operation { name, limit: None, changes, run }
}

const OPERATIONS: [Operation; 27] = [
    reads("ListClusters", 20.0, 0.5, read::list_clusters),
    reads("DescribeCluster", 10.0, 1.0, read::describe_cluster),
    reads("ListInstanceGroups", 10.0, 1.0, read::list_instance_groups),
    reads("ListInstanceFleets", 5.0, 0.5, read::list_instance_fleets),
    reads("ListInstances", 10.0, 0.5, read::list_instances),
    reads("ListSteps", 10.0, 0.5, steps::list_steps),
    reads("DescribeStep", 10.0, 0.5, steps::describe_step),
    reads("ListBootstrapActions", 10.0, 1.0, read::list_bootstrap_actions),
    unlimited("GetManagedScalingPolicy", false, policies::get_managed_scaling),
    unlimited("PutManagedScalingPolicy", true, policies::put_managed_scaling),
    unlimited("RemoveManagedScalingPolicy", true, policies::remove_managed_scaling),
    unlimited("GetAutoTerminationPolicy", false, policies::get_auto_termination),
    unlimited("PutAutoTerminationPolicy", true, policies::put_auto_termination),
    unlimited("RemoveAutoTerminationPolicy", true, policies::remove_auto_termination),
    changes("RunJobFlow", 10.0, 0.5, run::run_job_flow),
    changes("AddJobFlowSteps", 10.0, 0.5, steps::add_job_flow_steps),
    changes("CancelSteps", 10.0, 0.5, steps::cancel_steps),
    changes("ModifyInstanceGroups", 5.0, 0.5, sizes::modify_instance_groups),
    changes("ModifyInstanceFleet", 5.0, 0.5, sizes::modify_instance_fleet),
    changes("AddInstanceGroups", 5.0, 0.2, groups::add_instance_groups),
    changes("AddInstanceFleet", 5.0, 0.5, groups::add_instance_fleet),
    changes("SetTerminationProtection", 5.0, 0.2, clusters::set_termination_protection),
    changes("TerminateJobFlows", 10.0, 0.5, clusters::terminate_job_flows),
    changes("ModifyCluster", 10.0, 0.5, clusters::modify_cluster),
    unlimited("SetUnhealthyNodeReplacement", true, clusters::set_unhealthy_node_replacement),
    changes("AddTags", 5.0, 0.5, tags::add_tags),
    changes("RemoveTags", 5.0, 0.5, tags::remove_tags),
];

static TABLE: [Operation; OPERATIONS.len()] = OPERATIONS;

/// The operation of this name.
pub(in crate::sim) fn operation(name: &str) -> Option<&'static Operation> {
    TABLE.iter().find(|operation| operation.name == name)
}

/// The names of all operations.
pub(in crate::sim) fn operation_names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|operation| operation.name)
}

impl Operation {
    /// Carries out a call; returns the body of the answer.
    ///
    /// # Errors
    /// What EMR answers when it cannot be done. Nothing has changed then, except where EMR itself is like that.
    pub(in crate::sim) fn run(
        &self,
        emr: &mut Emr,
        site: SiteId,
        account: &str,
        region: &str,
        now: Timestamp,
        body: &[u8],
    ) -> Answer {
        // AWS takes an empty body for an empty object.
        let body = if body.is_empty() { b"{}" } else { body };
        (self.run)(&mut Request { emr, site, account, region, now, body })
    }
}

impl Request<'_> {
    fn input<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(self.body).map_err(|error| ApiError::from_json(&error))
    }

    /// The cluster of this id, for operations that speak of clusters.
    fn cluster(&self, id: &str) -> Result<&Cluster, ApiError> {
        let key = self.emr.by_id.get(id);
        key.and_then(|key| self.emr.clusters.get(key))
            .filter(|cluster| cluster.site == self.site)
            .ok_or_else(|| ApiError::no_such_cluster(id))
    }

    /// The same, to change it.
    fn cluster_mut(&mut self, id: &str) -> Result<(&mut Cluster, Tick<'_>), ApiError> {
        self.cluster(id)?;
        let key = self.emr.by_id.get(id).copied();
        key.and_then(|key| self.emr.present(key, self.now)).ok_or_else(|| ApiError::no_such_cluster(id))
    }

    /// The same for operations that speak of job flows: they say it in other words when there is none.
    fn job_flow(&mut self, id: &str) -> Result<(&mut Cluster, Tick<'_>), ApiError> {
        self.cluster_mut(id).map_err(|_| ApiError::validation("Specified job flow ID not valid."))
    }
}

/// The cluster that a request is about, if it names one.
pub(in crate::sim) fn resource_named(body: &[u8]) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let named = ["ClusterId", "JobFlowId", "ResourceId"].into_iter().find_map(|name| body[name].as_str());
    named.or_else(|| body["JobFlowIds"][0].as_str()).map(str::to_owned)
}

fn json(value: &impl Serialize) -> Answer {
    serde_json::to_vec(value).map_err(|error| ApiError::from_json(&error))
}

/// The answer of an operation whose output has no members.
fn empty_object() -> Vec<u8> {
    b"{}".to_vec()
}

/// The answer of an operation that has no output.
const fn void() -> Vec<u8> {
    Vec::new()
}

/// Refuses to change a cluster that has ended or is about to.
fn check_not_ending(cluster: &Cluster) -> Result<(), ApiError> {
    if cluster.state().is_ending() {
        Err(ApiError::validation("A job flow that is shutting down, terminated, or finished may not be modified."))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// The quotas that are published, as they are in every new account.
    #[rstest]
    #[case("ListClusters", 20.0, 0.5)]
    #[case("DescribeCluster", 10.0, 1.0)]
    #[case("ListSteps", 10.0, 0.5)]
    #[case("ListInstanceGroups", 10.0, 1.0)]
    #[case("DescribeStep", 10.0, 0.5)]
    #[case("ListBootstrapActions", 10.0, 1.0)]
    #[case("ListInstances", 10.0, 0.5)]
    #[case("ListInstanceFleets", 5.0, 0.5)]
    #[case("CancelSteps", 10.0, 0.5)]
    #[case("AddJobFlowSteps", 10.0, 0.5)]
    #[case("RunJobFlow", 10.0, 0.5)]
    #[case("TerminateJobFlows", 10.0, 0.5)]
    #[case("ModifyInstanceGroups", 5.0, 0.5)]
    #[case("ModifyInstanceFleet", 5.0, 0.5)]
    #[case("ModifyCluster", 10.0, 0.5)]
    #[case("AddInstanceGroups", 5.0, 0.2)]
    #[case("AddInstanceFleet", 5.0, 0.5)]
    #[case("SetTerminationProtection", 5.0, 0.2)]
    #[case("AddTags", 5.0, 0.5)]
    #[case("RemoveTags", 5.0, 0.5)]
    fn quotas_are_the_published_ones(#[case] name: &str, #[case] burst: f64, #[case] refill: f64) {
        assert_eq!(operation(name).and_then(|operation| operation.limit), Some(Limit { burst, refill }));
    }

    #[test]
    fn an_operation_is_there_once() {
        let mut names: Vec<&str> = operation_names().collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), OPERATIONS.len());
        assert!(operation("DescribeJobFlows").is_none());
    }

    #[test]
    fn the_cluster_of_a_request_is_found_by_any_name_for_it() {
        for body in [r#"{"ClusterId":"j-1"}"#, r#"{"JobFlowId":"j-1"}"#, r#"{"JobFlowIds":["j-1","j-2"]}"#] {
            assert_eq!(resource_named(body.as_bytes()).as_deref(), Some("j-1"));
        }
        assert_eq!(resource_named(b"{}"), None);
    }
}
