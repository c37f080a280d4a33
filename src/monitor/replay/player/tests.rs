//! Play, pause, speed and seek, with time passed in.

use std::io::{Cursor, Read, Seek};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use proptest::prelude::*;

use super::{Checkpoints, Control, Play, Wait};
use crate::diagnosis::State::{self, Answering, Refused, TimedOut};
use crate::monitor::replay::tests::{Morning, morning, read, shown};
use crate::monitor::tests::at;
use crate::monitor::{Board, Row};

/// A replay in a time of its own.
struct Cinema<R = Cursor<Vec<u8>>> {
    play: Play<R>,
    board: Arc<Board>,
    now: Instant,
}

impl Cinema {
    fn new(bytes: &[u8]) -> Self {
        Self::with(bytes, Checkpoints::default())
    }

    fn with(bytes: &[u8], checkpoints: Checkpoints) -> Self {
        let board = Arc::new(Board::default());
        let now = Instant::now();
        let mut play = Play::new(read(bytes).unwrap(), Arc::clone(&board), now);
        play.checkpoints = checkpoints;
        let mut cinema = Self { play, board, now };
        cinema.settle();
        cinema
    }
}

impl<R: Read + Seek> Cinema<R> {
    fn settle(&mut self) -> Wait {
        loop {
            match self.play.step(self.now).unwrap() {
                Wait::No => {}
                wait => return wait,
            }
        }
    }

    fn press(&mut self, control: Control) -> Timestamp {
        self.play.obey(control, self.now);
        self.settle();
        self.shown()
    }

    fn pass(&mut self, seconds: u64) -> Timestamp {
        self.now += Duration::from_secs(seconds);
        self.settle();
        self.shown()
    }

    fn shown(&self) -> Timestamp {
        self.play.dial().read(self.now).now
    }

    /// Where it is, and all that follows from the lines so far.
    fn scene(&self) -> (Timestamp, String) {
        let board = &self.board;
        let around = (board.standing(), board.incidents());
        let rows = shown(&self.play.stage.ledger);
        (self.shown(), format!("{rows} {around:?}"))
    }

    fn states(&self) -> Vec<State> {
        let rows = self.board.rows();
        rows.iter().map(|row: &Arc<Row>| row.state).collect()
    }
}

/// One instance that answers, is refused at 32 and answers again from 62 on.
fn outage() -> Vec<u8> {
    let mut morning = Morning::new(&["10.0.4.12".into()]);
    for (second, state) in [
        (1, Answering),
        (16, Answering),
        (31, Refused),
        (32, Refused),
        (47, Refused),
        (62, Answering),
        (77, Answering),
    ] {
        morning.saw(second, 0, "10.0.4.12", state);
    }
    morning.end().0
}

#[test]
fn time_passes_as_it_did_while_it_plays_and_only_then() {
    let mut cinema = Cinema::new(&outage());
    assert_eq!(cinema.pass(5), at(0));
    cinema.press(Control::Toggle);
    assert_eq!(cinema.pass(20), at(20));
    assert_eq!(cinema.states(), [Answering]);
    assert_eq!(cinema.pass(13), at(33));
    assert_eq!(cinema.states(), [Refused]);
    cinema.press(Control::Toggle);
    assert_eq!(cinema.pass(100), at(33));
    cinema.press(Control::Toggle);
    assert_eq!(cinema.pass(1000), at(77), "it stops at its end");
    assert_eq!(cinema.states(), [Answering]);
    assert!(!cinema.play.playing);
    cinema.press(Control::Toggle);
    assert_eq!(cinema.pass(1), at(1), "and begins again");
}

#[test]
fn a_faster_replay_shows_the_same_sooner() {
    let mut cinema = Cinema::new(&outage());
    for _ in 0..3 {
        cinema.press(Control::Faster);
    }
    cinema.press(Control::Toggle);
    assert_eq!(cinema.pass(3), at(30), "ten times as fast");
    cinema.press(Control::Slower);
    assert_eq!(cinema.pass(3), at(45));
    assert_eq!(cinema.states(), [Refused]);
}

#[test]
fn it_goes_from_change_to_change_and_back() {
    let mut cinema = Cinema::new(&outage());
    assert_eq!(cinema.press(Control::NextChange), at(32));
    assert_eq!(cinema.states(), [Refused]);
    assert_eq!(cinema.press(Control::NextChange), at(62));
    assert_eq!(cinema.states(), [Answering]);
    assert_eq!(
        cinema.press(Control::NextChange),
        at(77),
        "no more: the end"
    );
    assert_eq!(cinema.press(Control::PreviousChange), at(62));
    assert_eq!(cinema.press(Control::PreviousChange), at(32));
    assert_eq!(
        cinema.press(Control::PreviousChange),
        at(0),
        "the beginning"
    );
    assert_eq!(cinema.press(Control::NextChange), at(32), "known already");
}

#[test]
fn while_it_plays_the_change_before_is_not_the_one_just_gone_to() {
    let mut cinema = Cinema::new(&outage());
    cinema.press(Control::Skip(65));
    cinema.press(Control::Toggle);
    assert_eq!(cinema.press(Control::PreviousChange), at(62));
    cinema.now += Duration::from_millis(400);
    assert_eq!(cinema.press(Control::PreviousChange), at(32));
}

#[test]
fn seeking_back_and_forth_shows_what_playing_shows() {
    let (bytes, rows) = morning();
    let mut cinema = Cinema::new(&bytes);
    let straight: Vec<(Timestamp, String)> = (0..=60)
        .map(|_| {
            let shown = (cinema.shown(), shown(&cinema.play.stage.ledger));
            cinema.press(Control::Skip(1));
            shown
        })
        .collect();
    assert_eq!(straight.last().map(|(_, rows)| rows), rows.last());
    for second in [40, 3, 33, 34, 0, 60, 59, 17, 58] {
        cinema.press(Control::Start);
        cinema.press(Control::Skip(second));
        let shown = (cinema.shown(), shown(&cinema.play.stage.ledger));
        assert!(
            shown == straight[usize::try_from(second).unwrap()],
            "{second}"
        );
    }
    let at_end = cinema.press(Control::End);
    cinema.press(Control::Skip(-7));
    cinema.press(Control::Skip(7));
    assert_eq!(
        (cinema.shown(), Some(&shown(&cinema.play.stage.ledger))),
        (at_end, rows.last())
    );
}

#[test]
fn a_clock_that_was_set_back_does_not_stop_it() {
    let (bytes, _) = morning();
    let mut cinema = Cinema::new(&bytes);
    cinema.press(Control::Toggle);
    assert_eq!(cinema.pass(39), at(39));
    assert_eq!(cinema.pass(2), at(12), "as the clock showed it");
    assert_eq!(cinema.pass(10), at(22));
    assert_eq!(cinema.pass(5), at(27));
    assert!(!cinema.play.playing);
}

#[test]
fn a_key_that_is_held_adds_up() {
    let mut morning = Morning::new(&["10.0.4.12".into()]);
    for second in 1..600 {
        let state = if second % 2 == 0 { TimedOut } else { Answering };
        morning.saw(second, 0, "10.0.4.12", state);
    }
    let mut cinema = Cinema::new(&morning.end().0);
    for _ in 0..30 {
        cinema.play.obey(Control::Skip(10), cinema.now);
        cinema.play.step(cinema.now).unwrap();
    }
    cinema.settle();
    assert_eq!(cinema.shown(), at(300));
}

/// Fifty hosts that fail and heal in turns, many of them together.
fn stormy() -> Vec<u8> {
    let hosts: Vec<String> = (0..50).map(|n| format!("10.7.{}.{n}", n % 3)).collect();
    let mut morning = Morning::new(&hosts);
    for round in 0..10_i64 {
        for (id, host) in (0..).zip(&hosts) {
            let state = match (round + i64::from(id % 4)) % 6 {
                3 | 4 => TimedOut,
                5 => Refused,
                _ => Answering,
            };
            morning.saw(round * 15 + i64::from(id) * 15 / 50, id, host, state);
        }
    }
    morning.end().0
}

fn control() -> impl Strategy<Value = Control> {
    prop_oneof![
        6 => (-90..90).prop_map(Control::Skip),
        1 => Just(Control::NextChange),
        1 => Just(Control::PreviousChange),
        1 => Just(Control::Start),
        1 => Just(Control::End),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]


    #[test]
    fn going_back_by_checkpoints_shows_what_a_fold_from_the_start_shows(
        every in 1_u64..60,
        is_stormy: bool,
        controls in proptest::collection::vec(control(), 1..12),
    ) {
        let bytes = if is_stormy { stormy() } else { morning().0 };
        let mut cinema = Cinema::with(&bytes, Checkpoints::every(every));
        for control in controls {
            cinema.press(control);
            let mut straight = Cinema::with(&bytes, Checkpoints::every(u64::MAX));
            straight.play.seek(cinema.play.position);
            straight.settle();
            prop_assert_eq!(cinema.play.newest, straight.play.newest);
            prop_assert_eq!(cinema.play.taken, straight.play.taken);
            prop_assert!(cinema.scene() == straight.scene(), "after {control:?}");
        }
    }
}

#[test]
fn checkpoints_lie_evenly_and_stay_few_however_long_it_is() {
    let mut cinema = Cinema::with(&stormy(), Checkpoints::every(1));
    cinema.press(Control::End);
    let kept = cinema.play.checkpoints.lines();
    assert!((8..=16).contains(&kept.len()), "{kept:?}");
    for pair in kept.windows(2) {
        assert_eq!(pair[1] - pair[0], kept[0], "{kept:?}");
    }
    for control in [Control::Start, Control::End, Control::Skip(-20)] {
        cinema.press(control);
        assert_eq!(cinema.play.checkpoints.lines(), kept, "after {control:?}");
    }
}

#[test]
fn a_way_back_and_the_way_on_again_begin_at_the_checkpoint_before() {
    let mut cinema = Cinema::with(&stormy(), Checkpoints::every(100));
    cinema.press(Control::End);
    assert_eq!(cinema.play.checkpoints.lines(), [100, 200, 300, 400, 500]);
    for (to, first) in [(90, 300), (0, 0), (149, 500), (88, 200)] {
        cinema.play.seek(Duration::from_secs(to));
        cinema.play.approach(Duration::from_secs(to)).unwrap();
        assert_eq!(cinema.play.taken, first, "{to}");
        cinema.settle();
    }
}

#[test]
fn of_very_many_instances_no_checkpoint_is_kept() {
    let hosts: Vec<String> = (0..6_401).map(|n| format!("db{n}")).collect();
    let mut morning = Morning::new(&hosts);
    for second in 1..6 {
        morning.saw(second, 0, "10.0.4.12", Answering);
    }
    let mut cinema = Cinema::with(&morning.end().0, Checkpoints::every(2));
    cinema.press(Control::End);
    assert!(cinema.play.checkpoints.lines().is_empty());
    assert_eq!(cinema.press(Control::Skip(-2)), at(3));
}

mod pace;
