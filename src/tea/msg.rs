//! What happens to the program. Everything that the model ever learns comes as one of these.

use std::sync::Arc;

use crate::domain::{Plan, ProviderError};
use crate::keymap::{Key, Keymap};
use crate::store::Snapshot;
use crate::theme::Theme;

#[derive(Debug)]
pub enum Msg {
    Key(Key),
    /// Text that was pasted, not typed.
    Pasted(String),
    Mouse(Mouse),
    Resized {
        width: u16,
        height: u16,
    },
    Feed(Vec<Snapshot>),
    Prepared(Prepared),
    Notice(Notice),
    Themed(Box<Theme>),
    Keyed(Box<Keymap>),
    /// Time has passed.
    Tick,
}

/// A plan that was asked for, made from what was just read.
#[derive(Debug)]
pub struct Prepared {
    pub ticket: u64,
    pub plan: Result<Box<Plan>, Arc<ProviderError>>,
    /// What changed since an earlier plan for the same wish was confirmed: nothing was sent.
    pub differences: Vec<String>,
}

/// A short word to the operator, at the bottom of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub level: Level,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Info,
    Warn,
    Bad,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Self { level: Level::Info, text: text.into() }
    }
    pub fn warn(text: impl Into<String>) -> Self {
        Self { level: Level::Warn, text: text.into() }
    }
    pub fn bad(text: impl Into<String>) -> Self {
        Self { level: Level::Bad, text: text.into() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    pub kind: MouseKind,
    pub column: u16,
    pub row: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    Click,
    WheelUp,
    WheelDown,
}
