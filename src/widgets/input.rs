//! One line of text that is being typed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;

use super::text::{Pen, width};

/// Longer input is nobody's intention.
const LONGEST: usize = 1000;

/// Text with a cursor, which stands before a grapheme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    graphemes: Vec<String>,
    cursor: usize,
}

impl Input {
    pub fn new(text: &str) -> Self {
        let graphemes: Vec<String> = text.graphemes(true).map(str::to_owned).collect();
        Self { cursor: graphemes.len(), graphemes }
    }

    pub fn text(&self) -> String {
        self.graphemes.concat()
    }

    pub fn is_empty(&self) -> bool {
        self.graphemes.is_empty()
    }

    /// Whether the cursor stands behind the last character.
    pub fn is_at_end(&self) -> bool {
        self.cursor == self.graphemes.len()
    }

    pub fn insert(&mut self, c: char) {
        if self.graphemes.len() < LONGEST && !c.is_control() {
            let mut text = self.graphemes[..self.cursor].concat();
            text.push(c);
            let tail = self.graphemes.split_off(self.cursor);
            // A combining character joins the one before it.
            self.graphemes = text.graphemes(true).map(str::to_owned).collect();
            self.cursor = self.graphemes.len();
            self.graphemes.extend(tail);
        }
    }

    pub fn insert_text(&mut self, text: &str) {
        for c in text.chars() {
            self.insert(if c.is_control() { ' ' } else { c });
        }
    }

    /// Deletes to the left.
    pub fn backspace(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.graphemes.remove(self.cursor);
        }
    }

    pub fn delete(&mut self) {
        if self.cursor < self.graphemes.len() {
            self.graphemes.remove(self.cursor);
        }
    }

    pub fn delete_word(&mut self) {
        let is_space = |text: &String| text.trim().is_empty();
        while self.cursor > 0 && is_space(&self.graphemes[self.cursor - 1]) {
            self.backspace();
        }
        while self.cursor > 0 && !is_space(&self.graphemes[self.cursor - 1]) {
            self.backspace();
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn left(&mut self) {
        self.cursor = self.cursor.saturating_sub(1);
    }

    pub fn right(&mut self) {
        self.cursor = (self.cursor + 1).min(self.graphemes.len());
    }

    pub fn home(&mut self) {
        self.cursor = 0;
    }

    pub fn end(&mut self) {
        self.cursor = self.graphemes.len();
    }

    /// Draws the text and, if it has the focus, its cursor. Long text is shifted so that the cursor is seen.
    pub fn view(&self, buffer: &mut Buffer, area: Rect, row: u16, style: Style, has_focus: bool) {
        let room = usize::from(area.width).saturating_sub(1);
        let mut first = 0;
        let wide = |from: usize, to: usize| self.graphemes[from..to].iter().map(|text| width(text)).sum::<usize>();
        while wide(first, self.cursor) > room {
            first += 1;
        }
        let mut pen = Pen::new(buffer, area, row);
        for (index, grapheme) in self.graphemes.iter().enumerate().skip(first) {
            let is_under = has_focus && index == self.cursor;
            pen.put(grapheme, if is_under { style.add_modifier(Modifier::REVERSED) } else { style });
        }
        if has_focus && self.is_at_end() {
            pen.put(" ", style.add_modifier(Modifier::REVERSED));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_and_deleting_keep_the_cursor_in_place() {
        let mut input = Input::new("etl prod");
        input.left();
        input.insert('x');
        assert_eq!(input.text(), "etl proxd");
        input.backspace();
        input.end();
        input.delete_word();
        assert_eq!(input.text(), "etl ");
        input.home();
        input.delete();
        assert_eq!(input.text(), "tl ");
        input.clear();
        input.backspace();
        input.delete();
        input.left();
        assert!(input.is_empty());
    }

    #[test]
    fn combining_characters_join_and_control_characters_stay_out() {
        let mut input = Input::default();
        input.insert('e');
        input.insert('\u{301}');
        input.insert('\u{1b}');
        input.backspace();
        assert!(input.is_empty());
        input.insert_text("a\nb");
        assert_eq!(input.text(), "a b");
    }

    #[test]
    fn a_long_text_is_shifted_to_the_cursor() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
        Input::new("abcdefgh").view(&mut buffer, Rect::new(0, 0, 6, 1), 0, Style::new(), true);
        assert_eq!(buffer[(0, 0)].symbol(), "d");
        assert!(buffer[(5, 0)].modifier.contains(Modifier::REVERSED));
    }
}
