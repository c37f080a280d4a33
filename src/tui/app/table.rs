//! What the keys of the table do to its columns, its order and its groups.

use super::App;
use super::choosing::{Choosing, config_line};
use crate::config::{Group, Order};
use crate::tui::action::Effect;
use crate::tui::columns::Columns;
use crate::tui::filter::Filter;

/// More filters than anybody types in one incident.
const MOST_FILTERS: usize = 50;

impl App {
    /// The table as the configuration wants it.
    pub(super) fn begin_table(&mut self) {
        let screen = &self.about.screen;
        let (sort, group) = (screen.sort, screen.group);
        let filter = Filter::parse(&screen.filter);
        self.fleet.pass(self.now);
        self.fleet.sort_by(sort);
        self.fleet.group_by(group);
        match filter {
            Ok(filter) => self.fleet.filter(filter),
            Err(error) => self.say(format!("filter of the configuration: {error}")),
        }
    }

    /// The columns that are on the screen.
    fn fitted(&self) -> Columns {
        Columns::fit(&self.columns, usize::from(self.size.width))
    }

    pub(super) fn sort_by_next_column(&mut self) -> Option<Effect> {
        let column = self.fitted().after(self.fleet.sort().column)?;
        self.fleet.sort_by(Order {
            column,
            reversed: false,
        });
        None
    }

    pub(super) fn reverse(&mut self) -> Option<Effect> {
        let order = self.fleet.sort();
        self.fleet.sort_by(Order {
            reversed: !order.reversed,
            ..order
        });
        None
    }

    pub(super) fn group_by_next(&mut self) -> Option<Effect> {
        let (next, said) = match self.fleet.grouping() {
            Group::None => (Group::Tag, "grouped by tag, the first one"),
            Group::Tag => (Group::Host, "grouped by host"),
            Group::Host => (Group::Subnet, "grouped by subnet, /24 or /64"),
            Group::Subnet => (Group::None, "not grouped"),
        };
        self.fleet.group_by(next);
        self.say(said);
        None
    }

    pub(super) fn fold_or_unfold(&mut self) -> Option<Effect> {
        let folded = self.fleet.group_of_selection()?.folded;
        self.fold(!folded)
    }

    pub(super) fn fold(&mut self, folded: bool) -> Option<Effect> {
        let name = self.fleet.group_of_selection()?.name.clone();
        self.fleet.fold(&name, folded);
        None
    }

    pub(super) fn fold_all(&mut self, folded: bool) -> Option<Effect> {
        self.fleet.fold_all(folded);
        None
    }

    pub(super) fn choose_columns(&mut self) -> Option<Effect> {
        self.choosing = Some(Choosing::new(&self.columns));
        None
    }

    pub(super) fn toggle_column(&mut self) -> Option<Effect> {
        if self.choosing.as_mut()?.toggle() {
            self.take_columns();
        } else {
            self.say("one column must stay");
        }
        None
    }

    pub(super) fn move_column(&mut self, by: isize) -> Option<Effect> {
        self.choosing.as_mut()?.shift(by);
        self.take_columns();
        None
    }

    fn take_columns(&mut self) {
        if let Some(choosing) = &self.choosing {
            self.columns = choosing.wanted();
        }
    }

    pub(super) fn copy_columns(&self) -> Effect {
        Effect::Copy {
            text: config_line(&self.columns),
            what: "the line for [screen]".to_owned(),
        }
    }

    /// Keeps a filter for [`App::recall`].
    pub(super) fn remember(&mut self, filter: &str) {
        let filter = filter.trim();
        if !filter.is_empty() {
            self.filters.retain(|known| known != filter);
            self.filters.push(filter.to_owned());
            let excess = self.filters.len().saturating_sub(MOST_FILTERS);
            self.filters.drain(..excess);
        }
    }

    /// Puts an earlier filter into the field, or a later one.
    pub(super) fn recall(&mut self, back: bool) -> Option<Effect> {
        let typing = self.typing.as_mut()?;
        if typing.field == super::Field::Filter && !self.filters.is_empty() {
            typing.recall(&self.filters, back);
            self.typed();
        }
        None
    }
}
