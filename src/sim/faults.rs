//! Things that go wrong on purpose: rules that say which calls are refused, delayed, answered badly or not at all.

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock;
use super::dice::Dice;
use super::period::Period;
use super::quotas::ALL_OPERATIONS;

/// What can go wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FaultKind {
    /// Refused as too many.
    Throttle,
    /// The cloud fails and says so in its own format.
    #[serde(rename = "error-500")]
    Error500,
    /// The cloud fails with a page of HTML.
    #[serde(rename = "html-500")]
    Html500,
    /// The credentials are no longer good.
    Expired,
    /// The caller may not do this.
    Denied,
    /// The call is accepted and never answered. It is not carried out.
    BlackHole,
    /// The answer comes late.
    Slow,
    /// The answer breaks off in the middle.
    Truncated,
    /// The answer is a success whose body is not what it says it is.
    Garbage,
    /// The connection is closed without an answer. The call is not carried out.
    Reset,
    /// The call is carried out, and then the connection is closed without an answer. Changing calls only.
    LostAnswer,
    /// The answer has words for states and kinds that no client knows.
    UnknownWords,
}

impl FaultKind {
    #[cfg(test)]
    pub(super) const ALL: [Self; 12] = [
        Self::Throttle,
        Self::Error500,
        Self::Html500,
        Self::Expired,
        Self::Denied,
        Self::BlackHole,
        Self::Slow,
        Self::Truncated,
        Self::Garbage,
        Self::Reset,
        Self::LostAnswer,
        Self::UnknownWords,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Error500 => "error-500",
            Self::Html500 => "html-500",
            Self::Expired => "expired",
            Self::Denied => "denied",
            Self::BlackHole => "black-hole",
            Self::Slow => "slow",
            Self::Truncated => "truncated",
            Self::Garbage => "garbage",
            Self::Reset => "reset",
            Self::LostAnswer => "lost-answer",
            Self::UnknownWords => "unknown-words",
        }
    }

    /// Whether a call under this fault does nothing but fail.
    pub(super) const fn prevents_the_call(self) -> bool {
        match self {
            Self::Throttle
            | Self::Error500
            | Self::Html500
            | Self::Expired
            | Self::Denied
            | Self::BlackHole
            | Self::Reset => true,
            Self::Slow | Self::Truncated | Self::Garbage | Self::LostAnswer | Self::UnknownWords => false,
        }
    }
}

/// A rule as it is written, in a scenario or in a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultSpec {
    pub(super) fault: FaultKind,
    /// The operation it applies to; `*` is every one.
    #[serde(default = "every_operation")]
    pub(super) op: String,
    /// The account by name or id; every one when it is not given.
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
    /// For how many calls; for all when it is not given.
    pub(super) count: Option<u32>,
    /// How likely it is that a call is hit.
    pub(super) probability: Option<f64>,
    /// How late a slow answer is.
    pub(super) delay_ms: Option<u64>,
    /// When it begins, in simulated time after the start or, in a request, after now.
    pub(super) at: Option<Period>,
    /// How long it lasts, in simulated time.
    pub(super) lasts: Option<Period>,
}

fn every_operation() -> String {
    ALL_OPERATIONS.to_owned()
}

impl FaultSpec {
    /// What is wrong with the rule, if anything: for a person to read.
    pub(super) fn problem(&self) -> Option<String> {
        let probability = self.probability.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&probability) {
            return Some(format!("probability {probability} is not between 0 and 1"));
        }
        if self.fault == FaultKind::Slow && self.delay_ms.is_none() {
            return Some("the fault slow needs delay_ms".to_owned());
        }
        if self.fault != FaultKind::Slow && self.delay_ms.is_some() {
            return Some(format!("delay_ms goes with the fault slow, not with {}", self.fault.word()));
        }
        None
    }
}

/// A rule in force.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Rule {
    pub(super) id: u64,
    pub(super) fault: FaultKind,
    pub(super) op: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(skip)]
    account_number: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<String>,
    /// Calls it will still hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) left: Option<u32>,
    pub(super) probability: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Timestamp>,
    /// Calls it looked at and could have hit.
    tried: u64,
    /// Calls it hit.
    pub(super) hits: u64,
}

/// The call that a rule looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) operation: &'a str,
    pub(super) account: usize,
    pub(super) region: &'a str,
    /// Whether the operation changes anything.
    pub(super) changes: bool,
}

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Effects {
    pub(super) delay: Duration,
    pub(super) fault: Option<FaultKind>,
}

/// The rules in force, in the order in which they were made.
#[derive(Debug)]
pub(super) struct Faults {
    rules: Vec<Rule>,
    next_id: u64,
    dice: Dice,
}

impl Faults {
    pub(super) const fn new(dice: Dice) -> Self {
        Self { rules: Vec::new(), next_id: 1, dice }
    }

    /// Adds a rule whose spec was checked. `account` is the place of the account it names.
    pub(super) fn add(&mut self, spec: FaultSpec, account: Option<usize>, now: Timestamp) -> &Rule {
        let id = self.next_id;
        self.next_id += 1;
        let from = spec.at.map(|at| clock::after(now, at.0));
        self.rules.push(Rule {
            id,
            fault: spec.fault,
            op: spec.op,
            account: spec.account,
            account_number: account,
            region: spec.region,
            left: spec.count,
            probability: spec.probability.unwrap_or(1.0),
            delay_ms: spec.delay_ms,
            from,
            until: spec.lasts.map(|lasts| clock::after(from.unwrap_or(now), lasts.0)),
            tried: 0,
            hits: 0,
        });
        let last = self.rules.len() - 1;
        &self.rules[last]
    }

    pub(super) fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// Removes one rule, or all. Returns how many went.
    pub(super) fn remove(&mut self, id: Option<u64>) -> usize {
        let before = self.rules.len();
        self.rules.retain(|rule| id.is_some_and(|id| rule.id != id));
        before - self.rules.len()
    }

    /// What happens to this call: every slow rule adds its delay, and of the others the first one hits.
    pub(super) fn effects(&mut self, subject: Subject<'_>, now: Timestamp) -> Effects {
        let mut effects = Effects::default();
        for rule in &mut self.rules {
            let is_delay = rule.fault == FaultKind::Slow;
            if (!is_delay && effects.fault.is_some()) || !rule.applies(subject, now) {
                continue;
            }
            rule.tried += 1;
            if !self.dice.at(rule.id).at(rule.tried).chance(rule.probability) {
                continue;
            }
            rule.hits += 1;
            rule.left = rule.left.map(|left| left.saturating_sub(1));
            if is_delay {
                effects.delay += Duration::from_millis(rule.delay_ms.unwrap_or_default());
            } else {
                effects.fault = Some(rule.fault);
            }
        }
        effects
    }
}

impl Rule {
    fn applies(&self, subject: Subject<'_>, now: Timestamp) -> bool {
        (self.op == ALL_OPERATIONS || self.op == subject.operation)
            && self.account_number.is_none_or(|account| account == subject.account)
            && self.region.as_deref().is_none_or(|region| region == subject.region)
            && self.left != Some(0)
            && self.from.is_none_or(|from| now >= from)
            && self.until.is_none_or(|until| now < until)
            && (self.fault != FaultKind::LostAnswer || subject.changes)
    }
}
