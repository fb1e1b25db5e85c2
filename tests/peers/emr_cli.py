"""The AWS CLI, for every operation that it has a command for."""

import contextlib
import io
import json
import os
import sys

from awscli.clidriver import create_clidriver

from simulator import advance, calls, control

# The CLI is run in this process: starting it anew for each command takes longer than all of the commands.
os.environ["AWS_PAGER"] = ""
os.environ["AWS_MAX_ATTEMPTS"] = "1"


class Output(io.TextIOWrapper):
    """Standard output that the CLI may write text or bytes to."""

    def __init__(self):
        super().__init__(io.BytesIO(), encoding="utf-8")


def run(*arguments):
    out, err = Output(), Output()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = create_clidriver().main([*arguments, "--output", "json"])
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return code, *texts


def aws(*arguments):
    code, out, err = run(*arguments)
    assert code == 0, f"{arguments}: {err}"
    return json.loads(out) if out.strip() else None


def refused(*arguments):
    code, _, err = run(*arguments)
    assert code != 0, f"{arguments} must be refused"
    return err


def emr(*arguments):
    return aws("emr", *arguments)


assert aws("sts", "get-caller-identity")["Account"] == "111111111111"

# Reading.
active = {cluster["Name"]: cluster["Id"] for cluster in emr("list-clusters", "--active")["Clusters"]}
assert set(active) == {"etl-nightly", "clickstream", "ml-features", "search-index"}, active
etl, clickstream, ml = active["etl-nightly"], active["clickstream"], active["ml-features"]
assert {c["Name"] for c in emr("list-clusters", "--failed")["Clusters"]} == {"risk-scoring"}
full = emr("describe-cluster", "--cluster-id", etl)["Cluster"]
assert {group["InstanceGroupType"] for group in full["InstanceGroups"]} == {"MASTER", "CORE", "TASK"}, full
full = emr("describe-cluster", "--cluster-id", clickstream)["Cluster"]
assert len(full["InstanceFleets"]) == 3, full
assert len(emr("list-instances", "--cluster-id", etl, "--instance-group-types", "TASK")["Instances"]) == 6
assert len(emr("list-instances", "--cluster-id", clickstream, "--instance-states", "RUNNING")["Instances"]) > 3
assert len(emr("list-instance-fleets", "--cluster-id", clickstream)["InstanceFleets"]) == 3
steps = emr("list-steps", "--cluster-id", clickstream)["Steps"]
assert len(steps) > 50, "the CLI reads all pages"
one = emr("describe-step", "--cluster-id", clickstream, "--step-id", steps[0]["Id"])["Step"]
assert one["Name"] == steps[0]["Name"]
assert emr("get-managed-scaling-policy", "--cluster-id", ml)["ManagedScalingPolicy"]["ComputeLimits"]["MinimumCapacityUnits"] == 2
assert emr("get-auto-termination-policy", "--cluster-id", ml) in (None, {})
assert "Cluster id 'j-1' is not valid." in refused("emr", "describe-cluster", "--cluster-id", "j-1")

# Making.
made = emr(
    "create-cluster", "--name", "made by the CLI", "--release-label", "emr-7.9.0", "--applications", "Name=Spark",
    "--service-role", "EMR_DefaultRole", "--ec2-attributes", "InstanceProfile=EMR_EC2_DefaultRole,SubnetId=subnet-1",
    "--instance-groups", "InstanceGroupType=MASTER,InstanceCount=1,InstanceType=m5.xlarge",
    "InstanceGroupType=CORE,InstanceCount=2,InstanceType=m5.xlarge", "--no-auto-terminate",
    "--bootstrap-actions", "Path=s3://acme/agents.sh,Name=agents", "--tags", "team=cli",
)["ClusterId"]
advance(600)
emr("wait", "cluster-running", "--cluster-id", made)
assert emr("describe-cluster", "--cluster-id", made)["Cluster"]["BootstrapActions"][0]["Name"] == "agents"
ids = emr(
    "add-steps", "--cluster-id", made, "--steps",
    "Type=Spark,Name=one,ActionOnFailure=CONTINUE,Args=[--conf,spark.sim.lasts=30s,s3://acme/a.jar]",
    "Type=Spark,Name=two,ActionOnFailure=CONTINUE,Args=[--conf,spark.sim.lasts=900s,s3://acme/b.jar]",
)["StepIds"]
advance(60)
emr("wait", "step-complete", "--cluster-id", made, "--step-id", ids[0])
cancelled = emr("cancel-steps", "--cluster-id", made, "--step-ids", ids[1])["CancelStepsInfoList"]
assert cancelled[0]["Status"] == "SUBMITTED", cancelled
advance(40)
assert emr("list-steps", "--cluster-id", made, "--step-states", "CANCELLED")["Steps"][0]["Id"] == ids[1]

# Sizes.
added = emr(
    "add-instance-groups", "--cluster-id", made, "--instance-groups",
    "InstanceGroupType=TASK,InstanceCount=2,InstanceType=m5.xlarge",
)
task = added["InstanceGroupIds"][0]
advance(400)
emr("modify-instance-groups", "--cluster-id", made, "--instance-groups", f"InstanceGroupId={task},InstanceCount=5")
advance(400)
groups = emr("describe-cluster", "--cluster-id", made)["Cluster"]["InstanceGroups"]
assert next(group for group in groups if group["Id"] == task)["RunningInstanceCount"] == 5, groups
fleet = next(f for f in emr("list-instance-fleets", "--cluster-id", clickstream)["InstanceFleets"] if f["InstanceFleetType"] == "TASK")
emr(
    "modify-instance-fleet", "--cluster-id", clickstream, "--instance-fleet",
    f"InstanceFleetId={fleet['Id']},TargetOnDemandCapacity=2,TargetSpotCapacity=24",
)
advance(400)
fleet = next(f for f in emr("list-instance-fleets", "--cluster-id", clickstream)["InstanceFleets"] if f["InstanceFleetType"] == "TASK")
assert fleet["TargetSpotCapacity"] == 24 and fleet["ProvisionedSpotCapacity"] >= 24, fleet
assert "already" in refused(
    "emr", "add-instance-fleet", "--cluster-id", clickstream, "--instance-fleet",
    "InstanceFleetType=TASK,TargetSpotCapacity=2,InstanceTypeConfigs=[{InstanceType=m5.xlarge}]",
)

# Policies, tags, attributes.
emr(
    "put-managed-scaling-policy", "--cluster-id", made, "--managed-scaling-policy",
    "ComputeLimits={UnitType=Instances,MinimumCapacityUnits=2,MaximumCapacityUnits=10}",
)
assert emr("get-managed-scaling-policy", "--cluster-id", made)["ManagedScalingPolicy"]["ComputeLimits"]["MaximumCapacityUnits"] == 10
emr("remove-managed-scaling-policy", "--cluster-id", made)
emr("put-auto-termination-policy", "--cluster-id", made, "--auto-termination-policy", "IdleTimeout=7200")
assert emr("get-auto-termination-policy", "--cluster-id", made)["AutoTerminationPolicy"]["IdleTimeout"] == 7200
emr("remove-auto-termination-policy", "--cluster-id", made)
emr("add-tags", "--resource-id", made, "--tags", "owner=me", "cost-center=7")
emr("remove-tags", "--resource-id", made, "--tag-keys", "team")
tags = {tag["Key"] for tag in emr("describe-cluster", "--cluster-id", made)["Cluster"]["Tags"]}
assert tags == {"owner", "cost-center"}, tags
assert emr("modify-cluster", "--cluster-id", made, "--step-concurrency-level", "3")["StepConcurrencyLevel"] == 3
emr("modify-cluster-attributes", "--cluster-id", made, "--termination-protected")
emr("modify-cluster-attributes", "--cluster-id", made, "--unhealthy-node-replacement")
assert emr("describe-cluster", "--cluster-id", made)["Cluster"]["UnhealthyNodeReplacement"] is True

# The end.
assert "termination protected" in refused("emr", "terminate-clusters", "--cluster-ids", made)
emr("modify-cluster-attributes", "--cluster-id", made, "--no-termination-protected")
emr("terminate-clusters", "--cluster-ids", made)
advance(200)
emr("wait", "cluster-terminated", "--cluster-id", made)

# Every operation that the simulator serves was called by the CLI.
served = {
    "ListClusters", "DescribeCluster", "ListInstanceGroups", "ListInstanceFleets", "ListInstances", "ListSteps",
    "DescribeStep", "ListBootstrapActions", "GetManagedScalingPolicy", "PutManagedScalingPolicy",
    "RemoveManagedScalingPolicy", "GetAutoTerminationPolicy", "PutAutoTerminationPolicy",
    "RemoveAutoTerminationPolicy", "RunJobFlow", "AddJobFlowSteps", "CancelSteps", "ModifyInstanceGroups",
    "ModifyInstanceFleet", "AddInstanceGroups", "AddInstanceFleet", "SetTerminationProtection", "TerminateJobFlows",
    "ModifyCluster", "SetUnhealthyNodeReplacement", "AddTags", "RemoveTags", "GetCallerIdentity",
}
counts = control("GET", "state")["operations"]
assert served <= set(counts), served - set(counts)
assert all(call["status"] == 200 for call in calls("ModifyInstanceGroups"))
sys.stdout.flush()
