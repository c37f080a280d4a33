//! Cases that look alike, where a cause must not come first, or not at all.

use std::collections::BTreeSet;

use super::{is_beyond_every_probe, listeners};
use crate::diagnosis::scene::{ME, ROUTER, SERVER, Scene};
use crate::diagnosis::{CauseId, OwnNetwork};
use crate::evidence::{
    BrowserStatus, ConnectStatus, PreloginStatus, ResolveStatus, ResponseCode, Service, Source,
};
use crate::target::{Kind, Platform};

use ConnectStatus::{Open, Refused, TimedOut, Unreachable};

fn db1() -> Scene {
    Scene::new("db1.corp.test,1433")
}

fn prod() -> Scene {
    Scene::new(r"sales01\PROD")
}

fn service(service: Service) -> impl FnOnce(&mut Scene) {
    move |scene| scene.evidence.layers.prelogin.service = Some(service)
}

/// What is different from the case where the cause leads, and the cause that must not lead.
#[rustfmt::skip]
pub(super) fn not_first() -> Vec<(&'static str, Scene, CauseId)> {
    use CauseId as C;
    vec![
        ("one server fails, so it is not every server", db1().unresolved(ResolveStatus::ServerFailure).asked(ResponseCode::NxDomain).asked(ResponseCode::ServFail), C::NameNotFound),
        ("the name is asked and missing, DNS works", db1().unresolved(ResolveStatus::NotFound).asked(ResponseCode::NxDomain), C::DnsServerFailing),
        ("an empty answer is no time-out", db1().unresolved(ResolveStatus::NoAddress).asked(ResponseCode::Empty), C::DnsTimeout),
        ("NXDOMAIN is no empty answer", db1().unresolved(ResolveStatus::NotFound).asked(ResponseCode::NxDomain), C::NameHasNoAddress),
        ("it answered after the move", db1().refused().moved_from("10.0.4.99", 60).good(SERVER, 1433), C::StaleName),
        ("a literal address has no record", Scene::new("10.0.4.12,1433").refused().good("10.0.4.99", 1433), C::StaleName),
        ("the hosts file agrees with DNS", db1().source(Source::HostsFile).refused(), C::ClientAlias),
        ("a device rejects, Browser may run", prod().browser(BrowserStatus::Refused).with(|s| s.evidence.layers.browser.icmp = Some(crate::evidence::Icmp { kind: 3, code: 3, from: ROUTER.parse().unwrap() })), C::BrowserStopped),
        ("the host itself answers ICMP", prod().browser(BrowserStatus::Refused), C::BrowserFiltered),
        ("listed without tcp is listed", prod().browser(BrowserStatus::NoTcp), C::InstanceNotListed),
        ("Browser lists a port", prod().advertises(50123).refused(), C::TcpDisabled),
        ("it answered on this port", prod().advertises(50123).refused().good(SERVER, 50123), C::StaleBrowserPort),
        ("the old port is closed too", prod().advertises(50123).refused().good(SERVER, 49777).with(|s| *s = s.clone().closed(TimedOut)), C::WrongPort),
        ("Browser in good time", prod().advertises(50123).refused(), C::BrowserAnswersLate),
        ("a reply without tcp can be read", prod().browser(BrowserStatus::NoTcp), C::BrowserReplyMalformed),
        ("it answered on another port", db1().refused().good(SERVER, 1435), C::ServiceNotRunning),
        ("it answered on this port", db1().refused().good(SERVER, 1433), C::WrongPort),
        ("a container that answered here was stopped", db1().platform(Platform::Container).refused().good(SERVER, 1433), C::PortNotPublished),
        ("Windows publishes no port", db1().platform(Platform::Windows).refused(), C::PortNotPublished),
        ("a replica is no listener", db1().kind(Kind::AgReplica).refused(), C::ListenerOffline),
        ("standalone is no cluster, whatever Browser says", prod().kind(Kind::Standalone).advertises(50123).clustered().refused(), C::ClusterGroupOffline),
        ("a listener whose host answers RST for closed ports", db1().kind(Kind::AgListener).timed_out().closed(Refused), C::ListenerOffline),
        ("closed ports answer RST, too", db1().refused().closed(Refused), C::RejectRule),
        ("no flapping", db1().refused().closed(Refused), C::BacklogFull),
        ("closed ports are hidden", db1().timed_out().closed(TimedOut).port(445, TimedOut), C::FirewallDrops),
        ("another port answers", db1().timed_out().closed(TimedOut).port(445, Open).neighbours((3, 0), (0, 0)), C::HostDown),
        ("a neighbour answers", db1().timed_out().closed(TimedOut).port(445, TimedOut).neighbours((1, 5), (9, 0)), C::SiteUnreachable),
        ("the host answers, whatever its subnet says", db1().timed_out().closed(TimedOut).port(445, Open).neighbours((0, 5), (9, 0)), C::SiteUnreachable),
        ("nothing moves the address of a standalone server", db1().kind(Kind::Standalone).timed_out().good(SERVER, 1433).neighbours((3, 0), (0, 0)).closed(TimedOut).port(445, TimedOut).path(&[ROUTER]), C::StaleArp),
        ("the router says that it has no neighbour", db1().kind(Kind::AgListener).connect(Unreachable).icmp(3, 1, ROUTER).good(SERVER, 1433).neighbours((3, 0), (0, 0)), C::StaleArp),
        ("the subnet is silent too", db1().kind(Kind::AgListener).timed_out().good(SERVER, 1433).neighbours((0, 4), (9, 0)), C::StaleArp),
        ("it never answered at that address", db1().kind(Kind::AgListener).timed_out().neighbours((3, 0), (0, 0)), C::StaleArp),
        ("ARP failed is no route's fault", db1().connect(Unreachable).icmp(3, 1, ME), C::NoRoute),
        ("silence went past our firewall", db1().timed_out().with(|s| s.surroundings.own_network = OwnNetwork::Firewall), C::LocalFirewall),
        ("a router's ICMP is not our firewall", db1().connect(Unreachable).icmp(3, 13, ROUTER), C::LocalFirewall),
        ("our own address, and ARP", db1().connect(Unreachable).icmp(3, 1, ME), C::LocalFirewall),
        ("one address is forbidden, the other is silent", db1().timed_out().with(|s| s.evidence.layers.connect.forbidden = vec!["10.0.9.9".parse().unwrap()]), C::PolicyForbids),
        ("a firewall is no policy of ours", db1().connect(ConnectStatus::Blocked).os_error(1), C::PolicyForbids),
        ("our policy is no firewall", db1().forbidden(&["10.0.5.11"]).with(|s| s.surroundings.own_network = OwnNetwork::Firewall), C::LocalFirewall),
        ("our policy is no lost network", db1().forbidden(&["10.0.5.11"]).with(|s| s.surroundings.own_network = OwnNetwork::NoRoute), C::NoRoute),
        ("forbidden is not used up", db1().connect(ConnectStatus::Blocked).os_error(1), C::LocalPortsExhausted),
        ("IPv6 has no route, IPv4 is silent", db1().timed_out().also("fd00::12", Unreachable).os_error(101), C::NoRoute),
        ("the closed port is silent", db1().answer(PreloginStatus::Silent).closed(TimedOut), C::PathProxy),
        ("silence with a FIN", db1().answer(PreloginStatus::Closed), C::EngineHung),
        ("before 2022 there is no strict", db1().answer(PreloginStatus::Reset).good(SERVER, 1433).build("15.0.4430.1"), C::StrictOnly),
        ("the engine answered here before", db1().answer(PreloginStatus::NotTds).with(service(Service::Http)).good(SERVER, 1433), C::NotSqlServer),
        ("it never answered on this given port", db1().answer(PreloginStatus::NotTds).with(service(Service::Http)).good(SERVER, 1444), C::PortTaken),
        ("what speaks HTTP is no instance", prod().advertises(50123).answer(PreloginStatus::NotTds).with(service(Service::Http)), C::WrongInstanceOnPort),
        ("FIN is no silence", db1().answer(PreloginStatus::Silent), C::ProxyWithoutBackend),
        ("DNS of this machine is fine", db1().unresolved(ResolveStatus::NotFound).with(|s| s.surroundings.own_network = OwnNetwork::Fine), C::DnsServerFailing),
    ]
}

#[test]
fn a_near_miss_does_not_lead() {
    for (what, scene, cause) in not_first() {
        let diagnosis = scene.diagnose();
        let first = &diagnosis.causes[..diagnosis.tied.max(1)];
        assert!(
            first.iter().all(|first| first.id != cause),
            "{what}: {cause} leads: {diagnosis:?}"
        );
    }
}

/// Cases where naming the cause at all would be wrong.
#[rustfmt::skip]
pub(super) fn not_named() -> Vec<(&'static str, Scene, CauseId)> {
    use CauseId as C;
    let mut table = vec![
        ("RST is no drop", db1().refused().closed(Refused), C::FirewallDrops),
        ("RST is no drop, hidden or not", db1().refused().closed(TimedOut), C::FirewallDrops),
        ("closed ports answer, so nobody would be silent", db1().timed_out().closed(Refused), C::ServiceNotRunning),
        ("closed ports answer, so no port is wrong", db1().timed_out().closed(Refused), C::WrongPort),
        ("another port opens", db1().timed_out().port(445, Open), C::HostDown),
        ("Browser answers from there", prod().advertises(50123).timed_out(), C::HostDown),
        ("another port refuses, whatever the router says", db1().connect(Unreachable).icmp(3, 1, ROUTER).port(445, Refused), C::HostDown),
        ("a closed port refuses, whatever the router says of the last port", prod().browser(BrowserStatus::Silent).connect(Unreachable).icmp(3, 1, ROUTER).closed(Refused), C::HostDown),
        ("a machine that hears Browser is not cut off", prod().browser(BrowserStatus::NoTcp).with(|s| s.surroundings.own_network = OwnNetwork::NoRoute), C::NoRoute),
        ("the name resolved", db1().timed_out(), C::NameNotFound),
        ("Browser answered, so the server is no container", Scene::new(r"127.0.0.1\PROD").advertises(50123).refused(), C::PortNotPublished),
        ("declared a container, and Browser answered", prod().platform(Platform::Container).advertises(50123).refused(), C::PortNotPublished),
        ("declared a container, Browser answered, and a device rejects", prod().platform(Platform::Container).advertises(50123).refused().icmp(3, 3, ROUTER), C::PortNotPublished),
        ("loopback has no hosts to be down", Scene::new("127.0.0.5,1433").timed_out(), C::HostDown),
        ("loopback hides no port", Scene::new("127.0.0.5,1433").timed_out(), C::ServiceNotRunning),
        ("an address is no stale name", Scene::new("10.0.4.12,1433").timed_out().closed(TimedOut).port(445, TimedOut), C::StaleName),
        ("Browser answered: the subnet is not silent", prod().browser(BrowserStatus::NotListed).neighbours((0, 5), (1, 0)), C::SiteUnreachable),
        ("a declared listener has one live address", db1().kind(Kind::AgListener).answers().also("10.0.5.12", TimedOut), C::SomeAddressesDead),
    ];
    table.extend(listeners::not_named());
    table
}

#[test]
fn a_cause_that_the_evidence_excludes_is_not_named() {
    for (what, scene, cause) in not_named() {
        let diagnosis = scene.diagnose();
        assert!(
            diagnosis.causes.iter().all(|named| named.id != cause),
            "{what}: {diagnosis:?}"
        );
    }
}

/// The two that no probe leads to are told by the target alone.
#[test]
fn every_cause_has_a_near_miss() {
    let missed: BTreeSet<_> = not_first()
        .into_iter()
        .chain(not_named())
        .map(|(_, _, cause)| cause)
        .chain([CauseId::TargetSyntax, CauseId::NotTcp])
        .collect();
    let missing: Vec<_> = CauseId::ALL
        .iter()
        .filter(|cause| !missed.contains(cause) && !is_beyond_every_probe(**cause))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn an_address_where_the_engine_answered_is_no_stale_name_for_what_else_it_refuses() {
    let refuses = || db1().refused().closed(Refused).port(445, Refused);
    let stale = |scene: &Scene| {
        let causes = scene.diagnose().causes;
        causes.iter().any(|cause| cause.id == CauseId::StaleName)
    };
    let answered = refuses().good(SERVER, 1433);
    assert!(stale(&refuses()) && !stale(&answered));
    let ruled_out = answered.diagnose().rules_out;
    assert!(ruled_out.contains(&crate::diagnosis::Said::OutDns {}));
}

#[test]
fn a_port_that_is_dropped_says_nothing_of_the_engine_behind_it() {
    let diagnosis = db1().timed_out().closed(Refused).diagnose();
    assert_eq!(diagnosis.causes[0].id, CauseId::FirewallDrops);
    let stopped = crate::diagnosis::Said::OutStopped {};
    assert!(!diagnosis.rules_out.contains(&stopped));
}
