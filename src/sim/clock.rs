//! Simulated time: it starts at an instant of its own, runs faster or slower than real time, stands still or jumps.
//! Pure: real time comes in as the time elapsed since the server started.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The fastest that simulated time may run.
pub(super) const MAX_SPEED: f64 = 10_000.0;

/// Maps real time to simulated time.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    start: Timestamp,
    /// The simulated instant at which the speed was last set.
    anchor: Timestamp,
    /// Real time at which the speed was last set.
    anchored_at: Duration,
    speed: f64,
}

impl Clock {
    /// A clock that shows `start` when no real time has passed. `speed` is checked by [`is_speed`].
    pub(super) fn new(start: Timestamp, speed: f64) -> Self {
        let start = to_millisecond(start);
        Self { start, anchor: start, anchored_at: Duration::ZERO, speed }
    }

    /// The simulated instant after `wall` of real time, in whole milliseconds.
    pub(super) fn now(&self, wall: Duration) -> Timestamp {
        let real = wall.saturating_sub(self.anchored_at);
        let simulated = Duration::try_from_secs_f64(real.as_secs_f64() * self.speed).unwrap_or(Duration::MAX);
        to_millisecond(after(self.anchor, simulated))
    }

    pub(super) fn set_speed(&mut self, wall: Duration, speed: f64) {
        self.anchor = self.now(wall);
        self.anchored_at = wall;
        self.speed = speed;
    }

    /// Jumps ahead; works on a clock that stands still, too.
    pub(super) fn advance(&mut self, by: Duration) {
        self.anchor = after(self.anchor, by);
    }

    pub(super) const fn start(&self) -> Timestamp {
        self.start
    }

    pub(super) const fn speed(&self) -> f64 {
        self.speed
    }
}

/// Whether a clock can run at this speed: 0 stands still, 1 is real time.
pub(super) fn is_speed(speed: f64) -> bool {
    (0.0..=MAX_SPEED).contains(&speed)
}

/// The instant `by` later; the end of time when there is no such instant.
pub(super) fn after(at: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| at.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// The instant `by` earlier; the beginning of time when there is no such instant.
pub(super) fn before(at: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| at.checked_sub(by).ok()).unwrap_or(Timestamp::MIN)
}

/// How long `to` is after `from`; zero when it is not.
pub(super) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}

fn to_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn start() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_clock_runs_at_its_speed() {
        let clock = Clock::new(start(), 60.0);
        assert_eq!(clock.now(Duration::ZERO), start());
        assert_eq!(clock.now(2 * SECOND), after(start(), 120 * SECOND));
    }

    #[test]
    fn a_frozen_clock_moves_only_by_jumps() {
        let mut clock = Clock::new(start(), 0.0);
        assert_eq!(clock.now(3600 * SECOND), start());
        clock.advance(90 * SECOND);
        assert_eq!(clock.now(7200 * SECOND), after(start(), 90 * SECOND));
    }

    #[test]
    fn a_change_of_speed_does_not_move_the_present() {
        let mut clock = Clock::new(start(), 10.0);
        clock.set_speed(5 * SECOND, 2.0);
        assert_eq!(clock.now(5 * SECOND), after(start(), 50 * SECOND));
        assert_eq!(clock.now(6 * SECOND), after(start(), 52 * SECOND));
        clock.set_speed(6 * SECOND, 0.0);
        assert_eq!(clock.now(60 * SECOND), after(start(), 52 * SECOND));
    }

    #[test]
    fn the_end_of_time_is_not_a_panic() {
        let mut clock = Clock::new(start(), MAX_SPEED);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(Duration::MAX), to_millisecond(Timestamp::MAX));
    }

    #[test]
    fn only_finite_speeds_from_zero_up_are_speeds() {
        assert!(is_speed(0.0) && is_speed(1.0) && is_speed(MAX_SPEED));
        assert!(!is_speed(-1.0) && !is_speed(f64::NAN) && !is_speed(f64::INFINITY) && !is_speed(2e4));
    }
}
