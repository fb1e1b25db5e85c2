//! Paints frames: only what changed, each frame in one write, from a thread of its own, so that a terminal that
//! does not take it (a stalled line, a pressed ctrl-s) never holds up keys and signals.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::Notify;

use super::encoder::Encoder;

/// Erases the screen, with colours at rest.
const ERASE: &[u8] = b"\x1b[0m\x1b[2J";

pub(super) struct Painter {
    shown: Buffer,
    next: Buffer,
    encoder: Encoder,
    /// Written before the next frame.
    before: Vec<u8>,
    frames: Option<SyncSender<Vec<u8>>>,
    writer: Option<JoinHandle<()>>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    is_busy: AtomicBool,
    is_broken: AtomicBool,
    done: Notify,
}

impl Painter {
    /// A painter whose first frame begins with these bytes.
    ///
    /// # Errors
    /// No thread can be started.
    pub(super) fn new(size: Rect, before: Vec<u8>) -> std::io::Result<Self> {
        let (frames, taken) = mpsc::sync_channel::<Vec<u8>>(1);
        let state = Arc::new(State::default());
        let theirs = Arc::clone(&state);
        let writer = std::thread::Builder::new().name("painter".into()).spawn(move || {
            for frame in taken {
                let mut out = std::io::stdout().lock();
                if out.write_all(&frame).and_then(|()| out.flush()).is_err() {
                    theirs.is_broken.store(true, Ordering::SeqCst);
                }
                theirs.is_busy.store(false, Ordering::SeqCst);
                theirs.done.notify_one();
            }
        })?;
        Ok(Self {
            shown: Buffer::empty(size),
            next: Buffer::empty(size),
            encoder: Encoder::new(),
            before,
            frames: Some(frames),
            writer: Some(writer),
            state,
        })
    }

    pub(super) fn is_busy(&self) -> bool {
        self.state.is_busy.load(Ordering::SeqCst)
    }

    /// The terminal is gone.
    pub(super) fn is_broken(&self) -> bool {
        self.state.is_broken.load(Ordering::SeqCst)
    }

    /// Waits until the last frame is out.
    pub(super) async fn idle(&self) {
        while self.is_busy() {
            self.state.done.notified().await;
        }
    }

    /// The screen has another size, or nobody knows what is on it: the next frame draws everything.
    pub(super) fn start_over(&mut self, size: Rect) {
        self.shown = Buffer::empty(size);
        self.next = Buffer::empty(size);
        self.encoder.forget();
        self.before.extend_from_slice(ERASE);
    }

    /// Sends something that is no picture with the next frame.
    pub(super) fn send(&mut self, bytes: &[u8]) {
        self.before.extend_from_slice(bytes);
    }

    /// Draws, and writes what is different from what is shown. Writes nothing when nothing is.
    pub(super) fn paint(&mut self, draw: impl FnOnce(&mut Buffer)) {
        self.next.reset();
        draw(&mut self.next);
        let mut frame = std::mem::take(&mut self.before);
        self.encoder.encode(&mut self.shown, &self.next, &mut frame);
        std::mem::swap(&mut self.shown, &mut self.next);
        if frame.is_empty() {
            return;
        }
        self.state.is_busy.store(true, Ordering::SeqCst);
        let is_taken = self.frames.as_ref().is_some_and(|frames| frames.send(frame).is_ok());
        if !is_taken {
            self.state.is_broken.store(true, Ordering::SeqCst);
        }
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        self.frames = None;
        // A writer that hangs in a stalled terminal ends with the process.
        if !self.is_busy()
            && let Some(writer) = self.writer.take()
        {
            let _ = writer.join();
        }
    }
}
