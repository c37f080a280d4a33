//! The menu of what can be copied.

use super::{press, screen};
use crate::tui::action::Effect;
use crate::tui::keymap::Mode;
use crate::tui::menu::Item;
use crate::tui::sample;

#[test]
fn the_menu_over_the_table_and_over_an_instance() {
    let mut app = sample::app(120, 40);
    press(&mut app, "/ s a l e s enter c j j");
    insta::assert_snapshot!("menu_120x40", screen(&mut app, 120, 40));
    let mut app = sample::app(60, 20);
    press(&mut app, "/ s a l e s enter enter c");
    insta::assert_snapshot!("menu_60x20", screen(&mut app, 60, 20));
}

#[test]
fn enter_copies_the_selected_line_and_a_letter_its_own() {
    let mut app = sample::app(120, 40);
    press(&mut app, "/ s a l e s enter");
    let Some(Effect::Copy { text, what }) = press(&mut app, "c j enter") else {
        panic!("nothing copied")
    };
    assert_eq!(text, "sales01,50123");
    assert_eq!(what, format!("server of {}", name(&app)));
    assert_eq!(app.mode(), Mode::Table, "the menu is closed");
    let Some(Effect::Copy { text, .. }) = press(&mut app, "c i") else {
        panic!("nothing copied")
    };
    assert_eq!(text, name(&app));
}

#[test]
fn what_there_is_no_text_for_is_not_in_the_menu() {
    let mut app = sample::app(120, 40);
    press(&mut app, "/ s t a t e : i n v a l i d enter c");
    let items: Vec<Item> = app.copyable().into_iter().map(|(item, _)| item).collect();
    assert!(items.contains(&Item::Name) && items.contains(&Item::Report));
    assert!(
        !items.contains(&Item::Server),
        "it has no target that can be read"
    );
    assert_eq!(press(&mut app, "h"), None);
    assert!(app.toast().unwrap().starts_with("there is no server for"));
    assert_eq!(app.mode(), Mode::Menu, "another line can be chosen");
}

#[test]
fn a_file_is_written_of_the_report_or_of_the_line_that_is_selected() {
    let mut app = sample::app(120, 40);
    press(&mut app, "/ s a l e s enter");
    let Some(Effect::Write { text, about, .. }) = press(&mut app, "w") else {
        panic!("nothing written")
    };
    assert!(text.contains(" at "), "{text}");
    assert_eq!(about, name(&app));
    let Some(Effect::Write { text, .. }) = press(&mut app, "c w") else {
        panic!("nothing written")
    };
    assert_eq!(text, name(&app));
}

fn name(app: &crate::tui::app::App) -> String {
    app.fleet.selected().unwrap().instance.name.clone()
}
