//! Instances that fail together are named once more, with one sentence for all.

use serde_json::json;
use sqlreach::simulate::closed_port::ClosedPort;

use crate::binary::Home;
use crate::servers::loopback;

/// Two ports of this machine that refuse.
fn closed() -> (Vec<ClosedPort>, Vec<String>) {
    let ports: Vec<_> = (0..2)
        .map(|_| ClosedPort::start(loopback()).unwrap())
        .collect();
    let target = |port: &ClosedPort| format!("127.0.0.1,{}", port.address().port());
    let targets = ports.iter().map(target).collect();
    (ports, targets)
}

#[tokio::test]
async fn the_text_ends_with_a_line_for_each_incident() {
    let (_ports, targets) = closed();
    let home = Home::new();
    let ended = home
        .sqlreach(&["check", "--no-witness", &targets[0], &targets[1]])
        .await;
    let last = ended.out.lines().last().unwrap();
    assert!(
        last.starts_with("Together: 2 instances on 127.0.0.1 refused since "),
        "{last}"
    );
}

#[tokio::test]
async fn one_that_fails_alone_is_no_incident() {
    let (_ports, targets) = closed();
    let ended = Home::new().sqlreach(&["check", &targets[0]]).await;
    assert!(!ended.out.contains("Together"), "{}", ended.out);
}

#[tokio::test]
async fn the_document_names_the_members_and_what_they_share() {
    let (_ports, targets) = closed();
    let document = Home::new()
        .sqlreach(&["check", "--format=json", &targets[0], &targets[1]])
        .await
        .document();
    let incidents = document["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    assert_eq!(incidents[0]["members"], json!(targets));
    assert!(incidents[0]["shared"].is_object(), "{incidents:?}");
    let sentence = incidents[0]["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("2 instances on "), "{sentence}");
}
