//! Holds calls back until the limits let them pass.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::domain::Budget;
use crate::providers::{Class, Gate, Outcome};

use super::limits::Limiter;

/// The limits of one account and region. Connections that turn out to be of the same account share one.
#[derive(Debug)]
pub(super) struct LimitGate {
    limiter: Mutex<Arc<Mutex<Limiter>>>,
}

/// A poisoned limiter still holds good numbers.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LimitGate {
    pub(super) fn new(limiter: Limiter) -> Self {
        Self { limiter: Mutex::new(Arc::new(Mutex::new(limiter))) }
    }

    fn limiter(&self) -> Arc<Mutex<Limiter>> {
        Arc::clone(&lock(&self.limiter))
    }

    /// Uses the other's limits from now on.
    pub(super) fn share_with(&self, other: &Self) {
        let theirs = other.limiter();
        *lock(&self.limiter) = theirs;
    }

    pub(super) fn budget(&self) -> Budget {
        lock(&self.limiter()).budget(Instant::now())
    }
}

#[async_trait]
impl Gate for LimitGate {
    async fn pass(&self, operation: &'static str, class: Class) {
        loop {
            let taken = lock(&self.limiter()).try_take(operation, class, Instant::now());
            match taken {
                Ok(()) => return,
                Err(at) => tokio::time::sleep_until(at).await,
            }
        }
    }

    fn heard(&self, operation: &'static str, outcome: Outcome) {
        if outcome == Outcome::Throttled {
            lock(&self.limiter()).throttled(operation, Instant::now());
        }
    }
}
