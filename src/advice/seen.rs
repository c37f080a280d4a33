//! What each layer and each extra look saw, fact by fact: for the screen and the reports.

use crate::evidence::{
    Attempt, Browser, Connect, ConnectStatus, Dac, Icmp, Look, Prelogin, Resolve, Senders, Witness,
};
use crate::target::clean;

/// How the name became addresses.
pub fn resolve(resolve: &Resolve) -> Vec<String> {
    let mut facts = vec![format!("{} in {}", word(&resolve.status), resolve.elapsed)];
    if !resolve.addresses.is_empty() {
        let addresses: Vec<String> = resolve.addresses.iter().map(ToString::to_string).collect();
        facts.push(addresses.join("  "));
    }
    if let Some(canonical) = &resolve.canonical {
        facts.push(format!("canonical name {}", canonical.clean(120)));
    }
    if let Some(error) = &resolve.system_error {
        facts.push(format!("the system's resolver says {}", clean(error, 160)));
    }
    for asked in &resolve.asked {
        let addresses: Vec<String> = asked.addresses.iter().map(ToString::to_string).collect();
        facts.push(format!(
            "{} {} at {}: {} {} in {}",
            clean(&asked.record, 8),
            asked.name.clean(120),
            asked.server,
            word(&asked.code),
            addresses.join(" "),
            asked.elapsed
        ));
    }
    facts
}

/// What SQL Server Browser said; empty where it was not asked.
pub fn browser(browser: &Browser) -> Vec<String> {
    let Some(asked) = browser.asked else {
        return Vec::new();
    };
    let mut fact = vec![format!("{} at {asked}", word(&browser.status))];
    fact.extend(browser.elapsed.map(|elapsed| format!("after {elapsed}")));
    fact.extend(
        browser
            .tries
            .map(|tries| format!("datagrams sent: {tries}")),
    );
    let mut facts = vec![fact.join(", ")];
    facts.extend(
        browser
            .answered_from
            .map(|from| format!("the answer came from {from}, which most drivers drop")),
    );
    facts.extend(browser.icmp.map(|icmp| self::icmp(&icmp)));
    facts.extend(
        browser
            .port
            .map(|port| format!("tcp {port} for the wanted instance")),
    );
    facts
}

/// What each address did. Where the system names no device, a refusal or a dead end leaves a
/// question open.
pub fn connect(connect: &Connect, senders: Senders) -> Vec<String> {
    let mut facts: Vec<String> = connect
        .attempts
        .iter()
        .map(|attempt| self::attempt(attempt, senders))
        .collect();
    let answered_badly = matches!(
        connect.status,
        ConnectStatus::Refused | ConnectStatus::Unreachable
    );
    if answered_badly && senders == Senders::Unnamed {
        facts.push("which device answered: not available on this system".to_owned());
    }
    facts
}

/// `10.0.4.12:1433  refused in 0.4 ms  by RST  from 10.0.9.7:50112`.
fn attempt(attempt: &Attempt, senders: Senders) -> String {
    let Attempt {
        endpoint,
        status,
        elapsed,
        ..
    } = attempt;
    let mut facts = vec![
        endpoint.to_string(),
        format!("{} in {elapsed}", word(status)),
    ];
    facts.extend(attempt.os_error.map(|code| format!("os error {code}")));
    match (&attempt.icmp, status) {
        (Some(icmp), _) => facts.push(self::icmp(icmp)),
        (None, ConnectStatus::Refused) if senders == Senders::Named => {
            facts.push("by RST".to_owned());
        }
        (None, _) => {}
    }
    facts.extend(attempt.local.map(|local| format!("sent from {local}")));
    let used_up = attempt.instead_of.as_ref();
    facts.extend(used_up.map(|own| format!("no local port left at {own}")));
    facts.join("  ")
}

fn icmp(icmp: &Icmp) -> String {
    format!("ICMP {}/{} from {}", icmp.kind, icmp.code, icmp.from)
}

/// What answered behind the port; empty where it was not asked.
pub fn prelogin(prelogin: &Prelogin) -> Vec<String> {
    let Some(endpoint) = prelogin.endpoint else {
        return Vec::new();
    };
    let after = prelogin
        .elapsed
        .map_or(String::new(), |elapsed| format!(" after {elapsed}"));
    let mut facts = vec![format!("{endpoint}  {}{after}", word(&prelogin.status))];
    if let Some(version) = prelogin.version {
        facts.push(format!(
            "{} {version}",
            version.product().unwrap_or("version")
        ));
    }
    if let Some(encryption) = prelogin.encryption {
        facts.push(format!("encryption {}", word(&encryption)));
    }
    match prelogin.instance_matches {
        Some(true) => facts.push("the engine owns the instance that was asked for".into()),
        Some(false) => facts.push("the engine is another instance than the one asked for".into()),
        None => {}
    }
    if let Some(error) = &prelogin.error {
        let message = error.message.clean(200);
        facts.push(format!("error {}: {message}", error.number));
    }
    if let Some(service) = prelogin.service {
        facts.push(format!("recognised as {}", word(&service)));
    }
    if let Some(bytes) = &prelogin.first_bytes {
        facts.push(format!("first bytes {}", clean(bytes, 80)));
    }
    facts
}

/// What an extra look saw.
pub fn witness(witness: &Witness, senders: Senders) -> Vec<String> {
    match &witness.look {
        Look::Port(attempt) => vec![self::attempt(attempt, senders)],
        Look::ClosedPort(attempt) => {
            vec![format!("closed port  {}", self::attempt(attempt, senders))]
        }
        Look::BrowserList(browser) => prefixed("Browser, all instances: ", self::browser(browser)),
        Look::BrowserName(browser) => prefixed("Browser, this instance: ", self::browser(browser)),
        Look::Dac(dac) => self::dac(dac, senders),
        Look::Path {
            endpoint,
            available: false,
            ..
        } => vec![format!(
            "walk towards {endpoint}: not available on this system"
        )],
        Look::Path { endpoint, hops, .. } => {
            let mut lines = vec![format!("walk towards {endpoint}")];
            lines.extend(hops.iter().map(|hop| {
                let from = hop.from.map_or("—".into(), |from| from.to_string());
                format!(
                    "{:>3}  {from}  {} in {}",
                    hop.ttl,
                    word(&hop.status),
                    hop.elapsed
                )
            }));
            lines
        }
    }
}

fn dac(dac: &Dac, senders: Senders) -> Vec<String> {
    let asked = dac.browser.as_ref().map(|browser| {
        let named = browser
            .port
            .map_or("no port".into(), |port| format!("tcp {port}"));
        let asked = browser
            .asked
            .map_or(String::new(), |at| format!(" at {at}"));
        format!(
            "Browser, DAC port: {}{asked}, {named}",
            word(&browser.status)
        )
    });
    let tried = dac
        .attempt
        .as_ref()
        .map(|attempt| format!("DAC port  {}", self::attempt(attempt, senders)));
    asked.into_iter().chain(tried).collect()
}

fn prefixed(prefix: &str, facts: Vec<String>) -> Vec<String> {
    facts
        .into_iter()
        .map(|fact| format!("{prefix}{fact}"))
        .collect()
}

/// The word of a status, as JSON spells it.
fn word(status: &impl serde::Serialize) -> String {
    match serde_json::to_value(status) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::connect;
    use crate::evidence::{Attempt, Connect, ConnectStatus, Elapsed, Look, Senders, Witness};

    fn endpoint() -> SocketAddr {
        "10.0.4.12:1433".parse().unwrap()
    }

    fn refused() -> Connect {
        let attempt = Attempt {
            started: None,
            endpoint: endpoint(),
            local: None,
            status: ConnectStatus::Refused,
            elapsed: Elapsed::default(),
            os_error: None,
            icmp: None,
            instead_of: None,
        };
        Connect {
            status: ConnectStatus::Refused,
            attempts: vec![attempt],
            ..Connect::default()
        }
    }

    #[test]
    fn a_walk_that_this_system_cannot_take_is_no_empty_walk() {
        let witness = Witness {
            at: jiff::Timestamp::UNIX_EPOCH,
            look: Look::Path {
                endpoint: endpoint(),
                available: false,
                hops: Vec::new(),
            },
        };
        let lines = super::witness(&witness, Senders::Unnamed);
        assert_eq!(
            lines,
            ["walk towards 10.0.4.12:1433: not available on this system"]
        );
        let json = serde_json::to_value(&witness).unwrap();
        assert_eq!(json["available"], false);
    }

    #[test]
    fn where_no_device_is_named_a_refusal_is_not_called_a_reset() {
        let named = connect(&refused(), Senders::Named).join("|");
        assert!(named.contains("by RST") && !named.contains("not available"));
        let unnamed = connect(&refused(), Senders::Unnamed).join("|");
        assert!(!unnamed.contains("by RST"), "{unnamed}");
        assert!(unnamed.ends_with("which device answered: not available on this system"));
    }

    #[test]
    fn the_way_in_is_shown_with_who_named_it_and_what_it_did() {
        let seen = r#"{"at":"2026-11-22T08:00:00Z","kind":"dac","browser":{"status":"ok","asked":"10.0.4.12:1434","port":50124},
            "attempt":{"endpoint":"10.0.4.12:50124","local":null,"status":"refused","elapsed_ms":0.4,"os_error":null,"icmp":null}}"#;
        let lines = super::witness(&serde_json::from_str(seen).unwrap(), Senders::Named);
        assert_eq!(
            lines,
            [
                "Browser, DAC port: ok at 10.0.4.12:1434, tcp 50124",
                "DAC port  10.0.4.12:50124  refused in 0.40 ms  by RST",
            ]
        );
    }
}
