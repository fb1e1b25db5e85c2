//! Scenarios: which accounts and clusters there are when a simulation begins, what moves by itself, and what will
//! go wrong. They are TOML, read strictly: what is not understood is an error that says where it stands.

mod diagnostic;
mod source;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor, value::MapAccessDeserializer};
use toml::Spanned;

pub use diagnostic::Diagnostic;
pub(super) use diagnostic::{Problem, nearest};
pub use source::ScenarioSource;

use super::accounts::SimAccount;
use super::clock;
use super::emr::{self, ArrivalSpec, ClusterSpec, FleetOfClusters, LifeSpec, ShortageSpec};
use super::faults::FaultSpec;
use super::quotas::{ALL_OPERATIONS, Limit};

/// A scenario as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) name: String,
    /// One sentence for a person who chooses.
    pub(super) description: String,
    /// The simulated instant at which it begins; the real one when it is not given.
    pub(super) start: Option<Timestamp>,
    /// How fast simulated time runs; 1 is real time.
    pub(super) speed: Option<Spanned<f64>>,
    pub(super) seed: Option<u64>,
    #[serde(default)]
    pub(super) quotas: QuotasSpec,
    #[serde(rename = "account")]
    accounts: Vec<Spanned<AccountSpec>>,
    pub(super) life: Option<LifeSpec>,
    #[serde(default, rename = "cluster")]
    pub(super) clusters: Vec<Spanned<ClusterSpec>>,
    pub(super) fleet: Option<FleetOfClusters>,
    #[serde(default, rename = "arrivals")]
    pub(super) arrivals: Vec<Spanned<ArrivalSpec>>,
    #[serde(default, rename = "shortage")]
    pub(super) shortages: Vec<Spanned<ShortageSpec>>,
    #[serde(default, rename = "fault")]
    pub(super) faults: Vec<Spanned<FaultSpec>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountSpec {
    id: Spanned<String>,
    name: String,
    access_key: Spanned<String>,
    regions: Vec<String>,
}

/// Whether calls are limited, and how: `"on"`, `"off"`, or limits by operation that replace the cloud's own.
#[derive(Debug, Clone, Default)]
pub(super) struct QuotasSpec {
    pub(super) is_off: bool,
    pub(super) overrides: BTreeMap<String, Limit>,
}

impl Scenario {
    /// Reads a scenario and checks what can be checked without building its clusters.
    ///
    /// # Errors
    /// [`Diagnostic`]: what is wrong, and in which line and column of `file`.
    pub(super) fn read(file: &str, text: &str) -> Result<Self, Diagnostic> {
        let scenario: Self = toml::from_str(text).map_err(|error| Problem::from_toml(&error).locate(file, text))?;
        scenario.check().map_err(|problem| problem.locate(file, text))?;
        Ok(scenario)
    }

    /// The accounts, in the order in which they are written.
    pub(super) fn accounts(&self) -> Vec<SimAccount> {
        self.accounts
            .iter()
            .map(|account| {
                let account = account.get_ref();
                SimAccount {
                    id: account.id.get_ref().clone(),
                    name: account.name.clone(),
                    access_key: account.access_key.get_ref().clone(),
                    secret_key: format!("simulated-{}", account.name),
                    regions: account.regions.clone(),
                }
            })
            .collect()
    }

    /// The account and region that something names, or the first ones.
    ///
    /// # Errors
    /// The account or region is not one of the scenario's.
    pub(super) fn place(
        &self,
        account: Option<&Spanned<String>>,
        region: Option<&Spanned<String>>,
    ) -> Result<(usize, String), Problem> {
        let names = || self.accounts.iter().map(|account| account.get_ref().name.as_str());
        let number = match account {
            None => 0,
            Some(name) => names()
                .position(|known| known == name.get_ref())
                .ok_or_else(|| Problem::unknown(name.span(), "account", name.get_ref(), names()))?,
        };
        let regions = || self.accounts[number].get_ref().regions.iter().map(String::as_str);
        match region {
            None => Ok((number, regions().next().unwrap_or_default().to_owned())),
            Some(name) if regions().any(|known| known == name.get_ref()) => Ok((number, name.get_ref().clone())),
            Some(name) => Err(Problem::unknown(name.span(), "region", name.get_ref(), regions())),
        }
    }

    fn check(&self) -> Result<(), Problem> {
        if self.accounts.is_empty() {
            return Err(Problem::at(0..0, "a scenario needs at least one [[account]]"));
        }
        let mut seen = BTreeSet::new();
        for spanned in &self.accounts {
            let account = spanned.get_ref();
            let id = account.id.get_ref();
            if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Problem::at(account.id.span(), format!("account id `{id}` is not twelve digits")));
            }
            if account.regions.is_empty() {
                return Err(Problem::at(spanned.span(), format!("account `{}` has no regions", account.name)));
            }
            for name in [id, &account.name, account.access_key.get_ref()] {
                if !seen.insert(name.as_str()) {
                    return Err(Problem::at(
                        spanned.span(),
                        format!("`{name}` is used twice: ids, names and access keys of accounts must differ"),
                    ));
                }
            }
        }
        if let Some(speed) = &self.speed
            && !clock::is_speed(*speed.get_ref())
        {
            let message = format!("speed {} is not between 0 and {}", speed.get_ref(), clock::MAX_SPEED);
            return Err(Problem::at(speed.span(), message));
        }
        for fault in &self.faults {
            self.check_fault(fault)?;
        }
        Ok(())
    }

    fn check_fault(&self, fault: &Spanned<FaultSpec>) -> Result<(), Problem> {
        let spec = fault.get_ref();
        if let Some(problem) = spec.problem() {
            return Err(Problem::at(fault.span(), problem));
        }
        if !is_operation(&spec.op) {
            return Err(Problem::unknown(fault.span(), "operation", &spec.op, operations()));
        }
        let names = || self.accounts.iter().map(|account| account.get_ref().name.as_str());
        match &spec.account {
            Some(name) if !names().any(|known| known == name) => {
                Err(Problem::unknown(fault.span(), "account", name, names()))
            }
            _ => Ok(()),
        }
    }
}

/// Every operation that the simulated clouds know.
pub(super) fn operations() -> impl Iterator<Item = &'static str> {
    emr::operation_names().chain([super::aws::CALLER_IDENTITY])
}

/// Whether a rule can name this operation.
pub(super) fn is_operation(name: &str) -> bool {
    name == ALL_OPERATIONS || operations().any(|known| known == name)
}

impl<'de> Deserialize<'de> for QuotasSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = QuotasSpec;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"on\", \"off\" or a table of limits by operation")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<QuotasSpec, E> {
                match text {
                    "on" => Ok(QuotasSpec::default()),
                    "off" => Ok(QuotasSpec { is_off: true, overrides: BTreeMap::new() }),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<QuotasSpec, A::Error> {
                let overrides = BTreeMap::<String, Limit>::deserialize(MapAccessDeserializer::new(map))?;
                match overrides.keys().find(|name| !is_operation(name)) {
                    None => Ok(QuotasSpec { is_off: false, overrides }),
                    Some(name) => {
                        let hint = nearest(name, operations()).map(|near| format!(": did you mean `{near}`?"));
                        Err(A::Error::custom(format!("unknown operation `{name}`{}", hint.unwrap_or_default())))
                    }
                }
            }
        }
        deserializer.deserialize_any(Written)
    }
}
