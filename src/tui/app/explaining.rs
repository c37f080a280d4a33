//! A client's message that is typed or pasted, and what it comes to. Nothing is sent before a
//! key asks for it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{App, View};
use crate::config::import::{Import, pasted};
use crate::explain::{Explanation, Told, explain, told};
use crate::monitor::{Command, InstanceId};
use crate::target::{Target, mask_secrets};
use crate::tui::action::{Action, Effect};
use crate::tui::keymap::Mode;

/// Longer than any message with its stack; a paste stops here.
const LONGEST: usize = 16 * 1024;

/// A message that is open.
#[derive(Clone, Debug)]
pub struct Explaining {
    /// With passwords already replaced.
    text: String,
    read: Explanation,
    told: Vec<Told>,
}

impl Explaining {
    fn new(text: &str) -> Self {
        let mut message = Self {
            text: String::new(),
            read: Explanation::default(),
            told: Vec::new(),
        };
        message.insert(text);
        message
    }

    /// The text so far, without passwords. As given otherwise: to be cleaned where it is shown.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it comes to, line by line; nothing for an empty message.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    fn insert(&mut self, text: &str) {
        // Line ends arrive as the terminal sends them.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let whole = format!("{}{text}", self.text);
        let mut end = whole.len().min(LONGEST);
        while !whole.is_char_boundary(end) {
            end -= 1;
        }
        self.text = mask_secrets(&whole[..end]).into_owned();
        self.reread();
    }

    fn remove_last(&mut self) {
        self.text.pop();
        self.reread();
    }

    fn reread(&mut self) {
        self.read = explain(&self.text);
        self.told = if self.text.trim().is_empty() {
            Vec::new()
        } else {
            told(&self.read)
        };
    }
}

impl App {
    /// Opens an empty message.
    pub(super) fn explain(&mut self) -> Option<Effect> {
        self.explaining = Some(Explaining::new(""));
        self.scroll = 0;
        None
    }

    /// Adds to the message that is open; else opens one if the text is a client's.
    pub(super) fn paste_message(&mut self, text: &str) {
        if let Some(message) = &mut self.explaining {
            message.insert(text);
            return;
        }
        let list = pasted(text);
        // Where every line is a server it is no message, whatever the comments say.
        let is_all_servers = |list: &Import| list.servers() == list.items.len();
        let message = Explaining::new(text);
        if message.read.is_connection_error && !list.as_ref().is_some_and(is_all_servers) {
            self.explaining = Some(message);
            self.scroll = 0;
        } else if let Some(list) = list {
            if self.can_change() {
                self.review("what was pasted".to_owned(), list);
            }
        } else if !self.paste_server(text) {
            let said =
                "that is no message of a client that cannot connect, and no server or list of them";
            self.say(self.hinted(said, Mode::Table, Action::Explain, "explains any text"));
        }
    }

    pub(super) fn type_message(&mut self, key: KeyEvent) {
        let Some(message) = &mut self.explaining else {
            return;
        };
        let is_letter = !key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char(c) if is_letter => message.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Enter => message.insert("\n"),
            KeyCode::Backspace => message.remove_last(),
            _ => {}
        }
    }

    /// Probes the instance that the message names; where none is watched under that name,
    /// hands over the command that does. Nothing is added to what is watched.
    pub(super) fn probe_named(&mut self) -> Option<Effect> {
        let read = &self.explaining.as_ref()?.read;
        let Some(target) = &read.target else {
            self.say("the message names no server");
            return None;
        };
        if let Some((id, name)) = self.watched(target) {
            self.explaining = None;
            self.view = View::Table;
            self.fleet.select(id);
            if self.replay.is_some() {
                self.cannot_be_probed();
                return None;
            }
            self.say(format!("probing {name}"));
            return Some(Effect::Send(Command::Probe(vec![id])));
        }
        let Some(text) = read.probe_command() else {
            self.say("the server it names is not reached over TCP");
            return None;
        };
        let what = "not watched here; the command that probes it is".to_owned();
        Some(Effect::Copy { text, what })
    }

    /// The instance that is watched under this host, instance and port.
    fn watched(&self, named: &Target) -> Option<(InstanceId, String)> {
        let short = named.short();
        let row = self.fleet.all().find(|row| {
            let target = row.instance.target.as_ref().ok();
            target.is_some_and(|target| target.short().eq_ignore_ascii_case(&short))
        })?;
        Some((row.id, row.instance.name.clone()))
    }
}
