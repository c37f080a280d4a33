//! The terminal: taken over, and always given back: on exit, on panic, on a signal,
//! and before the process is stopped.

use std::cell::Cell;
use std::io::{self, BufWriter, Stdout, Write as _, stderr, stdout};
use std::mem::ManuallyDrop;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::{Backend as _, ClearType};
use ratatui::layout::Rect;

mod hang_up;
mod mouse;
mod sparing;
mod stuck;
pub use hang_up::HangUp;
pub use sparing::Sparing;
pub use stuck::Stuck;

/// Whether the terminal is ours right now, so that it is given back exactly once.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();
/// Panics of other threads, which go on without the screen, until it is given back.
static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// The first ones tell what is wrong.
const MOST_KEPT: usize = 3;

thread_local! {
    /// Whether the screen is drawn by this thread.
    static DRAWS: Cell<bool> = const { Cell::new(false) };
}

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub struct Screen {
    /// Never dropped: ratatui would show the cursor once more, and where the terminal is
    /// gone panic over the error message that nobody can be told.
    terminal: ManuallyDrop<Terminal<Sparing<Out>>>,
}

/// A drawing is one write: standard output by itself passes it on kilobyte by kilobyte.
type Out = BufWriter<Stdout>;
/// More than a large screen takes when all of it is drawn.
const DRAWING: usize = 64 * 1024;

impl Screen {
    /// Takes the terminal over. A panic of this thread gives it back before it is
    /// reported. One of another thread (a probe's, say) ends nothing here: it is logged,
    /// and reported when the terminal is given back.
    pub fn take() -> io::Result<Self> {
        DRAWS.set(true);
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                let draws = DRAWS.try_with(Cell::get).unwrap_or(false);
                if TAKEN.load(Ordering::SeqCst) && !draws {
                    keep(panic);
                } else {
                    give_back();
                    report(panic);
                }
            }));
        });
        enter()?;
        let terminal = Terminal::new(Sparing::new(BufWriter::with_capacity(DRAWING, stdout())))
            .inspect_err(|_| give_back())?;
        Ok(Self {
            terminal: ManuallyDrop::new(terminal),
        })
    }

    /// The terminal to draw on.
    pub fn terminal(&mut self) -> &mut Terminal<Sparing<Out>> {
        &mut self.terminal
    }

    /// Has the terminal report the mouse from now on, or leave it alone.
    pub fn mouse(on: bool) -> io::Result<()> {
        mouse::set(on)
    }

    /// Forgets what was drawn, so that the next drawing writes everything.
    /// Not `Terminal::clear`, which asks the terminal a question and waits for the answer.
    pub fn forget(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.backend_mut().clear_region(ClearType::All)?;
        self.terminal
            .resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Gives the terminal back, stops the process and, when it goes on, takes the
    /// terminal over again. `false` where there is no shell that could make it go on.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<bool> {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::{Pid, getpgrp, getsid};

        // A shell with job control leads the session in a group of its own. Without one
        // (`ssh -t host sqlreach`) the stopped program would stay so for ever.
        if getsid(None) == Ok(getpgrp()) {
            return Ok(false);
        }
        give_back();
        // The whole foreground group stops, as it does when the terminal sends ctrl-z:
        // a shell or cargo that started us must notice. SIGTSTP would be discarded in
        // an orphaned process group.
        kill(Pid::from_raw(0), Signal::SIGSTOP).map_err(io::Error::from)?;
        enter()?;
        mouse::resume()?;
        self.forget()?;
        Ok(true)
    }

    /// There is no job control here.
    #[cfg(not(unix))]
    pub fn suspend(&mut self) -> io::Result<bool> {
        Ok(false)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(
        stdout(),
        EnterAlternateScreen,
        EnableBracketedPaste,
        cursor::Hide
    )
    .inspect_err(|_| give_back())
}

/// Errors are passed over: the terminal may be gone, and there is nobody left to tell.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        mouse::give_back();
        let _ = execute!(
            stdout(),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        for report in kept.drain(..) {
            let _ = writeln!(stderr(), "sqlreach: {report}");
        }
    }
}

/// Keeps the report of a panic until it can be read.
fn keep(panic: &PanicHookInfo<'_>) {
    let report = panic.to_string();
    tracing::error!("{report}");
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < MOST_KEPT {
        kept.push(report);
    }
}

/// Has the system tell once more that there is input, if there is.
///
/// crossterm waits for the news of input, then reads 1,024 bytes at most, and leaves the rest
/// of plain keys until the next news: the end of a long paste would come with the next key. So
/// would a key that was pressed while the terminal took another size: crossterm tells one of
/// the two and forgets the news of the other.
/// Setting the terminal as it is wakes whoever waits for it (Linux, `n_tty_set_termios`).
pub fn tell_input_again() {
    #[cfg(unix)]
    {
        use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
        // Where it cannot be set, the rest waits, as it would have.
        let _ = tcgetattr(stdout())
            .and_then(|settings| tcsetattr(stdout(), SetArg::TCSANOW, &settings));
    }
}

/// Whether an error came of a terminal that is gone. What cannot be done there fails in many
/// ways (asked for its size, crossterm starts `tput`), so the terminal is asked, too.
pub fn is_gone(error: &io::Error) -> bool {
    #[cfg(unix)]
    if error.raw_os_error() == Some(nix::libc::EIO) || hang_up::has_happened(&stdout()) {
        return true;
    }
    error.kind() == io::ErrorKind::BrokenPipe
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Read as _;

    use nix::sys::termios::LocalFlags;
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};

    use super::*;

    const ENTER: &str = "\x1b[?1049h";
    const LEAVE: &str = "\x1b[?1049l";

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_is_reported() {
        let sent = in_a_terminal("the_screen_panics");
        let [entered, left, report] = places(&sent, [ENTER, LEAVE, "the screen is broken"]);
        assert!(entered < left && left < report, "{sent:?}");
        assert!(sent[left..].contains("\x1b[?25h"), "{sent:?}");
        let [on, off] = places(&sent, ["\x1b[?1000h", "\x1b[?1000l"]);
        assert!(entered < on && on < off && off < report, "{sent:?}");
        assert_eq!(sent.matches(LEAVE).count(), 1, "{sent:?}");
    }

    /// A probe that panics is the prober's affair; the screen is drawn on.
    #[test]
    fn a_panic_of_another_thread_is_reported_when_the_screen_is_given_back() {
        let sent = in_a_terminal("another_thread_panics");
        let [drawn, left, report] = places(&sent, ["drawn on", LEAVE, "a probe is broken"]);
        assert!(drawn < left && left < report, "{sent:?}");
        assert_eq!(sent.matches(LEAVE).count(), 1, "{sent:?}");
    }

    #[test]
    #[ignore = "a program for the tests above, which start it in a terminal"]
    fn the_screen_panics() {
        let _screen = Screen::take().unwrap();
        Screen::mouse(true).unwrap();
        panic!("the screen is broken");
    }

    #[test]
    #[ignore = "a program for the tests above, which start it in a terminal"]
    fn another_thread_panics() {
        let _screen = Screen::take().unwrap();
        let probe = std::thread::spawn(|| panic!("a probe is broken"));
        assert!(probe.join().is_err());
        stdout().write_all(b"drawn on").unwrap();
    }

    /// Starts one of the programs above; returns what it sent. Afterwards the terminal
    /// must echo again.
    fn in_a_terminal(program: &str) -> String {
        let pty = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        let name = format!("tui::terminal::tests::{program}");
        command.args(["--exact", &name, "--ignored", "--nocapture"]);
        let mut child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut sent = String::new();
        let mut terminal = pty.master.try_clone_reader().unwrap();
        terminal.read_to_string(&mut sent).unwrap();
        child.wait().unwrap();
        let termios = pty.master.get_termios().unwrap();
        let echo = LocalFlags::ECHO | LocalFlags::ICANON;
        assert_eq!(termios.local_flags.bits() & echo.bits(), echo.bits());
        sent
    }

    fn places<const N: usize>(sent: &str, wanted: [&str; N]) -> [usize; N] {
        wanted.map(|text| {
            let place = sent.find(text);
            place.unwrap_or_else(|| panic!("{text:?} is not in {sent:?}"))
        })
    }
}
