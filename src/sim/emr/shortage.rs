//! Times in which EC2 has no machines to give.

use jiff::Timestamp;

use super::words::Market;
use crate::sim::accounts::SiteId;

/// A shortage that one cluster meets.
#[derive(Debug, Clone)]
pub(super) struct Shortage {
    /// The pool it is about; all of them when it is not given.
    pub(super) pool: Option<usize>,
    pub(super) market: Option<Market>,
    pub(super) until: Timestamp,
}

/// A shortage that everybody in an account and region meets.
#[derive(Debug, Clone)]
pub(super) struct SiteShortage {
    pub(super) site: SiteId,
    /// The machine type; all of them when it is not given.
    pub(super) instance_type: Option<String>,
    pub(super) market: Option<Market>,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Shortage {
    fn hits(&self, pool: usize, market: Market, now: Timestamp) -> bool {
        self.pool.is_none_or(|at| at == pool) && self.market.is_none_or(|at| at == market) && now < self.until
    }
}

impl SiteShortage {
    fn hits(&self, site: SiteId, instance_type: &str, market: Market, now: Timestamp) -> bool {
        self.site == site
            && self.instance_type.as_deref().is_none_or(|name| name == instance_type)
            && self.market.is_none_or(|at| at == market)
            && (self.from..self.until).contains(&now)
    }
}

/// A machine that somebody waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) site: SiteId,
    pub(super) pool: usize,
    pub(super) instance_type: &'a str,
    pub(super) market: Market,
}

/// Until when this machine cannot be had, if it cannot be had now.
pub(super) fn until(
    wanted: Wanted<'_>,
    own: &[Shortage],
    common: &[SiteShortage],
    now: Timestamp,
) -> Option<Timestamp> {
    let own = own.iter().filter(|shortage| shortage.hits(wanted.pool, wanted.market, now)).map(|short| short.until);
    let common = common
        .iter()
        .filter(|shortage| shortage.hits(wanted.site, wanted.instance_type, wanted.market, now))
        .map(|short| short.until);
    own.chain(common).max()
}
