//! Pieces of screen that know no domain.

pub mod format;
pub mod frame;
pub mod input;
pub mod list;
pub mod text;
