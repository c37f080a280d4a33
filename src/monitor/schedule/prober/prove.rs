//! A fix that is put to the proof: its instance is probed at a quick pace, paused or not.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;

use super::Prober;
use crate::monitor::schedule::agenda::Why;
use crate::monitor::schedule::slots::jittered;
use crate::monitor::schedule::walk::Walk;
use crate::monitor::{Attempt, Event, InstanceId};

/// Most fixes show so soon, if at all.
const SOON: SignedDuration = SignedDuration::from_secs(30);
/// Time between two probes until then, and after.
const QUICK: Duration = Duration::from_secs(2);
const LESS_QUICK: Duration = Duration::from_secs(4);

impl<W: Walk> Prober<W> {
    /// Puts a fix to the proof, or calls that off.
    pub(super) fn verify(&mut self, id: InstanceId, attempt: Option<Attempt>) {
        self.fold(Event::Verified { id, attempt });
        if self.ledger.proving(id).is_some() {
            self.plan(id, Why::Verify, Instant::now());
        }
    }

    /// Plans what follows a probe: the next one of a proof, or that of the loop.
    pub(super) fn plan_next(&mut self, id: InstanceId) {
        let Some(began) = self.ledger.proving(id) else {
            self.plan_routine(id);
            return;
        };
        let is_soon = self.clock.now().duration_since(began) < SOON;
        let pace = if is_soon { QUICK } else { LESS_QUICK };
        let pace = pace.min(self.interval(id));
        let now = Instant::now();
        let started = self.agenda.started(id).unwrap_or(now);
        // One that ran into its deadline leaves some rest all the same.
        let next = (started + jittered(pace)).max(now + pace / 4);
        self.plan(id, Why::Verify, next);
    }
}
