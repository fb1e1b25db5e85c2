//! Managed scaling at work: it follows the load within its limits and puts back what somebody else changed.

use crate::sim::clock;
use crate::sim::emr::catalogue;
use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::event::{Tick, What};
use crate::sim::emr::pace;
use crate::sim::emr::pool::{Pool, Units};
use crate::sim::emr::scaling::{Limits, Scaler};
use crate::sim::emr::words::{Collection, Market, Role, ScalingUnit};

impl Cluster {
    /// Attaches limits, or replaces the ones it has.
    pub(in crate::sim::emr) fn set_scaling(&mut self, limits: Limits, is_lively: bool, tick: &mut Tick<'_>) {
        let decided = self.pools.iter().map(|pool| pool.requested).collect();
        let comfortable = self.scaler.as_ref().map_or_else(|| self.scaled_size(limits.unit), |old| old.comfortable);
        self.scaler = Some(Scaler { limits, decided, comfortable, is_lively });
        self.scaler_number += 1;
        self.watch_load(tick);
    }

    pub(in crate::sim::emr) fn remove_scaling(&mut self) {
        self.scaler = None;
        self.scaler_number += 1;
    }

    /// Has the scaler look again soon.
    pub(super) fn watch_load(&mut self, tick: &mut Tick<'_>) {
        if self.scaler.is_some() && self.state().is_up() {
            let dice = self.dice.of("scaler").at(u64::from(self.decide()));
            tick.within(dice, pace::SCALER_LOOKS, What::ScalerLooks { policy: self.scaler_number });
        }
    }

    /// Somebody else changed a size. The scaler puts it back, but lets it be seen before.
    pub(super) fn scaler_notices(&mut self, tick: &mut Tick<'_>) {
        self.scaler_number += 1;
        self.watch_load(tick);
    }

    pub(super) fn scaler_looks(&mut self, policy: u32, tick: &mut Tick<'_>) {
        if policy != self.scaler_number || !self.state().is_up() {
            return;
        }
        let Some(scaler) = self.scaler.take() else { return };
        let decided = self.decide_sizes(&scaler, tick);
        for (pool, units) in decided.iter().enumerate() {
            let is_scaled = self.pools[pool].role != Role::Master;
            if is_scaled && self.pools[pool].requested != *units {
                self.retarget(pool, *units, tick);
            }
        }
        let is_lively = scaler.is_lively;
        self.scaler = Some(Scaler { decided, ..scaler });
        // A load that does not change needs no second look until somebody changes something.
        if is_lively {
            self.watch_load(tick);
        }
    }

    /// The sizes that fit the load: from the last decision, the nearest way there.
    fn decide_sizes(&self, scaler: &Scaler, tick: &Tick<'_>) -> Vec<Units> {
        let limits = &scaler.limits;
        // Pools that came after the last decision are as somebody made them.
        let mut sizes = scaler.decided.clone();
        sizes.extend(self.pools.iter().skip(sizes.len()).map(|pool| pool.requested));
        let size = |sizes: &[Units]| -> u32 {
            self.pools.iter().zip(sizes).map(|(pool, units)| weight(pool, limits.unit) * units.total()).sum::<u32>()
                - self.unscaled(limits.unit, sizes)
        };
        let wanted = self.load(scaler, tick).clamp(limits.min, limits.max.max(limits.min));
        // One unit at a time: the order in which pools grow and shrink is the law, not arithmetic.
        while size(&sizes) < wanted {
            let Some(place) = self.next_to_grow(&sizes, limits) else { break };
            *sizes[place.0].of_mut(place.1) += 1;
        }
        while size(&sizes) > wanted {
            let Some(place) = self.next_to_shrink(&sizes) else { break };
            *sizes[place.0].of_mut(place.1) -= 1;
        }
        sizes
    }

    /// What the master nodes count for: limits do not include them.
    fn unscaled(&self, unit: ScalingUnit, sizes: &[Units]) -> u32 {
        let masters = self.pools.iter().zip(sizes).filter(|(pool, _)| pool.role == Role::Master);
        masters.map(|(pool, units)| weight(pool, unit) * units.total()).sum()
    }

    /// The present size of what is scaled.
    fn scaled_size(&self, unit: ScalingUnit) -> u32 {
        let scaled = self.pools.iter().filter(|pool| pool.role != Role::Master);
        scaled.map(|pool| weight(pool, unit) * pool.requested.total()).sum()
    }

    /// The size that the load asks for, limits aside.
    fn load(&self, scaler: &Scaler, tick: &Tick<'_>) -> u32 {
        if !scaler.is_lively {
            return scaler.comfortable;
        }
        if !self.has_active_steps() {
            return scaler.limits.min;
        }
        let age = clock::between(self.status.created, tick.now).as_secs();
        let dice = self.dice.of("load").at(age / pace::LOAD_EPOCH.as_secs());
        // The mean of two draws: the middle is more likely than the ends.
        let share = f64::midpoint(dice.at(0).fraction(), dice.at(1).fraction());
        let span = f64::from(scaler.limits.max.saturating_sub(scaler.limits.min));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the limits")]
        let above = (share * span).round() as u32;
        scaler.limits.min + above
    }

    /// Spot before on-demand, task before core, as far as the limits let it.
    fn next_to_grow(&self, sizes: &[Units], limits: &Limits) -> Option<(usize, Market)> {
        let scaled = || self.pools.iter().enumerate().filter(|(_, pool)| pool.role != Role::Master);
        let on_demand: u32 = scaled().map(|(n, pool)| weight(pool, limits.unit) * sizes[n].on_demand).sum();
        let core: u32 = scaled()
            .filter(|(_, pool)| pool.role == Role::Core)
            .map(|(n, pool)| weight(pool, limits.unit) * sizes[n].total())
            .sum();
        let may = |pool: &Pool, market: Market| {
            (market == Market::Spot || limits.max_on_demand.is_none_or(|max| on_demand < max))
                && (pool.role != Role::Core || limits.max_core.is_none_or(|max| core < max))
        };
        self.places(true).into_iter().find(|(pool, market)| may(&self.pools[*pool], *market))
    }

    /// The other way round; a core pool keeps one unit.
    fn next_to_shrink(&self, sizes: &[Units]) -> Option<(usize, Market)> {
        self.places(false).into_iter().find(|(pool, market)| {
            let least = u32::from(self.pools[*pool].role == Role::Core && sizes[*pool].total() == 1);
            sizes[*pool].of(*market) > least
        })
    }

    /// Where capacity can be, best first for growing: task before core, spot before on-demand. Shrinking takes from
    /// task before core and from spot before on-demand, too.
    fn places(&self, is_growing: bool) -> Vec<(usize, Market)> {
        let mut places = Vec::new();
        for role in [Role::Task, Role::Core] {
            for market in [Market::Spot, Market::OnDemand] {
                let pools = self.pools.iter().enumerate().filter(|(_, pool)| {
                    let has_market = match self.collection {
                        Collection::Groups => pool.market == market,
                        // A core fleet is not led into a market that nobody gave it, but can leave any.
                        Collection::Fleets => !is_growing || role == Role::Task || pool.requested.of(market) > 0,
                    };
                    pool.role == role && has_market
                });
                places.extend(pools.map(|(pool, _)| (pool, market)));
            }
        }
        places
    }
}

/// What one unit of a pool counts for in the unit of the limits.
fn weight(pool: &Pool, unit: ScalingUnit) -> u32 {
    match unit {
        ScalingUnit::FleetUnits | ScalingUnit::Instances => 1,
        ScalingUnit::Vcpu => pool.kinds.first().and_then(|kind| catalogue::vcpus(&kind.instance_type)).unwrap_or(4),
    }
}
