//! A connection is one login: a cloud, an account or project, a region, and what may be done over it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{ErrorKind, ProviderError};
use super::ids::{Cloud, ConnectionName};

/// What the operator may do over a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Look, and change nothing.
    #[default]
    ReadOnly,
    /// Look, and change things after a confirmed plan.
    Operate,
}

impl Mode {
    pub const fn word(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Operate => "operate",
        }
    }
}

/// How much of the documented request quota a connection may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum QuotaShare {
    /// A share between 0 and 1.
    Share(f64),
    /// No limit at all: for emulators.
    Off,
}

impl Default for QuotaShare {
    fn default() -> Self {
        Self::Share(0.5)
    }
}

/// The request quota of one operation, where the account's differs from the documented one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quota {
    /// Calls that may be made at once.
    pub burst: f64,
    /// Calls a second that come back.
    pub per_second: f64,
}

/// Everything needed to open a connection.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionSpec {
    pub name: ConnectionName,
    pub cloud: Cloud,
    pub mode: Mode,
    pub region: Option<String>,
    /// The named profile of the cloud's own configuration files.
    pub profile: Option<String>,
    /// Where to send the calls instead of the cloud's own address.
    pub endpoint_url: Option<String>,
    /// An access key in place of the ones found on the machine: only the demo has one.
    pub access_key: Option<String>,
    /// No call lasts longer.
    pub timeout: Duration,
    pub share: QuotaShare,
    /// Quotas by operation name; `*` is all operations together.
    pub quotas: BTreeMap<String, Quota>,
    /// How far back ended clusters are listed.
    pub history: Duration,
}

impl ConnectionSpec {
    /// A read-only connection with the default limits.
    pub fn new(name: impl Into<ConnectionName>, cloud: Cloud) -> Self {
        Self {
            name: name.into(),
            cloud,
            mode: Mode::ReadOnly,
            region: None,
            profile: None,
            endpoint_url: None,
            access_key: None,
            timeout: Duration::from_secs(10),
            share: QuotaShare::default(),
            quotas: BTreeMap::new(),
            history: Duration::from_secs(24 * 3600),
        }
    }
}

/// Who the cloud says we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub account: String,
    /// The principal in the cloud's own notation.
    pub principal: String,
}

/// How a connection fares, for its place in the header.
#[derive(Debug, Clone)]
pub enum LaneStatus {
    /// Nothing has been heard yet.
    Connecting,
    Live,
    /// The last answer was this error; the next try is at `retry_at`.
    Failing {
        error: Arc<ProviderError>,
        retry_at: Option<Timestamp>,
    },
    /// The worker itself broke and is started again.
    Crashed {
        restart_at: Timestamp,
    },
}

impl LaneStatus {
    /// The stable word for JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "ok",
            Self::Crashed { .. } => "crashed",
            Self::Failing { error, .. } => match error.kind {
                ErrorKind::AuthMissing => "no-credentials",
                ErrorKind::AuthExpired => "expired",
                ErrorKind::ClockSkew => "clock-skew",
                ErrorKind::Denied { .. } => "denied",
                ErrorKind::Throttled { .. } => "throttled",
                ErrorKind::Network => "unreachable",
                ErrorKind::Timeout => "timeout",
                ErrorKind::Unavailable => "unavailable",
                _ => "error",
            },
        }
    }
}

/// How much of the calls that the poller allows itself it has used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budget {
    /// Calls made in the last minute.
    pub used: u32,
    /// Calls a minute that may be made for ever; `None` when there is no limit.
    pub allowed: Option<u32>,
    /// Throttles met since the start.
    pub throttles: u32,
    /// The limits are lowered after a throttle: how far, in percent of the normal share.
    pub pace_percent: u8,
}

impl Budget {
    /// How much of what may be used is used, in percent.
    pub fn percent_used(self) -> Option<u32> {
        self.allowed.filter(|allowed| *allowed > 0).map(|allowed| (self.used * 100).div_ceil(allowed).min(100))
    }
}

/// The state of one connection as the operator sees it.
#[derive(Debug, Clone)]
pub struct Lane {
    pub name: ConnectionName,
    pub cloud: Cloud,
    pub region: Option<String>,
    pub mode: Mode,
    pub status: LaneStatus,
    pub identity: Option<Identity>,
    /// When the last full listing ended.
    pub listed_at: Option<Timestamp>,
    /// How often a full listing is made; data older than twice this is stale.
    pub period: Duration,
    /// A listing is under way: pages read so far.
    pub pages_read: Option<u32>,
    pub budget: Budget,
    /// Operations that do not work now, each with the word for why, while the listing itself may.
    pub failing: Vec<(String, &'static str)>,
}

impl Lane {
    pub fn new(name: ConnectionName, cloud: Cloud, region: Option<String>, mode: Mode) -> Self {
        Self {
            name,
            cloud,
            region,
            mode,
            status: LaneStatus::Connecting,
            identity: None,
            listed_at: None,
            period: Duration::from_secs(30),
            pages_read: None,
            budget: Budget::default(),
            failing: Vec::new(),
        }
    }

    /// What is older than this is stale.
    pub fn stale_after(&self) -> Duration {
        self.period * 2
    }
}
