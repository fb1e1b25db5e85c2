//! How EMR tells of clusters: the shapes of AWS JSON 1.1. Absent values are left out; instants are numbers of seconds.

#![expect(clippy::struct_field_names, reason = "the names are those of the wire")]

mod cluster;
mod instance;
mod pool;
mod step;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::words::ReasonCode;

pub(super) use cluster::{Bootstrap, Full, Summary};
pub(super) use instance::Instance;
pub(super) use pool::{Fleet, Group};
pub(super) use step::Step;

/// An instant as AWS writes it: seconds since 1970, with milliseconds as the fraction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Epoch(pub(super) Timestamp);

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_millisecond() as f64 / 1000.0)
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reason<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ReasonCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// When something was created, was ready and ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Timeline {
    creation_date_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    ready_date_time: Option<Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<Epoch>,
}

/// State, reason and timeline of a pool or a machine.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Status<'a, State> {
    state: State,
    state_change_reason: Reason<'a>,
    timeline: Timeline,
}

impl Timeline {
    fn new(created: Timestamp, ready: Option<Timestamp>, ended: Option<Timestamp>) -> Self {
        Self { creation_date_time: Epoch(created), ready_date_time: ready.map(Epoch), end_date_time: ended.map(Epoch) }
    }
}
