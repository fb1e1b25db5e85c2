//! The loop. One thread owns the model and the terminal: it takes what happens, lets the model work it out, carries
//! effects to whoever does them, and paints when something is different. Keys go before everything else.

use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use crossterm::event::EventStream;
use futures_util::StreamExt;
use ratatui::layout::Rect;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;

use crate::app::App;
use crate::domain::ConnectionName;
use crate::engine::{Engine, clock};
use crate::keymap::Keymap;
use crate::tea::{Effect, Msg, Notice};
use crate::theme::Theme;

use super::clipboard;
use super::events::message;
use super::guard::{Guard, entry, install_panic_hook};
use super::painter::Painter;

/// What the workers found is taken at most so often: a burst of findings is one picture.
const FEED: Duration = Duration::from_millis(40);
/// The last frame may take so long to get out when the program ends.
const LAST_FRAME: Duration = Duration::from_millis(300);

/// What the loop needs from outside: files and simulated clouds are not its business.
#[async_trait(?Send)]
pub trait Host {
    /// # Errors
    /// What is wrong with the theme, for the operator.
    fn theme(&self, name: &str) -> Result<Theme, String>;
    /// # Errors
    /// What is wrong with the keymap, for the operator.
    fn keymap(&self, name: &str) -> Result<Keymap, String>;
    /// Opens discovered connections and remembers them.
    ///
    /// # Errors
    /// Why they cannot be opened, for the operator.
    async fn adopt(&mut self, names: &[ConnectionName]) -> Result<Engine, String>;
    /// Opens the simulated clouds.
    ///
    /// # Errors
    /// Why they cannot be opened, for the operator.
    async fn demo(&mut self) -> Result<Engine, String>;
    /// Where a crash report goes.
    fn crash_report(&self) -> std::path::PathBuf;
    fn has_mouse(&self) -> bool;
    /// tmux or screen, if the terminal is inside one.
    fn multiplexer(&self) -> Option<&'static str>;
}

/// How the program came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The operator left.
    Left,
    /// A signal, or the terminal went away.
    Ended,
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn end(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGCONT: the program was stopped from outside and goes on.
const CONTINUE: i32 = 18;

/// Runs the program on this terminal until it is left, and gives the terminal back.
///
/// # Errors
/// The terminal cannot be used.
pub async fn run(app: &mut App, engine: Option<Engine>, host: &mut dyn Host) -> std::io::Result<Exit> {
    let guard = Guard::take()?;
    install_panic_hook(host.crash_report());
    let mut signals = Signals::new()?;
    let mut continued = signal(SignalKind::from_raw(CONTINUE))?;
    let (width, height) = crossterm::terminal::size()?;
    let painter = Painter::new(Rect::new(0, 0, width, height), entry(host.has_mouse()).into_bytes())?;
    let mut stage = Stage { app, engine, host, painter, is_dirty: true, exit: None };
    stage.tell(Msg::Resized { width, height }).await;
    stage.paint();

    let mut events = EventStream::new();
    let mut feed_at: Option<Instant> = None;
    let mut last_fed = Instant::now();
    while stage.exit.is_none() {
        let tick_at = stage.tick_at();
        let mailbox = stage.engine.as_ref().map(Engine::mailbox);
        tokio::select! {
            biased;
            () = signals.end() => stage.exit = Some(Exit::Ended),
            event = events.next() => match event {
                Some(Ok(event)) => stage.take_events(event, &mut events).await,
                // The terminal is gone.
                Some(Err(_)) | None => stage.exit = Some(Exit::Ended),
            },
            _ = continued.recv() => stage.go_on(),
            () = stage.painter.idle(), if stage.is_dirty && stage.painter.is_busy() => {}
            () = async {
                match &mailbox {
                    Some(mailbox) => mailbox.wait().await,
                    None => std::future::pending().await,
                }
            }, if feed_at.is_none() => feed_at = Some((last_fed + FEED).max(Instant::now())),
            () = async {
                match feed_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            } => {
                feed_at = None;
                last_fed = Instant::now();
                stage.take_mail().await;
            }
            () = tokio::time::sleep_until(tick_at) => stage.tell(Msg::Tick).await,
        }
        if stage.painter.is_broken() {
            stage.exit = Some(Exit::Ended);
        }
        stage.paint();
    }
    let Stage { engine, painter, exit, .. } = stage;
    drop(events);
    // What is on its way out gets a moment; a stalled terminal does not hold us.
    if tokio::time::timeout(LAST_FRAME, painter.idle()).await.is_err() {
        tracing::warn!("the terminal did not take the last frame");
    }
    drop(painter);
    drop(guard);
    if let Some(engine) = engine {
        engine.shut_down().await;
    }
    Ok(exit.unwrap_or(Exit::Left))
}

struct Stage<'a> {
    app: &'a mut App,
    engine: Option<Engine>,
    host: &'a mut dyn Host,
    painter: Painter,
    is_dirty: bool,
    exit: Option<Exit>,
}

impl Stage<'_> {
    fn tick_at(&self) -> Instant {
        let left = self.app.next_tick().duration_since(clock::now());
        Instant::now() + Duration::try_from(left).unwrap_or(Duration::ZERO)
    }

    fn paint(&mut self) {
        if self.is_dirty && !self.painter.is_busy() {
            self.is_dirty = false;
            let app = &self.app;
            self.painter.paint(|buffer| app.view(buffer));
        }
    }

    /// Takes this event and all that have come since; they become one picture.
    async fn take_events(&mut self, first: crossterm::event::Event, events: &mut EventStream) {
        let mut next = Some(first);
        while let Some(event) = next {
            if let Some(msg) = message(event) {
                if let Msg::Resized { width, height } = msg {
                    self.painter.start_over(Rect::new(0, 0, width, height));
                }
                self.tell(msg).await;
            }
            if self.exit.is_some() {
                return;
            }
            next = waiting_event(events).await;
        }
    }

    async fn take_mail(&mut self) {
        let Some(engine) = &self.engine else { return };
        let (snapshots, prepared) = engine.mailbox().take();
        if !snapshots.is_empty() {
            self.tell(Msg::Feed(snapshots)).await;
        }
        for one in prepared {
            self.tell(Msg::Prepared(one)).await;
        }
    }

    /// The program was stopped and goes on: somebody else may have used the terminal meanwhile.
    fn go_on(&mut self) {
        if let Err(error) = crossterm::terminal::enable_raw_mode() {
            tracing::warn!(%error, "raw mode cannot be set again");
        }
        self.painter.send(entry(self.host.has_mouse()).as_bytes());
        if let Ok((width, height)) = crossterm::terminal::size() {
            self.painter.start_over(Rect::new(0, 0, width, height));
        }
        self.is_dirty = true;
    }

    /// Gives the model a message and carries out what follows, to the end.
    async fn tell(&mut self, msg: Msg) {
        let mut waiting = vec![msg];
        while let Some(msg) = waiting.pop() {
            self.is_dirty = true;
            for effect in self.app.update(msg, clock::now()) {
                waiting.extend(self.carry_out(effect).await);
            }
        }
    }

    async fn carry_out(&mut self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Leave => {
                self.exit = Some(Exit::Left);
                None
            }
            Effect::Copy { text, what } => Some(Msg::Notice(match clipboard::copy(&text, self.host.multiplexer()) {
                Some(bytes) => {
                    self.painter.send(&bytes);
                    Notice::info(format!("copied {what}"))
                }
                None => Notice::warn(format!("{what} is too long for the terminal's clipboard")),
            })),
            Effect::UseTheme(name) => Some(match self.host.theme(&name) {
                Ok(theme) => Msg::Themed(Box::new(theme)),
                Err(problem) => Msg::Notice(Notice::warn(problem)),
            }),
            Effect::UseKeymap(name) => Some(match self.host.keymap(&name) {
                Ok(keymap) => Msg::Keyed(Box::new(keymap)),
                Err(problem) => Msg::Notice(Notice::warn(problem)),
            }),
            Effect::Adopt(names) => {
                let opened = self.host.adopt(&names).await;
                self.open(opened, false)
            }
            Effect::Demo => {
                let opened = self.host.demo().await;
                self.open(opened, true)
            }
            effect => {
                if let Some(engine) = &self.engine {
                    for_engine(engine, effect);
                }
                None
            }
        }
    }

    fn open(&mut self, opened: Result<Engine, String>, is_demo: bool) -> Option<Msg> {
        match opened {
            Ok(engine) => {
                self.engine = Some(engine);
                self.app.show_fleet(is_demo);
                None
            }
            Err(problem) => Some(Msg::Notice(Notice::bad(problem))),
        }
    }
}

/// An event that is there already. The stream must be polled with this task's own waker: it keeps the first one it
/// is given until an event comes.
async fn waiting_event(events: &mut EventStream) -> Option<crossterm::event::Event> {
    std::future::poll_fn(|cx| match events.poll_next_unpin(cx) {
        Poll::Ready(event) => Poll::Ready(event.and_then(Result::ok)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn for_engine(engine: &Engine, effect: Effect) {
    match effect {
        Effect::Watch(interest) => engine.watch(interest),
        Effect::Refresh => engine.refresh(),
        Effect::Prepare { ticket, action } => engine.prepare(ticket, action),
        Effect::Execute { ticket, plan } => engine.execute(ticket, *plan),
        _ => {}
    }
}
