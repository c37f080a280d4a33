//! Another size while something is open: it is still open, and drawn for that size.

use rstest::rstest;

use crate::program::Program;
use crate::sizes::is_drawn_for;
use crate::terminal::{ENTER, ESC, Terminal};

const SIZES: [(u16, u16); 6] = [
    (1, 1),
    (100, 20),
    (40, 10),
    (120, 200),
    (200, 12),
    (100, 30),
];

#[rstest]
#[case::columns(&["C"], "┌ columns ", "show or hide")]
#[case::help(&["?"], " Keys in the table", "/ search")]
#[case::form(&["a"], "add an instance", "esc back")]
#[case::field(&["/"], "\n / ", "")]
#[case::message(&["e"], "a client's message", "esc back")]
#[case::question(&["x"], "remove n01", "y yes")]
#[case::diagnosis(&[ENTER], "n01 · refused", "next tab")]
#[case::path(&[ENTER, "]"], "n01 · refused", "next tab")]
#[case::browser(&[ENTER, "]", "]"], "n01 · refused", "next tab")]
#[case::history(&[ENTER, "]", "]", "]"], "n01 · refused", "next tab")]
#[case::log(&[ENTER, "["], "n01 · refused", "next tab")]
fn what_is_open_stays_open_at_every_size(
    #[case] open: &[&str],
    #[case] shows: &str,
    #[case] footer: &str,
) {
    let mut terminal = Program::watching(30).start();
    terminal.wait_for("✖ 30 down");
    for keys in open {
        terminal.keys(keys);
    }
    terminal.wait(shows, |view| view.has(shows));
    for (columns, rows) in SIZES {
        terminal.resize(columns, rows);
        let what = format!("{shows:?} at {columns}x{rows}");
        terminal.wait(&what, |view| {
            let is_big = columns >= 100 && rows >= 12;
            is_drawn_for(view, columns, rows)
                && (!is_big || view.has(shows) && view.footer().contains(footer))
        });
    }
    leaves(&mut terminal);
}

fn leaves(terminal: &mut Terminal) {
    terminal.press(ESC, "the table", |view| {
        view.titles().is_some()
            && !view.has("┌ columns ")
            && view.filter_field().is_none()
            && !view.footer().starts_with(" remove")
    });
    terminal.keys("q");
    terminal.ends_well();
}
