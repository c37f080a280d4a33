//! What this machine's policy allows, as plain values. Who reads the file is `config`; who
//! holds everything that is sent to it is `probe`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::str::FromStr;

/// What may be sent, and how fast. The user's own settings can only be narrower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The file that says so; `None`: there is no policy, and all is allowed.
    pub file: Option<PathBuf>,
    /// Nothing is sent elsewhere; `None`: anywhere.
    pub networks: Option<Vec<Subnet>>,
    /// Nothing is sent there, whatever `networks` says.
    pub deny_networks: Vec<Subnet>,
    /// Whether extra looks are taken at hosts that fail.
    pub witnesses: bool,
    /// The highest rate, in new connections and datagrams a second; `None`: no limit of its own.
    pub rate: Option<u32>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            file: None,
            networks: None,
            deny_networks: Vec::new(),
            witnesses: true,
            rate: None,
        }
    }
}

impl Policy {
    /// Whether a packet may be sent to an address. This machine itself (loopback) is no
    /// network: it is forbidden only where `deny_networks` names it.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let within = |subnets: &[Subnet]| subnets.iter().any(|subnet| subnet.contains(address));
        let listed = match &self.networks {
            Some(networks) => address.is_loopback() || within(networks),
            None => true,
        };
        listed && !within(&self.deny_networks)
    }

    /// The rate that holds where the user wants this one; `None` is no limit.
    pub fn cap(&self, wanted: Option<u32>) -> Option<u32> {
        match (self.rate, wanted) {
            (Some(most), Some(wanted)) => Some(wanted.min(most)),
            (most, wanted) => most.or(wanted),
        }
    }
}

/// A network: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
///
/// ```
/// use sqlreach::policy::Subnet;
///
/// let subnet: Subnet = "10.77.2.0/24".parse().unwrap();
/// assert!(subnet.contains("10.77.2.9".parse().unwrap()));
/// assert!(!subnet.contains("10.77.3.2".parse().unwrap()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    base: IpAddr,
    bits: u8,
}

/// Why a text is no network: what is wrong, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSubnet {
    /// What is wrong.
    pub problem: &'static str,
    /// What would be right.
    pub hint: String,
}

impl Subnet {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.base.is_ipv4() && network_of(address, self.bits) == self.base
    }
}

impl FromStr for Subnet {
    type Err = NoSubnet;

    fn from_str(text: &str) -> Result<Self, NoSubnet> {
        let no = |problem, hint: String| Err(NoSubnet { problem, hint });
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let Ok(base) = address.parse::<IpAddr>() else {
            let hint = "write 10.0.0.0/8, 2001:db8::/32 or a single address";
            return no("is no network", hint.to_owned());
        };
        if base.to_canonical() != base {
            let hint = format!("write the IPv4 network itself: {}", base.to_canonical());
            return no("is IPv4 in an IPv6 address", hint);
        }
        let most = if base.is_ipv4() { 32 } else { 128 };
        // `+8` is a number for Rust; here only digits are.
        let is_number = |bits: &&str| bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits = match bits {
            None => most,
            Some(bits) => match Some(bits).filter(is_number).map(str::parse::<u8>) {
                Some(Ok(bits)) if bits <= most => bits,
                _ => {
                    let hint = format!("behind the slash stands a number from 0 to {most}");
                    return no("has no such prefix", hint);
                }
            },
        };
        let network = network_of(base, bits);
        if network != base {
            let hint = format!("write {network}/{bits} for the network, or {base} for the host");
            return no("has bits set behind its prefix", hint);
        }
        Ok(Self { base, bits })
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}

/// The address with all bits behind the prefix cleared.
fn network_of(address: IpAddr, bits: u8) -> IpAddr {
    let bits = u32::from(bits);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn policy(networks: &[&str], deny: &[&str]) -> Policy {
        let subnets = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Policy {
            networks: Some(subnets(networks)),
            deny_networks: subnets(deny),
            ..Policy::default()
        }
    }

    #[rstest]
    #[case::first("10.77.2.0", true)]
    #[case::last("10.77.2.255", true)]
    #[case::before("10.77.1.255", false)]
    #[case::behind("10.77.3.0", false)]
    #[case::single("192.0.2.7", true)]
    #[case::beside_it("192.0.2.8", false)]
    #[case::v6("2001:db8:0:1::9", true)]
    #[case::other_v6("2001:db9::9", false)]
    #[case::ipv4_in_ipv6_is_ipv4("::ffff:10.77.2.9", true)]
    #[case::and_forbidden_as_such("::ffff:10.77.3.2", false)]
    #[case::denied_within("10.77.2.66", false)]
    #[case::denied_in_ipv6_clothes("::ffff:10.77.2.66", false)]
    #[case::this_machine("127.0.0.1", true)]
    #[case::this_machine_v6("::1", true)]
    #[case::anywhere_is_no_address("0.0.0.0", false)]
    fn an_address_is_allowed_where_a_network_lists_it_and_none_denies_it(
        #[case] address: &str,
        #[case] allowed: bool,
    ) {
        let networks = ["10.77.2.0/24", "192.0.2.7", "2001:db8::/32"];
        let policy = policy(&networks, &["10.77.2.64/30"]);
        assert_eq!(policy.allows(address.parse().unwrap()), allowed);
    }

    #[test]
    fn an_empty_list_allows_nothing_and_no_list_everything() {
        let address = "10.0.0.1".parse().unwrap();
        assert!(!policy(&[], &[]).allows(address));
        assert!(Policy::default().allows(address));
    }

    #[test]
    fn loopback_can_be_denied() {
        let address = "127.0.0.1".parse().unwrap();
        assert!(!policy(&[], &["127.0.0.0/8"]).allows(address));
    }

    #[rstest]
    #[case::everything("0.0.0.0/0", "203.0.113.9", true)]
    #[case::everything_v6("::/0", "2001:db8::1", true)]
    #[case::families_are_apart("0.0.0.0/0", "2001:db8::1", false)]
    #[case::a_host("10.0.0.1/32", "10.0.0.2", false)]
    fn prefixes_at_their_ends_are_right(
        #[case] subnet: Subnet,
        #[case] address: IpAddr,
        #[case] within: bool,
    ) {
        assert_eq!(subnet.contains(address), within);
    }

    #[rstest]
    #[case::host_bits("10.1.2.3/8", "has bits set behind its prefix", "10.0.0.0/8")]
    #[case::host_bits_v6("2001:db8::1/32", "has bits set behind its prefix", "2001:db8::/32")]
    #[case::too_long("10.0.0.0/33", "has no such prefix", "0 to 32")]
    #[case::a_sign("10.0.0.0/+8", "has no such prefix", "0 to 32")]
    #[case::empty("10.0.0.0/", "has no such prefix", "0 to 32")]
    #[case::a_name("db1", "is no network", "10.0.0.0/8")]
    #[case::old_mask("10.0.0.0/255.0.0.0", "has no such prefix", "0 to 32")]
    #[case::mapped("::ffff:10.0.0.0/104", "is IPv4 in an IPv6 address", "10.0.0.0")]
    fn what_is_no_network_says_why(#[case] text: &str, #[case] problem: &str, #[case] hint: &str) {
        let error = text.parse::<Subnet>().unwrap_err();
        assert_eq!(error.problem, problem);
        assert!(error.hint.contains(hint), "{}", error.hint);
    }

    #[rstest]
    #[case::smaller(Some(10), Some(5), Some(5))]
    #[case::larger(Some(10), Some(100), Some(10))]
    #[case::max(Some(10), None, Some(10))]
    #[case::no_limit_of_its_own(None, Some(100), Some(100))]
    #[case::none_at_all(None, None, None)]
    fn the_smaller_rate_holds(
        #[case] most: Option<u32>,
        #[case] wanted: Option<u32>,
        #[case] holds: Option<u32>,
    ) {
        let policy = Policy {
            rate: most,
            ..Policy::default()
        };
        assert_eq!(policy.cap(wanted), holds);
    }
}
