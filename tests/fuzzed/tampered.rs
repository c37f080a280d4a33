//! A recording in which every text that others may have written is hostile, played on
//! everything that shows it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sqlreach::monitor::Board;
use sqlreach::monitor::replay::{Recording, through};

use crate::bodies;

/// Rows with faults of every layer.
const ROWS: &str = include_str!("../../fuzz/rows.jsonl");

/// What terminals obey, and what turns, hides or widens a line.
const HOSTILE: [&str; 12] = [
    "\u{1b}[31;1mred\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;title\u{7}\u{1b}]52;c;SE9TVElMRQ==\u{7}",
    "\u{1b}]8;;http://evil.test\u{1b}\\link\u{1b}]8;;\u{1b}\\",
    "\u{1b}Pq#0\u{1b}\\\u{1b}_Gx\u{1b}\\\u{1b}^x\u{1b}\\\u{1b}c",
    "\u{9b}31m\u{9d}0;c1\u{9c}\u{90}x\u{9c}\u{85}",
    "a\nb\rc\td\u{8}\u{b}\u{c}\u{0}\u{7f}",
    "\u{202e}txet\u{202c}\u{2066}x\u{2069}\u{200e}\u{200f}\u{61c}",
    "a\u{200b}b\u{200c}c\u{200d}d\u{2060}e\u{feff}f",
    "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}",
    "\u{1f468}\u{200d}\u{1f469}\u{fe0f}\u{20e3}\u{ff21}\u{1100}\u{1161}\u{3000}",
    "$(reboot) `id` '; shutdown; ' \"&calc&\" %PATH% |more",
    "\u{fdd0}\u{e000}\u{e0041}\u{10ffff}\u{2028}\u{2029}",
];

/// Where a text stands: its keys, with `[]` for any place in a list.
fn texts(value: &mut Value, path: &str, each: &mut impl FnMut(&str, &mut String)) {
    match value {
        Value::String(text) => each(path, text),
        Value::Array(items) => {
            for item in items {
                texts(item, &format!("{path}[]"), each);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                texts(field, &format!("{path}.{key}"), each);
            }
        }
        _ => {}
    }
}

/// The recording with each text at `wanted` followed by something hostile.
fn tampered(wanted: impl Fn(&str) -> bool) -> String {
    let mut turn = 0;
    let lines = ROWS.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        texts(&mut line, "", &mut |path, text| {
            if wanted(path) {
                text.push_str(HOSTILE[turn % HOSTILE.len()]);
                turn += 1;
            }
        });
        line.to_string() + "\n"
    });
    lines.collect()
}

/// How many of its lines are played.
fn played(recording: &str) -> usize {
    let Ok(recording) = Recording::read(Cursor::new(recording.as_bytes()), Path::new("r")) else {
        return 0;
    };
    let mut lines = 0;
    let counted = through(recording, &Board::default(), |_| {
        lines += 1;
        Ok(())
    });
    counted.unwrap();
    lines
}

/// The places at which any text is taken: not times, addresses and words of a fixed list.
fn open_places() -> Vec<String> {
    let mut places = BTreeSet::new();
    for line in ROWS.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        texts(&mut line, "", &mut |path, _| {
            places.insert(path.to_owned());
        });
    }
    let whole = played(ROWS);
    let takes_any = |place: &String| played(&tampered(|path| path == place)) == whole;
    places.into_iter().filter(takes_any).collect()
}

#[test]
fn no_text_in_a_recording_steers_what_shows_it() {
    let places = open_places();
    // A field that is new takes its place here, or is no text of others.
    insta::assert_snapshot!(places.join("\n"));
    let all = tampered(|path| places.iter().any(|place| place == path));
    assert_eq!(played(&all), played(ROWS));
    bodies::replay(all.as_bytes());
    let recording = Recording::read(Cursor::new(all.as_bytes()), Path::new("r")).unwrap();
    let board = Board::default();
    through(recording, &board, |_| Ok(())).unwrap();
    bodies::look_at(&board, board.rows().len());
    for place in &places {
        bodies::replay(tampered(|path| path == place).as_bytes());
    }

    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("tampered.jsonl");
    fs::write(&file, &all).unwrap();
    let log = home.path().join("log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sqlreach"));
    command
        .args(["replay", "--plain", "--log-file"])
        .arg(&log)
        .arg(&file);
    for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
        command.env(variable, home.path());
    }
    let output = command.output().unwrap();
    assert!(!output.stdout.is_empty(), "{output:?}");
    bodies::assert_harmless(&output.stdout);
    bodies::assert_harmless(&output.stderr);
    bodies::assert_harmless(&fs::read(&log).unwrap_or_default());
}
