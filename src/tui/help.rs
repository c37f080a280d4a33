//! The help: drawn from the key map, so that it cannot lie.

use super::keymap::{KeyMap, Mode, Row};

/// One line of the help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The keys; empty in front of a heading.
    pub keys: String,
    /// What they do, or the heading.
    pub text: String,
}

/// The lines of the help, those that work where it was opened first; in a replay without
/// what only a running monitor can do.
pub(super) fn entries(keys: &KeyMap, drilled: bool, replaying: bool) -> Vec<Entry> {
    let mut modes = Mode::ALL.to_vec();
    modes.retain(|mode| match mode {
        Mode::Form | Mode::Review | Mode::Ask => !replaying,
        Mode::Replay => replaying,
        _ => true,
    });
    // Those that work now; a replay has keys beside those of the table or the instance.
    let here = if drilled { Mode::Drill } else { Mode::Table };
    modes.sort_by_key(|mode| match *mode {
        Mode::Replay => 0,
        mode if mode == here => 1,
        _ => 2,
    });
    let mut entries = Vec::new();
    for mode in modes {
        entries.push(Entry {
            keys: String::new(),
            text: mode.place().into(),
        });
        let works = |row: &&Row| !(replaying && row.action.needs_a_monitor());
        entries.extend(keys.of(mode).filter(works).map(|row| Entry {
            keys: row.keys_shown(),
            text: row.long.clone().into_owned(),
        }));
    }
    entries
}

/// The lines that hold a text (in small letters), below their headings.
pub(super) fn found(entries: Vec<Entry>, text: &str) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for entry in entries {
        // A heading without lines makes room for the next one.
        if entry.keys.is_empty() && found.last().is_some_and(|last| last.keys.is_empty()) {
            found.pop();
        }
        if entry.keys.is_empty() || entry.holds(text) {
            found.push(entry);
        }
    }
    found.pop_if(|last| last.keys.is_empty());
    found
}

impl Entry {
    fn holds(&self, text: &str) -> bool {
        self.keys.to_ascii_lowercase().contains(text)
            || self.text.to_ascii_lowercase().contains(text)
    }
}
