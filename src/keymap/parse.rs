//! Reads a keymap file: tables are scopes, keys are chords, values are commands.

use std::collections::HashMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Keymap, key::parse_keys};

/// What is wrong with a keymap, and where in the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct KeymapError {
    pub span: Range<usize>,
    pub message: String,
}

/// Reads a keymap. `check` says whether a scope has a command, or else what is wrong.
///
/// Returns the keymap and the name of the one that it is laid over, if it names one.
///
/// # Errors
/// All that is wrong, in the order of the file; nothing of a file with an error is used.
pub fn parse(
    text: &str,
    check: &dyn Fn(&str, &str) -> Result<(), String>,
) -> Result<(Keymap, Option<String>), Vec<KeymapError>> {
    let table = DeTable::parse(text).map_err(|error| {
        vec![KeymapError { span: error.span().unwrap_or(0..0), message: error.message().to_owned() }]
    })?;
    let mut reader = Reader { check, keymap: Keymap::default(), inherits: None, errors: Vec::new() };
    for (key, value) in table.get_ref() {
        reader.top(key.get_ref(), key.span(), value);
    }
    if reader.errors.is_empty() { Ok((reader.keymap, reader.inherits)) } else { Err(reader.errors) }
}

struct Reader<'a> {
    check: &'a dyn Fn(&str, &str) -> Result<(), String>,
    keymap: Keymap,
    inherits: Option<String>,
    errors: Vec<KeymapError>,
}

impl Reader<'_> {
    fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.errors.push(KeymapError { span, message: message.into() });
    }

    fn top(&mut self, key: &str, span: Range<usize>, value: &Spanned<DeValue<'_>>) {
        match (key, value.get_ref()) {
            ("name", DeValue::String(name)) => self.keymap.name = name.to_string(),
            ("inherits", DeValue::String(name)) => self.inherits = Some(name.to_string()),
            (super::GLOBAL, DeValue::Table(bindings)) => self.scope(super::GLOBAL, bindings),
            ("pane" | "overlay", DeValue::Table(scopes)) => {
                for (name, value) in scopes {
                    match value.get_ref() {
                        DeValue::Table(bindings) => self.scope(&format!("{key}.{}", name.get_ref()), bindings),
                        _ => self.error(name.span(), format!("[{key}.{}] must be a table of keys", name.get_ref())),
                    }
                }
            }
            _ => self
                .error(span, format!("`{key}` means nothing here: name, inherits, [global], [pane.…] or [overlay.…]")),
        }
    }

    fn scope(&mut self, scope: &str, bindings: &DeTable<'_>) {
        let mut read = HashMap::new();
        for (chord, command) in bindings {
            let keys = match parse_keys(chord.get_ref()) {
                Ok(keys) => keys,
                Err(error) => {
                    self.error(chord.span(), error.to_string());
                    continue;
                }
            };
            let DeValue::String(command_text) = command.get_ref() else {
                self.error(command.span(), format!("`{}` must name a command in quotes", chord.get_ref()));
                continue;
            };
            if let Err(message) = (self.check)(scope, command_text)
                && !command_text.is_empty()
            {
                self.error(command.span(), message);
                continue;
            }
            if read.insert(keys, command_text.to_string()).is_some() {
                self.error(chord.span(), format!("`{}` is bound twice in [{scope}]", chord.get_ref()));
            }
        }
        self.keymap.scopes.entry(scope.to_owned()).or_default().extend(read);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{GLOBAL, Meaning};
    use super::*;

    fn any(_: &str, command: &str) -> Result<(), String> {
        if command.starts_with("no.") { Err(format!("no command `{command}`")) } else { Ok(()) }
    }

    #[test]
    fn a_closer_scope_wins_and_chords_wait() {
        let text = "name = 't'\n[global]\nq = 'app.quit'\n[pane.clusters]\n'g g' = 'list.top'\nq = ''\n";
        let (keymap, _) = parse(text, &any).unwrap();
        let keys = |text: &str| parse_keys(text).unwrap();
        let here = ["pane.clusters", GLOBAL];
        assert_eq!(keymap.meaning(&here, &keys("g")), Meaning::Prefix);
        assert_eq!(keymap.meaning(&here, &keys("g g")), Meaning::Command("list.top"));
        assert_eq!(keymap.meaning(&here, &keys("q")), Meaning::Nothing);
        assert_eq!(keymap.meaning(&[GLOBAL], &keys("q")), Meaning::Command("app.quit"));
        assert_eq!(keymap.keys_for(&here, "app.quit"), None);
        assert_eq!(keymap.keys_for(&here, "list.top").as_deref(), Some("g g"));
    }

    #[test]
    fn every_mistake_is_found_where_it_stands() {
        let text = "[global]\nqq = 'app.quit'\nx = 'no.such'\ny = 3\n[panes.x]\n";
        let errors = parse(text, &any).unwrap_err();
        let lines: Vec<(usize, &str)> =
            errors.iter().map(|error| (text[..error.span.start].lines().count(), error.message.as_str())).collect();
        assert_eq!(errors.len(), 4, "{lines:?}");
        assert!(errors.iter().any(|error| error.message.contains("`qq` is no key")));
        assert!(errors.iter().any(|error| error.message.contains("no command `no.such`")));
        assert!(errors.iter().any(|error| error.message.contains("`panes` means nothing here")));
    }
}
