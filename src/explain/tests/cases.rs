//! Texts that no client of the corpus wrote.

use rstest::rstest;
use serde::Deserialize;

use crate::diagnosis::{CauseId, State};
use crate::explain::{Layer, explain};

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    says: String,
    texts: Vec<String>,
}

/// `connect refused`, with `-` for nothing.
pub(super) fn words(says: &str) -> (Option<Layer>, Option<State>) {
    let (layer, state) = says.split_once(' ').unwrap();
    let value = |word: &str| toml::Value::String(word.to_owned());
    let layer = (layer != "-").then(|| value(layer).try_into().unwrap());
    let state = (state != "-").then(|| value(state).try_into().unwrap());
    (layer, state)
}

#[test]
fn texts_of_sources_documentation_and_other_clients_are_read_right() {
    let cases: Cases =
        toml::from_str(include_str!("../../../tests/data/explain-cases.toml")).unwrap();
    let mut wrong = Vec::new();
    for Case { says, texts } in cases.case {
        for text in texts {
            let read = explain(&text);
            if (read.layer, read.state) != words(&says) {
                wrong.push(format!(
                    "{says}, got {:?} {:?}: {text}",
                    read.layer, read.state
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[rstest]
#[case("10061", CauseId::ServiceNotRunning)]
#[case(
    "provider: SQL Network Interfaces, error: 26 - Error Locating Server",
    CauseId::BrowserStopped
)]
#[case("Server doesn't support requested protocol", CauseId::TcpDisabled)]
#[case("certificate has expired", CauseId::CertificateExpired)]
#[case("self-signed certificate", CauseId::CertificateSelfGenerated)]
#[case("PKIX path building failed", CauseId::CertificateUntrusted)]
#[case(
    "The target principal name is incorrect.  Cannot generate SSPI context.",
    CauseId::KerberosProblem
)]
#[case(
    "(provider: SSL Provider, error: 0 - The target principal name is incorrect.)",
    CauseId::CertificateNameMismatch
)]
#[case("Error: 18456", CauseId::LoginRejected)]
#[case("Error: 4060", CauseId::DatabaseUnavailable)]
#[case("Error: 18401", CauseId::ServerStarting)]
#[case("max pool size was reached", CauseId::ClientPoolExhausted)]
#[case("A transport-level error has occurred", CauseId::SessionDropped)]
#[case("server requires encryption", CauseId::EncryptionRequired)]
#[case("server does not support encryption", CauseId::EncryptionNotSupported)]
#[case("tlsv1 alert protocol version", CauseId::NoCommonTls)]
#[case("Can't open lib 'ODBC Driver 18 for SQL Server'", CauseId::ClientSide)]
#[case("Instance failure.", CauseId::WrongInstanceOnPort)]
#[case("cannot assign requested address", CauseId::LocalPortsExhausted)]
fn the_first_cause_is_the_one_that_the_text_points_at(#[case] text: &str, #[case] first: CauseId) {
    assert_eq!(
        explain(text).causes.first(),
        Some(&first),
        "{:?}",
        explain(text)
    );
}

#[rstest]
#[case(
    "error: 40 - Could not open a connection to SQL Server) Named Pipes Provider (Error: 53)",
    "TCP"
)]
#[case("Login timeout expired", "timed out")]
#[case(
    "error: 26 - Error Locating Server/Instance Specified",
    "engine is down"
)]
#[case("TCP Provider: Error code 0x2749", "Which way")]
#[case("Error: 18456", "Why")]
#[case("connection refused", "stopped")]
fn what_is_often_read_into_a_text_is_denied(#[case] text: &str, #[case] denied: &str) {
    let read = explain(text);
    let said = read
        .proves_not
        .iter()
        .any(|sentence| sentence.contains(denied));
    assert!(said, "{read:?}");
}

#[rstest]
#[case("")]
#[case("Hello, could you look at the server please?")]
#[case("SELECT name FROM sys.databases")]
#[case("(1 row affected)")]
#[case("Msg 102, Level 15, State 1, Line 1\nIncorrect syntax near 'FORM'.")]
#[case("ORA-12541: TNS:no listener")]
#[case("Can't connect to MySQL server on 'db1' (111)")]
#[case("Server=db1,1433;Database=x;Connect Timeout=15;Encrypt=yes")]
fn what_is_no_connection_error_is_told_apart(#[case] text: &str) {
    let read = explain(text);
    assert!(!read.is_connection_error, "{read:?}");
    assert!(read.layer.is_none() && read.state.is_none() && !read.means.is_empty());
    assert!(read.causes.is_empty());
}

#[test]
fn a_statement_that_failed_proves_that_the_connection_works() {
    let read = explain("Msg 208, Level 16, State 1: Invalid object name 'dbo.orders'.");
    assert!(
        !read.is_connection_error && read.proves[0].contains("reached"),
        "{read:?}"
    );
}

#[test]
fn everything_that_is_read_is_put_into_words() {
    for text in [
        "refused: ECONNREFUSED",
        "-2",
        "Error: 53",
        "10054",
        "driver: bad connection",
        "18456",
    ] {
        let read = explain(text);
        assert!(
            read.is_connection_error && !read.means.is_empty(),
            "{text}: {read:?}"
        );
    }
}

#[test]
fn hosts_called_like_a_fault_accuse_nobody() {
    let text =
        "Failed to connect to refused.lab.test:1433 - getaddrinfo ENOTFOUND refused.lab.test";
    assert_eq!(explain(text).layer, Some(Layer::Resolve));
    let text = "TDS server connection failed (selfsigned.lab.test)\nerror 20002";
    assert_eq!(explain(text).layer, Some(Layer::Prelogin));
}

#[test]
fn the_json_form_carries_what_scripts_rely_on() {
    let read = explain(
        "TCP Provider: Error code 0x2749\nA network-related or instance-specific error has occurred \
         while establishing a connection to db1,1500. Pwd=geheim",
    );
    let json = serde_json::to_value(&read).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["layer"], "connect");
    assert_eq!(json["state"], serde_json::Value::Null);
    assert_eq!(json["codes"], serde_json::json!([10057]));
    assert_eq!(
        json["target"],
        serde_json::json!({"host": "db1", "instance": null, "port": 1500})
    );
    assert_eq!(json["causes"][0]["id"], "service-not-running");
    assert!(json["causes"][0]["fixes"][0]["commands"][0]["text"].is_string());
    assert!(!json.to_string().contains("geheim"));
}

#[test]
fn browsers_port_is_no_cause_where_nobody_asked_for_it() {
    use crate::diagnosis::CauseId;
    let has = |text: &str| {
        let read = crate::explain::explain(text);
        read.causes.contains(&CauseId::StaleBrowserPort)
    };
    assert!(!has(
        "Failed to connect to db1:1433 - connect ECONNREFUSED 10.0.4.12:1433"
    ));
    assert!(has(
        "Failed to connect to db1:50123 - connect ECONNREFUSED 10.0.4.12:50123"
    ));
}
