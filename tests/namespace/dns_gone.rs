//! The DNS server dies while the monitor runs, and comes back.

use serde_json::Value;

use crate::lab::Lab;

/// `good` may be remembered for a minute, `brief` is asked for with every probe.
const TARGETS: &str = "good brief 10.77.2.2";

fn states(saw: &Value) -> Vec<&str> {
    let rows = saw["rows"].as_array().unwrap().iter();
    rows.map(|row| row["state"].as_str().unwrap()).collect()
}

#[test]
fn what_is_remembered_stays_and_the_rest_says_dns() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let dns = lab.run("s", "dns 10.77.2.2:53");
    let mut talking = lab.talk(&format!("stand well,no-dns,well {TARGETS}"));
    let mut saw = || -> Value {
        let saw: Value = serde_json::from_str(&talking.next()).unwrap();
        assert_eq!(saw["in_time"], true, "{saw:#}");
        saw
    };
    saw();
    drop(dns);
    let gone = saw();
    assert_eq!(gone["standing"]["cause"], "dns-server-failing", "{gone:#}");
    // What was known of the servers still stands; the name that is asked for says so.
    assert_eq!(states(&gone), ["answering"; 3], "{gone:#}");
    assert_eq!(gone["rows"][1]["stale"], true, "{gone:#}");
    assert_eq!(gone["rows"][1]["cause"], "dns-server-failing", "{gone:#}");
    assert_eq!(gone["rows"][2]["stale"], false, "{gone:#}");
    for row in 0..3 {
        assert_eq!(gone["rows"][row]["failures"], 0, "{gone:#}");
    }
    let _dns = lab.run("s", "dns 10.77.2.2:53");
    saw();
}
