//! Where a long list stands: what is chosen and what is seen of it.

/// A window of `height` rows over a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    pub offset: usize,
    pub height: usize,
}

impl Window {
    /// Moves the window so that the row is seen and no space is wasted at the end.
    pub fn follow(&mut self, row: usize, len: usize) {
        if self.height == 0 {
            return;
        }
        if row < self.offset {
            self.offset = row;
        } else if row >= self.offset + self.height {
            self.offset = row + 1 - self.height;
        }
        self.offset = self.offset.min(len.saturating_sub(self.height));
    }

    pub fn scroll(&mut self, rows: isize, len: usize) {
        self.offset = self.offset.saturating_add_signed(rows).min(len.saturating_sub(self.height));
    }

    /// The rows that are seen.
    pub fn range(&self, len: usize) -> std::ops::Range<usize> {
        let start = self.offset.min(len);
        start..(start + self.height).min(len)
    }
}

/// Ways to move in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
}

impl Move {
    /// Where a move from a row ends; `None` in an empty list.
    pub fn from(self, row: usize, len: usize, page: usize) -> Option<usize> {
        let last = len.checked_sub(1)?;
        let page = page.saturating_sub(1).max(1);
        Some(
            match self {
                Self::Up => row.saturating_sub(1),
                Self::Down => row + 1,
                Self::PageUp => row.saturating_sub(page),
                Self::PageDown => row + page,
                Self::Top => 0,
                Self::Bottom => last,
            }
            .min(last),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_follows_and_wastes_nothing() {
        let mut window = Window { offset: 0, height: 5 };
        window.follow(7, 20);
        assert_eq!(window.range(20), 3..8);
        window.follow(19, 20);
        assert_eq!(window.range(20), 15..20);
        window.follow(2, 4);
        assert_eq!(window.range(4), 0..4);
        window.scroll(-10, 20);
        assert_eq!(window.offset, 0);
    }

    #[test]
    fn moves_stay_inside() {
        assert_eq!(Move::Down.from(4, 5, 10), Some(4));
        assert_eq!(Move::Up.from(0, 5, 10), Some(0));
        assert_eq!(Move::PageDown.from(0, 50, 10), Some(9));
        assert_eq!(Move::Bottom.from(0, 0, 10), None);
    }
}
