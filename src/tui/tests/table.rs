//! The filter's field, the columns and the groups, as snapshots and by their keys.

use std::sync::Arc;
use std::time::Instant;

use ratatui::style::{Color, Modifier};

use super::{draw, press, screen};
use crate::config::{Column, Group, Order, Screen};
use crate::monitor::News;
use crate::tui::action::Effect;
use crate::tui::app::App;
use crate::tui::filter::Filter;
use crate::tui::fleet::Spot;
use crate::tui::theme::Theme;
use crate::tui::{sample, view};

/// Types a text into what is open.
fn type_text(app: &mut App, text: &str) {
    for key in text.chars() {
        let key = if key == ' ' {
            "space".to_owned()
        } else {
            key.to_string()
        };
        press(app, &key);
    }
}

fn arrow(app: &mut App, code: crossterm::event::KeyCode) {
    app.key(crossterm::event::KeyEvent::new(
        code,
        crossterm::event::KeyModifiers::NONE,
    ));
}

fn with_columns(columns: &[Column], width: u16, height: u16) -> App {
    let mut about = sample::about();
    about.screen.columns = columns.to_vec();
    sample::configured(about, width, height)
}

#[test]
fn a_filter_that_is_typed_shows_its_grammar_and_its_count() {
    for (width, height) in [(120, 20), (80, 20), (60, 16)] {
        let mut app = sample::app(width, height);
        type_text(&mut app, "/tag:prod is:failing");
        insta::assert_snapshot!(
            format!("filter_typed_{width}"),
            screen(&mut app, width, height)
        );
    }
}

#[test]
fn a_mistake_in_a_filter_is_marked_where_it_is() {
    for width in [100, 60] {
        let mut app = sample::app(width, 20);
        type_text(&mut app, "/tag:prod state:refusd crm");
        insta::assert_snapshot!(
            format!("filter_mistake_{width}"),
            screen(&mut app, width, 20)
        );
        app.theme = Theme::new(false);
        let buffer = draw(&mut app, width, 20);
        let is_marked = |x: u16| buffer[(x, 17)].modifier.contains(Modifier::UNDERLINED);
        let marked: String = (0..width)
            .filter(|x| is_marked(*x))
            .map(|x| buffer[(x, 17)].symbol())
            .collect();
        assert_eq!(marked, "refusd");
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset));
        assert_eq!(
            app.fleet.current_filter().text(),
            "tag:prod crm",
            "what is right stays"
        );
    }
}

#[test]
fn a_long_filter_is_shown_where_the_cursor_is() {
    let mut app = sample::app(60, 20);
    type_text(
        &mut app,
        "/-state:answering -state:degraded -tag:test -host:example cause:x",
    );
    let shown = screen(&mut app, 60, 20);
    assert!(shown.contains("-host:example cause:x "), "{shown}");
    assert!(shown.contains("no cause is called 'x'"), "{shown}");
}

#[test]
fn filters_of_before_come_back_and_what_was_being_typed_too() {
    use crossterm::event::KeyCode::{Down, Up};
    let mut app = sample::app(100, 24);
    for filter in ["tag:prod", "crm", "tag:prod"] {
        press(&mut app, "esc");
        type_text(&mut app, &format!("/{filter}"));
        press(&mut app, "enter");
    }
    press(&mut app, "esc");
    type_text(&mut app, "/hr");
    let text = |app: &App| app.typing().unwrap().text().to_owned();
    arrow(&mut app, Up);
    assert_eq!(
        (text(&app).as_str(), app.fleet.shown().len()),
        ("tag:prod", 4)
    );
    arrow(&mut app, Up);
    arrow(&mut app, Up);
    assert_eq!(
        text(&app),
        "crm",
        "each is there once, and the oldest is the end"
    );
    arrow(&mut app, Down);
    arrow(&mut app, Down);
    arrow(&mut app, Down);
    assert_eq!((text(&app).as_str(), app.fleet.shown().len()), ("hr", 1));
}

#[test]
fn the_filter_in_force_is_in_the_header_however_narrow() {
    for width in [40, 80] {
        let mut app = sample::app(width, 16);
        type_text(&mut app, "/state:refused");
        press(&mut app, "enter");
        let shown = screen(&mut app, width, 16);
        assert!(shown.contains("/state:refused"), "{shown}");
    }
}

#[test]
fn a_rate_that_is_too_low_for_the_fleet_is_said_with_the_length_of_a_round() {
    let mut about = sample::about();
    about.rate = Some(50);
    assert_eq!(about.pace(375), "every 15s");
    let slow = "every 15s, but a round takes 6m40s at 50/s";
    assert_eq!(about.pace(10_000), slow);
    about.rate = Some(1);
    let mut app = sample::configured(about, 160, 16);
    let shown = screen(&mut app, 160, 16);
    assert!(shown.contains(", but a round takes "), "{shown}");
}

#[test]
fn the_configuration_begins_with_its_own_order_groups_and_filter() {
    let mut about = sample::about();
    about.screen = Screen {
        sort: Order {
            column: Column::Instance,
            reversed: true,
        },
        group: Group::Tag,
        filter: "tag:prod".into(),
        ..Screen::default()
    };
    let app = sample::configured(about.clone(), 120, 24);
    assert_eq!(app.fleet.shown().len(), 4);
    assert_eq!(app.fleet.lines().len(), 5);
    assert_eq!(app.fleet.selected().unwrap().instance.name, "sales01\\PROD");
    about.screen.filter = "stat:refused".into();
    let app = sample::configured(about, 120, 24);
    assert_eq!(app.fleet.shown().len(), 8);
    assert!(
        app.toast().unwrap().contains("did you mean state:?"),
        "{:?}",
        app.toast()
    );
}

#[test]
fn other_columns_keep_their_order() {
    use Column::{Cause, Host, Instance, Since, State, Tags, Version};
    let chosen = [State, Since, Instance, Cause, Host, Tags, Version];
    for width in [140, 100, 80] {
        let mut app = with_columns(&chosen, width, 24);
        insta::assert_snapshot!(
            format!("other_columns_{width}"),
            screen(&mut app, width, 24)
        );
    }
    let mut app = with_columns(&[Cause, Instance], 60, 14);
    insta::assert_snapshot!("other_columns_60", screen(&mut app, 60, 14));
}

#[test]
fn columns_are_chosen_by_key_and_work_at_once() {
    let mut app = sample::app(100, 30);
    press(&mut app, "C j j space j K");
    insta::assert_snapshot!("columns_chosen", screen(&mut app, 100, 30));
    let Some(Effect::Copy { text, .. }) = press(&mut app, "y") else {
        panic!("nothing copied")
    };
    assert!(
        text.starts_with("columns = [\"state\", \"instance\", \"layers\", \"connect\""),
        "{text}"
    );
    press(&mut app, "esc");
    let shown = screen(&mut app, 100, 30);
    assert!(!shown.contains("ENDPOINT"), "{shown}");
    let mut small = sample::app(40, 10);
    press(&mut small, "C G");
    insta::assert_snapshot!("columns_tiny", screen(&mut small, 40, 10));
}

#[test]
fn the_last_column_cannot_be_hidden() {
    let mut app = with_columns(&[Column::Instance], 80, 24);
    press(&mut app, "C space");
    assert_eq!(app.columns(), [Column::Instance]);
    assert_eq!(app.toast(), Some("one column must stay"));
}

#[test]
fn groups_unfolded_and_folded_in_two_sizes() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut app = sample::app(width, height);
        press(&mut app, "g o");
        let size = format!("{width}x{height}");
        insta::assert_snapshot!(format!("grouped_{size}"), screen(&mut app, width, height));
        press(&mut app, "- g j");
        insta::assert_snapshot!(format!("folded_{size}"), screen(&mut app, width, height));
    }
}

#[test]
fn a_selected_group_is_reversed_and_its_states_need_no_colour() {
    let mut app = sample::app(80, 24);
    app.theme = Theme::new(false);
    press(&mut app, "o - g");
    let buffer = draw(&mut app, 80, 24);
    assert!(buffer[(79, 3)].modifier.contains(Modifier::REVERSED));
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset));
    assert!(screen(&mut app, 80, 24).contains("✖ 1 unresolved"));
}

#[test]
fn enter_on_a_group_folds_it_and_r_probes_all_of_it() {
    let mut app = sample::app(120, 40);
    press(&mut app, "o g");
    assert!(app.fleet.selected_group().is_some());
    press(&mut app, "enter");
    assert!(app.fleet.selected_group().unwrap().folded);
    let Some(Effect::Send(crate::monitor::Command::Probe(ids))) = press(&mut app, "r") else {
        panic!("nothing probed")
    };
    assert_eq!(ids.len(), 2);
    press(&mut app, "enter j enter");
    assert!(app.drilled().is_some(), "on a row, enter drills in");
}

#[test]
fn the_mouse_can_know_what_stands_on_each_line() {
    let mut app = sample::app(120, 40);
    press(&mut app, "o g j");
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(120, 40)).unwrap();
    let mut hits = view::HitMap::default();
    terminal
        .draw(|frame| hits = view::draw(&app, frame))
        .unwrap();
    assert_eq!(hits.rows.y, 3);
    assert_eq!(hits.lines[0], Spot::Group(Some("test".into())));
    assert_eq!(
        hits.lines[1],
        Spot::Instance(app.fleet.selected().unwrap().id)
    );
    assert_eq!(hits.lines.len(), app.fleet.lines().len());
}

/// A measurement: `cargo test --release --lib ten_thousand -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, which a busy machine would make fail"]
fn a_table_of_ten_thousand_costs_what_is_visible() {
    let mean = |times: u32, work: &mut dyn FnMut()| {
        let began = Instant::now();
        for _ in 0..times {
            work();
        }
        began.elapsed() / times
    };
    for count in [100, 10_000] {
        let mut app = sample::mass_failure(count, 200, 60);
        let row = Arc::clone(app.fleet.selected().unwrap());
        let drawn = mean(50, &mut || _ = draw(&mut app, 200, 60));
        let news = || News {
            rows: vec![Arc::clone(&row)],
            order: None,
        };
        let taken = mean(1_000, &mut || _ = app.fleet.take(news()));
        let mut reversed = false;
        let sorted = mean(10, &mut || {
            reversed = !reversed;
            app.fleet.sort_by(Order {
                column: Column::Instance,
                reversed,
            });
        });
        let filter = Filter::parse("10.7.1 -state:ready").unwrap();
        let filtered = mean(10, &mut || app.fleet.filter(filter.clone()));
        println!(
            "{count}: draw {drawn:?}, one row {taken:?}, sort {sorted:?}, filter {filtered:?}"
        );
    }
}

#[test]
fn a_key_that_works_on_one_instance_says_on_a_group_what_to_do() {
    for key in "m d Y y E x v c w 1".split(' ') {
        let mut app = sample::app(120, 40);
        press(&mut app, "o g");
        assert_eq!(press(&mut app, key), None, "{key}");
        let said = app.toast().unwrap_or_default();
        assert_eq!(
            said, "that is a group; select one of its instances",
            "{key}"
        );
        press(&mut app, "space");
        assert_eq!(press(&mut app, key), None, "{key}");
        let said = app.toast().unwrap_or_default();
        let wanted = "that is a group; unfold it with space and select an instance";
        assert_eq!(said, wanted, "{key}");
        assert_eq!(app.mode(), crate::tui::keymap::Mode::Table, "{key}");
    }
}
