//! Putting text into a buffer: cut to fit, never a broken character.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// Cuts at the end: `etl-nightly-p…`.
pub fn cut_end<'a>(text: &'a str, most: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= most {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(width(ellipsis));
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = width(grapheme);
        if used + wide > room {
            break;
        }
        used += wide;
        out.push_str(grapheme);
    }
    if most > 0 {
        out.push_str(ellipsis);
    }
    Cow::Owned(out)
}

/// Cuts in the middle, as identifiers want it: `j-2AX…9QK`.
pub fn cut_middle<'a>(text: &'a str, most: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= most {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(width(ellipsis));
    let (head, tail) = (room.div_ceil(2), room / 2);
    let graphemes: Vec<&str> = text.graphemes(true).collect();
    if head + tail == 0 || graphemes.len() < head + tail {
        return cut_end(text, most, ellipsis);
    }
    let mut out: String = graphemes[..head].concat();
    out.push_str(ellipsis);
    out.push_str(&graphemes[graphemes.len() - tail..].concat());
    Cow::Owned(out)
}

/// Breaks a text into lines of at most `most` columns, at spaces where there are any.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let wide = width(word.trim_end());
        if used + wide > most && used > 0 && wide <= most {
            lines.push(String::new());
            used = 0;
        }
        for grapheme in word.graphemes(true) {
            let wide = width(grapheme);
            if used + wide > most {
                if grapheme == " " {
                    continue;
                }
                lines.push(String::new());
                used = 0;
            }
            used += wide;
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
        }
    }
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines
}

/// Writes from left to right on one row, and knows where it is.
#[derive(Debug)]
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    row: u16,
    at: u16,
    end: u16,
}

impl<'a> Pen<'a> {
    /// A pen at the left of the n-th row of an area; below the area it writes nothing.
    pub fn new(buffer: &'a mut Buffer, area: Rect, row: u16) -> Self {
        let area = area.intersection(buffer.area);
        let end = if row < area.height { area.right() } else { area.x };
        Self { buffer, row: area.y.saturating_add(row), at: area.x, end }
    }

    /// Columns that are left.
    pub fn room(&self) -> usize {
        usize::from(self.end.saturating_sub(self.at))
    }

    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        if self.at < self.end && !text.is_empty() {
            let (x, _) = self.buffer.set_stringn(self.at, self.row, text, self.room(), style);
            self.at = x.max(self.at);
        }
        self
    }

    /// Puts a text that is cut at the end if there is too little room.
    pub fn put_cut(&mut self, text: &str, ellipsis: &str, style: Style) -> &mut Self {
        let cut = cut_end(text, self.room(), ellipsis);
        self.put(&cut, style)
    }

    /// A text in a column of this width: cut at the end or filled up, then one space.
    pub fn cell(&mut self, text: &str, columns: usize, ellipsis: &str, style: Style) -> &mut Self {
        let cut = cut_end(text, columns, ellipsis);
        let blank = columns.saturating_sub(width(&cut));
        self.put(&cut, style).skip(blank + 1)
    }

    /// The same, to the right.
    pub fn cell_right(&mut self, text: &str, columns: usize, ellipsis: &str, style: Style) -> &mut Self {
        let cut = cut_end(text, columns, ellipsis);
        let blank = columns.saturating_sub(width(&cut));
        self.skip(blank).put(&cut, style).skip(1)
    }

    pub fn skip(&mut self, columns: usize) -> &mut Self {
        self.at = self.at.saturating_add(u16::try_from(columns).unwrap_or(u16::MAX)).min(self.end);
        self
    }

    /// Goes to a column of the area, counted from its left, if it is not past it.
    pub fn go_to_right(&mut self, columns_left: usize) -> &mut Self {
        let at = self.end.saturating_sub(u16::try_from(columns_left).unwrap_or(u16::MAX));
        self.at = self.at.max(at);
        self
    }
}

/// Paints a style over a row, keeping the text.
pub fn tint(buffer: &mut Buffer, area: Rect, row: u16, style: Style) {
    if row < area.height {
        let line = Rect { y: area.y + row, height: 1, ..area };
        buffer.set_style(line.intersection(buffer.area), style);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("etl-nightly-prod", 8, "etl-nig…")]
    #[case("etl", 8, "etl")]
    #[case("日本語テスト", 7, "日本語…")]
    #[case("abc", 0, "")]
    fn names_are_cut_at_the_end(#[case] text: &str, #[case] most: usize, #[case] cut: &str) {
        assert_eq!(cut_end(text, most, "…"), cut);
    }

    #[rstest]
    #[case("j-2AXDEF1239QK", 9, "j-2A…39QK")]
    #[case("j-2AX", 9, "j-2AX")]
    #[case("j-2AX", 1, "…")]
    fn ids_are_cut_in_the_middle(#[case] text: &str, #[case] most: usize, #[case] cut: &str) {
        assert_eq!(cut_middle(text, most, "…"), cut);
    }

    #[test]
    fn long_text_breaks_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("step s-1 failed on node", 10), ["step s-1", "failed on", "node"]);
        assert_eq!(wrap("abcdefghijkl", 5), ["abcde", "fghij", "kl"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn a_pen_never_leaves_its_area() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 2));
        let area = Rect::new(2, 0, 4, 1);
        Pen::new(&mut buffer, area, 0).put("abcdefgh", Style::new());
        Pen::new(&mut buffer, area, 1).put("zzz", Style::new());
        Pen::new(&mut buffer, Rect::new(8, 0, 50, 50), 0).put("yyyyy", Style::new());
        assert_eq!(buffer, Buffer::with_lines(["  abcd  yy", "          "]));
    }
}
