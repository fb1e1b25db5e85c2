//! The operator's clipboard, through the terminal (OSC 52): works over SSH and inside tmux and screen.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Terminals take about this much; more is cut off silently by some.
const MOST: usize = 74_000;

/// The sequence that puts a text on the clipboard; `None` when the text is too long for it.
pub(super) fn copy(text: &str, multiplexer: Option<&str>) -> Option<Vec<u8>> {
    let encoded = STANDARD.encode(text);
    if encoded.len() > MOST {
        return None;
    }
    let plain = format!("\x1b]52;c;{encoded}\x07");
    let wrapped = match multiplexer {
        // tmux takes the plain one with set-clipboard on, and passes the wrapped one through with allow-passthrough.
        Some("tmux") => format!("\x1bPtmux;{}\x1b\\{plain}", plain.replace('\x1b', "\x1b\x1b")),
        // screen takes pieces of at most 768 bytes.
        Some(_) => {
            let pieces: Vec<String> =
                plain.as_bytes().chunks(76).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
            format!("\x1bP{}\x1b\\", pieces.join("\x1b\\\x1bP"))
        }
        None => plain,
    };
    Some(wrapped.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_wrapped_for_what_lies_between() {
        assert_eq!(copy("j-1", None).unwrap(), b"\x1b]52;c;ai0x\x07");
        let tmux = String::from_utf8(copy("j-1", Some("tmux")).unwrap()).unwrap();
        assert!(tmux.starts_with("\x1bPtmux;\x1b\x1b]52;c;ai0x\x07\x1b\\"), "{tmux:?}");
        assert!(copy("j-1", Some("screen")).unwrap().starts_with(b"\x1bP\x1b]52;c;"));
        assert_eq!(copy(&"x".repeat(100_000), None), None);
    }
}
