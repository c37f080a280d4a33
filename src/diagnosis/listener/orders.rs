//! The orders in which a client may meet the addresses of a name, counted and not listed.

use std::time::Duration;

use super::{Address, Family, SILENCE, Standing};

/// The addresses of a name as one client meets them: one family, then the other, each in
/// any order.
pub(super) struct Walk {
    families: [Group; 2],
}

/// Addresses that may come in any order.
#[derive(Clone, Copy, Default)]
struct Group {
    live: u32,
    silent: u32,
    turning: u32,
    fastest: Duration,
    slowest: Duration,
    /// What the slowest of those that turn a client away costs.
    turn: Duration,
}

impl Walk {
    pub(super) fn new(addresses: &[Address], first: Family) -> Self {
        let of = |family: Family| {
            let is_of = |address: &&Address| address.endpoint.is_ipv4() == (family == Family::Ipv4);
            Group::of(addresses.iter().filter(is_of))
        };
        let families = match first {
            Family::Ipv4 => [of(Family::Ipv4), of(Family::Ipv6)],
            Family::Ipv6 => [of(Family::Ipv6), of(Family::Ipv4)],
        };
        Self { families }
    }

    /// The times of the fastest and the slowest live address.
    pub(super) fn live(&self) -> Option<(Duration, Duration)> {
        let live = || self.families.iter().filter(|group| group.live > 0);
        let fastest = live().map(|group| group.fastest).min()?;
        Some((fastest, live().map(|group| group.slowest).max()?))
    }

    /// What the dearest address that may come first costs, if a dead one may.
    pub(super) fn first_costs(&self) -> Option<Duration> {
        let [first, second] = &self.families;
        if first.is_empty() { second } else { first }.dearest()
    }

    /// Whether a live address may come first.
    pub(super) fn may_start_live(&self) -> bool {
        let [first, second] = &self.families;
        first.live > 0 || (first.is_empty() && second.live > 0)
    }

    /// The shortest and the longest time until a live address opens, however long the
    /// client's patience.
    pub(super) fn best_and_worst(&self) -> (Duration, Duration) {
        let (before, group) = self.deciding();
        let best = before.least() + group.fastest;
        (best, before.most() + group.most() + group.slowest)
    }

    /// In how many orders the dead addresses in front take up all of `budget`, in lowest
    /// terms: every order is as likely as another.
    pub(super) fn too_slow(&self, budget: Duration) -> (u32, u32) {
        let (before, group) = self.deciding();
        let mut slow = 0;
        for silent in 0..=group.silent {
            for turning in 0..=group.turning {
                let cost = before.most() + SILENCE * silent + group.turn * turning;
                if cost + group.fastest >= budget {
                    slow += group.orders_with(silent, turning);
                }
            }
        }
        let all = group.orders();
        let common = gcd(slow, all).max(1);
        let narrow = |count: u64| u32::try_from(count / common).unwrap_or(u32::MAX);
        (narrow(slow), narrow(all))
    }

    /// The dead family that comes before, if one does, and the first family with a live address.
    fn deciding(&self) -> (Group, Group) {
        let [first, second] = self.families;
        if first.live > 0 {
            (Group::default(), first)
        } else {
            (first, second)
        }
    }
}

impl Group {
    fn of<'a>(addresses: impl Iterator<Item = &'a Address>) -> Self {
        let mut group = Self::default();
        for address in addresses {
            match address.standing {
                Standing::Live(took) => {
                    let took = took.duration();
                    let is_first = group.live == 0;
                    group.fastest = if is_first {
                        took
                    } else {
                        group.fastest.min(took)
                    };
                    group.slowest = group.slowest.max(took);
                    group.live += 1;
                }
                Standing::Silent => group.silent += 1,
                Standing::TurnsAway(took) => {
                    group.turning += 1;
                    group.turn = group.turn.max(took.duration());
                }
                Standing::NotAsked => {}
            }
        }
        group
    }

    fn is_empty(&self) -> bool {
        self.live + self.silent + self.turning == 0
    }

    /// Its dead addresses, each in full.
    fn most(&self) -> Duration {
        SILENCE * self.silent + self.turn * self.turning
    }

    /// The same where a refusal costs nothing.
    fn least(&self) -> Duration {
        SILENCE * self.silent
    }

    fn dearest(&self) -> Option<Duration> {
        if self.silent > 0 {
            return Some(SILENCE);
        }
        (self.turning > 0).then_some(self.turn)
    }

    /// The orders of its kinds of addresses.
    fn orders(&self) -> u64 {
        arrangements(self.live, self.silent, self.turning)
    }

    /// Those in which so many dead ones come before the first live one.
    fn orders_with(&self, silent: u32, turning: u32) -> u64 {
        let Some(live) = self.live.checked_sub(1) else {
            return 0;
        };
        let behind = arrangements(live, self.silent - silent, self.turning - turning);
        choose(silent + turning, silent) * behind
    }
}

/// In how many ways so many things of three kinds can stand in a row.
fn arrangements(first: u32, second: u32, third: u32) -> u64 {
    choose(first + second + third, first) * choose(second + third, second)
}

/// `n` over `k`.
fn choose(n: u32, k: u32) -> u64 {
    (1..=u64::from(k)).fold(1, |product, step| {
        product * (u64::from(n - k) + step) / step
    })
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
