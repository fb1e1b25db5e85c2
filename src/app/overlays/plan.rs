//! Shows a plan before anything is sent, and takes the confirmation: a key, or the cluster's name.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::commands::{PLAN, PLAN_TYPED};
use crate::domain::{Action, Confirm, Plan};
use crate::keymap::Keymap;
use crate::tea::ViewCx;
use crate::theme::Tone;
use crate::widgets::format;
use crate::widgets::input::Input;
use crate::widgets::list::Window;
use crate::widgets::text::{Pen, wrap};

use super::{Wish, hint, window};

/// A key that was meant for what was there before must not confirm.
const GUARD: Duration = Duration::from_millis(300);
const WIDEST: u16 = 96;
/// No plan has more lines.
const LONGEST: isize = 500;

#[derive(Debug)]
pub struct PlanView {
    plan: Box<Plan>,
    /// What has changed since the plan that was confirmed: nothing was sent.
    differences: Vec<String>,
    name: Input,
    opened_at: Timestamp,
    scroll: isize,
}

type Line = Vec<(String, Tone)>;

impl PlanView {
    pub fn new(plan: Box<Plan>, differences: Vec<String>, now: Timestamp) -> Self {
        Self { plan, differences, name: Input::default(), opened_at: now, scroll: 0 }
    }

    pub(super) fn scope(&self) -> &'static str {
        match self.plan.confirm {
            Confirm::TypeName { .. } if !self.plan.is_refused() => PLAN_TYPED,
            _ => PLAN,
        }
    }

    fn name_matches(&self) -> bool {
        let typed = self.name.text();
        let target = &self.plan.target;
        // A name with signs that no keyboard has can be given as the id.
        typed == target.name || typed == target.cluster.id.as_str()
    }

    fn is_confirmable(&self) -> bool {
        !self.plan.is_refused()
            && match self.plan.confirm {
                Confirm::Key => true,
                Confirm::TypeName { .. } => self.name_matches(),
            }
    }

    pub(super) fn typed(&mut self, c: char) {
        if self.scope() == PLAN_TYPED {
            self.name.insert(c);
        }
    }

    pub(super) fn command(&mut self, id: &str, cx: &ViewCx<'_>) -> Vec<Wish> {
        match id {
            "plan.cancel" => return vec![Wish::Close],
            "plan.confirm" => {
                let is_guarded = cx.now.duration_since(self.opened_at).unsigned_abs() < GUARD;
                if self.is_confirmable() && !is_guarded {
                    return vec![Wish::Execute(self.plan.clone())];
                }
            }
            "plan.copy" => {
                let calls = self.plan.steps.iter().filter_map(|step| step.call.as_ref());
                let text = calls.map(|call| call.command.as_str()).collect::<Vec<_>>().join("\n");
                return vec![Wish::Copy { text, what: "the command".to_owned() }];
            }
            "plan.up" => self.scroll = (self.scroll - 1).max(0),
            "plan.down" => self.scroll = (self.scroll + 1).min(LONGEST),
            "input.backspace" => self.name.backspace(),
            "input.clear" => self.name.clear(),
            _ => {}
        }
        Vec::new()
    }

    fn lines(&self, cx: &ViewCx<'_>, room: usize) -> Vec<Line> {
        let mut out: Vec<Line> = Vec::new();
        let glyphs = &cx.look.glyphs;
        let signed = |sign: &str, text: &str, tone: Tone, out: &mut Vec<Line>| {
            for (index, line) in wrap(text, room.saturating_sub(2)).into_iter().enumerate() {
                let lead = if index == 0 { format!("{sign} ") } else { "  ".to_owned() };
                out.push(vec![(lead, tone), (line, tone)]);
            }
        };
        for difference in &self.differences {
            signed(glyphs.warn, difference, Tone::Warn, &mut out);
        }
        if !self.differences.is_empty() {
            signed(glyphs.warn, "nothing was sent; this is the plan as things are now", Tone::Warn, &mut out);
            out.push(Vec::new());
        }
        self.target(cx, &mut out);
        out.push(Vec::new());
        self.steps(cx, room, &mut out);
        out.push(Vec::new());
        for effect in &self.plan.effects {
            out.push(vec![
                (format!("{}  ", effect.what), Tone::Dim),
                (format!("{} {} ", effect.before, glyphs.arrow), Tone::Text),
                (effect.after.clone(), Tone::Accent),
            ]);
        }
        out.push(vec![("$/h  ".to_owned(), Tone::Dim), ("not known to this program yet".to_owned(), Tone::Dim)]);
        for warning in &self.plan.warnings {
            signed(glyphs.warn, warning, Tone::Warn, &mut out);
        }
        for refusal in &self.plan.refusals {
            signed(glyphs.failed, refusal, Tone::Bad, &mut out);
        }
        if !self.plan.undo.is_empty() {
            signed(" ", &format!("undo: {}", self.plan.undo), Tone::Dim, &mut out);
        }
        out
    }

    fn target(&self, cx: &ViewCx<'_>, out: &mut Vec<Line>) {
        let target = &self.plan.target;
        let age = target.created_at.map(|at| format!("up {}", format::age(cx.now.duration_since(at).unsigned_abs())));
        let words = [
            format!("{}/{}", target.cloud, target.cluster.connection),
            target.account.clone().unwrap_or_else(|| "account –".to_owned()),
            target.region.clone().unwrap_or_default(),
        ];
        out.push(vec![(target.name.clone(), Tone::Title), (format!("  {}", target.cluster.id), Tone::Text)]);
        let place = words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" · ");
        out.push(vec![
            (place, Tone::Dim),
            (format!(" · {}", target.state), Tone::Text),
            (age.map(|age| format!(" · {age}")).unwrap_or_default(), Tone::Dim),
        ]);
        for (id, name) in target.running_jobs.iter().take(3) {
            out.push(vec![(format!("{} running {id} “{name}”", cx.look.glyphs.play), Tone::Busy)]);
        }
        if target.running_jobs.len() > 3 {
            out.push(vec![(format!("  and {} more", target.running_jobs.len() - 3), Tone::Dim)]);
        }
    }

    fn steps(&self, cx: &ViewCx<'_>, room: usize, out: &mut Vec<Line>) {
        for (index, step) in self.plan.steps.iter().enumerate() {
            let wait = format!("~{}", format::age(step.expected_wait));
            let operation = step.call.as_ref().map_or("", |call| call.operation.as_str());
            out.push(vec![
                (format!("{}  {}", index + 1, step.title), Tone::Text),
                (format!("  {operation}  {wait}"), Tone::Accent),
                (if step.is_reversible { String::new() } else { "  cannot be undone".to_owned() }, Tone::Warn),
            ]);
            if let Some(call) = &step.call {
                for line in wrap(&call.arguments, room.saturating_sub(3)) {
                    out.push(vec![(format!("   {line}"), Tone::Dim)]);
                }
            }
        }
        if self.plan.steps.is_empty() {
            out.push(vec![(format!("{} nothing would be sent", cx.look.glyphs.dash), Tone::Dim)]);
        }
    }

    pub(super) fn view(&self, cx: &ViewCx<'_>, keymap: &Keymap, area: Rect, buffer: &mut Buffer) {
        let scope = self.scope();
        let confirm = if self.is_confirmable() {
            "do it"
        } else if self.plan.is_refused() {
            "(refused)"
        } else {
            "when the name matches"
        };
        let confirm = (!self.plan.is_refused()).then(|| hint(keymap, scope, "plan.confirm", confirm)).flatten();
        let hints: Vec<(String, &str)> = [
            hint(keymap, scope, "plan.cancel", "cancel"),
            hint(keymap, scope, "plan.copy", "copy as command"),
            confirm,
        ]
        .into_iter()
        .flatten()
        .collect();
        let width = WIDEST.min(area.width.saturating_sub(2));
        let lines = self.lines(cx, usize::from(width.saturating_sub(4)));
        let prompt_rows = if scope == PLAN_TYPED { 3 } else { 0 };
        let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).saturating_add(prompt_rows);
        let verb = match &self.plan.action {
            Action::Scale { .. } => "scale",
            Action::Terminate { .. } => "terminate",
        };
        let title = format!("plan: {verb} {}", self.plan.target.name);
        let inner = window(cx, area, width, height, &title, &hints, buffer);
        let room = usize::from(inner.height.saturating_sub(prompt_rows));
        let mut window = Window { offset: 0, height: room };
        window.scroll(self.scroll, lines.len());
        for (row, line) in lines[window.range(lines.len())].iter().enumerate() {
            let mut pen = Pen::new(buffer, inner, u16::try_from(row).unwrap_or(u16::MAX));
            pen.skip(1);
            for (text, tone) in line {
                pen.put(text, cx.look.style(*tone));
            }
        }
        if let (PLAN_TYPED, Confirm::TypeName { why }) = (scope, &self.plan.confirm) {
            self.name_row(why, cx, inner, buffer);
        }
    }

    fn name_row(&self, why: &str, cx: &ViewCx<'_>, area: Rect, buffer: &mut Buffer) {
        let row = area.height.saturating_sub(2);
        let words = format!("{why}: type the cluster's name");
        Pen::new(buffer, area, row).skip(1).put_cut(&words, cx.look.glyphs.ellipsis, cx.look.style(Tone::Warn));
        Pen::new(buffer, area, row + 1)
            .skip(1)
            .put("name ", cx.look.style(Tone::Dim))
            .put(cx.look.glyphs.cursor, cx.look.style(Tone::Accent));
        let place = Rect { x: area.x + 7, y: area.y + row + 1, width: area.width.saturating_sub(8), height: 1 };
        let tone = if self.name_matches() { Tone::Ok } else { Tone::Input };
        self.name.view(buffer, place.intersection(area), 0, cx.look.style(tone), true);
    }
}
