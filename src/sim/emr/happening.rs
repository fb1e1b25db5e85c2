//! Things that a scenario, or a request for control, makes happen to a cluster.

use std::time::Duration;

use serde::Deserialize;

use super::failure::Failure;
use super::words::{Market, Role};
use crate::sim::period::Period;

/// Something that happens to a cluster because somebody wrote it down.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happening {
    /// Spot machines are taken back.
    SpotLoss {
        pool: Option<PoolName>,
        count: u32,
    },
    /// Many spot machines are taken back at once, and for a while there are no others.
    SpotStorm {
        pool: Option<PoolName>,
        percent: u32,
        lasts: Duration,
    },
    /// For a while EC2 has no machines to give.
    CapacityShortage {
        pool: Option<PoolName>,
        market: Option<Market>,
        lasts: Duration,
    },
    /// A machine breaks.
    NodeFails {
        pool: Option<PoolName>,
    },
    /// The next machines fail in their bootstrap actions.
    BootstrapFails,
    /// The step that runs fails.
    StepFails {
        failure: Failure,
    },
    StepCompletes,
    /// Somebody gives the cluster a step.
    StepArrives {
        name: Option<String>,
        lasts: Option<Duration>,
        failure: Option<Failure>,
    },
    /// Somebody resizes a pool.
    Resize {
        pool: PoolName,
        count: u32,
    },
    /// Somebody ends the cluster.
    Terminate,
    /// The cluster breaks.
    ClusterFails,
}

/// A pool by its role or its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct PoolName(pub(super) String);

impl PoolName {
    pub(super) fn names(&self, role: Role, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(role.word()) || self.0 == name
    }
}

/// The kinds of happenings, as they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum HappeningWord {
    SpotLoss,
    SpotStorm,
    CapacityShortage,
    NodeFails,
    BootstrapFails,
    StepFails,
    StepCompletes,
    StepArrives,
    Resize,
    Terminate,
    ClusterFails,
}

/// A happening as it is written, in a scenario or in a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sim) struct HappeningSpec {
    /// When, after the start or, in a request, after now.
    #[serde(default = "at_once")]
    pub(in crate::sim) at: Period,
    pub(in crate::sim) event: HappeningWord,
    /// The group or fleet it happens to, by role or name.
    group: Option<PoolName>,
    count: Option<u32>,
    percent: Option<u32>,
    market: Option<MarketWord>,
    lasts: Option<Period>,
    failure: Option<Failure>,
    name: Option<String>,
}

/// A market as scenarios write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::sim) enum MarketWord {
    OnDemand,
    Spot,
}

impl From<MarketWord> for Market {
    fn from(word: MarketWord) -> Self {
        match word {
            MarketWord::OnDemand => Self::OnDemand,
            MarketWord::Spot => Self::Spot,
        }
    }
}

const fn at_once() -> Period {
    Period(Duration::ZERO)
}

impl HappeningSpec {
    /// The pool it names, if it names one.
    pub(super) const fn group(&self) -> Option<&PoolName> {
        self.group.as_ref()
    }

    /// The happening that is written here.
    ///
    /// # Errors
    /// What is missing, out of range, or not part of such an event: for a person to read.
    pub(super) fn happening(self) -> Result<Happening, String> {
        let takes = self.event.takes();
        let given = [
            ("group", self.group.is_some()),
            ("count", self.count.is_some()),
            ("percent", self.percent.is_some()),
            ("market", self.market.is_some()),
            ("lasts", self.lasts.is_some()),
            ("failure", self.failure.is_some()),
            ("name", self.name.is_some()),
        ];
        if let Some((key, _)) = given.iter().find(|(key, is_given)| *is_given && !takes.contains(key)) {
            return Err(format!("`{key}` does not belong to this event: it takes {}", list(takes)));
        }
        let lasts = |usual: u64| self.lasts.map_or(Duration::from_mins(usual), |lasts| lasts.0);
        Ok(match self.event {
            HappeningWord::SpotLoss => Happening::SpotLoss { pool: self.group, count: self.count.unwrap_or(1) },
            HappeningWord::SpotStorm => Happening::SpotStorm {
                pool: self.group,
                percent: match self.percent.unwrap_or(60) {
                    percent @ 1..=100 => percent,
                    percent => return Err(format!("percent {percent} is not between 1 and 100")),
                },
                lasts: lasts(15),
            },
            HappeningWord::CapacityShortage => {
                Happening::CapacityShortage { pool: self.group, market: self.market.map(Into::into), lasts: lasts(30) }
            }
            HappeningWord::NodeFails => Happening::NodeFails { pool: self.group },
            HappeningWord::BootstrapFails => Happening::BootstrapFails,
            HappeningWord::StepFails => Happening::StepFails { failure: self.failure.unwrap_or(Failure::Oom) },
            HappeningWord::StepCompletes => Happening::StepCompletes,
            HappeningWord::StepArrives => Happening::StepArrives {
                name: self.name,
                lasts: self.lasts.map(|lasts| lasts.0),
                failure: self.failure,
            },
            HappeningWord::Resize => match (self.group, self.count) {
                (Some(pool), Some(count)) => Happening::Resize { pool, count },
                _ => return Err("a resize needs group and count".to_owned()),
            },
            HappeningWord::Terminate => Happening::Terminate,
            HappeningWord::ClusterFails => Happening::ClusterFails,
        })
    }
}

impl HappeningWord {
    /// The keys that an event of this kind may have, besides `at` and `event`.
    const fn takes(self) -> &'static [&'static str] {
        match self {
            Self::SpotLoss | Self::Resize => &["group", "count"],
            Self::SpotStorm => &["group", "percent", "lasts"],
            Self::CapacityShortage => &["group", "market", "lasts"],
            Self::NodeFails => &["group"],
            Self::StepFails => &["failure"],
            Self::StepArrives => &["name", "lasts", "failure"],
            Self::BootstrapFails | Self::StepCompletes | Self::Terminate | Self::ClusterFails => &[],
        }
    }
}

fn list(keys: &[&str]) -> String {
    if keys.is_empty() { "nothing".to_owned() } else { keys.join(", ") }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read(json: &str) -> Result<Happening, String> {
        serde_json::from_str::<HappeningSpec>(json).map_err(|error| error.to_string())?.happening()
    }

    #[test]
    fn an_event_has_what_it_is_given_and_sensible_values_for_the_rest() {
        assert_eq!(read(r#"{"event":"spot-loss"}"#), Ok(Happening::SpotLoss { pool: None, count: 1 }));
        assert_eq!(
            read(r#"{"event":"spot-storm","group":"task","percent":80,"lasts":"10m"}"#),
            Ok(Happening::SpotStorm {
                pool: Some(PoolName("task".to_owned())),
                percent: 80,
                lasts: Duration::from_mins(10)
            })
        );
    }

    #[rstest]
    #[case(r#"{"event":"terminate","count":3}"#, "`count` does not belong to this event: it takes nothing")]
    #[case(r#"{"event":"spot-storm","percent":0}"#, "percent 0")]
    #[case(r#"{"event":"resize","group":"core"}"#, "needs group and count")]
    #[case(r#"{"event":"earthquake"}"#, "unknown variant")]
    #[case(r#"{"event":"terminate","how":"softly"}"#, "unknown field")]
    fn an_event_that_makes_no_sense_is_refused(#[case] json: &str, #[case] why: &str) {
        let error = read(json).unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn a_pool_is_named_by_role_or_by_name() {
        assert!(PoolName("task".to_owned()).names(Role::Task, "burst"));
        assert!(PoolName("burst".to_owned()).names(Role::Task, "burst"));
        assert!(!PoolName("core".to_owned()).names(Role::Task, "burst"));
    }
}
