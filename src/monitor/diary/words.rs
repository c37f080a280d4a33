//! What happened, in words: for the screen and the reports. Times are the reader's to write.

use std::fmt;

use super::{Glance, Happening};
use crate::evidence::{BrowserStatus, ConnectStatus};
use crate::target::clean;

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => write!(f, "a probe was asked for by hand"),
            Self::Looked(glance) => write!(f, "looked besides at {glance}"),
            Self::Acknowledged(taken) => {
                write!(f, "acknowledged: {}", clean(&taken.reason, 200))
            }
            Self::Maintenance(name) => write!(f, "maintenance began: {}", clean(name, 200)),
            Self::MaintenanceOver => write!(f, "maintenance is over"),
            Self::TakenBack => write!(f, "no longer acknowledged"),
            Self::Moved { from, to } => {
                let list = |addresses: &[std::net::IpAddr]| {
                    let texts: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                    texts.join(", ")
                };
                write!(f, "the name moved from {} to {}", list(from), list(to))
            }
            Self::PortMoved { from, to } => write!(f, "the port changed from {from} to {to}"),
            Self::Audited => write!(
                f,
                "its host was asked for everything it lists, opens and answers"
            ),
            Self::Joined(incident) => write!(f, "fails with others: incident {}", incident.0),
            Self::Left(incident) => write!(f, "no longer in incident {}", incident.0),
        }
    }
}

impl fmt::Display for Glance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Port(endpoint, status) => write!(f, "{endpoint}: {}", connect(status)),
            Self::ClosedPort(endpoint, status) => {
                write!(f, "the closed port {endpoint}: {}", connect(status))
            }
            Self::BrowserList(status) => write!(f, "Browser, all instances: {}", browser(status)),
            Self::BrowserName(status) => write!(f, "Browser, this instance: {}", browser(status)),
            Self::Dac(Some(status)) => {
                write!(f, "the administrator connection: {}", connect(status))
            }
            Self::Dac(None) => write!(f, "the administrator connection: no port is known"),
            Self::Path(endpoint, Some(1)) => write!(f, "the path to {endpoint}: 1 hop"),
            Self::Path(endpoint, Some(hops)) => {
                write!(f, "the path to {endpoint}: {hops} hops")
            }
            Self::Path(endpoint, None) => {
                write!(f, "the path to {endpoint}: not available on this system")
            }
        }
    }
}

fn connect(status: ConnectStatus) -> &'static str {
    match status {
        ConnectStatus::Skipped => "not tried",
        ConnectStatus::Open => "open",
        ConnectStatus::Refused => "refused",
        ConnectStatus::TimedOut => "timed out",
        ConnectStatus::Unreachable => "unreachable",
        ConnectStatus::Blocked => "blocked by this machine",
        ConnectStatus::Exhausted => "not tried: this machine had nothing left",
    }
}

fn browser(status: BrowserStatus) -> &'static str {
    match status {
        BrowserStatus::Skipped => "not asked",
        BrowserStatus::Ok => "it has a port",
        BrowserStatus::Silent => "no answer",
        BrowserStatus::Refused => "refused",
        BrowserStatus::Malformed => "an answer that cannot be read",
        BrowserStatus::NotListed => "not listed",
        BrowserStatus::NoTcp => "listed without a TCP port",
    }
}
