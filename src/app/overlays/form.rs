//! Asks for a new size: which group, how many, how gracefully. What is typed is judged at once, by the same rules
//! that make the plan.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::commands::FORM;
use crate::domain::{Action, ClusterRef, GroupId, GroupSize, NodeGroup, Role, Unit};
use crate::keymap::Keymap;
use crate::planning::scale;
use crate::tea::ViewCx;
use crate::theme::Tone;
use crate::widgets::input::Input;
use crate::widgets::text::{Pen, cut_end};

use super::{Wish, hint, window};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Group,
    Nodes,
    OnDemand,
    Spot,
    Graceful,
}

#[derive(Debug)]
pub struct ScaleForm {
    cluster: ClusterRef,
    group: Option<GroupId>,
    field: Field,
    nodes: Input,
    on_demand: Input,
    spot: Input,
    /// Minutes.
    graceful: Input,
    /// The group whose size stands in the inputs.
    filled_for: Option<GroupId>,
}

fn minutes(text: &str) -> Option<Duration> {
    text.parse::<u64>()
        .ok()
        .filter(|minutes| (1..=24 * 60).contains(minutes))
        .map(|minutes| Duration::from_secs(minutes * 60))
}

impl ScaleForm {
    pub fn new(cluster: ClusterRef, group: Option<GroupId>, cx: &ViewCx<'_>) -> Self {
        let mut form = Self {
            cluster,
            group,
            field: Field::Group,
            nodes: Input::default(),
            on_demand: Input::default(),
            spot: Input::default(),
            graceful: Input::new(&(scale::DEFAULT_GRACEFUL.as_secs() / 60).to_string()),
            filled_for: None,
        };
        if form.group.is_some() {
            form.field = Field::Nodes;
        }
        form.refresh(cx);
        form
    }

    pub fn cluster(&self) -> &ClusterRef {
        &self.cluster
    }

    /// Groups that have a size to change, task groups first: those are changed most.
    fn groups<'a>(cluster: &ClusterRef, cx: &ViewCx<'a>) -> Vec<&'a NodeGroup> {
        let known = cx.fleet.cluster(cluster).and_then(|cluster| cluster.groups.value());
        let mut groups: Vec<&NodeGroup> =
            known.into_iter().flatten().filter(|group| group.role != Role::Driver).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.role));
        groups
    }

    fn chosen<'a>(&self, cx: &ViewCx<'a>) -> Option<&'a NodeGroup> {
        let groups = Self::groups(&self.cluster, cx);
        groups.iter().copied().find(|group| Some(&group.id) == self.group.as_ref()).or_else(|| groups.first().copied())
    }

    /// Takes the present sizes of the chosen group into the inputs, once.
    pub fn refresh(&mut self, cx: &ViewCx<'_>) {
        let Some(group) = self.chosen(cx) else { return };
        self.group = Some(group.id.clone());
        if self.filled_for.as_ref() != Some(&group.id) {
            self.filled_for = Some(group.id.clone());
            match scale::current_size(group) {
                GroupSize::Nodes(count) => self.nodes = Input::new(&count.to_string()),
                GroupSize::Units { on_demand, spot } => {
                    self.on_demand = Input::new(&on_demand.to_string());
                    self.spot = Input::new(&spot.to_string());
                }
            }
        }
        if !Self::fields(group, self.wished(group)).contains(&self.field) {
            self.field = if group.unit == Unit::Nodes { Field::Nodes } else { Field::Spot };
        }
    }

    fn wished(&self, group: &NodeGroup) -> Option<GroupSize> {
        let number = |input: &Input| input.text().parse::<u32>().ok();
        match group.unit {
            Unit::Nodes => number(&self.nodes).map(GroupSize::Nodes),
            Unit::Weighted => Some(GroupSize::Units { on_demand: number(&self.on_demand)?, spot: number(&self.spot)? }),
        }
    }

    fn fields(group: &NodeGroup, wished: Option<GroupSize>) -> Vec<Field> {
        match group.unit {
            Unit::Nodes => {
                let is_shrinking = wished.is_some_and(|to| to.total() < group.desired);
                let graceful = is_shrinking.then_some(Field::Graceful);
                [Field::Group, Field::Nodes].into_iter().chain(graceful).collect()
            }
            Unit::Weighted => vec![Field::Group, Field::OnDemand, Field::Spot],
        }
    }

    fn input(&mut self) -> Option<&mut Input> {
        match self.field {
            Field::Group => None,
            Field::Nodes => Some(&mut self.nodes),
            Field::OnDemand => Some(&mut self.on_demand),
            Field::Spot => Some(&mut self.spot),
            Field::Graceful => Some(&mut self.graceful),
        }
    }

    /// What is wrong with the wish, if anything.
    fn problem(&self, group: &NodeGroup) -> Option<String> {
        let Some(to) = self.wished(group) else { return Some("a whole number".to_owned()) };
        if let Err(why) = scale::check(group, to) {
            return Some(why);
        }
        let needs_time = Self::fields(group, Some(to)).contains(&Field::Graceful);
        (needs_time && minutes(&self.graceful.text()).is_none()).then(|| "minutes to leave: 1 to 1440".to_owned())
    }

    fn step(&mut self, by: isize, cx: &ViewCx<'_>) {
        if self.field == Field::Group {
            let groups = Self::groups(&self.cluster, cx);
            let at = groups.iter().position(|group| Some(&group.id) == self.group.as_ref()).unwrap_or(0);
            let len = groups.len().max(1);
            let next = (at + len).saturating_add_signed(by) % len;
            self.group = groups.get(next).map(|group| group.id.clone());
            self.refresh(cx);
        } else if let Some(input) = self.input() {
            let number = input.text().parse::<i64>().unwrap_or(0);
            let next = (number + i64::try_from(by).unwrap_or(0)).max(0);
            *input = Input::new(&next.to_string());
        }
    }

    fn turn(&mut self, by: usize, cx: &ViewCx<'_>) {
        let Some(group) = self.chosen(cx) else { return };
        let fields = Self::fields(group, self.wished(group));
        let at = fields.iter().position(|field| *field == self.field).unwrap_or(0);
        self.field = fields[(at + by) % fields.len()];
    }

    pub(super) fn typed(&mut self, c: char) {
        if c.is_ascii_digit()
            && let Some(input) = self.input()
            && input.text().len() < 6
        {
            input.insert(c);
        }
    }

    pub(super) fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Wish> {
        let count = self.chosen(cx).map_or(1, |group| Self::fields(group, self.wished(group)).len());
        match id {
            "form.cancel" => return vec![Wish::Close],
            "form.next" => self.turn(1, cx),
            "form.previous" => self.turn(count - 1, cx),
            "form.less" => self.step(-1, cx),
            "form.more" => self.step(1, cx),
            "input.backspace" => {
                if let Some(input) = self.input() {
                    input.backspace();
                }
            }
            "input.clear" => {
                if let Some(input) = self.input() {
                    input.clear();
                }
            }
            "form.accept" => {
                let Some(group) = self.chosen(cx) else { return Vec::new() };
                if self.problem(group).is_none()
                    && let Some(to) = self.wished(group)
                {
                    return vec![Wish::Prepare(Action::Scale {
                        cluster: self.cluster.clone(),
                        group: group.id.clone(),
                        to,
                        graceful: minutes(&self.graceful.text()),
                    })];
                }
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn view(&self, cx: &ViewCx<'_>, keymap: &Keymap, area: Rect, buffer: &mut Buffer) {
        let hints: Vec<(String, &str)> = [
            hint(keymap, FORM, "form.cancel", "cancel"),
            hint(keymap, FORM, "form.next", "next field"),
            hint(keymap, FORM, "form.accept", "plan"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let name = cx.fleet.cluster(&self.cluster).map_or("–", |cluster| cluster.name());
        let title = format!("scale {}", cut_end(name, 40, cx.look.glyphs.ellipsis));
        let inner = window(cx, area, 72, 11, &title, &hints, buffer);
        let (text, dim) = (cx.look.style(Tone::Text), cx.look.style(Tone::Dim));
        Pen::new(buffer, inner, 0).skip(1).put(&self.cluster.to_string(), dim);
        let Some(group) = self.chosen(cx) else {
            let trouble = cx.fleet.cluster(&self.cluster).and_then(|cluster| cluster.groups.trouble.as_deref());
            let words =
                trouble.map_or_else(|| "reading the node groups…".to_owned(), |error| format!("node groups: {error}"));
            Pen::new(buffer, inner, 2).skip(1).put_cut(&words, cx.look.glyphs.ellipsis, text);
            return;
        };
        let wished = self.wished(group);
        for (row, field) in Self::fields(group, wished).into_iter().enumerate() {
            self.field_row(field, group, cx, inner, u16::try_from(row + 2).unwrap_or(2), buffer);
        }
        let (words, tone) = match self.problem(group) {
            Some(problem) => (problem, Tone::Warn),
            None => (Self::summary(group, wished, cx), Tone::Ok),
        };
        Pen::new(buffer, inner, inner.height.saturating_sub(2)).skip(1).put_cut(
            &words,
            cx.look.glyphs.ellipsis,
            cx.look.style(tone),
        );
    }

    fn summary(group: &NodeGroup, wished: Option<GroupSize>, cx: &ViewCx<'_>) -> String {
        let from = scale::current_size(group);
        let to = wished.map_or_else(String::new, |to| to.to_string());
        format!("{}: {from} {} {to}", scale::describe(group), cx.look.glyphs.arrow)
    }

    fn field_row(&self, field: Field, group: &NodeGroup, cx: &ViewCx<'_>, area: Rect, row: u16, buffer: &mut Buffer) {
        let has_focus = field == self.field;
        let glyphs = &cx.look.glyphs;
        let (label, input, hint) = match field {
            Field::Group => ("group", None, String::new()),
            Field::Nodes => {
                let (least, why) = scale::floor(group);
                let hint =
                    format!("is {}, {} run; {least} to {}: {why}", group.desired, group.running, scale::MOST_NODES);
                ("nodes", Some(&self.nodes), hint)
            }
            Field::OnDemand => {
                let split = group.split.map(|split| {
                    format!("is {}, {} run; weighted units", split.on_demand_desired, split.on_demand_running)
                });
                ("on-demand", Some(&self.on_demand), split.unwrap_or_default())
            }
            Field::Spot => {
                let split = group
                    .split
                    .map(|split| format!("is {}, {} run; weighted units", split.spot_desired, split.spot_running));
                ("spot", Some(&self.spot), split.unwrap_or_default())
            }
            Field::Graceful => {
                ("leave within", Some(&self.graceful), "minutes to finish work on nodes that leave".to_owned())
            }
        };
        let marker = if has_focus { glyphs.marker } else { " " };
        let label_tone = if has_focus { Tone::Accent } else { Tone::Dim };
        let mut pen = Pen::new(buffer, area, row);
        pen.put(marker, cx.look.style(Tone::Accent)).cell(label, 12, glyphs.ellipsis, cx.look.style(label_tone));
        match input {
            None => {
                let tone = if has_focus { Tone::Input } else { Tone::Text };
                pen.put_cut(
                    &format!("< {} >  {}", scale::describe(group), group.id),
                    glyphs.ellipsis,
                    cx.look.style(tone),
                );
            }
            Some(input) => {
                pen.skip(8).put_cut(&hint, glyphs.ellipsis, cx.look.style(Tone::Dim));
                let place = Rect { x: area.x + 14, width: 7, y: area.y + row, height: 1 };
                input.view(buffer, place.intersection(area), 0, cx.look.style(Tone::Input), has_focus);
            }
        }
    }
}
