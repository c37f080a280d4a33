//! What the prober keeps on disk, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::{Doing, Done, Prober};
use crate::monitor::schedule::walk::Walk;
use crate::monitor::{InstanceId, Written};

/// How long the end waits for a write that is under way.
const LAST_WAIT: Duration = Duration::from_millis(400);
/// And for connections to close: each has been told that nothing more comes.
const CLOSING: Duration = Duration::from_millis(120);

impl<W: Walk> Prober<W> {
    pub(super) fn remember(&mut self, id: InstanceId) {
        let at = self.clock.now();
        if let Some(row) = self.ledger.row(id) {
            self.memory
                .remember(at, &row.instance, Arc::clone(&row.past));
        }
    }

    /// What is remembered of it and what its row says are one copy, from probe to probe.
    pub(super) fn renew(&mut self, id: InstanceId) {
        if let Some(row) = self.ledger.row(id) {
            self.memory.renew(&row.instance, &row.past);
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
        let closing = timeout(CLOSING, walk.finish());
        let _ = tokio::join!(closing, self.write_what_is_known());
    }

    /// Beside the connections that close, on a thread that may wait for the disk.
    async fn write_what_is_known(&mut self) {
        // A write that is under way must not end after the last one.
        let under_way = async {
            while self.saving {
                let ended = self.tasks.join_next_with_id().await;
                if let Some(Ok((_, Done::Saved(written)))) = ended {
                    self.saving = false;
                    self.saved(written);
                }
                self.saving &= !self.tasks.is_empty();
            }
        };
        if timeout(LAST_WAIT, under_way).await.is_err() {
            tracing::warn!("the disk is slow: what was learned last is not written");
            return;
        }
        self.remember_all();
        let Some(snapshot) = self.memory.snapshot() else {
            return;
        };
        match spawn_blocking(move || snapshot.write()).await {
            Ok(written) => self.saved(written),
            Err(error) => tracing::error!("the write of what is remembered ended: {error}"),
        }
    }
}
