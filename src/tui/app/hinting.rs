//! Sentences that name a key take it from the key map, so that a key that was bound anew is
//! named right, and one that nothing is bound to is not named at all.

use super::App;
use crate::tui::action::Action;
use crate::tui::keymap::Mode;

impl App {
    /// The key that does this there, as it is shown; `None` where none does.
    pub fn key_for(&self, mode: Mode, action: Action) -> Option<String> {
        let rows = self.about.keys.all(mode);
        let row = rows.iter().find(|row| row.action == action)?;
        Some(row.key_shown())
    }

    /// What a key does: `p goes on`; `None` where no key does.
    pub fn hint(&self, mode: Mode, action: Action, does: &str) -> Option<String> {
        let key = self.key_for(mode, action)?;
        Some(format!("{key} {does}"))
    }

    /// A sentence, and behind a semicolon what a key does about it.
    pub fn hinted(&self, said: &str, mode: Mode, action: Action, does: &str) -> String {
        match self.hint(mode, action, does) {
            Some(hint) => format!("{said}; {hint}"),
            None => said.to_owned(),
        }
    }

    /// What to type, or the key that gives up.
    pub(super) fn or_back(&self, said: &str) -> String {
        match self.key_for(Mode::Field, Action::Back) {
            Some(key) => format!("{said}, or {key}"),
            None => said.to_owned(),
        }
    }

    /// What to do instead, where the action works on one instance and a group is selected.
    pub(super) fn instead_of_a_group(&self, action: Action) -> Option<String> {
        if self.mode() != Mode::Table || !action.works_on_one() {
            return None;
        }
        let is_folded = self.fleet.selected_group()?.folded;
        let unfold = self.key_for(Mode::Table, Action::Fold);
        Some(match unfold.filter(|_| is_folded) {
            Some(key) => format!("that is a group; unfold it with {key} and select an instance"),
            None => "that is a group; select one of its instances".to_owned(),
        })
    }
}
