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
