//! What the model asks the world to do. Effects are data: the terminal loop and the engine carry them out.

use crate::domain::{Action, ConnectionName, Plan};

use super::Interest;

#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The operator looks at this now.
    Watch(Interest),
    /// Ask all connections again, now.
    Refresh,
    /// Read the cluster and make a plan; the answer carries the ticket.
    Prepare {
        ticket: u64,
        action: Action,
    },
    /// Carry out a confirmed plan, unless the world has changed.
    Execute {
        ticket: u64,
        plan: Box<Plan>,
    },
    /// Put text on the operator's clipboard.
    Copy {
        text: String,
        what: String,
    },
    UseTheme(String),
    UseKeymap(String),
    /// Open these discovered connections, and remember them.
    Adopt(Vec<ConnectionName>),
    /// Start the simulated clouds.
    Demo,
    Leave,
}
