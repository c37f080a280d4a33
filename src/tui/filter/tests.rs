//! What each word of the grammar shows, and what is said of mistakes.

use jiff::SignedDuration;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::diagnosis::scene;
use crate::tui::sample;

fn shown_at(filter: &str, now: Timestamp) -> Vec<String> {
    let filter = Filter::parse(filter).unwrap();
    sample::rows()
        .iter()
        .filter(|row| filter.shows(row, now))
        .map(|row| row.instance.name.clone())
        .collect()
}

fn shown(filter: &str) -> Vec<String> {
    shown_at(filter, sample::later())
}

#[rstest]
#[case("sales", &["sales01\\PROD"])]
#[case("SALES", &["sales01\\PROD"])]
#[case("10.0.4.20:1433", &["hr02,1433"])]
#[case("state:refused", &["sales01\\PROD"])]
#[case("state:refused,timed-out", &["sales01\\PROD", "hr02,1433"])]
#[case("tag:prod state:answering", &["crm"])]
#[case("host:10.0.4.20", &["hr02,1433"])]
#[case("address:10.0.4.32", &["reports"])]
#[case("name:crm", &["crm"])]
#[case("layer:resolve", &["typo01"])]
#[case("layer:connect", &["sales01\\PROD", "hr02,1433"])]
#[case("layer:prelogin", &["intranet"])]
#[case("cause:firewall-drops", &["hr02,1433"])]
#[case("platform:windows name:sales", &["sales01\\PROD"])]
#[case("is:failing -layer:connect", &["typo01", "intranet"])]
#[case("engine:>1ms", &["reports", "crm"])]
#[case("engine:<1ms", &[])]
#[case("connect:<1ms state:answering", &["crm"])]
#[case("version:2022", &["reports", "crm"])]
#[case("\"db1/PROD\"", &["db1/PROD"])]
#[case("\"sales01 PROD\"", &[])]
#[case("tag:\"prod\" \"crm\"", &["crm"])]
#[case("tag:prod -\"hr02\" is:failing", &["sales01\\PROD"])]
#[case("-state:!answering", &["crm"])]
#[case("is:acknowledged,stale,flapping,paused,incident", &[])]
fn what_is_shown(#[case] filter: &str, #[case] names: &[&str]) {
    assert_eq!(shown(filter), names);
}

#[test]
fn not_is_written_before_the_word_or_before_the_value() {
    assert_eq!(shown("").len(), sample::rows().len());
    let without = shown("tag:prod -state:answering");
    assert_eq!(without, shown("tag:prod state:!answering"));
    assert_eq!(without.len(), 3);
    assert!(!shown("-tag:prod").contains(&"crm".to_string()));
}

#[test]
fn since_follows_the_time_and_says_when_it_turns() {
    let rows = sample::rows();
    let crm = rows.iter().find(|row| row.instance.name == "crm").unwrap();
    let first = crm.since.first_seen.unwrap();
    let filter = Filter::parse("since:<10m").unwrap();
    let turns = first + SignedDuration::from_mins(10);
    assert_eq!(filter.turns(crm, scene::now()), Some(turns));
    assert!(filter.shows(crm, turns - SignedDuration::from_secs(1)));
    assert!(!filter.shows(crm, turns));
    assert_eq!(filter.turns(crm, turns), None);
    assert!(shown_at("since:>10m", turns).contains(&"crm".to_owned()));
    assert!(
        !shown("since:<1h").contains(&"new01".to_owned()),
        "of a row without a result nobody knows since when"
    );
}

#[rstest]
#[case(
    "prod state:refusd",
    "refusd",
    "no state is called 'refusd'; did you mean refused?"
)]
#[case(
    "state:silent,opn",
    "opn",
    "no state is called 'opn'; did you mean open?"
)]
#[case("tag: prod", "tag:", "write what follows tag: without a blank")]
#[case(
    "stat:refused",
    "stat",
    "no field is called 'stat'; did you mean state:?"
)]
#[case(
    "tcp:db1",
    "tcp",
    "no field is called 'tcp'; quotes look for it as it is: \"tcp:…\""
)]
#[case(
    "crm \"two words",
    "\"two words",
    "the quote is not closed; write \" at its end"
)]
#[case("since:10m", "10m", "write < or > in front of a time: <10m, >200ms")]
#[case("since:<", "<", "write a time behind it: 10m, 1h30m, 200ms")]
#[case("engine:>5", ">5", "'5' has no unit; write '5s'")]
#[case(
    "is:odd",
    "odd",
    "no mark is called 'odd'; there are failing, acknowledged, maintenance, stale, flapping, paused …"
)]
#[case(
    "cause:firewall",
    "firewall",
    "no cause is called 'firewall'; did you mean firewall-drops?"
)]
#[case(
    "cause:servise",
    "servise",
    "no cause is called 'servise'; did you mean service-not-running?"
)]
fn a_mistake_is_marked_where_it_is(#[case] text: &str, #[case] meant: &str, #[case] says: &str) {
    let error = Filter::parse(text).unwrap_err();
    assert_eq!((&text[error.at.clone()], &*error.problem), (meant, says));
}

#[rstest]
#[case("tag:prod state:refusd crm", Some("tag:prod crm"))]
#[case("state:", Some(""))]
#[case("tag:prod \"two", None)]
fn a_broken_word_is_left_out_until_it_is_right(#[case] text: &str, #[case] right: Option<&str>) {
    let filter = Filter::parse_what_is_right(text);
    assert_eq!(filter.as_ref().map(Filter::text), right);
}

#[test]
fn every_example_of_the_grammar_is_right() {
    for (field, example) in GRAMMAR {
        assert!(Filter::parse(example).is_ok(), "{example}");
        assert!(example.starts_with(field), "{example}");
    }
}

#[test]
fn the_guide_has_every_field() {
    let guide = include_str!("../../../docs/dashboard.md");
    for (field, _) in GRAMMAR {
        assert!(
            field.is_empty() || guide.contains(&format!("`{field}:")),
            "{field}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(text in "[a-z:!,<>\"0-9 äß\\-]{0,30}") {
        match Filter::parse(&text) {
            Ok(filter) => prop_assert!(
                Filter::parse(filter.text()).is_ok_and(|again| again == filter)
            ),
            Err(error) => prop_assert!(text.get(error.at).is_some_and(|at| !at.is_empty())),
        }
    }
}
