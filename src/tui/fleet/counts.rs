//! How many instances are in which condition: kept up to date row by row.

use crate::diagnosis::State;
use crate::monitor::Row;

/// How many instances are in which condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// `answering`, `ready` or `open`.
    pub well: usize,
    /// `degraded`.
    pub degraded: usize,
    /// Failing, not acknowledged, and in no window of maintenance.
    pub down: usize,
    /// Failing or degraded, and somebody took notice.
    pub acknowledged: usize,
    /// Failing or degraded, in a window of maintenance and not acknowledged.
    pub maintenance: usize,
    /// Nobody knows how they are now; not counted among the others.
    pub stale: usize,
    /// No result yet.
    pub pending: usize,
    /// Not probed, because the target cannot be.
    pub invalid: usize,
    /// Going up and down in short turns; counted above as well, as they are now.
    pub flapping: usize,
}

impl Counts {
    pub(super) fn add(&mut self, row: &Row) {
        *self.of(row) += 1;
        self.flapping += flaps(row);
    }

    /// Takes out a row that was added as it is now.
    pub(super) fn remove(&mut self, row: &Row) {
        *self.of(row) -= 1;
        self.flapping -= flaps(row);
    }

    fn of(&mut self, row: &Row) -> &mut usize {
        let noticed = row.marks.acknowledged.is_some();
        let maintained = row.marks.maintenance.is_some();
        match row.state {
            State::Pending => &mut self.pending,
            State::Invalid => &mut self.invalid,
            _ if row.marks.stale => &mut self.stale,
            state if noticed && (state.is_failing() || state == State::Degraded) => {
                &mut self.acknowledged
            }
            state if maintained && (state.is_failing() || state == State::Degraded) => {
                &mut self.maintenance
            }
            State::Degraded => &mut self.degraded,
            state if state.is_failing() => &mut self.down,
            _ => &mut self.well,
        }
    }
}

/// Of one that is stale nobody knows whether it still does.
fn flaps(row: &Row) -> usize {
    usize::from(!row.marks.stale && row.flapping().is_some())
}
