//! One cluster: what it was told to be, what state it is in, its machines and its steps. The laws it obeys are in
//! `physics`, the way it is shown in `wire`.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::catalogue;
use super::instance::{Instance, InstanceEnd};
use super::job::Routine;
use super::pool::{Pool, Units};
use super::scaling::Scaler;
use super::shortage::Shortage;
use super::step::Step;
use super::words::{ClusterState, Collection, InstanceState, ReasonCode, Role};
use crate::sim::accounts::SiteId;
use crate::sim::clock;
use crate::sim::dice::Dice;

/// How many machines that ended are remembered: somewhat more than are ever listed.
const MAX_ENDED: usize = 2_200;

#[derive(Debug)]
pub(in crate::sim) struct Cluster {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) site: SiteId,
    pub(super) region: Arc<str>,
    /// All chance in this cluster's life.
    pub(super) dice: Dice,
    pub(super) settings: Settings,
    pub(super) status: Status,
    /// The status that `ListClusters` tells: it lags behind. `None`: the cluster is not in the listing yet.
    pub(super) listed: Option<Status>,
    pub(super) collection: Collection,
    pub(super) pools: Vec<Pool>,
    /// The machines there are, by number, oldest first.
    pub(super) instances: Vec<Instance>,
    /// The machines there were, the one that ended last at the end.
    pub(super) ended: Vec<Instance>,
    /// Normalized seconds of the machines there were.
    pub(super) spent: u64,
    /// By number, oldest first.
    pub(super) steps: Vec<Step>,
    pub(super) scaler: Option<Scaler>,
    /// Counts the policies of managed scaling; a look that belongs to an older one means nothing.
    pub(super) scaler_number: u32,
    pub(super) idle: Idle,
    pub(super) shortages: Vec<Shortage>,
    /// Work that keeps coming by itself.
    pub(super) routine: Option<Routine>,
    /// How often a spot machine is lost: per machine and day.
    pub(super) spot_losses_per_day: f64,
    /// The next machine fails in its bootstrap actions.
    pub(super) is_bootstrap_broken: bool,
    /// A step failed in a way that keeps a cluster waiting that would otherwise end.
    pub(super) waits_after_failure: bool,
    pub(super) next_instance: u32,
    pub(super) next_step: u32,
    /// Numbers decisions, so that what was decided and overtaken can be told from what stands.
    pub(super) next_decision: u32,
}

/// What a cluster was told to be. Parts that the simulator only hands back are kept as they came.
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own in the cloud")]
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) release: Arc<str>,
    /// Name and version.
    pub(super) applications: Vec<(Arc<str>, Arc<str>)>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) log_uri: Option<String>,
    pub(super) log_key: Option<String>,
    pub(super) auto_terminate: bool,
    pub(super) is_protected: bool,
    pub(super) replaces_unhealthy: bool,
    pub(super) step_concurrency: u32,
    pub(super) scale_down_behavior: Option<String>,
    pub(super) zone: String,
    pub(super) subnet: Option<String>,
    pub(super) key_name: Option<String>,
    pub(super) instance_profile: String,
    pub(super) service_role: String,
    pub(super) auto_scaling_role: Option<String>,
    pub(super) security_configuration: Option<String>,
    pub(super) security_groups: SecurityGroups,
    pub(super) has_public_addresses: bool,
    pub(super) custom_ami: Option<String>,
    pub(super) os_release: Option<String>,
    pub(super) root_volume_gib: Option<u32>,
    pub(super) root_volume_iops: Option<u32>,
    pub(super) root_volume_throughput: Option<u32>,
    pub(super) repo_upgrade_on_boot: Option<String>,
    pub(super) bootstrap_actions: Vec<BootstrapAction>,
    pub(super) configurations: Option<Value>,
    pub(super) placement_groups: Option<Value>,
    pub(super) monitoring: Option<Value>,
    pub(super) kerberos: Option<Value>,
    pub(super) extended_support: Option<bool>,
    pub(super) has_sessions: Option<bool>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct SecurityGroups {
    pub(super) master: Option<String>,
    pub(super) workers: Option<String>,
    pub(super) service: Option<String>,
    pub(super) more_master: Vec<String>,
    pub(super) more_workers: Vec<String>,
}

#[derive(Debug, Clone)]
pub(super) struct BootstrapAction {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) arguments: Vec<String>,
}

/// Where a cluster is in its life, and why.
#[derive(Debug, Clone)]
pub(super) struct Status {
    pub(super) state: ClusterState,
    pub(super) code: Option<ReasonCode>,
    pub(super) message: String,
    pub(super) errors: Vec<ErrorDetail>,
    pub(super) created: Timestamp,
    pub(super) ready: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
}

/// An error with a code of its own and facts about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ErrorDetail {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) data: Vec<(&'static str, String)>,
}

/// The end of a cluster that nobody uses.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Idle {
    /// The policy: how long it may be idle.
    pub(super) timeout: Option<Duration>,
    pub(super) since: Option<Timestamp>,
    /// Counts idle times and policies; a deadline that belongs to an older one means nothing.
    pub(super) number: u32,
}

/// The machines of one pool, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) awaiting: u32,
    pub(super) provisioning: u32,
    pub(super) bootstrapping: u32,
    pub(super) running: u32,
    /// Of those, the ones that are about to leave.
    pub(super) leaving: u32,
    /// Units of machines that EC2 has given.
    pub(super) provisioned: Units,
    /// Units of machines that stay, given or not.
    pub(super) staying: Units,
}

impl Cluster {
    /// A cluster without machines, just created.
    pub(super) fn new(id: String, name: String, site: SiteId, region: Arc<str>, dice: Dice, now: Timestamp) -> Self {
        Self {
            id,
            name,
            site,
            region,
            dice,
            settings: Settings { step_concurrency: 1, ..Settings::default() },
            status: Status {
                state: ClusterState::Starting,
                code: None,
                message: "Provisioning Amazon EC2 capacity".to_owned(),
                errors: Vec::new(),
                created: now,
                ready: None,
                ended: None,
            },
            listed: None,
            collection: Collection::Groups,
            pools: Vec::new(),
            instances: Vec::new(),
            ended: Vec::new(),
            spent: 0,
            steps: Vec::new(),
            scaler: None,
            scaler_number: 0,
            idle: Idle::default(),
            shortages: Vec::new(),
            routine: None,
            spot_losses_per_day: 0.0,
            is_bootstrap_broken: false,
            waits_after_failure: false,
            next_instance: 0,
            next_step: 0,
            next_decision: 0,
        }
    }

    pub(super) fn arn(&self, account: &str) -> String {
        format!("arn:aws:elasticmapreduce:{}:{account}:cluster/{}", self.region, self.id)
    }

    pub(super) fn state(&self) -> ClusterState {
        self.status.state
    }

    /// The dice of one machine.
    pub(super) fn instance_dice(&self, number: u32) -> Dice {
        self.dice.of("instance").at(u64::from(number))
    }

    pub(super) fn instance_mut(&mut self, number: u32) -> Option<&mut Instance> {
        let place = self.instances.binary_search_by_key(&number, |instance| instance.number).ok()?;
        self.instances.get_mut(place)
    }

    /// Ends a machine: from now on it is one that was.
    pub(super) fn end_instance(&mut self, number: u32, now: Timestamp, end: InstanceEnd) {
        let Ok(place) = self.instances.binary_search_by_key(&number, |instance| instance.number) else { return };
        let mut instance = self.instances.remove(place);
        instance.finish(now, end);
        self.remember(instance);
    }

    /// Puts a machine that ended with those that were.
    pub(super) fn remember(&mut self, instance: Instance) {
        self.spent += self.normalized_seconds(&instance, instance.created);
        self.ended.push(instance);
        if self.ended.len() > MAX_ENDED {
            self.ended.drain(..MAX_ENDED / 8);
        }
    }

    /// How long a machine has run, each second counted by the size of the machine.
    pub(super) fn normalized_seconds(&self, instance: &Instance, now: Timestamp) -> u64 {
        let from = instance.ready.unwrap_or(instance.created);
        let time = clock::between(from, instance.ended.unwrap_or(now)).as_secs();
        let kind = self.pools[instance.pool].kinds.get(instance.kind);
        time * u64::from(kind.map_or(0, |kind| catalogue::normalized_units(&kind.instance_type)))
    }

    pub(super) fn step_mut(&mut self, number: u32) -> Option<&mut Step> {
        let place = self.steps.binary_search_by_key(&number, |step| step.number).ok()?;
        self.steps.get_mut(place)
    }

    pub(super) fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().rfind(|step| step.id.as_str() == id)
    }

    /// The first machine of the master pool; after the end, the first one there was.
    pub(super) fn master(&self) -> Option<&Instance> {
        let mut all = self.instances.iter().chain(&self.ended);
        all.find(|instance| self.pools[instance.pool].role == Role::Master)
    }

    pub(super) fn has_active_steps(&self) -> bool {
        self.steps.iter().rev().any(|step| step.state.is_active())
    }

    pub(super) const fn decide(&mut self) -> u32 {
        self.next_decision += 1;
        self.next_decision
    }

    pub(super) fn tally(&self, pool: usize) -> Tally {
        let mut tally = Tally::default();
        let kinds = &self.pools[pool].kinds;
        for instance in self.instances.iter().filter(|instance| instance.pool == pool) {
            let weight = instance.weight(kinds);
            let count = match instance.state {
                InstanceState::AwaitingFulfillment => &mut tally.awaiting,
                InstanceState::Provisioning => &mut tally.provisioning,
                InstanceState::Bootstrapping => &mut tally.bootstrapping,
                InstanceState::Running | InstanceState::Terminated => &mut tally.running,
            };
            *count += 1;
            if instance.state != InstanceState::AwaitingFulfillment {
                *tally.provisioned.of_mut(instance.market) += weight;
            }
            if instance.leaving.is_some() {
                tally.leaving += 1;
            } else {
                *tally.staying.of_mut(instance.market) += weight;
            }
        }
        tally
    }
}

impl Tally {
    /// Whether the pool has at least what was asked for, all of it runs, and nothing is about to leave.
    pub(super) const fn is_settled(&self, requested: Units) -> bool {
        self.awaiting + self.provisioning + self.bootstrapping + self.leaving == 0
            && self.staying.on_demand >= requested.on_demand
            && self.staying.spot >= requested.spot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_settled_when_all_it_asked_for_runs_and_nothing_moves() {
        let wanted = Units { on_demand: 2, spot: 4 };
        let settled = Tally { running: 6, staying: wanted, provisioned: wanted, ..Tally::default() };
        assert!(settled.is_settled(wanted));
        assert!(Tally { staying: Units { spot: 7, ..wanted }, ..settled }.is_settled(wanted), "more is as good");
        for moving in [
            Tally { awaiting: 1, ..settled },
            Tally { provisioning: 1, ..settled },
            Tally { bootstrapping: 1, ..settled },
            Tally { leaving: 1, ..settled },
            Tally { staying: Units { spot: 3, ..wanted }, ..settled },
            Tally { staying: Units { on_demand: 1, ..wanted }, ..settled },
        ] {
            assert!(!moving.is_settled(wanted), "{moving:?}");
        }
    }
}
