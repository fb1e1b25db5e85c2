//! The real clock. The simulator reads it here and nowhere else; everything below takes the time elapsed
//! since the server started as an argument.

use std::time::{Duration, Instant};

use jiff::Timestamp;

/// When the server started, on both of the machine's clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wall {
    started: Instant,
    started_at: Timestamp,
}

impl Wall {
    #[expect(clippy::disallowed_methods, reason = "the one place where the simulator reads the real clock")]
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), started_at: Timestamp::now() }
    }

    /// Real time since the start; never goes back.
    pub(super) fn elapsed(self) -> Duration {
        self.started.elapsed()
    }

    /// The date and time of the start.
    pub(super) const fn started_at(self) -> Timestamp {
        self.started_at
    }
}
