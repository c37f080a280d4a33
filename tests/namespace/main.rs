//! The probe against a network that is really broken: client, router and server in
//! network namespaces that each test makes for itself and takes away again.
//!
//! Needs root, `ip`, `nft` and `tcpdump`. Where they are missing a test says that it
//! was skipped; with `CI=true` it fails instead.

#![cfg(target_os = "linux")]
// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod capture;
mod inside;
mod lab;
mod own;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use sqlreach::evidence::{
    BrowserStatus, ConnectStatus, HopStatus, Look, PreloginStatus, ResolveStatus, ResponseCode,
    Source, Test,
};
use sqlreach::target::Port;

use lab::Lab;

const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 1, 1));
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 1, 2));
const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 2, 2));

#[test]
fn a_closed_port_is_a_reset_without_icmp() {
    let Some(lab) = Lab::new() else { return };
    let attempt = lab.attempt("10.77.2.2");
    assert_eq!(
        (attempt.status, attempt.os_error, attempt.icmp),
        (ConnectStatus::Refused, Some(111), None)
    );
    assert_eq!(attempt.local.unwrap().ip(), CLIENT);
}

#[test]
fn a_reject_is_told_by_its_kind_and_names_the_device() {
    let Some(lab) = Lab::new() else { return };
    for (reject, status, icmp) in [
        ("tcp reset", ConnectStatus::Refused, None),
        (
            "icmp type port-unreachable",
            ConnectStatus::Refused,
            Some((3, 3)),
        ),
        (
            "icmp type host-unreachable",
            ConnectStatus::Unreachable,
            Some((3, 1)),
        ),
        (
            "icmp type net-unreachable",
            ConnectStatus::Unreachable,
            Some((3, 0)),
        ),
        (
            "icmp type prot-unreachable",
            ConnectStatus::Unreachable,
            Some((3, 2)),
        ),
        (
            "icmp type admin-prohibited",
            ConnectStatus::Unreachable,
            Some((3, 13)),
        ),
    ] {
        lab.rule(
            "r",
            "forward",
            &format!("tcp dport 1433 reject with {reject}"),
        );
        let attempt = lab.attempt("10.77.2.2");
        assert_eq!(attempt.status, status, "{reject}");
        let seen = attempt.icmp.map(|icmp| (icmp.kind, icmp.code));
        assert_eq!(seen, icmp, "{reject}");
        assert!(
            attempt.icmp.is_none_or(|icmp| icmp.from == ROUTER),
            "{reject}: {attempt:?}"
        );
    }
}

#[test]
fn a_dropping_rule_times_out() {
    let Some(lab) = Lab::new() else { return };
    lab.rule("r", "forward", "tcp dport 1433 drop");
    let attempt = lab.attempt("10.77.2.2");
    assert_eq!(
        (attempt.status, attempt.os_error, attempt.icmp),
        (ConnectStatus::TimedOut, None, None)
    );
}

/// The wrong order of two calls would make an open port of it.
#[test]
fn a_dead_host_behind_a_router_is_unreachable_after_three_seconds() {
    let Some(lab) = Lab::new() else { return };
    let attempt = lab.attempt("10.77.2.99");
    assert_eq!(attempt.status, ConnectStatus::Unreachable);
    let icmp = attempt.icmp.unwrap();
    assert_eq!((icmp.kind, icmp.code, icmp.from), (3, 1, ROUTER));
    assert!(
        attempt.elapsed.duration() >= Duration::from_secs(2),
        "{attempt:?}"
    );
}

#[test]
fn a_dead_neighbour_is_reported_by_this_machine_itself() {
    let Some(lab) = Lab::new() else { return };
    let attempt = lab.attempt("10.77.1.99");
    assert_eq!(attempt.status, ConnectStatus::Unreachable);
    assert_eq!(attempt.icmp.unwrap().from, CLIENT);
}

#[test]
fn without_a_route_nothing_is_sent() {
    let Some(lab) = Lab::new() else { return };
    let attempt = lab.attempt("10.99.0.1");
    assert_eq!(
        (attempt.status, attempt.os_error),
        (ConnectStatus::Unreachable, Some(101))
    );
    assert_eq!((attempt.local, attempt.icmp), (None, None));
}

#[test]
fn what_this_machine_forbids_is_blocked() {
    let Some(lab) = Lab::new() else { return };
    lab.rule(
        "c",
        "output",
        "tcp dport 1433 reject with icmp type admin-prohibited",
    );
    let attempt = lab.attempt("10.77.2.2");
    assert_eq!(attempt.status, ConnectStatus::Blocked);
    assert_eq!(attempt.icmp.unwrap().from, CLIENT);
    lab.ip(&["route", "add", "prohibit", "10.98.0.0/24"]);
    let attempt = lab.attempt("10.98.0.1");
    assert_eq!(
        (attempt.status, attempt.os_error),
        (ConnectStatus::Blocked, Some(13))
    );
}

#[test]
fn over_ipv6_the_codes_are_others_and_the_meaning_is_the_same() {
    let Some(lab) = Lab::new() else { return };
    for (reject, status, icmp) in [
        (
            "icmpv6 type port-unreachable",
            ConnectStatus::Refused,
            (1, 4),
        ),
        (
            "icmpv6 type addr-unreachable",
            ConnectStatus::Unreachable,
            (1, 3),
        ),
        (
            "icmpv6 type admin-prohibited",
            ConnectStatus::Unreachable,
            (1, 1),
        ),
    ] {
        lab.rule(
            "r",
            "forward",
            &format!("tcp dport 1433 reject with {reject}"),
        );
        let attempt = lab.attempt("fd77:2::2");
        assert_eq!(attempt.status, status, "{reject}: {attempt:?}");
        let seen = attempt.icmp.unwrap();
        assert_eq!((seen.kind, seen.code), icmp, "{reject}");
        assert_eq!(seen.from, "fd77:1::1".parse::<IpAddr>().unwrap());
    }
}

#[test]
fn a_stealth_host_shows_one_port_and_hides_all_others() {
    let Some(lab) = Lab::new() else { return };
    let _files = lab.server("10.77.2.2:445");
    lab.rule("s", "input", "tcp dport != 445 drop");
    lab.add("s", "input", "meta l4proto udp drop");
    assert_eq!(lab.attempt("10.77.2.2").status, ConnectStatus::TimedOut);
    let closed = lab.look(&Test::ClosedPort { address: SERVER });
    assert_eq!(closed.attempt().unwrap().status, ConnectStatus::TimedOut);
    let telling = lab.look(&Test::Port {
        address: SERVER,
        port: Port::literal(445),
    });
    assert_eq!(telling.attempt().unwrap().status, ConnectStatus::Open);
    let browser = lab.probe("10.77.2.2\\PROD").layers.browser;
    assert_eq!(
        (browser.status, browser.icmp),
        (BrowserStatus::Silent, None)
    );
}

#[test]
fn browser_that_is_stopped_refuses_and_one_behind_a_reject_names_the_router() {
    let Some(lab) = Lab::new() else { return };
    let stopped = lab.probe("10.77.2.2\\PROD").layers.browser;
    assert_eq!(
        (stopped.status, stopped.icmp.unwrap().from),
        (BrowserStatus::Refused, SERVER)
    );
    lab.rule(
        "r",
        "forward",
        "udp dport 1434 reject with icmp type admin-prohibited",
    );
    let rejected = lab.probe("10.77.2.2\\PROD").layers.browser;
    assert_eq!(
        (rejected.status, rejected.icmp.unwrap().from),
        (BrowserStatus::Silent, ROUTER)
    );
    lab.rule("c", "output", "udp dport 1434 drop");
    let forbidden = lab.probe("10.77.2.2\\PROD").layers.browser;
    assert_eq!(
        (forbidden.status, forbidden.os_error),
        (BrowserStatus::Silent, Some(1))
    );
}

#[test]
fn a_family_without_any_route_is_no_dead_address() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    lab.ip(&["-6", "addr", "flush", "dev", "c0"]);
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "10.77.2.2 db1.test\nfd77:2::2 db1.test").unwrap();
    let connect = lab
        .probe_with("db1.test", hosts.path().to_str())
        .layers
        .connect;
    assert_eq!(
        (connect.status, connect.attempts.len()),
        (ConnectStatus::Open, 1)
    );
}

/// The system's real resolver, and what DNS says of every name it may have tried.
#[test]
fn a_failing_dns_server_is_told_from_an_unknown_name_behind_the_search_list() {
    let Some(lab) = Lab::new() else { return };
    let _dns = lab.run("s", "dns 10.77.2.2:53");
    let good = lab.resolve("good");
    assert_eq!(
        (good.status, good.source),
        (ResolveStatus::Ok, Some(Source::System))
    );
    assert_eq!((good.addresses, good.ttl), (vec![SERVER], Some(60)));
    assert!(good.dns_differs.is_empty());
    let unknown = lab.resolve("unknown");
    assert_eq!(unknown.status, ResolveStatus::NotFound);
    let failing = lab.resolve("servfail.test");
    assert!(failing.system_error.is_some());
    assert_eq!(failing.status, ResolveStatus::ServerFailure);
    let codes: Vec<_> = failing.asked.iter().map(|asked| asked.code).collect();
    assert_eq!(
        codes,
        [
            ResponseCode::ServFail,
            ResponseCode::ServFail,
            ResponseCode::NxDomain,
            ResponseCode::NxDomain
        ]
    );
    lab.rule("s", "input", "udp dport 53 drop");
    let silent = lab.resolve("good");
    assert_eq!(silent.status, ResolveStatus::TimedOut);
    assert!(
        silent
            .asked
            .iter()
            .all(|asked| asked.code == ResponseCode::TimedOut)
    );
}

#[test]
fn the_path_names_the_router_and_the_step_where_it_goes_silent() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let path = |lab: &Lab| match lab.look(&Test::Path {
        endpoint: SocketAddr::new(SERVER, 1433),
    }) {
        Look::Path { hops, .. } => hops,
        other => panic!("{other:?}"),
    };
    let hops = path(&lab);
    assert_eq!(
        (hops[0].ttl, hops[0].status, hops[0].from),
        (1, HopStatus::TtlExceeded, Some(ROUTER))
    );
    assert_eq!((hops.len(), hops[1].status), (2, HopStatus::Open));
    lab.rule("s", "input", "tcp dport 1433 drop");
    let hops = path(&lab);
    assert_eq!(
        (hops[0].status, hops[0].from),
        (HopStatus::TtlExceeded, Some(ROUTER))
    );
    assert_eq!(hops.len(), 6, "five silent steps end the walk");
    assert!(
        hops[1..]
            .iter()
            .all(|hop| hop.status == HopStatus::Silent && hop.from.is_none())
    );
}

#[test]
fn a_healthy_instance_gets_one_syn_one_prelogin_and_a_clean_close() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let capture = lab.capture();
    let evidence = lab.probe("10.77.2.2");
    assert_eq!(evidence.layers.prelogin.status, PreloginStatus::Ok);
    let packets =
        capture.packets(|packets| packets.iter().filter(|packet| packet.has('F')).count() == 2);
    let of = |flag: char| -> Vec<bool> {
        packets
            .iter()
            .filter(|packet| packet.has(flag))
            .map(|packet| packet.from_client)
            .collect()
    };
    assert_eq!(of('S'), [true, false], "one SYN, one answer: {packets:#?}");
    assert_eq!(
        of('P'),
        [true, false],
        "one PRELOGIN, one answer: {packets:#?}"
    );
    assert_eq!(of('F').len(), 2, "both sides close: {packets:#?}");
    assert_eq!(of('R'), [false; 0], "and nobody resets: {packets:#?}");
    assert!(
        packets.iter().all(|packet| packet.is_tcp),
        "nothing else leaves: {packets:#?}"
    );
    let sent: usize = packets
        .iter()
        .filter(|packet| packet.from_client)
        .map(|packet| packet.length)
        .sum();
    let request = sqlreach::wire::tds::PreloginRequest {
        instance: "",
        trace: [0; 8],
    }
    .encode();
    assert_eq!(sent, request.len());
}

#[test]
fn a_failing_instance_gets_one_syn_and_nothing_else() {
    let Some(lab) = Lab::new() else { return };
    let capture = lab.capture();
    let evidence = lab.probe("10.77.2.2");
    assert_eq!(evidence.layers.connect.status, ConnectStatus::Refused);
    let packets = capture.packets(|packets| packets.iter().any(|packet| packet.has('R')));
    assert_eq!(packets.len(), 2, "{packets:#?}");
    assert!(packets[0].from_client && packets[0].has('S'));
    assert!(!packets[1].from_client && packets[1].has('R'));
}

#[test]
fn a_failure_costs_its_looks_once_and_the_loop_goes_on_as_before() {
    const PROBES: usize = 10;
    /// The router, five silent steps, and what goes out together with the last of them.
    const PATH: usize = 9;
    let Some(lab) = Lab::new() else { return };
    lab.rule("s", "input", "tcp dport 1-65535 drop");
    let capture = lab.capture();
    assert_eq!(lab.watch(PROBES, "10.77.2.2"), "timed-out");
    // The system repeats an unanswered SYN: a connection is told by its ports.
    let connections: BTreeSet<_> = capture
        .packets(|_| true)
        .iter()
        .filter(|packet| packet.from_client && packet.has('S'))
        .filter_map(|packet| packet.ports)
        .collect();
    let mut to = BTreeMap::<u16, usize>::new();
    for (_, port) in connections {
        *to.entry(port).or_default() += 1;
    }
    let probes = to.remove(&1433).unwrap();
    assert!((PROBES..=PROBES + 1 + PATH).contains(&probes), "{probes}");
    assert_eq!(to.remove(&1), Some(1), "one closed port: {to:?}");
    assert_eq!(to.values().sum::<usize>(), 1, "one telling port: {to:?}");
}

#[test]
fn a_silent_browser_costs_one_datagram_in_the_loop() {
    let Some(lab) = Lab::new() else { return };
    lab.rule("s", "input", "udp dport 1434 drop");
    let capture = lab.capture();
    lab.probe("10.77.2.2\\PROD");
    let packets = capture.packets(|packets| !packets.is_empty());
    assert_eq!(packets.len(), 1, "{packets:#?}");
    assert!(packets[0].from_client && !packets[0].is_tcp);
}

/// Not a test by itself: what the others run inside a namespace.
#[test]
fn inside_a_namespace() {
    if let Ok(task) = std::env::var(lab::TASK) {
        inside::act(&task);
    }
}
