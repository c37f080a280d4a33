use serde_json::{Value, json};

use super::*;
use crate::diagnosis::audit::compare;

/// One port, as the evidence of it is written.
fn door(
    instance: Option<&str>,
    port: u16,
    known_by: &str,
    connect: &str,
    prelogin: &Value,
) -> Value {
    json!({
        "instance": instance, "port": port, "known_by": known_by, "prelogin": prelogin,
        "attempt": {
            "endpoint": format!("10.0.4.12:{port}"), "local": null, "status": connect,
            "elapsed_ms": 0.4, "os_error": null, "icmp": null,
        },
    })
}

fn engine(version: &str, matches: bool) -> Value {
    let status = if matches { "ok" } else { "instance-mismatch" };
    json!({ "status": status, "version": version, "instance_matches": matches })
}

fn nothing() -> Value {
    json!({ "status": "skipped" })
}

fn listed(instance: &str, tcp: Option<u16>) -> Value {
    json!({ "server": "SALES01", "instance": instance, "clustered": false, "version": "16.0.1000.6", "tcp": tcp })
}

fn audited(browser: &Value, doors: &[Value]) -> Audited {
    let audit = json!({
        "at": "2026-11-22T08:00:00Z",
        "resolve": { "status": "ok", "elapsed_ms": 1.1, "addresses": ["10.0.4.12", "fd00::12"] },
        "listings": [{ "address": "10.0.4.12", "browser": browser, "doors": doors }],
    });
    Audited {
        host: "sales01.corp.example".to_owned(),
        audit: serde_json::from_value(audit).unwrap(),
    }
}

fn printed(audited: &Audited) -> String {
    let compared = compare(&audited.audit);
    let mut out = Vec::new();
    host(&mut out, audited, &compared, Dress::Plain).unwrap();
    let count = compared.iter().map(|compared| compared.all().count()).sum();
    summary(&mut out, 1, count).unwrap();
    String::from_utf8(out).unwrap()
}

/// A host with nearly everything that can differ.
fn sales() -> Audited {
    let browser = json!({
        "status": "ok", "elapsed_ms": 305.0, "tries": 2,
        "asked": "10.0.4.12:1434", "answered_from": "10.0.4.13:1434",
        "instances": [
            listed("MSSQLSERVER", Some(1433)), listed("PROD", Some(50123)),
            listed("TEST", Some(50124)), listed("REPORTS", Some(8080)),
            listed("A_NAME_LONGER_THAN_ANY", Some(50125)), listed("SQL2008", None),
        ],
    });
    let doors = [
        door(
            Some("MSSQLSERVER"),
            1433,
            "browser",
            "open",
            &engine("16.0.4105.2", true),
        ),
        door(
            Some("PROD"),
            50123,
            "browser",
            "open",
            &engine("15.0.4430.1", true),
        ),
        door(
            Some("TEST"),
            50124,
            "browser",
            "open",
            &engine("16.0.4105.2", false),
        ),
        door(
            Some("REPORTS"),
            8080,
            "browser",
            "open",
            &json!({ "status": "not-tds", "service": "http" }),
        ),
        door(
            Some("A_NAME_LONGER_THAN_ANY"),
            50125,
            "browser",
            "timed-out",
            &nothing(),
        ),
        door(None, 50999, "known", "open", &engine("12.0.2000.8", true)),
        door(
            Some("SQL2008"),
            50124,
            "browser",
            "open",
            &engine("16.0.4105.2", true),
        ),
    ];
    audited(&browser, &doors)
}

#[test]
fn a_host_is_a_table_with_a_sentence_below_each_line_that_differs() {
    insta::assert_snapshot!(printed(&sales()));
}

#[test]
fn every_line_fits_eighty_columns() {
    for line in printed(&sales()).lines() {
        assert!(line.width() <= WIDTH, "{line}");
    }
}

#[test]
fn without_browser_nothing_is_said_in_its_name() {
    let browser = json!({ "status": "silent", "elapsed_ms": 4000.0, "tries": 3 });
    let doors = [door(
        None,
        1433,
        "default",
        "open",
        &engine("16.0.4105.2", true),
    )];
    let text = printed(&audited(&browser, &doors));
    assert!(
        text.contains("Browser: no answer (3 tries, 4.00 s)"),
        "{text}"
    );
    assert!(!text.contains("not listed"), "{text}");
    assert!(text.ends_with("1 host: no difference\n"), "{text}");
}

#[test]
fn a_name_without_an_address_is_said() {
    let mut absent = sales();
    absent.audit.listings.clear();
    absent.audit.resolve.status = ResolveStatus::NotFound;
    absent.audit.resolve.addresses.clear();
    let text = printed(&absent);
    assert!(
        text.contains("no address to ask: there is no such name"),
        "{text}"
    );
}
