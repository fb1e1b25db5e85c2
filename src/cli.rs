//! The command line: the only place that prints to stdout and stderr.

mod sim;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Operate Spark clusters on several clouds from one terminal screen.
#[derive(Debug, Parser)]
#[command(name = "sparkdeck", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Sim(sim::SimArguments),
}

/// Parses the command line and runs what it asks for.
pub fn main() -> ExitCode {
    match Arguments::parse().command {
        None => ExitCode::SUCCESS,
        Some(Command::Sim(arguments)) => sim::run(&arguments),
    }
}
