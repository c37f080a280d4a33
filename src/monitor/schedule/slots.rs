//! When a host is due: its instances are probed together, cycle after cycle, so that one
//! answer of its Browser serves them all. All hosts share a grid of moments, so that one
//! wake-up of the program serves several.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::monitor::ledger::neighbours::HostKey;

/// The widest that the moments of the grid lie apart: nobody sees the difference, and the
/// rate lets a tenth of a second's worth leave at once.
const GRID: Duration = Duration::from_millis(100);

/// The next times of every host, for each interval that its instances have.
#[derive(Debug)]
pub(super) struct Slots {
    to_come: HashMap<(HostKey, Duration), VecDeque<Instant>>,
    /// A moment of the grid.
    origin: Instant,
}

impl Default for Slots {
    fn default() -> Self {
        Self {
            to_come: HashMap::new(),
            origin: Instant::now(),
        }
    }
}

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
        let to_come = self.to_come.entry((host.clone(), interval)).or_default();
        drop_past(to_come);
        let mut last = to_come.back().copied().unwrap_or(started);
        while last < earliest {
            last = on_the_grid(self.origin, last + jittered(interval), interval);
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
        self.to_come.retain(|_, to_come| {
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

/// The moment of the grid that is nearest; finer than the jitter, however short the interval.
fn on_the_grid(origin: Instant, moment: Instant, interval: Duration) -> Instant {
    let step = (interval / 50).min(GRID).as_nanos();
    let since = moment.saturating_duration_since(origin).as_nanos();
    let Some(steps) = (since + step / 2).checked_div(step) else {
        return moment;
    };
    u64::try_from(steps * step).map_or(moment, |since| origin + Duration::from_nanos(since))
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

    use super::{Slots, on_the_grid};
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
        let others = ["b", "c", "d", "e", "f", "g"].map(|name| next(name, 8));
        assert!(
            others.iter().any(|slot| *slot != first),
            "a slot of its own"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_that_nobody_waits_for_are_forgotten() {
        let mut slots = Slots::default();
        let start = Instant::now();
        slots.next(&host("a"), INTERVAL, start, start + INTERVAL);
        slots.tidy();
        assert_eq!(slots.to_come.len(), 1);
        advance(INTERVAL * 4).await;
        slots.tidy();
        assert!(slots.to_come.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn many_hosts_share_a_few_moments() {
        let mut slots = Slots::default();
        let interval = Duration::from_secs(5);
        let mut moments = std::collections::BTreeSet::new();
        for n in 0..200 {
            let started = Instant::now();
            let first = slots.next(
                &host(&n.to_string()),
                interval,
                started,
                started + interval / 2,
            );
            let after = first.duration_since(started).as_secs_f64();
            assert!((4.7..5.3).contains(&after), "{after}");
            moments.insert(first);
            advance(Duration::from_millis(25)).await;
        }
        // From 4.75 to 10.25 s, ten a second.
        assert!(moments.len() <= 57, "{}", moments.len());
    }

    #[test]
    fn a_short_interval_has_a_fine_grid() {
        let origin = Instant::now();
        for (interval, step) in [
            (60_000, 100_000),
            (5_000, 100_000),
            (1_000, 20_000),
            (100, 2_000),
        ] {
            let moment = origin + Duration::from_micros(7 * step + step / 3);
            let there = on_the_grid(origin, moment, Duration::from_millis(interval));
            assert_eq!(
                there,
                origin + Duration::from_micros(7 * step),
                "{interval}"
            );
        }
    }
}
