//! What is known from before, held against what is seen now.

use std::net::SocketAddr;

use jiff::{SignedDuration, Timestamp};

use super::{PortFrom, Sight};
use crate::diagnosis::heard::Heard;
use crate::diagnosis::{CauseId, Expectation, Good, Said};
use crate::evidence::Look;
use crate::target::{Host, Kind};

/// What was so long ago may have changed for good reasons since.
const OLD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Services that start with the machine have started by then.
const STARTING: SignedDuration = SignedDuration::from_mins(15);
/// So long a changed port is news to those who wrote the old one down.
const NEWS: SignedDuration = SignedDuration::from_hours(24);
/// What was tried so long ago may have been tried in another failure.
const LAST_TRIED: SignedDuration = SignedDuration::from_hours(24);

impl<'a> Sight<'a> {
    /// It answered at this very address and port.
    pub(in crate::diagnosis) fn good_here(&self) -> Option<&'a Good> {
        let good = self.case.past.last_good.as_ref()?;
        (Some(good.address) == self.address && good.port == self.port).then_some(good)
    }

    /// It answered on another port than the one that was tried.
    pub(in crate::diagnosis) fn good_on_other_port(&self) -> Option<&'a Good> {
        self.case
            .past
            .last_good
            .as_ref()
            .filter(|good| good.port != self.port)
    }

    /// What a memory adds to a weight: half of it where it is old.
    pub(in crate::diagnosis) fn worth(&self, good: &Good, points: i16) -> i16 {
        if self.is_old(good) {
            points / 2
        } else {
            points
        }
    }

    fn is_old(&self, good: &Good) -> bool {
        self.case.evidence.at.duration_since(good.at) > OLD
    }

    /// The same for what rests on the last good answer here, if on any.
    pub(in crate::diagnosis) fn worth_here(&self, points: i16) -> i16 {
        self.good_here()
            .map_or(points, |good| self.worth(good, points))
    }

    /// When the host came up, if that was minutes ago. A wall clock that was set back
    /// since makes it no news.
    pub(in crate::diagnosis) fn came_up_lately(&self) -> Option<Timestamp> {
        self.case.host_came_up_lately()
    }

    /// The port of a named instance changed: it answers now, and what names the old port fails.
    pub(in crate::diagnosis) fn port_changed(&self) -> Option<Said> {
        let past = self.case.past;
        let now = self.case.evidence.at;
        let before = past
            .port_before
            .filter(|(at, port)| *port != self.port && now.duration_since(*at).abs() <= NEWS);
        let good = self.good_on_other_port().map(|good| (good.at, good.port));
        let (when, from) = good.or(before)?;
        (self.port_from == PortFrom::Browser).then_some(Said::PortChanged {
            from,
            port: self.port,
            when,
        })
    }

    /// The causes whose fix was tried in vain, and what it did not bring about. One that
    /// has come true since was not in vain, only late.
    pub(in crate::diagnosis) fn tried_in_vain(&self) -> impl Iterator<Item = (CauseId, Said)> {
        let case = self.case;
        let tried = case.past.tried.iter().filter(move |tried| {
            case.evidence.at.duration_since(tried.at) <= LAST_TRIED
                && tried.first.holds(case) != Some(true)
        });
        tried.map(|tried| (tried.cause, stayed(tried.first, tried.at)))
    }

    /// The name leads elsewhere than when it last answered. A change that it survived
    /// is none: only one after the last good answer counts.
    pub(in crate::diagnosis) fn moved(&self) -> Option<Said> {
        if matches!(self.case.target.host, Host::Address(_)) {
            return None;
        }
        let past = self.case.past;
        let good = past.last_good.as_ref();
        if let Some((when, from)) = past.moved_from.as_deref()
            && good.is_none_or(|good| good.at <= *when)
            && let Some(from) = from.first().copied()
        {
            return Some(Said::AddressesChanged { from, when: *when });
        }
        let good = good?;
        let addresses = &self.case.evidence.layers.resolve.addresses;
        (!addresses.is_empty() && !addresses.contains(&good.address)).then_some(
            Said::AnsweredAtAddress {
                address: good.address,
                when: good.at,
            },
        )
    }

    /// Where it answered lately, if the name led there then and leads elsewhere now: another
    /// machine that is alive is just what a moved name gives. Not where a cluster moves its
    /// addresses.
    pub(in crate::diagnosis) fn led_elsewhere(&self) -> Option<&'a Good> {
        let good = self.case.past.last_good.as_ref()?;
        let addresses = &self.case.evidence.layers.resolve.addresses;
        let moves = matches!(self.case.declared.kind, Some(Kind::AgListener | Kind::Fci))
            || self.clustered().is_some();
        let led = good.addresses.contains(&good.address) && !addresses.contains(&good.address);
        (self.moved().is_some() && led && !moves && !self.is_old(good)).then_some(good)
    }

    /// What the place did where it answered before the name moved.
    pub(in crate::diagnosis) fn old_place(&self) -> Option<(SocketAddr, Heard)> {
        let good = self.led_elsewhere()?;
        let place = SocketAddr::new(good.address, good.port.get());
        let attempt = self.newest(|look| match look {
            Look::Port(attempt) if attempt.endpoint == place => Some(attempt),
            _ => None,
        })?;
        let heard = Heard::of(attempt, &self.case.surroundings.vantage);
        let is_proxied = heard == Heard::Open && self.every_port_opens().is_some();
        (!is_proxied).then_some((place, heard))
    }

    /// What the move of a name weighs: one that was only noticed long after may be as old.
    pub(in crate::diagnosis) fn worth_of_move(&self, moved: &Said, points: i16) -> i16 {
        match (moved, &self.case.past.last_good) {
            (Said::AnsweredAtAddress { .. }, Some(good)) => self.worth(good, points),
            _ => points,
        }
    }
}

fn stayed(first: Expectation, when: Timestamp) -> Said {
    match first {
        Expectation::NameResolves => Said::TriedNameUnresolved { when },
        Expectation::BrowserAnswers => Said::TriedBrowserMute { when },
        Expectation::InstanceListed => Said::TriedInstanceUnlisted { when },
        Expectation::TcpListed => Said::TriedTcpUnlisted { when },
        Expectation::PortOpen => Said::TriedPortClosed { when },
        Expectation::AllAddressesOpen => Said::TriedAddressesDead { when },
        Expectation::EngineAnswers => Said::TriedEngineMute { when },
        Expectation::InstanceMatches => Said::TriedOtherInstance { when },
        Expectation::EncryptionOffered => Said::TriedNoEncryption { when },
    }
}

impl crate::diagnosis::Case<'_> {
    /// When the host came up, if that was within the minutes in which services start.
    pub(crate) fn host_came_up_lately(&self) -> Option<Timestamp> {
        let came_up = self.past.host_came_up?;
        let age = self.evidence.at.duration_since(came_up);
        (age.abs() <= STARTING).then_some(came_up)
    }
}
