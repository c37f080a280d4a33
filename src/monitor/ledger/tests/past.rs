//! What the ledger learns over time, and what it teaches the other rows of a host.

use std::net::SocketAddr;

use rstest::rstest;

use super::*;
use crate::evidence::{
    Advertised, Audit, Browser, BrowserForm, BrowserStatus, Dac, Door, KnownBy, Listing,
    PreloginStatus,
};
use crate::target::{InstanceName, Untrusted};

/// Browser on 10.0.4.12 lists these.
fn browser(listed: &[(&str, u16)]) -> Browser {
    let entry = |(name, port): &(&str, u16)| Advertised {
        server: Untrusted::from_bytes(b"SALES01"),
        instance: Untrusted::from_bytes(name.as_bytes()),
        clustered: false,
        version: Untrusted::from_bytes(b"16.0.1000.6"),
        tcp: Port::new(*port),
        pipe: None,
    };
    Browser {
        status: BrowserStatus::Ok,
        form: Some(BrowserForm::List),
        asked: Some("10.0.4.12:1434".parse().unwrap()),
        port: listed.first().and_then(|(_, port)| Port::new(*port)),
        instances: listed.iter().map(entry).collect(),
        ..Browser::default()
    }
}

/// What a probe of another port than 1433 sees.
fn saw_on(port: u16, state: State) -> Evidence {
    let mut evidence = saw("10.0.4.12", state);
    let layers = &mut evidence.layers;
    layers.connect.attempts[0].endpoint.set_port(port);
    if let Some(endpoint) = &mut layers.prelogin.endpoint {
        endpoint.set_port(port);
    }
    evidence
}

/// A probe of `sales01\PROD`, which Browser locates among others.
fn saw_listed(listed: &[(&str, u16)]) -> Evidence {
    let mut evidence = saw_on(listed[0].1, Answering);
    evidence.layers.browser = browser(listed).into();
    evidence
}

fn there(told: &Told, id: u32) -> Option<String> {
    let past = Arc::clone(&told.row(id).past);
    past.instance_there.as_ref().map(ToString::to_string)
}

#[test]
fn a_row_that_gives_only_the_port_learns_its_instance_from_the_named_one() {
    let mut told = Told::new(&[r"sales01\PROD", "sales01,50123", "sales01"]);
    told.probed(0, 1, saw_on(50123, Answering));
    told.probed(0, 2, saw_on(1433, Answering));
    let changes = told.probed(1, 0, saw_listed(&[("PROD", 50123), ("TEST", 50200)]));
    assert!(changes.contains(&Change::Remember(InstanceId(1))));
    assert_eq!(there(&told, 1).as_deref(), Some("PROD"));
    assert_eq!(there(&told, 2), None, "nobody is listed on 1433");
    assert_eq!(there(&told, 0), None, "it knows its own name");
    let again = told.probed(16, 0, saw_listed(&[("PROD", 50123)]));
    assert!(!again.contains(&Change::Remember(InstanceId(1))));
}

#[test]
fn a_row_that_is_down_follows_its_instance_to_the_port_where_it_answers() {
    let named = |port: u16| {
        let mut evidence = saw_on(port, Answering);
        evidence.layers.prelogin.instance_matches = Some(true);
        evidence
    };
    let mut told = Told::new(&[r"sales01\PROD", "sales01,50123"]);
    told.probed(0, 1, saw_on(50123, Answering));
    told.probed(1, 0, named(50123));
    told.probed(15, 1, saw_on(50123, Refused));
    let changes = told.probed(16, 0, named(51001));
    assert!(changes.contains(&Change::Remember(InstanceId(1))));
    assert_eq!(told.row(1).past.instance_on, Some(Port::literal(51001)));
    told.probed(30, 1, saw_on(50123, Answering));
    assert_eq!(told.row(1).past.instance_on, None, "it is back");
}

#[rstest]
#[case::another_host("10.0.4.99:1434", &[("PROD", 50123)])]
#[case::two_on_one_port("10.0.4.12:1434", &[("PROD", 50123), ("TEST", 50123)])]
#[case::a_name_that_is_none("10.0.4.12:1434", &[("X;reboot", 50123)])]
#[case::a_name_in_a_code_page("10.0.4.12:1434", &[("MÜNCHEN", 50123)])]
#[case::one_of_two_in_a_code_page("10.0.4.12:1434", &[("PROD", 50123), ("MÜNCHEN", 50123)])]
#[case::another_port("10.0.4.12:1434", &[("PROD", 50124)])]
fn what_does_not_name_the_port_teaches_nothing(
    #[case] asked: SocketAddr,
    #[case] listed: &[(&str, u16)],
) {
    let mut told = Told::new(&[r"sales01\PROD", "sales01,50123"]);
    told.probed(0, 1, saw_on(50123, Answering));
    let mut evidence = saw_listed(listed);
    evidence.layers.browser.asked = Some(asked);
    told.probed(1, 0, evidence);
    assert_eq!(there(&told, 1), None);
}

#[test]
fn a_row_that_is_down_keeps_the_instance_that_it_knew() {
    let mut told = Told::new(&[r"sales01\PROD", "sales01,50123"]);
    told.probed(0, 1, saw_on(50123, Answering));
    told.probed(1, 0, saw_listed(&[("PROD", 50123)]));
    for second in [15, 16] {
        told.probed(second, 1, saw_on(50123, Refused));
    }
    told.probed(17, 0, saw_listed(&[("PROD", 51001), ("TEST", 50123)]));
    assert_eq!(there(&told, 1).as_deref(), Some("PROD"));
    told.probed(30, 1, saw_on(50123, Answering));
    told.probed(31, 0, saw_listed(&[("PROD", 51001), ("TEST", 50123)]));
    assert_eq!(there(&told, 1).as_deref(), Some("TEST"), "it is up again");
}

#[test]
fn its_own_look_at_browser_teaches_a_row_that_knew_nothing() {
    let mut told = Told::new(&["sales01,50123"]);
    told.probed(0, 0, saw_on(50123, Answering));
    for second in [15, 16] {
        told.probed(second, 0, saw_on(50123, Refused));
    }
    let look = Look::BrowserList(browser(&[("PROD", 50123)]));
    let witness = Witness { at: at(17), look };
    let id = InstanceId(0);
    let changes = told.event(17, Event::Witnessed { id, witness });
    assert!(changes.contains(&Change::Remember(id)));
    assert_eq!(there(&told, 0).as_deref(), Some("PROD"));
}

#[rstest]
#[case::says_yes(r"sales01\PROD,50123", Some(true), Some("PROD"))]
#[case::says_nothing(r"sales01\PROD,50123", None, None)]
#[case::every_engine_is_mssqlserver(r"sales01\MSSQLSERVER,50123", Some(true), None)]
fn an_engine_that_answers_to_its_name_teaches_its_port(
    #[case] target: &str,
    #[case] matches: Option<bool>,
    #[case] learned: Option<&str>,
) {
    let mut told = Told::new(&[target, "sales01,50123"]);
    told.probed(0, 1, saw_on(50123, Answering));
    let mut evidence = saw_on(50123, Answering);
    evidence.layers.prelogin.instance_matches = matches;
    told.probed(1, 0, evidence);
    for id in [0, 1] {
        assert_eq!(there(&told, id).as_deref(), learned, "{id}");
    }
}

#[rstest]
#[case::open_and_its_own(PreloginStatus::Ok, Some(true), Some("PROD"))]
#[case::another_instance(PreloginStatus::InstanceMismatch, Some(false), None)]
#[case::silent(PreloginStatus::Silent, None, None)]
fn a_door_that_answered_with_a_match_teaches_its_port(
    #[case] status: PreloginStatus,
    #[case] instance_matches: Option<bool>,
    #[case] learned: Option<&str>,
) {
    let mut told = Told::new(&["sales01,50123"]);
    told.probed(0, 0, saw_on(50123, Answering));
    let mut prelogin = saw_on(50123, Answering).layers.prelogin;
    (prelogin.status, prelogin.instance_matches) = (status, instance_matches);
    let door = Door {
        instance: Some(Untrusted::from_bytes(b"PROD")),
        port: Port::literal(50123),
        known_by: KnownBy::Browser,
        attempt: attempt("10.0.4.12:50123", ConnectStatus::Open),
        prelogin,
    };
    let audit = Audit {
        at: at(1),
        resolve: Resolve::default(),
        listings: vec![Listing {
            address: "10.0.4.12".parse().unwrap(),
            browser: Browser::default(),
            doors: vec![door],
        }],
    };
    let changes = told.ledger.learn_pairs(InstanceId(0), &audit);
    assert_eq!(there(&told, 0).as_deref(), learned);
    assert_eq!(
        changes.contains(&Change::Remember(InstanceId(0))),
        learned.is_some()
    );
}

#[test]
fn a_port_that_changed_is_remembered_with_the_one_before() {
    let mut told = Told::new(&[r"sales01\PROD"]);
    told.probed(0, 0, saw_on(50123, Answering));
    told.probed(15, 0, saw_on(50123, Answering));
    assert_eq!(told.row(0).past.port_before, None);
    told.probed(30, 0, saw_on(51001, Answering));
    told.probed(45, 0, saw_on(51001, Answering));
    let before = told.row(0).past.port_before;
    assert_eq!(before, Some((at(15), Port::literal(50123))));
}

#[test]
fn connect_and_engine_are_learned_apart() {
    let mut told = Told::new(&["db1"]);
    let mut slow = saw("10.0.4.12", Answering);
    slow.layers.prelogin.elapsed = Some(elapsed(40));
    told.saw(0, Answering);
    told.probed(15, 0, slow);
    let past = Arc::clone(&told.row(0).past);
    assert_eq!(past.recent_connect_ms, [1.0, 1.0]);
    assert_eq!(past.usual_connect_ms, Some(1.0));
    assert_eq!(past.recent_engine_ms, [2.0, 40.0]);
    assert!(past.usual_engine_ms.is_some_and(|usual| usual < 3.0));
}

/// Probes of 10.0.4.12, at the seconds that are given.
fn came_up(seen: &[(i64, State)]) -> Option<Timestamp> {
    let mut told = Told::new(&["db1"]);
    for (second, state) in seen {
        told.saw(*second, *state);
    }
    told.row(0).past.host_came_up
}

#[rstest]
#[case::rebooted(&[(0, Answering), (15, TimedOut), (16, TimedOut), (31, TimedOut), (60, Refused)], Some(60))]
#[case::down_when_the_program_started(&[(0, TimedOut), (1, TimedOut), (31, Answering)], Some(31))]
#[case::one_lost_packet(&[(0, Refused), (60, TimedOut), (120, Refused)], None)]
#[case::a_short_silence(&[(0, Answering), (15, TimedOut), (16, TimedOut), (31, Answering)], None)]
#[case::never_silent(&[(0, Answering), (60, Refused), (90, Refused)], None)]
fn a_host_that_was_silent_and_answers_came_up(
    #[case] seen: &[(i64, State)],
    #[case] expected: Option<i64>,
) {
    assert_eq!(came_up(seen), expected.map(at));
}

#[test]
fn the_host_came_up_for_all_its_rows_and_for_the_disk() {
    let mut told = Told::new(&["db1,1433", "db1,50123"]);
    for second in [0, 1, 31] {
        told.saw(second, TimedOut);
        told.probed(second, 1, saw_on(50123, TimedOut));
    }
    let changes = told.saw(60, Refused);
    assert!(changes.contains(&Change::Remember(InstanceId(0))));
    for id in [0, 1] {
        assert_eq!(told.row(id).past.host_came_up, Some(at(60)), "{id}");
    }
}

#[test]
fn a_network_that_this_machine_lost_is_no_host_that_was_down() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    let lost = vantage(false);
    told.event(5, Event::Vantage { vantage: lost });
    for second in [15, 16, 31, 46] {
        told.saw(second, TimedOut);
    }
    let back = vantage(true);
    told.event(50, Event::Vantage { vantage: back });
    told.saw(60, Refused);
    assert_eq!(told.row(0).past.host_came_up, None);
}

/// One port is silent for a minute and refused then, and this was looked at meanwhile.
fn came_up_after(look: Look) -> Option<Timestamp> {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    for second in [15, 16] {
        told.saw(second, TimedOut);
    }
    let (id, at) = (InstanceId(0), at(17));
    let witness = Witness { at, look };
    told.event(17, Event::Witnessed { id, witness });
    for second in [31, 46, 61] {
        told.saw(second, TimedOut);
    }
    told.saw(76, Refused);
    told.row(0).past.host_came_up
}

#[rstest]
#[case::an_open_port("10.0.4.12:445", ConnectStatus::Open, None)]
#[case::a_closed_port("10.0.4.12:1", ConnectStatus::Refused, None)]
#[case::silent_too("10.0.4.12:445", ConnectStatus::TimedOut, Some(76))]
#[case::another_machine("10.0.4.99:445", ConnectStatus::Open, Some(76))]
fn a_host_that_answers_a_look_was_not_down(
    #[case] endpoint: SocketAddr,
    #[case] status: ConnectStatus,
    #[case] expected: Option<i64>,
) {
    let Look::ClosedPort(mut attempt) = closed_port(status).look else {
        unreachable!("a closed port is an attempt");
    };
    attempt.endpoint = endpoint;
    assert_eq!(came_up_after(Look::Port(attempt)), expected.map(at));
}

#[test]
fn a_browser_that_answers_a_look_shows_a_host_that_is_up() {
    let answers = browser(&[("PROD", 50123)]);
    assert_eq!(came_up_after(Look::BrowserList(answers)), None);
    let silent = Browser {
        status: BrowserStatus::Silent,
        ..browser(&[])
    };
    assert_eq!(came_up_after(Look::BrowserList(silent)), Some(at(76)));
}

#[test]
fn a_look_before_the_silence_hides_no_reboot() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    for second in [15, 16] {
        told.saw(second, Refused);
    }
    let (id, witness) = (InstanceId(0), closed_port(ConnectStatus::Refused));
    told.event(17, Event::Witnessed { id, witness });
    for second in [31, 46, 61] {
        told.saw(second, TimedOut);
    }
    told.saw(76, Refused);
    assert_eq!(told.row(0).past.host_came_up, Some(at(76)));
}

#[test]
fn a_name_that_leads_to_another_host_forgets_that_the_old_one_came_up() {
    let mut told = Told::new(&["db1"]);
    for second in [0, 1, 31] {
        told.saw(second, TimedOut);
    }
    told.saw(60, Refused);
    assert_eq!(told.row(0).past.host_came_up, Some(at(60)));
    told.probed(75, 0, saw("10.0.4.99", Refused));
    assert_eq!(told.row(0).past.host_came_up, None);
}

#[test]
fn a_name_is_kept_as_a_checked_token() {
    assert!(serde_json::from_str::<InstanceName>("\"X;reboot\"").is_err());
}

#[test]
fn the_way_into_a_slow_engine_is_looked_at_once_for_each_failure() {
    let slow = || {
        let mut evidence = saw("10.0.4.12", Answering);
        evidence.layers.prelogin.elapsed = Some(elapsed(3000));
        evidence
    };
    let dacs = |changes: &[Change]| {
        let is_dac = |test: &Test| matches!(test, Test::Dac { .. });
        looks(changes).into_iter().filter(is_dac).count()
    };
    let mut told = Told::new(&["db1"]);
    let id = InstanceId(0);
    let by_hand = |told: &mut Told, second: i64| {
        told.event(second, Event::Asked { id });
        let count = dacs(&told.probed(second, 0, slow()));
        if count > 0 {
            let look = Look::Dac(Dac::default());
            let witness = Witness {
                at: at(second),
                look,
            };
            told.event(second, Event::Witnessed { id, witness });
        }
        count
    };
    assert_eq!(dacs(&told.probed(0, 0, slow())), 0, "not unasked");
    let asked = [10, 20, 100].map(|second| by_hand(&mut told, second));
    assert_eq!(asked, [1, 0, 0]);
    told.saw(200, Answering);
    told.probed(210, 0, slow());
    assert_eq!(by_hand(&mut told, 220), 1, "another failure");
}
