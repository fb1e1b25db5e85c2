//! Says what is wrong in a file of the user's, where, and what was probably meant.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// 1-based; 0 when the whole file is meant.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file.display(), self.message),
            line => write!(f, "{}:{line}:{}: {}", self.file.display(), self.column, self.message),
        }
    }
}

impl Problem {
    /// A problem at a place in the text of a file.
    pub fn at(file: &Path, text: &str, span: &Range<usize>, message: impl Into<String>) -> Self {
        let before = text.get(..span.start.min(text.len())).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { file: file.to_owned(), line, column, message: message.into() }
    }

    /// A problem with a file as a whole.
    pub fn whole(file: &Path, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0, message: message.into() }
    }
}

/// The known word nearest to a mistyped one.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}

/// Makes the parser's words about an unknown key or value say what was probably meant.
pub(super) fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let [wrong, known @ ..] = quoted.as_slice() else { return message.to_owned() };
    let what = if message.starts_with("unknown field") {
        "unknown key"
    } else if message.starts_with("unknown variant") {
        "unknown value"
    } else {
        return message.to_owned();
    };
    match nearest(wrong, known.iter().copied()) {
        Some(meant) => format!("{what} `{wrong}`: did you mean `{meant}`?"),
        None => format!("{what} `{wrong}`: one of {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_column() {
        let problem = Problem::at(Path::new("a.toml"), "x = 1\nyé = 2\n", &(10..11), "no");
        assert_eq!(problem.to_string(), "a.toml:2:4: no");
    }

    #[test]
    fn the_nearest_word_is_offered_only_when_it_is_near() {
        assert_eq!(nearest("regoin", ["region", "profile"]), Some("region"));
        assert_eq!(nearest("colour", ["region", "profile"]), None);
        assert_eq!(
            explain("unknown field `regoin`, expected one of `region`, `profile`"),
            "unknown key `regoin`: did you mean `region`?"
        );
    }
}
