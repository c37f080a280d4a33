//! What a host was seen to list, open and answer goes to every row of that host.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Change, Ledger};
use crate::evidence::Audit;
use crate::monitor::{Happening, InstanceId};

impl Ledger {
    /// Rows that one audit is shown on: more than the 50 instances that a host may have.
    const AUDIENCE: usize = 64;

    /// The instances of the host of `id`, itself first, as many as an audit is shown on.
    /// Empty for one that is not watched.
    pub(in crate::monitor) fn of_one_host(&self, id: InstanceId) -> Vec<InstanceId> {
        let Some(host) = self.host(id) else {
            return Vec::new();
        };
        let others = self.tally.members(host).iter().copied();
        let others = others.filter(|other| *other != id);
        std::iter::once(id)
            .chain(others)
            .take(Self::AUDIENCE)
            .collect()
    }

    pub(super) fn audited(&mut self, at: Timestamp, id: InstanceId, audit: Audit) -> Vec<Change> {
        let audit = Arc::new(audit);
        let rows = self.of_one_host(id);
        let mut changes = self.learn_pairs(id, &audit);
        for id in &rows {
            if let Some(entry) = self.entries.get_mut(id) {
                entry.row.audit = Some(Arc::clone(&audit));
                entry.note(at, Happening::Audited);
            }
        }
        changes.extend(rows.into_iter().map(Change::Row));
        changes
    }
}
