//! A program in a pseudo-terminal, and somebody who watches it and types.

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{
    FlowArg, LocalFlags, SetArg, SpecialCharacterIndices, tcflow, tcgetattr, tcsetattr,
};
use nix::sys::wait::WaitPidFlag;
#[cfg(target_os = "linux")]
use nix::sys::wait::{Id, waitid};
use nix::unistd::Pid;
use portable_pty::{Child, ExitStatus, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use crate::place;
use crate::program::Program;
use crate::view::View;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a key sends: escape, and the enter key.
pub const ESC: &str = "\x1b";
pub const ENTER: &str = "\r";
pub const CTRL_Z: &str = "\x1a";

pub struct Terminal {
    shared: Arc<Shared>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    reader: Option<JoinHandle<()>>,
    pid: Pid,
    pub home: TempDir,
    _closed: Vec<sqlreach::simulate::closed_port::ClosedPort>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    news: Condvar,
}

struct State {
    view: View,
    /// The reader stops after the next drawing.
    let_go: bool,
    end: Option<End>,
}

/// How the program ended.
#[derive(Clone)]
pub struct End {
    pub status: ExitStatus,
    pub at: Instant,
    /// The processor time that it took in all.
    pub cpu: Option<Duration>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            view: View::new(1, 1),
            let_go: false,
            end: None,
        }
    }
}

impl Terminal {
    pub fn start(program: Program) -> Self {
        place::take();
        let (columns, rows) = program.size;
        let pty = native_pty_system()
            .openpty(pty_size(columns, rows))
            .unwrap();
        type_no_farewell(pty.master.as_ref());
        let shared = Arc::new(Shared::default());
        shared.state().view = View::new(columns, rows);
        let child = pty.slave.spawn_command(program.command).unwrap();
        drop(pty.slave);
        let pid = Pid::from_raw(i32::try_from(child.process_id().unwrap()).unwrap());
        let reader = pty.master.try_clone_reader().unwrap();
        let reader = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || read(reader, &shared)
        });
        std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || attend(child, pid, &shared)
        });
        Self {
            shared,
            writer: Some(pty.master.take_writer().unwrap()),
            master: Some(pty.master),
            reader: Some(reader),
            pid,
            home: program.home,
            _closed: program.closed,
        }
    }

    /// Waits until the screen is so.
    pub fn wait(&self, what: &str, mut is_so: impl FnMut(&View) -> bool) {
        self.wait_and(what, |view| is_so(view).then_some(()));
    }

    /// Waits until the screen shows this text.
    pub fn wait_for(&self, text: &str) {
        self.wait(text, |view| view.has(text));
    }

    /// Waits until the screen has what is asked for.
    pub fn wait_and<T>(&self, what: &str, mut look: impl FnMut(&View) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let mut state = self.shared.state();
        loop {
            if (state.view.ended || !state.view.is_half_drawn())
                && let Some(found) = look(&state.view)
            {
                return found;
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !state.view.ended,
                "never came: {what}\n{}\n{}",
                state.view.text(),
                if state.view.ended { "(ended)" } else { "" },
            );
            state = self.shared.news.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Looks at the screen as it is now.
    pub fn look<T>(&self, look: impl FnOnce(&View) -> T) -> T {
        look(&self.shared.state().view)
    }

    /// From now on [`View::sent`] begins here.
    pub fn mark(&self) {
        self.shared.state().view.mark();
    }

    /// Types, all in one piece.
    pub fn keys(&mut self, keys: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Types and waits for what follows.
    pub fn press(&mut self, keys: &str, what: &str, is_so: impl FnMut(&View) -> bool) {
        self.keys(keys);
        self.wait(what, is_so);
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.shared.state().view.resize(columns, rows);
        let master = self.master.as_ref().unwrap();
        master.resize(pty_size(columns, rows)).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid, signal).unwrap();
    }

    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// From now on the terminal takes nothing, as after ctrl-s.
    pub fn stop_output(&self) {
        tcflow(self.slave(), FlowArg::TCOOFF).unwrap();
    }

    /// It takes what it is sent again.
    pub fn go_on(&self) {
        tcflow(self.slave(), FlowArg::TCOON).unwrap();
    }

    /// The side of the terminal that programs have.
    fn slave(&self) -> File {
        slave_of(self.master.as_ref().unwrap().as_ref())
    }

    /// Whether the terminal echoes and edits lines, as it does for a shell.
    pub fn is_cooked(&self) -> bool {
        let termios = self.master.as_ref().unwrap().get_termios().unwrap();
        let cooked = LocalFlags::ECHO | LocalFlags::ICANON | LocalFlags::ISIG;
        let raw = nix::libc::tcflag_t::from(termios.local_flags.bits());
        raw & cooked.bits() == cooked.bits()
    }

    /// Waits for the end of the program, after which the terminal must be as it was before.
    pub fn ends_well(&self) -> End {
        let end = self.end();
        assert_eq!(end.status.exit_code(), 0, "{}", self.look(View::text));
        self.wait("the last of the output", |view| view.ended);
        assert!(self.look(View::is_given_back), "the screen is not restored");
        assert!(self.is_cooked(), "the terminal is still raw");
        end
    }

    /// Waits for the end of the program.
    pub fn end(&self) -> End {
        let until = Instant::now() + PATIENCE;
        let mut state = self.shared.state();
        loop {
            if let Some(end) = &state.end {
                return end.clone();
            }
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "it goes on\n{}", state.view.text());
            state = self.shared.news.wait_timeout(state, left).unwrap().0;
        }
    }

    /// The terminal goes away, as when its window is closed. Returns when it did.
    pub fn hang_up(&mut self) -> Instant {
        self.shared.state().let_go = true;
        // The reader sits in a read that holds the terminal: one more drawing ends it. After
        // it the program is idle, so that it is not an error of writing that tells it.
        self.keys("k");
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        let at = Instant::now();
        self.master = None;
        at
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A stopped or stuck program must not outlive its test.
        if self.shared.state().end.is_none() {
            let _ = kill(self.pid, Signal::SIGKILL);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A test that failed while it looked leaves the state whole.
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn read(mut terminal: Box<dyn Read + Send>, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    loop {
        // The end of the file and an error are both the end of the terminal.
        let count = terminal.read(&mut buffer).unwrap_or(0);
        let mut state = shared.state();
        state.view.take(&buffer[..count]);
        state.view.ended = count == 0;
        let stop = state.view.ended || (state.let_go && !state.view.is_half_drawn());
        drop(state);
        shared.news.notify_all();
        if stop {
            return;
        }
    }
}

/// Waits for the end of the program and notes what it cost.
fn attend(mut child: Box<dyn Child + Send + Sync>, pid: Pid, shared: &Shared) {
    let cpu = ended_after(pid);
    let at = Instant::now();
    let status = child.wait().unwrap();
    shared.state().end = Some(End { status, at, cpu });
    shared.news.notify_all();
}

/// The processor time of a process, read when it has ended and before it is forgotten.
#[cfg(target_os = "linux")]
fn ended_after(pid: Pid) -> Option<Duration> {
    waitid(Id::Pid(pid), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).ok()?;
    cpu_time(pid)
}

#[cfg(not(target_os = "linux"))]
fn ended_after(_: Pid) -> Option<Duration> {
    None
}

/// User and system time of a process so far (proc(5): fields 14 and 15 of `stat`).
pub fn cpu_time(pid: Pid) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the third field may hold anything.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    // The kernel shows clock ticks of a hundredth of a second on every machine.
    Some(Duration::from_millis(ticks * 10))
}

/// portable-pty types ctrl-d when its writer goes; a terminal that goes away types nothing.
fn type_no_farewell(master: &dyn MasterPty) {
    let slave = slave_of(master);
    let mut termios = tcgetattr(&slave).unwrap();
    termios.control_chars[SpecialCharacterIndices::VEOF as usize] = 0;
    tcsetattr(&slave, SetArg::TCSANOW, &termios).unwrap();
}

fn slave_of(master: &dyn MasterPty) -> File {
    std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(nix::libc::O_NOCTTY)
        .open(master.tty_name().unwrap())
        .unwrap()
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}
