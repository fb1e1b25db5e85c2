//! What the engine hands to the store: observations with their time. Newer ones replace older ones.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::{
    Cloud, ClusterRef, ConnectionName, Detail, JobPage, Lane, Node, NodeGroup, Operation, Policies, ProviderError,
    Summary,
};

/// An observation, or why there is none.
pub type Seen<T> = Result<T, Arc<ProviderError>>;

#[derive(Debug, Clone)]
pub enum Snapshot {
    Lane(Lane),
    Listing(Listing),
    Part { cluster: ClusterRef, at: Timestamp, part: Part },
    Operation(Box<Operation>),
}

/// Some clusters of a listing. A sweep is one reading of a connection's whole list.
#[derive(Debug, Clone)]
pub struct Listing {
    pub connection: ConnectionName,
    pub cloud: Cloud,
    pub at: Timestamp,
    /// Counts up with each sweep over the connection's active clusters; 0 for ended clusters.
    pub sweep: u64,
    pub clusters: Vec<Summary>,
    /// The sweep is complete with this: what was not in it may be gone.
    pub ends_sweep: bool,
}

/// One facet of one cluster.
#[derive(Debug, Clone)]
pub enum Part {
    Inspection(Seen<Box<(Summary, Detail)>>),
    Groups(Seen<Vec<NodeGroup>>),
    Nodes(Seen<Vec<Node>>),
    Jobs(Seen<JobPage>),
    Policies(Seen<Policies>),
}
