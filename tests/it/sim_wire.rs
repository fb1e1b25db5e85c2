//! The simulator as raw HTTP: what a client meets on the socket, byte for byte.

use std::time::Duration;

use serde_json::{Value, json};
use sparkdeck::sim::{self, ScenarioSource, Sim, SimError, SimOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const KEY: &str = "AKIASIMPROD000000001";
const DEV_KEY: &str = "AKIASIMDEV0000000002";

/// Longer than anything takes; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

async fn quiet() -> Sim {
    let options = SimOptions { quotas: Some(false), ..SimOptions::new(ScenarioSource::named("quiet")) };
    sim::start(options).await.unwrap()
}

/// What came over a connection until it ended.
#[derive(Debug)]
struct Raw {
    status: u16,
    head: String,
    body: Vec<u8>,
    /// How long the body was said to be.
    promised: Option<usize>,
}

impl Raw {
    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

async fn connect(sim: &Sim) -> TcpStream {
    TcpStream::connect(sim.endpoint().trim_start_matches("http://")).await.unwrap()
}

/// Sends a request and reads all that comes; `None` when nothing does.
async fn exchange(sim: &Sim, request: String) -> Option<Raw> {
    let mut stream = connect(sim).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // A connection that is reset has given all it had.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection must end");
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut raw = Raw { status, head, body: bytes[at + 4..].to_vec(), promised: None };
    raw.promised = raw.header("content-length").map(|length| length.parse().unwrap());
    Some(raw)
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let lines: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{lines}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn credential(key: &str, region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0000"
    )
}

fn emr_request(key: &str, region: &str, operation: &str, body: &str) -> String {
    let target = format!("ElasticMapReduce.{operation}");
    let authorization = credential(key, region, "elasticmapreduce");
    let headers = [
        ("Content-Type", "application/x-amz-json-1.1"),
        ("X-Amz-Target", target.as_str()),
        ("Authorization", authorization.as_str()),
    ];
    request("POST", "/", &headers, body)
}

async fn emr(sim: &Sim, operation: &str, body: &str) -> Option<Raw> {
    exchange(sim, emr_request(KEY, "us-east-1", operation, body)).await
}

async fn control(sim: &Sim, method: &str, path: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let raw = exchange(sim, request(method, path, &[], &body)).await.unwrap();
    assert_eq!(raw.status, 200, "{raw:?}");
    raw.json()
}

async fn fault(sim: &Sim, rule: Value) {
    control(sim, "POST", "/_sim/faults", &rule).await;
}

async fn calls(sim: &Sim, operation: &str) -> Vec<Value> {
    let all = control(sim, "GET", &format!("/_sim/calls?op={operation}"), &Value::Null).await;
    all["calls"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_answer_has_the_protocol_s_content_type_and_a_request_id() {
    let sim = quiet().await;
    let raw = emr(&sim, "ListClusters", r#"{"ClusterStates":["RUNNING","WAITING"]}"#).await.unwrap();
    assert_eq!(raw.status, 200);
    assert_eq!(raw.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(raw.header("x-amzn-requestid").unwrap().len(), 36);
    assert_eq!(raw.promised, Some(raw.body.len()));
    let clusters = raw.json()["Clusters"].as_array().unwrap().len();
    assert_eq!(clusters, 4);
    assert!(raw.json()["Clusters"][0]["Status"]["Timeline"]["CreationDateTime"].is_f64());
}

#[tokio::test]
async fn the_same_simulation_answers_the_same_bytes() {
    let (first, second) = (quiet().await, quiet().await);
    for operation in ["ListClusters", "DescribeCluster", "ListInstances", "ListSteps"] {
        let body = if operation == "ListClusters" { "{}" } else { r#"{"ClusterId":"j-QUIETETLNIGHT"}"# };
        let (one, two) = (emr(&first, operation, body).await.unwrap(), emr(&second, operation, body).await.unwrap());
        assert_eq!(one.status, 200, "{one:?}");
        assert_eq!(one.body, two.body, "{operation}");
        assert_eq!(one.header("x-amzn-requestid"), two.header("x-amzn-requestid"));
    }
}

#[tokio::test]
async fn void_operations_answer_with_an_empty_body() {
    let sim = quiet().await;
    let body = r#"{"JobFlowIds":["j-QUIETCLICKSTR"],"TerminationProtected":true}"#;
    let raw = emr(&sim, "SetTerminationProtection", body).await.unwrap();
    assert_eq!((raw.status, raw.body.len()), (200, 0));
}

#[tokio::test]
async fn errors_have_the_bodies_of_the_real_service() {
    let sim = quiet().await;
    let cases = [
        (
            "DescribeCluster",
            r#"{"ClusterId":"j-1"}"#,
            json!({"__type":"InvalidRequestException","ErrorCode":"NoSuchCluster",
                   "Message":"Cluster id 'j-1' is not valid."}),
        ),
        (
            "TerminateJobFlows",
            r#"{"JobFlowIds":["j-QUIETETLNIGHT"]}"#,
            json!({"__type":"ValidationException","message":
                "Could not shut down one or more job flows since they are termination protected."}),
        ),
        (
            "TerminateJobFlows",
            r#"{"JobFlowIds":["j-1"]}"#,
            json!({"__type":"ValidationException","message":"Specified job flow ID not valid."}),
        ),
        (
            "DescribeCluster",
            "{}",
            json!({"__type":"ValidationException","message":
                "1 validation error detected: Value null at 'clusterId' failed to satisfy constraint: Member must not \
                 be null"}),
        ),
        ("DescribeCluster", "{not json", json!({"__type":"SerializationException","message":""})),
        ("DescribeCluster", r#"{"ClusterId":7}"#, json!({"__type":"SerializationException","message":""})),
        ("DescribeJobFlows", "{}", json!({"__type":"UnknownOperationException","message":""})),
    ];
    for (operation, body, expected) in cases {
        let raw = emr(&sim, operation, body).await.unwrap();
        assert_eq!(raw.status, 400, "{operation} {body}");
        assert_eq!(raw.json(), expected, "{operation} {body}");
        assert!(raw.header("x-amzn-requestid").is_some());
    }
}

#[tokio::test]
async fn without_a_credential_nobody_is_served() {
    let sim = quiet().await;
    let headers = [("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "ElasticMapReduce.ListClusters")];
    let raw = exchange(&sim, request("POST", "/", &headers, "{}")).await.unwrap();
    assert_eq!(raw.status, 403);
    assert_eq!(raw.json(), json!({"__type":"MissingAuthenticationToken","message":"Missing Authentication Token"}));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let raw = exchange(&sim, request("POST", "/", &form, "Action=GetCallerIdentity")).await.unwrap();
    assert_eq!(raw.status, 403);
    assert!(String::from_utf8(raw.body).unwrap().contains("<Code>MissingAuthenticationToken</Code>"));
    let half = [headers[0], headers[1], ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA")];
    let raw = exchange(&sim, request("POST", "/", &half, "{}")).await.unwrap();
    assert_eq!((raw.status, &raw.json()["__type"]), (403, &json!("IncompleteSignatureException")));
}

#[tokio::test]
async fn the_key_chooses_the_account_and_the_scope_the_region() {
    let sim = quiet().await;
    let names = |raw: Raw| {
        let mut names: Vec<String> = raw.json()["Clusters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cluster| cluster["Name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let ask = async |key: &str, region: &str| {
        names(exchange(&sim, emr_request(key, region, "ListClusters", "{}")).await.unwrap())
    };
    assert_eq!(ask(KEY, "eu-west-1").await, ["reports"]);
    assert_eq!(ask(DEV_KEY, "us-east-1").await, ["ad-hoc-analytics", "bootstrap-trouble"]);
    assert_eq!(ask("AKIANOBODY", "us-east-1").await, ask(KEY, "us-east-1").await);
    assert!(ask(KEY, "ap-southeast-2").await.is_empty());
    // What one account has, another one does not see.
    let body = r#"{"ClusterId":"j-QUIETETLNIGHT"}"#;
    let raw = exchange(&sim, emr_request(DEV_KEY, "us-east-1", "DescribeCluster", body)).await.unwrap();
    assert_eq!(raw.json()["ErrorCode"], "NoSuchCluster");
}

#[tokio::test]
async fn the_caller_s_identity_is_told_in_xml() {
    let sim = quiet().await;
    let authorization = credential(DEV_KEY, "us-east-1", "sts");
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("Authorization", authorization.as_str()),
    ];
    let ask = |body: &'static str| exchange(&sim, request("POST", "/", &headers, body));
    let raw = ask("Action=GetCallerIdentity&Version=2011-06-15").await.unwrap();
    let id = raw.header("x-amzn-requestid").unwrap().to_owned();
    let text = String::from_utf8(raw.body).unwrap();
    assert!(text.contains("<Account>222222222222</Account>"), "{text}");
    assert!(text.contains("<Arn>arn:aws:sts::222222222222:assumed-role/ops/me</Arn>"), "{text}");
    assert!(text.contains(&format!("<RequestId>{id}</RequestId>")), "{text}");
    let raw = ask("Action=AssumeRole&Version=2011-06-15").await.unwrap();
    assert_eq!(raw.status, 400);
    assert!(String::from_utf8(raw.body).unwrap().contains("<Code>InvalidAction</Code>"));
    fault(&sim, json!({"fault": "expired", "op": "GetCallerIdentity"})).await;
    let raw = ask("Action=GetCallerIdentity&Version=2011-06-15").await.unwrap();
    assert_eq!(raw.status, 403);
    assert!(String::from_utf8(raw.body).unwrap().contains("<Code>ExpiredToken</Code>"));
}

#[tokio::test]
async fn quotas_are_those_of_the_real_service() {
    // A clock that stands still: quotas are counted in real time all the same.
    let options = SimOptions { quotas: Some(true), ..SimOptions::new(ScenarioSource::named("quiet")) };
    let sim = sim::start(options).await.unwrap();
    let mut accepted = 0;
    let refused = loop {
        let raw = emr(&sim, "ListInstanceFleets", r#"{"ClusterId":"j-QUIETCLICKSTR"}"#).await.unwrap();
        if raw.status != 200 {
            break raw;
        }
        accepted += 1;
        assert!(accepted < 200, "five at once, and one every two seconds");
    };
    assert!(accepted >= 5, "{accepted}");
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json(), json!({"__type":"ThrottlingException","message":"Rate exceeded"}));
    // Another region has buckets of its own, and the other operations are not used up.
    let raw = exchange(&sim, emr_request(KEY, "eu-west-1", "ListClusters", "{}")).await.unwrap();
    assert_eq!(raw.status, 200);
    assert_eq!(emr(&sim, "ListClusters", "{}").await.unwrap().status, 200);
    let state = control(&sim, "GET", "/_sim/state", &Value::Null).await;
    assert_eq!(state["operations"]["ListInstanceFleets"]["throttles"], 1);
    assert_eq!(calls(&sim, "ListInstanceFleets").await.last().unwrap()["throttled"], true);
}

#[tokio::test]
async fn refusals_on_purpose_look_like_the_real_ones() {
    let sim = quiet().await;
    let cases = [
        ("throttle", 400, "ThrottlingException", "Rate exceeded"),
        ("expired", 400, "ExpiredTokenException", "The security token included in the request is expired"),
        ("error-500", 500, "InternalFailure", "The request processing has failed because of an unknown error."),
        (
            "denied",
            400,
            "AccessDeniedException",
            "User: arn:aws:sts::111111111111:assumed-role/ops/me is not authorized to perform: \
             elasticmapreduce:ListSteps on resource: arn:aws:elasticmapreduce:us-east-1:111111111111:cluster/j-QUIETETLNIGHT",
        ),
    ];
    for (word, status, code, message) in cases {
        fault(&sim, json!({"fault": word, "op": "ListSteps", "count": 1})).await;
        let raw = emr(&sim, "ListSteps", r#"{"ClusterId":"j-QUIETETLNIGHT"}"#).await.unwrap();
        assert_eq!(raw.status, status, "{word}");
        assert_eq!(raw.json(), json!({"__type": code, "message": message}), "{word}");
    }
    fault(&sim, json!({"fault": "html-500", "op": "ListSteps", "count": 1})).await;
    let raw = emr(&sim, "ListSteps", r#"{"ClusterId":"j-QUIETETLNIGHT"}"#).await.unwrap();
    assert_eq!((raw.status, raw.header("content-type")), (500, Some("text/html; charset=utf-8")));
    assert!(raw.body.starts_with(b"<!doctype html>"));
    // The counts are used up.
    assert_eq!(emr(&sim, "ListSteps", r#"{"ClusterId":"j-QUIETETLNIGHT"}"#).await.unwrap().status, 200);
    let log = calls(&sim, "ListSteps").await;
    assert_eq!(
        log.iter().map(|call| call["carried_out"] == true).collect::<Vec<_>>(),
        [false, false, false, false, false, true]
    );
    assert_eq!(log[3]["fault"], "denied");
    assert_eq!(log[3]["error"], "AccessDeniedException");
}

#[tokio::test]
async fn a_truncated_answer_promises_more_than_comes() {
    let sim = quiet().await;
    fault(&sim, json!({"fault": "truncated"})).await;
    let raw = emr(&sim, "ListClusters", "{}").await.unwrap();
    assert_eq!(raw.status, 200);
    assert!(raw.promised.unwrap() > raw.body.len(), "{raw:?}");
    assert!(raw.body.starts_with(b"{\"Clusters\":["), "{raw:?}");
    assert!(serde_json::from_slice::<Value>(&raw.body).is_err());
    // Even an empty body can be cut short.
    let body = r#"{"JobFlowIds":["j-QUIETCLICKSTR"],"TerminationProtected":true}"#;
    let raw = emr(&sim, "SetTerminationProtection", body).await.unwrap();
    assert_eq!((raw.promised, raw.body.len()), (Some(1), 0));
}

#[tokio::test]
async fn garbage_is_a_success_that_is_not_json() {
    let sim = quiet().await;
    fault(&sim, json!({"fault": "garbage"})).await;
    let raw = emr(&sim, "ListClusters", "{}").await.unwrap();
    assert_eq!(raw.status, 200);
    assert_eq!(raw.promised, Some(raw.body.len()));
    assert!(serde_json::from_slice::<Value>(&raw.body).is_err());
}

#[tokio::test]
async fn a_reset_call_is_not_carried_out_and_not_answered() {
    let sim = quiet().await;
    fault(&sim, json!({"fault": "reset", "op": "TerminateJobFlows", "count": 1})).await;
    let body = r#"{"JobFlowIds":["j-QUIETCLICKSTR"]}"#;
    assert!(emr(&sim, "TerminateJobFlows", body).await.is_none());
    let cluster = emr(&sim, "DescribeCluster", r#"{"ClusterId":"j-QUIETCLICKSTR"}"#).await.unwrap().json();
    assert_eq!(cluster["Cluster"]["Status"]["State"], "WAITING");
    let log = calls(&sim, "TerminateJobFlows").await;
    assert_eq!((&log[0]["status"], &log[0]["carried_out"]), (&Value::Null, &json!(false)));
}

#[tokio::test]
async fn a_lost_answer_leaves_the_call_carried_out() {
    let sim = quiet().await;
    fault(&sim, json!({"fault": "lost-answer", "count": 1})).await;
    assert_eq!(emr(&sim, "ListClusters", "{}").await.unwrap().status, 200, "only changing calls lose their answer");
    let body = r#"{"JobFlowIds":["j-QUIETCLICKSTR"]}"#;
    assert!(emr(&sim, "TerminateJobFlows", body).await.is_none());
    let cluster = emr(&sim, "DescribeCluster", r#"{"ClusterId":"j-QUIETCLICKSTR"}"#).await.unwrap().json();
    assert_eq!(cluster["Cluster"]["Status"]["State"], "TERMINATING");
    let log = calls(&sim, "TerminateJobFlows").await;
    assert_eq!(log.len(), 1);
    assert_eq!((&log[0]["status"], &log[0]["carried_out"]), (&Value::Null, &json!(true)));
    assert_eq!(log[0]["arguments"], json!({"JobFlowIds": ["j-QUIETCLICKSTR"]}));
}

#[tokio::test]
async fn a_black_hole_takes_the_call_and_the_others_go_on() {
    let sim = quiet().await;
    fault(&sim, json!({"fault": "black-hole", "op": "ListSteps"})).await;
    let mut stream = connect(&sim).await;
    let body = r#"{"ClusterId":"j-QUIETETLNIGHT"}"#;
    stream.write_all(emr_request(KEY, "us-east-1", "ListSteps", body).as_bytes()).await.unwrap();
    // It has been taken once it stands in the log; other calls are answered meanwhile.
    while calls(&sim, "ListSteps").await.is_empty() {}
    assert_eq!(emr(&sim, "ListClusters", "{}").await.unwrap().status, 200);
    let mut byte = [0];
    let nothing = stream.try_read(&mut byte);
    assert!(matches!(&nothing, Err(error) if error.kind() == std::io::ErrorKind::WouldBlock), "{nothing:?}");
    // The end of the simulation is the end of the wait.
    tokio::time::timeout(PATIENCE, sim.shutdown()).await.expect("shutdown must not wait for the black hole");
    let end = tokio::time::timeout(PATIENCE, stream.read(&mut byte)).await.expect("the connection must end");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
}

#[tokio::test]
async fn half_a_request_does_not_keep_the_simulation_alive() {
    let sim = quiet().await;
    let mut stream = connect(&sim).await;
    stream.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le").await.unwrap();
    tokio::time::timeout(PATIENCE, sim.shutdown()).await.expect("shutdown must not wait for the rest");
}

#[tokio::test]
async fn a_slow_answer_comes_after_its_delay() {
    let sim = quiet().await;
    fault(&sim, json!({"fault": "slow", "delay_ms": 120, "count": 1})).await;
    let before = tokio::time::Instant::now();
    assert_eq!(emr(&sim, "ListClusters", "{}").await.unwrap().status, 200);
    assert!(before.elapsed() >= Duration::from_millis(120), "it cannot come earlier");
    assert_eq!(calls(&sim, "ListClusters").await[0]["fault"], "slow");
}

#[tokio::test]
async fn unknown_words_replace_what_clients_know() {
    let sim = quiet().await;
    fault(&sim, json!({"fault": "unknown-words"})).await;
    let clusters = emr(&sim, "ListClusters", "{}").await.unwrap().json();
    assert_eq!(clusters["Clusters"][0]["Status"]["State"], "HIBERNATING");
    let body = r#"{"ClusterId":"j-QUIETETLNIGHT"}"#;
    let groups = emr(&sim, "ListInstanceGroups", body).await.unwrap().json();
    assert_eq!(groups["InstanceGroups"][0]["Market"], "BARTERED");
    assert_eq!(groups["InstanceGroups"][0]["InstanceType"].as_str().unwrap().len(), 10, "{groups}");
}

#[tokio::test]
async fn faults_are_listed_narrowed_and_removed() {
    let sim = quiet().await;
    let made = control(
        &sim,
        "POST",
        "/_sim/faults",
        &json!({"fault": "throttle", "op": "ListClusters", "account": "dev", "region": "us-east-1"}),
    )
    .await;
    assert_eq!(emr(&sim, "ListClusters", "{}").await.unwrap().status, 200, "another account");
    let dev = async || exchange(&sim, emr_request(DEV_KEY, "us-east-1", "ListClusters", "{}")).await.unwrap().status;
    assert_eq!(dev().await, 400);
    let list = control(&sim, "GET", "/_sim/faults", &Value::Null).await;
    assert_eq!((&list["faults"][0]["id"], &list["faults"][0]["hits"]), (&made["id"], &json!(1)));
    let removed = control(&sim, "DELETE", &format!("/_sim/faults?id={}", made["id"]), &Value::Null).await;
    assert_eq!(removed["removed"], 1);
    assert_eq!(dev().await, 200);
    for (rule, why) in [
        (r#"{"fault":"thottle"}"#, "unknown variant `thottle`"),
        (r#"{"fault":"throttle","operation":"x"}"#, "unknown field `operation`"),
        (r#"{"fault":"throttle","op":"ListCluster"}"#, "did you mean ListClusters?"),
        (r#"{"fault":"throttle","account":"test"}"#, "unknown account test"),
        (r#"{"fault":"slow"}"#, "needs delay_ms"),
    ] {
        let raw = exchange(&sim, request("POST", "/_sim/faults", &[], rule)).await.unwrap();
        assert_eq!(raw.status, 400);
        assert!(raw.json()["error"].as_str().unwrap().contains(why), "{raw:?}");
    }
}

#[tokio::test]
async fn the_clock_is_moved_and_the_log_is_emptied() {
    let sim = quiet().await;
    let state = control(&sim, "GET", "/_sim/state", &Value::Null).await;
    assert_eq!((&state["now"], &state["speed"]), (&json!("2026-01-01T00:00:00Z"), &json!(0.0)));
    let moved = control(&sim, "POST", "/_sim/clock", &json!({"advance_s": 90.5})).await;
    assert_eq!(moved["now"], "2026-01-01T00:01:30.5Z");
    let faster = control(&sim, "POST", "/_sim/clock", &json!({"speed": 3600})).await;
    assert_eq!(faster["speed"], 3600.0);
    for bad in
        [json!({}), json!({"advance_s": -5}), json!({"advance_s": 4e7}), json!({"speed": -1}), json!({"advance": 5})]
    {
        let raw = exchange(&sim, request("POST", "/_sim/clock", &[], &bad.to_string())).await.unwrap();
        assert_eq!(raw.status, 400, "{bad}");
    }
    emr(&sim, "ListClusters", r#"{"CreatedAfter":1767000000}"#).await.unwrap();
    let log = calls(&sim, "ListClusters").await;
    assert_eq!(log[0]["arguments"]["CreatedAfter"], 1_767_000_000);
    assert_eq!((&log[0]["account"], &log[0]["region"]), (&json!("prod"), &json!("us-east-1")));
    control(&sim, "DELETE", "/_sim/calls", &Value::Null).await;
    assert!(calls(&sim, "ListClusters").await.is_empty());
    let raw = exchange(&sim, request("GET", "/_sim/nothing", &[], "")).await.unwrap();
    assert_eq!(raw.status, 404);
    let raw = exchange(&sim, request("PUT", "/_sim/clock", &[], "")).await.unwrap();
    assert_eq!(raw.status, 405);
}

#[tokio::test]
async fn things_can_be_made_to_happen() {
    let sim = quiet().await;
    control(
        &sim,
        "POST",
        "/_sim/events",
        &json!({"cluster": "j-QUIETETLNIGHT", "event": "spot-loss", "group": "task", "count": 2}),
    )
    .await;
    let body = r#"{"ClusterId":"j-QUIETETLNIGHT","InstanceStates":["TERMINATED"]}"#;
    let lost = emr(&sim, "ListInstances", body).await.unwrap().json();
    assert_eq!(lost["Instances"].as_array().unwrap().len(), 2);
    control(
        &sim,
        "POST",
        "/_sim/events",
        &json!({"cluster": "j-QUIETETLNIGHT", "event": "step-fails", "failure": "oom", "at": "5m"}),
    )
    .await;
    control(&sim, "POST", "/_sim/clock", &json!({"advance_s": 301})).await;
    let body = r#"{"ClusterId":"j-QUIETETLNIGHT","StepStates":["FAILED"]}"#;
    let failed = emr(&sim, "ListSteps", body).await.unwrap().json();
    assert_eq!(failed["Steps"][0]["Status"]["FailureDetails"]["Reason"], "Out of memory.");
    for (event, why) in [
        (json!({"cluster": "j-1", "event": "terminate"}), "there is no cluster j-1"),
        (json!({"cluster": "j-QUIETETLNIGHT", "event": "flood"}), "unknown variant `flood`"),
        (json!({"cluster": "j-QUIETETLNIGHT", "event": "spot-loss", "group": "gpu"}), "unknown group `gpu`"),
    ] {
        let raw = exchange(&sim, request("POST", "/_sim/events", &[], &event.to_string())).await.unwrap();
        assert_eq!(raw.status, 400);
        assert!(raw.json()["error"].as_str().unwrap().contains(why), "{raw:?}");
    }
}

#[tokio::test]
async fn many_ask_at_once_and_all_are_answered() {
    let sim = quiet().await;
    let answers = futures_util::future::join_all((0..40).map(|n| {
        let operation = if n % 2 == 0 { "ListClusters" } else { "ListSteps" };
        let body = if n % 2 == 0 { "{}" } else { r#"{"ClusterId":"j-QUIETETLNIGHT"}"# };
        emr(&sim, operation, body)
    }))
    .await;
    assert!(answers.iter().all(|raw| raw.as_ref().is_some_and(|raw| raw.status == 200)));
    let mut ids: Vec<&str> = answers.iter().flatten().filter_map(|raw| raw.header("x-amzn-requestid")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40, "every request has an id of its own");
}

#[tokio::test]
async fn a_simulation_says_where_it_is_and_frees_its_port() {
    let sim = quiet().await;
    let address = sim.endpoint().trim_start_matches("http://").parse().unwrap();
    let environment = sim.environment();
    assert!(environment.contains(&("AWS_ENDPOINT_URL".to_owned(), sim.endpoint())));
    assert!(environment.contains(&("AWS_ACCESS_KEY_ID".to_owned(), KEY.to_owned())));
    let accounts: Vec<&str> = sim.accounts().iter().map(|account| account.name.as_str()).collect();
    assert_eq!(accounts, ["prod", "dev"]);
    let taken = SimOptions { listen: address, ..SimOptions::new(ScenarioSource::named("quiet")) };
    let error = sim::start(taken.clone()).await.unwrap_err();
    assert!(matches!(error, SimError::Listen { .. }));
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    sim.shutdown().await;
    let again = sim::start(taken).await.unwrap();
    assert_eq!(again.endpoint(), format!("http://{address}"));
    again.shutdown().await;
}
