//! The policy of this machine, held against what the wire sees.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use crate::etc::Etc;
use crate::lab::Lab;

const ALLOWED: &str = "10.77.2.2";
const FORBIDDEN: &str = "10.77.3.2";

#[test]
fn nothing_at_all_is_sent_to_a_network_that_the_policy_does_not_list() {
    let Some(lab) = Lab::new() else { return };
    let Some(etc) = Etc::with_policy("networks = ['10.77.2.0/24']\n") else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let capture = lab.capture();
    let named = format!(r"{FORBIDDEN}\PROD");
    let check = [
        "check",
        "--path",
        "--format=json",
        ALLOWED,
        FORBIDDEN,
        &named,
        "fd77:3::2",
    ];
    let document: Value =
        serde_json::from_str(&lab.sqlreach_under(&etc, home.path(), &check)).unwrap();
    lab.sqlreach_under(&etc, home.path(), &["discover", FORBIDDEN, ALLOWED]);
    let states: Vec<_> = document["instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["refused", "blocked", "blocked", "blocked"]);
    let sent: BTreeSet<IpAddr> = capture
        .packets(|packets| !packets.is_empty())
        .iter()
        .filter(|packet| packet.from_client)
        .map(|packet| packet.to)
        .collect();
    let network: sqlreach::policy::Subnet = "10.77.2.0/24".parse().unwrap();
    assert!(sent.contains(&ALLOWED.parse().unwrap()), "{sent:?}");
    let strangers: Vec<_> = sent.iter().filter(|to| !network.contains(**to)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

/// Without it the same packets do leave, so the capture would have seen them.
#[test]
fn without_a_policy_the_same_address_is_probed() {
    let Some(lab) = Lab::new() else { return };
    let home = tempfile::tempdir().unwrap();
    let capture = lab.capture();
    lab.sqlreach(home.path(), &["check", "--no-witness", FORBIDDEN]);
    let packets = capture.packets(|packets| !packets.is_empty());
    let forbidden: IpAddr = FORBIDDEN.parse().unwrap();
    assert!(
        packets
            .iter()
            .any(|packet| packet.from_client && packet.to == forbidden)
    );
}
