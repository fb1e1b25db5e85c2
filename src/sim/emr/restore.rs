//! Clusters that were there before the simulation began: puts one in the middle of its life, with a past that fits.

mod steps;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::cluster::{Cluster, ErrorDetail};
use super::event::{Tick, What};
use super::identity;
use super::instance::{Instance, InstanceEnd};
use super::job::Book;
use super::pace;
use super::spec::StateWord;
use super::step::{Fate, Work};
use super::words::{
    ActionOnFailure, ClusterState, Collection, InstanceState, Market, PoolState, ReasonCode, Role, StepState,
};
use crate::sim::clock;

/// What a cluster has behind it.
#[derive(Debug)]
pub(super) struct Past {
    pub(super) state: StateWord,
    pub(super) created: Timestamp,
    pub(super) end: Option<End>,
    pub(super) book: Book,
    /// How many steps lie behind it, at most.
    pub(super) history: u32,
    /// How likely one of those failed.
    pub(super) fails: f64,
    /// Steps that are known one by one.
    pub(super) steps: Vec<PastStep>,
    /// What is under way now does not go on by itself.
    pub(super) is_still: bool,
    /// For each pool, with how many machines it gave up.
    pub(super) suspended_at: Vec<Option<u32>>,
}

/// How and when a cluster ended.
#[derive(Debug)]
pub(super) struct End {
    pub(super) at: Timestamp,
    pub(super) code: ReasonCode,
    pub(super) message: String,
    pub(super) errors: Vec<ErrorDetail>,
}

/// A step that was handed in before the simulation began.
#[derive(Debug)]
pub(super) struct PastStep {
    pub(super) name: Cow<'static, str>,
    pub(super) work: Arc<Work>,
    pub(super) on_failure: ActionOnFailure,
    pub(super) state: StepState,
    pub(super) created: Timestamp,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) fate: Fate,
}

/// Gives a cluster its past and sets in motion what is under way.
pub(super) fn restore(cluster: &mut Cluster, past: Past, tick: &mut Tick<'_>) {
    let created = past.created;
    cluster.status.created = created;
    let is_young = matches!(past.state, StateWord::Starting | StateWord::Bootstrapping);
    let never_ran = past.end.as_ref().is_some_and(|end| is_failure_to_start(end.code));
    if !is_young && !never_ran {
        let dice = cluster.dice.of("ready");
        let limit = past.end.as_ref().map_or(tick.now, |end| end.at);
        let boot = dice.within((Duration::from_secs(240), Duration::from_secs(420)));
        cluster.status.ready = Some(clock::after(created, boot.min(clock::between(created, limit) / 2)));
    }
    for pool in 0..cluster.pools.len() {
        restore_pool(cluster, pool, &past, tick);
    }
    if is_young && !past.is_still {
        set_machines_in_motion(cluster, past.state, tick);
    }
    steps::restore(cluster, &past, tick);
    restore_status(cluster, past, tick);
    cluster.listed = Some(cluster.status.clone());
}

/// Failures before the cluster was ever ready.
const fn is_failure_to_start(code: ReasonCode) -> bool {
    matches!(code, ReasonCode::BootstrapFailure | ReasonCode::InternalError | ReasonCode::InstanceFleetTimeout)
}

fn restore_pool(cluster: &mut Cluster, place: usize, past: &Past, tick: &mut Tick<'_>) {
    let pool = &mut cluster.pools[place];
    pool.created = past.created;
    pool.made_with = pool.requested.total();
    pool.ready = cluster.status.ready;
    pool.state = match past.state {
        StateWord::Starting => PoolState::Provisioning,
        StateWord::Bootstrapping => PoolState::Bootstrapping,
        StateWord::Running | StateWord::Waiting => PoolState::Running,
        StateWord::Terminating => PoolState::Terminating,
        StateWord::Terminated | StateWord::Failed => PoolState::Terminated,
    };
    if let (PoolState::Terminated, Some(end)) = (pool.state, &past.end) {
        pool.ended = Some(end.at);
        pool.reason = Some((ReasonCode::ClusterTerminated, "Job flow terminated".to_owned()));
    }
    let suspended_at = past.suspended_at.get(place).copied().flatten();
    for market in [Market::OnDemand, Market::Spot] {
        let wanted = suspended_at.unwrap_or(u32::MAX).min(cluster.pools[place].requested.of(market));
        let mut units = 0;
        while units < wanted {
            units += restore_machine(cluster, place, market, past, tick).max(1);
        }
    }
    if suspended_at.is_some() {
        let zone = cluster.settings.zone.clone();
        let pool = &mut cluster.pools[place];
        let (market, kind) = (pool.market, pool.kinds.first().map_or("", |kind| &kind.instance_type));
        let message = format!("There is not enough {} capacity for {kind} in {zone}.", market.word());
        pool.halted.halt(market);
        pool.reason = Some((ReasonCode::InstanceFailure, message));
        if cluster.collection == Collection::Groups {
            pool.state = PoolState::Suspended;
        }
    }
}

/// Puts one machine where the state of the cluster has it; returns the units it counts for.
fn restore_machine(cluster: &mut Cluster, pool: usize, market: Market, past: &Past, tick: &mut Tick<'_>) -> u32 {
    let number = cluster.next_instance;
    cluster.next_instance += 1;
    let dice = cluster.instance_dice(number);
    let kinds = &cluster.pools[pool].kinds;
    let kind = dice.of("kind").below(kinds.len());
    let weight = kinds.get(kind).map_or(1, |kind| kind.weight);
    let state = match past.state {
        StateWord::Starting => InstanceState::Provisioning,
        StateWord::Bootstrapping => InstanceState::Bootstrapping,
        _ => InstanceState::Running,
    };
    let ready = cluster.status.ready.map(|ready| {
        let boot = clock::between(past.created, ready);
        clock::before(ready, boot.mul_f64(dice.of("early").fraction() * 0.5))
    });
    let mut instance = Instance {
        number,
        pool,
        kind,
        market,
        state,
        created: clock::after(past.created, dice.of("fulfilment").within(pace::FULFILMENT)).min(tick.now),
        ready,
        ended: None,
        end: None,
        leaving: None,
    };
    let runs = instance.state == InstanceState::Running && past.end.is_none();
    if let Some(end) = &past.end {
        instance.finish(end.at, InstanceEnd::ClusterTerminated);
        cluster.remember(instance);
    } else {
        cluster.instances.push(instance);
    }
    if runs && !past.is_still {
        cluster.plan_loss(number, tick);
    }
    weight
}

/// Machines that are on their way arrive; the first ones soon.
fn set_machines_in_motion(cluster: &mut Cluster, state: StateWord, tick: &mut Tick<'_>) {
    let range = if state == StateWord::Starting { pace::PROVISIONING } else { pace::BOOTSTRAPPING };
    for instance in &cluster.instances {
        let dice = cluster.instance_dice(instance.number).of("restored");
        tick.within(dice, range, What::Boots { instance: instance.number });
    }
}

fn restore_status(cluster: &mut Cluster, past: Past, tick: &mut Tick<'_>) {
    let status = &mut cluster.status;
    let (state, message) = match past.state {
        StateWord::Starting => (ClusterState::Starting, "Provisioning Amazon EC2 capacity"),
        StateWord::Bootstrapping => (ClusterState::Bootstrapping, "Running bootstrap actions"),
        StateWord::Running => (ClusterState::Running, "Running step"),
        StateWord::Waiting => match cluster.steps.last().map(|step| step.state) {
            Some(StepState::Failed) => (ClusterState::Waiting, "Cluster ready after last step failed."),
            Some(_) => (ClusterState::Waiting, "Cluster ready after last step completed."),
            None => (ClusterState::Waiting, "Cluster ready to run steps."),
        },
        StateWord::Terminating => (ClusterState::Terminating, "Terminated by user request"),
        StateWord::Terminated => (ClusterState::Terminated, "Terminated by user request"),
        StateWord::Failed => (ClusterState::TerminatedWithErrors, "An internal error occurred."),
    };
    status.state = state;
    message.clone_into(&mut status.message);
    if let Some(end) = past.end {
        status.ended = Some(end.at);
        status.code = Some(end.code);
        status.message = end.message;
        status.errors = end.errors;
    } else if state == ClusterState::Terminating {
        status.code = Some(ReasonCode::UserRequest);
    }
    match state {
        ClusterState::Terminating if !past.is_still => {
            tick.within(cluster.dice.of("ending"), pace::TERMINATING, What::Ends);
        }
        ClusterState::Terminated | ClusterState::TerminatedWithErrors => tick.is_forgotten(),
        ClusterState::Running | ClusterState::Waiting => {
            if let (ClusterState::Waiting, Some(timeout)) = (state, cluster.idle.timeout) {
                cluster.idle.since =
                    Some(clock::before(tick.now, timeout.mul_f64(cluster.dice.of("idle").fraction() / 2.0)));
            }
            cluster.goes_on(tick);
        }
        _ => {}
    }
}

/// The first master machine's id, for messages about it.
pub(super) fn master_ec2_id(cluster: &Cluster) -> String {
    let is_master = |instance: &&Instance| cluster.pools[instance.pool].role == Role::Master;
    let number = cluster.instances.iter().chain(&cluster.ended).find(is_master).map_or(0, |instance| instance.number);
    identity::ec2_id(cluster.instance_dice(number))
}
