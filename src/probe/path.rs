//! The walk towards a port: SYNs with a growing time to live, as tcptraceroute sends
//! them, but with ordinary sockets and no privilege. Where a port times out, the last
//! hop that answered and the first that did not are the place to look.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;

use super::connect::{self, Way};
use super::drain::Drains;
use super::gate::Gate;
use super::in_flight::InFlight;
use crate::evidence::{ConnectStatus, Hop, HopStatus, Senders};

/// No path is longer.
const MOST_HOPS: u8 = 30;
/// Steps that are taken together.
const TOGETHER: u8 = 3;
/// How long one step is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// So many silent steps in a row end the walk.
const SILENT: usize = 5;

/// Walks until something other than a router answers. The endpoint is held for the steps
/// that go out together and not for the whole walk, so that no probe waits longer.
/// `None` where the system does not say who answered, and where the policy forbids the
/// endpoint: nothing is sent.
pub async fn walk(
    endpoint: SocketAddr,
    senders: Senders,
    in_flight: &InFlight<SocketAddr>,
    gate: &Gate,
    drains: &Drains,
) -> Option<Vec<Hop>> {
    if senders == Senders::Unnamed || !gate.allows(endpoint.ip()) {
        return None;
    }
    let mut hops = Vec::new();
    for first in (1..=MOST_HOPS).step_by(TOGETHER.into()) {
        let _held = in_flight.hold(endpoint).await;
        let steps = (first..first + TOGETHER).map(|ttl| step(endpoint, ttl, gate, drains));
        for hop in join_all(steps).await {
            let arrived = !matches!(hop.status, HopStatus::TtlExceeded | HopStatus::Silent);
            hops.push(hop);
            if arrived || ends_silent(&hops) {
                return Some(hops);
            }
        }
    }
    Some(hops)
}

async fn step(endpoint: SocketAddr, ttl: u8, gate: &Gate, drains: &Drains) -> Hop {
    let Some(pass) = gate.pass(endpoint).await else {
        return Hop {
            ttl,
            from: None,
            status: HopStatus::Silent,
            elapsed: Duration::ZERO.into(),
        };
    };
    let opening = connect::open(
        pass,
        Way {
            deadline: PATIENCE,
            hops: Some(ttl),
        },
    )
    .await;
    if let Some(stream) = opening.stream {
        drains.end(stream, opening.place);
    }
    let attempt = opening.attempt;
    // ICMP time exceeded in transit (RFC 792; RFC 4443 3.3)
    let expired = attempt
        .icmp
        .filter(|icmp| icmp.code == 0 && icmp.kind == if icmp.from.is_ipv4() { 11 } else { 3 });
    let (status, from) = match (expired, attempt.status) {
        (Some(icmp), _) => (HopStatus::TtlExceeded, Some(icmp.from)),
        (None, ConnectStatus::Open) => (HopStatus::Open, Some(endpoint.ip())),
        // A reset carries the address of the port, whoever sent it.
        (None, ConnectStatus::Refused) => (
            HopStatus::Refused,
            Some(attempt.icmp.map_or(endpoint.ip(), |icmp| icmp.from)),
        ),
        (None, ConnectStatus::Unreachable | ConnectStatus::Blocked) => {
            (HopStatus::Unreachable, attempt.icmp.map(|icmp| icmp.from))
        }
        (None, ConnectStatus::TimedOut | ConnectStatus::Exhausted | ConnectStatus::Skipped) => {
            (HopStatus::Silent, None)
        }
    };
    Hop {
        ttl,
        from,
        status,
        elapsed: attempt.elapsed,
    }
}

fn ends_silent(hops: &[Hop]) -> bool {
    hops.iter()
        .rev()
        .take_while(|hop| hop.status == HopStatus::Silent)
        .count()
        >= SILENT
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::walk;
    use crate::evidence::Senders;
    use crate::probe::drain::Drains;
    use crate::probe::gate::Gate;
    use crate::probe::in_flight::InFlight;

    #[tokio::test]
    async fn a_system_that_names_nobody_is_sent_nowhere() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = listener.local_addr().unwrap();
        let (gate, drains) = (Gate::new(Arc::default(), None), Drains::default());
        let in_flight = InFlight::new();
        let walked = walk(endpoint, Senders::Unnamed, &in_flight, &gate, &drains).await;
        assert_eq!(walked, None);
        assert!(listener.accept().is_err(), "nothing came");
    }
}
