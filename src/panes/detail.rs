//! One cluster closely: overview, nodes, steps. Follows the fleet's selection, or fills the screen.

mod nodes;
mod overview;
mod steps;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{ClusterRef, GroupId, ProviderError};
use crate::store::{Changes, Cluster};
use crate::tea::{CommandSpec, Effect, Mouse, MouseKind, Needs, Notice, Pane, Request, Tab, ViewCx};
use crate::theme::Tone;
use crate::widgets::frame::{Piece, frame};
use crate::widgets::list::{Move, Window};
use crate::widgets::text::Pen;

pub const SCOPE: &str = "pane.detail";

/// From this width on the overview and another part stand side by side.
const WIDE: u16 = 150;
/// Steps on one page of a listing.
const STEPS_PER_PAGE: usize = 50;

/// All commands of this pane.
pub const COMMANDS: &[CommandSpec] = &[
    CommandSpec::key("list.up", SCOPE, "one row up"),
    CommandSpec::key("list.down", SCOPE, "one row down"),
    CommandSpec::key("list.page_up", SCOPE, "one page up"),
    CommandSpec::key("list.page_down", SCOPE, "one page down"),
    CommandSpec::key("list.top", SCOPE, "to the first row"),
    CommandSpec::key("list.bottom", SCOPE, "to the last row"),
    CommandSpec::key("job.older", SCOPE, "read older steps"),
    CommandSpec::key("copy.id", SCOPE, "copy the id of the row, or of the cluster"),
    CommandSpec::key("cluster.open", SCOPE, "fill the screen, or not"),
    CommandSpec::key("group.scale", SCOPE, "scale a node group").needing(Needs::Change),
    CommandSpec::key("cluster.terminate", SCOPE, "terminate the cluster").needing(Needs::Change),
];

#[derive(Debug, Default)]
pub struct Detail {
    cluster: Option<ClusterRef>,
    tab: Tab,
    /// The chosen row of the part that is shown.
    row: usize,
    window: Window,
    job_pages: usize,
    area: Rect,
}

impl Detail {
    pub fn cluster(&self) -> Option<&ClusterRef> {
        self.cluster.as_ref()
    }

    /// Shows another cluster, from its top.
    pub fn show(&mut self, cluster: Option<ClusterRef>) {
        if self.cluster != cluster {
            self.cluster = cluster;
            self.row = 0;
            self.window.offset = 0;
            self.job_pages = 1;
        }
    }

    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// The parts that are on the screen.
    pub fn tabs_shown(&self) -> Vec<Tab> {
        if self.area.width >= WIDE { vec![Tab::Overview, self.side()] } else { vec![self.tab] }
    }

    pub fn job_pages(&self) -> usize {
        self.job_pages.max(1)
    }

    /// What stands beside the overview on a wide screen.
    fn side(&self) -> Tab {
        if self.tab == Tab::Nodes { Tab::Nodes } else { Tab::Steps }
    }

    /// The part whose rows the keys move in.
    fn list_tab(&self) -> Tab {
        if self.area.width >= WIDE { self.side() } else { self.tab }
    }

    fn known<'a>(&self, cx: &ViewCx<'a>) -> Option<&'a Cluster> {
        cx.fleet.cluster(self.cluster.as_ref()?)
    }

    fn len(&self, cx: &ViewCx<'_>) -> usize {
        let Some(cluster) = self.known(cx) else { return 0 };
        match self.list_tab() {
            Tab::Overview => overview::lines(cluster, cx, usize::from(self.area.width.saturating_sub(4))).len(),
            Tab::Nodes => nodes::rows(cluster).len(),
            Tab::Steps => cluster.jobs.value().map_or(0, |page| page.jobs.len()),
        }
    }

    fn step(&mut self, step: Move, cx: &ViewCx<'_>) {
        let len = self.len(cx);
        if self.list_tab() == Tab::Overview {
            // Text has no chosen row: it is scrolled.
            let page = isize::try_from(self.window.height.max(1)).unwrap_or(1);
            let rows = match step {
                Move::Up => -1,
                Move::Down => 1,
                Move::PageUp => -page,
                Move::PageDown => page,
                Move::Top => isize::MIN / 2,
                Move::Bottom => isize::MAX / 2,
            };
            self.window.scroll(rows, len);
        } else if let Some(row) = step.from(self.row, len, self.window.height) {
            self.row = row;
            self.window.follow(row, len);
        }
    }

    fn turn(&mut self, tab: Tab) {
        if self.tab != tab {
            self.tab = tab;
            self.row = 0;
            self.window.offset = 0;
        }
    }

    fn turn_by(&mut self, step: usize) {
        let at = Tab::ALL.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        self.turn(Tab::ALL[(at + step) % Tab::ALL.len()]);
    }

    /// The node group of the chosen row.
    fn chosen_group(&self, cx: &ViewCx<'_>) -> Option<GroupId> {
        (self.list_tab() == Tab::Nodes).then(|| nodes::group_at(self.known(cx)?, self.row)).flatten()
    }

    fn chosen_id(&self, cx: &ViewCx<'_>) -> Option<String> {
        let cluster = self.known(cx)?;
        match self.list_tab() {
            Tab::Overview => Some(cluster.key.id.to_string()),
            Tab::Nodes => nodes::id_at(cluster, self.row),
            Tab::Steps => Some(cluster.jobs.value()?.jobs.get(self.row)?.id.to_string()),
        }
    }

    fn older(&mut self, cx: &ViewCx<'_>) -> Vec<Request> {
        let Some(page) = self.known(cx).and_then(|cluster| cluster.jobs.value()) else { return Vec::new() };
        if page.has_more {
            self.job_pages = page.jobs.len().div_ceil(STEPS_PER_PAGE) + 1;
            vec![Request::Say(Notice::info("reading older steps"))]
        } else {
            vec![Request::Say(Notice::info("these are all steps"))]
        }
    }

    fn title(&self, cx: &ViewCx<'_>, cluster: Option<&Cluster>) -> Vec<Piece> {
        let dim = cx.look.style(Tone::Dim);
        let mut pieces = Vec::new();
        if let Some(cluster) = cluster {
            pieces.push(Piece::new(cluster.name(), cx.look.style(Tone::Title)));
        }
        for (index, tab) in Tab::ALL.iter().enumerate() {
            let is_shown = self.tabs_shown().contains(tab);
            let style = if is_shown { cx.look.style(Tone::Accent) } else { dim };
            pieces.push(Piece::new(format!("{} {}", index + 1, tab.word()), style));
        }
        pieces
    }

    fn part(&self, tab: Tab, cluster: &Cluster, cx: &ViewCx<'_>, area: Rect, is_focused: bool, buffer: &mut Buffer) {
        let is_list = tab == self.list_tab();
        let window = if is_list { self.window } else { Window { offset: 0, height: usize::from(area.height) } };
        let row = (is_list && is_focused).then_some(self.row);
        match tab {
            Tab::Overview => overview::view(cluster, cx, area, window, buffer),
            Tab::Nodes => nodes::view(cluster, cx, area, window, row, buffer),
            Tab::Steps => steps::view(cluster, cx, area, window, row, buffer),
        }
    }
}

impl Pane for Detail {
    fn scope(&self) -> &'static str {
        SCOPE
    }

    fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Request> {
        match id {
            "list.up" => self.step(Move::Up, cx),
            "list.down" => self.step(Move::Down, cx),
            "list.page_up" => self.step(Move::PageUp, cx),
            "list.page_down" => self.step(Move::PageDown, cx),
            "list.top" => self.step(Move::Top, cx),
            "list.bottom" => self.step(Move::Bottom, cx),
            "tab.overview" => self.turn(Tab::Overview),
            "tab.nodes" => self.turn(Tab::Nodes),
            "tab.steps" => self.turn(Tab::Steps),
            "tab.next" => self.turn_by(1),
            "tab.previous" => self.turn_by(Tab::ALL.len() - 1),
            "job.older" => return self.older(cx),
            "copy.id" => {
                if let Some(id) = self.chosen_id(cx) {
                    return vec![Request::Effect(Effect::Copy { text: id.clone(), what: id })];
                }
            }
            "group.scale" => {
                if let Some(cluster) = self.cluster.clone() {
                    return vec![Request::Scale { cluster, group: self.chosen_group(cx) }];
                }
            }
            id => return super::clusters::on_selected(id, self.cluster.clone()),
        }
        Vec::new()
    }

    fn place(&mut self, area: Rect, cx: &ViewCx<'_>) {
        self.area = area;
        let inner = usize::from(area.height.saturating_sub(2));
        // Lists have a heading, and steps have the chosen one's details below.
        self.window.height = match self.list_tab() {
            Tab::Overview => inner,
            Tab::Nodes => inner.saturating_sub(1),
            Tab::Steps => steps::list_height(inner),
        };
        let len = self.len(cx);
        self.window.offset = self.window.offset.min(len.saturating_sub(self.window.height));
        self.row = self.row.min(len.saturating_sub(1));
    }

    fn refresh(&mut self, changes: &Changes, cx: &ViewCx<'_>) {
        let is_touched = self.cluster.as_ref().is_some_and(|cluster| changes.touched.contains(cluster));
        if changes.listing || is_touched {
            self.place(self.area, cx);
        }
    }

    fn mouse(&mut self, mouse: Mouse, cx: &ViewCx<'_>) -> Vec<Request> {
        match mouse.kind {
            MouseKind::WheelUp => self.window.scroll(-3, self.len(cx)),
            MouseKind::WheelDown => self.window.scroll(3, self.len(cx)),
            MouseKind::Click => {
                let first = self.area.y + 2;
                let row = self.window.offset + usize::from(mouse.row.saturating_sub(first));
                if self.list_tab() != Tab::Overview && mouse.row >= first && row < self.len(cx) {
                    self.row = row;
                }
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &ViewCx<'_>, area: Rect, is_focused: bool, buffer: &mut Buffer) {
        let cluster = self.known(cx);
        let inner = frame(buffer, area, cx.look, is_focused, &self.title(cx, cluster), &[]);
        let Some(cluster) = cluster else {
            let text = if self.cluster.is_some() { "this cluster is gone" } else { "no cluster is selected" };
            Pen::new(buffer, inner, 0).skip(1).put(text, cx.look.style(Tone::Dim));
            return;
        };
        if area.width >= WIDE {
            let left = Rect { width: inner.width / 2, ..inner };
            let right = Rect { x: left.right() + 1, width: inner.width - left.width - 1, ..inner };
            self.part(Tab::Overview, cluster, cx, left, false, buffer);
            self.part(self.side(), cluster, cx, right, is_focused, buffer);
        } else {
            self.part(self.tab, cluster, cx, inner, is_focused, buffer);
        }
    }
}

/// What stands in the place of something that is not known: that it is asked for, or why it cannot be read.
fn absence(what: &str, trouble: Option<&ProviderError>) -> (String, Tone) {
    match trouble {
        Some(error) => (format!("{what}: {error}: {}", error.remedy()), Tone::Warn),
        None => (format!("{what}: asking…"), Tone::Dim),
    }
}
