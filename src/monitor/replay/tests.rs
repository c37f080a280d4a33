//! What is replayed is what was recorded, however it was interrupted or tampered with.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::recorder::tests::{Paper, header};
use super::super::{Board, Event, InstanceId, Ledger, Recorder, Row, Rules};
use super::ReplayError;
use super::recording::Recording;
use super::stage::Stage;
use crate::config::Instance;
use crate::diagnosis::State::{self, Answering, Refused, TimedOut};
use crate::diagnosis::{Good, Past};
use crate::monitor::Acknowledged;
use crate::monitor::tests::{at, instance, saw, vantage};
use crate::target::Port;

/// A morning that is folded and recorded at once.
pub(super) struct Morning {
    ledger: Ledger,
    recorder: Recorder,
    paper: Paper,
    /// The rows after each line, the first line left out.
    pub(super) rows: Vec<String>,
}

impl Morning {
    pub(super) fn new(targets: &[String]) -> Self {
        let paper = Paper::default();
        let recorder = Recorder::to(paper.clone(), at(0), header()).unwrap();
        let mut morning = Self {
            ledger: Ledger::new(Rules::default()),
            recorder,
            paper,
            rows: Vec::new(),
        };
        let instances: Vec<_> = targets.iter().map(|text| instance(text)).collect();
        morning.watch(0, &instances);
        morning
    }

    pub(super) fn watch(&mut self, second: i64, instances: &[Arc<Instance>]) {
        let recall = |instance: &Instance| {
            (instance.text() == "10.0.4.12").then(|| Past {
                last_good: Some(Good {
                    at: at(-3_600),
                    addresses: vec!["10.0.4.12".parse().unwrap()],
                    address: "10.0.4.12".parse().unwrap(),
                    port: Port::DEFAULT,
                    version: None,
                }),
                ..Past::default()
            })
        };
        self.recorder.watch(at(second), instances, recall);
        self.ledger.replace_recalling(at(second), instances, recall);
        self.rows.push(shown(&self.ledger));
    }

    pub(super) fn event(&mut self, second: i64, event: Event) {
        self.recorder.event(at(second), &event);
        self.ledger.apply(at(second), event);
        self.rows.push(shown(&self.ledger));
    }

    pub(super) fn saw(&mut self, second: i64, id: u32, address: &str, state: State) {
        let mut evidence = Box::new(saw(address, state));
        evidence.at = at(second);
        let id = InstanceId(id);
        self.event(second, Event::Probed { id, evidence });
    }

    fn regroup(&mut self, second: i64) {
        self.recorder.regroup(at(second));
        self.ledger.regroup();
        self.rows.push(shown(&self.ledger));
    }

    /// What was written, and the rows after each line of it.
    pub(super) fn end(self) -> (Vec<u8>, Vec<String>) {
        drop(self.recorder);
        (self.paper.bytes(), self.rows)
    }
}

pub(super) fn shown(ledger: &Ledger) -> String {
    let rows = ledger.order().iter().filter_map(|id| ledger.row(*id));
    let rows: Vec<Arc<Row>> = rows.collect();
    format!("{rows:?}")
}

fn on(board: &Board) -> String {
    format!("{:?}", board.rows())
}

/// Two hosts of which one fails, heals and is renamed, with a clock that is set back.
pub(super) fn morning() -> (Vec<u8>, Vec<String>) {
    let mut morning = Morning::new(&["10.0.4.12".into(), "10.0.4.13".into(), "db1/X".into()]);
    let here = vantage(true);
    morning.event(0, Event::Vantage { vantage: here });
    for second in [1, 16] {
        morning.saw(second, 0, "10.0.4.12", Answering);
        morning.saw(second, 1, "10.0.4.13", Answering);
    }
    morning.saw(31, 0, "10.0.4.12", Refused);
    morning.saw(32, 0, "10.0.4.12", Refused);
    morning.saw(33, 1, "10.0.4.13", TimedOut);
    morning.saw(34, 1, "10.0.4.13", TimedOut);
    let id = InstanceId(0);
    let acknowledged = Some(Acknowledged {
        reason: "patching".into(),
        until: None,
    });
    morning.event(40, Event::Acknowledged { id, acknowledged });
    let window = Some(crate::monitor::Maintained {
        name: "patch night".into(),
        until: at(90),
    });
    morning.event(41, Event::Maintained { id, window });
    // The clock is set back by half a minute.
    morning.saw(12, 0, "10.0.4.12", Answering);
    morning.event(20, Event::Paused { paused: true });
    morning.event(21, Event::Paused { paused: false });
    morning.watch(22, &[instance("10.0.4.13"), instance("10.0.4.14")]);
    morning.saw(25, 1, "10.0.4.13", Answering);
    morning.saw(26, 3, "10.0.4.14", Refused);
    morning.saw(27, 3, "10.0.4.14", Refused);
    morning.end()
}

pub(super) fn read(bytes: &[u8]) -> Result<Recording<Cursor<Vec<u8>>>, ReplayError> {
    Recording::read(Cursor::new(bytes.to_vec()), Path::new("recording.jsonl"))
}

#[test]
fn after_every_line_the_rows_are_as_they_were() {
    let (bytes, rows) = morning();
    let mut recording = read(&bytes).unwrap();
    let mut stage = Stage::new(recording.header().rules().clone());
    let mut at = 0;
    while let Some(played) = recording.next().unwrap() {
        stage.take(played.unwrap().line);
        if at > 0 {
            assert_eq!(shown(&stage.ledger), rows[at - 1], "after line {at}");
        }
        at += 1;
    }
    assert_eq!(at, rows.len() + 1);
    assert_eq!((recording.broken(), recording.gaps()), (0, 0));
}

#[test]
fn many_that_fell_are_grouped_when_they_were() {
    let hosts: Vec<String> = (1..=70).map(|n| format!("10.7.0.{n}")).collect();
    let mut morning = Morning::new(&hosts);
    for (second, state) in [(1, Answering), (16, TimedOut), (17, TimedOut)] {
        for (id, host) in (0..).zip(&hosts) {
            morning.saw(second, id, host, state);
        }
    }
    morning.regroup(18);
    let incidents = morning.ledger.incidents();
    assert_eq!(incidents.len(), 1);
    let (bytes, rows) = morning.end();
    let mut recording = read(&bytes).unwrap();
    let board = Board::default();
    let mut stage = Stage::new(recording.header().rules().clone());
    while let Some(played) = recording.next().unwrap() {
        stage.take(played.unwrap().line);
    }
    stage.show(&board);
    assert_eq!(Some(&on(&board)), rows.last());
    assert_eq!(board.incidents(), incidents);
}

#[test]
fn a_recording_that_was_interrupted_is_read_up_to_its_last_whole_line() {
    let (bytes, rows) = morning();
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let ends: Vec<usize> = ends.map(|(at, _)| at).collect();
    let third_last = ends[ends.len() - 3] + 1;
    for end in third_last..bytes.len() {
        let mut recording = read(&bytes[..end]).unwrap();
        let mut lines = 0;
        while let Some(played) = recording.next().unwrap() {
            played.unwrap();
            lines += 1;
        }
        let whole = ends.partition_point(|at| *at < end);
        // A line of which only the end is missing is whole, too.
        let complete = bytes[end] == b'\n';
        assert_eq!(lines, whole + usize::from(complete), "cut at {end}");
        let torn = !complete && bytes[end - 1] != b'\n';
        assert_eq!(
            (recording.is_torn(), recording.broken()),
            (torn, 0),
            "{end}"
        );
    }
    assert_eq!(
        rows.len() + 1,
        bytes.split(|byte| *byte == b'\n').count() - 1
    );
}

#[test]
fn a_broken_line_is_skipped_and_counted() {
    let (bytes, _) = morning();
    let text = String::from_utf8(bytes).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let whole = lines.len();
    lines.insert(3, "what is this?");
    lines.insert(5, "");
    let newer = r#"{"at":"2026-11-22T08:00:05Z","event":{"event":"invented"}}"#;
    lines.insert(7, newer);
    let mut recording = read(lines.join("\n").as_bytes()).unwrap();
    assert_eq!(
        recording.broken(),
        2,
        "a time alone can be read of the third"
    );
    let mut good = 0;
    while let Some(played) = recording.next().unwrap() {
        good += usize::from(played.is_ok());
    }
    assert_eq!(good, whole);
}

#[test]
fn a_line_without_end_is_not_kept_in_memory() {
    let (mut bytes, _) = morning();
    let whole = bytes.clone();
    bytes.extend(std::iter::repeat_n(b'x', 17 * 1024 * 1024));
    bytes.push(b'\n');
    bytes.extend(&whole);
    let recording = read(&bytes).unwrap();
    assert_eq!((recording.broken(), recording.is_torn()), (1, false));
}

#[test]
fn what_is_no_recording_is_told() {
    for bytes in [
        &b""[..],
        b"\n",
        b"[1]\n",
        b"\x7fELF\x02",
        b"{\"at\":\"2026-11-22T08:00:00Z\"}\n",
    ] {
        let error = read(bytes).unwrap_err().to_string();
        assert_eq!(
            error,
            "recording.jsonl is no recording; sqlreach --record FILE makes one"
        );
    }
    let (bytes, _) = morning();
    let text = String::from_utf8(bytes).unwrap();
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    let error = read(newer.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("in a newer form (version 2)"), "{error}");
}

/// Plays everything, whatever it is.
fn play(bytes: &[u8]) {
    let Ok(mut recording) = read(bytes) else {
        return;
    };
    let board = Board::default();
    let mut stage = Stage::new(recording.header().rules().clone());
    while let Some(played) = recording.next().unwrap() {
        if let Ok(played) = played {
            stage.take(played.line);
            stage.show(&board);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bytes_make_it_fail(junk in proptest::collection::vec(any::<u8>(), 0..400)) {
        play(&junk);
        let (bytes, _) = morning();
        let first = bytes.iter().position(|byte| *byte == b'\n').unwrap();
        play(&[&bytes[..=first], &junk].concat());
    }

    #[test]
    fn no_letter_that_was_changed_makes_it_fail(
        places in proptest::collection::vec(any::<proptest::sample::Index>(), 1..6),
        letters in proptest::collection::vec(proptest::sample::select(b"0123456789-.{}[]:,eEntz".to_vec()), 6),
    ) {
        let (mut bytes, _) = morning();
        let first = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for (place, letter) in places.iter().zip(&letters) {
            let at = first + place.index(bytes.len() - first);
            bytes[at] = *letter;
        }
        play(&bytes);
    }
}
