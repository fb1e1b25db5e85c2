use rstest::rstest;
use serde_json::{Value, json};

use crate::sim::bench::{Bench, step};

const WAITING: &str = "[[cluster]]\nname = \"a\"\nid = \"j-A\"\n";

fn add(bench: &mut Bench, steps: &[Value]) -> Vec<String> {
    let answer = bench.ok("AddJobFlowSteps", &json!({ "JobFlowId": "j-A", "Steps": steps }));
    answer["StepIds"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case("CONTINUE", false, ["FAILED", "COMPLETED"], "WAITING")]
#[case("CANCEL_AND_WAIT", false, ["FAILED", "CANCELLED"], "WAITING")]
#[case("TERMINATE_CLUSTER", false, ["FAILED", "CANCELLED"], "TERMINATED_WITH_ERRORS")]
#[case("TERMINATE_JOB_FLOW", false, ["FAILED", "CANCELLED"], "TERMINATED_WITH_ERRORS")]
#[case("TERMINATE_CLUSTER", true, ["FAILED", "CANCELLED"], "WAITING")]
fn what_a_failure_does_is_up_to_the_step(
    #[case] on_failure: &str,
    #[case] is_protected: bool,
    #[case] states: [&str; 2],
    #[case] end: &str,
) {
    let mut bench = Bench::with(&format!("{WAITING}protected = {is_protected}\n"));
    add(&mut bench, &[step("bad", 60, Some("oom"), on_failure), step("good", 30, None, "CONTINUE")]);
    bench.advance(20);
    assert_eq!(bench.state("j-A"), "RUNNING");
    bench.advance(400);
    assert_eq!(bench.step_states("j-A"), states);
    assert_eq!(bench.state("j-A"), end);
}

#[rstest]
#[case("oom", "exit code 137", "stderr.gz")]
#[case("missing-path", "Path does not exist: s3://acme-lake/", "stderr.gz")]
#[case("class-not-found", "ClassNotFoundException", "stderr.gz")]
#[case("access-denied", "Status Code: 403", "stderr.gz")]
#[case("stage", "FetchFailedException", "stderr.gz")]
#[case("unknown", "finished with failed status", "controller.gz")]
fn a_failed_step_tells_why(#[case] failure: &str, #[case] words: &str, #[case] log: &str) {
    let mut bench = Bench::with(&format!("{WAITING}log_uri = \"s3n://logs/emr/\"\n"));
    let id = add(&mut bench, &[step("bad", 10, Some(failure), "CONTINUE")]).remove(0);
    bench.advance(60);
    let step = bench.ok("DescribeStep", &json!({ "ClusterId": "j-A", "StepId": id }))["Step"].take();
    let details = &step["Status"]["FailureDetails"];
    assert!(details["Message"].as_str().unwrap().contains(words), "{details}");
    assert_eq!(details["LogFile"], format!("s3://logs/emr/j-A/steps/{id}/{log}"));
    assert!(step["AdditionalInfo"]["ResourceManagerApplicationIds"][0].as_str().unwrap().starts_with("application_"));
}

#[test]
fn a_step_waits_runs_and_is_done() {
    let mut bench = Bench::with(WAITING);
    add(&mut bench, &[step("one", 90, None, "CONTINUE")]);
    assert_eq!(bench.step_states("j-A"), ["PENDING"]);
    assert_eq!(bench.state("j-A"), "RUNNING");
    bench.advance(7);
    assert_eq!(bench.step_states("j-A"), ["RUNNING"]);
    bench.advance(91);
    let step = bench.steps("j-A").remove(0);
    assert_eq!(step["Status"]["State"], "COMPLETED");
    let timeline = &step["Status"]["Timeline"];
    let took = timeline["EndDateTime"].as_f64().unwrap() - timeline["StartDateTime"].as_f64().unwrap();
    assert!((took - 90.0).abs() < 0.01, "{took}");
    assert_eq!(
        bench.describe("j-A")["Status"]["StateChangeReason"]["Message"],
        "Cluster ready after last step completed."
    );
}

#[test]
fn as_many_steps_run_at_once_as_are_let() {
    let mut bench = Bench::with(WAITING);
    let steps: Vec<Value> = (0..6).map(|n| step(&format!("s{n}"), 100, None, "CONTINUE")).collect();
    add(&mut bench, &steps);
    let running = |bench: &mut Bench| bench.step_states("j-A").iter().filter(|state| *state == "RUNNING").count();
    bench.advance(10);
    assert_eq!(running(&mut bench), 1);
    let answer = bench.ok("ModifyCluster", &json!({ "ClusterId": "j-A", "StepConcurrencyLevel": 4 }));
    assert_eq!(answer["StepConcurrencyLevel"], 4);
    bench.advance(10);
    assert_eq!(running(&mut bench), 4);
    let message = bench
        .refused("AddJobFlowSteps", &json!({ "JobFlowId": "j-A", "Steps": [step("s", 1, None, "CANCEL_AND_WAIT")] }));
    assert!(message.contains("StepConcurrencyLevel"), "{message}");
}

#[test]
fn steps_that_wait_or_run_can_be_cancelled_and_others_not() {
    let mut bench = Bench::with(WAITING);
    let ids = add(
        &mut bench,
        &[step("done", 5, None, "CONTINUE"), step("runs", 900, None, "CONTINUE"), step("waits", 9, None, "CONTINUE")],
    );
    bench.advance(30);
    assert_eq!(bench.step_states("j-A"), ["COMPLETED", "RUNNING", "PENDING"]);
    let mut asked = ids.clone();
    asked.push("s-NOBODY".to_owned());
    let answer = bench.ok("CancelSteps", &json!({ "ClusterId": "j-A", "StepIds": asked }));
    let list = answer["CancelStepsInfoList"].as_array().unwrap();
    let statuses: Vec<&str> = list.iter().map(|info| info["Status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["FAILED", "SUBMITTED", "SUBMITTED", "FAILED"]);
    assert!(list[0]["Reason"].as_str().unwrap().contains("COMPLETED"));
    assert_eq!(bench.step_states("j-A"), ["COMPLETED", "CANCEL_PENDING", "CANCEL_PENDING"]);
    bench.advance(30);
    assert_eq!(bench.step_states("j-A"), ["COMPLETED", "CANCELLED", "CANCELLED"]);
    assert_eq!(bench.state("j-A"), "WAITING");
}

#[rstest]
#[case("emr-5.27.0", "RUNNING", "FAILED")]
#[case("emr-5.28.0", "RUNNING", "SUBMITTED")]
fn old_releases_cannot_stop_what_runs(#[case] release: &str, #[case] state: &str, #[case] status: &str) {
    let mut bench = Bench::with(&format!("{WAITING}release = \"{release}\"\n"));
    let ids = add(&mut bench, &[step("runs", 900, None, "CONTINUE")]);
    bench.advance(10);
    assert_eq!(bench.step_states("j-A"), [state]);
    let answer = bench.ok("CancelSteps", &json!({ "ClusterId": "j-A", "StepIds": ids }));
    assert_eq!(answer["CancelStepsInfoList"][0]["Status"], status);
}

#[test]
fn a_cluster_takes_256_steps_and_no_more() {
    let mut bench = Bench::with(WAITING);
    let steps: Vec<Value> = (0..256).map(|n| step(&format!("s{n}"), 100, None, "CONTINUE")).collect();
    add(&mut bench, &steps);
    let one_more = json!({ "JobFlowId": "j-A", "Steps": [step("s", 1, None, "CONTINUE")] });
    let message = bench.refused("AddJobFlowSteps", &one_more);
    assert!(message.starts_with("ValidationException: Maximum number of active steps"), "{message}");
    bench.ok("TerminateJobFlows", &json!({ "JobFlowIds": ["j-A"] }));
    assert_eq!(
        bench.refused("AddJobFlowSteps", &one_more),
        "ValidationException: A job flow that is shutting down, terminated, or finished may not be modified."
    );
}

#[test]
fn steps_are_listed_newest_first_only_without_a_filter() {
    let mut bench = Bench::with(&format!("{WAITING}age = \"3d\"\nhistory = 120\n"));
    let created = |step: &Value| step["Status"]["Timeline"]["CreationDateTime"].as_f64().unwrap();
    let all = bench.steps("j-A");
    assert!(all.len() > 100, "{}", all.len());
    assert!(all.windows(2).all(|pair| created(&pair[0]) >= created(&pair[1])));
    let filter = json!({ "ClusterId": "j-A", "StepStates": ["COMPLETED", "FAILED", "CANCELLED"] });
    let filtered = bench.pages("ListSteps", "Steps", &filter);
    assert_eq!(filtered.len(), all.len());
    assert!(filtered.windows(2).any(|pair| created(&pair[0]) < created(&pair[1])), "must not be sorted");
    let ids: Vec<&Value> = all.iter().take(3).map(|step| &step["Id"]).collect();
    let named = bench.ok("ListSteps", &json!({ "ClusterId": "j-A", "StepIds": ids }));
    assert_eq!(named["Steps"].as_array().unwrap().len(), 3);
}

#[test]
fn a_page_of_steps_stays_good_while_steps_come() {
    let mut bench = Bench::with(&format!("{WAITING}age = \"3d\"\nhistory = 120\n"));
    let before: Vec<Value> = bench.steps("j-A").iter().map(|step| step["Id"].clone()).collect();
    let mut first = bench.ok("ListSteps", &json!({ "ClusterId": "j-A" }));
    add(&mut bench, &[step("new", 1, None, "CONTINUE")]);
    let rest = bench.pages("ListSteps", "Steps", &json!({ "ClusterId": "j-A", "Marker": first["Marker"] }));
    let mut seen = first["Steps"].as_array_mut().unwrap().clone();
    seen.extend(rest);
    assert_eq!(seen.iter().map(|step| step["Id"].clone()).collect::<Vec<_>>(), before);
}

#[test]
fn a_routine_keeps_bringing_work_and_some_of_it_fails() {
    let mut bench =
        Bench::with(&format!("[life]\nroutine = {{ every = \"5m\", fails = 0.3 }}\n{WAITING}book = \"reports\"\n"));
    bench.advance(24 * 3600);
    let states = bench.step_states("j-A");
    assert!(states.len() > 80, "{}", states.len());
    assert!(states.iter().filter(|state| *state == "FAILED").count() > 10);
    assert!(states.iter().filter(|state| *state == "COMPLETED").count() > 40);
}

#[test]
fn cancel_and_wait_keeps_a_cluster_that_would_end() {
    let mut bench = Bench::with(&format!("{WAITING}state = \"running\"\nauto_terminate = true\n"));
    add(&mut bench, &[step("bad", 5, Some("oom"), "CANCEL_AND_WAIT")]);
    let first = bench.steps("j-A").pop().unwrap()["Id"].clone();
    bench.ok("CancelSteps", &json!({ "ClusterId": "j-A", "StepIds": [first] }));
    bench.advance(3_600);
    assert_eq!((bench.state("j-A").as_str(), bench.step_states("j-A").last().unwrap().as_str()), ("WAITING", "FAILED"));
    add(&mut bench, &[step("good", 5, None, "CONTINUE")]);
    bench.advance(60);
    assert_eq!(bench.state("j-A"), "TERMINATING", "with the next step done there is no reason to wait any more");
}

#[test]
fn the_past_of_a_cluster_fits_into_its_life() {
    for (age, history) in [("30m", 40), ("2h", 40), ("9d", 10)] {
        let mut bench = Bench::with(&format!("{WAITING}age = \"{age}\"\nhistory = {history}\n"));
        let timeline = bench.describe("j-A")["Status"]["Timeline"].clone();
        let ready = timeline["ReadyDateTime"].as_f64().unwrap();
        let steps = bench.steps("j-A");
        assert!(!steps.is_empty() && steps.len() <= history, "{age}: {}", steps.len());
        let time = |step: &Value, name: &str| step["Status"]["Timeline"][name].as_f64();
        for step in &steps {
            let begun = time(step, "StartDateTime").or(time(step, "CreationDateTime")).unwrap();
            assert!(begun > ready, "{age}: {step}");
            assert!(time(step, "EndDateTime").unwrap() <= 1_767_225_600.0, "{age}: {step}");
        }
        // One at a time, as the cluster lets them.
        let mut runs: Vec<_> =
            steps.iter().filter_map(|step| Some((time(step, "StartDateTime")?, time(step, "EndDateTime")?))).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(runs.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{age}: {runs:?}");
    }
}
