//! All rows, which of them are shown in what order, and the line that is selected.
//!
//! What a batch of news costs depends on the batch: lines are put in order again only
//! where a row of it sorts, groups or filters otherwise than before.

use std::sync::Arc;

use foldhash::{HashMap, HashSet};
use jiff::Timestamp;

use super::filter::Filter;
use crate::config::{Group, Order};
use crate::monitor::{InstanceId, News, Row};

mod counts;
mod entry;
mod group;
#[cfg(test)]
mod tests;

pub use counts::Counts;
use entry::{Choice, Entry};
pub use group::{GroupName, Summary, words};

/// All rows. The selection follows the instance, not the row number.
#[derive(Debug, Default)]
pub struct Fleet {
    entries: HashMap<InstanceId, Entry>,
    /// The rows in whose place others came with the last news.
    replaced: Vec<Arc<Row>>,
    /// In the order of the configuration.
    order: Vec<InstanceId>,
    /// The same, to ask for one.
    ordered: HashSet<InstanceId>,
    counts: Counts,
    choice: Choice,
    now: Timestamp,
    /// When time alone moves a row in or out of the filter.
    due: Option<Timestamp>,
    /// Those that the filter lets through, also within folded groups.
    shown: Vec<InstanceId>,
    lines: Vec<Spot>,
    groups: Vec<Summary>,
    group_at: HashMap<GroupName, usize>,
    /// What was folded stays so by name, whatever comes and goes.
    folded: HashSet<(Group, GroupName)>,
    selected: Option<Spot>,
    /// Until somebody presses a key, the worst row is selected, whichever it is.
    held: bool,
}

/// What stands on a line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spot {
    /// An instance.
    Instance(InstanceId),
    /// The summary of a group.
    Group(GroupName),
}

/// How soon news must be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Only latencies moved: once a second is enough.
    Latency,
    /// A state, a mark or a diagnosis changed.
    State,
}

impl Fleet {
    /// Takes what is new on the board.
    pub fn take(&mut self, news: News) -> Weight {
        self.replaced.clear();
        let mut weight = Weight::Latency;
        let mut moved = false;
        if let Some(order) = news.order {
            self.ordered = order.iter().copied().collect();
            let counts = &mut self.counts;
            self.entries.retain(|id, entry| {
                let stays = self.ordered.contains(id);
                if !stays {
                    counts.remove(&entry.row);
                }
                stays
            });
            self.order = order.to_vec();
            let room = self.order.len().saturating_sub(self.entries.len());
            self.entries.reserve(room);
            weight = Weight::State;
            moved = true;
        }
        for row in news.rows {
            let old = self.entries.get(&row.id);
            if old.is_none_or(|old| !old.row.says_the_same(&row)) {
                weight = Weight::State;
            }
            moved |= self.put(row);
        }
        if moved {
            self.line_up();
        }
        weight
    }

    /// Takes a row. Returns whether lines must be put in order again.
    fn put(&mut self, row: Arc<Row>) -> bool {
        let id = row.id;
        let turns = self.choice.filter.turns(&row, self.now);
        self.due = earlier(self.due, turns);
        self.counts.add(&row);
        let mut newer = Entry::new(row, &self.choice, self.now);
        let Some(old) = self.entries.get_mut(&id) else {
            self.entries.insert(id, newer);
            if self.ordered.insert(id) {
                self.order.push(id);
            }
            return true;
        };
        self.counts.remove(&old.row);
        let stays = old.stays(&newer, &self.choice);
        newer.line = old.line;
        let old = std::mem::replace(old, newer);
        self.replaced.push(old.row);
        !stays
    }

    /// The rows that are no longer needed since the last news, for whoever made them.
    pub fn take_replaced(&mut self) -> Vec<Arc<Row>> {
        std::mem::take(&mut self.replaced)
    }

    /// Lets time pass. Returns whether that moved a row in or out of the filter.
    pub fn pass(&mut self, now: Timestamp) -> bool {
        self.now = now;
        let is_due = self.due.is_some_and(|due| due <= now);
        if is_due {
            self.look_again();
        }
        is_due
    }

    /// Shows only what the filter lets through.
    pub fn filter(&mut self, filter: Filter) {
        self.choice.filter = filter;
        self.look_again();
    }

    /// Shows only what is failing or degraded, or everything.
    pub fn toggle_problems(&mut self) -> bool {
        self.choice.problems_only = !self.choice.problems_only;
        self.look_again();
        self.choice.problems_only
    }

    /// Sorts by another column, or the other way round.
    pub fn sort_by(&mut self, order: Order) {
        self.choice.order = order;
        self.look_again();
    }

    /// Groups by something else, or not at all.
    pub fn group_by(&mut self, group: Group) {
        self.choice.group = group;
        self.look_again();
    }

    /// The order in force.
    pub fn sort(&self) -> Order {
        self.choice.order
    }

    /// What rows are grouped by.
    pub fn grouping(&self) -> Group {
        self.choice.group
    }

    /// Whether only problems are shown.
    pub fn problems_only(&self) -> bool {
        self.choice.problems_only
    }

    /// The filter in force.
    pub fn current_filter(&self) -> &Filter {
        &self.choice.filter
    }

    /// How many instances there are, shown or not.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing is watched.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The ids that the filter lets through, in order, also those within folded groups.
    pub fn shown(&self) -> &[InstanceId] {
        &self.shown
    }

    /// What stands on each line of the table.
    pub fn lines(&self) -> &[Spot] {
        &self.lines
    }

    /// What stands on the lines from `top` on, at most `count`.
    pub fn window(&self, top: usize, count: usize) -> &[Spot] {
        let top = top.min(self.lines.len());
        let end = top.saturating_add(count).min(self.lines.len());
        &self.lines[top..end]
    }

    /// Every row, in the order of the configuration.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.order.iter().filter_map(|id| self.row(*id))
    }

    /// The row of an instance, shown or not.
    pub fn row(&self, id: InstanceId) -> Option<&Arc<Row>> {
        self.entries.get(&id).map(|entry| &entry.row)
    }

    /// A group that is shown, by its name.
    pub fn group(&self, name: &GroupName) -> Option<&Summary> {
        self.groups.get(*self.group_at.get(name)?)
    }

    /// The selected row; `None` also while a group is selected.
    pub fn selected(&self) -> Option<&Arc<Row>> {
        match self.selected.as_ref()? {
            Spot::Instance(id) => self.row(*id),
            Spot::Group(_) => None,
        }
    }

    /// The selected group.
    pub fn selected_group(&self) -> Option<&Summary> {
        match self.selected.as_ref()? {
            Spot::Instance(_) => None,
            Spot::Group(name) => self.group(name),
        }
    }

    /// What is selected.
    pub fn selection(&self) -> Option<&Spot> {
        self.selected.as_ref()
    }

    /// The line of the selection.
    pub fn position(&self) -> Option<usize> {
        self.line_of(self.selected.as_ref()?)
    }

    fn line_of(&self, spot: &Spot) -> Option<usize> {
        match spot {
            Spot::Instance(id) => self.entries.get(id)?.line,
            Spot::Group(name) => self.group(name).map(|group| group.line),
        }
    }

    /// From now on the selection follows the instance: somebody is reading about it.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// Selects an instance. Where the filter hides it, the filter goes; its group unfolds.
    pub fn select(&mut self, id: InstanceId) {
        let Some(entry) = self.entries.get(&id) else {
            return;
        };
        let group = entry.group.clone();
        if !entry.shows {
            self.choice.filter = Filter::default();
            self.choice.problems_only = false;
            self.look_again();
        }
        self.fold(&group, false);
        self.held = true;
        self.selected = Some(Spot::Instance(id));
    }

    /// Selects what stands on a line. Returns whether it still does.
    pub fn go_to(&mut self, spot: &Spot) -> bool {
        let is_there = self.line_of(spot).is_some();
        if is_there {
            self.selected = Some(spot.clone());
        }
        is_there
    }

    /// Moves the selection by so many lines, stopping at the ends.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.lines.len().checked_sub(1) else {
            return;
        };
        let at = self
            .position()
            .unwrap_or(0)
            .saturating_add_signed(by)
            .min(last);
        self.selected = Some(self.lines[at].clone());
    }

    /// The group of the selection, also where one of its rows is selected; `None` where
    /// rows are not grouped.
    pub fn group_of_selection(&self) -> Option<&Summary> {
        if self.choice.group == Group::None {
            return None;
        }
        match self.selected.as_ref()? {
            Spot::Instance(id) => self.group(&self.entries.get(id)?.group),
            Spot::Group(name) => self.group(name),
        }
    }

    /// Folds a group, or unfolds it. A selection inside goes to its line.
    pub fn fold(&mut self, name: &GroupName, folded: bool) {
        let key = (self.choice.group, name.clone());
        let changed = if folded {
            self.folded.insert(key)
        } else {
            self.folded.remove(&key)
        };
        if changed {
            self.line_up();
        }
    }

    /// Folds all groups that are shown, or unfolds them.
    pub fn fold_all(&mut self, folded: bool) {
        let grouping = self.choice.group;
        let keys = self
            .groups
            .iter()
            .map(|group| (grouping, group.name.clone()));
        if folded {
            self.folded.extend(keys);
        } else {
            self.folded.retain(|(group, _)| *group != grouping);
        }
        self.line_up();
    }

    /// How many instances are in which condition.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Looks at every row again: what is shown, sorted or grouped by has changed.
    fn look_again(&mut self) {
        self.due = None;
        for entry in self.entries.values_mut() {
            let turns = self.choice.filter.turns(&entry.row, self.now);
            self.due = earlier(self.due, turns);
            let line = entry.line;
            *entry = Entry::new(Arc::clone(&entry.row), &self.choice, self.now);
            entry.line = line;
        }
        self.line_up();
    }

    /// Puts the lines in order. A selection that is no longer there goes to its group, if
    /// that was folded, or to the line that now stands in its place.
    fn line_up(&mut self) {
        let before = self.position();
        let order = self.choice.order;
        let entries = self.order.iter().filter_map(|id| self.entries.get(id));
        let mut shown: Vec<&Entry> = entries.filter(|entry| entry.shows).collect();
        shown.sort_by(|a, b| a.key.compare(&b.key, order));
        if self.choice.group == Group::None {
            self.groups.clear();
            self.shown = shown.iter().map(|entry| entry.row.id).collect();
            self.lines = self.shown.iter().copied().map(Spot::Instance).collect();
        } else {
            let rows = shown.iter().map(|entry| (&entry.group, &*entry.row));
            let (group, folded) = (self.choice.group, &self.folded);
            self.groups = group::summaries(rows, |name| folded.contains(&(group, name.clone())));
            self.line_up_groups();
        }
        let names = self.groups.iter().map(|group| group.name.clone());
        self.group_at = names.zip(0..).collect();
        for entry in self.entries.values_mut() {
            entry.line = None;
        }
        for (at, spot) in self.lines.iter().enumerate() {
            if let Spot::Instance(id) = spot
                && let Some(entry) = self.entries.get_mut(id)
            {
                entry.line = Some(at);
            }
        }
        self.keep_selection(before);
    }

    fn line_up_groups(&mut self) {
        self.shown.clear();
        self.lines.clear();
        for group in &mut self.groups {
            group.line = self.lines.len();
            self.lines.push(Spot::Group(group.name.clone()));
            self.shown.extend(&group.members);
            if !group.folded {
                let members = group.members.iter().copied();
                self.lines.extend(members.map(Spot::Instance));
            }
        }
    }

    fn keep_selection(&mut self, before: Option<usize>) {
        if !self.held {
            let is_row = |spot: &&Spot| matches!(spot, Spot::Instance(_));
            let first = self.lines.iter().find(is_row).or(self.lines.first());
            self.selected = first.cloned();
        } else if self.position().is_none() {
            let group = match &self.selected {
                Some(Spot::Instance(id)) => self.entries.get(id).filter(|entry| entry.shows),
                _ => None,
            };
            let folded = group.map(|entry| Spot::Group(entry.group.clone()));
            let at = before.unwrap_or(0).min(self.lines.len().saturating_sub(1));
            self.selected = folded.or_else(|| self.lines.get(at).cloned());
        }
    }
}

/// The earlier of two moments, where there are two.
fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}
