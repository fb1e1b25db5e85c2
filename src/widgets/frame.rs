//! One frame around a pane, with words in its upper edge.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::theme::{Look, Tone};

use super::text::{Pen, width};

/// A piece of a frame's title.
#[derive(Debug, Clone)]
pub struct Piece {
    pub text: String,
    pub style: Style,
}

impl Piece {
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

/// Draws a frame and returns what is inside. Too small an area gets none.
pub fn frame(buffer: &mut Buffer, area: Rect, look: &Look, is_focused: bool, title: &[Piece], foot: &[Piece]) -> Rect {
    let area = area.intersection(buffer.area);
    if area.width < 3 || area.height < 3 {
        return area;
    }
    let line = &look.glyphs.line;
    let style = look.style(if is_focused { Tone::Accent } else { Tone::Border });
    let (left, right) = (area.x, area.right() - 1);
    let (top, bottom) = (area.y, area.bottom() - 1);
    for x in left + 1..right {
        buffer[(x, top)].set_symbol(line.horizontal).set_style(style);
        buffer[(x, bottom)].set_symbol(line.horizontal).set_style(style);
    }
    for y in top + 1..bottom {
        buffer[(left, y)].set_symbol(line.vertical).set_style(style);
        buffer[(right, y)].set_symbol(line.vertical).set_style(style);
    }
    for ((x, y), corner) in [
        ((left, top), line.top_left),
        ((right, top), line.top_right),
        ((left, bottom), line.bottom_left),
        ((right, bottom), line.bottom_right),
    ] {
        buffer[(x, y)].set_symbol(corner).set_style(style);
    }
    edge(buffer, Rect { x: left + 1, y: top, width: area.width - 2, height: 1 }, title);
    edge(buffer, Rect { x: left + 1, y: bottom, width: area.width - 2, height: 1 }, foot);
    Rect { x: left + 1, y: top + 1, width: area.width - 2, height: area.height - 2 }
}

/// Words in an edge, each with a space around it; what does not fit is left out.
fn edge(buffer: &mut Buffer, area: Rect, pieces: &[Piece]) {
    let mut pen = Pen::new(buffer, area, 0);
    for (index, piece) in pieces.iter().filter(|piece| !piece.text.is_empty()).enumerate() {
        if pen.room() < width(&piece.text) + 3 {
            break;
        }
        if index > 0 {
            pen.skip(1);
        }
        pen.put(" ", Style::new()).put(&piece.text, piece.style).put(" ", Style::new());
    }
}

/// Blanks an area before something is drawn over what is there.
pub fn clear(buffer: &mut Buffer, area: Rect) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            buffer[(x, y)].reset();
        }
    }
}

/// A centred area of at most this size.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}
