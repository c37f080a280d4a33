//! Which key means what in which mode. Help, footer and docs are drawn from it.
//!
//! [`BINDINGS`] has the defaults; a [`KeyMap`] is these with the table `[keys]` of the
//! configuration laid over them.

mod bindings;
mod configured;
mod key;
mod names;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::Action;
pub use bindings::BINDINGS;
pub use key::{Chord, Key};

/// What the keys go to right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The table and its detail pane.
    Table,
    /// One instance, filling the screen.
    Drill,
    /// The help.
    Help,
    /// A field that is typed into.
    Field,
    /// A client's message, typed or pasted.
    Message,
    /// The list of columns.
    Columns,
    /// The menu of what can be copied.
    Menu,
    /// The fields of one instance.
    Form,
    /// Many servers, before they are added.
    Review,
    /// A question.
    Ask,
    /// The table or one instance of a recording: works beside their own keys.
    Replay,
}

/// One row of the defaults.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Where it works.
    pub modes: &'static [Mode],
    /// The keys, the one that is shown first.
    pub keys: &'static [Key],
    /// What it does.
    pub action: Action,
    /// Two or three words for the footer; empty where it is not shown there.
    pub short: &'static str,
    /// The sentence for the help.
    pub long: &'static str,
}

/// The keys of an action in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The keys, the one that is shown first. At least one.
    pub keys: Vec<Chord>,
    /// What they do.
    pub action: Action,
    /// Two or three words for the footer; empty where it is not shown there.
    pub short: &'static str,
    /// The sentence for the help; empty where another row speaks for it.
    pub long: Cow<'static, str>,
    /// The keys as the help shows them, where that is not all of them.
    together: Option<&'static str>,
}

/// All keys that are in force.
#[derive(Clone, Debug)]
pub struct KeyMap {
    rows: HashMap<Mode, Vec<Row>>,
    steps: HashMap<Mode, HashMap<Vec<Key>, Step>>,
}

/// What keys that were pressed one after the other come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// They mean this.
    Does(Action),
    /// There are keys that begin so.
    Begins,
}

impl Mode {
    /// All of them, in the order of the help.
    pub const ALL: [Self; 11] = [
        Self::Table,
        Self::Drill,
        Self::Field,
        Self::Message,
        Self::Columns,
        Self::Menu,
        Self::Form,
        Self::Review,
        Self::Ask,
        Self::Help,
        Self::Replay,
    ];

    /// Where it is, for a sentence.
    pub fn place(self) -> &'static str {
        match self {
            Self::Table => "in the table",
            Self::Drill => "inside an instance",
            Self::Help => "in the help",
            Self::Field => "in a field",
            Self::Message => "in a client's message",
            Self::Columns => "in the list of columns",
            Self::Menu => "in the menu of what can be copied",
            Self::Form => "where an instance is typed",
            Self::Review => "before many are added",
            Self::Ask => "before something is removed or written",
            Self::Replay => "in a replay",
        }
    }

    /// Whether letters are typed here.
    pub fn types(self) -> bool {
        matches!(self, Self::Field | Self::Message | Self::Form)
    }

    /// Whether a key is typed here, so that it can mean nothing else.
    fn takes(self, key: Key) -> bool {
        self.types() && (key.types() || (self == Self::Message && key.is(KeyCode::Enter)))
    }
}

impl Default for KeyMap {
    fn default() -> Self {
        Self::with(|_| None)
    }
}

impl KeyMap {
    /// The defaults, with other keys for some actions.
    fn with(keys_of: impl Fn(Action) -> Option<Vec<Chord>>) -> Self {
        let rows: HashMap<_, _> = Mode::ALL.map(|mode| (mode, rows_of(mode, &keys_of))).into();
        let steps = rows
            .iter()
            .map(|(mode, rows)| (*mode, steps_of(rows)))
            .collect();
        Self { rows, steps }
    }

    /// What keys mean that were pressed one after the other; the first of the modes wins.
    /// `None`: nothing (in a field a single one is typed).
    pub fn step(&self, modes: &[Mode], pressed: &[Key]) -> Option<Step> {
        modes
            .iter()
            .find_map(|mode| self.steps.get(mode)?.get(pressed).copied())
    }

    /// The rows of a mode, in order, those that another speaks for left out.
    pub fn of(&self, mode: Mode) -> impl Iterator<Item = &Row> {
        self.all(mode).iter().filter(|row| !row.long.is_empty())
    }

    /// All rows of a mode.
    pub fn all(&self, mode: Mode) -> &[Row] {
        self.rows.get(&mode).map_or(&[], Vec::as_slice)
    }

    /// The keys that an event stands for, the first first; `before` was pressed already.
    ///
    /// Escape and the key after it that arrive in one read (a slow line, a fast typist) look
    /// like alt with that key. Where that means nothing they are two keys; except in a field
    /// or a message, which a word typed with alt must not close.
    pub fn strokes(
        &self,
        modes: &[Mode],
        before: &[Key],
        event: KeyEvent,
    ) -> impl Iterator<Item = KeyEvent> + use<> {
        let with_alt = [before, &[Key::of(event)]].concat();
        let joined = !modes.iter().any(|mode| mode.types())
            && event.modifiers - KeyModifiers::SHIFT == KeyModifiers::ALT
            && matches!(event.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab)
            && self.step(modes, &with_alt).is_none();
        let (escape, last) = if joined {
            let escape = KeyEvent {
                code: KeyCode::Esc,
                modifiers: KeyModifiers::NONE,
                ..event
            };
            let modifiers = event.modifiers - KeyModifiers::ALT;
            (Some(escape), KeyEvent { modifiers, ..event })
        } else {
            (None, event)
        };
        escape.into_iter().chain([last])
    }
}

impl Row {
    /// The keys as they are shown: `j ↓`; the digits of copying as `1-9`.
    pub fn keys_shown(&self) -> String {
        if let Some(together) = self.together {
            return together.into();
        }
        let keys: Vec<String> = self.keys.iter().map(Chord::to_string).collect();
        let is_chord = |chord: &Chord| chord.keys().len() > 1;
        // Blanks stand within chords, so they cannot stand between them, too.
        let between = if self.keys.iter().any(is_chord) {
            ", "
        } else {
            " "
        };
        keys.join(between)
    }

    /// The one that the footer shows.
    pub fn key_shown(&self) -> String {
        match (self.together, self.keys.first()) {
            (Some(together), _) => together.into(),
            (None, first) => first.map_or_else(String::new, Chord::to_string),
        }
    }
}

/// The keys by default of an action in a mode; those of several rows together.
fn rows_of(mode: Mode, keys_of: &impl Fn(Action) -> Option<Vec<Chord>>) -> Vec<Row> {
    let digits = (1..=9).all(|number| keys_of(Action::Copy(number)).is_none());
    let mut rows: Vec<Row> = Vec::new();
    for binding in BINDINGS {
        if !binding.modes.contains(&mode) {
            continue;
        }
        let own = keys_of(binding.action);
        let keys = match own {
            None => chords(binding.keys),
            // A second row of the same action in this mode is part of what was replaced.
            Some(_) if rows.iter().any(|row| row.action == binding.action) => continue,
            Some(keys) if keys.is_empty() => continue,
            Some(keys) => {
                let keys: Vec<Chord> = (keys.into_iter())
                    .filter(|chord| !mode.takes(chord.keys()[0]))
                    .collect();
                // Letters are typed here, so that what was there before must stay.
                if keys.is_empty() {
                    chords(binding.keys)
                } else {
                    keys
                }
            }
        };
        let (mut long, mut together) = (Cow::Borrowed(binding.long), None);
        if let Action::Copy(number) = binding.action {
            match (digits, number) {
                (true, 1) => together = Some("1-9"),
                (true, _) => {}
                (false, _) => long = format!("copy command {number}").into(),
            }
        }
        rows.push(Row {
            keys,
            action: binding.action,
            short: binding.short,
            long,
            together,
        });
    }
    rows
}

fn chords(keys: &[Key]) -> Vec<Chord> {
    keys.iter().copied().map(Chord::of).collect()
}

fn steps_of(rows: &[Row]) -> HashMap<Vec<Key>, Step> {
    let mut steps = HashMap::new();
    for row in rows {
        for chord in &row.keys {
            let keys = chord.keys();
            for begun in 1..keys.len() {
                steps.entry(keys[..begun].to_vec()).or_insert(Step::Begins);
            }
            // The first row wins; a clash is refused before it comes to that.
            steps.entry(keys.to_vec()).or_insert(Step::Does(row.action));
        }
    }
    steps
}
