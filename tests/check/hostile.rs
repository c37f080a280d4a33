//! Bad names, bad Browsers and bad servers: each gives a state, in time, and harms nobody else.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value, json};
use sqlreach::simulate::browser::{Behaviour, Listing};
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::fault::{Fault, Greeting};

use crate::binary::{Ended, Home, run};
use crate::servers::{browser, causes, engine, instances, loopback, states, target};

/// The deadline of PRELOGIN and what a busy machine may add.
const PRELOGIN: f64 = 5000.0 * 1.1;
/// The same for Browser.
const BROWSER: f64 = 4000.0 * 1.1;
/// Two rounds of witnesses follow a failure, a second each.
const WITNESSES: f64 = 2000.0;
/// More than a healthy answer on loopback ever takes, less than any deadline.
const SOON: f64 = 1000.0;

/// What would steer a terminal, hide in a line or turn it around.
pub const EVIL: &str = "\u{1b}[31mred\u{1b}]0owned\u{7}\u{9b}2J\u{202e}evil\u{8}\u{7f}";

#[rustfmt::skip]
const FAULTS: &[(Fault, &str)] = &[
    (Fault::Silent, "silent"),
    (Fault::Stalls, "silent"),
    (Fault::Drips { every: Duration::from_secs(1) }, "silent"),
    (Fault::Closes, "hung-up"),
    (Fault::Resets, "hung-up"),
    (Fault::HalfThenCloses, "hung-up"),
    (Fault::Streams, "not-sql"),
    (Fault::ErrorToken, "hung-up"),
    (Fault::Garbage, "not-sql"),
    (Fault::Malformed, "not-sql"),
    (Fault::Http, "not-sql"),
    (Fault::PostgreSql, "not-sql"),
    (Fault::TlsFirst, "not-sql"),
    (Fault::Greets(Greeting::Ssh), "not-sql"),
    (Fault::Greets(Greeting::Smtp), "not-sql"),
    (Fault::Greets(Greeting::MySql), "not-sql"),
];

/// No character but the line break moves anything.
pub fn assert_harmless(ended: &Ended) {
    let steers = |c: &char| {
        c.is_control() && *c != '\n'
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    for text in [&ended.out, &ended.err] {
        let found: Vec<_> = text.chars().filter(steers).collect();
        assert!(found.is_empty(), "{found:?} in {text:?}");
        assert!(!text.contains("panicked"), "{text}");
    }
}

async fn faulty_engines() -> Vec<(Engine, Fault, &'static str)> {
    let mut engines = Vec::new();
    for (fault, state) in FAULTS {
        engines.push((engine(*fault).await, *fault, *state));
    }
    engines
}

#[tokio::test]
async fn a_faulty_server_has_a_state_in_time_and_delays_nobody() {
    let (home, engines, healthy) = (
        Home::new(),
        faulty_engines().await,
        engine(Profile::default()).await,
    );
    let mut targets: Vec<_> = engines.iter().map(|(engine, ..)| target(engine)).collect();
    // The last one, so that it could wait for all of them.
    targets.push(target(&healthy));
    let mut arguments = vec!["check", "--format=jsonl"];
    arguments.extend(targets.iter().map(String::as_str));
    let began = Instant::now();
    let ended = home.sqlreach(&arguments).await;
    let took = began.elapsed().as_secs_f64() * 1000.0;
    assert_harmless(&ended);

    let rows: Vec<Value> = ended
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let row = |target: &str| rows.iter().position(|row| row["target"] == target).unwrap();
    let mut wrong = String::new();
    for (engine, fault, state) in &engines {
        let row = &rows[row(&target(engine))];
        let prelogin = &row["layers"]["prelogin"];
        if row["state"] != *state
            || prelogin["elapsed_ms"]
                .as_f64()
                .is_none_or(|ms| ms > PRELOGIN)
        {
            writeln!(
                wrong,
                "{fault:?}: {state} expected, not {} {prelogin}",
                row["state"]
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");

    let beside = row(targets.last().unwrap());
    assert_eq!(rows[beside]["state"], "answering");
    assert!(
        rows[beside]["layers"]["prelogin"]["elapsed_ms"]
            .as_f64()
            .unwrap()
            < SOON
    );
    let slow = rows
        .iter()
        .position(|row| row["state"] == "silent")
        .unwrap();
    assert!(
        beside < slow,
        "it came after one that waits for its deadline"
    );
    assert!(took < PRELOGIN + WITNESSES, "{took} ms");
}

#[tokio::test]
async fn a_gateway_that_answers_with_an_error_is_no_other_service() {
    let (home, gateway) = (Home::new(), engine(Fault::ErrorToken).await);
    let document = home
        .sqlreach(&["check", "--format=json", &target(&gateway)])
        .await
        .document();
    let row = &instances(&document)[0];
    let prelogin = &row["layers"]["prelogin"];
    assert_eq!(
        (&prelogin["status"], &prelogin["error"]["number"]),
        (&json!("malformed"), &json!(40613))
    );
    assert_eq!(
        (&row["state"], causes(row)[0]),
        (&json!("hung-up"), "proxy-without-backend")
    );
    let headline = row["diagnosis"]["headline"].as_str().unwrap();
    assert!(headline.contains("error 40613"), "{headline}");
}

#[tokio::test]
async fn a_greeting_full_of_escape_sequences_does_nothing() {
    let listener = TcpListener::bind(loopback()).unwrap();
    let target = format!("127.0.0.1,{}", listener.local_addr().unwrap().port());
    let greets = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            stream
                .write_all(format!("SSH-2.0-{EVIL}\r\n").as_bytes())
                .unwrap();
        }
    });
    let home = Home::new();
    for format in ["json", "text"] {
        let ended = home
            .sqlreach(&["check", "--no-witness", "--format", format, &target])
            .await;
        assert!(ended.out.contains("not-sql"), "{ended:?}");
        assert_harmless(&ended);
    }
    greets.join().unwrap();
}

#[rstest]
#[case::garbage(Behaviour::Garbage, "malformed", "browser-reply-malformed")]
#[case::the_largest_datagram(Behaviour::Oversized, "malformed", "browser-reply-malformed")]
#[case::half_an_answer(Behaviour::Truncated, "malformed", "browser-reply-malformed")]
#[case::another_instance(Behaviour::WrongInstance, "not-listed", "instance-not-listed")]
#[case::silence(Behaviour::Silent, "silent", "browser-filtered")]
#[tokio::test]
async fn a_bad_browser_leaves_its_instance_not_located(
    #[case] behaviour: Behaviour,
    #[case] status: &str,
    #[case] cause: &str,
) {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let listings = vec![
        Listing::new("sales01", "TEST", Some(1433)),
        Listing::new("sales01", "PROD", Some(healthy.address().port())),
    ];
    let (_browser, option) = browser(listings, behaviour).await;
    let ended = home
        .sqlreach(&[
            "check",
            "--format=json",
            &option,
            r"127.0.0.1\PROD",
            &target(&healthy),
        ])
        .await;
    assert_harmless(&ended);
    let document = ended.document();
    assert_eq!(
        (ended.status, states(&document)),
        (Some(1), vec!["not-located", "answering"])
    );
    let [bad, beside] = instances(&document) else {
        panic!("{document}")
    };
    let browser = &bad["layers"]["browser"];
    assert_eq!(browser["status"], status, "{browser}");
    assert!(causes(bad).contains(&cause), "{:?}", causes(bad));
    assert!(
        browser["elapsed_ms"].as_f64().unwrap() < BROWSER,
        "{browser}"
    );
    assert!(
        beside["layers"]["prelogin"]["elapsed_ms"].as_f64().unwrap() < SOON,
        "{beside}"
    );
}

#[tokio::test]
async fn a_browser_that_lists_no_port_at_all_is_told_as_what_it_is() {
    let home = Home::new();
    let listings = vec![Listing::new("sales01", "PROD", Some(0))];
    let (_browser, option) = browser(listings, Behaviour::Answers).await;
    let document = home
        .sqlreach(&["check", "--format=json", &option, r"127.0.0.1\PROD"])
        .await
        .document();
    let row = &instances(&document)[0];
    assert_eq!(row["layers"]["browser"]["status"], "malformed", "{row}");
    assert_eq!(causes(row)[0], "browser-reply-malformed");
    let headline = row["diagnosis"]["headline"].as_str().unwrap();
    assert!(
        headline.contains("PROD with a TCP port that is none"),
        "{headline}"
    );
}

#[rstest]
#[tokio::test]
async fn what_browser_says_is_shown_without_its_escape_sequences(
    #[values("text", "json", "jsonl")] format: &str,
) {
    let home = Home::new();
    let mut listing = Listing::new("sales01", "PROD", None).with_pipe(&format!(r"\\.\pipe\{EVIL}"));
    listing.entry.version = EVIL.as_bytes().to_vec();
    listing.entry.server = EVIL.as_bytes().to_vec();
    let mut other = Listing::new("sales01", "TEST", Some(1433));
    // Bytes that are no UTF-8 are read as Windows-1252, where 0x81 and 0x9D are controls.
    other.entry.instance = b"T\x1b[2J\x81\x9d".to_vec();
    let (_browser, option) = browser(vec![listing, other], Behaviour::Answers).await;
    let names = [r"127.0.0.1\PROD", r"127.0.0.1\ABSENT"];
    let ended = home
        .sqlreach(&["check", "--format", format, &option, names[0], names[1]])
        .await;
    assert!(ended.out.contains("not-located"), "{ended:?}");
    assert_harmless(&ended);
}

/// Whoever reads the document gets what was sent, not what may be shown.
#[tokio::test]
async fn json_keeps_what_browser_said() {
    let home = Home::new();
    let mut listing = Listing::new("sales01", "PROD", None);
    listing.entry.version = EVIL.as_bytes().to_vec();
    let (_browser, option) = browser(vec![listing], Behaviour::Answers).await;
    let document = home
        .sqlreach(&["check", "--format=json", &option, r"127.0.0.1\PROD"])
        .await
        .document();
    assert_eq!(
        instances(&document)[0]["layers"]["browser"]["instances"][0]["version"],
        EVIL
    );
}

fn long(head: &str) -> String {
    head.to_owned() + &"a".repeat(300)
}

#[rstest]
#[case::a_long_host(long(""))]
#[case::a_long_label(long("db1."))]
#[case::a_long_instance(long("db1\\"))]
#[case::a_long_port(format!("db1,{}", "9".repeat(300)))]
#[case::a_huge_name("x".repeat(100_000))]
#[case::an_escape_in_a_host("db\u{1b}[31m1".to_owned())]
#[case::an_escape_in_an_instance(format!("db1\\{EVIL}"))]
#[case::a_line_break("db1\nrm".to_owned())]
#[case::a_line_turned_around("db1\u{202e}DORP".to_owned())]
#[case::a_c1_control("db1\u{9b}31m".to_owned())]
#[case::blanks("   ".to_owned())]
#[case::an_empty_one(String::new())]
#[tokio::test]
async fn a_bad_name_is_invalid_in_every_format_and_the_row_beside_it_runs(#[case] bad: String) {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    for format in ["text", "json", "jsonl"] {
        let ended = home
            .sqlreach(&["check", "--format", format, &bad, &target(&healthy)])
            .await;
        assert_harmless(&ended);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        for state in ["invalid", "answering"] {
            assert!(ended.out.contains(state), "{ended:?}");
        }
        if format == "json" {
            let document = ended.document();
            let row = &instances(&document)[0];
            assert_eq!(
                (&row["state"], causes(row)),
                (&json!("invalid"), vec!["target-syntax"])
            );
        }
    }
}

#[tokio::test]
async fn names_in_the_configuration_are_shown_without_their_escape_sequences() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let config = home.path("sqlreach.toml");
    let evil = json!(EVIL).to_string().replace('\u{7f}', "");
    let text = format!(
        "[[instance]]\nserver = '{}'\nname = {evil}\ntags = [{evil}]\nnote = {evil}\n",
        target(&healthy)
    );
    std::fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    for command in [
        &["check"][..],
        &["check", "--format=json"],
        &["check", "--dry-run"],
        &["config", "check"],
        &["config", "show"],
    ] {
        let ended = home
            .sqlreach(&[command, &["--config", config]].concat())
            .await;
        assert_harmless(&ended);
    }
}

#[tokio::test]
async fn ten_thousand_instances_load_quickly() {
    let home = Home::new();
    let config = home.path("sqlreach.toml");
    let mut text = String::new();
    for number in 0..10_000 {
        writeln!(text, "[[instance]]\nserver = 'db{number}.corp.test,1433'\nname = 'DB {number}'\ntags = ['prod']").unwrap();
    }
    std::fs::write(&config, text).unwrap();
    let began = Instant::now();
    let ended = home
        .sqlreach(&["config", "check", "--config", config.to_str().unwrap()])
        .await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.out.starts_with("ok: 10000 instances"), "{ended:?}");
    // Much more than it takes without optimisation on a busy machine.
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

/// However long the list, what cannot be read is told and the rest is probed.
#[tokio::test]
async fn a_list_of_thousands_of_bad_lines_streams_through() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let list = "db1/PROD\n".repeat(3000) + &target(&healthy);
    let ended = run(home.command(&["check", "--format=jsonl", "-"]), list).await;
    assert_eq!((ended.status, ended.out.lines().count()), (Some(1), 3001));
    assert!(ended.out.lines().any(|line| line.contains("\"answering\"")));
}
