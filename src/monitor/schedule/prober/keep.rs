//! What the prober keeps on disk, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{Doing, Done, Prober};
use crate::monitor::schedule::walk::Walk;
use crate::monitor::{InstanceId, Written};

/// How long the end waits for a write that is under way, and for connections to close.
const LAST_WAIT: Duration = Duration::from_millis(400);

impl<W: Walk> Prober<W> {
    pub(super) fn remember(&mut self, id: InstanceId) {
        let at = self.clock.now();
        if let Some(row) = self.ledger.row(id) {
            self.memory
                .remember(at, &row.instance, Arc::clone(&row.past));
        }
    }

    pub(super) fn remember_all(&mut self) {
        for id in self.ledger.order().to_vec() {
            self.remember(id);
        }
    }

    /// Writes the memory on a thread that may wait for the disk.
    pub(super) fn save(&mut self) {
        if self.saving {
            return;
        }
        if let Some(snapshot) = self.memory.snapshot() {
            let task = self
                .tasks
                .spawn_blocking(move || Done::Saved(snapshot.write()));
            self.doing.insert(task.id(), Doing::Save);
            self.saving = true;
        }
    }

    pub(super) fn saved(&mut self, written: Written) {
        if let Err(error) = self.memory.written(written) {
            tracing::warn!("cannot write what is remembered: {error}");
        }
    }

    /// Closes what is open in order, and writes what is known.
    pub(super) async fn say_farewell(&mut self) {
        self.tasks.abort_all();
        let walk = Arc::clone(&self.walk);
        let closing = timeout(LAST_WAIT, walk.finish());
        // A write that is under way must not end after the last one.
        let writing = timeout(LAST_WAIT, async {
            while self.saving {
                let ended = self.tasks.join_next_with_id().await;
                if let Some(Ok((_, Done::Saved(written)))) = ended {
                    self.saving = false;
                    self.saved(written);
                }
                self.saving &= !self.tasks.is_empty();
            }
        });
        let (_, written) = tokio::join!(closing, writing);
        if written.is_err() {
            tracing::warn!("the disk is slow: what was learned last is not written");
            return;
        }
        self.remember_all();
        if let Err(error) = self.memory.save() {
            tracing::warn!("cannot write what is remembered: {error}");
        }
    }
}
