//! Copying that survives SSH and tmux, and says how it was done.
//!
//! Inside tmux a raw OSC 52 is dropped with tmux's default settings, and so is its
//! passthrough: the text goes through `tmux load-buffer -w -`. Elsewhere OSC 52 asks the
//! terminal, which is where the user sits, however many hops away.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;

/// A tmux that does not take the text within this time is left alone.
const PATIENCE: Duration = Duration::from_secs(1);

/// How texts get to the user's clipboard in this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `tmux load-buffer -w -`
    Tmux,
    /// OSC 52
    Osc52,
    /// The terminal has no clipboard (`TERM=linux`, `dumb`): shown, to be selected by hand.
    Shown,
}

/// What tmux did with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tmux {
    /// It has the text, and passed it on to the terminal around it.
    Passed,
    /// An old tmux (before 3.2, without `-w`) has it in its own buffer.
    Kept,
    /// It is not there, refuses, or hangs.
    Failed,
}

impl Way {
    /// From the environment: `$TMUX` and `$TERM`.
    pub fn from_environment() -> Self {
        Self::of(
            std::env::var_os("TMUX").is_some(),
            std::env::var("TERM").ok().as_deref(),
        )
    }

    fn of(tmux: bool, term: Option<&str>) -> Self {
        match (tmux, term) {
            (true, _) => Self::Tmux,
            (false, Some("linux" | "dumb")) => Self::Shown,
            (false, _) => Self::Osc52,
        }
    }
}

/// Hands a text to tmux. Blocks for two seconds at the most.
pub fn tmux(text: &str) -> Tmux {
    if load_buffer(&["load-buffer", "-w", "-"], text) {
        Tmux::Passed
    } else if load_buffer(&["load-buffer", "-"], text) {
        Tmux::Kept
    } else {
        Tmux::Failed
    }
}

/// Asks the terminal to copy a text; it does not say whether it did.
pub fn osc52(text: &str, terminal: &mut impl Write) -> io::Result<()> {
    execute!(terminal, CopyToClipboard::to_clipboard_from(text))
}

/// The text as it may be pasted into a shell: no control characters, no newline at its end.
/// Line breaks inside stay, since a report has lines.
pub fn plain(text: &str) -> String {
    text.trim_end()
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .collect()
}

/// Hands the text to tmux; `false` if it is not there, refuses, or hangs.
fn load_buffer(arguments: &[&str], text: &str) -> bool {
    let child = Command::new("tmux")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    // What is copied here is far below a pipe's buffer (64 KiB), so this cannot block.
    let written = child
        .stdin
        .take()
        .is_some_and(|mut stdin| stdin.write_all(text.as_bytes()).is_ok());
    let succeeded = wait(&mut child);
    written && succeeded
}

/// Waits for at most [`PATIENCE`]; a child that hangs is killed.
fn wait(child: &mut Child) -> bool {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => return false,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_follows_the_terminal() {
        assert_eq!(Way::of(true, Some("screen-256color")), Way::Tmux);
        assert_eq!(Way::of(false, Some("xterm-256color")), Way::Osc52);
        assert_eq!(Way::of(false, None), Way::Osc52);
        assert_eq!(Way::of(false, Some("linux")), Way::Shown);
    }

    #[test]
    fn copied_text_holds_no_control_characters_and_ends_in_no_newline() {
        assert_eq!(
            plain("Start-Service\u{1b}[31m 'X'\r\n"),
            "Start-Service[31m 'X'"
        );
        assert_eq!(plain("a\nb\n\n"), "a\nb");
    }

    #[test]
    fn osc52_carries_the_exact_text() {
        let mut terminal = Vec::new();
        osc52("sc.exe query 'MSSQL$PROD'", &mut terminal).unwrap();
        let sent = String::from_utf8(terminal).unwrap();
        assert!(
            sent.contains("]52;c;c2MuZXhlIHF1ZXJ5ICdNU1NRTCRQUk9EJw=="),
            "{sent:?}"
        );
    }
}
