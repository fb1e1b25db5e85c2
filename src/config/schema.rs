//! The configuration file as it is written. The JSON schema and the reference page are made from this.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::{Cloud, Mode};

/// `config.toml`. Every key is optional.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConfigFile {
    /// The theme: a shipped one (`dark`, `light`, `ansi16`) or a file of that name in the themes folder.
    pub theme: Option<String>,
    /// The keymap: a shipped one (`default`, `vim`) or a file of that name in the keymaps folder.
    pub keymap: Option<String>,
    /// Plain ASCII instead of box drawing and signs. Without it, the locale decides.
    pub ascii: Option<bool>,
    /// Click to select, wheel to scroll. Hold shift to select text with the mouse on.
    pub mouse: Option<bool>,
    /// Nothing may be changed over any connection, whatever its mode.
    pub read_only: Option<bool>,
    /// Other names for commands: `ec = "filter env=prod"`.
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// One table for each login.
    #[serde(default, rename = "connection")]
    pub connections: Vec<ConnectionEntry>,
}

/// One login: `[[connection]]`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConnectionEntry {
    /// What you call it. Letters, digits, `.`, `_`, `-` and `@`.
    pub name: String,
    /// The cloud.
    pub provider: ProviderWord,
    /// AWS: the profile of `~/.aws/config`. Without it, the environment or the instance's role is used.
    pub profile: Option<String>,
    /// AWS: the region. Without it, the profile's region or `AWS_REGION`.
    pub region: Option<String>,
    /// What may be done over it: `read-only` (the default) or `operate`.
    #[serde(default)]
    pub mode: Mode,
    /// Send the calls there instead of to the cloud: for emulators and private endpoints.
    pub endpoint_url: Option<String>,
    /// No call lasts longer: `10s`.
    pub timeout: Option<String>,
    /// The share of the documented request quota that may be used, above 0 and at most 1 (the default is 0.5), or `"off"`.
    pub quota_share: Option<QuotaShareWord>,
    /// Request quotas of the account where they differ from the documented ones, by operation; `"*"` is all together.
    #[serde(default)]
    pub quotas: BTreeMap<String, QuotaEntry>,
    /// How far back ended clusters are listed: `24h`.
    pub history: Option<String>,
}

/// A cloud that can be named in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProviderWord {
    Emr,
}

impl From<ProviderWord> for Cloud {
    fn from(word: ProviderWord) -> Self {
        match word {
            ProviderWord::Emr => Self::Emr,
        }
    }
}

/// A share, or `"off"`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum QuotaShareWord {
    Share(f64),
    Word(String),
}

/// A token bucket: so many at once, so many more each second.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct QuotaEntry {
    /// Calls that may be made at once.
    pub burst: f64,
    /// Calls a second that come back.
    pub per_second: f64,
}

/// The JSON schema of the file.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(ConfigFile).to_value()
}
