//! Copying: the exact text arrives, in the terminal and in tmux.

use std::process::{Command, Output};

use crate::program::{Program, SQLREACH};
use crate::terminal::{ENTER, ESC, Terminal};
use crate::view::View;

#[test]
fn a_copied_command_arrives_in_the_terminal_as_it_is_shown() {
    let mut terminal = Program::demo().size(300, 60).start();
    drill_into_erp(&mut terminal);
    for number in [1_u8, 2] {
        terminal.mark();
        terminal.keys(&number.to_string());
        let said = format!("command {number} copied through the terminal (OSC 52)");
        let (shown, copied) = terminal.wait_and(&said, |view| {
            view.has(&said)
                .then(|| (command_line(view, number), clipboard(view.sent())))
        });
        assert_eq!(Some(copied), shown);
    }
}

#[test]
fn the_report_of_the_selected_instance_arrives_from_the_table_and_from_its_view() {
    let mut terminal = Program::demo().size(120, 60).start();
    terminal.wait("ERP refused", |view| {
        view.state("ERP").as_deref() == Some("refused")
    });
    terminal.press("/erp", "ERP selected", |view| view.selected_has("ERP"));
    terminal.press(ENTER, "the field closed", |view| {
        view.filter_field().is_none()
    });
    for place in ["the table", "its view"] {
        terminal.mark();
        terminal.keys("y");
        let said = "report on ERP copied through the terminal (OSC 52)";
        let report =
            terminal.wait_and(place, |view| view.has(said).then(|| clipboard(view.sent())));
        assert!(
            report.starts_with("# ERP: refused\n\nRefused since "),
            "{report}"
        );
        assert!(report.contains("\n## What to do\n"), "{report}");
        assert!(report.contains("\n- Written by sqlreach "), "{report}");
        if place == "the table" {
            terminal.press(ENTER, "the instance", |view| view.has("ERP · refused"));
            // Another sentence in the footer, so that the next one is told apart.
            terminal.press("9", "something else is said", |view| !view.has(said));
        }
    }
}

#[test]
fn a_number_without_a_command_copies_nothing_and_says_so() {
    let mut terminal = Program::demo().size(120, 60).start();
    // A healthy row has nothing to mend.
    terminal.wait("settled", |view| {
        view.state("Billing").as_deref() == Some("answering")
    });
    terminal.keys("/billing\r");
    terminal.wait("selected", |view| view.selected_has("Billing"));
    terminal.mark();
    terminal.press("9", "it says so", |view| {
        view.has("there is no command 9 here")
    });
    assert!(!terminal.look(|view| view.has_sent("\x1b]52;")));
}

#[test]
fn a_terminal_without_a_clipboard_shows_the_text() {
    let mut terminal = Program::watching(1).env("TERM", "linux").start();
    terminal.wait_for("✖ 1 down");
    terminal.keys("1");
    let text = terminal.wait_and("the text by itself", |view| {
        view.has("command 1, to be selected by hand")
            .then(|| view.line(4))
    });
    assert!(!text.is_empty() && !text.starts_with(' '), "{text:?}");
    terminal.press(ESC, "the command in its place", |view| {
        view.titles().is_some() && view.has(&format!("  1 {}", &text[..20]))
    });
    assert!(!terminal.look(|view| view.has_sent("\x1b]52;")));
}

#[test]
fn inside_tmux_the_buffer_has_the_exact_text() {
    let server = Tmux::new();
    if !Tmux::is_installed() {
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        assert!(!ci, "tmux is not installed");
        eprintln!("SKIPPED: tmux is not installed");
        return;
    }
    let mut program = Program::any(&["tmux", "-L", &server.name, "-f", "/dev/null"]).size(300, 60);
    for argument in ["new-session", SQLREACH, "demo"] {
        program.command.arg(argument);
    }
    let mut terminal = program.env("TMUX_TMPDIR", server.directory()).start();
    drill_into_erp(&mut terminal);
    terminal.keys("1");
    let shown = terminal.wait_and("copied through tmux", |view| {
        view.has("command 1 copied through tmux")
            .then(|| command_line(view, 1))
    });
    let buffer = server.run(&["show-buffer"]);
    assert!(buffer.status.success(), "{buffer:?}");
    let buffer = String::from_utf8(buffer.stdout).unwrap();
    assert!(buffer.contains("erp01.demo.test"), "{buffer:?}");
    assert_eq!(Some(&buffer), shown.as_ref());
    // With -w tmux passes it on to the terminal around it.
    terminal.wait("the terminal around tmux has it", |view| {
        view.has_sent("\x1b]52;") && clipboard(view.sent()) == buffer
    });
}

/// Opens the instance whose default port refuses; its commands are shown then.
fn drill_into_erp(terminal: &mut Terminal) {
    // The table of a network that has just started fills row by row.
    terminal.wait("ERP refused", |view| {
        view.state("ERP").as_deref() == Some("refused")
    });
    terminal.press("/erp", "ERP selected", |view| view.selected_has("ERP"));
    terminal.press(ENTER, "the field closed", |view| {
        view.filter_field().is_none()
    });
    terminal.press(ENTER, "the instance", |view| view.has("ERP · refused"));
    terminal.wait("its commands", |view| {
        command_line(view, 1).is_some() && command_line(view, 2).is_some()
    });
}

/// The line of a command in the view of one instance: its number, and nothing but its text.
fn command_line(view: &View, number: u8) -> Option<String> {
    let start = format!("{number}  ");
    let mut lines = view.lines().into_iter();
    lines.find_map(|line| Some(line.trim_start().strip_prefix(&start)?.to_owned()))
}

/// What the newest OSC 52 put on the clipboard.
fn clipboard(sent: &[u8]) -> String {
    let text = String::from_utf8_lossy(sent);
    let (_, rest) = text.rsplit_once("\x1b]52;").expect("something was copied");
    let (_, rest) = rest.split_once(';').unwrap();
    let end = rest.find(['\x07', '\x1b']).unwrap();
    String::from_utf8(base64(&rest[..end])).unwrap()
}

/// RFC 4648, section 4.
fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = alphabet.iter().position(|one| *one == letter).unwrap();
        bits = (bits << 6) | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).unwrap());
        }
    }
    bytes
}

#[test]
fn base64_is_read_as_the_rfc_writes_it() {
    for (text, bytes) in [
        ("", ""),
        ("Zg==", "f"),
        ("Zm8=", "fo"),
        ("Zm9vYmFy", "foobar"),
    ] {
        assert_eq!(base64(text), bytes.as_bytes());
    }
}

/// A tmux server of this test alone; it ends with it.
struct Tmux {
    name: String,
    sockets: tempfile::TempDir,
}

impl Tmux {
    fn new() -> Self {
        Self {
            name: format!("sqlreach-test-{}", std::process::id()),
            sockets: tempfile::tempdir().unwrap(),
        }
    }

    fn directory(&self) -> &str {
        self.sockets.path().to_str().unwrap()
    }

    fn is_installed() -> bool {
        Command::new("tmux").arg("-V").output().is_ok()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .args(["-L", &self.name])
            .args(arguments)
            .env("TMUX_TMPDIR", self.directory())
            .env_remove("TMUX")
            .output()
            .unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux")
            .args(["-L", &self.name, "kill-server"])
            .env("TMUX_TMPDIR", self.directory())
            .env_remove("TMUX")
            .output();
    }
}
