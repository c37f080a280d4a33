//! Holds what the program said against what a scenario expects of it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::places;
use crate::scenario::{Engine, Expect};

/// What differs, a line each.
pub fn differences(expect: &Expect, family: usize, row: &Value) -> Vec<String> {
    let here = |text: &String| places::fill(text, family);
    let diagnosis = &row["diagnosis"];
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: &str, is: &str| {
        if expected != is {
            differences.push(format!("{what} is {is}, not {expected}"));
        }
    };
    let state = text(&row["state"]);
    if !expect.state.allows(state) {
        differ("state", &format!("{:?}", expect.state), state);
    }
    differ("raw", state, text(&row["raw"]));
    let good = ["answering", "degraded", "ready"].contains(&state);
    match (expect.engine, good) {
        (Engine::Answers, false) => differ("dangerous: an engine that answers", "good", state),
        (Engine::Absent | Engine::Hidden, true) => {
            differ(
                "dangerous: an engine that does not answer",
                "failing",
                state,
            );
        }
        _ => {}
    }
    if let Some(expected) = &expect.first {
        let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
        differ(
            "first",
            &format!("{expected:?}"),
            &format!("{:?}", leading(diagnosis)),
        );
    }
    if expect.engine != Engine::AtTimes {
        let expected = expect.icmp.as_ref().map(|icmp| {
            let message = [&icmp.v4, &icmp.v6][family];
            format!("{message} from {}", here(&icmp.from))
        });
        differ(
            "ICMP",
            &format!("{expected:?}"),
            &format!("{:?}", icmp(row)),
        );
    }
    if let Some(hop) = &expect.last_hop {
        let is = last_hop(row).unwrap_or_default();
        differ("last hop", &here(hop), &is);
    }
    for (layer, status) in &expect.layers {
        let is = text(&row["layers"][layer]["status"]);
        if !status.allows(is) {
            differ(layer, &format!("{status:?}"), is);
        }
    }
    for (pointer, expected) in &expect.values {
        let is = row.pointer(pointer).unwrap_or(&Value::Null);
        let expected = match expected {
            toml::Value::String(text) => Value::String(here(text)),
            other => serde_json::to_value(other).unwrap(),
        };
        differ(pointer, &expected.to_string(), &is.to_string());
    }
    let all = diagnosis.to_string();
    for said in expect.names.iter().chain(&expect.says).map(here) {
        if !all.contains(&said) {
            differ("says", &said, &diagnosis["headline"].to_string());
        }
    }
    for said in expect
        .never
        .iter()
        .map(here)
        .filter(|said| all.contains(said))
    {
        differ("never says", &format!("without {said:?}"), &all);
    }
    for id in causes(diagnosis).filter(|id| expect.never_cause.iter().any(|never| never == id)) {
        differ("names a cause", "never named", id);
    }
    differences
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn causes(diagnosis: &Value) -> impl Iterator<Item = &str> {
    let causes = diagnosis["causes"].as_array().into_iter().flatten();
    causes.map(|cause| text(&cause["id"]))
}

/// The causes that share the first place.
fn leading(diagnosis: &Value) -> BTreeSet<&str> {
    let tied = diagnosis["tied"].as_u64().unwrap_or_default().max(1);
    causes(diagnosis)
        .take(usize::try_from(tied).unwrap())
        .collect()
}

/// The message that answered the first connect.
fn icmp(row: &Value) -> Option<String> {
    let icmp = row.pointer("/layers/connect/attempts/0/icmp")?;
    let from = icmp["from"].as_str()?;
    Some(format!("{}/{} from {from}", icmp["type"], icmp["code"]))
}

/// Who answered last on the way to the port that was tried.
fn last_hop(row: &Value) -> Option<String> {
    let tried = row.pointer("/layers/connect/attempts/0/endpoint")?;
    let mut witnesses = row["witnesses"].as_array()?.iter();
    let walk = witnesses.find(|one| one["kind"] == "path" && one["endpoint"] == *tried)?;
    let hops = walk["hops"].as_array()?;
    let last = hops.iter().rev().find_map(|hop| hop["from"].as_str());
    last.map(ToOwned::to_owned)
}
