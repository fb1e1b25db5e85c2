use rstest::rstest;

use super::*;

const READ: Subject<'_> = Subject { operation: "List", account: 0, region: "us-east-1", changes: false };
const WRITE: Subject<'_> = Subject { operation: "Terminate", account: 1, region: "eu-west-1", changes: true };

fn faults(rules: &[&str]) -> Faults {
    let mut faults = Faults::new(Dice::new(1));
    for rule in rules {
        let spec: FaultSpec = serde_json::from_str(rule).unwrap();
        let account = spec.account.as_deref().map(|name| usize::from(name == "dev"));
        faults.add(spec, account, Timestamp::UNIX_EPOCH);
    }
    faults
}

fn hit(faults: &mut Faults, subject: Subject<'_>, second: i64) -> Option<FaultKind> {
    faults.effects(subject, Timestamp::from_second(second).unwrap()).fault
}

#[rstest]
#[case(r#"{"fault":"reset"}"#, true, true)]
#[case(r#"{"fault":"reset","op":"List"}"#, true, false)]
#[case(r#"{"fault":"reset","account":"dev"}"#, false, true)]
#[case(r#"{"fault":"reset","region":"us-east-1"}"#, true, false)]
#[case(r#"{"fault":"lost-answer"}"#, false, true)]
#[case(r#"{"fault":"reset","probability":0}"#, false, false)]
fn a_rule_hits_the_calls_it_names(#[case] rule: &str, #[case] read: bool, #[case] write: bool) {
    assert_eq!(hit(&mut faults(&[rule]), READ, 0).is_some(), read);
    assert_eq!(hit(&mut faults(&[rule]), WRITE, 0).is_some(), write);
}

#[test]
fn a_rule_with_a_count_wears_out_and_the_next_one_takes_over() {
    let mut faults = faults(&[r#"{"fault":"throttle","count":2}"#, r#"{"fault":"garbage","count":1}"#]);
    let seen: Vec<_> = (0..4).map(|_| hit(&mut faults, READ, 0)).collect();
    assert_eq!(
        seen,
        [Some(FaultKind::Throttle), Some(FaultKind::Throttle), Some(FaultKind::Garbage), None],
        "the second rule must not be used up while the first one hits"
    );
    assert_eq!(faults.all().iter().map(|fault| fault.hits).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn delays_add_up_and_go_with_another_fault() {
    let mut faults = faults(&[
        r#"{"fault":"slow","delay_ms":300}"#,
        r#"{"fault":"truncated"}"#,
        r#"{"fault":"slow","delay_ms":200}"#,
    ]);
    let effects = faults.effects(READ, Timestamp::UNIX_EPOCH);
    assert_eq!(effects, Effects { delay: Duration::from_millis(500), fault: Some(FaultKind::Truncated) });
}

#[test]
fn a_rule_begins_and_ends_in_simulated_time() {
    let mut faults = faults(&[r#"{"fault":"throttle","at":"2m","lasts":"1m"}"#]);
    let seen: Vec<_> = [0, 119, 120, 179, 180].map(|second| hit(&mut faults, READ, second).is_some()).into();
    assert_eq!(seen, [false, false, true, true, false]);
}

#[test]
fn a_probability_hits_that_share_and_repeats_itself() {
    let run = || {
        let mut faults = faults(&[r#"{"fault":"throttle","probability":0.3}"#]);
        (0..1000).map(|_| hit(&mut faults, READ, 0).is_some()).collect::<Vec<_>>()
    };
    let hits = run().iter().filter(|hit| **hit).count();
    assert!((250..350).contains(&hits), "{hits}");
    assert_eq!(run(), run());
}

#[test]
fn rules_are_removed_one_by_one_or_all_together() {
    let mut faults = faults(&[r#"{"fault":"throttle"}"#, r#"{"fault":"reset"}"#, r#"{"fault":"garbage"}"#]);
    assert_eq!(faults.remove(Some(1)), 1);
    assert_eq!(faults.remove(Some(1)), 0);
    assert_eq!(hit(&mut faults, READ, 0), Some(FaultKind::Reset));
    assert_eq!(faults.remove(None), 2);
    assert_eq!(hit(&mut faults, READ, 0), None);
}

#[rstest]
#[case(r#"{"fault":"slow"}"#, "needs delay_ms")]
#[case(r#"{"fault":"reset","delay_ms":5}"#, "goes with the fault slow")]
#[case(r#"{"fault":"reset","probability":1.5}"#, "between 0 and 1")]
fn a_rule_that_makes_no_sense_is_refused(#[case] rule: &str, #[case] why: &str) {
    let spec: FaultSpec = serde_json::from_str(rule).unwrap();
    assert!(spec.problem().unwrap().contains(why));
}

#[test]
fn every_kind_is_written_as_its_word() {
    for kind in FaultKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
    }
}
