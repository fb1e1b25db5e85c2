//! The columns of the fleet: what each shows, how it is sorted, and which go first when room is short.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::{Phase, Unit};
use crate::planning::{Severity, trouble};
use crate::store::Cluster;
use crate::tea::ViewCx;
use crate::theme::{Glyphs, Tone};
use crate::widgets::format;
use crate::widgets::text::Pen;

/// What stands in one place of the table.
pub(super) struct Cell<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) tone: Tone,
    /// When it last changed.
    pub(super) lit: Option<Timestamp>,
}

impl<'a> Cell<'a> {
    fn new(text: impl Into<Cow<'a, str>>, tone: Tone) -> Self {
        Self { text: text.into(), tone, lit: None }
    }

    fn lit(self, at: Option<Timestamp>) -> Self {
        Self { lit: at, ..self }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}

pub(super) struct Column {
    /// The word after `sort.` in keymaps.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    width: u16,
    align: Align,
    /// Lower ones stay longer when the screen gets narrow; 0 stays always.
    priority: u8,
    pub(super) starts_descending: bool,
    pub(super) cell: for<'a> fn(&'a Cluster, &ViewCx<'_>) -> Cell<'a>,
    pub(super) key: fn(&Cluster, &ViewCx<'_>) -> i64,
}

/// The width of the connection's column when only the cloud's short word is shown.
const SHORT_CONNECTION: usize = 3;
/// The width that NAME has at least; it takes what the others leave.
const NAME: u16 = 20;

/// From left to right.
pub(super) const COLUMNS: &[Column] = &[
    Column {
        id: "connection",
        title: "CONNECTION",
        width: 3,
        align: Align::Left,
        priority: 1,
        starts_descending: false,
        cell: connection,
        key: |_, _| 0,
    },
    Column {
        id: "name",
        title: "NAME",
        width: NAME,
        align: Align::Left,
        priority: 0,
        starts_descending: false,
        cell: |cluster, _| Cell::new(cluster.name(), Tone::Text),
        key: |_, _| 0,
    },
    Column {
        id: "state",
        title: "STATE",
        width: 15,
        align: Align::Left,
        priority: 0,
        starts_descending: false,
        cell: state,
        key: |cluster, _| state_order(cluster.phase()),
    },
    Column {
        id: "age",
        title: "AGE",
        width: 6,
        align: Align::Right,
        priority: 2,
        starts_descending: true,
        cell: age,
        key: |cluster, cx| cluster.age(cx.shown).map_or(-1, |age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX)),
    },
    Column {
        id: "nodes",
        title: "NODES",
        width: 8,
        align: Align::Right,
        priority: 3,
        starts_descending: true,
        cell: nodes,
        key: |cluster, _| cluster.size().map_or(-1, |size| i64::from(size.running)),
    },
    Column {
        id: "spot",
        title: "SPOT",
        width: 5,
        align: Align::Right,
        priority: 5,
        starts_descending: true,
        cell: spot,
        key: |cluster, _| cluster.size().and_then(crate::store::cluster::Size::spot_percent).map_or(-1, i64::from),
    },
    Column {
        id: "steps",
        title: "STEPS",
        width: 9,
        align: Align::Left,
        priority: 4,
        starts_descending: true,
        cell: steps,
        key: |cluster, _| {
            let count = |number: usize| i64::try_from(number).unwrap_or(0);
            cluster
                .jobs
                .value()
                .map_or(-1, |jobs| count(jobs.failed()) * 1000 + count(jobs.running()) * 10 + count(jobs.waiting()))
        },
    },
    Column {
        id: "release",
        title: "RELEASE",
        width: 11,
        align: Align::Left,
        priority: 6,
        starts_descending: true,
        cell: |cluster, _| {
            Cell::new(cluster.detail.value().and_then(|detail| detail.release.as_deref()).unwrap_or(""), Tone::Dim)
        },
        key: |_, _| 0,
    },
    Column {
        id: "trouble",
        title: "!",
        width: 1,
        align: Align::Left,
        priority: 0,
        starts_descending: true,
        cell: trouble_mark,
        key: |cluster, cx| match trouble::worst(cluster, cx.shown) {
            Some(Severity::Bad) => 2,
            Some(Severity::Warn) => 1,
            None => 0,
        },
    },
];

/// Which columns are shown, and how wide.
#[derive(Debug, Default)]
pub(super) struct Layout {
    widths: Vec<(usize, u16)>,
}

impl Layout {
    /// Fits the columns into a width. The connection's name is shown where there are several and there is room.
    pub(super) fn of(room: u16, longest_connection: usize, has_several: bool) -> Self {
        let full = u16::try_from(longest_connection.clamp(10, 24)).unwrap_or(24);
        let short = u16::try_from(SHORT_CONNECTION).unwrap_or(u16::MAX);
        let connection = if has_several && room >= 78 + full.min(16) { full } else { short };
        let width = |column: &Column| if column.id == "connection" { connection } else { column.width };
        let mut shown: Vec<usize> = (0..COLUMNS.len()).collect();
        loop {
            let used: u16 = shown.iter().map(|index| width(&COLUMNS[*index]) + 1).sum::<u16>() + 1;
            let dropped = shown
                .iter()
                .copied()
                .filter(|index| COLUMNS[*index].priority > 0)
                .max_by_key(|index| COLUMNS[*index].priority);
            match dropped {
                Some(index) if used > room => shown.retain(|known| *known != index),
                _ => {
                    let spare = room.saturating_sub(used);
                    let stretch = |column: &Column| if column.id == "name" { spare } else { 0 };
                    let widths =
                        shown.iter().map(|index| (*index, width(&COLUMNS[*index]) + stretch(&COLUMNS[*index])));
                    return Self { widths: widths.collect() };
                }
            }
        }
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = (&'static Column, usize)> {
        self.widths.iter().map(|(index, width)| (&COLUMNS[*index], usize::from(*width)))
    }

    /// The column under a place in the header.
    pub(super) fn at(&self, x: u16) -> Option<&'static str> {
        let mut left = 0;
        for (index, width) in &self.widths {
            if x < left + width + 1 {
                return Some(COLUMNS[*index].id);
            }
            left += width + 1;
        }
        None
    }
}

/// Puts a cell in its place, with the space behind it.
pub(super) fn put(
    pen: &mut Pen<'_>,
    column: &Column,
    room: usize,
    text: &str,
    style: ratatui::style::Style,
    glyphs: &Glyphs,
) {
    // In a narrow column the heading is short, and of a connection only the cloud is told.
    let text = match text {
        "CONNECTION" if room < text.len() => "CL",
        text if column.id == "connection" && room <= SHORT_CONNECTION => text.split('/').next().unwrap_or(text),
        text => text,
    };
    match column.align {
        Align::Left => pen.cell(text, room, glyphs.ellipsis, style),
        Align::Right => pen.cell_right(text, room, glyphs.ellipsis, style),
    };
}

fn connection<'a>(cluster: &'a Cluster, _: &ViewCx<'_>) -> Cell<'a> {
    let tone = match cluster.cloud {
        crate::domain::Cloud::Emr => Tone::Emr,
        crate::domain::Cloud::Dataproc => Tone::Dataproc,
        crate::domain::Cloud::Databricks => Tone::Databricks,
        crate::domain::Cloud::Kubernetes => Tone::Kubernetes,
    };
    Cell::new(format!("{}/{}", cluster.cloud.short(), cluster.key.connection), tone)
}

fn state<'a>(cluster: &'a Cluster, cx: &ViewCx<'_>) -> Cell<'a> {
    let (glyph, tone) = super::state_look(cluster, cx);
    // A healthy screen is nearly monochrome: only trouble and movement are coloured.
    let tone = if tone == Tone::Ok { Tone::Text } else { tone };
    Cell::new(format!("{glyph} {}", super::state_word(cluster)), tone).lit(cluster.lit.state)
}

fn state_order(phase: Phase) -> i64 {
    match phase {
        Phase::Failed => 0,
        Phase::Degraded => 1,
        Phase::Unknown => 2,
        Phase::Provisioning => 3,
        Phase::Starting => 4,
        Phase::Scaling => 5,
        Phase::Running => 6,
        Phase::Idle => 7,
        Phase::Stopping => 8,
        Phase::Terminating => 9,
        Phase::Stopped => 10,
        Phase::Terminated => 11,
    }
}

fn age<'a>(cluster: &'a Cluster, cx: &ViewCx<'_>) -> Cell<'a> {
    let Some(age) = cluster.age(cx.shown) else { return Cell::new(cx.look.glyphs.dash, Tone::Dim) };
    // Young ages go by tens of seconds: the screen is not repainted for each of them.
    let age = if age < Duration::from_secs(60) { Duration::from_secs(age.as_secs() / 10 * 10) } else { age };
    let text = if age.is_zero() { "<10s".to_owned() } else { format::age(age) };
    Cell::new(text, Tone::Text)
}

/// Nothing yet is not nothing: a dash; not allowed is a word.
fn unseen<'a>(trouble: Option<&crate::domain::ProviderError>, cx: &ViewCx<'_>) -> Cell<'a> {
    match trouble {
        Some(error) if matches!(error.kind, crate::domain::ErrorKind::Denied { .. }) => Cell::new("denied", Tone::Dim),
        Some(_) => Cell::new(cx.look.glyphs.unknown, Tone::Dim),
        None => Cell::new(cx.look.glyphs.dash, Tone::Dim),
    }
}

fn nodes<'a>(cluster: &'a Cluster, cx: &ViewCx<'_>) -> Cell<'a> {
    let Some(size) = cluster.size() else { return unseen(cluster.groups.trouble.as_deref(), cx) };
    let unit = if size.unit == Unit::Weighted { "u" } else { "" };
    let is_ended = cluster.phase().is_ended();
    if size.is_met || is_ended {
        return Cell::new(format!("{}{unit}", size.running), if is_ended { Tone::Dim } else { Tone::Text })
            .lit(cluster.lit.nodes);
    }
    Cell::new(format!("{}{}{}{unit}", size.running, cx.look.glyphs.arrow, size.desired), Tone::Busy)
        .lit(cluster.lit.nodes)
}

fn spot<'a>(cluster: &'a Cluster, cx: &ViewCx<'_>) -> Cell<'a> {
    match cluster.size() {
        None => unseen(cluster.groups.trouble.as_deref(), cx),
        Some(size) => match size.spot_percent() {
            Some(0) => Cell::new("0%", Tone::Dim),
            Some(share) => Cell::new(format!("{share}%"), Tone::Text),
            None => Cell::new(cx.look.glyphs.dash, Tone::Dim),
        },
    }
}

fn steps<'a>(cluster: &'a Cluster, cx: &ViewCx<'_>) -> Cell<'a> {
    let Some(jobs) = cluster.jobs.value() else { return unseen(cluster.jobs.trouble.as_deref(), cx) };
    let glyphs = &cx.look.glyphs;
    let mut parts = Vec::new();
    for (count, sign) in
        [(jobs.running(), glyphs.play), (jobs.waiting(), glyphs.stopped), (jobs.failed(), glyphs.failed)]
    {
        if count > 0 {
            parts.push(format!("{count}{sign}"));
        }
    }
    let tone = if jobs.failed() > 0 { Tone::Warn } else { Tone::Text };
    if parts.is_empty() {
        return Cell::new(if jobs.jobs.is_empty() { glyphs.dash } else { glyphs.done }, Tone::Dim)
            .lit(cluster.lit.jobs);
    }
    Cell::new(parts.join(" "), tone).lit(cluster.lit.jobs)
}

fn trouble_mark<'a>(cluster: &'a Cluster, cx: &ViewCx<'_>) -> Cell<'a> {
    match trouble::worst(cluster, cx.shown) {
        Some(Severity::Bad) => Cell::new(cx.look.glyphs.failed, Tone::Bad),
        Some(Severity::Warn) => Cell::new(cx.look.glyphs.warn, Tone::Warn),
        None => Cell::new("", Tone::Text),
    }
}
