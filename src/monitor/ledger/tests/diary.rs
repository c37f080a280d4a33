//! What the ledger writes down of what happens to an instance.

use super::*;

/// What is in the diary of the first instance.
fn diary(told: &Told) -> Vec<String> {
    let row = told.ledger.row(InstanceId(0)).unwrap();
    let note = |note: &crate::monitor::Note| {
        let second = note.at.duration_since(at(0)).as_secs();
        format!("{second} {}", note.what)
    };
    row.diary.notes().map(note).collect()
}

#[test]
fn what_people_do_is_written_down() {
    let mut told = Told::new(&["10.0.4.12"]);
    let id = InstanceId(0);
    told.event(1, Event::Asked { id });
    let taken = Acknowledged {
        reason: "known".into(),
        until: None,
    };
    for (second, acknowledged) in [(2, Some(taken)), (3, None), (4, None)] {
        told.event(second, Event::Acknowledged { id, acknowledged });
    }
    let audit = Box::new(audit(5));
    told.event(5, Event::Audited { id, audit });
    assert_eq!(
        diary(&told),
        [
            "1 a probe was asked for by hand",
            "2 acknowledged: known",
            "3 no longer acknowledged",
            "5 its host was asked for everything it lists, opens and answers",
        ]
    );
}

#[test]
fn a_steady_instance_has_an_empty_diary() {
    let mut told = Told::new(&["10.0.4.12"]);
    for second in 0..100 {
        told.probed(second * 15, 0, saw("10.0.4.12", Answering));
    }
    assert!(diary(&told).is_empty());
}

#[test]
fn moves_of_the_address_and_the_port_are_written_down() {
    let mut told = Told::new(&["db1"]);
    told.probed(0, 0, saw("10.0.4.12", Answering));
    told.probed(15, 0, saw("10.0.5.12", Answering));
    let mut elsewhere = saw("10.0.5.12", Answering);
    elsewhere.layers.connect.attempts[0].endpoint.set_port(1500);
    if let Some(endpoint) = &mut elsewhere.layers.prelogin.endpoint {
        endpoint.set_port(1500);
    }
    told.probed(30, 0, elsewhere);
    assert_eq!(
        diary(&told),
        [
            "15 the name moved from 10.0.4.12 to 10.0.5.12",
            "30 the port changed from 1433 to 1500",
        ]
    );
}

#[test]
fn a_look_is_written_down_while_it_is_of_use() {
    let mut told = Told::new(&["10.0.4.12"]);
    let look = || Event::Witnessed {
        id: InstanceId(0),
        witness: Witness {
            at: at(1),
            look: Look::Port(attempt("10.0.4.12:445", ConnectStatus::Open)),
        },
    };
    told.probed(0, 0, saw("10.0.4.12", Answering));
    told.event(1, look());
    for second in [15, 16] {
        told.probed(second, 0, saw("10.0.4.12", TimedOut));
    }
    told.event(17, look());
    assert_eq!(diary(&told), ["17 looked besides at 10.0.4.12:445: open"]);
}

#[test]
fn a_clock_that_is_set_back_takes_the_diary_along() {
    let mut told = Told::new(&["10.0.4.12"]);
    told.event(100, Event::Asked { id: InstanceId(0) });
    told.probed(40, 0, saw("10.0.4.12", Answering));
    assert_eq!(diary(&told), ["40 a probe was asked for by hand"]);
}
