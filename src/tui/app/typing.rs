//! A field that is typed into: the filter, the reason of an acknowledgement.

use crossterm::event::{Event, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler as _;

use crate::monitor::InstanceId;
use crate::tui::filter::{Filter, FilterError};
use crate::tui::fleet::Fleet;

/// Longer than any filter, reason or host; a paste stops here.
const LONGEST: usize = 200;
/// A path may be longer.
const LONGEST_PATH: usize = 1_000;

/// The field, and two lines for what can be written in it or a mistake.
pub(super) const LINES: u16 = 3;

/// What is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// The filter.
    Filter,
    /// What is looked for in the help.
    Help,
    /// The end and the reason of an acknowledgement.
    Acknowledge(InstanceId),
    /// The path of a file that lists servers.
    File,
    /// A host that is to be asked what it has.
    Host,
}

/// A field that is open.
#[derive(Clone, Debug)]
pub struct Typing {
    /// Which.
    pub field: Field,
    /// What is wrong with the text so far.
    pub error: Option<FilterError>,
    /// The filter that comes back when the field is left.
    pub(super) before: Filter,
    input: Input,
    /// Which of the earlier filters is in the field, the newest being 0, and what stood
    /// there before.
    recalled: Option<(usize, String)>,
}

impl Typing {
    /// Opens a field: the filter with the text that is in force.
    pub fn new(field: Field, fleet: &Fleet) -> Self {
        let before = fleet.current_filter().clone();
        let input = match field {
            Field::Filter => Input::new(before.text().to_owned()),
            _ => Input::default(),
        };
        Self {
            field,
            error: None,
            before,
            input,
            recalled: None,
        }
    }

    /// The text so far.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    fn longest(&self) -> usize {
        match self.field {
            Field::File => LONGEST_PATH,
            _ => LONGEST,
        }
    }

    /// How many characters stand before the cursor.
    pub fn cursor(&self) -> usize {
        self.input.cursor()
    }

    /// Types a key. Returns whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        if self.input.value().chars().count() >= self.longest()
            && matches!(key.code, crossterm::event::KeyCode::Char(_))
        {
            return false;
        }
        self.input
            .handle_event(&Event::Key(key))
            .is_some_and(|change| change.value)
    }

    /// Puts an earlier of these filters (newest last) into the field, or a later one, and
    /// after the newest what had been typed.
    pub(super) fn recall(&mut self, filters: &[String], back: bool) {
        let recalled = match (self.recalled.take(), back) {
            (None, true) => Some((0, self.text().to_owned())),
            (Some((at, typed)), true) => Some(((at + 1).min(filters.len() - 1), typed)),
            (Some((0, typed)), false) => {
                self.input = Input::new(typed);
                None
            }
            (Some((at, typed)), false) => Some((at - 1, typed)),
            (None, false) => None,
        };
        if let Some((at, _)) = &recalled
            && let Some(filter) = filters.iter().rev().nth(*at)
        {
            self.input = Input::new(filter.clone());
        }
        self.recalled = recalled;
    }

    /// Inserts pasted text, control characters and line breaks left out.
    pub fn insert(&mut self, text: &str) {
        let room = self
            .longest()
            .saturating_sub(self.input.value().chars().count());
        for c in text.chars().filter(|c| !c.is_control()).take(room) {
            self.input.handle(tui_input::InputRequest::InsertChar(c));
        }
    }

    /// Reads the text of the filter, a broken word left out; `None` for other fields, and
    /// where nothing can be read.
    pub fn check(&mut self) -> Option<Filter> {
        if self.field != Field::Filter {
            return None;
        }
        match Filter::parse(self.input.value()) {
            Ok(filter) => {
                self.error = None;
                Some(filter)
            }
            Err(error) => {
                self.error = Some(error);
                Filter::parse_what_is_right(self.input.value())
            }
        }
    }
}
