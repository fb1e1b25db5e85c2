//! What the workers found, until the screen takes it. A newer observation replaces an older one that nobody took,
//! so that a burst can never queue up, however long the screen is away.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::{ClusterId, ClusterRef, ConnectionName, OperationId};
use crate::store::{Listing, Part, Snapshot};
use crate::tea::Prepared;

#[derive(Debug, Default)]
pub struct Mailbox {
    waiting: Mutex<Waiting>,
    notify: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// In the order of their first arrival.
    order: Vec<Slot>,
    slots: HashMap<Slot, Snapshot>,
    prepared: Vec<Prepared>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Slot {
    Lane(ConnectionName),
    /// Active and ended clusters of one connection.
    Listing(ConnectionName, bool),
    Part(ClusterRef, Discriminant<Part>),
    Operation(OperationId),
}

fn slot_of(snapshot: &Snapshot) -> Slot {
    match snapshot {
        Snapshot::Lane(lane) => Slot::Lane(lane.name.clone()),
        Snapshot::Listing(listing) => Slot::Listing(listing.connection.clone(), listing.sweep > 0),
        Snapshot::Part { cluster, part, .. } => Slot::Part(cluster.clone(), discriminant(part)),
        Snapshot::Operation(operation) => Slot::Operation(operation.id.clone()),
    }
}

/// Pages of the same listing become one: the newer summary of a cluster wins.
fn merge(old: &mut Listing, new: Listing) {
    let mut at: HashMap<ClusterId, usize> =
        old.clusters.iter().enumerate().map(|(index, summary)| (summary.id.clone(), index)).collect();
    for summary in new.clusters {
        if let Some(index) = at.get(&summary.id) {
            old.clusters[*index] = summary;
        } else {
            at.insert(summary.id.clone(), old.clusters.len());
            old.clusters.push(summary);
        }
    }
    old.sweep = new.sweep;
    old.at = new.at;
    old.ends_sweep = new.ends_sweep;
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn post(&self, snapshot: Snapshot) {
        let mut waiting = self.lock();
        let slot = slot_of(&snapshot);
        match (waiting.slots.get_mut(&slot), snapshot) {
            // Losing the mark of a sweep's end only means that a vanished cluster is dropped one sweep later.
            (Some(Snapshot::Listing(old)), Snapshot::Listing(new)) => merge(old, new),
            (Some(old), new) => *old = new,
            (None, new) => {
                waiting.order.push(slot.clone());
                waiting.slots.insert(slot, new);
            }
        }
        drop(waiting);
        self.notify.notify_one();
    }

    pub(super) fn post_prepared(&self, prepared: Prepared) {
        self.lock().prepared.push(prepared);
        self.notify.notify_one();
    }

    /// Takes all there is, oldest first.
    pub fn take(&self) -> (Vec<Snapshot>, Vec<Prepared>) {
        let mut waiting = std::mem::take(&mut *self.lock());
        let snapshots = waiting.order.iter().filter_map(|slot| waiting.slots.remove(slot)).collect();
        (snapshots, waiting.prepared)
    }

    /// Waits until there is something.
    pub async fn wait(&self) {
        self.notify.notified().await;
    }
}
