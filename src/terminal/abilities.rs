//! What the terminal can do, as the environment tells it. The terminal itself is never asked: an answer that
//! comes late, or over a slow line, would be taken for keys.

use crate::theme::Depth;

/// What is known of the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abilities {
    pub term: String,
    pub depth: Depth,
    /// Why this depth.
    pub depth_because: String,
    pub is_utf8: bool,
    /// tmux, screen, or nothing.
    pub multiplexer: Option<&'static str>,
    pub is_ssh: bool,
}

/// Reads the environment through `lookup`.
pub fn detect(lookup: &dyn Fn(&str) -> Option<String>) -> Abilities {
    let set = |name: &str| lookup(name).filter(|value| !value.is_empty());
    let term = set("TERM").unwrap_or_default();
    let (depth, depth_because) = depth(&set, &term);
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| set(name)).unwrap_or_default().to_lowercase();
    let multiplexer = if set("TMUX").is_some() {
        Some("tmux")
    } else if set("STY").is_some() || term.starts_with("screen") {
        Some("screen")
    } else {
        None
    };
    Abilities {
        depth,
        depth_because,
        // The console of the kernel knows UTF-8 but has few signs.
        is_utf8: (locale.contains("utf-8") || locale.contains("utf8")) && term != "dumb",
        multiplexer,
        is_ssh: set("SSH_CONNECTION").is_some() || set("SSH_TTY").is_some(),
        term,
    }
}

fn depth(set: &dyn Fn(&str) -> Option<String>, term: &str) -> (Depth, String) {
    if set("NO_COLOR").is_some() {
        return (Depth::Mono, "NO_COLOR is set".into());
    }
    if term.is_empty() || term == "dumb" || term.starts_with("vt1") {
        return (Depth::Mono, format!("TERM is {}", if term.is_empty() { "not set" } else { term }));
    }
    match set("COLORTERM").as_deref() {
        Some(word @ ("truecolor" | "24bit")) => return (Depth::True, format!("COLORTERM is {word}")),
        _ if term.ends_with("-direct") => return (Depth::True, format!("TERM is {term}")),
        _ => {}
    }
    let has_256 = term.contains("256")
        || ["alacritty", "kitty", "ghostty", "wezterm", "foot"].iter().any(|name| term.contains(name));
    let depth = if has_256 { Depth::Ansi256 } else { Depth::Ansi16 };
    (depth, format!("TERM is {term}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")], Depth::True, true)]
    #[case(&[("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8")], Depth::Ansi256, true)]
    #[case(&[("TERM", "tmux-256color"), ("LANG", "C")], Depth::Ansi256, false)]
    #[case(&[("TERM", "xterm"), ("LANG", "C.UTF-8")], Depth::Ansi16, true)]
    #[case(&[("TERM", "linux"), ("LC_ALL", "POSIX"), ("LANG", "C.UTF-8")], Depth::Ansi16, false)]
    #[case(&[("TERM", "xterm-256color"), ("NO_COLOR", "1"), ("LANG", "C.UTF-8")], Depth::Mono, true)]
    #[case(&[("TERM", "xterm-256color"), ("NO_COLOR", ""), ("LANG", "C.UTF-8")], Depth::Ansi256, true)]
    #[case(&[("TERM", "dumb"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")], Depth::Mono, false)]
    #[case(&[], Depth::Mono, false)]
    fn the_environment_tells(#[case] set: &[(&str, &str)], #[case] depth: Depth, #[case] is_utf8: bool) {
        let lookup = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let abilities = detect(&lookup);
        assert_eq!((abilities.depth, abilities.is_utf8), (depth, is_utf8));
    }
}
