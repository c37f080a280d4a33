//! The gate: the one way out. No socket is opened towards a server without a [`Pass`], and
//! only the gate gives one, after it has asked the policy and waited for the rate.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::rate::Rate;
use crate::evidence::{Attempt, ConnectStatus};
use crate::policy::Policy;

/// The policy and the rate that hold for everything, whoever asks.
pub struct Gate {
    policy: Arc<Policy>,
    rate: Rate,
}

/// One connection or datagram may leave for this endpoint.
#[derive(Debug)]
pub struct Pass {
    to: SocketAddr,
}

impl Pass {
    /// Where to.
    pub fn to(&self) -> SocketAddr {
        self.to
    }

    /// For tests of one layer alone.
    #[cfg(test)]
    pub fn towards(to: SocketAddr) -> Self {
        Self { to }
    }
}

impl Gate {
    /// `wanted` is the user's rate; the policy's is never exceeded.
    pub fn new(policy: Arc<Policy>, wanted: Option<u32>) -> Self {
        Self {
            rate: Rate::new(policy.cap(wanted)),
            policy,
        }
    }

    /// Whether anything may be sent to an address.
    pub fn allows(&self, address: IpAddr) -> bool {
        self.policy.allows(address)
    }

    /// Whether extra looks may be taken.
    pub fn allows_looks(&self) -> bool {
        self.policy.witnesses
    }

    /// The policy that holds, for as long as the program runs.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Another rate that the user wants, from the next packet on.
    pub fn change(&self, wanted: Option<u32>) {
        self.rate.change(self.policy.cap(wanted));
    }

    /// Waits until one more packet may leave for an endpoint; `None`, and at once, where the
    /// policy forbids it.
    pub async fn pass(&self, to: SocketAddr) -> Option<Pass> {
        if !self.allows(to.ip()) {
            return None;
        }
        self.rate.take().await;
        Some(Pass { to })
    }

    /// The rate alone, for questions to this machine's own DNS servers.
    pub fn rate(&self) -> &Rate {
        &self.rate
    }
}

/// The attempt that was not made: nothing was sent, and no system said no.
pub fn not_sent(endpoint: SocketAddr) -> Attempt {
    Attempt {
        endpoint,
        local: None,
        status: ConnectStatus::Blocked,
        started: None,
        elapsed: std::time::Duration::ZERO.into(),
        os_error: None,
        icmp: None,
        instead_of: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(rate: Option<u32>, wanted: Option<u32>) -> Gate {
        let policy = Policy {
            networks: Some(vec!["10.77.2.0/24".parse().unwrap()]),
            rate,
            ..Policy::default()
        };
        Gate::new(Arc::new(policy), wanted)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_forbidden_gets_no_pass_and_waits_for_nobody() {
        let gate = gate(Some(1), None);
        let before = tokio::time::Instant::now();
        for _ in 0..100 {
            assert!(gate.pass("10.77.3.2:1433".parse().unwrap()).await.is_none());
        }
        assert_eq!(before.elapsed(), std::time::Duration::ZERO);
        assert!(gate.pass("10.77.2.2:1433".parse().unwrap()).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn neither_no_limit_nor_a_change_lifts_the_policys_rate() {
        let gate = gate(Some(2), None);
        let before = tokio::time::Instant::now();
        let endpoint = "10.77.2.2:1433".parse().unwrap();
        for change in [None, Some(None), Some(Some(1000)), None] {
            if let Some(wanted) = change {
                gate.change(wanted);
            }
            gate.pass(endpoint).await;
        }
        assert_eq!(before.elapsed(), std::time::Duration::from_millis(1500));
    }
}
