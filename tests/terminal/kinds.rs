//! Terminals of other kinds: what is needed is there in all of them.

use rstest::rstest;

use crate::program::Program;
use crate::terminal::{ENTER, ESC};

#[rstest]
#[case("linux")]
#[case("screen-256color")]
#[case("xterm")]
#[case("vt100")]
#[case("dumb")]
#[case("")]
fn it_starts_and_is_read_and_left(#[case] term: &str) {
    let mut terminal = Program::watching(2).env("TERM", term).start();
    terminal.wait_for("✖ 2 down");
    terminal.press("j", "the second row", |view| view.selected_has("n02"));
    terminal.press(ENTER, "the instance", |view| view.has("── n02 · refused"));
    terminal.press("]]]", "its history", |view| view.reversed(3) == " history ");
    terminal.press(ESC, "the table", |view| view.titles().is_some());
    terminal.keys("q");
    terminal.ends_well();
    if term == "linux" {
        // Its font has none, and no colours beyond the sixteen are used.
        let braille = |view: &crate::view::View| {
            let sent = String::from_utf8_lossy(view.all_sent()).into_owned();
            sent.contains(|c| ('\u{2801}'..='\u{28FF}').contains(&c))
        };
        assert!(!terminal.look(braille));
    }
}
