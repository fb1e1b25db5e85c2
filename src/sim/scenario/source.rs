//! Where a scenario comes from: one that is shipped, or a file.

use std::fs;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::nearest;
use crate::sim::error::SimError;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/scenarios");

/// Which scenario to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScenarioSource {
    /// One that comes with the program, by its name.
    Shipped(String),
    File(PathBuf),
    /// A text that is at hand; the name stands for the file in messages.
    Text {
        name: String,
        text: String,
    },
}

impl ScenarioSource {
    /// A name or a path: whatever looks like a path is one.
    pub fn named(name_or_file: &str) -> Self {
        let is_path = name_or_file.contains(['/', std::path::MAIN_SEPARATOR])
            || Path::new(name_or_file).extension().is_some_and(|extension| extension == "toml");
        if is_path { Self::File(name_or_file.into()) } else { Self::Shipped(name_or_file.to_owned()) }
    }

    /// The names of the scenarios that come with the program.
    pub fn shipped() -> impl Iterator<Item = &'static str> {
        SHIPPED.files().filter_map(|file| file.path().file_stem()?.to_str())
    }

    /// The file's name, for messages, and its text.
    pub(in crate::sim) fn text(&self) -> Result<(String, String), SimError> {
        match self {
            Self::Shipped(name) => {
                let file = format!("{name}.toml");
                let text = SHIPPED.get_file(&file).and_then(include_dir::File::contents_utf8);
                text.map(|text| (file, text.to_owned())).ok_or_else(|| SimError::UnknownScenario {
                    name: name.clone(),
                    nearest: nearest(name, Self::shipped()).map(str::to_owned),
                    known: Self::shipped().collect::<Vec<_>>().join(", "),
                })
            }
            Self::File(path) => match fs::read_to_string(path) {
                Ok(text) => Ok((path.display().to_string(), text)),
                Err(source) => Err(SimError::Unreadable { path: path.clone(), source }),
            },
            Self::Text { name, text } => Ok((name.clone(), text.clone())),
        }
    }
}
