//! What the worker of a connection and those who act over it have in common.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{Budget, Cloud, ConnectionSpec, ErrorKind, Identity, Lane, LaneStatus, Mode, ProviderError};
use crate::providers::{Gate, Provider};
use crate::store::Snapshot;

use super::gate::LimitGate;
use super::mailbox::Mailbox;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The gates by account and region: quotas belong to the account, whoever logs in.
#[derive(Debug, Default)]
pub(super) struct Accounts(Mutex<HashMap<(Cloud, String, String), Arc<LimitGate>>>);

impl Accounts {
    fn adopt(&self, cloud: Cloud, account: &str, region: &str, gate: &Arc<LimitGate>) {
        let mut known = lock(&self.0);
        let first = known.entry((cloud, account.to_owned(), region.to_owned())).or_insert_with(|| Arc::clone(gate));
        if !Arc::ptr_eq(first, gate) {
            gate.share_with(first);
        }
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) spec: ConnectionSpec,
    may_operate: AtomicBool,
    provider: Mutex<Option<Arc<dyn Provider>>>,
    gate: Arc<LimitGate>,
    accounts: Arc<Accounts>,
    identity: Mutex<Option<Identity>>,
    mailbox: Arc<Mailbox>,
    last_lane: Mutex<Option<Lane>>,
    /// What of each kind of call failed last, until one of its kind works.
    failing: Mutex<BTreeMap<&'static str, Failing>>,
}

/// A kind of call that does not work now.
#[derive(Debug)]
struct Failing {
    operation: String,
    word: &'static str,
    at: Timestamp,
}

/// A failure that nothing has shown to be over is forgotten after so long.
const FORGOTTEN: Duration = Duration::from_secs(10 * 60);

impl Shared {
    pub(super) fn new(
        spec: ConnectionSpec,
        may_operate: bool,
        gate: LimitGate,
        accounts: Arc<Accounts>,
        mailbox: Arc<Mailbox>,
    ) -> Self {
        Self {
            spec,
            may_operate: AtomicBool::new(may_operate),
            provider: Mutex::new(None),
            gate: Arc::new(gate),
            accounts,
            identity: Mutex::new(None),
            mailbox,
            last_lane: Mutex::new(None),
            failing: Mutex::new(BTreeMap::new()),
        }
    }

    pub(super) fn mode(&self) -> Mode {
        if self.may_operate.load(Ordering::Relaxed) { Mode::Operate } else { Mode::ReadOnly }
    }

    pub(super) fn provider(&self) -> Option<Arc<dyn Provider>> {
        lock(&self.provider).clone()
    }

    pub(super) fn set_provider(&self, provider: Option<Arc<dyn Provider>>) {
        *lock(&self.provider) = provider;
    }

    pub(super) fn gate(&self) -> Arc<dyn Gate> {
        Arc::clone(&self.gate) as Arc<dyn Gate>
    }

    pub(super) fn budget(&self) -> Budget {
        self.gate.budget()
    }

    pub(super) fn identity(&self) -> Option<Identity> {
        lock(&self.identity).clone()
    }

    pub(super) fn set_identity(&self, identity: Identity) {
        self.accounts.adopt(
            self.spec.cloud,
            &identity.account,
            self.spec.region.as_deref().unwrap_or_default(),
            &self.gate,
        );
        *lock(&self.identity) = Some(identity);
    }

    pub(super) fn post(&self, snapshot: Snapshot) {
        self.mailbox.post(snapshot);
    }

    /// A call of this kind worked, or failed: then the lane says so until one works.
    pub(super) fn note(&self, kind: &'static str, failure: Option<&ProviderError>, at: Timestamp) {
        let mut failing = lock(&self.failing);
        match failure {
            // These say something of one cluster, not of the connection.
            Some(error) if matches!(error.kind, ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::Protected) => {}
            Some(error) => {
                let one = Failing { operation: error.operation.to_string(), word: error.kind.word(), at };
                failing.insert(kind, one);
            }
            None => {
                failing.remove(kind);
            }
        }
        failing.retain(|_, one| at.duration_since(one.at).unsigned_abs() < FORGOTTEN);
    }

    /// Posts the lane as it was, with what is known anew from elsewhere than the worker.
    pub(super) fn repost_lane(&self) {
        let last = lock(&self.last_lane).clone();
        if let Some(lane) = last {
            self.post_lane(lane);
        }
    }

    /// Posts the lane unless it would look the same.
    pub(super) fn post_lane(&self, mut lane: Lane) {
        lane.mode = self.mode();
        lane.budget = self.budget();
        lane.failing = lock(&self.failing).values().map(|one| (one.operation.clone(), one.word)).collect();
        let lane = &lane;
        let mut last = lock(&self.last_lane);
        if last.as_ref().is_none_or(|last| !looks_alike(last, lane)) {
            *last = Some(lane.clone());
            drop(last);
            self.mailbox.post(Snapshot::Lane(lane.clone()));
        }
    }
}

/// The budget counts only in steps of ten percent: it changes with every call.
fn looks_alike(a: &Lane, b: &Lane) -> bool {
    let tens = |lane: &Lane| lane.budget.percent_used().map(|percent| percent.div_ceil(10));
    let status = match (&a.status, &b.status) {
        (LaneStatus::Connecting, LaneStatus::Connecting) | (LaneStatus::Live, LaneStatus::Live) => true,
        (LaneStatus::Failing { error: a, retry_at: x }, LaneStatus::Failing { error: b, retry_at: y }) => {
            Arc::ptr_eq(a, b) && x == y
        }
        (LaneStatus::Crashed { restart_at: a }, LaneStatus::Crashed { restart_at: b }) => a == b,
        _ => false,
    };
    status
        && tens(a) == tens(b)
        && (a.mode, &a.identity, a.listed_at, a.period, a.pages_read, a.budget.throttles, &a.failing)
            == (b.mode, &b.identity, b.listed_at, b.period, b.pages_read, b.budget.throttles, &b.failing)
        && a.budget.pace_percent / 10 == b.budget.pace_percent / 10
}
