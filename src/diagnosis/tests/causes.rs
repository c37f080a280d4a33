//! For each cause the cases where it comes first.

use std::collections::BTreeSet;

use super::is_beyond_every_probe;
use super::listeners;
use crate::diagnosis::scene::{ME, ROUTER, SERVER, Scene};
use crate::diagnosis::{CauseId, Confidence, Diagnosis, OwnNetwork, Said};
use crate::evidence::{
    BrowserStatus, ConnectStatus, HopStatus, PreloginStatus, ResolveStatus, ResponseCode, Service,
    Source,
};
use crate::target::{Kind, NotTcp, Platform, Remark, TargetError};

use BrowserStatus::{Malformed, NoTcp, NotListed, Silent};
use ConnectStatus::{Blocked, Exhausted, Open, Refused, TimedOut, Unreachable};

fn db1() -> Scene {
    Scene::new("db1.corp.test")
}

fn db1_1433() -> Scene {
    Scene::new("db1.corp.test,1433")
}

fn prod() -> Scene {
    Scene::new(r"sales01\PROD")
}

fn service(service: Service) -> impl FnOnce(&mut Scene) {
    move |scene| scene.evidence.layers.prelogin.service = Some(service)
}

fn half(scene: &mut Scene) {
    scene.evidence.layers.prelogin.first_bytes = Some("0401002b00000100".into());
}

fn error(number: u32) -> impl FnOnce(&mut Scene) {
    move |scene| {
        scene.evidence.layers.prelogin.error = Some(Box::new(crate::evidence::ServerError {
            number,
            message: crate::target::Untrusted::from_bytes(b"not available"),
        }));
    }
}

fn own_network(own: OwnNetwork) -> impl FnOnce(&mut Scene) {
    move |scene| scene.surroundings.own_network = own
}

fn flapping(scene: &mut Scene) {
    scene.past.flapping = true;
}

fn browser_icmp(kind: u8, code: u8, from: &str) -> impl FnOnce(&mut Scene) {
    let from = from.parse().unwrap();
    move |scene| {
        scene.evidence.layers.browser.icmp = Some(crate::evidence::Icmp { kind, code, from });
    }
}

/// What happened, and the cause that must come first, alone.
#[rustfmt::skip]
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn table() -> Vec<(&'static str, Scene, CauseId)> {
    use CauseId as C;
    vec![
        // resolve
        ("V1 every server says NXDOMAIN", db1().unresolved(ResolveStatus::NotFound).asked(ResponseCode::NxDomain), C::NameNotFound),
        ("V1 only the system was heard", db1().unresolved(ResolveStatus::NotFound), C::NameNotFound),
        ("a name without A and AAAA", db1().unresolved(ResolveStatus::NoAddress), C::NameHasNoAddress),
        ("SERVFAIL", db1().unresolved(ResolveStatus::ServerFailure).asked(ResponseCode::ServFail), C::DnsServerFailing),
        ("REFUSED by DNS", db1().unresolved(ResolveStatus::Refused).asked(ResponseCode::Refused), C::DnsServerFailing),
        ("the system's server fails, and another one knows", db1().answers().source(Source::Dns("10.0.9.54:53".parse().unwrap())).asked(ResponseCode::ServFail).with(|s| s.evidence.layers.resolve.system_error = Some("EAI_AGAIN: Try again".into())), C::DnsServerFailing),
        ("an alias for nobody", db1().unresolved(ResolveStatus::NotFound).asked(ResponseCode::NxDomain).with(|s| s.evidence.layers.resolve.canonical = Some(crate::target::Untrusted::from_bytes(b"gone.corp.test"))), C::NameNotFound),
        ("DNS says nothing", db1().unresolved(ResolveStatus::TimedOut).asked(ResponseCode::TimedOut), C::DnsTimeout),
        ("no name resolves here", db1().unresolved(ResolveStatus::TimedOut).with(own_network(OwnNetwork::NoDns)), C::DnsServerFailing),
        ("no name resolves here, NXDOMAIN or not", db1().unresolved(ResolveStatus::NotFound).with(own_network(OwnNetwork::NoDns)), C::DnsServerFailing),
        ("cut off, and so nothing resolves", db1().unresolved(ResolveStatus::TimedOut).with(own_network(OwnNetwork::NoRoute)), C::NoRoute),
        ("a backslash was lost on the way", Scene::new("db1PROD").unresolved(ResolveStatus::NotFound).with(|s| s.target.remarks = vec![Remark::MaybeLostBackslash]), C::NameNotFound),
        // browser
        ("V4 ICMP from the host", prod().browser(BrowserStatus::Refused).with(browser_icmp(3, 3, SERVER)), C::BrowserStopped),
        ("V4 refused, sender unknown", prod().browser(BrowserStatus::Refused), C::BrowserStopped),
        ("a device rejects the datagram", prod().browser(BrowserStatus::Refused).with(browser_icmp(3, 3, ROUTER)), C::BrowserFiltered),
        ("a router prohibits the datagram", prod().browser(Silent).with(browser_icmp(3, 13, ROUTER)), C::BrowserFiltered),
        ("the datagram meets no neighbour", prod().browser(Silent).with(browser_icmp(3, 1, ME)), C::HostDown),
        ("a router has no route for the datagram", prod().browser(Silent).with(browser_icmp(3, 0, ROUTER)), C::NoRoute),
        ("a router has no route for the datagram, and the last port opens", prod().browser(Silent).with(browser_icmp(3, 0, ROUTER)).connect(Open), C::BrowserFiltered),
        ("the datagram met no neighbour, and then another port opens", prod().browser(Silent).with(browser_icmp(3, 1, ME)).port(445, Open), C::BrowserFiltered),
        ("one datagram was refused, and one brought garbage", prod().browser(Malformed).with(browser_icmp(3, 3, SERVER)), C::BrowserReplyMalformed),
        ("EPERM on send, and the last port opens", prod().browser(Silent).connect(Open).with(|s| s.evidence.layers.browser.os_error = Some(1)), C::LocalFirewall),
        ("no local port for the datagram", prod().browser(Silent).with(|s| s.evidence.layers.browser.os_error = Some(98)), C::LocalPortsExhausted),
        ("EPERM on send", prod().browser(Silent).with(|s| s.evidence.layers.browser.os_error = Some(1)), C::LocalFirewall),
        ("V5 silent, and the host hides no port", prod().browser(Silent).closed(Refused), C::BrowserFiltered),
        ("V5 nothing of the host answers", prod().browser(Silent).closed(TimedOut).port(445, TimedOut), C::HostDown),
        ("V6 not listed", prod().browser(NotListed), C::InstanceNotListed),
        ("V6 the list answers without the name", prod().browser(Silent).list(NotListed, vec![]), C::InstanceNotListed),
        ("V7 listed without tcp", prod().browser(NoTcp), C::TcpDisabled),
        ("V7 the list shows no tcp", prod().browser(Silent).with(|s| { let entry = s.entry(None); *s = s.clone().list(NoTcp, vec![entry]); }), C::TcpDisabled),
        ("garbage from Browser", prod().browser(Malformed), C::BrowserReplyMalformed),
        ("the list answers, the name did not", prod().browser(Silent).with(|s| { let entry = s.entry(Some(50123)); *s = s.clone().list(BrowserStatus::Ok, vec![entry]); }), C::BrowserAnswersLate),
        ("Browser on try 2", prod().advertises(50123).answers().with(|s| s.evidence.layers.browser.tries = Some(2)), C::BrowserAnswersLate),
        ("Browser from another address", prod().advertises(50123).answers().with(|s| s.evidence.layers.browser.answered_from = "10.0.4.99:1434".parse().ok()), C::BrowserFiltered),
        ("Browser is silent, and its last port meets no neighbour", prod().browser(Silent).connect(Unreachable).icmp(3, 1, ME), C::HostDown),
        ("another machine's Browser, since the name moved", prod().browser(NotListed).moved_from("10.0.4.99", 1), C::InstanceNotListed),
        ("Linux has no Browser", prod().platform(Platform::Linux).browser(Silent), C::BrowserStopped),
        ("Browser lists tcp;0", prod().browser(Malformed).with(|s| { let entry = s.entry(None); s.evidence.layers.browser.instances = vec![entry]; }), C::BrowserReplyMalformed),
        ("asked by name, Browser lists tcp;99999", prod().browser(Silent).with(|s| { let entry = s.entry(None); *s = s.clone().name(Malformed, vec![entry]); }), C::BrowserReplyMalformed),
        // connect: refused
        ("Azure's gateway refuses", Scene::new("x.database.windows.net").refused(), C::RejectRule),
        ("declared Azure, it answered here before", db1_1433().platform(Platform::Azure).refused().good(SERVER, 1433), C::RejectRule),
        ("RDS refuses", db1_1433().platform(Platform::Rds).refused(), C::ServiceNotRunning),
        ("V10 refused, and the host answers", db1_1433().refused().port(445, Open), C::ServiceNotRunning),
        ("V10 refused, closed ports answer RST", db1().refused().closed(Refused), C::ServiceNotRunning),
        ("V8 refused where it answered until now", prod().advertises(50123).refused().good(SERVER, 50123), C::ServiceNotRunning),
        ("V8 refused on a port that it did not have", prod().advertises(50123).refused().good(SERVER, 49777), C::StaleBrowserPort),
        ("V8 and the old port still opens", prod().advertises(50123).refused().good(SERVER, 49777).port(49777, Open), C::StaleBrowserPort),
        ("refused on a given port that it did not have", Scene::new("db1.corp.test,1435").refused().good(SERVER, 1433), C::WrongPort),
        ("a container that answers elsewhere", db1_1433().platform(Platform::Container).refused(), C::PortNotPublished),
        ("a listener refuses", db1_1433().kind(Kind::AgListener).refused(), C::ListenerOffline),
        ("an FCI refuses", db1_1433().kind(Kind::Fci).refused(), C::ClusterGroupOffline),
        ("Browser says clustered, refused", prod().advertises(50123).clustered().refused(), C::ClusterGroupOffline),
        ("ICMP port-unreachable from a device", db1().refused().icmp(3, 3, ROUTER), C::RejectRule),
        ("ICMPv6 port-unreachable from the host", Scene::new("fd00::12").refused().icmp(1, 4, "fd00::12"), C::RejectRule),
        ("closed ports hidden, this one refused", db1_1433().refused().closed(TimedOut), C::RejectRule),
        ("open and refused take turns", db1_1433().refused().with(flapping), C::BacklogFull),
        ("it climbed, then refused", db1_1433().refused().climbed().with(flapping).good(SERVER, 1433), C::BacklogFull),
        ("the name moved, then refused", db1_1433().refused().moved_from("10.0.4.99", 1), C::StaleName),
        ("V2 hosts file against DNS", db1_1433().source(Source::HostsFile).dns_says("10.0.4.99").refused(), C::ClientAlias),
        ("a client alias against DNS", db1_1433().source(Source::ClientAlias).dns_says("10.0.4.99").timed_out(), C::ClientAlias),
        ("V2 the system differs from DNS", db1_1433().dns_says("10.0.4.99").refused(), C::StaleName),
        ("refused, as is every port of Windows", db1_1433().refused().port(445, Refused), C::ServiceNotRunning),
        // connect: silence
        ("V12 only this port is dropped", db1_1433().timed_out().closed(Refused).port(445, Open), C::FirewallDrops),
        ("V9 a dynamic port", prod().advertises(50123).timed_out(), C::FirewallDrops),
        ("a cloud gateway", Scene::new("x.database.windows.net").timed_out(), C::FirewallDrops),
        ("V13 all silent", db1_1433().timed_out().closed(TimedOut).port(445, TimedOut).neighbours((3, 0), (0, 0)), C::HostDown),
        ("V14 the subnet is silent", db1_1433().timed_out().closed(TimedOut).port(445, TimedOut).neighbours((0, 5), (9, 0)), C::SiteUnreachable),
        ("the name moved, then silent", db1_1433().timed_out().good("10.0.4.99", 1433), C::StaleName),
        ("a listener, all silent", db1_1433().kind(Kind::AgListener).timed_out().closed(TimedOut).port(445, TimedOut), C::ListenerOffline),
        ("an FCI whose address nobody has", db1_1433().kind(Kind::Fci).connect(Unreachable).icmp(3, 1, ME), C::ClusterGroupOffline),
        ("it failed over, and the last router still passes packets on", db1_1433().kind(Kind::AgListener).timed_out().good(SERVER, 1433).neighbours((3, 0), (0, 0)).closed(TimedOut).port(445, TimedOut).path(&[ROUTER]), C::StaleArp),
        ("answered on another port, which opens", Scene::new("db1.corp.test,1435").timed_out().closed(TimedOut).port(1433, Open).good(SERVER, 1433), C::WrongPort),
        ("it climbed, then silence on this port alone", db1_1433().timed_out().closed(Refused).climbed().good(SERVER, 1433), C::BacklogFull),
        ("not even the first hop answers", db1_1433().timed_out().closed(TimedOut).port(445, TimedOut).path(&[]), C::HostDown),
        ("only this port is dropped, and not the SYN of the walk", db1_1433().timed_out().closed(Refused).walked(1433, &[ROUTER], HopStatus::Open), C::FirewallDrops),
        ("cut off, and so silent", db1_1433().timed_out().with(own_network(OwnNetwork::NoRoute)), C::NoRoute),
        ("silent on loopback", Scene::new("127.0.0.5,1433").timed_out(), C::FirewallDrops),
        // connect: no way
        ("ARP failed", db1_1433().connect(Unreachable).icmp(3, 1, ME), C::HostDown),
        ("router finds no host", db1_1433().connect(Unreachable).icmp(3, 1, ROUTER), C::HostDown),
        ("router has no route", db1_1433().connect(Unreachable).icmp(3, 0, ROUTER), C::NoRoute),
        ("ENETUNREACH at once", db1_1433().connect(Unreachable).os_error(101), C::NoRoute),
        ("admin-prohibited by a router", db1_1433().connect(Unreachable).icmp(3, 13, ROUTER), C::RejectRule),
        ("host-prohibited by the host", db1_1433().connect(Unreachable).icmp(3, 10, SERVER), C::RejectRule),
        ("ICMPv6 admin, which is EACCES", Scene::new("fd00::12").connect(Blocked).icmp(1, 1, "fd00::1").os_error(13), C::RejectRule),
        ("our own address prohibits", db1_1433().connect(Unreachable).icmp(3, 13, ME), C::LocalFirewall),
        ("the policy of this machine", db1_1433().forbidden(&["10.0.5.11"]), C::PolicyForbids),
        ("the policy, for an instance that Browser was not asked for", prod().forbidden(&["10.0.5.11"]), C::PolicyForbids),
        ("EPERM at once", db1_1433().connect(Blocked).os_error(1), C::LocalFirewall),
        ("walled in, and so nothing resolves", db1().unresolved(ResolveStatus::TimedOut).with(own_network(OwnNetwork::Firewall)), C::LocalFirewall),
        ("a blackhole route of our own", db1_1433().connect(Blocked).os_error(22), C::NoRoute),
        ("no local port left", db1_1433().connect(Exhausted).os_error(99), C::LocalPortsExhausted),
        ("no way, after three seconds, and who knows why", db1_1433().connect(Unreachable).os_error(10065).took(3060), C::HostDown),
        ("a router finds no host, and another port answers", db1_1433().connect(Unreachable).icmp(3, 1, ROUTER).port(445, Open), C::RejectRule),
        ("no way, who knows why, and another port answers", db1_1433().connect(Unreachable).os_error(10065).took(3060).port(445, Refused), C::RejectRule),
        // the path itself
        ("every port opens, engine silent", db1_1433().answer(PreloginStatus::Silent).closed(Open), C::PathProxy),
        ("every port opens, this one does not", db1_1433().timed_out().closed(Open), C::PathProxy),
        ("every port opens, this one is refused", db1_1433().refused().closed(Open), C::PathProxy),
        // prelogin
        ("V16 silent", db1_1433().answer(PreloginStatus::Silent), C::EngineHung),
        ("V16 climbed, then silent", db1_1433().answer(PreloginStatus::Silent).climbed().good(SERVER, 1433).closed(Refused), C::EngineHung),
        ("V17 FIN", db1_1433().answer(PreloginStatus::Closed), C::ProxyWithoutBackend),
        ("V17 RST on loopback", Scene::new("127.0.0.1,14330").answer(PreloginStatus::Reset), C::ProxyWithoutBackend),
        ("V17 RST", db1_1433().answer(PreloginStatus::Reset), C::StrictOnly),
        ("V17 RST by turns", db1_1433().answer(PreloginStatus::Reset).with(flapping), C::BacklogFull),
        ("half an answer, then silence", db1_1433().answer(PreloginStatus::Silent).with(half), C::EngineHung),
        ("half an answer, then FIN", db1_1433().answer(PreloginStatus::Closed).with(half), C::EngineHung),
        ("half an answer, then RST on loopback", Scene::new("127.0.0.1,14330").answer(PreloginStatus::Reset).with(half), C::EngineHung),
        ("a gateway answers 40613", Scene::new("x.database.windows.net").answer(PreloginStatus::Malformed).with(error(40613)), C::ProxyWithoutBackend),
        ("V18 HTTP", db1_1433().answer(PreloginStatus::NotTds).with(service(Service::Http)), C::NotSqlServer),
        ("V18 a TLS service", db1_1433().answer(PreloginStatus::NotTds).with(service(Service::TlsFirst)), C::NotSqlServer),
        ("V18 nonsense", db1_1433().answer(PreloginStatus::Malformed), C::NotSqlServer),
        ("V18 SSH where the engine was", db1_1433().answer(PreloginStatus::NotTds).with(service(Service::Ssh)).good(SERVER, 1433), C::PortTaken),
        ("V18 HTTP on the advertised port", prod().advertises(50123).answer(PreloginStatus::NotTds).with(service(Service::Http)), C::PortTaken),
        ("V19 another instance", prod().advertises(50123).answer(PreloginStatus::InstanceMismatch), C::WrongInstanceOnPort),
        ("V19 with a port", Scene::new(r"sales01\PROD,1433").answer(PreloginStatus::InstanceMismatch), C::WrongInstanceOnPort),
        // degraded
        ("no local port left at one of our addresses", db1_1433().answers().instead_of(ME), C::LocalPortsExhausted),
        ("the same, and one address dead", db1_1433().answers().instead_of(ME).also("10.0.5.12", TimedOut), C::LocalPortsExhausted),
        ("V3 one address dead", db1_1433().answers().also("10.0.5.12", TimedOut), C::SomeAddressesDead),
        ("the engine is slow", db1_1433().answers().with(|s| s.evidence.layers.prelogin.elapsed = Some(std::time::Duration::from_secs(3).into())), C::EngineHung),
    ]
}

#[test]
fn the_right_cause_comes_first() {
    let mut wrong = Vec::new();
    for (what, scene, cause) in table() {
        let diagnosis = scene.diagnose();
        if diagnosis.causes.first().map(|first| first.id) != Some(cause) {
            let causes: Vec<_> = diagnosis
                .causes
                .iter()
                .map(|c| (c.id.id(), c.confidence))
                .collect();
            wrong.push(format!(
                "{what}: wanted {cause}, got {:?} {causes:?}",
                diagnosis.state
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_other_cause_shares_the_first_place() {
    let mut wrong = Vec::new();
    for (what, scene, _) in table() {
        let diagnosis = scene.diagnose();
        if diagnosis.tied != 1 {
            let first = &diagnosis.causes[..diagnosis.tied];
            wrong.push(format!(
                "{what}: {:?}",
                first.iter().map(|c| c.id.id()).collect::<Vec<_>>()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_leading_cause_says_why() {
    for (what, scene, _) in table() {
        let causes = scene.diagnose().causes;
        assert!(!causes[0].because.is_empty(), "{what}");
    }
}

#[test]
fn every_cause_leads_somewhere() {
    let mut leads: BTreeSet<_> = table().iter().map(|(_, _, cause)| *cause).collect();
    leads.extend(listeners::leading().iter().map(|(_, _, cause)| *cause));
    leads.insert(Diagnosis::not_tcp(NotTcp::NamedPipes).causes[0].id);
    let error: TargetError = "db1/PROD".parse::<crate::target::Target>().unwrap_err();
    leads.insert(Diagnosis::unreadable(&error).causes[0].id);
    let missing: Vec<_> = CauseId::ALL
        .iter()
        .filter(|cause| !leads.contains(cause) && !is_beyond_every_probe(**cause))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn evidence_that_fits_nothing_else_is_called_high() {
    #[rustfmt::skip]
    let certain = vec![
        db1().unresolved(ResolveStatus::NotFound).asked(ResponseCode::NxDomain),
        prod().browser(BrowserStatus::Refused).with(browser_icmp(3, 3, SERVER)),
        prod().browser(NotListed),
        prod().browser(NoTcp),
        db1_1433().refused().port(445, Open),
        prod().advertises(50123).refused().good(SERVER, 50123),
        prod().advertises(50123).refused().good(SERVER, 49777),
        db1_1433().timed_out().closed(Refused),
        db1_1433().connect(Unreachable).icmp(3, 1, ME),
        db1_1433().connect(Unreachable).icmp(3, 13, ROUTER),
        db1_1433().answer(PreloginStatus::Silent).closed(Open),
        db1_1433().answer(PreloginStatus::Silent).climbed().good(SERVER, 1433).closed(Refused),
        prod().advertises(50123).answer(PreloginStatus::InstanceMismatch),
    ];
    for scene in certain {
        let diagnosis = scene.diagnose();
        assert_eq!(
            diagnosis.causes[0].confidence,
            Confidence::High,
            "{diagnosis:?}"
        );
    }
}

#[test]
fn what_one_look_cannot_tell_is_never_called_high() {
    #[rustfmt::skip]
    let doubtful = vec![
        prod().browser(Silent),
        prod().browser(Silent).port(445, Open),
        db1_1433().refused(),
        prod().advertises(50123).refused(),
        db1_1433().timed_out(),
        prod().advertises(50123).timed_out(),
        db1_1433().answer(PreloginStatus::Silent),
        db1_1433().answer(PreloginStatus::Reset),
        db1_1433().answer(PreloginStatus::Silent).with(half).good(SERVER, 1433).closed(Refused),
        db1_1433().answer(PreloginStatus::Closed).with(half).good(SERVER, 1433),
        db1_1433().answer(PreloginStatus::Malformed),
        db1_1433().answer(PreloginStatus::Malformed).good(SERVER, 1433),
        db1_1433().connect(Unreachable).os_error(10065),
    ];
    for scene in doubtful {
        let diagnosis = scene.diagnose();
        assert!(
            diagnosis.causes[0].confidence < Confidence::High,
            "{diagnosis:?}"
        );
    }
}

#[test]
fn what_speaks_tds_is_not_called_another_service() {
    for scene in [
        db1_1433()
            .answer(PreloginStatus::Malformed)
            .with(error(40613)),
        prod()
            .advertises(50123)
            .answer(PreloginStatus::Malformed)
            .with(error(0)),
        db1_1433().answer(PreloginStatus::Closed).with(half),
        Scene::new("127.0.0.1,14330")
            .answer(PreloginStatus::Silent)
            .with(half),
    ] {
        let named: Vec<_> = scene
            .diagnose()
            .causes
            .iter()
            .map(|cause| cause.id)
            .collect();
        for wrong in [
            CauseId::NotSqlServer,
            CauseId::WrongPort,
            CauseId::PortTaken,
            CauseId::StrictOnly,
        ] {
            assert!(!named.contains(&wrong), "{named:?}");
        }
    }
    for status in [PreloginStatus::Silent, PreloginStatus::Closed] {
        let scene = Scene::new("127.0.0.1,14330").answer(status).with(half);
        let causes = scene.diagnose().causes;
        // Without a server behind it a proxy says nothing at all.
        assert_eq!(causes.len(), 1, "{causes:?}");
        assert_eq!(causes[0].id, CauseId::EngineHung);
        assert_eq!(causes[0].against, [Said::InspectionCutsAnswers {}]);
    }
}

#[test]
fn a_lost_backslash_is_named_for_a_name_that_is_not_found() {
    let lost = |scene: Scene| scene.with(|s| s.target.remarks = vec![Remark::MaybeLostBackslash]);
    let not_found = lost(Scene::new("db1PROD").unresolved(ResolveStatus::NotFound)).diagnose();
    assert!(
        not_found.causes[0]
            .because
            .contains(&Said::MaybeLostBackslash {})
    );
    let refused = lost(Scene::new("db1PROD").refused()).diagnose();
    let said = refused.causes.iter().flat_map(|cause| &cause.because);
    assert_eq!(
        said.filter(|said| **said == Said::MaybeLostBackslash {})
            .count(),
        0
    );
}
