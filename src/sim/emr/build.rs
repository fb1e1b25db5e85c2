//! From what a scenario says to clusters that live: checks the meaning, and fills in what was not said.

mod cluster;
mod step;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use toml::Spanned;

use super::Emr;
use super::cluster::{Cluster, Settings};
use super::event::{Tick, What};
use super::generate;
use super::happening::HappeningSpec;
use super::identity;
use super::job::Book;
use super::pool::{Kind, Pool, Units};
use super::shortage::SiteShortage;
use super::spec::{ArrivalSpec, GroupSpec, LifeSpec, RoleWord, ShortageSpec};
use super::stream::Stream;
use super::words::{Collection, Market, Role};
use crate::sim::accounts::{Accounts, SiteId};
use crate::sim::clock;
use crate::sim::dice::Dice;
use crate::sim::error::SimError;
use crate::sim::scenario::{Problem, Scenario};

pub(super) use cluster::routine;

/// Releases that clusters run, with the versions of Spark, Hadoop and Hive that come with them.
pub(super) const RELEASES: [(&str, &str, &str, &str); 5] = [
    ("emr-7.9.0", "3.5.5", "3.4.1", "3.1.3"),
    ("emr-7.5.0", "3.5.2", "3.4.0", "3.1.3"),
    ("emr-7.1.0", "3.5.0", "3.3.6", "3.1.3"),
    ("emr-6.15.0", "3.4.1", "3.3.6", "3.1.3"),
    ("emr-6.10.0", "3.3.1", "3.3.3", "3.1.3"),
];

/// What clusters are made from.
pub(super) struct Builder<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) accounts: &'a mut Accounts,
    pub(super) dice: Dice,
    pub(super) start: Timestamp,
    pub(super) emr: Emr,
}

/// Builds the clusters of a scenario as they are at `start`. `clusters` is how many active ones there shall be in the
/// fleet's account and region, if somebody asks for another number than the scenario's.
///
/// # Errors
/// [`BuildError`]: the scenario contradicts itself, or the number is less than it has clusters of its own.
pub(in crate::sim) fn build(
    scenario: &Scenario,
    accounts: &mut Accounts,
    dice: Dice,
    start: Timestamp,
    clusters: Option<usize>,
) -> Result<Emr, BuildError> {
    let mut builder = Builder { scenario, accounts, dice, start, emr: Emr::new(dice) };
    for spec in &scenario.shortages {
        builder.shortage(spec.get_ref())?;
    }
    for spec in &scenario.clusters {
        builder.cluster(spec)?;
    }
    if let Some(count) = clusters.or(scenario.fleet.as_ref().map(|fleet| fleet.count)) {
        generate::fill_up(&mut builder, count)?;
    }
    for spec in &scenario.arrivals {
        builder.stream(spec)?;
    }
    // What was under way has its consequences at once.
    let Builder { mut emr, .. } = builder;
    emr.catch_up(start);
    Ok(emr)
}

/// Why there is no simulation of this scenario.
#[derive(Debug)]
pub(in crate::sim) enum BuildError {
    Problem(Problem),
    Sim(SimError),
}

impl BuildError {
    /// The error as the caller sees it, with the place in the scenario's text.
    pub(in crate::sim) fn locate(self, file: &str, text: &str) -> SimError {
        match self {
            Self::Problem(problem) => problem.locate(file, text).into(),
            Self::Sim(error) => error,
        }
    }
}

impl From<Problem> for BuildError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl Builder<'_> {
    pub(super) fn life(&self) -> Option<&LifeSpec> {
        self.scenario.life.as_ref()
    }

    /// The site that something names, and its region.
    pub(super) fn site(
        &mut self,
        account: Option<&Spanned<String>>,
        region: Option<&Spanned<String>>,
    ) -> Result<(SiteId, Arc<str>), Problem> {
        let (account, region) = self.scenario.place(account, region)?;
        Ok((self.accounts.site(account, &region), region.into()))
    }

    /// The dice of everything at a site; the order in which sites are named does not matter to it.
    pub(super) fn site_dice(&self, site: SiteId) -> Dice {
        self.dice.of(&self.accounts.account_of(site).id).of(self.accounts.region_of(site))
    }

    /// Settings as clusters of an account usually have them.
    pub(super) fn settings(&self, site: SiteId, dice: Dice, release: Option<&str>) -> Settings {
        let account = self.accounts.account_of(site);
        let region = self.accounts.region_of(site);
        let site_dice = self.site_dice(site);
        let known = release.and_then(|name| RELEASES.iter().find(|known| known.0 == name));
        let (usual, spark, hadoop, hive) = known.unwrap_or(&RELEASES[0]);
        let zone = dice.of("zone").below(3);
        Settings {
            release: release.unwrap_or(usual).into(),
            applications: [("Hadoop", *hadoop), ("Hive", *hive), ("Spark", *spark)]
                .map(|(name, version)| (name.into(), version.into()))
                .into(),
            log_uri: Some(format!("s3n://aws-logs-{}-{region}/elasticmapreduce/", account.id)),
            step_concurrency: 1,
            scale_down_behavior: Some("TERMINATE_AT_TASK_COMPLETION".to_owned()),
            zone: format!("{region}{}", ["a", "b", "c"][zone]),
            subnet: Some(identity::subnet_id(site_dice.at(zone as u64))),
            key_name: Some(format!("{}-emr", account.name)),
            instance_profile: "EMR_EC2_DefaultRole".to_owned(),
            service_role: "EMR_DefaultRole".to_owned(),
            security_groups: super::cluster::SecurityGroups {
                master: Some(identity::security_group_id(site_dice, "master")),
                workers: Some(identity::security_group_id(site_dice, "workers")),
                service: Some(identity::security_group_id(site_dice, "service")),
                ..Default::default()
            },
            root_volume_gib: Some(64),
            os_release: Some("2023.7.20250623.1".to_owned()),
            ..Settings::default()
        }
    }

    fn shortage(&mut self, spec: &ShortageSpec) -> Result<(), Problem> {
        let (site, _) = self.site(spec.account.as_ref(), spec.region.as_ref())?;
        let from = clock::after(self.start, spec.at.0);
        self.emr.shortages.push(SiteShortage {
            site,
            instance_type: spec.instance_type.clone(),
            market: spec.market.map(Into::into),
            from,
            until: clock::after(from, spec.lasts.0),
        });
        Ok(())
    }

    fn stream(&mut self, spec: &Spanned<ArrivalSpec>) -> Result<(), Problem> {
        let at = spec.span();
        let spec = spec.get_ref();
        let (site, region) = self.site(spec.account.as_ref(), spec.region.as_ref())?;
        let dice = self.site_dice(site).of("arrivals").of(&spec.name);
        if spec.every.0 < Duration::from_secs(1) {
            return Err(Problem::at(at, "clusters cannot arrive more often than once a second"));
        }
        let mut settings = self.settings(site, dice, spec.release.as_deref());
        settings.auto_terminate = true;
        settings.tags = spec.tags.clone().into_iter().collect();
        let mut pools = Vec::new();
        for group in &spec.groups {
            pools.push(group_pool(group, dice, self.start)?);
        }
        check_pools(&pools, at)?;
        self.emr.streams.push(Stream {
            name: spec.name.clone(),
            site,
            region,
            dice,
            every: spec.every.0,
            settings,
            pools,
            book: spec.book.unwrap_or(Book::Etl),
            steps: spec.steps,
            fails: spec.fails,
            spot_losses_per_day: self.life().map_or(0.0, |life| life.spot_losses_per_day),
            came: std::collections::VecDeque::new(),
        });
        self.emr.plan_arrival(self.emr.streams.len() - 1, 0, self.start);
        Ok(())
    }
}

/// An instance group as it is written.
pub(super) fn group_pool(spec: &Spanned<GroupSpec>, dice: Dice, created: Timestamp) -> Result<Pool, Problem> {
    let spec = spec.get_ref();
    check_type(&spec.instance_type)?;
    let role = role(spec.role);
    let market = spec.market.map_or(Market::OnDemand, Into::into);
    let name = spec.name.clone().unwrap_or_else(|| default_name(role).to_owned());
    let id = identity::group_id(dice.of("pool").of(role.word()).of(&name));
    let mut pool = Pool::new(id, name, role, Collection::Groups, created);
    pool.market = market;
    pool.requested = Units::only(market, spec.count);
    pool.available = spec.available;
    pool.kinds = vec![Kind { bid: spec.bid.clone(), ..Kind::plain(spec.instance_type.get_ref()) }];
    if let Some(count) = &spec.suspended_at
        && *count.get_ref() >= spec.count
    {
        let message = format!("a group that gave up has fewer machines than the {} it wants", spec.count);
        return Err(Problem::at(count.span(), message));
    }
    Ok(pool)
}

pub(super) fn role(word: RoleWord) -> Role {
    match word {
        RoleWord::Master => Role::Master,
        RoleWord::Core => Role::Core,
        RoleWord::Task => Role::Task,
    }
}

pub(super) const fn default_name(role: Role) -> &'static str {
    match role {
        Role::Master => "Primary",
        Role::Core => "Core",
        Role::Task => "Task",
    }
}

pub(super) fn check_type(name: &Spanned<String>) -> Result<(), Problem> {
    match super::catalogue::vcpus(name.get_ref()) {
        Some(_) => Ok(()),
        None => Err(Problem::at(
            name.span(),
            format!("`{}` is not the name of a machine type such as m5.xlarge", name.get_ref()),
        )),
    }
}

/// One master pool, at most one core pool, no two pools of the same name.
pub(super) fn check_pools(pools: &[Pool], at: std::ops::Range<usize>) -> Result<(), Problem> {
    let count = |role| pools.iter().filter(|pool| pool.role == role).count();
    if count(Role::Master) != 1 {
        return Err(Problem::at(at, "a cluster needs exactly one group or fleet with the role master"));
    }
    if count(Role::Core) > 1 {
        return Err(Problem::at(at, "a cluster has at most one group or fleet with the role core"));
    }
    if pools.iter().any(|pool| pool.role == Role::Master && !matches!(pool.requested.total(), 1 | 3)) {
        return Err(Problem::at(at, "a cluster has one master node, or three"));
    }
    for (place, pool) in pools.iter().enumerate() {
        if pools[..place].iter().any(|other| other.name == pool.name) {
            return Err(Problem::at(at, format!("two groups or fleets are called `{}`: give them names", pool.name)));
        }
        if pool.kinds.is_empty() {
            return Err(Problem::at(at, format!("the fleet `{}` has no machine types", pool.name)));
        }
    }
    Ok(())
}

/// Puts a happening on the agenda of a cluster.
///
/// # Errors
/// What is wrong with it, for a person to read.
pub(super) fn plan_happening(cluster: &mut Cluster, spec: HappeningSpec, tick: &mut Tick<'_>) -> Result<(), String> {
    if let Some(name) = spec.group()
        && cluster.pool_named(name).is_none()
    {
        let names: Vec<&str> = cluster.pools.iter().map(|pool| pool.name.as_str()).collect();
        return Err(format!("unknown group `{}`: the cluster has {}", name.0, names.join(", ")));
    }
    let at = spec.at.0;
    let happening = spec.happening()?;
    tick.after(at, What::Happens(Box::new(happening)));
    Ok(())
}
