//! The fleet as last observed. Takes snapshots, answers questions; knows no cloud, no screen and no clock.

pub mod cluster;
pub mod filter;
pub mod fleet;
pub mod snapshot;

pub use cluster::{Cluster, Lit};
pub use filter::Filter;
pub use fleet::{Changes, Fleet};
pub use snapshot::{Listing, Part, Snapshot};
