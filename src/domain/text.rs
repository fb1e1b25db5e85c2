//! Text from outside is not trusted: names, tags, messages and logs lose whatever could move the cursor,
//! recolour the screen or reorder what is read, before anything else sees them.

use std::borrow::Cow;

/// Replaces what must never reach a terminal: C0 and C1 controls and DEL by U+FFFD,
/// bidirectional overrides, zero-width and other invisible formatting characters by nothing.
///
/// Tab and line breaks become one space: the result is a single line.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(needs_care) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if is_invisible(c) => {}
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// [`clean`] for an owned string; keeps the allocation when there is nothing to do.
pub fn cleaned(text: String) -> String {
    match clean(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

fn needs_care(c: char) -> bool {
    c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(clean("etl-nightly-prod ünïcödé 日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn nothing_that_drives_a_terminal_survives() {
        let nasty = "a\x1b[31mred\x07\u{9b}2J\u{202e}evil\u{200b}\u{2066}x\ny\tz\r\u{7f}";
        let out = clean(nasty);
        assert!(!out.chars().any(|c| c.is_control() || is_invisible(c)), "{out:?}");
        assert_eq!(out, "a\u{fffd}[31mred\u{fffd}\u{fffd}2Jevilx y z \u{fffd}");
    }
}
