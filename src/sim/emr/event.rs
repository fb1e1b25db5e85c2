//! Everything that can happen in a simulated EMR, as data for the agenda.

use std::time::Duration;

use jiff::Timestamp;

use super::happening::Happening;
use super::pace::{self, Range};
use super::pool::{Patience, Shrink, Units};
use super::shortage::SiteShortage;
use super::words::Market;
use crate::sim::agenda::Agenda;
use crate::sim::clock;
use crate::sim::dice::Dice;

/// Names a cluster within the simulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::sim) struct ClusterKey(pub(super) u32);

#[derive(Debug)]
pub(in crate::sim) enum Event {
    /// Something happens to a cluster.
    Cluster(ClusterKey, What),
    /// A cluster comes that ends by itself.
    Arrives { stream: usize, number: u64 },
    /// An ended cluster is no longer remembered.
    Forgotten(ClusterKey),
}

/// What happens to a cluster. Numbers name what it happens to; what is gone or overtaken by then is left alone.
#[derive(Debug)]
pub(super) enum What {
    /// A machine gets to its next state.
    Boots {
        instance: u32,
    },
    /// A machine that was to leave has finished its work.
    Leaves {
        instance: u32,
        decision: u32,
    },
    /// A machine is lost.
    Lost {
        instance: u32,
    },
    /// Lost machines are asked for again.
    Refills {
        pool: usize,
    },
    /// A resize that was answered takes effect.
    ResizeApplies {
        pool: usize,
        resize: Box<Resize>,
    },
    /// The time to reach a size is over.
    GivesUp {
        pool: usize,
        market: Market,
        effort: u32,
    },
    /// Free slots take the next steps.
    Dispatches,
    StepEnds {
        step: u32,
    },
    StepCancelled {
        step: u32,
    },
    /// The routine brings its next job.
    JobArrives {
        number: u32,
    },
    /// Managed scaling looks at the load.
    ScalerLooks {
        policy: u32,
    },
    /// The time to be idle is over.
    IdleEnds {
        number: u32,
    },
    /// The cluster is gone.
    Ends,
    /// `ListClusters` learns the state.
    ListingCatchesUp,
    /// The scenario, or a request for control, wants something to happen.
    Happens(Box<Happening>),
}

/// A change of size that was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Resize {
    pub(super) units: Option<Units>,
    pub(super) shrink: Option<Shrink>,
    pub(super) patience: Option<Patience>,
    /// EC2 ids of machines to end at once.
    pub(super) terminate_now: Vec<String>,
}

/// The present of one cluster: what its laws may see and do.
#[derive(Debug)]
pub(super) struct Tick<'a> {
    pub(super) now: Timestamp,
    pub(super) key: ClusterKey,
    pub(super) agenda: &'a mut Agenda<Event>,
    pub(super) shortages: &'a [SiteShortage],
}

impl Tick<'_> {
    pub(super) fn after(&mut self, delay: Duration, what: What) {
        self.at(clock::after(self.now, delay), what);
    }

    pub(super) fn within(&mut self, dice: Dice, range: Range, what: What) {
        self.after(dice.within(range), what);
    }

    /// At an instant that may have passed already.
    pub(super) fn at_or_now(&mut self, at: Timestamp, what: What) {
        self.at(at.max(self.now), what);
    }

    /// The cluster has ended and is forgotten some day.
    pub(super) fn is_forgotten(&mut self) {
        self.agenda.push(clock::after(self.now, pace::REMEMBERED), Event::Forgotten(self.key));
    }

    fn at(&mut self, at: Timestamp, what: What) {
        self.agenda.push(at, Event::Cluster(self.key, what));
    }
}
