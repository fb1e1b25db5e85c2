//! What is wrong with a scenario, and where.

use std::fmt;
use std::ops::Range;

/// What is wrong with a file, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Counted from 1, in characters.
    pub column: usize,
    pub message: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// What is wrong with a text, and at which bytes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) struct Problem {
    span: Range<usize>,
    message: String,
}

impl Problem {
    pub(in crate::sim) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }

    /// Something is named that is not there.
    pub(in crate::sim) fn unknown<'a>(
        span: Range<usize>,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.collect();
        let message = match nearest(name, known.iter().copied()) {
            Some(near) => format!("unknown {what} `{name}`: did you mean `{near}`?"),
            None => format!("unknown {what} `{name}`: there is {}", known.join(", ")),
        };
        Self::at(span, message)
    }

    /// The parser's own words, with the nearest right key when a key or a word was wrong.
    pub(super) fn from_toml(error: &toml::de::Error) -> Self {
        let raw = error.message();
        let mut quoted = raw.split('`').skip(1).step_by(2);
        let is_misspelled = raw.starts_with("unknown field") || raw.starts_with("unknown variant");
        let message = match quoted.next() {
            Some(wrong) if is_misspelled => {
                let what = if raw.starts_with("unknown field") { "key" } else { "word" };
                match nearest(wrong, quoted.clone()) {
                    Some(near) => format!("unknown {what} `{wrong}`: did you mean `{near}`?"),
                    None => format!("unknown {what} `{wrong}`: known are {}", quoted.collect::<Vec<_>>().join(", ")),
                }
            }
            _ => raw.replace("missing field", "missing key"),
        };
        Self { span: error.span().unwrap_or(0..0), message }
    }

    pub(in crate::sim) fn locate(self, file: &str, text: &str) -> Diagnostic {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Diagnostic {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: self.message,
        }
    }
}

/// The name that was probably meant, if one is near enough.
pub(in crate::sim) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| (strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase()), known))
        .filter(|(distance, known)| *distance <= (known.len().max(name.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
