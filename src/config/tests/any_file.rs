//! Large files in little time, and arbitrary ones without harm.

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rstest::rstest;

use crate::config::{Loaded, decode};

/// What each kind of list is made of: instances, instances with a mistake, servers that are none.
const GOOD: &str = "[[instance]]\nserver = 'sql{n}.corp.example\\PROD'\nname = 'Server {n}'\ntags = ['prod', 'emea']\n";
const UNKNOWN_KEY: &str = "[[instance]]\nserver = 'sql{n}'\nnaem = 'Server {n}'\n";
const BAD_SERVER: &str = "[[instance]]\nserver = 'sql{n}/PROD'\nnote = '''\nfirst\nsecond'''\n";
const THE_SAME: &str = "[[instance]]\nserver = 'sql1'\n";
const NO_QUOTES: &str = "[[instance]]\nserver = sql{n}\n";

const UNKNOWN_KEYS: &str = "interval{n} = 1\n";

fn list_of(count: usize, table: &str) -> String {
    (0..count)
        .map(|n| table.replace("{n}", &n.to_string()))
        .collect()
}

/// The time that reading takes: of the processor where the system tells it, so that a busy
/// machine makes no difference.
fn time_to_read(text: &str) -> Duration {
    let (begun, processor) = (Instant::now(), time_on_processor());
    let read = Loaded::parse(text, Path::new("f"));
    assert!(
        read.map_or_else(
            |mistakes| mistakes.len(),
            |loaded| loaded.config.instances.len()
        ) >= 100
    );
    match (processor, time_on_processor()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => begun.elapsed(),
    }
}

/// Linux counts it for each thread, in nanoseconds.
fn time_on_processor() -> Option<Duration> {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    counted
        .split_whitespace()
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}

#[test]
fn ten_thousand_instances_load_at_once() {
    let text = list_of(10_000, GOOD);
    let elapsed = time_to_read(&text);
    println!("10,000 instances, {} KiB: {elapsed:?}", text.len() / 1024);
    assert!(elapsed < Duration::from_secs(3), "{elapsed:?}");
}

/// Ten times the list takes about ten times as long, not a hundred times.
#[rstest]
#[case::good(GOOD)]
#[case::unknown_key(UNKNOWN_KEY)]
#[case::bad_server(BAD_SERVER)]
#[case::the_same(THE_SAME)]
#[case::no_quotes(NO_QUOTES)]
#[case::only_unknown_keys(UNKNOWN_KEYS)]
fn time_grows_with_the_list_only(#[case] table: &str) {
    let best = |text: &str| (0..2).map(|_| time_to_read(text)).min().unwrap();
    let (small, large) = (best(&list_of(300, table)), best(&list_of(3_000, table)));
    assert!(large < small * 40, "{small:?} for 300, {large:?} for 3,000");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Loaded::parse(&text, Path::new("f")).map(|loaded| loaded.show());
    }

    #[test]
    fn no_text_that_looks_like_toml_makes_it_panic(parts in proptest::collection::vec(prop_oneof![
        Just("[probe]\n"), Just("[[instance]]\n"), Just("server = "), Just("'db1'"), Just("\""), Just("'''"),
        Just("\"\"\""), Just("\n"), Just("{"), Just("}"), Just("["), Just("]"), Just("="), Just("timeout."), Just("\\"),
        Just("interval"), Just("ü"), Just("\u{202e}"), Just(","), Just("-"), Just("1"), Just("#"), Just("nan"), Just("\r"),
    ], 0..40)) {
        let text = parts.concat();
        if let Err(errors) = Loaded::parse(&text, Path::new("f")) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(!error.to_string().contains(char::is_control));
            }
        }
    }

    #[test]
    fn no_bytes_make_decoding_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode::decode(&bytes);
    }
}
