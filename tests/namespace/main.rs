//! The probe against a network that is really broken: client, routers and servers in
//! network namespaces that each test makes for itself and takes away again.
//!
//! Needs root, `ip`, `nft`, `setpriv` and `tcpdump`. Where they are missing a test says that it
//! was skipped; with `CI=true` it fails instead.

#![cfg(target_os = "linux")]
// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod capture;
mod descriptors;
mod dns_gone;
#[path = "../etc/mod.rs"]
mod etc;
mod fleet;
mod footprint;
mod hanging;
mod inside;
mod lab;
#[path = "../network/mod.rs"]
mod network;
mod own;
mod policy;
mod ports;
mod stand;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use sqlreach::evidence::{
    BrowserStatus, ConnectStatus, Hop, HopStatus, Look, ResolveStatus, ResponseCode, Source, Test,
};
use sqlreach::target::Port;

use lab::Lab;

const ROUTER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 1, 1));
/// The second router, which has the server.
const INNER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 77, 9, 2));
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
    assert_eq!((icmp.kind, icmp.code, icmp.from), (3, 1, INNER));
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
fn the_path_names_the_routers_and_the_step_where_it_goes_silent() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let path = |lab: &Lab| match lab.look(&Test::Path {
        endpoint: SocketAddr::new(SERVER, 1433),
    }) {
        Look::Path { hops, .. } => hops,
        other => panic!("{other:?}"),
    };
    let told = |hops: &[Hop]| -> Vec<_> {
        hops.iter()
            .map(|hop| (hop.ttl, hop.status, hop.from))
            .collect()
    };
    let routers = [
        (1, HopStatus::TtlExceeded, Some(ROUTER)),
        (2, HopStatus::TtlExceeded, Some(INNER)),
    ];
    let hops = path(&lab);
    assert_eq!(told(&hops)[..2], routers);
    assert_eq!((hops.len(), hops[2].status), (3, HopStatus::Open));
    lab.rule("s", "input", "tcp dport 1433 drop");
    let hops = path(&lab);
    assert_eq!(told(&hops)[..2], routers);
    assert_eq!(hops.len(), 7, "five silent steps end the walk");
    assert!(
        hops[2..]
            .iter()
            .all(|hop| hop.status == HopStatus::Silent && hop.from.is_none())
    );
}

/// Not a test by itself: what the others run inside a namespace.
#[test]
fn inside_a_namespace() {
    if let Ok(task) = std::env::var(lab::TASK) {
        inside::act(&task);
    }
}
