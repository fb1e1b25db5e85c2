//! What an operator wants to know of a cluster first: what is wrong, what it is, what runs on it.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Detail, GroupState, Job, NodeGroup, Observed, ProviderError};
use crate::planning::{Severity, troubles};
use crate::store::Cluster;
use crate::tea::ViewCx;
use crate::theme::Tone;
use crate::widgets::format;
use crate::widgets::list::Window;
use crate::widgets::text::{Pen, width, wrap};

use super::super::clusters::{state_look, state_word};
use super::absence;

/// A line of pieces.
pub(super) type Line = Vec<(String, Tone)>;

/// All lines, none wider than `room`.
pub(super) fn lines(cluster: &Cluster, cx: &ViewCx<'_>, room: usize) -> Vec<Line> {
    let mut out = Vec::new();
    flow(&mut out, identity(cluster, cx), room);
    flow(&mut out, life(cluster, cx), room);
    let glyphs = &cx.look.glyphs;
    for trouble in troubles(cluster, cx.shown) {
        let (sign, tone) = match trouble.severity {
            Severity::Bad => (glyphs.failed, Tone::Bad),
            Severity::Warn => (glyphs.warn, Tone::Warn),
        };
        paragraph(&mut out, sign, &trouble.text, tone, room);
    }
    policies(&mut out, cluster, room);
    groups(&mut out, cluster, cx, room);
    jobs(&mut out, cluster, cx, room);
    facts(&mut out, cluster, cx, room);
    out
}

pub(super) fn view(cluster: &Cluster, cx: &ViewCx<'_>, area: Rect, window: Window, buffer: &mut Buffer) {
    let room = usize::from(area.width.saturating_sub(2));
    let lines = lines(cluster, cx, room);
    let window = Window { height: window.height.min(usize::from(area.height)), ..window };
    for (row, line) in lines[window.range(lines.len())].iter().enumerate() {
        let mut pen = Pen::new(buffer, area, u16::try_from(row).unwrap_or(u16::MAX));
        pen.skip(1);
        for (text, tone) in line {
            pen.put(text, cx.look.style(*tone));
        }
    }
}

/// Puts words one after the other, two spaces apart, onto as many lines as they need.
fn flow(out: &mut Vec<Line>, words: Line, room: usize) {
    let mut line: Line = Vec::new();
    let mut used = 0;
    for (text, tone) in words.into_iter().filter(|(text, _)| !text.is_empty()) {
        let wide = width(&text);
        if used > 0 && used + 2 + wide > room {
            out.push(std::mem::take(&mut line));
            used = 0;
        }
        if used > 0 {
            line.push(("  ".to_owned(), Tone::Text));
            used += 2;
        }
        used += wide;
        line.push((text, tone));
    }
    if !line.is_empty() {
        out.push(line);
    }
}

/// A sign and a text that is broken over several lines.
fn paragraph(out: &mut Vec<Line>, sign: &str, text: &str, tone: Tone, room: usize) {
    for (index, line) in wrap(text, room.saturating_sub(2)).into_iter().enumerate() {
        let lead = if index == 0 { format!("{sign} ") } else { "  ".to_owned() };
        out.push(vec![(lead, tone), (line, tone)]);
    }
}

fn identity(cluster: &Cluster, cx: &ViewCx<'_>) -> Line {
    let lane = cx.fleet.lane(&cluster.key.connection);
    let detail = cluster.detail.value();
    let place = detail
        .and_then(|detail| detail.zone.clone())
        .or_else(|| lane.and_then(|lane| lane.region.clone()))
        .unwrap_or_default();
    let account = lane.and_then(|lane| lane.identity.as_ref()).map(|identity| identity.account.clone());
    let spark = detail.and_then(|detail| detail.software.iter().find(|(name, _)| name == "Spark"));
    vec![
        (cluster.key.id.to_string(), Tone::Text),
        (format!("{}/{}", cluster.cloud, cluster.key.connection), Tone::Dim),
        (account.unwrap_or_default(), Tone::Dim),
        (place, Tone::Dim),
        (detail.and_then(|detail| detail.release.clone()).unwrap_or_default(), Tone::Text),
        (spark.map(|(name, version)| format!("{name} {version}").trim().to_owned()).unwrap_or_default(), Tone::Text),
    ]
}

fn clock(at: Timestamp) -> String {
    at.strftime("%m-%d %H:%M:%SZ").to_string()
}

fn life(cluster: &Cluster, cx: &ViewCx<'_>) -> Line {
    let (glyph, tone) = state_look(cluster, cx);
    let word = state_word(cluster);
    let native = &cluster.summary.native_state;
    let state = if word == *native { format!("{glyph} {word}") } else { format!("{glyph} {word} ({native})") };
    let summary = &cluster.summary;
    let mut words = vec![(state, tone)];
    if let Some(age) = cluster.age(cx.shown) {
        let verb = if summary.ended_at.is_some() { "lived" } else { "up" };
        words.push((format!("{verb} {}", format::age(age)), Tone::Text));
    }
    words.extend(summary.created_at.map(|at| (format!("created {}", clock(at)), Tone::Dim)));
    words.extend(summary.ended_at.map(|at| (format!("ended {}", clock(at)), Tone::Dim)));
    if let Some(detail) = cluster.detail.value() {
        if detail.is_protected == Some(true) {
            words.push(("protected".to_owned(), Tone::Accent));
        }
        if detail.ends_when_done == Some(true) {
            words.push(("ends after its last step".to_owned(), Tone::Dim));
        }
        if !detail.tags.is_empty() {
            let tags: Vec<String> = detail.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            words.push((format!("tags {}", tags.join(" ")), Tone::Dim));
        }
    }
    if !summary.phase.is_ended() {
        words.extend(summary.reason.clone().map(|reason| (reason, Tone::Dim)));
    }
    words
}

fn policies(out: &mut Vec<Line>, cluster: &Cluster, room: usize) {
    if cluster.summary.phase.is_ended() {
        return;
    }
    let mut words: Line = Vec::new();
    match cluster.policies.value() {
        Some(policies) => {
            words.push(match &policies.scaler {
                Some(scaler) => (
                    format!("{} {}–{} {}", scaler.name, scaler.min, scaler.max, scaler.unit.word(scaler.max)),
                    Tone::Text,
                ),
                None => ("managed scaling off".to_owned(), Tone::Dim),
            });
            words.push(match policies.idle_termination {
                Some(idle) => (format!("ends after {} idle", format::age(idle)), Tone::Text),
                None => ("idle termination off".to_owned(), Tone::Dim),
            });
        }
        None => words.extend(cluster.policies.trouble.as_deref().map(|error| absence("policies", Some(error)))),
    }
    flow(out, words, room);
}

fn stale_note<T>(seen: Option<&Observed<T>>, trouble: Option<&Arc<ProviderError>>, cx: &ViewCx<'_>) -> Option<String> {
    let (seen, error) = (seen?, trouble?);
    Some(format!("{} old, since then: {error}", format::age(seen.age(cx.shown))))
}

fn groups(out: &mut Vec<Line>, cluster: &Cluster, cx: &ViewCx<'_>, room: usize) {
    let Some(groups) = cluster.groups.value() else {
        let trouble = cluster.groups.trouble.as_deref().or(cluster.detail.trouble.as_deref());
        let (text, tone) = absence("node groups", trouble);
        paragraph(out, " ", &text, tone, room);
        return;
    };
    for group in groups {
        out.push(group_line(group, cx, room));
    }
    if let Some(note) = stale_note(cluster.groups.seen.as_ref(), cluster.groups.trouble.as_ref(), cx) {
        paragraph(out, cx.look.glyphs.warn, &format!("node groups are {note}"), Tone::Warn, room);
    }
}

/// `task    m5.4xlarge +2    spot       10→16 units   ⟳ RESIZING`
fn group_line(group: &NodeGroup, cx: &ViewCx<'_>, room: usize) -> Line {
    let glyphs = &cx.look.glyphs;
    let types = match group.instance_types.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    };
    let (sign, tone) = match group.state {
        GroupState::Running => (glyphs.running, Tone::Text),
        GroupState::Starting => (glyphs.starting, Tone::Busy),
        GroupState::Resizing => (glyphs.progress, Tone::Busy),
        GroupState::Stalled => (glyphs.warn, Tone::Bad),
        GroupState::Ending | GroupState::Ended => (glyphs.stopped, Tone::Dim),
        GroupState::Unknown => (glyphs.unknown, Tone::Warn),
    };
    let size = if group.is_met() || group.state == GroupState::Ended {
        group.running.to_string()
    } else {
        format!("{}{}{}", group.running, glyphs.arrow, group.desired)
    };
    let market_tone = if group.spot_running() == Some(0) { Tone::Dim } else { Tone::Spot };
    let mut line = vec![
        (format!("{:<7}", group.role.word()), Tone::Dim),
        (format!("{types:<17} "), Tone::Text),
        (format!("{:<10}", group.market.word()), market_tone),
        (
            format!("{size:>8} {:<6}", group.unit.word(group.desired)),
            if group.is_met() || group.state == GroupState::Ended { Tone::Text } else { Tone::Busy },
        ),
        (format!(" {sign} {}", group.native_state), tone),
    ];
    // Narrow: what is normal goes first.
    if room < 56 && group.state == GroupState::Running {
        line.pop();
    }
    line
}

fn jobs(out: &mut Vec<Line>, cluster: &Cluster, cx: &ViewCx<'_>, room: usize) {
    let Some(page) = cluster.jobs.value() else {
        let (text, tone) = absence("steps", cluster.jobs.trouble.as_deref());
        paragraph(out, " ", &text, tone, room);
        return;
    };
    let glyphs = &cx.look.glyphs;
    for job in page.jobs.iter().filter(|job| job.state.is_running()) {
        out.push(vec![
            (format!("{} ", glyphs.play), Tone::Busy),
            (format!("{} “{}” {}", job.kind.word(), job.name, job.native_state), Tone::Text),
            (running_for(job, cx), Tone::Dim),
        ]);
    }
    let ended = page.jobs.iter().filter(|job| job.state.is_ended()).count();
    let more = if page.has_more { "+" } else { "" };
    let counts = [(page.waiting(), "waiting"), (page.failed(), "failed"), (ended, "ended")];
    let words: Line = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| (format!("{count}{} {word}", if word == "ended" { more } else { "" }), Tone::Dim))
        .collect();
    if page.jobs.is_empty() {
        out.push(vec![("no steps".to_owned(), Tone::Dim)]);
    } else if !words.is_empty() {
        let mut line: Line = vec![("steps".to_owned(), Tone::Dim)];
        line.extend(words);
        flow(out, line, room);
    }
    if let Some(note) = stale_note(cluster.jobs.seen.as_ref(), cluster.jobs.trouble.as_ref(), cx) {
        paragraph(out, glyphs.warn, &format!("steps are {note}"), Tone::Warn, room);
    }
}

fn running_for(job: &Job, cx: &ViewCx<'_>) -> String {
    let since = job.started_at.map(|at| cx.shown.duration_since(at).unsigned_abs());
    since.map(|since| format!("  {}", format::age(since))).unwrap_or_default()
}

fn facts(out: &mut Vec<Line>, cluster: &Cluster, cx: &ViewCx<'_>, room: usize) {
    let Some(detail) = cluster.detail.value() else {
        let (text, tone) = absence("details", cluster.detail.trouble.as_deref());
        paragraph(out, " ", &text, tone, room);
        return;
    };
    let Detail { log_uri, facts, .. } = detail;
    let mut words: Line = vec![match log_uri {
        Some(uri) => (format!("logs {uri}"), Tone::Dim),
        None => ("no log URI".to_owned(), Tone::Warn),
    }];
    words.extend(facts.iter().map(|(label, value)| (format!("{label} {value}"), Tone::Dim)));
    flow(out, words, room);
    if let Some(note) = stale_note(cluster.detail.seen.as_ref(), cluster.detail.trouble.as_ref(), cx) {
        paragraph(out, cx.look.glyphs.warn, &format!("details are {note}"), Tone::Warn, room);
    }
}
