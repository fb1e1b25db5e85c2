//! A plan says what will be done before anything is done: to what, step by step, with which calls.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::action::{Action, Change};
use super::ids::{Cloud, ClusterRef};

/// The exact call that a step sends, for reading and for copying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallText {
    /// The cloud's name of the operation.
    pub operation: String,
    /// The arguments as sent, one line of JSON.
    pub arguments: String,
    /// The same as a command line of the cloud's own tool.
    pub command: String,
}

/// What the plan is about, as the operator must recognise it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    pub cluster: ClusterRef,
    pub cloud: Cloud,
    pub name: String,
    pub account: Option<String>,
    pub region: Option<String>,
    pub state: String,
    pub created_at: Option<Timestamp>,
    /// Work that runs on it now: id and name.
    pub running_jobs: Vec<(String, String)>,
}

/// How the operator confirms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confirm {
    /// One key is enough.
    Key,
    /// The cluster's name must be typed, because of `why`.
    TypeName { why: String },
}

/// How a number or state will change, for the before → after list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    pub what: String,
    pub before: String,
    pub after: String,
}

/// One call and what is awaited after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    pub change: Change,
    pub title: String,
    pub call: Option<CallText>,
    pub is_reversible: bool,
    pub expected_wait: Duration,
    /// When the wished state is not seen after so long, the step ends as not converged.
    pub gives_up_after: Duration,
}

/// The facts a plan rests on. If one differs when it is carried out, nothing is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Basis(pub Vec<(String, String)>);

impl Basis {
    /// In words, what is different now.
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut out = Vec::new();
        for (what, before) in &self.0 {
            match now.0.iter().find(|(other, _)| other == what) {
                Some((_, after)) if after == before => {}
                Some((_, after)) => out.push(format!("{what}: was {before}, is {after}")),
                None => out.push(format!("{what}: was {before}, is gone")),
            }
        }
        for (what, after) in &now.0 {
            if !self.0.iter().any(|(other, _)| other == what) {
                out.push(format!("{what}: is new, {after}"));
            }
        }
        out
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub action: Action,
    pub target: Target,
    pub steps: Vec<PlanStep>,
    pub effects: Vec<Effect>,
    /// What may be hurt, and what cannot be taken back.
    pub warnings: Vec<String>,
    /// Reasons for which it must not be done; a plan with one cannot be confirmed.
    pub refusals: Vec<String>,
    /// How to take it back, or that it cannot be.
    pub undo: String,
    pub confirm: Confirm,
    pub based_on: Basis,
    pub made_at: Timestamp,
}

impl Plan {
    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }
}
