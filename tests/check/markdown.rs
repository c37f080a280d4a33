//! `--format markdown`: a report on each target that can go into a ticket as it is.

use sqlreach::simulate::closed_port::ClosedPort;
use sqlreach::simulate::engine::Profile;

use crate::binary::Home;
use crate::servers::{engine, loopback, target};

/// The titles of the reports, in their order.
fn titles(out: &str) -> Vec<&str> {
    out.lines().filter(|line| line.starts_with("# ")).collect()
}

#[tokio::test]
async fn every_target_has_its_report_in_the_order_given() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let closed = ClosedPort::start(loopback()).unwrap();
    let (healthy, refused) = (
        target(&healthy),
        format!("127.0.0.1,{}", closed.address().port()),
    );
    let ended = home
        .sqlreach(&["check", "--format=markdown", &refused, &healthy, "db1/PROD"])
        .await;
    assert_eq!(
        (ended.status, ended.err.as_str()),
        (Some(1), ""),
        "{ended:?}"
    );
    let reports: Vec<&str> = ended.out.split("\n\n---\n\n").collect();
    let [head, first, second, third] = reports[..] else {
        panic!("{}", ended.out)
    };
    assert!(
        head.contains("\n3 instances: 1 refused, 1 answering, 1 invalid, at "),
        "{head}"
    );
    assert_eq!(
        titles(&ended.out)[1..],
        [
            format!("# {refused}: refused"),
            format!("# {healthy}: answering"),
            "# db1/PROD: invalid".to_owned()
        ]
    );
    for part in [
        "## Diagnosis",
        "| port | ",
        "| SQL Server | tcp | 127.0.0.1:",
        "```",
        "## Versions",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(second.contains("- Engine now: SQL Server "), "{second}");
    assert!(!second.contains("## What to do"), "{second}");
    assert!(third.contains("`target-syntax`"), "{third}");
}

#[tokio::test]
async fn who_fails_together_is_said_above_and_in_each_report() {
    let ports = [(); 2].map(|()| ClosedPort::start(loopback()).unwrap());
    let targets = ports
        .each_ref()
        .map(|port| format!("127.0.0.1,{}", port.address().port()));
    let ended = Home::new()
        .sqlreach(&[
            "check",
            "--format=markdown",
            "--no-witness",
            &targets[0],
            &targets[1],
        ])
        .await;
    let out = &ended.out;
    assert!(
        out.contains("\nTogether:\n\n- 2 instances on 127.0.0.1 refused since "),
        "{out}"
    );
    let each = out.matches("\nNot alone: 2 instances on 127.0.0.1 refused since ");
    assert_eq!(each.count(), 2, "{out}");
}

#[tokio::test]
async fn nothing_but_mistakes_is_2() {
    let ended = Home::new()
        .sqlreach(&["check", "--format=markdown", "db1/PROD"])
        .await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert_eq!(titles(&ended.out)[1..], ["# db1/PROD: invalid"]);
}
