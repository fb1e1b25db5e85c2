//! One key press, its name, and back.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    Char(char),
    Enter,
    Esc,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// A key with its modifiers. Shift is part of a character (`N`), and a flag only for other keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

impl Key {
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// The character that this key types, if it types one.
    pub const fn typed(&self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Simpler keys are preferred in hints.
    pub(super) fn weight(&self) -> u8 {
        let named = match self.code {
            Code::Char(c) if c.is_ascii_lowercase() || !c.is_alphabetic() => 0,
            Code::Enter | Code::Esc | Code::Tab => 0,
            Code::Char(_) => 1,
            _ => 2,
        };
        named + 2 * u8::from(self.ctrl) + 3 * u8::from(self.alt) + u8::from(self.shift)
    }
}

/// A key name that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key: a character, or ctrl-x, alt-x, shift-x, enter, esc, tab, space, up, pgdn, f1, …")]
pub struct KeyError(pub String);

const NAMED: [(&str, Code); 16] = [
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("backtab", Code::BackTab),
    ("bs", Code::Backspace),
    ("del", Code::Delete),
    ("ins", Code::Insert),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
    ("space", Code::Char(' ')),
];

fn named(name: &str) -> Option<Code> {
    let number = || name.strip_prefix('f')?.parse::<u8>().ok().filter(|number| (1..=24).contains(number));
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, code)| *code).or_else(|| number().map(Code::F))
}

impl std::str::FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError(text.to_owned());
        let mut key = Self::char(' ');
        let mut rest = text;
        loop {
            let (modifier, after) = match rest.split_once('-') {
                Some((modifier, after)) if !after.is_empty() => (modifier, after),
                _ => break,
            };
            match modifier {
                "ctrl" => key.ctrl = true,
                "alt" => key.alt = true,
                "shift" => key.shift = true,
                _ => break,
            }
            rest = after;
        }
        let mut characters = rest.chars();
        key.code = match (characters.next(), characters.next()) {
            (Some(c), None) => Code::Char(c),
            _ => named(rest).ok_or_else(wrong)?,
        };
        if let (true, Code::Char(c)) = (key.shift, key.code) {
            key.code = Code::Char(c.to_uppercase().next().filter(|upper| *upper != c).ok_or_else(wrong)?);
            key.shift = false;
        }
        if key.shift && key.code == Code::Tab {
            key = Self { code: Code::BackTab, shift: false, ..key };
        }
        Ok(key)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (is_held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if is_held {
                f.write_str(name)?;
            }
        }
        if let Code::Char(c) = self.code
            && c != ' '
        {
            return write!(f, "{c}");
        }
        if let Code::F(number) = self.code {
            return write!(f, "f{number}");
        }
        f.write_str(NAMED.iter().find(|(_, code)| *code == self.code).map_or("?", |(name, _)| name))
    }
}

/// `g g` → two keys.
///
/// # Errors
/// The first word that is no key.
pub fn parse_keys(text: &str) -> Result<Vec<Key>, KeyError> {
    let keys: Vec<Key> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err(KeyError(text.to_owned())) } else { Ok(keys) }
}

/// How a sequence of keys is written in hints.
pub fn show_keys(keys: &[Key]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("q", "q")]
    #[case("ctrl-d", "ctrl-d")]
    #[case("N", "N")]
    #[case("enter", "enter")]
    #[case("alt-ctrl-x", "ctrl-alt-x")]
    #[case("shift-n", "N")]
    #[case("shift-tab", "backtab")]
    #[case("f12", "f12")]
    #[case("space", "space")]
    #[case("-", "-")]
    #[case("ctrl--", "ctrl--")]
    #[case("shift-up", "shift-up")]
    #[case("/", "/")]
    fn names_read_back(#[case] text: &str, #[case] shown: &str) {
        let key: Key = text.parse().unwrap();
        assert_eq!(key.to_string(), shown);
    }

    #[rstest]
    #[case("ctl-d")]
    #[case("f99")]
    #[case("")]
    #[case("shift-1")]
    #[case("return")]
    fn nonsense_is_no_key(#[case] text: &str) {
        assert!(text.parse::<Key>().is_err());
    }
}
