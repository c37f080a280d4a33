//! The order of the rows: what each column sorts by.

use std::cmp::{Ordering, Reverse};
use std::net::SocketAddr;

use jiff::Timestamp;

use super::cells;
use super::glyph::Mark;
use super::text;
use crate::config::{Column, Order};
use crate::diagnosis::State;
use crate::evidence::{Elapsed, Version};
use crate::monitor::Row;

/// What a row has for the column that rows are sorted by; worked out once for each change of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(Option<Value>);

/// All keys of one order are of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    State(State),
    Text(String),
    Endpoint(SocketAddr),
    /// The first layer that fails.
    Layer(usize),
    Slowest(Reverse<Elapsed>),
    Newest(Reverse<Timestamp>),
    /// Probes that failed among those that the history still has one by one.
    MostFailures(Reverse<usize>),
    Version(Version),
}

impl Key {
    /// What a row has for a column.
    pub fn of(column: Column, row: &Row) -> Self {
        let evidence = row.evidence.as_deref();
        Self(match column {
            Column::State => Some(Value::State(row.state)),
            Column::Instance => Some(Value::Text(row.instance.name.to_lowercase())),
            Column::Host => cells::host(row).map(|host| Value::Text(host.to_lowercase())),
            Column::Endpoint => evidence
                .and_then(cells::spoken_of)
                .map(|attempt| Value::Endpoint(attempt.endpoint)),
            Column::Layers => evidence.and_then(|evidence| {
                let marks = Mark::of(&evidence.layers);
                let fails = |mark: &Mark| matches!(mark, Mark::Failed | Mark::Late);
                let partly = |mark: &Mark| *mark == Mark::Partial;
                let first = marks.iter().position(fails);
                first
                    .or_else(|| Some(marks.len() + marks.iter().position(partly)?))
                    .map(Value::Layer)
            }),
            Column::Connect => evidence
                .and_then(text::connect_time)
                .map(|time| Value::Slowest(Reverse(time))),
            Column::Engine => evidence
                .and_then(text::engine_time)
                .map(|time| Value::Slowest(Reverse(time))),
            Column::Since => row.since.first_seen.map(|at| Value::Newest(Reverse(at))),
            Column::History => {
                let failed = row.history.raw().filter(|probe| probe.state.is_failing());
                Some(Value::MostFailures(Reverse(failed.count())))
            }
            Column::Tags => row
                .instance
                .tags
                .first()
                .map(|tag| Value::Text(tag.to_lowercase())),
            Column::Version => cells::version(row).map(Value::Version),
            Column::Cause => cells::cause(row).map(Value::Text),
        })
    }

    /// Compares with the key of another row. A row without a value comes last, whichever way
    /// round; equal ones keep the order of the configuration, since the sort is stable.
    pub fn compare(&self, other: &Self, order: Order) -> Ordering {
        match (&self.0, &other.0) {
            (Some(own), Some(its)) if order.reversed => its.cmp(own),
            (Some(own), Some(its)) => own.cmp(its),
            (own, its) => own.is_none().cmp(&its.is_none()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    fn sorted(column: Column, reversed: bool) -> Vec<String> {
        let mut rows = sample::rows();
        let key = |row: &Row| Key::of(column, row);
        rows.sort_by(|a, b| key(a).compare(&key(b), Order { column, reversed }));
        rows.iter().map(|row| row.instance.name.clone()).collect()
    }

    #[test]
    fn the_worst_comes_first_unless_turned_round() {
        assert_eq!(sorted(Column::State, false)[0], "typo01");
        assert_eq!(sorted(Column::State, true)[0], "db1/PROD");
    }

    #[test]
    fn every_column_has_its_own_first() {
        for (column, first) in [
            (Column::Instance, "crm"),
            (Column::Host, "hr02,1433"),
            (Column::Endpoint, "reports"),
            (Column::Layers, "typo01"),
            (Column::Connect, "sales01\\PROD"),
            (Column::Engine, "reports"),
            (Column::Since, "sales01\\PROD"),
            (Column::History, "sales01\\PROD"),
            (Column::Tags, "sales01\\PROD"),
            (Column::Version, "reports"),
            (Column::Cause, "typo01"),
        ] {
            assert_eq!(sorted(column, false)[0], first, "{column:?}");
        }
    }

    #[test]
    fn rows_without_a_value_come_last_either_way() {
        for reversed in [false, true] {
            let order = sorted(Column::Engine, reversed);
            assert!(order[..2].contains(&"crm".to_owned()), "{order:?}");
            assert!(order[..2].contains(&"reports".to_owned()), "{order:?}");
        }
    }
}
