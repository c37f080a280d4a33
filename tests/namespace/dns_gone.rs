//! The DNS server dies while the monitor runs, and comes back.

use serde_json::Value;

use crate::lab::Lab;

/// `good` may be remembered for a minute, the `brief` ones are asked for with every probe and
/// are two hosts, so that DNS is what they share.
const TARGETS: &str = "good brief brief-router 10.77.2.2";
const STATES: [&str; 4] = ["answering", "answering", "refused", "answering"];

fn states(saw: &Value) -> Vec<&str> {
    let rows = saw["rows"].as_array().unwrap().iter();
    rows.map(|row| row["state"].as_str().unwrap()).collect()
}

#[test]
fn what_is_remembered_stays_and_the_rest_says_dns() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let dns = lab.run("s", "dns 10.77.2.2:53");
    let mut talking = lab.talk(&format!("stand fine,no-dns,fine {TARGETS}"));
    let mut saw = || -> Value {
        let saw: Value = serde_json::from_str(&talking.next()).unwrap();
        assert_eq!(saw["in_time"], true, "{saw:#}");
        saw
    };
    assert_eq!(states(&saw()), STATES);
    drop(dns);
    let gone = saw();
    assert_eq!(gone["standing"]["cause"], "dns-server-failing", "{gone:#}");
    // What was known of the servers still stands; the names that are asked for say so.
    assert_eq!(states(&gone), STATES, "{gone:#}");
    for row in [1, 2] {
        assert_eq!(gone["rows"][row]["stale"], true, "{gone:#}");
        assert_eq!(gone["rows"][row]["cause"], "dns-server-failing", "{gone:#}");
    }
    assert_eq!(gone["rows"][3]["stale"], false, "{gone:#}");
    let _dns = lab.run("s", "dns 10.77.2.2:53");
    assert_eq!(states(&saw()), STATES);
}
