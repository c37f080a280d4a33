//! The newest row of each instance, and a list of what is dirty.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::{HashMap, HashSet};
use tokio::sync::Notify;

use super::{Incidents, InstanceId, Row};
use crate::diagnosis::Standing;

/// Rows that are taken in well under a millisecond: more are taken in portions, so that no key
/// waits for a whole fleet.
const HEAP: usize = 256;

/// Rows that are taken in a few milliseconds, as much as a key may wait for without being felt.
const PORTION: usize = 1024;

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
    /// Rows that the screen has newer ones of, until the next write: no more than were taken
    /// since the last.
    given_back: Vec<Arc<Row>>,
}

#[derive(Debug)]
struct Slot {
    row: Arc<Row>,
    dirty: bool,
}

impl Board {
    /// Takes what is new. Empty when nothing is.
    pub fn take(&self) -> News {
        self.slots().take(usize::MAX)
    }

    /// Takes what is new, the rows that changed first and no more of them than are quickly
    /// taken in. Returns whether others are left, which go on being news. All of it, where
    /// instances were added or removed.
    pub fn take_portion(&self) -> (News, bool) {
        let mut slots = self.slots();
        let most = if slots.reordered { usize::MAX } else { PORTION };
        let news = slots.take(most);
        let is_more = !slots.dirty.is_empty();
        (news, is_more)
    }

    /// Takes rows back from whoever has newer ones. The prober drops them, who made them: a
    /// thread that frees much of what another one allocates waits for it again and again.
    pub fn give_back(&self, mut rows: Vec<Arc<Row>>) {
        if !rows.is_empty() {
            self.slots().given_back.append(&mut rows);
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
        let given_back = std::mem::take(&mut slots.given_back);
        drop(slots);
        drop(given_back);
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
    /// Takes so many rows at most, and all else that is new.
    fn take(&mut self, most: usize) -> News {
        let taken = self.dirty.len().min(most);
        let mut rows = Vec::with_capacity(taken);
        for id in self.dirty.drain(..taken) {
            // An instance that was removed meanwhile is no news.
            if let Some(slot) = self.rows.get_mut(&id) {
                slot.dirty = false;
                rows.push(Arc::clone(&slot.row));
            }
        }
        self.stands_anew = false;
        self.grouped_anew = false;
        // Of those that are left that is not known.
        self.says_otherwise &= !self.dirty.is_empty();
        let reordered = std::mem::take(&mut self.reordered);
        // An instance is in the order as soon as it has a row, and not before.
        let with_row = |id: &InstanceId| self.rows.contains_key(id).then_some(*id);
        News {
            rows,
            order: reordered.then(|| self.order.iter().filter_map(with_row).collect()),
        }
    }

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

    use super::{Board, HEAP, PORTION};
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
    fn a_row_that_was_given_back_is_gone_with_the_next_write() {
        let board = Board::default();
        put(&board, 1, State::Pending);
        let old = board.take().rows;
        let held = Arc::downgrade(&old[0]);
        put(&board, 1, State::Refused);
        board.give_back(old);
        assert!(held.upgrade().is_some());
        put(&board, 1, State::Answering);
        assert!(held.upgrade().is_none());
    }

    #[test]
    fn a_flood_is_taken_in_portions_the_oldest_first() {
        let board = Board::default();
        let count = u32::try_from(2 * PORTION + 1).unwrap();
        for id in 0..count {
            put(&board, id, State::Pending);
        }
        let (all, is_more) = board.take_portion();
        assert_eq!((all.rows.len(), is_more), (2 * PORTION + 1, false));
        for id in 0..count {
            put(&board, id, State::Refused);
        }
        let mut first = Vec::new();
        let mut left = 2 * PORTION + 1;
        loop {
            let (news, is_more) = board.take_portion();
            first.push(news.rows[0].id.0);
            left -= news.rows.len();
            if !is_more {
                break;
            }
        }
        let portion = u32::try_from(PORTION).unwrap();
        assert_eq!((first, left), (vec![0, portion, 2 * portion], 0));
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
