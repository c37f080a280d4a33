//! Terminals of other kinds: what is needed is there in all of them.

use rstest::rstest;

use crate::program::Program;
use crate::terminal::{ENTER, ESC};
use crate::view::View;

#[rstest]
#[case("linux")]
#[case("screen-256color")]
#[case("xterm")]
#[case("vt100")]
#[case("dumb")]
#[case("")]
fn it_starts_and_is_read_and_left(#[case] term: &str) {
    let mut terminal = Program::watching(2).env("TERM", term).start();
    // Consoles without a font for more get ASCII, and the same words.
    let is_plain = matches!(term, "linux" | "vt100" | "dumb");
    terminal.wait_for(if is_plain { "x 2 down" } else { "✖ 2 down" });
    terminal.press("j", "the second row", |view| view.selected_has("n02"));
    terminal.press(ENTER, "the instance", |view| {
        view.has("── n02 · refused") || view.has("-- n02 - refused")
    });
    terminal.press("]]]", "its history", |view| view.reversed(3) == " history ");
    terminal.press(ESC, "the table", |view| view.titles().is_some());
    terminal.keys("q");
    terminal.ends_well();
    let sent = terminal.look(|view: &View| String::from_utf8_lossy(view.all_sent()).into_owned());
    let other = sent.lines().find(|line| !line.is_ascii());
    assert_eq!(other.is_none(), is_plain, "{term}: {other:?}");
}
