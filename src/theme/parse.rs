//! Reads a theme file: `[tones]` give colour and weight to roles, `[colors]` are the theme's own names.

use std::collections::HashMap;
use std::ops::Range;

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Theme, Tone, bare, color};

/// What is wrong with a theme, and where in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ThemeError {
    pub span: Range<usize>,
    pub message: String,
}

/// Reads a theme. `parent` finds the one that it inherits from.
///
/// # Errors
/// All that is wrong, in the order of the file; nothing of a file with an error is used.
pub fn parse(text: &str, parent: &dyn Fn(&str) -> Option<Theme>) -> Result<Theme, Vec<ThemeError>> {
    let table = DeTable::parse(text).map_err(|error| {
        vec![ThemeError { span: error.span().unwrap_or(0..0), message: error.message().to_owned() }]
    })?;
    let table = table.get_ref();
    let mut reader = Reader { colors: HashMap::new(), theme: bare(), errors: Vec::new() };
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("inherits", DeValue::String(name)) => match parent(name) {
                Some(theme) => reader.theme = theme,
                None => reader.error(value.span(), format!("no theme `{name}` to inherit from")),
            },
            ("colors", DeValue::Table(colors)) => reader.colors(colors),
            ("name" | "tones", DeValue::String(_) | DeValue::Table(_)) => {}
            (other, _) => {
                reader.error(key.span(), format!("`{other}` means nothing here: name, inherits, [colors], [tones]"));
            }
        }
    }
    if let Some(DeValue::String(name)) = table.get("name").map(Spanned::get_ref) {
        reader.theme.name = name.to_string();
    }
    if let Some(DeValue::Table(tones)) = table.get("tones").map(Spanned::get_ref) {
        reader.tones(tones);
    }
    if reader.errors.is_empty() { Ok(reader.theme) } else { Err(reader.errors) }
}

struct Reader {
    colors: HashMap<String, Color>,
    theme: Theme,
    errors: Vec<ThemeError>,
}

impl Reader {
    fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.errors.push(ThemeError { span, message: message.into() });
    }

    fn colors(&mut self, colors: &DeTable<'_>) {
        for (name, value) in colors {
            if let Some(color) = self.color(value) {
                self.colors.insert(name.get_ref().to_string(), color);
            }
        }
    }

    fn color(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Color> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            _ => String::new(),
        };
        let color = self.colors.get(&text).copied().or_else(|| color::named(&text));
        if color.is_none() {
            self.error(value.span(), format!("`{text}` is no colour: a name, #rrggbb, 0 to 255, or one of [colors]"));
        }
        color
    }

    fn tones(&mut self, tones: &DeTable<'_>) {
        for (name, value) in tones {
            let word = name.get_ref().as_ref();
            let Some(tone) = Tone::ALL.iter().find(|tone| tone.word() == word) else {
                let known: Vec<&str> = Tone::ALL.iter().map(|tone| tone.word()).collect();
                self.error(name.span(), format!("no tone `{word}`: one of {}", known.join(", ")));
                continue;
            };
            let style = match value.get_ref() {
                DeValue::Table(parts) => self.style(parts),
                _ => self.color(value).map_or_else(Style::new, |color| Style::new().fg(color)),
            };
            self.theme.set(*tone, style);
        }
    }

    fn style(&mut self, parts: &DeTable<'_>) -> Style {
        let mut style = Style::new();
        for (key, value) in parts {
            let modifier = match key.get_ref().as_ref() {
                "fg" => {
                    style.fg = self.color(value);
                    continue;
                }
                "bg" => {
                    style.bg = self.color(value);
                    continue;
                }
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "italic" => Modifier::ITALIC,
                "underline" => Modifier::UNDERLINED,
                "reverse" => Modifier::REVERSED,
                other => {
                    self.error(
                        key.span(),
                        format!("`{other}` is no part of a tone: fg, bg, bold, dim, italic, underline, reverse"),
                    );
                    continue;
                }
            };
            match value.get_ref() {
                DeValue::Boolean(true) => style = style.add_modifier(modifier),
                DeValue::Boolean(false) => {}
                _ => self.error(value.span(), format!("`{}` is true or false", key.get_ref())),
            }
        }
        style
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<Theme> {
        None
    }

    #[test]
    fn a_theme_names_its_own_colours_and_inherits() {
        let parent = parse("name = 'a'\n[tones]\nok = 'green'\nbad = 'red'\n", &none).unwrap();
        let text =
            "name = 'b'\ninherits = 'a'\n[colors]\namber = '#d7af5f'\n[tones]\nbad = { fg = 'amber', bold = true }\n";
        let theme = parse(text, &|name| (name == "a").then(|| parent.clone())).unwrap();
        assert_eq!(theme.name, "b");
        assert_eq!(theme.style(Tone::Ok).fg, Some(Color::Green));
        assert_eq!(theme.style(Tone::Bad).fg, Some(Color::Rgb(0xd7, 0xaf, 0x5f)));
        assert!(theme.style(Tone::Bad).add_modifier.contains(Modifier::BOLD));
    }

    #[test]
    fn every_mistake_is_found_where_it_stands() {
        let text = "colour = 1\n[tones]\nokay = 'green'\nbad = 'rde'\nwarn = { fgg = 'red' }\n";
        let errors = parse(text, &none).unwrap_err();
        let mut lines: Vec<usize> =
            errors.iter().map(|error| text[..error.span.start].matches('\n').count() + 1).collect();
        lines.sort_unstable();
        assert_eq!(lines, [1, 3, 4, 5], "{errors:?}");
    }
}
