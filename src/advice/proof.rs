//! Proving a fix in the words of `assets/messages/proofs.toml`, for the screen and for reports.

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::said::length;
use super::wanted::fill;
use crate::diagnosis::{Expectation, State};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Words {
    verifying: String,
    fixed: String,
    not_fixed: String,
    stopped: String,
    took: Took,
    expectation: Expectations,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Took {
    within: String,
    between: String,
    once: String,
    from_the_start: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Expectations {
    name_resolves: Said,
    browser_answers: Said,
    instance_listed: Said,
    tcp_listed: Said,
    port_open: Said,
    engine_answers: Said,
    instance_matches: Said,
    encryption_offered: Said,
    all_addresses_open: Said,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    holds: String,
    unmet: String,
}

/// What is expected: `the port opens`.
pub fn expectation(what: Expectation) -> &'static str {
    &said(what).holds
}

/// What is wrong where it does not hold: `the port does not open`.
pub fn unmet(what: Expectation) -> &'static str {
    &said(what).unmet
}

/// How far the watching is: `verifying 0:41 of 5:00 · 12 probes · now refused`.
pub fn verifying(
    elapsed: SignedDuration,
    limit: SignedDuration,
    probes: u32,
    now: State,
) -> String {
    let probes = match probes {
        0 => "no probe yet".to_owned(),
        1 => "1 probe".to_owned(),
        probes => format!("{probes} probes"),
    };
    let sentence = fill(&words().verifying, "{elapsed}", clock(elapsed));
    let sentence = fill(&sentence, "{limit}", clock(limit));
    fill(&fill(&sentence, "{probes}", probes), "{state}", now)
}

/// It ended well: `fixed after 38 to 42 s`. At least `after`, at most `by`.
pub fn fixed(after: SignedDuration, by: SignedDuration) -> String {
    fill(&words().fixed, "{took}", took(after, by))
}

/// Its time was over, and this did not hold: `not fixed in 5:00: the port does not open`.
pub fn not_fixed(elapsed: SignedDuration, first: Expectation) -> String {
    let sentence = fill(&words().not_fixed, "{elapsed}", clock(elapsed));
    fill(&sentence, "{unmet}", unmet(first))
}

/// It ended without telling: `stopped after 0:41`.
pub fn stopped(elapsed: SignedDuration) -> String {
    fill(&words().stopped, "{elapsed}", clock(elapsed))
}

/// When an expectation came true: after `after` and at the latest at `by`, of what began at
/// `began`. `after 38 to 42 s`, or `from the start` where no probe saw it otherwise.
pub fn came_true(began: Timestamp, after: Option<Timestamp>, by: Timestamp) -> String {
    match after {
        Some(after) => took(after.duration_since(began), by.duration_since(began)),
        None => words().took.from_the_start.clone(),
    }
}

/// `within 4 s`, `after 38 to 42 s`, `after 2m05s to 2m09s`: rounded so that it never claims
/// more than the two probes saw.
pub fn took(after: SignedDuration, by: SignedDuration) -> String {
    let words = &words().took;
    let after = after.as_secs().max(0);
    let by = (by.as_secs() + i64::from(by.subsec_nanos() > 0)).max(after.max(1));
    // The unit once, where both have the same.
    let after_said = if by < 60 {
        after.to_string()
    } else {
        length(after)
    };
    let by_said = if by < 60 {
        format!("{by} s")
    } else {
        length(by)
    };
    let template = match after {
        0 => &words.within,
        after if after == by => &words.once,
        _ => &words.between,
    };
    fill(&fill(template, "{after}", after_said), "{by}", by_said)
}

/// `0:41`, `5:00`.
fn clock(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn said(what: Expectation) -> &'static Said {
    let said = &words().expectation;
    match what {
        Expectation::NameResolves => &said.name_resolves,
        Expectation::BrowserAnswers => &said.browser_answers,
        Expectation::InstanceListed => &said.instance_listed,
        Expectation::TcpListed => &said.tcp_listed,
        Expectation::PortOpen => &said.port_open,
        Expectation::EngineAnswers => &said.engine_answers,
        Expectation::InstanceMatches => &said.instance_matches,
        Expectation::EncryptionOffered => &said.encryption_offered,
        Expectation::AllAddressesOpen => &said.all_addresses_open,
    }
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        toml::from_str(include_str!("../../assets/messages/proofs.toml"))
            .expect("a test renders every sentence of the file that is compiled in")
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn millis(millis: i64) -> SignedDuration {
        SignedDuration::from_millis(millis)
    }

    #[rstest]
    #[case::at_once(0, 400, "within 1 s")]
    #[case::nothing_at_all(0, 0, "within 1 s")]
    #[case::the_clock_went_back(-3_000, -1_000, "within 1 s")]
    #[case::the_first_probe_saw_it(200, 3_100, "within 4 s")]
    #[case::between_two_probes(38_200, 41_600, "after 38 to 42 s")]
    #[case::one_figure(38_000, 38_000, "after 38 s")]
    #[case::over_the_minute(58_000, 62_000, "after 58s to 1m02s")]
    #[case::minutes(125_900, 128_100, "after 2m05s to 2m09s")]
    #[case::one_figure_of_minutes(125_000, 125_000, "after 2m05s")]
    fn how_long_it_took_claims_no_more_than_was_seen(
        #[case] after: i64,
        #[case] by: i64,
        #[case] said: &str,
    ) {
        assert_eq!(took(millis(after), millis(by)), said);
    }

    #[test]
    fn an_expectation_came_true_since_somebody_asked() {
        let began: Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let by = began + SignedDuration::from_secs(42);
        let after = began + SignedDuration::from_secs(38);
        assert_eq!(came_true(began, Some(after), by), "after 38 to 42 s");
        assert_eq!(came_true(began, None, by), "from the start");
    }

    #[test]
    fn it_is_told_how_far_it_is_and_how_it_ends() {
        let limit = SignedDuration::from_mins(5);
        assert_eq!(
            verifying(millis(41_900), limit, 12, State::Refused),
            "verifying 0:41 of 5:00 · 12 probes · now refused"
        );
        assert_eq!(
            verifying(millis(0), limit, 1, State::TimedOut),
            "verifying 0:00 of 5:00 · 1 probe · now timed-out"
        );
        assert_eq!(
            fixed(millis(38_000), millis(42_000)),
            "fixed after 38 to 42 s"
        );
        assert_eq!(
            not_fixed(limit, Expectation::PortOpen),
            "not fixed in 5:00: the port does not open"
        );
        assert_eq!(stopped(millis(41_000)), "stopped after 0:41");
    }

    #[test]
    fn every_expectation_is_said_as_a_part_of_a_sentence() {
        for what in [
            Expectation::NameResolves,
            Expectation::BrowserAnswers,
            Expectation::InstanceListed,
            Expectation::TcpListed,
            Expectation::PortOpen,
            Expectation::EngineAnswers,
            Expectation::InstanceMatches,
            Expectation::EncryptionOffered,
            Expectation::AllAddressesOpen,
        ] {
            assert_ne!(expectation(what), unmet(what));
            for said in [expectation(what), unmet(what)] {
                assert!(!said.is_empty() && !said.ends_with('.'), "{said}");
            }
        }
    }
}
