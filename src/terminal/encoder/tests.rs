use proptest::prelude::*;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;

/// A terminal that does what the bytes say, by another program's understanding.
fn replay(size: (u16, u16), frames: &[Vec<u8>]) -> vt100::Screen {
    let cells = |length: u16| std::num::NonZero::new(length).unwrap();
    let mut parser = vt100::Parser::new(cells(size.1), cells(size.0), 0);
    for frame in frames {
        parser.process(frame);
    }
    parser.screen().clone()
}

fn assert_shows(screen: &vt100::Screen, picture: &Buffer) {
    for y in 0..picture.area.height {
        for x in 0..picture.area.width {
            let (cell, seen) = (&picture[(x, y)], screen.cell(y, x).unwrap());
            let text = if seen.has_contents() { seen.contents() } else { " " };
            assert_eq!(text, cell.symbol(), "at {x},{y}");
            if cell.symbol() != " " {
                assert_eq!(seen.fgcolor(), color_of(cell.fg), "letters at {x},{y}");
                if !cell.modifier.contains(Modifier::DIM) {
                    assert_eq!(seen.bold(), cell.modifier.contains(Modifier::BOLD), "bold at {x},{y}");
                }
            }
            assert_eq!(seen.bgcolor(), color_of(cell.bg), "ground at {x},{y}");
            assert_eq!(seen.inverse(), cell.modifier.contains(Modifier::REVERSED), "reversed at {x},{y}");
        }
    }
}

fn color_of(color: Color) -> vt100::Color {
    match color {
        Color::Red => vt100::Color::Idx(1),
        Color::DarkGray => vt100::Color::Idx(8),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        _ => vt100::Color::Default,
    }
}

fn style(number: u8) -> Style {
    match number % 7 {
        0 => Style::new(),
        1 => Style::new().fg(Color::Red),
        2 => Style::new().fg(Color::Indexed(245)),
        3 => Style::new().bg(Color::Rgb(1, 2, 3)),
        4 => Style::new().add_modifier(Modifier::BOLD),
        5 => Style::new().fg(Color::DarkGray).bg(Color::Indexed(237)).add_modifier(Modifier::REVERSED),
        // Bold and dim together mean different things to different terminals.
        _ => Style::new().add_modifier(Modifier::DIM).fg(Color::Red),
    }
}

fn picture(size: Rect, pieces: &[(u16, u16, String, u8)]) -> Buffer {
    let mut buffer = Buffer::empty(size);
    for (x, y, text, number) in pieces {
        buffer.set_stringn(
            x % size.width,
            y % size.height,
            text,
            usize::from(size.width - x % size.width),
            style(*number),
        );
    }
    buffer
}

proptest! {
    #[test]
    fn whatever_is_drawn_is_shown(
        frames in proptest::collection::vec(
            proptest::collection::vec((0_u16..20, 0_u16..12, "[ a-z✗●]{0,12}", 0_u8..14), 0..20),
            1..6,
        ),
    ) {
        let size = Rect::new(0, 0, 20, 12);
        let mut encoder = Encoder::new();
        let mut shown = Buffer::empty(size);
        let mut written = Vec::new();
        for pieces in &frames {
            let next = picture(size, pieces);
            let mut out = Vec::new();
            encoder.encode(&mut shown, &next, &mut out);
            written.push(out);
            assert_shows(&replay((20, 12), &written), &next);
            shown = next;
        }
    }

    #[test]
    fn scrolled_lists_are_shown_too(first in 0_usize..20, steps in proptest::collection::vec(-4_isize..5, 1..12)) {
        let size = Rect::new(0, 0, 20, 14);
        let mut encoder = Encoder::new();
        let mut shown = Buffer::empty(size);
        let mut written = Vec::new();
        let mut at = first;
        for step in steps {
            at = at.saturating_add_signed(step);
            let rows: Vec<_> = (0..10_u16)
                .map(|row| (1, row + 2, format!("|row {:<8}|", at + usize::from(row)), if row == 9 { 5 } else { 0 }))
                .collect();
            let next = picture(size, &rows);
            let mut out = Vec::new();
            encoder.encode(&mut shown, &next, &mut out);
            written.push(out);
            assert_shows(&replay((20, 14), &written), &next);
            shown = next;
        }
    }
}

#[test]
fn a_list_that_scrolls_by_one_row_costs_two_rows() {
    let size = Rect::new(0, 0, 60, 30);
    let list = |first: u16| {
        let rows: Vec<_> = (0..25).map(|row| (0, row + 3, format!("cluster number {:<40}", first + row), 0)).collect();
        picture(size, &rows)
    };
    let mut encoder = Encoder::new();
    let mut out = Vec::new();
    encoder.encode(&mut Buffer::empty(size), &list(0), &mut out);
    let whole = out.len();
    out.clear();
    encoder.encode(&mut list(0), &list(1), &mut out);
    assert!(out.len() < 100 && whole > 500, "{} of {whole} bytes", out.len());
}

#[test]
fn nothing_changed_is_nothing_written() {
    let size = Rect::new(0, 0, 20, 5);
    let mut out = Vec::new();
    Encoder::new().encode(
        &mut picture(size, &[(1, 1, "x".into(), 1)]),
        &picture(size, &[(1, 1, "x".into(), 1)]),
        &mut out,
    );
    assert!(out.is_empty());
}
