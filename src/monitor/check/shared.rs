//! Looks at a host that several rows of one check want: taken once, read by all.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::evidence::{Test, Witness};

/// A look stands for so long for the others of its host.
const FRESH: Duration = Duration::from_secs(30);
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
        look: impl FnOnce() -> Look,
    ) -> Witness {
        // A list of Browser is read for one instance, and a walk leads to one port.
        if !matches!(test, Test::ClosedPort { .. } | Test::Port { .. }) {
            return look().await;
        }
        self.place(test).get_or_init(look).await.clone()
    }

    fn place(&self, test: Test) -> Arc<OnceCell<Witness>> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |taken: &Taken| taken.since.elapsed() > FRESH;
        while taken.len() >= MOST || taken.front().is_some_and(is_old) {
            taken.pop_front();
        }
        if let Some(known) = taken.iter().find(|taken| taken.test == test) {
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
