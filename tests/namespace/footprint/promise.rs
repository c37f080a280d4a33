//! The usual situations of the table in `docs/footprint.md` as data, and what a capture
//! holds of each kind.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::{Add, Mul};
use std::time::Duration;

use crate::capture::Packet;
use crate::fleet::MARKER_PORT;

/// What a system sends with unless it is told another.
const OWN_TTL: u8 = 64;

/// What leaves for one host, by kind: connections, or datagrams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// To a port that an instance has or could have.
    pub sql: usize,
    /// To TCP 1.
    pub closed: usize,
    /// To 445, or 22.
    pub telling: usize,
    /// To the other ports of `witness_ports`.
    pub witness: usize,
    /// To TCP 1434, the administrator connection.
    pub dac: usize,
    /// Steps of the path walk.
    pub path: usize,
    /// Datagrams to Browser.
    pub browser: usize,
    /// Questions to DNS.
    pub dns: usize,
    /// Connections that this machine reset.
    pub resets: usize,
    /// What has no place in the table.
    pub other: usize,
}

/// What one instance may cost.
#[derive(Clone, Copy, Debug)]
pub struct Promise {
    /// Whenever it is probed.
    pub each: Sent,
    /// And once, on the change or by hand.
    pub once: Sent,
}

pub const NOTHING: Sent = Sent {
    sql: 0,
    closed: 0,
    telling: 0,
    witness: 0,
    dac: 0,
    path: 0,
    browser: 0,
    dns: 0,
    resets: 0,
    other: 0,
};

/// One connection for each address.
pub const PROBE: Sent = Sent { sql: 1, ..NOTHING };
/// A datagram before it, for all instances of the host.
pub const DATAGRAM: Sent = Sent {
    browser: 1,
    ..NOTHING
};
/// One closed port, then one telling port, for all instances of the host.
const LOOKS: Sent = Sent {
    closed: 1,
    telling: 1,
    ..NOTHING
};
/// And the list of Browser, which a given port never asks for.
const LOOKS_FOR_A_PORT: Sent = Sent {
    browser: 1,
    ..LOOKS
};
/// Both routers and five silent steps, three together.
const SILENT_WALK: usize = 9;
/// The host is the third step.
const WALK: usize = 3;

pub const HEALTHY: Promise = Promise {
    each: PROBE,
    once: NOTHING,
};
pub const REFUSED: Promise = Promise {
    each: PROBE,
    once: LOOKS_FOR_A_PORT,
};
pub const DROPPED: Promise = Promise {
    each: PROBE,
    once: Sent {
        path: SILENT_WALK,
        ..LOOKS_FOR_A_PORT
    },
};
/// The host is there: its engine takes connections.
pub const SILENT_ENGINE: Promise = Promise {
    each: PROBE,
    once: Sent {
        closed: 1,
        ..NOTHING
    },
};
/// The confirmation asks thrice, and one look puts the other form of the question.
pub const SILENT_BROWSER: Promise = Promise {
    each: DATAGRAM,
    once: Sent {
        browser: 2 + 1,
        ..LOOKS
    },
};
/// One of an incident that three others stand for, or of a fleet without witnesses.
pub const NOT_LOOKED_AT: Promise = HEALTHY;

/// Other hosts of its subnet whose next probes one that falls brings forward.
pub const SIBLINGS_OF_A_SUBNET: usize = 16;

/// The configured ports; 445 of them is the telling port.
const LOOKS_BY_HAND: Sent = Sent {
    witness: 3,
    ..LOOKS
};
/// All looks go out together, so it is known that all is silent before a list is asked for.
pub const DROPPED_BY_HAND: Promise = Promise {
    each: PROBE,
    once: Sent {
        path: SILENT_WALK,
        ..LOOKS_BY_HAND
    },
};
/// Two walks, the second to a port that answered a look.
pub const REFUSED_BY_HAND: Promise = Promise {
    each: Sent {
        sql: 1,
        browser: 1,
        path: WALK * 2,
        ..LOOKS_BY_HAND
    },
    once: NOTHING,
};
/// The administrator connection is looked at once a failure, however often somebody asks.
pub const SILENT_ENGINE_BY_HAND: Promise = Promise {
    each: Sent {
        sql: 1,
        ..LOOKS_BY_HAND
    },
    once: Sent { dac: 1, ..NOTHING },
};

/// Whatever is put to the proof: often, and never more than in the loop.
pub const VERIFIED: Promise = HEALTHY;
/// Where Browser does not say the port.
pub const VERIFIED_BROWSER: Promise = Promise {
    each: DATAGRAM,
    once: NOTHING,
};

impl Promise {
    /// What so many probes of it cost.
    pub fn of(self, probes: usize) -> Sent {
        self.each * probes + self.once
    }
}

impl Sent {
    /// What left for this host.
    pub fn to(host: IpAddr, packets: &[Packet]) -> Self {
        let mut sent = NOTHING;
        for packet in news(packets).filter(|packet| packet.to == host) {
            *match packet.port() {
                1434 if packet.is_udp => &mut sent.browser,
                53 => &mut sent.dns,
                _ if !packet.is_tcp => &mut sent.other,
                _ if packet.ttl < OWN_TTL => &mut sent.path,
                1 => &mut sent.closed,
                445 | 22 => &mut sent.telling,
                135 | 3389 | 5985 => &mut sent.witness,
                1434 => &mut sent.dac,
                _ => &mut sent.sql,
            } += 1;
        }
        sent.resets = packets
            .iter()
            .filter(|packet| packet.from_client && packet.to == host && packet.has('R'))
            .count();
        sent
    }
}

impl Add for Sent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            sql: self.sql + other.sql,
            closed: self.closed + other.closed,
            telling: self.telling + other.telling,
            witness: self.witness + other.witness,
            dac: self.dac + other.dac,
            path: self.path + other.path,
            browser: self.browser + other.browser,
            dns: self.dns + other.dns,
            resets: self.resets + other.resets,
            other: self.other + other.other,
        }
    }
}

impl Mul<usize> for Sent {
    type Output = Self;

    fn mul(self, times: usize) -> Self {
        (0..times).fold(NOTHING, |sum, _| sum + self)
    }
}

/// The packets with which something new begins: datagrams, and of each connection the
/// first SYN (the system repeats it, as it does for every program). Without markers.
pub fn news(packets: &[Packet]) -> impl Iterator<Item = &Packet> {
    let mut known = BTreeSet::new();
    packets
        .iter()
        .filter(|packet| packet.from_client && packet.port() != MARKER_PORT)
        .filter(|packet| !packet.is_tcp || packet.is_syn())
        .filter(move |packet| !packet.is_tcp || known.insert((packet.to, packet.ports)))
}

/// The most that began in any second.
pub fn most_in_a_second(packets: &[Packet]) -> usize {
    let times: Vec<_> = news(packets).map(|packet| packet.at).collect();
    let within = |start: usize| {
        times[start..]
            .iter()
            .take_while(|at| at.saturating_sub(times[start]) < Duration::from_secs(1))
            .count()
    };
    (0..times.len()).map(within).max().unwrap_or_default()
}
