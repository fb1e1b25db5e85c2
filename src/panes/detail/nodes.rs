//! Node groups, and under each its machines.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{GroupId, GroupState, Market, Node, NodeGroup};
use crate::store::Cluster;
use crate::tea::ViewCx;
use crate::theme::Tone;
use crate::widgets::format;
use crate::widgets::list::Window;
use crate::widgets::text::{Pen, cut_middle, tint, wrap};

use super::absence;

/// One row of the list.
#[derive(Debug, Clone, Copy)]
pub(super) enum RowAt<'a> {
    Group(&'a NodeGroup),
    Node(&'a Node),
}

/// Groups in their order, each followed by its machines: the living first, then the lately ended.
pub(super) fn rows(cluster: &Cluster) -> Vec<RowAt<'_>> {
    let nodes = cluster.nodes.value().map_or(&[][..], Vec::as_slice);
    let groups = cluster.groups.value().map_or(&[][..], Vec::as_slice);
    let mut out = Vec::new();
    for group in groups {
        out.push(RowAt::Group(group));
        let mut members: Vec<&Node> = nodes.iter().filter(|node| node.group.as_ref() == Some(&group.id)).collect();
        members.sort_by_key(|node| (node.is_ended, node.ended_at.map(|at| -at.as_second()), node.id.clone()));
        out.extend(members.into_iter().map(RowAt::Node));
    }
    let is_orphan = |node: &&Node| !groups.iter().any(|group| node.group.as_ref() == Some(&group.id));
    out.extend(nodes.iter().filter(is_orphan).map(RowAt::Node));
    out
}

pub(super) fn group_at(cluster: &Cluster, row: usize) -> Option<GroupId> {
    match rows(cluster).get(row)? {
        RowAt::Group(group) => Some(group.id.clone()),
        RowAt::Node(node) => node.group.clone(),
    }
}

pub(super) fn id_at(cluster: &Cluster, row: usize) -> Option<String> {
    Some(match rows(cluster).get(row)? {
        RowAt::Group(group) => group.id.to_string(),
        RowAt::Node(node) => node.id.to_string(),
    })
}

pub(super) fn view(
    cluster: &Cluster,
    cx: &ViewCx<'_>,
    area: Rect,
    window: Window,
    chosen: Option<usize>,
    buffer: &mut Buffer,
) {
    let dim = cx.look.style(Tone::Dim);
    let heading = format!(" {:<21} {:<12} {:<10} {:<22} {:>7}  {}", "NODE", "TYPE", "MARKET", "STATE", "UP", "ADDRESS");
    Pen::new(buffer, area, 0).put(&heading, dim);
    let rows = rows(cluster);
    for (index, at) in rows[window.range(rows.len())].iter().enumerate() {
        let row = u16::try_from(index + 1).unwrap_or(u16::MAX);
        match at {
            RowAt::Group(group) => group_row(group, cx, area, row, buffer),
            RowAt::Node(node) => node_row(node, cx, area, row, buffer),
        }
        if chosen == Some(window.offset + index) {
            tint(buffer, area, row, cx.look.style(Tone::Selection));
        }
    }
    let below = u16::try_from(window.range(rows.len()).len() + 1).unwrap_or(u16::MAX);
    if cluster.groups.value().is_none() {
        say(cx, area, 1, &absence("node groups", cluster.groups.trouble.as_deref()), buffer);
    } else if cluster.nodes.value().is_none() {
        say(cx, area, below, &absence("machines", cluster.nodes.trouble.as_deref()), buffer);
    }
}

fn say(cx: &ViewCx<'_>, area: Rect, row: u16, (text, tone): &(String, Tone), buffer: &mut Buffer) {
    for (index, line) in wrap(text, usize::from(area.width.saturating_sub(2))).iter().enumerate() {
        Pen::new(buffer, area, row.saturating_add(u16::try_from(index).unwrap_or(0)))
            .skip(1)
            .put(line, cx.look.style(*tone));
    }
}

fn group_row(group: &NodeGroup, cx: &ViewCx<'_>, area: Rect, row: u16, buffer: &mut Buffer) {
    let glyphs = &cx.look.glyphs;
    let size = if group.is_met() || group.state == GroupState::Ended {
        format!("{} {}", group.running, group.unit.word(group.running))
    } else {
        format!("{}{}{} {}", group.running, glyphs.arrow, group.desired, group.unit.word(group.desired))
    };
    let split = group.split.map(|split| {
        format!(
            "  on-demand {}/{}  spot {}/{}",
            split.on_demand_running, split.on_demand_desired, split.spot_running, split.spot_desired
        )
    });
    // Why a group has ended is said of the whole cluster.
    let reason = group
        .reason
        .as_ref()
        .filter(|_| group.state == GroupState::Stalled)
        .map(|why| format!("  {why}"))
        .unwrap_or_default();
    let title = if group.name.eq_ignore_ascii_case(group.role.word()) {
        group.role.word().to_owned()
    } else {
        format!("{} {}", group.role.word(), group.name)
    };
    Pen::new(buffer, area, row)
        .skip(1)
        .put(&title, cx.look.style(Tone::Accent))
        .put(&format!("  {}  {}  {size}", group.id, group.market.word()), cx.look.style(Tone::Text))
        .put(&split.unwrap_or_default(), cx.look.style(Tone::Dim))
        .put(&format!("  {}", group.native_state), cx.look.style(Tone::Dim))
        .put(&reason, cx.look.style(Tone::Warn));
}

fn node_row(node: &Node, cx: &ViewCx<'_>, area: Rect, row: u16, buffer: &mut Buffer) {
    let ellipsis = cx.look.glyphs.ellipsis;
    let tone = match node {
        node if node.is_ended => Tone::Dim,
        node if node.is_running => Tone::Text,
        _ => Tone::Busy,
    };
    let (state, state_tone) = if node.is_probable_spot_loss {
        ("probable spot loss".to_owned(), Tone::Warn)
    } else {
        (node.native_state.clone(), tone)
    };
    let up = node.started_at.map(|start| {
        let end = node.ended_at.unwrap_or(cx.shown);
        format::age(end.duration_since(start).unsigned_abs())
    });
    let (style, dim) = (cx.look.style(tone), cx.look.style(Tone::Dim));
    let market = if node.is_ended || node.market != Market::Spot { dim } else { cx.look.style(Tone::Spot) };
    Pen::new(buffer, area, row)
        .skip(2)
        .cell(&cut_middle(node.id.as_str(), 20, ellipsis), 20, ellipsis, style)
        .cell(&node.instance_type, 12, ellipsis, style)
        .cell(node.market.word(), 10, ellipsis, market)
        .cell(&state, 22, ellipsis, cx.look.style(state_tone))
        .cell_right(&up.unwrap_or_default(), 7, ellipsis, dim)
        .skip(1)
        .put_cut(node.address.as_deref().unwrap_or(""), ellipsis, dim);
}
