//! Which loopback addresses and ports this machine lets us have.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// How many networks may run beside each other on one machine.
const NETWORKS: u8 = 16;
/// Where the DNS server answers: below the ephemeral ports, and not mDNS's 5353.
const DNS_PORT: u16 = 10_053;

/// Where the simulated hosts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Every host has an address of its own, `127.77.network.host`: Linux and Windows.
    Addresses {
        /// Third byte of the addresses; differs where several networks run at once.
        network: u8,
        /// 1433, or another one where something holds 1433 on every address.
        default_port: u16,
        /// 1434, or another one for the same reason.
        browser_port: u16,
    },
    /// All hosts are 127.0.0.1 and differ in their ports, which are whatever is free:
    /// macOS, which has no other address on loopback.
    Ports,
}

impl Layout {
    /// All layouts, the most lifelike first.
    pub fn candidates() -> impl Iterator<Item = Self> {
        let addresses = |(default_port, browser_port)| {
            (0..NETWORKS).map(move |network| Self::Addresses {
                network,
                default_port,
                browser_port,
            })
        };
        [(1433, 1434), (21_433, 21_434)]
            .into_iter()
            .flat_map(addresses)
            .chain([Self::Ports])
    }

    /// The address of a host, by its number.
    pub fn host(self, number: u8) -> IpAddr {
        match self {
            Self::Addresses { network, .. } => Ipv4Addr::new(127, 77, network, number).into(),
            Self::Ports => Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// An address on which no Browser runs, and no other host of the network.
    pub fn lonely_host(self, number: u8) -> IpAddr {
        match self {
            Self::Addresses { .. } => self.host(number),
            Self::Ports => Ipv6Addr::LOCALHOST.into(),
        }
    }

    /// The port to bind where a host would have `wanted`; 0 means any.
    pub fn port(self, wanted: u16) -> u16 {
        match self {
            Self::Addresses { default_port, .. } if wanted == 1433 => default_port,
            Self::Addresses { browser_port, .. } if wanted == 1434 => browser_port,
            Self::Addresses { .. } => wanted,
            Self::Ports => 0,
        }
    }

    /// Where the DNS server goes. It is bound first, so it claims the network.
    pub fn dns(self) -> SocketAddr {
        SocketAddr::new(self.host(53), self.port(DNS_PORT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layout_has_the_ports_of_the_field_and_the_last_needs_one_address() {
        let all: Vec<_> = Layout::candidates().collect();
        assert_eq!(
            (all[0].port(1433), all[0].port(1434), all[0].port(50123)),
            (1433, 1434, 50123)
        );
        assert_ne!(all[0].host(11), all[0].host(12));
        let last = all.last().unwrap();
        assert_eq!(
            (last.host(11), last.host(12), last.port(1433)),
            (last.host(1), last.host(1), 0)
        );
    }
}
