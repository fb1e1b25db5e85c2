//! The first screen when nothing is configured: what was looked for and where, what was found, and the demo.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Cloud, ConnectionName};
use crate::store::Changes;
use crate::tea::{CommandSpec, Effect, Mouse, MouseKind, Notice, Pane, Request, ViewCx};
use crate::theme::Tone;
use crate::widgets::list::Move;
use crate::widgets::text::{Pen, tint, wrap};

pub const SCOPE: &str = "pane.first_run";

/// All commands of this pane.
pub const COMMANDS: &[CommandSpec] = &[
    CommandSpec::key("list.up", SCOPE, "one row up"),
    CommandSpec::key("list.down", SCOPE, "one row down"),
    CommandSpec::key("choice.toggle", SCOPE, "take it, or not"),
    CommandSpec::key("choice.open", SCOPE, "open the fleet with what is ticked"),
    CommandSpec::key("demo.start", SCOPE, "the demo: no cloud needed"),
    CommandSpec::key("places.show", SCOPE, "where it looked"),
];

/// A login that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub cloud: Cloud,
    pub name: ConnectionName,
    pub place: String,
    pub region: Option<String>,
    pub problem: Option<String>,
    pub is_ticked: bool,
}

/// What was found, and every place that was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    pub choices: Vec<Choice>,
    pub places: Vec<(Cloud, String, String)>,
}

/// Pieces of text, and which choice they are about.
type Line = (Vec<(String, Tone)>, Option<usize>);

#[derive(Debug, Default)]
pub struct FirstRun {
    findings: Findings,
    row: usize,
    shows_places: bool,
    area: Rect,
}

impl FirstRun {
    pub fn new(findings: Findings) -> Self {
        let shows_places = findings.choices.is_empty();
        Self { findings, row: 0, shows_places, area: Rect::default() }
    }

    fn toggle(&mut self) -> Vec<Request> {
        let Some(choice) = self.findings.choices.get_mut(self.row) else { return Vec::new() };
        if let Some(problem) = &choice.problem {
            return vec![Request::Say(Notice::warn(problem.clone()))];
        }
        choice.is_ticked = !choice.is_ticked;
        Vec::new()
    }

    fn open(&self) -> Vec<Request> {
        let ticked: Vec<ConnectionName> =
            self.findings.choices.iter().filter(|choice| choice.is_ticked).map(|choice| choice.name.clone()).collect();
        if ticked.is_empty() {
            let words = if self.findings.choices.is_empty() {
                "no login was found: log in, or try the demo"
            } else {
                "nothing is ticked"
            };
            return vec![Request::Say(Notice::warn(words))];
        }
        vec![Request::Effect(Effect::Adopt(ticked))]
    }

    fn lines(&self, cx: &ViewCx<'_>, room: usize) -> Vec<Line> {
        let glyphs = &cx.look.glyphs;
        let mut out = Vec::new();
        let plain = |text: &str, tone: Tone, out: &mut Vec<Line>| {
            for line in wrap(text, room) {
                out.push((vec![(line, tone)], None));
            }
        };
        if self.findings.choices.is_empty() {
            plain("No login for any cloud was found on this machine.", Tone::Text, &mut out);
        } else {
            plain("Found on this machine:", Tone::Text, &mut out);
            for (index, choice) in self.findings.choices.iter().enumerate() {
                let tick = if choice.is_ticked { "[x]" } else { "[ ]" };
                let (sign, tone, words) = match &choice.problem {
                    Some(problem) => (glyphs.failed, Tone::Warn, problem.clone()),
                    None => (glyphs.done, Tone::Ok, choice.region.clone().unwrap_or_default()),
                };
                let line = vec![
                    (format!(" {tick} "), Tone::Accent),
                    (format!("{:<11}", choice.cloud.word()), Tone::Dim),
                    (format!("{:<28} ", choice.place), Tone::Text),
                    (format!("{sign} {words}"), tone),
                ];
                out.push((line, Some(index)));
            }
            out.push((Vec::new(), None));
            plain("Connections start read-only; the configuration file can make them operate.", Tone::Dim, &mut out);
        }
        if self.shows_places {
            out.push((Vec::new(), None));
            plain("Looked for logins:", Tone::Text, &mut out);
            for (cloud, place, what) in &self.findings.places {
                let text = format!("{:<11}{place}: {what}", cloud.word());
                for (index, line) in wrap(&text, room.saturating_sub(1)).into_iter().enumerate() {
                    let lead = if index == 0 { " " } else { "              " };
                    out.push((vec![(format!("{lead}{line}"), Tone::Dim)], None));
                }
            }
        }
        if self.findings.choices.is_empty() {
            out.push((Vec::new(), None));
            plain(
                "With the AWS CLI: `aws configure sso`, or `aws configure`. Then start sparkdeck again.",
                Tone::Text,
                &mut out,
            );
            plain("Without a cloud: the demo is this program over a simulated one.", Tone::Text, &mut out);
        }
        out
    }
}

impl Pane for FirstRun {
    fn scope(&self) -> &'static str {
        SCOPE
    }

    fn command(&mut self, id: &str, _: &ViewCx<'_>) -> Vec<Request> {
        let len = self.findings.choices.len();
        match id {
            "list.up" => self.row = Move::Up.from(self.row, len, 1).unwrap_or(0),
            "list.down" => self.row = Move::Down.from(self.row, len, 1).unwrap_or(0),
            "choice.toggle" => return self.toggle(),
            "choice.open" => return self.open(),
            "demo.start" => return vec![Request::Effect(Effect::Demo)],
            "places.show" => self.shows_places = !self.shows_places,
            _ => {}
        }
        Vec::new()
    }

    fn place(&mut self, area: Rect, _: &ViewCx<'_>) {
        self.area = area;
    }

    fn refresh(&mut self, _: &Changes, _: &ViewCx<'_>) {}

    fn mouse(&mut self, mouse: Mouse, cx: &ViewCx<'_>) -> Vec<Request> {
        if mouse.kind == MouseKind::Click {
            let lines = self.lines(cx, usize::from(self.area.width.saturating_sub(2)));
            let row = usize::from(mouse.row.saturating_sub(self.area.y));
            if let Some((_, Some(index))) = lines.get(row) {
                self.row = *index;
            }
        }
        Vec::new()
    }

    fn view(&self, cx: &ViewCx<'_>, area: Rect, _: bool, buffer: &mut Buffer) {
        let room = usize::from(area.width.saturating_sub(2));
        for (row, (line, choice)) in self.lines(cx, room).iter().enumerate() {
            let row = u16::try_from(row).unwrap_or(u16::MAX);
            let mut pen = Pen::new(buffer, area, row);
            pen.skip(1);
            for (text, tone) in line {
                pen.put(text, cx.look.style(*tone));
            }
            if *choice == Some(self.row) {
                tint(buffer, area, row, cx.look.style(Tone::Selection));
            }
        }
    }
}
