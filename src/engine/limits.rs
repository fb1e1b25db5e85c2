//! Polite limits: token buckets for each operation and for all together, at a share of the documented quota;
//! halved when the cloud says "too much", and slowly recovered. Pure: the time comes in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Budget, Quota, QuotaShare};
use crate::providers::Class;

/// What the pace falls to at the worst, and what it gains a minute.
const SLOWEST_PACE: f64 = 1.0 / 16.0;
const RECOVERY_PER_MINUTE: f64 = 0.1;
const WINDOW: Duration = Duration::from_secs(60);
/// The operation whose first use may take the whole documented burst: the first listing.
const WHOLE_BURST_AT_FIRST: &str = "ListClusters";

#[derive(Debug, Clone)]
struct Bucket {
    capacity: f64,
    per_second: f64,
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn new(quota: Quota, share: f64, is_whole_at_first: bool, now: Instant) -> Self {
        // A share of less than one call would never let anything pass.
        let capacity = (quota.burst * share).max(1.0);
        let tokens = if is_whole_at_first { quota.burst } else { capacity };
        Self { capacity, per_second: quota.per_second * share, tokens, at: now }
    }

    fn refill(&mut self, pace: f64, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        if self.tokens < self.capacity {
            self.tokens = (self.tokens + seconds * self.per_second * pace).min(self.capacity);
        }
    }

    /// How long until `level` tokens are there.
    fn wait_for(&self, level: f64, pace: f64) -> Duration {
        let missing = level - self.tokens;
        if missing <= 0.0 {
            Duration::ZERO
        } else {
            // A little more than needed, so that rounding never wakes us too early.
            Duration::from_secs_f64(missing / (self.per_second * pace) + 0.002)
        }
    }

    /// What must be in the bucket for a class to take one: the less urgent leave a reserve, a change may borrow.
    fn level(&self, class: Class) -> f64 {
        match class {
            Class::Change => 1.0 - self.capacity,
            Class::Interactive => 1.0,
            Class::Visible => 1.0 + 0.15 * (self.capacity - 1.0),
            Class::Background => 1.0 + 0.3 * (self.capacity - 1.0),
        }
    }
}

#[derive(Debug)]
pub(super) struct Limiter {
    all: Option<Bucket>,
    operations: HashMap<String, Bucket>,
    pace: f64,
    paced_at: Instant,
    recent: VecDeque<Instant>,
    throttles: u32,
}

impl Limiter {
    pub(super) fn new(
        documented: &[(&str, Quota)],
        overrides: &std::collections::BTreeMap<String, Quota>,
        share: QuotaShare,
        now: Instant,
    ) -> Self {
        let mut all = None;
        let mut operations = HashMap::new();
        if let QuotaShare::Share(share) = share {
            let mut quotas: HashMap<&str, Quota> = documented.iter().copied().collect();
            quotas.extend(overrides.iter().map(|(name, quota)| (name.as_str(), *quota)));
            for (name, quota) in quotas {
                if name == "*" {
                    all = Some(Bucket::new(quota, share, true, now));
                } else {
                    operations.insert(name.to_owned(), Bucket::new(quota, share, name == WHOLE_BURST_AT_FIRST, now));
                }
            }
        }
        Self { all, operations, pace: 1.0, paced_at: now, recent: VecDeque::new(), throttles: 0 }
    }

    fn recover(&mut self, now: Instant) {
        let minutes = now.saturating_duration_since(self.paced_at).as_secs_f64() / 60.0;
        self.pace = (self.pace + minutes * RECOVERY_PER_MINUTE).min(1.0);
        self.paced_at = now;
    }

    /// Takes a call's tokens, or says when to ask again.
    pub(super) fn try_take(&mut self, operation: &str, class: Class, now: Instant) -> Result<(), Instant> {
        self.recover(now);
        let pace = self.pace;
        let mut wait = Duration::ZERO;
        let mut buckets: Vec<&mut Bucket> = self.all.iter_mut().chain(self.operations.get_mut(operation)).collect();
        for bucket in &mut buckets {
            bucket.refill(pace, now);
            wait = wait.max(bucket.wait_for(bucket.level(class), pace));
        }
        if wait > Duration::ZERO {
            return Err(now + wait);
        }
        for bucket in buckets {
            bucket.tokens -= 1.0;
        }
        self.recent.push_back(now);
        Ok(())
    }

    /// The cloud said that it was too much.
    pub(super) fn throttled(&mut self, operation: &str, now: Instant) {
        self.recover(now);
        self.throttles += 1;
        self.pace = (self.pace / 2.0).max(SLOWEST_PACE);
        for bucket in self.all.iter_mut().chain(self.operations.get_mut(operation)) {
            bucket.tokens = bucket.tokens.min(0.0);
        }
    }

    pub(super) fn budget(&mut self, now: Instant) -> Budget {
        self.recover(now);
        while self.recent.front().is_some_and(|at| now.saturating_duration_since(*at) > WINDOW) {
            self.recent.pop_front();
        }
        let allowed = self.all.as_ref().map(|bucket| bucket.per_second * WINDOW.as_secs_f64());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
        Budget {
            used: u32::try_from(self.recent.len()).unwrap_or(u32::MAX),
            allowed: allowed.map(|calls| calls.round() as u32),
            throttles: self.throttles,
            pace_percent: (self.pace * 100.0).round() as u8,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const QUOTAS: &[(&str, Quota)] = &[
        ("*", Quota { burst: 25.0, per_second: 5.0 }),
        ("ListClusters", Quota { burst: 20.0, per_second: 0.5 }),
        ("ListSteps", Quota { burst: 10.0, per_second: 0.5 }),
    ];

    fn limiter(share: QuotaShare) -> (Limiter, Instant) {
        let now = Instant::now();
        (Limiter::new(QUOTAS, &BTreeMap::new(), share, now), now)
    }

    fn passes_at_once(limiter: &mut Limiter, operation: &str, class: Class, now: Instant) -> usize {
        (0..100).take_while(|_| limiter.try_take(operation, class, now).is_ok()).count()
    }

    #[test]
    fn the_first_listing_may_use_the_whole_burst_and_then_half_the_rate() {
        let (mut limiter, now) = limiter(QuotaShare::Share(0.5));
        assert_eq!(passes_at_once(&mut limiter, "ListClusters", Class::Interactive, now), 20);
        let later = now + Duration::from_secs(40);
        assert_eq!(
            passes_at_once(&mut limiter, "ListClusters", Class::Interactive, later),
            10,
            "0.25 a second, at most half the burst"
        );
    }

    #[test]
    fn the_less_urgent_leave_a_reserve_and_a_change_may_borrow() {
        let (mut limiter, now) = limiter(QuotaShare::Share(0.5));
        assert_eq!(passes_at_once(&mut limiter, "ListSteps", Class::Background, now), 3);
        assert_eq!(passes_at_once(&mut limiter, "ListSteps", Class::Visible, now), 1);
        assert_eq!(passes_at_once(&mut limiter, "ListSteps", Class::Interactive, now), 1);
        assert_eq!(passes_at_once(&mut limiter, "ListSteps", Class::Change, now), 5);
    }

    #[test]
    fn waiting_as_told_is_enough() {
        let (mut limiter, mut now) = limiter(QuotaShare::Share(0.5));
        for _ in 0..200 {
            if let Err(at) = limiter.try_take("ListSteps", Class::Background, now) {
                now = at;
                assert_eq!(limiter.try_take("ListSteps", Class::Background, now), Ok(()));
            }
        }
    }

    #[test]
    fn a_throttle_halves_the_pace_and_ten_minutes_restore_it() {
        let (mut limiter, now) = limiter(QuotaShare::Share(0.5));
        limiter.throttled("ListSteps", now);
        limiter.throttled("ListSteps", now);
        assert_eq!(limiter.budget(now).pace_percent, 25);
        assert!(limiter.try_take("ListSteps", Class::Interactive, now).is_err());
        assert_eq!(limiter.budget(now + Duration::from_secs(300)).pace_percent, 75);
        assert_eq!(limiter.budget(now + Duration::from_secs(600)).pace_percent, 100);
        for _ in 0..20 {
            limiter.throttled("ListSteps", now);
        }
        assert!(limiter.budget(now).pace_percent >= 6);
    }

    #[test]
    fn off_means_no_limit_and_an_override_replaces_the_documented_quota() {
        let (mut limiter, now) = limiter(QuotaShare::Off);
        assert_eq!(passes_at_once(&mut limiter, "ListClusters", Class::Background, now), 100);
        let raised = BTreeMap::from([
            ("ListSteps".to_owned(), Quota { burst: 100.0, per_second: 10.0 }),
            ("*".to_owned(), Quota { burst: 200.0, per_second: 50.0 }),
        ]);
        let mut limiter = Limiter::new(QUOTAS, &raised, QuotaShare::Share(0.5), now);
        assert_eq!(passes_at_once(&mut limiter, "ListSteps", Class::Interactive, now), 50);
        assert_eq!(limiter.budget(now).allowed, Some(1500));
    }
}
