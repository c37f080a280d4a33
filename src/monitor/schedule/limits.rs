//! How much at once, and how fast: what this machine and the configuration allow.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{Probe, Timeout};
use crate::policy::Policy;
use crate::probe::{Deadlines, Depth, Settings, descriptors};

/// Probes that may be in flight at once: as many as there are sockets, for those that hang
/// must not keep the others waiting. One that needs several waits for them by itself, and
/// what waits for a low rate need not wait in flight, where its deadline runs.
pub fn in_flight_limit(rate: Option<u32>) -> usize {
    let rate = rate.and_then(|rate| usize::try_from(rate).ok());
    let at_this_rate = rate.map_or(usize::MAX, |rate| rate.saturating_mul(12));
    descriptors::places().min(at_this_rate).max(4)
}

/// The same in the loop, where none may wait for others longer than it may take.
pub(super) fn loop_limit(rate: Option<u32>) -> usize {
    in_flight_limit(rate).min(1024)
}

/// The deadlines of the configuration, as the probe takes them.
pub(in crate::monitor) fn deadlines(timeout: &Timeout) -> Deadlines {
    Deadlines {
        resolve: timeout.resolve,
        browser: timeout.browser,
        connect: timeout.connect,
        prelogin: timeout.prelogin,
    }
}

/// What the network is told by the configuration, and by this machine's policy.
pub fn network_settings(probe: &Probe, policy: &Arc<Policy>) -> Settings {
    Settings {
        deadlines: deadlines(&probe.timeout),
        rate: probe.rate,
        policy: Arc::clone(policy),
        browser_port: probe.browser_port,
        dns_servers: probe.dns_servers.clone(),
        hosts_file: None,
        depth: Depth::Prelogin,
    }
}

/// The least time in which so many instances are probed once at this rate.
pub fn round(rate: Option<u32>, count: usize) -> Duration {
    Pace::new(rate).cycle(count)
}

/// How the probes of a list are spread in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// Time between two probes that keeps the rate.
    step: Duration,
}

impl Pace {
    /// Packets that count against the rate, for one probe of a healthy instance.
    const COST: u32 = 2;
    /// So many start at once: a screen full of rows, and less than any rate notices.
    const AT_ONCE: usize = 50;

    /// The pace that keeps `rate`.
    pub(super) fn new(rate: Option<u32>) -> Self {
        let step = match rate {
            Some(rate) => Duration::from_secs(1) * Self::COST / rate.max(1),
            None => Duration::ZERO,
        };
        Self { step }
    }

    /// When the n-th of a list that starts now is due.
    pub(super) fn delay(self, n: usize) -> Duration {
        let behind = u32::try_from(n.saturating_sub(Self::AT_ONCE)).unwrap_or(u32::MAX);
        self.step.saturating_mul(behind)
    }

    /// The time in which a list of `count` can be probed once, at best.
    pub(super) fn cycle(self, count: usize) -> Duration {
        self.step
            .saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pace, in_flight_limit, loop_limit};

    #[test]
    fn few_start_at_once_and_many_keep_the_rate() {
        let pace = Pace::new(Some(100));
        assert_eq!(pace.delay(0), Duration::ZERO);
        assert_eq!(pace.delay(49), Duration::ZERO);
        assert_eq!(pace.delay(10_050), Duration::from_secs(200));
        assert_eq!(Pace::new(None).delay(10_000), Duration::ZERO);
    }

    #[test]
    fn some_probes_are_always_possible() {
        assert!((4..=10_240).contains(&in_flight_limit(None)));
        assert_eq!(in_flight_limit(Some(0)), 4);
        assert_eq!(in_flight_limit(Some(2)), 24);
        assert!(loop_limit(None) <= 1024);
    }
}
