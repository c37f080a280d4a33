//! Every key in every mode, chords, and the page that lists the keys.

use std::fmt::Write as _;
use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use super::{draw, press, screen};
use crate::config::Loaded;
use crate::tui::action::Effect;
use crate::tui::app::App;
use crate::tui::keymap::{KeyMap, Mode, Row};
use crate::tui::sample;

/// Everything that a keyboard has.
fn every_key() -> Vec<KeyEvent> {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let letters = |modifiers| ('a'..='z').map(move |c| KeyEvent::new(KeyCode::Char(c), modifiers));
    let named = [
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Insert,
    ];
    (' '..='~')
        .map(KeyCode::Char)
        .chain((1..=12).map(KeyCode::F))
        .chain(named)
        .map(plain)
        .chain(letters(KeyModifiers::CONTROL))
        .chain(letters(KeyModifiers::ALT))
        .collect()
}

/// The keys into a mode, from the table.
const INTO: [(Mode, &[&str]); 7] = [
    (Mode::Table, &[]),
    (Mode::Drill, &["g enter"]),
    (Mode::Field, &["/"]),
    (Mode::Message, &["e"]),
    (Mode::Columns, &["C"]),
    (Mode::Menu, &["g c"]),
    (Mode::Help, &["?"]),
];

fn with_keys(keys: &str, width: u16, height: u16) -> App {
    let text = format!("[keys]\n{keys}\n");
    let loaded = Loaded::parse(&text, Path::new("f.toml")).unwrap();
    let mut app = sample::app(width, height);
    app.about.keys = KeyMap::configured(&loaded.config.keys).unwrap();
    app
}

fn send(app: &mut App, event: KeyEvent) {
    for key in app.strokes(event).collect::<Vec<_>>() {
        app.key(key);
    }
}

/// `esc` some times leads back to the table, and then `q` out.
fn assert_has_a_way_out(app: &mut App, what: &str) {
    for _ in 0..5 {
        press(app, "esc");
    }
    assert_eq!(app.mode(), Mode::Table, "{what}");
    assert_eq!(press(app, "q"), Some(Effect::Quit), "{what}");
}

#[test]
fn every_key_in_every_mode_has_a_way_out() {
    for (mode, into) in INTO {
        for key in every_key() {
            let mut app = sample::app(100, 30);
            for keys in into {
                press(&mut app, keys);
            }
            assert_eq!(app.mode(), mode);
            send(&mut app, key);
            draw(&mut app, 100, 30);
            assert_has_a_way_out(&mut app, &format!("{key:?} in {mode:?}"));
        }
    }
}

proptest! {
    /// No panic in any sequence and size, and `esc` always leads back to the table; also
    /// with keys of one's own and chords.
    #[test]
    fn no_sequence_of_keys_is_a_dead_end(
        keys in prop::collection::vec(0..every_key().len(), 0..40),
        own in any::<bool>(),
        width in 1u16..160,
        height in 1u16..60,
    ) {
        let bound = if own { "first = 'g g'\nhelp = 'ctrl-x h'\nprobe = ['r', 'alt-r']" } else { "" };
        let mut app = with_keys(bound, width, height);
        let every = every_key();
        for key in keys {
            send(&mut app, every[key]);
            draw(&mut app, width, height);
        }
        assert_has_a_way_out(&mut app, "a sequence");
    }
}

#[test]
fn a_chord_is_shown_while_it_is_pressed_and_given_up_by_any_other_key() {
    let mut app = with_keys("first = 'g g'\nprobe-shown = 'g r'", 100, 24);
    press(&mut app, "G g");
    let footer = |app: &mut App| screen(app, 100, 24).lines().last().unwrap().to_owned();
    assert_eq!(
        footer(&mut app),
        " g …  r probe all instances that are shown  g the first  esc give up"
    );
    press(&mut app, "g");
    assert_eq!(app.fleet.position(), Some(0));

    assert_eq!(press(&mut app, "g p"), None, "nothing is paused");
    assert_eq!(app.toast(), Some("g p means nothing here"));
    press(&mut app, "enter g esc");
    assert_eq!(app.mode(), Mode::Drill, "esc gave up the chord alone");
    press(&mut app, "esc");
    assert_eq!(app.mode(), Mode::Table);
}

#[test]
fn the_footer_and_the_help_show_the_keys_that_are_in_force() {
    let mut app = with_keys("probe = 'b'\nhelp = 'H'", 120, 24);
    let shown = screen(&mut app, 120, 24);
    let footer = shown.lines().last().unwrap();
    assert!(
        footer.contains(" b probe again") && footer.contains(" H help"),
        "{footer}"
    );
    assert!(
        !footer.contains(" r probe") && !footer.contains("? help"),
        "{footer}"
    );
    press(&mut app, "H");
    let shown = screen(&mut app, 120, 24);
    assert!(
        shown.contains("\n b              probe this instance"),
        "{shown}"
    );
    press(&mut app, "H");
    assert_eq!(app.mode(), Mode::Table, "the key that opens it closes it");
}

#[test]
fn the_help_is_searched_while_it_is_typed_and_what_is_found_is_underlined() {
    let mut app = sample::app(100, 24);
    app.theme = crate::tui::Theme::new(false);
    press(&mut app, "? / P L A T F");
    let shown = screen(&mut app, 100, 24);
    assert!(
        shown.contains(" t              show the fixes for the next platform"),
        "{shown}"
    );
    assert!(!shown.contains("sort by"), "{shown}");
    assert!(
        shown.lines().last().unwrap().contains(" 4 found"),
        "{shown}"
    );
    let buffer = draw(&mut app, 100, 24);
    let underlined = (buffer.content.iter())
        .filter(|cell| cell.modifier.contains(ratatui::style::Modifier::UNDERLINED));
    let text: String = underlined.map(ratatui::buffer::Cell::symbol).collect();
    assert_eq!(text, "platf".repeat(4));
    press(&mut app, "enter");
    assert_eq!(app.mode(), Mode::Help);
    press(&mut app, "esc ?");
    assert!(
        screen(&mut app, 100, 24).contains("sort by"),
        "opened anew it is whole"
    );
    press(&mut app, "/ z z z z esc");
    assert!(
        screen(&mut app, 100, 24).contains("sort by"),
        "given up it is whole"
    );
    assert_eq!(app.mode(), Mode::Help);
}

#[test]
fn what_alt_gr_types_is_typed() {
    let mut app = sample::app(100, 24);
    press(&mut app, "/");
    let both = KeyModifiers::CONTROL | KeyModifiers::ALT;
    send(&mut app, KeyEvent::new(KeyCode::Char('@'), both));
    assert_eq!(app.typing().unwrap().text(), "@");
}

/// `docs/keys.md` is what the key map gives. To write it anew:
/// `WRITE_DOCS=1 cargo test --lib the_page_of_keys`.
#[test]
fn the_page_of_keys_is_the_key_map() {
    let page = page();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/keys.md");
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, page, "docs/keys.md is old; WRITE_DOCS=1 writes it");
}

fn page() -> String {
    let mut page = include_str!("keys.md").to_owned();
    let map = KeyMap::default();
    for mode in Mode::ALL {
        let place = mode.place();
        let (first, rest) = place.split_at(1);
        let title = first.to_uppercase() + rest;
        write!(
            page,
            "\n## {title}\n\n| keys | name | does |\n|---|---|---|\n"
        )
        .unwrap();
        for row in map.all(mode) {
            let name = row.action.name();
            writeln!(page, "| {} | `{name}` | {} |", keys_of(row), does(row)).unwrap();
        }
    }
    page
}

fn keys_of(row: &Row) -> String {
    let code = |key: String| format!("`{}`", key.replace('|', "\\|"));
    let keys: Vec<String> = row.keys.iter().map(|key| code(key.to_string())).collect();
    keys.join(" ")
}

fn does(row: &Row) -> String {
    if row.long.is_empty() {
        return "the same for the next command".to_owned();
    }
    row.long.replace('|', "\\|")
}

#[test]
fn sentences_name_the_key_that_is_in_force() {
    let keys = "problems = 'N'\nfreeze = 'Q'\npause = 'ctrl-y'\nfold = 'z'";
    let mut app = with_keys(keys, 120, 40);
    press(&mut app, "/ n o t h i n g - s u c h enter");
    let shown = screen(&mut app, 120, 40);
    assert!(
        shown.contains("nothing matches; esc clears the filter, N shows all"),
        "{shown}"
    );
    press(&mut app, "esc Q");
    let shown = screen(&mut app, 120, 40);
    assert!(shown.contains("probing goes on · Q lets go"), "{shown}");
    press(&mut app, "Q o g z m");
    let said = app.toast().unwrap();
    assert!(said.contains("unfold it with z"), "{said}");
    let shown = screen(&mut app, 120, 40);
    assert!(shown.contains("z unfolds this group"), "{shown}");
}

#[test]
fn a_key_that_is_taken_away_is_not_named() {
    let mut app = with_keys("problems = []\nfreeze = ['Q']\nfold = []", 120, 40);
    press(&mut app, "/ n o t h i n g - s u c h enter");
    let shown = screen(&mut app, 120, 40);
    let line = shown.lines().find(|line| line.contains("nothing matches"));
    assert_eq!(
        line.unwrap().trim_end(),
        "  nothing matches; esc clears the filter"
    );
}

#[test]
fn what_is_said_leaves_the_keys_that_help_and_lead_out() {
    let mut app = sample::app(100, 24);
    app.say("command 1 copied");
    let shown = screen(&mut app, 100, 24);
    let footer = shown.lines().last().unwrap();
    assert!(footer.starts_with(" command 1 copied  "), "{footer}");
    assert!(
        footer.contains("? help") && footer.ends_with("q quit"),
        "{footer}"
    );
    let long = "a sentence ".repeat(9);
    app.say(long.as_str());
    let shown = screen(&mut app, 100, 24);
    let footer = shown.lines().last().unwrap();
    assert_eq!(footer.trim(), long.trim(), "the sentence comes first");
    app.tick(sample::later() + jiff::SignedDuration::from_secs(6));
    assert!(app.toast().is_none());
}

#[test]
fn the_help_begins_with_the_keys_that_work_here() {
    let mut app = sample::app(100, 40);
    let first = |app: &App| app.help().unwrap()[0].text.clone();
    press(&mut app, "?");
    assert_eq!(first(&app), Mode::Table.place());
    press(&mut app, "? enter ?");
    assert_eq!(first(&app), Mode::Drill.place());
    let all: Vec<String> = app
        .help()
        .unwrap()
        .into_iter()
        .map(|one| one.text)
        .collect();
    for mode in Mode::ALL {
        let is_there = all.iter().any(|text| text == mode.place());
        assert_eq!(is_there, mode != Mode::Replay, "{mode:?}");
    }
}
