//! The command line: the only place that prints to stdout and stderr.

use std::process::ExitCode;

use clap::Parser;

/// Operate Spark clusters on several clouds from one terminal screen.
#[derive(Debug, Parser)]
#[command(name = "sparkdeck", version)]
struct Arguments {}

/// Parses the command line and runs what it asks for.
pub fn main() -> ExitCode {
    let Arguments {} = Arguments::parse();
    ExitCode::SUCCESS
}
