//! The machine that the probes are sent from. Nothing here sends a packet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use crate::evidence::{Os, Vantage};

/// This machine as it is right now.
pub fn now() -> Vantage {
    let addresses = addresses();
    Vantage {
        host: hostname::get()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        os: os(),
        senders: super::icmp::senders(),
        ipv4: has_way_over(&addresses, IpAddr::V4(SOMEWHERE_V4)),
        ipv6: has_way_over(&addresses, IpAddr::V6(SOMEWHERE_V6)),
        addresses,
    }
}

/// Whether the routing table knows a way to `address`: what `connect()` on a datagram
/// socket asks, which sends nothing.
pub fn has_way(address: IpAddr) -> bool {
    way_to(address).is_some()
}

/// Whether this machine has any way out in the family of `like`.
pub fn has_family(like: IpAddr) -> bool {
    let somewhere = match like {
        IpAddr::V4(_) => IpAddr::V4(SOMEWHERE_V4),
        IpAddr::V6(_) => IpAddr::V6(SOMEWHERE_V6),
    };
    has_way_over(&addresses(), somewhere)
}

/// TEST-NET-1 and the documentation prefix: far away, so only a default route leads there.
const SOMEWHERE_V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const SOMEWHERE_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

/// A default route is a way out, and so is an address of our own that is more than
/// link-local: it brings a route to its network, where an isolated site has no default.
fn has_way_over(addresses: &[IpAddr], somewhere: IpAddr) -> bool {
    addresses
        .iter()
        .any(|own| own.is_ipv4() == somewhere.is_ipv4() && !is_link_local(*own))
        || has_way(somewhere)
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

/// Our own address on the way there.
pub fn way_to(address: IpAddr) -> Option<IpAddr> {
    let unspecified = match address {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind(SocketAddr::new(unspecified, 0)).ok()?;
    // Port 9 is `discard`; any would do.
    socket.connect(SocketAddr::new(address, 9)).ok()?;
    let local = socket.local_addr().ok()?.ip();
    // Without an address of its own in the family, Linux would send from loopback or
    // from a link-local address, to which nothing far away can answer.
    let answerable = address.is_loopback()
        || !local.is_loopback() && (is_link_local(address) || !is_link_local(local));
    (answerable && !local.is_unspecified()).then_some(local)
}

fn os() -> Os {
    if cfg!(windows) {
        Os::Windows
    } else if cfg!(target_os = "macos") {
        Os::MacOs
    } else {
        Os::Linux
    }
}

/// The other addresses of the interface that has `own`, of its family.
#[cfg(unix)]
pub fn beside(own: IpAddr) -> Vec<IpAddr> {
    let all: Vec<_> = interfaces().collect();
    // A second address may have a label of its own: `eth0:1`.
    let card = |label: &str| label.split(':').next().map(str::to_owned);
    let ours = |(_, address): &&(String, IpAddr)| *address == own;
    let Some(at) = all.iter().find(ours).map(|(label, _)| card(label)) else {
        return Vec::new();
    };
    all.into_iter()
        .filter(|(label, _)| card(label) == at)
        .map(|(_, address)| address)
        .filter(|other| *other != own && other.is_ipv4() == own.is_ipv4() && !is_link_local(*other))
        .collect()
}

/// They are not asked for.
#[cfg(not(unix))]
pub fn beside(_: IpAddr) -> Vec<IpAddr> {
    Vec::new()
}

/// The addresses of interfaces that are up and have a carrier, loopback left out.
#[cfg(unix)]
fn addresses() -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = interfaces().map(|(_, address)| address).collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// The same with the label of each.
#[cfg(unix)]
fn interfaces() -> impl Iterator<Item = (String, IpAddr)> {
    use nix::net::if_::InterfaceFlags;

    let wanted = InterfaceFlags::IFF_UP | InterfaceFlags::IFF_RUNNING;
    nix::ifaddrs::getifaddrs()
        .into_iter()
        .flatten()
        .filter(move |interface| interface.flags.contains(wanted))
        .filter_map(|interface| {
            let address = interface.address?;
            let address = address
                .as_sockaddr_in()
                .map(|v4| IpAddr::V4(v4.ip()))
                .or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))?;
            Some((interface.interface_name, address))
        })
        .filter(|(_, address)| !address.is_loopback())
}

/// The addresses that this machine would send from.
#[cfg(not(unix))]
fn addresses() -> Vec<IpAddr> {
    [IpAddr::V4(SOMEWHERE_V4), IpAddr::V6(SOMEWHERE_V6)]
        .into_iter()
        .filter_map(way_to)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_a_way_but_no_address_of_this_machine() {
        assert!(has_way(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        assert!(now().addresses.iter().all(|address| !address.is_loopback()));
    }

    #[test]
    fn an_address_is_a_way_out_without_a_default_route_but_a_link_local_one_is_not() {
        let isolated = ["10.4.0.7".parse().unwrap()];
        assert!(has_way_over(&isolated, IpAddr::V4(SOMEWHERE_V4)));
        let alone = ["fe80::1".parse().unwrap()];
        assert_eq!(
            has_way_over(&alone, IpAddr::V6(SOMEWHERE_V6)),
            has_way(IpAddr::V6(SOMEWHERE_V6))
        );
    }
}
