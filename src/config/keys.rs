//! The nearest known word to a mistyped one.

/// Words longer than this are no typing mistakes, and the distance costs the product of the lengths.
const LONGEST: usize = 64;

/// The word that was most likely meant, if one is near enough to say so.
pub fn nearest<'w>(given: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if given.len() > LONGEST {
        return None;
    }
    let given = plain(given);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&given, &plain(word)), word))
        .filter(|(distance, word)| *distance <= word.len() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Whether a key that nobody knows could be meant to hold a secret, also mistyped.
pub(super) fn is_like_a_secret(key: &str) -> bool {
    const SECRETS: [&str; 7] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "accesskey",
    ];
    let key = plain(key).replace('_', "");
    SECRETS.iter().any(|word| key.contains(word))
        || ["pw", "pwd", "pass"].contains(&key.as_str())
        || nearest(&key, SECRETS).is_some()
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const KNOWN: [&str; 5] = [
        "interval",
        "rate",
        "browser_port",
        "witness_ports",
        "witnesses",
    ];

    #[rstest]
    #[case("intervall", Some("interval"))]
    #[case("Interval", Some("interval"))]
    #[case("inetrval", Some("interval"))]
    #[case("witness-ports", Some("witness_ports"))]
    #[case("witness_port", Some("witness_ports"))]
    #[case("rat", Some("rate"))]
    #[case("colour", None)]
    #[case("", None)]
    fn near_words(#[case] given: &str, #[case] meant: Option<&str>) {
        assert_eq!(nearest(given, KNOWN), meant);
    }

    #[test]
    fn a_huge_key_is_near_to_nothing() {
        assert_eq!(nearest(&"interval".repeat(100_000), KNOWN), None);
    }

    #[rstest]
    #[case("pasword")]
    #[case("sa_password")]
    #[case("PWD")]
    #[case("access-key")]
    #[case("tokne")]
    fn secrets_by_name(#[case] key: &str) {
        assert!(is_like_a_secret(key));
    }

    #[test]
    fn ordinary_keys_are_no_secrets() {
        for key in ["server", "nmae", "tag", "intervall", "platfrom"] {
            assert!(!is_like_a_secret(key), "{key}");
        }
    }
}
