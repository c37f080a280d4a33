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
async fn the_text_explains_them_once_and_at_the_end() {
    let (_ports, targets) = closed();
    let home = Home::new();
    let ended = home
        .sqlreach(&["check", "--no-witness", &targets[0], &targets[1]])
        .await;
    let lines: Vec<&str> = ended.out.lines().collect();
    for (line, target) in lines.iter().zip(&targets) {
        assert!(line.starts_with("✖ refused"), "{}", ended.out);
        assert!(line.contains(target.as_str()), "{}", ended.out);
    }
    assert_eq!(lines[2..4], ["2 instances: 2 refused", ""], "{}", ended.out);
    let sentence = "Together: 2 instances on 127.0.0.1 refused since ";
    assert!(lines[4].starts_with(sentence), "{}", ended.out);
    assert_eq!(lines[5], format!("    As for {}:", targets[0]));
    let causes = lines.iter().filter(|line| line.contains("ikely: "));
    assert_eq!(causes.count(), 1, "{}", ended.out);
}

#[tokio::test]
async fn one_that_fails_by_itself_has_its_own_explanation() {
    let (_ports, targets) = closed();
    let other = "127.9.9.9,9";
    let ended = Home::new()
        .sqlreach(&["check", "--no-witness", &targets[0], other, &targets[1]])
        .await;
    let (list, together) = ended.out.split_once("Together: ").unwrap();
    let causes = |text: &str| text.matches("ikely: ").count();
    assert_eq!((causes(list), causes(together)), (1, 1), "{}", ended.out);
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
