//! Is it this machine? The one place that decides it; screen and reports only show it.
//!
//! A probe that was stopped before it left says so by itself. Several hosts that are
//! stopped alike, while nothing gets through, have one shared cause: it is here.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::heard::{Heard, of_datagram};
use super::sight::Sight;
use super::{Cause, CauseId, Confidence, Diagnosis, OwnNetwork, Said, State};
use crate::evidence::{Attempt, BrowserStatus, ConnectStatus, Evidence, ResolveStatus, Vantage};

/// One may be a rule for that server alone; so many hosts are no coincidence.
const SEVERAL: u32 = 2;

/// How this machine's own network stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whether this machine itself is what fails.
    pub own_network: OwnNetwork,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The one shared cause.
    pub cause: Option<CauseId>,
    /// What is wrong, in one sentence.
    pub said: Option<Said>,
    /// How many rows say nothing about their servers because of it.
    pub affected: u32,
}

/// Of how many hosts away from this machine the newest probes say what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Something of it answered.
    pub through: u32,
    /// The same, beyond the subnets that this machine is in.
    pub far: u32,
    /// This machine forbade every attempt.
    pub forbidden: u32,
    /// This machine knew no route.
    pub no_route: u32,
    /// DNS gave an answer about its name.
    pub named: u32,
    /// DNS failed to say anything about its name.
    pub unnamed: u32,
    /// An answer about its name from before still stands.
    pub remembered: u32,
}

/// Address families.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Families {
    /// IPv4
    pub ipv4: bool,
    /// IPv6
    pub ipv6: bool,
}

/// All that the decision rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grounds {
    /// The families that this machine had a way out over, and has none any more.
    pub lost: Families,
    /// What the hosts say.
    pub hosts: Hosts,
}

/// How many rows are affected by what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Felt {
    no_route: u32,
    firewall: u32,
    no_dns: u32,
}

/// What stopped a probe before it left this machine, or left it without an address;
/// [`OwnNetwork::Fine`] where it was nothing of this machine's own.
pub fn stopped_here(evidence: &Evidence, vantage: &Vantage) -> OwnNetwork {
    let layers = &evidence.layers;
    if matches!(
        layers.resolve.status,
        ResolveStatus::ServerFailure | ResolveStatus::Refused | ResolveStatus::TimedOut
    ) {
        return OwnNetwork::NoDns;
    }
    let attempts = layers.connect.attempts.iter();
    let mut stops = attempts
        .filter(|attempt| attempt.status != ConnectStatus::Skipped)
        .map(|attempt| stop_of(attempt, vantage))
        .peekable();
    if stops.peek().is_none() {
        return datagram_stopped(evidence, vantage);
    }
    // One address that went out is enough: then it is no matter of this machine alone.
    stops
        .reduce(|all, one| match (all, one) {
            (OwnNetwork::Fine, _) | (_, OwnNetwork::Fine) => OwnNetwork::Fine,
            (OwnNetwork::Firewall, _) | (_, OwnNetwork::Firewall) => OwnNetwork::Firewall,
            (all, _) => all,
        })
        .unwrap_or_default()
}

fn stop_of(attempt: &Attempt, vantage: &Vantage) -> OwnNetwork {
    match Heard::of(attempt, vantage) {
        // A blackhole route gives EINVAL.
        Heard::ForbiddenHere if attempt.icmp.is_none() && attempt.os_error == Some(22) => {
            OwnNetwork::NoRoute
        }
        Heard::ForbiddenHere => OwnNetwork::Firewall,
        Heard::NoRoute { by: None } => OwnNetwork::NoRoute,
        _ => OwnNetwork::Fine,
    }
}

fn datagram_stopped(evidence: &Evidence, vantage: &Vantage) -> OwnNetwork {
    let browser = &evidence.layers.browser;
    if !matches!(
        browser.status,
        BrowserStatus::Silent | BrowserStatus::Refused
    ) {
        return OwnNetwork::Fine;
    }
    let asked = browser.asked.map(|asked| asked.ip());
    match (browser.icmp, browser.os_error) {
        (Some(icmp), _) => match of_datagram(&icmp, asked, vantage) {
            Heard::ForbiddenHere => OwnNetwork::Firewall,
            Heard::NoRoute { by: None } => OwnNetwork::NoRoute,
            _ => OwnNetwork::Fine,
        },
        (None, Some(1 | 13 | 10013)) => OwnNetwork::Firewall,
        (None, Some(22 | 51 | 101 | 10051)) => OwnNetwork::NoRoute,
        _ => OwnNetwork::Fine,
    }
}

impl Grounds {
    /// What stands between this machine and one instance of another machine, whose newest
    /// probe was stopped by `stopped` and whose addresses are of these families.
    pub fn between(&self, stopped: OwnNetwork, addresses: Families) -> OwnNetwork {
        if self.lost.covers(addresses) {
            return OwnNetwork::NoRoute;
        }
        let shared = [OwnNetwork::Firewall, OwnNetwork::NoRoute]
            .into_iter()
            .find(|own| self.holds(*own));
        match (stopped, shared) {
            // What stops everything else stops the questions to DNS too.
            (OwnNetwork::NoDns, Some(shared)) if self.hosts.named == 0 => shared,
            _ if self.holds(stopped) => stopped,
            _ => OwnNetwork::Fine,
        }
    }

    /// Whether several hosts are stopped so, and none gets through.
    pub fn holds(&self, stopped: OwnNetwork) -> bool {
        self.hosts.stopped(stopped) >= SEVERAL && self.hosts.against(stopped) == 0
    }

    fn said(&self, own: OwnNetwork) -> Option<Said> {
        Some(match (own, self.lost.ipv4, self.lost.ipv6) {
            (OwnNetwork::Fine, _, _) => return None,
            (OwnNetwork::NoRoute, true, true) => Said::ThisMachineIsCutOff {},
            (OwnNetwork::NoRoute, true, false) => Said::NoWayOverIpv4 {},
            (OwnNetwork::NoRoute, false, true) => Said::NoWayOverIpv6 {},
            (OwnNetwork::NoRoute, false, false) => Said::NoRouteToAny {},
            (OwnNetwork::NoDns, _, _) => Said::NoNameResolvesHere {},
            (OwnNetwork::Firewall, _, _) => Said::FirewallStopsAll {},
        })
    }
}

impl Hosts {
    /// How many are stopped so.
    fn stopped(&self, own: OwnNetwork) -> u32 {
        match own {
            OwnNetwork::Fine => 0,
            OwnNetwork::NoRoute => self.no_route,
            OwnNetwork::NoDns => self.unnamed,
            OwnNetwork::Firewall => self.forbidden,
        }
    }

    /// How many speak against this machine's being what stops them. A neighbour on the
    /// same network is reached without a route. A name that is remembered tells nothing
    /// until it is asked for afresh.
    pub fn against(&self, own: OwnNetwork) -> u32 {
        match own {
            OwnNetwork::Fine => 0,
            OwnNetwork::NoRoute => self.far,
            OwnNetwork::NoDns => self.named + self.remembered,
            OwnNetwork::Firewall => self.through,
        }
    }
}

impl Families {
    /// The families of some addresses.
    pub fn of<'a>(addresses: impl IntoIterator<Item = &'a IpAddr>) -> Self {
        addresses
            .into_iter()
            .fold(Self::default(), |families, address| Self {
                ipv4: families.ipv4 || address.is_ipv4(),
                ipv6: families.ipv6 || address.is_ipv6(),
            })
    }

    /// The families that this machine has a way out over.
    pub fn out_of(vantage: &Vantage) -> Self {
        Self {
            ipv4: vantage.ipv4,
            ipv6: vantage.ipv6,
        }
    }

    /// Those of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            ipv4: self.ipv4 || other.ipv4,
            ipv6: self.ipv6 || other.ipv6,
        }
    }

    /// The families that are lost to a machine that had these ways out. One that has none
    /// at all has lost both, whatever it had.
    #[must_use]
    pub fn lost_to(self, vantage: &Vantage) -> Self {
        let none = !vantage.ipv4 && !vantage.ipv6;
        Self {
            ipv4: none || (self.ipv4 && !vantage.ipv4),
            ipv6: none || (self.ipv6 && !vantage.ipv6),
        }
    }

    /// Whether nothing of `addresses` is left without these.
    fn covers(self, addresses: Self) -> bool {
        (self.ipv4 && self.ipv6)
            || (addresses != Self::default()
                && (self.ipv4 || !addresses.ipv4)
                && (self.ipv6 || !addresses.ipv6))
    }
}

impl Felt {
    /// Counts a row in.
    pub fn add(&mut self, own: OwnNetwork) {
        if let Some(count) = self.count(own) {
            *count += 1;
        }
    }

    /// Counts a row out.
    pub fn take(&mut self, own: OwnNetwork) {
        if let Some(count) = self.count(own) {
            *count = count.saturating_sub(1);
        }
    }

    fn count(&mut self, own: OwnNetwork) -> Option<&mut u32> {
        match own {
            OwnNetwork::Fine => None,
            OwnNetwork::NoRoute => Some(&mut self.no_route),
            OwnNetwork::NoDns => Some(&mut self.no_dns),
            OwnNetwork::Firewall => Some(&mut self.firewall),
        }
    }

    /// What weighs most of what is felt at all.
    fn worst(self) -> OwnNetwork {
        match self {
            Self { no_route: 1.., .. } => OwnNetwork::NoRoute,
            Self { firewall: 1.., .. } => OwnNetwork::Firewall,
            Self { no_dns: 1.., .. } => OwnNetwork::NoDns,
            Self { .. } => OwnNetwork::Fine,
        }
    }
}

impl Standing {
    /// Decides. What no row feels is not worth a word.
    pub fn decide(grounds: &Grounds, felt: Felt, before: &Self, at: Timestamp) -> Self {
        let own_network = felt.worst();
        let since = if own_network == before.own_network {
            before.since
        } else {
            Some(at)
        };
        Self {
            own_network,
            since: since.filter(|_| own_network != OwnNetwork::Fine),
            cause: own_network.cause(),
            said: grounds.said(own_network),
            affected: felt.no_route + felt.firewall + felt.no_dns,
        }
    }

    /// The wall clock was set back by so much.
    pub fn turn_back(&mut self, by: SignedDuration) {
        self.since = self
            .since
            .map(|since| since.saturating_sub(by).unwrap_or(since));
    }

    /// Whether nothing speaks against this machine.
    pub fn is_fine(&self) -> bool {
        self.own_network == OwnNetwork::Fine
    }
}

impl OwnNetwork {
    /// The one cause that it is.
    pub fn cause(self) -> Option<CauseId> {
        match self {
            Self::Fine => None,
            Self::NoRoute => Some(CauseId::NoRoute),
            Self::NoDns => Some(CauseId::DnsServerFailing),
            Self::Firewall => Some(CauseId::LocalFirewall),
        }
    }
}

/// What stands between this machine and an address that it has no route to.
pub(super) fn no_route(vantage: &Vantage, address: Option<IpAddr>) -> Said {
    match address {
        Some(IpAddr::V4(_)) if !vantage.ipv4 && vantage.ipv6 => Said::NoWayOverIpv4 {},
        Some(IpAddr::V6(_)) if !vantage.ipv6 && vantage.ipv4 => Said::NoWayOverIpv6 {},
        _ if vantage.ipv4 || vantage.ipv6 => Said::NoRouteToAny {},
        _ => Said::ThisMachineIsCutOff {},
    }
}

/// This machine's firewall stops everything, and nothing of this case went past it.
pub(super) fn is_walled_in(sight: &Sight<'_>) -> bool {
    sight.case.surroundings.own_network == OwnNetwork::Firewall
        && matches!(sight.heard, Heard::Nothing | Heard::ForbiddenHere)
        && !sight.is_loopback()
}

impl Diagnosis {
    /// For a row that keeps its state while this machine is what fails: the shared cause,
    /// and nothing of the server, of which nothing is known meanwhile.
    pub fn shadowed(
        state: State,
        own: OwnNetwork,
        vantage: &Vantage,
        address: Option<IpAddr>,
    ) -> Option<Self> {
        let id = own.cause()?;
        let said = match own {
            OwnNetwork::Fine => return None,
            OwnNetwork::NoRoute => no_route(vantage, address),
            OwnNetwork::NoDns => Said::NoNameResolvesHere {},
            OwnNetwork::Firewall => Said::FirewallStopsAll {},
        };
        let cause = Cause {
            id,
            confidence: Confidence::High,
            because: vec![said],
            against: Vec::new(),
        };
        Some(Self {
            state,
            headline: Some(said),
            findings: vec![Said::ServerUnknownMeanwhile {}],
            causes: vec![cause],
            tied: 1,
            ..Self::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Families, Felt, Grounds, Hosts, Standing, stopped_here};
    use crate::diagnosis::scene::{ME, ROUTER, Scene, now};
    use crate::diagnosis::{CauseId, OwnNetwork, Said};
    use crate::evidence::ConnectStatus::{Blocked, Open, Refused, TimedOut, Unreachable};
    use crate::evidence::{BrowserStatus, ResolveStatus, Vantage};

    fn db1() -> Scene {
        Scene::new("db1,1433")
    }

    fn prod() -> Scene {
        Scene::new(r"db1\PROD").browser(BrowserStatus::Silent)
    }

    fn stopped(scene: &Scene) -> OwnNetwork {
        stopped_here(&scene.evidence, &scene.surroundings.vantage)
    }

    #[rstest]
    #[case::eperm(db1().connect(Blocked).os_error(1), OwnNetwork::Firewall)]
    #[case::eacces(db1().connect(Blocked).os_error(13), OwnNetwork::Firewall)]
    #[case::wsaeacces(db1().connect(Blocked).os_error(10013), OwnNetwork::Firewall)]
    #[case::icmp_of_our_own(db1().connect(Unreachable).icmp(3, 13, ME), OwnNetwork::Firewall)]
    #[case::port_unreachable_of_our_own(db1().connect(Refused).icmp(3, 3, ME), OwnNetwork::Firewall)]
    #[case::blackhole(db1().connect(Blocked).os_error(22), OwnNetwork::NoRoute)]
    #[case::no_route(db1().connect(Unreachable).os_error(101), OwnNetwork::NoRoute)]
    #[case::no_route_and_forbidden(db1().connect(Unreachable).os_error(101).also("10.0.5.12", Blocked).os_error(1),
        OwnNetwork::Firewall)]
    #[case::datagram(prod().with(|s| s.evidence.layers.browser.os_error = Some(1)), OwnNetwork::Firewall)]
    #[case::datagram_without_a_route(prod().with(|s| s.evidence.layers.browser.os_error = Some(101)), OwnNetwork::NoRoute)]
    #[case::dns(db1().unresolved(ResolveStatus::TimedOut), OwnNetwork::NoDns)]
    #[case::silence(db1().timed_out(), OwnNetwork::Fine)]
    #[case::reset(db1().refused(), OwnNetwork::Fine)]
    #[case::answer(db1().answers(), OwnNetwork::Fine)]
    #[case::a_routers_icmp(db1().connect(Unreachable).icmp(3, 13, ROUTER), OwnNetwork::Fine)]
    #[case::arp(db1().connect(Unreachable).icmp(3, 1, ME), OwnNetwork::Fine)]
    #[case::one_address_went_out(db1().connect(Blocked).os_error(1).also("10.0.5.12", TimedOut), OwnNetwork::Fine)]
    #[case::one_address_is_open(db1().connect(Blocked).os_error(1).also("10.0.5.12", Open), OwnNetwork::Fine)]
    #[case::browser_is_silent(prod(), OwnNetwork::Fine)]
    #[case::no_such_name(db1().unresolved(ResolveStatus::NotFound), OwnNetwork::Fine)]
    fn a_probe_tells_whether_it_was_stopped_here(#[case] scene: Scene, #[case] own: OwnNetwork) {
        assert_eq!(stopped(&scene), own);
    }

    /// Hosts through, far, forbidden, without a route, named, unnamed.
    fn hosts([through, far, forbidden, no_route, named, unnamed]: [u32; 6]) -> Grounds {
        Grounds {
            hosts: Hosts {
                through,
                far,
                forbidden,
                no_route,
                named,
                unnamed,
                remembered: 0,
            },
            ..Grounds::default()
        }
    }

    #[rstest]
    #[case::several_forbidden([0, 0, 2, 0, 0, 0], OwnNetwork::Firewall, OwnNetwork::Firewall)]
    #[case::one_forbidden([0, 0, 1, 0, 0, 0], OwnNetwork::Firewall, OwnNetwork::Fine)]
    #[case::another_gets_through([1, 1, 5, 0, 0, 0], OwnNetwork::Firewall, OwnNetwork::Fine)]
    #[case::a_neighbour_gets_through([1, 0, 5, 0, 0, 0], OwnNetwork::Firewall, OwnNetwork::Fine)]
    #[case::several_without_a_route([0, 0, 0, 2, 0, 0], OwnNetwork::NoRoute, OwnNetwork::NoRoute)]
    #[case::a_neighbour_needs_no_route([1, 0, 0, 2, 0, 0], OwnNetwork::NoRoute, OwnNetwork::NoRoute)]
    #[case::another_site_has_a_route([1, 1, 0, 2, 0, 0], OwnNetwork::NoRoute, OwnNetwork::Fine)]
    #[case::several_without_a_name([3, 3, 0, 0, 0, 2], OwnNetwork::NoDns, OwnNetwork::NoDns)]
    #[case::one_without_a_name([0, 0, 0, 0, 0, 1], OwnNetwork::NoDns, OwnNetwork::Fine)]
    #[case::another_name_resolves([0, 0, 0, 0, 1, 2], OwnNetwork::NoDns, OwnNetwork::Fine)]
    #[case::names_fail_behind_the_firewall([0, 0, 2, 0, 0, 2], OwnNetwork::NoDns, OwnNetwork::Firewall)]
    #[case::a_row_that_was_not_stopped([0, 0, 2, 0, 0, 0], OwnNetwork::Fine, OwnNetwork::Fine)]
    fn several_hosts_that_are_stopped_alike_have_one_cause(
        #[case] counts: [u32; 6],
        #[case] stopped: OwnNetwork,
        #[case] own: OwnNetwork,
    ) {
        let ipv4 = Families {
            ipv4: true,
            ipv6: false,
        };
        assert_eq!(hosts(counts).between(stopped, ipv4), own);
    }

    fn families(ipv4: bool, ipv6: bool) -> Families {
        Families { ipv4, ipv6 }
    }

    #[rstest]
    #[case::its_own((true, true), (false, true), (true, false), OwnNetwork::NoRoute)]
    #[case::the_other((true, true), (false, true), (false, true), OwnNetwork::Fine)]
    #[case::one_of_two((true, true), (false, true), (true, true), OwnNetwork::Fine)]
    #[case::a_name_without_addresses((true, true), (false, true), (false, false), OwnNetwork::Fine)]
    #[case::never_had((true, false), (true, false), (false, true), OwnNetwork::Fine)]
    #[case::none_at_all((false, false), (false, false), (false, false), OwnNetwork::NoRoute)]
    fn a_lost_family_cuts_off_what_is_reached_over_it_alone(
        #[case] had: (bool, bool),
        #[case] has: (bool, bool),
        #[case] addresses: (bool, bool),
        #[case] own: OwnNetwork,
    ) {
        let vantage = Vantage {
            ipv4: has.0,
            ipv6: has.1,
            ..Vantage::default()
        };
        let grounds = Grounds {
            lost: families(had.0, had.1).lost_to(&vantage),
            ..Grounds::default()
        };
        let addresses = families(addresses.0, addresses.1);
        assert_eq!(grounds.between(OwnNetwork::Fine, addresses), own);
    }

    #[test]
    fn what_weighs_most_is_said_and_all_that_is_affected_is_counted() {
        let grounds = hosts([0, 0, 2, 0, 0, 2]);
        let mut felt = Felt::default();
        let fine = Standing::decide(&grounds, felt, &Standing::default(), now());
        assert_eq!(fine, Standing::default(), "nobody feels it");
        for own in [
            OwnNetwork::NoDns,
            OwnNetwork::Firewall,
            OwnNetwork::Firewall,
        ] {
            felt.add(own);
        }
        let standing = Standing::decide(&grounds, felt, &fine, now());
        let expected = Standing {
            own_network: OwnNetwork::Firewall,
            since: Some(now()),
            cause: Some(CauseId::LocalFirewall),
            said: Some(Said::FirewallStopsAll {}),
            affected: 3,
        };
        assert_eq!(standing, expected);
        let later = now() + jiff::SignedDuration::from_secs(15);
        felt.take(OwnNetwork::Firewall);
        let goes_on = Standing::decide(&grounds, felt, &standing, later);
        assert_eq!((goes_on.since, goes_on.affected), (Some(now()), 2));
    }
}
