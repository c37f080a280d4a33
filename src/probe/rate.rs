//! The rate: how many new connections and datagrams leave this machine in a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One bucket for everything new that is sent, whoever sends it.
///
/// Packets are spaced evenly; after a pause at most a tenth of a second's worth
/// leaves at once. So no second holds more than the rate and that tenth.
pub struct Rate {
    pace: Option<Pace>,
}

struct Pace {
    interval: Duration,
    burst: Duration,
    /// When the next packet would leave at an even pace.
    next: Mutex<Option<Instant>>,
}

impl Rate {
    /// `None` lifts the limit; 0 is read as 1.
    pub fn new(per_second: Option<u32>) -> Self {
        let pace = per_second.map(|per_second| {
            let per_second = per_second.max(1);
            let interval = Duration::from_secs(1) / per_second;
            Pace {
                interval,
                burst: interval * (per_second / 10).saturating_sub(1),
                next: Mutex::new(None),
            }
        });
        Self { pace }
    }

    /// Waits until one more packet may leave.
    pub async fn take(&self) {
        if let Some(pace) = &self.pace {
            let leaves = pace.reserve(Instant::now());
            tokio::time::sleep_until(leaves.into()).await;
        }
    }
}

impl Pace {
    /// The moment at which a packet that is wanted `now` may leave.
    fn reserve(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let credit = now.checked_sub(self.burst).unwrap_or(now);
        let due = next.map_or(credit, |next| next.max(credit));
        *next = Some(due + self.interval);
        due.max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn departures(per_second: u32, wanted: usize) -> Vec<Duration> {
        let rate = Rate::new(Some(per_second));
        let pace = rate.pace.unwrap();
        let now = Instant::now();
        (0..wanted)
            .map(|_| pace.reserve(now).duration_since(now))
            .collect()
    }

    #[test]
    fn no_second_holds_more_than_the_rate_and_a_tenth() {
        let departures = departures(100, 500);
        for (index, start) in departures.iter().enumerate() {
            let within = departures[index..]
                .iter()
                .filter(|at| at.saturating_sub(*start) < Duration::from_secs(1))
                .count();
            assert!(within <= 110, "{within} packets within a second");
        }
        assert!(
            departures[499] <= Duration::from_secs(5),
            "the rate is used"
        );
    }

    #[test]
    fn a_rate_of_one_sends_one_a_second() {
        let seconds: Vec<_> = departures(1, 3).iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [0, 1, 2]);
    }

    #[test]
    fn a_long_pause_earns_no_more_than_the_burst() {
        let pace = Rate::new(Some(100)).pace.unwrap();
        let start = Instant::now();
        pace.reserve(start);
        let later = start + Duration::from_secs(3600);
        let at_once = (0..50).filter(|_| pace.reserve(later) == later).count();
        assert_eq!(at_once, 10);
    }
}
