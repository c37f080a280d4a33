//! The screen's state: what is shown, what is selected, what is being typed.
//!
//! A key becomes an [`Action`](super::action::Action) through the key map; [`App::act`] changes the state
//! and may return an [`Effect`] for the outside. Nothing here draws or waits.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::action::Effect;
use super::attention::Attention;
use super::fleet::{Fleet, Spot, Weight};
use super::help;
use super::keymap::{Key, KeyMap, Mode, Step};
use super::layout::Layout;
use super::marker::Marker;
use super::menu::Item;
use super::reading::Reading;
use super::text;
use super::theme::{Device, Theme};
use super::window::Window;
use crate::config::{Column, Kept, Screen};
use crate::diagnosis::Standing;
use crate::diagnosis::incident::Incident;
use crate::monitor::replay::Playback;
use crate::monitor::{self, Attempt, Command, Incidents, InstanceId, News, Row};
use crate::target::Platform;

mod acting;
mod adding;
mod choosing;
mod copying;
mod discovering;
mod dressing;
mod explaining;
mod found;
mod freezing;
mod hinting;
mod incident;
mod noticing;
mod pointing;
mod replaying;
mod reviewing;
mod starting;
mod table;
mod timing;
mod toast;
mod typing;
mod verifying;

pub use adding::{Asking, Form, LABELS, Meaning};
pub use choosing::{Choosing, config_line};
pub use explaining::Explaining;
pub use freezing::Frozen;
pub use replaying::Recorded;
pub use reviewing::Review;
pub use timing::Times;
use toast::Toast;
pub use typing::{Field, Typing};

/// What the program was started with, as far as the screen shows it.
#[derive(Clone, Debug)]
pub struct About {
    /// The name of this machine.
    pub vantage: String,
    /// Time between two probes.
    pub interval: std::time::Duration,
    /// New connections and datagrams in a second, at most; `None`: no limit, or nothing is sent.
    pub rate: Option<u32>,
    /// Shown loudly in the header, such as `demo`; empty otherwise.
    pub label: String,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// The zone of this machine, to switch to.
    pub local: TimeZone,
    /// What the keys mean.
    pub keys: KeyMap,
    /// How it looks and calls for attention.
    pub screen: Screen,
    /// Where the instances are kept and what was in force at the start; `None` where there are
    /// no real ones.
    pub kept: Option<Kept>,
    /// Where files go if the current directory takes none; `None` where the user has no home.
    pub state: Option<PathBuf>,
    /// Where a configuration would be looked for, for the empty screen.
    pub config_hint: String,
    /// What the policy of this machine says, where there is one.
    pub policy: Option<String>,
    /// Writes the note that hands an incident over.
    pub note: Note,
    /// Writes the report on one instance.
    pub report: Report,
}

impl About {
    /// How often each of so many instances is probed, and where the rate is too low for that,
    /// how long a round takes.
    pub fn pace(&self, count: usize) -> String {
        let every = format!("every {}", text::duration(self.interval));
        let round = monitor::round(self.rate, count);
        match self.rate {
            Some(rate) if round > self.interval => {
                let round = text::duration(round);
                format!("{every}, but a round takes {round} at {rate}/s")
            }
            _ => every,
        }
    }
}

/// Writes a note on an incident, given the rows of its instances.
pub type Note = fn(&Incident, &[Row]) -> String;

/// Writes the report on one instance as of a moment, for a platform if one was chosen, with
/// the incident that it is part of.
pub type Report = fn(&Row, Timestamp, Option<Platform>, Option<&Incident>) -> String;

/// A view of one instance that fills the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// The verdict, its reasons and all commands.
    #[default]
    Diagnosis,
    /// Every layer with its times and everything it saw.
    Path,
    /// What Browser says, instance by instance.
    Browser,
    /// What changed when, and latencies.
    History,
    /// Everything that happened to it.
    Log,
}

impl Tab {
    /// All tabs, in order.
    pub const ALL: [Self; 5] = [
        Self::Diagnosis,
        Self::Path,
        Self::Browser,
        Self::History,
        Self::Log,
    ];

    /// The word on the tab.
    pub fn title(self) -> &'static str {
        match self {
            Self::Diagnosis => "diagnosis",
            Self::Path => "path",
            Self::Browser => "browser",
            Self::History => "history",
            Self::Log => "log",
        }
    }

    fn step(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL[(at + by) % Self::ALL.len()]
    }
}

/// A text that is shown by itself, to be selected by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it is.
    pub title: String,
    /// The text.
    pub text: String,
}

/// The screen that is on top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    #[default]
    Table,
    Drill,
}

/// The screen's state.
#[derive(Debug)]
pub struct App {
    /// What the program was started with.
    pub about: About,
    /// All rows and the selection.
    pub fleet: Fleet,
    /// What colours mean.
    pub theme: Theme,
    /// What it is drawn with, letters apart.
    pub marker: Marker,
    /// What the terminal can show.
    device: Device,
    /// The time that is shown.
    pub now: Timestamp,
    /// How this machine's own network stands.
    pub standing: Standing,
    /// Who fails together.
    pub incidents: Arc<Incidents>,
    view: View,
    help: bool,
    /// What is looked for in the help; empty where all of it is shown.
    searched: String,
    shown: Option<Shown>,
    typing: Option<Typing>,
    explaining: Option<Explaining>,
    form: Option<Form>,
    asking: Option<Asking>,
    review: Option<Review>,
    /// The host that is to be asked as soon as it is watched.
    to_ask: Option<String>,
    /// What is wrong with the configuration since it was read last.
    broken: Option<String>,
    /// The columns that are wanted, in order.
    columns: Vec<Column>,
    choosing: Option<Choosing>,
    /// The selected line of the menu of what can be copied, while it is open.
    menu: Option<Item>,
    /// The filters that were accepted, newest last.
    filters: Vec<String>,
    tab: Tab,
    window: Window,
    scroll: usize,
    top: usize,
    size: Rect,
    platform: Option<Platform>,
    paused: bool,
    reading: Option<Reading>,
    toast: Toast,
    /// The keys of a chord that has begun.
    begun: Vec<Key>,
    /// The time of whoever reads, which is not the one that a replay shows.
    read_at: Timestamp,
    /// Which changes are called for.
    attention: Attention,
    /// What is held back while the view is frozen.
    frozen: Option<Frozen>,
    times: Times,
    /// Until when the header flashes.
    flash: Option<Timestamp>,
    replay: Option<Playback>,
    recorded: Recorded,
    /// Whose host was asked last, until it has been.
    asked: Option<discovering::Asked>,
    /// The fix of each instance whose command was copied last, where it acts.
    tried: HashMap<InstanceId, Attempt>,
    /// The longest scroll that the last drawing had lines for.
    scroll_end: usize,
    /// How far the pane under the table is scrolled, and of what it speaks then.
    pane: (Option<Spot>, usize),
    /// Whether the terminal is asked for the mouse.
    mouse: bool,
}

impl App {
    /// An empty screen of the given size.
    pub fn new(about: About, theme: Theme, now: Timestamp, size: Rect) -> Self {
        let columns = about.screen.columns.clone();
        let mouse = about.screen.mouse;
        let mut app = Self {
            about,
            fleet: Fleet::default(),
            theme,
            marker: Marker::default(),
            device: Device::default(),
            now,
            standing: Standing::default(),
            incidents: Arc::default(),
            view: View::default(),
            help: false,
            searched: String::new(),
            shown: None,
            typing: None,
            explaining: None,
            form: None,
            asking: None,
            review: None,
            to_ask: None,
            broken: None,
            columns,
            choosing: None,
            menu: None,
            filters: Vec::new(),
            tab: Tab::default(),
            window: Window::default(),
            scroll: 0,
            top: 0,
            size,
            platform: None,
            paused: false,
            reading: None,
            toast: Toast::default(),
            begun: Vec::new(),
            read_at: now,
            attention: Attention::default(),
            frozen: None,
            times: Times::default(),
            flash: None,
            replay: None,
            recorded: Recorded::default(),
            asked: None,
            tried: HashMap::new(),
            scroll_end: 0,
            pane: (None, 0),
            mouse,
        };
        app.begin_table();
        app
    }

    /// Takes what is new on the board.
    pub fn take(&mut self, news: News) -> Weight {
        self.notice(&news);
        if let Some(frozen) = &mut self.frozen {
            frozen.hold(news);
            return Weight::Latency;
        }
        self.take_in(news)
    }

    fn take_in(&mut self, news: News) -> Weight {
        let outcome = self.proved(&news).or(self.discovered(&news));
        let weight = self.fleet.take(news);
        self.tried.retain(|id, _| self.fleet.row(*id).is_some());
        if let Some(outcome) = outcome {
            self.tell(outcome);
        }
        self.settle();
        weight
    }

    /// The monitor did not take a command: nothing of it is in force.
    pub fn refused(&mut self, command: &Command) {
        if let Command::Pause(paused) = command {
            self.paused = !paused;
        }
        self.say("the prober is busy; press again in a moment");
    }

    /// Lets time pass. Returns whether anything visible changed.
    pub fn tick(&mut self, now: Timestamp) -> bool {
        let shown = match (&self.replay, &self.frozen) {
            (Some(replay), _) => replay.now,
            (None, Some(frozen)) => frozen.at(),
            (None, None) => now,
        };
        // Of a frozen view only its age moves.
        let is_older = self.frozen.is_some() && self.read_at.as_second() != now.as_second();
        let second = self.now.as_second() != shown.as_second() || is_older;
        self.now = shown;
        self.read_at = now;
        if self.fleet.pass(shown) {
            self.settle();
        }
        self.toast.pass(now);
        self.flash = self.flash.filter(|until| *until > now);
        second
    }

    /// The terminal has another size.
    pub fn resize(&mut self, size: Rect) {
        self.size = size;
        self.settle();
    }

    /// Answers a key with a sentence that stands for a few seconds.
    pub fn say(&mut self, text: impl Into<String>) {
        self.toast.answer(text.into(), self.read_at);
    }

    /// Says what nobody asked for just now, when the last answer has been read.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.toast.tell(text.into(), self.read_at);
    }

    /// Shows a text by itself, to be selected by hand.
    pub fn show(&mut self, title: String, text: String) {
        self.shown = Some(Shown { title, text });
        self.scroll = 0;
    }

    /// What the keys go to right now.
    pub fn mode(&self) -> Mode {
        if self.typing.is_some() {
            Mode::Field
        } else if self.help || self.shown.is_some() {
            Mode::Help
        } else if self.form.is_some() {
            Mode::Form
        } else if self.review.is_some() {
            Mode::Review
        } else if self.asking.is_some() {
            Mode::Ask
        } else if self.explaining.is_some() {
            Mode::Message
        } else if self.choosing.is_some() {
            Mode::Columns
        } else if self.menu.is_some() {
            Mode::Menu
        } else {
            match self.view {
                View::Table => Mode::Table,
                View::Drill => Mode::Drill,
            }
        }
    }

    /// The keys that an event stands for.
    pub fn strokes(&self, event: KeyEvent) -> impl Iterator<Item = KeyEvent> + use<> {
        let keys = &self.about.keys;
        keys.strokes(&self.modes(), &self.begun, event)
    }

    /// Takes a key.
    pub fn key(&mut self, event: KeyEvent) -> Option<Effect> {
        self.fleet.hold();
        let key = Key::of(event);
        let mut pressed = std::mem::take(&mut self.begun);
        pressed.push(key);
        match self.about.keys.step(&self.modes(), &pressed) {
            Some(Step::Does(action)) => return self.act(action),
            Some(Step::Begins) => self.begun = pressed,
            None if pressed.len() > 1 => self.give_up_chord(pressed),
            None => self.type_key(key.event()),
        }
        None
    }

    /// The keys of a chord that has begun.
    pub fn begun(&self) -> &[Key] {
        &self.begun
    }

    /// What was pressed means nothing together, and its last key nothing alone: who mistypes
    /// a chord does not want that one.
    fn give_up_chord(&mut self, pressed: Vec<Key>) {
        if pressed.last().is_some_and(|key| key.is(KeyCode::Esc)) {
            return;
        }
        let names: Vec<String> = pressed.into_iter().map(Key::name).collect();
        self.say(format!("{} means nothing here", names.join(" ")));
    }

    /// Takes pasted text: it goes into what is open; without any field a client's message
    /// opens its explanation, and a server the form. Nothing is probed.
    pub fn paste(&mut self, text: &str) {
        self.begun.clear();
        if let Some(typing) = &mut self.typing {
            typing.insert(text);
            self.typed();
        } else if self.mode() == Mode::Form {
            self.paste_into_form(text);
        } else if !matches!(self.mode(), Mode::Help | Mode::Ask | Mode::Review) {
            self.paste_message(text);
        }
    }

    fn type_key(&mut self, key: KeyEvent) {
        if let Some(typing) = &mut self.typing {
            if typing.key(key) {
                self.typed();
            }
        } else if self.mode() == Mode::Form {
            self.type_into_form(key);
        } else if self.mode() == Mode::Message {
            self.type_message(key);
        }
    }

    /// The filter works while it is typed; a broken word of it hides nothing.
    fn typed(&mut self) {
        if let Some(typing) = &mut self.typing
            && let Some(filter) = typing.check()
        {
            self.fleet.filter(filter);
        }
        if let Some(typing) = &self.typing
            && typing.field == Field::Help
        {
            self.searched = typing.text().trim().to_ascii_lowercase();
            self.scroll = 0;
        }
        self.settle();
    }

    /// Keeps the selection on the screen and the words of the selected row at hand.
    fn settle(&mut self) {
        if self.fleet.selected().is_none() {
            self.view = View::Table;
            self.menu = None;
        }
        if let (Some(layout), Some(at)) = (self.layout(), self.fleet.position()) {
            let rows = layout.table_rows();
            let end = self.fleet.lines().len().saturating_sub(rows);
            self.top = self.top.clamp((at + 1).saturating_sub(rows), at).min(end);
        }
        let reading = match (self.fleet.selected(), self.reading.take()) {
            (Some(row), Some(reading)) if reading.is_of(row) => Some(reading),
            (Some(row), _) => Reading::of(row, self.platform),
            (None, _) => None,
        };
        self.reading = reading;
    }

    /// What the last drawing showed: how far the view on top can be scrolled.
    pub fn drawn(&mut self, scroll_end: usize) {
        self.scroll_end = scroll_end;
        self.scroll = self.scroll.min(scroll_end);
    }

    /// How the screen is divided; `None` where it is too small.
    pub fn layout(&self) -> Option<Layout> {
        self.layout_in(self.size)
    }

    /// The same for a screen of another size.
    pub fn layout_in(&self, size: Rect) -> Option<Layout> {
        let footer = match &self.typing {
            Some(typing) if typing.field != Field::Help => typing::LINES,
            _ => 1,
        };
        Layout::of(size, self.fleet.lines().len(), footer)
    }

    /// The first row of the table that is shown.
    pub fn top(&self) -> usize {
        self.top
    }

    /// The first line that is shown of a view that scrolls.
    pub fn scroll(&self) -> usize {
        self.scroll
    }

    /// The tab of the view of one instance.
    pub fn tab(&self) -> Tab {
        self.tab
    }

    /// How far back its history looks.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Whether one instance fills the screen.
    pub fn drilled(&self) -> Option<&Arc<Row>> {
        (self.view == View::Drill)
            .then(|| self.fleet.selected())
            .flatten()
    }

    /// The lines of the help, while it is open.
    pub fn help(&self) -> Option<Vec<help::Entry>> {
        let replaying = self.replay.is_some();
        let entries = || {
            let all = help::entries(&self.about.keys, self.view == View::Drill, replaying);
            help::found(all, &self.searched)
        };
        self.help.then(entries)
    }

    /// What is looked for in the help, in small letters; empty where all of it is shown.
    pub fn searched(&self) -> &str {
        &self.searched
    }

    /// The text that is shown for selecting by hand.
    pub fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref()
    }

    /// What is being typed.
    pub fn typing(&self) -> Option<&Typing> {
        self.typing.as_ref()
    }

    /// The client's message that is open, and what it comes to.
    pub fn explaining(&self) -> Option<&Explaining> {
        self.explaining.as_ref()
    }

    /// The words for the selected row.
    pub fn reading(&self) -> Option<&Reading> {
        self.reading.as_ref()
    }

    /// The columns that are wanted, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The list of columns, while it is open.
    pub fn choosing(&self) -> Option<&Choosing> {
        self.choosing.as_ref()
    }

    /// Whether probing is paused.
    pub fn paused(&self) -> bool {
        self.paused
    }

    /// What is said right now.
    pub fn toast(&self) -> Option<&str> {
        self.toast.text()
    }

    /// The time as it is shown.
    pub fn clock(&self) -> String {
        self.now
            .to_zoned(self.about.zone.clone())
            .strftime("%H:%M:%S %Z")
            .to_string()
    }
}
