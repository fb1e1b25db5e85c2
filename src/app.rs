//! The model and its two pure functions: `update` takes a message and returns effects, `view` draws.
//! No I/O, no clock: the time comes in with each message.

mod chrome;
pub mod commands;
mod layout;
pub mod overlays;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Ability, Action, ClusterRef, LaneStatus, Mode};
use crate::keymap::{Code, GLOBAL, Key, Keymap, Meaning};
use crate::panes::clusters::{Clusters, LIT};
use crate::panes::connections::Connections;
use crate::panes::detail::Detail;
use crate::panes::first_run::{Findings, FirstRun};
use crate::panes::operations::Operations;
use crate::store::{Fleet, Snapshot};
use crate::tea::{Effect, Interest, Mouse, Msg, Needs, Notice, Open, Pane, Prepared, Request, Tab, ViewCx};
use crate::theme::Look;

use layout::Areas;
use overlays::form::ScaleForm;
use overlays::help::Help;
use overlays::plan::PlanView;
use overlays::prompt::{Kind, Prompt, Vocabulary};
use overlays::quit::Quit;
use overlays::{Overlay, Wish};

pub use commands::check as check_command;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(6);
/// What follows the selection waits until it has rested for so long: a held key moves the cursor and nothing else.
const REST: Duration = Duration::from_millis(120);
/// Finished operations stay in the strip for so long.
pub(crate) const STRIP: Duration = Duration::from_secs(5 * 60);
/// Lines kept in the history of the `:` line.
const HISTORY: usize = 50;

/// What is fixed for one run.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// `ops@bastion-1`.
    pub operator: String,
    pub is_read_only: bool,
    pub is_demo: bool,
    pub themes: Vec<String>,
    pub keymaps: Vec<String>,
    pub aliases: BTreeMap<String, String>,
}

/// What fills the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Fleet,
    /// One cluster over the whole screen.
    Detail,
    Operations,
    Connections,
    FirstRun,
}

#[derive(Debug, Default)]
struct Panes {
    clusters: Clusters,
    detail: Detail,
    operations: Operations,
    connections: Connections,
    first_run: FirstRun,
}

impl Panes {
    /// The pane that has the keys.
    fn active(&self, place: Place, is_detail_focused: bool) -> &dyn Pane {
        match place {
            Place::Fleet if is_detail_focused => &self.detail,
            Place::Fleet => &self.clusters,
            Place::Detail => &self.detail,
            Place::Operations => &self.operations,
            Place::Connections => &self.connections,
            Place::FirstRun => &self.first_run,
        }
    }

    fn of_scope(&mut self, scope: &str) -> Option<&mut dyn Pane> {
        let all: [&mut dyn Pane; 5] =
            [&mut self.clusters, &mut self.detail, &mut self.operations, &mut self.connections, &mut self.first_run];
        all.into_iter().find(|pane| pane.scope() == scope)
    }
}

#[derive(Debug, Default)]
struct Screen {
    place: Place,
    /// On the fleet: the keys go to the detail below the list.
    is_detail_focused: bool,
    overlays: Vec<Overlay>,
    size: Rect,
    areas: Areas,
    /// The beginning of a chord.
    pending: Vec<Key>,
    notice: Option<(Notice, Timestamp)>,
    history: Vec<String>,
    /// When a key last moved the selection.
    moved_at: Option<Timestamp>,
}

/// The model.
#[derive(Debug)]
pub struct App {
    fleet: Fleet,
    panes: Panes,
    screen: Screen,
    look: Look,
    keymap: Keymap,
    session: Session,
    now: Timestamp,
    shown: Timestamp,
    tickets: u64,
    watched: Interest,
}

/// What panes may read, borrowed from the parts that they are not.
macro_rules! cx {
    ($app:expr) => {
        ViewCx {
            fleet: &$app.fleet,
            look: &$app.look,
            now: $app.now,
            shown: $app.shown,
            is_read_only: $app.session.is_read_only,
        }
    };
}

impl App {
    pub fn new(look: Look, keymap: Keymap, session: Session, now: Timestamp) -> Self {
        Self {
            fleet: Fleet::default(),
            panes: Panes::default(),
            screen: Screen::default(),
            look,
            keymap,
            session,
            now,
            shown: now,
            tickets: 0,
            watched: Interest::default(),
        }
    }

    /// Starts with what was found on the machine instead of a fleet.
    pub fn show_first_run(&mut self, findings: Findings) {
        self.panes.first_run = FirstRun::new(findings);
        self.screen.place = Place::FirstRun;
    }

    /// The fleet instead of the first screen.
    pub fn show_fleet(&mut self, is_demo: bool) {
        self.session.is_demo = is_demo;
        self.screen.place = Place::Fleet;
        self.place_panes();
    }

    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Takes one message; everything that follows from it is in the model and in the effects.
    pub fn update(&mut self, msg: Msg, now: Timestamp) -> Vec<Effect> {
        self.now = now;
        self.shown = self.steady(now);
        let mut effects = match msg {
            Msg::Key(key) => self.key(key),
            Msg::Pasted(text) => self.pasted(&text),
            Msg::Mouse(mouse) => self.mouse(mouse),
            Msg::Resized { width, height } => {
                self.screen.size = Rect::new(0, 0, width, height);
                self.place_panes();
                Vec::new()
            }
            Msg::Feed(snapshots) => {
                self.feed(snapshots);
                Vec::new()
            }
            Msg::Prepared(prepared) => {
                self.prepared(prepared);
                Vec::new()
            }
            Msg::Notice(notice) => {
                self.say(notice);
                Vec::new()
            }
            Msg::Themed(theme) => {
                self.look.theme = *theme;
                Vec::new()
            }
            Msg::Keyed(keymap) => {
                self.keymap = *keymap;
                Vec::new()
            }
            Msg::Tick => {
                if self.screen.notice.as_ref().is_some_and(|(_, at)| now.duration_since(*at).unsigned_abs() >= NOTICE) {
                    self.screen.notice = None;
                    self.place_panes();
                }
                Vec::new()
            }
        };
        if self.screen.moved_at.is_none_or(|at| now.duration_since(at).unsigned_abs() >= REST) {
            self.screen.moved_at = None;
            self.follow();
            effects.extend(self.watch());
        }
        effects
    }

    /// The time that ages are reckoned from: whole minutes, or tens of seconds while a young cluster is on the screen.
    fn steady(&self, now: Timestamp) -> Timestamp {
        let step = self.step();
        let second = now.as_second();
        Timestamp::from_second(second - second.rem_euclid(step)).unwrap_or(now)
    }

    fn step(&self) -> i64 {
        let is_young = |cluster: &ClusterRef| {
            self.fleet.cluster(cluster).and_then(|known| known.summary.created_at).is_some_and(|at| {
                let age = self.now.duration_since(at).as_secs();
                (0..70).contains(&age)
            })
        };
        if self.watched.visible.iter().any(is_young) { 10 } else { 60 }
    }

    /// When something on the screen changes by itself next.
    pub fn next_tick(&self) -> Timestamp {
        let step = self.step();
        let second = self.now.as_second();
        let grid = Timestamp::from_second(second - second.rem_euclid(step) + step).unwrap_or(self.now);
        let soon = self.now + Duration::from_secs(1);
        let mut next = grid;
        let counts_seconds = self.fleet.operations().iter().any(|operation| operation.state.is_open())
            || self.fleet.lanes().iter().any(|lane| match &lane.status {
                LaneStatus::Failing { retry_at: Some(at), .. } => *at > self.now,
                LaneStatus::Crashed { restart_at } => *restart_at > self.now,
                _ => false,
            });
        if counts_seconds {
            next = next.min(soon);
        }
        if let Some(at) = self.fleet.last_lit().map(|at| at + LIT).filter(|at| *at > self.now) {
            next = next.min(at);
        }
        if let Some((_, at)) = &self.screen.notice {
            next = next.min(*at + NOTICE);
        }
        if let Some(at) = self.screen.moved_at {
            next = next.min(at + REST);
        }
        next.max(self.now + Duration::from_millis(20))
    }

    fn feed(&mut self, snapshots: Vec<Snapshot>) {
        let changes = self.fleet.apply(snapshots);
        self.shown = self.steady(self.now);
        let cx = cx!(self);
        self.panes.clusters.refresh(&changes, &cx);
        self.panes.detail.refresh(&changes, &cx);
        self.panes.operations.refresh(&changes, &cx);
        self.panes.connections.refresh(&changes, &cx);
        if let Some(Overlay::Scale(form)) = self.screen.overlays.last_mut() {
            form.refresh(&cx);
        }
        if changes.lanes || changes.operations {
            self.place_panes();
        }
    }

    /// Works out who is drawn where, and tells them.
    fn place_panes(&mut self) {
        let cx = cx!(self);
        self.screen.areas = Areas::of(
            self.screen.size,
            chrome::lanes_wanted(&cx),
            chrome::strip_wanted(&cx, self.screen.notice.is_some()),
        );
        let areas = &self.screen.areas;
        let is_split = areas.detail.is_some() && self.screen.place == Place::Fleet;
        let main = if is_split { areas.list } else { areas.main };
        self.panes.clusters.place(main, &cx);
        self.panes.detail.place(areas.detail.filter(|_| is_split).unwrap_or(areas.main), &cx);
        self.panes.operations.place(areas.main, &cx);
        self.panes.connections.place(areas.main, &cx);
        self.panes.first_run.place(areas.main, &cx);
    }

    /// On the fleet the detail follows the selection.
    fn follow(&mut self) {
        if self.screen.place == Place::Fleet {
            self.panes.detail.show(self.panes.clusters.selected().cloned());
        }
    }

    fn interest(&self) -> Interest {
        let form = self.screen.overlays.iter().find_map(|overlay| match overlay {
            Overlay::Scale(form) => Some(form.cluster().clone()),
            _ => None,
        });
        if let Some(cluster) = form {
            return Interest {
                visible: Vec::new(),
                open: Some(Open { cluster, tabs: vec![Tab::Overview], job_pages: 1 }),
            };
        }
        let detail = || {
            let detail = &self.panes.detail;
            let cluster = detail.cluster()?.clone();
            Some(Open { cluster, tabs: detail.tabs_shown(), job_pages: detail.job_pages() })
        };
        match self.screen.place {
            Place::Fleet => Interest {
                visible: self.panes.clusters.visible(),
                open: self.screen.areas.detail.and_then(|_| detail()),
            },
            Place::Detail => Interest { visible: Vec::new(), open: detail() },
            Place::Operations | Place::Connections | Place::FirstRun => Interest::default(),
        }
    }

    fn watch(&mut self) -> Option<Effect> {
        let interest = self.interest();
        if interest == self.watched {
            return None;
        }
        self.watched = interest.clone();
        Some(Effect::Watch(interest))
    }

    fn say(&mut self, notice: Notice) {
        let had_none = self.screen.notice.is_none();
        self.screen.notice = Some((notice, self.now));
        if had_none {
            self.place_panes();
        }
    }

    fn is_detail_focused(&self) -> bool {
        self.screen.is_detail_focused && self.screen.areas.detail.is_some()
    }

    /// The scopes in which keys are looked up, the closest first.
    fn scopes(&self) -> Vec<&'static str> {
        let pane = self.panes.active(self.screen.place, self.is_detail_focused()).scope();
        vec![pane, GLOBAL]
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        let scopes = match self.screen.overlays.last() {
            Some(overlay) => vec![overlay.scope()],
            None => self.scopes(),
        };
        self.screen.pending.push(key);
        let keys = self.screen.pending.clone();
        let command = match self.keymap.meaning(&scopes, &keys) {
            Meaning::Command(command) => Some(command.to_owned()),
            Meaning::Prefix => return Vec::new(),
            Meaning::Nothing => None,
        };
        self.screen.pending.clear();
        match (command, self.screen.overlays.is_empty()) {
            (Some(command), true) => self.command(&command),
            (Some(command), false) => self.overlay(|overlay, cx| overlay.command(&command, cx)),
            // Whatever lies over the screen, the way out stays open.
            (None, false) if self.keymap.meaning(&[GLOBAL], &[key]) == Meaning::Command("app.leave") => {
                self.command("app.leave")
            }
            // A line that sends keys in bursts makes alt-x of esc and x: where alt-x means nothing, it was those.
            (None, _) if key.alt => {
                let mut effects = self.key(Key::plain(Code::Esc));
                effects.extend(self.key(Key { alt: false, ..key }));
                effects
            }
            (None, false) => match key.typed() {
                Some(c) => self.overlay(|overlay, cx| overlay.typed(c, cx)),
                None => Vec::new(),
            },
            (None, true) if keys.len() > 1 => self.key(key),
            (None, true) => Vec::new(),
        }
    }

    fn pasted(&mut self, text: &str) -> Vec<Effect> {
        if self.screen.overlays.is_empty() {
            // Pasted text is not a row of commands.
            self.say(Notice::info("pasted text is not taken for keys"));
            return Vec::new();
        }
        self.overlay(|overlay, cx| overlay.pasted(text, cx))
    }

    fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        if !self.screen.overlays.is_empty() {
            return Vec::new();
        }
        let at = |area: Rect| area.contains(ratatui::layout::Position::new(mouse.column, mouse.row));
        if self.screen.place == Place::Fleet
            && let Some(detail) = self.screen.areas.detail
        {
            if at(detail) {
                self.screen.is_detail_focused = true;
            } else if at(self.screen.areas.list) {
                self.screen.is_detail_focused = false;
            } else {
                return Vec::new();
            }
        } else if !at(self.screen.areas.main) {
            return Vec::new();
        }
        let scope = self.panes.active(self.screen.place, self.is_detail_focused()).scope();
        let cx = cx!(self);
        let requests = self.panes.of_scope(scope).map(|pane| pane.mouse(mouse, &cx)).unwrap_or_default();
        self.requests(requests)
    }

    /// The cluster that commands are about.
    fn subject(&self) -> Option<ClusterRef> {
        match self.screen.place {
            Place::Fleet => self.panes.clusters.selected().cloned(),
            Place::Detail => self.panes.detail.cluster().cloned(),
            _ => None,
        }
    }

    /// Does a command, if what it needs is there.
    fn command(&mut self, id: &str) -> Vec<Effect> {
        if !id.starts_with("list.") {
            // Whatever is done is done to what is selected now.
            self.follow();
        }
        let scopes = self.scopes();
        let spec = commands::all().find(|spec| spec.id == id && scopes.contains(&spec.scope));
        let Some(spec) = spec.or_else(|| commands::all().find(|spec| spec.id == id)) else { return Vec::new() };
        if spec.needs == Needs::Change
            && let Err(notice) = self.may_change()
        {
            self.say(notice);
            return Vec::new();
        }
        if spec.scope == GLOBAL {
            return self.global(id);
        }
        let cx = cx!(self);
        let before = self.panes.clusters.selected().cloned();
        let requests = self.panes.of_scope(spec.scope).map(|pane| pane.command(id, &cx)).unwrap_or_default();
        if before.is_some() && before.as_ref() != self.panes.clusters.selected() {
            self.screen.moved_at = Some(self.now);
        }
        self.requests(requests)
    }

    /// Whether anything may be changed on the cluster in question; if not, why and what to do.
    fn may_change(&self) -> Result<(), Notice> {
        if self.session.is_read_only {
            return Err(Notice::warn("this run is read-only"));
        }
        let Some(cluster) = self.subject() else { return Err(Notice::warn("no cluster is selected")) };
        match self.fleet.lane(&cluster.connection) {
            Some(lane) if lane.mode == Mode::Operate => Ok(()),
            _ => Err(Notice::warn(format!(
                "connection {} is read-only: set mode = \"operate\" for it, or start with --operate",
                cluster.connection
            ))),
        }
    }

    fn global(&mut self, id: &str) -> Vec<Effect> {
        match id {
            "app.fleet" => self.go(Place::Fleet),
            "app.actions" => self.go(Place::Operations),
            "app.connections" => self.go(Place::Connections),
            "app.back" => return self.back(),
            "app.focus" => self.screen.is_detail_focused = !self.screen.is_detail_focused,
            "tab.overview" | "tab.nodes" | "tab.steps" | "tab.next" | "tab.previous" => self.turn(id),
            "app.command" => self.prompt(Kind::Command, ""),
            "app.help" => {
                let height = usize::from(self.screen.size.height);
                let help = Help::of(&self.keymap, &self.scopes(), self.session.is_read_only, height);
                self.screen.overlays.push(Overlay::Help(help));
            }
            "app.refresh" => {
                self.say(Notice::info("asking everything again"));
                return vec![Effect::Refresh];
            }
            "app.scale" | "app.terminate" => {
                let cluster = self.subject();
                let verb = if id == "app.scale" { "group.scale" } else { "cluster.terminate" };
                let requests = cluster.map(|cluster| match verb {
                    "group.scale" => Request::Scale { cluster, group: None },
                    _ => Request::Terminate(cluster),
                });
                return self.requests(requests.into_iter().collect());
            }
            "app.quit" => return self.quit(),
            "app.leave" => return vec![Effect::Leave],
            "app.theme" | "app.keymap" => {
                let known = if id == "app.theme" { &self.session.themes } else { &self.session.keymaps };
                let words = format!("which? {}", known.join(", "));
                self.say(Notice::info(words));
            }
            _ => {}
        }
        Vec::new()
    }

    /// Turns to another part of the detail, and opens it where it has no room beside the list.
    fn turn(&mut self, id: &str) {
        let place = self.screen.place;
        self.follow();
        if !matches!(place, Place::Fleet | Place::Detail) || self.panes.detail.cluster().is_none() {
            return;
        }
        self.panes.detail.command(id, &cx!(self));
        if place == Place::Fleet && self.screen.areas.detail.is_none() {
            self.screen.place = Place::Detail;
        }
        self.place_panes();
    }

    fn quit(&mut self) -> Vec<Effect> {
        if self.fleet.operations().iter().any(|operation| operation.state.is_open()) {
            self.screen.overlays.push(Overlay::Quit(Quit));
            return Vec::new();
        }
        vec![Effect::Leave]
    }

    fn go(&mut self, place: Place) {
        if self.screen.place == Place::FirstRun && self.fleet.lanes().is_empty() {
            return;
        }
        self.screen.place = place;
        self.screen.is_detail_focused = false;
        self.place_panes();
    }

    /// One level back: the focus, the screen, the filter.
    fn back(&mut self) -> Vec<Effect> {
        match self.screen.place {
            Place::FirstRun => {}
            Place::Fleet if self.is_detail_focused() => self.screen.is_detail_focused = false,
            Place::Fleet => {
                if !self.panes.clusters.filter().is_empty() {
                    self.filter("");
                }
            }
            _ => self.go(Place::Fleet),
        }
        Vec::new()
    }

    fn filter(&mut self, text: &str) {
        let cx = cx!(self);
        if let Err(error) = self.panes.clusters.set_filter(text, &cx) {
            self.say(Notice::warn(error.to_string()));
        }
    }

    fn prompt(&mut self, kind: Kind, text: &str) {
        let vocabulary = Vocabulary {
            themes: self.session.themes.clone(),
            keymaps: self.session.keymaps.clone(),
            aliases: self.session.aliases.clone().into_iter().collect(),
            history: self.screen.history.clone(),
        };
        let prompt = Prompt::new(kind, text, vocabulary, &cx!(self));
        self.screen.overlays.push(Overlay::Prompt(prompt));
    }

    fn overlay(&mut self, act: impl FnOnce(&mut Overlay, &ViewCx<'_>) -> Vec<Wish>) -> Vec<Effect> {
        let cx = cx!(self);
        let Some(overlay) = self.screen.overlays.last_mut() else { return Vec::new() };
        let wishes = act(overlay, &cx);
        wishes.into_iter().flat_map(|wish| self.wish(wish)).collect()
    }

    fn wish(&mut self, wish: Wish) -> Vec<Effect> {
        match wish {
            Wish::Close => {
                self.screen.overlays.pop();
            }
            Wish::Filter(text) => self.filter(&text),
            Wish::Line(line) => return self.line(&line),
            Wish::Prepare(action) => {
                self.screen.overlays.pop();
                return self.prepare(action);
            }
            Wish::Execute(plan) => {
                self.screen.overlays.pop();
                self.tickets += 1;
                let words = format!("checking {} again before anything is sent", plan.target.name);
                self.say(Notice::info(words));
                return vec![Effect::Execute { ticket: self.tickets, plan }];
            }
            Wish::Copy { text, what } => return vec![Effect::Copy { text, what }],
            Wish::Say(notice) => self.say(notice),
            Wish::Leave => return vec![Effect::Leave],
        }
        Vec::new()
    }

    /// Has the cluster read and a plan made.
    fn prepare(&mut self, action: Action) -> Vec<Effect> {
        self.tickets += 1;
        let ticket = self.tickets;
        let name = self.fleet.cluster(action.cluster()).map_or("the cluster", |cluster| cluster.name());
        let text = format!("reading {name} to make the plan…");
        self.screen.overlays.push(Overlay::Preparing { ticket, text });
        vec![Effect::Prepare { ticket, action }]
    }

    fn prepared(&mut self, prepared: Prepared) {
        let Prepared { ticket, plan, differences } = prepared;
        let waiting =
            self.screen.overlays.iter().position(
                |overlay| matches!(overlay, Overlay::Preparing { ticket: waiting, .. } if *waiting == ticket),
            );
        if let Some(at) = waiting {
            self.screen.overlays.remove(at);
        } else if differences.is_empty() && plan.is_ok() {
            // The operator closed the window before the plan came.
            return;
        }
        match plan {
            Ok(plan) => {
                let view = PlanView::new(plan, differences, self.now);
                self.screen.overlays.push(Overlay::Plan(Box::new(view)));
            }
            Err(error) => self.say(Notice::bad(format!("no plan: {error}; {}", error.remedy()))),
        }
    }

    fn requests(&mut self, requests: Vec<Request>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for request in requests {
            match request {
                Request::Effect(effect) => effects.push(effect),
                Request::Say(notice) => self.say(notice),
                Request::Filter => {
                    let text = self.panes.clusters.filter().text().to_owned();
                    self.prompt(Kind::Filter, &text);
                }
                Request::Open(cluster) => self.open(cluster),
                Request::Scale { cluster, group } => self.scale(cluster, group),
                Request::Terminate(cluster) => effects.extend(self.terminate(cluster)),
            }
        }
        effects
    }

    fn open(&mut self, cluster: ClusterRef) {
        if self.screen.place == Place::Detail {
            self.go(Place::Fleet);
            return;
        }
        let cx = cx!(self);
        self.panes.clusters.select(&cluster, &cx);
        self.panes.detail.show(Some(cluster));
        self.go(Place::Detail);
    }

    fn refusal(&self, cluster: &ClusterRef, of: fn(&crate::domain::Capabilities) -> &Ability) -> Option<Notice> {
        let known = self.fleet.cluster(cluster)?;
        match of(&known.summary.capabilities) {
            Ability::No(why) => Some(Notice::warn(format!("{}: {why}", known.name()))),
            Ability::Yes => None,
        }
    }

    fn scale(&mut self, cluster: ClusterRef, group: Option<crate::domain::GroupId>) {
        if let Some(notice) = self.refusal(&cluster, |capabilities| &capabilities.scale) {
            self.say(notice);
            return;
        }
        let form = ScaleForm::new(cluster, group, &cx!(self));
        self.screen.overlays.push(Overlay::Scale(form));
    }

    fn terminate(&mut self, cluster: ClusterRef) -> Vec<Effect> {
        if let Some(notice) = self.refusal(&cluster, |capabilities| &capabilities.terminate) {
            self.say(notice);
            return Vec::new();
        }
        self.prepare(Action::Terminate { cluster })
    }

    /// A line that was typed after `:`.
    fn line(&mut self, line: &str) -> Vec<Effect> {
        let line = line.trim();
        self.screen.history.retain(|known| known != line);
        self.screen.history.push(line.to_owned());
        if self.screen.history.len() > HISTORY {
            self.screen.history.remove(0);
        }
        let (word, rest) = line.split_once(' ').map_or((line, ""), |(word, rest)| (word, rest.trim()));
        if let Some(meant) = self.session.aliases.get(word).cloned() {
            let (word, tail) = meant.split_once(' ').map_or((meant.as_str(), ""), |(word, tail)| (word, tail));
            return self.words(word, format!("{tail} {rest}").trim());
        }
        self.words(word, rest)
    }

    fn words(&mut self, word: &str, rest: &str) -> Vec<Effect> {
        let spec = commands::all().find(|spec| spec.words.contains(&word));
        match spec.map(|spec| (spec.id, rest)) {
            Some(("app.theme", name)) if !name.is_empty() => vec![Effect::UseTheme(name.to_owned())],
            Some(("app.keymap", name)) if !name.is_empty() => vec![Effect::UseKeymap(name.to_owned())],
            Some(("list.filter", terms)) => {
                self.go(Place::Fleet);
                self.filter(terms);
                Vec::new()
            }
            Some((id, "")) => self.command(id),
            Some((_, rest)) => {
                self.say(Notice::warn(format!("`:{word}` takes no `{rest}`")));
                Vec::new()
            }
            None => self.jump(word, rest),
        }
    }

    /// Any cluster's name, or its id, goes to it.
    fn jump(&mut self, word: &str, rest: &str) -> Vec<Effect> {
        let text = if rest.is_empty() { word.to_owned() } else { format!("{word} {rest}") };
        let mut found: Vec<ClusterRef> = self
            .fleet
            .clusters()
            .filter(|cluster| {
                cluster.name() == text || cluster.key.id.as_str() == text || cluster.key.to_string() == text
            })
            .map(|cluster| cluster.key.clone())
            .collect();
        found.sort();
        match found.len() {
            0 => {
                let words = commands::all().flat_map(|spec| spec.words).copied();
                let near = words.map(|known| (strsim::damerau_levenshtein(known, word), known)).min();
                let hint =
                    near.filter(|(distance, _)| *distance <= 2).map(|(_, known)| format!(": did you mean `:{known}`?"));
                self.say(Notice::warn(format!("no command and no cluster `{text}`{}", hint.unwrap_or_default())));
            }
            count => {
                if count > 1 {
                    self.say(Notice::info(format!("{count} clusters are called `{text}`: this is the first")));
                }
                self.go(Place::Fleet);
                let cx = cx!(self);
                self.panes.clusters.select(&found[0], &cx);
            }
        }
        Vec::new()
    }

    /// Draws everything.
    pub fn view(&self, buffer: &mut Buffer) {
        let cx = cx!(self);
        let area = buffer.area;
        if area.width < layout::LEAST.0 || area.height < layout::LEAST.1 {
            chrome::too_small(&cx, area, buffer);
            return;
        }
        let areas = &self.screen.areas;
        let place = match self.screen.place {
            Place::Fleet => "fleet",
            Place::Detail => "cluster",
            Place::Operations => "actions",
            Place::Connections => "connections",
            Place::FirstRun => "first run",
        };
        chrome::header(&cx, areas.header, place, &self.session, buffer);
        chrome::lanes(&cx, areas.lanes, buffer);
        match (self.screen.place, areas.detail) {
            (Place::Fleet, Some(detail)) => {
                let is_below = self.is_detail_focused();
                self.panes.clusters.view(&cx, areas.list, !is_below, buffer);
                self.panes.detail.view(&cx, detail, is_below, buffer);
            }
            (place, _) => self.panes.active(place, false).view(&cx, areas.main, true, buffer),
        }
        let notice = self.screen.notice.as_ref().map(|(notice, _)| notice);
        chrome::strip(&cx, areas.strip, notice, buffer);
        chrome::hints(
            &cx,
            areas.hints,
            &self.keymap,
            &self.scopes(),
            self.may_change().is_ok(),
            &self.screen.pending,
            buffer,
        );
        for overlay in &self.screen.overlays {
            overlay.view(&cx, &self.keymap, area, buffer);
        }
    }
}
