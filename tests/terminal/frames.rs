//! What is written: drawings as a whole or not at all, little of it, and no questions.

use crate::program::Program;
use crate::terminal::{ENTER, ESC, Terminal};
use crate::view::View;

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";
const ENTERED: &str = "\x1b[?1049h";
const LEFT: &str = "\x1b[?1049l";

/// A terminal that answers nothing works, since this one doesn't.
#[test]
fn nothing_is_asked_and_every_drawing_is_synchronized() {
    let mut terminal = Program::watching(30).start();
    terminal.wait_for("✖ 30 down");
    let closed = |view: &View| view.titles().is_some() && view.filter_field().is_none();
    for (open, what) in [
        (ENTER, "diagnosis"),
        ("?", "Keys in"),
        ("e", "a client's message"),
        ("a", "add an instance"),
        ("C", "┌ columns "),
        ("/", "state:"),
    ] {
        terminal.press(open, what, |view| view.has(what));
        terminal.press(ESC, "the table", |view| {
            closed(view) && !view.has("┌ columns ")
        });
    }
    terminal.press("M", "no mouse", |view| !view.has_mouse());
    terminal.press("1", "a copy", |view| view.footer().contains("copied"));
    terminal.mark();
    terminal.press("\x0c", "all of it again", |view| view.has_sent("\x1b[2J"));
    terminal.resize(90, 25);
    terminal.wait("the other size", |view| view.line(1) == "─".repeat(90));
    terminal.keys("q");
    terminal.ends_well();
    let sent = all(&terminal);

    let asked: Vec<&str> = questions(&sent);
    assert!(asked.is_empty(), "{asked:?}");

    let (from, to) = (sent.find(ENTERED).unwrap(), sent.find(LEFT).unwrap());
    let between = beside_frames(&sent[from..to]);
    assert_eq!(between, "", "written beside the drawings");
}

/// Only the clock moves here, and what says how long something has been so.
#[test]
fn a_second_costs_little_and_no_drawing_is_empty() {
    let terminal = Program::watching(3).start();
    terminal.wait_for("✖ 3 down");
    let clock = terminal.look(View::header);
    terminal.wait("a second", |view| view.header() != clock);
    terminal.mark();
    let clock = terminal.look(View::header);
    terminal.wait("another second", |view| view.header() != clock);
    let sent = terminal.look(|view| String::from_utf8_lossy(view.sent()).into_owned());
    let frames: Vec<&str> = sent
        .split(BEGIN)
        .skip(1)
        .filter_map(|frame| frame.split_once(END))
        .map(|(frame, _)| frame)
        .collect();
    assert!(!frames.is_empty());
    for frame in frames {
        assert!(!frame.is_empty(), "{sent:?}");
        assert!(frame.len() <= 250, "{} bytes: {frame:?}", frame.len());
    }
}

fn all(terminal: &Terminal) -> String {
    terminal.look(|view| String::from_utf8_lossy(view.all_sent()).into_owned())
}

/// What is neither part of a drawing nor a mode that is switched nor a copy.
fn beside_frames(sent: &str) -> String {
    let mut parts = sent.split(BEGIN);
    let mut beside = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once(END).expect("a drawing ends");
        beside.push_str(after);
    }
    for mode in [
        "1049h", "1049l", "2004h", "2004l", "25l", "1000h", "1000l", "1006h", "1006l",
    ] {
        beside = beside.replace(&format!("\x1b[?{mode}"), "");
    }
    while let Some(from) = beside.find("\x1b]52;c;") {
        let length = beside[from + 1..].find(['\x07', '\x1b']).expect("it ends") + 2;
        let end = from + length;
        beside.replace_range(from..end, "");
        if beside[from..].starts_with('\\') {
            beside.remove(from);
        }
    }
    beside
}

/// Every sequence that a terminal would answer.
fn questions(sent: &str) -> Vec<&str> {
    let mut asked = Vec::new();
    for part in sent.split('\x1b').skip(1) {
        if let Some(csi) = part.strip_prefix('[') {
            let end = csi.find(|c: char| ('@'..='~').contains(&c));
            let (parameters, last) = end.map_or((csi, ' '), |at| {
                (&csi[..at], char::from(csi.as_bytes()[at]))
            });
            let asks = match last {
                // Position and state, attributes of the device, its parameters.
                'n' | 'c' | 'x' => true,
                // The window's size and title.
                't' => parameters.starts_with(['1', '2']),
                // Modes; the keyboard's flags.
                'p' => parameters.contains('$'),
                'u' => parameters.starts_with('?'),
                _ => false,
            };
            if asks {
                asked.push(part);
            }
        } else if (part.starts_with(']') && part.contains('?')) || part.starts_with('P') {
            asked.push(part);
        }
    }
    asked
}

#[test]
fn questions_are_found() {
    for question in [
        "\x1b[6n",
        "\x1b[c",
        "\x1b[>0c",
        "\x1b]10;?\x07",
        "\x1b]11;?\x1b\\",
        "\x1b[?2026$p",
        "\x1b[?u",
        "\x1b[18t",
        "\x1bP+q544e\x1b\\",
    ] {
        assert!(!questions(question).is_empty(), "{question:?}");
    }
    assert!(questions("\x1b[2J\x1b[38;5;1mup?\x1b[0m\x1b]52;c;YQ==\x07").is_empty());
}
