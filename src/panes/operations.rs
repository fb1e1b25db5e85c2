//! What was changed in this run, and how it went: newest first, with the steps of the chosen one below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Operation, OperationState, StepState};
use crate::store::Changes;
use crate::tea::{CommandSpec, Mouse, MouseKind, Pane, Request, ViewCx};
use crate::theme::{Glyphs, Tone};
use crate::widgets::format;
use crate::widgets::frame::{Piece, frame};
use crate::widgets::list::{Move, Window};
use crate::widgets::text::{Pen, tint, wrap};

pub const SCOPE: &str = "pane.operations";

/// All commands of this pane.
pub const COMMANDS: &[CommandSpec] = &[
    CommandSpec::key("list.up", SCOPE, "one row up"),
    CommandSpec::key("list.down", SCOPE, "one row down"),
    CommandSpec::key("list.top", SCOPE, "to the first row"),
    CommandSpec::key("list.bottom", SCOPE, "to the last row"),
    CommandSpec::key("cluster.open", SCOPE, "open the cluster"),
];

#[derive(Debug, Default)]
pub struct Operations {
    row: usize,
    window: Window,
    area: Rect,
}

fn newest_first<'a>(cx: &ViewCx<'a>) -> impl Iterator<Item = &'a Operation> {
    cx.fleet.operations().iter().rev()
}

/// The sign and tone of an operation's state.
pub fn state_look(state: OperationState, glyphs: &Glyphs) -> (&'static str, Tone) {
    match state {
        OperationState::Submitted | OperationState::Running => (glyphs.progress, Tone::Busy),
        OperationState::Succeeded => (glyphs.done, Tone::Ok),
        OperationState::Failed => (glyphs.failed, Tone::Bad),
        OperationState::Refused => (glyphs.failed, Tone::Warn),
        OperationState::Partial => (glyphs.warn, Tone::Warn),
        OperationState::Unknown => (glyphs.unknown, Tone::Warn),
    }
}

/// `scale etl-nightly-prod task 8→12`.
pub fn headline(operation: &Operation, glyphs: &Glyphs) -> String {
    let plan = &operation.plan;
    let what = match (&plan.action, plan.effects.first()) {
        (crate::domain::Action::Scale { .. }, Some(effect)) => {
            let group = effect.what.split_whitespace().next().unwrap_or_default();
            let from = effect.before.split_whitespace().next().unwrap_or_default();
            format!(" {group} {from}{}{}", glyphs.arrow, effect.after)
        }
        _ => String::new(),
    };
    format!("{} {}{what}", plan.action.verb(), plan.target.name)
}

/// How long it has gone on, or went on.
pub fn lasted(operation: &Operation, cx: &ViewCx<'_>) -> String {
    format::elapsed(operation.ended_at.unwrap_or(cx.now).duration_since(operation.started_at).unsigned_abs())
}

impl Operations {
    fn details(operation: &Operation, cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
        let glyphs = &cx.look.glyphs;
        let (text, dim) = (cx.look.style(Tone::Text), cx.look.style(Tone::Dim));
        let mut row = 0;
        let target = &operation.plan.target;
        Pen::new(buffer, area, row).skip(1).put(
            &format!("{}  {}  {}", operation.id, target.cluster, target.account.as_deref().unwrap_or("account –")),
            dim,
        );
        row += 1;
        for (step, state) in operation.plan.steps.iter().zip(&operation.steps) {
            let (sign, tone) = match state {
                StepState::Waiting => (glyphs.stopped, Tone::Dim),
                StepState::Calling | StepState::Observing | StepState::Reconciling => (glyphs.progress, Tone::Busy),
                StepState::Done => (glyphs.done, Tone::Ok),
                StepState::Failed => (glyphs.failed, Tone::Bad),
                StepState::Unknown => (glyphs.unknown, Tone::Warn),
            };
            let call = step.call.as_ref().map_or("", |call| &call.operation);
            Pen::new(buffer, area, row)
                .skip(1)
                .put(&format!("{sign} "), cx.look.style(tone))
                .put(&step.title, text)
                .put(&format!("  {call}  {}", state.word()), dim);
            row += 1;
        }
        for line in wrap(&operation.progress, usize::from(area.width.saturating_sub(2))) {
            Pen::new(buffer, area, row).skip(1).put(&line, text);
            row += 1;
        }
    }
}

impl Pane for Operations {
    fn scope(&self) -> &'static str {
        SCOPE
    }

    fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Request> {
        let len = cx.fleet.operations().len();
        let step = match id {
            "list.up" => Move::Up,
            "list.down" => Move::Down,
            "list.top" => Move::Top,
            "list.bottom" => Move::Bottom,
            "cluster.open" => {
                let chosen = newest_first(cx).nth(self.row);
                return chosen
                    .map(|operation| Request::Open(operation.plan.target.cluster.clone()))
                    .into_iter()
                    .collect();
            }
            _ => return Vec::new(),
        };
        if let Some(row) = step.from(self.row, len, self.window.height) {
            self.row = row;
            self.window.follow(row, len);
        }
        Vec::new()
    }

    fn place(&mut self, area: Rect, cx: &ViewCx<'_>) {
        self.area = area;
        self.window.height = usize::from(area.height.saturating_sub(2) / 2).max(1);
        self.row = self.row.min(cx.fleet.operations().len().saturating_sub(1));
        self.window.follow(self.row, cx.fleet.operations().len());
    }

    fn refresh(&mut self, changes: &Changes, cx: &ViewCx<'_>) {
        if changes.operations {
            self.place(self.area, cx);
        }
    }

    fn mouse(&mut self, mouse: Mouse, cx: &ViewCx<'_>) -> Vec<Request> {
        let len = cx.fleet.operations().len();
        match mouse.kind {
            MouseKind::WheelUp => self.window.scroll(-3, len),
            MouseKind::WheelDown => self.window.scroll(3, len),
            MouseKind::Click => {
                let row = self.window.offset + usize::from(mouse.row.saturating_sub(self.area.y + 1));
                if row < len {
                    self.row = row;
                }
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &ViewCx<'_>, area: Rect, is_focused: bool, buffer: &mut Buffer) {
        let title = [Piece::new(format!("actions {}", cx.fleet.operations().len()), cx.look.style(Tone::Title))];
        let inner = frame(buffer, area, cx.look, is_focused, &title, &[]);
        let operations: Vec<&Operation> = newest_first(cx).collect();
        if operations.is_empty() {
            Pen::new(buffer, inner, 0).skip(1).put("nothing was changed in this run", cx.look.style(Tone::Dim));
            return;
        }
        let (dim, ellipsis) = (cx.look.style(Tone::Dim), cx.look.glyphs.ellipsis);
        for (index, operation) in operations[self.window.range(operations.len())].iter().enumerate() {
            let row = u16::try_from(index).unwrap_or(u16::MAX);
            let (sign, tone) = state_look(operation.state, &cx.look.glyphs);
            Pen::new(buffer, inner, row)
                .skip(1)
                .cell(&operation.started_at.strftime("%H:%M:%SZ").to_string(), 9, ellipsis, dim)
                .cell(&format!("{sign} {}", operation.state.word()), 12, ellipsis, cx.look.style(tone))
                .cell(&headline(operation, &cx.look.glyphs), 44, ellipsis, cx.look.style(Tone::Text))
                .cell_right(&lasted(operation, cx), 7, ellipsis, dim)
                .put_cut(&operation.progress, ellipsis, dim);
            if self.row == self.window.offset + index {
                tint(buffer, inner, row, cx.look.style(Tone::Selection));
            }
        }
        let above = u16::try_from(self.window.height.min(operations.len()) + 1).unwrap_or(u16::MAX);
        let below = Rect { y: inner.y + above.min(inner.height), height: inner.height.saturating_sub(above), ..inner };
        if let Some(operation) = operations.get(self.row) {
            Self::details(operation, cx, below, buffer);
        }
    }
}
