//! What happened to one instance besides its probes: the newest of it, for whoever asks later.

mod words;

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};

use super::{Acknowledged, IncidentId};
use crate::evidence::{BrowserStatus, ConnectStatus, Look, Witness};
use crate::target::Port;

/// What happened, oldest first. Bounded: the oldest goes when there is no room. Grows as it
/// fills; an instance to which nothing happens costs nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diary(VecDeque<Note>);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// When it was learned of.
    pub at: Timestamp,
    /// What it was.
    pub what: Happening,
}

/// What can happen, apart from changes of state, outages and proofs, which are kept by
/// themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// A probe was asked for by hand.
    Asked,
    /// An extra look was taken.
    Looked(Glance),
    /// Somebody took notice.
    Acknowledged(Acknowledged),
    /// The notice was taken back.
    TakenBack,
    /// A window of maintenance began, and it may fail.
    Maintenance(String),
    /// It is over.
    MaintenanceOver,
    /// The name leads elsewhere.
    Moved {
        /// Where it led before, as far as there is room.
        from: Vec<IpAddr>,
        /// Where it leads now, as far as there is room.
        to: Vec<IpAddr>,
    },
    /// It answers on another port.
    PortMoved {
        /// The port before.
        from: Port,
        /// The port now.
        to: Port,
    },
    /// Its host was asked for everything it lists, opens and answers.
    Audited,
    /// It fails together with others.
    Joined(IncidentId),
    /// It no longer does.
    Left(IncidentId),
}

/// An extra look, in short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Glance {
    /// Another port of the host.
    Port(SocketAddr, ConnectStatus),
    /// A port that is surely closed.
    ClosedPort(SocketAddr, ConnectStatus),
    /// Browser, asked for all instances.
    BrowserList(BrowserStatus),
    /// Browser, asked for the wanted one.
    BrowserName(BrowserStatus),
    /// The port of the administrator connection; `None` where no port is known.
    Dac(Option<ConnectStatus>),
    /// The walk towards the port, and its hops; `None` where this system cannot walk.
    Path(SocketAddr, Option<usize>),
}

impl Diary {
    /// Notes that are kept.
    pub const MOST: usize = 64;
    /// Addresses of one name that are told.
    const ADDRESSES: usize = 4;

    /// What is known, oldest first.
    pub fn notes(&self) -> impl DoubleEndedIterator<Item = &Note> + ExactSizeIterator {
        self.0.iter()
    }

    /// A diary of a single note.
    pub(super) fn beginning_with(at: Timestamp, what: Happening) -> Self {
        let mut diary = Self::default();
        diary.add(at, what);
        diary
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what happened.
    pub(crate) fn add(&mut self, at: Timestamp, what: Happening) {
        if self.0.len() >= Self::MOST {
            self.0.pop_front();
        } else if self.0.len() == self.0.capacity() {
            // Most hold one or two; doubling would waste half of a full one.
            self.0.reserve_exact(self.0.len().clamp(2, 8));
        }
        self.0.push_back(Note { at, what });
    }

    /// Moves every time by what the wall clock was set back.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        for note in &mut self.0 {
            note.at = note.at.saturating_sub(by).unwrap_or(note.at);
        }
    }
}

impl Happening {
    pub(super) fn moved(from: &[IpAddr], to: &[IpAddr]) -> Self {
        let some = |addresses: &[IpAddr]| {
            let told = addresses.iter().copied().take(Diary::ADDRESSES);
            told.collect()
        };
        Self::Moved {
            from: some(from),
            to: some(to),
        }
    }
}

impl From<&Witness> for Glance {
    fn from(witness: &Witness) -> Self {
        match &witness.look {
            Look::Port(attempt) => Self::Port(attempt.endpoint, attempt.status),
            Look::ClosedPort(attempt) => Self::ClosedPort(attempt.endpoint, attempt.status),
            Look::BrowserList(browser) => Self::BrowserList(browser.status),
            Look::BrowserName(browser) => Self::BrowserName(browser.status),
            Look::Dac(dac) => Self::Dac(dac.attempt.as_ref().map(|attempt| attempt.status)),
            Look::Path {
                endpoint,
                available,
                hops,
            } => Self::Path(*endpoint, available.then_some(hops.len())),
        }
    }
}

#[cfg(test)]
mod tests;
