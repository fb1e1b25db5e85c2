//! The laws that clusters obey. An event changes one thing; settling then draws the consequences: which state the
//! pools and the cluster are in now, and what has to happen next.

mod boot;
mod ending;
mod resize;
mod scaler;
mod script;
mod steps;

#[cfg(test)]
mod tests;

use super::cluster::Cluster;
use super::event::{Tick, What};
use super::pace;
use super::words::{ClusterState, InstanceState, PoolState, ReasonCode, Role, StepState};

pub(super) use steps::NewStep;

impl Cluster {
    /// Lets an event happen, with its consequences.
    pub(super) fn happen(&mut self, what: What, tick: &mut Tick<'_>) {
        match what {
            What::Boots { instance } => self.boots(instance, tick),
            What::Leaves { instance, decision } => self.leaves(instance, decision, tick),
            What::Lost { instance } => self.lose(instance, tick),
            What::Refills { pool } => self.grow(pool, tick),
            What::ResizeApplies { pool, resize } => self.resize(pool, *resize, tick),
            What::GivesUp { pool, market, effort } => self.gives_up(pool, market, effort, tick),
            What::Dispatches => self.dispatch(tick),
            What::StepEnds { step } => self.step_ends(step, tick),
            What::StepCancelled { step } => self.step_cancelled(step, tick),
            What::JobArrives { number } => self.job_arrives(number, tick),
            What::ScalerLooks { policy } => self.scaler_looks(policy, tick),
            What::IdleEnds { number } => self.idle_ends(number, tick),
            What::Ends => self.ends(tick),
            What::ListingCatchesUp => {
                self.listed = Some(self.status.clone());
                return;
            }
            What::Happens(happening) => self.follow_script(*happening, tick),
        }
        self.settle(tick);
    }

    /// Brings the states of the pools and of the cluster in line with the machines and the steps.
    pub(super) fn settle(&mut self, tick: &mut Tick<'_>) {
        if self.state().is_ending() {
            return;
        }
        for pool in 0..self.pools.len() {
            self.settle_pool(pool, tick);
        }
        if self.state() == ClusterState::Starting && self.has_base(InstanceState::Bootstrapping) {
            self.enter(ClusterState::Bootstrapping, None, "Running bootstrap actions", tick);
        }
        if self.state() == ClusterState::Bootstrapping && self.has_base(InstanceState::Running) {
            self.becomes_ready(tick);
        }
        if self.state().is_up() {
            self.settle_work(tick);
        }
    }

    fn settle_pool(&mut self, pool: usize, tick: &Tick<'_>) {
        let tally = self.tally(pool);
        let pool = &mut self.pools[pool];
        if pool.state == PoolState::Provisioning
            && tally.awaiting + tally.provisioning == 0
            && tally.bootstrapping + tally.running > 0
        {
            pool.state = PoolState::Bootstrapping;
        }
        let is_moving = matches!(pool.state, PoolState::Provisioning | PoolState::Bootstrapping | PoolState::Resizing);
        if is_moving && tally.is_settled(pool.reachable()) {
            pool.state = PoolState::Running;
            pool.ready.get_or_insert(tick.now);
        }
    }

    /// Whether the machines without which the cluster is none have all got at least this far.
    fn has_base(&self, state: InstanceState) -> bool {
        (0..self.pools.len()).filter(|pool| self.pools[*pool].role != Role::Task).all(|pool| {
            let tally = self.tally(pool);
            let before = tally.awaiting + tally.provisioning;
            let behind = if state == InstanceState::Running { before + tally.bootstrapping } else { before };
            let reachable = self.pools[pool].reachable();
            behind == 0
                && tally.staying.on_demand >= reachable.on_demand
                && tally.staying.spot >= reachable.spot
                && tally.bootstrapping + tally.running > 0
        })
    }

    /// Puts the cluster into a state and tells why.
    fn enter(&mut self, state: ClusterState, code: Option<ReasonCode>, message: &str, tick: &mut Tick<'_>) {
        self.status.state = state;
        self.status.code = code;
        message.clone_into(&mut self.status.message);
        self.idle.number += 1;
        self.idle.since = (state == ClusterState::Waiting).then_some(tick.now);
        self.watch_idleness(tick);
        let dice = self.dice.of("listing").at(u64::from(self.decide()));
        tick.within(dice, pace::LISTING_LAG, What::ListingCatchesUp);
    }

    fn becomes_ready(&mut self, tick: &mut Tick<'_>) {
        self.status.ready = Some(tick.now);
        if self.has_active_steps() || self.settings.auto_terminate {
            self.enter(ClusterState::Running, None, "Running step", tick);
        } else {
            self.enter(ClusterState::Waiting, None, "Cluster ready to run steps.", tick);
        }
        self.goes_on(tick);
    }

    /// Sets in motion what a cluster does while it is up.
    pub(super) fn goes_on(&mut self, tick: &mut Tick<'_>) {
        self.plan_dispatch(tick);
        if self.routine.is_some() {
            self.plan_job(0, tick);
        }
        self.watch_load(tick);
        self.watch_idleness(tick);
    }

    /// Whether it runs or waits follows from its steps.
    fn settle_work(&mut self, tick: &mut Tick<'_>) {
        let is_busy = self.has_active_steps();
        if is_busy && self.state() == ClusterState::Waiting {
            self.enter(ClusterState::Running, None, "Running step", tick);
        } else if !is_busy && self.state() == ClusterState::Running {
            if self.settings.auto_terminate && !self.waits_after_failure {
                self.complete(tick);
            } else {
                let failed = self.steps.last().is_some_and(|step| step.state == StepState::Failed);
                let outcome = if failed { "failed" } else { "completed" };
                let message = format!("Cluster ready after last step {outcome}.");
                self.enter(ClusterState::Waiting, None, &message, tick);
            }
        }
    }
}

impl Cluster {
    /// Asks for the machines of a pool that was just added.
    pub(super) fn grow_new_pool(&mut self, pool: usize, tick: &mut Tick<'_>) {
        self.grow(pool, tick);
        self.settle(tick);
    }

    /// More steps may run at once than before.
    pub(super) fn has_free_slots(&mut self, tick: &mut Tick<'_>) {
        self.plan_dispatch(tick);
    }
}
