//! The steps of a cluster, newest first, and the chosen one's failure and command below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Job, JobState};
use crate::store::Cluster;
use crate::tea::ViewCx;
use crate::theme::Tone;
use crate::widgets::format;
use crate::widgets::list::Window;
use crate::widgets::text::{Pen, cut_end, cut_middle, tint, wrap};

use super::absence;

/// Rows for the chosen step's details.
const DETAILS: usize = 4;
/// A smaller pane shows the list alone.
const LEAST: usize = 9;

/// How many steps are seen at once in a pane of this height.
pub(super) fn list_height(inner: usize) -> usize {
    let details = if inner >= LEAST { DETAILS } else { 0 };
    inner.saturating_sub(1 + details)
}

pub(super) fn view(
    cluster: &Cluster,
    cx: &ViewCx<'_>,
    area: Rect,
    window: Window,
    chosen: Option<usize>,
    buffer: &mut Buffer,
) {
    let height = list_height(usize::from(area.height));
    let window = Window { height, ..window };
    let Some(page) = cluster.jobs.value() else {
        let (text, tone) = absence("steps", cluster.jobs.trouble.as_deref());
        for (index, line) in wrap(&text, usize::from(area.width.saturating_sub(2))).iter().enumerate() {
            Pen::new(buffer, area, u16::try_from(index).unwrap_or(0)).skip(1).put(line, cx.look.style(tone));
        }
        return;
    };
    let layout = Layout::of(area.width);
    let (dim, ellipsis) = (cx.look.style(Tone::Dim), cx.look.glyphs.ellipsis);
    Pen::new(buffer, area, 0)
        .skip(1)
        .cell("STATE", 12, ellipsis, dim)
        .cell("STEP", layout.name, ellipsis, dim)
        .cell("ID", 15, ellipsis, dim)
        .cell_right("STARTED", 9, ellipsis, dim)
        .cell_right("TOOK", 7, ellipsis, dim);
    if page.jobs.is_empty() {
        Pen::new(buffer, area, 1).skip(1).put("no steps", cx.look.style(Tone::Dim));
    }
    for (index, job) in page.jobs[window.range(page.jobs.len())].iter().enumerate() {
        let row = u16::try_from(index + 1).unwrap_or(u16::MAX);
        job_row(job, cx, &layout, area, row, buffer);
        if chosen == Some(window.offset + index) {
            tint(buffer, area, row, cx.look.style(Tone::Selection));
        }
    }
    let rest = Rect {
        y: area.y + u16::try_from(height + 1).unwrap_or(0),
        height: area.height.saturating_sub(u16::try_from(height + 1).unwrap_or(0)),
        ..area
    };
    // Without the focus the details are those of the newest failure, or of the newest step.
    let worth = page.jobs.iter().position(|job| job.state == JobState::Failed).unwrap_or(0);
    if let Some(job) = page.jobs.get(chosen.unwrap_or(worth)) {
        details(job, page.has_more, cx, rest, buffer);
    }
}

struct Layout {
    name: usize,
}

impl Layout {
    fn of(width: u16) -> Self {
        Self { name: usize::from(width).saturating_sub(50).clamp(10, 60) }
    }
}

pub(super) fn state_look(job: &Job, cx: &ViewCx<'_>) -> (&'static str, Tone) {
    let glyphs = &cx.look.glyphs;
    match job.state {
        JobState::Running => (glyphs.play, Tone::Busy),
        JobState::Queued | JobState::Pending => (glyphs.stopped, Tone::Dim),
        JobState::Cancelling | JobState::Retrying => (glyphs.progress, Tone::Busy),
        JobState::Succeeded => (glyphs.done, Tone::Dim),
        JobState::Failed => (glyphs.failed, Tone::Bad),
        JobState::Cancelled | JobState::Skipped => (glyphs.dash, Tone::Dim),
        JobState::Unknown => (glyphs.unknown, Tone::Warn),
    }
}

fn job_row(job: &Job, cx: &ViewCx<'_>, layout: &Layout, area: Rect, row: u16, buffer: &mut Buffer) {
    let ellipsis = cx.look.glyphs.ellipsis;
    let (sign, tone) = state_look(job, cx);
    let text_tone = if job.state.is_ended() && job.state != JobState::Failed { Tone::Dim } else { Tone::Text };
    let started = job.started_at.map(|at| {
        let is_today = cx.shown.duration_since(at).as_hours() < 20;
        at.strftime(if is_today { "%H:%M:%S" } else { "%m-%d" }).to_string()
    });
    let took =
        job.started_at.map(|start| format::age(job.ended_at.unwrap_or(cx.shown).duration_since(start).unsigned_abs()));
    let dim = cx.look.style(Tone::Dim);
    Pen::new(buffer, area, row)
        .skip(1)
        .cell(&format!("{sign} {}", job.native_state), 12, ellipsis, cx.look.style(tone))
        .cell(&job.name, layout.name, ellipsis, cx.look.style(text_tone))
        .cell(&cut_middle(job.id.as_str(), 15, ellipsis), 15, ellipsis, dim)
        .cell_right(&started.unwrap_or_default(), 9, ellipsis, dim)
        .cell_right(&took.unwrap_or_default(), 7, ellipsis, dim);
}

fn details(job: &Job, has_more: bool, cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
    let room = usize::from(area.width.saturating_sub(2));
    let mut lines: Vec<(String, Tone)> = Vec::new();
    if let Some(failure) = &job.failure {
        let sign = cx.look.glyphs.failed;
        lines.extend(
            wrap(&format!("{sign} {} “{}”: {failure}", job.kind.word(), job.name), room)
                .into_iter()
                .take(2)
                .map(|line| (line, Tone::Bad)),
        );
    }
    if !job.command.is_empty() {
        lines.push((cut_end(&job.command, room, cx.look.glyphs.ellipsis).into_owned(), Tone::Dim));
    }
    let mut rest = Vec::new();
    rest.extend(job.on_failure.as_ref().map(|action| format!("on failure {action}")));
    rest.extend(job.log_uri.as_ref().map(|uri| format!("logs {uri}")));
    if has_more {
        rest.push("older steps are not read".to_owned());
    }
    if !rest.is_empty() {
        lines.push((cut_end(&rest.join("  "), room, cx.look.glyphs.ellipsis).into_owned(), Tone::Dim));
    }
    for (row, (text, tone)) in lines.into_iter().enumerate() {
        Pen::new(buffer, area, u16::try_from(row).unwrap_or(u16::MAX)).skip(1).put(&text, cx.look.style(tone));
    }
}
