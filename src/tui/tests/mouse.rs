//! What the mouse does, click by click, on the screen that was drawn.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{drawn, press, screen};
use crate::config::Column;
use crate::tui::action::Effect;
use crate::tui::app::{App, Tab};
use crate::tui::keymap::Mode;
use crate::tui::sample;

const WIDE: u16 = 100;
const HIGH: u16 = 30;
/// Too low for all rows, and for all that the pane says.
const LOW: u16 = 20;

fn send(app: &mut App, kind: MouseEventKind, x: u16, y: u16) -> (bool, Option<Effect>) {
    send_on(app, HIGH, kind, (x, y))
}

/// The same on a screen of another height.
fn send_on(
    app: &mut App,
    height: u16,
    kind: MouseEventKind,
    (column, row): (u16, u16),
) -> (bool, Option<Effect>) {
    let (hits, _) = drawn(app, WIDE, height);
    let event = MouseEvent {
        kind,
        column,
        row,
        modifiers: KeyModifiers::NONE,
    };
    app.mouse(event, &hits)
}

fn click(app: &mut App, x: u16, y: u16) -> Option<Effect> {
    send(app, MouseEventKind::Down(MouseButton::Left), x, y).1
}

/// Clicks on the first place that has the text.
fn click_on(app: &mut App, text: &str) -> Option<Effect> {
    let shown = screen(app, WIDE, HIGH);
    let (x, y) = place(&shown, text).unwrap_or_else(|| panic!("no {text:?} in\n{shown}"));
    click(app, x, y)
}

fn place(shown: &str, text: &str) -> Option<(u16, u16)> {
    (0..).zip(shown.lines()).find_map(|(y, line)| {
        let at = line.find(text)?;
        let x = line[..at].chars().count();
        Some((u16::try_from(x).ok()?, y))
    })
}

fn selected(app: &App) -> String {
    let row = app.fleet.selected().unwrap();
    row.instance.name.clone()
}

#[test]
fn a_click_selects_and_one_on_what_is_selected_enters() {
    let mut app = sample::app(WIDE, HIGH);
    assert_eq!(click_on(&mut app, "crm"), None);
    assert_eq!((selected(&app).as_str(), app.mode()), ("crm", Mode::Table));
    click_on(&mut app, "crm");
    assert_eq!((selected(&app).as_str(), app.mode()), ("crm", Mode::Drill));
}

#[test]
fn a_click_on_a_tab_opens_it_from_its_top() {
    let mut app = sample::app(WIDE, HIGH);
    press(&mut app, "enter G");
    click_on(&mut app, " history ");
    assert_eq!((app.tab(), app.scroll()), (Tab::History, 0));
}

#[test]
fn a_click_on_a_title_sorts_and_another_turns_round() {
    let mut app = sample::app(WIDE, HIGH);
    for reversed in [false, true, false] {
        click_on(&mut app, "INSTANCE");
        let order = app.fleet.sort();
        assert_eq!((order.column, order.reversed), (Column::Instance, reversed));
    }
}

#[test]
fn a_click_on_a_group_selects_and_one_on_its_mark_folds() {
    let mut app = sample::app(WIDE, HIGH);
    press(&mut app, "o");
    click_on(&mut app, "test  ");
    let group = |app: &App| {
        let group = app.fleet.selected_group().unwrap();
        (group.name.clone(), group.folded)
    };
    assert_eq!(group(&app), (Some("test".into()), false));
    let shown = screen(&mut app, WIDE, HIGH);
    let (_, y) = place(&shown, "▾ prod").unwrap();
    click(&mut app, 0, y);
    assert_eq!(group(&app), (Some("prod".into()), true));
    click(&mut app, 0, y);
    assert_eq!(group(&app), (Some("prod".into()), false));
}

#[test]
fn a_key_of_the_footer_is_pressed_by_a_click() {
    let mut app = sample::app(WIDE, HIGH);
    click_on(&mut app, "? help");
    assert_eq!(app.mode(), Mode::Help);
    click_on(&mut app, "esc back");
    assert_eq!(app.mode(), Mode::Table);
    assert_eq!(click_on(&mut app, "q quit"), Some(Effect::Quit));
}

#[test]
fn the_list_of_columns_is_clicked_and_nothing_beside_it() {
    let mut app = sample::app(WIDE, HIGH);
    press(&mut app, "C");
    let shown = screen(&mut app, WIDE, HIGH);
    let (x, y) = place(&shown, "[x] endpoint").unwrap();
    click(&mut app, x + 1, y);
    assert!(
        !app.columns().contains(&Column::Endpoint),
        "its box hides it"
    );
    click(&mut app, x + 30, y);
    assert!(
        app.columns().contains(&Column::Endpoint),
        "so does the line, once selected"
    );
    let before = selected(&app);
    for (x, y) in [(0, 3), (50, 2), (1, 8), (50, 0)] {
        assert_eq!(click(&mut app, x, y), None);
    }
    assert_eq!((app.mode(), selected(&app)), (Mode::Columns, before));
}

#[test]
fn the_table_under_a_field_is_only_looked_at() {
    let mut app = sample::app(WIDE, HIGH);
    let before = selected(&app);
    press(&mut app, "/");
    click_on(&mut app, "crm");
    press(&mut app, "esc");
    assert_eq!((app.mode(), selected(&app)), (Mode::Table, before));
}

#[test]
fn the_wheel_moves_what_is_under_it_and_stops_at_the_ends() {
    let mut app = sample::app(WIDE, HIGH);
    press(&mut app, "?");
    let down = MouseEventKind::ScrollDown;
    assert_eq!(send(&mut app, down, 5, 10), (true, None));
    assert_eq!(app.scroll(), 3);
    for _ in 0..100 {
        send(&mut app, down, 5, 10);
    }
    assert_eq!(
        send(&mut app, down, 5, 10),
        (false, None),
        "there is no more"
    );
    send(&mut app, MouseEventKind::ScrollUp, 5, 10);
    assert!(app.scroll() > 0);
    assert_eq!(
        send(&mut app, down, 5, 0),
        (false, None),
        "not in the header"
    );
}

#[test]
fn the_wheel_moves_the_window_and_the_selection_only_at_its_edge() {
    let mut app = sample::app(WIDE, LOW);
    press(&mut app, "g j j j");
    let before = selected(&app);
    let turn = |app: &mut App, kind| send_on(app, LOW, kind, (5, 4));
    assert_eq!(turn(&mut app, MouseEventKind::ScrollDown), (true, None));
    assert_eq!((app.top(), selected(&app)), (3, before.clone()));
    assert_eq!(turn(&mut app, MouseEventKind::ScrollDown), (false, None));
    assert_eq!(turn(&mut app, MouseEventKind::ScrollUp), (true, None));
    assert_eq!((app.top(), selected(&app)), (0, before));
    press(&mut app, "g");
    turn(&mut app, MouseEventKind::ScrollDown);
    assert_eq!(app.fleet.position(), Some(app.top()), "dragged along");
}

#[test]
fn the_wheel_scrolls_the_pane_until_its_last_line_and_another_row_begins_at_the_top() {
    let mut app = sample::app(WIDE, LOW);
    press(&mut app, "g j j");
    assert_eq!(selected(&app), "sales01\\PROD");
    let (hits, top) = drawn(&mut app, WIDE, LOW);
    assert!(hits.detail_end > 0, "all of it is seen\n{top}");
    let down = MouseEventKind::ScrollDown;
    for _ in 0..50 {
        send_on(&mut app, LOW, down, (5, hits.detail.y + 2));
    }
    let end = screen(&mut app, WIDE, LOW);
    assert!(end.contains("  9 ") && !top.contains("  9 "), "{end}");
    assert_eq!(app.pane_scroll(), hits.detail_end);
    press(&mut app, "j k");
    assert_eq!(app.pane_scroll(), hits.detail_end, "the same row again");
    press(&mut app, "j");
    assert_eq!(app.pane_scroll(), 0);
}

#[test]
fn what_is_no_click_changes_nothing_and_draws_nothing() {
    let mut app = sample::app(WIDE, HIGH);
    let before = screen(&mut app, WIDE, HIGH);
    for kind in [
        MouseEventKind::Moved,
        MouseEventKind::Up(MouseButton::Left),
        MouseEventKind::Drag(MouseButton::Left),
        MouseEventKind::Down(MouseButton::Right),
        MouseEventKind::ScrollLeft,
    ] {
        assert_eq!(send(&mut app, kind, 5, 5), (false, None), "{kind:?}");
    }
    assert_eq!(screen(&mut app, WIDE, HIGH), before);
}

#[test]
fn a_click_on_what_has_gone_since_it_was_drawn_means_nothing() {
    let mut app = sample::app(WIDE, HIGH);
    let (hits, _) = drawn(&mut app, WIDE, HIGH);
    press(&mut app, "?");
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 5,
        row: 5,
        modifiers: KeyModifiers::NONE,
    };
    assert_eq!(app.mouse(event, &hits), (false, None));
}

#[test]
fn a_text_to_be_selected_by_hand_leaves_the_mouse_to_the_terminal() {
    let mut app = sample::app(WIDE, HIGH);
    app.show("command 1".to_owned(), "sc.exe query".to_owned());
    assert!(!app.has_mouse());
    press(&mut app, "esc");
    assert!(app.has_mouse());
}

#[test]
fn the_key_turns_it_off_and_on_and_says_how_text_is_selected() {
    let mut app = sample::app(WIDE, HIGH);
    assert!(app.has_mouse());
    press(&mut app, "M");
    assert!(!app.has_mouse());
    assert!(app.toast().unwrap().contains("the terminal selects"));
    assert_eq!(
        send(&mut app, MouseEventKind::ScrollDown, 5, 20),
        (false, None)
    );
    press(&mut app, "M");
    assert!(app.has_mouse() && app.toast().unwrap().contains("hold shift"));
}
