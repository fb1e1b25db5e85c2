//! Request quotas: token buckets per account, region and operation, counted in real time as a cloud counts them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde::Deserialize;

use super::accounts::SiteId;

/// The name under which the bucket of all operations together is kept.
pub(super) const ALL_OPERATIONS: &str = "*";

/// How many calls may come at once and how many a second for ever.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    /// The size of the bucket, in calls.
    pub(super) burst: f64,
    /// Calls a second that flow back into it.
    pub(super) refill: f64,
}

#[derive(Debug)]
pub(super) struct Quotas {
    is_on: bool,
    /// Instead of the cloud's own, by operation.
    overrides: BTreeMap<String, Limit>,
    buckets: HashMap<(SiteId, &'static str), Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    counted_at: Duration,
}

impl Quotas {
    pub(super) fn new(is_on: bool, overrides: BTreeMap<String, Limit>) -> Self {
        Self { is_on, overrides, buckets: HashMap::new() }
    }

    pub(super) const fn is_on(&self) -> bool {
        self.is_on
    }

    /// Whether a call may be made now. It takes one token of every bucket named, or none when one of them is empty.
    pub(super) fn take(&mut self, site: SiteId, limits: &[(&'static str, Limit)], wall: Duration) -> bool {
        if !self.is_on {
            return true;
        }
        let may = limits.iter().all(|(name, limit)| self.refilled(site, name, *limit, wall).tokens >= 1.0);
        if may {
            for (name, limit) in limits {
                self.refilled(site, name, *limit, wall).tokens -= 1.0;
            }
        }
        may
    }

    fn refilled(&mut self, site: SiteId, name: &'static str, limit: Limit, wall: Duration) -> &mut Bucket {
        let limit = self.overrides.get(name).copied().unwrap_or(limit);
        let bucket =
            self.buckets.entry((site, name)).or_insert_with(|| Bucket { tokens: limit.burst, counted_at: wall });
        let passed = wall.saturating_sub(bucket.counted_at).as_secs_f64();
        bucket.tokens = passed.mul_add(limit.refill, bucket.tokens).min(limit.burst);
        bucket.counted_at = bucket.counted_at.max(wall);
        bucket
    }
}

#[cfg(test)]
mod tests {
    use super::super::accounts::Accounts;
    use super::*;

    const LIST: (&str, Limit) = ("List", Limit { burst: 2.0, refill: 0.5 });
    const ALL: (&str, Limit) = (ALL_OPERATIONS, Limit { burst: 3.0, refill: 5.0 });

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn sites() -> (SiteId, SiteId) {
        let mut accounts = Accounts::new(Vec::new());
        (accounts.site(0, "a"), accounts.site(0, "b"))
    }

    #[test]
    fn a_bucket_empties_and_refills_slowly() {
        let (site, _) = sites();
        let mut quotas = Quotas::new(true, BTreeMap::new());
        assert!(quotas.take(site, &[LIST], seconds(0.0)));
        assert!(quotas.take(site, &[LIST], seconds(0.0)));
        assert!(!quotas.take(site, &[LIST], seconds(0.0)));
        assert!(!quotas.take(site, &[LIST], seconds(1.9)));
        assert!(quotas.take(site, &[LIST], seconds(2.0)));
        assert!(!quotas.take(site, &[LIST], seconds(2.1)));
        // However long it waits, it holds no more than the burst.
        assert!(quotas.take(site, &[LIST], seconds(1000.0)));
        assert!(quotas.take(site, &[LIST], seconds(1000.0)));
        assert!(!quotas.take(site, &[LIST], seconds(1000.0)));
    }

    #[test]
    fn every_site_has_buckets_of_its_own() {
        let (here, there) = sites();
        let mut quotas = Quotas::new(true, BTreeMap::new());
        assert!(quotas.take(here, &[LIST], seconds(0.0)) && quotas.take(here, &[LIST], seconds(0.0)));
        assert!(!quotas.take(here, &[LIST], seconds(0.0)));
        assert!(quotas.take(there, &[LIST], seconds(0.0)));
    }

    #[test]
    fn a_refused_call_takes_nothing_from_the_other_bucket() {
        let (site, _) = sites();
        let mut quotas = Quotas::new(true, BTreeMap::new());
        for _ in 0..2 {
            assert!(quotas.take(site, &[ALL, LIST], seconds(0.0)));
        }
        for _ in 0..5 {
            assert!(!quotas.take(site, &[ALL, LIST], seconds(0.0)));
        }
        assert!(quotas.take(site, &[ALL], seconds(0.0)), "one token of all operations must be left");
        assert!(!quotas.take(site, &[ALL], seconds(0.0)));
    }

    #[test]
    fn quotas_can_be_changed_and_switched_off() {
        let (site, _) = sites();
        let mut off = Quotas::new(false, BTreeMap::new());
        assert!((0..100).all(|_| off.take(site, &[LIST], seconds(0.0))));
        let tight = BTreeMap::from([("List".to_owned(), Limit { burst: 1.0, refill: 0.0 })]);
        let mut quotas = Quotas::new(true, tight);
        assert!(quotas.take(site, &[LIST], seconds(0.0)));
        assert!(!quotas.take(site, &[LIST], seconds(9999.0)));
    }
}
