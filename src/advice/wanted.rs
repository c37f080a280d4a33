//! The tests that a diagnosis asks for, in the words of `assets/messages/wanted.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::evidence::Test;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Words {
    closed_port: String,
    port: String,
    browser_list: String,
    browser_name: String,
    path: String,
    dac: String,
}

/// What would be looked at, and what it would tell.
pub(super) fn sentence(test: &Test) -> String {
    let words = words();
    match test {
        Test::ClosedPort { address } => fill(&words.closed_port, "{address}", address),
        Test::Port { address, port } => {
            fill(&fill(&words.port, "{address}", address), "{port}", port)
        }
        Test::BrowserList { address } => fill(&words.browser_list, "{address}", address),
        Test::BrowserName { address } => fill(&words.browser_name, "{address}", address),
        Test::Dac { address } => fill(&words.dac, "{address}", address),
        Test::Path { endpoint } => fill(&words.path, "{endpoint}", endpoint),
    }
}

/// The sentence with one slot filled.
pub(super) fn fill(sentence: &str, slot: &str, value: impl std::fmt::Display) -> String {
    sentence.replace(slot, &value.to_string())
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        toml::from_str(include_str!("../../assets/messages/wanted.toml"))
            .expect("a test renders every sentence of the file that is compiled in")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Port;

    #[test]
    fn every_test_is_said_with_its_values_and_no_slot_left() {
        let address = "10.0.4.12".parse().unwrap();
        let endpoint = "10.0.4.12:1433".parse().unwrap();
        let port = Port::literal(445);
        for test in [
            Test::ClosedPort { address },
            Test::Port { address, port },
            Test::BrowserList { address },
            Test::BrowserName { address },
            Test::Path { endpoint },
            Test::Dac { address },
        ] {
            let sentence = sentence(&test);
            assert!(sentence.contains("10.0.4.12"), "{sentence}");
            assert!(!sentence.contains(['{', '}']), "{sentence}");
        }
        assert!(sentence(&Test::Port { address, port }).starts_with("Port 445"));
    }
}
