//! How many extra looks a failure may cost: the footprint table, as a budget.

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt as _};
use jiff::{SignedDuration, Timestamp};

use super::neighbours::HostKey;
use crate::diagnosis::State;
use crate::evidence::{Absent, BrowserStatus, Look, Test, Witness};

/// Rounds of looks that one failure, or one probe by hand, is given.
const ROUNDS: u8 = 2;
/// Looks are taken close to what raised them, not minutes later.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_secs(30);
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
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Looks {
    wish: Wish,
    rounds: u8,
    until: Option<Timestamp>,
    asked: Vec<Test>,
    /// Those of them that are back.
    back: Vec<Test>,
    /// Looks of this round that are not back. The path walk is not waited for.
    waiting: usize,
}

/// What brought an instance down, as far as one failure is like another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fall {
    /// Nothing came back, wherever that was noticed.
    Nothing,
    /// Something answered, and badly.
    As(State),
}

/// Hosts that fail alike, one soon after the other, are taken for one incident, however
/// long it goes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Incident(HashMap<Fall, Fallen>);

/// The hosts of one incident, and whether they are looked at.
#[derive(Clone, Debug)]
struct Fallen {
    /// When the newest of them fell.
    newest: Timestamp,
    hosts: HashMap<HostKey, bool>,
}

impl Absent for Looks {
    fn absent() -> &'static Self {
        static NOTHING_ASKED: LazyLock<Looks> = LazyLock::new(Looks::default);
        &NOTHING_ASKED
    }
}

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
        if !self.takes_more(at) {
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

    /// Whether another round may be planned at all.
    pub(super) fn takes_more(&self, at: Timestamp) -> bool {
        self.rounds > 0 && self.waiting == 0 && self.is_open(at)
    }

    /// Moves the end of the window by what the wall clock was set back.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        if let Some(until) = &mut self.until {
            *until = until.saturating_sub(by).unwrap_or(*until);
        }
    }

    /// Whether any were ever given.
    pub(super) fn is_given(&self) -> bool {
        self.until.is_some()
    }

    /// Who wants the looks of this moment.
    pub(super) fn wish(&self) -> Wish {
        self.wish
    }

    /// Whether this look was asked for, by this instance or by another of its host, and is
    /// not back.
    pub(super) fn awaits(&self, test: &Test) -> bool {
        self.asked.contains(test) && !self.back.contains(test)
    }

    /// The looks that were asked for and are not back.
    pub(super) fn awaited(&self) -> Vec<Test> {
        let asked = self.asked.iter().copied();
        asked.filter(|test| !self.back.contains(test)).collect()
    }

    /// A look is back.
    pub(super) fn returned(&mut self, look: &Look) {
        if !matches!(look, Look::Path { .. }) {
            self.waiting = self.waiting.saturating_sub(1);
        }
        let answered = self.asked.iter().filter(|test| look.answers(test));
        self.back.extend(answered);
    }

    /// Whether a look was taken for the wish of this moment. Another one is older news, and
    /// somebody who asks wants to know how it is now. What this system cannot do at all it
    /// cannot do now either, and the administrator connection is looked at once a failure.
    pub(super) fn is_fresh(&self, look: &Look) -> bool {
        let once = matches!(
            look,
            Look::Dac(_)
                | Look::Path {
                    available: false,
                    ..
                }
        );
        once || self.back.iter().any(|test| look.answers(test))
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
        // The administrator connection is nobody's business but of those who ask.
        if matches!(test, Test::Dac { .. }) {
            return false;
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
    /// Whether this host may be looked at unasked: the first three of an incident stand
    /// for the others. It is over when no other host has fallen for half a minute.
    pub(super) fn admits(&mut self, at: Timestamp, fall: Fall, host: &HostKey) -> bool {
        let is_over = |fallen: &Fallen| at.duration_since(fallen.newest).abs() > WINDOW;
        if self.0.get(&fall).is_some_and(is_over) {
            self.0.remove(&fall);
        }
        let fallen = self.0.entry(fall).or_insert_with(|| Fallen {
            newest: at,
            hosts: HashMap::new(),
        });
        if let Some(admitted) = fallen.hosts.get(host) {
            return *admitted;
        }
        // Also one that is refused keeps the incident open.
        fallen.newest = at;
        let admitted = fallen.hosts.len() < HOSTS;
        fallen.hosts.insert(host.clone(), admitted);
        admitted
    }
}

impl Fall {
    /// What brought an instance to this state.
    pub(super) fn of(state: State, browser: BrowserStatus) -> Self {
        match state {
            State::TimedOut | State::Unreachable => Self::Nothing,
            State::NotLocated if browser == BrowserStatus::Silent => Self::Nothing,
            state => Self::As(state),
        }
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
        (Look::Dac(_), Look::Dac(_)) => true,
        (Look::Path { endpoint: a, .. }, Look::Path { endpoint: b, .. }) => a == b,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use jiff::Timestamp;

    use super::{Fall, Incident, Looks, Wish};
    use crate::diagnosis::State;
    use crate::evidence::{Attempt, BrowserStatus, ConnectStatus, Elapsed, Look, Test};
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
            started: None,
            endpoint: (HOST, 1).into(),
            local: None,
            status: ConnectStatus::TimedOut,
            elapsed: Elapsed::default(),
            os_error: None,
            icmp: None,
            instead_of: None,
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
    fn the_administrator_connection_is_looked_at_by_hand_alone() {
        let dac = Test::Dac { address: HOST };
        for (wish, round) in [
            (Wish::Change, vec![CLOSED]),
            (Wish::Hand, vec![CLOSED, dac]),
        ] {
            let mut looks = Looks::default();
            looks.grant(at(0), wish);
            assert_eq!(looks.plan(at(0), [CLOSED, dac]), round, "{wish:?}");
        }
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
        let mut admits = |second, fall, name| incident.admits(at(second), fall, &host(name));
        let admitted = ["a", "b", "c", "d", "a"].map(|name| admits(0, Fall::Nothing, name));
        assert_eq!(admitted, [true, true, true, false, true]);
        let refused = Fall::As(State::Refused);
        assert!(admits(0, refused, "d"), "not for the same reason");
        assert!(admits(31, Fall::Nothing, "d"), "not at the same time");
    }

    #[test]
    fn an_incident_lasts_as_long_as_hosts_fall() {
        let mut incident = Incident::default();
        let mut admits = |second: i64, name: String| {
            incident.admits(at(second), Fall::Nothing, &HostKey::Name(name))
        };
        let admitted = (0..100).filter(|n| admits(n * 3, format!("db{n}")));
        assert_eq!(admitted.count(), 3);
        // One that falls again and again does not keep the others from being looked at.
        assert!(!admits(310, "db50".into()));
        assert!(admits(330, "db200".into()));
    }

    #[test]
    fn silence_is_one_incident_wherever_it_is_noticed() {
        let silences = [
            (State::TimedOut, BrowserStatus::Skipped),
            (State::Unreachable, BrowserStatus::Skipped),
            (State::NotLocated, BrowserStatus::Silent),
        ];
        for (state, browser) in silences {
            assert_eq!(Fall::of(state, browser), Fall::Nothing, "{state}");
        }
        let answers = [
            (State::NotLocated, BrowserStatus::NotListed),
            (State::Silent, BrowserStatus::Skipped),
        ];
        for (state, browser) in answers {
            assert_eq!(Fall::of(state, browser), Fall::As(state));
        }
    }
}
