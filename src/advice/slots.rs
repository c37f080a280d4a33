//! The slots that a playbook may use, and their values in a case.
//!
//! A value is only ever made of checked tokens, addresses and numbers. Text from the
//! network becomes a value only by being parsed into such a token.

use std::cell::OnceCell;
use std::net::IpAddr;

use super::facts;
use super::template::placeholder;
use crate::diagnosis::{Case, Subnet};
use crate::evidence::ResponseCode;
use crate::target::{DEFAULT_INSTANCE, Host, HostName, Plainly, Port};

macro_rules! slots {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A place in a playbook's text that a case fills.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Slot {
            $($(#[$doc])* $name,)*
        }

        impl Slot {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// The slot that is written `{word}`.
            pub(super) fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

slots! {
    /// The host as it was given.
    Host = "host",
    /// The host's name; unknown where an address was given, so that nobody looks one up.
    Name = "name",
    /// `\\host`, as `sc.exe` wants it.
    Unc = "unc",
    /// The address that is spoken of.
    Address = "address",
    /// The port that is spoken of.
    Port = "port",
    /// `tcp:host,port`
    Endpoint = "endpoint",
    /// The server as the client writes it.
    Server = "server",
    /// The instance, `MSSQLSERVER` for the default one.
    Instance = "instance",
    /// Its Windows service.
    Service = "service",
    /// The service of its SQL Server Agent.
    Agent = "agent",
    /// The UDP port of Browser.
    BrowserPort = "browser_port",
    /// The port that answered last.
    LastPort = "last_port",
    /// `tcp:host,port` with the port that answered last.
    LastEndpoint = "last_endpoint",
    /// `tcp:host,port` with the port where Browser lists the instance now.
    ListedEndpoint = "listed_endpoint",
    /// The name with its domain.
    Fqdn = "fqdn",
    /// The network of the address: /24 or /64.
    Subnet = "subnet",
    /// The device that sent the ICMP message.
    RejectingDevice = "rejecting_device",
    /// The DNS server that failed.
    DnsServer = "dns_server",
    /// A display name for a firewall rule.
    RuleName = "rule_name",
    /// This machine's address towards the server.
    MyAddress = "my_address",
    /// This machine's name.
    MyHost = "my_host",
}

/// What fills a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A number, which no shell needs quoted.
    Number(u16),
    /// Text that each shell quotes in its own way.
    Text(String),
}

/// The values of one case, or of none: a target that could not be parsed has no values.
#[derive(Clone, Copy)]
pub(super) struct Slots<'a>(pub(super) Option<&'a Case<'a>>);

/// Where the values of slots come from.
pub(super) trait Values {
    /// The value, where it is known.
    fn get(&self, slot: Slot) -> Option<Value>;

    /// The port to give clients, or what is shown where nobody knows it.
    fn port_or_edit(&self) -> Value;
}

/// What a text asks a case for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The value of a slot.
    Slot(Slot),
    /// The port to give clients.
    KnownPort,
}

impl Wanted {
    /// How many different things there are to ask for.
    pub(super) const COUNT: usize = Slot::ALL.len() + 1;

    /// Its place among them.
    pub(super) fn index(self) -> usize {
        match self {
            Self::Slot(slot) => slot as usize,
            Self::KnownPort => Slot::ALL.len(),
        }
    }
}

/// The values of one case, each looked up once.
pub(super) struct Remembered<'a> {
    slots: Slots<'a>,
    values: [OnceCell<Option<Value>>; Slot::ALL.len()],
    port_or_edit: OnceCell<Value>,
}

impl<'a> Remembered<'a> {
    /// Nothing was looked up yet.
    pub(super) fn new(slots: Slots<'a>) -> Self {
        Self {
            slots,
            values: [const { OnceCell::new() }; Slot::ALL.len()],
            port_or_edit: OnceCell::new(),
        }
    }

    /// What the case answers.
    pub(super) fn answer(&self, wanted: Wanted) -> Option<&Value> {
        match wanted {
            Wanted::Slot(slot) => self.values[slot as usize]
                .get_or_init(|| self.slots.get(slot))
                .as_ref(),
            Wanted::KnownPort => Some(self.port_or_edit.get_or_init(|| self.slots.port_or_edit())),
        }
    }
}

impl Values for &Remembered<'_> {
    fn port_or_edit(&self) -> Value {
        let value = self.port_or_edit.get_or_init(|| self.slots.port_or_edit());
        value.clone()
    }

    fn get(&self, slot: Slot) -> Option<Value> {
        self.answer(Wanted::Slot(slot)).cloned()
    }
}

impl Values for Slots<'_> {
    fn port_or_edit(&self) -> Value {
        let known = self.0.and_then(facts::port_to_give);
        known.map_or_else(|| Value::Text(placeholder("PORT")), Value::from)
    }

    fn get(&self, slot: Slot) -> Option<Value> {
        let case = self.0?;
        let host = &case.target.host;
        Some(match slot {
            Slot::Host => Value::text(host),
            Slot::Name => match host {
                Host::Name(name) => Value::text(name),
                Host::Address(_) | Host::Local => return None,
            },
            Slot::Unc => Value::text(format_args!("\\\\{}", unc_host(host))),
            Slot::Address => Value::text(Plainly(facts::address(case)?)),
            Slot::Port => facts::port(case)?.into(),
            Slot::Endpoint => endpoint(host, facts::port(case)?),
            Slot::Server => Value::text(case.target.short()),
            Slot::Instance => Value::Text(instance_or(case, "", DEFAULT_INSTANCE)?),
            Slot::Service => Value::Text(instance_or(case, "MSSQL$", DEFAULT_INSTANCE)?),
            Slot::Agent => Value::Text(instance_or(case, "SQLAgent$", "SQLSERVERAGENT")?),
            Slot::BrowserPort => browser_port(case).into(),
            Slot::LastPort => last_port(case)?.into(),
            Slot::LastEndpoint => endpoint(host, last_port(case)?),
            Slot::ListedEndpoint => endpoint(host, facts::moved_port(case)?),
            Slot::Fqdn => Value::text(fqdn(case)?),
            Slot::Subnet => Value::text(Subnet::of(facts::address(case)?)),
            Slot::RejectingDevice => Value::text(rejecting_device(case)?),
            Slot::DnsServer => Value::text(dns_server(case)?),
            Slot::RuleName => Value::Text(rule_name(case)?),
            Slot::MyAddress => Value::text(my_address(case)?),
            Slot::MyHost => Value::text(HostName::new(&case.surroundings.vantage.host).ok()?),
        })
    }
}

impl Value {
    fn text(value: impl std::fmt::Display) -> Self {
        Self::Text(value.to_string())
    }

    /// As it stands in a sentence.
    pub(super) fn plain(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

impl From<Port> for Value {
    fn from(port: Port) -> Self {
        Self::Number(port.get())
    }
}

/// `tcp:host,port`. sqlcmd and ODBC tell an IPv6 address by its colons and take it bare.
fn endpoint(host: &Host, port: Port) -> Value {
    Value::text(format_args!("tcp:{host},{port}"))
}

/// A UNC path cannot hold the colons of IPv6: Windows spells the address as a name.
fn unc_host(host: &Host) -> String {
    match host {
        Host::Address(IpAddr::V6(address)) => {
            format!("{}.ipv6-literal.net", address.to_string().replace(':', "-"))
        }
        _ => host.to_string(),
    }
}

/// The name that belongs to the instance; `None` where nobody knows which one it is.
fn instance_or(case: &Case<'_>, prefix: &str, default: &str) -> Option<String> {
    if facts::instance_is_unknown(case) {
        return None;
    }
    let named = facts::instance(case).map(|name| format!("{prefix}{name}"));
    Some(named.unwrap_or_else(|| default.to_owned()))
}

fn browser_port(case: &Case<'_>) -> Port {
    case.evidence
        .layers
        .browser
        .asked
        .and_then(|asked| Port::new(asked.port()))
        .unwrap_or(Port::BROWSER)
}

/// The last port that worked, where it is not the one that fails now.
fn last_port(case: &Case<'_>) -> Option<Port> {
    facts::other_last_port(case)
}

fn fqdn(case: &Case<'_>) -> Option<HostName> {
    let canonical = case.evidence.layers.resolve.canonical.as_ref();
    let canonical = canonical.and_then(|name| HostName::new(name.raw().trim_end_matches('.')).ok());
    let given = || match &case.target.host {
        Host::Name(name) => Some(name.clone()),
        Host::Address(_) | Host::Local => None,
    };
    canonical
        .or_else(given)
        .filter(|name| name.as_str().contains('.'))
}

/// An ICMP message from one of our own addresses means that ARP failed or that the
/// local firewall rejected: no device on the way.
fn rejecting_device(case: &Case<'_>) -> Option<IpAddr> {
    let attempt = facts::attempt(case)?;
    let from = attempt.icmp?.from;
    let ours = attempt.local.is_some_and(|local| local.ip() == from)
        || case.surroundings.vantage.addresses.contains(&from);
    (!ours).then_some(from)
}

fn dns_server(case: &Case<'_>) -> Option<IpAddr> {
    let failed = |code| {
        matches!(
            code,
            ResponseCode::ServFail
                | ResponseCode::Refused
                | ResponseCode::TimedOut
                | ResponseCode::Cut
                | ResponseCode::Other
        )
    };
    let asked = &case.evidence.layers.resolve.asked;
    Some(asked.iter().find(|asked| failed(asked.code))?.server.ip())
}

fn rule_name(case: &Case<'_>) -> Option<String> {
    let port = facts::port(case)?;
    Some(match instance_or(case, "", DEFAULT_INSTANCE) {
        Some(instance) => format!("SQL Server {instance} TCP {port}"),
        None => format!("SQL Server TCP {port}"),
    })
}

/// The source of the attempt that is spoken of, else of another in its family, else the
/// only address of that family that this machine has.
fn my_address(case: &Case<'_>) -> Option<IpAddr> {
    let towards = facts::address(case)?;
    let fits =
        |address: &IpAddr| address.is_ipv4() == towards.is_ipv4() && !address.is_unspecified();
    let own = facts::attempt(case).into_iter();
    let tried = own
        .chain(&case.evidence.layers.connect.attempts)
        .filter_map(|attempt| attempt.local)
        .map(|local| local.ip())
        .find(fits);
    let only = || {
        let mut all = case
            .surroundings
            .vantage
            .addresses
            .iter()
            .copied()
            .filter(fits);
        all.next().filter(|_| all.next().is_none())
    };
    tried.or_else(only)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::advice::fixture::Scene;
    use crate::evidence::{Asked, ConnectStatus, Elapsed};
    use crate::target::Untrusted;

    fn get(scene: &Scene, word: &str) -> Option<String> {
        Slots(Some(&scene.case()))
            .get(Slot::from_word(word).unwrap())
            .map(Value::plain)
    }

    #[rstest]
    #[case("sales01", "host", "sales01")]
    #[case("sales01", "unc", r"\\sales01")]
    #[case("2001:db8::1", "unc", r"\\2001-db8--1.ipv6-literal.net")]
    #[case("sales01", "port", "1433")]
    #[case("sales01,1500", "port", "1500")]
    #[case("sales01", "endpoint", "tcp:sales01,1433")]
    #[case("[2001:db8::1]:1500", "endpoint", "tcp:2001:db8::1,1500")]
    #[case("10.0.4.12", "address", "10.0.4.12")]
    #[case("sales01", "instance", "MSSQLSERVER")]
    #[case("sales01", "service", "MSSQLSERVER")]
    #[case("sales01", "agent", "SQLSERVERAGENT")]
    #[case(r"sales01\PROD", "instance", "PROD")]
    #[case(r"sales01\PROD", "service", "MSSQL$PROD")]
    #[case(r"sales01\PROD", "agent", "SQLAgent$PROD")]
    #[case(r"sales01\MSSQLSERVER", "service", "MSSQLSERVER")]
    #[case(r"sales01\PROD", "server", r"sales01\PROD")]
    #[case(r"sales01\PROD,1500", "rule_name", "SQL Server PROD TCP 1500")]
    #[case("sales01.corp.example", "fqdn", "sales01.corp.example")]
    #[case("10.0.4.12", "subnet", "10.0.4.0/24")]
    #[case("2001:db8:1:2:3::1", "subnet", "2001:db8:1:2::/64")]
    #[case("sales01", "browser_port", "1434")]
    #[case("sales01", "my_host", "jump01")]
    fn the_target_fills_a_slot(#[case] target: &str, #[case] word: &str, #[case] value: &str) {
        assert_eq!(get(&Scene::new(target), word).as_deref(), Some(value));
    }

    #[rstest]
    #[case::port_of_a_named_instance(r"sales01\PROD", "port")]
    #[case::endpoint_of_a_named_instance(r"sales01\PROD", "endpoint")]
    #[case::address_of_a_name("sales01", "address")]
    #[case::domain_of_a_short_name("sales01", "fqdn")]
    #[case("sales01", "last_port")]
    #[case("sales01", "last_endpoint")]
    #[case("sales01", "rejecting_device")]
    #[case("sales01", "dns_server")]
    #[case("sales01", "my_address")]
    fn what_nobody_said_is_not_guessed(#[case] target: &str, #[case] word: &str) {
        assert_eq!(get(&Scene::new(target), word), None);
    }

    #[test]
    fn the_address_that_failed_is_spoken_of_before_the_one_that_answered() {
        let scene = Scene::new("sales")
            .tried("10.0.4.12:1433", ConnectStatus::Open)
            .tried("10.0.5.12:1433", ConnectStatus::TimedOut);
        assert_eq!(get(&scene, "address").as_deref(), Some("10.0.5.12"));
        assert_eq!(get(&scene, "my_address").as_deref(), Some("10.0.9.7"));
    }

    #[test]
    fn a_refusal_is_spoken_of_before_silence_as_in_the_headline() {
        let scene = Scene::new("sales")
            .tried("10.0.4.12:1433", ConnectStatus::TimedOut)
            .tried("10.0.5.12:1433", ConnectStatus::Refused);
        assert_eq!(get(&scene, "address").as_deref(), Some("10.0.5.12"));
    }

    #[test]
    fn an_address_of_a_family_without_a_way_is_spoken_of_last() {
        let mut scene = Scene::new("sales")
            .tried("[2001:db8::1]:1433", ConnectStatus::Unreachable)
            .tried("10.0.5.12:1433", ConnectStatus::TimedOut);
        scene.surroundings.vantage.ipv4 = true;
        assert_eq!(get(&scene, "address").as_deref(), Some("10.0.5.12"));
    }

    #[test]
    fn a_silent_engine_is_spoken_of_before_a_dead_address_beside_it() {
        let mut scene = Scene::new("sales")
            .tried("10.0.4.12:1433", ConnectStatus::Open)
            .tried("10.0.5.12:1433", ConnectStatus::TimedOut);
        scene.evidence.layers.prelogin.status = crate::evidence::PreloginStatus::Silent;
        scene.evidence.layers.prelogin.endpoint = Some("10.0.4.12:1433".parse().unwrap());
        assert_eq!(get(&scene, "address").as_deref(), Some("10.0.4.12"));
    }

    #[test]
    fn the_advertised_port_is_the_port_of_a_named_instance() {
        let scene = Scene::new(r"sales01\PROD").listed("PROD", Some(50123), false);
        assert_eq!(
            get(&scene, "endpoint").as_deref(),
            Some("tcp:sales01,50123")
        );
    }

    #[test]
    fn the_instance_that_browser_lists_on_the_given_port_owns_the_service() {
        let scene = Scene::new("sales01,50123").listed("PROD", Some(50123), false);
        assert_eq!(get(&scene, "service").as_deref(), Some("MSSQL$PROD"));
    }

    #[test]
    fn a_hostile_name_from_browser_reaches_no_slot() {
        let scene = Scene::new("sales01,50123").listed("X';reboot;'", Some(50123), false);
        assert_eq!(get(&scene, "service").as_deref(), Some("MSSQLSERVER"));
    }

    #[test]
    fn the_service_behind_a_port_that_nobody_lists_is_not_guessed() {
        let scene = Scene::new("sales01,50123");
        for slot in ["service", "agent", "instance"] {
            assert_eq!(get(&scene, slot), None, "{slot}");
        }
        assert_eq!(
            get(&scene, "rule_name").as_deref(),
            Some("SQL Server TCP 50123")
        );
        for known in ["sales01,1433", r"sales01\MSSQLSERVER,50123", "sales01"] {
            let service = get(&Scene::new(known), "service");
            assert_eq!(service.as_deref(), Some("MSSQLSERVER"), "{known}");
        }
    }

    #[test]
    fn a_hostile_canonical_name_reaches_no_slot() {
        let scene = Scene::new("sales01").canonical("$(reboot).corp.example");
        assert_eq!(get(&scene, "fqdn"), None);
        let scene = Scene::new("sales01").canonical("node1.corp.example.");
        assert_eq!(get(&scene, "fqdn").as_deref(), Some("node1.corp.example"));
    }

    #[test]
    fn the_past_fills_the_last_port() {
        let scene = Scene::new(r"sales01\PROD").last_good("10.0.4.12:50200");
        assert_eq!(
            get(&scene, "last_endpoint").as_deref(),
            Some("tcp:sales01,50200")
        );
    }

    #[test]
    fn an_icmp_message_of_our_own_names_no_device() {
        let scene = Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::Unreachable);
        assert_eq!(
            get(&scene.clone().icmp_from("10.0.4.1"), "rejecting_device").as_deref(),
            Some("10.0.4.1")
        );
        assert_eq!(get(&scene.icmp_from("10.0.9.7"), "rejecting_device"), None);
    }

    #[test]
    fn the_dns_server_is_the_one_that_failed() {
        let mut scene = Scene::new("sales01");
        let asked = |server: &str, code| Asked {
            started: None,
            name: Untrusted::from_bytes(b"sales01."),
            record: "A".into(),
            server: server.parse().unwrap(),
            code,
            addresses: Vec::new(),
            elapsed: Elapsed::default(),
        };
        scene.evidence.layers.resolve.asked = vec![
            asked("10.0.0.1:53", ResponseCode::Ok),
            asked("10.0.0.2:53", ResponseCode::ServFail),
        ];
        assert_eq!(get(&scene, "dns_server").as_deref(), Some("10.0.0.2"));
    }

    #[test]
    fn one_of_several_own_addresses_is_not_guessed() {
        let mut scene = Scene::new("10.0.4.12");
        scene.surroundings.vantage.addresses =
            vec!["10.0.9.7".parse().unwrap(), "2001:db8::7".parse().unwrap()];
        assert_eq!(get(&scene, "my_address").as_deref(), Some("10.0.9.7"));
        scene
            .surroundings
            .vantage
            .addresses
            .push("192.0.2.7".parse().unwrap());
        assert_eq!(get(&scene, "my_address"), None);
    }

    #[test]
    fn without_a_case_there_is_no_value() {
        assert_eq!(Slots(None).get(Slot::Host), None);
    }
}
