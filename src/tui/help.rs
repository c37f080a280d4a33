//! The help: drawn from the key map, so that it cannot lie.

use super::keymap::{self, Binding, Mode};

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
pub(super) fn entries(drilled: bool, replaying: bool) -> Vec<Entry> {
    let mut modes = vec![
        (Mode::Table, "in the table"),
        (Mode::Drill, "inside an instance"),
        (Mode::Field, "in a field"),
        (Mode::Message, "in a client's message"),
        (Mode::Columns, "in the list of columns"),
        (Mode::Form, "where an instance is typed"),
        (Mode::Ask, "before an instance is removed"),
    ];
    if replaying {
        modes.retain(|(mode, _)| !matches!(mode, Mode::Form | Mode::Ask));
    }
    if drilled {
        modes.swap(0, 1);
    }
    if replaying {
        modes.insert(0, (Mode::Replay, "in a replay"));
    }
    let mut entries = Vec::new();
    for (mode, title) in modes {
        entries.push(Entry {
            keys: String::new(),
            text: title.into(),
        });
        let works = |binding: &&Binding| !(replaying && binding.action.needs_a_monitor());
        entries.extend(keymap::of(mode).filter(works).map(|binding| Entry {
            keys: binding.keys_shown(),
            text: binding.long.into(),
        }));
    }
    entries
}
