//! Numbers and times as an operator reads them.

use std::time::Duration;

/// `41s`, `22m`, `3h12`, `8d`.
pub fn age(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h{:02}", seconds / 3600, seconds / 60 % 60),
        86_400..864_000 => format!("{}d{:02}h", seconds / 86_400, seconds / 3600 % 24),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// `1m20s`: what passes while one waits.
pub fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => age(time),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "0s")]
    #[case(41, "41s")]
    #[case(22 * 60 + 59, "22m")]
    #[case(3 * 3600 + 12 * 60, "3h12")]
    #[case(2 * 86_400 + 3 * 3600, "2d03h")]
    #[case(30 * 86_400, "30d")]
    fn ages_are_short(#[case] seconds: u64, #[case] text: &str) {
        assert_eq!(age(Duration::from_secs(seconds)), text);
    }
}
