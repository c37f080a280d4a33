//! A name with several addresses: which are live, and what that means for each generation
//! of clients.
//!
//! DNS hands out the addresses of a name in turns, so one client gets through at once and
//! the next one waits for a dead address: what a client would experience is counted over
//! all orders that DNS may give.

mod drivers;
mod orders;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

pub use self::drivers::{DRIVERS, Driver, Family, Way};
use self::orders::Walk;
use super::Case;
use super::heard::Heard;
use super::sight::without_way;
use crate::evidence::{Attempt, Elapsed};

/// A name with several addresses.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// Its addresses, in the order of the evidence.
    pub addresses: Vec<Address>,
    /// What each generation of clients would experience.
    pub prospects: Vec<Prospect>,
}

/// One address of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Which, with the port.
    pub endpoint: SocketAddr,
    /// How it took the connection.
    pub standing: Standing,
}

/// How an address takes a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The port opens, after this long.
    Live(Elapsed),
    /// Something says no: a client goes on to the next one.
    TurnsAway(Elapsed),
    /// Nothing comes back: a client waits until its system gives up.
    Silent,
    /// This machine could not ask, which says nothing about the address.
    NotAsked,
}

/// What a generation of clients would experience.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prospect {
    /// Which clients, as people name them.
    pub client: &'static str,
    /// How long the client tries by default. `None`: for as long as its system does.
    #[serde(rename = "budget_ms")]
    pub budget: Option<Elapsed>,
    /// How it would end.
    #[serde(flatten)]
    pub outlook: Outlook,
}

/// How an attempt to connect would end, over all orders of the addresses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outlook {
    /// It connects in every order.
    Connects {
        /// In the best of them.
        #[serde(rename = "best_ms")]
        best: Elapsed,
        /// In the worst.
        #[serde(rename = "worst_ms")]
        worst: Elapsed,
    },
    /// It fails in some orders.
    SometimesFails {
        /// In so many,
        orders: u32,
        /// of so many, in lowest terms.
        of: u32,
        /// In the best of them it connects after this.
        #[serde(rename = "best_ms")]
        best: Elapsed,
        /// The worst of them would take this if the client waited so long.
        #[serde(rename = "worst_ms")]
        worst: Elapsed,
    },
    /// It fails in every order.
    Fails,
}

/// A dead address costs a client on Windows 3 + 6 + 12 s until its system gives up (KB
/// 2786464); Linux goes on for two minutes. Both are longer than 15 s.
const SILENCE: Duration = Duration::from_secs(21);
/// Windows asks a port that refuses again and again, half a second apart (KB 175523);
/// elsewhere a refusal costs nothing.
const REFUSAL: Duration = Duration::from_secs(2);
/// More addresses of one name are left out, so that their orders can be counted.
const MOST: usize = 20;

impl Listener {
    /// Reads a case. `None` where fewer than two addresses were asked.
    pub fn of(case: &Case<'_>) -> Option<Self> {
        let attempts = &case.evidence.layers.connect.attempts;
        if attempts.len() < 2 {
            return None;
        }
        let addresses: Vec<_> = attempts
            .iter()
            .take(MOST)
            .map(|attempt| Address {
                endpoint: attempt.endpoint,
                standing: Standing::of(case, attempt),
            })
            .collect();
        let asked = addresses
            .iter()
            .filter(|address| address.standing != Standing::NotAsked);
        (asked.count() > 1).then(|| Self {
            prospects: prospects(&addresses),
            addresses,
        })
    }

    /// How many addresses open.
    pub fn live(&self) -> usize {
        self.addresses
            .iter()
            .filter(|address| matches!(address.standing, Standing::Live(_)))
            .count()
    }
}

impl Standing {
    fn of(case: &Case<'_>, attempt: &Attempt) -> Self {
        if without_way(case, attempt) {
            return Self::NotAsked;
        }
        match Heard::of(attempt, &case.surroundings.vantage) {
            Heard::Open => Self::Live(attempt.elapsed),
            Heard::Reset => Self::TurnsAway(REFUSAL.into()),
            Heard::Rejected { .. }
            | Heard::HostUnreachable { .. }
            | Heard::NoRoute { by: Some(_) } => Self::TurnsAway(attempt.elapsed),
            // A failed ARP looks like silence to a client on another network.
            Heard::Silence | Heard::NoNeighbour | Heard::NoWay => Self::Silent,
            Heard::Nothing
            | Heard::ForbiddenHere
            | Heard::Exhausted
            | Heard::PolicyForbids
            | Heard::NoRoute { by: None } => Self::NotAsked,
        }
    }
}

fn prospects(addresses: &[Address]) -> Vec<Prospect> {
    let prospect = |driver: &Driver| Prospect {
        client: driver.client,
        budget: driver.budget.map(Elapsed::from),
        outlook: driver.outlook(addresses),
    };
    DRIVERS.iter().map(prospect).collect()
}

impl Driver {
    /// What this client would experience at these addresses.
    fn outlook(&self, addresses: &[Address]) -> Outlook {
        let walk = Walk::new(addresses, self.first);
        let Some((fastest, slowest)) = walk.live() else {
            return Outlook::Fails;
        };
        let (best, worst) = match self.way {
            Way::AllAtOnce => (fastest, fastest),
            Way::FirstThenAll(head_start) => {
                let late = |cost: Duration| cost.min(head_start) + fastest;
                // A slow address is overtaken by the fastest of all as soon as those are tried.
                let worst = late(slowest).min(slowest);
                let worst = walk
                    .first_costs()
                    .map_or(worst, |cost| late(cost).max(worst));
                let best = if walk.may_start_live() {
                    fastest
                } else {
                    worst
                };
                (best, worst)
            }
            Way::OneByOne => return self.one_by_one(&walk),
        };
        if self.budget.is_some_and(|budget| best >= budget) {
            return Outlook::Fails;
        }
        Outlook::Connects {
            best: best.into(),
            worst: worst.into(),
        }
    }

    fn one_by_one(&self, walk: &Walk) -> Outlook {
        let (orders, of) = self.budget.map_or((0, 1), |budget| walk.too_slow(budget));
        let (best, worst) = walk.best_and_worst();
        let (best, worst) = (best.into(), worst.into());
        match orders {
            0 => Outlook::Connects { best, worst },
            _ if orders == of => Outlook::Fails,
            _ => Outlook::SometimesFails {
                orders,
                of,
                best,
                worst,
            },
        }
    }
}
