//! Takes the terminal over and always gives it back: at the end, on a signal, on a panic.

use std::io::Write;
use std::panic::PanicHookInfo;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};

/// Alternate screen, hidden cursor, bracketed paste.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Clicks and the wheel, in a form that has no limit on columns. Movements are not asked for.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
/// Everything back, in whatever state it is.
const LEAVE: &str = "\x1b[?1006l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[?25h\x1b[?1049l";

/// The terminal is in our hands.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// What must be written to take the terminal over.
pub(super) fn entry(has_mouse: bool) -> String {
    if has_mouse { format!("{ENTER}{MOUSE_ON}") } else { ENTER.to_owned() }
}

/// Holds the terminal in raw mode; dropping it gives the terminal back.
pub(super) struct Guard;

impl Guard {
    /// # Errors
    /// The terminal cannot be put into raw mode: it is none.
    pub(super) fn take() -> std::io::Result<Self> {
        crossterm::terminal::enable_raw_mode()?;
        IS_TAKEN.store(true, Ordering::SeqCst);
        Ok(Self)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, once. Nothing can be done about a terminal that does not take it.
fn give_back() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = std::io::stdout().lock();
        // The other end may be gone; then there is nothing to restore.
        let _ = out.write_all(LEAVE.as_bytes()).and_then(|()| out.flush());
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// After a panic of the thread that owns the terminal: gives it back, keeps a report, says where it is.
/// Panics elsewhere end a worker, which is started again; they go to the log.
pub(super) fn install_panic_hook(report: PathBuf) {
    let owner: ThreadId = thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        let backtrace = std::backtrace::Backtrace::force_capture();
        if thread::current().id() == owner {
            give_back();
            tell(info, &backtrace, &report);
        } else {
            tracing::error!(%info, %backtrace, "a worker panicked");
        }
    }));
}

#[expect(clippy::print_stderr, reason = "the terminal was given back: this is the last word")]
fn tell(info: &PanicHookInfo<'_>, backtrace: &std::backtrace::Backtrace, report: &std::path::Path) {
    let text = format!("sparkdeck {}\n{info}\n\n{backtrace}\n", env!("CARGO_PKG_VERSION"));
    let written = report.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(report, &text));
    eprintln!("sparkdeck: {info}");
    match written {
        Ok(()) => eprintln!("sparkdeck: the report is in {}", report.display()),
        Err(error) => eprintln!("sparkdeck: no report could be written to {}: {error}\n{text}", report.display()),
    }
}
