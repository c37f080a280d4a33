//! The terminal: taken over, and always given back: on exit, on panic, on a signal,
//! and before the process is stopped.

use std::io::{self, Stdout, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::{Backend as _, ClearType, CrosstermBackend};
use ratatui::layout::Rect;

/// Whether the terminal is ours right now, so that it is given back exactly once.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The terminal while it is ours. Dropping it gives it back.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over. A panic anywhere gives it back before it is reported.
    pub fn take() -> io::Result<Self> {
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                report(panic);
            }));
        });
        enter()?;
        let terminal =
            Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| give_back())?;
        Ok(Self { terminal })
    }

    /// The terminal to draw on.
    pub fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<Stdout>> {
        &mut self.terminal
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
    /// terminal over again.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<()> {
        use nix::sys::signal::{Signal, kill};
        use nix::unistd::Pid;

        give_back();
        // The whole foreground group stops, as it does when the terminal sends ctrl-z:
        // a shell or cargo that started us must notice. SIGTSTP would be discarded in
        // an orphaned process group.
        kill(Pid::from_raw(0), Signal::SIGSTOP).map_err(io::Error::from)?;
        enter()?;
        self.forget()
    }

    /// There is no job control here.
    #[cfg(not(unix))]
    pub fn suspend(&mut self) -> io::Result<()> {
        self.forget()
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
        let _ = execute!(
            stdout(),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

/// Waits, on a thread of its own, until the terminal hangs up. Never wakes before.
///
/// crossterm reads a terminal that is gone for ever, on a full core (its issue 793), so
/// that its silence is no sign: the kernel is asked.
#[cfg(unix)]
pub fn watch_for_hang_up() -> io::Result<tokio::sync::oneshot::Receiver<()>> {
    use std::os::fd::AsFd as _;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

    let tty = std::fs::File::open("/dev/tty")?;
    let (gone, hung_up) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("hang-up".into())
        .spawn(move || {
            // No events are asked for: POLLHUP and POLLERR are reported all the same.
            let mut watched = [PollFd::new(tty.as_fd(), PollFlags::empty())];
            while let Ok(0) | Err(nix::errno::Errno::EINTR) = poll(&mut watched, PollTimeout::NONE)
            {
            }
            let _ = gone.send(());
        })?;
    Ok(hung_up)
}

/// A console that closes ends the process by itself here.
#[cfg(not(unix))]
pub fn watch_for_hang_up() -> io::Result<tokio::sync::oneshot::Receiver<()>> {
    Err(io::ErrorKind::Unsupported.into())
}
