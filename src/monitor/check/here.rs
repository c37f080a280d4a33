//! This machine, as all rows of one check see it: looked at now and then, not for each.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::evidence::Vantage;
use crate::monitor::schedule::Walk;

/// A cable that is pulled shows within this time.
const FRESH: Duration = Duration::from_secs(1);

/// This machine, and when it was looked at.
#[derive(Debug, Default)]
pub(super) struct Here(Mutex<Option<(Instant, Vantage)>>);

impl Here {
    /// This machine as it was a second ago at most.
    pub(super) fn vantage(&self, walk: &impl Walk) -> Vantage {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match &*known {
            Some((since, vantage)) if now.duration_since(*since) < FRESH => vantage.clone(),
            _ => known.insert((now, walk.vantage())).1.clone(),
        }
    }
}
