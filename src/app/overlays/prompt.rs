//! The line at the bottom: `/` filters while it is typed, `:` takes a command, with completion and history.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::commands;
use crate::store::{Cluster, Filter, filter};
use crate::tea::{Argument, Needs, ViewCx};
use crate::theme::Tone;
use crate::widgets::frame::clear;
use crate::widgets::input::Input;
use crate::widgets::text::Pen;

use super::Wish;

/// Completions shown at once.
const SHOWN: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Filter,
    Command,
}

/// Words that are known only when the prompt opens.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    pub themes: Vec<String>,
    pub keymaps: Vec<String>,
    /// Alias and what it stands for.
    pub aliases: Vec<(String, String)>,
    /// Lines that were typed before, oldest first.
    pub history: Vec<String>,
}

#[derive(Debug)]
pub struct Prompt {
    kind: Kind,
    input: Input,
    /// What was there before, for going back to it.
    before: String,
    vocabulary: Vocabulary,
    completions: Vec<Completion>,
    chosen: Option<usize>,
    /// How far back in the history we are.
    back: usize,
    problem: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Completion {
    /// The whole line as it would be.
    line: String,
    help: String,
}

impl Prompt {
    pub fn new(kind: Kind, text: &str, vocabulary: Vocabulary, cx: &ViewCx<'_>) -> Self {
        let mut prompt = Self {
            kind,
            input: Input::new(text),
            before: text.to_owned(),
            vocabulary,
            completions: Vec::new(),
            chosen: None,
            back: 0,
            problem: None,
        };
        prompt.changed(cx);
        prompt
    }

    pub(super) fn typed(&mut self, c: char, cx: &ViewCx<'_>) -> Vec<Wish> {
        self.input.insert(c);
        self.changed(cx)
    }

    pub(super) fn pasted(&mut self, text: &str, cx: &ViewCx<'_>) -> Vec<Wish> {
        self.input.insert_text(text);
        self.changed(cx)
    }

    pub(super) fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Wish> {
        match id {
            "prompt.cancel" => {
                let back = (self.kind == Kind::Filter).then(|| Wish::Filter(self.before.clone()));
                return back.into_iter().chain([Wish::Close]).collect();
            }
            "prompt.accept" => return self.accept(),
            "prompt.complete" => return self.complete(cx),
            "prompt.up" => return self.turn(true, cx),
            "prompt.down" => return self.turn(false, cx),
            "input.right" if self.input.is_at_end() => return self.complete(cx),
            "input.left" => self.input.left(),
            "input.right" => self.input.right(),
            "input.home" => self.input.home(),
            "input.end" => self.input.end(),
            "input.backspace" if self.input.is_empty() => return self.command("prompt.cancel", cx),
            "input.backspace" => {
                self.input.backspace();
                return self.changed(cx);
            }
            "input.delete" => {
                self.input.delete();
                return self.changed(cx);
            }
            "input.delete_word" => {
                self.input.delete_word();
                return self.changed(cx);
            }
            "input.clear" => {
                self.input.clear();
                return self.changed(cx);
            }
            _ => {}
        }
        Vec::new()
    }

    fn accept(&mut self) -> Vec<Wish> {
        let text = match self.chosen.and_then(|index| self.completions.get(index)) {
            Some(completion) => completion.line.clone(),
            None => self.input.text(),
        };
        match self.kind {
            // A filter that means nothing stays open: the rows are those of the last good one.
            Kind::Filter if self.problem.is_some() => Vec::new(),
            Kind::Filter => vec![Wish::Filter(text), Wish::Close],
            Kind::Command if text.trim().is_empty() => vec![Wish::Close],
            Kind::Command => vec![Wish::Close, Wish::Line(text)],
        }
    }

    fn complete(&mut self, cx: &ViewCx<'_>) -> Vec<Wish> {
        let Some(completion) = self.completions.get(self.chosen.unwrap_or(0)) else { return Vec::new() };
        self.input = Input::new(&completion.line);
        self.changed(cx)
    }

    /// Up and down choose a completion; on an untouched command line they go through the history.
    fn turn(&mut self, is_up: bool, cx: &ViewCx<'_>) -> Vec<Wish> {
        let history = &self.vocabulary.history;
        let is_in_history = self.back > 0 || self.input.is_empty();
        if self.kind == Kind::Command && is_in_history && !history.is_empty() && self.chosen.is_none() {
            self.back = if is_up { (self.back + 1).min(history.len()) } else { self.back.saturating_sub(1) };
            let line = history.len().checked_sub(self.back).and_then(|at| history.get(at)).cloned().unwrap_or_default();
            self.input = Input::new(&line);
            let back = self.back;
            let wishes = self.changed(cx);
            self.back = back;
            return wishes;
        }
        let last = self.completions.len().min(SHOWN).checked_sub(1);
        self.chosen = match (self.chosen, last) {
            (_, None) => None,
            (None, Some(last)) => Some(if is_up { last } else { 0 }),
            (Some(0), Some(_)) if is_up => None,
            (Some(at), Some(last)) => Some(if is_up { at - 1 } else { (at + 1).min(last) }),
        };
        Vec::new()
    }

    /// After each change: judge it, find what it may become, and filter.
    fn changed(&mut self, cx: &ViewCx<'_>) -> Vec<Wish> {
        self.chosen = None;
        self.back = 0;
        let text = self.input.text();
        match self.kind {
            Kind::Filter => {
                self.completions = filter_completions(&text);
                self.problem = Filter::parse(&text).err().map(|error| error.to_string());
                if self.problem.is_none() { vec![Wish::Filter(text)] } else { Vec::new() }
            }
            Kind::Command => {
                self.completions = self.command_completions(&text, cx);
                Vec::new()
            }
        }
    }

    fn command_completions(&self, text: &str, cx: &ViewCx<'_>) -> Vec<Completion> {
        let mut out: Vec<Completion> = Vec::new();
        if let Some((word, rest)) = text.trim_start().split_once(' ') {
            let spec = commands::all().find(|spec| spec.words.contains(&word));
            let known: &[String] = match spec.map(|spec| spec.argument) {
                Some(Argument::Theme) => &self.vocabulary.themes,
                Some(Argument::Keymap) => &self.vocabulary.keymaps,
                _ => &[],
            };
            let fitting = known.iter().filter(|name| name.starts_with(rest.trim()) && name.as_str() != rest.trim());
            return fitting.map(|name| Completion { line: format!("{word} {name}"), help: String::new() }).collect();
        }
        let text = text.trim();
        for spec in commands::all() {
            if cx.is_read_only && spec.needs == Needs::Change {
                continue;
            }
            let word = spec.words.iter().find(|word| word.starts_with(text));
            if let Some(word) = word
                && !out.iter().any(|known| known.line == *word)
            {
                out.push(Completion { line: (*word).to_owned(), help: spec.help.to_owned() });
            }
        }
        let aliases = self.vocabulary.aliases.iter().filter(|(alias, _)| alias.starts_with(text));
        out.extend(aliases.map(|(alias, line)| Completion { line: alias.clone(), help: line.clone() }));
        out.sort_by(|a, b| a.line.cmp(&b.line));
        if !text.is_empty() {
            let mut names: Vec<&Cluster> = cx
                .fleet
                .clusters()
                .filter(|cluster| cluster.name().starts_with(text) && cluster.name() != text)
                .collect();
            names.sort_by(|a, b| a.name().cmp(b.name()).then_with(|| a.key.cmp(&b.key)));
            out.extend(
                names
                    .into_iter()
                    .take(SHOWN)
                    .map(|cluster| Completion { line: cluster.name().to_owned(), help: cluster.key.to_string() }),
            );
        }
        out.retain(|completion| completion.line != text);
        out
    }

    /// The prompt takes the last row of the area; its completions stand above it.
    pub(super) fn view(&self, cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
        let look = cx.look;
        let row = area.height.saturating_sub(1);
        let line = Rect { y: area.y + row, height: 1, ..area };
        clear(buffer, line);
        let sign = if self.kind == Kind::Filter { "/" } else { ":" };
        Pen::new(buffer, line, 0).skip(1).put(sign, look.style(Tone::Accent));
        let place = Rect { x: line.x + 2, width: line.width.saturating_sub(3), ..line };
        self.input.view(buffer, place, 0, look.style(Tone::Input), true);
        if let Some(ghost) = self.ghost() {
            let used = u16::try_from(crate::widgets::text::width(&self.input.text())).unwrap_or(u16::MAX);
            let rest = Rect {
                x: place.x.saturating_add(used).saturating_add(1),
                width: place.width.saturating_sub(used + 1),
                ..place
            };
            Pen::new(buffer, rest, 0).put(&ghost, look.style(Tone::Dim));
        }
        let above =
            |count: usize| Rect { y: line.y.saturating_sub(u16::try_from(count).unwrap_or(0)), height: 1, ..area };
        if let Some(problem) = &self.problem {
            let place = above(1);
            clear(buffer, place);
            Pen::new(buffer, place, 0).skip(1).put_cut(problem, look.glyphs.ellipsis, look.style(Tone::Warn));
            return;
        }
        if self.kind == Kind::Filter {
            return;
        }
        let shown = &self.completions[..self.completions.len().min(SHOWN)];
        for (index, completion) in shown.iter().enumerate() {
            let place = above(shown.len() - index);
            let is_chosen = self.chosen == Some(index);
            clear(buffer, place);
            let style = if is_chosen { look.style(Tone::Accent) } else { look.style(Tone::Text) };
            let marker = if is_chosen { look.glyphs.marker } else { " " };
            Pen::new(buffer, place, 0)
                .put(marker, look.style(Tone::Accent))
                .skip(1)
                .cell(&completion.line, 24, look.glyphs.ellipsis, style)
                .put_cut(&completion.help, look.glyphs.ellipsis, look.style(Tone::Dim));
        }
    }

    /// How the line would go on.
    fn ghost(&self) -> Option<String> {
        let text = self.input.text();
        let first = self.completions.get(self.chosen.unwrap_or(0))?;
        (!text.is_empty() && self.input.is_at_end())
            .then(|| first.line.strip_prefix(&text).map(str::to_owned))
            .flatten()
    }
}

/// Completes the field that is being typed.
fn filter_completions(text: &str) -> Vec<Completion> {
    let (head, last) = match text.rfind(' ') {
        Some(at) => text.split_at(at + 1),
        None => ("", text),
    };
    if last.is_empty() || last.contains(':') {
        return Vec::new();
    }
    let (sign, word) = if let Some(word) = last.strip_prefix('!') { ("!", word) } else { ("", last) };
    filter::FIELDS
        .iter()
        .filter(|field| !word.is_empty() && field.starts_with(word))
        .map(|field| Completion { line: format!("{head}{sign}{field}:"), help: String::new() })
        .collect()
}
