//! The network that neighbours share: a /24 or a /64.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::target::Plainly;

/// A /24 of IPv4 or a /64 of IPv6: what neighbours most often share, whatever their mask is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Subnet {
    /// The first three bytes of the address.
    V4([u8; 3]),
    /// The first eight bytes of the address.
    V6([u8; 8]),
}

impl Subnet {
    /// The subnet of an address.
    ///
    /// ```
    /// use sqlreach::diagnosis::Subnet;
    ///
    /// let subnet = Subnet::of("10.4.7.12".parse().expect("an address"));
    /// assert_eq!(subnet.to_string(), "10.4.7.0/24");
    /// ```
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Self::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let octets = address.octets();
                Self::V6(std::array::from_fn(|at| octets[at]))
            }
        }
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::V4([a, b, c]) => write!(f, "{}/24", Plainly(IpAddr::from([a, b, c, 0]))),
            Self::V6(prefix) => {
                let mut octets = [0; 16];
                octets[..prefix.len()].copy_from_slice(&prefix);
                write!(f, "{}/64", Ipv6Addr::from(octets))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Subnet;

    #[rstest]
    #[case("10.0.4.12", "10.0.4.0/24")]
    #[case("2001:db8:1:2:3::1", "2001:db8:1:2::/64")]
    #[case("fe80::1", "fe80::/64")]
    fn a_subnet_is_written_with_its_mask(#[case] address: &str, #[case] subnet: &str) {
        assert_eq!(Subnet::of(address.parse().unwrap()).to_string(), subnet);
    }
}
