//! The mouse, as the terminal reports it: buttons and the wheel, in SGR form, and no motion.
//!
//! crossterm's own command asks for every motion, too, which would wake the program each time
//! the mouse is moved across its window.

use std::fmt;
use std::io::{self, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::{Command, execute};

/// Whether the terminal was asked to report it.
static ON: AtomicBool = AtomicBool::new(false);

/// Asks the terminal to report the mouse, or to leave it alone; once for each change.
pub fn set(on: bool) -> io::Result<()> {
    if ON.swap(on, Ordering::SeqCst) != on {
        write(on)?;
    }
    Ok(())
}

/// The terminal is ours again, and as somebody else left it.
#[cfg(unix)]
pub fn resume() -> io::Result<()> {
    if ON.load(Ordering::SeqCst) {
        write(true)?;
    }
    Ok(())
}

/// Whoever has the terminal next gets no reports. Errors are passed over: it may be gone.
/// Whether it is wanted is kept for [`resume`].
pub fn give_back() {
    if ON.load(Ordering::SeqCst) {
        let _ = write(false);
    }
}

fn write(on: bool) -> io::Result<()> {
    if on {
        execute!(stdout(), Report)
    } else {
        execute!(stdout(), Leave)
    }
}

struct Report;
struct Leave;

impl Command for Report {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1000h\x1b[?1006h")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        crossterm::event::EnableMouseCapture.execute_winapi()
    }

    /// The console reports the mouse where it is set up to, whatever is written to it.
    #[cfg(windows)]
    fn is_ansi_code_supported(&self) -> bool {
        false
    }
}

impl Command for Leave {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1006l\x1b[?1000l")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        crossterm::event::DisableMouseCapture.execute_winapi()
    }

    #[cfg(windows)]
    fn is_ansi_code_supported(&self) -> bool {
        false
    }
}
