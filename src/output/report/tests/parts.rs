//! The sections that a single probe does not fill, and what no report may hold.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::config::Instance;
use crate::diagnosis::scene::{ROUTER, SERVER, Scene, now};
use crate::diagnosis::{CauseId, Expectation, State};
use crate::evidence::{BrowserStatus, ConnectStatus};
use crate::monitor::{
    Acknowledged, Attempt, Ended, Expected, Glance, Happening, Met, Outage, Proof, Row, Since,
    Step, Transition, Turn,
};
use crate::output::fixture::{row, sent};
use crate::output::report::{Head, document, report};
use crate::target::Platform;

fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn written(row: &Row) -> String {
    report(row, now(), None, None)
}

fn refused() -> Row {
    let scene = Scene::new("db1.corp.test,1433")
        .refused()
        .port(445, ConnectStatus::Open);
    row(1, "Sales", sent(scene))
}

/// A fix of a stopped service, begun so many seconds ago.
fn proof(began: i64, ended: Option<Ended>, met: [Option<Met>; 2]) -> Proof {
    let expects = [Expectation::PortOpen, Expectation::EngineAnswers];
    Proof {
        attempt: Attempt {
            cause: CauseId::ServiceNotRunning,
            fix: "Start the service".to_owned(),
            expects: expects.to_vec(),
        },
        began: ago(began),
        until: ago(began - 300),
        expected: expects
            .into_iter()
            .zip(met)
            .map(|(what, met)| Expected { what, met })
            .collect(),
        seen: State::Refused,
        probes: 12,
        ended,
    }
}

/// An hour of trouble: it fell, two fixes were tried, and it is down again.
fn long_story() -> Row {
    let mut row = refused();
    let instance = Arc::make_mut(&mut row.instance);
    instance.tags = vec!["prod".to_owned(), "eu".to_owned()];
    instance.note = Some("owner: team Sales, runbook 12".to_owned());
    row.marks.acknowledged = Some(Box::new(Acknowledged {
        reason: "CHG 4711 is under way".to_owned(),
        until: None,
    }));
    row.since = Since {
        first_seen: Some(ago(600)),
        last_other: Some(ago(615)),
        at_least: false,
    };
    let change = |from, to, last, first| Transition {
        from,
        to,
        last_seen: Some(ago(last)),
        first_seen: ago(first),
    };
    row.transitions = Arc::new([
        change(State::Answering, State::Refused, 3615, 3600),
        change(State::Refused, State::Answering, 1815, 1800),
        change(State::Answering, State::Refused, 615, 600),
    ]);
    let endpoint = format!("{SERVER}:1433").parse().unwrap();
    let step = |at, what| Step {
        at: ago(at),
        endpoint,
        what,
    };
    row.outages = Arc::new([
        Outage {
            last_good: Some(ago(3615)),
            first_bad: Some(ago(3600)),
            last_bad: Some(ago(1815)),
            first_good: Some(ago(1800)),
            from: Some(endpoint),
            to: Some(endpoint),
            ..Outage::default()
        },
        Outage {
            last_good: Some(ago(615)),
            first_bad: Some(ago(600)),
            last_bad: Some(ago(0)),
            from: Some(endpoint),
            steps: vec![step(600, Turn::Connect(ConnectStatus::Refused))],
            left_out: 2,
            ..Outage::default()
        },
    ]);
    let seconds = SignedDuration::from_secs;
    let met = |after, by| {
        Some(Met {
            after: Some(ago(after)),
            by: ago(by),
        })
    };
    let fixed = Ended::Fixed {
        after: seconds(30),
        by: seconds(42),
    };
    let not_fixed = Ended::NotFixed {
        first: Expectation::PortOpen,
        at: ago(2100),
    };
    row.proofs = Arc::new([
        proof(2400, Some(not_fixed), [None, None]),
        proof(1842, Some(fixed), [met(1812, 1804), met(1812, 1800)]),
        proof(400, Some(Ended::Untold { at: ago(359) }), [None, None]),
        proof(120, None, [met(112, 108), None]),
    ]);
    row
}

#[test]
fn a_long_story_is_told_in_order() {
    insta::assert_snapshot!(written(&long_story()));
}

#[test]
fn an_instance_that_answers_has_a_short_report() {
    let scene = Scene::new("db1.corp.test,1433")
        .answers()
        .good(SERVER, 1433);
    let mut row = row(1, "Sales", sent(scene));
    row.since.first_seen = Some(ago(7500));
    row.since.at_least = true;
    let report = written(&row);
    assert!(report.lines().count() < 40, "{report}");
    assert!(!report.contains("## What to do"), "{report}");
    insta::assert_snapshot!(report);
}

#[test]
fn before_its_first_result_a_report_says_so() {
    let mut row = refused();
    row.state = State::Pending;
    row.raw = State::Pending;
    row.evidence = None;
    row.diagnosis = None;
    row.witnesses = Arc::default();
    insta::assert_snapshot!(written(&row));
}

#[test]
fn since_when_never_claims_more_than_was_seen() {
    let mut row = refused();
    let mut said = |first: Option<i64>, other: Option<i64>, at_least| {
        row.since = Since {
            first_seen: first.map(ago),
            last_other: other.map(ago),
            at_least,
        };
        written(&row).lines().nth(2).unwrap().to_owned()
    };
    let told = [
        said(Some(180), Some(195), false),
        said(Some(180), Some(90_000), true),
        said(Some(180), None, true),
        said(None, None, false),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_way_is_told_in_short_and_a_failover_with_its_clients() {
    let scene = Scene::new("aglist01.corp.test,1433")
        .answers()
        .took(12)
        .also("10.0.5.12", ConnectStatus::TimedOut)
        .path(&[ROUTER, "10.0.8.1"]);
    let report = written(&row(1, "listener", sent(scene)));
    assert!(
        report.contains("10.0.9.1, 10.0.8.1, then nothing from hop 3 on"),
        "{report}"
    );
    assert!(report.contains("| clients | connect in |"), "{report}");
}

#[test]
fn the_platform_of_the_screen_is_the_one_of_the_commands() {
    let row = refused();
    let linux = report(&row, now(), Some(Platform::Linux), None);
    assert!(linux.contains("For the platform Linux, "), "{linux}");
    assert!(linux.contains("systemctl"), "{linux}");
    assert!(!linux.contains("Start-Service"), "{linux}");
    assert!(written(&row).contains("For the platform Windows, which is a guess, "));
}

#[test]
fn what_the_audit_of_the_host_found_is_told() {
    let mut row = refused();
    let audit = serde_json::json!({
        "at": "2026-11-22T07:59:00Z",
        "resolve": { "status": "ok", "elapsed_ms": 1.1, "addresses": [SERVER] },
        "listings": [{ "address": SERVER, "doors": [],
            "browser": { "status": "silent", "tries": 2, "elapsed_ms": 2000.0 } }],
    });
    row.audit = Some(Arc::new(serde_json::from_value(audit).unwrap()));
    let report = written(&row);
    assert!(report.contains("## Differences on the host"), "{report}");
    assert!(
        report.contains("- **browser silent** at 10.0.4.12: "),
        "{report}"
    );
}

#[test]
fn no_secret_and_no_markup_of_others_is_in_a_report() {
    let hostile = "x|y`z`\n# h\u{1b}[2J[a](http://b)<img>\u{202e}";
    let mut row = long_story();
    let target = "Server=db1.corp.test,1433;User Id=sa;Password=hunter2";
    *Arc::make_mut(&mut row.instance) = Instance {
        name: hostile.to_owned(),
        tags: vec![hostile.to_owned()],
        note: Some(hostile.to_owned()),
        ..Instance::from_text(target)
    };
    row.marks.acknowledged.as_mut().unwrap().reason = hostile.to_owned();
    Arc::make_mut(&mut row.surroundings).vantage.host = hostile.to_owned();
    let mut proofs = row.proofs.to_vec();
    proofs[0].attempt.fix = hostile.to_owned();
    row.proofs = proofs.into();
    let report = written(&row);
    assert!(report.contains("Password=***"), "{report}");
    assert!(!report.contains("hunter2"), "{report}");
    assert!(!report.chars().any(|c| c.is_control() && c != '\n'));
    assert!(!report.contains('\u{202e}') && !report.contains("<img>"));
    assert!(
        !report.contains("[a](") && !report.contains("\n# h"),
        "{report}"
    );
}

fn many<T: Clone>(few: &[T]) -> Arc<[T]> {
    few.iter().cycle().take(few.len() * 100).cloned().collect()
}

#[test]
fn however_much_happened_it_stays_a_ticket() {
    let mut row = long_story();
    row.transitions = many(&row.transitions);
    row.outages = many(&row.outages);
    row.proofs = many(&row.proofs);
    row.witnesses = many(&row.witnesses);
    let instance = Arc::make_mut(&mut row.instance);
    instance.note = Some("n".repeat(100_000));
    instance.name = "n".repeat(100_000);
    instance.tags = vec!["t".repeat(1_000); 1_000];
    let report = written(&row);
    assert!(report.len() < 20_000, "{}", report.len());
    assert!(report.lines().count() < 220, "{}", report.lines().count());
    assert!(!report.ends_with('\n'));
}

#[test]
fn a_document_has_a_report_for_each_row_in_order() {
    let scene = Scene::new(r"sales01\PROD").browser(BrowserStatus::Silent);
    let rows = [refused(), row(2, "PROD", sent(scene))];
    let head = Head {
        counts: &[
            (State::Refused, 1),
            (State::NotLocated, 1),
            (State::Ready, 0),
        ],
        standing: &crate::diagnosis::Standing::default(),
        incidents: &[],
        now: now(),
    };
    let mut out = Vec::new();
    document(&mut out, &head, &rows).unwrap();
    let text = String::from_utf8(out).unwrap();
    let titles: Vec<&str> = text.lines().filter(|line| line.starts_with("# ")).collect();
    assert_eq!(
        titles,
        [
            "# SQL Server connectivity",
            "# Sales: refused",
            "# PROD: not-located"
        ]
    );
    assert!(text.contains("2 instances: 1 refused, 1 not-located, at 2026-11-22 08:00:00 (UTC)."));
    assert_eq!(text.matches("\n\n---\n\n").count(), 2, "{text}");
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
}

#[test]
fn what_else_happened_stands_in_the_timeline_once() {
    let mut row = long_story();
    let witness = row.witnesses[0].clone();
    let diary = Arc::make_mut(&mut row.diary);
    for seconds in (1..=9).rev() {
        diary.add(ago(3000 + seconds), Happening::Asked);
    }
    let from = "10.0.4.11".parse().unwrap();
    let moved = Happening::Moved {
        from: vec![from],
        to: vec![SERVER.parse().unwrap()],
    };
    diary.add(ago(1000), moved);
    diary.add(ago(500), Happening::Looked(Glance::from(&witness)));
    let acknowledged = Acknowledged {
        reason: "*CHG* 4711".to_owned(),
        until: None,
    };
    diary.add(ago(300), Happening::Acknowledged(acknowledged));
    let report = written(&row);
    let timeline = report.split("Timeline (UTC)").nth(1).unwrap();
    let timeline = timeline.split("## ").next().unwrap();
    insta::assert_snapshot!(timeline.trim());
    assert!(!timeline.contains("looked besides"), "it is evidence");
    assert!(timeline.contains("answering → refused"), "{timeline}");
}
