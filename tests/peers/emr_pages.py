"""boto3's paginators over many pages: every thing once, while others come and go."""

from simulator import advance, emr, fault, step

client = emr()


def all_of(operation, key, **arguments):
    pages = [page[key] for page in client.get_paginator(operation).paginate(**arguments)]
    assert all(len(page) <= 50 for page in pages)
    return pages, [thing["Id"] for page in pages for thing in page]


# 230 clusters are five pages.
pages, ids = all_of("list_clusters", "Clusters")
assert [len(page) for page in pages] == [50, 50, 50, 50, 30], [len(page) for page in pages]
assert len(set(ids)) == 230
created = [cluster["Status"]["Timeline"]["CreationDateTime"] for page in pages for cluster in page]
assert created != sorted(created) and created != sorted(created, reverse=True), "the order means nothing"

# New clusters between two pages: those that were there come once each.
seen = []
for page in client.get_paginator("list_clusters").paginate():
    seen += [cluster["Id"] for cluster in page["Clusters"]]
    client.run_job_flow(
        Name="between two pages",
        ReleaseLabel="emr-7.9.0",
        Instances={"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True},
    )
    advance(10)
assert len(seen) == len(set(seen)) and set(ids) <= set(seen)

# Steps: 170 on one cluster are four pages, newest first.
waiting = client.list_clusters(ClusterStates=["WAITING"])["Clusters"][0]["Id"]
had = len(all_of("list_steps", "Steps", ClusterId=waiting)[1])
client.modify_cluster(ClusterId=waiting, StepConcurrencyLevel=256)
for number in range(0, 170, 85):
    client.add_job_flow_steps(JobFlowId=waiting, Steps=[step(f"step {number + n}") for n in range(85)])
pages, ids = all_of("list_steps", "Steps", ClusterId=waiting)
assert len(ids) == len(set(ids)) == had + 170, (len(ids), had)
assert [one["Name"] for one in pages[0][:2]] == ["step 169", "step 168"]

# Machines of a cluster with more than three pages of them.
big = client.run_job_flow(
    Name="big",
    ReleaseLabel="emr-7.9.0",
    Instances={"MasterInstanceType": "m5.xlarge", "InstanceCount": 180, "KeepJobFlowAliveWhenNoSteps": True},
)["JobFlowId"]
pages, ids = all_of("list_instances", "Instances", ClusterId=big)
assert len(pages) == 4 and len(set(ids)) == 180, len(ids)
for operation, key, count in [("list_instance_groups", "InstanceGroups", 2), ("list_bootstrap_actions", "BootstrapActions", 0)]:
    assert sum(len(page[key]) for page in client.get_paginator(operation).paginate(ClusterId=big)) == count

# A page that is throttled is asked for again by boto3, and nothing is missed.
fault(fault="throttle", op="ListClusters", count=2)
patient = emr(attempts=5)
again = [cluster["Id"] for page in patient.get_paginator("list_clusters").paginate() for cluster in page["Clusters"]]
assert set(seen) <= set(again)
