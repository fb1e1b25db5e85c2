//! Pieces of screen that know no domain.

pub mod format;
