//! A command is one row of a table: from it come the keymap's validation, the `:` line, help and the documentation.

/// What a command can be told on the `:` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    None,
    Theme,
    Keymap,
    /// Any text; shown as this in help.
    Text(&'static str),
}

/// What must be there for a command to make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// A selected cluster.
    Cluster,
    /// A selected cluster over a connection that may be operated. Hidden when nothing may be changed.
    Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandSpec {
    /// `list.down`: the name in keymaps.
    pub id: &'static str,
    /// Where it holds: `global`, or a pane's or overlay's scope.
    pub scope: &'static str,
    /// The words for it on the `:` line, the usual one first.
    pub words: &'static [&'static str],
    pub argument: Argument,
    pub needs: Needs,
    pub help: &'static str,
}

impl CommandSpec {
    /// A command that is only pressed.
    pub const fn key(id: &'static str, scope: &'static str, help: &'static str) -> Self {
        Self { id, scope, words: &[], argument: Argument::None, needs: Needs::Nothing, help }
    }

    /// A command that can be typed, too.
    pub const fn word(
        id: &'static str,
        scope: &'static str,
        words: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self { words, ..Self::key(id, scope, help) }
    }

    #[must_use]
    pub const fn with(self, argument: Argument) -> Self {
        Self { argument, ..self }
    }

    #[must_use]
    pub const fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }
}
