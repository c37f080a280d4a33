//! What holds in every scenario, whatever it is about.

use std::time::Duration;

use serde_json::Value;

use crate::compare::text;
use crate::stage::Outcome;

/// The deadlines that the program promises for its layers, in milliseconds.
const DEADLINES: [(&str, f64); 4] = [
    ("resolve", 3_000.0),
    ("browser", 4_000.0),
    ("connect", 4_000.0),
    ("prelogin", 5_000.0),
];
/// Two rounds of extra looks at a second each; a walk goes on for some more.
const LOOKS: f64 = 2_000.0;
const WALK: f64 = 6_000.0;
/// Starting the program, and its neighbours on a busy machine.
const START: f64 = 1_000.0;
/// What a healthy neighbour may take, connect and answer together: far less than any deadline.
const AT_ONCE: f64 = 1_000.0;
/// What the short words of the list of exclusions exclude.
const EXCLUDES: [(&str, &[&str]); 6] = [
    (
        "DNS",
        &[
            "name-not-found",
            "dns-server-failing",
            "dns-timeout",
            "stale-name",
        ],
    ),
    (
        "Browser",
        &["browser-stopped", "browser-filtered", "stale-browser-port"],
    ),
    ("routing", &["no-route", "site-unreachable", "stale-arp"]),
    (
        "a dropping firewall",
        &["firewall-drops", "browser-filtered"],
    ),
    ("a stopped engine", &["service-not-running", "engine-hung"]),
    ("host down", &["host-down", "site-unreachable"]),
];

/// What is broken of them, a line each.
pub fn broken(outcome: &Outcome) -> Vec<String> {
    let mut broken = Vec::new();
    let rows = outcome.document["instances"]
        .as_array()
        .into_iter()
        .flatten();
    let mut longest = 0.0_f64;
    let mut count = 0;
    for (row, asked) in rows.zip(&outcome.asked) {
        count += 1;
        let mut say = |what: String| broken.push(format!("{}: {what}", asked.target));
        if text(&row["target"]) != asked.target {
            say(format!("the row of {}", row["target"]));
        }
        longest = longest.max(deadlines(row, &mut say));
        diagnosis(&row["diagnosis"], &mut say);
        if asked.expect.is_none() {
            control(row, &mut say);
        }
    }
    if count != outcome.asked.len() {
        broken.push(format!("{count} rows for {} targets", outcome.asked.len()));
    }
    let most = Duration::from_secs_f64(((longest + LOOKS + WALK) * 1.1 + START) / 1e3);
    if outcome.took > most {
        broken.push(format!("took {:?}, not at most {most:?}", outcome.took));
    }
    broken
}

/// Each layer ends in its time; gives the sum of what they may take.
fn deadlines(row: &Value, say: &mut impl FnMut(String)) -> f64 {
    let mut sum = 0.0;
    for (layer, deadline) in DEADLINES {
        let seen = &row["layers"][layer];
        if matches!(text(&seen["status"]), "skipped" | "literal") {
            continue;
        }
        sum += deadline;
        let attempts = seen["attempts"].as_array().into_iter().flatten();
        for elapsed in attempts.chain([seen]).map(|one| &one["elapsed_ms"]) {
            let elapsed = elapsed.as_f64().unwrap_or_default();
            if elapsed > deadline * 1.1 {
                say(format!("{layer} took {elapsed} ms of {deadline}"));
            }
        }
    }
    sum
}

fn diagnosis(diagnosis: &Value, say: &mut impl FnMut(String)) {
    let causes: Vec<&Value> = diagnosis["causes"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let tied = diagnosis["tied"].as_u64().unwrap_or_default();
    let tied = usize::try_from(tied).unwrap();
    if tied > causes.len() {
        say(format!("{tied} of {} causes are tied", causes.len()));
    }
    let leading = &causes[..tied.max(1).min(causes.len())];
    if leading
        .iter()
        .any(|cause| cause["confidence"] != leading[0]["confidence"])
    {
        say("causes that are tied are not equally sure".to_owned());
    }
    if leading.len() > 1 && leading[0]["confidence"] == "high" {
        say("causes that are tied are sure".to_owned());
    }
    // What speaks against a cause may be outweighed; that a packet got through may not.
    for cause in leading.iter().filter(|cause| cause["confidence"] == "high") {
        if cause["against"]
            .to_string()
            .contains("the path walk reached")
        {
            say(format!("{} is sure, and a walk got through", cause["id"]));
        }
    }
    if let Some(first) = causes.first() {
        let risk = &first["fixes"][0]["risk"];
        if risk != "read-only" {
            say(format!("the first fix of {} is {risk}", first["id"]));
        }
    }
    let out = diagnosis["rules_out"].as_array().into_iter().flatten();
    for out in out.map(text) {
        let Some((_, excluded)) = EXCLUDES.iter().find(|(word, _)| *word == out) else {
            continue;
        };
        for cause in causes.iter().map(|cause| text(&cause["id"])) {
            if excluded.contains(&cause) {
                say(format!("{out} is ruled out, and {cause} is named"));
            }
        }
    }
}

/// The engine that no fault is about.
fn control(row: &Value, say: &mut impl FnMut(String)) {
    if row["state"] != "answering" {
        say(format!(
            "the control is {}: {}",
            row["state"], row["layers"]
        ));
    }
    let attempt = row.pointer("/layers/connect/attempts/0/elapsed_ms");
    let answer = row.pointer("/layers/prelogin/elapsed_ms");
    let took: f64 = [attempt, answer]
        .into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .sum();
    if took > AT_ONCE {
        say(format!("the control took {took} ms"));
    }
}
