//! What the tests of this program need of the simulated servers, and of its rows.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::Value;
use sqlreach::simulate::browser::{Behaviour, Browser, Listing};
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::{Member, Network};

use crate::binary::Home;

/// Any free port on loopback.
pub fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

pub async fn engine(profile: impl Into<Profile>) -> Engine {
    Engine::start(loopback(), profile.into()).await.unwrap()
}

/// A target that names the engine's port.
pub fn target(engine: &Engine) -> String {
    format!("127.0.0.1,{}", engine.address().port())
}

/// A Browser on a free port, and what tells the program of it.
pub async fn browser(listings: Vec<Listing>, behaviour: Behaviour) -> (Browser, String) {
    let browser = Browser::start(loopback(), listings, behaviour)
        .await
        .unwrap();
    let option = format!("--browser-port={}", browser.address().port());
    (browser, option)
}

/// A configuration of the demo network, as an owner of these servers would write it.
pub fn configuration(home: &Home, network: &Network) -> PathBuf {
    let mut text = format!(
        "[probe]\ndns_servers = ['{}']\nbrowser_port = {}\n",
        network.dns(),
        network.browser_port()
    );
    for member in network.members() {
        instance(&mut text, member);
    }
    let path = home.path("demo.toml");
    fs::write(&path, text).unwrap();
    path
}

fn instance(text: &mut String, member: &Member) {
    writeln!(
        text,
        "\n[[instance]]\nserver = '{}'\nname = '{}'",
        member.target, member.name
    )
    .unwrap();
    writeln!(
        text,
        "tags = {:?}\nkind = '{}'",
        member.tags,
        member.kind.as_str()
    )
    .unwrap();
    writeln!(text, "platform = 'windows'\nnote = '{}'", member.note).unwrap();
    if let Some(live) = member.expected_live {
        writeln!(text, "expected_live = {live}").unwrap();
    }
}

/// The rows of `--format json`.
pub fn instances(document: &Value) -> &[Value] {
    document["instances"].as_array().unwrap()
}

/// The states of the rows, in their order.
pub fn states(document: &Value) -> Vec<&str> {
    instances(document)
        .iter()
        .map(|row| row["state"].as_str().unwrap())
        .collect()
}

/// The ids of the causes of a row, the likeliest first.
pub fn causes(row: &Value) -> Vec<&str> {
    let causes = row["diagnosis"]["causes"].as_array().unwrap();
    causes
        .iter()
        .map(|cause| cause["id"].as_str().unwrap())
        .collect()
}
