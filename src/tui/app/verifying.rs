//! Putting a fix to the proof, calling that off, and what is said when it ends.

use super::App;
use crate::monitor::{Command, InstanceId, News, Proof};
use crate::tui::action::{Action, Effect};
use crate::tui::keymap::Mode;
use crate::tui::proving;

impl App {
    /// Begins the proof of the chosen fix of the selected instance, or calls off the one
    /// that is running.
    pub(super) fn verify(&mut self) -> Option<Effect> {
        let row = self.fleet.selected()?;
        let (id, name) = (row.id, row.instance.name.clone());
        if row.proofs.last().is_some_and(Proof::is_running) {
            self.say(format!("no longer verifying {name}"));
            return Some(Effect::Send(Command::Verify(id, None)));
        }
        if let Some(why) = proving::nothing_to_verify(row.state) {
            self.say(format!("nothing to verify: {name} is {}, {why}", row.state));
            return None;
        }
        if self.paused {
            let said = "nothing is verified while probing is paused";
            self.say(self.hinted(said, Mode::Table, Action::Pause, "goes on"));
            return None;
        }
        let state = row.state;
        let chosen = self.reading().and_then(|reading| {
            let copied = self.tried.get(&id);
            proving::chosen(reading, state, copied)
        });
        let Some(attempt) = chosen else {
            self.say(format!("nothing to verify: no cause is known for {name}"));
            return None;
        };
        let title = &attempt.fix;
        let stops = self.hint(Mode::Table, Action::Verify, "stops");
        let stops = stops.map_or(String::new(), |hint| format!(", {hint}"));
        let said = format!("verifying: {title}, at most 5 minutes{stops}");
        self.toast.begin(said, self.read_at);
        Some(Effect::Send(Command::Verify(id, Some(attempt))))
    }

    /// Remembers the fix whose command was copied: it is the one that will be proved.
    pub(super) fn tries(&mut self, number: u8) {
        let Some((id, reading)) = self.fleet.selected().map(|row| row.id).zip(self.reading())
        else {
            return;
        };
        let commands = reading.commands();
        let mut numbered = commands.iter();
        let copied = numbered.find(|one| one.number == usize::from(number));
        if let Some(attempt) = copied.and_then(proving::attempt) {
            self.tried.insert(id, attempt);
        }
    }

    /// What to say of the proofs that end with these news. A fix that was proved, either way,
    /// is not the chosen one any more.
    pub(super) fn proved(&mut self, news: &News) -> Option<String> {
        let mut ended: Vec<(InstanceId, String)> = Vec::new();
        for new in &news.rows {
            let Some(old) = self.fleet.row(new.id) else {
                continue;
            };
            if let Some(words) = proving::outcome(old, new) {
                if proving::is_told(new) {
                    self.tried.remove(&new.id);
                }
                ended.push((new.id, words));
            }
        }
        let selected = self.fleet.selected().map(|row| row.id);
        ended.sort_by_key(|(id, _)| Some(*id) != selected);
        let words: Vec<String> = ended.into_iter().map(|(_, words)| words).collect();
        (!words.is_empty()).then(|| words.join(" · "))
    }
}
