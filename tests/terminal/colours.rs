//! Colour is never needed, and can be left out.

use crate::program::Program;
use crate::view::View;

#[test]
fn colours_are_there_unless_they_are_not_wanted() {
    let terminal = Program::watching(2).start();
    terminal.wait_for("✖ 2 down");
    assert!(!colours(&terminal.look(|view| view.sent().to_vec())).is_empty());
}

#[test]
fn no_color_leaves_the_selection_in_reversed_video() {
    without_colours(Program::watching(2).env("NO_COLOR", "1"));
}

#[test]
fn so_does_the_argument() {
    without_colours(Program::watching_with(2, &["--no-color"]));
}

/// <https://no-color.org>: an empty value is no wish.
#[test]
fn an_empty_no_color_is_no_wish() {
    let terminal = Program::watching(2).env("NO_COLOR", "").start();
    terminal.wait_for("✖ 2 down");
    assert!(!colours(&terminal.look(|view| view.sent().to_vec())).is_empty());
}

fn without_colours(program: Program) {
    let mut terminal = program.start();
    terminal.wait_for("✖ 2 down");
    terminal.press("j", "the second row selected", |view| {
        view.selected_has("n02")
    });
    terminal.press("\r", "the open tab", |view| {
        view.reversed(3) == " diagnosis "
    });
    terminal.press("?", "the help", |view| view.has("Keys inside an instance"));
    terminal.press("\x1b", "back", |view| view.reversed(3) == " diagnosis ");
    terminal.press("p", "paused", |view| view.reversed(0) == " PAUSED ");
    let sent = terminal.look(|view: &View| view.sent().to_vec());
    assert_eq!(colours(&sent), Vec::<String>::new());
}

/// The dashboard of two instances with a theme in its configuration.
fn in_theme(theme: &str) -> Program {
    let mut program = Program::watching(2);
    let file = program.home.path().join("config/sqlreach/sqlreach.toml");
    let text = std::fs::read_to_string(file).unwrap();
    program.configure(&format!("[screen]\ntheme = \"{theme}\"\n{text}"));
    program
}

/// What was sent until the second row was selected.
fn sent(program: Program) -> Vec<u8> {
    let mut terminal = program.start();
    terminal.wait_for("✖ 2 down");
    terminal.press("j", "the second row selected", |view| {
        view.line_with("n02  ").is_some()
    });
    terminal.look(|view: &View| view.sent().to_vec())
}

#[test]
fn no_color_beats_every_theme() {
    for theme in ["16", "dark", "light", "high-contrast", "colour-blind"] {
        let program = in_theme(theme).env("NO_COLOR", "1");
        let mut terminal = program.env("COLORTERM", "truecolor").start();
        terminal.wait_for("✖ 2 down");
        terminal.press("j", "the second row selected", |view| {
            view.selected_has("n02")
        });
        let sent = terminal.look(|view: &View| view.sent().to_vec());
        assert_eq!(colours(&sent), Vec::<String>::new(), "{theme}");
    }
}

#[test]
fn a_theme_has_as_many_colours_as_the_environment_says() {
    for (term, colorterm, has_full, has_indexed) in [
        ("xterm-256color", "truecolor", true, false),
        ("xterm-256color", "", false, true),
        ("xterm", "", false, false),
    ] {
        let program = in_theme("dark")
            .env("TERM", term)
            .env("COLORTERM", colorterm);
        let colours = colours(&sent(program));
        let is_full = |colour: &String| colour.contains("8;2;");
        // The first 16 are written the same way.
        let is_indexed = |colour: &String| {
            let index = colour
                .split("8;5;")
                .nth(1)
                .map(|rest| rest.split(';').next());
            index
                .flatten()
                .and_then(|index| index.parse().ok())
                .is_some_and(|index: u8| index > 15)
        };
        assert_eq!(
            colours.iter().any(is_full),
            has_full,
            "{term} {colorterm}: {colours:?}"
        );
        assert_eq!(
            colours.iter().any(is_indexed),
            has_indexed,
            "{term} {colorterm}: {colours:?}"
        );
        assert!(!colours.is_empty());
    }
}

#[test]
fn no_theme_asks_the_terminal_anything() {
    for theme in ["terminal", "dark"] {
        let sent = sent(in_theme(theme).env("COLORTERM", "truecolor"));
        assert_eq!(questions(&sent), Vec::<String>::new(), "{theme}");
    }
}

/// A terminal of another character set shows ASCII alone; the user may know better.
#[test]
fn a_locale_without_utf_8_gets_ascii() {
    let terminal = Program::watching(2).env("LC_ALL", "C").start();
    terminal.wait_for("x 2 down");
    let text = terminal.look(View::text);
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn a_theme_is_taken_when_the_configuration_is_saved() {
    let program = Program::watching(2).env("COLORTERM", "truecolor");
    let file = program.home.path().join("config/sqlreach/sqlreach.toml");
    let terminal = program.start();
    terminal.wait_for("✖ 2 down");
    let text = std::fs::read_to_string(&file).unwrap();
    let changed = format!("[screen]\ntheme = \"dark\"\nglyphs = \"ascii\"\n{text}");
    std::fs::write(&file, changed).unwrap();
    terminal.wait_for("x 2 down");
    assert!(terminal.look(|view| view.has_sent("48;2;28;28;28")));
}

/// What a terminal would answer: reports of status and device (ECMA-48 8.3.24, 8.3.35), modes,
/// keyboard and size, colours (xterm's OSC 4 to 19) and terminfo (DCS).
fn questions(sent: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(sent);
    let mut found = Vec::new();
    for rest in text.split("\x1b[").skip(1) {
        let is_parameter = |c: char| matches!(c, '\u{20}'..='\u{3f}');
        let end = rest.find(|c| !is_parameter(c)).unwrap_or(rest.len());
        let (parameters, last) = (&rest[..end], rest[end..].chars().next());
        let is_question = match last {
            Some('n' | 'c' | 't') => true,
            Some('u') => parameters == "?",
            Some('p') => parameters.ends_with('$'),
            _ => false,
        };
        if is_question {
            found.push(format!("CSI {parameters} {last:?}"));
        }
    }
    let strings = ["\x1b]", "\x1bP"]
        .into_iter()
        .flat_map(|begin| text.split(begin).skip(1));
    for rest in strings {
        let end = rest.find(['\x07', '\x1b']).unwrap_or(rest.len());
        if rest[..end].ends_with('?') || rest.starts_with('+') || rest.starts_with('$') {
            found.push(rest[..end].to_owned());
        }
    }
    found
}

#[test]
fn the_test_knows_a_question_when_it_sees_one() {
    let asked = b"\x1b[1m\x1b[6n\x1b[c\x1b]11;?\x07\x1b]0;title\x07\x1b[?u\x1b[?25l\x1b[?2026$p";
    assert_eq!(questions(asked).len(), 5);
}

/// The sequences that set a colour (ECMA-48 8.3.117; 39 and 49 go back to the default).
fn colours(sent: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(sent);
    let sequences = text.split("\x1b[").skip(1);
    let parameters = sequences.filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
        rest[end..].starts_with('m').then(|| &rest[..end])
    });
    let is_colour = |parameters: &&str| {
        let first_of_each = parameters.split(';').map(|one| one.parse().unwrap_or(0));
        first_of_each
            .into_iter()
            .any(|code: u16| matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107))
    };
    parameters
        .filter(is_colour)
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn the_test_knows_a_colour_when_it_sees_one() {
    assert_eq!(
        colours(b"\x1b[1m\x1b[38;5;9mx\x1b[39;49m\x1b[7;31mx\x1b[0m"),
        ["38;5;9", "7;31"]
    );
}
