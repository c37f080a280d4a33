//! Incidents on the screen: the count, the sentence of each member, and the note.

use ratatui::layout::Rect;

use super::{press, screen};
use crate::tui::action::Effect;
use crate::tui::sample;

#[test]
fn a_thousand_that_fell_together_are_one_readable_screen() {
    let mut app = sample::mass_failure(1000, 120, 40);
    for (width, height) in [(120, 40), (80, 24)] {
        app.resize(Rect::new(0, 0, width, height));
        insta::assert_snapshot!(
            format!("mass_failure_{width}"),
            screen(&mut app, width, height)
        );
    }
}

#[test]
fn the_tab_of_a_member_begins_with_its_incident() {
    let mut app = sample::mass_failure(3, 100, 40);
    let shown = screen(&mut app, 100, 40);
    assert!(shown.contains("  1 incident"), "{shown}");
    press(&mut app, "enter");
    let shown = screen(&mut app, 100, 40);
    assert!(
        shown.contains("3 instances, all with an address in 10.7.0.0/24"),
        "{shown}"
    );
    assert_eq!(shown.matches("with 2 others").count(), 1, "{shown}");
}

#[test]
fn the_note_is_of_all_instances_of_the_incident() {
    let mut app = sample::mass_failure(3, 100, 40);
    let Some(Effect::Copy { text, what }) = press(&mut app, "Y") else {
        panic!("nothing copied")
    };
    assert_eq!((&*text, &*what), ("3 of 3", "note on 3 instances"));
}

#[test]
fn one_that_is_in_no_incident_says_so() {
    let mut app = sample::mass_failure(3, 100, 40);
    assert_eq!(press(&mut app, "G Y"), None);
    let said = app.toast().unwrap_or_default();
    assert!(said.ends_with(" is in no incident"), "{said}");
}
