//! The key map of a configuration: its table `[keys]` checked and laid over the defaults.

use std::collections::HashMap;

use super::{BINDINGS, Chord, KeyMap, Mode, Row};
use crate::config::{Bound, ConfigError, Written, nearest};
use crate::target::clean;
use crate::tui::action::Action;

/// An action of the table, and its keys with the place of each.
struct Given<'b> {
    action: Action,
    bound: &'b Bound,
    keys: Vec<(Chord, &'b Written)>,
}

impl KeyMap {
    /// The defaults with the table laid over them, or every mistake in it, in the order of
    /// the file.
    pub fn configured(bounds: &[Bound]) -> Result<Self, Vec<ConfigError>> {
        let mut mistakes = Vec::new();
        let given: Vec<Given<'_>> = (bounds.iter())
            .filter_map(|bound| read(bound, &mut mistakes))
            .collect();
        let by_action: HashMap<Action, Vec<Chord>> = (given.iter())
            .map(|given| {
                let chords = given.keys.iter().map(|(chord, _)| chord.clone());
                (given.action, chords.collect())
            })
            .collect();
        let map = Self::with(|action| by_action.get(&action).cloned());
        for given in &given {
            mistakes.extend(given.typed());
            mistakes.extend(given.left_without_exit(&map));
        }
        mistakes.extend(conflicts(&map, &given));
        if mistakes.is_empty() {
            return Ok(map);
        }
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        Err(mistakes)
    }
}

fn read<'b>(bound: &'b Bound, mistakes: &mut Vec<ConfigError>) -> Option<Given<'b>> {
    let name = &bound.action;
    let Some(action) = action_called(&name.text) else {
        let problem = format!("there is no action '{}' to bind", clean(&name.text, 40));
        let names: Vec<String> = BINDINGS.iter().map(|row| row.action.name()).collect();
        let hint = match nearest(&name.text, names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => "docs/keys.md lists them all".to_owned(),
        };
        mistakes.push(name.wrong(problem, Some(hint)));
        return None;
    };
    let mut keys: Vec<(Chord, &Written)> = Vec::new();
    for written in &bound.keys {
        match Chord::read(&written.text) {
            Ok(chord) if keys.iter().any(|(known, _)| *known == chord) => {}
            Ok(chord) if is_escape(&chord) && action != Action::Back => {
                let hint = "esc leads back, everywhere; choose another key".to_owned();
                mistakes.push(written.wrong(problem(action, &chord), Some(hint)));
            }
            Ok(chord) => keys.push((chord, written)),
            Err(hint) => {
                let text = clean(&written.text, 40);
                let problem = format!("{}: '{text}' is no key that can be bound", name.text);
                mistakes.push(written.wrong(problem, Some(hint)));
            }
        }
    }
    Some(Given {
        action,
        bound,
        keys,
    })
}

impl Given<'_> {
    /// Keys that could never mean this, since they are typed wherever it works.
    fn typed(&self) -> Vec<ConfigError> {
        let modes = modes_of(self.action);
        let is_typed = |chord: &Chord| modes.iter().all(|mode| mode.takes(chord.keys()[0]));
        (self.keys.iter())
            .filter(|(chord, _)| is_typed(chord))
            .map(|(chord, written)| {
                let hint = "it is typed there; take one with ctrl or alt, or an f key";
                written.wrong(problem(self.action, chord), Some(hint.to_owned()))
            })
            .collect()
    }

    /// Nobody shall be locked in.
    fn left_without_exit(&self, map: &KeyMap) -> Option<ConfigError> {
        if !matches!(self.action, Action::Quit | Action::Back) {
            return None;
        }
        let has = |mode: &&Mode| map.all(**mode).iter().any(|row| row.action == self.action);
        let modes = modes_of(self.action);
        let missing = modes.iter().find(|mode| !has(mode))?;
        let name = self.action.name();
        let problem = format!("'{name}' has no key left {}", missing.place());
        let hint = format!("'{name}' needs at least one key, or nobody gets out");
        Some(self.bound.action.wrong(problem, Some(hint)))
    }
}

/// Every two actions that one key would mean in one mode, each pair once.
fn conflicts(map: &KeyMap, given: &[Given<'_>]) -> Vec<ConfigError> {
    let mut found = Vec::new();
    let mut mistakes = Vec::new();
    for mode in Mode::ALL {
        let rows = map.all(mode);
        for (at, one) in rows.iter().enumerate() {
            for other in &rows[at + 1..] {
                let Some((first, second)) = clash(one, other) else {
                    continue;
                };
                let pair = (one.action, other.action, first.clone(), second.clone());
                if found.contains(&pair) {
                    continue;
                }
                let places = (
                    place(given, one.action, first),
                    place(given, other.action, second),
                );
                mistakes.extend(conflict(mode, (one, first), (other, second), places));
                found.push(pair);
            }
        }
    }
    mistakes
}

fn clash<'r>(one: &'r Row, other: &'r Row) -> Option<(&'r Chord, &'r Chord)> {
    if one.action == other.action {
        return None;
    }
    one.keys.iter().find_map(|first| {
        let second = other.keys.iter().find(|second| first.clashes(second))?;
        Some((first, second))
    })
}

fn place<'g>(given: &'g [Given<'_>], action: Action, chord: &Chord) -> Option<&'g Written> {
    let given = given.iter().find(|given| given.action == action)?;
    let key = given.keys.iter().find(|(known, _)| known == chord);
    key.map(|(_, written)| *written)
}

/// The mistake, at the place in the file that comes last.
fn conflict(
    mode: Mode,
    one: (&Row, &Chord),
    other: (&Row, &Chord),
    places: (Option<&Written>, Option<&Written>),
) -> Option<ConfigError> {
    // Where the defaults collide nothing in the file could be mended; a test forbids it.
    let (at, mine, theirs, line) = match places {
        (Some(a), Some(b)) if a.line() > b.line() => (a, one, other, Some(b.line())),
        (Some(a), Some(b)) => (b, other, one, Some(a.line())),
        (Some(a), None) => (a, one, other, None),
        (None, Some(b)) => (b, other, one, None),
        (None, None) => return None,
    };
    let name = theirs.0.action.name();
    let is = if mine.1 == theirs.1 {
        format!("is '{name}' already")
    } else if mine.1.keys().len() < theirs.1.keys().len() {
        format!("begins '{}', which is '{name}'", theirs.1)
    } else {
        format!("begins with '{}', which is '{name}'", theirs.1)
    };
    let whence = line.map_or_else(
        || " by default".to_owned(),
        |line| format!(" (line {line})"),
    );
    let problem = format!(
        "{}: '{}' {is} {}{whence}",
        mine.0.action.name(),
        mine.1,
        mode.place(),
    );
    let hint = match line {
        Some(_) => "each needs a key of its own".to_owned(),
        None => format!("choose another key, or give '{name}' another one, too"),
    };
    Some(at.wrong(problem, Some(hint)))
}

fn problem(action: Action, chord: &Chord) -> String {
    format!("{}: '{chord}' cannot be bound to this", action.name())
}

fn is_escape(chord: &Chord) -> bool {
    chord
        .keys()
        .iter()
        .any(|key| key.is(crossterm::event::KeyCode::Esc))
}

fn action_called(name: &str) -> Option<Action> {
    let mut actions = BINDINGS.iter().map(|row| row.action);
    actions.find(|action| action.name() == name)
}

/// The modes in which an action works by default.
fn modes_of(action: Action) -> Vec<Mode> {
    let works = |mode: &Mode| {
        let mut rows = BINDINGS.iter();
        rows.any(|row| row.action == action && row.modes.contains(mode))
    };
    Mode::ALL.into_iter().filter(works).collect()
}
