//! Where Browser lists the instance of a target that gives a port, or leaves it at 1433:
//! its clients never ask Browser, so only a look tells.

use super::{PortFrom, Sight};
use crate::diagnosis::Said;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::ports::Ports;
use crate::evidence::{Advertised, Browser, BrowserStatus};
use crate::target::{DEFAULT_INSTANCE, Kind, Port};

/// What Browser lists, seen from the port that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnosis) enum Listed {
    /// The wanted instance, on another port.
    Elsewhere(Port),
    /// The wanted instance, on this port.
    Here,
    /// The wanted instance, without a TCP port.
    WithoutTcp,
    /// An instance on this port, and which one is wanted is not known.
    SomebodyHere,
    /// Instances, none of them on this port.
    OthersOnly(Ports),
}

impl<'a> Sight<'a> {
    /// Whether Browser could tell what became of the port: it lists no listener of an
    /// availability group, and neither Linux nor a cloud has it.
    pub(in crate::diagnosis) fn is_worth_a_list(&self) -> bool {
        let without_browser =
            self.is_cloud() || self.is_container() || self.hides_no_port() && !self.is_loopback();
        self.port_from != PortFrom::Browser
            && !without_browser
            && self.case.declared.kind != Some(Kind::AgListener)
    }

    /// What Browser lists, seen from the port that was tried.
    pub(in crate::diagnosis) fn listed(&self) -> Option<Listed> {
        *self.listed.get_or_init(|| self.look_up())
    }

    fn look_up(&self) -> Option<Listed> {
        if !self.is_worth_a_list() {
            return None;
        }
        let here = |entry: &&Advertised| entry.tcp == Some(self.port);
        let wanted = self.listings().find(|entry| self.is_wanted(entry));
        match wanted.map(|entry| entry.tcp) {
            Some(Some(port)) if port == self.port => return Some(Listed::Here),
            Some(Some(port)) => return Some(Listed::Elsewhere(port)),
            Some(None) => return Some(Listed::WithoutTcp),
            None => {}
        }
        if self.listings().any(|entry| here(&entry)) {
            return Some(Listed::SomebodyHere);
        }
        // Of a list that was cut off nobody knows who is missing.
        let is_whole = self.readable().all(|browser| browser.flaws.is_empty());
        let ports: Ports = self.listings().filter_map(|entry| entry.tcp).collect();
        (is_whole && ports != Ports::default()).then_some(Listed::OthersOnly(ports))
    }

    /// Where Browser lists the wanted instance, or where it answered since, if not on the
    /// port that was tried, and what that port did when it was looked at.
    pub(in crate::diagnosis) fn listed_elsewhere(&self) -> Option<(Port, Option<Heard>)> {
        let listed = match self.listed() {
            Some(Listed::Elsewhere(listed)) => listed,
            Some(Listed::Here | Listed::WithoutTcp) => return None,
            _ => self.answered_elsewhere()?,
        };
        let heard = self
            .other_ports()
            .find(|(port, _)| *port == listed)
            .map(|(_, heard)| heard);
        Some((listed, heard))
    }

    /// Where the instance of this port answered to its name since it was lost here.
    fn answered_elsewhere(&self) -> Option<Port> {
        let port = self.case.past.instance_on?;
        (self.good_here().is_some() && port != self.port).then_some(port)
    }

    /// Whether it is Browser that knows the other port, and not an answer there.
    pub(in crate::diagnosis) fn is_listed_elsewhere(&self) -> bool {
        matches!(self.listed(), Some(Listed::Elsewhere(_)))
    }

    /// How the port that moved is told: with what it was, where that is known.
    pub(in crate::diagnosis) fn said_elsewhere(&self, port: Port) -> Said {
        if !self.is_listed_elsewhere() {
            return Said::InstanceAnswersOn { port };
        }
        match (self.good_here(), &self.case.past.instance_there) {
            (Some(good), Some(_)) => Said::ListedElsewhere {
                from: good.port,
                port,
                when: good.at,
            },
            _ => Said::BrowserAdvertises { port },
        }
    }

    fn is_wanted(&self, entry: &Advertised) -> bool {
        let name = entry.instance.raw();
        let known = self.case.target.instance.as_ref();
        match known.or(self.case.past.instance_there.as_ref()) {
            Some(wanted) => wanted.matches(name),
            None => {
                self.port_from == PortFrom::Default && name.eq_ignore_ascii_case(DEFAULT_INSTANCE)
            }
        }
    }

    fn listings(&self) -> impl Iterator<Item = &'a Advertised> {
        self.readable().flat_map(|browser| &browser.instances)
    }

    /// The answers of the Browser of this very address.
    fn readable(&self) -> impl Iterator<Item = &'a Browser> {
        let address = self.address;
        self.browsers().filter(move |browser| {
            let here = browser
                .asked
                .is_none_or(|asked| Some(asked.ip()) == address);
            here && !matches!(
                browser.status,
                BrowserStatus::Skipped | BrowserStatus::Silent | BrowserStatus::Refused
            )
        })
    }
}
