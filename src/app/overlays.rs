//! What lies over the panes: a stack, of which the topmost takes the keys.

pub mod form;
pub mod help;
pub mod plan;
pub mod prompt;
pub mod quit;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Action, Plan};
use crate::keymap::Keymap;
use crate::tea::{Notice, ViewCx};
use crate::theme::Tone;
use crate::widgets::frame::{Piece, centered, clear, frame};
use crate::widgets::text::Pen;

use form::ScaleForm;
use help::Help;
use plan::PlanView;
use prompt::Prompt;
use quit::Quit;

use super::commands;

#[derive(Debug)]
pub enum Overlay {
    Prompt(Prompt),
    Scale(ScaleForm),
    /// A plan is being made from what is read now.
    Preparing {
        ticket: u64,
        text: String,
    },
    Plan(Box<PlanView>),
    Help(Help),
    Quit(Quit),
}

/// What an overlay asks of the app.
#[derive(Debug)]
pub enum Wish {
    Close,
    /// Filter by this, while it is typed.
    Filter(String),
    /// Do a line that was typed.
    Line(String),
    Prepare(Action),
    Execute(Box<Plan>),
    Copy {
        text: String,
        what: String,
    },
    Say(Notice),
    Leave,
}

impl Overlay {
    pub fn scope(&self) -> &'static str {
        match self {
            Self::Prompt(_) => commands::PROMPT,
            Self::Scale(_) => commands::FORM,
            Self::Preparing { .. } | Self::Help(_) => commands::HELP,
            Self::Plan(plan) => plan.scope(),
            Self::Quit(_) => commands::QUIT,
        }
    }

    pub fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Wish> {
        match self {
            Self::Prompt(prompt) => prompt.command(id, cx),
            Self::Scale(form) => form.command(id, cx),
            Self::Preparing { .. } => {
                if id == "help.close" {
                    vec![Wish::Close]
                } else {
                    Vec::new()
                }
            }
            Self::Plan(plan) => plan.command(id, cx),
            Self::Help(help) => help.command(id),
            Self::Quit(quit) => quit.command(id),
        }
    }

    pub fn typed(&mut self, c: char, cx: &ViewCx<'_>) -> Vec<Wish> {
        match self {
            Self::Prompt(prompt) => prompt.typed(c, cx),
            Self::Scale(form) => {
                form.typed(c);
                Vec::new()
            }
            Self::Plan(plan) => {
                plan.typed(c);
                Vec::new()
            }
            Self::Preparing { .. } | Self::Help(_) | Self::Quit(_) => Vec::new(),
        }
    }

    /// Pasting never confirms anything: a name that must be typed is not taken from a clipboard.
    pub fn pasted(&mut self, text: &str, cx: &ViewCx<'_>) -> Vec<Wish> {
        match self {
            Self::Prompt(prompt) => prompt.pasted(text, cx),
            Self::Plan(plan) if plan.scope() == commands::PLAN_TYPED => {
                vec![Wish::Say(Notice::warn("the name is typed, not pasted"))]
            }
            _ => Vec::new(),
        }
    }

    pub fn view(&self, cx: &ViewCx<'_>, keymap: &Keymap, area: Rect, buffer: &mut Buffer) {
        match self {
            Self::Prompt(prompt) => prompt.view(cx, area, buffer),
            Self::Scale(form) => form.view(cx, keymap, area, buffer),
            Self::Preparing { text, .. } => {
                let inner = window(cx, area, 60, 3, "plan", &[], buffer);
                Pen::new(buffer, inner, 0).skip(1).put_cut(text, cx.look.glyphs.ellipsis, cx.look.style(Tone::Text));
            }
            Self::Plan(plan) => plan.view(cx, keymap, area, buffer),
            Self::Help(help) => help.view(cx, area, buffer),
            Self::Quit(quit) => quit.view(cx, keymap, area, buffer),
        }
    }
}

/// A framed window in the middle of an area, cleared, with hints in its lower edge.
fn window(
    cx: &ViewCx<'_>,
    area: Rect,
    width: u16,
    height: u16,
    title: &str,
    hints: &[(String, &str)],
    buffer: &mut Buffer,
) -> Rect {
    let area = centered(area, width, height);
    clear(buffer, area);
    let title = [Piece::new(title, cx.look.style(Tone::Title))];
    let foot: Vec<Piece> =
        hints.iter().map(|(key, what)| Piece::new(format!("{key} {what}"), cx.look.style(Tone::Key))).collect();
    frame(buffer, area, cx.look, true, &title, &foot)
}

/// The key for a command in an overlay, for its hints.
fn hint<'a>(keymap: &Keymap, scope: &str, command: &str, what: &'a str) -> Option<(String, &'a str)> {
    keymap.keys_for(&[scope], command).map(|key| (key, what))
}
