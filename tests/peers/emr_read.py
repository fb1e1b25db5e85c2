"""boto3 reads everything there is to read from the quiet scenario."""

import datetime

import boto3

from simulator import advance, by_name, calls, emr, fault, fleet, group, refused, state

DEV_KEY = "AKIASIMDEV0000000002"
client = emr()

# Who am I.
identity = boto3.client("sts").get_caller_identity()
assert identity["Account"] == "111111111111", identity
assert identity["Arn"] == "arn:aws:sts::111111111111:assumed-role/ops/me", identity
dev = boto3.client("sts", aws_access_key_id=DEV_KEY, aws_secret_access_key="x").get_caller_identity()
assert dev["Account"] == "222222222222", dev

# Clusters, by state and by time.
clusters = by_name(client)
assert set(clusters) >= {"etl-nightly", "clickstream", "ml-features", "search-index", "risk-scoring"}, clusters
active = client.list_clusters(ClusterStates=["RUNNING", "WAITING"])["Clusters"]
assert len(active) == 4, active
failed = client.list_clusters(ClusterStates=["TERMINATED_WITH_ERRORS"])["Clusters"]
assert failed[0]["Status"]["StateChangeReason"] == {"Code": "STEP_FAILURE", "Message": "Shut down as step failed"}
start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
young = client.list_clusters(CreatedAfter=start - datetime.timedelta(hours=3, minutes=30))["Clusters"]
assert [cluster["Name"] for cluster in young] == ["search-index"], young
old = client.list_clusters(CreatedBefore=start - datetime.timedelta(hours=24))["Clusters"]
assert [cluster["Name"] for cluster in old] == ["clickstream"], old
assert {c["Name"] for c in emr(region="eu-west-1").list_clusters()["Clusters"]} == {"reports"}
assert set(by_name(emr(key=DEV_KEY))) == {"ad-hoc-analytics", "bootstrap-trouble"}

# One cluster in full.
etl = clusters["etl-nightly"]["Id"]
cluster = client.describe_cluster(ClusterId=etl)["Cluster"]
assert cluster["ReleaseLabel"] == "emr-7.9.0" and cluster["TerminationProtected"] is True, cluster
assert {"Name": "Spark", "Version": "3.5.5"} in cluster["Applications"], cluster
assert {"Key": "env", "Value": "prod"} in cluster["Tags"], cluster
assert cluster["InstanceCollectionType"] == "INSTANCE_GROUP"
assert cluster["Status"]["Timeline"]["CreationDateTime"].tzinfo is not None
assert cluster["MasterPublicDnsName"].endswith(".ec2.internal"), cluster
broken = emr(key=DEV_KEY).describe_cluster(ClusterId="j-QUIETBOOTFAIL")["Cluster"]["Status"]
assert broken["ErrorDetails"][0]["ErrorCode"] == "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE", broken
assert {"return-code": "1"} in broken["ErrorDetails"][0]["ErrorData"], broken

# Groups, fleets, machines.
task = group(client, etl, "TASK")
assert (task["Market"], task["RequestedInstanceCount"], task["RunningInstanceCount"]) == ("SPOT", 6, 6), task
assert task["BidPrice"] == "0.30"
stalled = group(client, clusters["search-index"]["Id"], "TASK")
assert (stalled["Status"]["State"], stalled["RunningInstanceCount"]) == ("SUSPENDED", 3), stalled
clickstream = clusters["clickstream"]["Id"]
spot = fleet(client, clickstream, "TASK")
assert spot["TargetSpotCapacity"] == 18 and 18 <= spot["ProvisionedSpotCapacity"] < 22, spot
assert {kind["WeightedCapacity"] for kind in spot["InstanceTypeSpecifications"]} == {1, 2, 4}
code, message = refused(client.list_instance_groups, ClusterId=clickstream)
assert code == "InvalidRequestException" and "Use the ListInstanceFleets operation" in message, message
code, message = refused(client.list_instance_fleets, ClusterId=etl)
assert code == "InvalidRequestException" and "Use the ListInstanceGroups operation" in message, message
machines = client.list_instances(ClusterId=etl, InstanceGroupTypes=["TASK"])["Instances"]
assert len(machines) == 6 and all(machine["Market"] == "SPOT" for machine in machines), machines
assert all(machine["Ec2InstanceId"].startswith("i-") for machine in machines)
by_fleet = client.list_instances(ClusterId=clickstream, InstanceFleetType="CORE", InstanceStates=["RUNNING"])
assert len(by_fleet["Instances"]) == 2, by_fleet
by_group = client.list_instances(ClusterId=etl, InstanceGroupId=task["Id"])["Instances"]
assert len(by_group) == 6

# Steps: newest first, three pages, details of a failure.
assert [s["Name"] for s in client.list_steps(ClusterId=etl)["Steps"]][:2] == ["join-shipments", "orders-to-parquet"]
pages = list(client.get_paginator("list_steps").paginate(ClusterId=clickstream))
steps = [step for page in pages for step in page["Steps"]]
assert len(pages) == 2 and len(steps) > 50, (len(pages), len(steps))
created = [step["Status"]["Timeline"]["CreationDateTime"] for step in steps]
assert created == sorted(created, reverse=True)
three = client.list_steps(ClusterId=clickstream, StepIds=[step["Id"] for step in steps[:3]])["Steps"]
assert {step["Id"] for step in three} == {step["Id"] for step in steps[:3]}
ml = clusters["ml-features"]["Id"]
failed = client.list_steps(ClusterId=ml, StepStates=["FAILED"])["Steps"]
lost = max(failed, key=lambda step: step["Status"]["Timeline"]["CreationDateTime"])
details = client.describe_step(ClusterId=ml, StepId=lost["Id"])["Step"]["Status"]["FailureDetails"]
assert details["Reason"] == "Out of memory." and details["LogFile"].endswith("/stderr.gz"), details
assert refused(client.describe_step, ClusterId=ml, StepId="s-1")[0] == "InvalidRequestException"
assert refused(client.list_steps, ClusterId=ml, StepIds=["s-1"])[0] == "InvalidRequestException"

# Bootstrap actions and policies.
reports = emr(region="eu-west-1")
actions = reports.list_bootstrap_actions(ClusterId="j-QUIETREPORTS0")["BootstrapActions"]
assert [(action["Name"], action["Args"]) for action in actions] == [
    ("install-agents", ["--quiet"]),
    ("tune-kernel", []),
], actions
limits = client.get_managed_scaling_policy(ClusterId=ml)["ManagedScalingPolicy"]["ComputeLimits"]
assert limits == {
    "UnitType": "Instances",
    "MinimumCapacityUnits": 2,
    "MaximumCapacityUnits": 20,
    "MaximumOnDemandCapacityUnits": 6,
    "MaximumCoreCapacityUnits": 4,
}, limits
assert "ManagedScalingPolicy" not in client.get_managed_scaling_policy(ClusterId=etl)
assert "AutoTerminationPolicy" not in client.get_auto_termination_policy(ClusterId=etl)

# What is not there.
code, message = refused(client.describe_cluster, ClusterId="j-1")
assert (code, message) == ("InvalidRequestException", "Cluster id 'j-1' is not valid."), (code, message)
for call in (client.list_steps, client.list_instances, client.list_instance_groups, client.list_bootstrap_actions):
    assert refused(call, ClusterId="j-1")[0] == "InvalidRequestException"
assert refused(client.list_clusters, Marker="nonsense")[0] == "InvalidRequestException"
assert refused(client.list_clusters, ClusterStates=["ASLEEP"])[0] == "ValidationException"

# Nothing moves here by itself.
before = by_name(client)
advance(86_400)
assert {name: cluster["Status"] for name, cluster in by_name(client).items()} == {
    name: cluster["Status"] for name, cluster in before.items()
}
assert state(client, etl) == "RUNNING"

# The log has every call with its arguments.
log = calls("ListSteps")
assert [call["arguments"] for call in log if call["status"] == 400] == [{"ClusterId": ml, "StepIds": ["s-1"]}, {"ClusterId": "j-1"}]

# Words that the model does not have are noticed: by the check of every answer, and by nobody else.
fault(fault="unknown-words", count=1)
try:
    client.list_clusters()
    raise SystemExit("HIBERNATING must be noticed")
except AssertionError as error:
    assert "HIBERNATING" in str(error), error
