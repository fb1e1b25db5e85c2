//! Sizes: how a pool gets another one, and how nodes leave.

use std::cmp::Reverse;

use crate::sim::emr::cluster::Cluster;
use crate::sim::emr::event::{Resize, Tick, What};
use crate::sim::emr::identity;
use crate::sim::emr::instance::{Instance, InstanceEnd};
use crate::sim::emr::pace;
use crate::sim::emr::pool::{Halted, Units};
use crate::sim::emr::words::{InstanceState, Market, PoolState, StepState};

/// How likely a node has containers while steps run.
const BUSY: f64 = 0.55;

impl Cluster {
    /// Lets a resize that was answered take effect after a moment.
    pub(in crate::sim::emr) fn plan_resize(&mut self, pool: usize, resize: Resize, tick: &mut Tick<'_>) {
        let dice = self.dice.of("resize lag").at(u64::from(self.decide()));
        tick.within(dice, pace::RESIZE_LAG, What::ResizeApplies { pool, resize: Box::new(resize) });
    }

    /// Sets a new size and begins to go there. It overrides what was under way, and wakes a pool that gave up.
    pub(super) fn resize(&mut self, pool: usize, resize: Resize, tick: &mut Tick<'_>) {
        if !self.state().is_up() {
            return;
        }
        if let Some(shrink) = resize.shrink {
            self.pools[pool].shrink = shrink;
        }
        if let Some(patience) = resize.patience {
            self.pools[pool].patience = patience;
        }
        let ended = self.terminate_now(pool, &resize.terminate_now, tick);
        // A group does not go back to the size it had before machines were ended by name.
        let left = |requested: Units| Units {
            on_demand: requested.on_demand.saturating_sub(ended.on_demand),
            spot: requested.spot.saturating_sub(ended.spot),
        };
        let units = resize.units.or((ended.total() > 0).then(|| left(self.pools[pool].requested)));
        if let Some(units) = units {
            self.retarget(pool, units, tick);
            self.scaler_notices(tick);
        }
    }

    /// Sets the size of a pool.
    pub(super) fn retarget(&mut self, pool: usize, units: Units, tick: &mut Tick<'_>) {
        let record = &mut self.pools[pool];
        record.requested = units;
        record.halted = Halted::default();
        record.reason = None;
        record.state = PoolState::Resizing;
        self.grow(pool, tick);
        for market in [Market::OnDemand, Market::Spot] {
            self.shrink(pool, market, tick);
        }
        // What is still waited for has the whole time again.
        self.begin_effort(pool, tick);
    }

    /// Ends these machines at once, without regard to what runs on them. Returns what they counted for.
    fn terminate_now(&mut self, pool: usize, ec2_ids: &[String], tick: &Tick<'_>) -> Units {
        let mut ended = Units::default();
        if ec2_ids.is_empty() {
            return ended;
        }
        let kinds = &self.pools[pool].kinds;
        let here = self.instances.iter().filter(|instance| instance.pool == pool);
        let named = here.filter(|one| ec2_ids.contains(&identity::ec2_id(self.instance_dice(one.number))));
        let named: Vec<_> = named.map(|one| (one.number, one.market, one.weight(kinds))).collect();
        for (number, market, weight) in named {
            *ended.of_mut(market) += weight;
            self.end_instance(number, tick.now, InstanceEnd::Shrunk);
        }
        ended
    }

    /// Gives back what a pool has too much of in one market. A machine that counts for more than the excess stays.
    fn shrink(&mut self, pool: usize, market: Market, tick: &mut Tick<'_>) {
        let mut excess = self.tally(pool).staying.of(market).saturating_sub(self.pools[pool].requested.of(market));
        if excess == 0 {
            return;
        }
        let decision = self.decide();
        for number in self.candidates(pool, market, decision) {
            let weight = self
                .instance_mut(number)
                .map(|instance| instance.kind)
                .map_or(1, |kind| self.pools[pool].kinds.get(kind).map_or(1, |kind| kind.weight));
            if weight <= excess {
                excess -= weight;
                self.let_go(number, decision, tick);
            }
        }
    }

    /// The machines that may leave, the first to go first: those named, those that do not run yet, idle ones before
    /// busy ones, young ones before old ones.
    fn candidates(&self, pool: usize, market: Market, decision: u32) -> Vec<u32> {
        let shrink = &self.pools[pool].shrink;
        let names_matter = !shrink.terminate_first.is_empty() || !shrink.protect.is_empty();
        let mut ranked: Vec<_> = self
            .instances
            .iter()
            .filter(|instance| instance.pool == pool && instance.market == market && instance.stays())
            .filter_map(|instance| {
                let id = names_matter.then(|| identity::ec2_id(self.instance_dice(instance.number)));
                let is_named = |list: &[String]| id.as_ref().is_some_and(|id| list.contains(id));
                if is_named(&shrink.protect) {
                    return None;
                }
                let is_busy = self.is_busy(instance, decision);
                Some((!is_named(&shrink.terminate_first), instance.state, is_busy, Reverse(instance.number)))
            })
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(.., Reverse(number))| number).collect()
    }

    /// Whether containers run on a machine.
    fn is_busy(&self, instance: &Instance, decision: u32) -> bool {
        instance.state == InstanceState::Running
            && self.steps.iter().any(|step| step.state == StepState::Running)
            && self.instance_dice(instance.number).of("busy").at(u64::from(decision)).chance(BUSY)
    }

    /// Sends a machine away: at once if it does not run yet, else when its containers have ended or their time is up.
    fn let_go(&mut self, number: u32, decision: u32, tick: &mut Tick<'_>) {
        let Ok(place) = self.instances.binary_search_by_key(&number, |instance| instance.number) else { return };
        let dice = self.instance_dice(number);
        match self.instances[place].state {
            InstanceState::AwaitingFulfillment => {
                self.instances.remove(place);
            }
            InstanceState::Provisioning | InstanceState::Bootstrapping => {
                self.end_instance(number, tick.now, InstanceEnd::Shrunk);
            }
            InstanceState::Running => {
                let is_busy = self.is_busy(&self.instances[place], decision);
                let range = if is_busy { pace::BUSY_NODE_LEAVES } else { pace::IDLE_NODE_LEAVES };
                let timeout = self.pools[self.instances[place].pool].shrink.timeout_of(&identity::ec2_id(dice));
                let delay = dice.of("leaves").at(u64::from(decision)).within(range).min(timeout);
                self.instances[place].leaving = Some(decision);
                tick.after(delay, What::Leaves { instance: number, decision });
            }
            InstanceState::Terminated => {}
        }
    }

    pub(super) fn leaves(&mut self, number: u32, decision: u32, tick: &Tick<'_>) {
        if self.instance_mut(number).is_some_and(|instance| instance.leaving == Some(decision)) {
            self.end_instance(number, tick.now, InstanceEnd::Shrunk);
        }
    }
}
