//! The command line: the only place that prints to stdout and stderr.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the place")]

mod args;
mod clusters;
mod config;
mod doctor;
mod exit;
mod generate;
mod output;
mod report;
mod sim;
mod tui;

use std::process::ExitCode;

use clap::Parser;

use crate::config::{Flags, Paths, Settings};
use crate::domain::ConnectionSpec;
use crate::providers::{self, Discovery};

use args::{Arguments, Command};

pub use args::command;
pub use exit::Exit;

/// Parses the command line and runs what it asks for.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("sparkdeck: the runtime cannot be started: {error}");
            return Exit::Internal.into();
        }
    };
    let exit = runtime.block_on(run(arguments));
    // Nothing may hold up the way out: a resolver or a credential process may still hang.
    runtime.shutdown_background();
    exit.into()
}

async fn run(arguments: Arguments) -> Exit {
    let flags = arguments.flags();
    match arguments.command {
        Some(Command::Completions { shell }) => generate::completions(shell),
        Some(Command::Man) => generate::man(),
        Some(Command::Config { what }) => config::run(&what, &flags),
        Some(Command::Clusters(wanted)) => clusters::list(&wanted, &flags).await,
        Some(Command::Cluster(wanted)) => clusters::one(&wanted, &flags).await,
        Some(Command::Doctor { output }) => doctor::run(output, &flags).await,
        Some(Command::Sim(wanted)) => sim::run(&wanted).await,
        None => tui::run(&flags, &arguments.demo).await,
    }
}

/// Reads the settings, or says what is wrong with them.
fn settings(flags: &Flags) -> Result<Settings, Exit> {
    let paths = Paths::of_this_user().map_err(|error| {
        eprintln!("sparkdeck: {error}");
        Exit::BadInput
    })?;
    crate::config::load(paths, flags, &|name| std::env::var(name).ok()).map_err(|problems| {
        for problem in problems {
            eprintln!("sparkdeck: {problem}");
        }
        Exit::BadInput
    })
}

/// Looks for logins of all clouds on this machine.
async fn discover() -> Vec<Discovery> {
    futures_util::future::join_all(providers::PROVIDERS.iter().map(|row| (row.discover)())).await
}

/// The logins that need no choosing: those that the environment names, or else the only one, or else `default`.
fn unchosen(discoveries: &[Discovery]) -> Vec<ConnectionSpec> {
    let mut out = Vec::new();
    for discovery in discoveries {
        let explicit: Vec<_> = discovery.found.iter().filter(|found| found.is_explicit).collect();
        let chosen = match (explicit.as_slice(), discovery.found.as_slice()) {
            ([], [only]) => vec![only],
            ([], all) => all.iter().filter(|found| found.name == "default").collect(),
            (explicit, _) => explicit.to_vec(),
        };
        out.extend(chosen.into_iter().map(|found| found.spec.clone()));
    }
    out
}

/// The connections to use without a screen.
async fn connections(flags: &Flags) -> Result<Vec<ConnectionSpec>, Exit> {
    let settings = settings(flags)?;
    let needs_discovery = settings.connections.is_empty() && flags.profiles.is_empty();
    let discoveries = if needs_discovery { discover().await } else { Vec::new() };
    let specs = settings.connections(flags, &unchosen(&discoveries));
    if specs.is_empty() {
        eprintln!("sparkdeck: no connection is configured and no login was found on this machine");
        for (place, what) in discoveries.iter().flat_map(|discovery| &discovery.places) {
            eprintln!("  {place}: {what}");
        }
        let several: Vec<&str> =
            discoveries.iter().flat_map(|discovery| &discovery.found).map(|found| found.name.as_str()).collect();
        if several.is_empty() {
            eprintln!("  log in with your cloud's own tool, see `sparkdeck doctor`, or try `sparkdeck --demo`");
            return Err(Exit::Auth);
        }
        eprintln!(
            "  choose with --profile ({}), AWS_PROFILE, or [[connection]] in the configuration file",
            several.join(", ")
        );
        return Err(Exit::BadInput);
    }
    Ok(specs)
}
