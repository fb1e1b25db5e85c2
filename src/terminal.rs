//! The terminal: what it can do, raw mode and its undoing, painting, the event loop.

pub mod abilities;
mod clipboard;
mod encoder;
mod events;
mod guard;
mod painter;
mod run;

pub use run::{Exit, Host, run};
