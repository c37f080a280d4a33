//! Who is being asked right now: one at a time for each key, in the order of asking.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;
use tokio::sync::oneshot;

/// Keys that are in use. Whoever wants a key that is in use waits for it. A clone sees the
/// same keys.
#[derive(Clone)]
pub struct InFlight<K: Hash + Eq + Clone> {
    keys: Keys<K>,
}

/// Each key that is held, and those that wait for it.
type Keys<K> = Arc<Mutex<HashMap<K, VecDeque<oneshot::Sender<Held<K>>>>>>;

/// A key that is held. Dropping it lets the next one in.
pub struct Held<K: Hash + Eq + Clone> {
    key: K,
    keys: Keys<K>,
}

impl<K: Hash + Eq + Clone> InFlight<K> {
    /// Nothing is in use.
    pub fn new() -> Self {
        Self {
            keys: Arc::default(),
        }
    }

    /// Waits until `key` is free and takes it.
    pub async fn hold(&self, key: K) -> Held<K> {
        let held = |key| Held {
            key,
            keys: Arc::clone(&self.keys),
        };
        let turn = match lock(&self.keys).entry(key.clone()) {
            Entry::Vacant(free) => {
                free.insert(VecDeque::new());
                return held(key);
            }
            Entry::Occupied(mut taken) => {
                let (handed, turn) = oneshot::channel();
                taken.get_mut().push_back(handed);
                turn
            }
        };
        // Nobody forgets those that wait.
        turn.await.unwrap_or_else(|_| held(key))
    }

    /// How many keys are in use.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        lock(&self.keys).len()
    }
}

impl<K: Hash + Eq + Clone> Drop for Held<K> {
    fn drop(&mut self) {
        let mut keys = lock(&self.keys);
        let next = keys.get_mut(&self.key).and_then(|waiting| {
            let gave_up = |next: &&oneshot::Sender<_>| next.is_closed();
            let gave_up = waiting.iter().take_while(gave_up).count();
            waiting.drain(..gave_up);
            waiting.pop_front()
        });
        if let Some(next) = next {
            drop(keys);
            // Whoever gives up right now drops it, and so hands it on.
            let _ = next.send(Self {
                key: self.key.clone(),
                keys: Arc::clone(&self.keys),
            });
        } else {
            keys.remove(&self.key);
        }
    }
}

fn lock<K, V>(keys: &Mutex<HashMap<K, V>>) -> MutexGuard<'_, HashMap<K, V>> {
    keys.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_key_is_held_by_one_at_a_time() {
        let in_flight = Arc::new(InFlight::new());
        let inside = Arc::new(AtomicUsize::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (in_flight, inside) = (Arc::clone(&in_flight), Arc::clone(&inside));
            tasks.spawn(async move {
                let _held = in_flight.hold("db1").await;
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        assert_eq!(in_flight.len(), 0);
    }

    #[tokio::test]
    async fn other_keys_do_not_wait() {
        let in_flight = InFlight::new();
        let _one = in_flight.hold(1).await;
        let _two = in_flight.hold(2).await;
        assert_eq!(in_flight.len(), 2);
    }

    #[tokio::test]
    async fn a_wait_that_is_given_up_leaves_nothing_behind() {
        let in_flight = InFlight::new();
        let held = in_flight.hold(1).await;
        let waited = tokio::time::timeout(Duration::from_millis(1), in_flight.hold(1)).await;
        assert!(waited.is_err());
        drop(held);
        assert_eq!(in_flight.len(), 0);
    }

    #[tokio::test]
    async fn the_turn_passes_over_those_that_gave_up() {
        let in_flight = InFlight::new();
        let held = in_flight.hold(1).await;
        let mut waits = [0, 1, 2].map(|_| Box::pin(in_flight.hold(1)));
        for wait in &mut waits {
            assert!(wait.as_mut().now_or_never().is_none());
        }
        let [first, second, third] = waits;
        drop(first);
        drop(held);
        // It was handed the turn, and never took it.
        drop(second);
        assert_eq!(in_flight.len(), 1);
        drop(third.await);
        assert_eq!(in_flight.len(), 0);
    }
}
