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
        let said = format!("command {number} copied: asked the terminal (OSC 52, ");
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
        let said = "report on ERP copied: asked the terminal (OSC 52, ";
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
    terminal.wait_for("x 1 down");
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
    let mut terminal = program
        .env("TMUX_TMPDIR", server.directory())
        .env("LC_ALL", "C.UTF-8")
        .start();
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

/// Each line of the menu by its letter, from the instance's own view.
#[test]
fn what_the_menu_shows_is_what_is_copied() {
    let program = Program::watching(1).size(140, 40);
    let server = format!("127.0.0.1,{}", program.closed[0].address().port());
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    terminal.press(ENTER, "the instance", |view| view.has("n01 · refused"));
    let string = format!(
        "Server=tcp:{server};Database=<DATABASE>;User ID=<ACCOUNT>;Password=<PASSWORD>;Encrypt=True"
    );
    for (key, what, text) in [
        ("i", "name of n01", "n01".to_owned()),
        ("h", "server of n01", server.clone()),
        ("s", "connection string of n01", string),
        (
            "t",
            "test of a login of n01",
            format!("sqlcmd -S tcp:{server} "),
        ),
        ("d", "cause of n01", "Nothing".to_owned()),
        ("y", "report on n01", "# n01: refused\n".to_owned()),
    ] {
        terminal.press("c", "the menu", |view| view.has("┌ copy from n01 "));
        // A long one is cut.
        let first = &text.trim_end()[..text.trim_end().len().min(60)];
        let is_shown = terminal.look(|view| view.has(first));
        terminal.mark();
        terminal.keys(key);
        let copied = terminal.wait_and(what, |view| {
            let said = format!("{what} copied: asked the terminal (OSC 52, ");
            (view.has(&said) && !view.has("┌ copy from ")).then(|| clipboard(view.sent()))
        });
        if key == "d" {
            assert!(
                copied.contains(" Most likely: ") || copied.contains(" Equally likely: "),
                "{copied}"
            );
        } else {
            assert!(is_shown, "{first}");
            assert!(copied.starts_with(&text), "{copied}");
        }
        assert!(!copied.ends_with('\n'));
    }
    terminal.mark();
    terminal.press("c", "the menu", |view| view.has("┌ copy from n01 "));
    terminal.press("Y", "no incident", |view| view.has("n01 is in no incident"));
    assert!(!terminal.look(|view| view.has_sent("\x1b]52;")));
}

#[test]
fn a_line_of_the_menu_is_shown_by_itself() {
    let mut terminal = Program::watching(1).start();
    terminal.wait_for("✖ 1 down");
    terminal.press("cj", "the second line", |view| view.has("┌ copy from n01 "));
    terminal.press("v", "by itself", |view| {
        view.has("server of n01, to be selected by hand") && view.line(4).starts_with("127.0.0.1,")
    });
    terminal.press(ESC, "the menu again", |view| view.has("┌ copy from n01 "));
    assert!(!terminal.look(|view| view.has_sent("\x1b]52;")));
}

#[test]
fn the_report_is_written_to_a_file_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut terminal = Program::watching(1).size(200, 30).start();
    terminal.wait_for("✖ 1 down");
    for count in 1..=2 {
        terminal.press("w", "written", |view| view.has("report on n01 written to "));
        let path = terminal.wait_and("the path", |view| {
            let footer = view.footer();
            let (_, path) = footer.split_once("written to ")?;
            let path = path.split("   ").next()?;
            Some(path.trim().to_owned())
        });
        let home = terminal.home.path().canonicalize().unwrap();
        assert!(
            path.starts_with(&format!("{}/sqlreach-n01-", home.display())),
            "{path}"
        );
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# n01: refused\n"), "{text}");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let files = std::fs::read_dir(&home).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        assert_eq!(
            names
                .filter(|name| name.starts_with("sqlreach-n01-"))
                .count(),
            count
        );
        // Something else is said, so that the next one is told apart.
        terminal.press("9", "something else", |view| !view.has("written to"));
    }
}

#[test]
fn where_nothing_is_to_be_copied_the_text_is_shown() {
    let mut program = Program::watching(1);
    let config = std::fs::read_to_string(program.home.path().join("config/sqlreach/sqlreach.toml"));
    program.configure(&format!("{}[screen]\nclipboard = 'off'\n", config.unwrap()));
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    terminal.press("y", "the report", |view| {
        view.has("report on n01, to be selected by hand") && view.line(4) == "# n01: refused"
    });
    assert!(!terminal.look(|view| view.has_sent("\x1b]52;")));
}

#[test]
fn a_desktop_of_this_machine_gets_the_text_and_the_terminal_is_not_asked() {
    let (program, folder) = with_fake("wl-copy", "cat > \"$HOME/copied\"");
    let mut terminal = program.env("WAYLAND_DISPLAY", "wayland-0").start();
    terminal.wait_for("✖ 1 down");
    terminal.mark();
    terminal.press("y", "copied", |view| {
        view.has("report on n01 copied to the clipboard with wl-copy (")
    });
    let copied = std::fs::read_to_string(terminal.home.path().join("copied")).unwrap();
    assert!(
        copied.starts_with("# n01: refused\n") && !copied.ends_with('\n'),
        "{copied}"
    );
    assert!(!terminal.look(|view| view.has_sent("\x1b]52;")));
    drop(folder);
}

/// Whatever a program does, keys work on, and the terminal is asked instead.
#[test]
fn a_program_that_fails_or_hangs_never_hangs_the_screen() {
    for (name, variable, script, why) in [
        ("tmux", "TMUX", "cat; exec sleep 600", "tmux hung"),
        ("tmux", "TMUX", "sleep 600", "tmux hung"),
        ("tmux", "TMUX", "exit 1", "tmux did not take it"),
        ("wl-copy", "WAYLAND_DISPLAY", "sleep 600", "wl-copy hung"),
        (
            "wl-copy",
            "WAYLAND_DISPLAY",
            "cat; exit 1",
            "wl-copy did not take it",
        ),
    ] {
        let (program, folder) = with_fake(name, script);
        let mut terminal = program.size(160, 30).env(variable, "x").start();
        terminal.wait_for("✖ 1 down");
        terminal.mark();
        terminal.keys("1");
        terminal.press("?", "the help", |view| view.line(2).starts_with(" Keys "));
        terminal.press(ESC, "the table", |view| view.titles().is_some());
        let said = format!(" characters); {why}");
        let copied = terminal.wait_and(why, |view| {
            (view
                .footer()
                .contains("command 1 copied: asked the terminal (OSC 52, ")
                && view.footer().contains(&said))
            .then(|| clipboard(view.sent()))
        });
        assert!(!copied.is_empty());
        drop(folder);
    }
}

/// A screen on which one instance refuses, and this script in the path under that name.
fn with_fake(name: &str, script: &str) -> (Program, tempfile::TempDir) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    (Program::watching(1).env("PATH", &path), folder)
}

/// A real GNU screen passes on what is wrapped for it, also more than it takes at once.
#[test]
fn through_gnu_screen_the_terminal_around_it_gets_the_exact_text() {
    if Command::new("screen").arg("--version").output().is_err() {
        let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        assert!(!ci, "screen is not installed");
        eprintln!("SKIPPED: screen is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let sockets = folder.path().join("sockets");
    std::fs::create_dir(&sockets).unwrap();
    std::fs::set_permissions(
        &sockets,
        std::os::unix::fs::PermissionsExt::from_mode(0o700),
    )
    .unwrap();
    let rc = folder.path().join("rc");
    std::fs::write(&rc, "startup_message off\ndefutf8 on\n").unwrap();
    let session = format!("sqlreach-test-{}", std::process::id());
    let _screen = Screen {
        session: session.clone(),
        sockets: sockets.clone(),
    };
    let mut program = Program::any(&[
        "screen",
        "-U",
        "-c",
        rc.to_str().unwrap(),
        "-S",
        &session,
        SQLREACH,
    ])
    .size(120, 40)
    .env("LC_ALL", "C.UTF-8")
    .env("SCREENDIR", sockets.to_str().unwrap());
    program.refusing(1);
    let mut terminal = program.start();
    terminal.wait_for("1 down");
    terminal.mark();
    terminal.keys("y");
    let copied = terminal.wait_and("copied through screen", |view| {
        (view.has("report on n01 copied: asked the terminal through screen (OSC 52, ")
            && view.has_sent("\x1b]52;c;"))
        .then(|| clipboard(view.sent()))
    });
    assert!(copied.starts_with("# n01: refused\n"), "{copied}");
    assert!(copied.len() > 768, "{copied}");
    assert!(copied.contains("Written by sqlreach"), "{copied}");
}

/// A GNU screen of this test alone; it ends with it.
struct Screen {
    session: String,
    sockets: std::path::PathBuf,
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = Command::new("screen")
            .args(["-S", &self.session, "-X", "quit"])
            .env("SCREENDIR", &self.sockets)
            .output();
    }
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
