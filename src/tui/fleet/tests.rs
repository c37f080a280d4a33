//! What is shown in which order, and where the selection goes.

use std::sync::Arc;

use jiff::SignedDuration;

use super::entry::is_problem;
use super::*;
use crate::config::Column;
use crate::diagnosis::State;
use crate::tui::sample;

fn filtered(text: &str) -> Filter {
    Filter::parse(text).unwrap()
}

fn names(fleet: &Fleet) -> Vec<String> {
    let name = |spot: &Spot| match spot {
        Spot::Instance(id) => fleet.row(*id).unwrap().instance.name.clone(),
        Spot::Group(name) => format!("[{}]", words(fleet.grouping(), name)),
    };
    fleet.lines().iter().map(name).collect()
}

fn problems(fleet: &Fleet) -> usize {
    let rows = fleet.shown().iter().filter_map(|id| fleet.row(*id));
    rows.filter(|row| is_problem(row.state)).count()
}

#[test]
fn the_selection_follows_the_instance_when_rows_move() {
    let mut fleet = sample::fleet();
    fleet.hold();
    fleet.step(3);
    let chosen = fleet.selected().unwrap().id;
    fleet.sort_by(Order {
        reversed: true,
        ..Order::default()
    });
    assert_eq!(fleet.selected().unwrap().id, chosen);
    fleet.take(News {
        rows: sample::rows(),
        order: None,
    });
    assert_eq!(fleet.selected().unwrap().id, chosen);
}

#[test]
fn a_hidden_selection_goes_to_its_neighbour() {
    let mut fleet = sample::fleet();
    fleet.hold();
    fleet.step(isize::MAX);
    fleet.filter(filtered("state:refused"));
    assert_eq!(fleet.selected().unwrap().state, State::Refused);
    fleet.filter(filtered("nothing-is-called-so"));
    assert!(fleet.selected().is_none());
    fleet.step(1);
    fleet.filter(Filter::default());
    assert!(fleet.selected().is_some());
}

#[test]
fn problems_only_hides_what_is_well() {
    let mut fleet = sample::fleet();
    assert!(fleet.toggle_problems());
    assert_eq!(problems(&fleet), fleet.shown().len());
    assert!(!fleet.toggle_problems());
    assert_eq!(fleet.shown().len(), fleet.len());
}

#[test]
fn instances_that_are_gone_disappear_and_are_not_counted() {
    let mut fleet = sample::fleet();
    let first = fleet.shown()[0];
    fleet.take(News {
        rows: vec![],
        order: Some([first].into()),
    });
    assert_eq!((fleet.len(), fleet.shown().len()), (1, 1));
    let down = Counts {
        down: 1,
        ..Counts::default()
    };
    assert_eq!(fleet.counts(), down);
}

#[test]
fn the_filter_stays_when_instances_come_and_go() {
    let mut fleet = sample::fleet();
    fleet.filter(filtered("tag:prod"));
    let rows = sample::rows()[1..].to_vec();
    let order: Vec<InstanceId> = rows.iter().map(|row| row.id).collect();
    fleet.take(News {
        rows,
        order: Some(order.into()),
    });
    assert_eq!(names(&fleet), ["hr02,1433", "reports", "crm"]);
}

#[test]
fn news_that_move_no_line_cost_only_their_rows() {
    let mut fleet = sample::fleet();
    let crm = sample::rows()
        .into_iter()
        .find(|row| row.instance.name == "crm")
        .unwrap();
    let same = || Arc::new(Row::clone(&crm));
    assert!(!fleet.put(same()), "sorted by state, it stays");
    let mut worse = Row::clone(&crm);
    worse.state = State::Silent;
    fleet.filter(filtered("state:refused"));
    assert!(!fleet.put(Arc::new(worse.clone())), "it is hidden anyway");
    fleet.filter(Filter::default());
    assert!(fleet.put(same()), "its state sorts otherwise");
    fleet.group_by(Group::Tag);
    fleet.sort_by(Order {
        column: Column::Instance,
        reversed: false,
    });
    assert!(fleet.put(Arc::new(worse)), "the counts of its group change");
}

#[test]
fn counts_follow_each_row() {
    let mut fleet = sample::fleet();
    let before = fleet.counts();
    let mut crm = Row::clone(
        sample::rows()
            .iter()
            .find(|row| row.state == State::Answering)
            .unwrap(),
    );
    crm.state = State::Silent;
    fleet.take(News {
        rows: vec![Arc::new(crm)],
        order: None,
    });
    let after = fleet.counts();
    assert_eq!((after.well, after.down), (before.well - 1, before.down + 1));
}

#[test]
fn time_moves_rows_out_of_the_filter_without_news() {
    let mut fleet = sample::fleet();
    fleet.pass(sample::later());
    fleet.filter(filtered("since:<10m"));
    assert_eq!(fleet.shown().len(), 6, "two have no result yet");
    assert!(!fleet.pass(sample::later() + SignedDuration::from_mins(1)));
    assert!(fleet.pass(sample::later() + SignedDuration::from_mins(10)));
    assert!(fleet.shown().is_empty());
    assert!(!fleet.pass(sample::later() + SignedDuration::from_mins(99)));
}

#[test]
fn groups_stand_worst_first_and_rows_sort_within_them() {
    let mut fleet = sample::fleet();
    fleet.group_by(Group::Tag);
    fleet.sort_by(Order {
        column: Column::Instance,
        reversed: false,
    });
    assert_eq!(
        names(&fleet),
        [
            "[test]",
            "intranet",
            "typo01",
            "[prod]",
            "crm",
            "hr02,1433",
            "reports",
            "sales01\\PROD",
            "[no tag]",
            "db1/PROD",
            "new01",
        ]
    );
    let prod = fleet.group(&Some("prod".into())).unwrap();
    let states = [
        State::TimedOut,
        State::Refused,
        State::Degraded,
        State::Answering,
    ];
    assert_eq!(prod.states, states.map(|state| (state, 1)));
    fleet.group_by(Group::Subnet);
    assert_eq!(names(&fleet)[..3], ["[no address]", "db1/PROD", "new01"]);
    assert!(names(&fleet).contains(&"[10.0.4.0/24]".to_owned()));
}

#[test]
fn folding_keeps_the_selection_and_what_is_shown() {
    let mut fleet = sample::fleet();
    fleet.hold();
    fleet.group_by(Group::Tag);
    fleet.step(isize::MIN);
    fleet.step(1);
    assert_eq!(fleet.selected().unwrap().instance.name, "typo01");
    let name = fleet.group_of_selection().unwrap().name.clone();
    fleet.fold(&name, true);
    assert_eq!(fleet.selection(), Some(&Spot::Group(name.clone())));
    assert_eq!(fleet.position(), Some(0));
    assert_eq!(fleet.shown().len(), fleet.len(), "a fold hides no problem");
    fleet.take(News {
        rows: sample::rows(),
        order: None,
    });
    fleet.group_by(Group::Host);
    fleet.group_by(Group::Tag);
    assert!(
        fleet.group(&name).unwrap().folded,
        "it stays folded by name"
    );
    let hidden = fleet.group(&name).unwrap().members[0];
    fleet.select(hidden);
    assert_eq!(fleet.selected().unwrap().id, hidden);
    assert!(!fleet.group(&name).unwrap().folded);
    fleet.fold_all(true);
    assert_eq!(names(&fleet), ["[test]", "[prod]", "[no tag]"]);
    fleet.fold_all(false);
    assert_eq!(fleet.lines().len(), fleet.len() + 3);
}
