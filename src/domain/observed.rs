//! Every fact has an age, and a fact that could not be read says why.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::error::ProviderError;

/// A value and the moment at which the cloud said it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed<T> {
    pub value: T,
    pub at: Timestamp,
}

impl<T> Observed<T> {
    pub fn new(value: T, at: Timestamp) -> Self {
        Self { value, at }
    }

    /// How old the value is; zero when the clock ran backwards.
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.at)).unwrap_or_default()
    }
}

/// One part of what is known of a cluster: the last good value, and the trouble met since.
///
/// Nothing and no trouble means that it was not asked for yet or is on its way.
#[derive(Debug, Clone)]
pub struct Facet<T> {
    pub seen: Option<Observed<T>>,
    pub trouble: Option<Arc<ProviderError>>,
}

impl<T> Default for Facet<T> {
    fn default() -> Self {
        Self { seen: None, trouble: None }
    }
}

impl<T> Facet<T> {
    pub fn value(&self) -> Option<&T> {
        self.seen.as_ref().map(|seen| &seen.value)
    }

    /// Takes a new observation: a good one replaces the value and clears the trouble, a failure keeps the value.
    /// An observation older than the present one changes nothing.
    pub fn take(&mut self, result: Result<T, Arc<ProviderError>>, at: Timestamp) {
        if self.seen.as_ref().is_some_and(|seen| seen.at > at) {
            return;
        }
        match result {
            Ok(value) => {
                self.seen = Some(Observed::new(value, at));
                self.trouble = None;
            }
            Err(error) => self.trouble = Some(error),
        }
    }
}
