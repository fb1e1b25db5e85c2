//! Puts the settings together from all places.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use crate::domain::{ConnectionName, ConnectionSpec, Mode, Quota, QuotaShare};

use super::diagnostics::{Problem, explain};
use super::paths::Paths;
use super::schema::{ConfigFile, ConnectionEntry, QuotaShareWord};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Environment(&'static str),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value that knows where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

/// What the command line says.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub theme: Option<String>,
    pub keymap: Option<String>,
    pub ascii: bool,
    pub no_mouse: bool,
    pub read_only: bool,
    pub quota_share: Option<String>,
    /// Only these connections of the file.
    pub connections: Vec<String>,
    /// Connections made of these instead of the file's.
    pub profiles: Vec<String>,
    pub regions: Vec<String>,
    pub operate: bool,
}

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    pub paths: Paths,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    pub theme: Setting<String>,
    pub keymap: Setting<String>,
    /// `None`: the locale decides.
    pub ascii: Setting<Option<bool>>,
    pub mouse: Setting<bool>,
    pub read_only: Setting<bool>,
    pub quota_share: Option<Setting<QuotaShare>>,
    pub aliases: BTreeMap<String, String>,
    /// Connections of the file; empty means that they are to be discovered.
    pub connections: Vec<ConnectionSpec>,
}

type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads all places. `environment` looks up a variable.
///
/// # Errors
/// Everything that is wrong; nothing may be started with half of the settings.
pub fn load(paths: Paths, flags: &Flags, environment: Environment<'_>) -> Result<Settings, Vec<Problem>> {
    let named = flags.config.clone().or_else(|| environment("SPARKDECK_CONFIG").map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| paths.config_file.clone());
    let (file, text) = match std::fs::read_to_string(&path) {
        Ok(text) => (Some(path.clone()), text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => (None, String::new()),
        Err(error) => return Err(vec![Problem::whole(&path, format!("cannot be read: {error}"))]),
    };
    let read: ConfigFile = toml::from_str(&text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        vec![Problem::at(&path, &text, &span, explain(error.message()))]
    })?;
    let mut reader = Reader { path: &path, text: &text, problems: Vec::new() };
    let mut connections = reader.connections(&read.connections);
    let place = Place { file: &path, environment };
    let mut settings = Settings {
        theme: place.text(flags.theme.as_ref(), "--theme", "SPARKDECK_THEME", read.theme, "dark"),
        keymap: place.text(flags.keymap.as_ref(), "--keymap", "SPARKDECK_KEYMAP", read.keymap, "default"),
        ascii: place.switch(flags.ascii.then_some(true), "--ascii", "SPARKDECK_ASCII", read.ascii),
        mouse: default_to(
            place.switch(flags.no_mouse.then_some(false), "--no-mouse", "SPARKDECK_MOUSE", read.mouse),
            true,
        ),
        read_only: default_to(
            place.switch(flags.read_only.then_some(true), "--read-only", "SPARKDECK_READ_ONLY", read.read_only),
            false,
        ),
        quota_share: None,
        aliases: read.aliases,
        connections: Vec::new(),
        file,
        paths,
    };
    if let Some(word) = &flags.quota_share {
        match parse_share(word) {
            Ok(value) => settings.quota_share = Some(Setting { value, origin: Origin::Flag("--quota-share") }),
            Err(message) => reader.problems.push(Problem::whole(Path::new("--quota-share"), message)),
        }
    }
    reader.pick(&mut connections, &flags.connections);
    if reader.problems.is_empty() {
        settings.connections = connections;
        Ok(settings)
    } else {
        Err(reader.problems)
    }
}

fn default_to(setting: Setting<Option<bool>>, default: bool) -> Setting<bool> {
    Setting { value: setting.value.unwrap_or(default), origin: setting.origin }
}

/// Finds one value in its four places.
struct Place<'a> {
    file: &'a Path,
    environment: Environment<'a>,
}

impl Place<'_> {
    fn text(
        &self,
        flag: Option<&String>,
        flag_name: &'static str,
        variable: &'static str,
        in_file: Option<String>,
        default: &str,
    ) -> Setting<String> {
        let of = |value: String, origin| Setting { value, origin };
        if let Some(value) = flag {
            of(value.clone(), Origin::Flag(flag_name))
        } else if let Some(value) = (self.environment)(variable).filter(|value| !value.is_empty()) {
            of(value, Origin::Environment(variable))
        } else if let Some(value) = in_file {
            of(value, Origin::File(self.file.to_owned()))
        } else {
            of(default.to_owned(), Origin::Default)
        }
    }

    fn switch(
        &self,
        flag: Option<bool>,
        flag_name: &'static str,
        variable: &'static str,
        in_file: Option<bool>,
    ) -> Setting<Option<bool>> {
        if flag.is_some() {
            return Setting { value: flag, origin: Origin::Flag(flag_name) };
        }
        let word = (self.environment)(variable).filter(|value| !value.is_empty());
        if let Some(word) = word {
            // A variable that is set means yes, unless it says no.
            let is_no = matches!(word.to_ascii_lowercase().as_str(), "0" | "no" | "false" | "off");
            return Setting { value: Some(!is_no), origin: Origin::Environment(variable) };
        }
        match in_file {
            Some(value) => Setting { value: Some(value), origin: Origin::File(self.file.to_owned()) },
            None => Setting { value: None, origin: Origin::Default },
        }
    }
}

fn parse_share(word: &str) -> Result<QuotaShare, String> {
    match word.parse::<f64>() {
        _ if word == "off" => Ok(QuotaShare::Off),
        Ok(share) if share > 0.0 && share <= 1.0 => Ok(QuotaShare::Share(share)),
        _ => Err(format!("`{word}` is no quota share: above 0 and at most 1, or off")),
    }
}

/// `90s`, `15m`, `24h`, `7d`, or several of them.
fn parse_duration(text: &str) -> Option<Duration> {
    let span: jiff::SignedDuration = text.parse().ok()?;
    Duration::try_from(span).ok().filter(|duration| !duration.is_zero())
}

/// Checks what types alone cannot say, and finds where it stands.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn connections(&mut self, entries: &[ConnectionEntry]) -> Vec<ConnectionSpec> {
        let mut out: Vec<ConnectionSpec> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let is_word = |c: char| c.is_ascii_alphanumeric() || "._-@".contains(c);
            if entry.name.is_empty() || !entry.name.chars().all(is_word) {
                self.wrong(index, "name", format!("`{}` is no name: letters, digits, `.`, `_`, `-`, `@`", entry.name));
            }
            if out.iter().any(|known| known.name.as_str() == entry.name) {
                self.wrong(index, "name", format!("there are two connections called `{}`", entry.name));
            }
            let spec = self.connection(index, entry);
            out.push(spec);
        }
        out
    }

    fn connection(&mut self, index: usize, entry: &ConnectionEntry) -> ConnectionSpec {
        let mut spec = ConnectionSpec {
            mode: entry.mode,
            region: entry.region.clone(),
            profile: entry.profile.clone(),
            endpoint_url: entry.endpoint_url.clone(),
            ..ConnectionSpec::new(entry.name.as_str(), entry.provider.into())
        };
        if let Some(url) = &entry.endpoint_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            self.wrong(index, "endpoint-url", format!("`{url}` is no address: http://… or https://…"));
        }
        for (key, value, target) in
            [("timeout", &entry.timeout, &mut spec.timeout), ("history", &entry.history, &mut spec.history)]
        {
            if let Some(text) = value {
                match parse_duration(text) {
                    Some(duration) => *target = duration,
                    None => self.wrong(index, key, format!("`{text}` is no time: for example 10s, 15m, 24h")),
                }
            }
        }
        let share = match &entry.quota_share {
            None => Ok(QuotaShare::default()),
            Some(QuotaShareWord::Share(share)) => parse_share(&share.to_string()),
            Some(QuotaShareWord::Word(word)) => parse_share(word),
        };
        match share {
            Ok(share) => spec.share = share,
            Err(message) => self.wrong(index, "quota-share", message),
        }
        for (operation, quota) in &entry.quotas {
            if quota.burst < 1.0 || quota.per_second <= 0.0 {
                self.wrong(
                    index,
                    "quotas",
                    format!("the quota of {operation} lets nothing pass: burst at least 1, per-second above 0"),
                );
            }
            spec.quotas.insert(operation.clone(), Quota { burst: quota.burst, per_second: quota.per_second });
        }
        spec
    }

    /// Keeps only the connections that the command line names.
    fn pick(&mut self, connections: &mut Vec<ConnectionSpec>, wanted: &[String]) {
        if wanted.is_empty() {
            return;
        }
        for name in wanted {
            if !connections.iter().any(|spec| spec.name.as_str() == name) {
                let known: Vec<&str> = connections.iter().map(|spec| spec.name.as_str()).collect();
                let message = match super::diagnostics::nearest(name, known.iter().copied()) {
                    Some(meant) => format!("no connection `{name}`: did you mean `{meant}`?"),
                    None if known.is_empty() => format!("no connection `{name}`: the file has none"),
                    None => format!("no connection `{name}`: there are {}", known.join(", ")),
                };
                self.problems.push(Problem::whole(self.path, message));
            }
        }
        connections.retain(|spec| wanted.iter().any(|name| name == spec.name.as_str()));
    }

    fn wrong(&mut self, index: usize, key: &str, message: String) {
        let span = self.span_of(index, key).unwrap_or(0..0);
        self.problems.push(Problem::at(self.path, self.text, &span, message));
    }

    /// Where a key of the n-th connection stands; the table itself if it has no such key.
    fn span_of(&self, index: usize, key: &str) -> Option<std::ops::Range<usize>> {
        let table = DeTable::parse(self.text).ok()?;
        let DeValue::Array(connections) = table.get_ref().get("connection")?.get_ref() else { return None };
        let connection = connections.get(index)?;
        let DeValue::Table(keys) = connection.get_ref() else { return None };
        Some(keys.get(key).map_or_else(|| connection.span(), toml::Spanned::span))
    }
}

impl Settings {
    /// The file's connections, or those made of the command line's profiles and regions, with the flags that hold
    /// for all. `discovered` are the logins of this machine that need no choosing.
    pub fn connections(&self, flags: &Flags, discovered: &[ConnectionSpec]) -> Vec<ConnectionSpec> {
        let specs = if flags.profiles.is_empty() && flags.regions.is_empty() {
            if self.connections.is_empty() { discovered.to_vec() } else { self.connections.clone() }
        } else {
            ad_hoc(flags, discovered)
        };
        self.with_flags(specs, flags)
    }

    /// Puts over the connections what the command line says of all of them.
    pub fn with_flags(&self, mut specs: Vec<ConnectionSpec>, flags: &Flags) -> Vec<ConnectionSpec> {
        for spec in &mut specs {
            if let Some(share) = &self.quota_share {
                spec.share = share.value;
            }
            if flags.operate {
                spec.mode = Mode::Operate;
            }
        }
        specs
    }
}

/// Every profile in every region.
fn ad_hoc(flags: &Flags, discovered: &[ConnectionSpec]) -> Vec<ConnectionSpec> {
    let bases: Vec<ConnectionSpec> = if flags.profiles.is_empty() {
        discovered.to_vec()
    } else {
        let of = |profile: &String| ConnectionSpec {
            profile: Some(profile.clone()),
            ..ConnectionSpec::new(profile.as_str(), crate::domain::Cloud::Emr)
        };
        flags.profiles.iter().map(of).collect()
    };
    if flags.regions.is_empty() {
        return bases;
    }
    let mut out = Vec::new();
    for base in bases {
        for region in &flags.regions {
            let name = if flags.regions.len() > 1 { format!("{}@{region}", base.name) } else { base.name.to_string() };
            out.push(ConnectionSpec { name: ConnectionName::new(name), region: Some(region.clone()), ..base.clone() });
        }
    }
    out
}
