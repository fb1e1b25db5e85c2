//! What was asked of the simulated clouds: counters for ever, and the last calls word for word, so that a test can
//! count calls and prove that nothing was sent twice.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// How many calls are kept.
const MAX_CALLS: usize = 10_000;
/// How much of their arguments is kept, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// One call as it came and what became of it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Call {
    /// 1 for the first call since the start.
    pub(super) number: u64,
    pub(super) real_time: Timestamp,
    pub(super) simulated_time: Timestamp,
    pub(super) operation: String,
    pub(super) account: String,
    pub(super) region: String,
    /// The status that was sent; `None` when there was no answer.
    pub(super) status: Option<u16>,
    /// The error code of the cloud, if it answered with one.
    pub(super) error: Option<String>,
    pub(super) throttled: bool,
    /// Whether the operation was carried out, whatever the caller got to know of it.
    pub(super) carried_out: bool,
    /// The fault that was applied, by its name in the fault rules.
    pub(super) fault: Option<&'static str>,
    #[serde(serialize_with = "as_json")]
    pub(super) arguments: Box<str>,
}

/// What is counted for each operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    pub(super) calls: u64,
    pub(super) throttles: u64,
    /// Answers with an error, throttles included, and calls left without an answer.
    pub(super) failures: u64,
}

#[derive(Debug, Default)]
pub(super) struct CallLog {
    calls: VecDeque<Call>,
    bytes: usize,
    /// Calls that were too old to be kept.
    forgotten: u64,
    next_number: u64,
    counts: BTreeMap<String, Count>,
}

impl CallLog {
    /// The number of the next call.
    pub(super) const fn next_number(&self) -> u64 {
        self.next_number + 1
    }

    pub(super) fn record(&mut self, call: Call) {
        self.next_number = call.number;
        let count = self.counts.entry(call.operation.clone()).or_default();
        count.calls += 1;
        count.throttles += u64::from(call.throttled);
        count.failures += u64::from(call.status != Some(200));
        self.bytes += call.arguments.len();
        self.calls.push_back(call);
        while self.calls.len() > MAX_CALLS || (self.bytes > MAX_BYTES && self.calls.len() > 1) {
            if let Some(old) = self.calls.pop_front() {
                self.bytes -= old.arguments.len();
                self.forgotten += 1;
            }
        }
    }

    /// The calls kept, oldest first; of one operation if it is named.
    pub(super) fn kept<'a>(&'a self, operation: Option<&'a str>) -> impl Iterator<Item = &'a Call> {
        self.calls.iter().filter(move |call| operation.is_none_or(|name| call.operation == name))
    }

    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(super) const fn counts(&self) -> &BTreeMap<String, Count> {
        &self.counts
    }

    /// Forgets all calls and counters. Numbers go on.
    pub(super) fn clear(&mut self) {
        *self = Self { next_number: self.next_number, ..Self::default() };
    }
}

/// Arguments are shown as the JSON they are; what is not JSON, as a string.
fn as_json<S: serde::Serializer>(arguments: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<Value>(arguments)
        .unwrap_or_else(|_| Value::String(arguments.to_owned()))
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(log: &CallLog, operation: &str, status: Option<u16>, arguments: &str) -> Call {
        Call {
            number: log.next_number(),
            real_time: Timestamp::UNIX_EPOCH,
            simulated_time: Timestamp::UNIX_EPOCH,
            operation: operation.to_owned(),
            account: "prod".to_owned(),
            region: "us-east-1".to_owned(),
            status,
            error: None,
            throttled: status == Some(400),
            carried_out: status == Some(200),
            fault: None,
            arguments: arguments.into(),
        }
    }

    #[test]
    fn counters_outlive_the_calls_that_are_kept() {
        let mut log = CallLog::default();
        for _ in 0..MAX_CALLS + 5 {
            let call = call(&log, "List", Some(200), "{}");
            log.record(call);
        }
        let throttled = call(&log, "Describe", Some(400), "{}");
        log.record(throttled);
        assert_eq!(log.kept(None).count(), MAX_CALLS);
        assert_eq!(log.forgotten(), 6);
        assert_eq!(log.counts()["List"], Count { calls: 10_005, throttles: 0, failures: 0 });
        assert_eq!(log.counts()["Describe"], Count { calls: 1, throttles: 1, failures: 1 });
        assert_eq!(log.kept(Some("Describe")).next().map(|call| call.number), Some(10_006));
    }

    #[test]
    fn large_arguments_push_old_calls_out() {
        let mut log = CallLog::default();
        let large = "x".repeat(MAX_BYTES / 2);
        for _ in 0..3 {
            let call = call(&log, "Run", None, &large);
            log.record(call);
        }
        assert_eq!(log.kept(None).count(), 2);
        assert_eq!(log.counts()["Run"].failures, 3, "a call without an answer has failed");
        log.clear();
        assert_eq!((log.kept(None).count(), log.counts().len(), log.next_number()), (0, 0, 4));
    }

    #[test]
    fn arguments_are_shown_as_the_json_they_are() {
        let log = CallLog::default();
        let json = |arguments: &str| serde_json::to_value(call(&log, "List", Some(200), arguments)).unwrap();
        assert_eq!(json(r#"{"Marker":"m"}"#)["arguments"]["Marker"], "m");
        assert_eq!(json("Action=GetCallerIdentity")["arguments"], "Action=GetCallerIdentity");
    }
}
