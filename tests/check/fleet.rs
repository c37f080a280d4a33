//! The demo network: every instance is in the state that it promises.

use std::collections::BTreeMap;

use sqlreach::simulate::Network;

use crate::binary::Home;
use crate::servers::{configuration, instances};

#[tokio::test]
async fn each_instance_of_the_demo_is_in_the_state_it_promises() {
    let (home, network) = (Home::new(), Network::start().await.unwrap());
    let config = configuration(&home, &network);
    let arguments = [
        "check",
        "--format=json",
        "--config",
        config.to_str().unwrap(),
    ];
    let ended = home.sqlreach(&arguments).await;
    let document = ended.document();
    let found: BTreeMap<_, _> = instances(&document)
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap(),
                row["state"].as_str().unwrap(),
            )
        })
        .collect();
    let promised: BTreeMap<_, _> = network
        .members()
        .iter()
        .map(|member| (member.name.as_str(), member.state))
        .collect();
    assert_eq!(found, promised);
    assert_eq!(ended.status, Some(1), "some of them fail");
}

#[tokio::test]
async fn the_demo_without_a_terminal_prints_what_check_prints_and_leaves_no_trace() {
    let home = Home::new();
    let ended = home.sqlreach(&["demo"]).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    for (state, name) in [
        ("answering", "Sales"),
        ("refused", "ERP"),
        ("unresolved", "Archive"),
    ] {
        let row =
            |line: &str| line.contains(&format!(" {state} ")) && line.contains(&format!(" {name}"));
        assert!(ended.out.lines().any(row), "{name}: {}", ended.out);
    }
    let summary = |line: &str| line.contains(" instances: ") && line.contains("answering");
    assert!(ended.out.lines().any(summary), "{}", ended.out);
    assert_eq!(std::fs::read_dir(home.path("")).unwrap().count(), 0);
}
