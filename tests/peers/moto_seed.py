"""Fills a moto server with clusters through boto3: argument 1 is the address, argument 2 how many."""

import sys

import boto3

endpoint, count = sys.argv[1], int(sys.argv[2])
emr = boto3.client(
    "emr", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKIATEST", aws_secret_access_key="any"
)


def group(role, count, market="ON_DEMAND"):
    bid = {"BidPrice": "0.10"} if market == "SPOT" else {}
    return dict(
        Name=role.lower(), InstanceRole=role, InstanceType="m5.xlarge", InstanceCount=count, Market=market, **bid
    )


for number in range(count):
    # Only the first few have machines worth looking at: moto makes each of them.
    is_rich = number < 3
    groups = [group("MASTER", 1)]
    if is_rich:
        groups += [group("CORE", 2), group("TASK", 4, "SPOT")]
    emr.run_job_flow(
        Name=f"cluster-{number:03}",
        LogUri="s3://logs/",
        ReleaseLabel="emr-7.9.0",
        Applications=[dict(Name="Spark")],
        JobFlowRole="EMR_EC2_DefaultRole",
        ServiceRole="EMR_DefaultRole",
        VisibleToAllUsers=True,
        Instances=dict(
            InstanceGroups=groups,
            KeepJobFlowAliveWhenNoSteps=True,
            TerminationProtected=number == 1,
            Ec2SubnetId="subnet-1",
        ),
        Steps=[
            dict(
                Name=f"step-{step}",
                ActionOnFailure="CONTINUE",
                HadoopJarStep=dict(Jar="command-runner.jar", Args=["spark-submit", "s3://jobs/job.py"]),
            )
            for step in range(3 if is_rich else 0)
        ],
        Tags=[dict(Key="team", Value="data"), dict(Key="number", Value=str(number))],
    )
print(count)
