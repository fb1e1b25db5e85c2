//! Simulated clouds: a loopback server that speaks the clouds' own protocols over a seeded world with a clock of its
//! own. Demos, tests and drills point the real clients at it.
//!
//! It shares no code with those clients: what it knows of a protocol, it knows from the protocol's definition.

mod accounts;
mod agenda;
mod aws;
#[cfg(test)]
mod bench;
mod calls;
mod clock;
mod control;
mod dice;
mod emr;
mod error;
mod faults;
mod outgoing;
mod period;
mod quotas;
mod scenario;
mod server;
mod wall;
mod world;

use std::net::{Ipv4Addr, SocketAddr};

use jiff::Timestamp;

pub use accounts::SimAccount;
pub use error::SimError;
pub use scenario::{Diagnostic, ScenarioSource};

use server::Server;
use world::{Settings, World};

/// What to simulate. What is not given is as the scenario says.
#[derive(Debug, Clone)]
pub struct SimOptions {
    pub scenario: ScenarioSource,
    /// Decides everything that is left to chance.
    pub seed: Option<u64>,
    /// How many active clusters there shall be in the first account and region.
    pub clusters: Option<usize>,
    /// How fast simulated time runs: 1 is real time, 0 stands still.
    pub speed: Option<f64>,
    /// The simulated instant at which it begins.
    pub start: Option<Timestamp>,
    /// Whether the clouds limit the rate of calls.
    pub quotas: Option<bool>,
    /// Where to listen; port 0 is any that is free.
    pub listen: SocketAddr,
}

impl SimOptions {
    /// A scenario as it is, on any free port of the loopback interface.
    pub const fn new(scenario: ScenarioSource) -> Self {
        Self {
            scenario,
            seed: None,
            clusters: None,
            speed: None,
            start: None,
            quotas: None,
            listen: SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
        }
    }
}

/// A running simulation. Dropping it ends it.
#[derive(Debug)]
pub struct Sim {
    server: Server,
    scenario: String,
    seed: u64,
    accounts: Vec<SimAccount>,
}

/// Starts a simulation. It listens when this returns.
///
/// # Errors
/// [`SimError`]: the scenario is not there or not understood, or the address cannot be listened on. The message says
/// what to do.
pub async fn start(options: SimOptions) -> Result<Sim, SimError> {
    let settings = Settings {
        seed: options.seed,
        clusters: options.clusters,
        speed: options.speed,
        start: options.start,
        quotas: options.quotas,
    };
    let (world, wall) = World::start(&options.scenario, settings)?;
    let (scenario, seed, accounts) = (world.scenario.clone(), world.seed, world.accounts.all().to_vec());
    let server = Server::start(options.listen, world, wall)
        .await
        .map_err(|source| SimError::Listen { address: options.listen, source })?;
    Ok(Sim { server, scenario, seed, accounts })
}

impl Sim {
    /// The address to point clients at, such as `http://127.0.0.1:41234`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    pub fn scenario(&self) -> &str {
        &self.scenario
    }

    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The accounts there are, each with its access key and regions.
    pub fn accounts(&self) -> &[SimAccount] {
        &self.accounts
    }

    /// The environment in which AWS clients find the simulation, as its first account in its first region.
    pub fn environment(&self) -> Vec<(String, String)> {
        let first = self.accounts.first();
        let region = first.and_then(|account| account.regions.first()).cloned().unwrap_or_default();
        let key = |pick: fn(&SimAccount) -> &String| first.map(pick).cloned().unwrap_or_default();
        [
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", key(|account| &account.access_key)),
            ("AWS_SECRET_ACCESS_KEY", key(|account| &account.secret_key)),
            ("AWS_REGION", region.clone()),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Ends the simulation: waits are broken off, connections closed. Returns when the server has stopped.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }
}
