use super::{Diary, Glance, Happening};
use crate::evidence::{BrowserStatus, ConnectStatus};
use crate::monitor::tests::at;
use crate::monitor::{Acknowledged, IncidentId};
use crate::target::Port;

#[test]
fn the_oldest_goes_when_there_is_no_room() {
    let mut diary = Diary::default();
    for second in 0..100 {
        diary.add(at(second), Happening::Asked);
    }
    let times: Vec<_> = diary.notes().map(|note| note.at).collect();
    assert_eq!(times.len(), Diary::MOST);
    assert_eq!((times[0], times[63]), (at(36), at(99)));
    assert!(diary.0.capacity() <= Diary::MOST + 8);
}

#[test]
fn everything_that_can_happen_has_words() {
    let acknowledged = Acknowledged {
        reason: "disk \u{1b}[31mreplaced".into(),
        until: None,
    };
    let endpoint = "10.0.4.12:445".parse().unwrap();
    let ip = |text: &str| text.parse().unwrap();
    for (what, words) in [
        (
            Happening::Acknowledged(acknowledged),
            "acknowledged: disk \u{fffd}[31mreplaced",
        ),
        (
            Happening::moved(&[ip("10.0.4.12")], &[ip("10.0.5.12"), ip("10.0.5.13")]),
            "the name moved from 10.0.4.12 to 10.0.5.12, 10.0.5.13",
        ),
        (
            Happening::PortMoved {
                from: Port::literal(50123),
                to: Port::literal(50124),
            },
            "the port changed from 50123 to 50124",
        ),
        (
            Happening::Looked(Glance::Port(endpoint, ConnectStatus::TimedOut)),
            "looked besides at 10.0.4.12:445: timed out",
        ),
        (
            Happening::Looked(Glance::BrowserList(BrowserStatus::Silent)),
            "looked besides at Browser, all instances: no answer",
        ),
        (
            Happening::Looked(Glance::Path(endpoint, None)),
            "looked besides at the path to 10.0.4.12:445: not available on this system",
        ),
        (
            Happening::Joined(IncidentId(3)),
            "fails with others: incident 3",
        ),
    ] {
        assert_eq!(what.to_string(), words);
    }
}
