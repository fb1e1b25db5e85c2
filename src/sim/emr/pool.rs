//! Machines of one role that are sized together. EMR shows a pool as an instance group or as an instance fleet;
//! both obey the same physics: a group is a fleet of one machine type, one market and weight 1.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::pace;
use super::words::{Collection, Market, PoolState, ReasonCode, Role};

/// A machine type that a pool may use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kind {
    pub(super) instance_type: Arc<str>,
    /// Units of capacity that one machine counts for; at least 1.
    pub(super) weight: u32,
    /// The highest price to pay for spot, in dollars an hour.
    pub(super) bid: Option<String>,
    /// The same, in percent of the on-demand price.
    pub(super) bid_percent: Option<f64>,
    pub(super) priority: Option<f64>,
    /// `EbsConfiguration` as it was given.
    pub(super) ebs: Option<Value>,
    /// `Configurations` as they were given.
    pub(super) configurations: Option<Value>,
}

impl Kind {
    pub(super) fn plain(instance_type: &str) -> Self {
        Self {
            instance_type: instance_type.into(),
            weight: 1,
            bid: None,
            bid_percent: None,
            priority: None,
            ebs: None,
            configurations: None,
        }
    }
}

/// Capacity by market, in units of the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Units {
    pub(super) on_demand: u32,
    pub(super) spot: u32,
}

impl Units {
    pub(super) const fn of(self, market: Market) -> u32 {
        match market {
            Market::OnDemand => self.on_demand,
            Market::Spot => self.spot,
        }
    }

    pub(super) const fn only(market: Market, units: u32) -> Self {
        match market {
            Market::OnDemand => Self { on_demand: units, spot: 0 },
            Market::Spot => Self { on_demand: 0, spot: units },
        }
    }

    pub(super) const fn of_mut(&mut self, market: Market) -> &mut u32 {
        match market {
            Market::OnDemand => &mut self.on_demand,
            Market::Spot => &mut self.spot,
        }
    }

    pub(super) const fn total(self) -> u32 {
        self.on_demand.saturating_add(self.spot)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Pool {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) kinds: Vec<Kind>,
    /// How much capacity is asked for.
    pub(super) requested: Units,
    /// How much was asked for when it was made.
    pub(super) made_with: u32,
    pub(super) state: PoolState,
    pub(super) reason: Option<(ReasonCode, String)>,
    pub(super) created: Timestamp,
    pub(super) ready: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    /// Counts the attempts to reach a size; a deadline that belongs to an older one means nothing.
    pub(super) effort: u32,
    /// Where it gave up: nothing is launched there until somebody sets a size again.
    pub(super) halted: Halted,
    /// More machines than this EC2 does not give it.
    pub(super) available: Option<u32>,
    /// The market of a group; a fleet has both.
    pub(super) market: Market,
    pub(super) shrink: Shrink,
    pub(super) patience: Patience,
    /// `LaunchSpecifications` of a fleet as they were given.
    pub(super) launch_specifications: Option<Value>,
    /// `ResizeSpecifications` of a fleet as they were given.
    pub(super) resize_specifications: Option<Value>,
    /// `Configurations` of a group as they were given.
    pub(super) configurations: Option<Value>,
    /// `AutoScalingPolicy` of a group as it was given.
    pub(super) auto_scaling: Option<Value>,
    pub(super) context: Option<String>,
}

/// The markets in which a pool gave up getting machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Halted {
    pub(super) on_demand: bool,
    pub(super) spot: bool,
}

impl Halted {
    pub(super) const EVERYWHERE: Self = Self { on_demand: true, spot: true };

    pub(super) const fn halt(&mut self, market: Market) {
        match market {
            Market::OnDemand => self.on_demand = true,
            Market::Spot => self.spot = true,
        }
    }
}

/// How nodes leave when the pool shrinks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shrink {
    /// How long they may finish their work.
    pub(super) decommission_timeout: Option<Duration>,
    /// EC2 ids of nodes to take first.
    pub(super) terminate_first: Vec<String>,
    /// EC2 ids of nodes to keep.
    pub(super) protect: Vec<String>,
    /// How long the nodes named above may finish their work.
    pub(super) named_timeout: Option<Duration>,
}

impl Shrink {
    pub(super) fn timeout_of(&self, ec2_id: &str) -> Duration {
        let named = if self.terminate_first.iter().any(|id| id == ec2_id) { self.named_timeout } else { None };
        named.or(self.decommission_timeout).unwrap_or(pace::DECOMMISSION_TIMEOUT)
    }
}

/// How long a pool tries to get machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// While the cluster starts.
    pub(super) launch: Duration,
    /// When it is resized, on-demand machines.
    pub(super) on_demand: Duration,
    /// When it is resized, spot machines.
    pub(super) spot: Duration,
    /// Spot capacity that could not be had while the cluster starts is taken as on-demand instead.
    pub(super) switches_to_on_demand: bool,
}

impl Patience {
    pub(super) const fn of(collection: Collection) -> Self {
        let time = match collection {
            Collection::Groups => pace::GROUP_GIVES_UP,
            Collection::Fleets => pace::FLEET_GIVES_UP,
        };
        Self { launch: time, on_demand: time, spot: time, switches_to_on_demand: false }
    }

    pub(super) const fn of_resize(self, market: Market) -> Duration {
        match market {
            Market::OnDemand => self.on_demand,
            Market::Spot => self.spot,
        }
    }
}

impl Pool {
    /// A pool that waits for its first machines.
    pub(super) fn new(id: String, name: String, role: Role, collection: Collection, now: Timestamp) -> Self {
        Self {
            id,
            name,
            role,
            kinds: Vec::new(),
            requested: Units::default(),
            made_with: 0,
            state: PoolState::Provisioning,
            reason: None,
            created: now,
            ready: None,
            ended: None,
            effort: 0,
            halted: Halted::default(),
            available: None,
            market: Market::OnDemand,
            shrink: Shrink::default(),
            patience: Patience::of(collection),
            launch_specifications: None,
            resize_specifications: None,
            configurations: None,
            auto_scaling: None,
            context: None,
        }
    }
    /// The capacity it still tries to have: none in a market where it gave up.
    pub(super) const fn reachable(&self) -> Units {
        Units {
            on_demand: if self.halted.on_demand { 0 } else { self.requested.on_demand },
            spot: if self.halted.spot { 0 } else { self.requested.spot },
        }
    }
}
