"""What the scripts that test the simulator share: clients for it, and its controls.

The simulator is found by the environment alone, as any AWS client finds it.
"""

import json
import os
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]


def emr(key=None, region=None, attempts=1):
    """A client that does not retry by itself, so that calls can be counted, and that holds every answer against the
    service's own model."""
    client = boto3.client(
        "emr",
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key="any" if key else None,
        config=Config(retries={"total_max_attempts": attempts}, read_timeout=20),
    )
    client.meta.events.register("before-parse.emr", check_answer)
    return client


def check_answer(operation_model, response_dict, **_):
    """A client skips members that it does not know: a misspelled one would never be missed."""
    if response_dict["status_code"] == 200:
        body = response_dict["body"]
        shape = operation_model.output_shape
        if shape is None:
            assert not body, f"{operation_model.name} has no output: {body}"
        else:
            check(json.loads(body), shape, operation_model.name)


def check(value, shape, where):
    kind = shape.type_name
    if kind == "structure":
        for name, member in value.items():
            assert name in shape.members, f"{where} has no member {name}"
            check(member, shape.members[name], f"{where}.{name}")
    elif kind == "list":
        for item in value:
            check(item, shape.member, f"{where}[]")
    elif kind == "map":
        for item in value.values():
            check(item, shape.value, f"{where}{{}}")
    else:
        types = {"string": str, "boolean": bool, "timestamp": (int, float), "integer": int, "long": int, "double": float}
        assert isinstance(value, types[kind]), f"{where} is a {kind}: {value!r}"
        assert not getattr(shape, "enum", None) or value in shape.enum, f"{where}: {value!r} is none of {shape.enum}"


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ENDPOINT}/_sim/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def advance(seconds):
    """Lets simulated time pass."""
    control("POST", "clock", {"advance_s": seconds})


def fault(**rule):
    return control("POST", "faults", rule)


def calls(operation):
    return control("GET", f"calls?op={operation}")["calls"]


def refused(call, **arguments):
    """The code and message of the error that a call must end with."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError(f"{arguments} must be refused")


def by_name(client):
    """Every cluster of a listing, by its name."""
    pages = client.get_paginator("list_clusters").paginate()
    return {cluster["Name"]: cluster for page in pages for cluster in page["Clusters"]}


def state(client, cluster):
    return client.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"]


def group(client, cluster, role):
    """The instance group of a cluster with this role."""
    groups = client.list_instance_groups(ClusterId=cluster)["InstanceGroups"]
    return next(group for group in groups if group["InstanceGroupType"] == role)


def fleet(client, cluster, role):
    """The instance fleet of a cluster with this role."""
    fleets = client.list_instance_fleets(ClusterId=cluster)["InstanceFleets"]
    return next(fleet for fleet in fleets if fleet["InstanceFleetType"] == role)


def step(name, seconds=60, fails=None, on_failure="CONTINUE"):
    """A step that runs so long in simulated time and then ends so."""
    arguments = ["spark-submit", "--conf", f"spark.sim.lasts={seconds}s"]
    if fails:
        arguments += ["--conf", f"spark.sim.fails={fails}"]
    return {
        "Name": name,
        "ActionOnFailure": on_failure,
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": [*arguments, "s3://acme/job.jar"]},
    }


def wait(client, name, seconds, **arguments):
    """boto3's own waiter; every time it looks, simulated time has gone on."""
    operation = {"cluster_running": "DescribeCluster", "cluster_terminated": "DescribeCluster"}.get(name, "DescribeStep")
    event = f"before-call.emr.{operation}"

    def on_look(**_):
        advance(seconds)

    client.meta.events.register(event, on_look)
    try:
        client.get_waiter(name).wait(WaiterConfig={"Delay": 0, "MaxAttempts": 60}, **arguments)
    finally:
        client.meta.events.unregister(event, on_look)
