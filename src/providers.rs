//! What every cloud can do for us, said once. A cloud's own words stay inside its folder.
//!
//! Every call goes through [`CallCx`]: it waits for the gate's leave, has a timeout, and tells the gate what came of it.
//! A provider never retries by itself: the engine decides what is asked again, and never for a change.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::domain::{
    CallText, Change, Cloud, ClusterId, ConnectionSpec, Detail, Grouping, Identity, JobPage, Node, NodeGroup, Policies,
    ProviderError, Quota, Summary,
};

#[cfg(feature = "emr")]
pub mod emr;

/// One row for each cloud this build knows.
pub const PROVIDERS: &[ProviderRow] = &[
    #[cfg(feature = "emr")]
    ProviderRow { cloud: Cloud::Emr, quotas: emr::QUOTAS, connect: emr::connect, discover: emr::discover },
];

/// How to open a connection to one cloud, and the request quotas the cloud documents.
pub struct ProviderRow {
    pub cloud: Cloud,
    /// `*` is all operations together.
    pub quotas: &'static [(&'static str, Quota)],
    /// Makes no call; credentials are looked for at the first one.
    pub connect: fn(ConnectionSpec) -> Connecting,
    /// Looks for logins on this machine.
    pub discover: fn() -> Discovering,
}

/// A login that was found on this machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub name: String,
    /// Where it was found.
    pub place: String,
    pub spec: ConnectionSpec,
    /// It was chosen by whoever set up this shell or machine: the environment names it.
    pub is_explicit: bool,
    /// Why it cannot be used as it is.
    pub problem: Option<String>,
}

/// All that a look around for one cloud has brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Discovery {
    pub cloud: Cloud,
    pub found: Vec<Found>,
    /// Every place that was looked at, and what was there.
    pub places: Vec<(String, String)>,
}

type Connecting = std::pin::Pin<Box<dyn Future<Output = Result<Arc<dyn Provider>, ProviderError>> + Send>>;

type Discovering = std::pin::Pin<Box<dyn Future<Output = Discovery> + Send>>;

/// The row of a cloud, if this build has it.
pub fn row(cloud: Cloud) -> Option<&'static ProviderRow> {
    PROVIDERS.iter().find(|row| row.cloud == cloud)
}

/// Who is waiting for a call, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A change, or a look that a change needs.
    Change,
    /// What the operator has open.
    Interactive,
    /// What is on the screen.
    Visible,
    /// Everything else.
    Background,
}

/// What became of a call, for the one who limits them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Answered,
    Throttled,
}

/// Lets calls pass at a polite rate.
#[async_trait]
pub trait Gate: Send + Sync + fmt::Debug {
    /// Returns when the call may be made. Dropping the future gives the place up.
    async fn pass(&self, operation: &'static str, class: Class);
    fn heard(&self, operation: &'static str, outcome: Outcome);
}

/// What a call needs besides its arguments.
#[derive(Debug, Clone)]
pub struct CallCx {
    pub gate: Arc<dyn Gate>,
    pub class: Class,
    pub timeout: Duration,
}

/// Which clusters a listing is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListScope {
    Active,
    /// Created since then and past their end.
    EndedSince(Timestamp),
}

/// A cluster looked at closely.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    pub summary: Summary,
    pub detail: Detail,
}

/// The cloud took the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub request_id: Option<String>,
}

/// Takes a page of a listing as soon as it is read. When nobody takes pages any more, the listing may end early.
pub type PageSink = tokio::sync::mpsc::Sender<Vec<Summary>>;

/// One open connection to a cloud.
#[async_trait]
pub trait Provider: Send + Sync + fmt::Debug {
    /// Who the cloud says we are.
    async fn identity(&self, cx: &CallCx) -> Result<Identity, ProviderError>;

    /// Lists clusters page by page, in no particular order.
    ///
    /// # Errors
    /// The pages handed over before the error are good.
    async fn list(&self, cx: &CallCx, scope: ListScope, page: PageSink) -> Result<(), ProviderError>;

    async fn inspect(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Inspection, ProviderError>;

    async fn groups(
        &self,
        cx: &CallCx,
        cluster: &ClusterId,
        grouping: Grouping,
    ) -> Result<Vec<NodeGroup>, ProviderError>;

    async fn policies(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Policies, ProviderError>;

    async fn nodes(&self, cx: &CallCx, cluster: &ClusterId) -> Result<Vec<Node>, ProviderError>;

    /// The newest jobs: at least every job that has not ended, and `pages` pages.
    async fn jobs(&self, cx: &CallCx, cluster: &ClusterId, pages: usize) -> Result<JobPage, ProviderError>;

    /// The exact call that [`Provider::send`] makes for this change. Pure.
    fn call_text(&self, cluster: &ClusterId, change: &Change) -> CallText;

    /// Sends a change, once.
    ///
    /// # Errors
    /// [`ProviderError::delivery`] says whether it may have been carried out all the same.
    async fn send(&self, cx: &CallCx, cluster: &ClusterId, change: &Change) -> Result<Receipt, ProviderError>;
}
