//! The order of the rows.

use std::cmp::Ordering;

use crate::monitor::Row;

/// The columns that rows can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// Worst first.
    #[default]
    State,
    /// By name.
    Instance,
    /// By address.
    Endpoint,
    /// Slowest first.
    Connect,
    /// Slowest first.
    Engine,
    /// Newest change first.
    Since,
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub column: Column,
    /// The other way round.
    pub reversed: bool,
}

impl Column {
    const ALL: [Self; 6] = [
        Self::State,
        Self::Instance,
        Self::Endpoint,
        Self::Connect,
        Self::Engine,
        Self::Since,
    ];

    /// The column after this one.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL
            .iter()
            .position(|column| *column == self)
            .unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// The word over the column.
    pub fn title(self) -> &'static str {
        match self {
            Self::State => "STATE",
            Self::Instance => "INSTANCE",
            Self::Endpoint => "ENDPOINT",
            Self::Connect => "CONNECT",
            Self::Engine => "ENGINE",
            Self::Since => "SINCE",
        }
    }
}

impl Sort {
    /// Compares two rows. Equal ones keep the order of the configuration (the sort is stable).
    pub fn compare(self, a: &Row, b: &Row) -> Ordering {
        let order = match self.column {
            Column::State => a.state.cmp(&b.state),
            Column::Instance => a
                .instance
                .name
                .to_lowercase()
                .cmp(&b.instance.name.to_lowercase()),
            Column::Endpoint => endpoint(a).cmp(&endpoint(b)),
            Column::Connect => slowest_first(connect(a).as_ref(), connect(b).as_ref()),
            Column::Engine => slowest_first(engine(a).as_ref(), engine(b).as_ref()),
            Column::Since => b.since.first_seen.cmp(&a.since.first_seen),
        };
        if self.reversed {
            order.reverse()
        } else {
            order
        }
    }
}

fn endpoint(row: &Row) -> Option<std::net::SocketAddr> {
    row.evidence
        .as_ref()?
        .layers
        .connect
        .attempts
        .first()
        .map(|attempt| attempt.endpoint)
}

fn connect(row: &Row) -> Option<crate::evidence::Elapsed> {
    super::text::connect_time(row.evidence.as_ref()?)
}

fn engine(row: &Row) -> Option<crate::evidence::Elapsed> {
    super::text::engine_time(row.evidence.as_ref()?)
}

/// Rows without a value come last.
fn slowest_first<T: Ord>(a: Option<&T>, b: Option<&T>) -> Ordering {
    b.cmp(&a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    fn order(sort: Sort) -> Vec<String> {
        let mut rows = sample::rows();
        rows.sort_by(|a, b| sort.compare(a, b));
        rows.iter().map(|row| row.instance.name.clone()).collect()
    }

    #[test]
    fn the_worst_comes_first_unless_turned_round() {
        let worst_first = order(Sort::default());
        assert_eq!(worst_first.first().unwrap(), "typo01");
        let best_first = order(Sort {
            reversed: true,
            ..Sort::default()
        });
        assert_ne!(best_first.first().unwrap(), "typo01");
    }

    #[test]
    fn every_column_orders_and_the_cycle_returns() {
        let mut column = Column::default();
        for _ in Column::ALL {
            let sorted = order(Sort {
                column,
                reversed: false,
            });
            assert_eq!(sorted.len(), sample::rows().len());
            column = column.next();
        }
        assert_eq!(column, Column::default());
        assert_eq!(
            order(Sort {
                column: Column::Instance,
                reversed: false
            })[0],
            "crm"
        );
        assert_eq!(
            order(Sort {
                column: Column::Engine,
                reversed: false
            })[0],
            "reports"
        );
    }
}
