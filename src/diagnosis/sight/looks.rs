//! What the extra looks say about the host.

use std::net::SocketAddr;

use super::Sight;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::{Said, State};
use crate::evidence::{Attempt, Hop, Look};
use crate::target::Port;

impl<'a> Sight<'a> {
    /// The newest witness of a kind.
    pub(in crate::diagnosis) fn newest<T>(
        &self,
        pick: impl Fn(&'a Look) -> Option<T>,
    ) -> Option<T> {
        self.case
            .witnesses
            .iter()
            .rev()
            .find_map(|witness| pick(&witness.look))
    }

    pub(super) fn closed_port(&self) -> Option<(Port, Heard)> {
        self.newest(|look| match look {
            Look::ClosedPort(attempt) => self.heard_at(attempt),
            _ => None,
        })
    }

    /// What other ports of the host did. Where every port opens, that one does is nobody's
    /// answer.
    pub(in crate::diagnosis) fn other_ports(&self) -> impl Iterator<Item = (Port, Heard)> {
        let all_open = self.every_port_opens().is_some();
        self.case
            .witnesses
            .iter()
            .filter_map(|witness| match &witness.look {
                Look::Port(attempt) => self
                    .heard_at(attempt)
                    .filter(|(port, _)| self.tried() != Some(*port)),
                _ => None,
            })
            .filter(move |(_, heard)| !(all_open && *heard == Heard::Open))
    }

    fn heard_at(&self, attempt: &Attempt) -> Option<(Port, Heard)> {
        let port = Port::new(attempt.endpoint.port())?;
        let here = Some(attempt.endpoint.ip()) == self.address;
        here.then(|| (port, Heard::of(attempt, &self.case.surroundings.vantage)))
    }

    /// Something on the way completes every handshake.
    pub(in crate::diagnosis) fn every_port_opens(&self) -> Option<Port> {
        self.closed
            .filter(|(_, heard)| *heard == Heard::Open)
            .map(|(port, _)| port)
    }

    /// Closed port and other port are silent, and nothing else shows life.
    pub(in crate::diagnosis) fn all_silent(&self) -> Option<Port> {
        let closed_silent = self
            .closed
            .is_some_and(|(_, heard)| heard == Heard::Silence);
        // The port of an engine that moved away is silent on a host that hides closed ports.
        let was_sql = self
            .good_on_other_port()
            .filter(|_| self.state == State::TimedOut);
        let telling = |port: Port| was_sql.is_none_or(|good| good.port != port);
        let other = self
            .other_ports()
            .find(|(port, heard)| *heard == Heard::Silence && telling(*port))?;
        (closed_silent && self.alive.is_none()).then_some(other.0)
    }

    /// What shows that the host is there. Where every port opens, an open port does not.
    pub(super) fn sign_of_life(&self) -> Option<Said> {
        let address = self.address?;
        if self.every_port_opens().is_none() {
            let port = self.other_ports().find_map(|(port, heard)| match heard {
                Heard::Open => Some(Said::OtherPortOpens { address, port }),
                Heard::Reset => Some(Said::OtherPortRefuses { address, port }),
                _ => None,
            });
            let closed = self.closed.filter(|(_, heard)| *heard == Heard::Reset);
            let closed = closed.map(|(port, _)| Said::ClosedPortResets { address, port });
            // Without Browser the probe goes on to the port where it answered last.
            let port = port.or(match (self.state, self.heard) {
                (State::NotLocated, Heard::Open) => Some(Said::OtherPortOpens {
                    address,
                    port: self.port,
                }),
                (State::NotLocated, Heard::Reset) => Some(Said::OtherPortRefuses {
                    address,
                    port: self.port,
                }),
                _ => None,
            });
            if let Some(said) = port.or(closed) {
                return Some(said);
            }
        }
        if let Some(said) = self
            .browsers()
            .find_map(|browser| Self::browser_shows_life(browser, address))
        {
            return Some(said);
        }
        match self.case.surroundings.host.answering {
            0 => None,
            answering => Some(Said::HostAnswersOthers { answering }),
        }
    }

    /// The walk towards the port that the state speaks of.
    pub(in crate::diagnosis) fn walk(&self) -> Option<&'a [Hop]> {
        self.walk_to(self.endpoint()?)
    }

    /// The newest walk towards an endpoint.
    pub(in crate::diagnosis) fn walk_to(&self, wanted: SocketAddr) -> Option<&'a [Hop]> {
        self.newest(|look| match look {
            Look::Path {
                endpoint,
                available: true,
                hops,
            } if *endpoint == wanted => Some(hops.as_slice()),
            _ => None,
        })
    }
}
