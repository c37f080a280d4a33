//! Who does the work of a check: tasks that each take one instance after the other, so that the
//! next probe has the memory of the last one, and its caches.

use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use tokio::sync::Notify;
use tokio::task::{JoinSet, yield_now};

use crate::config::Instance;
use crate::monitor::row::pending;
use crate::monitor::{InstanceId, Row};

/// An instance, and its place in the list.
type Job = (InstanceId, Arc<Instance>);

/// The workers of one check. They end with their owner.
pub(super) struct Crew<Probe> {
    probe: Probe,
    floor: Arc<Floor>,
    workers: JoinSet<()>,
    /// Taken on, and the row not handed over yet.
    under_way: usize,
}

/// Where the workers take what is to be done, and leave what they have.
#[derive(Default)]
struct Floor {
    desk: Mutex<Desk>,
    /// There are rows.
    news: Notify,
}

#[derive(Default)]
struct Desk {
    to_do: VecDeque<Job>,
    rows: Vec<Arc<Row>>,
    workers: usize,
}

impl<Probe, Probing> Crew<Probe>
where
    Probe: Fn(InstanceId, Arc<Instance>) -> Probing + Clone + Send + 'static,
    Probing: Future<Output = Arc<Row>> + Send + 'static,
{
    /// Workers who probe like this. There is none before there is work.
    pub(super) fn new(probe: Probe) -> Self {
        Self {
            probe,
            floor: Arc::default(),
            workers: JoinSet::new(),
            under_way: 0,
        }
    }

    /// How many instances were given whose rows were not taken.
    pub(super) fn under_way(&self) -> usize {
        self.under_way
    }

    /// Has an instance probed.
    pub(super) fn give(&mut self, id: InstanceId, instance: Arc<Instance>) {
        self.under_way += 1;
        let mut desk = self.floor.desk();
        desk.to_do.push_back((id, instance));
        // Whoever waits for an answer takes nothing else.
        if desk.workers < self.under_way {
            desk.workers += 1;
            drop(desk);
            while self.workers.try_join_next().is_some() {}
            let (floor, probe) = (Arc::clone(&self.floor), self.probe.clone());
            self.workers.spawn(async move { floor.work(probe).await });
        }
    }

    /// Waits for rows, and puts them where there were none.
    pub(super) async fn rows(&mut self, into: &mut Vec<Arc<Row>>) {
        loop {
            mem::swap(into, &mut self.floor.desk().rows);
            if !into.is_empty() {
                self.under_way -= into.len();
                return;
            }
            self.floor.news.notified().await;
        }
    }
}

impl Floor {
    /// Does what there is to do, until there is nothing.
    async fn work<Probing: Future<Output = Arc<Row>>>(
        &self,
        probe: impl Fn(InstanceId, Arc<Instance>) -> Probing,
    ) {
        while let Some((id, instance)) = self.next() {
            let probing = AssertUnwindSafe(probe(id, Arc::clone(&instance)));
            let row = probing
                .catch_unwind()
                .await
                .unwrap_or_else(|_| without_result(id, instance));
            self.desk().rows.push(row);
            self.news.notify_one();
            // Else one worker would do all that is answered at once, and nothing would be read.
            yield_now().await;
        }
    }

    /// What is to be done next. Whoever finds nothing goes.
    fn next(&self) -> Option<Job> {
        let mut desk = self.desk();
        let next = desk.to_do.pop_front();
        desk.workers -= usize::from(next.is_none());
        next
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of a probe that panicked. What it said is in the log already.
fn without_result(id: InstanceId, instance: Arc<Instance>) -> Arc<Row> {
    tracing::error!("the probe of {} panicked", instance.name);
    let mut row = pending(id, instance);
    row.marks.stale = true;
    Arc::new(row)
}
