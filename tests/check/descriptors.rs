//! Few file descriptors: the program takes what it may have, waits for its own sockets, and
//! says what is missing where that is not enough. It never blames a server for it.

use std::fmt::Write as _;
use std::process::Command;

use sqlreach::simulate::engine::{Engine, Profile};

use crate::binary::{Ended, Home, run};
use crate::servers::{loopback, states};

const MANY: usize = 300;

/// So many addresses of this machine, all with the same engine.
async fn many() -> (Engine, String) {
    let everywhere = std::net::SocketAddr::new(std::net::Ipv4Addr::UNSPECIFIED.into(), 0);
    let engine = Engine::start(everywhere, Profile::default()).await.unwrap();
    let port = engine.address().port();
    let list = (0..MANY).fold(String::new(), |mut list, n| {
        writeln!(list, "127.0.{}.{},{port}", 1 + n / 200, 1 + n % 200).unwrap();
        list
    });
    (engine, list)
}

/// The program behind `ulimit` with these options.
async fn limited(options: &str, arguments: &[&str], input: String) -> Ended {
    let home = Home::new();
    let program = home.command(arguments);
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("ulimit {options} && exec \"$@\""), "sh"])
        .arg(program.get_program())
        .args(program.get_args());
    for (variable, value) in program.get_envs() {
        match value {
            Some(value) => command.env(variable, value),
            None => command.env_remove(variable),
        };
    }
    run(command, input).await
}

/// `-S -n 16` may be raised, `-n 40` may not.
#[tokio::test]
async fn hundreds_of_targets_answer_with_few_descriptors() {
    for options in ["-S -n 16", "-n 40", "-n 32"] {
        let (_engine, list) = many().await;
        let ended = limited(options, &["check", "--format", "json", "-"], list).await;
        assert_eq!(ended.status, Some(0), "{options}: {}", ended.err);
        let document = ended.document();
        assert_eq!(states(&document), ["answering"; MANY], "{options}");
    }
}

#[tokio::test]
async fn closed_ports_are_refused_with_few_descriptors_as_with_many() {
    let closed = std::net::TcpListener::bind(loopback()).unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let list = (1..=100).fold(String::new(), |mut list, n| {
        writeln!(list, "127.0.3.{n},{port}").unwrap();
        list
    });
    let ended = limited("-n 40", &["check", "--format", "json", "-"], list).await;
    assert_eq!(states(&ended.document()), ["refused"; 100]);
}

#[tokio::test]
async fn what_is_missing_is_said_in_one_line() {
    for arguments in [
        &["check", "127.0.0.1"][..],
        &["--plain", "127.0.0.1"],
        &["demo"],
    ] {
        let ended = limited("-n 31", arguments, String::new()).await;
        assert_eq!(
            (ended.status, ended.out.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
        assert!(
            ended.err.contains("31 files open and needs 32"),
            "{}",
            ended.err
        );
        assert!(ended.err.contains("ulimit -n 1024"), "{}", ended.err);
    }
}

/// What sends nothing needs no sockets.
#[tokio::test]
async fn an_error_is_explained_with_hardly_any_descriptors() {
    let ended = limited("-n 12", &["explain", "error 10061"], String::new()).await;
    assert_eq!(ended.status, Some(0), "{}", ended.err);
}
