//! No local port left: a matter of this machine, and none of the server or of Browser.

use std::net::SocketAddr;

use rstest::rstest;
use serde_json::Value;
use sqlreach::evidence::ConnectStatus;

use crate::lab::Lab;

const TARGETS: [&str; 2] = ["10.77.2.2", r"10.77.2.2\PROD"];

fn check(lab: &Lab) -> Value {
    let home = tempfile::tempdir().unwrap();
    let mut arguments = vec!["check", "--format", "json", "--timeout", "1s"];
    arguments.extend(TARGETS);
    serde_json::from_str(&lab.sqlreach(home.path(), &arguments)).unwrap()
}

#[test]
fn without_a_local_port_nothing_is_said_of_the_server_until_one_is_free() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    lab.switch("ipv4/ip_local_port_range", "40000 40002");
    let held = lab.run("c", "hold-ports 10.77.2.2:1433");
    let document = check(&lab);
    let [plain, named] = &document["instances"].as_array().unwrap()[..] else {
        panic!("{document:#}")
    };
    let connect = &plain["layers"]["connect"];
    assert_eq!(plain["state"], "blocked", "{plain:#}");
    assert_eq!(
        (&connect["status"], &connect["attempts"][0]["os_error"]),
        (&"exhausted".into(), &99.into())
    );
    // The question to Browser needs a port, too.
    assert_eq!(named["state"], "not-located", "{named:#}");
    assert_eq!(named["layers"]["browser"]["tries"], 0);
    for instance in [plain, named] {
        let causes = instance["diagnosis"]["causes"].as_array().unwrap();
        assert_eq!(causes.len(), 1, "{causes:#?}");
        assert_eq!(causes[0]["id"], "local-ports-exhausted");
        let headline = instance["diagnosis"]["headline"].as_str().unwrap();
        assert!(
            headline.starts_with("This machine has no local port"),
            "{headline}"
        );
    }
    drop(held);
    assert_eq!(check(&lab)["instances"][0]["state"], "answering");
}

/// Three ports, all of them taken by connections of the usual address to `endpoint`, on a machine
/// that has a second one.
fn with_two_addresses(endpoint: SocketAddr) -> Option<(Lab, [crate::lab::Running; 2])> {
    let lab = Lab::new()?;
    let second = match endpoint {
        SocketAddr::V4(_) => "10.77.1.3/24",
        SocketAddr::V6(_) => "fd77:1::3/64",
    };
    lab.ip(&["address", "add", second, "dev", "c0"]);
    let engine = lab.server(&endpoint.to_string());
    lab.switch("ipv4/ip_local_port_range", "40000 40002");
    let held = lab.run("c", &format!("hold-tcp-ports {endpoint}"));
    Some((lab, [engine, held]))
}

#[rstest]
#[case::ipv4("10.77.2.2:1433")]
#[case::ipv6("[fd77:2::2]:1433")]
fn a_second_address_of_this_machine_asks_where_the_first_has_no_port_left(
    #[case] endpoint: SocketAddr,
) {
    let Some((lab, [engine, held])) = with_two_addresses(endpoint) else {
        return;
    };
    let target = endpoint.ip().to_string();
    let home = tempfile::tempdir().unwrap();
    let check = || {
        let arguments = ["check", "--format", "json", "--timeout", "1s", &target];
        let document: Value = serde_json::from_str(&lab.sqlreach(home.path(), &arguments)).unwrap();
        document["instances"][0].clone()
    };
    let answers = check();
    // The server is well, and what runs here cannot reach it.
    assert_eq!(answers["state"], "degraded", "{answers:#}");
    let diagnosis = &answers["diagnosis"];
    assert_eq!(diagnosis["causes"][0]["id"], "local-ports-exhausted");
    let attempt = &answers["layers"]["connect"]["attempts"][0];
    let local: SocketAddr = attempt["local"].as_str().unwrap().parse().unwrap();
    let used_up = attempt["instead_of"].as_str().unwrap();
    assert_ne!(local.ip().to_string(), used_up);
    let headline = diagnosis["headline"].as_str().unwrap();
    let said = format!("This machine has no local port left at {used_up} for {endpoint}");
    assert!(headline.starts_with(&said), "{headline}");
    // The connections of the engine that is gone still hold their ports.
    drop(engine);
    let refused = check();
    assert_eq!(refused["state"], "refused", "{refused:#}");
    let findings = refused["diagnosis"]["findings"].to_string();
    assert!(findings.contains(&said), "{findings}");
    let _engine = lab.server(&endpoint.to_string());
    drop(held);
    let usual = check();
    assert_eq!(usual["state"], "answering", "{usual:#}");
    assert_eq!(
        usual["layers"]["connect"]["attempts"][0]["instead_of"],
        Value::Null
    );
}

/// A firewall that knows the first address alone is no verdict about the server.
#[test]
fn silence_towards_the_second_address_says_nothing_of_the_server() {
    let endpoint = "10.77.2.2:1433".parse().unwrap();
    let Some((lab, _running)) = with_two_addresses(endpoint) else {
        return;
    };
    for rule in ["drop", "reject with icmp type admin-prohibited"] {
        lab.rule("r", "forward", &format!("ip saddr 10.77.1.3 {rule}"));
        let attempt = lab.attempt("10.77.2.2");
        assert_eq!(attempt.status, ConnectStatus::Exhausted, "{rule}");
        assert_eq!((attempt.icmp, attempt.instead_of), (None, None));
    }
}
