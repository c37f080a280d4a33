//! Is it this machine? Its own network, really broken, with the whole monitor running, and
//! with the program itself.

use serde_json::Value;

use crate::lab::{Lab, Talking};

/// The server, another address of the router beyond this network, and this machine itself.
const TARGETS: &str = "10.77.2.2 10.77.2.1 127.0.0.1";
/// The client's route to all that is not its neighbour.
const WAY_OUT: [&str; 3] = ["10.77.0.0/16", "via", "10.77.1.1"];

fn saw(talking: &mut Talking) -> Value {
    let saw: Value = serde_json::from_str(&talking.next()).unwrap();
    assert_eq!(saw["in_time"], true, "{saw:#}");
    saw
}

/// The field of each row.
fn rows(saw: &Value, field: &str) -> Vec<Value> {
    let rows = saw["rows"].as_array().unwrap().iter();
    rows.map(|row| row[field].clone()).collect()
}

fn strings(values: &[Value]) -> Vec<&str> {
    values.iter().map(|value| value.as_str().unwrap()).collect()
}

fn check(lab: &Lab, targets: &str) -> Value {
    let mut arguments = vec![
        "check",
        "--format",
        "json",
        "--no-witness",
        "--timeout",
        "2s",
    ];
    arguments.extend(targets.split(' '));
    serde_json::from_str(&lab.sqlreach_with_dns(&arguments)).unwrap()
}

/// Watches while the network breaks and is mended: the rows keep their states, stale, lead
/// with the one cause, and come back.
fn breaks(lab: &Lab, kind: &str, cause: &str, break_it: impl Fn(), mend_it: impl Fn()) {
    let _engine = lab.server("10.77.2.2:1433");
    let mut talking = lab.talk(&format!("stand fine,{kind},fine {TARGETS}"));
    let before = saw(&mut talking);
    let states = rows(&before, "state");
    assert_eq!(strings(&states), ["answering", "refused", "refused"]);
    break_it();
    let broken = saw(&mut talking);
    assert_eq!(broken["standing"]["cause"], cause, "{broken:#}");
    assert_eq!(broken["standing"]["affected"], 2, "{broken:#}");
    assert_eq!(rows(&broken, "state"), states, "{broken:#}");
    assert_eq!(rows(&broken, "stale"), [true, true, false]);
    assert_eq!(strings(&rows(&broken, "cause")[..2]), [cause; 2]);
    assert_eq!(broken["rows"][0]["failures"], 0, "no false failure");
    assert_eq!(broken["rows"][0]["witnesses"], 0);
    let document = check(lab, TARGETS);
    assert_eq!(document["own_network"], kind, "{document:#}");
    let stale: Vec<_> = document["instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|instance| instance["stale"].as_bool().unwrap())
        .collect();
    assert_eq!(stale, [true, true, false], "{document:#}");
    mend_it();
    let mended = saw(&mut talking);
    assert_eq!(rows(&mended, "state"), states, "{mended:#}");
    assert_eq!(mended["rows"][0]["failures"], 0);
}

#[test]
fn its_own_firewall_rejects_everything() {
    for reject in ["icmp type admin-prohibited", "icmp type port-unreachable"] {
        let Some(lab) = Lab::new() else { return };
        let rule = format!("oifname != lo meta l4proto tcp reject with {reject}");
        breaks(
            &lab,
            "firewall",
            "local-firewall",
            || lab.rule("c", "output", &rule),
            || lab.no_rules("c"),
        );
    }
}

#[test]
fn a_route_that_prohibits_is_its_own_policy() {
    let Some(lab) = Lab::new() else { return };
    let prohibit = ["route", "replace", "prohibit", WAY_OUT[0]];
    breaks(
        &lab,
        "firewall",
        "local-firewall",
        || lab.ip(&prohibit),
        || lab.ip(&[&["route", "replace"], &WAY_OUT[..]].concat()),
    );
}

#[test]
fn the_route_out_is_gone_and_the_neighbours_are_not() {
    let Some(lab) = Lab::new() else { return };
    breaks(
        &lab,
        "no-route",
        "no-route",
        || lab.ip(&[&["route", "del"], &WAY_OUT[..]].concat()),
        || lab.ip(&[&["route", "add"], &WAY_OUT[..]].concat()),
    );
}

#[test]
fn the_link_is_down() {
    let Some(lab) = Lab::new() else { return };
    breaks(
        &lab,
        "no-route",
        "no-route",
        || lab.ip(&["link", "set", "c0", "down"]),
        || {
            lab.ip(&["link", "set", "c0", "up"]);
            lab.ip(&[&["route", "add"], &WAY_OUT[..]].concat());
        },
    );
}

#[test]
fn dns_is_gone_and_addresses_are_not() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let _dns = lab.run("s", "dns 10.77.2.2:53");
    let targets = "brief brief-router 10.77.2.2";
    let mut talking = lab.talk(&format!("stand fine,no-dns,fine {targets}"));
    let states = rows(&saw(&mut talking), "state");
    assert_eq!(strings(&states), ["answering", "refused", "answering"]);
    lab.rule("s", "input", "udp dport 53 drop");
    let broken = saw(&mut talking);
    assert_eq!(broken["standing"]["cause"], "dns-server-failing");
    assert_eq!(rows(&broken, "state"), states, "{broken:#}");
    assert_eq!(rows(&broken, "stale"), [true, true, false]);
    let document = check(&lab, targets);
    assert_eq!(document["own_network"], "no-dns", "{document:#}");
    assert_eq!(document["instances"][2]["state"], "answering");
    lab.no_rules("s");
    let mended = saw(&mut talking);
    assert_eq!(rows(&mended, "state"), states, "{mended:#}");
}

/// Without a network no name resolves either; DNS is not what is broken.
#[test]
fn names_that_fail_because_the_network_is_gone_are_no_matter_of_dns() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let _dns = lab.run("s", "dns 10.77.2.2:53");
    let mut talking = lab.talk("stand fine,no-route,fine brief brief-router");
    let states = rows(&saw(&mut talking), "state");
    assert_eq!(strings(&states), ["answering", "refused"]);
    lab.ip(&["link", "set", "c0", "down"]);
    let broken = saw(&mut talking);
    assert_eq!(broken["standing"]["cause"], "no-route", "{broken:#}");
    assert_eq!(rows(&broken, "state"), states, "{broken:#}");
    assert_eq!(rows(&broken, "stale"), [true, true]);
    assert_eq!(strings(&rows(&broken, "cause")), ["no-route"; 2]);
    let document = check(&lab, "brief brief-router");
    assert_eq!(document["own_network"], "no-route", "{document:#}");
    lab.ip(&["link", "set", "c0", "up"]);
    lab.ip(&[&["route", "add"], &WAY_OUT[..]].concat());
    let mended = saw(&mut talking);
    assert_eq!(rows(&mended, "state"), states, "{mended:#}");
}

/// What is dropped on the way out looks like any silence: it may not be claimed.
#[test]
fn a_drop_on_the_way_out_is_silence_and_nobodys_fault() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let mut talking = lab.talk("stand fine,down 10.77.2.2 10.77.2.1");
    saw(&mut talking);
    lab.rule("c", "output", "meta l4proto tcp drop");
    let down = saw(&mut talking);
    assert_eq!(down["standing"]["own_network"], "fine", "{down:#}");
    let document = check(&lab, "10.77.2.2 10.77.2.1");
    assert_eq!(document["own_network"], "fine");
    for instance in document["instances"].as_array().unwrap() {
        assert_eq!(instance["state"], "timed-out", "{instance:#}");
        assert_eq!(instance["stale"], false);
    }
}

#[test]
fn one_forbidden_server_beside_one_that_answers_is_blocked() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    lab.rule(
        "c",
        "output",
        "ip daddr 10.77.2.2 tcp dport 1433 reject with icmp type admin-prohibited",
    );
    let document = check(&lab, TARGETS);
    assert_eq!(document["own_network"], "fine");
    let first = &document["instances"][0];
    assert_eq!(
        (&first["state"], &first["stale"]),
        (&"blocked".into(), &false.into())
    );
    assert_eq!(first["diagnosis"]["causes"][0]["id"], "local-firewall");
}
