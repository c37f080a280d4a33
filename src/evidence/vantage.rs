//! The machine that the probes are sent from.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// The machine that the probes are sent from, as it is right now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vantage {
    /// Its name.
    pub host: String,
    /// Its operating system.
    pub os: Os,
    /// Its own addresses, loopback left out.
    pub addresses: Vec<IpAddr>,
    /// It has a way out over IPv4 (an address and a route).
    pub ipv4: bool,
    /// It has a way out over IPv6.
    pub ipv6: bool,
    /// Whether its system names the devices that answer.
    #[serde(default)]
    pub senders: Senders,
}

/// Whether the system tells a program, without privileges, which device answered a packet
/// of its own with ICMP. A path can be walked only where it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Senders {
    /// It does: the error queue of Linux, an option of Windows 10 2004 and later.
    #[default]
    Named,
    /// It does not, or nobody asks it here.
    Unnamed,
}

/// An operating system, as far as commands differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Os {
    /// Windows
    Windows,
    /// Linux and whatever is close to it
    #[default]
    Linux,
    /// macOS
    MacOs,
}

impl Os {
    /// The system that this program was built for.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Linux
    };
}
