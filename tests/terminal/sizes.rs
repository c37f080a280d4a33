//! Every size of terminal, from the start and while it runs.

use rstest::rstest;

use crate::program::Program;
use crate::terminal::{ENTER, ESC};
use crate::view::View;

const SIZES: [(u16, u16); 8] = [
    (80, 24),
    (120, 40),
    (60, 20),
    (40, 10),
    (30, 5),
    (1, 1),
    (300, 100),
    (80, 24),
];

#[rstest]
fn it_starts_at_any_size() {
    for (columns, rows) in SIZES {
        let mut terminal = Program::watching(3).size(columns, rows).start();
        terminal.wait("a screen that fits", |view| fits(view, columns, rows));
        terminal.keys("q");
        terminal.ends_well();
    }
}

#[test]
fn it_follows_the_terminal_to_any_size() {
    let mut terminal = Program::demo().start();
    terminal.wait("the table", |view| view.titles().is_some());
    for (columns, rows) in SIZES {
        terminal.resize(columns, rows);
        let what = format!("a screen that fits {columns}x{rows}");
        terminal.wait(&what, |view| fits(view, columns, rows));
    }
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn every_view_survives_every_size() {
    let mut terminal = Program::watching(30).start();
    terminal.wait("the table", |view| view.titles().is_some());
    for (open, back_at) in [
        ("/n0", "/n0"),
        (ENTER, "diagnosis"),
        ("?", "Keys in"),
        ("m", "why?"),
    ] {
        terminal.press(open, &format!("{open:?} opens"), |view| view.has(back_at));
        for (columns, rows) in SIZES {
            terminal.resize(columns, rows);
            // Keys go on to work on a screen that shows nothing of it.
            terminal.keys("jG");
            terminal.wait(&format!("{open:?} at {columns}x{rows}"), |view| {
                view.is_taken() && is_drawn_for(view, columns, rows)
            });
        }
        terminal.press("\x1b[H", "still there", |view| view.has(back_at));
        terminal.press(ESC, "the table", |view| view.titles().is_some());
        // The filter is still in force where its field was left.
        terminal.press(ESC, "all rows", |view| !view.header().contains("shown"));
    }
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn a_small_terminal_shows_the_detail_as_a_second_screen() {
    let mut terminal = Program::watching(3).size(60, 20).start();
    terminal.wait_for("✖ 3 down");
    assert!(!terminal.look(|view| view.has("Most likely")));
    terminal.press(ENTER, "the detail", |view| {
        view.has("n01 · refused") && view.has("diagnosis") && view.has(" 1. ")
    });
    terminal.press(ESC, "the table", |view| view.titles().is_some());
}

#[test]
fn a_terminal_of_eighty_columns_shows_both() {
    let terminal = Program::watching(3).size(80, 24).start();
    terminal.wait("table and detail", |view| {
        view.row("n03").is_some() && view.has("── n01 · refused") && view.has("Most likely")
    });
}

/// Whether a drawing for this size is on the screen, whole.
fn fits(view: &View, columns: u16, rows: u16) -> bool {
    if columns >= 40 && rows >= 10 {
        return is_drawn_for(view, columns, rows)
            && view.titles().is_some()
            && view.header().contains("sqlreach")
            && view.footer().contains("quit");
    }
    is_drawn_for(view, columns, rows)
}

pub fn is_drawn_for(view: &View, columns: u16, rows: u16) -> bool {
    match (columns, rows) {
        (40.., 10..) => view.line(1) == "─".repeat(columns.into()) && !view.header().is_empty(),
        // One letter of what it says.
        (1, 1) => view.text() == "n",
        _ => view.text().replace('\n', " ").contains("needs 40×10"),
    }
}
