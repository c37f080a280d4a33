//! What is said of news, as lines.

use std::sync::Arc;

use super::*;
use crate::config::Instance;
use crate::diagnosis::scene::Scene;
use crate::evidence::Evidence;
use crate::monitor::{Acknowledged, Event, Ledger, Rules};
use crate::tui::sample;

/// A ledger, its board, and who reads it in lines.
struct Read {
    ledger: Ledger,
    board: Board,
    plain: Plain,
    begin: Timestamp,
}

impl Read {
    fn new(names: &[&str]) -> Self {
        let begin = sample::later();
        let mut ledger = Ledger::new(Rules {
            down_after: 1,
            ..Rules::default()
        });
        let instances = names.iter().map(|name| Arc::new(Instance::from_text(name)));
        ledger.replace(begin, &instances.collect::<Vec<_>>());
        let board = Board::default();
        board.arrange(ledger.order());
        Self {
            ledger,
            board,
            plain: Plain::new(sample::about(), begin),
            begin,
        }
    }

    fn at(&self, second: i64) -> Timestamp {
        self.begin + SignedDuration::from_secs(second)
    }

    /// Each of these was probed then.
    fn saw(&mut self, second: i64, scenes: Vec<Scene>) {
        let at = self.at(second);
        let ids = self.ledger.order().to_vec();
        for (id, scene) in ids.into_iter().zip(scenes) {
            let evidence = Box::new(Evidence {
                at,
                ..scene.evidence
            });
            self.event(second, Event::Probed { id, evidence });
        }
        self.ledger.regroup();
        self.show(second);
    }

    fn event(&mut self, second: i64, event: Event) {
        let at = self.at(second);
        self.ledger.apply(at, event);
        self.show(second);
    }

    fn show(&mut self, second: i64) {
        self.board.group(self.ledger.incidents());
        self.board.stand(self.ledger.standing());
        for id in self.ledger.order() {
            self.board.put(self.ledger.row(*id).unwrap());
        }
        let at = self.at(second);
        self.plain.take(at, &self.board);
    }

    /// What is told at that time; nothing where nothing is due.
    fn told(&mut self, second: i64) -> Vec<String> {
        let at = self.at(second);
        if self.plain.is_due(at) {
            self.plain.lines(at)
        } else {
            Vec::new()
        }
    }
}

fn up(name: &str) -> Scene {
    Scene::new(name).answers()
}

fn down(name: &str) -> Scene {
    Scene::new(name).refused()
}

#[test]
fn a_failure_and_its_end_are_a_line_each() {
    let mut read = Read::new(&["crm01", "hr02"]);
    let mut all = read.plain.opening(2);
    read.saw(0, vec![up("crm01"), down("hr02")]);
    assert_eq!(read.told(2), [""; 0], "looks are still under way");
    for second in 0..60 {
        match second {
            15 => read.saw(15, vec![down("crm01"), down("hr02")]),
            30 => read.saw(30, vec![down("crm01"), up("hr02")]),
            45 => read.saw(45, vec![up("crm01"), up("hr02")]),
            _ => {}
        }
        all.extend(read.told(second));
    }
    all.extend(read.plain.summary(read.at(60)));
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn nothing_is_due_while_only_latencies_move() {
    let mut read = Read::new(&["crm01"]);
    read.saw(0, vec![up("crm01")]);
    assert_eq!(read.told(3).len(), 1, "the summary");
    for round in 1..10 {
        read.saw(round * 15, vec![up("crm01")]);
        assert_eq!(read.plain.due(), None);
    }
}

#[test]
fn an_instance_without_a_result_does_not_hold_the_others_up() {
    let mut read = Read::new(&["crm01", "hr02"]);
    read.saw(0, vec![down("crm01")]);
    assert_eq!(read.told(9), [""; 0]);
    let told = read.told(10);
    assert!(
        told[0].ends_with("2 instances, 1 down, 1 without a result"),
        "{told:?}"
    );
    assert!(told[1].contains("crm01 refused"), "{told:?}");
}

#[test]
fn one_that_flaps_is_said_once() {
    let mut read = Read::new(&["crm01"]);
    read.saw(0, vec![up("crm01")]);
    let mut all = Vec::new();
    for second in 0..600 {
        if second % 10 == 0 {
            let falls = second < 200 && second % 20 == 10;
            read.saw(
                second,
                vec![if falls { down("crm01") } else { up("crm01") }],
            );
        }
        all.extend(read.told(second));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn what_is_acknowledged_is_said_so_and_then_nothing() {
    let mut read = Read::new(&["crm01"]);
    read.saw(0, vec![down("crm01")]);
    let mut all = read.told(3);
    let id = read.ledger.order()[0];
    let acknowledged = Some(Acknowledged {
        reason: "disk is replaced".into(),
        until: None,
    });
    read.event(10, Event::Acknowledged { id, acknowledged });
    all.extend(read.told(13));
    read.saw(20, vec![Scene::new("crm01").timed_out()]);
    assert_eq!(read.told(60), [""; 0]);
    let acknowledged = None;
    read.event(70, Event::Acknowledged { id, acknowledged });
    all.extend(read.told(73));
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn maintenance_is_quiet_and_what_fails_after_it_is_told() {
    let mut read = Read::new(&["crm01"]);
    read.saw(0, vec![up("crm01")]);
    let mut all = read.told(3);
    let id = read.ledger.order()[0];
    let window = Some(crate::monitor::Maintained {
        name: "patch night".into(),
        until: read.at(70),
    });
    read.event(10, Event::Maintained { id, window });
    assert_eq!(read.told(13), [""; 0]);
    read.saw(20, vec![down("crm01")]);
    all.extend(read.told(23));
    all.extend(read.plain.summary(read.at(30)));
    assert!(!read.plain.is_failing());
    let window = None;
    read.event(70, Event::Maintained { id, window });
    all.extend(read.told(73));
    assert!(read.plain.is_failing());
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn many_that_fall_together_are_one_line() {
    let names: Vec<String> = (1..40).map(|n| format!("10.7.0.{n}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("10.9.0.1");
    let mut read = Read::new(&names);
    let scenes = |down: std::ops::Range<usize>| {
        let scene = |(at, name): (usize, &&str)| {
            let scene = Scene::new(name);
            if down.contains(&at) {
                scene.timed_out()
            } else {
                scene.answers()
            }
        };
        names.iter().enumerate().map(scene).collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    for second in 0..180 {
        match second {
            0 => read.saw(0, scenes(0..0)),
            15 => read.saw(15, scenes(0..39)),
            60 => read.saw(60, scenes(0..20)),
            120 => read.saw(120, scenes(0..0)),
            _ => {}
        }
        all.extend(read.told(second));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_machine_that_lost_its_network_is_one_line_and_its_rows_are_none() {
    let mut read = Read::new(&["10.0.4.12", "10.0.5.12"]);
    let names = ["10.0.4.12", "10.0.5.12"];
    read.saw(0, names.iter().map(|name| up(name)).collect());
    let mut all = read.told(3);
    let vantage = crate::evidence::Vantage::default();
    read.event(10, Event::Vantage { vantage });
    read.saw(
        15,
        names
            .iter()
            .map(|name| Scene::new(name).timed_out())
            .collect(),
    );
    for second in 10..60 {
        all.extend(read.told(second));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn the_day_is_said_when_it_is_another() {
    let mut read = Read::new(&["crm01"]);
    read.saw(0, vec![up("crm01")]);
    read.told(3);
    let day = 24 * 60 * 60;
    let told = read.plain.summary(read.at(day));
    assert_eq!(told.len(), 2);
    let next = read.at(day).to_zoned(jiff::tz::TimeZone::UTC).date();
    assert!(told[0].ends_with(&format!("it is {next} now")), "{told:?}");
}

#[test]
fn an_instance_that_is_no_longer_watched_is_forgotten() {
    let mut read = Read::new(&["crm01"]);
    read.saw(0, vec![down("crm01")]);
    assert!(!read.told(3).is_empty());
    assert!(read.plain.is_failing());
    read.ledger.replace(read.at(5), &[]);
    read.board.arrange(&[]);
    read.show(5);
    assert_eq!(read.told(8), [""; 0]);
    assert!(read.plain.told.is_empty());
    assert!(!read.plain.is_failing());
}

#[test]
fn no_name_breaks_out_of_its_line() {
    let mut read = Read::new(&["crm01"]);
    let mut instance = Instance::from_text("crm01");
    instance.name = "crm\u{1b}[2J\r\n\u{202e}01".to_owned();
    read.ledger.replace(read.at(0), &[Arc::new(instance)]);
    read.board.arrange(read.ledger.order());
    read.saw(0, vec![down("crm01")]);
    let told = read.told(3);
    assert!(
        told.iter().all(|line| !line.contains(char::is_control)),
        "{told:?}"
    );
    assert!(!told.concat().contains('\u{202e}'));
}
