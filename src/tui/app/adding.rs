//! Adding, changing and removing an instance, and taking a configuration that was read again.

use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEvent};
use jiff::tz::TimeZone;
use tui_input::backend::crossterm::EventHandler as _;
use tui_input::{Input, InputRequest};

use super::App;
use crate::config::edit::{Change, Entry};
use crate::config::{Clock, Config, Instance, PlatformChoice};
use crate::monitor::Row;
use crate::target::{Target, TargetError, mask_secrets, parse};
use crate::tui::action::{Action, Effect};
use crate::tui::filter::Filter;
use crate::tui::keymap::Mode;

/// Longer than any server or note; a paste stops here.
const LONGEST: usize = 4_000;

/// What can be typed of an instance, from the top.
pub const LABELS: [&str; 5] = ["server", "name", "tags", "platform", "note"];
const SERVER: usize = 0;

/// The fields of one instance, while they are open.
#[derive(Clone, Debug)]
pub struct Form {
    /// Whom it changes; `None` adds one.
    was: Option<Arc<Instance>>,
    inputs: [Input; 5],
    at: usize,
    /// Why it could not be saved.
    refused: Option<String>,
    /// It is being written.
    saving: bool,
    /// A password was pasted and dropped.
    dropped: bool,
}

/// What a server that is being typed comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// Nothing is typed yet.
    Nothing,
    /// It is no server, or none that can be probed.
    Wrong(TargetError),
    /// It is one.
    Server(Box<Target>),
}

/// A question that `y` or `n` answers.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The question.
    pub question: String,
    pub(super) effect: Effect,
}

impl Form {
    fn new(was: Option<Arc<Instance>>) -> Self {
        let entry = was.as_deref().map(Entry::of).unwrap_or_default();
        let platform = entry.platform.map(PlatformChoice::word_of);
        let texts = [
            entry.server,
            entry.name.unwrap_or_default(),
            entry.tags.join(" "),
            platform.unwrap_or_default().to_owned(),
            entry.note.unwrap_or_default(),
        ];
        Self {
            was,
            inputs: texts.map(Input::new),
            at: SERVER,
            refused: None,
            saving: false,
            dropped: false,
        }
    }

    /// Whether it changes an instance that is watched already.
    pub fn is_of_a_known_one(&self) -> bool {
        self.was.is_some()
    }

    /// Which field the keys go to.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The text of a field as it may be shown, and the cursor in it.
    pub fn field(&self, number: usize) -> (String, usize) {
        let input = &self.inputs[number];
        let shown = mask_secrets(input.value()).into_owned();
        let cursor = if shown == input.value() {
            input.cursor()
        } else {
            shown.chars().count()
        };
        (shown, cursor)
    }

    /// What the server comes to so far.
    pub fn meaning(&self) -> Meaning {
        let text = self.inputs[SERVER].value();
        if text.trim().is_empty() {
            return Meaning::Nothing;
        }
        match parse(text) {
            Ok(target) => match target.over_tcp() {
                Ok(()) => Meaning::Server(Box::new(target)),
                Err(why) => Meaning::Wrong(TargetError {
                    text: target.text,
                    at: 0..0,
                    problem: why.to_string(),
                    hint: None,
                }),
            },
            Err(error) => Meaning::Wrong(error),
        }
    }

    /// Why it could not be saved.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Whether a password was dropped.
    pub fn dropped_a_password(&self) -> bool {
        self.dropped
    }

    fn step(&mut self, by: usize) {
        self.at = (self.at + by) % LABELS.len();
    }

    fn key(&mut self, key: KeyEvent) {
        let input = &mut self.inputs[self.at];
        let is_full = input.value().chars().count() >= LONGEST;
        if !(is_full && matches!(key.code, KeyCode::Char(_))) {
            input.handle_event(&Event::Key(key));
            self.refused = None;
        }
    }

    fn insert(&mut self, text: &str) {
        let input = &mut self.inputs[self.at];
        let room = LONGEST.saturating_sub(input.value().chars().count());
        for c in text.chars().filter(|c| !c.is_control()).take(room) {
            input.handle(InputRequest::InsertChar(c));
        }
        self.refused = None;
        if self.at == SERVER {
            self.drop_password();
        }
    }

    /// A pasted connection string gives its server; the password in it goes nowhere.
    fn drop_password(&mut self) {
        let text = self.inputs[SERVER].value();
        let masked = mask_secrets(text);
        if masked != text {
            let server = parse(text).map_or(masked.into_owned(), |target| target.short());
            self.inputs[SERVER] = Input::new(server);
            self.dropped = true;
        }
    }

    /// What was typed, if it can be kept.
    fn change(&self) -> Result<Change, String> {
        let text = |number: usize| self.inputs[number].value().trim().to_owned();
        let some = |text: String| (!text.is_empty()).then_some(text);
        let platform = match text(3) {
            word if word.is_empty() => None,
            word => word.parse::<PlatformChoice>()?.0,
        };
        let tags = text(2);
        let entry = Entry {
            server: text(SERVER),
            name: some(text(1)),
            tags: tags
                .split([' ', ','])
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned)
                .collect(),
            platform,
            note: some(text(4)),
        };
        let (safe, _) = match (&self.meaning(), &self.was) {
            (Meaning::Nothing, _) => return Err("type a server first".to_owned()),
            (Meaning::Wrong(_), _) => return Err("only what can be probed is kept".to_owned()),
            _ => entry.clone().without_secrets(),
        }
        .map_err(|error| error.to_string())?;
        Ok(match &self.was {
            None => Change::Add(vec![safe]),
            Some(was) => {
                // What the file says of a server that is not changed stays as it stands there.
                let is_same = entry.server == was.text();
                let server = if is_same { entry.server } else { safe.server };
                Change::Edit(Arc::clone(was), Entry { server, ..safe })
            }
        })
    }
}

impl App {
    /// Opens an empty form, or what the audit on the screen found.
    pub(super) fn add(&mut self) -> Option<Effect> {
        if !self.add_what_was_found() {
            self.open(None);
        }
        None
    }

    /// Opens the form of the selected instance.
    pub(super) fn edit(&mut self) -> Option<Effect> {
        let was = Arc::clone(&self.fleet.selected()?.instance);
        self.open(Some(was));
        None
    }

    fn open(&mut self, was: Option<Arc<Instance>>) -> bool {
        let can = self.can_change();
        if can {
            self.form = Some(Form::new(was));
            self.scroll = 0;
        }
        can
    }

    /// Whether instances are kept anywhere; says so where not.
    pub(super) fn can_change(&mut self) -> bool {
        let can = self.about.kept.is_some();
        if !can {
            self.say("nothing can be added or changed here: these instances are no real ones");
        }
        can
    }

    /// A connection string or one server opens the form. Returns whether the text is one.
    pub(super) fn paste_server(&mut self, text: &str) -> bool {
        let is_one = parse(text).is_ok_and(|target| target.over_tcp().is_ok());
        if is_one && self.open(None) {
            self.paste_into_form(text);
        }
        is_one
    }

    pub(super) fn paste_into_form(&mut self, text: &str) {
        if let Some(form) = &mut self.form {
            form.insert(text);
        }
    }

    pub(super) fn type_into_form(&mut self, key: KeyEvent) {
        if let Some(form) = &mut self.form {
            form.key(key);
        }
    }

    /// Another field: so many further, round and round.
    pub(super) fn next_field(&mut self, by: usize) -> Option<Effect> {
        self.form.as_mut()?.step(by);
        None
    }

    /// The field with this number.
    pub(super) fn go_to_field(&mut self, number: usize) -> Option<Effect> {
        self.form.as_mut()?.at = number.min(LABELS.len() - 1);
        None
    }

    pub(super) fn clear_field(&mut self) {
        if let Some(form) = &mut self.form {
            form.inputs[form.at].reset();
            form.refused = None;
        }
    }

    /// Hands what was typed over to be kept. The form stays until it is.
    pub(super) fn save(&mut self) -> Option<Effect> {
        let form = self.form.as_mut().filter(|form| !form.saving)?;
        match form.change() {
            Ok(change) => {
                form.saving = true;
                form.refused = None;
                Some(Effect::Keep(change))
            }
            Err(why) => {
                form.refused = Some(why);
                None
            }
        }
    }

    /// Asks whether the selected instance is to be removed.
    pub(super) fn remove(&mut self) -> Option<Effect> {
        let was = Arc::clone(&self.fleet.selected()?.instance);
        if self.can_change() {
            let question = format!("remove {} from {}?", was.name, self.kept_in());
            let effect = Effect::Keep(Change::Remove(was));
            self.asking = Some(Asking { question, effect });
        }
        None
    }

    pub(super) fn yes(&mut self) -> Option<Effect> {
        Some(self.asking.take()?.effect)
    }

    /// Where changes are kept, in words.
    pub fn kept_in(&self) -> String {
        let file = self.about.kept.as_ref().and_then(|kept| kept.file());
        file.map_or_else(
            || "this session; no file is written".to_owned(),
            |file| file.display().to_string(),
        )
    }

    /// The instance that is watched under this server already, the one in the form left out.
    pub fn known_as(&self, target: &Target) -> Option<&str> {
        let short = target.short();
        let was = self.form.as_ref().and_then(|form| form.was.as_ref());
        let is_it = |row: &&Arc<Row>| {
            let known = row.instance.target.as_ref().ok();
            !was.is_some_and(|was| Arc::ptr_eq(was, &row.instance))
                && known.is_some_and(|known| known.short().eq_ignore_ascii_case(&short))
        };
        let row = self.fleet.all().find(is_it)?;
        Some(&row.instance.name)
    }

    /// A change was made, and this is in force.
    pub fn changed(&mut self, config: &Config) {
        self.form = None;
        self.review = None;
        let kept = self.about.kept.as_ref().and_then(|kept| kept.file());
        self.say(match kept {
            Some(file) => format!("written to {}", file.display()),
            None if self.offers(Action::Save) => {
                let said = "done for this session";
                let does = "writes it to the configuration";
                self.hinted(said, Mode::Table, Action::Save, does)
            }
            None => "done for this session; it is written to no file".to_owned(),
        });
        self.take_config(config);
    }

    /// A change was not made; what was typed is still there.
    pub fn not_changed(&mut self, why: String) {
        if let Some(form) = &mut self.form {
            form.saving = false;
            form.refused = Some(why);
        } else if !self.review_not_kept(&why) {
            self.say(why);
        }
    }

    /// The file was read again, and this is in force.
    pub fn reloaded(&mut self, config: &Config) {
        let count = config.instances.len();
        let noun = if count == 1 { "instance" } else { "instances" };
        self.say(format!("the configuration was read again: {count} {noun}"));
        self.take_config(config);
    }

    /// The file cannot be read; what it said before is in force until it is mended.
    pub fn broken(&mut self, problem: String) {
        self.say(format!("what was read before stays in force; {problem}"));
        self.broken = Some(problem);
    }

    /// It can be read again, and nothing of it is new.
    pub fn mended(&mut self) {
        if self.broken.take().is_some() {
            self.say("the configuration can be read again");
        } else {
            self.say("the configuration says what it said");
        }
    }

    /// What is wrong with the file, for as long as it is.
    pub fn config_problem(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    /// Of the screen what changed in the file; what was chosen by key stays otherwise.
    fn take_config(&mut self, config: &Config) {
        self.broken = None;
        self.about.interval = config.probe.interval;
        self.about.rate = config.policy.cap(config.probe.rate);
        let before = std::mem::replace(&mut self.about.screen, config.screen.clone());
        let after = &self.about.screen;
        if before.theme != after.theme || before.glyphs != after.glyphs {
            self.show_on(self.device);
        }
        let after = &self.about.screen;
        if before.columns != after.columns {
            self.columns.clone_from(&after.columns);
        }
        if before.mouse != after.mouse {
            self.mouse = after.mouse;
        }
        if before.sort != after.sort {
            self.fleet.sort_by(after.sort);
        }
        if before.group != after.group {
            self.fleet.group_by(after.group);
        }
        if before.clock != after.clock {
            self.about.zone = match after.clock {
                Clock::Local => self.about.local.clone(),
                Clock::Utc => TimeZone::UTC,
            };
        }
        if before.filter != after.filter {
            match Filter::parse(&after.filter) {
                Ok(filter) => self.fleet.filter(filter),
                Err(error) => self.say(format!("filter of the configuration: {error}")),
            }
        }
        self.settle();
    }

    /// The form, while it is open.
    pub fn form(&self) -> Option<&Form> {
        self.form.as_ref()
    }

    /// The question that is asked.
    pub fn asking(&self) -> Option<&Asking> {
        self.asking.as_ref()
    }
}
