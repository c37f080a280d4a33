//! The dashboard in a terminal of its own: what it draws, frame by frame with their times, and
//! what it takes of the machine meanwhile.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use super::Ground;

/// A drawing ends with this (synchronised update).
const END: &[u8] = b"\x1b[?2026l";
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The screen on which it is drawn.
pub const COLUMNS: u16 = 160;
pub const ROWS: u16 = 50;

/// The program in a terminal that takes all that it draws.
pub struct Dashboard {
    shared: Arc<Shared>,
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn std::io::Write + Send>,
    process: u32,
    /// When it was started.
    pub began: Instant,
    _master: Box<dyn MasterPty + Send>,
    _home: TempDir,
}

/// One drawing.
#[derive(Clone, Debug)]
pub struct Frame {
    /// When all of it was there.
    pub at: Instant,
    /// How much was written for it.
    pub bytes: usize,
    /// What it left on the screen, line by line.
    pub lines: Vec<String>,
    /// The line in reversed video.
    pub selected: Option<usize>,
}

impl Frame {
    /// Whether this stands anywhere on it.
    pub fn has(&self, text: &str) -> bool {
        self.lines.iter().any(|line| line.contains(text))
    }
}

/// What the threads of the program took so far.
#[derive(Clone, Debug, Default)]
pub struct Taken(HashMap<String, Thread>);

#[derive(Clone, Copy, Debug, Default)]
struct Thread {
    /// How often it waited for something: voluntary context switches.
    waits: u64,
    /// Nanoseconds on a processor.
    worked: u64,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    frames: Vec<Frame>,
    /// Frames before this one have been asked for.
    next: usize,
    ended: bool,
}

impl Dashboard {
    /// Starts it with a configuration.
    pub fn start(ground: &Ground, config: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let home = TempDir::new()?;
        let file = home.path().join("fleet.toml");
        fs::write(&file, config)?;
        let size = PtySize {
            rows: ROWS,
            cols: COLUMNS,
            ..PtySize::default()
        };
        let pty = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(&ground.sqlreach);
        command.arg("--config");
        command.arg(&file);
        command.args(arguments);
        command.cwd(home.path());
        command.env_clear();
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
            command.env(variable, home.path());
        }
        command.env("TERM", "xterm-256color");
        let mut screen = pty.master.try_clone_reader()?;
        let keys = pty.master.take_writer()?;
        let shared = Arc::new(Shared::default());
        std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || watch(&mut screen, &shared)
        });
        let began = Instant::now();
        let child = pty.slave.spawn_command(command)?;
        drop(pty.slave);
        Ok(Self {
            shared,
            process: child.process_id().context("it has no number")?,
            child,
            keys,
            began,
            _master: pty.master,
            _home: home,
        })
    }

    /// The next frame, however long ago it was drawn.
    pub fn frame(&self) -> anyhow::Result<Frame> {
        let Some(frame) = self.frame_within(PATIENCE)? else {
            bail!("it draws nothing any more");
        };
        Ok(frame)
    }

    /// The same; `None` where none comes in time.
    pub fn frame_within(&self, patience: Duration) -> anyhow::Result<Option<Frame>> {
        let until = Instant::now() + patience;
        let mut state = self.shared.state();
        loop {
            if let Some(frame) = state.frames.get(state.next).cloned() {
                state.next += 1;
                return Ok(Some(frame));
            }
            if state.ended {
                bail!("the dashboard has ended");
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let wait = self.shared.news.wait_timeout(state, left);
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The first frame from here on that is so.
    pub fn wait(&self, mut is_so: impl FnMut(&Frame) -> bool) -> anyhow::Result<Frame> {
        let until = Instant::now() + PATIENCE;
        loop {
            let frame = self.frame()?;
            if is_so(&frame) {
                return Ok(frame);
            }
            if Instant::now() > until {
                bail!("never came; the last:\n{}", frame.lines.join("\n"));
            }
        }
    }

    /// Passes over all that was drawn so far; returns the newest.
    pub fn skip(&self) -> Option<Frame> {
        let mut state = self.shared.state();
        state.next = state.frames.len();
        state.frames.last().cloned()
    }

    /// Types, and says when.
    pub fn press(&mut self, keys: &str) -> anyhow::Result<Instant> {
        let at = Instant::now();
        self.keys.write_all(keys.as_bytes())?;
        self.keys.flush()?;
        Ok(at)
    }

    /// What it took so far.
    pub fn taken(&self) -> anyhow::Result<Taken> {
        Taken::by(self.process)
    }

    /// Lets time pass and returns what it took meanwhile: how often it woke, processor time,
    /// and which threads woke how often.
    pub fn rest(&self, time: Duration) -> anyhow::Result<(u64, Duration, String)> {
        let mut last = self.taken()?;
        let until = Instant::now() + time;
        let mut sum: HashMap<String, Thread> = HashMap::new();
        while Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            std::thread::sleep(left.min(Duration::from_secs(1)));
            // Threads come and go; each second counts for those that are there.
            let now = self.taken()?;
            for (thread, taken) in &now.0 {
                let before = last.0.get(thread).copied().unwrap_or_default();
                let sum = sum.entry(thread.clone()).or_default();
                sum.waits += taken.waits - before.waits;
                sum.worked += taken.worked - before.worked;
            }
            last = now;
        }
        let mut each: Vec<_> = sum.iter().collect();
        each.sort_by_key(|(name, _)| (*name).clone());
        let mut told = String::new();
        for (thread, taken) in each {
            let name = thread.split_once(' ').map_or("", |(_, name)| name);
            let worked = Duration::from_nanos(taken.worked);
            if taken.waits > 0 {
                write!(told, " {name} {} ({worked:.1?})", taken.waits)?;
            }
        }
        let waits = sum.values().map(|taken| taken.waits).sum();
        let worked = sum.values().map(|taken| taken.worked).sum();
        Ok((waits, Duration::from_nanos(worked), told))
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Taken {
    /// By its number in proc(5): `status` and `schedstat` of each thread.
    fn by(process: u32) -> anyhow::Result<Self> {
        let mut threads = HashMap::new();
        for thread in fs::read_dir(format!("/proc/{process}/task"))? {
            let folder = thread?.path();
            let read = |name| fs::read_to_string(folder.join(name));
            // One that has just ended took nothing since.
            let (Ok(status), Ok(schedstat), Ok(name)) =
                (read("status"), read("schedstat"), read("comm"))
            else {
                continue;
            };
            let waits = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
                .context("the system does not count context switches")?;
            let worked = schedstat.split_whitespace().next().unwrap_or_default();
            let number = folder.file_name().unwrap_or_default().to_string_lossy();
            threads.insert(
                format!("{number} {}", name.trim()),
                Thread {
                    waits: waits.trim().parse()?,
                    worked: worked.parse()?,
                },
            );
        }
        Ok(Self(threads))
    }
}

impl Taken {
    /// Processor time that the threads of this look took since another one.
    pub fn worked_since(&self, before: &Self) -> Duration {
        let worked = self.0.iter().map(|(thread, taken)| {
            let before = before.0.get(thread).copied().unwrap_or_default();
            taken.worked - before.worked
        });
        Duration::from_nanos(worked.sum())
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what is drawn until the terminal is let go.
fn watch(screen: &mut impl Read, shared: &Shared) {
    let size = |cells| NonZeroU16::new(cells).unwrap_or(NonZeroU16::MIN);
    let mut terminal = vt100::Parser::new(size(ROWS), size(COLUMNS), 0);
    let mut buffer = vec![0; 64 * 1024];
    let mut waiting: Vec<u8> = Vec::new();
    while let Ok(read @ 1..) = screen.read(&mut buffer) {
        let at = Instant::now();
        // The end of a frame may lie across two reads.
        let mut from = waiting.len().saturating_sub(END.len() - 1);
        waiting.extend(&buffer[..read]);
        while let Some(found) = find(&waiting[from..], END) {
            let frame: Vec<u8> = waiting.drain(..from + found + END.len()).collect();
            from = 0;
            terminal.process(&frame);
            let screen = terminal.screen();
            let selected = (0..ROWS)
                .find(|row| screen.cell(*row, 0).is_some_and(vt100::Cell::inverse))
                .map(usize::from);
            let lines = screen.rows(0, COLUMNS);
            let frame = Frame {
                at,
                bytes: frame.len(),
                lines: lines.map(|line| line.trim_end().to_owned()).collect(),
                selected,
            };
            shared.state().frames.push(frame);
            shared.news.notify_all();
        }
    }
    shared.state().ended = true;
    shared.news.notify_all();
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}
