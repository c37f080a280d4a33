//! What the screen shows, as snapshots, and what its keys do.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::action::Effect;
use super::app::App;
use super::{sample, view};
use crate::monitor::Command;

mod adding;
mod audit;
mod bytes;
mod copying;
mod drill;
mod incidents;
mod keys;
mod message;
mod mouse;
mod noticing;
mod pairs;
mod path;
mod replaying;
mod reviewing;
mod starting;
mod table;
mod themes;
mod verifying;

/// Where everything is, and what is seen.
pub(super) fn drawn(app: &mut App, width: u16, height: u16) -> (view::HitMap, String) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut hits = view::HitMap::default();
    terminal
        .draw(|frame| hits = view::draw(app, frame))
        .unwrap();
    app.drawn(hits.scroll_end);
    (hits, text(terminal.backend().buffer()))
}

fn draw(app: &mut App, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut hits = view::HitMap::default();
    terminal
        .draw(|frame| hits = view::draw(app, frame))
        .unwrap();
    app.drawn(hits.scroll_end);
    terminal.backend().buffer().clone()
}

fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let cells: Vec<&str> = buffer
        .content
        .iter()
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    let lines = cells
        .chunks(width)
        .map(|line| line.concat().trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn screen(app: &mut App, width: u16, height: u16) -> String {
    text(&draw(app, width, height))
}

pub(super) fn press(app: &mut App, keys: &str) -> Option<Effect> {
    let mut effect = None;
    for key in keys.split(' ') {
        let code = match key {
            "enter" => KeyCode::Enter,
            "esc" => KeyCode::Esc,
            "space" => KeyCode::Char(' '),
            key => KeyCode::Char(key.chars().next().unwrap()),
        };
        effect = app.key(KeyEvent::new(code, KeyModifiers::NONE));
    }
    effect
}

#[test]
fn the_dashboard_in_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut app = sample::app(width, height);
        press(&mut app, "g j");
        insta::assert_snapshot!(
            format!("dashboard_{width}x{height}"),
            screen(&mut app, width, height)
        );
    }
}

#[test]
fn a_host_that_hides_its_closed_ports_is_shown_as_a_tie() {
    let mut app = sample::app(120, 40);
    press(&mut app, "g j /");
    for key in "hr02".chars() {
        press(&mut app, &key.to_string());
    }
    press(&mut app, "enter");
    insta::assert_snapshot!(screen(&mut app, 120, 40));
}

#[test]
fn this_machines_own_trouble_is_said_first_in_three_sizes() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut app = sample::cut_off(width, height);
        insta::assert_snapshot!(
            format!("banner_{width}x{height}"),
            screen(&mut app, width, height)
        );
        let buffer = draw(&mut app, width, height);
        assert!(buffer[(width - 1, 1)].modifier.contains(Modifier::REVERSED));
    }
}

#[test]
fn of_what_nobody_knows_nothing_is_red() {
    let mut app = sample::cut_off(120, 40);
    press(&mut app, "G");
    let buffer = draw(&mut app, 120, 40);
    let is_red = |y| (0..120).any(|x| buffer[(x, y)].fg == Color::Red);
    let red: Vec<u16> = (3..9).filter(|y| is_red(*y)).collect();
    assert!(red.is_empty(), "six rows are stale: {red:?}");
}

#[test]
fn a_row_behind_this_machines_own_trouble_leads_with_its_commands() {
    let mut app = sample::cut_off(120, 40);
    press(&mut app, "/ c r m enter");
    let Some(Effect::Copy { text, .. }) = press(&mut app, "1") else {
        panic!("nothing copied")
    };
    assert!(text.contains("10.0.4.12"), "{text}");
    let shown = screen(&mut app, 120, 40);
    assert!(shown.contains("answering ?"), "it keeps its state\n{shown}");
    assert!(shown.contains("no address or no route"), "{shown}");
}

#[test]
fn the_tabs_of_one_instance() {
    let mut app = sample::app(100, 48);
    press(&mut app, "/ s a l e s enter enter");
    insta::assert_snapshot!("tab_diagnosis", screen(&mut app, 100, 48));
    press(&mut app, "]");
    insta::assert_snapshot!("tab_path", screen(&mut app, 100, 30));
    press(&mut app, "]");
    insta::assert_snapshot!("tab_browser", screen(&mut app, 100, 30));
    press(&mut app, "]");
    insta::assert_snapshot!("tab_history", screen(&mut app, 100, 30));
}

#[test]
fn help_empty_and_tiny_screens() {
    let mut app = sample::app(100, 76);
    press(&mut app, "?");
    let whole = 76 + u16::try_from(drawn(&mut app, 100, 76).0.scroll_end).unwrap();
    app.resize(ratatui::layout::Rect::new(0, 0, 100, whole));
    insta::assert_snapshot!("help", screen(&mut app, 100, whole));
    insta::assert_snapshot!("empty", screen(&mut sample::empty(80, 24), 80, 24));
    insta::assert_snapshot!("tiny", screen(&mut sample::app(30, 6), 30, 6));
}

#[test]
fn a_target_that_cannot_be_parsed_says_what_would_be_right() {
    let mut app = sample::app(120, 40);
    press(&mut app, "/ s t a t e : i n v a l i d enter");
    insta::assert_snapshot!(screen(&mut app, 120, 40));
}

#[test]
fn a_field_shows_its_mistake_and_keeps_the_last_good_filter() {
    let mut app = sample::app(100, 24);
    press(&mut app, "/ s t a t e : r e f u s d");
    let shown = screen(&mut app, 100, 24);
    assert!(
        shown.contains("no state is called 'refusd'; did you mean refused?"),
        "{shown}"
    );
    press(&mut app, "esc");
    assert_eq!(app.fleet.shown().len(), app.fleet.len());
}

#[test]
fn the_worst_row_is_selected_until_a_key_is_pressed() {
    let app = sample::app(120, 40);
    assert_eq!(app.fleet.position(), Some(0));
    assert_eq!(app.fleet.selected().unwrap().instance.name, "typo01");
}

#[test]
fn the_selection_is_reversed_also_without_colours() {
    let mut app = sample::app(100, 24);
    app.theme = super::Theme::new(false);
    let buffer = draw(&mut app, 100, 24);
    let reversed = |y: u16| buffer[(5, y)].modifier.contains(Modifier::REVERSED);
    assert_eq!((3..11).filter(|y| reversed(*y)).count(), 1);
    let coloured = buffer
        .content
        .iter()
        .any(|cell| cell.fg != ratatui::style::Color::Reset);
    assert!(!coloured);
}

#[test]
fn digits_copy_the_commands_that_are_shown() {
    let mut app = sample::app(200, 50);
    press(&mut app, "/ s a l e s enter");
    let shown = screen(&mut app, 200, 50);
    let Some(Effect::Copy { text, .. }) = press(&mut app, "1") else {
        panic!("nothing copied")
    };
    assert!(
        shown
            .lines()
            .any(|line| line.contains(&format!("1 {text}"))),
        "{text}\n{shown}"
    );
    assert!(!text.ends_with('\n'));
    press(&mut app, "g");
    assert_eq!(
        press(&mut app, "p"),
        Some(Effect::Send(Command::Pause(true)))
    );
    assert!(screen(&mut app, 200, 50).contains("PAUSED"));
}

#[test]
fn an_acknowledgement_needs_a_reason() {
    let mut app = sample::app(100, 24);
    assert_eq!(press(&mut app, "m enter"), None);
    assert!(screen(&mut app, 100, 24).contains("why?"));
    let Some(Effect::Send(Command::Acknowledge(_, Some(acknowledged)))) =
        press(&mut app, "o k enter")
    else {
        panic!("not acknowledged")
    };
    assert_eq!(acknowledged.reason, "ok");
}

#[test]
fn sorting_walks_through_the_columns_that_are_on_the_screen() {
    let mut app = sample::app(60, 20);
    for _ in 0..3 {
        press(&mut app, "s");
        let shown = screen(&mut app, 60, 20);
        assert!(shown.contains('▾'), "{:?}\n{shown}", app.fleet.sort());
    }
}

#[test]
fn a_pause_that_the_monitor_did_not_take_is_not_shown() {
    let mut app = sample::app(100, 24);
    let Some(Effect::Send(command)) = press(&mut app, "p") else {
        panic!("nothing sent")
    };
    app.refused(&command);
    assert!(!screen(&mut app, 100, 24).contains("PAUSED"));
    assert_eq!(
        press(&mut app, "p"),
        Some(Effect::Send(Command::Pause(true)))
    );
}
