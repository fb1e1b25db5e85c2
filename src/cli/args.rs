//! What can be said on the command line. Help, man page and completions are made from this.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::Flags;

const AFTER: &str = "\
Exit codes: 0 ok, 1 internal error, 2 bad input, 3 login or permission, 4 throttled, 5 partial, 6 refused, \
7 unreachable, 8 not found.";

/// Operate Spark clusters on several clouds from one terminal screen.
///
/// Without a command it opens the fleet.
#[derive(Debug, Parser)]
#[command(name = "sparkdeck", version, after_help = AFTER, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    pub(super) demo: DemoArguments,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Global {
    /// Read this configuration file instead of the usual one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Use only this connection of the file; may be given several times
    #[arg(long, global = true, value_name = "NAME")]
    connection: Vec<String>,
    /// Use this AWS profile instead of the configured connections; may be given several times
    #[arg(long, global = true, value_name = "PROFILE")]
    profile: Vec<String>,
    /// In this region; may be given several times
    #[arg(long, global = true, value_name = "REGION")]
    region: Vec<String>,
    /// Change nothing, whatever the connections allow
    #[arg(long, global = true)]
    read_only: bool,
    /// Allow changes over the connections of this run
    #[arg(long, global = true, conflicts_with = "read_only")]
    operate: bool,
    /// Share of the documented request quota to use, above 0 to 1, or "off" for emulators
    #[arg(long, global = true, value_name = "SHARE")]
    quota_share: Option<String>,
    /// Colours: dark, light, ansi16, or a file in the themes folder
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Keys: default, vim, or a file in the keymaps folder
    #[arg(long, value_name = "NAME")]
    keymap: Option<String>,
    /// Plain ASCII instead of box drawing and signs
    #[arg(long)]
    ascii: bool,
    /// Leave the mouse to the terminal
    #[arg(long)]
    no_mouse: bool,
}

#[derive(Debug, Clone, Args)]
pub(super) struct DemoArguments {
    /// Open simulated clouds: no login needed
    #[arg(long)]
    pub(super) demo: bool,
    /// The demo's scenario: a shipped one by name, or a file
    #[arg(long, value_name = "NAME|FILE", requires = "demo")]
    pub(super) scenario: Option<String>,
    /// Decides what is left to chance in the demo
    #[arg(long, value_name = "N", requires = "demo")]
    pub(super) seed: Option<u64>,
    /// How fast the demo's time runs; 1 is real time
    #[arg(long, value_name = "X", requires = "demo")]
    pub(super) speed: Option<f64>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the clusters of all connections
    Clusters(Clusters),
    /// Show one cluster with its node groups and steps
    Cluster(One),
    /// Say what was found where, who you are, what is missing and how to mend it
    Doctor {
        #[arg(short, long, value_enum, default_value_t = Output::Table)]
        output: Output,
    },
    /// The configuration file: where it is, whether it is right, what may stand in it
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
    Sim(super::sim::SimArguments),
    /// Print completions for a shell
    Completions {
        shell: Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub(super) struct Clusters {
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub(super) output: Output,
    /// Describe every cluster, too: node groups, tags, release; at the polite rate
    #[arg(long)]
    pub(super) detail: bool,
    /// Also clusters that ended, created within this time
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "24h")]
    pub(super) ended: Option<String>,
    /// Only clusters that match, in the language of the / prompt
    #[arg(long, value_name = "TERMS")]
    pub(super) filter: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// An id, a name, or connection/id
    #[arg(value_name = "REF")]
    pub(super) reference: String,
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub(super) output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print where the files are
    Path,
    /// Check the file, the theme and the keymap, and print what is in force and why
    Check,
    /// Print the JSON schema of the configuration file
    Schema,
}

impl Arguments {
    pub(super) fn flags(&self) -> Flags {
        let global = &self.global;
        Flags {
            config: global.config.clone(),
            theme: global.theme.clone(),
            keymap: global.keymap.clone(),
            ascii: global.ascii,
            no_mouse: global.no_mouse,
            read_only: global.read_only,
            quota_share: global.quota_share.clone(),
            connections: global.connection.clone(),
            profiles: global.profile.clone(),
            regions: global.region.clone(),
            operate: global.operate,
        }
    }
}

/// The whole command line, for documentation.
pub fn command() -> clap::Command {
    Arguments::command()
}
