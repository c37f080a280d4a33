//! Copying that survives SSH, tmux and GNU screen, and says how it was done.
//!
//! Inside tmux a raw OSC 52 is dropped with tmux's default settings, and so is its
//! passthrough: the text goes through `tmux load-buffer -w -`. GNU screen passes nothing on
//! but what is wrapped in DCS. In a session on this machine a program of the desktop
//! (`wl-copy`, `xclip`, `pbcopy` …) comes first, since it is the only way that says whether
//! it worked; and then OSC 52 is not sent as well: some terminals ask the user about each,
//! and two writers race. Elsewhere OSC 52 asks the terminal, which is where the user sits,
//! however many hops away.

mod program;
mod sequence;

use std::ffi::OsStr;

pub use program::{Failure, Haste, OLD_TMUX, PATIENCE, Program, TMUX, hand_over};
pub use sequence::{LONGEST, osc52, through_screen};

use crate::config::Clipboard;

/// How texts get to the user's clipboard in this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `tmux load-buffer -w -`
    Tmux,
    /// OSC 52 in DCS, piece by piece: GNU screen.
    Screen,
    /// A program of this machine's desktop, the first of them that is there.
    Local(&'static [Program]),
    /// OSC 52
    Osc52,
    /// No clipboard (`TERM=linux`, `dumb`, or not wanted): shown, to be selected by hand.
    Shown,
}

/// Where the program runs, as far as the environment tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a variable of the environment"
)]
pub struct Session {
    /// `$TERM`
    pub term: String,
    /// Inside tmux: `$TMUX`.
    pub tmux: bool,
    /// Inside GNU screen: `$STY`.
    pub screen: bool,
    /// Over SSH: `$SSH_TTY`, `$SSH_CONNECTION` or `$SSH_CLIENT`.
    pub ssh: bool,
    /// `$WAYLAND_DISPLAY`
    pub wayland: bool,
    /// `$DISPLAY`
    pub x11: bool,
}

impl Session {
    /// The session of this process.
    pub fn from_environment() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let term = std::env::var_os("TERM").unwrap_or_default();
        Self {
            term: OsStr::to_string_lossy(&term).into_owned(),
            tmux: is_set("TMUX"),
            screen: is_set("STY"),
            ssh: ["SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"]
                .into_iter()
                .any(is_set),
            wayland: is_set("WAYLAND_DISPLAY"),
            x11: is_set("DISPLAY"),
        }
    }

    /// GNU screen, and nothing in it: it sets `TERM=screen…`, which also survives SSH, where
    /// `$STY` does not.
    fn is_screen(&self) -> bool {
        !self.tmux && (self.screen || self.term.starts_with("screen"))
    }

    /// The programs that reach the clipboard of this machine, the best first.
    fn programs(&self) -> &'static [Program] {
        if cfg!(windows) {
            program::WINDOWS
        } else if cfg!(target_os = "macos") {
            program::MAC
        } else if self.wayland {
            program::WAYLAND
        } else if self.x11 {
            program::X11
        } else {
            &[]
        }
    }
}

impl Way {
    /// The way of this session, as the configuration wants it.
    pub fn of(wanted: Clipboard, session: &Session) -> Self {
        match wanted {
            Clipboard::Off => Self::Shown,
            Clipboard::Tmux => Self::Tmux,
            Clipboard::Local => Self::Local(session.programs()),
            Clipboard::Osc52 if session.is_screen() => Self::Screen,
            Clipboard::Osc52 => Self::Osc52,
            Clipboard::Auto => Self::found(session),
        }
    }

    fn found(session: &Session) -> Self {
        // Both may be attached from anywhere, so the desktop of this machine is out of the
        // question in them.
        if session.tmux {
            return Self::Tmux;
        }
        if session.is_screen() {
            return Self::Screen;
        }
        match session.programs() {
            [_, ..] if session.ssh => {}
            [] => {}
            programs => return Self::Local(programs),
        }
        Self::without_programs(session)
    }

    /// What is left where no program took the text.
    pub fn without_programs(session: &Session) -> Self {
        match session.term.as_str() {
            "linux" | "dumb" => Self::Shown,
            _ if session.is_screen() => Self::Screen,
            _ => Self::Osc52,
        }
    }
}

/// The text as it may be pasted into a shell: no control characters, nothing that turns the
/// direction of a line or hides in it, no newline at its end. Line breaks inside stay, since
/// a report has lines; a tab, which completes names in a shell, becomes a blank.
pub fn plain(text: &str) -> String {
    text.trim_end()
        .chars()
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| *c == '\n' || !(c.is_control() || is_hidden(*c)))
        .collect::<String>()
        // What was taken away may have stood behind a newline.
        .trim_end()
        .to_owned()
}

/// Unicode's bidirectional controls, separators, and characters without width.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn session(term: &str, set: &[&str]) -> Session {
        let is_set = |name| set.contains(&name);
        Session {
            term: term.to_owned(),
            tmux: is_set("tmux"),
            screen: is_set("screen"),
            ssh: is_set("ssh"),
            wayland: is_set("wayland"),
            x11: is_set("x11"),
        }
    }

    #[cfg(target_os = "linux")]
    #[rstest]
    #[case::tmux("screen-256color", &["tmux"], Way::Tmux)]
    #[case::tmux_on_a_desktop("tmux-256color", &["tmux", "wayland"], Way::Tmux)]
    #[case::tmux_in_screen("screen", &["tmux", "screen"], Way::Tmux)]
    #[case::screen("xterm", &["screen"], Way::Screen)]
    #[case::screen_on_a_desktop("screen", &["screen", "x11"], Way::Screen)]
    #[case::ssh_from_screen("screen.xterm-256color", &["ssh"], Way::Screen)]
    #[case::wayland("xterm-256color", &["wayland", "x11"], Way::Local(program::WAYLAND))]
    #[case::x11("xterm-256color", &["x11"], Way::Local(program::X11))]
    #[case::ssh_with_x11_forwarded("xterm-256color", &["ssh", "x11"], Way::Osc52)]
    #[case::ssh("xterm-256color", &["ssh"], Way::Osc52)]
    #[case::no_desktop("xterm-256color", &[], Way::Osc52)]
    #[case::no_terminal_type("", &[], Way::Osc52)]
    #[case::console("linux", &[], Way::Shown)]
    #[case::dumb_over_ssh("dumb", &["ssh"], Way::Shown)]
    #[case::dumb_on_a_desktop("dumb", &["x11"], Way::Local(program::X11))]
    fn the_way_follows_the_session(#[case] term: &str, #[case] set: &[&str], #[case] way: Way) {
        assert_eq!(Way::of(Clipboard::Auto, &session(term, set)), way);
    }

    #[test]
    fn the_configuration_has_the_last_word() {
        let tmux = session("screen", &["tmux", "ssh"]);
        assert_eq!(Way::of(Clipboard::Off, &tmux), Way::Shown);
        assert_eq!(Way::of(Clipboard::Osc52, &tmux), Way::Osc52);
        assert!(matches!(Way::of(Clipboard::Local, &tmux), Way::Local(_)));
        let console = session("linux", &[]);
        assert_eq!(Way::of(Clipboard::Tmux, &console), Way::Tmux);
        assert_eq!(Way::of(Clipboard::Osc52, &console), Way::Osc52);
        let screen = session("screen", &["screen"]);
        assert_eq!(Way::of(Clipboard::Osc52, &screen), Way::Screen);
    }

    #[rstest]
    #[case::escape("Start-Service\u{1b}[31m 'X'\r\n", "Start-Service[31m 'X'")]
    #[case::newlines("a\nb\n\n", "a\nb")]
    #[case::hidden_behind_a_newline("a\n\u{200b}\u{7}", "a")]
    #[case::turned_around("db1\u{202e}DORP\u{2069}", "db1DORP")]
    #[case::line_separator("a\u{2028}rm -rf b", "arm -rf b")]
    #[case::eight_bit_control("a\u{9b}31mb", "a31mb")]
    #[case::tab("sqlcmd\t-S", "sqlcmd -S")]
    fn copied_text_is_what_it_looks_like(#[case] text: &str, #[case] copied: &str) {
        assert_eq!(plain(text), copied);
    }
}
