//! Changing clusters: one change, one call. What is shown before is built beside what is sent.

use std::time::Duration;

use aws_sdk_emr::types::{InstanceFleetModifyConfig, InstanceGroupModifyConfig, ShrinkPolicy};
use serde_json::{Value, json};

use crate::domain::{CallText, Change, ClusterId, GroupId, GroupSize, ProviderError};
use crate::providers::{CallCx, Receipt};

use super::Emr;

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// EMR takes whole seconds, and 0 would mean at once: at least one second.
fn decommission_seconds(graceful: Duration) -> i32 {
    i32::try_from(graceful.as_secs().max(1)).unwrap_or(i32::MAX)
}

/// The operation and its arguments, as they go over the wire.
fn wire(cluster: &ClusterId, change: &Change) -> (&'static str, Value) {
    match change {
        Change::SetProtection { on } => {
            ("SetTerminationProtection", json!({"JobFlowIds": [cluster], "TerminationProtected": on}))
        }
        Change::Terminate => ("TerminateJobFlows", json!({"JobFlowIds": [cluster]})),
        Change::ResizeGroup { group, to: GroupSize::Nodes(nodes), graceful, .. } => {
            let mut config = json!({"InstanceGroupId": group, "InstanceCount": count(*nodes)});
            if let Some(graceful) = graceful {
                config["ShrinkPolicy"] = json!({"DecommissionTimeout": decommission_seconds(*graceful)});
            }
            ("ModifyInstanceGroups", json!({"ClusterId": cluster, "InstanceGroups": [config]}))
        }
        Change::ResizeGroup { group, to: GroupSize::Units { on_demand, spot }, .. } => (
            "ModifyInstanceFleet",
            json!({"ClusterId": cluster, "InstanceFleet": {
                "InstanceFleetId": group,
                "TargetOnDemandCapacity": count(*on_demand),
                "TargetSpotCapacity": count(*spot),
            }}),
        ),
    }
}

/// The same as a line for the AWS CLI.
fn command(cluster: &ClusterId, change: &Change, profile: Option<&str>, region: Option<&str>) -> String {
    let mut words = match change {
        Change::SetProtection { on } => {
            let flag = if *on { "--termination-protected" } else { "--no-termination-protected" };
            format!("aws emr modify-cluster-attributes --cluster-id {cluster} {flag}")
        }
        Change::Terminate => format!("aws emr terminate-clusters --cluster-ids {cluster}"),
        Change::ResizeGroup { to: GroupSize::Nodes(_), .. } => {
            let (_, arguments) = wire(cluster, change);
            format!(
                "aws emr modify-instance-groups --cluster-id {cluster} --instance-groups '{}'",
                arguments["InstanceGroups"]
            )
        }
        Change::ResizeGroup { to: GroupSize::Units { .. }, .. } => {
            let (_, arguments) = wire(cluster, change);
            format!(
                "aws emr modify-instance-fleet --cluster-id {cluster} --instance-fleet '{}'",
                arguments["InstanceFleet"]
            )
        }
    };
    for (flag, value) in [("--profile", profile), ("--region", region)] {
        if let Some(value) = value {
            words = format!("{words} {flag} {value}");
        }
    }
    words
}

pub(super) fn call_text(cluster: &ClusterId, change: &Change, profile: Option<&str>, region: Option<&str>) -> CallText {
    let (operation, arguments) = wire(cluster, change);
    CallText {
        operation: operation.to_owned(),
        arguments: arguments.to_string(),
        command: command(cluster, change, profile, region),
    }
}

impl Emr {
    /// Sends one change, once: nothing here or below tries again.
    pub(super) async fn send_change(
        &self,
        cx: &CallCx,
        cluster: &ClusterId,
        change: &Change,
    ) -> Result<Receipt, ProviderError> {
        let id = cluster.as_str();
        match change {
            Change::SetProtection { on } => {
                let request = self.client.set_termination_protection().job_flow_ids(id).termination_protected(*on);
                self.call(cx, "SetTerminationProtection", request.send()).await.map(receipt)
            }
            Change::Terminate => {
                let request = self.client.terminate_job_flows().job_flow_ids(id);
                self.call(cx, "TerminateJobFlows", request.send()).await.map(receipt)
            }
            Change::ResizeGroup { group, to: GroupSize::Nodes(nodes), graceful, .. } => {
                let config = group_config(group, *nodes, *graceful);
                let request = self.client.modify_instance_groups().cluster_id(id).instance_groups(config);
                self.call(cx, "ModifyInstanceGroups", request.send()).await.map(receipt)
            }
            Change::ResizeGroup { group, to: GroupSize::Units { on_demand, spot }, .. } => {
                let fleet = InstanceFleetModifyConfig::builder()
                    .instance_fleet_id(group.as_str())
                    .target_on_demand_capacity(count(*on_demand))
                    .target_spot_capacity(count(*spot))
                    .build();
                let request = self.client.modify_instance_fleet().cluster_id(id).instance_fleet(fleet);
                self.call(cx, "ModifyInstanceFleet", request.send()).await.map(receipt)
            }
        }
    }
}

fn group_config(group: &GroupId, nodes: u32, graceful: Option<Duration>) -> InstanceGroupModifyConfig {
    let shrink =
        graceful.map(|graceful| ShrinkPolicy::builder().decommission_timeout(decommission_seconds(graceful)).build());
    InstanceGroupModifyConfig::builder()
        .instance_group_id(group.as_str())
        .instance_count(count(nodes))
        .set_shrink_policy(shrink)
        .build()
}

#[expect(clippy::needless_pass_by_value, reason = "taken as `map` hands it over")]
fn receipt(answer: impl aws_sdk_emr::operation::RequestId) -> Receipt {
    Receipt { request_id: answer.request_id().map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resize(to: GroupSize, graceful: Option<Duration>) -> Change {
        Change::ResizeGroup { group: "ig-1".into(), from: GroupSize::Nodes(8), to, graceful }
    }

    #[test]
    fn a_graceful_resize_names_its_timeout_in_seconds() {
        let text = call_text(
            &"j-1".into(),
            &resize(GroupSize::Nodes(4), Some(Duration::from_secs(3600))),
            Some("prod"),
            Some("us-east-1"),
        );
        assert_eq!(text.operation, "ModifyInstanceGroups");
        assert_eq!(
            text.arguments,
            r#"{"ClusterId":"j-1","InstanceGroups":[{"InstanceCount":4,"InstanceGroupId":"ig-1","ShrinkPolicy":{"DecommissionTimeout":3600}}]}"#
        );
        assert_eq!(
            text.command,
            r#"aws emr modify-instance-groups --cluster-id j-1 --instance-groups '[{"InstanceCount":4,"InstanceGroupId":"ig-1","ShrinkPolicy":{"DecommissionTimeout":3600}}]' --profile prod --region us-east-1"#
        );
    }

    #[test]
    fn a_fleet_is_resized_in_both_markets() {
        let text = call_text(&"j-1".into(), &resize(GroupSize::Units { on_demand: 2, spot: 6 }, None), None, None);
        assert_eq!(text.operation, "ModifyInstanceFleet");
        assert!(text.arguments.contains(r#""TargetOnDemandCapacity":2,"TargetSpotCapacity":6"#), "{}", text.arguments);
    }

    #[test]
    fn graceful_is_never_silently_at_once() {
        assert_eq!(decommission_seconds(Duration::from_millis(10)), 1);
    }
}
