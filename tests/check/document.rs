//! `--format json` and `jsonl`: scripts rely on every field and every word of them.

use serde_json::{Value, json};
use sqlreach::simulate::Network;
use sqlreach::simulate::engine::Profile;

use crate::binary::Home;
use crate::servers::{configuration, engine, instances, target};
use crate::shape::Field::{Always, Known};
use crate::shape::Shape::{
    self, Bool, ByKind, Code, Exactly, ListOf, Nullable, Number, Object, OneOf, Text, Time,
};

#[rustfmt::skip]
const STATES: Shape = OneOf(&[
    "unresolved", "not-located", "unreachable", "blocked", "timed-out", "refused", "silent", "hung-up",
    "not-sql", "wrong-instance", "tls-failed", "login-failed", "degraded", "answering", "ready", "open",
    "pending", "invalid",
]);

#[rustfmt::skip]
const CAUSES: Shape = OneOf(&[
    "name-not-found", "name-has-no-address", "dns-server-failing", "dns-timeout", "stale-name", "client-alias",
    "browser-stopped", "browser-filtered", "instance-not-listed", "tcp-disabled", "stale-browser-port",
    "browser-answers-late", "browser-reply-malformed",
    "service-not-running", "wrong-port", "port-not-published", "listener-offline", "cluster-group-offline",
    "reject-rule", "backlog-full", "firewall-drops", "host-down", "stale-arp", "no-route", "site-unreachable",
    "local-firewall", "policy-forbids", "local-ports-exhausted", "some-addresses-dead", "more-addresses-live", "path-proxy",
    "engine-hung", "proxy-without-backend", "not-sql-server", "port-taken", "wrong-instance-on-port", "strict-only",
    "target-syntax", "not-tcp",
]);

const CONNECTED: Shape = OneOf(&[
    "skipped",
    "open",
    "refused",
    "timed-out",
    "unreachable",
    "blocked",
    "exhausted",
]);

const ICMP: Shape = Object(&[
    Always("type", Number),
    Always("code", Number),
    Always("from", Text),
]);

#[rustfmt::skip]
const ATTEMPT: Shape = Object(&[
    Always("endpoint", Text), Always("local", Nullable(&Text)), Always("status", CONNECTED),
    Always("elapsed_ms", Number), Known("started_ms", Number), Always("os_error", Nullable(&Number)), Always("icmp", Nullable(&ICMP)), Known("instead_of", Text),
]);

#[rustfmt::skip]
const BROWSER: Shape = Object(&[
    Always("status", OneOf(&["skipped", "ok", "silent", "refused", "malformed", "not-listed", "no-tcp"])),
    Known("elapsed_ms", Number), Known("started_ms", Number), Known("again_ms", ListOf(&Number)), Known("form", OneOf(&["list", "name"])), Known("asked", Text),
    Known("answered_from", Text), Known("tries", Number), Known("port", Number), Known("reply_hex", Text),
    Known("instances", ListOf(&Object(&[
        Always("server", Text), Always("instance", Text), Always("clustered", Bool), Always("version", Text),
        Always("tcp", Nullable(&Number)),
    ]))),
]);

#[rustfmt::skip]
const LAYERS: Shape = Object(&[
    Always("resolve", Object(&[
        Always("status", OneOf(&["skipped", "ok", "literal", "not-found", "no-address", "server-failure", "refused", "timed-out"])),
        Always("elapsed_ms", Number), Known("started_ms", Number), Always("addresses", ListOf(&Text)), Always("canonical", Nullable(&Text)),
    ])),
    Always("browser", BROWSER),
    Always("connect", Object(&[Always("status", CONNECTED), Known("attempts", ListOf(&ATTEMPT))])),
    Always("prelogin", Object(&[
        Always("status", OneOf(&["skipped", "ok", "silent", "closed", "reset", "not-tds", "malformed", "instance-mismatch"])),
        Known("endpoint", Text), Known("elapsed_ms", Number), Known("started_ms", Number), Known("version", Text), Known("instance_matches", Bool),
        Known("mars", Bool), Known("federated_authentication", Bool), Known("first_bytes", Text), Known("service", Text),
    ])),
]);

const LOOK: Shape = Object(&[
    Always("endpoint", Text),
    Always("status", CONNECTED),
    Always("elapsed_ms", Number),
]);

#[rustfmt::skip]
const WITNESS: Shape = ByKind(&[
    ("port", LOOK), ("closed-port", LOOK), ("browser-list", BROWSER), ("browser-name", BROWSER),
    ("path", Object(&[Always("hops", ListOf(&Object(&[
        Always("ttl", Number), Always("from", Nullable(&Text)), Always("elapsed_ms", Number),
        Always("status", OneOf(&["ttl-exceeded", "open", "refused", "unreachable", "silent"])),
    ])))])),
]);

#[rustfmt::skip]
const FIX: Shape = Object(&[
    Always("title", Text),
    Always("where", OneOf(&["server", "client", "network", "domain", "cloud"])),
    Always("risk", OneOf(&["read-only", "changes-state", "restarts-service", "outage", "weakens-security"])),
    Always("expects", ListOf(&OneOf(&[
        "name-resolves", "browser-answers", "instance-listed", "tcp-listed", "port-open", "engine-answers",
        "instance-matches", "encryption-offered", "all-addresses-open",
    ]))),
    Always("commands", ListOf(&Object(&[
        Always("platform", OneOf(&["windows", "linux", "container", "azure", "rds"])),
        Always("shell", OneOf(&["powershell", "cmd", "bash", "sql", "text"])),
        Always("text", Text),
    ]))),
]);

#[rustfmt::skip]
const DIAGNOSIS: Shape = Object(&[
    Always("headline", Text), Always("proves", ListOf(&Text)), Always("rules_out", ListOf(&Text)),
    Always("causes", ListOf(&Object(&[
        Always("id", CAUSES), Always("title", Text), Always("confidence", OneOf(&["high", "medium", "low"])),
        Always("because", ListOf(&Text)), Always("against", ListOf(&Text)), Always("fixes", ListOf(&FIX)),
    ]))),
    Always("next_tests", ListOf(&Text)),
    Always("clients_show", ListOf(&Object(&[
        Always("client", Text), Always("code", Nullable(&Code)), Always("text", Text),
    ]))),
]);

const DOCUMENT: Shape = Object(&[
    Always("schema", Exactly(1)),
    Always("version", Text),
    Always("vantage", Text),
    Always("started", Time),
    Always(
        "own_network",
        OneOf(&["fine", "no-route", "no-dns", "firewall"]),
    ),
    Always("elapsed_ms", Number),
    Always("summary", Object(&[])),
    Always("incidents", ListOf(&INCIDENT)),
    Always("instances", ListOf(&Object(&[]))),
]);

#[rustfmt::skip]
const INCIDENT: Shape = Object(&[
    Always("sentence", Text), Always("members", ListOf(&Text)), Always("shared", Object(&[])),
    Always("began", Object(&[Always("after", Nullable(&Time)), Always("by", Time)])),
    Always("causes", ListOf(&CAUSES)),
]);

#[rustfmt::skip]
const ROW: Shape = Object(&[
    Always("target", Text), Always("name", Text), Always("host", Text), Always("instance", Nullable(&Text)),
    Always("port", Nullable(&Number)), Always("tags", ListOf(&Text)), Always("state", STATES), Always("raw", STATES),
    Always("stale", Bool), Always("at", Time), Always("layers", LAYERS), Always("witnesses", ListOf(&WITNESS)),
    Always("diagnosis", DIAGNOSIS), Known("clients_would", ListOf(&CLIENT_WOULD)),
]);

/// Where a name has several addresses.
#[rustfmt::skip]
const CLIENT_WOULD: Shape = Object(&[
    Always("client", Text), Always("text", Text), Always("budget_ms", Nullable(&Number)),
    Always("outcome", OneOf(&["connects", "sometimes-fails", "fails"])),
    Known("best_ms", Number), Known("worst_ms", Number), Known("orders", Number), Known("of", Number),
]);

/// Where nothing could be probed, nothing was seen at any time.
#[rustfmt::skip]
const UNPROBED_ROW: Shape = Object(&[
    Always("target", Text), Always("name", Text), Always("host", Nullable(&Text)), Always("instance", Nullable(&Text)),
    Always("port", Nullable(&Number)), Always("tags", ListOf(&Text)), Always("state", OneOf(&["invalid"])),
    Always("raw", OneOf(&["invalid"])), Always("stale", Bool), Always("at", Nullable(&Time)),
    Always("layers", Nullable(&LAYERS)), Always("witnesses", ListOf(&WITNESS)), Always("diagnosis", DIAGNOSIS),
]);

fn row_differences(row: &Value) -> Vec<String> {
    let shape = if row["state"] == "invalid" {
        UNPROBED_ROW
    } else {
        ROW
    };
    shape
        .differences(row)
        .into_iter()
        .map(|line| format!("{} {line}", row["name"]))
        .collect()
}

/// The demo network has nearly every state; with a short deadline it is soon known.
#[tokio::test]
async fn the_document_is_as_documented_for_every_kind_of_failure() {
    let (home, network) = (Home::new(), Network::start().await.unwrap());
    let config = configuration(&home, &network);
    let arguments = [
        "check",
        "--format=json",
        "--timeout=700ms",
        "--config",
        config.to_str().unwrap(),
    ];
    let document = home.sqlreach(&arguments).await.document();
    assert_eq!(DOCUMENT.differences(&document), [""; 0]);
    let differences: Vec<_> = instances(&document)
        .iter()
        .flat_map(row_differences)
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn the_summary_counts_the_states() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let targets = ["db1/PROD".to_owned(), target(&healthy), target(&healthy)];
    let [bad, one, other] = targets.each_ref().map(String::as_str);
    let document = home
        .sqlreach(&["check", "--format=json", bad, one, other])
        .await
        .document();
    assert_eq!(document["summary"], json!({ "answering": 2, "invalid": 1 }));
}

#[tokio::test]
async fn an_instance_is_given_as_the_configuration_declares_it() {
    let (home, network) = (Home::new(), Network::start().await.unwrap());
    let config = configuration(&home, &network);
    let config = config.to_str().unwrap();
    let document = home
        .sqlreach(&[
            "check",
            "--format=json",
            "--timeout=300ms",
            "--config",
            config,
        ])
        .await
        .document();
    let declared: Vec<_> = instances(&document)
        .iter()
        .map(|row| (&row["name"], &row["target"], &row["tags"]))
        .collect();
    let written: Vec<_> = network
        .members()
        .iter()
        .map(|member| (json!(member.name), json!(member.target), json!(member.tags)))
        .collect();
    let written: Vec<_> = written
        .iter()
        .map(|(name, target, tags)| (name, target, tags))
        .collect();
    assert_eq!(declared, written);
}

#[tokio::test]
async fn an_answer_is_given_with_its_endpoint_version_and_times() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let document = home
        .sqlreach(&["check", "--format=json", &target(&healthy)])
        .await
        .document();
    let row = &instances(&document)[0];
    assert_eq!(
        (&row["host"], &row["port"]),
        (&json!("127.0.0.1"), &json!(healthy.address().port()))
    );
    assert_eq!(
        (&row["state"], &row["raw"], &row["stale"]),
        (&json!("answering"), &json!("answering"), &json!(false))
    );
    let layers = &row["layers"];
    assert_eq!(
        (
            &layers["resolve"]["status"],
            &layers["resolve"]["addresses"]
        ),
        (&json!("literal"), &json!(["127.0.0.1"]))
    );
    assert_eq!(layers["browser"]["status"], "skipped");
    let attempt = &layers["connect"]["attempts"][0];
    assert_eq!(attempt["endpoint"], json!(healthy.address()));
    assert!(
        attempt["local"].as_str().unwrap().starts_with("127.0.0.1:"),
        "{attempt}"
    );
    assert_eq!(
        (
            &layers["prelogin"]["status"],
            &layers["prelogin"]["version"]
        ),
        (&json!("ok"), &json!("16.0.4105.2"))
    );
}

#[tokio::test]
async fn json_lines_have_one_instance_each_and_nothing_else() {
    let (home, healthy) = (Home::new(), engine(Profile::default()).await);
    let ended = home
        .sqlreach(&[
            "check",
            "--format=jsonl",
            "db1/PROD",
            &target(&healthy),
            "np:\\\\db1\\pipe\\sql\\query",
        ])
        .await;
    let rows: Vec<Value> = ended
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let differences: Vec<_> = rows.iter().flat_map(row_differences).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let mut states: Vec<_> = rows
        .iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect();
    states.sort_unstable();
    assert_eq!(states, ["answering", "invalid", "invalid"]);
    assert_eq!(ended.err, "");
}
