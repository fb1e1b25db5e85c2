//! Who is drawn where, by the size of the screen.
//!
//! ```text
//! header ──────────────── what, how many, who, when
//! lanes ───────────────── one word on each connection (small screens: only in trouble)
//! list                    ┐ main
//! detail (from 110x30 on) ┘
//! strip ───────────────── what is under way, what was just said
//! hints ───────────────── keys
//! ```

use ratatui::layout::Rect;

/// A smaller screen only says that it is too small.
pub(super) const LEAST: (u16, u16) = (60, 15);
/// From this size on the detail stands below the list.
const SPLIT: (u16, u16) = (110, 30);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Areas {
    pub(super) header: Rect,
    pub(super) lanes: Rect,
    /// List and detail together.
    pub(super) main: Rect,
    pub(super) list: Rect,
    pub(super) detail: Option<Rect>,
    pub(super) strip: Rect,
    pub(super) hints: Rect,
}

impl Areas {
    /// `has_trouble`: the lanes are wanted on a small screen, too.
    pub(super) fn of(size: Rect, has_trouble: bool, has_strip: bool) -> Self {
        let is_split = size.width >= SPLIT.0 && size.height >= SPLIT.1;
        let lanes = u16::from(is_split || has_trouble);
        let strip = u16::from(has_strip);
        let mut y = size.y;
        let mut take = |height: u16| {
            let height = height.min(size.bottom().saturating_sub(y));
            let area = Rect { y, height, ..size };
            y += height;
            area
        };
        let header = take(1);
        let lanes = take(lanes);
        let main = take(size.height.saturating_sub(2 + lanes.height + strip));
        let strip = take(strip);
        let hints = take(1);
        let (list, detail) = if is_split {
            // The list gets three fifths; on a tall screen the detail needs no more than this.
            let below = (main.height * 2 / 5).clamp(11, 22);
            let list = Rect { height: main.height - below, ..main };
            (list, Some(Rect { y: list.bottom(), height: below, ..main }))
        } else {
            (main, None)
        };
        Self { header, lanes, main, list, detail, strip, hints }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(80, 24, false)]
    #[case(120, 36, true)]
    #[case(160, 45, true)]
    #[case(200, 25, false)]
    #[case(1, 1, false)]
    fn every_row_has_one_owner(#[case] width: u16, #[case] height: u16, #[case] is_split: bool) {
        for (trouble, strip) in [(false, false), (true, false), (false, true), (true, true)] {
            let size = Rect::new(0, 0, width, height);
            let areas = Areas::of(size, trouble, strip);
            let rows = [areas.header, areas.lanes, areas.main, areas.strip, areas.hints];
            assert!(rows.iter().map(|area| area.height).sum::<u16>() <= height);
            assert!(rows.iter().all(|area| area.bottom() <= height));
            assert_eq!(areas.detail.is_some(), is_split);
            if let Some(detail) = areas.detail {
                assert_eq!(areas.list.height + detail.height, areas.main.height);
            }
        }
    }
}
