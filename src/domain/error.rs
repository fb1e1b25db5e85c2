//! One taxonomy of what can go wrong with a cloud, and what the operator should do about it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// What kind of failure it is; every cloud's own codes are mapped to one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// No credentials were found.
    AuthMissing,
    /// The credentials were found and are no longer, or not, good.
    AuthExpired,
    /// The clock of this machine is too far from the cloud's.
    ClockSkew,
    /// Known, but not allowed; `need` is the missing permission where the cloud named it.
    Denied {
        need: Option<String>,
    },
    NotFound,
    /// The thing is in a state in which this cannot be done.
    Conflict,
    /// A protection set on the thing forbids it.
    Protected,
    Throttled {
        retry_after: Option<Duration>,
    },
    /// The cloud has no such machines to give.
    Capacity,
    /// A limit of the account is reached.
    Quota,
    /// The request is wrong.
    Invalid,
    /// The cloud failed.
    Unavailable,
    Timeout,
    /// No connection, or it broke.
    Network,
    /// The cloud, or this release of it, has no such function.
    Unsupported,
    /// The answer made no sense.
    Decode,
}

impl ErrorKind {
    /// The stable word for JSON, exit codes and tests.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::AuthMissing => "no credentials",
            Self::AuthExpired => "expired",
            Self::ClockSkew => "clock skew",
            Self::Denied { .. } => "denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::Protected => "protected",
            Self::Throttled { .. } => "throttled",
            Self::Capacity => "no capacity",
            Self::Quota => "quota exceeded",
            Self::Invalid => "invalid",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Network => "unreachable",
            Self::Unsupported => "unsupported",
            Self::Decode => "unreadable answer",
        }
    }

    /// Whether waiting and asking again may help without anybody doing something first.
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. } | Self::Unavailable | Self::Timeout | Self::Network | Self::Decode | Self::Capacity
        )
    }

    pub const fn is_auth(&self) -> bool {
        matches!(self, Self::AuthMissing | Self::AuthExpired | Self::ClockSkew)
    }
}

/// Whether a request that failed may nevertheless have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It never left this machine.
    NotSent,
    /// The cloud answered that it did not do it.
    Refused,
    /// The answer was lost or cannot be read: only observing tells.
    Unknown,
}

/// A failed call to a cloud.
///
/// `message` is the cloud's own text, cleaned for a terminal.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {}{}", kind.word(), Detail(message))]
pub struct ProviderError {
    pub kind: ErrorKind,
    pub operation: Cow<'static, str>,
    pub message: String,
    pub delivery: Delivery,
    pub context: Box<ErrorContext>,
    #[source]
    pub source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What else is known of a failure, for logs, the journal and the remedy.
#[derive(Debug, Clone, Default)]
pub struct ErrorContext {
    /// The cloud's own error code, as it came.
    pub code: Option<String>,
    pub request_id: Option<String>,
    /// The command that renews the login, where one is known.
    pub login: Option<String>,
}

struct Detail<'a>(&'a str);

impl std::fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

impl ProviderError {
    /// An error that says what failed and how; the rest is set by whoever knows it.
    pub fn new(kind: ErrorKind, operation: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let delivery = match kind {
            ErrorKind::AuthMissing => Delivery::NotSent,
            ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Network | ErrorKind::Decode => Delivery::Unknown,
            _ => Delivery::Refused,
        };
        Self {
            kind,
            operation: operation.into(),
            message: super::text::cleaned(message.into()),
            delivery,
            context: Box::default(),
            source: None,
        }
    }

    /// The next step for the operator, in the imperative.
    pub fn remedy(&self) -> String {
        match &self.kind {
            ErrorKind::AuthMissing => match &self.context.login {
                Some(login) => format!("log in: {login}"),
                None => "set up credentials; `sparkdeck doctor` says where it looked".into(),
            },
            ErrorKind::AuthExpired => match &self.context.login {
                Some(login) => format!("log in again: {login}"),
                None => "renew the credentials".into(),
            },
            ErrorKind::ClockSkew => "set this machine's clock".into(),
            ErrorKind::Denied { need: Some(need) } => format!("ask for the permission {need}"),
            ErrorKind::Denied { need: None } => format!("ask for the permission to call {}", self.operation),
            ErrorKind::NotFound => "it is gone, or the id is wrong: refresh".into(),
            ErrorKind::Conflict => "wait until its state allows it".into(),
            ErrorKind::Protected => "lift the protection first".into(),
            ErrorKind::Throttled { .. } => "wait: fewer calls are made meanwhile".into(),
            ErrorKind::Capacity => "try another instance type, zone or market".into(),
            ErrorKind::Quota => "raise the quota, or free some of it".into(),
            ErrorKind::Invalid => "correct the request".into(),
            ErrorKind::Unavailable => "wait: the cloud itself fails".into(),
            ErrorKind::Timeout | ErrorKind::Network => "check the network, proxy and endpoint".into(),
            ErrorKind::Unsupported => "this service does not offer it".into(),
            ErrorKind::Decode => "check that the endpoint is the right service".into(),
        }
    }
}
