//! The rate: how many new connections and datagrams leave this machine in a second.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// One bucket for everything new that is sent, whoever sends it.
///
/// Packets are spaced evenly; after a pause at most a tenth of a second's worth
/// leaves at once. So no second holds more than the rate and that tenth.
pub struct Rate {
    /// Packets in a second; 0 lifts the limit.
    per_second: AtomicU32,
    /// When the next packet would leave at an even pace. Whoever is next holds it until
    /// its moment has come, so that a program that stood still (stopped in the shell,
    /// asleep with its machine) goes on at the pace, and not with all that waited.
    next: Mutex<Option<Instant>>,
}

impl Rate {
    /// `None` lifts the limit; 0 is read as 1.
    pub fn new(per_second: Option<u32>) -> Self {
        let rate = Self {
            per_second: AtomicU32::default(),
            next: Mutex::new(None),
        };
        rate.change(per_second);
        rate
    }

    /// Packets in a second, as it is now; `None`: no limit.
    pub fn per_second(&self) -> Option<u32> {
        Some(self.per_second.load(Ordering::Relaxed)).filter(|rate| *rate > 0)
    }

    /// Another rate from the next packet on; whoever waits already does so at the old one.
    pub fn change(&self, per_second: Option<u32>) {
        let per_second = per_second.map_or(0, |per_second| per_second.max(1));
        self.per_second.store(per_second, Ordering::Relaxed);
    }

    /// Waits until one more packet may leave, in the order of asking.
    pub async fn take(&self) {
        if self.per_second.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut next = self.next.lock().await;
        if let Some(due) = *next {
            sleep_until(due).await;
        }
        *next = after(
            *next,
            Instant::now(),
            self.per_second.load(Ordering::Relaxed),
        );
    }
}

/// When the next one may leave, after one that was due then leaves `now`. `None`: at once.
fn after(due: Option<Instant>, now: Instant, per_second: u32) -> Option<Instant> {
    let interval = Duration::from_secs(1).checked_div(per_second)?;
    let burst = interval * (per_second / 10).saturating_sub(1);
    let credit = now.checked_sub(burst).unwrap_or(now);
    Some(due.map_or(credit, |due| due.max(credit)) + interval)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::future::join_all;

    use super::*;

    /// When so many packets leave that are wanted at once.
    async fn departures(rate: &Arc<Rate>, wanted: usize) -> Vec<Duration> {
        let start = Instant::now();
        let taking = (0..wanted).map(|_| async {
            rate.take().await;
            start.elapsed()
        });
        join_all(taking).await
    }

    fn most_in_a_second(departures: &[Duration]) -> usize {
        let within = |start: &Duration| {
            let since = departures.iter().filter(|at| *at >= start);
            since
                .filter(|at| at.saturating_sub(*start) < Duration::from_secs(1))
                .count()
        };
        departures.iter().map(within).max().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_than_the_rate_and_a_tenth() {
        let rate = Arc::new(Rate::new(Some(100)));
        let departures = departures(&rate, 500).await;
        let most = most_in_a_second(&departures);
        assert!(most <= 110, "{most} packets within a second");
        assert!(
            departures[499] <= Duration::from_secs(5),
            "the rate is used"
        );
    }

    /// Stopped in the shell, or asleep with the machine.
    #[tokio::test(start_paused = true)]
    async fn what_waited_while_the_program_stood_still_does_not_leave_at_once() {
        let rate = Arc::new(Rate::new(Some(100)));
        let waiting = {
            let rate = Arc::clone(&rate);
            tokio::spawn(async move { departures(&rate, 500).await })
        };
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_secs(60)).await;
        let most = most_in_a_second(&waiting.await.unwrap());
        assert!(most <= 110, "{most} packets within a second");
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_of_one_sends_one_a_second() {
        let departures = departures(&Arc::new(Rate::new(Some(1))), 3).await;
        let seconds: Vec<_> = departures.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_pause_earns_no_more_than_the_burst() {
        let rate = Arc::new(Rate::new(Some(100)));
        rate.take().await;
        tokio::time::advance(Duration::from_secs(3600)).await;
        let departures = departures(&rate, 50).await;
        let at_once = departures.iter().filter(|at| at.is_zero()).count();
        assert_eq!(at_once, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nobody_waits() {
        let departures = departures(&Arc::new(Rate::new(None)), 1000).await;
        assert!(departures[999].is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn another_rate_holds_for_all_that_come_after() {
        let rate = Arc::new(Rate::new(Some(1)));
        let taken: Vec<_> = departures(&rate, 3).await;
        assert_eq!(taken[2], Duration::from_secs(2));
        rate.change(Some(10));
        let taken = departures(&rate, 12).await;
        // The first still waits for the slow pace before it.
        assert_eq!(taken[0], Duration::from_secs(1));
        assert_eq!(taken[11], Duration::from_millis(2_100));
        rate.change(None);
        assert!(departures(&rate, 100).await[99].is_zero());
    }
}
