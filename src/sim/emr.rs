//! A simulated AWS EMR: its clusters, the laws they obey and the wire protocol in which it tells of them.

mod api;
mod build;
mod catalogue;
mod cluster;
mod event;
mod failure;
mod generate;
mod happening;
mod identity;
mod instance;
mod job;
mod pace;
mod paging;
mod physics;
mod pool;
mod restore;
mod scaling;
mod shortage;
mod spec;
mod step;
mod stream;
mod wire;
mod words;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

pub(super) use api::{Operation, operation, operation_names, resource_named};
pub(super) use build::build;
pub(super) use happening::HappeningSpec;
pub(super) use spec::{ArrivalSpec, ClusterSpec, FleetOfClusters, LifeSpec, ShortageSpec};

use self::cluster::Cluster;
use self::event::{ClusterKey, Event, Tick};
use self::shortage::SiteShortage;
use self::stream::Stream;
use super::accounts::SiteId;
use super::agenda::Agenda;
use super::dice::Dice;

/// All clusters of all accounts and regions, and everything that is going to happen to them.
#[derive(Debug)]
pub(super) struct Emr {
    dice: Dice,
    agenda: Agenda<Event>,
    clusters: HashMap<ClusterKey, Cluster>,
    by_id: HashMap<String, ClusterKey>,
    /// The clusters of each site in the order in which they are listed: one that means nothing.
    listings: HashMap<SiteId, BTreeMap<u64, ClusterKey>>,
    shortages: Vec<SiteShortage>,
    streams: Vec<Stream>,
    next_key: u32,
    /// How many clusters callers have made at each site.
    made: HashMap<SiteId, u64>,
}

impl Emr {
    fn new(dice: Dice) -> Self {
        Self {
            dice,
            agenda: Agenda::new(),
            clusters: HashMap::new(),
            by_id: HashMap::new(),
            listings: HashMap::new(),
            shortages: Vec::new(),
            streams: Vec::new(),
            next_key: 0,
            made: HashMap::new(),
        }
    }

    /// Lets everything happen that is due at `now`, in its order.
    pub(super) fn catch_up(&mut self, now: Timestamp) {
        while let Some((at, event)) = self.agenda.pop_due(now) {
            match event {
                Event::Cluster(key, what) => {
                    if let Some((cluster, mut tick)) = self.present(key, at) {
                        cluster.happen(what, &mut tick);
                    }
                }
                Event::Arrives { stream, number } => self.arrives(stream, number, at),
                Event::Forgotten(key) => self.forget(key),
            }
        }
    }

    /// A cluster and its present.
    fn present(&mut self, key: ClusterKey, now: Timestamp) -> Option<(&mut Cluster, Tick<'_>)> {
        let cluster = self.clusters.get_mut(&key)?;
        Some((cluster, Tick { now, key, agenda: &mut self.agenda, shortages: &self.shortages }))
    }

    /// Takes in a cluster: from now on it is listed and things can happen to it.
    fn add(&mut self, cluster: Cluster) -> ClusterKey {
        let key = ClusterKey(self.next_key);
        self.next_key += 1;
        self.by_id.insert(cluster.id.clone(), key);
        let order = self.listing_order(&cluster.id);
        self.listings.entry(cluster.site).or_default().insert(order, key);
        self.clusters.insert(key, cluster);
        key
    }

    fn forget(&mut self, key: ClusterKey) {
        if let Some(cluster) = self.clusters.remove(&key) {
            self.by_id.remove(&cluster.id);
            let order = self.listing_order(&cluster.id);
            if let Some(listing) = self.listings.get_mut(&cluster.site) {
                listing.remove(&order);
            }
        }
    }

    /// The place of a cluster in listings: always the same, and without meaning.
    fn listing_order(&self, id: &str) -> u64 {
        self.dice.of("listing").of(id).bits()
    }

    /// How many clusters there are at a site, by the word for their state.
    pub(super) fn census(&self, site: SiteId) -> BTreeMap<&'static str, usize> {
        let mut census = BTreeMap::new();
        for key in self.listings.get(&site).into_iter().flat_map(BTreeMap::values) {
            if let Some(cluster) = self.clusters.get(key) {
                *census.entry(cluster.state().word()).or_default() += 1;
            }
        }
        census
    }

    /// How many events are still to come.
    pub(super) fn pending_events(&self) -> usize {
        self.agenda.len()
    }

    /// Makes something happen to a cluster, now or later.
    ///
    /// # Errors
    /// What is wrong with the event, for a person to read.
    pub(super) fn script(&mut self, cluster_id: &str, spec: HappeningSpec, now: Timestamp) -> Result<(), String> {
        let key = self.by_id.get(cluster_id).copied();
        let Some((cluster, mut tick)) = key.and_then(|key| self.present(key, now)) else {
            return Err(format!("there is no cluster {cluster_id}"));
        };
        build::plan_happening(cluster, spec, &mut tick)?;
        self.catch_up(now);
        Ok(())
    }
}
