//! Keys of the configuration, from the file to the screen.

use std::fs;

use crate::program::Program;
use crate::terminal::Terminal;
use crate::view::View;

/// A dashboard of two instances whose configuration has these keys.
fn with_keys(keys: &str) -> Terminal {
    let program = Program::watching(2).size(200, 30);
    let file = program.home.path().join("config/sqlreach/sqlreach.toml");
    let config = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("[keys]\n{keys}\n{config}")).unwrap();
    program.start()
}

#[test]
fn rebound_keys_and_chords_work() {
    let mut terminal = with_keys("pause = 'b'\nlast = 'z z'\nquit = 'Q'");
    terminal.wait_for("✖ 2 down");
    terminal.press("z", "the chord in the footer", |view| {
        view.footer().starts_with(" z … ") && view.footer().contains("give up")
    });
    terminal.press("z", "the last row", |view| view.selected_has("n02"));
    terminal.press("b", "paused", |view| view.has("PAUSED"));
    terminal.press("b", "going on", |view| !view.has("PAUSED"));
    terminal.keys("Q");
    terminal.ends_well();
}

#[test]
fn a_conflict_ends_with_its_line_before_the_screen_is_taken() {
    let terminal = with_keys("pause = 'b'\nprobe = 'b'");
    let end = terminal.end();
    assert_eq!(end.status.exit_code(), 2);
    terminal.wait("the output", |view| view.ended);
    let lines = terminal.look(View::lines);
    let said = "sqlreach.toml:3:9: probe: 'b' is 'pause' already in the table (line 2)";
    assert!(lines[0].contains(said), "{lines:#?}");
    assert!(terminal.look(|view| !view.has_sent("\x1b[?1049h")));
}
