//! The one place that reads the clocks.

use jiff::Timestamp;

/// The time of day.
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
