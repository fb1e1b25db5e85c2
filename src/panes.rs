//! The panes: each owns its state, draws itself, and asks the app for what it cannot do itself.

pub mod clusters;
pub mod connections;
pub mod detail;
pub mod first_run;
pub mod operations;
