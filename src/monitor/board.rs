//! The newest row of each instance, and a list of what is dirty.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::{HashMap, HashSet};
use tokio::sync::Notify;

use super::{Incidents, InstanceId, Row};
use crate::diagnosis::Standing;

/// Rows that are taken in well under a millisecond: more are taken in portions, so that no key
/// waits for a whole fleet.
const HEAP: usize = 256;

/// One slot an instance, so that a flood of results coalesces and nothing grows.
/// Written by the prober's thread, read by the screen's.
#[derive(Debug, Default)]
pub struct Board {
    slots: Mutex<Slots>,
    news: Notify,
    /// Told only of what cannot wait.
    pressing: Notify,
}

/// What is new on the board since the last look.
#[derive(Clone, Debug, Default)]
pub struct News {
    /// The rows that changed.
    pub rows: Vec<Arc<Row>>,
    /// The order of the instances, where instances were added or removed.
    pub order: Option<Arc<[InstanceId]>>,
}

#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is news of another kind
struct Slots {
    rows: HashMap<InstanceId, Slot>,
    /// In the order of the configuration.
    order: Vec<InstanceId>,
    /// The same, to ask for one.
    ordered: HashSet<InstanceId>,
    reordered: bool,
    /// Each id once, however often its row changed.
    dirty: Vec<InstanceId>,
    standing: Standing,
    stands_anew: bool,
    incidents: Arc<Incidents>,
    grouped_anew: bool,
    /// A row that is dirty says something else than before.
    says_otherwise: bool,
}

#[derive(Debug)]
struct Slot {
    row: Arc<Row>,
    dirty: bool,
}

impl Board {
    /// Takes what is new. Empty when nothing is.
    pub fn take(&self) -> News {
        let mut slots = self.slots();
        let dirty = std::mem::take(&mut slots.dirty);
        let mut rows = Vec::with_capacity(dirty.len());
        for id in dirty {
            // An instance that was removed meanwhile is no news.
            if let Some(slot) = slots.rows.get_mut(&id) {
                slot.dirty = false;
                rows.push(Arc::clone(&slot.row));
            }
        }
        slots.stands_anew = false;
        slots.grouped_anew = false;
        slots.says_otherwise = false;
        let reordered = std::mem::take(&mut slots.reordered);
        // An instance is in the order as soon as it has a row, and not before.
        let with_row = |id: &InstanceId| slots.rows.contains_key(id).then_some(*id);
        News {
            rows,
            order: reordered.then(|| slots.order.iter().filter_map(with_row).collect()),
        }
    }

    /// Waits until something is new. Cancel safe; no wake-ups without news.
    pub async fn changed(&self) {
        until(&self.news, || self.slots().is_new()).await;
    }

    /// Waits until something is new that cannot wait for the next look: more than latencies,
    /// or so many of them that taking them at once would be felt. Cancel safe; a probe that
    /// saw what the one before it saw wakes nobody.
    pub async fn pressing(&self) {
        until(&self.pressing, || self.slots().is_pressing()).await;
    }

    /// All rows in the order of the configuration.
    pub fn rows(&self) -> Vec<Arc<Row>> {
        let slots = self.slots();
        let row = |id| slots.rows.get(id).map(|slot| Arc::clone(&slot.row));
        slots.order.iter().filter_map(row).collect()
    }

    /// How this machine's own network stands.
    pub fn standing(&self) -> Standing {
        self.slots().standing
    }

    /// Sets how this machine's own network stands. Called by the prober only.
    pub fn stand(&self, standing: Standing) {
        self.write(|slots| {
            slots.stands_anew |= slots.standing != standing;
            slots.standing = standing;
        });
    }

    /// Who fails together.
    pub fn incidents(&self) -> Arc<Incidents> {
        Arc::clone(&self.slots().incidents)
    }

    /// Sets who fails together. Called by the prober only, before it puts the rows that
    /// speak of it.
    pub fn group(&self, incidents: Arc<Incidents>) {
        self.write(|slots| {
            slots.incidents = incidents;
            slots.grouped_anew = true;
        });
    }

    /// Puts a row in its slot. Called by the prober only. A row of an instance that is
    /// not in the order yet is appended to it.
    pub fn put(&self, row: Arc<Row>) {
        self.write(|slots| slots.put(row));
    }

    /// Sets the order, and takes down the rows of instances that are not in it.
    /// Called by the prober only, before it puts the rows of new instances.
    pub fn arrange(&self, order: &[InstanceId]) {
        self.write(|slots| {
            slots.order = order.to_vec();
            slots.ordered = order.iter().copied().collect();
            slots.reordered = true;
            let Slots {
                rows,
                ordered,
                dirty,
                ..
            } = slots;
            rows.retain(|id, _| ordered.contains(id));
            rows.reserve(order.len() - rows.len());
            dirty.retain(|id| ordered.contains(id));
            dirty.reserve(order.len() - dirty.len());
        });
    }

    /// Wakes the screen when the first news comes, not for each that follows.
    fn write(&self, change: impl FnOnce(&mut Slots)) {
        let mut slots = self.slots();
        let (known, pressed) = (slots.is_new(), slots.is_pressing());
        change(&mut slots);
        let is_urgent = slots.is_pressing() && !pressed;
        drop(slots);
        if !known {
            self.news.notify_waiters();
        }
        if is_urgent {
            self.pressing.notify_waiters();
        }
    }

    /// A reader that panicked leaves nothing half done: every write is whole.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for the word that something is so.
async fn until(told: &Notify, is_so: impl Fn() -> bool) {
    loop {
        // Created before the look, so that a change between the two is not missed.
        let word = told.notified();
        if is_so() {
            return;
        }
        word.await;
    }
}

impl Slots {
    fn is_new(&self) -> bool {
        self.is_pressing() || !self.dirty.is_empty()
    }

    fn is_pressing(&self) -> bool {
        self.reordered
            || self.stands_anew
            || self.grouped_anew
            || self.says_otherwise
            || self.dirty.len() >= HEAP
    }

    fn put(&mut self, row: Arc<Row>) {
        let id = row.id;
        if let Some(slot) = self.rows.get_mut(&id) {
            self.says_otherwise = self.says_otherwise || !slot.row.says_the_same(&row);
            slot.row = row;
            if slot.dirty {
                return;
            }
            slot.dirty = true;
        } else {
            self.rows.insert(id, Slot { row, dirty: true });
            self.reordered = true;
            if self.ordered.insert(id) {
                self.order.push(id);
            }
        }
        self.dirty.push(id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Poll;

    use futures_util::poll;

    use super::{Board, HEAP};
    use crate::diagnosis::State;
    use crate::monitor::InstanceId;
    use crate::monitor::tests::row;

    fn put(board: &Board, id: u32, state: State) {
        let mut row = row(id, "db1");
        row.state = state;
        board.put(Arc::new(row));
    }

    #[test]
    fn a_flood_leaves_one_row_and_the_newest() {
        let board = Board::default();
        for state in State::ALL {
            put(&board, 7, state);
        }
        let news = board.take();
        assert_eq!(news.rows.len(), 1);
        assert_eq!(news.rows[0].state, State::Invalid);
        assert_eq!(news.order.as_deref(), Some(&[InstanceId(7)][..]));
        assert!(board.take().rows.is_empty());
    }

    #[test]
    fn the_order_is_news_only_when_it_changed() {
        let board = Board::default();
        board.arrange(&[InstanceId(2), InstanceId(1)]);
        put(&board, 1, State::Pending);
        put(&board, 2, State::Pending);
        assert_eq!(
            board.take().order.as_deref(),
            Some(&[InstanceId(2), InstanceId(1)][..])
        );
        put(&board, 1, State::Refused);
        assert_eq!(board.take().order, None);
        let ids: Vec<_> = board.rows().iter().map(|row| row.id.0).collect();
        assert_eq!(ids, [2, 1]);
    }

    #[test]
    fn an_instance_is_in_the_order_when_it_has_a_row() {
        let board = Board::default();
        board.arrange(&[InstanceId(1), InstanceId(2)]);
        put(&board, 2, State::Pending);
        assert_eq!(board.take().order.as_deref(), Some(&[InstanceId(2)][..]));
        put(&board, 1, State::Pending);
        let order = board.take().order;
        assert_eq!(order.as_deref(), Some(&[InstanceId(1), InstanceId(2)][..]));
    }

    #[test]
    fn an_instance_that_was_removed_is_gone_at_once() {
        let board = Board::default();
        put(&board, 1, State::Pending);
        put(&board, 2, State::Pending);
        board.arrange(&[InstanceId(2)]);
        let news = board.take();
        assert_eq!(
            news.rows.iter().map(|row| row.id.0).collect::<Vec<_>>(),
            [2]
        );
        assert_eq!(board.rows().len(), 1);
    }

    #[tokio::test]
    async fn the_screen_is_woken_once_for_many_changes() {
        let board = Board::default();
        let mut waiting = std::pin::pin!(board.changed());
        assert_eq!(poll!(&mut waiting), Poll::Pending);
        put(&board, 1, State::Pending);
        put(&board, 2, State::Pending);
        assert_eq!(poll!(&mut waiting), Poll::Ready(()));
        board.take();
        assert_eq!(poll!(std::pin::pin!(board.changed())), Poll::Pending);
    }

    #[tokio::test]
    async fn news_from_before_the_wait_end_it_at_once() {
        let board = Board::default();
        put(&board, 1, State::Pending);
        assert_eq!(poll!(std::pin::pin!(board.changed())), Poll::Ready(()));
        assert_eq!(board.take().rows.len(), 1, "a wait takes nothing");
    }

    #[tokio::test]
    async fn a_row_that_says_what_it_said_presses_nobody() {
        let board = Board::default();
        put(&board, 1, State::Answering);
        board.take();
        let mut pressing = std::pin::pin!(board.pressing());
        assert_eq!(poll!(&mut pressing), Poll::Pending);
        put(&board, 1, State::Answering);
        assert_eq!(poll!(&mut pressing), Poll::Pending, "latencies alone");
        assert_eq!(
            poll!(std::pin::pin!(board.changed())),
            Poll::Ready(()),
            "they are news all the same"
        );
        put(&board, 1, State::Refused);
        assert_eq!(poll!(&mut pressing), Poll::Ready(()));
        put(&board, 1, State::Refused);
        let again = std::pin::pin!(board.pressing());
        assert_eq!(poll!(again), Poll::Ready(()), "until it is taken");
        board.take();
        assert_eq!(poll!(std::pin::pin!(board.pressing())), Poll::Pending);
    }

    #[tokio::test]
    async fn many_rows_press_though_each_says_what_it_said() {
        let board = Board::default();
        let many = u32::try_from(HEAP).unwrap();
        (0..many).for_each(|id| put(&board, id, State::Answering));
        board.take();
        (1..many).for_each(|id| put(&board, id, State::Answering));
        let mut pressing = std::pin::pin!(board.pressing());
        assert_eq!(poll!(&mut pressing), Poll::Pending);
        put(&board, 0, State::Answering);
        assert_eq!(poll!(&mut pressing), Poll::Ready(()));
    }
}
