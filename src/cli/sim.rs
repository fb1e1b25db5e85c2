//! `sparkdeck sim`: runs simulated clouds until it is told to stop.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::Exit;
use crate::sim::{self, ScenarioSource, Sim, SimOptions};

/// Run simulated clouds that real clients can be pointed at.
#[derive(Debug, Args)]
pub(super) struct SimArguments {
    /// A shipped scenario by name, or a file by path.
    #[arg(long, default_value = "demo", value_name = "NAME|FILE")]
    scenario: String,
    /// Decides everything that is left to chance.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many active clusters the first account has in its first region.
    #[arg(long, value_name = "N")]
    clusters: Option<usize>,
    /// How fast simulated time runs: 1 is real time, 0 stands still.
    #[arg(long, value_name = "X")]
    speed: Option<f64>,
    /// The simulated instant at which it begins, such as 2026-01-01T00:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    start: Option<jiff::Timestamp>,
    /// Where to listen; port 0 is any that is free.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// Whether the clouds limit the rate of calls, as the real ones do.
    #[arg(long, value_name = "on|off")]
    quotas: Option<Switch>,
    /// Write the environment for clients to this file once the simulation listens.
    #[arg(long, value_name = "F")]
    env_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

/// Runs until the process is told to stop.
pub(super) async fn run(arguments: &SimArguments) -> Exit {
    match serve(arguments).await {
        Ok(()) => Exit::Ok,
        Err(error) => {
            eprintln!("sparkdeck sim: {error:#}");
            Exit::BadInput
        }
    }
}

async fn serve(arguments: &SimArguments) -> anyhow::Result<()> {
    let mut stop = Stop::listen().context("cannot wait for signals")?;
    let simulation = sim::start(SimOptions {
        seed: arguments.seed,
        clusters: arguments.clusters,
        speed: arguments.speed,
        start: arguments.start,
        quotas: arguments.quotas.map(|switch| switch == Switch::On),
        listen: arguments.listen,
        ..SimOptions::new(ScenarioSource::named(&arguments.scenario))
    })
    .await?;
    if let Some(path) = &arguments.env_file {
        write_environment(path, &simulation)
            .with_context(|| format!("cannot write the environment to {}: check the folder", path.display()))?;
    }
    announce(arguments, &simulation);
    stop.wait().await;
    simulation.shutdown().await;
    Ok(())
}

fn announce(arguments: &SimArguments, simulation: &Sim) {
    let use_it = arguments.env_file.as_ref().map_or_else(
        || {
            let pairs = simulation.environment();
            format!("export {}", pairs.iter().map(|(k, v)| format!("{k}={}", quoted(v))).collect::<Vec<_>>().join(" "))
        },
        |path| format!("source {}", quoted(&path.display().to_string())),
    );
    println!(
        "simulated EMR at {} (scenario {}, seed {}); in the shell of a client: {use_it}",
        simulation.endpoint(),
        simulation.scenario(),
        simulation.seed()
    );
}

/// Writes the whole file or nothing: who sees it, sees all of it.
fn write_environment(path: &Path, simulation: &Sim) -> io::Result<()> {
    let lines: Vec<String> =
        simulation.environment().iter().map(|(name, value)| format!("export {name}={}\n", quoted(value))).collect();
    let text = lines.concat();
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}.tmp", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    let written = create_private(&unfinished)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // The first error is the one to tell; what is left behind is only a temporary file.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// A new file that only its owner can read.
fn create_private(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A value as the shell reads it back.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// The signals that end the program.
#[cfg(unix)]
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    /// From now on the signals are waited for and no longer end the process by themselves.
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Stop;

#[cfg(not(unix))]
impl Stop {
    #[expect(clippy::unnecessary_wraps, reason = "can fail on other systems")]
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn wait(&mut self) {
        if let Err(error) = tokio::signal::ctrl_c().await {
            eprintln!("sparkdeck sim: cannot wait for signals: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_shell() {
        assert_eq!(quoted("http://127.0.0.1:1"), "'http://127.0.0.1:1'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
