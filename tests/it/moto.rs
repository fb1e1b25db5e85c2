//! The real program against moto: a server that nobody here wrote, filled through boto3.

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, LazyLock, Mutex, Weak};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::deck::{Deck, Setting};
use crate::support::python;

/// More than two pages of 50.
const CLUSTERS: usize = 112;
const PATIENCE: Duration = Duration::from_secs(120);

struct Moto {
    server: Child,
    endpoint: String,
}

impl Moto {
    /// One server for all tests that run at the same time.
    fn shared() -> Arc<Self> {
        static ONE: LazyLock<Mutex<Weak<Moto>>> = LazyLock::new(Mutex::default);
        let mut one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(moto) = one.upgrade() {
            return moto;
        }
        let moto = Arc::new(Self::start());
        *one = Arc::downgrade(&moto);
        moto
    }

    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new(python())
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { server, endpoint: format!("http://127.0.0.1:{port}") };
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "moto does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        let seed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/moto_seed.py");
        let seeded = Command::new(python()).arg(seed).args([&moto.endpoint, &CLUSTERS.to_string()]).output().unwrap();
        assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
        moto
    }

    fn environment(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIATEST"),
            ("AWS_SECRET_ACCESS_KEY", "any"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let home = tempfile::TempDir::new().unwrap();
        Command::new(env!("CARGO_BIN_EXE_sparkdeck"))
            .args(arguments)
            .env_clear()
            .env("HOME", home.path())
            .envs(self.environment())
            .output()
            .unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What boto3 says of the cluster: the other side's view.
    fn boto(&self, expression: &str) -> Value {
        let script = format!(
            "import boto3, json\nemr = boto3.client('emr')\n\
             ids = {{c['Name']: c['Id'] for p in emr.get_paginator('list_clusters').paginate() for c in p['Clusters']}}\n\
             print(json.dumps({expression}, default=str))"
        );
        let output = Command::new(python()).args(["-c", &script]).envs(self.environment()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn deck(&self, cluster: &str) -> Deck {
        let mut deck = Setting::new(&["--operate", "--quota-share", "off"]).with(&self.environment()).start();
        deck.wait("cluster-000");
        deck.keys(&format!(":{cluster}<enter>"));
        deck.until("the selection", |screen| screen.lines().any(|line| line.contains('▌') && line.contains(cluster)));
        deck
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It is ours, by its process.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_listing_of_several_pages_is_read_whole() {
    let moto = Moto::shared();
    let document = moto.json(&["clusters", "-o", "json", "--ended"]);
    assert_eq!(document["version"], 1);
    let clusters = document["clusters"].as_array().unwrap();
    let names: std::collections::BTreeSet<&str> = clusters.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), CLUSTERS);
    for one in clusters {
        assert_eq!(one["provider"], "emr");
        assert!(
            one["nodes"].is_null() && one["groups"].is_null() && one["tags"].is_null(),
            "a plain list asks for no more"
        );
        assert!(one["created_at"].is_string() && one["observed_at"].is_string());
    }
    let connection = &document["connections"][0];
    assert_eq!((&connection["status"], &connection["error"]), (&Value::from("ok"), &Value::Null));
    assert_eq!(connection["identity"]["account"], "123456789012");
}

#[test]
fn one_cluster_is_told_with_its_groups_steps_and_tags() {
    let moto = Moto::shared();
    let document = moto.json(&["cluster", "cluster-002", "-o", "json"]);
    let cluster = &document["cluster"];
    assert_eq!(cluster["native_state"], "WAITING");
    assert_eq!(cluster["nodes"], serde_json::json!({"desired": 7, "running": 7, "spot": 4}));
    assert_eq!(cluster["tags"]["team"], "data");
    assert_eq!(cluster["release"], "emr-7.9.0");
    let roles: Vec<&str> =
        cluster["groups"].as_array().unwrap().iter().map(|group| group["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["driver", "core", "task"]);
    let steps: Vec<&str> =
        document["jobs"].as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap()).collect();
    assert_eq!(steps, ["step-2", "step-1", "step-0"], "newest first");
    // moto knows nothing of managed scaling and answers with a page of HTML: said, and not fatal.
    assert!(document["policies"].is_null());
    assert!(cluster["errors"][0].as_str().unwrap().contains("HTTP 500"), "{}", cluster["errors"]);
}

#[test]
fn machines_are_listed_once_each() {
    let moto = Moto::shared();
    let mut deck = moto.deck("cluster-002");
    deck.keys("<enter>2");
    let machines = |screen: &str| -> Vec<String> {
        let words = screen.lines().filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned));
        words.filter(|word| word.starts_with("i-") && word.len() > 12).collect()
    };
    let screen = deck.until("the machines", |screen| machines(screen).len() >= 7);
    let distinct: std::collections::BTreeSet<String> = machines(&screen).into_iter().collect();
    // moto answers the question for ended machines with the living ones, too.
    assert_eq!((machines(&screen).len(), distinct.len()), (7, 7), "{screen}");
}

#[test]
fn a_group_is_scaled_and_boto3_sees_it() {
    let moto = Moto::shared();
    let mut deck = moto.deck("cluster-000");
    deck.keys("s");
    deck.wait("< task");
    deck.keys("<tab><ctrl-u>6<enter>");
    deck.wait("ModifyInstanceGroups");
    // That the scaler could not be read is said in the plan.
    deck.wait("whether the cloud resizes it by itself could not be read");
    deck.confirm("y");
    deck.wait("✓ scale cluster-000 task 4→6  6/6");
    let sizes = moto.boto(
        "{g['InstanceGroupType']: g['RequestedInstanceCount'] for g in emr.list_instance_groups(ClusterId=ids['cluster-000'])['InstanceGroups']}",
    );
    assert_eq!(sizes["TASK"], 6);
}

#[test]
fn a_protected_cluster_is_terminated_in_two_steps_and_boto3_sees_it() {
    let moto = Moto::shared();
    let mut deck = moto.deck("cluster-001");
    deck.keys("<ctrl-d>");
    deck.wait("lift termination protection");
    deck.keys("cluster-001");
    deck.confirm("<enter>");
    deck.wait("✓ terminate cluster-001  TERMINATED");
    let state = moto.boto("emr.describe_cluster(ClusterId=ids['cluster-001'])['Cluster']['Status']['State']");
    assert_eq!(state, "TERMINATED");
    let journal = deck.journal();
    let calls: Vec<&str> =
        journal.iter().filter(|line| line["event"] == "call").map(|line| line["operation"].as_str().unwrap()).collect();
    assert_eq!(calls, ["SetTerminationProtection", "TerminateJobFlows"]);
}

#[test]
fn an_id_that_is_not_there_is_not_found() {
    let moto = Moto::shared();
    let output = moto.run(&["cluster", "j-NOSUCHCLUSTER"]);
    assert_eq!(output.status.code(), Some(8), "{}", String::from_utf8_lossy(&output.stderr));
}
