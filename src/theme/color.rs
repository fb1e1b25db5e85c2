//! Colours by name or number, and the nearest ones that a terminal has.

use ratatui::style::Color;

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    Mono,
    Ansi16,
    Ansi256,
    True,
}

impl Depth {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mono => "none",
            Self::Ansi16 => "16",
            Self::Ansi256 => "256",
            Self::True => "true colour",
        }
    }
}

const NAMED: [(&str, Color); 17] = [
    ("default", Color::Reset),
    ("black", Color::Black),
    ("red", Color::Red),
    ("green", Color::Green),
    ("yellow", Color::Yellow),
    ("blue", Color::Blue),
    ("magenta", Color::Magenta),
    ("cyan", Color::Cyan),
    ("gray", Color::Gray),
    ("darkgray", Color::DarkGray),
    ("lightred", Color::LightRed),
    ("lightgreen", Color::LightGreen),
    ("lightyellow", Color::LightYellow),
    ("lightblue", Color::LightBlue),
    ("lightmagenta", Color::LightMagenta),
    ("lightcyan", Color::LightCyan),
    ("white", Color::White),
];

/// The usual values of the 16 colours, in the order of [`ANSI16`].
const ANSI16_RGB: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 49, 49),
    (13, 188, 121),
    (229, 229, 16),
    (36, 114, 200),
    (188, 63, 188),
    (17, 168, 205),
    (204, 204, 204),
    (102, 102, 102),
    (241, 76, 76),
    (35, 209, 139),
    (245, 245, 67),
    (59, 142, 234),
    (214, 112, 214),
    (41, 184, 219),
    (255, 255, 255),
];
const ANSI16: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// `red`, `#d7af5f`, `214`, or nothing that is a colour.
pub(super) fn named(text: &str) -> Option<Color> {
    if let Some((_, color)) = NAMED.iter().find(|(name, _)| *name == text) {
        return Some(*color);
    }
    if let Some(hex) = text.strip_prefix('#') {
        let number = u32::from_str_radix(hex, 16).ok().filter(|_| hex.len() == 6)?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Color::Rgb(red, green, blue));
    }
    text.parse::<u8>().ok().map(Color::Indexed)
}

/// The nearest colour that a terminal of this depth has; none without colours.
pub(super) fn reduce(color: Color, depth: Depth) -> Option<Color> {
    match (depth, color) {
        (Depth::Mono, _) => None,
        (Depth::True, color) => Some(color),
        (Depth::Ansi256, Color::Rgb(red, green, blue)) => Some(Color::Indexed(nearest256((red, green, blue)))),
        (Depth::Ansi256, color) => Some(color),
        (Depth::Ansi16, Color::Rgb(red, green, blue)) => Some(nearest16((red, green, blue))),
        (Depth::Ansi16, Color::Indexed(index @ 0..=15)) => Some(ANSI16[usize::from(index)]),
        (Depth::Ansi16, Color::Indexed(index)) => Some(nearest16(rgb_of(index))),
        (Depth::Ansi16, color) => Some(color),
    }
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    // The eye sees green best and blue worst.
    2 * square(a.0, b.0) + 4 * square(a.1, b.1) + 3 * square(a.2, b.2)
}

fn nearest16(rgb: (u8, u8, u8)) -> Color {
    (0..16).min_by_key(|index| distance(ANSI16_RGB[*index], rgb)).map_or(Color::Gray, |index| ANSI16[index])
}

const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The colour of an index in the usual palette of 256.
fn rgb_of(index: u8) -> (u8, u8, u8) {
    match index {
        0..=15 => ANSI16_RGB[usize::from(index)],
        16..=231 => {
            let cube = index - 16;
            let step = |part: u8| STEPS[usize::from(part)];
            (step(cube / 36), step(cube / 6 % 6), step(cube % 6))
        }
        232.. => {
            let gray = 8 + (index - 232) * 10;
            (gray, gray, gray)
        }
    }
}

fn nearest256(rgb: (u8, u8, u8)) -> u8 {
    // The first 16 are whatever the user made them: only the cube and the grays are dependable.
    (16..=255).min_by_key(|index| distance(rgb_of(*index), rgb)).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("red", Some(Color::Red))]
    #[case("#d7af5f", Some(Color::Rgb(0xd7, 0xaf, 0x5f)))]
    #[case("214", Some(Color::Indexed(214)))]
    #[case("#d7af5", None)]
    #[case("blurple", None)]
    #[case("300", None)]
    fn colours_have_names_and_numbers(#[case] text: &str, #[case] color: Option<Color>) {
        assert_eq!(named(text), color);
    }

    #[test]
    fn colours_become_the_nearest_there_is() {
        let amber = Color::Rgb(0xd7, 0xaf, 0x5f);
        assert_eq!(reduce(amber, Depth::Ansi256), Some(Color::Indexed(179)));
        assert_eq!(reduce(Color::Rgb(200, 40, 40), Depth::Ansi16), Some(Color::Red));
        assert_eq!(reduce(Color::Indexed(231), Depth::Ansi16), Some(Color::White));
        assert_eq!(reduce(amber, Depth::Mono), None);
    }
}
