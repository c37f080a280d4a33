//! The mouse: what is clicked and scrolled, and that the terminal gets it back.

use nix::sys::signal::Signal;
use rstest::rstest;

use crate::program::{Program, SQLREACH};
use crate::terminal::{CTRL_Z, ENTER, ESC, Terminal};
use crate::view::View;

#[test]
fn rows_are_selected_and_entered_and_tabs_opened() {
    let mut terminal = shown(Program::watching(5));
    click_on(&mut terminal, "n03", "it is selected", |view| {
        view.selected_has("n03")
    });
    click_on(&mut terminal, "n03", "it is entered", |view| {
        view.has("── n03 · refused") && view.reversed(3) == " diagnosis "
    });
    click_on(&mut terminal, " history ", "its tab", |view| {
        view.reversed(3) == " history "
    });
    click_on(&mut terminal, "esc back", "the table", |view| {
        view.titles().is_some()
    });
    let (x, y) = terminal.wait_and("the key", |view| place(view, "q quit"));
    click(&mut terminal, x, y);
    terminal.ends_well();
}

#[test]
fn titles_sort_and_turn_round() {
    let mut terminal = shown(Program::watching(5));
    let sorted = |by: &'static str| {
        move |view: &View| view.titles().is_some_and(|titles| titles.contains(by))
    };
    click_on(&mut terminal, "INSTANCE", "sorted", sorted("INSTANCE▾"));
    click_on(&mut terminal, "INSTANCE", "turned round", |view| {
        sorted("INSTANCE▴")(view) && view.line(3).contains("n05")
    });
    quits(&mut terminal);
}

#[test]
fn groups_are_folded_by_their_mark() {
    let mut terminal = shown(Program::watching(3));
    terminal.press("oo", "groups", |view| view.has("▾ 127.0.0.1"));
    click_on(&mut terminal, "127.0.0.1  ", "it is selected", |view| {
        view.selected()
            .is_some_and(|(_, line)| line.starts_with("▾ 127.0.0.1"))
    });
    click_on(&mut terminal, "▾ 127", "folded", |view| {
        view.has("▸ 127.0.0.1") && view.row("n01").is_none()
    });
    click_on(&mut terminal, "▸ 127", "unfolded", |view| {
        view.has("▾ 127.0.0.1")
    });
    quits(&mut terminal);
}

#[test]
fn the_wheel_scrolls_what_is_under_it() {
    let mut terminal = shown(Program::watching(40));
    terminal.wait_for("✖ 40 down");
    let rows = 5;
    wheel(&mut terminal, true, 5, rows);
    terminal.wait("the window has moved", |view| {
        view.row("n03").is_none() && view.selected_has("n04")
    });
    wheel(&mut terminal, false, 5, rows);
    terminal.wait("and back, with the selection where it is", |view| {
        view.row("n01").is_some() && view.selected_has("n04")
    });
    terminal.press("?", "the help", |view| view.has("Keys in the table"));
    wheel(&mut terminal, true, 5, rows);
    terminal.wait("the help has moved", |view| !view.has("Keys in the table"));
    terminal.press(ESC, "the table", |view| view.titles().is_some());
    quits(&mut terminal);
}

/// A notch of the wheel is three lines, and a hundred notches are one read and one drawing.
#[test]
fn a_wheel_that_is_spun_is_drawn_seldom() {
    let mut terminal = shown(Program::watching(40));
    terminal.wait_for("✖ 40 down");
    terminal.mark();
    let notches = mouse(65, 5, 5, true).repeat(100);
    terminal.press(&notches, "the end", |view| view.row("n40").is_some());
    let drawings = terminal.look(|view| {
        let begin = b"\x1b[?2026h";
        view.sent()
            .windows(begin.len())
            .filter(|at| at == begin)
            .count()
    });
    assert!(drawings < 30, "{drawings}");
    quits(&mut terminal);
}

#[test]
fn popups_take_clicks_and_a_click_beside_them_closes_nothing() {
    let mut terminal = shown(Program::watching(3));
    terminal.press("C", "the list of columns", |view| view.has("┌ columns "));
    click_on(&mut terminal, "[x] endpoint", "hidden", |view| {
        view.has("[ ] endpoint") && !view.has("ENDPOINT")
    });
    click(&mut terminal, 0, 2);
    click_on(&mut terminal, "[ ] endpoint", "shown again", |view| {
        view.has("[x] endpoint")
    });
    terminal.press(ESC, "the table", |view| !view.has("┌ columns "));
    terminal.press("a", "the form", |view| view.has("add an instance"));
    click_on(&mut terminal, "tags", "its third field", |view| {
        !view.reversed(5).is_empty()
    });
    terminal.press("prod", "is typed into", |view| {
        view.line(5).contains("prod")
    });
    click(&mut terminal, 20, 20);
    terminal.press("s", "the form is still there", |view| {
        view.line(5).contains("prods")
    });
    terminal.press(ESC, "the table", |view| view.titles().is_some());
    quits(&mut terminal);
}

#[test]
fn motion_is_never_asked_for_and_the_key_gives_the_mouse_to_the_terminal() {
    let mut terminal = shown(Program::watching(2));
    let asked = |view: &View, mode: &str| view.has_sent(&format!("\x1b[?{mode}h"));
    terminal.look(|view| {
        assert!(view.has_mouse());
        assert!(asked(view, "1000") && asked(view, "1006"));
        for motion in ["1002", "1003", "1015"] {
            assert!(!asked(view, motion), "{motion}");
        }
    });
    terminal.press("M", "it is off", |view| {
        !view.has_mouse() && view.footer().contains("the terminal selects")
    });
    // A report that comes all the same selects nothing.
    click(&mut terminal, 5, 4);
    terminal.press("M", "it is on", |view| {
        view.has_mouse() && view.footer().contains("hold shift")
    });
    assert!(terminal.look(|view| view.selected_has("n01")));
    quits(&mut terminal);
}

#[test]
fn where_it_is_not_wanted_it_is_never_asked_for() {
    let mut program = Program::sqlreach(&[]);
    let file = program.configure(&config(false));
    let mut terminal = shown(program);
    terminal.press(ENTER, "a row", |view| view.has("diagnosis"));
    terminal.press(ESC, "the table", |view| view.titles().is_some());
    let asked = |view: &View| view.has_sent("\x1b[?100");
    assert!(!terminal.look(asked));
    // The file says otherwise from now on.
    std::fs::write(file, config(true)).unwrap();
    terminal.wait("the mouse", View::has_mouse);
    quits(&mut terminal);
}

#[rstest]
#[case(Signal::SIGTERM)]
#[case(Signal::SIGHUP)]
fn a_signal_gives_it_back(#[case] signal: Signal) {
    let terminal = shown(Program::watching(1));
    terminal.signal(signal);
    terminal.ends_well();
}

#[test]
fn the_shell_gets_it_and_gives_it_back() {
    let mut program = Program::any(&["/bin/bash", "--norc", "--noprofile", "-i"]);
    program.refusing(1);
    let mut terminal = program.env("PS1", "shell> ").start();
    terminal.wait_for("shell>");
    terminal.press(&format!("{SQLREACH}\n"), "the table", |view| {
        view.titles().is_some() && view.has_mouse()
    });
    terminal.press(CTRL_Z, "the shell", |view| {
        view.has("Stopped") && !view.has_mouse()
    });
    terminal.press("fg\n", "the dashboard", |view| {
        view.titles().is_some() && view.has_mouse()
    });
    terminal.press("q", "the shell", |view| {
        !view.is_taken() && !view.has_mouse()
    });
    terminal.press("exit $?\n", "the end", |view| view.ended);
}

fn config(mouse: bool) -> String {
    let probe = "[probe]\ninterval = \"1h\"\nwitness_ports = []\n";
    format!(
        "{probe}[screen]\nmouse = {mouse}\n[[instance]]\nserver = '127.0.0.1,1'\nname = 'n01'\n"
    )
}

fn shown(program: Program) -> Terminal {
    let terminal = program.start();
    terminal.wait("the table with its results", |view| {
        view.titles().is_some() && view.has("Most likely")
    });
    terminal
}

fn quits(terminal: &mut Terminal) {
    terminal.keys("q");
    terminal.ends_well();
}

/// Where a text begins, both from 0.
fn place(view: &View, text: &str) -> Option<(usize, usize)> {
    view.lines().into_iter().enumerate().find_map(|(y, line)| {
        let at = line.find(text)?;
        Some((line[..at].chars().count(), y))
    })
}

fn click_on(terminal: &mut Terminal, text: &str, what: &str, is_so: impl FnMut(&View) -> bool) {
    // What was said last may stand where the keys are for a while.
    let (x, y) = terminal.wait_and(text, |view| place(view, text));
    click(terminal, x, y);
    terminal.wait(what, is_so);
}

fn click(terminal: &mut Terminal, x: usize, y: usize) {
    let both = mouse(0, x, y, true) + &mouse(0, x, y, false);
    terminal.keys(&both);
}

fn wheel(terminal: &mut Terminal, down: bool, x: usize, y: usize) {
    let button = if down { 65 } else { 64 };
    terminal.keys(&mouse(button, x, y, true));
}

/// What a terminal sends (SGR, mode 1006): places are counted from 1.
fn mouse(button: u8, x: usize, y: usize, pressed: bool) -> String {
    let end = if pressed { 'M' } else { 'm' };
    format!("\x1b[<{button};{};{}{end}", x + 1, y + 1)
}
