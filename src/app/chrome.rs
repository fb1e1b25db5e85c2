//! What stands around the panes: header, connection lanes, the strip of what is under way, the key hints.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Lane, LaneStatus};
use crate::keymap::{Key, Keymap, show_keys};
use crate::panes::connections::{budget_words, lane_words};
use crate::panes::operations::{headline, lasted, state_look};
use crate::planning::trouble;
use crate::tea::{Level, Notice, ViewCx};
use crate::theme::Tone;
use crate::widgets::text::{Pen, cut_end, width};

use super::{STRIP, Session};

/// Whether a small screen should show the lanes: only trouble is worth a row there.
pub(super) fn lanes_wanted(cx: &ViewCx<'_>) -> bool {
    cx.fleet.lanes().iter().any(is_troubled)
}

fn is_troubled(lane: &Lane) -> bool {
    !lane.failing.is_empty() || !matches!(lane.status, LaneStatus::Live | LaneStatus::Connecting)
}

/// Whether the strip has anything to say.
pub(super) fn strip_wanted(cx: &ViewCx<'_>, has_notice: bool) -> bool {
    has_notice || cx.fleet.operations().iter().any(|operation| is_recent(operation, cx))
}

fn is_recent(operation: &crate::domain::Operation, cx: &ViewCx<'_>) -> bool {
    operation.ended_at.is_none_or(|at| cx.now.duration_since(at).unsigned_abs() < STRIP)
}

pub(super) fn too_small(cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
    let words = format!(
        "too small: {}x{}, at least {}x{}",
        area.width,
        area.height,
        super::layout::LEAST.0,
        super::layout::LEAST.1
    );
    Pen::new(buffer, area, area.height / 2).put(&words, cx.look.style(Tone::Warn));
}

pub(super) fn header(cx: &ViewCx<'_>, area: Rect, place: &str, session: &Session, buffer: &mut Buffer) {
    let (title, dim, text) = (cx.look.style(Tone::Title), cx.look.style(Tone::Dim), cx.look.style(Tone::Text));
    let glyphs = &cx.look.glyphs;
    let mut right: Vec<(String, Tone)> = Vec::new();
    let lanes = cx.fleet.lanes();
    let failing = lanes.iter().filter(|lane| is_troubled(lane)).count();
    if !lanes.is_empty() {
        let noun = if lanes.len() == 1 { "connection" } else { "connections" };
        right.push((format!("{} {noun}", lanes.len()), Tone::Dim));
        if failing > 0 {
            right.push((format!("{}{failing}", glyphs.warn), Tone::Warn));
        }
        let active = cx.fleet.clusters().filter(|cluster| cluster.phase().is_active()).count();
        right.push((format!("{active} active"), Tone::Text));
        let troubled = cx.fleet.clusters().filter(|cluster| trouble::worst(cluster, cx.shown).is_some()).count();
        if troubled > 0 {
            right.push((format!("{} {troubled} in trouble", glyphs.warn), Tone::Warn));
        }
    }
    if session.is_read_only {
        right.push(("read-only".to_owned(), Tone::Accent));
    }
    if session.is_demo {
        right.push(("demo".to_owned(), Tone::Accent));
    }
    right.push((session.operator.clone(), Tone::Dim));
    right.push((cx.shown.strftime("%H:%MZ").to_string(), Tone::Text));

    let left = width(place) + 16;
    // What is least needed goes first when there is no room.
    let needed = |right: &[(String, Tone)]| right.iter().map(|(text, _)| width(text) + 3).sum::<usize>();
    while left + needed(&right) > usize::from(area.width) && right.len() > 2 {
        let operator = right.iter().position(|(text, _)| *text == session.operator);
        right.remove(operator.unwrap_or(0));
    }
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(1).put("sparkdeck", title).put(&format!(" {} ", glyphs.crumb), dim).put(place, text);
    pen.go_to_right(needed(&right).saturating_sub(2));
    for (index, (words, tone)) in right.iter().enumerate() {
        if index > 0 {
            pen.skip(3);
        }
        pen.put(words, cx.look.style(*tone));
    }
}

/// Trouble first, so that it is seen when there is no room for all.
pub(super) fn lanes(cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
    let mut lanes: Vec<&Lane> = cx.fleet.lanes().iter().collect();
    lanes.sort_by_key(|lane| match lane.status {
        LaneStatus::Failing { .. } | LaneStatus::Crashed { .. } => 0,
        LaneStatus::Live if !lane.failing.is_empty() => 1,
        LaneStatus::Connecting => 2,
        LaneStatus::Live => 3,
    });
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(1);
    for (index, lane) in lanes.iter().enumerate() {
        let (sign, tone, words) = lane_words(lane, cx);
        let name = format!("{}/{}", lane.cloud, lane.name);
        let budget = budget_words(lane);
        let budget_width = budget.as_ref().map_or(0, |(text, _)| width(text) + 1);
        let wide = width(&name) + width(&words) + 3 + budget_width;
        let rest = lanes.len() - index;
        let more = format!("+{rest} more");
        if index > 0 && pen.room() < wide + 3 + if rest > 1 { more.len() } else { 0 } {
            pen.put(&more, cx.look.style(Tone::Dim));
            return;
        }
        pen.put(&name, cx.look.style(Tone::Dim)).put(&format!(" {sign} "), cx.look.style(tone));
        let tone = if tone == Tone::Ok { Tone::Dim } else { tone };
        pen.put_cut(&words, cx.look.glyphs.ellipsis, cx.look.style(tone));
        if let Some((text, tone)) = budget {
            pen.put(&format!(" {text}"), cx.look.style(tone));
        }
        pen.skip(3);
    }
}

pub(super) fn strip(cx: &ViewCx<'_>, area: Rect, notice: Option<&Notice>, buffer: &mut Buffer) {
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(1);
    if let Some(notice) = notice {
        let (sign, tone) = match notice.level {
            Level::Info => ("", Tone::Accent),
            Level::Warn => (cx.look.glyphs.warn, Tone::Warn),
            Level::Bad => (cx.look.glyphs.failed, Tone::Bad),
        };
        if !sign.is_empty() {
            pen.put(sign, cx.look.style(tone)).skip(1);
        }
        pen.put_cut(&notice.text, cx.look.glyphs.ellipsis, cx.look.style(tone)).skip(3);
        return;
    }
    let recent = cx.fleet.operations().iter().rev().filter(|operation| is_recent(operation, cx));
    for operation in recent {
        let (sign, tone) = state_look(operation.state, &cx.look.glyphs);
        let title = headline(operation, &cx.look.glyphs);
        let progress = cut_end(&operation.progress, 60, cx.look.glyphs.ellipsis).into_owned();
        let time = lasted(operation, cx);
        if pen.room() < width(&title) + 4 {
            break;
        }
        pen.put(&format!("{sign} "), cx.look.style(tone))
            .put(&title, cx.look.style(Tone::Text))
            .put(&format!("  {progress}"), cx.look.style(if operation.state.is_open() { Tone::Busy } else { tone }))
            .put(&format!("  {time}"), cx.look.style(Tone::Dim))
            .skip(4);
    }
}

/// The commands worth a hint, with the shortest word for each.
const HINTS: &[(&str, &str)] = &[
    ("choice.open", "open the fleet"),
    ("choice.toggle", "tick"),
    ("demo.start", "demo (no cloud needed)"),
    ("places.show", "where it looked"),
    ("cluster.open", "open"),
    ("group.scale", "scale"),
    ("cluster.terminate", "terminate"),
    ("list.filter", "filter"),
    ("tab.next", "next part"),
    ("app.back", "back"),
    ("app.command", "command"),
    ("app.help", "help"),
    ("app.quit", "quit"),
];

pub(super) fn hints(
    cx: &ViewCx<'_>,
    area: Rect,
    keymap: &Keymap,
    scopes: &[&'static str],
    may_change: bool,
    pending: &[Key],
    buffer: &mut Buffer,
) {
    let (key_style, dim) = (cx.look.style(Tone::Key), cx.look.style(Tone::Dim));
    let mut pen = Pen::new(buffer, area, 0);
    pen.skip(1);
    if !pending.is_empty() {
        pen.put(&format!("{} …", show_keys(pending)), key_style);
        return;
    }
    let is_home = scopes.first() == Some(&crate::panes::clusters::SCOPE);
    let is_first_run = scopes.first() == Some(&crate::panes::first_run::SCOPE);
    // On a narrow screen the brackets around keys go first.
    let is_narrow = area.width < 100;
    for (command, words) in HINTS {
        let is_pointless = match *command {
            "group.scale" | "cluster.terminate" => !may_change,
            "app.back" => is_home || is_first_run,
            "tab.next" => scopes.first() != Some(&crate::panes::detail::SCOPE),
            "app.quit" => !is_home && !is_first_run,
            "app.command" => is_first_run,
            _ => false,
        };
        let Some(keys) = keymap.keys_for(scopes, command).filter(|_| !is_pointless) else { continue };
        let keys = if is_narrow { keys } else { format!("<{keys}>") };
        if pen.room() < width(&keys) + width(words) + 1 {
            break;
        }
        pen.put(&keys, key_style).put(&format!(" {words}"), dim).skip(2);
    }
}
