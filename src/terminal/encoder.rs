//! Turns the difference of two pictures into as few bytes as a terminal of any kind understands: over a slow line
//! every byte of a cursor key counts. Knows where the cursor stands and how it writes, from frame to frame.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// A gap of unchanged cells up to this long is written again rather than jumped over.
const SHORT_GAP: u16 = 4;
/// Fewer rows than these are not worth scrolling.
const LEAST_SCROLL: usize = 5;
/// The longest scroll that is looked for.
const FARTHEST: usize = 3;

/// How the terminal writes now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ink {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Ink = Ink { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

/// Modifiers with the number that sets and the number that ends them. Bold and dim end together.
const MODIFIERS: [(Modifier, &str, &str); 7] = [
    (Modifier::BOLD, "1", "22"),
    (Modifier::DIM, "2", "22"),
    (Modifier::ITALIC, "3", "23"),
    (Modifier::UNDERLINED, "4", "24"),
    (Modifier::REVERSED, "7", "27"),
    (Modifier::HIDDEN, "8", "28"),
    (Modifier::CROSSED_OUT, "9", "29"),
];

#[derive(Debug)]
pub(super) struct Encoder {
    ink: Ink,
    /// Where the cursor stands; `None` when it is not known.
    cursor: Option<(u16, u16)>,
}

impl Encoder {
    pub(super) const fn new() -> Self {
        Self { ink: PLAIN, cursor: None }
    }

    /// Nobody knows how the terminal writes and where: the next frame begins from nothing.
    pub(super) fn forget(&mut self) {
        *self = Self::new();
    }

    /// Writes what makes `shown` into `next`. Afterwards `shown` is not to be used any more.
    pub(super) fn encode(&mut self, shown: &mut Buffer, next: &Buffer, out: &mut Vec<u8>) {
        if let Some(scroll) = find_scroll(shown, next) {
            self.scroll(scroll, shown, out);
        }
        for (x, y, cell) in shown.diff_iter(next) {
            self.go_to(x, y, next, out);
            self.put(cell, out);
            // A wide sign at the edge leaves the cursor where terminals disagree about.
            let after = x + u16::try_from(crate::widgets::text::width(cell.symbol())).unwrap_or(1).max(1);
            self.cursor = (after < next.area.right()).then_some((after, y));
        }
    }

    fn go_to(&mut self, x: u16, y: u16, next: &Buffer, out: &mut Vec<u8>) {
        match self.cursor {
            Some(at) if at == (x, y) => {}
            Some((from, row)) if row == y && from < x && x - from <= SHORT_GAP && self.is_cheap(from, x, y, next) => {
                for between in from..x {
                    self.put(&next[(between, y)], out);
                }
            }
            Some((from, row)) if row == y && from < x => {
                out.extend_from_slice(format!("\x1b[{}C", x - from).as_bytes());
            }
            _ => out.extend_from_slice(format!("\x1b[{};{}H", y + 1, x + 1).as_bytes()),
        }
    }

    /// Whether unchanged cells can be written again without changing the ink.
    fn is_cheap(&self, from: u16, to: u16, y: u16, next: &Buffer) -> bool {
        (from..to).all(|x| {
            let cell = &next[(x, y)];
            cell.symbol().len() == 1 && self.fits(cell)
        })
    }

    /// Whether a cell looks as it should when it is written now. The colour of a blank's letter does not matter.
    fn fits(&self, cell: &Cell) -> bool {
        cell.bg == self.ink.bg
            && (cell.modifier == self.ink.modifier
                || (is_blank(cell) && !shows(cell.modifier) && !shows(self.ink.modifier)))
            && (cell.fg == self.ink.fg || (is_blank(cell) && !self.ink.modifier.contains(Modifier::REVERSED)))
    }

    fn put(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        if !self.fits(cell) {
            self.change_ink(Ink { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }, out);
        }
        out.extend_from_slice(cell.symbol().as_bytes());
    }

    fn change_ink(&mut self, to: Ink, out: &mut Vec<u8>) {
        let step = changes(self.ink, to);
        let afresh = changes(PLAIN, to);
        let parameters = if afresh.len() < step.len() {
            if afresh.is_empty() { String::new() } else { format!("0;{afresh}") }
        } else {
            step
        };
        out.extend_from_slice(format!("\x1b[{parameters}m").as_bytes());
        self.ink = to;
    }

    fn scroll(&mut self, scroll: Scroll, shown: &mut Buffer, out: &mut Vec<u8>) {
        // New rows take the background that is in force.
        if self.ink != PLAIN {
            self.change_ink(PLAIN, out);
        }
        let Scroll { top, bottom, by } = scroll;
        out.extend_from_slice(format!("\x1b[{};{}r", top + 1, bottom + 1).as_bytes());
        let times = by.unsigned_abs();
        if by > 0 {
            out.extend_from_slice(format!("\x1b[{};1H", bottom + 1).as_bytes());
            out.extend(std::iter::repeat_n(b'\n', times));
        } else {
            out.extend_from_slice(format!("\x1b[{};1H", top + 1).as_bytes());
            out.extend(b"\x1bM".iter().copied().cycle().take(2 * times));
        }
        out.extend_from_slice(b"\x1b[r");
        self.cursor = None;
        shift(shown, scroll);
    }
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " "
}

/// A modifier that is seen on a blank.
fn shows(modifier: Modifier) -> bool {
    modifier.intersects(Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT)
}

/// The numbers that lead from one ink to another.
fn changes(from: Ink, to: Ink) -> String {
    let mut parts: Vec<String> = Vec::new();
    let (removed, mut added) = (from.modifier - to.modifier, to.modifier - from.modifier);
    for (modifier, _, end) in MODIFIERS {
        if removed.contains(modifier) && !parts.iter().any(|part| part == end) {
            parts.push(end.to_owned());
        }
    }
    let pair = Modifier::BOLD | Modifier::DIM;
    if removed.intersects(pair) {
        added |= to.modifier & pair;
    }
    for (modifier, set, _) in MODIFIERS {
        if added.contains(modifier) {
            parts.push(set.to_owned());
        }
    }
    if from.fg != to.fg {
        parts.push(color(to.fg, 30));
    }
    if from.bg != to.bg {
        parts.push(color(to.bg, 40));
    }
    parts.join(";")
}

/// The numbers for a colour; `base` is 30 for letters and 40 for what is behind them.
fn color(color: Color, base: u8) -> String {
    let plain = |number: u8| (base + number).to_string();
    let bright = |number: u8| (base + 60 + number).to_string();
    match color {
        Color::Reset => plain(9),
        Color::Black => plain(0),
        Color::Red => plain(1),
        Color::Green => plain(2),
        Color::Yellow => plain(3),
        Color::Blue => plain(4),
        Color::Magenta => plain(5),
        Color::Cyan => plain(6),
        Color::Gray => plain(7),
        Color::DarkGray => bright(0),
        Color::LightRed => bright(1),
        Color::LightGreen => bright(2),
        Color::LightYellow => bright(3),
        Color::LightBlue => bright(4),
        Color::LightMagenta => bright(5),
        Color::LightCyan => bright(6),
        Color::White => bright(7),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

/// Rows `top` to `bottom` move up by `by`, or down if it is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Scroll {
    top: u16,
    bottom: u16,
    by: isize,
}

fn row(buffer: &Buffer, y: usize) -> &[Cell] {
    let width = usize::from(buffer.area.width);
    &buffer.content[y * width..(y + 1) * width]
}

/// Finds whether most of what is different is a block of rows that moved.
fn find_scroll(shown: &Buffer, next: &Buffer) -> Option<Scroll> {
    let height = usize::from(next.area.height);
    let is_same = |from: usize, to: usize| row(shown, from) == row(next, to);
    let changed: Vec<usize> = (0..height).filter(|y| !is_same(*y, *y)).collect();
    let (first, last) = (*changed.first()?, *changed.last()?);
    if changed.len() < LEAST_SCROLL {
        return None;
    }
    let mut best: Option<(usize, Scroll)> = None;
    for distance in 1..=FARTHEST.min(last - first) {
        for is_up in [true, false] {
            // Of the changed rows: those that are found where they were `distance` ago.
            let found = |y: usize| {
                let from = if is_up { y + distance } else { y.wrapping_sub(distance) };
                (first..=last).contains(&from) && is_same(from, y)
            };
            let moved = (first..=last).filter(|y| found(*y)).count();
            let unmoved = (first..=last).filter(|y| is_same(*y, *y)).count();
            if moved >= unmoved + LEAST_SCROLL && best.is_none_or(|(most, _)| moved > most) {
                let by = isize::try_from(distance).ok()?;
                let scroll = Scroll {
                    top: u16::try_from(first).ok()?,
                    bottom: u16::try_from(last).ok()?,
                    by: if is_up { by } else { -by },
                };
                best = Some((moved, scroll));
            }
        }
    }
    best.map(|(_, scroll)| scroll)
}

/// Does to the picture what the terminal does to the screen.
fn shift(buffer: &mut Buffer, Scroll { top, bottom, by }: Scroll) {
    let width = usize::from(buffer.area.width);
    let block = &mut buffer.content[usize::from(top) * width..(usize::from(bottom) + 1) * width];
    let cells = by.unsigned_abs() * width;
    if by > 0 {
        block.rotate_left(cells);
        let end = block.len();
        block[end - cells..].fill(Cell::EMPTY);
    } else {
        block.rotate_right(cells);
        block[..cells].fill(Cell::EMPTY);
    }
}

#[cfg(test)]
mod tests;
