//! The contract between panes, app and engine: what happens (messages), what is asked for (effects).

pub mod effect;
pub mod interest;
pub mod msg;

pub use effect::Effect;
pub use interest::{Interest, Open, Tab};
pub use msg::{Level, Mouse, MouseKind, Msg, Notice, Prepared};
