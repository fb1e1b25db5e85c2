//! `sparkdeck doctor`: what was found where, who am I, what is missing and how to mend it.

use std::io::IsTerminal;

use serde::Serialize;

use crate::config::{Flags, Paths, Settings};
use crate::domain::{Lane, LaneStatus, ProviderError};
use crate::engine::checkup::{Checkup, checkup};
use crate::providers::Discovery;
use crate::terminal::abilities::{self, Abilities};

use super::args::Output;
use super::output::{print, print_json};
use super::{Exit, discover, settings, unchosen};

#[derive(Debug, Serialize)]
struct Report {
    version: u8,
    program: &'static str,
    files: Vec<FileReport>,
    terminal: TerminalReport,
    places: Vec<PlaceReport>,
    connections: Vec<ConnectionReport>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    what: &'static str,
    path: String,
    exists: bool,
}

#[derive(Debug, Serialize)]
struct TerminalReport {
    is_terminal: bool,
    term: String,
    size: Option<(u16, u16)>,
    colours: &'static str,
    because: String,
    utf8: bool,
    multiplexer: Option<&'static str>,
    ssh: bool,
}

#[derive(Debug, Serialize)]
struct PlaceReport {
    provider: &'static str,
    place: String,
    found: String,
}

#[derive(Debug, Serialize)]
struct ConnectionReport {
    name: String,
    provider: &'static str,
    region: Option<String>,
    mode: &'static str,
    account: Option<String>,
    principal: Option<String>,
    checks: Vec<CheckReport>,
}

#[derive(Debug, Serialize)]
struct CheckReport {
    what: &'static str,
    /// `ok`, `skipped`, or the kind of the failure.
    result: &'static str,
    says: String,
    remedy: Option<String>,
}

pub(super) async fn run(output: Output, flags: &Flags) -> Exit {
    let settings = match settings(flags) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    let discoveries = discover().await;
    let specs = settings.connections(flags, &unchosen(&discoveries));
    let checkups = futures_util::future::join_all(specs.into_iter().map(checkup)).await;
    let report = report(&settings, &discoveries, &checkups);
    let printed = match output {
        Output::Json => print_json(&report),
        _ => print(text(&report).as_bytes()),
    };
    if printed != Exit::Ok {
        return printed;
    }
    if checkups.is_empty() {
        return Exit::Auth;
    }
    match Exit::of_lanes(&checkups.iter().map(as_lane).collect::<Vec<_>>()) {
        Exit::Ok if checkups.iter().any(Checkup::has_failure) => Exit::Partial,
        exit => exit,
    }
}

/// A checkup as a lane, so that the exit code follows one rule.
fn as_lane(checkup: &Checkup) -> Lane {
    let spec = &checkup.spec;
    let mut lane = Lane::new(spec.name.clone(), spec.cloud, spec.region.clone(), spec.mode);
    lane.status = match checkup.fatal() {
        Some(error) => LaneStatus::Failing { error: std::sync::Arc::new(error.clone()), retry_at: None },
        None => LaneStatus::Live,
    };
    lane
}

fn check<T>(
    what: &'static str,
    outcome: Option<&Result<T, ProviderError>>,
    says: impl Fn(&T) -> String,
) -> CheckReport {
    match outcome {
        None => {
            CheckReport { what, result: "skipped", says: "there is no active cluster to look at".into(), remedy: None }
        }
        Some(Ok(value)) => CheckReport { what, result: "ok", says: says(value), remedy: None },
        Some(Err(error)) => {
            CheckReport { what, result: error.kind.word(), says: error.to_string(), remedy: Some(error.remedy()) }
        }
    }
}

fn report(settings: &Settings, discoveries: &[Discovery], checkups: &[Checkup]) -> Report {
    let Paths { config_file, themes, keymaps, journal, log, .. } = &settings.paths;
    let config = settings.file.as_ref().unwrap_or(config_file);
    let files = [("config", config), ("themes", themes), ("keymaps", keymaps), ("journal", journal), ("log", log)];
    Report {
        version: super::report::VERSION,
        program: env!("CARGO_PKG_VERSION"),
        files: files
            .into_iter()
            .map(|(what, path)| FileReport { what, path: path.display().to_string(), exists: path.exists() })
            .collect(),
        terminal: terminal_report(&abilities::detect(&|name| std::env::var(name).ok())),
        places: discoveries
            .iter()
            .flat_map(|discovery| {
                discovery.places.iter().map(|(place, found)| PlaceReport {
                    provider: discovery.cloud.word(),
                    place: place.clone(),
                    found: found.clone(),
                })
            })
            .collect(),
        connections: checkups.iter().map(connection_report).collect(),
    }
}

fn terminal_report(abilities: &Abilities) -> TerminalReport {
    TerminalReport {
        is_terminal: std::io::stdout().is_terminal(),
        term: abilities.term.clone(),
        size: crossterm::terminal::size().ok().filter(|_| std::io::stdout().is_terminal()),
        colours: abilities.depth.word(),
        because: abilities.depth_because.clone(),
        utf8: abilities.is_utf8,
        multiplexer: abilities.multiplexer,
        ssh: abilities.is_ssh,
    }
}

fn connection_report(checkup: &Checkup) -> ConnectionReport {
    let identity = checkup.identity.as_ref().ok();
    let mut checks = vec![check("who am I", Some(&checkup.identity), |identity| identity.principal.clone())];
    checks.extend(checkup.looks.iter().map(|(what, look)| check(what, look.as_ref(), Clone::clone)));
    ConnectionReport {
        name: checkup.spec.name.to_string(),
        provider: checkup.spec.cloud.word(),
        region: checkup.spec.region.clone(),
        mode: checkup.spec.mode.word(),
        account: identity.map(|identity| identity.account.clone()),
        principal: identity.map(|identity| identity.principal.clone()),
        checks,
    }
}

fn text(report: &Report) -> String {
    let mut out = format!("sparkdeck {}\n\nfiles\n", report.program);
    for file in &report.files {
        let state = if file.exists { "" } else { "  (not there)" };
        out.push_str(&format!("  {:<10}{}{state}\n", file.what, file.path));
    }
    let terminal = &report.terminal;
    out.push_str("\nterminal\n");
    if !terminal.is_terminal {
        out.push_str("  the output is not a terminal\n");
    }
    let size = terminal.size.map(|(width, height)| format!("{width}x{height}, ")).unwrap_or_default();
    out.push_str(&format!("  {size}colours: {} ({})\n", terminal.colours, terminal.because));
    out.push_str(if terminal.utf8 { "  UTF-8\n" } else { "  no UTF-8 in the locale: plain ASCII is drawn\n" });
    if let Some(multiplexer) = terminal.multiplexer {
        out.push_str(&format!("  inside {multiplexer}\n"));
    }
    out.push_str("\nwhere logins were looked for\n");
    for place in &report.places {
        out.push_str(&format!("  {:<10}{}: {}\n", place.provider, place.place, place.found));
    }
    if report.connections.is_empty() {
        out.push_str("\nno connection: log in with your cloud's own tool, or try `sparkdeck --demo`\n");
    }
    for connection in &report.connections {
        let region = connection.region.as_deref().unwrap_or("its profile's region");
        out.push_str(&format!("\n{}/{}  {region}  {}\n", connection.provider, connection.name, connection.mode));
        for check in &connection.checks {
            let mark = match check.result {
                "ok" => "ok",
                "skipped" => "--",
                _ => "!!",
            };
            out.push_str(&format!("  {mark} {:<14}{}\n", check.what, check.says));
            if let Some(remedy) = &check.remedy {
                out.push_str(&format!("     {:<14}{remedy}\n", ""));
            }
        }
    }
    out
}
