//! What exists: connections, clusters, node groups, jobs, money, errors, actions, plans, operations.
//! No I/O, no clock, no user interface; every other module speaks these words.

pub mod action;
pub mod cluster;
pub mod connection;
pub mod error;
pub mod ids;
pub mod job;
pub mod observed;
pub mod operation;
pub mod phase;
pub mod plan;
pub mod text;

pub use action::{Action, Change, GroupSize};
pub use cluster::{
    Ability, Capabilities, Detail, GroupState, Grouping, Market, Node, NodeGroup, Policies, Role, Scaler, Split,
    Summary, Unit,
};
pub use connection::{Budget, ConnectionSpec, Identity, Lane, LaneStatus, Mode, Quota, QuotaShare};
pub use error::{Delivery, ErrorKind, ProviderError};
pub use ids::{Cloud, ClusterId, ClusterRef, ConnectionName, GroupId, JobId, NodeId};
pub use job::{Job, JobKind, JobPage, JobState};
pub use observed::{Facet, Observed};
pub use operation::{Operation, OperationId, OperationState, StepState};
pub use phase::Phase;
pub use plan::{Basis, CallText, Confirm, Effect as PlanEffect, Plan, PlanStep, Target};
