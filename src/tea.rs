//! The contract between panes, app and engine: what happens (messages), what is asked for (effects),
//! what can be commanded, and what a pane is.

pub mod command;
pub mod effect;
pub mod interest;
pub mod msg;
pub mod pane;

pub use command::{Argument, CommandSpec, Needs};
pub use effect::Effect;
pub use interest::{Interest, Open, Tab};
pub use msg::{Level, Mouse, MouseKind, Msg, Notice, Prepared};
pub use pane::{Pane, Request, ViewCx};
