//! When windows are open and for whom, and what is said of those that cannot be.

use std::path::Path;

use jiff::Timestamp;
use rstest::rstest;

use super::*;
use crate::config::Loaded;

fn loaded(text: &str) -> Loaded {
    Loaded::parse(text, Path::new("sqlreach.toml")).unwrap()
}

fn window(text: &str) -> Maintenance {
    let text = format!("[[maintenance]]\nname = 'patch night'\n{text}");
    Maintenance::clone(&loaded(&text).config.maintenance[0])
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[rstest]
#[case::before("2026-11-22T00:59:59Z", None)]
#[case::at_its_beginning("2026-11-22T01:00:00Z", Some("2026-11-22T03:00:00Z"))]
#[case::at_its_end("2026-11-22T03:00:00Z", None)]
#[case::another_day("2026-11-23T01:30:00Z", None)]
#[case::a_week_later("2026-11-29T02:30:00Z", Some("2026-11-29T03:00:00Z"))]
fn a_weekly_window_is_open_in_its_zone(#[case] at: &str, #[case] until: Option<&str>) {
    let window = window("every = 'sun 02:00'\nlasts = '2h'\nzone = 'Europe/Berlin'");
    assert_eq!(window.open(time(at)), until.map(time));
}

#[rstest]
#[case::the_evening("2026-11-24T22:30:00Z", Some("2026-11-25T04:00:00Z"))]
#[case::after_midnight("2026-11-25T03:59:00Z", Some("2026-11-25T04:00:00Z"))]
#[case::the_day("2026-11-25T12:00:00Z", None)]
fn a_window_may_run_over_midnight(#[case] at: &str, #[case] until: Option<&str>) {
    let window = window("every = 'daily 22:00'\nlasts = '6h'\nzone = 'utc'");
    assert_eq!(window.open(time(at)), until.map(time));
}

/// Patch Tuesday is the second one; the last Sunday may be the fourth or the fifth.
#[rstest]
#[case("second tue 22:00", "2026-12-08T22:30:00Z", true)]
#[case("second tue 22:00", "2026-12-01T22:30:00Z", false)]
#[case("first sun 02:00", "2026-11-01T02:30:00Z", true)]
#[case("last Sunday 2:00", "2026-11-29T02:30:00Z", true)]
#[case("last sun 02:00", "2026-11-22T02:30:00Z", false)]
fn a_monthly_window_is_open_on_its_day(
    #[case] every: &str,
    #[case] at: &str,
    #[case] is_open: bool,
) {
    let window = window(&format!("every = '{every}'\nlasts = '1h'\nzone = 'utc'"));
    assert_eq!(window.open(time(at)).is_some(), is_open);
}

/// On 29 March 2026 Berlin has no 02:30, and on 25 October it has two.
#[rstest]
#[case::in_the_gap_it_begins_later("2026-03-29T01:29:59Z", None)]
#[case::in_the_gap_it_begins_later("2026-03-29T01:30:00Z", Some("2026-03-29T03:30:00Z"))]
#[case::in_the_fold_the_first_one_counts("2026-10-25T00:30:00Z", Some("2026-10-25T02:30:00Z"))]
#[case::in_the_fold_it_is_as_long_as_ever("2026-10-25T02:29:59Z", Some("2026-10-25T02:30:00Z"))]
#[case::in_the_fold_it_is_no_longer("2026-10-25T02:30:00Z", None)]
fn clocks_that_are_changed_make_no_window_longer(#[case] at: &str, #[case] until: Option<&str>) {
    let window = window("every = 'sun 02:30'\nlasts = '2h'\nzone = 'Europe/Berlin'");
    assert_eq!(window.open(time(at)), until.map(time));
}

#[rstest]
#[case("from = '2026-11-24 22:00'\nuntil = '2026-11-25 02:00'")]
#[case("from = '2026-11-24 22:00'\nlasts = '4h'")]
#[case("from = 2026-11-24T22:00:00\nuntil = 2026-11-25 02:00:00")]
fn one_that_does_not_come_back_is_written_with_its_ends(#[case] when: &str) {
    let window = window(&format!("{when}\nzone = 'utc'"));
    let until = time("2026-11-25T02:00:00Z");
    assert_eq!(window.open(time("2026-11-24T21:59:59Z")), None);
    assert_eq!(window.open(time("2026-11-24T22:00:00Z")), Some(until));
    assert_eq!(window.open(until), None);
}

#[rstest]
#[case::all("", true)]
#[case::a_tag("tags = ['PROD']", true)]
#[case::another_tag("tags = ['test']", false)]
#[case::a_name("instances = ['sales']", true)]
#[case::the_server("instances = ['sql01.corp.test\\prod']", true)]
#[case::a_host("hosts = ['sql01.corp.test']", true)]
#[case::a_short_host("hosts = ['sql01']", true)]
#[case::hosts("hosts = ['SQL*']", true)]
#[case::hosts_by_domain("hosts = ['*.corp.test']", true)]
#[case::hosts_in_the_middle("hosts = ['s*01*test']", true)]
#[case::other_hosts("hosts = ['*.other.test', 'sql']", false)]
#[case::whichever_of_them("tags = ['test']\nhosts = ['sql*']", true)]
fn it_is_for_whom_it_names(#[case] whom: &str, #[case] is_for: bool) {
    let text = format!(
        "[[maintenance]]\nname = 'patch night'\nevery = 'daily 00:00'\nlasts = '23h'\nzone = 'utc'\n{whom}\n\
        [[instance]]\nserver = 'sql01.corp.test\\prod'\nname = 'Sales'\ntags = ['prod']"
    );
    let config = loaded(&text).config;
    let [instance] = &config.instances[..] else {
        panic!("one instance")
    };
    let at = time("2026-11-24T12:00:00Z");
    assert_eq!(config.maintenance[0].covers(instance, at).is_some(), is_for);
    assert_eq!(instance.maintenance.len(), usize::from(is_for));
}

#[test]
fn targets_of_the_command_line_have_their_windows() {
    let mut loaded = loaded(
        "[[maintenance]]\nname = 'x'\nevery = 'daily 00:00'\nlasts = '1h'\nhosts = ['sql*']",
    );
    loaded.watch_only(["sql01", "crm01"]);
    let own = loaded.config.instances.iter();
    let own: Vec<usize> = own.map(|instance| instance.maintenance.len()).collect();
    assert_eq!(own, [1, 0]);
}

#[rstest]
#[case(
    "every = 'sun 02:00'",
    "1:1: [[maintenance]] has 'every' and no 'lasts'"
)]
#[case("lasts = '2h'", "1:1: [[maintenance]] does not say when it is")]
#[case(
    "from = '2026-11-24 22:00'",
    "1:1: [[maintenance]] has 'from' and no 'until'"
)]
#[case(
    "every = 'sun 02:00'\nlasts = '2h'\nuntil = '2026-11-24 22:00'",
    "1:1: [[maintenance]] has 'until' with 'every'"
)]
#[case(
    "from = '2026-11-24 22:00'\nuntil = '2026-11-24 21:00'",
    "1:1: [[maintenance]] ends before it begins"
)]
#[case(
    "every = 'daily 02:00'\nlasts = '1d'",
    "1:1: [[maintenance]] comes back before it is over"
)]
#[case(
    "every = 'sunny 02:00'\nlasts = '2h'",
    "3:9: every: \"sunny\" is no day of the week"
)]
#[case("every = 'sun 2'\nlasts = '2h'", "3:9: every: \"2\" is no time of day")]
#[case(
    "every = 'fifth sun 02:00'\nlasts = '2h'",
    "3:9: every: \"fifth\" is not first"
)]
#[case(
    "every = 'sun 02:00'\nlasts = '30d'",
    "4:9: lasts: 30d is not between 1m and 7d"
)]
#[case(
    "from = 'tomorrow'\nlasts = '2h'",
    "3:8: from: \"tomorrow\" is no day and time"
)]
#[case(
    "from = 2026-11-24T22:00:00Z\nlasts = '2h'",
    "3:8: from: a date is no day and time"
)]
#[case(
    "every = 'sun 02:00'\nlasts = '2h'\nzone = 'Berlin'",
    "5:8: zone: \"Berlin\" is no time zone"
)]
#[case(
    "every = 'sun 02:00'\nlasts = '2h'\ntag = 'prod'",
    "5:1: unknown key 'tag' in [[maintenance]]; did you mean 'tags'?"
)]
fn mistakes_point_at_their_line(#[case] text: &str, #[case] wanted: &str) {
    let text = format!("[[maintenance]]\nname = 'x'\n{text}");
    let mistakes = Loaded::parse(&text, Path::new("t.toml")).unwrap_err();
    let said = mistakes[0].to_string();
    assert!(said.contains(wanted), "{said}");
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
}

#[test]
fn what_is_shown_is_read_as_the_same() {
    let text = "[[maintenance]]\nname = 'patch'\ntags = ['prod']\nevery = 'second tuesday 2:00'\nlasts = '90m'\nzone = 'utc'\n\
        [[maintenance]]\nname = 'move'\nfrom = '2026-11-24 22:00'\nlasts = '4h'\nzone = 'Europe/Berlin'";
    let once = loaded(text);
    let shown = once.show();
    assert!(shown.contains("every = \"second tue 02:00\""), "{shown}");
    let again = loaded(&shown);
    assert_eq!(once.config.maintenance, again.config.maintenance);
}

#[test]
fn every_key_is_in_the_example() {
    for key in keys() {
        let example = crate::config::EXAMPLE;
        assert!(example.contains(&format!("{key} = ")), "{key}");
    }
}
