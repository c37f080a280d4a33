//! A name with several addresses: `clients_would` in JSON, and its line in the text.

use serde_json::Value;
use sqlreach::simulate::Network;
use sqlreach::simulate::layout::Layout;

use crate::binary::{Ended, Home};
use crate::servers::{configuration, instances};

async fn check(home: &Home, network: &Network, format: &str) -> Ended {
    let config = configuration(home, network);
    let config = config.to_str().unwrap();
    home.sqlreach(&["check", format, "--config", config]).await
}

fn row<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut rows = instances(document).iter();
    rows.find(|row| row["name"] == name).unwrap()
}

/// What the client of this name would experience.
fn client<'a>(row: &'a Value, name: &str) -> &'a Value {
    let mut clients = row["clients_would"].as_array().unwrap().iter();
    clients.find(|client| client["client"] == name).unwrap()
}

/// A port on which nothing listens is dead too, but does not keep a client waiting: only
/// Linux has a way to drop what arrives on loopback.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_listener_with_a_silent_address_tells_what_each_client_would_experience() {
    let (home, network) = (Home::new(), Network::start().await.unwrap());
    if !matches!(network.layout(), Layout::Addresses { .. }) {
        return;
    }
    let document = check(&home, &network, "--format=json").await.document();
    let billing = row(&document, "Billing");
    assert_eq!(billing["state"], "answering");
    let parallel = client(billing, "MultiSubnetFailover=True");
    assert_eq!(parallel["outcome"], "connects");
    assert_eq!(parallel["budget_ms"], 15_000.0);
    let serial = client(billing, "SqlClient on .NET");
    assert_eq!(serial["outcome"], "sometimes-fails");
    assert_eq!((&serial["orders"], &serial["of"]), (&1.into(), &2.into()));
    assert!(serial["worst_ms"].as_f64().unwrap() > 21_000.0, "{serial}");
    let head_start = client(billing, "JDBC");
    assert_eq!(head_start["budget_ms"], 30_000.0);
    assert!(
        head_start["worst_ms"].as_f64().unwrap() >= 500.0,
        "{head_start}"
    );

    let sales = row(&document, "Sales");
    assert_eq!(sales.get("clients_would"), None, "one address");

    let text = check(&home, &network, "--format=text").await.out;
    let mut lines = text.lines().skip_while(|line| !line.contains(" Billing "));
    let line = lines.nth(1).unwrap();
    assert!(line.contains("clients would connect in: "), "{line}");
    assert!(line.contains("but 1 of 2 orders fail"), "{line}");
}
