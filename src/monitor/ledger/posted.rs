//! The row of an instance, which the ledger writes and others show: one for both, until the
//! next change.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::monitor::Row;

/// A row that is copied when it is written to while somebody else holds it.
#[derive(Clone, Debug)]
pub(super) struct Posted(Arc<Row>);

impl Posted {
    pub(super) fn new(row: Row) -> Self {
        Self(Arc::new(row))
    }

    /// The row, from whoever no longer writes to it.
    pub(super) fn into_row(self) -> Arc<Row> {
        self.0
    }

    /// The row as it is now, for whoever shows it.
    pub(super) fn share(&self) -> Arc<Row> {
        Arc::clone(&self.0)
    }
}

impl Deref for Posted {
    type Target = Row;

    fn deref(&self) -> &Row {
        &self.0
    }
}

impl DerefMut for Posted {
    fn deref_mut(&mut self) -> &mut Row {
        Arc::make_mut(&mut self.0)
    }
}
