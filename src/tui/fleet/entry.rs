//! A row with everything that decides where it stands, worked out once for each change of it.

use std::sync::Arc;

use jiff::Timestamp;

use super::group::{self, GroupName};
use crate::config::{Group, Order};
use crate::diagnosis::State;
use crate::monitor::Row;
use crate::tui::filter::Filter;
use crate::tui::sort::Key;

/// What is shown, and in which order.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    pub filter: Filter,
    pub problems_only: bool,
    pub order: Order,
    pub group: Group,
}

/// A row and where it stands.
#[derive(Debug)]
pub(super) struct Entry {
    pub row: Arc<Row>,
    pub key: Key,
    pub group: GroupName,
    pub shows: bool,
    /// Its place among the lines of the table; `None` while it is not there.
    pub line: Option<usize>,
}

impl Entry {
    pub fn new(row: Arc<Row>, choice: &Choice, now: Timestamp) -> Self {
        Self {
            key: Key::of(choice.order.column, &row),
            group: group::name_of(choice.group, &row),
            shows: choice.shows(&row, now),
            row,
            line: None,
        }
    }

    /// Whether the newer one takes this one's place and no line of the table changes its own.
    pub fn stays(&self, newer: &Self, choice: &Choice) -> bool {
        let counted_alike = choice.group == Group::None || self.row.state == newer.row.state;
        match (self.shows, newer.shows) {
            (false, false) => true,
            (true, true) => self.key == newer.key && self.group == newer.group && counted_alike,
            _ => false,
        }
    }
}

impl Choice {
    fn shows(&self, row: &Row, now: Timestamp) -> bool {
        (!self.problems_only || is_problem(row.state)) && self.filter.shows(row, now)
    }
}

pub(super) fn is_problem(state: State) -> bool {
    state.is_failing() || matches!(state, State::Degraded | State::Invalid)
}
