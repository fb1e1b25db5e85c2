//! What a pane is: it owns its own state, learns of changes, answers commands with requests, and draws by reading only.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{ClusterRef, GroupId};
use crate::store::{Changes, Fleet};
use crate::theme::Look;

use super::{Effect, Mouse, Notice};

/// All that a pane may read.
#[derive(Debug, Clone, Copy)]
pub struct ViewCx<'a> {
    pub fleet: &'a Fleet,
    pub look: &'a Look,
    pub now: Timestamp,
    /// The time that ages are reckoned from: it moves in steps, so that a quiet screen stays as it is.
    pub shown: Timestamp,
    /// Nothing may be changed in this run.
    pub is_read_only: bool,
}

/// What a pane asks of the app.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    Effect(Effect),
    Say(Notice),
    /// Type a filter.
    Filter,
    /// Show this cluster's detail.
    Open(ClusterRef),
    /// Ask for a new size; of this group, if one is chosen.
    Scale {
        cluster: ClusterRef,
        group: Option<GroupId>,
    },
    Terminate(ClusterRef),
}

pub trait Pane {
    /// The scope of its keys.
    fn scope(&self) -> &'static str;

    /// Does a command of its scope.
    fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Request>;

    /// Learns where it will be drawn.
    fn place(&mut self, area: Rect, cx: &ViewCx<'_>);

    /// Learns that the fleet has changed.
    fn refresh(&mut self, changes: &Changes, cx: &ViewCx<'_>);

    /// A click or a turn of the wheel inside its area.
    fn mouse(&mut self, mouse: Mouse, cx: &ViewCx<'_>) -> Vec<Request>;

    fn view(&self, cx: &ViewCx<'_>, area: Rect, is_focused: bool, buffer: &mut Buffer);
}
