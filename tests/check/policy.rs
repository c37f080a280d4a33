//! The policy of this machine, from outside: it holds whoever asks, and where it cannot be
//! read nothing is sent at all.

use std::net::TcpListener;
use std::process::Command;

use rstest::rstest;
use sqlreach::simulate::engine::Profile;

use crate::binary::{Ended, Home, run};
use crate::etc::Etc;
use crate::servers::{engine, instances, target};

const NO_LOOPBACK: &str = "deny_networks = ['127.0.0.0/8']\n";

async fn under(etc: &Etc, command: &Command) -> Ended {
    run(etc.over(command), String::new()).await
}

#[tokio::test]
async fn what_is_forbidden_is_blocked_with_a_cause_of_its_own() {
    let Some(etc) = Etc::with_policy(NO_LOOPBACK) else {
        return;
    };
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let target = trap.local_addr().unwrap().to_string().replace(':', ",");
    let home = Home::new();
    let arguments = [
        "check",
        "--format=json",
        "--rate=max",
        "--path",
        &target,
        r"127.0.0.1\PROD",
    ];
    let ended = under(&etc, &home.command(&arguments)).await;
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let document = ended.document();
    for row in instances(&document) {
        assert_eq!(row["state"], "blocked", "{row}");
        assert_eq!(
            row["diagnosis"]["causes"][0]["id"], "policy-forbids",
            "{row}"
        );
        let connect = &row["layers"]["connect"];
        assert_eq!(connect["forbidden"][0], "127.0.0.1", "{row}");
        assert!(
            connect["attempts"].as_array().is_none_or(Vec::is_empty),
            "{row}"
        );
    }
    let text = under(&etc, &home.command(&["check", &target])).await;
    assert!(text.out.contains("policy of this machine"), "{text:?}");
    assert!(
        text.out.contains("cat /etc/sqlreach/policy.toml"),
        "{text:?}"
    );
    assert!(trap.accept().is_err(), "somebody came");
}

#[tokio::test]
async fn what_is_allowed_is_probed_as_ever() {
    let Some(etc) = Etc::with_policy("networks = []\nwitnesses = false\nrate = 5\n") else {
        return;
    };
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let ended = under(&etc, &home.command(&["check", &target(&engine)])).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

/// One line, the exit status of a mistake, and nobody is sent anything.
#[rstest]
#[case::mistake("networks = ['10.1.2.3/8']\n", 0o644, "policy.toml:1:13: networks: ")]
#[case::syntax("networks = [\n", 0o644, "policy.toml:")]
#[case::unknown("network = []\n", 0o644, "did you mean 'networks'?")]
#[case::anybodys("networks = []\n", 0o666, "others than root may write it")]
#[tokio::test]
async fn a_policy_that_is_none_stops_whatever_sends(
    #[case] text: &str,
    #[case] mode: u32,
    #[case] problem: &str,
) {
    let Some(etc) = Etc::with_policy(text) else {
        return;
    };
    etc.set_mode(mode);
    let home = Home::new();
    for arguments in [
        &["check", "127.0.0.1,1"][..],
        &["check", "--format=jsonl", "-"],
        &["discover", "127.0.0.1"],
        &["--plain", "127.0.0.1,1"],
        &["demo", "--plain"],
        &["config", "show"],
    ] {
        let ended = under(&etc, &home.command(arguments)).await;
        assert_eq!(ended.status, Some(2), "{arguments:?}: {ended:?}");
        assert_eq!(ended.err.lines().count(), 1, "{arguments:?}: {ended:?}");
        assert!(ended.err.contains(problem), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains("/etc/sqlreach"), "{ended:?}");
    }
    let explained = under(&etc, &home.command(&["explain", "error 10061"])).await;
    assert_eq!(explained.status, Some(0), "it sends nothing: {explained:?}");
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_no_absent_policy() {
    let Some(etc) = Etc::with_policy("") else {
        return;
    };
    std::fs::remove_file(etc.policy()).unwrap();
    std::os::unix::fs::symlink("/nowhere/policy.toml", etc.policy()).unwrap();
    let ended = under(&etc, &Home::new().command(&["check", "127.0.0.1,1"])).await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.err.contains("cannot be read"), "{ended:?}");
}

#[tokio::test]
async fn a_dry_run_says_what_the_policy_forbids() {
    let text = "networks = ['10.77.2.0/24']\nrate = 5\n";
    let Some(etc) = Etc::with_policy(text) else {
        return;
    };
    let arguments = [
        "check",
        "--dry-run",
        "--rate=max",
        "10.77.2.2",
        "10.77.3.2",
        "10.77.3.2\\PROD",
    ];
    let ended = under(&etc, &Home::new().command(&arguments)).await;
    let forbidden = "  nothing: the policy of this machine forbids 10.77.3.2";
    assert_eq!(ended.out.matches(forbidden).count(), 2, "{ended:?}");
    assert!(
        ended.out.contains("connect   TCP 10.77.2.2 1433"),
        "{ended:?}"
    );
    assert!(
        ended
            .out
            .contains("policy: /etc/sqlreach/policy.toml: only to 10.77.2.0/24"),
        "{ended:?}"
    );
    assert!(
        ended
            .out
            .ends_with("at most 5 new connections and datagrams a second; nothing was sent\n"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn the_dashboard_in_lines_says_that_a_policy_holds() {
    let Some(etc) = Etc::with_policy("rate = 5\n") else {
        return;
    };
    let home = Home::new();
    let shown = under(&etc, &home.command(&["config", "show", "--rate=max"])).await;
    let line = shown.out.lines().find(|line| line.starts_with("rate = 5 "));
    assert!(
        line.is_some_and(|line| line.ends_with("# the policy of this machine")),
        "{shown:?}"
    );
}
