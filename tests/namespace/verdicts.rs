//! Makes every fault of the table and compares what `sqlreach check --path` says of it, over
//! IPv4 and over IPv6.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::faults::{Fault, REFUSALS, SILENCES, WORLDS};
use crate::lab::Lab;

/// Rows that run at once; they mostly wait.
const AT_ONCE: usize = 8;

#[test]
fn every_fault_gets_its_verdict_over_both_families() {
    if Lab::new().is_none() {
        return;
    }
    let faults: Vec<&Fault> = [SILENCES, WORLDS, REFUSALS].into_iter().flatten().collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let differences = fault.differences();
                    wrong.lock().unwrap().extend(differences);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Fault {
    /// Makes the fault in a network of its own, and reads the verdicts.
    fn differences(&self) -> Vec<String> {
        let Some(lab) = Lab::new() else {
            return vec![format!("{}: no network", self.what)];
        };
        let _running = (self.make)(&lab);
        let home = tempfile::tempdir().unwrap();
        let [v4, v6] = self.target;
        let out = lab.sqlreach(
            home.path(),
            &["check", "--format", "json", "--path", v4, v6],
        );
        let document: Value = serde_json::from_str(&out).unwrap();
        (0..2)
            .flat_map(|family| self.compare(family, &document["instances"][family]))
            .collect()
    }

    fn compare(&self, family: usize, row: &Value) -> Vec<String> {
        let diagnosis = &row["diagnosis"];
        let icmp = &row["layers"]["connect"]["attempts"][0]["icmp"];
        let sent = self.icmp.map(|(messages, from)| {
            let (kind, code) = messages[family];
            (u64::from(kind), u64::from(code), from[family].to_owned())
        });
        let heard = icmp.is_object().then(|| {
            let from = icmp["from"].as_str().unwrap_or_default().to_owned();
            let number = |key: &str| icmp[key].as_u64().unwrap_or_default();
            (number("type"), number("code"), from)
        });
        let mut differences = Vec::new();
        let mut differ = |what: &str, expected: String, is: String| {
            if expected != is {
                let target = self.target[family];
                let line = format!("{} ({target}): {what} {is}, not {expected}", self.what);
                differences.push(line);
            }
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        differ("state", self.state.to_owned(), text(&row["state"]));
        differ("raw", self.state.to_owned(), text(&row["raw"]));
        let expected: BTreeSet<_> = self.first.iter().map(ToString::to_string).collect();
        differ(
            "first",
            format!("{expected:?}"),
            format!("{:?}", first(diagnosis)),
        );
        differ("ICMP", format!("{sent:?}"), format!("{heard:?}"));
        let last = self.last_hop.map(|hop| hop[family].to_owned());
        let walked = last_hop(row, self.target[family]);
        if !self.state.starts_with("refused") {
            differ("last hop", format!("{last:?}"), format!("{walked:?}"));
        }
        let risk = &diagnosis["causes"][0]["fixes"][0]["risk"];
        if !self.first.is_empty() {
            differ("first fix", "read-only".to_owned(), text(risk));
        }
        let all = diagnosis.to_string();
        let names = self.names.iter().map(|device| device[family]);
        for said in self.says.iter().copied().chain(names) {
            if !all.contains(said) {
                differ("says", said.to_owned(), diagnosis["headline"].to_string());
            }
        }
        for said in self.never {
            if all.contains(said) {
                differ("never says", (*said).to_owned(), all.clone());
            }
        }
        differences
    }
}

/// The causes that share the first place.
fn first(diagnosis: &Value) -> BTreeSet<String> {
    let tied = diagnosis["tied"].as_u64().unwrap_or_default().max(1);
    let causes = diagnosis["causes"].as_array().into_iter().flatten();
    causes
        .take(usize::try_from(tied).unwrap())
        .map(|cause| cause["id"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// Who answered last on the way to the SQL port.
fn last_hop(row: &Value, address: &str) -> Option<String> {
    let witnesses = row["witnesses"].as_array()?;
    let walk = witnesses.iter().find(|witness| {
        let to = witness["endpoint"].as_str().unwrap_or_default();
        witness["kind"] == "path" && to.contains(address) && to.ends_with(":1433")
    })?;
    let hops = walk["hops"].as_array()?;
    let last = hops.iter().rev().find_map(|hop| hop["from"].as_str());
    last.map(ToOwned::to_owned)
}
