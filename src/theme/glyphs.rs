//! The signs that stand beside words, in Unicode and in plain ASCII.

/// What frames are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub horizontal: &'static str,
    pub vertical: &'static str,
    pub top_left: &'static str,
    pub top_right: &'static str,
    pub bottom_left: &'static str,
    pub bottom_right: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    pub running: &'static str,
    pub starting: &'static str,
    pub stopped: &'static str,
    pub ending: &'static str,
    pub failed: &'static str,
    pub warn: &'static str,
    pub progress: &'static str,
    pub unknown: &'static str,
    pub done: &'static str,
    pub marker: &'static str,
    pub crumb: &'static str,
    pub arrow: &'static str,
    pub ellipsis: &'static str,
    pub dash: &'static str,
    pub play: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub cursor: &'static str,
    pub at_most: &'static str,
    pub enter: &'static str,
    pub line: Line,
    pub is_ascii: bool,
}

impl Glyphs {
    pub const UNICODE: Self = Self {
        running: "●",
        starting: "◐",
        stopped: "○",
        ending: "◌",
        failed: "✗",
        warn: "▲",
        progress: "⟳",
        unknown: "?",
        done: "✓",
        marker: "▌",
        crumb: "▸",
        arrow: "→",
        ellipsis: "…",
        dash: "–",
        play: "▶",
        up: "▲",
        down: "▼",
        cursor: "▏",
        at_most: "≤",
        enter: "↵",
        line: Line {
            horizontal: "─",
            vertical: "│",
            top_left: "╭",
            top_right: "╮",
            bottom_left: "╰",
            bottom_right: "╯",
        },
        is_ascii: false,
    };

    pub const ASCII: Self = Self {
        running: "o",
        starting: "~",
        stopped: "-",
        ending: ".",
        failed: "x",
        warn: "!",
        progress: "@",
        unknown: "?",
        done: "+",
        marker: ">",
        crumb: ">",
        arrow: ">",
        ellipsis: "~",
        dash: "-",
        play: ">",
        up: "^",
        down: "v",
        cursor: "_",
        at_most: "<",
        enter: "enter",
        line: Line {
            horizontal: "-",
            vertical: "|",
            top_left: "+",
            top_right: "+",
            bottom_left: "+",
            bottom_right: "+",
        },
        is_ascii: true,
    };
}
