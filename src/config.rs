//! Settings: defaults < file < environment < command line, each knowing where it came from. Strict and loud:
//! what is not understood is shown with file, line, key and the nearest right one, and nothing starts half configured.

pub mod diagnostics;
mod load;
pub mod looks;
pub mod paths;
pub mod schema;

pub use diagnostics::Problem;
pub use load::{Flags, Origin, Setting, Settings, load};
pub use paths::Paths;
