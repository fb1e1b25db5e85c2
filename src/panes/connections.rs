//! Every connection at length: who we are on it, how it fares, and what to do about it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{ErrorKind, Lane, LaneStatus};
use crate::store::Changes;
use crate::tea::{CommandSpec, Mouse, Pane, Request, ViewCx};
use crate::theme::{Glyphs, Tone};
use crate::widgets::format;
use crate::widgets::frame::{Piece, frame};
use crate::widgets::list::Window;
use crate::widgets::text::{Pen, wrap};

pub const SCOPE: &str = "pane.connections";

/// All commands of this pane.
pub const COMMANDS: &[CommandSpec] =
    &[CommandSpec::key("list.up", SCOPE, "scroll up"), CommandSpec::key("list.down", SCOPE, "scroll down")];

#[derive(Debug, Default)]
pub struct Connections {
    window: Window,
    area: Rect,
}

/// The sign, tone and words of a lane: how it fares, and what is awaited.
pub fn lane_words(lane: &Lane, cx: &ViewCx<'_>) -> (&'static str, Tone, String) {
    let glyphs: &Glyphs = &cx.look.glyphs;
    let until = |at: Option<jiff::Timestamp>| {
        let seconds = at.map(|at| at.duration_since(cx.now).as_secs().max(0));
        seconds.map(|seconds| format!(", next in {seconds}s")).unwrap_or_default()
    };
    match &lane.status {
        LaneStatus::Connecting => match lane.pages_read {
            Some(pages) => (glyphs.starting, Tone::Busy, format!("reading page {pages}")),
            None => (glyphs.starting, Tone::Busy, "connecting".to_owned()),
        },
        LaneStatus::Live => match (lane.pages_read, lane.listed_at) {
            (Some(pages), None) => (glyphs.starting, Tone::Busy, format!("reading page {}", pages + 1)),
            _ if !lane.failing.is_empty() => {
                let words: Vec<String> =
                    lane.failing.iter().map(|(operation, word)| format!("{operation} {word}")).collect();
                (glyphs.warn, Tone::Warn, format!("{}, {}", words.join(", "), freshness(lane, cx)))
            }
            _ => (glyphs.running, Tone::Ok, freshness(lane, cx)),
        },
        LaneStatus::Crashed { restart_at } => {
            (glyphs.failed, Tone::Bad, format!("worker broke{}", until(Some(*restart_at)).replace("next", "restarts")))
        }
        LaneStatus::Failing { error, retry_at } => {
            let word = error.kind.word();
            let (sign, tone) = match error.kind {
                ErrorKind::Throttled { .. } => (glyphs.warn, Tone::Warn),
                _ => (glyphs.failed, Tone::Bad),
            };
            let remedy = match &error.kind {
                ErrorKind::AuthExpired | ErrorKind::AuthMissing => {
                    error.context.login.clone().map(|login| format!(": {login}"))
                }
                ErrorKind::Denied { need: Some(need) } => Some(format!(": {need}")),
                _ => None,
            };
            let age = lane.listed_at.map(|_| format!(", {}", freshness(lane, cx))).unwrap_or_default();
            (sign, tone, format!("{word}{}{age}", remedy.unwrap_or_else(|| until(*retry_at))))
        }
    }
}

/// How old the data is. While it is as fresh as it should be, that is said as a bound that does not change all the
/// time; afterwards the true age is shown.
fn freshness(lane: &Lane, cx: &ViewCx<'_>) -> String {
    let Some(at) = lane.listed_at else { return "no data yet".to_owned() };
    let age = cx.now.duration_since(at).unsigned_abs();
    if age <= lane.stale_after() {
        let minutes = lane.stale_after().as_secs().div_ceil(60);
        format!("{}{minutes}m", cx.look.glyphs.at_most)
    } else {
        format!("{} old", format::age(age))
    }
}

/// `api 40%`: how much of its own budget the poller uses; and whether it was slowed down.
pub fn budget_words(lane: &Lane) -> Option<(String, Tone)> {
    let used = lane.budget.percent_used()?.div_ceil(10) * 10;
    if lane.budget.pace_percent < 100 {
        return Some((format!("api {used}% pace {}%", lane.budget.pace_percent / 10 * 10), Tone::Warn));
    }
    Some((format!("api {used}%"), Tone::Dim))
}

fn lines(cx: &ViewCx<'_>, room: usize) -> Vec<Vec<(String, Tone)>> {
    let mut out = Vec::new();
    for lane in cx.fleet.lanes() {
        let (sign, tone, words) = lane_words(lane, cx);
        out.push(vec![
            (format!("{}/{}", lane.cloud, lane.name), Tone::Title),
            (format!("  {}", lane.region.as_deref().unwrap_or("region of the profile")), Tone::Dim),
            (format!("  {}", lane.mode.word()), Tone::Text),
            (format!("  {sign} {words}"), tone),
        ]);
        let mut more = |text: String, tone| {
            for line in wrap(&text, room.saturating_sub(4)) {
                out.push(vec![(format!("    {line}"), tone)]);
            }
        };
        match &lane.identity {
            Some(identity) => more(format!("{}  account {}", identity.principal, identity.account), Tone::Dim),
            None => more("who we are is not known".to_owned(), Tone::Dim),
        }
        if let LaneStatus::Failing { error, .. } = &lane.status {
            more(error.to_string(), Tone::Text);
            more(error.remedy(), Tone::Accent);
        }
        for (operation, word) in &lane.failing {
            more(format!("{operation}: {word}"), Tone::Warn);
        }
        let budget = lane.budget;
        let calls = match budget.allowed {
            Some(allowed) => format!("{} of {allowed} calls in the last minute", budget.used),
            None => "no limit on calls".to_owned(),
        };
        let throttles = if budget.throttles > 0 {
            format!(", throttled {} times, pace {}%", budget.throttles, budget.pace_percent)
        } else {
            String::new()
        };
        more(format!("{calls}{throttles}; listed every {}", format::elapsed(lane.period)), Tone::Dim);
    }
    out
}

impl Pane for Connections {
    fn scope(&self) -> &'static str {
        SCOPE
    }

    fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Request> {
        let len = lines(cx, usize::from(self.area.width)).len();
        match id {
            "list.up" => self.window.scroll(-1, len),
            "list.down" => self.window.scroll(1, len),
            _ => {}
        }
        Vec::new()
    }

    fn place(&mut self, area: Rect, _: &ViewCx<'_>) {
        self.area = area;
        self.window.height = usize::from(area.height.saturating_sub(2));
    }

    fn refresh(&mut self, _: &Changes, _: &ViewCx<'_>) {}

    fn mouse(&mut self, _: Mouse, _: &ViewCx<'_>) -> Vec<Request> {
        Vec::new()
    }

    fn view(&self, cx: &ViewCx<'_>, area: Rect, is_focused: bool, buffer: &mut Buffer) {
        let title = [Piece::new(format!("connections {}", cx.fleet.lanes().len()), cx.look.style(Tone::Title))];
        let inner = frame(buffer, area, cx.look, is_focused, &title, &[]);
        let lines = lines(cx, usize::from(inner.width));
        for (row, line) in lines[self.window.range(lines.len())].iter().enumerate() {
            let mut pen = Pen::new(buffer, inner, u16::try_from(row).unwrap_or(u16::MAX));
            pen.skip(1);
            for (text, tone) in line {
                pen.put(text, cx.look.style(*tone));
            }
        }
    }
}
