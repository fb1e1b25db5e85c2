"""boto3 changes everything there is to change, and waits for it as its users do."""

from simulator import advance, by_name, calls, emr, fault, fleet, group, refused, state, step, wait

client = emr()
clusters = by_name(client)
etl, clickstream, ml = (clusters[name]["Id"] for name in ("etl-nightly", "clickstream", "ml-features"))


def is_void(answer):
    return set(answer) == {"ResponseMetadata"} and answer["ResponseMetadata"]["HTTPStatusCode"] == 200


# --- a cluster from its first call to its last --------------------------------------------------------------------

new = client.run_job_flow(
    Name="made by boto3",
    ReleaseLabel="emr-7.5.0",
    LogUri="s3://logs/emr/",
    Applications=[{"Name": "Spark"}, {"Name": "Hadoop"}],
    Configurations=[{"Classification": "spark-defaults", "Properties": {"spark.executor.memory": "8g"}}],
    BootstrapActions=[{"Name": "agents", "ScriptBootstrapAction": {"Path": "s3://acme/a.sh", "Args": ["-q"]}}],
    Tags=[{"Key": "team", "Value": "data"}],
    Steps=[step("first", 120), step("second", 30, fails="class-not-found")],
    ServiceRole="EMR_DefaultRole",
    JobFlowRole="EMR_EC2_DefaultRole",
    StepConcurrencyLevel=1,
    AutoTerminationPolicy={"IdleTimeout": 3600},
    ManagedScalingPolicy={
        "ComputeLimits": {"UnitType": "Instances", "MinimumCapacityUnits": 1, "MaximumCapacityUnits": 9}
    },
    Instances={
        "KeepJobFlowAliveWhenNoSteps": True,
        "TerminationProtected": True,
        "Ec2SubnetId": "subnet-1",
        "InstanceGroups": [
            {"Name": "m", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
            {
                "Name": "c",
                "InstanceRole": "CORE",
                "InstanceType": "r5.2xlarge",
                "InstanceCount": 3,
                "EbsConfiguration": {
                    "EbsBlockDeviceConfigs": [
                        {"VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64}, "VolumesPerInstance": 2}
                    ]
                },
            },
        ],
    },
)
made = new["JobFlowId"]
assert new["ClusterArn"] == f"arn:aws:elasticmapreduce:us-east-1:111111111111:cluster/{made}", new
assert state(client, made) == "STARTING"
assert made not in {cluster["Id"] for cluster in client.list_clusters()["Clusters"]}, "the listing lags"
wait(client, "cluster_running", 20, ClusterId=made)
first, second = reversed(client.list_steps(ClusterId=made)["Steps"])
wait(client, "step_complete", 20, ClusterId=made, StepId=first["Id"])
advance(120)
second = client.describe_step(ClusterId=made, StepId=second["Id"])["Step"]
assert second["Status"]["State"] == "FAILED", second
assert "ClassNotFoundException" in second["Status"]["FailureDetails"]["Message"]
assert second["Status"]["FailureDetails"]["LogFile"] == f"s3://logs/emr/{made}/steps/{second['Id']}/stderr.gz"

full = client.describe_cluster(ClusterId=made)["Cluster"]
assert full["Configurations"][0]["Properties"] == {"spark.executor.memory": "8g"}, full
assert {"Name": "Spark", "Version": "3.5.2"} in full["Applications"], full
assert full["Ec2InstanceAttributes"]["Ec2SubnetId"] == "subnet-1"
assert len(group(client, made, "CORE")["EbsBlockDevices"]) == 2
assert client.list_bootstrap_actions(ClusterId=made)["BootstrapActions"][0]["ScriptPath"] == "s3://acme/a.sh"
assert client.get_auto_termination_policy(ClusterId=made)["AutoTerminationPolicy"] == {"IdleTimeout": 3600}
assert client.get_managed_scaling_policy(ClusterId=made)["ManagedScalingPolicy"]["ComputeLimits"]["MaximumCapacityUnits"] == 9

protected = "Could not shut down one or more job flows since they are termination protected."
assert refused(client.terminate_job_flows, JobFlowIds=[made]) == ("ValidationException", protected)
assert is_void(client.set_termination_protection(JobFlowIds=[made], TerminationProtected=False))
assert is_void(client.terminate_job_flows(JobFlowIds=[made]))
wait(client, "cluster_terminated", 20, ClusterId=made)
assert client.describe_cluster(ClusterId=made)["Cluster"]["Status"]["StateChangeReason"]["Code"] == "USER_REQUEST"
gone = "A job flow that is shutting down, terminated, or finished may not be modified."
assert refused(client.add_job_flow_steps, JobFlowId=made, Steps=[step("late")]) == ("ValidationException", gone)
assert refused(client.set_termination_protection, JobFlowIds=[made], TerminationProtected=True)[1] == gone
assert refused(client.modify_cluster, ClusterId=made, StepConcurrencyLevel=2)[1] == gone

# --- mixed batches --------------------------------------------------------------------------------------------------

pair = [
    client.run_job_flow(
        Name=name,
        ReleaseLabel="emr-7.9.0",
        Instances={
            "MasterInstanceType": "m5.xlarge",
            "InstanceCount": 2,
            "KeepJobFlowAliveWhenNoSteps": True,
            "TerminationProtected": name == "kept",
        },
    )["JobFlowId"]
    for name in ("kept", "open")
]
assert refused(client.terminate_job_flows, JobFlowIds=[*pair, "j-1"])[1] == "Specified job flow ID not valid."
assert state(client, pair[1]) == "STARTING"
assert refused(client.terminate_job_flows, JobFlowIds=pair) == ("ValidationException", protected)
assert (state(client, pair[0]), state(client, pair[1])) == ("STARTING", "TERMINATING")

core = group(client, pair[0], "CORE")["Id"]
code, message = refused(client.modify_instance_groups, InstanceGroups=[{"InstanceGroupId": core, "InstanceCount": 3}])
assert message == "An instance group may only be modified when the cluster is running or waiting.", message

# --- sizes of groups ------------------------------------------------------------------------------------------------

task = group(client, etl, "TASK")
answer = client.modify_instance_groups(
    ClusterId=etl, InstanceGroups=[{"InstanceGroupId": task["Id"], "InstanceCount": 9}]
)
assert is_void(answer)
assert group(client, etl, "TASK")["RequestedInstanceCount"] == 6, "it changes a moment later"
advance(5)
growing = group(client, etl, "TASK")
assert (growing["RequestedInstanceCount"], growing["Status"]["State"]) == (9, "RESIZING"), growing
advance(400)
grown = group(client, etl, "TASK")
assert (grown["RunningInstanceCount"], grown["Status"]["State"]) == (9, "RUNNING"), grown
client.modify_instance_groups(
    InstanceGroups=[
        {"InstanceGroupId": task["Id"], "InstanceCount": 2, "ShrinkPolicy": {"DecommissionTimeout": 120}}
    ]
)
advance(130)
assert group(client, etl, "TASK")["RunningInstanceCount"] == 2
master = group(client, etl, "MASTER")["Id"]
code, message = refused(client.modify_instance_groups, InstanceGroups=[{"InstanceGroupId": master, "InstanceCount": 3}])
assert (code, message) == ("ValidationException", "A master instance group may not be modified")
code, message = refused(
    client.modify_instance_groups, ClusterId=pair[0], InstanceGroups=[{"InstanceGroupId": "ig-1", "InstanceCount": 3}]
)
assert code == "InvalidRequestException", message

# A group that gave up tries again when its size is set again.
search = clusters["search-index"]["Id"]
stalled = group(client, search, "TASK")
assert stalled["Status"]["State"] == "SUSPENDED"
client.modify_instance_groups(ClusterId=search, InstanceGroups=[{"InstanceGroupId": stalled["Id"], "InstanceCount": 8}])
advance(400)
assert group(client, search, "TASK")["RunningInstanceCount"] == 8

added = client.add_instance_groups(
    JobFlowId=etl,
    InstanceGroups=[
        {"Name": "burst", "InstanceRole": "TASK", "InstanceType": "c5.4xlarge", "InstanceCount": 2, "Market": "SPOT"}
    ],
)
assert added["JobFlowId"] == etl and added["InstanceGroupIds"][0].startswith("ig-"), added

# --- sizes of fleets ------------------------------------------------------------------------------------------------

spot = fleet(client, clickstream, "TASK")
assert is_void(
    client.modify_instance_fleet(
        ClusterId=clickstream,
        InstanceFleet={"InstanceFleetId": spot["Id"], "TargetOnDemandCapacity": 2, "TargetSpotCapacity": 30},
    )
)
assert fleet(client, clickstream, "TASK")["TargetSpotCapacity"] == 18
advance(400)
spot = fleet(client, clickstream, "TASK")
assert spot["TargetSpotCapacity"] == 30 and 30 <= spot["ProvisionedSpotCapacity"] < 34, spot
code, message = refused(
    client.modify_instance_fleet,
    ClusterId=clickstream,
    InstanceFleet={"InstanceFleetId": fleet(client, clickstream, "MASTER")["Id"], "TargetOnDemandCapacity": 2},
)
assert code == "InvalidRequestException", message
code, message = refused(
    client.add_instance_fleet,
    ClusterId=clickstream,
    InstanceFleet={
        "InstanceFleetType": "TASK",
        "TargetSpotCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
    },
)
assert code == "InvalidRequestException" and "already" in message, message
fleets = client.run_job_flow(
    Name="fleets",
    ReleaseLabel="emr-7.9.0",
    Instances={
        "KeepJobFlowAliveWhenNoSteps": True,
        "InstanceFleets": [
            {"InstanceFleetType": role, "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]}
            for role in ("MASTER", "CORE")
        ],
    },
)["JobFlowId"]
wait(client, "cluster_running", 20, ClusterId=fleets)
added = client.add_instance_fleet(
    ClusterId=fleets,
    InstanceFleet={
        "InstanceFleetType": "TASK",
        "TargetSpotCapacity": 7,
        "InstanceTypeConfigs": [{"InstanceType": "m5.2xlarge", "WeightedCapacity": 2}],
        "ResizeSpecifications": {"SpotResizeSpecification": {"TimeoutDurationMinutes": 10}},
    },
)
assert added["ClusterId"] == fleets and added["InstanceFleetId"].startswith("if-"), added
advance(400)
assert fleet(client, fleets, "TASK")["ProvisionedSpotCapacity"] == 8

# --- steps ----------------------------------------------------------------------------------------------------------

ids = client.add_job_flow_steps(JobFlowId=clickstream, Steps=[step("long", 900), step("next"), step("last")])["StepIds"]
advance(10)
answer = client.cancel_steps(
    ClusterId=clickstream, StepIds=[ids[0], ids[2], "s-1"], StepCancellationOption="TERMINATE_PROCESS"
)
assert [info["Status"] for info in answer["CancelStepsInfoList"]] == ["SUBMITTED", "SUBMITTED", "FAILED"], answer
wait(client, "step_complete", 15, ClusterId=clickstream, StepId=ids[1])
states = {one["Id"]: one["Status"]["State"] for one in client.list_steps(ClusterId=clickstream, StepIds=ids)["Steps"]}
assert [states[one] for one in ids] == ["CANCELLED", "COMPLETED", "CANCELLED"], states

# --- policies, tags and the rest ------------------------------------------------------------------------------------

limits = {"UnitType": "Instances", "MinimumCapacityUnits": 12, "MaximumCapacityUnits": 20}
assert is_void(client.put_managed_scaling_policy(ClusterId=ml, ManagedScalingPolicy={"ComputeLimits": limits}))
assert client.get_managed_scaling_policy(ClusterId=ml)["ManagedScalingPolicy"]["ComputeLimits"] == limits
advance(65)
assert group(client, ml, "TASK")["RequestedInstanceCount"] == 9, "the scaler grows to the new minimum"
client.modify_instance_groups(
    ClusterId=ml, InstanceGroups=[{"InstanceGroupId": group(client, ml, "TASK")["Id"], "InstanceCount": 1}]
)
advance(5)
assert group(client, ml, "TASK")["RequestedInstanceCount"] == 1
advance(60)
assert group(client, ml, "TASK")["RequestedInstanceCount"] == 9, "and puts back what somebody else set"
assert is_void(client.remove_managed_scaling_policy(ClusterId=ml))
assert "ManagedScalingPolicy" not in client.get_managed_scaling_policy(ClusterId=ml)
code, _ = refused(
    client.put_managed_scaling_policy,
    ClusterId=clickstream,
    ManagedScalingPolicy={"ComputeLimits": limits},
)
assert code == "ValidationException"

assert is_void(client.put_auto_termination_policy(ClusterId=ml, AutoTerminationPolicy={"IdleTimeout": 7200}))
assert client.get_auto_termination_policy(ClusterId=ml)["AutoTerminationPolicy"] == {"IdleTimeout": 7200}
assert is_void(client.remove_auto_termination_policy(ClusterId=ml))
assert "AutoTerminationPolicy" not in client.get_auto_termination_policy(ClusterId=ml)
code, _ = refused(client.put_auto_termination_policy, ClusterId=ml, AutoTerminationPolicy={"IdleTimeout": 5})
assert code == "ValidationException"

assert is_void(client.add_tags(ResourceId=ml, Tags=[{"Key": "owner", "Value": "me"}, {"Key": "env", "Value": "test"}]))
tags = {tag["Key"]: tag["Value"] for tag in client.describe_cluster(ClusterId=ml)["Cluster"]["Tags"]}
assert tags == {"team": "ml", "env": "test", "owner": "me"}, tags
assert is_void(client.remove_tags(ResourceId=ml, TagKeys=["owner", "nothing"]))
tags = {tag["Key"] for tag in client.describe_cluster(ClusterId=ml)["Cluster"]["Tags"]}
assert tags == {"team", "env"}, tags

assert client.modify_cluster(ClusterId=ml, StepConcurrencyLevel=7)["StepConcurrencyLevel"] == 7
assert client.describe_cluster(ClusterId=ml)["Cluster"]["StepConcurrencyLevel"] == 7
assert refused(client.modify_cluster, ClusterId=ml, StepConcurrencyLevel=0)[0] == "ValidationException"
assert is_void(client.set_unhealthy_node_replacement(JobFlowIds=[ml], UnhealthyNodeReplacement=True))
assert client.describe_cluster(ClusterId=ml)["Cluster"]["UnhealthyNodeReplacement"] is True

# --- what goes wrong on the way -------------------------------------------------------------------------------------

fault(fault="expired", count=1)
assert refused(client.list_clusters)[0] == "ExpiredTokenException"
fault(fault="denied", op="ListSteps", count=1)
code, message = refused(client.list_steps, ClusterId=ml)
assert code == "AccessDeniedException" and "elasticmapreduce:ListSteps" in message, message
fault(fault="lost-answer", op="TerminateJobFlows", count=1)
try:
    client.terminate_job_flows(JobFlowIds=[fleets])
    raise AssertionError("the answer must be lost")
except Exception as error:  # every layer of the client has a name of its own for it
    assert "Connection" in type(error).__name__, error
assert state(client, fleets) == "TERMINATING"
sent = [call for call in calls("TerminateJobFlows") if call["arguments"]["JobFlowIds"] == [fleets]]
assert len(sent) == 1 and sent[0]["carried_out"] and sent[0]["status"] is None, sent
