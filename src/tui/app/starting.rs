//! The first steps, where nothing is watched yet: reading a file, asking a host, the demo; and
//! keeping what the command line named.

use std::sync::Arc;

use super::discovering::Asked;
use super::{App, Asking, Field, Tab, Typing, View};
use crate::config::Instance;
use crate::monitor::Command;
use crate::tui::action::{Action, Effect};
use crate::tui::keymap::Mode;

impl App {
    /// Asks for the path of a file that lists servers.
    pub(super) fn ask_for_a_file(&mut self) -> Option<Effect> {
        if self.can_change() {
            return self.begin(Field::File);
        }
        None
    }

    /// Asks for a host that is to be asked what it has.
    pub(super) fn ask_for_a_host(&mut self) -> Option<Effect> {
        if self.can_change() {
            return self.begin(Field::Host);
        }
        None
    }

    pub(super) fn take_file(&mut self, typing: Typing) -> Option<Effect> {
        let path = typing.text().trim().to_owned();
        if path.is_empty() {
            self.say(self.or_back("type the path of a file"));
            self.typing = Some(typing);
            return None;
        }
        self.toast.begin(format!("reading {path}…"), self.read_at);
        Some(Effect::Import(path))
    }

    /// Watches the host for this session, so that it can be asked; it is written nowhere.
    pub(super) fn take_host(&mut self, typing: Typing) -> Option<Effect> {
        let instance = Instance::from_text(typing.text());
        let problem = match &instance.target {
            _ if typing.text().trim().is_empty() => Some(self.or_back("type a host")),
            Err(error) => Some(error.problem.clone()),
            Ok(target) => target.over_tcp().err().map(|why| why.to_string()),
        };
        if let Some(problem) = problem {
            self.say(problem);
            self.typing = Some(typing);
            return None;
        }
        self.to_ask = Some(instance.text().to_owned());
        Some(Effect::Watch(vec![Arc::new(instance)]))
    }

    /// What is to be sent once the host that was typed is watched.
    pub fn follow_up(&mut self) -> Option<Effect> {
        let text = self.to_ask.as_deref()?;
        let row = self.fleet.all().find(|row| row.instance.text() == text)?;
        let id = row.id;
        self.to_ask = None;
        self.fleet.select(id);
        self.view = View::Drill;
        self.tab = Tab::Browser;
        self.asked = Some(Asked::new(id));
        let does = "adds what is found, nothing is written before that";
        self.say(self.hinted("asking Browser…", Mode::Drill, Action::Add, does));
        self.settle();
        Some(Effect::Send(Command::Discover(id)))
    }

    /// The demo takes the place of an empty dashboard.
    pub(super) fn demo(&mut self) -> Option<Effect> {
        if self.fleet.is_empty() && self.about.kept.is_some() {
            return Some(Effect::Demo);
        }
        self.say("the demo is for an empty dashboard; sqlreach demo shows it beside this one");
        None
    }

    /// Asks whether what the command line named is to be kept.
    pub(super) fn keep_session(&mut self) -> Option<Effect> {
        let Some(kept) = &self.about.kept else {
            self.can_change();
            return None;
        };
        match (kept.file(), kept.could_be()) {
            (Some(file), _) => {
                let file = file.display().to_string();
                self.say(format!("what is watched is kept in {file} already"));
            }
            (None, None) => self.say("this user has no home directory to keep a file in"),
            (None, Some(file)) => {
                let count = self.fleet.len();
                let noun = if count == 1 { "instance" } else { "instances" };
                let question = format!("write {count} {noun} to {}?", file.display());
                self.asking = Some(Asking {
                    question,
                    effect: Effect::Save,
                });
            }
        }
        None
    }

    /// The session's instances were written, so many of them new.
    pub fn saved(&mut self, added: usize) {
        let file = self.about.kept.as_ref().and_then(|kept| kept.could_be());
        let file = file.map(|file| file.display().to_string());
        let file = file.unwrap_or_default();
        self.say(match added {
            0 => format!("{file} lists all of them already"),
            1 => format!("1 instance written to {file}"),
            _ => format!("{added} instances written to {file}"),
        });
    }
}
