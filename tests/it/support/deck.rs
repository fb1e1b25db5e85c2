//! The real program in a real pseudo-terminal, with a screen that another program understands.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// Longer than anything takes; only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(30);

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    is_closed: bool,
}

/// Lines and echo: what raw mode takes away.
const ICANON: u32 = 0o2;
const ECHO: u32 = 0o10;

/// A running sparkdeck.
pub struct Deck {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    pub home: Arc<TempDir>,
}

/// What a deck is started with.
pub struct Setting {
    pub size: (u16, u16),
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub config: Option<String>,
    pub home: Arc<TempDir>,
}

impl Setting {
    pub fn new(arguments: &[&str]) -> Self {
        Self {
            size: (120, 36),
            arguments: arguments.iter().map(|text| (*text).to_owned()).collect(),
            environment: Vec::new(),
            config: None,
            home: Arc::new(TempDir::new().unwrap()),
        }
    }

    pub fn with(mut self, environment: &[(String, String)]) -> Self {
        self.environment.extend(environment.iter().cloned());
        self
    }

    pub fn config(mut self, text: &str) -> Self {
        self.config = Some(text.to_owned());
        self
    }

    pub fn size(mut self, width: u16, height: u16) -> Self {
        self.size = (width, height);
        self
    }

    pub fn config_file(&self) -> PathBuf {
        self.home.path().join(".config/sparkdeck/config.toml")
    }

    pub fn start(self) -> Deck {
        if let Some(text) = &self.config {
            std::fs::create_dir_all(self.config_file().parent().unwrap()).unwrap();
            std::fs::write(self.config_file(), text).unwrap();
        }
        let (width, height) = self.size;
        let size = PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sparkdeck"));
        command.args(&self.arguments);
        command.env_clear();
        command.cwd(self.home.path());
        for (name, value) in [
            ("PATH", "/usr/bin:/bin"),
            ("HOME", self.home.path().to_str().unwrap()),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("USER", "ops"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let cells = |length: u16| NonZero::new(length).unwrap();
        let seen =
            Seen { parser: vt100::Parser::new(cells(height), cells(width), 0), raw: Vec::new(), is_closed: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let theirs = Arc::clone(&seen);
        thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            loop {
                let count = reader.read(&mut buffer).unwrap_or(0);
                let (seen, changed) = &*theirs;
                let mut seen = seen.lock().unwrap();
                seen.parser.process(&buffer[..count]);
                seen.raw.extend_from_slice(&buffer[..count]);
                seen.is_closed = count == 0;
                changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Deck { child, master: pair.master, writer, seen, home: self.home }
    }
}

impl Deck {
    /// Types text and keys: `<enter>`, `<esc>`, `<tab>`, `<up>`, `<down>`, `<bs>`, `<ctrl-x>`.
    pub fn keys(&mut self, keys: &str) {
        let mut rest = keys;
        while !rest.is_empty() {
            let named = rest.strip_prefix('<').and_then(|tail| tail.split_once('>'));
            let bytes = if let Some((name, tail)) = named {
                rest = tail;
                named_key(name)
            } else {
                let c = rest.chars().next().unwrap();
                rest = &rest[c.len_utf8()..];
                c.to_string().into_bytes()
            };
            self.writer.write_all(&bytes).unwrap();
            self.writer.flush().unwrap();
        }
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn screen(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    /// The row of the screen that holds a text.
    pub fn row(&self, text: &str) -> Option<String> {
        self.screen().lines().find(|line| line.contains(text)).map(str::to_owned)
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let (seen, changed) = &*self.seen;
        let mut guard = seen.lock().unwrap();
        loop {
            let text = guard.parser.screen().contents();
            if is_so(&text) {
                return text;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !guard.is_closed, "waited for {what}; the screen is\n{text}");
            guard = changed.wait_timeout(guard, left).unwrap().0;
        }
    }

    #[track_caller]
    pub fn wait(&self, text: &str) -> String {
        self.until(text, |screen| screen.contains(text))
    }

    #[track_caller]
    pub fn gone(&self, text: &str) -> String {
        self.until(&format!("{text} to go"), |screen| !screen.contains(text))
    }

    /// Confirms a plan: the guard of the dialog lets the first keys pass unheard.
    #[track_caller]
    pub fn confirm(&mut self, key: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.screen().contains("plan:") {
            assert!(Instant::now() < deadline, "the plan is not taken; the screen is\n{}", self.screen());
            self.keys(key);
            self.rest(Duration::from_millis(100));
        }
    }

    /// Lets time pass while the program goes on.
    pub fn rest(&self, time: Duration) {
        let deadline = Instant::now() + time;
        let (seen, changed) = &*self.seen;
        let mut guard = seen.lock().unwrap();
        while Instant::now() < deadline {
            guard = changed.wait_timeout(guard, deadline.saturating_duration_since(Instant::now())).unwrap().0;
        }
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        {
            let mut seen = self.seen.0.lock().unwrap();
            let cells = |length: u16| NonZero::new(length).unwrap();
            seen.parser.screen_mut().set_size(cells(height), cells(width));
        }
        self.master.resize(PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.child.process_id().unwrap()).unwrap();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let (seen, changed) = &*self.seen;
                let mut guard = seen.lock().unwrap();
                while !guard.is_closed && Instant::now() < deadline {
                    guard = changed.wait_timeout(guard, Duration::from_millis(100)).unwrap().0;
                }
                return status;
            }
            assert!(Instant::now() < deadline, "the program does not end; the screen is\n{}", self.screen());
            self.rest(Duration::from_millis(5));
        }
    }

    /// Everything that the program switched on is switched off again.
    #[track_caller]
    pub fn assert_restored(&self) {
        let raw = String::from_utf8_lossy(&self.raw()).into_owned();
        for (on, off) in [
            ("\x1b[?1049h", "\x1b[?1049l"),
            ("\x1b[?25l", "\x1b[?25h"),
            ("\x1b[?2004h", "\x1b[?2004l"),
            ("\x1b[?1000h", "\x1b[?1000l"),
            ("\x1b[?1006h", "\x1b[?1006l"),
        ] {
            if let Some(at) = raw.rfind(on) {
                assert!(raw[at..].contains(off), "{on:?} without {off:?}");
            }
        }
        let modes = self.master.get_termios().unwrap().local_flags.bits();
        assert_eq!(modes & (ICANON | ECHO), ICANON | ECHO, "still in raw mode");
    }

    /// The journal's lines.
    pub fn journal(&self) -> Vec<serde_json::Value> {
        journal(self.home.path())
    }
}

/// The lines of a home's journal; none if there is none.
pub fn journal(home: &Path) -> Vec<serde_json::Value> {
    let file = home.join(".local/state/sparkdeck/journal.jsonl");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

impl Drop for Deck {
    fn drop(&mut self) {
        // It has usually ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn named_key(name: &str) -> Vec<u8> {
    match name {
        "enter" => b"\r".to_vec(),
        "esc" => b"\x1b".to_vec(),
        "tab" => b"\t".to_vec(),
        "up" => b"\x1b[A".to_vec(),
        "down" => b"\x1b[B".to_vec(),
        "bs" => b"\x7f".to_vec(),
        name => vec![name.strip_prefix("ctrl-").unwrap().as_bytes()[0] & 0x1f],
    }
}
