//! Clusters by the dozen or by the thousand: all different, all believable, all decided by the seed.

use std::sync::Arc;
use std::time::Duration;

use super::build::{BuildError, Builder, RELEASES, default_name};
use super::cluster::Cluster;
use super::identity;
use super::job::Book;
use super::pool::{Kind, Pool, Units};
use super::restore::{self, Past};
use super::scaling::Limits;
use super::spec::{Mix, StateWord};
use super::words::{Collection, Market, Role, ScalingUnit};
use crate::sim::accounts::SiteId;
use crate::sim::clock;
use crate::sim::dice::Dice;
use crate::sim::error::SimError;

const TEAMS: [&str; 14] = [
    "ads",
    "billing",
    "catalog",
    "clickstream",
    "fraud",
    "growth",
    "ingest",
    "inventory",
    "ml",
    "payments",
    "pricing",
    "risk",
    "search",
    "supply",
];
const SUBJECTS: [(&str, Book); 16] = [
    ("etl", Book::Etl),
    ("hourly", Book::Etl),
    ("nightly", Book::Etl),
    ("compaction", Book::Etl),
    ("sessions", Book::Sessions),
    ("attribution", Book::Sessions),
    ("funnels", Book::Sessions),
    ("features", Book::Features),
    ("training", Book::Features),
    ("scoring", Book::Features),
    ("reports", Book::Reports),
    ("cohorts", Book::Reports),
    ("streaming", Book::Streaming),
    ("events", Book::Streaming),
    ("ad-hoc", Book::AdHoc),
    ("notebooks", Book::AdHoc),
];
const ENVIRONMENTS: [&str; 5] = ["prod", "prod", "staging", "dev", "dev"];
const WORKERS: [&str; 9] = [
    "m5.xlarge",
    "m5.2xlarge",
    "m5.4xlarge",
    "m6g.2xlarge",
    "r5.2xlarge",
    "r5.4xlarge",
    "r6g.4xlarge",
    "c5.4xlarge",
    "i3.2xlarge",
];
/// Families of machine types that may stand for each other in a fleet, with their weights.
const FAMILIES: [&[(&str, u32)]; 3] = [
    &[("m5.xlarge", 1), ("m5.2xlarge", 2), ("m5.4xlarge", 4)],
    &[("r5.2xlarge", 4), ("r5a.2xlarge", 4), ("r5.4xlarge", 8)],
    &[("c5.2xlarge", 2), ("c5a.2xlarge", 2), ("c5.4xlarge", 4)],
];

/// Makes as many clusters as are missing from `count` active ones in the fleet's account and region.
pub(super) fn fill_up(builder: &mut Builder<'_>, count: usize) -> Result<(), BuildError> {
    let fleet = builder.scenario.fleet.as_ref();
    let (account, region) = (fleet.and_then(|f| f.account.as_ref()), fleet.and_then(|f| f.region.as_ref()));
    let (site, region) = builder.site(account, region)?;
    let has =
        builder.emr.census(site).into_iter().filter(|(state, _)| !state.starts_with("TERMINATED")).map(|(_, n)| n);
    let has: usize = has.sum();
    if has > count {
        let place = format!("{} {region}", builder.accounts.account_of(site).name);
        return Err(BuildError::Sim(SimError::TooFewClusters { asked: count, least: has, place }));
    }
    let mix = fleet.and_then(|fleet| fleet.mix.as_ref()).map_or_else(Mix::default, |mix| *mix.get_ref());
    let steps = fleet.map_or(10, |fleet| fleet.steps);
    for number in 0..count - has {
        one(builder, site, &region, &mix, steps, number as u64);
    }
    Ok(())
}

/// Makes the `number`th cluster.
fn one(builder: &mut Builder<'_>, site: SiteId, region: &Arc<str>, mix: &Mix, steps: u32, number: u64) {
    let dice = builder.site_dice(site).of("fleet").at(number);
    let state = state(dice, mix);
    let team = TEAMS[dice.of("team").below(TEAMS.len())];
    let (subject, book) = SUBJECTS[dice.of("subject").below(SUBJECTS.len())];
    let environment = ENVIRONMENTS[dice.of("environment").below(ENVIRONMENTS.len())];
    let created = clock::before(builder.start, age(dice, state));
    let name = format!("{team}-{subject}-{environment}-{number:04}");
    let mut cluster = Cluster::new(identity::cluster_id(dice), name, site, Arc::clone(region), dice, created);
    let (release, ..) = RELEASES[dice.of("release").below(RELEASES.len())];
    cluster.settings = builder.settings(site, dice, Some(release));
    cluster.settings.tags = [("team", team), ("env", environment), ("service", subject)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    cluster.settings.is_protected = environment == "prod" && dice.of("protected").chance(0.5);
    cluster.settings.step_concurrency = if dice.of("concurrency").chance(0.25) { 4 } else { 1 };
    if dice.of("collection").chance(0.25) {
        cluster.collection = Collection::Fleets;
        cluster.pools = fleets(dice, created);
    } else {
        cluster.pools = groups(dice, created);
    }
    let life = builder.life();
    cluster.routine = life.map(|life| super::build::routine(&life.routine, book));
    cluster.spot_losses_per_day = life.map_or(0.0, |life| life.spot_losses_per_day);
    let past = Past {
        state,
        created,
        end: None,
        book,
        history: steps,
        fails: 0.06,
        steps: Vec::new(),
        is_still: life.is_none(),
        suspended_at: Vec::new(),
    };
    let is_lively = life.is_some();
    let start = builder.start;
    let key = builder.emr.add(cluster);
    if let Some((cluster, mut tick)) = builder.emr.present(key, start) {
        restore::restore(cluster, past, &mut tick);
        if dice.of("scaling").chance(0.25) {
            let limits = limits(cluster);
            cluster.set_scaling(limits, is_lively, &mut tick);
        }
    }
}

fn state(dice: Dice, mix: &Mix) -> StateWord {
    let shares = [
        (StateWord::Starting, mix.starting),
        (StateWord::Bootstrapping, mix.bootstrapping),
        (StateWord::Running, mix.running),
        (StateWord::Waiting, mix.waiting),
    ];
    let total: u32 = shares.iter().map(|(_, share)| share).sum();
    let mut draw = dice.of("state").between(1, total.max(1));
    for (state, share) in shares {
        if draw <= share {
            return state;
        }
        draw -= share;
    }
    StateWord::Waiting
}

/// From seconds for a cluster that starts to weeks for one that stays.
fn age(dice: Dice, state: StateWord) -> Duration {
    let dice = dice.of("age");
    let minutes = |low, high| (Duration::from_mins(low), Duration::from_mins(high));
    match state {
        StateWord::Starting => dice.within((Duration::from_secs(20), Duration::from_secs(90))),
        StateWord::Bootstrapping => dice.within((Duration::from_secs(100), Duration::from_secs(260))),
        _ if dice.at(0).chance(0.3) => dice.at(1).within(minutes(26 * 60, 20 * 24 * 60)),
        _ => dice.at(1).within(minutes(4 * 60, 26 * 60)),
    }
}

fn groups(dice: Dice, created: jiff::Timestamp) -> Vec<Pool> {
    let pool = |role: Role, instance_type: &str, market: Market, count: u32| {
        let id = identity::group_id(dice.of("pool").of(role.word()));
        let mut pool = Pool::new(id, default_name(role).to_owned(), role, Collection::Groups, created);
        pool.market = market;
        pool.kinds = vec![Kind::plain(instance_type)];
        pool.requested = Units::only(market, count);
        pool
    };
    let worker = WORKERS[dice.of("worker").below(WORKERS.len())];
    let mut pools = vec![
        pool(Role::Master, "m5.xlarge", Market::OnDemand, if dice.of("masters").chance(0.05) { 3 } else { 1 }),
        pool(Role::Core, worker, Market::OnDemand, dice.of("core").between(2, 8)),
    ];
    if dice.of("has task").chance(0.6) {
        let market = if dice.of("task market").chance(0.8) { Market::Spot } else { Market::OnDemand };
        // A few are large, as in life.
        let most = if dice.of("large").chance(0.05) { 60 } else { 14 };
        pools.push(pool(Role::Task, worker, market, dice.of("task").between(0, most)));
    }
    pools
}

fn fleets(dice: Dice, created: jiff::Timestamp) -> Vec<Pool> {
    let family = FAMILIES[dice.of("family").below(FAMILIES.len())];
    let pool = |role: Role, kinds: &[(&str, u32)], on_demand: u32, spot: u32| {
        let id = identity::fleet_id(dice.of("pool").of(role.word()));
        let mut pool = Pool::new(id, default_name(role).to_owned(), role, Collection::Fleets, created);
        pool.kinds = kinds.iter().map(|(name, weight)| Kind { weight: *weight, ..Kind::plain(name) }).collect();
        pool.requested = Units { on_demand, spot };
        pool.market = if spot > 0 { Market::Spot } else { Market::OnDemand };
        pool
    };
    vec![
        pool(Role::Master, &[("m5.xlarge", 1), ("m5a.xlarge", 1)], 1, 0),
        pool(Role::Core, family, dice.of("core").between(4, 16), 0),
        pool(Role::Task, family, dice.of("task od").between(0, 4), dice.of("task spot").between(4, 40)),
    ]
}

fn limits(cluster: &Cluster) -> Limits {
    let workers = cluster.pools.iter().filter(|pool| pool.role != Role::Master);
    let size: u32 = workers.map(|pool| pool.requested.total()).sum();
    let unit = match cluster.collection {
        Collection::Groups => ScalingUnit::Instances,
        Collection::Fleets => ScalingUnit::FleetUnits,
    };
    Limits {
        unit,
        min: 2,
        max: (size * 2).max(6),
        max_on_demand: None,
        max_core: None,
        strategy: None,
        performance_index: None,
    }
}
