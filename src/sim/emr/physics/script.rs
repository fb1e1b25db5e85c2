//! Happenings: what a scenario, or a request for control, makes happen.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::sim::clock;
use crate::sim::emr::cluster::{Cluster, ErrorDetail};
use crate::sim::emr::event::Tick;
use crate::sim::emr::failure::Failure;
use crate::sim::emr::happening::{Happening, PoolName};
use crate::sim::emr::job::Book;
use crate::sim::emr::pool::Units;
use crate::sim::emr::shortage::Shortage;
use crate::sim::emr::step::Fate;
use crate::sim::emr::words::{InstanceState, Market, ReasonCode, Role, StepState};

use super::NewStep;

impl Cluster {
    pub(super) fn follow_script(&mut self, happening: Happening, tick: &mut Tick<'_>) {
        if self.state().is_ending() {
            return;
        }
        match happening {
            Happening::SpotLoss { pool, count } => self.spot_is_lost(pool.as_ref(), count as usize, tick),
            Happening::SpotStorm { pool, percent, lasts } => {
                self.is_short(pool.as_ref(), Some(Market::Spot), lasts, tick);
                let running = self.running(pool.as_ref(), Some(Market::Spot)).len();
                self.spot_is_lost(pool.as_ref(), (running * percent as usize).div_ceil(100), tick);
            }
            Happening::CapacityShortage { pool, market, lasts } => self.is_short(pool.as_ref(), market, lasts, tick),
            Happening::NodeFails { pool } => {
                let workers = self.running(pool.as_ref(), None);
                if let Some(number) = workers.last() {
                    self.lose(*number, tick);
                }
            }
            Happening::BootstrapFails => self.is_bootstrap_broken = true,
            Happening::StepFails { failure } => self.running_step_ends(Some(failure), tick),
            Happening::StepCompletes => self.running_step_ends(None, tick),
            Happening::StepArrives { name, lasts, failure } => self.step_arrives(name, lasts, failure, tick),
            Happening::Resize { pool, count } => self.is_resized(&pool, count, tick),
            Happening::Terminate => self.terminate(tick),
            Happening::ClusterFails => {
                let error = ErrorDetail {
                    code: "INTERNAL_ERROR",
                    message: "An internal error occurred on the primary node.".to_owned(),
                    data: Vec::new(),
                };
                self.end(ReasonCode::InternalError, "An internal error occurred.", vec![error], tick);
            }
        }
    }

    /// The place of the first pool of this name.
    pub(in crate::sim::emr) fn pool_named(&self, name: &PoolName) -> Option<usize> {
        self.pools.iter().position(|pool| name.names(pool.role, &pool.name))
    }

    /// The running worker machines, of one pool and market if they are named.
    fn running(&self, pool: Option<&PoolName>, market: Option<Market>) -> Vec<u32> {
        let place = pool.and_then(|name| self.pool_named(name));
        self.instances
            .iter()
            .filter(|instance| instance.state == InstanceState::Running)
            .filter(|instance| place.map_or(self.pools[instance.pool].role != Role::Master, |at| instance.pool == at))
            .filter(|instance| market.is_none_or(|market| instance.market == market))
            .map(|instance| instance.number)
            .collect()
    }

    fn spot_is_lost(&mut self, pool: Option<&PoolName>, count: usize, tick: &mut Tick<'_>) {
        let mut numbers = self.running(pool, Some(Market::Spot));
        numbers.sort_by_key(|number| self.instance_dice(*number).of("storm").bits());
        for number in numbers.into_iter().take(count) {
            self.lose(number, tick);
        }
    }

    fn is_short(&mut self, pool: Option<&PoolName>, market: Option<Market>, lasts: Duration, tick: &Tick<'_>) {
        self.shortages.retain(|shortage| shortage.until > tick.now);
        let pool = pool.and_then(|name| self.pool_named(name));
        self.shortages.push(Shortage { pool, market, until: clock::after(tick.now, lasts) });
    }

    fn running_step_ends(&mut self, fails: Option<Failure>, tick: &mut Tick<'_>) {
        let running = self.steps.iter().find(|step| step.state == StepState::Running).map(|step| step.number);
        if let Some(number) = running {
            self.finish_step(number, fails, tick);
        }
    }

    fn step_arrives(
        &mut self,
        name: Option<String>,
        lasts: Option<Duration>,
        fails: Option<Failure>,
        tick: &mut Tick<'_>,
    ) {
        let dice = self.dice.of("script").at(u64::from(self.decide()));
        let job = self.routine.map_or(Book::AdHoc, |routine| routine.book).pick(dice);
        let fate = Fate { lasts: Some(lasts.unwrap_or_else(|| job.duration(dice))), fails };
        let name = name.map_or(Cow::Borrowed(job.name), Cow::Owned);
        self.add_step(NewStep::of(name, Arc::clone(&job.work), fate), tick);
    }

    fn is_resized(&mut self, pool: &PoolName, count: u32, tick: &mut Tick<'_>) {
        if let Some(place) = self.pool_named(pool).filter(|_| self.state().is_up()) {
            let requested = self.pools[place].requested;
            let units = if requested.spot > 0 {
                Units { spot: count, ..requested }
            } else {
                Units::only(self.pools[place].market, count)
            };
            self.retarget(place, units, tick);
        }
    }
}
