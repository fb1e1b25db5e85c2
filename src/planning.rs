//! Pure rules: what an action needs, what it does, whether it has worked, and what is wrong with a cluster.
//! The same rules plan in the UI and check again in the engine just before anything is sent.

pub mod convergence;
pub mod scale;
pub mod subject;
pub mod terminate;
pub mod trouble;

use jiff::Timestamp;

use crate::domain::{Action, Mode, Plan};

pub use convergence::{Progress, progress, was_taken};
pub use subject::Subject;
pub use trouble::{Severity, Trouble, troubles};

/// Makes the plan for an action from what was just read. Always makes one: what forbids it stands in `refusals`.
pub fn plan(action: &Action, subject: &Subject, now: Timestamp) -> Plan {
    let mut plan = match action {
        Action::Scale { group, to, graceful, .. } => scale::plan(action, subject, group, *to, *graceful, now),
        Action::Terminate { .. } => terminate::plan(action, subject, now),
    };
    if subject.mode == Mode::ReadOnly {
        plan.refusals.insert(0, format!("connection {} is read-only", plan.target.cluster.connection));
    }
    plan
}
