//! A world on the bench, for tests: a clock that moves only when told, and calls without a socket.

use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::aws::{self, Incoming};
use super::outgoing::Outgoing;
use super::scenario::ScenarioSource;
use super::world::{Settings, World};

/// An account without clusters, in which nothing moves by itself.
pub(super) const EMPTY: &str = r#"
name = "bench"
description = "for tests"
start = "2026-01-01T00:00:00Z"
speed = 0.0
quotas = "off"
[[account]]
id = "123456789012"
name = "prod"
access_key = "KEY"
regions = ["us-east-1", "eu-west-1"]
[[account]]
id = "210987654321"
name = "dev"
access_key = "DEVKEY"
regions = ["us-east-1"]
"#;

pub(super) struct Bench {
    pub(super) world: World,
    key: &'static str,
    region: &'static str,
}

impl Bench {
    /// The empty scenario with something added.
    pub(super) fn with(text: &str) -> Self {
        Self::seeded(text, 1)
    }

    pub(super) fn seeded(text: &str, seed: u64) -> Self {
        let source = ScenarioSource::Text { name: "bench.toml".to_owned(), text: format!("{EMPTY}{text}") };
        Self::of(&source, Settings { seed: Some(seed), ..Settings::default() })
    }

    pub(super) fn of(source: &ScenarioSource, settings: Settings) -> Self {
        let start = "2026-01-01T00:00:00Z".parse().unwrap();
        let settings = Settings { speed: Some(0.0), quotas: Some(false), start: Some(start), ..settings };
        let world = World::new(source, settings, start).unwrap_or_else(|error| panic!("{error:?}"));
        Self { world, key: "KEY", region: "us-east-1" }
    }

    pub(super) fn advance(&mut self, seconds: u64) {
        self.advance_by(Duration::from_secs(seconds));
    }

    pub(super) fn advance_by(&mut self, by: Duration) {
        self.world.clock.advance(by);
        self.world.advance(Duration::ZERO);
    }

    pub(super) fn send(&mut self, operation: &str, body: &str) -> Outgoing {
        let mut headers = HeaderMap::new();
        let scope = format!("{}/20260101/{}/elasticmapreduce/aws4_request", self.key, self.region);
        headers.insert("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, Signature=00").parse().unwrap());
        headers.insert("x-amz-target", format!("ElasticMapReduce.{operation}").parse().unwrap());
        headers.insert("content-type", "application/x-amz-json-1.1".parse().unwrap());
        let request = Incoming {
            method: Method::POST,
            path: "/".to_owned(),
            headers,
            body: Bytes::copy_from_slice(body.as_bytes()),
            wall: Duration::ZERO,
        };
        aws::answer(&mut self.world, &request)
    }

    /// The answer, or the body of the error.
    pub(super) fn call(&mut self, operation: &str, arguments: &Value) -> Result<Value, Value> {
        let outgoing = self.send(operation, &arguments.to_string());
        let body = if outgoing.body.is_empty() { json!(null) } else { serde_json::from_slice(&outgoing.body).unwrap() };
        if outgoing.status == 200 { Ok(body) } else { Err(body) }
    }

    pub(super) fn ok(&mut self, operation: &str, arguments: &Value) -> Value {
        self.call(operation, arguments).unwrap_or_else(|error| panic!("{operation} {arguments}: {error}"))
    }

    /// The message of the error that a call must end with.
    pub(super) fn refused(&mut self, operation: &str, arguments: &Value) -> String {
        let error = self.call(operation, arguments).expect_err("must be refused");
        let message = error["message"].as_str().or(error["Message"].as_str()).unwrap_or_default();
        format!("{}: {message}", error["__type"].as_str().unwrap_or_default())
    }

    pub(super) fn describe(&mut self, cluster: &str) -> Value {
        self.ok("DescribeCluster", &json!({ "ClusterId": cluster }))["Cluster"].take()
    }

    pub(super) fn state(&mut self, cluster: &str) -> String {
        self.describe(cluster)["Status"]["State"].as_str().unwrap().to_owned()
    }

    /// The instance group or fleet with this role.
    pub(super) fn pool(&mut self, cluster: &str, role: &str) -> Value {
        let id = json!({ "ClusterId": cluster });
        let (list, kind) = match self.describe(cluster)["InstanceCollectionType"].as_str() {
            Some("INSTANCE_FLEET") => {
                (self.ok("ListInstanceFleets", &id)["InstanceFleets"].take(), "InstanceFleetType")
            }
            _ => (self.ok("ListInstanceGroups", &id)["InstanceGroups"].take(), "InstanceGroupType"),
        };
        let pools = list.as_array().unwrap().clone();
        pools.into_iter().find(|pool| pool[kind] == role).unwrap_or_else(|| panic!("no {role} in {list}"))
    }

    /// All pages of a listing.
    pub(super) fn pages(&mut self, operation: &str, member: &str, arguments: &Value) -> Vec<Value> {
        let mut items = Vec::new();
        let mut arguments = arguments.clone();
        loop {
            let mut page = self.ok(operation, &arguments);
            items.append(page[member].as_array_mut().unwrap());
            match page["Marker"].as_str() {
                Some(marker) => arguments["Marker"] = json!(marker),
                None => return items,
            }
        }
    }

    pub(super) fn instances(&mut self, cluster: &str, state: &str) -> Vec<Value> {
        let arguments = json!({ "ClusterId": cluster, "InstanceStates": [state] });
        self.pages("ListInstances", "Instances", &arguments)
    }

    /// The steps, newest first.
    pub(super) fn steps(&mut self, cluster: &str) -> Vec<Value> {
        self.pages("ListSteps", "Steps", &json!({ "ClusterId": cluster }))
    }

    pub(super) fn step_states(&mut self, cluster: &str) -> Vec<String> {
        let steps = self.steps(cluster);
        steps.iter().rev().map(|step| step["Status"]["State"].as_str().unwrap().to_owned()).collect()
    }

    /// Starts a cluster of instance groups with these steps; returns its id.
    pub(super) fn run(&mut self, mut arguments: Value) -> String {
        let usual = json!({
            "Name": "on the bench",
            "ReleaseLabel": "emr-7.9.0",
            "Instances": {
                "InstanceGroups": [group("MASTER", "ON_DEMAND", 1), group("CORE", "ON_DEMAND", 2)],
                "KeepJobFlowAliveWhenNoSteps": true,
            },
        });
        for (name, value) in usual.as_object().unwrap() {
            if arguments[name].is_null() {
                arguments[name] = value.clone();
            }
        }
        self.ok("RunJobFlow", &arguments)["JobFlowId"].as_str().unwrap().to_owned()
    }

    /// Advances second by second until the cluster is in a state; returns how long it took.
    pub(super) fn wait_for(&mut self, cluster: &str, state: &str) -> u64 {
        for seconds in 0..20_000 {
            if self.state(cluster) == state {
                return seconds;
            }
            self.advance(1);
        }
        panic!("{cluster} never got to be {state}: it is {}", self.state(cluster));
    }
}

pub(super) fn group(role: &str, market: &str, count: u32) -> Value {
    json!({ "Name": role, "InstanceRole": role, "InstanceType": "m5.xlarge", "InstanceCount": count, "Market": market })
}

/// A step that runs so long and then ends so.
pub(super) fn step(name: &str, seconds: u32, fails: Option<&str>, on_failure: &str) -> Value {
    let mut args = vec!["spark-submit".to_owned(), "--conf".to_owned(), format!("spark.sim.lasts={seconds}s")];
    args.extend(fails.into_iter().flat_map(|fails| ["--conf".to_owned(), format!("spark.sim.fails={fails}")]));
    args.push("s3://acme-artifacts/job.jar".to_owned());
    json!({
        "Name": name,
        "ActionOnFailure": on_failure,
        "HadoopJarStep": { "Jar": "command-runner.jar", "Args": args },
    })
}
