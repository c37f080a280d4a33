//! The defaults hold together, and what `[keys]` makes of them.

use std::collections::HashMap;
use std::path::Path;

use rstest::rstest;

use super::*;
use crate::config::{EXAMPLE, Loaded};

fn configured(keys: &str) -> Result<KeyMap, Vec<String>> {
    let text = format!("[keys]\n{keys}\n");
    let loaded = Loaded::parse(&text, Path::new("f.toml")).unwrap();
    KeyMap::configured(&loaded.config.keys)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

fn pressed(text: &str) -> Vec<Key> {
    Chord::read(text).unwrap().keys().to_vec()
}

fn means(map: &KeyMap, mode: Mode, text: &str) -> Option<Step> {
    map.step(&[mode], &pressed(text))
}

#[test]
fn no_key_means_two_things_in_one_mode() {
    let map = KeyMap::default();
    for mode in Mode::ALL {
        let mut seen: Vec<&Chord> = Vec::new();
        for row in map.all(mode) {
            for chord in &row.keys {
                assert!(!seen.contains(&chord), "{chord} means two things {mode:?}");
                seen.push(chord);
            }
        }
    }
}

#[test]
fn every_mode_has_a_way_out() {
    let map = KeyMap::default();
    for mode in Mode::ALL.into_iter().filter(|mode| *mode != Mode::Replay) {
        let has = |wanted| map.all(mode).iter().any(|row| row.action == wanted);
        assert!(has(Action::Quit) && has(Action::Back), "{mode:?}");
    }
}

#[test]
fn every_action_has_one_name_that_can_stand_in_the_file() {
    let mut names: HashMap<String, Action> = HashMap::new();
    for binding in BINDINGS {
        let name = binding.action.name();
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(!name.is_empty() && name.chars().all(is_word), "{name}");
        let known = *names.entry(name.clone()).or_insert(binding.action);
        assert_eq!(known, binding.action, "two actions are called {name}");
    }
}

/// What can be shown can be written into the file.
#[test]
fn every_default_key_is_read_back_as_it_is_shown() {
    for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
        assert_eq!(Key::read(&key.name()), Ok(*key));
    }
}

#[test]
fn nothing_is_changed_by_an_empty_table_or_by_the_defaults_written_out() {
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    for binding in BINDINGS {
        let known = all.entry(binding.action.name()).or_default();
        for key in binding.keys.iter().map(|key| key.name()) {
            if !known.contains(&key) {
                known.push(key);
            }
        }
    }
    let table: Vec<String> = all
        .iter()
        .map(|(name, keys)| format!("{name} = {keys:?}"))
        .collect();
    for keys in ["", &table.join("\n")] {
        let map = configured(keys).unwrap();
        for (mode, chord, action) in every_key(&KeyMap::default()) {
            let step = map.step(&[mode], chord.keys());
            assert_eq!(step, Some(Step::Does(action)), "{chord} in {mode:?}");
        }
    }
}

fn every_key(map: &KeyMap) -> Vec<(Mode, Chord, Action)> {
    let rows = |mode| map.all(mode).iter().map(move |row| (mode, row));
    let all = Mode::ALL.into_iter().flat_map(rows);
    all.flat_map(|(mode, row)| {
        let keys = row.keys.iter().cloned();
        keys.map(move |chord| (mode, chord, row.action))
    })
    .collect()
}

#[test]
fn the_example_shows_the_defaults() {
    let keys = EXAMPLE.split("#[keys]").nth(1).unwrap();
    let keys = keys.split("[[instance]]").next().unwrap();
    let settings = keys.lines().filter_map(|line| line.strip_prefix('#'));
    let settings: Vec<&str> = settings.filter(|line| !line.starts_with(' ')).collect();
    assert!(!settings.is_empty());
    let map = configured(&settings.join("\n")).unwrap();
    for mode in Mode::ALL {
        assert_eq!(map.all(mode), KeyMap::default().all(mode));
    }
}

#[test]
fn keys_are_replaced_added_and_taken_away() {
    let map = configured(
        "probe = ['b', 'ctrl-g']\nquit = 'Q'\ncopy-3 = []\nfirst = 'g g'\nsort = 'alt-s'",
    )
    .unwrap();
    let table = |text| means(&map, Mode::Table, text);
    assert_eq!(table("b"), Some(Step::Does(Action::Probe)));
    assert_eq!(table("ctrl-g"), Some(Step::Does(Action::Probe)));
    assert_eq!(table("r"), None);
    assert_eq!(table("q"), None);
    assert_eq!(table("ctrl-c"), None);
    assert_eq!(table("3"), None);
    assert_eq!(table("4"), Some(Step::Does(Action::Copy(4))));
    assert_eq!(table("g"), Some(Step::Begins));
    assert_eq!(table("g g"), Some(Step::Does(Action::First)));
    assert_eq!(table("home"), None);
    assert_eq!(table("alt-s"), Some(Step::Does(Action::Sort)));
    // A letter is typed in a field, so that what quits there stays.
    for mode in [Mode::Field, Mode::Message] {
        assert_eq!(means(&map, mode, "Q"), None);
        assert_eq!(means(&map, mode, "ctrl-c"), Some(Step::Does(Action::Quit)));
    }
}

#[test]
fn rebound_keys_are_the_ones_that_are_shown() {
    let map = configured("probe = ['b', 'ctrl-g']\ncopy-3 = []\nfirst = ['g g', 'home']").unwrap();
    let shown = |action| {
        let row = map.all(Mode::Table).iter().find(|row| row.action == action);
        row.map(|row| (row.key_shown(), row.keys_shown()))
    };
    let both = |one: &str, all: &str| Some((one.to_owned(), all.to_owned()));
    assert_eq!(shown(Action::Probe), both("b", "b ctrl-g"));
    assert_eq!(shown(Action::First), both("g g", "g g, home"));
    assert_eq!(shown(Action::Copy(3)), None);
    assert_eq!(shown(Action::Copy(1)), both("1", "1"));
    let copies = map
        .of(Mode::Table)
        .filter(|row| matches!(row.action, Action::Copy(_)));
    assert_eq!(
        copies.count(),
        8,
        "each has a line once they are not the digits"
    );
}

#[rstest]
#[case::another_by_default(
    "probe = 'p'",
    "f.toml:2:9: probe: 'p' is 'pause' already in the table by default; choose another key, or give 'pause' another one, too  | probe = 'p'"
)]
#[case::another_of_the_file(
    "probe = 'b'\nsort = ['z', 'b']",
    "f.toml:3:14: sort: 'b' is 'probe' already in the table (line 2); each needs a key of its own  | sort = ['z', 'b']"
)]
#[case::the_beginning_of_a_chord(
    "probe = 'g g'",
    "f.toml:2:9: probe: 'g g' begins with 'g', which is 'first' in the table by default; choose another key, or give 'first' another one, too  | probe = 'g g'"
)]
#[case::an_unknown_action(
    "prob = 'b'",
    "f.toml:2:1: there is no action 'prob' to bind; did you mean 'probe'?  | prob = 'b'"
)]
#[case::no_key(
    "probe = 'hyper-x'",
    "f.toml:2:9: probe: 'hyper-x' is no key that can be bound; write it like 'r', 'Y', 'ctrl-r', 'alt-x', 'shift-tab', 'f5', 'space' or 'g g'  | probe = 'hyper-x'"
)]
#[case::a_key_that_is_another(
    "probe = 'ctrl-i'",
    "f.toml:2:9: probe: 'ctrl-i' is no key that can be bound; terminals send the same for 'tab'; write that  | probe = 'ctrl-i'"
)]
#[case::a_letter_in_a_field(
    "older = 'z'",
    "f.toml:2:9: older: 'z' cannot be bound to this; it is typed there; take one with ctrl or alt, or an f key  | older = 'z'"
)]
#[case::escape(
    "probe = 'esc'",
    "f.toml:2:9: probe: 'esc' cannot be bound to this; esc leads back, everywhere; choose another key  | probe = 'esc'"
)]
#[case::nobody_gets_out(
    "quit = []",
    "f.toml:2:1: 'quit' has no key left in the table; 'quit' needs at least one key, or nobody gets out  | quit = []"
)]
fn a_mistake_says_where_it_is_and_what_would_be_right(#[case] keys: &str, #[case] said: &str) {
    assert_eq!(configured(keys).unwrap_err(), [said]);
}

#[test]
fn every_mistake_is_reported_in_the_order_of_the_file() {
    let mistakes = configured("sort = 'p'\nprob = 'b'\nback = []").unwrap_err();
    let places: Vec<&str> = mistakes.iter().map(|line| &line[..9]).collect();
    assert_eq!(places, ["f.toml:2:", "f.toml:3:", "f.toml:4:"]);
}

#[test]
fn two_actions_can_change_places() {
    let map = configured("probe = 'p'\npause = 'r'").unwrap();
    assert_eq!(
        means(&map, Mode::Table, "r"),
        Some(Step::Does(Action::Pause))
    );
    assert_eq!(
        means(&map, Mode::Table, "p"),
        Some(Step::Does(Action::Probe))
    );
}

#[test]
fn escape_and_a_key_that_arrive_together_are_two_keys_unless_alt_is_bound() {
    let event = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::ALT);
    let names = |map: &KeyMap, mode| {
        let strokes = map.strokes(&[mode], &[], event);
        strokes
            .map(|event| Key::of(event).name())
            .collect::<Vec<_>>()
    };
    let map = KeyMap::default();
    assert_eq!(names(&map, Mode::Drill), ["esc", "?"]);
    assert_eq!(names(&map, Mode::Field), ["alt-?"]);
    let map = configured("probe = 'alt-?'").unwrap();
    assert_eq!(names(&map, Mode::Drill), ["alt-?"]);
    assert_eq!(names(&map, Mode::Help), ["esc", "?"]);
}

#[test]
fn one_key_is_one_key() {
    let alt_gr = KeyModifiers::CONTROL | KeyModifiers::ALT;
    for (code, modifiers) in [
        (KeyCode::Char('R'), KeyModifiers::SHIFT),
        (KeyCode::Char('l'), KeyModifiers::CONTROL),
        (KeyCode::Up, KeyModifiers::ALT),
        (KeyCode::Char('['), alt_gr),
    ] {
        let event = KeyEvent::new(code, modifiers);
        let strokes = KeyMap::default().strokes(&[Mode::Drill], &[], event);
        assert_eq!(strokes.collect::<Vec<_>>(), [event]);
    }
}
