//! `discover`: each difference seen through the program, and what it refuses.

use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use sqlreach::simulate::black_hole::BlackHole;
#[cfg(target_os = "linux")]
use sqlreach::simulate::browser::Browser;
use sqlreach::simulate::browser::{Behaviour, Listing};
use sqlreach::simulate::closed_port::ClosedPort;
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::fault::Fault;

#[cfg(target_os = "linux")]
use crate::binary::run;
use crate::binary::{Ended, Home};
use crate::hostile::{EVIL, assert_harmless};
use crate::servers::{browser, engine, loopback, target};

const HOST: &str = "127.0.0.1";

async fn instance(name: &str) -> Engine {
    engine(Profile {
        instance: name.to_owned(),
        ..Profile::default()
    })
    .await
}

fn listed(instance: &str, port: Option<u16>) -> Listing {
    Listing::new("sales01", instance, port)
}

async fn discover(home: &Home, arguments: &[&str]) -> Ended {
    let ended = home
        .sqlreach(&[&["discover", "--format=json"], arguments].concat())
        .await;
    assert_harmless(&ended);
    ended
}

/// The first address of the first host.
fn listing(document: &Value) -> &Value {
    &document["hosts"][0]["listings"][0]
}

/// The ids of all differences of an address: Browser's, then those of the lines.
fn ids(listing: &Value) -> Vec<&str> {
    let all = |of: &'_ Value| of["differences"].as_array().unwrap().clone();
    let lines = listing["lines"].as_array().unwrap();
    let lists = std::iter::once(listing).chain(lines);
    let found: Vec<Value> = lists.flat_map(all).collect();
    let known = sqlreach::diagnosis::audit::Difference::IDS;
    let id = |difference: &Value| {
        let words = ["means", "todo"].map(|key| difference[key].as_str().unwrap().len());
        assert!(words.iter().all(|length| *length > 0), "{difference}");
        let id = difference["id"].as_str().unwrap();
        *known.iter().find(|known| **known == id).unwrap()
    };
    found.iter().map(id).collect()
}

/// Runs it against a Browser with this list; what differs must be this.
async fn assert_differs(
    listings: Vec<Listing>,
    behaviour: Behaviour,
    host: &str,
    expected: &[&str],
) -> Value {
    let (_browser, option) = browser(listings, behaviour).await;
    let ended = discover(&Home::new(), &[&option, "--timeout=2s", host]).await;
    let document = ended.document();
    assert_eq!(ids(listing(&document)), expected, "{ended:?}");
    assert_eq!(ended.status, Some(i32::from(!expected.is_empty())));
    document
}

#[tokio::test]
async fn where_all_is_true_nothing_differs() {
    let prod = instance("PROD").await;
    let listings = vec![listed("PROD", Some(prod.address().port()))];
    let document = assert_differs(listings, Behaviour::Answers, HOST, &[]).await;
    let line = &listing(&document)["lines"][0];
    assert_eq!(
        line["answers"],
        json!({ "kind": "engine", "version": "16.0.4105.2", "identity": "yes" })
    );
    assert_eq!(
        (&line["instance"], &line["connect"]),
        (&json!("PROD"), &json!("open"))
    );
    assert_eq!(line["advertised"], line["port"]);
    assert_eq!(document["schema"], 1);
    assert_eq!(document["hosts"][0]["resolve"]["status"], "literal");
}

#[tokio::test]
async fn a_port_that_refuses_is_stale() {
    let closed = ClosedPort::start(loopback()).unwrap();
    let listings = vec![listed("PROD", Some(closed.address().port()))];
    assert_differs(listings, Behaviour::Answers, HOST, &["stale-port"]).await;
}

#[tokio::test]
async fn a_port_that_is_silent_may_be_stale_and_is_not_called_so() {
    let hole = BlackHole::start(loopback()).unwrap();
    let listings = vec![listed("PROD", Some(hole.address().port()))];
    let document = assert_differs(listings, Behaviour::Answers, HOST, &["stale-port"]).await;
    let difference = &listing(&document)["lines"][0]["differences"][0];
    let means = difference["means"].as_str().unwrap();
    assert!(means.contains("gave no answer: stopped, moved or filtered"));
}

#[tokio::test]
async fn a_moved_instance_is_found_where_it_is_known_to_be() {
    let (prod, closed) = (
        instance("PROD").await,
        ClosedPort::start(loopback()).unwrap(),
    );
    let port = prod.address().port();
    let listings = vec![listed("PROD", Some(closed.address().port()))];
    let known = format!(r"{HOST}\PROD,{port}");
    let document = assert_differs(listings, Behaviour::Answers, &known, &["stale-port"]).await;
    let difference = &listing(&document)["lines"][0]["differences"][0];
    assert_eq!(difference["found"], port);
}

#[tokio::test]
async fn a_port_with_another_service_is_taken() {
    let http = engine(Fault::Http).await;
    let listings = vec![listed("PROD", Some(http.address().port()))];
    assert_differs(listings, Behaviour::Answers, HOST, &["port-taken"]).await;
}

#[tokio::test]
async fn whose_port_it_is_is_found_out() {
    let test = instance("TEST").await;
    let listings = vec![
        listed("PROD", Some(test.address().port())),
        listed("TEST", None),
    ];
    let differ = ["other-instance", "no-tcp"];
    let document = assert_differs(listings, Behaviour::Answers, HOST, &differ).await;
    let difference = &listing(&document)["lines"][0]["differences"][0];
    assert_eq!(difference["who"], "TEST");
}

#[tokio::test]
async fn another_version_than_the_listed_one_is_drift() {
    let prod = instance("PROD").await;
    let listings = vec![listed("PROD", Some(prod.address().port())).of_version("15.0.2000.5")];
    assert_differs(listings, Behaviour::Answers, HOST, &["version-drift"]).await;
}

#[tokio::test]
async fn an_engine_that_is_not_listed_is_hidden() {
    let (prod, secret) = (instance("PROD").await, instance("SECRET").await);
    let listings = vec![listed("PROD", Some(prod.address().port()))];
    let differ = ["hidden-instance"];
    assert_differs(listings, Behaviour::Answers, &target(&secret), &differ).await;
}

#[tokio::test]
async fn two_on_one_port_are_marked_and_only_one_of_them_is_there() {
    let prod = instance("PROD").await;
    let port = Some(prod.address().port());
    let listings = vec![listed("MSSQLSERVER", port), listed("PROD", port)];
    let differ = ["other-instance", "shared-port", "shared-port"];
    assert_differs(listings, Behaviour::Answers, HOST, &differ).await;
}

#[rstest]
#[case::silent(Behaviour::Silent, &["browser-silent"])]
#[case::garbage(Behaviour::Garbage, &["reply-malformed"])]
#[case::truncated(Behaviour::Truncated, &["reply-malformed"])]
#[case::lost(Behaviour::EveryNth(2), &["answered-late", "no-tcp"])]
#[case::late(Behaviour::Late(Duration::from_millis(700)), &["answered-late", "no-tcp"])]
#[case::from_elsewhere(Behaviour::FromElsewhere(loopback()), &["answered-elsewhere", "no-tcp"])]
#[tokio::test]
async fn what_is_wrong_with_browser_is_marked(
    #[case] behaviour: Behaviour,
    #[case] expected: &[&str],
) {
    assert_differs(vec![listed("PROD", None)], behaviour, HOST, expected).await;
}

#[tokio::test]
async fn a_host_without_browser_on_which_nothing_answers_is_1() {
    let free = UdpSocket::bind(loopback()).unwrap();
    let option = format!("--browser-port={}", free.local_addr().unwrap().port());
    drop(free);
    let ended = discover(&Home::new(), &[&option, HOST]).await;
    assert_eq!(ids(listing(&ended.document())), ["browser-refused"]);
    assert_eq!(ended.status, Some(1));
}

#[tokio::test]
async fn a_default_instance_without_browser_is_fine() {
    let default = engine(Profile::default()).await;
    let (_browser, option) = browser(vec![], Behaviour::Silent).await;
    let home = Home::new();
    let ended = discover(&home, &[&option, "--timeout=400ms", &target(&default)]).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

/// Where 127.0.0.2 is this machine, too.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn hosts_come_in_the_order_that_they_were_given_each_once() {
    let late = Behaviour::Late(Duration::from_millis(300));
    let (slow, option) = browser(vec![listed("PROD", None)], late).await;
    let second = format!("127.0.0.2:{}", slow.address().port());
    let listings = vec![listed("TEST", None)];
    let _quick = Browser::start(second.parse().unwrap(), listings, Behaviour::Answers)
        .await
        .unwrap();
    let list = "127.0.0.1\\PROD\n# twice\n127.0.0.2\n127.0.0.1\n".to_owned();
    let home = Home::new();
    let arguments = ["discover", "--format=json", &option, "-"];
    let document = run(home.command(&arguments), list).await.document();
    let hosts = document["hosts"].as_array().unwrap();
    let names: Vec<_> = hosts.iter().map(|host| &host["host"]).collect();
    assert_eq!(names, ["127.0.0.1", "127.0.0.2"]);
}

#[tokio::test]
async fn what_the_configuration_and_the_memory_know_is_tried() {
    let (home, prod, test) = (Home::new(), instance("PROD").await, instance("TEST").await);
    let [prod, test] = [&prod, &test].map(|engine| engine.address().port());
    let (_browser, option) = browser(vec![listed("PROD", Some(prod))], Behaviour::Answers).await;
    let named = format!(r"{HOST}\PROD");
    let learned = home.sqlreach(&["check", &option, &named]).await;
    assert_eq!(learned.status, Some(0), "{learned:?}");

    let config = home.path("sqlreach.toml");
    std::fs::write(
        &config,
        format!("[[instance]]\nserver = '{HOST}\\TEST,{test}'\n"),
    )
    .unwrap();
    let config = config.to_str().unwrap();
    let (_silent, option) = browser(vec![], Behaviour::Silent).await;
    let ended = discover(
        &home,
        &["--config", config, "--timeout=400ms", &option, &named],
    )
    .await;
    let document = ended.document();
    let doors = listing(&document)["doors"].as_array().unwrap();
    let known: Vec<_> = doors
        .iter()
        .filter(|door| door["known_by"] == "known")
        .map(|door| (door["instance"].clone(), door["port"].clone()))
        .collect();
    assert_eq!(
        known,
        [(json!("PROD"), json!(prod)), (json!("TEST"), json!(test))]
    );
}

#[rstest]
#[tokio::test]
async fn hostile_names_come_out_harmless(#[values("text", "json")] format: &str) {
    let (other, closed) = (
        instance("SECRET").await,
        ClosedPort::start(loopback()).unwrap(),
    );
    let port = Some(other.address().port());
    let mut evil = listed(EVIL, port);
    evil.entry.version = EVIL.as_bytes().to_vec();
    let listings = vec![
        evil,
        listed("PROD", port),
        listed(EVIL, Some(closed.address().port())),
        listed(&"x".repeat(255), None),
    ];
    let (_browser, option) = browser(listings, Behaviour::Answers).await;
    let ended = Home::new()
        .sqlreach(&["discover", "--format", format, &option, HOST])
        .await;
    assert_harmless(&ended);
    assert!(ended.out.contains("shared-port"), "{ended:?}");
    if format == "json" {
        let document = ended.document();
        let lines = &listing(&document)["lines"];
        assert_eq!(lines[0]["instance"], EVIL, "as it was sent");
    }
}

#[tokio::test]
async fn a_flood_is_bounded() {
    let (_browser, option) = browser(vec![], Behaviour::Oversized).await;
    let ended = discover(&Home::new(), &[&option, HOST]).await;
    let document = ended.document();
    let doors = listing(&document)["doors"].as_array().unwrap();
    assert!(doors.len() <= 64, "{}", doors.len());
    assert!(ids(listing(&document)).contains(&"reply-malformed"));
}

/// Every place where something of an audit would arrive.
struct Ears {
    browser: UdpSocket,
    engine: TcpListener,
}

impl Ears {
    fn open() -> Self {
        let (browser, engine) = (
            UdpSocket::bind(loopback()).unwrap(),
            TcpListener::bind(loopback()).unwrap(),
        );
        browser.set_nonblocking(true).unwrap();
        engine.set_nonblocking(true).unwrap();
        Self { browser, engine }
    }

    /// What has arrived; on loopback that is all that was sent before.
    fn heard(&self) -> [bool; 2] {
        let nothing = |error: std::io::Error| assert_eq!(error.kind(), ErrorKind::WouldBlock);
        [
            self.browser.recv(&mut [0; 64]).map_err(nothing).is_ok(),
            self.engine.accept().map_err(nothing).is_ok(),
        ]
    }

    async fn discover(&self, more: &[&str]) -> Ended {
        let option = format!(
            "--browser-port={}",
            self.browser.local_addr().unwrap().port()
        );
        let host = format!("{HOST},{}", self.engine.local_addr().unwrap().port());
        let arguments = [&["discover", "--timeout=200ms", &option, &host], more].concat();
        Home::new().sqlreach(&arguments).await
    }
}

#[rstest]
#[case("127.0.0.0/30")]
#[case("127.0.0.*")]
#[case("127.0.0.1-127.0.0.3")]
#[case("127.0.0.1-3")]
#[case("db1/PROD")]
#[case("127.0.0.1:99999")]
#[case("--no-such-option")]
#[tokio::test]
async fn what_is_refused_is_2_and_nothing_is_sent_to_the_hosts_beside_it(#[case] bad: &str) {
    let ears = Ears::open();
    let ended = ears.discover(&[bad]).await;
    assert_eq!(
        (ended.status, ears.heard()),
        (Some(2), [false; 2]),
        "{ended:?}"
    );
    assert_eq!(ended.out, "");
    if bad.starts_with("127") && !bad.contains(':') {
        assert!(ended.err.contains("ranges are never scanned"), "{ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{ended:?}");
    }
}

#[tokio::test]
async fn a_dry_run_names_the_receivers_and_sends_nothing() {
    let ears = Ears::open();
    let ended = ears.discover(&["--dry-run"]).await;
    assert_eq!(
        (ended.status, ears.heard()),
        (Some(0), [false; 2]),
        "{ended:?}"
    );
    let port = ears.engine.local_addr().unwrap().port();
    let (first, second) = (port.min(1433), port.max(1433));
    for part in [&format!("TCP {HOST} {first}, {second}"), "nothing was sent"] {
        assert!(ended.out.contains(part), "{part}: {ended:?}");
    }
}

/// The ears hear: what a dry run leaves out is sent by any other.
#[tokio::test]
async fn a_run_that_is_not_dry_sends() {
    let ears = Ears::open();
    ears.discover(&[]).await;
    assert_eq!(ears.heard(), [true; 2]);
}
