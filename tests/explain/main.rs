//! `explain` from outside: the real program on what people paste.

#![allow(clippy::unwrap_used)]

#[path = "../binary/mod.rs"]
mod binary;

use binary::{Ended, Home, run};
use rstest::rstest;
use serde_json::{Value, json};

const REFUSED: &str = "A network-related or instance-specific error occurred while establishing a connection to \
                       SQL Server. (provider: TCP Provider, error: 0 - No connection could be made because the \
                       target machine actively refused it.) (Microsoft SQL Server, Error: 10061)";
const NAMED: &str = "Failed to connect to db1:1444 - connect ECONNREFUSED 10.0.4.12:1444";
const PASSWORD: &str = "hunter2-Geheim";

async fn explained(text: &str) -> Ended {
    Home::new().sqlreach(&["explain", text]).await
}

async fn document(text: &str) -> Value {
    let ended = Home::new()
        .sqlreach(&["explain", "--format", "json", text])
        .await;
    ended.document()
}

async fn piped(arguments: &[&str], input: &str) -> Ended {
    let home = Home::new();
    run(home.command(arguments), input.to_owned()).await
}

#[tokio::test]
async fn a_message_is_read_for_people() {
    let ended = explained(REFUSED).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let first = ended.out.lines().next().unwrap();
    assert_eq!(first, "refused at the TCP connection");
    for part in [
        "Numbers     10061",
        "Proves ",
        "May be ",
        "Elsewhere ",
        "read-only",
    ] {
        assert!(ended.out.contains(part), "{part}: {}", ended.out);
    }
    assert!(!ended.out.contains('\x1b') && ended.err.is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn the_server_it_names_comes_with_the_command_that_probes_it() {
    let ended = explained(NAMED).await;
    assert!(
        ended.out.contains("Names       db1,1444\n"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("Probe it    sqlreach check db1,1444\n"),
        "{}",
        ended.out
    );
    let text = r"Cannot connect to sales01\PROD. (provider: SQL Network Interfaces, error: 26 - Error Locating Server/Instance Specified)";
    let ended = explained(text).await;
    assert!(
        ended.out.contains(r"sqlreach check 'sales01\PROD'"),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn the_document_has_every_field() {
    let document = document(NAMED).await;
    for (field, expected) in [
        ("schema", json!(1)),
        ("is_connection_error", json!(true)),
        ("layer", json!("connect")),
        ("state", json!("refused")),
        (
            "target",
            json!({ "host": "db1", "instance": null, "port": 1444 }),
        ),
    ] {
        assert_eq!(document[field], expected, "{field}: {document:#}");
    }
    assert!(document["means"].is_string());
    for list in ["codes", "proves", "proves_not", "causes", "clients_show"] {
        assert!(document[list].is_array(), "{list}: {document:#}");
    }
    let cause = &document["causes"][0];
    assert!(cause["id"].is_string() && cause["fixes"][0]["commands"].is_array());
    let shown = document["clients_show"].as_array().unwrap();
    let of = |client: &str| {
        let one = shown.iter().find(|shown| shown["client"] == client);
        one.unwrap_or_else(|| panic!("{client}: {shown:?}"))["code"].clone()
    };
    assert_eq!(of("SqlClient, SSMS"), 10061);
    assert_eq!(of("ODBC on Linux"), 10057);
}

#[rstest]
#[case::dash(&["explain", "-"])]
#[case::pipe(&["explain"])]
#[tokio::test]
async fn standard_input_is_read(#[case] arguments: &[&str]) {
    let ended = piped(arguments, REFUSED).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.out.starts_with("refused at"), "{}", ended.out);
}

#[tokio::test]
async fn words_without_quotes_are_one_text() {
    let words: Vec<&str> = [vec!["explain"], NAMED.split(' ').collect()].concat();
    // The lonely dash of the message is a word of it.
    let ended = Home::new().sqlreach(&words).await;
    assert_eq!(ended.out, explained(NAMED).await.out);
}

#[tokio::test]
async fn a_number_may_begin_with_a_minus() {
    let ended = explained("-2146893019").await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.out.contains("certificate-untrusted"), "{}", ended.out);
}

#[rstest]
#[case("the quick brown fox jumps over the lazy dog")]
#[case("Invalid object name 'dbo.Orders'. (Microsoft SQL Server, Error: 208)")]
#[tokio::test]
async fn what_is_no_connection_error_is_told_apart(#[case] text: &str) {
    let ended = explained(text).await;
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(
        ended.out.starts_with("Not an error of connecting"),
        "{}",
        ended.out
    );
    assert_eq!(document(text).await["is_connection_error"], false);
}

#[rstest]
#[case(&["explain"], "")]
#[case(&["explain", "-"], " \n\t")]
#[case(&["explain", "  "], "")]
#[tokio::test]
async fn nothing_to_explain_is_one_line_of_usage(#[case] arguments: &[&str], #[case] input: &str) {
    let ended = piped(arguments, input).await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.out.is_empty());
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    assert!(ended.err.contains("sqlreach explain"), "{}", ended.err);
}

/// Endless input, bytes that are no text, and text that steers a terminal.
#[rstest]
#[case::endless("connect ECONNREFUSED 10.0.4.12:1433\n".repeat(100_000))]
#[case::steering(format!("{NAMED} \u{1b}[2J\u{9b}31m\u{202e}evil\u{7} Server=\u{1b}]0;x\u{7}db1"))]
#[tokio::test]
async fn hostile_text_is_read_and_not_repeated(#[case] text: String) {
    for format in ["text", "json"] {
        let ended = piped(&["explain", "--format", format, "-"], &text).await;
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert!(ended.out.len() < 200_000, "{}", ended.out.len());
        let steers = |c: char| c.is_control() && c != '\n' || c == '\u{202e}';
        assert!(!ended.out.chars().any(steers), "{:?}", ended.out);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn an_argument_that_is_no_text_is_read() {
    use std::os::unix::ffi::OsStrExt as _;

    let home = Home::new();
    let mut command = home.command(&["explain"]);
    command.arg(std::ffi::OsStr::from_bytes(
        b"\xff\xfe connect ECONNREFUSED 10.0.4.12:1433 \x9b",
    ));
    let ended = run(command, String::new()).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
}

#[rstest]
#[case(format!("Server=tcp:db1,1444;User Id=sa;Password={PASSWORD};Encrypt=true"))]
#[case(format!("{NAMED}\nServer=db1;UID=sa;PWD={{{PASSWORD}}}"))]
#[case(format!("mssql+pyodbc://sa:{PASSWORD}@db1:1433/master connect ECONNREFUSED"))]
#[case(format!("sqlcmd -S db1 -U sa -P {PASSWORD}\nSqlcmd: Error: TCP Provider: Error code 0x2749."))]
#[case(format!("Server=db1/PROD;Password={PASSWORD}"))]
#[case(format!("Login failed for user 'sa'. Password={PASSWORD}"))]
#[tokio::test]
async fn a_password_that_is_pasted_never_comes_out(#[case] text: String) {
    for format in ["text", "json"] {
        let home = Home::new();
        let log = home.path("sqlreach.log");
        let log_file = ["--log-file", log.to_str().unwrap()];
        let argument = [&["explain", "--format", format, &text][..], &log_file].concat();
        let ended = home.sqlreach(&argument).await;
        assert!(!ended.out.is_empty(), "{ended:?}");
        let input = [&["explain", "--format", format, "-"][..], &log_file].concat();
        let piped = run(home.command(&input), text.clone()).await;
        let logged = std::fs::read_to_string(&log).unwrap();
        for told in [ended.out, ended.err, piped.out, piped.err, logged] {
            assert!(!told.contains(PASSWORD), "{told}");
        }
    }
}
