//! Streams of clusters that come, do their steps and end by themselves.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Emr;
use super::cluster::{Cluster, Settings};
use super::event::{ClusterKey, Event};
use super::identity;
use super::job::{self, Book};
use super::physics::NewStep;
use super::pool::Pool;
use super::step::Fate;
use crate::sim::accounts::SiteId;
use crate::sim::clock;
use crate::sim::dice::Dice;

/// How many ended clusters of a stream are remembered at most.
const MAX_REMEMBERED: usize = 1_000;

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) site: SiteId,
    pub(super) region: Arc<str>,
    pub(super) dice: Dice,
    /// The mean time between two clusters.
    pub(super) every: Duration,
    pub(super) settings: Settings,
    /// The pools of every cluster, but for their ids.
    pub(super) pools: Vec<Pool>,
    pub(super) book: Book,
    /// How many steps each has.
    pub(super) steps: u32,
    /// How likely a step fails.
    pub(super) fails: f64,
    pub(super) spot_losses_per_day: f64,
    /// The clusters that came, oldest first.
    pub(super) came: VecDeque<ClusterKey>,
}

impl Emr {
    /// Plans when the next cluster of a stream comes.
    pub(super) fn plan_arrival(&mut self, stream: usize, number: u64, now: Timestamp) {
        let wait = self.streams[stream].dice.at(number).of("wait").wait(self.streams[stream].every);
        self.agenda.push(clock::after(now, wait), Event::Arrives { stream, number });
    }

    pub(super) fn arrives(&mut self, stream: usize, number: u64, now: Timestamp) {
        let cluster = self.streams[stream].cluster(number, now);
        let (book, steps, fails) = (self.streams[stream].book, self.streams[stream].steps, self.streams[stream].fails);
        let key = self.add(cluster);
        if let Some((cluster, mut tick)) = self.present(key, now) {
            for step in 0..steps {
                let dice = cluster.dice.of("work").at(u64::from(step));
                let job = book.pick(dice);
                let fails = if dice.of("fails").chance(fails) { job::any_failure(dice) } else { None };
                let fate = Fate { lasts: Some(job.duration(dice)), fails };
                cluster.add_step(NewStep::of(job.name, Arc::clone(&job.work), fate), &mut tick);
            }
            cluster.launch(&mut tick);
        }
        self.streams[stream].came.push_back(key);
        if self.streams[stream].came.len() > MAX_REMEMBERED
            && let Some(oldest) = self.streams[stream].came.pop_front()
            && self.clusters.get(&oldest).is_none_or(|cluster| cluster.state().is_ended())
        {
            self.forget(oldest);
        }
        self.plan_arrival(stream, number + 1, now);
    }
}

impl Stream {
    fn cluster(&self, number: u64, now: Timestamp) -> Cluster {
        let dice = self.dice.at(number).of("cluster");
        let name = format!("{}-{}", self.name, number + 1);
        let id = identity::cluster_id(dice);
        let mut cluster = Cluster::new(id, name, self.site, Arc::clone(&self.region), dice, now);
        cluster.settings = self.settings.clone();
        cluster.spot_losses_per_day = self.spot_losses_per_day;
        cluster.pools.clone_from(&self.pools);
        for (place, pool) in cluster.pools.iter_mut().enumerate() {
            pool.id = identity::group_id(dice.of("pool").at(place as u64));
            pool.created = now;
        }
        cluster
    }
}
