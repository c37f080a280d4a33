//! The lines of one address: Browser's entries with the ports they lead to, then the
//! ports that it does not list.

use std::collections::HashMap;

use super::{Answers, Difference, Identity, Line, drift, engine_answers};
use crate::evidence::{
    Advertised, ConnectStatus, Door, KnownBy, Listing, Prelogin, PreloginStatus, Service,
};
use crate::target::{DEFAULT_INSTANCE, Port, Untrusted};

/// From here on every engine answers to the name of the default instance, whatever its own
/// (\[MS-TDS\] 2.2.6.5, INSTOPT).
const ANSWERS_TO_DEFAULT: u8 = 11;

/// One address, with what is looked up in it again and again.
struct Sight<'a> {
    listing: &'a Listing,
    /// Where an engine said that it is this instance, by port.
    owners: HashMap<Port, &'a Untrusted>,
}

pub(super) fn lines(listing: &Listing) -> Vec<Line> {
    let sight = Sight::of(listing);
    let entries = &listing.browser.instances;
    let mut lines: Vec<Line> = entries.iter().map(|entry| sight.entry(entry)).collect();
    let unlisted = listing.doors.iter();
    let unlisted = unlisted.filter(|door| door.known_by != KnownBy::Browser);
    lines.extend(unlisted.map(|door| sight.unlisted(door)));
    lines
}

impl<'a> Sight<'a> {
    fn of(listing: &'a Listing) -> Self {
        let confirmed = listing.doors.iter().filter_map(|door| {
            let name = door.instance.as_ref()?;
            (identity(door) == Identity::Yes).then_some((door.port, name))
        });
        Self {
            listing,
            owners: confirmed.collect(),
        }
    }

    fn entry(&self, entry: &Advertised) -> Line {
        let door = self.door_of(entry);
        let mut line = self.line(door, Some(&entry.instance));
        line.listed = true;
        line.advertised = entry.tcp;
        line.differences = [
            no_tcp(entry, self.is_whole()),
            door.and_then(|door| self.stale(entry, door)),
            door.and_then(port_taken),
            door.and_then(silent_engine),
            door.and_then(|door| self.other(door, &entry.instance, entry.clustered)),
            door.and_then(|door| self.drifts(entry, door)),
            self.shared(entry),
        ]
        .into_iter()
        .flatten()
        .collect();
        line
    }

    fn unlisted(&self, door: &Door) -> Line {
        let entry = door
            .instance
            .as_ref()
            .and_then(|name| self.entry_named(name));
        let clustered = entry.is_some_and(|entry| entry.clustered);
        let other = door
            .instance
            .as_ref()
            .and_then(|name| self.other(door, name, clustered));
        let mut line = self.line(Some(door), door.instance.as_ref());
        line.listed = entry.is_some();
        line.advertised = entry.and_then(|entry| entry.tcp);
        line.differences = [other, self.hidden(door), silent_engine(door)]
            .into_iter()
            .flatten()
            .collect();
        line
    }

    fn line(&self, door: Option<&Door>, instance: Option<&Untrusted>) -> Line {
        Line {
            instance: instance.cloned(),
            listed: false,
            advertised: None,
            port: door.map(|door| door.port),
            known_by: door.map(|door| door.known_by),
            connect: door.map_or(ConnectStatus::Skipped, |door| door.attempt.status),
            answers: door.map_or(Answers::NotAsked, |door| self.answers(door, instance)),
            differences: Vec::new(),
        }
    }

    fn answers(&self, door: &Door, instance: Option<&Untrusted>) -> Answers {
        let taken = instance.is_some_and(|name| self.other_owner(door.port, name).is_some());
        match answers(&door.prelogin) {
            Answers::Engine { version, .. } => Answers::Engine {
                version,
                identity: if taken { Identity::No } else { identity(door) },
            },
            other => other,
        }
    }

    /// The door that was tried for an entry: in its name, or for any where the name could
    /// not be asked for.
    fn door_of(&self, entry: &Advertised) -> Option<&'a Door> {
        let port = entry.tcp?;
        let mut there = self.listing.doors.iter().filter(|door| door.port == port);
        let named = |door: &&Door| {
            let asked = door.instance.as_ref();
            asked.is_some_and(|asked| same(asked, &entry.instance))
        };
        there
            .clone()
            .find(named)
            .or_else(|| there.find(|door| door.instance.is_none()))
    }

    fn entry_named(&self, name: &Untrusted) -> Option<&'a Advertised> {
        let mut entries = self.listing.browser.instances.iter();
        entries.find(|entry| same(&entry.instance, name))
    }

    /// The instance that has the port, where it is another one.
    fn other_owner(&self, port: Port, name: &Untrusted) -> Option<&'a Untrusted> {
        let owner = self.owners.get(&port)?;
        (!same(owner, name)).then_some(*owner)
    }

    /// Whether what is missing from Browser's list is missing on the host: a damaged list
    /// proves no absence.
    fn is_whole(&self) -> bool {
        let browser = &self.listing.browser;
        !browser.instances.is_empty() && browser.flaws.is_empty()
    }

    /// Browser reads the registry: the last port of a stopped instance stays there, and a
    /// new one is there before the restart that opens it.
    fn stale(&self, entry: &Advertised, door: &Door) -> Option<Difference> {
        let silent = match door.attempt.status {
            ConnectStatus::Refused => false,
            ConnectStatus::TimedOut => true,
            _ => return None,
        };
        let mut owners = self.owners.iter();
        let found = owners.find(|(_, owner)| same(owner, &entry.instance));
        Some(Difference::StalePort {
            port: door.port,
            silent,
            clustered: entry.clustered,
            found: found.map(|(port, _)| *port),
        })
    }

    /// It says so itself; or the port was found to be another one's, where the name could
    /// not be asked for or proves nothing.
    fn other(&self, door: &Door, name: &Untrusted, clustered: bool) -> Option<Difference> {
        let who = self.other_owner(door.port, name);
        let answers = engine_answers(door.prelogin.status);
        (answers && (identity(door) == Identity::No || who.is_some())).then(|| {
            Difference::OtherInstance {
                port: door.port,
                who: who.cloned(),
                clustered,
            }
        })
    }

    /// Of the instance itself only: another one has a version of its own.
    fn drifts(&self, entry: &Advertised, door: &Door) -> Option<Difference> {
        let version = door.prelogin.version?;
        let itself = door.prelogin.status == PreloginStatus::Ok
            && self.other_owner(door.port, &entry.instance).is_none();
        (itself && drift::contradict(entry.version.raw(), version)).then(|| {
            Difference::VersionDrift {
                listed: entry.version.clone(),
                version,
            }
        })
    }

    /// Two failover cluster instances may have one port: each has an address of its own.
    fn shared(&self, entry: &Advertised) -> Option<Difference> {
        let port = entry.tcp?;
        let mut entries = self.listing.browser.instances.iter();
        let other = entries.find(|other| {
            other.tcp == Some(port)
                && !same(&other.instance, &entry.instance)
                && !(other.clustered && entry.clustered)
        })?;
        Some(Difference::SharedPort {
            port,
            with: other.instance.clone(),
        })
    }

    /// Not where the engine says that it is an instance of the list: that one has two
    /// ports, or Browser lists a wrong one.
    fn hidden(&self, door: &Door) -> Option<Difference> {
        let entries = &self.listing.browser.instances;
        let port_listed = entries.iter().any(|entry| entry.tcp == Some(door.port));
        let owner = self.owners.get(&door.port);
        let owner_listed = owner.is_some_and(|owner| self.entry_named(owner).is_some());
        let engine = door.prelogin.status == PreloginStatus::Ok;
        (engine && self.is_whole() && !port_listed && !owner_listed)
            .then_some(Difference::HiddenInstance { port: door.port })
    }
}

fn no_tcp(entry: &Advertised, whole: bool) -> Option<Difference> {
    (whole && entry.tcp.is_none()).then_some(Difference::NoTcp)
}

fn port_taken(door: &Door) -> Option<Difference> {
    let Answers::Service { service } = answers(&door.prelogin) else {
        return None;
    };
    Some(Difference::PortTaken {
        port: door.port,
        service,
    })
}

/// The kernel completes the handshake, PRELOGIN needs the engine; or something on the way
/// opens every port.
fn silent_engine(door: &Door) -> Option<Difference> {
    let is_mute = matches!(
        door.prelogin.status,
        PreloginStatus::Silent | PreloginStatus::Closed | PreloginStatus::Reset
    );
    is_mute.then_some(Difference::SilentEngine { port: door.port })
}

/// Whether the engine is the instance that its door asked for.
fn identity(door: &Door) -> Identity {
    let Some(name) = &door.instance else {
        return Identity::Unproven;
    };
    let answers_to_all = door
        .prelogin
        .version
        .is_none_or(|version| version.major >= ANSWERS_TO_DEFAULT);
    match door.prelogin.instance_matches {
        Some(false) => Identity::No,
        Some(true) if answers_to_all && is_default(name) => Identity::Unproven,
        Some(true) => Identity::Yes,
        None => Identity::Unproven,
    }
}

fn answers(prelogin: &Prelogin) -> Answers {
    match prelogin.status {
        PreloginStatus::Skipped => Answers::NotAsked,
        PreloginStatus::Ok | PreloginStatus::InstanceMismatch => Answers::Engine {
            version: prelogin.version,
            identity: Identity::Unproven,
        },
        PreloginStatus::Silent => Answers::Silence,
        PreloginStatus::Closed | PreloginStatus::Reset => Answers::HangUp,
        PreloginStatus::NotTds => Answers::Service {
            service: prelogin.service.unwrap_or(Service::Unknown),
        },
        PreloginStatus::Malformed => match &prelogin.error {
            Some(error) => Answers::Error {
                number: error.number,
            },
            None => Answers::Nonsense,
        },
    }
}

fn is_default(name: &Untrusted) -> bool {
    name.raw().eq_ignore_ascii_case(DEFAULT_INSTANCE)
}

/// Instance names are compared without regard to case.
fn same(one: &Untrusted, other: &Untrusted) -> bool {
    one.raw().to_lowercase() == other.raw().to_lowercase()
}
