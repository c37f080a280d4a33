//! This machine, as all rows of one check see it: looked at now and then, not for each.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::diagnosis::Surroundings;
use crate::monitor::schedule::Walk;

/// A cable that is pulled shows within this time.
const FRESH: Duration = Duration::from_secs(1);

/// This machine, and when it was looked at.
#[derive(Debug, Default)]
pub(super) struct Here(Mutex<Option<(Instant, Arc<Surroundings>)>>);

impl Here {
    /// This machine as it was a second ago at most: all that surrounds a row of a check.
    pub(super) fn surroundings(&self, walk: &impl Walk) -> Arc<Surroundings> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match &*known {
            Some((since, here)) if now.duration_since(*since) < FRESH => Arc::clone(here),
            _ => {
                let here = Arc::new(Surroundings {
                    vantage: walk.vantage(),
                    ..Surroundings::default()
                });
                Arc::clone(&known.insert((now, here)).1)
            }
        }
    }
}
