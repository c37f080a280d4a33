//! Looks at a host that several rows of one check want: taken once, read by all.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::evidence::{Test, Witness};
use crate::monitor::ledger::{for_sibling, is_shared};
use crate::target::Target;

/// A look stands for so long for the others of its host.
const FRESH: Duration = Duration::from_secs(30);
/// Whoever asks for all that can be looked at is shown nothing older.
const FRESH_BY_HAND: Duration = Duration::from_secs(5);
/// So many are remembered, however long the list.
const MOST: usize = 1024;

/// The newest looks at hosts, oldest first.
#[derive(Debug, Default)]
pub(super) struct SharedLooks(Mutex<VecDeque<Taken>>);

#[derive(Debug)]
struct Taken {
    test: Test,
    since: Instant,
    /// Filled by whoever comes first; the others wait for it.
    witness: Arc<OnceCell<Witness>>,
}

impl SharedLooks {
    /// Takes a look, or reads what another row is just shown or was shown lately.
    pub(super) async fn take<Look: Future<Output = Witness>>(
        &self,
        test: Test,
        target: &Target,
        by_hand: bool,
        look: impl FnOnce() -> Look,
    ) -> Witness {
        if !is_shared(test) {
            return look().await;
        }
        let fresh = if by_hand { FRESH_BY_HAND } else { FRESH };
        let place = self.place(test, fresh);
        let witness = place.get_or_init(look).await;
        for_sibling(witness, target).unwrap_or_else(|| witness.clone())
    }

    fn place(&self, test: Test, fresh: Duration) -> Arc<OnceCell<Witness>> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |taken: &Taken| taken.since.elapsed() > FRESH;
        while taken.len() >= MOST || taken.front().is_some_and(is_old) {
            taken.pop_front();
        }
        let is_fresh = |taken: &&Taken| taken.test == test && taken.since.elapsed() <= fresh;
        if let Some(known) = taken.iter().rev().find(is_fresh) {
            return Arc::clone(&known.witness);
        }
        let witness = Arc::new(OnceCell::new());
        taken.push_back(Taken {
            test,
            since: Instant::now(),
            witness: Arc::clone(&witness),
        });
        witness
    }
}
