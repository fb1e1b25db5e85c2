//! The keys that work here, made from the keymap in force.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::commands;
use crate::keymap::Keymap;
use crate::store::filter;
use crate::tea::{Argument, Needs, ViewCx};
use crate::theme::Tone;
use crate::widgets::list::Window;
use crate::widgets::text::Pen;

use super::{Wish, window};

#[derive(Debug)]
pub struct Help {
    lines: Vec<Line>,
    window: Window,
}

#[derive(Debug)]
enum Line {
    Heading(String),
    Key { keys: String, words: String, help: &'static str },
    Text(String),
    Blank,
}

impl Help {
    /// For these scopes, the closest first.
    pub fn of(keymap: &Keymap, scopes: &[&'static str], is_read_only: bool, height: usize) -> Self {
        let mut lines = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for scope in scopes {
            lines.push(Line::Heading(match *scope {
                crate::keymap::GLOBAL => "everywhere".to_owned(),
                scope => scope.rsplit('.').next().unwrap_or(scope).replace('_', " "),
            }));
            for spec in commands::all().filter(|spec| spec.scope == *scope) {
                if (is_read_only && spec.needs == Needs::Change) || seen.contains(&spec.id) {
                    continue;
                }
                seen.push(spec.id);
                let keys = keymap.all_keys_for(scopes, spec.id).join(", ");
                let argument = match spec.argument {
                    Argument::None => String::new(),
                    Argument::Theme | Argument::Keymap => " NAME".to_owned(),
                    Argument::Text(what) => format!(" {}", what.to_uppercase()),
                };
                let words = spec.words.first().map(|word| format!(":{word}{argument}")).unwrap_or_default();
                if !keys.is_empty() || !words.is_empty() {
                    lines.push(Line::Key { keys, words, help: spec.help });
                }
            }
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading("filter".to_owned()));
        lines.push(Line::Text(
            "words match fuzzily over name, id and tags; all terms must hold; ! turns one round".to_owned(),
        ));
        lines.push(Line::Text(format!("fields: {}", filter::FIELDS.map(|field| format!("{field}:")).join(" "))));
        lines.push(Line::Text(
            "cloud:emr state:running tag:env=prod age:>12h nodes:>=10 spot:<50 steps:failed alert:any".to_owned(),
        ));
        Self { window: Window { offset: 0, height: height.saturating_sub(4).min(lines.len()) }, lines }
    }

    pub(super) fn command(&mut self, id: &str) -> Vec<Wish> {
        let page = isize::try_from(self.window.height).unwrap_or(1);
        match id {
            "help.up" => self.window.scroll(-1, self.lines.len()),
            "help.down" => self.window.scroll(1, self.lines.len()),
            "help.page_up" => self.window.scroll(-page, self.lines.len()),
            "help.page_down" => self.window.scroll(page, self.lines.len()),
            "help.close" => return vec![Wish::Close],
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn view(&self, cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
        let height = u16::try_from(self.window.height + 2).unwrap_or(u16::MAX);
        let inner = window(cx, area, 100.min(area.width.saturating_sub(2)), height, "help", &[], buffer);
        let (key, text, dim) = (cx.look.style(Tone::Key), cx.look.style(Tone::Text), cx.look.style(Tone::Dim));
        let ellipsis = cx.look.glyphs.ellipsis;
        for (row, line) in self.lines[self.window.range(self.lines.len())].iter().enumerate() {
            let mut pen = Pen::new(buffer, inner, u16::try_from(row).unwrap_or(u16::MAX));
            pen.skip(1);
            match line {
                Line::Heading(words) => {
                    pen.put(words, cx.look.style(Tone::Title));
                }
                Line::Key { keys, words, help } => {
                    pen.skip(1)
                        .cell(keys, 16, ellipsis, key)
                        .cell(words, 18, ellipsis, text)
                        .put_cut(help, ellipsis, dim);
                }
                Line::Text(words) => {
                    pen.skip(1).put_cut(words, ellipsis, dim);
                }
                Line::Blank => {}
            }
        }
    }
}
