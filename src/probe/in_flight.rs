//! Who is being asked right now: one at a time for each key, in the order of asking.

use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::HashMap;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Keys that are in use. Whoever wants a key that is in use waits for it. A clone sees the
/// same keys.
#[derive(Clone)]
pub struct InFlight<K: Hash + Eq + Clone> {
    turns: Turns<K>,
}

type Turns<K> = Arc<Mutex<HashMap<K, Arc<Turn<()>>>>>;

/// A key that is held, or waited for. Dropping it lets the next one in.
pub struct Held<K: Hash + Eq + Clone> {
    key: K,
    turns: Turns<K>,
    turn: Option<Arc<Turn<()>>>,
    permit: Option<OwnedMutexGuard<()>>,
}

impl<K: Hash + Eq + Clone> InFlight<K> {
    /// Nothing is in use.
    pub fn new() -> Self {
        Self {
            turns: Arc::default(),
        }
    }

    /// Waits until `key` is free and takes it.
    pub async fn hold(&self, key: K) -> Held<K> {
        let turn = Arc::clone(entries(&self.turns).entry(key.clone()).or_default());
        // Built before the wait, so that a wait that is given up tidies up as well.
        let mut held = Held {
            key,
            turns: Arc::clone(&self.turns),
            turn: Some(Arc::clone(&turn)),
            permit: None,
        };
        held.permit = Some(turn.lock_owned().await);
        held
    }

    /// How many keys are in use or waited for.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        entries(&self.turns).len()
    }
}

impl<K: Hash + Eq + Clone> Drop for Held<K> {
    fn drop(&mut self) {
        self.permit = None;
        self.turn = None;
        let mut entries = entries(&self.turns);
        if entries
            .get(&self.key)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            entries.remove(&self.key);
        }
    }
}

fn entries<K>(turns: &Turns<K>) -> MutexGuard<'_, HashMap<K, Arc<Turn<()>>>> {
    turns.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

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
}
