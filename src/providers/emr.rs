//! AWS EMR on EC2, through the official client.

mod actions;
mod clusters;
mod connect;
mod discover;
mod error;
mod jobs;
mod map;

use async_trait::async_trait;

use crate::domain::{
    CallText, Change, ClusterId, Grouping, Identity, JobPage, Node, NodeGroup, Policies, ProviderError, Quota,
};

use super::{CallCx, Inspection, ListScope, Outcome, PageSink, Provider, Receipt};

pub use connect::connect;

/// Request quotas of EMR, per account and region, as documented; accounts may have raised ones.
pub const QUOTAS: &[(&str, Quota)] = &[
    ("*", Quota { burst: 25.0, per_second: 5.0 }),
    ("ListClusters", Quota { burst: 20.0, per_second: 0.5 }),
    ("DescribeCluster", Quota { burst: 10.0, per_second: 1.0 }),
    ("ListInstanceGroups", Quota { burst: 10.0, per_second: 1.0 }),
    ("ListInstanceFleets", Quota { burst: 5.0, per_second: 0.5 }),
    ("ListInstances", Quota { burst: 10.0, per_second: 0.5 }),
    ("ListSteps", Quota { burst: 10.0, per_second: 0.5 }),
    ("ModifyInstanceGroups", Quota { burst: 5.0, per_second: 0.5 }),
    ("ModifyInstanceFleet", Quota { burst: 5.0, per_second: 0.5 }),
    ("SetTerminationProtection", Quota { burst: 5.0, per_second: 0.2 }),
    ("TerminateJobFlows", Quota { burst: 10.0, per_second: 0.5 }),
];

/// Looks for AWS logins on this machine.
pub fn discover() -> super::Discovering {
    Box::pin(discover::discover())
}

/// One profile in one region.
#[derive(Debug)]
pub struct Emr {
    client: aws_sdk_emr::Client,
    sts: aws_sdk_sts::Client,
    /// For the command lines that an operator may copy.
    profile: Option<String>,
    region: Option<String>,
    /// The command that renews this login, if it is one that can be renewed so.
    login: Option<String>,
}

impl Emr {
    /// Makes one call: waits for the gate, bounds the time, names the error, tells the gate.
    async fn call<O, E, F>(&self, cx: &CallCx, operation: &'static str, request: F) -> Result<O, ProviderError>
    where
        F: Future<Output = Result<O, error::SdkFailure<E>>> + Send,
        E: std::error::Error + aws_smithy_types::error::metadata::ProvideErrorMetadata + Send + Sync + 'static,
    {
        cx.gate.pass(operation, cx.class).await;
        let result = match tokio::time::timeout(cx.timeout, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(failure)) => Err(error::from_sdk(operation, failure, self.login.as_deref())),
            Err(_) => Err(error::timeout(operation, cx.timeout)),
        };
        let outcome = match &result {
            Err(error) if matches!(error.kind, crate::domain::ErrorKind::Throttled { .. }) => Outcome::Throttled,
            _ => Outcome::Answered,
        };
        cx.gate.heard(operation, outcome);
        result
    }
}

#[async_trait]
impl Provider for Emr {
    async fn identity(&self, cx: &CallCx) -> Result<Identity, ProviderError> {
        // Not an EMR call: it does not count against EMR's quotas.
        let request = self.sts.get_caller_identity().send();
        match tokio::time::timeout(cx.timeout, request).await {
            Ok(Ok(answer)) => Ok(map::identity(&answer)),
            Ok(Err(failure)) => Err(error::from_sdk("GetCallerIdentity", failure, self.login.as_deref())),
            Err(_) => Err(error::timeout("GetCallerIdentity", cx.timeout)),
        }
    }

    async fn list(&self, cx: &CallCx, scope: ListScope, page: PageSink) -> Result<(), ProviderError> {
        self.list_clusters(cx, scope, page).await
    }

    async fn inspect(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Inspection, ProviderError> {
        self.describe_cluster(cx, cluster).await
    }

    async fn groups(
        &self,
        cx: &CallCx,
        cluster: &ClusterId,
        grouping: Grouping,
    ) -> Result<Vec<NodeGroup>, ProviderError> {
        self.list_groups(cx, cluster, grouping).await
    }

    async fn policies(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Policies, ProviderError> {
        self.get_policies(cx, cluster).await
    }

    async fn nodes(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Vec<Node>, ProviderError> {
        self.list_instances(cx, cluster).await
    }

    async fn jobs(&self, cx: &CallCx, cluster: &ClusterId, pages: usize) -> Result<JobPage, ProviderError> {
        self.list_steps(cx, cluster, pages).await
    }

    fn call_text(&self, cluster: &ClusterId, change: &Change) -> CallText {
        actions::call_text(cluster, change, self.profile.as_deref(), self.region.as_deref())
    }

    async fn send(&self, cx: &CallCx, cluster: &ClusterId, change: &Change) -> Result<Receipt, ProviderError> {
        self.send_change(cx, cluster, change).await
    }
}
