//! Exit statuses, and targets from arguments, standard input and the configuration.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::Duration;

use rstest::rstest;
use sqlreach::simulate::browser::{Behaviour, Listing};
use sqlreach::simulate::closed_port::ClosedPort;
use sqlreach::simulate::engine::Profile;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::binary::{Home, run};
use crate::servers::{browser, causes, engine, instances, loopback, states, target};

#[tokio::test]
async fn all_well_is_0() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let ended = home.sqlreach(&["check", &target(&healthy)]).await;
    assert_eq!(
        (ended.status, ended.err.as_str()),
        (Some(0), ""),
        "{ended:?}"
    );
}

#[tokio::test]
async fn degraded_is_still_0() {
    let profile = Profile {
        instance: "PROD".to_owned(),
        ..Profile::default()
    };
    let (home, healthy) = (Home::new(), engine(profile).await);
    let listing = Listing::new("sales01", "PROD", Some(healthy.address().port()));
    let late = Behaviour::Late(Duration::from_millis(1300));
    let (_browser, option) = browser(vec![listing], late).await;
    let ended = home
        .sqlreach(&["check", "--format=json", &option, r"127.0.0.1\PROD"])
        .await;
    assert_eq!(
        (ended.status, states(&ended.document())),
        (Some(0), vec!["degraded"])
    );
}

#[tokio::test]
async fn one_that_fails_is_1() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let closed = ClosedPort::start(loopback()).unwrap();
    let refused = format!("127.0.0.1,{}", closed.address().port());
    let ended = home
        .sqlreach(&["check", "--format=json", &target(&healthy), &refused])
        .await;
    assert_eq!(
        (ended.status, states(&ended.document())),
        (Some(1), vec!["answering", "refused"])
    );
}

/// Among others it is one that fails; the others run.
#[tokio::test]
async fn a_target_that_cannot_be_read_is_a_row_and_the_others_run() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let ended = home
        .sqlreach(&["check", "--format=json", "db1/PROD", &target(&healthy)])
        .await;
    let document = ended.document();
    assert_eq!(
        (ended.status, states(&document)),
        (Some(1), vec!["invalid", "answering"])
    );
    let bad = &instances(&document)[0];
    assert_eq!(
        (causes(bad), &bad["target"]),
        (vec!["target-syntax"], &"db1/PROD".into())
    );
    let headline = bad["diagnosis"]["headline"].as_str().unwrap();
    assert!(
        headline.contains(r"db1\PROD"),
        "it says what would be right: {headline}"
    );
}

#[tokio::test]
async fn what_is_not_reached_over_tcp_is_a_row_that_says_so() {
    let ended = Home::new()
        .sqlreach(&[
            "check",
            "--format=json",
            r"np:\\db1\pipe\sql\query",
            "(localdb)\\v11.0",
        ])
        .await;
    let document = ended.document();
    assert_eq!(
        (ended.status, states(&document)),
        (Some(2), vec!["invalid", "invalid"])
    );
    for row in instances(&document) {
        assert_eq!(causes(row), ["not-tcp"]);
    }
}

#[rstest]
#[case::no_target_can_be_read(&["check", "db1/PROD", "db1:x"])]
#[case::lines_without_one_that_can_be_read(&["check", "--format=jsonl", "db1/PROD"])]
#[case::nothing_to_probe(&["check"])]
#[case::nothing_to_probe_on_standard_input(&["check", "-"])]
#[case::nothing_to_probe_in_lines(&["check", "--format=jsonl", "-"])]
#[case::no_terminal_and_nothing_to_probe(&[])]
#[case::an_unknown_format(&["check", "--format=xml", "127.0.0.1"])]
#[case::an_unknown_option(&["check", "--colour", "127.0.0.1"])]
#[case::a_port_out_of_range(&["check", "--browser-port=70000", "127.0.0.1"])]
#[case::no_such_file(&["check", "--config=/nowhere/sqlreach.toml", "127.0.0.1"])]
#[tokio::test]
async fn nothing_probed_is_2(#[case] arguments: &[&str]) {
    let ended = Home::new().sqlreach(arguments).await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
    let said = ended.out + &ended.err;
    assert!(!said.trim().is_empty(), "it says nothing");
    assert!(
        !said.contains("panicked") && !said.contains("stack backtrace"),
        "{said}"
    );
}

#[tokio::test]
async fn a_mistake_in_the_configuration_is_2_and_named_with_its_line() {
    let home = Home::new();
    let config = home.path("sqlreach.toml");
    std::fs::write(&config, "[probe]\n\nintervall = '15s'\n").unwrap();
    let ended = home
        .sqlreach(&["check", "--config", config.to_str().unwrap(), "127.0.0.1,9"])
        .await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(
        ended.err.contains("sqlreach.toml:3:1") && ended.err.contains("interval"),
        "{}",
        ended.err
    );
}

#[rstest]
#[case::one_document("json")]
#[case::lines("jsonl")]
#[tokio::test]
async fn targets_come_from_standard_input_with_comments(#[case] format: &str) {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let list = format!(
        "# the shop\r\n\r\n{}   # first\r\n  db1/PROD\n#127.0.0.1,9\n",
        target(&healthy)
    );
    let ended = run(home.command(&["check", "--format", format, "-"]), list).await;
    let mut found: Vec<_> = ["answering", "invalid", "refused"]
        .into_iter()
        .filter(|state| ended.out.contains(&format!("\"{state}\"")))
        .collect();
    found.sort_unstable();
    assert_eq!(
        (ended.status, found),
        (Some(1), vec!["answering", "invalid"]),
        "{ended:?}"
    );
}

#[tokio::test]
async fn targets_on_the_command_line_take_the_place_of_the_configured_ones() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let config = home.path("sqlreach.toml");
    std::fs::write(
        &config,
        "[[instance]]\nserver = '127.0.0.1,9'\nname = 'Configured'\n",
    )
    .unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let document = home
        .sqlreach(&[&["check", "--format=json"], &config[..]].concat())
        .await
        .document();
    assert_eq!(instances(&document)[0]["name"], "Configured");
    let ended = home
        .sqlreach(&[&["check", "--format=json", &target(&healthy)], &config[..]].concat())
        .await;
    assert_eq!(states(&ended.document()), ["answering"]);
}

#[tokio::test]
async fn without_a_command_and_a_terminal_it_is_a_check() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let target = target(&healthy);
    let (bare, check) = (
        home.sqlreach(&[&target]).await,
        home.sqlreach(&["check", &target]).await,
    );
    let line = |text: &str| text.lines().last().unwrap().to_owned();
    assert_eq!(
        (bare.status, line(&bare.out)),
        (check.status, line(&check.out))
    );
    assert_eq!(line(&bare.out), "1 instance: 1 answering");
}

#[tokio::test]
async fn the_text_names_state_target_endpoint_version_and_the_likeliest_cause() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let closed = ClosedPort::start(loopback()).unwrap();
    let refused = format!("127.0.0.1,{}", closed.address().port());
    let ended = home.sqlreach(&["check", &target(&healthy), &refused]).await;
    let line = |word: &str| {
        ended
            .out
            .lines()
            .find(|line| line.contains(word))
            .unwrap_or_else(|| panic!("{word}: {}", ended.out))
    };
    let up = line("answering");
    assert!(
        up.contains(&target(&healthy)) && up.contains("SQL Server 2022 16.0.4105.2"),
        "{up}"
    );
    assert!(line("refused").contains(&refused));
    assert!(
        line("Most likely:").contains("service-not-running"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.ends_with("2 instances: 1 refused, 1 answering\n"),
        "{}",
        ended.out
    );
}

/// What leads is said once: a finding that is the headline is not said again. Two instances
/// may well say the same.
#[tokio::test]
async fn the_text_says_nothing_twice() {
    let ended = Home::new().sqlreach(&["demo", "--timeout=700ms"]).await;
    let mut said: Vec<&str> = Vec::new();
    let mut lines = 0;
    for line in ended.out.lines() {
        if line.starts_with("    ") {
            assert!(!said.contains(&line), "{line:?} twice: {}", ended.out);
            said.push(line);
            lines += 1;
        } else {
            said.clear();
        }
    }
    assert!(lines > 20, "{}", ended.out);
}

/// The reader leaves: `sqlreach … | head`. The status is that of what was probed.
#[rstest]
#[case::text(&["check", "127.0.0.1,9"], 1)]
#[case::one_document(&["check", "--format=json", "127.0.0.1,9"], 1)]
#[case::lines(&["check", "--format=jsonl", "127.0.0.1,9"], 1)]
#[case::a_dry_run(&["check", "--dry-run", "127.0.0.1,9"], 0)]
#[case::the_configuration(&["config", "show"], 0)]
#[case::its_places(&["config", "path"], 0)]
#[case::an_explanation(&["explain", "error 10061"], 0)]
#[tokio::test]
async fn a_reader_that_leaves_is_no_error(#[case] arguments: &[&str], #[case] status: i32) {
    let home = Home::new();
    let mut command = home.command(arguments);
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    drop(child.stdout.take());
    let ended = spawn_blocking(move || child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            ended.status.code(),
            String::from_utf8_lossy(&ended.stderr).as_ref()
        ),
        (Some(status), "")
    );
}

/// A disk that is full behind standard output.
#[cfg(target_os = "linux")]
#[rstest]
#[case::text(&["check", "127.0.0.1,9"])]
#[case::one_document(&["check", "--format=json", "127.0.0.1,9"])]
#[case::lines(&["check", "--format=jsonl", "127.0.0.1,9"])]
#[case::the_configuration(&["config", "show"])]
#[case::an_explanation(&["explain", "error 10061"])]
#[case::the_dashboard_in_lines(&["--plain", "127.0.0.1,9"])]
#[tokio::test]
async fn an_output_that_takes_nothing_is_an_error_of_one_line(#[case] arguments: &[&str]) {
    let home = Home::new();
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = home.command(arguments);
    command.stdin(Stdio::null()).stdout(full);
    let ended = spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(
        said.starts_with("sqlreach: cannot print the result: ") && said.lines().count() == 1,
        "{said}"
    );
}

/// With the rate of a hundred a second, all of this list would take a minute.
#[tokio::test]
async fn when_nobody_reads_nothing_more_is_sent() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let list = format!("{}\n", target(&healthy)).repeat(6000);
    let mut command = home.command(&["check", "--format=jsonl", "-"]);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let writer = spawn_blocking(move || drop(input.write_all(list.as_bytes())));
    let first = spawn_blocking(move || BufReader::new(output).lines().next())
        .await
        .unwrap();
    assert!(first.unwrap().unwrap().contains("answering"));
    let status = timeout(
        Duration::from_secs(20),
        spawn_blocking(move || child.wait()),
    )
    .await;
    assert_eq!(
        status.expect("it goes on").unwrap().unwrap().code(),
        Some(0)
    );
    writer.await.unwrap();
}
