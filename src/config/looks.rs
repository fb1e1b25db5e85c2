//! Themes and keymaps: those that are shipped, and the user's own, which go first.

use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::keymap::{self, Keymap};
use crate::theme::{self, Theme};

use super::diagnostics::{Problem, nearest};
use super::paths::Paths;

static THEMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/themes");
static KEYMAPS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/keymaps");

/// The keymap that every other one is laid over.
pub const DEFAULT_KEYMAP: &str = "default";

/// Says whether a command is known in a scope, or what is wrong.
pub type CommandCheck<'a> = &'a dyn Fn(&str, &str) -> Result<(), String>;

fn shipped(dir: &'static Dir<'static>, name: &str) -> Option<&'static str> {
    dir.get_file(format!("{name}.toml"))?.contents_utf8()
}

fn names(dir: &'static Dir<'static>, folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        dir.files().filter_map(|file| file.path().file_stem()?.to_str().map(str::to_owned)).collect();
    if let Ok(entries) = std::fs::read_dir(folder) {
        let files = entries.flatten().map(|entry| entry.path());
        let themes = files.filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
        names.extend(themes.filter_map(|path| path.file_stem()?.to_str().map(str::to_owned)));
    }
    names.sort();
    names.dedup();
    names
}

pub fn theme_names(paths: &Paths) -> Vec<String> {
    names(&THEMES, &paths.themes)
}

pub fn keymap_names(paths: &Paths) -> Vec<String> {
    names(&KEYMAPS, &paths.keymaps)
}

/// A file's text: the user's own if there is one, else the shipped one.
fn find(
    dir: &'static Dir<'static>,
    folder: &Path,
    what: &str,
    name: &str,
) -> Result<(std::path::PathBuf, String), Vec<Problem>> {
    let file = folder.join(format!("{name}.toml"));
    match std::fs::read_to_string(&file) {
        Ok(text) => return Ok((file, text)),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(vec![Problem::whole(&file, format!("cannot be read: {error}"))]);
        }
        Err(_) => {}
    }
    if let Some(text) = shipped(dir, name) {
        return Ok((Path::new("(shipped)").join(format!("{name}.toml")), text.to_owned()));
    }
    let known = names(dir, folder);
    let hint = match nearest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(vec![Problem::whole(&file, format!("no {what} `{name}`: {hint}"))])
}

/// Loads a theme by name.
///
/// # Errors
/// What is wrong, with file and line: keep the theme that is in use and say so.
pub fn theme(paths: &Paths, name: &str) -> Result<Theme, Vec<Problem>> {
    theme_above(paths, name, 0)
}

/// Longer chains of themes that inherit from each other are taken for circles.
const DEEPEST: u8 = 5;

fn theme_above(paths: &Paths, name: &str, depth: u8) -> Result<Theme, Vec<Problem>> {
    let (file, text) = find(&THEMES, &paths.themes, "theme", name)?;
    let parent = |parent: &str| match depth {
        // A user's theme may be laid over the shipped one of the same name.
        _ if parent == name => shipped(&THEMES, parent).and_then(|text| theme::parse(text, &|_| None).ok()),
        DEEPEST.. => None,
        _ => theme_above(paths, parent, depth + 1).ok(),
    };
    theme::parse(&text, &parent).map_err(|errors| {
        errors.into_iter().map(|error| Problem::at(&file, &text, &error.span, error.message)).collect()
    })
}

/// Loads a keymap by name. What it does not say is as in the default keymap, or in the one that it inherits from.
///
/// # Errors
/// What is wrong, with file and line: keep the keymap that is in use and say so.
pub fn keymap(paths: &Paths, name: &str, check: CommandCheck<'_>) -> Result<Keymap, Vec<Problem>> {
    keymap_above(paths, name, check, 0)
}

fn keymap_above(paths: &Paths, name: &str, check: CommandCheck<'_>, depth: u8) -> Result<Keymap, Vec<Problem>> {
    let (file, text) = find(&KEYMAPS, &paths.keymaps, "keymap", name)?;
    let (mut keymap, inherits) = keymap::parse(&text, check).map_err(|errors| {
        errors.into_iter().map(|error| Problem::at(&file, &text, &error.span, error.message)).collect::<Vec<_>>()
    })?;
    name.clone_into(&mut keymap.name);
    if depth > DEEPEST {
        return Err(vec![Problem::whole(&file, "inherits from itself")]);
    }
    let is_shipped_default = name == DEFAULT_KEYMAP && file.starts_with("(shipped)");
    match inherits {
        Some(parent) if parent != name => Ok(keymap_above(paths, &parent, check, depth + 1)?.overlaid_with(keymap)),
        _ if is_shipped_default => Ok(keymap),
        _ => Ok(shipped_keymap(check)?.overlaid_with(keymap)),
    }
}

/// The shipped keymap that every other one is laid over.
///
/// # Errors
/// Never: a test reads every shipped file.
pub fn shipped_keymap(check: CommandCheck<'_>) -> Result<Keymap, Vec<Problem>> {
    let text = shipped(&KEYMAPS, DEFAULT_KEYMAP).unwrap_or_default();
    let file = Path::new("(shipped)/default.toml");
    let (mut keymap, _) = keymap::parse(text, check).map_err(|errors| {
        errors.into_iter().map(|error| Problem::at(file, text, &error.span, error.message)).collect::<Vec<_>>()
    })?;
    DEFAULT_KEYMAP.clone_into(&mut keymap.name);
    Ok(keymap)
}

/// A shipped theme, whatever the user's folder holds.
///
/// # Errors
/// There is no such theme.
pub fn shipped_theme(name: &str) -> Result<Theme, Vec<Problem>> {
    let file = Path::new("(shipped)").join(format!("{name}.toml"));
    let text = shipped(&THEMES, name).ok_or_else(|| vec![Problem::whole(&file, "no such theme")])?;
    theme::parse(text, &|_| None).map_err(|errors| {
        errors.into_iter().map(|error| Problem::at(&file, text, &error.span, error.message)).collect()
    })
}
