//! Leaving while something is under way is asked about.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::commands::QUIT;
use crate::keymap::Keymap;
use crate::panes::operations::headline;
use crate::tea::ViewCx;
use crate::theme::Tone;
use crate::widgets::text::Pen;

use super::{Wish, hint, window};

#[derive(Debug, Default)]
pub struct Quit;

impl Quit {
    #[expect(clippy::unused_self, reason = "overlays are called alike")]
    pub(super) fn command(&self, id: &str) -> Vec<Wish> {
        match id {
            "quit.leave" => vec![Wish::Leave],
            "quit.stay" => vec![Wish::Close],
            _ => Vec::new(),
        }
    }

    #[expect(clippy::unused_self, reason = "overlays are called alike")]
    pub(super) fn view(&self, cx: &ViewCx<'_>, keymap: &Keymap, area: Rect, buffer: &mut Buffer) {
        let open: Vec<_> = cx.fleet.operations().iter().filter(|operation| operation.state.is_open()).collect();
        let hints: Vec<(String, &str)> =
            [hint(keymap, QUIT, "quit.stay", "stay"), hint(keymap, QUIT, "quit.leave", "leave")]
                .into_iter()
                .flatten()
                .collect();
        let height = u16::try_from(open.len()).unwrap_or(u16::MAX).saturating_add(5);
        let inner = window(cx, area, 70, height, "leave?", &hints, buffer);
        let text = cx.look.style(Tone::Text);
        for (row, operation) in open.iter().enumerate() {
            let line = format!("{} {}", cx.look.glyphs.progress, headline(operation, &cx.look.glyphs));
            Pen::new(buffer, inner, u16::try_from(row).unwrap_or(0)).skip(1).put_cut(
                &line,
                cx.look.glyphs.ellipsis,
                cx.look.style(Tone::Busy),
            );
        }
        let below = u16::try_from(open.len()).unwrap_or(0) + 1;
        Pen::new(buffer, inner, below).skip(1).put("goes on in the cloud without being watched;", text);
        Pen::new(buffer, inner, below + 1).skip(1).put("the journal will say that it was left.", text);
    }
}
