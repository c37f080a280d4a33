//! The programs that take a text for the clipboard, and patience with them.
//!
//! Programs rather than a library: arboard draws the protocols of X11 and Wayland in, stays
//! the owner of the selection only for as long as this process runs, and blocks where a
//! display server hangs. These programs stay behind by themselves, and can be killed.

use std::fmt;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// A program that has not taken the text within this time is killed.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// A program that reads a text from its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its name, which is looked for in the path.
    pub name: &'static str,
    /// Its arguments.
    pub arguments: &'static [&'static str],
    /// Whether it wants UTF-16, as Windows does.
    pub utf16: bool,
}

const fn program(name: &'static str, arguments: &'static [&'static str]) -> Program {
    Program {
        name,
        arguments,
        utf16: false,
    }
}

/// tmux, which passes the text on to the terminal around it (3.2 and later).
pub const TMUX: Program = program("tmux", &["load-buffer", "-w", "-"]);
/// An older tmux: it has the text in its own buffer.
pub const OLD_TMUX: Program = program("tmux", &["load-buffer", "-"]);
pub(super) const WAYLAND: &[Program] = &[program("wl-copy", &["--type", "text/plain"])];
pub(super) const X11: &[Program] = &[
    program("xclip", &["-selection", "clipboard"]),
    program("xsel", &["--clipboard", "--input"]),
];
pub(super) const MAC: &[Program] = &[program("pbcopy", &[])];
pub(super) const WINDOWS: &[Program] = &[Program {
    name: "clip.exe",
    arguments: &[],
    utf16: true,
}];

/// Why a program did not take a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// There is no such program.
    Missing,
    /// It ended with an error.
    Refused,
    /// It was still at it after [`PATIENCE`].
    Hung,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "is not installed",
            Self::Refused => "did not take it",
            Self::Hung => "hung",
        })
    }
}

/// Tells whoever waits for a program that nobody waits any more: what still hangs is killed.
#[derive(Clone, Debug, Default)]
pub struct Haste(Arc<AtomicBool>);

impl Haste {
    /// From now on.
    pub fn call(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was called.
    pub fn is_called(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Hands a text to a program; returns within [`PATIENCE`], whatever the program does, and
/// at once when haste is called.
///
/// What it says is not read, since a program that stays in the background (`wl-copy`,
/// `xclip`) keeps its pipes open. The text is written by a thread of its own: one longer than
/// a pipe holds waits for a reader.
pub fn hand_over(program: Program, text: &str, haste: &Haste) -> Result<(), Failure> {
    let mut command = Command::new(program.name);
    command
        .args(program.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    own_group(&mut command);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::Missing,
        _ => Failure::Refused,
    })?;
    let until = Instant::now() + PATIENCE;
    let written = write(&mut child, program.bytes(text));
    let ended = wait(&mut child, until, haste)?;
    // Who ended well may have left the rest unread: then it does not have the text.
    let left = until.saturating_duration_since(Instant::now());
    match written.recv_timeout(left.max(Duration::from_millis(50))) {
        Ok(true) if ended => Ok(()),
        _ => Err(Failure::Refused),
    }
}

impl Program {
    fn bytes(self, text: &str) -> Vec<u8> {
        if self.utf16 {
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        } else {
            text.as_bytes().to_vec()
        }
    }
}

/// Writes on a thread that ends with the reader. The channel takes its only message at once.
fn write(child: &mut Child, bytes: Vec<u8>) -> Receiver<bool> {
    let (done, written) = sync_channel(1);
    if let Some(mut stdin) = child.stdin.take() {
        std::thread::spawn(move || {
            let is_written = stdin.write_all(&bytes).is_ok();
            drop(stdin);
            done.send(is_written).ok();
        });
    }
    written
}

/// Whether it ended well; one that is still there at that time is killed.
fn wait(child: &mut Child, until: Instant, haste: &Haste) -> Result<bool, Failure> {
    while Instant::now() < until && !haste.is_called() {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => break,
        }
    }
    kill(child);
    Err(Failure::Hung)
}

/// A script that hangs in a program of its own must die with it, or the pipe stays open.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_: &mut Command) {}

fn kill(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(group) = i32::try_from(child.id()) {
        use nix::sys::signal::{Signal, killpg};
        killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL).ok();
    }
    child.kill().ok();
    child.wait().ok();
}

#[cfg(all(test, unix))]
mod tests {
    use rstest::rstest;

    use super::*;

    const fn shell(script: &'static [&'static str]) -> Program {
        program("/bin/sh", script)
    }

    /// More than a pipe holds.
    const LONG: usize = 300_000;

    #[rstest]
    #[case::takes_all(&["-c", "cat"], LONG, Ok(()))]
    #[case::exits_with_an_error(&["-c", "cat; exit 1"], 10, Err(Failure::Refused))]
    #[case::reads_nothing_and_ends_well(&["-c", "exec <&-; exit 0"], LONG, Err(Failure::Refused))]
    #[case::reads_nothing_and_hangs(&["-c", "sleep 600"], LONG, Err(Failure::Hung))]
    #[case::takes_all_and_hangs(&["-c", "cat; sleep 600"], 10, Err(Failure::Hung))]
    #[case::stays_in_the_background(
        &["-c", "cat; (sleep 3 </dev/null) & exit 0"], 10, Ok(())
    )]
    fn whatever_a_program_does_it_ends(
        #[case] script: &'static [&'static str],
        #[case] length: usize,
        #[case] outcome: Result<(), Failure>,
    ) {
        assert_eq!(
            hand_over(shell(script), &"x".repeat(length), &Haste::default()),
            outcome
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_missing() {
        let nothing = program("sqlreach-no-such-program", &[]);
        assert_eq!(
            hand_over(nothing, "x", &Haste::default()),
            Err(Failure::Missing)
        );
    }

    #[test]
    fn windows_gets_its_own_encoding_with_a_mark() {
        assert_eq!(WINDOWS[0].bytes("aä"), [0xFF, 0xFE, b'a', 0, 0xE4, 0]);
    }
}
