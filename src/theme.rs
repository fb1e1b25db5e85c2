//! What things look like: tones (roles of colour) from a theme file, glyphs for the terminal at hand.
//! Everything drawn goes through a tone; nothing here knows what is drawn.

mod color;
mod glyphs;
mod parse;

use ratatui::style::{Color, Modifier, Style};

pub use color::Depth;
pub use glyphs::{Glyphs, Line};
pub use parse::{ThemeError, parse};

macro_rules! tones {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// A role of colour.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Tone { $($(#[$doc])* $variant),+ }

        impl Tone {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word in theme files.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

tones! {
    /// Ordinary values.
    Text = "text",
    /// Headings, units, what is not important now.
    Dim = "dim",
    /// The focused pane and what is chosen.
    Accent = "accent",
    /// Names of screens and panes.
    Title = "title",
    Border = "border",
    /// The whole selected row.
    Selection = "selection",
    /// Well, and worth saying so.
    Ok = "ok",
    /// Changing by itself.
    Busy = "busy",
    Warn = "warn",
    Bad = "bad",
    Money = "money",
    Spot = "spot",
    /// Keys in hints and help.
    Key = "key",
    /// What the operator types.
    Input = "input",
    /// A value that changed just now.
    Lit = "lit",
    /// Older than it should be.
    Stale = "stale",
    Emr = "emr",
    Dataproc = "dataproc",
    Databricks = "databricks",
    Kubernetes = "kubernetes",
}

/// A theme made for the colours that the terminal has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    pub name: String,
    styles: Vec<Style>,
}

impl Default for Theme {
    fn default() -> Self {
        Self { name: "plain".into(), styles: vec![Style::new(); Tone::ALL.len()] }.for_depth(Depth::Mono)
    }
}

impl Theme {
    pub fn style(&self, tone: Tone) -> Style {
        self.styles[tone as usize]
    }

    /// The same theme with the colours that a terminal of this depth has. Without colours, weight and
    /// reversal carry what colour would.
    #[must_use]
    pub fn for_depth(mut self, depth: Depth) -> Self {
        for (style, tone) in self.styles.iter_mut().zip(Tone::ALL) {
            style.fg = style.fg.and_then(|color| color::reduce(color, depth));
            style.bg = style.bg.and_then(|color| color::reduce(color, depth));
            if depth == Depth::Mono {
                *style = match tone {
                    Tone::Selection => style.add_modifier(Modifier::REVERSED),
                    Tone::Bad | Tone::Title | Tone::Key | Tone::Accent | Tone::Lit => {
                        style.add_modifier(Modifier::BOLD)
                    }
                    Tone::Dim | Tone::Border | Tone::Stale => style.add_modifier(Modifier::DIM),
                    Tone::Input => style.add_modifier(Modifier::UNDERLINED),
                    _ => *style,
                };
            }
        }
        self
    }

    fn set(&mut self, tone: Tone, style: Style) {
        self.styles[tone as usize] = style;
    }
}

/// The styles of a theme before any file has spoken: the terminal's own colours.
fn bare() -> Theme {
    let mut theme = Theme { name: String::new(), styles: vec![Style::new(); Tone::ALL.len()] };
    theme.set(Tone::Selection, Style::new().add_modifier(Modifier::REVERSED));
    theme.set(Tone::Bad, Style::new().fg(Color::Red));
    theme.set(Tone::Warn, Style::new().fg(Color::Yellow));
    theme
}

/// How things look: colours and signs, as the terminal can show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub theme: Theme,
    pub glyphs: Glyphs,
}

impl Look {
    pub fn style(&self, tone: Tone) -> Style {
        self.theme.style(tone)
    }
}

impl Default for Look {
    fn default() -> Self {
        Self { theme: Theme::default(), glyphs: Glyphs::UNICODE }
    }
}
