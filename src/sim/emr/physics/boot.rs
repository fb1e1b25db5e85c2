//! Machines: how they come, and how they are lost.

use std::time::Duration;

use crate::sim::clock;
use crate::sim::emr::cluster::{Cluster, ErrorDetail};
use crate::sim::emr::event::{Tick, What};
use crate::sim::emr::identity;
use crate::sim::emr::instance::{Instance, InstanceEnd};
use crate::sim::emr::pace;
use crate::sim::emr::pool::Halted;
use crate::sim::emr::shortage::{self, Wanted};
use crate::sim::emr::words::{Collection, InstanceState, Market, PoolState, ReasonCode, Role};

/// How soon a machine that EC2 refused is asked for again.
const RETRY: Duration = Duration::from_mins(2);

impl Cluster {
    /// Asks for the first machines.
    pub(in crate::sim::emr) fn launch(&mut self, tick: &mut Tick<'_>) {
        for pool in 0..self.pools.len() {
            self.pools[pool].made_with = self.pools[pool].requested.total();
            self.grow(pool, tick);
        }
        let dice = self.dice.of("listing").at(u64::from(self.decide()));
        tick.within(dice, pace::LISTING_LAG, What::ListingCatchesUp);
        self.settle(tick);
    }

    /// Asks for the machines that a pool lacks. Machines that were to leave stay after all, before new ones come.
    pub(super) fn grow(&mut self, pool: usize, tick: &mut Tick<'_>) {
        if self.state().is_ending() {
            return;
        }
        let mut has_asked = false;
        for market in [Market::OnDemand, Market::Spot] {
            let want = self.pools[pool].reachable().of(market);
            let mut have = self.tally(pool).staying.of(market);
            if have >= want {
                continue;
            }
            let kinds = &self.pools[pool].kinds;
            for instance in &mut self.instances {
                let can_stay = instance.pool == pool && instance.market == market && instance.leaving.is_some();
                if can_stay && have < want {
                    instance.leaving = None;
                    have += instance.weight(kinds);
                }
            }
            while have < want {
                have += self.ask_for_machine(pool, market, tick).max(1);
                has_asked = true;
            }
        }
        if has_asked {
            self.begin_effort(pool, tick);
            let state = &mut self.pools[pool].state;
            if !matches!(state, PoolState::Provisioning | PoolState::Bootstrapping) {
                *state = PoolState::Resizing;
            }
        }
    }

    /// Asks EC2 for one machine; returns the units it will count for.
    fn ask_for_machine(&mut self, pool: usize, market: Market, tick: &mut Tick<'_>) -> u32 {
        let number = self.next_instance;
        self.next_instance += 1;
        let dice = self.instance_dice(number);
        let kinds = &self.pools[pool].kinds;
        let kind = dice.of("kind").below(kinds.len());
        let weight = kinds.get(kind).map_or(1, |kind| kind.weight);
        self.instances.push(Instance {
            number,
            pool,
            kind,
            market,
            state: InstanceState::AwaitingFulfillment,
            created: tick.now,
            ready: None,
            ended: None,
            end: None,
            leaving: None,
        });
        tick.within(dice.of("fulfilment"), pace::FULFILMENT, What::Boots { instance: number });
        weight
    }

    /// Starts the time within which the machines asked for have to come.
    pub(super) fn begin_effort(&mut self, pool: usize, tick: &mut Tick<'_>) {
        let is_starting = self.status.ready.is_none();
        let pool_record = &mut self.pools[pool];
        pool_record.effort += 1;
        let (effort, patience) = (pool_record.effort, pool_record.patience);
        for market in [Market::OnDemand, Market::Spot] {
            let time = if is_starting { patience.launch } else { patience.of_resize(market) };
            tick.after(time, What::GivesUp { pool, market, effort });
        }
    }

    pub(super) fn boots(&mut self, number: u32, tick: &mut Tick<'_>) {
        let dice = self.instance_dice(number);
        let is_broken = self.is_bootstrap_broken;
        let Some(instance) = self.instance_mut(number) else { return };
        match instance.state {
            InstanceState::AwaitingFulfillment => self.is_given(number, tick),
            InstanceState::Provisioning => {
                instance.state = InstanceState::Bootstrapping;
                tick.within(dice.of("bootstrap"), pace::BOOTSTRAPPING, What::Boots { instance: number });
            }
            InstanceState::Bootstrapping if is_broken => self.bootstrap_fails(number, tick),
            InstanceState::Bootstrapping => {
                instance.state = InstanceState::Running;
                instance.ready = Some(tick.now);
                self.plan_loss(number, tick);
            }
            InstanceState::Running | InstanceState::Terminated => {}
        }
    }

    /// EC2 gives the machine, or has none to give.
    fn is_given(&mut self, number: u32, tick: &mut Tick<'_>) {
        let Ok(place) = self.instances.binary_search_by_key(&number, |instance| instance.number) else { return };
        let instance = &self.instances[place];
        let (pool, market) = (instance.pool, instance.market);
        let wanted = Wanted {
            site: self.site,
            pool,
            instance_type: self.pools[pool].kinds.get(instance.kind).map_or("", |kind| &kind.instance_type),
            market,
        };
        let dice = self.instance_dice(number);
        if let Some(until) = shortage::until(wanted, &self.shortages, tick.shortages, tick.now) {
            let delay = clock::between(tick.now, until) + dice.of("after shortage").within(pace::FULFILMENT);
            tick.after(delay, What::Boots { instance: number });
            return;
        }
        let tally = self.tally(pool);
        let given = tally.provisioning + tally.bootstrapping + tally.running;
        if self.pools[pool].available.is_some_and(|available| given >= available) {
            tick.after(RETRY, What::Boots { instance: number });
            return;
        }
        self.instances[place].state = InstanceState::Provisioning;
        tick.within(dice.of("provision"), pace::PROVISIONING, What::Boots { instance: number });
    }

    fn bootstrap_fails(&mut self, number: u32, tick: &mut Tick<'_>) {
        let id = identity::ec2_id(self.instance_dice(number));
        let Some(pool) = self.instance_mut(number).map(|instance| instance.pool) else { return };
        self.end_instance(number, tick.now, InstanceEnd::Bootstrap);
        if self.status.ready.is_some() {
            self.is_bootstrap_broken = false;
            let pool = &mut self.pools[pool];
            pool.state = PoolState::Arrested;
            pool.halted = Halted::EVERYWHERE;
            pool.reason =
                Some((ReasonCode::InstanceFailure, format!("Bootstrap action failed on instance {id} of the group.")));
            return;
        }
        let is_master = self.pools[pool].role == Role::Master;
        let path = self.settings.bootstrap_actions.first().map(|action| action.path.clone()).unwrap_or_default();
        let which = if is_master { "the master instance" } else { "1 worker instance" };
        let message = format!("On {which} ({id}), bootstrap action 1 returned a non-zero return code");
        let error = ErrorDetail {
            code: if is_master {
                "BOOTSTRAP_FAILURE_PRIMARY_WITH_NON_ZERO_CODE"
            } else {
                "BOOTSTRAP_FAILURE_WORKER_WITH_NON_ZERO_CODE"
            },
            message: message.clone(),
            data: vec![
                (if is_master { "primary-instance-id" } else { "instance-id" }, id),
                ("bootstrap-action", "1".to_owned()),
                ("return-code", "1".to_owned()),
                ("amazon-s3-path", path),
            ],
        };
        self.end(ReasonCode::BootstrapFailure, &message, vec![error], tick);
    }

    /// The time for an attempt is over: machines that did not come are not waited for any longer.
    pub(super) fn gives_up(&mut self, pool: usize, market: Market, effort: u32, tick: &mut Tick<'_>) {
        let is_current = self.pools.get(pool).is_some_and(|pool| pool.effort == effort);
        let is_missing = |instance: &Instance| {
            instance.pool == pool && instance.market == market && instance.state == InstanceState::AwaitingFulfillment
        };
        let Some(missing) = self.instances.iter().find(|instance| is_missing(instance)).filter(|_| is_current) else {
            return;
        };
        let record = &self.pools[pool];
        let instance_type = record.kinds.get(missing.kind).map_or("", |kind| &kind.instance_type).to_owned();
        if self.status.ready.is_none() && record.role != Role::Task {
            if market == Market::Spot && record.patience.switches_to_on_demand {
                self.instances.retain(|instance| !is_missing(instance));
                let spot = self.tally(pool).staying.spot;
                let requested = &mut self.pools[pool].requested;
                requested.on_demand += requested.spot.saturating_sub(spot);
                requested.spot = spot;
                self.grow(pool, tick);
            } else {
                self.start_fails(&instance_type, tick);
            }
            return;
        }
        self.instances.retain(|instance| !is_missing(instance));
        let record = &mut self.pools[pool];
        record.halted.halt(market);
        record.reason = Some((
            ReasonCode::InstanceFailure,
            format!("There is not enough {} capacity for {instance_type} in {}.", market.word(), self.settings.zone),
        ));
        if self.collection == Collection::Groups {
            record.state = PoolState::Suspended;
        }
    }

    /// The cluster ends because it did not get the machines it needs.
    fn start_fails(&mut self, instance_type: &str, tick: &mut Tick<'_>) {
        let zone = self.settings.zone.clone();
        let (code, message) = match self.collection {
            Collection::Groups => (
                ReasonCode::InternalError,
                format!("{zone} does not have enough EC2 capacity for instance type {instance_type}."),
            ),
            Collection::Fleets => (
                ReasonCode::InstanceFleetTimeout,
                "The cluster was terminated because the capacity of an instance fleet could not be provisioned in time."
                    .to_owned(),
            ),
        };
        let error = ErrorDetail {
            code: "INTERNAL_ERROR_EC2_INSUFFICIENT_CAPACITY_AZ",
            message: format!("EC2 has insufficient capacity for instance type {instance_type} in {zone}."),
            data: vec![("instance-type", instance_type.to_owned()), ("availability-zone", zone)],
        };
        self.end(code, &message, vec![error], tick);
    }

    /// Draws when EC2 takes a spot machine back, if it does.
    pub(in crate::sim::emr) fn plan_loss(&mut self, number: u32, tick: &mut Tick<'_>) {
        let rate = self.spot_losses_per_day;
        let is_spot = self.instance_mut(number).is_some_and(|instance| instance.market == Market::Spot);
        if is_spot && rate > 0.0 {
            let mean = Duration::from_secs_f64(86_400.0 / rate);
            let wait = self.instance_dice(number).of("lost").wait(mean);
            tick.after(wait, What::Lost { instance: number });
        }
    }

    /// A machine is gone without warning; after a while another one is asked for.
    pub(super) fn lose(&mut self, number: u32, tick: &mut Tick<'_>) {
        let is_ending = self.state().is_ending();
        let dice = self.instance_dice(number).of("replacement");
        let Some(instance) = self.instance_mut(number) else { return };
        let pool = instance.pool;
        if is_ending || instance.state == InstanceState::AwaitingFulfillment {
            return;
        }
        self.end_instance(number, tick.now, InstanceEnd::Failed);
        let master_is_gone = self.pools[pool].role == Role::Master && self.tally(pool).running == 0;
        if master_is_gone {
            self.end(ReasonCode::InstanceFailure, "The master node was terminated.", Vec::new(), tick);
        } else {
            tick.within(dice, pace::REPLACEMENT, What::Refills { pool });
        }
    }
}
