//! The terminal: what it can do, raw mode and its undoing, the event loop.

pub mod abilities;
