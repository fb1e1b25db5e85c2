//! Who is asked what, and when: pure bookkeeping for one connection. Immutable facts are asked once, details only of
//! what the operator looks at, failures less and less often.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{ClusterId, ErrorKind, Grouping, Phase, ProviderError, Summary};
use crate::providers::Class;
use crate::tea::Tab;

/// How often a full listing is made when nothing slows it down, and how much longer for each page it has.
const SWEEP: Duration = Duration::from_secs(30);
const SWEEP_PER_PAGE: Duration = Duration::from_millis(1500);
const ENDED: Duration = Duration::from_secs(5 * 60);
const IDENTITY: Duration = Duration::from_secs(3600);
/// Facts that hardly change: release, tags, protection.
const FACTS: Duration = Duration::from_secs(10 * 60);
const POLICIES: Duration = Duration::from_secs(5 * 60);
/// What the operator has open.
const OPEN: Duration = Duration::from_secs(10);
const OPEN_NODES: Duration = Duration::from_secs(30);
/// What is merely on the screen.
const VISIBLE_GROUPS: Duration = Duration::from_secs(90);
const VISIBLE_JOBS: Duration = Duration::from_secs(180);
/// What an ended cluster is asked again, in case a call failed.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// Ended clusters are remembered for about a day of sweeps.
const ENDED_KEPT_SWEEPS: u64 = 3000;
const FIRST_RETRY: Duration = Duration::from_secs(5);
const LAST_RETRY: Duration = Duration::from_secs(5 * 60);
/// A login may be renewed in another shell at any time: look again soon.
const AUTH_RETRY: Duration = Duration::from_secs(20);
const DENIED_RETRY: Duration = Duration::from_secs(5 * 60);

/// One question to a cloud.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    Identity,
    Sweep,
    Ended,
    Inspect(ClusterId),
    Groups(ClusterId, GroupingKey),
    Jobs(ClusterId, usize),
    Nodes(ClusterId),
    Policies(ClusterId),
}

impl Ask {
    /// What is asked, whichever cluster it is asked of.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sweep => "listing",
            Self::Ended => "ended",
            Self::Inspect(_) => "inspect",
            Self::Groups(..) => "groups",
            Self::Jobs(..) => "jobs",
            Self::Nodes(_) => "nodes",
            Self::Policies(_) => "policies",
        }
    }
}

/// [`Grouping`] that can be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum GroupingKey {
    Groups,
    Fleets,
}

impl From<Grouping> for GroupingKey {
    fn from(grouping: Grouping) -> Self {
        match grouping {
            Grouping::Groups => Self::Groups,
            Grouping::Fleets => Self::Fleets,
        }
    }
}

impl From<GroupingKey> for Grouping {
    fn from(key: GroupingKey) -> Self {
        match key {
            GroupingKey::Groups => Self::Groups,
            GroupingKey::Fleets => Self::Fleets,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Inspect,
    Groups,
    Jobs,
    Nodes,
    Policies,
}

#[derive(Debug, Clone, Copy, Default)]
struct Record {
    asked_at: Option<Instant>,
    failures: u32,
    retry_at: Option<Instant>,
    is_under_way: bool,
}

impl Record {
    /// When it is due again; `None` while it is under way.
    fn due(&self, period: Duration, now: Instant) -> Option<Instant> {
        if self.is_under_way {
            return None;
        }
        Some(match (self.retry_at, self.asked_at) {
            (Some(at), _) => at,
            (None, Some(asked)) => asked + period,
            (None, None) => now,
        })
    }

    fn succeed(&mut self) {
        *self = Self { asked_at: self.asked_at, ..Self::default() };
    }

    fn fail(&mut self, error: &ProviderError, now: Instant) {
        self.is_under_way = false;
        self.failures += 1;
        self.retry_at = Some(now + retry_after(error, self.failures));
    }
}

/// How long to wait after so many failures in a row.
fn retry_after(error: &ProviderError, failures: u32) -> Duration {
    let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(8)).min(LAST_RETRY);
    match &error.kind {
        ErrorKind::Throttled { retry_after } => retry_after.unwrap_or(Duration::ZERO).max(doubled),
        ErrorKind::AuthMissing | ErrorKind::AuthExpired | ErrorKind::ClockSkew => AUTH_RETRY,
        ErrorKind::Denied { .. } | ErrorKind::Unsupported | ErrorKind::Invalid => DENIED_RETRY,
        ErrorKind::NotFound => NEVER,
        _ => doubled,
    }
}

#[derive(Debug)]
struct Known {
    phase: Phase,
    native_state: String,
    grouping: Option<Grouping>,
    sweep: u64,
    /// It was not in the last sweep: a closer look must say what became of it.
    is_missing: bool,
    records: HashMap<Kind, Record>,
}

/// What of this connection is on the screen.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Looked {
    pub(super) visible: Vec<ClusterId>,
    pub(super) open: Option<(ClusterId, Vec<Tab>, usize)>,
}

/// The next question, and how urgent it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Due {
    pub(super) ask: Ask,
    pub(super) class: Class,
}

#[derive(Debug)]
pub(super) struct Agenda {
    known: HashMap<ClusterId, Known>,
    identity: Record,
    sweep: Record,
    ended: Record,
    sweep_number: u64,
    pages: u32,
    sweep_period: Duration,
    job_pages_had: HashMap<ClusterId, usize>,
    /// Between 0.8 and 1.2, another one for each sweep, so that programs started together do not stay together.
    jitter: f64,
    dice: u64,
}

impl Agenda {
    /// `seed` makes the jitter: any number, another one in each program.
    pub(super) fn new(seed: u64) -> Self {
        let mut agenda = Self {
            known: HashMap::new(),
            identity: Record::default(),
            sweep: Record::default(),
            ended: Record::default(),
            sweep_number: 0,
            pages: 0,
            sweep_period: SWEEP,
            job_pages_had: HashMap::new(),
            jitter: 1.0,
            dice: seed,
        };
        agenda.roll();
        agenda
    }

    fn roll(&mut self) {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.jitter = 0.8 + 0.4 * f64::from((self.dice >> 33) as u32) / f64::from(u32::MAX >> 1);
    }

    fn jittered(&self, period: Duration) -> Duration {
        period.mul_f64(self.jitter)
    }

    /// How often the operator may expect a full listing.
    pub(super) fn period(&self) -> Duration {
        self.sweep_period
    }

    pub(super) fn sweep_number(&self) -> u64 {
        self.sweep_number
    }

    /// Everything is due again, now.
    pub(super) fn refresh(&mut self) {
        for record in [&mut self.sweep, &mut self.ended, &mut self.identity] {
            *record = Record { is_under_way: record.is_under_way, ..Record::default() };
        }
        for known in self.known.values_mut() {
            for record in known.records.values_mut() {
                *record = Record { is_under_way: record.is_under_way, ..Record::default() };
            }
        }
    }

    /// The most urgent question that is due, or when the next one will be.
    ///
    /// With `only_sweep` nothing but the listing is asked: it failed in a way in which everything would.
    pub(super) fn next(&self, looked: &Looked, only_sweep: bool, now: Instant) -> Result<Due, Option<Instant>> {
        let mut best: Option<(Class, Instant, Ask)> = None;
        let mut later: Option<Instant> = None;
        let mut consider = |at: Option<Instant>, class: Class, ask: Ask| {
            let Some(at) = at else { return };
            if at > now {
                later = Some(later.map_or(at, |known| known.min(at)));
            } else if best.as_ref().is_none_or(|(known, since, _)| (class, at) < (*known, *since)) {
                best = Some((class, at, ask));
            }
        };
        consider(self.sweep.due(self.jittered(self.sweep_period), now), Class::Visible, Ask::Sweep);
        if !only_sweep {
            consider(self.identity.due(IDENTITY, now), Class::Visible, Ask::Identity);
            if self.sweep_number > 0 && !self.sweep.is_under_way {
                consider(self.ended.due(self.jittered(ENDED), now), Class::Background, Ask::Ended);
            }
            if let Some((id, tabs, pages)) = &looked.open {
                self.consider_open(id, tabs, *pages, now, &mut consider);
            }
            for id in &looked.visible {
                self.consider_visible(id, now, &mut consider);
            }
            for (id, known) in self.known.iter().filter(|(_, known)| known.is_missing) {
                consider(self.due(known, Kind::Inspect, OPEN, now), Class::Visible, Ask::Inspect(id.clone()));
            }
        }
        match best {
            Some((class, _, ask)) => Ok(Due { ask, class }),
            None => Err(later),
        }
    }

    fn due(&self, known: &Known, kind: Kind, period: Duration, now: Instant) -> Option<Instant> {
        let record = known.records.get(&kind).copied().unwrap_or_default();
        // What has ended does not change any more.
        let period = if known.phase.is_ended() { NEVER } else { self.jittered(period) };
        record.due(period, now)
    }

    fn consider_open(
        &self,
        id: &ClusterId,
        tabs: &[Tab],
        pages: usize,
        now: Instant,
        consider: &mut impl FnMut(Option<Instant>, Class, Ask),
    ) {
        let Some(known) = self.known.get(id) else { return };
        let class = Class::Interactive;
        consider(self.due(known, Kind::Inspect, OPEN, now), class, Ask::Inspect(id.clone()));
        if let Some(grouping) = known.grouping {
            consider(self.due(known, Kind::Groups, OPEN, now), class, Ask::Groups(id.clone(), grouping.into()));
        }
        let wants_more = self.job_pages_had.get(id).is_some_and(|had| *had < pages);
        let jobs_due = match self.due(known, Kind::Jobs, OPEN, now) {
            Some(_) if wants_more => Some(now),
            due => due,
        };
        consider(jobs_due, class, Ask::Jobs(id.clone(), pages));
        if tabs.contains(&Tab::Overview) {
            consider(self.due(known, Kind::Policies, POLICIES, now), class, Ask::Policies(id.clone()));
        }
        if tabs.contains(&Tab::Nodes) {
            consider(self.due(known, Kind::Nodes, OPEN_NODES, now), class, Ask::Nodes(id.clone()));
        }
    }

    fn consider_visible(&self, id: &ClusterId, now: Instant, consider: &mut impl FnMut(Option<Instant>, Class, Ask)) {
        let Some(known) = self.known.get(id) else { return };
        let class = if known.phase.is_ended() { Class::Background } else { Class::Visible };
        consider(self.due(known, Kind::Inspect, FACTS, now), class, Ask::Inspect(id.clone()));
        if let Some(grouping) = known.grouping {
            consider(
                self.due(known, Kind::Groups, VISIBLE_GROUPS, now),
                class,
                Ask::Groups(id.clone(), grouping.into()),
            );
        }
        consider(self.due(known, Kind::Jobs, VISIBLE_JOBS, now), Class::Background, Ask::Jobs(id.clone(), 1));
    }

    fn record(&mut self, ask: &Ask) -> Option<&mut Record> {
        let (id, kind) = match ask {
            Ask::Identity => return Some(&mut self.identity),
            Ask::Sweep => return Some(&mut self.sweep),
            Ask::Ended => return Some(&mut self.ended),
            Ask::Inspect(id) => (id, Kind::Inspect),
            Ask::Groups(id, _) => (id, Kind::Groups),
            Ask::Jobs(id, _) => (id, Kind::Jobs),
            Ask::Nodes(id) => (id, Kind::Nodes),
            Ask::Policies(id) => (id, Kind::Policies),
        };
        self.known.get_mut(id).map(|known| known.records.entry(kind).or_default())
    }

    pub(super) fn started(&mut self, ask: &Ask, now: Instant) {
        if *ask == Ask::Sweep {
            self.sweep_number += 1;
            self.pages = 0;
            self.roll();
        }
        if let Some(record) = self.record(ask) {
            record.is_under_way = true;
            record.asked_at = Some(now);
        }
    }

    pub(super) fn succeeded(&mut self, ask: &Ask, now: Instant) {
        if let Ask::Jobs(id, pages) = ask {
            self.job_pages_had.insert(id.clone(), *pages);
        }
        if *ask == Ask::Sweep {
            let took = self.sweep.asked_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
            // A sweep that the limits stretch is not made more often than it takes.
            self.sweep_period = (SWEEP.max(SWEEP_PER_PAGE * self.pages)).max(took.mul_f64(1.25));
            let number = self.sweep_number;
            self.known.retain(|_, known| !known.phase.is_ended() || known.sweep + ENDED_KEPT_SWEEPS > number);
            for known in self.known.values_mut() {
                known.is_missing = known.sweep < number && !known.phase.is_ended();
            }
        }
        if let Some(record) = self.record(ask) {
            record.succeed();
        }
    }

    /// Returns when it is tried again.
    pub(super) fn failed(&mut self, ask: &Ask, error: &ProviderError, now: Instant) -> Option<Instant> {
        let record = self.record(ask)?;
        record.fail(error, now);
        let retry_at = record.retry_at;
        if error.kind == ErrorKind::NotFound
            && let Ask::Inspect(id) = ask
        {
            self.known.remove(id);
        }
        retry_at
    }

    /// Something else showed that no call works now: the listing is not tried before it may have mended.
    pub(super) fn postpone_sweep(&mut self, error: &ProviderError, now: Instant) {
        if !self.sweep.is_under_way {
            self.sweep.retry_at = Some(now + retry_after(error, 1));
        }
    }

    /// Takes a page of the sweep that is under way.
    pub(super) fn listed(&mut self, page: &[Summary], is_sweep: bool) {
        if is_sweep {
            self.pages += 1;
        }
        for summary in page {
            self.saw(summary, self.sweep_number);
        }
    }

    fn saw(&mut self, summary: &Summary, sweep: u64) {
        let known = self.known.entry(summary.id.clone()).or_insert_with(|| Known {
            phase: summary.phase,
            native_state: summary.native_state.clone(),
            grouping: None,
            sweep,
            is_missing: false,
            records: HashMap::new(),
        });
        known.sweep = known.sweep.max(sweep);
        if known.native_state != summary.native_state {
            known.phase = summary.phase;
            known.native_state.clone_from(&summary.native_state);
            // Everything may be different now.
            for record in known.records.values_mut().filter(|record| !record.is_under_way) {
                *record = Record::default();
            }
        }
    }

    /// Takes a closer look.
    pub(super) fn inspected(&mut self, summary: &Summary, grouping: Grouping) {
        self.saw(summary, 0);
        if let Some(known) = self.known.get_mut(&summary.id) {
            known.grouping = Some(grouping);
            known.is_missing = false;
        }
    }
}
