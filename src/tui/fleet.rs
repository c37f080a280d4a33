//! All rows, which of them are shown in what order, and the one that is selected.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::filter::Filter;
use super::sort::Sort;
use crate::diagnosis::State;
use crate::monitor::{InstanceId, News, Row};

/// All rows. The selection follows the instance, not the row number.
#[derive(Debug, Default)]
pub struct Fleet {
    rows: HashMap<InstanceId, Arc<Row>>,
    order: Vec<InstanceId>,
    shown: Vec<InstanceId>,
    selected: Option<InstanceId>,
    /// Until somebody presses a key, the worst row is selected, whichever it is.
    held: bool,
    filter: Filter,
    problems_only: bool,
    sort: Sort,
}

/// How many instances are in which condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `answering`, `ready` or `open`.
    pub well: usize,
    /// `degraded`.
    pub degraded: usize,
    /// Failing, not acknowledged.
    pub down: usize,
    /// Failing or degraded, and somebody took notice.
    pub acknowledged: usize,
    /// Nobody knows how they are now; not counted among the others.
    pub stale: usize,
    /// No result yet.
    pub pending: usize,
    /// Not probed, because the target cannot be.
    pub invalid: usize,
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
        let mut weight = Weight::Latency;
        if let Some(order) = news.order {
            let kept: HashSet<InstanceId> = order.iter().copied().collect();
            self.rows.retain(|id, _| kept.contains(id));
            self.order = order.to_vec();
            weight = Weight::State;
        }
        for row in news.rows {
            let id = row.id;
            match self.rows.insert(id, row.clone()) {
                Some(old) if says_the_same(&old, &row) => {}
                Some(_) => weight = Weight::State,
                None => {
                    weight = Weight::State;
                    if !self.order.contains(&id) {
                        self.order.push(id);
                    }
                }
            }
        }
        self.arrange();
        weight
    }

    /// Shows only what the filter lets through.
    pub fn filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.arrange();
    }

    /// Shows only what is failing or degraded, or everything.
    pub fn toggle_problems(&mut self) -> bool {
        self.problems_only = !self.problems_only;
        self.arrange();
        self.problems_only
    }

    /// Sorts by another column, or the other way round.
    pub fn sort_by(&mut self, sort: Sort) {
        self.sort = sort;
        self.arrange();
    }

    /// The order in force.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// Whether only problems are shown.
    pub fn problems_only(&self) -> bool {
        self.problems_only
    }

    /// The filter in force.
    pub fn current_filter(&self) -> &Filter {
        &self.filter
    }

    /// How many instances there are, shown or not.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing is watched.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The ids that are shown, in order.
    pub fn shown(&self) -> &[InstanceId] {
        &self.shown
    }

    /// The rows that are shown from `top` on, at most `count`.
    pub fn window(&self, top: usize, count: usize) -> impl Iterator<Item = &Arc<Row>> {
        self.shown
            .iter()
            .skip(top)
            .take(count)
            .filter_map(|id| self.rows.get(id))
    }

    /// Every row, in the order of the configuration.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.order.iter().filter_map(|id| self.rows.get(id))
    }

    /// The row of an instance, shown or not.
    pub fn row(&self, id: InstanceId) -> Option<&Arc<Row>> {
        self.rows.get(&id)
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&Arc<Row>> {
        self.rows.get(&self.selected?)
    }

    /// Its place among those that are shown.
    pub fn position(&self) -> Option<usize> {
        let selected = self.selected?;
        self.shown.iter().position(|id| *id == selected)
    }

    /// From now on the selection follows the instance: somebody is reading about it.
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// Selects an instance. Where the filter hides it, the filter goes.
    pub fn select(&mut self, id: InstanceId) {
        if !self.rows.contains_key(&id) {
            return;
        }
        if !self.shown.contains(&id) {
            self.filter = Filter::default();
            self.problems_only = false;
            self.arrange();
        }
        self.held = true;
        self.selected = Some(id);
    }

    /// Moves the selection by so many rows, stopping at the ends.
    pub fn step(&mut self, by: isize) {
        let Some(last) = self.shown.len().checked_sub(1) else {
            return;
        };
        let at = self
            .position()
            .unwrap_or(0)
            .saturating_add_signed(by)
            .min(last);
        self.selected = Some(self.shown[at]);
    }

    /// How many instances are in which condition.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in self.rows.values() {
            let noticed = row.marks.acknowledged.is_some();
            match row.state {
                State::Pending => counts.pending += 1,
                State::Invalid => counts.invalid += 1,
                _ if row.marks.stale => counts.stale += 1,
                state if noticed && (state.is_failing() || state == State::Degraded) => {
                    counts.acknowledged += 1;
                }
                State::Degraded => counts.degraded += 1,
                state if state.is_failing() => counts.down += 1,
                _ => counts.well += 1,
            }
        }
        counts
    }

    /// Works out again what is shown. A selection that is no longer shown goes to
    /// the row that now stands in its place.
    fn arrange(&mut self) {
        let before = self.position();
        let (rows, filter, problems_only) = (&self.rows, &self.filter, self.problems_only);
        self.shown = self
            .order
            .iter()
            .copied()
            .filter(|id| {
                rows.get(id).is_some_and(|row| {
                    (!problems_only || is_problem(row.state)) && filter.shows(row)
                })
            })
            .collect();
        let sort = self.sort;
        self.shown.sort_by(|a, b| sort.compare(&rows[a], &rows[b]));
        if !self.held {
            self.selected = self.shown.first().copied();
        } else if self.position().is_none() {
            let at = before.unwrap_or(0).min(self.shown.len().saturating_sub(1));
            self.selected = self.shown.get(at).copied();
        }
    }
}

/// Whether two rows differ in nothing but latencies.
fn says_the_same(old: &Row, new: &Row) -> bool {
    let audited = |row: &Row| row.audit.as_ref().map(|audit| audit.at);
    let causes = |row: &Row| {
        row.diagnosis
            .as_ref()
            .map(|diagnosis| diagnosis.causes.len())
    };
    (old.state, old.raw, &old.marks) == (new.state, new.raw, &new.marks)
        && old.witnesses.len() == new.witnesses.len()
        && causes(old) == causes(new)
        && (old.auditing, audited(old)) == (new.auditing, audited(new))
        && old.proofs == new.proofs
}

fn is_problem(state: State) -> bool {
    state.is_failing() || matches!(state, State::Degraded | State::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    #[test]
    fn the_selection_follows_the_instance_when_rows_move() {
        let mut fleet = sample::fleet();
        fleet.hold();
        fleet.step(3);
        let chosen = fleet.selected().unwrap().id;
        fleet.sort_by(Sort {
            reversed: true,
            ..Sort::default()
        });
        assert_eq!(fleet.selected().unwrap().id, chosen);
        fleet.take(News {
            rows: sample::rows(),
            order: None,
        });
        assert_eq!(fleet.selected().unwrap().id, chosen);
    }

    #[test]
    fn a_hidden_selection_goes_to_its_neighbour() {
        let mut fleet = sample::fleet();
        fleet.hold();
        fleet.step(isize::MAX);
        fleet.filter(Filter::parse("state:refused").unwrap());
        assert_eq!(fleet.selected().unwrap().state, State::Refused);
        fleet.filter(Filter::parse("nothing-is-called-so").unwrap());
        assert!(fleet.selected().is_none());
        fleet.step(1);
        fleet.filter(Filter::default());
        assert!(fleet.selected().is_some());
    }

    #[test]
    fn problems_only_hides_what_is_well() {
        let mut fleet = sample::fleet();
        assert!(fleet.toggle_problems());
        assert!(fleet.window(0, 99).all(|row| is_problem(row.state)));
        assert!(!fleet.toggle_problems());
        assert_eq!(fleet.shown().len(), fleet.len());
    }

    #[test]
    fn instances_that_are_gone_disappear() {
        let mut fleet = sample::fleet();
        let first = fleet.shown()[0];
        fleet.take(News {
            rows: vec![],
            order: Some([first].into()),
        });
        assert_eq!((fleet.len(), fleet.shown().len()), (1, 1));
    }
}
