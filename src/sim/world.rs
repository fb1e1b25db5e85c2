//! The simulated world: one clock, one seed, the accounts, what goes wrong, what was asked, and the clouds in it.
//!
//! It stands still until somebody looks: a request first lets everything happen that is due by then. There is no
//! timer, so a simulation that nobody asks costs nothing.

use std::time::Duration;

use jiff::Timestamp;

use super::accounts::Accounts;
use super::calls::CallLog;
use super::clock::{self, Clock};
use super::dice::Dice;
use super::emr::{self, Emr};
use super::error::SimError;
use super::faults::Faults;
use super::quotas::Quotas;
use super::scenario::{Scenario, ScenarioSource};
use super::wall::Wall;

/// What a simulation is made of besides its scenario.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settings {
    pub(super) seed: Option<u64>,
    pub(super) clusters: Option<usize>,
    pub(super) speed: Option<f64>,
    pub(super) start: Option<Timestamp>,
    pub(super) quotas: Option<bool>,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) scenario: String,
    pub(super) description: String,
    pub(super) seed: u64,
    pub(super) dice: Dice,
    pub(super) clock: Clock,
    pub(super) accounts: Accounts,
    pub(super) faults: Faults,
    pub(super) quotas: Quotas,
    pub(super) calls: CallLog,
    pub(super) emr: Emr,
    /// The real date and time at which the server started.
    started_at: Timestamp,
}

impl World {
    /// Builds the world of a scenario. `started_at` is the real present.
    pub(super) fn new(source: &ScenarioSource, settings: Settings, started_at: Timestamp) -> Result<Self, SimError> {
        let (file, text) = source.text()?;
        let scenario = Scenario::read(&file, &text)?;
        let seed = settings.seed.or(scenario.seed).unwrap_or(1);
        let pace = settings.speed.or(scenario.speed.as_ref().map(|speed| *speed.get_ref())).unwrap_or(1.0);
        if !clock::is_speed(pace) {
            return Err(SimError::Speed(pace));
        }
        let clock = Clock::new(settings.start.or(scenario.start).unwrap_or(started_at), pace);
        let dice = Dice::new(seed);
        let mut accounts = Accounts::new(scenario.accounts());
        let emr = emr::build(&scenario, &mut accounts, dice.of("emr"), clock.start(), settings.clusters)
            .map_err(|error| error.locate(&file, &text))?;
        let mut faults = Faults::new(dice.of("faults"));
        for fault in &scenario.faults {
            let spec = fault.get_ref().clone();
            let account = spec.account.as_deref().and_then(|name| accounts.by_name(name));
            faults.add(spec, account, clock.start());
        }
        let has_quotas = settings.quotas.unwrap_or(!scenario.quotas.is_off);
        Ok(Self {
            scenario: scenario.name,
            description: scenario.description,
            seed,
            dice,
            clock,
            accounts,
            faults,
            quotas: Quotas::new(has_quotas, scenario.quotas.overrides),
            calls: CallLog::default(),
            emr,
            started_at,
        })
    }

    /// Lets everything happen that is due after `wall` of real time; returns the simulated present.
    pub(super) fn advance(&mut self, wall: Duration) -> Timestamp {
        let now = self.clock.now(wall);
        self.emr.catch_up(now);
        now
    }

    /// The real date and time after `wall`.
    pub(super) fn real_time(&self, wall: Duration) -> Timestamp {
        clock::after(self.started_at, wall)
    }

    /// The world of a scenario, seen from a server that has just started.
    pub(super) fn start(source: &ScenarioSource, settings: Settings) -> Result<(Self, Wall), SimError> {
        let wall = Wall::start();
        Self::new(source, settings, wall.started_at()).map(|world| (world, wall))
    }
}
