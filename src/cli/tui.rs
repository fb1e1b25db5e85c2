//! Opens the fleet: puts settings, terminal, engine and, if asked for, simulated clouds together.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::app::{App, Session, check_command};
use crate::config::{Flags, Problem, Settings, looks};
use crate::domain::{Cloud, ConnectionName, ConnectionSpec, Mode};
use crate::engine::{Actor, Engine, Journal, Options, clock};
use crate::keymap::Keymap;
use crate::panes::first_run::{Choice, Findings};
use crate::providers::Discovery;
use crate::sim::{self, ScenarioSource, Sim, SimOptions};
use crate::tea::{Msg, Notice};
use crate::terminal::abilities::{self, Abilities};
use crate::terminal::{self, Host};
use crate::theme::{Depth, Glyphs, Look, Theme};

use super::args::DemoArguments;
use super::{Exit, discover, settings, unchosen};

/// Runs the program with its screen.
pub(super) async fn run(flags: &Flags, demo: &DemoArguments) -> Exit {
    let settings = match settings(flags) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        eprintln!("sparkdeck: this is no terminal; `sparkdeck clusters` and `sparkdeck --help` work without one");
        return Exit::BadInput;
    }
    let abilities = abilities::detect(&|name| std::env::var(name).ok());
    let (look, keymap, notices) = appearance(&settings, &abilities);
    let paths = settings.paths.clone();
    let session = Session {
        operator: operator(),
        is_read_only: settings.read_only.value,
        is_demo: false,
        themes: looks::theme_names(&paths),
        keymaps: looks::keymap_names(&paths),
        aliases: settings.aliases.clone(),
    };
    let mut app = App::new(look, keymap, session, clock::now());
    for notice in notices {
        app.update(Msg::Notice(notice), clock::now());
    }
    let mut stage =
        Stage { settings, flags: flags.clone(), demo: demo.clone(), abilities, found: Vec::new(), sim: None };
    let engine = match stage.first(&mut app).await {
        Ok(engine) => engine,
        Err(problem) => {
            eprintln!("sparkdeck: {problem}");
            return Exit::BadInput;
        }
    };
    let left = terminal::run(&mut app, engine, &mut stage).await;
    if let Some(sim) = stage.sim.take() {
        sim.shutdown().await;
    }
    match left {
        Ok(_) => Exit::Ok,
        Err(error) => {
            eprintln!("sparkdeck: the terminal cannot be used: {error}");
            Exit::Internal
        }
    }
}

/// Theme, keymap and signs; what is wrong with the user's own is announced, and the shipped ones are used.
fn appearance(settings: &Settings, abilities: &Abilities) -> (Look, Keymap, Vec<Notice>) {
    let mut notices = Vec::new();
    let mut announce = |what: &str, problems: &[Problem], fallback: &str| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        notices.push(Notice::bad(format!("{first}; using the {what} `{fallback}`")));
    };
    let paths = &settings.paths;
    let wanted = theme_for(settings, abilities.depth);
    let theme = looks::theme(paths, &wanted).or_else(|problems| {
        announce("theme", &problems, "dark");
        looks::shipped_theme("dark")
    });
    let keymap = looks::keymap(paths, &settings.keymap.value, &check_command).or_else(|problems| {
        announce("keymap", &problems, looks::DEFAULT_KEYMAP);
        looks::shipped_keymap(&check_command)
    });
    let is_ascii = settings.ascii.value.unwrap_or(!abilities.is_utf8);
    let look = Look {
        theme: theme.unwrap_or_default().for_depth(abilities.depth),
        glyphs: if is_ascii { Glyphs::ASCII } else { Glyphs::UNICODE },
    };
    (look, keymap.unwrap_or_default(), notices)
}

/// A terminal with 16 colours gets the theme made for it, unless the user chose one.
fn theme_for(settings: &Settings, depth: Depth) -> String {
    let is_chosen = settings.theme.origin != crate::config::Origin::Default;
    if depth == Depth::Ansi16 && !is_chosen { "ansi16".to_owned() } else { settings.theme.value.clone() }
}

fn user() -> String {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    named.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}

fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// `ops@bastion-1`, without the domain.
fn operator() -> String {
    format!("{}@{}", user(), host().split('.').next().unwrap_or_default())
}

fn actor() -> Actor {
    Actor {
        user: user(),
        host: host(),
        ssh_from: std::env::var("SSH_CONNECTION").ok().and_then(|text| text.split(' ').next().map(str::to_owned)),
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION"),
    }
}

/// What the loop asks for from outside.
struct Stage {
    settings: Settings,
    flags: Flags,
    demo: DemoArguments,
    abilities: Abilities,
    /// Logins found on this machine.
    found: Vec<ConnectionSpec>,
    sim: Option<Sim>,
}

impl Stage {
    /// Opens what needs no choosing, or shows what was found.
    async fn first(&mut self, app: &mut App) -> Result<Option<Engine>, String> {
        if self.demo.demo {
            let engine = self.start_demo().await?;
            app.show_fleet(true);
            return Ok(Some(engine));
        }
        let needs_discovery = self.settings.connections.is_empty() && self.flags.profiles.is_empty();
        let discoveries = if needs_discovery { discover().await } else { Vec::new() };
        let is_unambiguous = discoveries
            .iter()
            .all(|discovery| discovery.found.len() < 2 || discovery.found.iter().any(|found| found.is_explicit));
        let unchosen: Vec<ConnectionSpec> = if is_unambiguous { unchosen(&discoveries) } else { Vec::new() };
        let specs = self.settings.connections(&self.flags, &unchosen);
        let is_usable = specs.iter().all(|spec| spec.region.is_some() || spec.profile.is_some());
        if !specs.is_empty() && (is_usable || !needs_discovery) {
            return Ok(Some(self.start(specs)));
        }
        app.show_first_run(findings(&discoveries));
        self.found = discoveries.into_iter().flat_map(|discovery| discovery.found).map(|found| found.spec).collect();
        Ok(None)
    }

    fn start(&self, connections: Vec<ConnectionSpec>) -> Engine {
        Engine::start(Options {
            connections,
            read_only: self.settings.read_only.value,
            journal: Journal::new(self.settings.paths.journal.clone()),
            actor: actor(),
        })
    }

    async fn start_demo(&mut self) -> Result<Engine, String> {
        let scenario = self.demo.scenario.as_deref().unwrap_or("demo");
        let options = SimOptions {
            seed: self.demo.seed,
            speed: self.demo.speed,
            ..SimOptions::new(ScenarioSource::named(scenario))
        };
        let sim = sim::start(options).await.map_err(|error| format!("the demo cannot be started: {error}"))?;
        let mut connections = Vec::new();
        for account in sim.accounts() {
            for region in &account.regions {
                let name =
                    if account.regions.len() > 1 { format!("{}@{region}", account.name) } else { account.name.clone() };
                connections.push(ConnectionSpec {
                    mode: Mode::Operate,
                    region: Some(region.clone()),
                    endpoint_url: Some(sim.endpoint()),
                    access_key: Some(account.access_key.clone()),
                    ..ConnectionSpec::new(name.as_str(), Cloud::Emr)
                });
            }
        }
        self.sim = Some(sim);
        Ok(self.start(connections))
    }
}

fn findings(discoveries: &[Discovery]) -> Findings {
    let choices = discoveries.iter().flat_map(|discovery| &discovery.found).map(|found| Choice {
        cloud: found.spec.cloud,
        name: found.spec.name.clone(),
        place: found.place.clone(),
        region: found.spec.region.clone(),
        problem: found.problem.clone(),
        is_ticked: found.problem.is_none() && found.name == "default",
    });
    let places = discoveries.iter().flat_map(|discovery| {
        discovery.places.iter().map(|(place, what)| (discovery.cloud, place.clone(), what.clone()))
    });
    Findings { choices: choices.collect(), places: places.collect() }
}

#[async_trait(?Send)]
impl Host for Stage {
    fn theme(&self, name: &str) -> Result<Theme, String> {
        looks::theme(&self.settings.paths, name)
            .map(|theme| theme.for_depth(self.abilities.depth))
            .map_err(|problems| first(&problems))
    }

    fn keymap(&self, name: &str) -> Result<Keymap, String> {
        looks::keymap(&self.settings.paths, name, &check_command).map_err(|problems| first(&problems))
    }

    async fn adopt(&mut self, names: &[ConnectionName]) -> Result<Engine, String> {
        let chosen: Vec<ConnectionSpec> =
            self.found.iter().filter(|spec| names.contains(&spec.name)).cloned().collect();
        let path = self.settings.file.clone().unwrap_or_else(|| self.settings.paths.config_file.clone());
        remember(&path, &chosen).map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        Ok(self.start(self.settings.with_flags(chosen, &self.flags)))
    }

    async fn demo(&mut self) -> Result<Engine, String> {
        self.start_demo().await
    }

    fn crash_report(&self) -> PathBuf {
        self.settings.paths.crash.clone()
    }

    fn has_mouse(&self) -> bool {
        self.settings.mouse.value
    }

    fn multiplexer(&self) -> Option<&'static str> {
        self.abilities.multiplexer
    }
}

fn first(problems: &[Problem]) -> String {
    problems.first().map(ToString::to_string).unwrap_or_default()
}

/// Adds connections to the configuration file, without touching what stands there.
fn remember(path: &Path, specs: &[ConnectionSpec]) -> std::io::Result<()> {
    let mut text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    for spec in specs {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&format!("\n[[connection]]\nname = \"{}\"\nprovider = \"{}\"\n", spec.name, spec.cloud));
        for (key, value) in [("profile", &spec.profile), ("region", &spec.region)] {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {value:?}\n"));
            }
        }
        text.push_str("# mode = \"operate\"    # read-only until this is set\n");
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension("toml.new");
    std::fs::write(&unfinished, text.trim_start())?;
    std::fs::rename(unfinished, path)
}
