//! The fleet: one row for each cluster. The selection is pinned to a cluster, never to a row.

mod columns;
mod rows;

use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{ClusterRef, LaneStatus};
use crate::store::filter::{Filter, FilterError};
use crate::store::{Changes, Cluster};
use crate::tea::{Argument, CommandSpec, Mouse, MouseKind, Needs, Notice, Pane, Request, ViewCx};
use crate::theme::Tone;
use crate::widgets::frame::{Piece, frame};
use crate::widgets::list::{Move, Window};
use crate::widgets::text::{Pen, tint};

use columns::{COLUMNS, Layout};
use rows::{Rows, Sort};

pub const SCOPE: &str = "pane.clusters";

/// How long a change stays lit.
pub const LIT: Duration = Duration::from_secs(1);

/// All commands of this pane.
pub const COMMANDS: &[CommandSpec] = &[
    CommandSpec::key("list.up", SCOPE, "one row up"),
    CommandSpec::key("list.down", SCOPE, "one row down"),
    CommandSpec::key("list.page_up", SCOPE, "one page up"),
    CommandSpec::key("list.page_down", SCOPE, "one page down"),
    CommandSpec::key("list.top", SCOPE, "to the first row"),
    CommandSpec::key("list.bottom", SCOPE, "to the last row"),
    CommandSpec::key("cluster.open", SCOPE, "open the cluster").needing(Needs::Cluster),
    CommandSpec::word("list.filter", SCOPE, &["filter"], "filter the rows").with(Argument::Text("terms")),
    CommandSpec::word("list.all", SCOPE, &["all"], "show or hide clusters that ended well"),
    CommandSpec::word("list.faults", SCOPE, &["faults"], "only clusters in trouble, or all again"),
    CommandSpec::key("copy.id", SCOPE, "copy the cluster's id").needing(Needs::Cluster),
    CommandSpec::key("group.scale", SCOPE, "scale a node group").needing(Needs::Change),
    CommandSpec::key("cluster.terminate", SCOPE, "terminate the cluster").needing(Needs::Change),
    CommandSpec::key("sort.trouble", SCOPE, "sort by trouble"),
    CommandSpec::key("sort.connection", SCOPE, "sort by connection"),
    CommandSpec::key("sort.name", SCOPE, "sort by name"),
    CommandSpec::key("sort.state", SCOPE, "sort by state"),
    CommandSpec::key("sort.age", SCOPE, "sort by age"),
    CommandSpec::key("sort.nodes", SCOPE, "sort by nodes"),
    CommandSpec::key("sort.spot", SCOPE, "sort by spot share"),
    CommandSpec::key("sort.steps", SCOPE, "sort by steps"),
];

#[derive(Debug, Default)]
pub struct Clusters {
    rows: Rows,
    /// What the operator chose; nothing yet at first, and then the first row is selected, whichever that is.
    chosen: Option<ClusterRef>,
    /// What is selected: the chosen cluster, or what stands for it while a filter hides it.
    selected: Option<ClusterRef>,
    /// Where the selection was when it was last seen.
    last_row: usize,
    window: Window,
    area: Rect,
    layout: Layout,
}

impl Clusters {
    pub fn selected(&self) -> Option<&ClusterRef> {
        self.selected.as_ref()
    }

    /// The rows on the screen.
    pub fn visible(&self) -> Vec<ClusterRef> {
        self.rows.range(self.window.range(self.rows.len())).cloned().collect()
    }

    pub fn filter(&self) -> &Filter {
        self.rows.filter()
    }

    /// Filters by what is typed; a filter that means nothing leaves the rows as they are.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn set_filter(&mut self, text: &str, cx: &ViewCx<'_>) -> Result<(), FilterError> {
        self.rows.set_filter(Filter::parse(text)?);
        self.rows.refilter(cx);
        self.keep_selection(true);
        Ok(())
    }

    /// Selects a cluster and shows it, even if it has to be looked for behind the filter.
    pub fn select(&mut self, cluster: &ClusterRef, cx: &ViewCx<'_>) {
        if self.rows.position(cluster).is_none() {
            self.rows.set_filter(Filter::default());
            self.rows.show_everything();
            self.rows.refilter(cx);
        }
        self.choose(cluster.clone());
    }

    fn choose(&mut self, cluster: ClusterRef) {
        if let Some(row) = self.rows.position(&cluster) {
            self.last_row = row;
            self.window.follow(row, self.rows.len());
        }
        self.chosen = Some(cluster.clone());
        self.selected = Some(cluster);
    }

    fn choose_row(&mut self, row: usize) {
        if let Some(cluster) = self.rows.get(row).cloned() {
            self.choose(cluster);
        }
    }

    /// After the rows changed: the selected cluster stays selected. If it is gone, nothing is selected, unless it was
    /// the operator's own filter that hid it: then the first row stands for it until it comes back.
    fn keep_selection(&mut self, by_operator: bool) {
        let len = self.rows.len();
        let first = self.rows.get(0).cloned();
        let is_shown = |cluster: &Option<ClusterRef>| {
            cluster.as_ref().is_some_and(|cluster| self.rows.position(cluster).is_some())
        };
        self.selected = if self.chosen.is_none() {
            first
        } else if is_shown(&self.chosen) && (by_operator || !is_shown(&self.selected)) {
            self.chosen.clone()
        } else if is_shown(&self.selected) {
            self.selected.take()
        } else if by_operator {
            first
        } else {
            None
        };
        if let Some(row) = self.selected.as_ref().and_then(|cluster| self.rows.position(cluster)) {
            self.last_row = row;
        }
        self.window.follow(self.last_row.min(len.saturating_sub(1)), len);
    }

    fn step(&mut self, step: Move) {
        let len = self.rows.len();
        let row = match self.selected.as_ref().and_then(|cluster| self.rows.position(cluster)) {
            Some(row) => step.from(row, len, self.window.height),
            // The selected cluster is gone: the first key selects what stands where it was.
            None => len.checked_sub(1).map(|last| self.last_row.min(last)),
        };
        if let Some(row) = row {
            self.choose_row(row);
        }
    }

    fn sort(&mut self, column: &'static str, cx: &ViewCx<'_>) {
        self.rows.sort_by(column);
        self.rows.rebuild(cx);
        self.keep_selection(false);
    }

    fn layout(&mut self, cx: &ViewCx<'_>) {
        let longest = cx
            .fleet
            .lanes()
            .iter()
            .map(|lane| lane.cloud.word().len() + 1 + lane.name.as_str().len())
            .max()
            .unwrap_or(0);
        self.layout = Layout::of(self.area.width.saturating_sub(2), longest, cx.fleet.lanes().len() > 1);
    }

    fn title(&self, cx: &ViewCx<'_>) -> Vec<Piece> {
        let (title, dim) = (cx.look.style(Tone::Title), cx.look.style(Tone::Dim));
        let counts = self.rows.counts();
        let count = if counts.shown == counts.all {
            counts.all.to_string()
        } else {
            format!("{} of {}", counts.shown, counts.all)
        };
        let mut pieces = vec![Piece::new(format!("clusters {count}"), title)];
        if let Some(scope) = self.rows.scope_word() {
            pieces.push(Piece::new(scope, dim));
        }
        if !self.rows.filter().is_empty() {
            pieces.push(Piece::new(format!("/{}", self.rows.filter().text()), cx.look.style(Tone::Accent)));
        }
        let Sort { column, is_descending } = self.rows.sort();
        let arrow = if is_descending { cx.look.glyphs.down } else { cx.look.glyphs.up };
        pieces.push(Piece::new(format!("sort {column} {arrow}"), dim));
        pieces
    }

    fn header(&self, cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
        let dim = cx.look.style(Tone::Dim);
        let mut pen = Pen::new(buffer, area, 0);
        pen.skip(1);
        for (column, width) in self.layout.columns() {
            let is_sorted = column.id == self.rows.sort().column;
            let style = if is_sorted { cx.look.style(Tone::Accent) } else { dim };
            columns::put(&mut pen, column, width, column.title, style, &cx.look.glyphs);
        }
    }

    fn row(&self, cx: &ViewCx<'_>, area: Rect, row: u16, key: &ClusterRef, buffer: &mut Buffer) {
        let Some(cluster) = cx.fleet.cluster(key) else { return };
        let is_stale = cx.fleet.is_stale(cluster, cx.shown);
        let is_selected = self.selected.as_ref() == Some(key);
        let mut pen = Pen::new(buffer, area, row);
        let marker = if is_selected { cx.look.glyphs.marker } else { " " };
        pen.put(marker, cx.look.style(Tone::Accent));
        for (column, width) in self.layout.columns() {
            let cell = (column.cell)(cluster, cx);
            let tone = match cell.tone {
                _ if is_stale => Tone::Stale,
                tone if cell.lit.is_some_and(|at| is_lit(at, cx.now)) && tone == Tone::Text => Tone::Lit,
                // On the tint only trouble keeps its colour: it reads better, and moving it costs fewer bytes.
                Tone::Dim | Tone::Ok | Tone::Emr | Tone::Dataproc | Tone::Databricks | Tone::Kubernetes
                    if is_selected =>
                {
                    Tone::Text
                }
                tone => tone,
            };
            columns::put(&mut pen, column, width, &cell.text, cx.look.style(tone), &cx.look.glyphs);
        }
        if is_selected {
            tint(buffer, area, row, cx.look.style(Tone::Selection));
        }
    }

    /// Never an empty table: why there is nothing, and what helps.
    fn empty(&self, cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
        let counts = self.rows.counts();
        let lanes = cx.fleet.lanes();
        let text = if counts.all > 0 && !self.rows.filter().is_empty() {
            format!("none of {} clusters matches /{}: esc clears the filter", counts.all, self.rows.filter().text())
        } else if counts.all > 0 {
            format!("{} clusters ended well and are hidden: `:all` shows them", counts.all)
        } else if lanes.iter().all(|lane| matches!(lane.status, LaneStatus::Connecting)) {
            "asking…".to_owned()
        } else if lanes.iter().any(|lane| lane.listed_at.is_some()) {
            let failing = lanes.iter().filter(|lane| !matches!(lane.status, LaneStatus::Live)).count();
            match failing {
                0 => "no active cluster on any connection".to_owned(),
                count => format!("no active cluster on the connections that answer; {count} do not"),
            }
        } else {
            "no connection has answered yet: see above why".to_owned()
        };
        Pen::new(buffer, area, area.height.min(2).saturating_sub(1)).skip(2).put_cut(
            &text,
            cx.look.glyphs.ellipsis,
            cx.look.style(Tone::Dim),
        );
    }
}

/// Whether a change at this moment is still lit.
pub fn is_lit(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).unsigned_abs() < LIT
}

impl Pane for Clusters {
    fn scope(&self) -> &'static str {
        SCOPE
    }

    fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Request> {
        let selected = self.selected.clone().filter(|cluster| cx.fleet.cluster(cluster).is_some());
        if !id.starts_with("list.") && selected.is_some() {
            // What something is done to is chosen by that.
            self.chosen.clone_from(&selected);
        }
        match id {
            "list.up" => self.step(Move::Up),
            "list.down" => self.step(Move::Down),
            "list.page_up" => self.step(Move::PageUp),
            "list.page_down" => self.step(Move::PageDown),
            "list.top" => self.step(Move::Top),
            "list.bottom" => self.step(Move::Bottom),
            "list.filter" => return vec![Request::Filter],
            "list.all" => {
                self.rows.toggle_all();
                self.rows.refilter(cx);
                self.keep_selection(false);
            }
            "list.faults" => {
                self.rows.toggle_faults();
                self.rows.refilter(cx);
                self.keep_selection(true);
            }
            id if id.starts_with("sort.") => {
                if let Some(column) = COLUMNS.iter().find(|column| Some(column.id) == id.strip_prefix("sort.")) {
                    self.sort(column.id, cx);
                }
            }
            id => return on_selected(id, selected),
        }
        Vec::new()
    }

    fn place(&mut self, area: Rect, cx: &ViewCx<'_>) {
        self.area = area;
        self.window.height = usize::from(area.height.saturating_sub(3));
        self.layout(cx);
        self.keep_selection(false);
    }

    fn refresh(&mut self, changes: &Changes, cx: &ViewCx<'_>) {
        if changes.lanes {
            self.layout(cx);
        }
        if changes.listing || changes.touched.iter().any(|cluster| self.rows.is_moved(cluster, cx)) {
            self.rows.rebuild(cx);
            self.keep_selection(false);
        }
    }

    fn mouse(&mut self, mouse: Mouse, cx: &ViewCx<'_>) -> Vec<Request> {
        let len = self.rows.len();
        match mouse.kind {
            MouseKind::WheelUp => self.window.scroll(-3, len),
            MouseKind::WheelDown => self.window.scroll(3, len),
            MouseKind::Click => {
                let first = self.area.y + 2;
                if mouse.row == self.area.y + 1 {
                    if let Some(column) = self.layout.at(mouse.column.saturating_sub(self.area.x + 2)) {
                        self.sort(column, cx);
                    }
                } else if mouse.row >= first && mouse.row < first + u16::try_from(self.window.height).unwrap_or(0) {
                    self.choose_row(self.window.offset + usize::from(mouse.row - first));
                }
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &ViewCx<'_>, area: Rect, is_focused: bool, buffer: &mut Buffer) {
        let inner = frame(buffer, area, cx.look, is_focused, &self.title(cx), &[]);
        self.header(cx, inner, buffer);
        if self.rows.len() == 0 {
            let below = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
            self.empty(cx, below, buffer);
        }
        for (index, key) in self.rows.range(self.window.range(self.rows.len())).enumerate() {
            self.row(cx, inner, u16::try_from(index + 1).unwrap_or(u16::MAX), key, buffer);
        }
    }
}

/// Commands about the selected cluster; without one they say so.
pub(super) fn on_selected(id: &str, selected: Option<ClusterRef>) -> Vec<Request> {
    let Some(cluster) = selected else {
        return vec![Request::Say(Notice::warn("no cluster is selected"))];
    };
    match id {
        "cluster.open" => vec![Request::Open(cluster)],
        "group.scale" => vec![Request::Scale { cluster, group: None }],
        "cluster.terminate" => vec![Request::Terminate(cluster)],
        "copy.id" => {
            let text = cluster.id.to_string();
            vec![Request::Effect(crate::tea::Effect::Copy { what: text.clone(), text })]
        }
        _ => Vec::new(),
    }
}

/// The glyph and tone of a cluster's state.
pub(super) fn state_look(cluster: &Cluster, cx: &ViewCx<'_>) -> (&'static str, Tone) {
    use crate::domain::Phase;
    let glyphs = &cx.look.glyphs;
    match cluster.phase() {
        Phase::Running | Phase::Idle => (glyphs.running, Tone::Ok),
        Phase::Provisioning | Phase::Starting => (glyphs.starting, Tone::Busy),
        Phase::Scaling => (glyphs.progress, Tone::Busy),
        Phase::Degraded => (glyphs.warn, Tone::Warn),
        Phase::Stopping | Phase::Terminating => (glyphs.ending, Tone::Busy),
        Phase::Stopped | Phase::Terminated => (glyphs.stopped, Tone::Dim),
        Phase::Failed => (glyphs.failed, Tone::Bad),
        Phase::Unknown => (glyphs.unknown, Tone::Warn),
    }
}

/// The word of a cluster's state: the cloud's own, unless what its groups do says more, or it is too long.
pub(super) fn state_word(cluster: &Cluster) -> String {
    use crate::domain::Phase;
    match cluster.phase() {
        phase @ (Phase::Scaling | Phase::Degraded | Phase::Failed) => phase.word().to_uppercase(),
        _ => cluster.summary.native_state.clone(),
    }
}
