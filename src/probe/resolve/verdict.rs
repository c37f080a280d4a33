//! What became of a name, from the response code of every question.
//!
//! The system's own error does not tell: with a search list the NXDOMAIN of the last
//! candidate hides the SERVFAIL, the refusal or the silence before it.

use crate::evidence::{Asked, ResolveStatus, ResponseCode};
use crate::target::Untrusted;

/// The outcome of a name for which no address was found, or of one whose records are `asked`.
pub fn status(asked: &[Asked]) -> ResolveStatus {
    let mut names: Vec<&Untrusted> = Vec::new();
    for question in asked {
        if !names.contains(&&question.name) {
            names.push(&question.name);
        }
    }
    let outcomes: Vec<Outcome> = names.into_iter().map(|name| of_name(asked, name)).collect();
    // A name that could not be looked up may be the one that was meant.
    let failure = outcomes
        .iter()
        .copied()
        .filter(|outcome| *outcome > Outcome::NoSuchName)
        .min();
    match outcomes.iter().copied().min() {
        None => ResolveStatus::TimedOut,
        Some(Outcome::Found) => ResolveStatus::Ok,
        Some(_) if failure.is_some() => match failure {
            Some(Outcome::Refused) => ResolveStatus::Refused,
            Some(Outcome::TimedOut) => ResolveStatus::TimedOut,
            _ => ResolveStatus::ServerFailure,
        },
        Some(Outcome::NoAddress) => ResolveStatus::NoAddress,
        Some(_) => ResolveStatus::NotFound,
    }
}

/// Best first: what a server knows comes before what it cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Found,
    NoAddress,
    NoSuchName,
    Failed,
    Refused,
    TimedOut,
}

/// The best that any server says of one name.
fn of_name(asked: &[Asked], name: &Untrusted) -> Outcome {
    let about = || asked.iter().filter(|question| question.name == *name);
    about()
        .map(|question| of_server(about().filter(|other| other.server == question.server)))
        .min()
        .unwrap_or(Outcome::TimedOut)
}

/// What one server says of one name: A and AAAA together.
fn of_server<'a>(asked: impl Iterator<Item = &'a Asked>) -> Outcome {
    let outcomes: Vec<Outcome> = asked
        .map(|question| match question.code {
            ResponseCode::Ok => Outcome::Found,
            ResponseCode::NxDomain => Outcome::NoSuchName,
            ResponseCode::Empty => Outcome::NoAddress,
            ResponseCode::ServFail | ResponseCode::Cut | ResponseCode::Other => Outcome::Failed,
            ResponseCode::Refused => Outcome::Refused,
            ResponseCode::TimedOut => Outcome::TimedOut,
        })
        .collect();
    // NXDOMAIN speaks for all record types; "no A" says nothing about AAAA.
    let telling = [
        Outcome::Found,
        Outcome::NoSuchName,
        Outcome::Failed,
        Outcome::Refused,
        Outcome::TimedOut,
    ];
    telling
        .into_iter()
        .find(|outcome| outcomes.contains(outcome))
        .unwrap_or(Outcome::NoAddress)
}

/// What the system's error suggests where no DNS server is known to be asked.
pub fn from_system(error: &str) -> ResolveStatus {
    let says = |words: &[&str]| words.iter().any(|word| error.starts_with(word));
    if says(&["EAI_NONAME", "11001"]) {
        ResolveStatus::NotFound
    } else if says(&["EAI_NODATA", "11004"]) {
        ResolveStatus::NoAddress
    } else if says(&["timed out"]) {
        ResolveStatus::TimedOut
    } else {
        ResolveStatus::ServerFailure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    use ResponseCode::{Empty, NxDomain, Ok, Other, Refused, ServFail, TimedOut};

    fn asked(name: &str, server: u8, record: &str, code: ResponseCode) -> Asked {
        serde_json::from_value(json!({
            "name": name, "record": record, "server": format!("10.0.0.{server}:53"), "code": code, "elapsed_ms": 1.0,
        }))
        .unwrap()
    }

    /// One server, one name after the other: the codes of A and AAAA.
    #[rstest]
    #[case::no_such_name(&[("db1.corp.", NxDomain, NxDomain), ("db1.", NxDomain, NxDomain)], ResolveStatus::NotFound)]
    #[case::the_search_list_hides_a_failure(&[("db1.", ServFail, ServFail), ("db1.corp.", NxDomain, NxDomain)], ResolveStatus::ServerFailure)]
    #[case::the_search_list_hides_a_refusal(&[("db1.", Refused, Refused), ("db1.corp.", NxDomain, NxDomain)], ResolveStatus::Refused)]
    #[case::the_search_list_hides_silence(&[("db1.", TimedOut, TimedOut), ("db1.corp.", NxDomain, NxDomain)], ResolveStatus::TimedOut)]
    #[case::a_name_without_address(&[("db1.", Empty, Empty), ("db1.corp.", NxDomain, NxDomain)], ResolveStatus::NoAddress)]
    #[case::no_a_and_a_failing_aaaa(&[("db1.", Empty, ServFail)], ResolveStatus::ServerFailure)]
    #[case::one_family_is_enough(&[("db1.", Ok, TimedOut)], ResolveStatus::Ok)]
    #[case::nonsense(&[("db1.", Other, Other)], ResolveStatus::ServerFailure)]
    #[case::nobody_was_asked(&[], ResolveStatus::TimedOut)]
    fn the_codes_tell(
        #[case] codes: &[(&str, ResponseCode, ResponseCode)],
        #[case] expected: ResolveStatus,
    ) {
        let questions: Vec<Asked> = codes
            .iter()
            .flat_map(|(name, a, aaaa)| [asked(name, 1, "A", *a), asked(name, 1, "AAAA", *aaaa)])
            .collect();
        assert_eq!(status(&questions), expected);
    }

    #[test]
    fn a_server_that_knows_outweighs_one_that_fails() {
        let questions = [
            asked("db1.", 1, "A", TimedOut),
            asked("db1.", 2, "A", NxDomain),
        ];
        assert_eq!(status(&questions), ResolveStatus::NotFound);
    }
}
