//! Printing: a reader that closes the pipe is no error.

use std::io::{ErrorKind, Write};

use super::Exit;

pub(super) fn print(text: &[u8]) -> Exit {
    let mut out = std::io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => Exit::Ok,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Exit::Ok,
        Err(error) => {
            eprintln!("sparkdeck: cannot write to the output: {error}");
            Exit::Internal
        }
    }
}

pub(super) fn print_json(value: &impl serde::Serialize) -> Exit {
    match serde_json::to_vec_pretty(value) {
        Ok(mut text) => {
            text.push(b'\n');
            print(&text)
        }
        Err(error) => {
            eprintln!("sparkdeck: cannot make JSON: {error}");
            Exit::Internal
        }
    }
}

/// Columns as wide as their widest cell; numbers to the right.
pub(super) fn table(header: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    use unicode_width::UnicodeWidthStr;
    let widths: Vec<usize> = header
        .iter()
        .enumerate()
        .map(|(column, (title, _))| rows.iter().map(|row| row[column].width()).max().unwrap_or(0).max(title.width()))
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut out = String::new();
        for (column, cell) in cells.enumerate() {
            let space = " ".repeat(widths[column].saturating_sub(cell.width()));
            if column > 0 {
                out.push_str("  ");
            }
            match header[column].1 {
                Align::Left => out.extend([cell, &space]),
                Align::Right => out.extend([space.as_str(), cell]),
            }
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
        out
    };
    let mut out = line(&mut header.iter().map(|(title, _)| *title));
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
}
