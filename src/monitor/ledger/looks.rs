//! How many extra looks a failure may cost: the footprint table, as a budget.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::neighbours::HostKey;
use crate::diagnosis::State;
use crate::evidence::{Look, Test, Witness};

/// Rounds of looks that one failure, or one probe by hand, is given.
const ROUNDS: u8 = 2;
/// Looks are taken close to what raised them, not minutes later.
const WINDOW: SignedDuration = SignedDuration::from_secs(30);
/// Hosts of one incident that are looked at unasked.
const HOSTS: usize = 3;
/// More witnesses than this are never kept for one instance.
const MAX_WITNESSES: usize = 32;

/// Who wants the looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Wish {
    /// The change to failing: one look of each kind.
    #[default]
    Change,
    /// A probe by hand: whatever the diagnosis names.
    Hand,
}

/// What is left of one instance's budget.
#[derive(Clone, Debug, Default)]
pub(super) struct Looks {
    wish: Wish,
    rounds: u8,
    until: Option<Timestamp>,
    asked: Vec<Test>,
    /// Looks of this round that are not back. The path walk is not waited for.
    waiting: usize,
}

/// Which hosts changed to failing a moment ago and were looked at, and to which state:
/// hosts that fail alike at one time are taken for one incident.
#[derive(Clone, Debug, Default)]
pub(super) struct Incident(VecDeque<(Timestamp, State, HostKey)>);

impl Looks {
    /// Gives two rounds.
    pub(super) fn grant(&mut self, at: Timestamp, wish: Wish) {
        // A change that a probe by hand uncovers stays one by hand.
        let by_hand = wish == Wish::Hand || (self.wish == Wish::Hand && self.is_open(at));
        *self = Self {
            wish: if by_hand { Wish::Hand } else { Wish::Change },
            rounds: ROUNDS,
            until: at.saturating_add(WINDOW).ok(),
            ..Self::default()
        };
    }

    /// The tests of the next round, out of those that the diagnosis would like.
    pub(super) fn plan(
        &mut self,
        at: Timestamp,
        wanted: impl IntoIterator<Item = Test>,
    ) -> Vec<Test> {
        if self.rounds == 0 || self.waiting > 0 || !self.is_open(at) {
            return Vec::new();
        }
        let mut round = Vec::new();
        for test in wanted {
            if self.allows(&test, &round) {
                round.push(test);
                self.asked.push(test);
            }
        }
        if !round.is_empty() {
            self.rounds -= 1;
            self.waiting = round
                .iter()
                .filter(|test| !matches!(test, Test::Path { .. }))
                .count();
        }
        round
    }

    /// Who wants the looks of this moment.
    pub(super) fn wish(&self) -> Wish {
        self.wish
    }

    /// A look is back.
    pub(super) fn returned(&mut self, look: &Look) {
        if !matches!(look, Look::Path { .. }) {
            self.waiting = self.waiting.saturating_sub(1);
        }
    }

    fn is_open(&self, at: Timestamp) -> bool {
        self.until.is_some_and(|until| at <= until)
    }

    fn allows(&self, test: &Test, round: &[Test]) -> bool {
        if self.asked.contains(test) {
            return false;
        }
        if self.wish == Wish::Hand {
            return true;
        }
        // Unasked: first the closed port, then one telling port, each kind once.
        let kind = std::mem::discriminant(test);
        let again = self
            .asked
            .iter()
            .any(|asked| std::mem::discriminant(asked) == kind);
        let with_closed = matches!(test, Test::Port { .. })
            && round
                .iter()
                .any(|test| matches!(test, Test::ClosedPort { .. }));
        !again && !with_closed
    }
}

impl Incident {
    /// Whether this host may be looked at unasked: the first three that fell to the same
    /// state within the same half minute stand for the others.
    pub(super) fn admits(&mut self, at: Timestamp, state: State, host: &HostKey) -> bool {
        while self
            .0
            .front()
            .is_some_and(|(fell, ..)| at.duration_since(*fell) > WINDOW)
        {
            self.0.pop_front();
        }
        let mut alike = self.0.iter().filter(|(_, other, _)| *other == state);
        if alike.clone().any(|(.., known)| known == host) {
            return true;
        }
        let admitted = alike.nth(HOSTS - 1).is_none();
        if admitted {
            self.0.push_back((at, state, host.clone()));
        }
        admitted
    }
}

/// Keeps a witness: the newest of each look, and not more than a bound.
pub(super) fn keep(witnesses: &[Witness], new: Witness) -> Vec<Witness> {
    let others = witnesses
        .iter()
        .filter(|old| !is_same_look(&old.look, &new.look));
    let mut kept: Vec<_> = others.cloned().collect();
    if kept.len() >= MAX_WITNESSES {
        kept.remove(0);
    }
    kept.push(new);
    kept
}

fn is_same_look(a: &Look, b: &Look) -> bool {
    match (a, b) {
        (Look::Port(a), Look::Port(b)) | (Look::ClosedPort(a), Look::ClosedPort(b)) => {
            a.endpoint == b.endpoint
        }
        (Look::BrowserList(a), Look::BrowserList(b))
        | (Look::BrowserName(a), Look::BrowserName(b)) => a.asked == b.asked,
        (Look::Path { endpoint: a, .. }, Look::Path { endpoint: b, .. }) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use jiff::Timestamp;

    use super::{Incident, Looks, Wish};
    use crate::diagnosis::State;
    use crate::evidence::{Attempt, ConnectStatus, Elapsed, Look, Test};
    use crate::monitor::ledger::neighbours::HostKey;
    use crate::target::Port;

    const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 4, 12));
    const CLOSED: Test = Test::ClosedPort { address: HOST };
    const SMB: Test = Test::Port {
        address: HOST,
        port: Port::literal(445),
    };
    const SSH: Test = Test::Port {
        address: HOST,
        port: Port::literal(22),
    };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn attempt() -> Look {
        Look::Port(Attempt {
            endpoint: (HOST, 1).into(),
            local: None,
            status: ConnectStatus::TimedOut,
            elapsed: Elapsed::default(),
            os_error: None,
            icmp: None,
        })
    }

    #[test]
    fn nothing_is_looked_at_without_a_change() {
        assert_eq!(Looks::default().plan(at(0), [CLOSED]), []);
    }

    #[test]
    fn unasked_first_the_closed_port_then_one_telling_port() {
        let mut looks = Looks::default();
        looks.grant(at(0), Wish::Change);
        assert_eq!(looks.plan(at(0), [CLOSED, SMB]), [CLOSED]);
        assert_eq!(looks.plan(at(0), [SMB]), [], "the first round is not back");
        looks.returned(&attempt());
        assert_eq!(looks.plan(at(1), [CLOSED, SMB, SSH]), [SMB]);
        looks.returned(&attempt());
        assert_eq!(looks.plan(at(1), [SSH]), [], "two rounds at most");
    }

    #[test]
    fn the_path_walk_holds_nothing_up() {
        let mut looks = Looks::default();
        looks.grant(at(0), Wish::Change);
        let path = Test::Path {
            endpoint: (HOST, 1433).into(),
        };
        assert_eq!(looks.plan(at(0), [path, CLOSED]), [path, CLOSED]);
        looks.returned(&attempt());
        assert_eq!(looks.plan(at(1), [path, SMB]), [SMB]);
    }

    #[test]
    fn by_hand_all_at_once() {
        let mut looks = Looks::default();
        looks.grant(at(0), Wish::Hand);
        assert_eq!(
            looks.plan(at(0), [CLOSED, SMB, SSH, SMB]),
            [CLOSED, SMB, SSH]
        );
    }

    #[test]
    fn looks_are_not_taken_minutes_later() {
        let mut looks = Looks::default();
        looks.grant(at(0), Wish::Change);
        assert_eq!(looks.plan(at(31), [CLOSED]), []);
    }

    #[test]
    fn three_hosts_stand_for_an_incident() {
        let host = |name: &str| HostKey::Name(name.into());
        let mut incident = Incident::default();
        let mut admits = |second, state, name| incident.admits(at(second), state, &host(name));
        let admitted = ["a", "b", "c", "d", "a"].map(|name| admits(0, State::TimedOut, name));
        assert_eq!(admitted, [true, true, true, false, true]);
        assert!(admits(0, State::Refused, "d"), "not for the same reason");
        assert!(admits(31, State::TimedOut, "d"), "not at the same time");
    }
}
