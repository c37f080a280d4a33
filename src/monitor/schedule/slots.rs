//! When a host is due: its instances are probed together, cycle after cycle, so that one
//! answer of its Browser serves them all.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::monitor::ledger::neighbours::HostKey;

/// The next times of every host, for each interval that its instances have.
#[derive(Debug, Default)]
pub(super) struct Slots(HashMap<(HostKey, Duration), VecDeque<Instant>>);

impl Slots {
    /// The first slot of a host from `earliest` on. The slots of a host that has none to
    /// come begin where its instance `started`.
    pub(super) fn next(
        &mut self,
        host: &HostKey,
        interval: Duration,
        started: Instant,
        earliest: Instant,
    ) -> Instant {
        let to_come = self.0.entry((host.clone(), interval)).or_default();
        drop_past(to_come);
        let mut last = to_come.back().copied().unwrap_or(started);
        while last < earliest {
            last += jittered(interval);
            to_come.push_back(last);
        }
        to_come
            .iter()
            .copied()
            .find(|slot| *slot >= earliest)
            .unwrap_or(last)
    }

    /// Forgets the hosts that nobody waits for.
    pub(super) fn tidy(&mut self) {
        self.0.retain(|_, to_come| {
            drop_past(to_come);
            !to_come.is_empty()
        });
    }
}

fn drop_past(slots: &mut VecDeque<Instant>) {
    let now = Instant::now();
    while slots.front().is_some_and(|slot| *slot <= now) {
        slots.pop_front();
    }
}

/// Jitter keeps hosts apart that began together.
pub(super) fn jittered(interval: Duration) -> Duration {
    let interval = interval.max(Duration::from_millis(100));
    interval.mul_f64(0.95 + fastrand::f64() / 10.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::Slots;
    use crate::monitor::ledger::neighbours::HostKey;

    const INTERVAL: Duration = Duration::from_secs(30);

    fn host(name: &str) -> HostKey {
        HostKey::Name(name.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn instances_of_a_host_share_its_slots_and_a_late_one_takes_the_next() {
        let mut slots = Slots::default();
        let start = Instant::now();
        let mut next = |name, after| {
            let earliest = start + Duration::from_secs(after);
            slots.next(&host(name), INTERVAL, start, earliest)
        };
        let first = next("a", 8);
        assert!((28.4..31.6).contains(&(first - start).as_secs_f64()));
        assert_eq!(next("a", 20), first);
        let second = next("a", 35);
        assert!((28.4..31.6).contains(&(second - first).as_secs_f64()));
        assert_eq!(
            next("a", 8),
            first,
            "one that skips a slot takes nobody along"
        );
        assert_ne!(next("b", 8), first);
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_that_nobody_waits_for_are_forgotten() {
        let mut slots = Slots::default();
        let start = Instant::now();
        slots.next(&host("a"), INTERVAL, start, start + INTERVAL);
        slots.tidy();
        assert_eq!(slots.0.len(), 1);
        advance(INTERVAL * 4).await;
        slots.tidy();
        assert!(slots.0.is_empty());
    }
}
