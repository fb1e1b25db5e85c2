//! What keeps a simulation from starting.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::clock::MAX_SPEED;
use super::scenario::Diagnostic;

/// Why a simulation did not start. Every message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    #[error("there is no scenario `{name}`{}: known are {known}; a file is named by its path, such as ./{name}.toml", hint(nearest.as_deref()))]
    UnknownScenario { name: String, nearest: Option<String>, known: String },
    #[error("cannot read the scenario {}: check the path and its permissions", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the scenario is not understood")]
    Scenario(#[from] Diagnostic),
    #[error("the scenario has {least} active clusters of its own in {place}: ask for {least} or more, not for {asked}")]
    TooFewClusters { asked: usize, least: usize, place: String },
    #[error("speed {0} is not between 0 and {MAX_SPEED}: 1 is real time, 0 stands still")]
    Speed(f64),
    #[error("cannot listen on {address}: choose another address, or port 0 for any that is free")]
    Listen { address: SocketAddr, source: io::Error },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(" (did you mean `{nearest}`?)")).unwrap_or_default()
}
