//! Exit codes: a contract with scripts. Documented in the README.

use std::process::ExitCode;

use crate::domain::{ErrorKind, Lane, LaneStatus};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Ok,
    /// A fault of this program.
    Internal,
    /// The command line or a file of the user's is wrong.
    BadInput,
    /// No credentials, expired ones, or a missing permission.
    Auth,
    Throttled,
    /// Some connections answered and some did not.
    Partial,
    /// A rule forbids it: read-only, a guard, a changed world.
    Refused,
    /// No network, no answer in time, or the cloud itself fails.
    Unreachable,
    NotFound,
}

impl Exit {
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Internal => 1,
            Self::BadInput => 2,
            Self::Auth => 3,
            Self::Throttled => 4,
            Self::Partial => 5,
            Self::Refused => 6,
            Self::Unreachable => 7,
            Self::NotFound => 8,
        }
    }

    /// What one failure means for the whole command.
    pub fn of(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::AuthMissing | ErrorKind::AuthExpired | ErrorKind::ClockSkew | ErrorKind::Denied { .. } => {
                Self::Auth
            }
            ErrorKind::Throttled { .. } | ErrorKind::Quota => Self::Throttled,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::Conflict | ErrorKind::Protected | ErrorKind::Unsupported => Self::Refused,
            ErrorKind::Invalid => Self::BadInput,
            ErrorKind::Capacity
            | ErrorKind::Unavailable
            | ErrorKind::Timeout
            | ErrorKind::Network
            | ErrorKind::Decode => Self::Unreachable,
        }
    }

    /// All connections well: ok. Some well: partial. None well: the cause, or partial when there are several.
    pub fn of_lanes(lanes: &[Lane]) -> Self {
        let mut causes = lanes.iter().filter_map(|lane| match &lane.status {
            LaneStatus::Failing { error, .. } => Some(Self::of(&error.kind)),
            _ => None,
        });
        let Some(first) = causes.next() else { return Self::Ok };
        let rest: Vec<Self> = causes.collect();
        if rest.len() + 1 == lanes.len() && rest.iter().all(|cause| *cause == first) { first } else { Self::Partial }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
