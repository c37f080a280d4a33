//! A recording is made on one screen and replayed on the next.

use std::fs;
use std::process::{Command, Stdio};

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::program::{Program, SQLREACH};
use crate::terminal::Terminal;
use crate::view::View;

/// What every key of a replay does to the time that is shown, while nothing plays.
const SEEKS: [(&str, i64); 6] = [
    ("}", 300),
    (">", 60),
    ("\x1b[C", 10),
    ("\x1b[D", -10),
    ("<", -60),
    ("{", -300),
];

#[test]
fn a_recording_is_replayed_with_its_keys() {
    let recording = recorded();
    let mut terminal = replay(&recording);
    terminal.wait_for("replay  2 instances");
    terminal.wait("its state", |view| {
        view.state("n01").as_deref() == Some("refused")
    });
    terminal.press(" ", "it stops", |view| bar(view).contains('‖'));
    let stopped = terminal.wait_and("a time", time);
    terminal.press("}", "further", |view| time(view) > Some(stopped));
    terminal.press("0", "the beginning", |view| {
        time(view).is_some_and(|time| time <= stopped)
    });
    for (key, seconds) in SEEKS {
        let before = terminal.wait_and("a time", time);
        let after = before + SignedDuration::from_secs(seconds);
        terminal.press(key, &format!("{seconds} seconds on"), |view| {
            time(view) == Some(after)
        });
    }
    for (key, speed) in [("+", "2×"), ("=", "5×"), ("-", "2×"), ("-", "1×")] {
        terminal.press(key, speed, |view| bar(view).contains(&format!("‖ {speed}")));
    }
    terminal.press("$", "the end", |view| bar(view).contains("■ end"));
    let end = terminal.wait_and("a time", time);
    terminal.press("N", "a change before", |view| {
        time(view).is_some_and(|time| time < end - SignedDuration::from_mins(10))
    });
    terminal.press("$", "the end", |view| bar(view).contains("■ end"));
    terminal.press(" ", "from the beginning", |view| bar(view).contains('▶'));
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn n_goes_to_the_next_change_of_a_state_and_capital_n_back() {
    let mut terminal = replay(&two_changes());
    terminal.wait_for("replay  1 instance");
    terminal.press(" ", "it stops", |view| bar(view).contains('‖'));
    terminal.press("0", "the beginning", |view| clock(view, "00:00"));
    terminal.press("n", "it falls", |view| {
        clock(view, "00:32") && view.state("db1").as_deref() == Some("refused")
    });
    terminal.press("n", "it heals", |view| {
        clock(view, "01:02") && view.state("db1").as_deref() == Some("answering")
    });
    terminal.press("N", "it fell", |view| {
        clock(view, "00:32") && view.state("db1").as_deref() == Some("refused")
    });
    terminal.press("N", "the beginning", |view| clock(view, "00:00"));
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn what_would_probe_says_that_it_is_a_recording() {
    let mut terminal = replay(&recorded());
    terminal.wait_for("replay  2 instances");
    terminal.press("r", "a refusal", |view| {
        view.has("a recording cannot be probed: nothing is sent in a replay")
    });
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn a_recording_that_was_cut_off_is_replayed_up_to_its_last_whole_line() {
    let recording = recorded();
    let cut = recording.len() - 5;
    let mut terminal = replay(&recording[..cut]);
    terminal.wait_for("interrupted");
    terminal.wait_for("replay  2 instances");
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn a_file_that_is_there_already_stays_as_it_is() {
    let program = Program::watching_with(1, &["--record", "r.jsonl"]);
    let file = program.home.path().join("r.jsonl");
    fs::write(&file, "mine").unwrap();
    let terminal = program.start();
    assert_eq!(terminal.end().status.exit_code(), 2);
    terminal.wait("the output", |view| view.ended);
    assert!(terminal.look(|view| view.has("is there already")));
    assert_eq!(fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn a_replay_wants_a_terminal() {
    let output = Command::new(SQLREACH)
        .args(["replay", "r.jsonl"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("run it in a terminal"), "{said}");
}

/// Two instances that refuse, recorded by the dashboard, and twenty minutes of nothing more.
pub fn recorded() -> String {
    let mut terminal = Program::watching_with(2, &["--record", "r.jsonl"]).start();
    terminal.wait_for("● REC");
    terminal.wait_for("✖ 2 down");
    terminal.keys("q");
    terminal.ends_well();
    let text = fs::read_to_string(terminal.home.path().join("r.jsonl")).unwrap();
    let last = Timestamp::now() + SignedDuration::from_mins(20);
    format!("{text}{{\"at\":\"{last}\",\"regroup\":{{}}}}\n")
}

/// One instance that answers, is refused after half a minute and answers again after a whole one.
fn two_changes() -> String {
    let header = r#"{"at":"2026-11-22T08:00:00Z","recording":{"rules":{"down_after":2,"interval_ms":15000,"up_after":1,"witness_ports":[],"witnesses":true},"sqlreach":"0.1.0","vantage":"jump01","version":1}}"#;
    let watch = r#"{"at":"2026-11-22T08:00:00Z","watch":[{"name":"db1","target":"10.0.4.12"}]}"#;
    let mut lines = vec![header.to_owned(), watch.to_owned()];
    for (time, answers) in [
        ("08:00:01", true),
        ("08:00:16", true),
        ("08:00:31", false),
        ("08:00:32", false),
        ("08:00:47", false),
        ("08:01:02", true),
        ("08:01:17", true),
        ("08:01:32", true),
    ] {
        let at = format!("2026-11-22T{time}Z");
        let connect = if answers { "open" } else { "refused" };
        let prelogin = if answers {
            r#"{"elapsed_ms":2.0,"encryption":"off","endpoint":"10.0.4.12:1433","mars":false,"status":"ok","version":"16.0.4045.0"}"#
        } else {
            r#"{"status":"skipped"}"#
        };
        lines.push(format!(
            r#"{{"at":"{at}","event":{{"event":"probed","id":0,"evidence":{{"at":"{at}","elapsed_ms":3.0,"layers":{{"browser":{{"status":"skipped"}},"connect":{{"attempts":[{{"elapsed_ms":1.0,"endpoint":"10.0.4.12:1433","icmp":null,"local":null,"os_error":null,"status":"{connect}"}}],"status":"{connect}"}},"prelogin":{prelogin},"resolve":{{"addresses":["10.0.4.12"],"canonical":null,"elapsed_ms":0.0,"source":"literal","status":"literal"}}}}}}}}}}"#
        ));
    }
    lines.join("\n") + "\n"
}

fn replay(recording: &str) -> Terminal {
    let program = Program::sqlreach(&["replay", "r.jsonl"]).size(120, 40);
    fs::write(program.home.path().join("r.jsonl"), recording).unwrap();
    program.start()
}

/// The line that says where the replay is.
fn bar(view: &View) -> String {
    let line = view.line(1);
    assert!(
        line.is_empty() || !view.is_taken() || line.contains("REPLAY"),
        "{line}"
    );
    line
}

/// Whether the bar shows this minute and second.
fn clock(view: &View, wanted: &str) -> bool {
    let bar = bar(view);
    let before = bar.split_once(" of ").map(|(before, _)| before);
    before.is_some_and(|before| before.ends_with(wanted))
}

/// The time that the bar shows.
fn time(view: &View) -> Option<DateTime> {
    let bar = bar(view);
    let (before, _) = bar.split_once(" of ")?;
    let mut words = before.rsplitn(3, ' ');
    let (clock, day) = (words.next()?, words.next()?);
    format!("{day}T{clock}").parse().ok()
}
