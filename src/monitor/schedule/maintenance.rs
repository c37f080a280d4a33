//! Which windows of maintenance are open: looked at with a clock, told to the ledger as events.

use std::sync::Arc;

use jiff::Timestamp;

use crate::config::{Instance, Maintenance};
use crate::monitor::Maintained;

/// The windows of all that is watched.
#[derive(Debug, Default)]
pub(super) struct Windows {
    all: Vec<Arc<Maintenance>>,
    /// Until when each is open, as of the last look; `None` before the first.
    open: Option<Vec<Option<Timestamp>>>,
}

impl Windows {
    /// The windows of these instances, each once.
    pub fn of(instances: &[Arc<Instance>]) -> Self {
        let mut all: Vec<Arc<Maintenance>> = Vec::new();
        for window in instances.iter().flat_map(|one| &one.maintenance) {
            if !all.iter().any(|known| Arc::ptr_eq(known, window)) {
                all.push(Arc::clone(window));
            }
        }
        Self { all, open: None }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Looks at the clock. Returns whether one of them began or ended since the last look; the
    /// first look may find anything.
    pub fn turn(&mut self, at: Timestamp) -> bool {
        let now = self.all.iter().map(|window| window.open(at)).collect();
        self.open.as_ref() != Some(&now) && {
            self.open = Some(now);
            true
        }
    }
}

/// The window of an instance that is open longest; `None` where none is.
pub(super) fn window(instance: &Instance, at: Timestamp) -> Option<Maintained> {
    let open = instance.maintenance.iter().filter_map(|window| {
        Some(Maintained {
            name: window.name.clone(),
            until: window.open(at)?,
        })
    });
    open.max_by_key(|window| window.until)
}
