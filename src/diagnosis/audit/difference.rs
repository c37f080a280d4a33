//! What does not fit together, by stable ids.

use std::net::{IpAddr, SocketAddr};

use serde::Serialize;

use crate::evidence::{Elapsed, Service, Version};
use crate::target::{Port, Untrusted};

/// One thing that does not fit together, with the values that its words name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "id", rename_all = "kebab-case")]
pub enum Difference {
    /// Browser lists a port that does not open.
    StalePort {
        /// The port.
        port: Port,
        /// It gave no answer at all, which proves less than a refusal: Windows hides its
        /// closed ports.
        silent: bool,
        /// The instance is clustered: it listens on its own address only.
        clustered: bool,
        /// Where the instance was found instead.
        #[serde(skip_serializing_if = "Option::is_none")]
        found: Option<Port>,
    },
    /// Browser lists a port on which something else than SQL Server answers.
    PortTaken {
        /// The port.
        port: Port,
        /// What answers.
        service: Service,
    },
    /// Another instance answers than the one that was asked for.
    OtherInstance {
        /// The port.
        port: Port,
        /// The instance whose port it is, where that was found out.
        #[serde(skip_serializing_if = "Option::is_none")]
        who: Option<Untrusted>,
        /// The one that was asked for is clustered: it listens on its own address only.
        clustered: bool,
    },
    /// Browser's version and the build that answers contradict each other.
    VersionDrift {
        /// What Browser says.
        listed: Untrusted,
        /// The build.
        version: Version,
    },
    /// An engine answers on a port that Browser does not list.
    HiddenInstance {
        /// The port.
        port: Port,
    },
    /// Browser lists two instances on one port.
    SharedPort {
        /// The port.
        port: Port,
        /// The first of the others.
        with: Untrusted,
    },
    /// Browser lists the instance without a TCP port.
    NoTcp,
    /// Browser answered from another address or port than was asked.
    AnsweredElsewhere {
        /// Where its answer came from.
        from: SocketAddr,
    },
    /// Browser answered later than drivers wait.
    AnsweredLate {
        /// The datagram that was answered; 1 is the first.
        tries: u8,
        /// How long after that datagram.
        #[serde(rename = "elapsed_ms")]
        took: Elapsed,
    },
    /// Browser gave no answer.
    BrowserSilent,
    /// The host says that nothing listens on Browser's port.
    BrowserRefused,
    /// What answered on Browser's port is damaged, or no answer.
    ReplyMalformed,
    /// A port opens, and nothing answers PRELOGIN there.
    SilentEngine {
        /// The port.
        port: Port,
    },
    /// This machine itself stopped the question to Browser, which tells nothing of the server.
    StoppedHere,
    /// A device says that there is no way to the host, or that the host does not answer it.
    Unreachable {
        /// The device.
        by: IpAddr,
    },
}

impl Difference {
    /// Every id.
    pub const IDS: [&str; 15] = [
        "stale-port",
        "port-taken",
        "other-instance",
        "version-drift",
        "hidden-instance",
        "shared-port",
        "no-tcp",
        "answered-elsewhere",
        "answered-late",
        "browser-silent",
        "browser-refused",
        "reply-malformed",
        "silent-engine",
        "stopped-here",
        "unreachable",
    ];

    /// The id that scripts rely on: `stale-port`.
    pub fn id(&self) -> &'static str {
        match self {
            Self::StalePort { .. } => "stale-port",
            Self::PortTaken { .. } => "port-taken",
            Self::OtherInstance { .. } => "other-instance",
            Self::VersionDrift { .. } => "version-drift",
            Self::HiddenInstance { .. } => "hidden-instance",
            Self::SharedPort { .. } => "shared-port",
            Self::NoTcp => "no-tcp",
            Self::AnsweredElsewhere { .. } => "answered-elsewhere",
            Self::AnsweredLate { .. } => "answered-late",
            Self::BrowserSilent => "browser-silent",
            Self::BrowserRefused => "browser-refused",
            Self::ReplyMalformed => "reply-malformed",
            Self::SilentEngine { .. } => "silent-engine",
            Self::StoppedHere => "stopped-here",
            Self::Unreachable { .. } => "unreachable",
        }
    }

    /// What tells one wording from another: the id, and for some a word that narrows it.
    pub fn case(&self) -> (&'static str, Option<&'static str>) {
        let narrowed = match self {
            Self::StalePort { found: Some(_), .. } => Some("found"),
            Self::StalePort {
                clustered: true, ..
            }
            | Self::OtherInstance {
                clustered: true, ..
            } => Some("clustered"),
            Self::StalePort { silent: true, .. } => Some("silent"),
            _ => None,
        };
        (self.id(), narrowed)
    }
}
