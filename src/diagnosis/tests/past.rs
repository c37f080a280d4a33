//! Last known good makes verdicts: the port that moved, the host that came up, and how
//! much less an old memory weighs.

use jiff::SignedDuration;

use crate::diagnosis::scene::{SERVER, Scene, now};
use crate::diagnosis::{CauseId, Confidence, Diagnosis, Expectation, Said, Tried};
use crate::evidence::{Advertised, BrowserStatus, ConnectStatus, Test};
use crate::target::{InstanceName, Kind, Platform, Port, Untrusted};

use BrowserStatus::{NotListed, Ok as Listed};
use CauseId as C;
use ConnectStatus::{Open, Refused, TimedOut};

/// A target that gives only the port, where PROD answered until three minutes ago.
fn was_prod() -> Scene {
    given().good(SERVER, 50123).owned_by("PROD")
}

fn given() -> Scene {
    Scene::new("sales01,50123")
}

fn prod() -> Scene {
    Scene::new(r"sales01\PROD")
}

/// A named instance whose port changed since it answered.
fn moved() -> Scene {
    prod().advertises(51001).good(SERVER, 50123)
}

/// Silent on a host that is there and hides its closed ports.
fn stealth(scene: Scene) -> Scene {
    scene.timed_out().closed(TimedOut).port(445, Open)
}

impl Scene {
    fn owned_by(self, instance: &str) -> Self {
        let owner = InstanceName::new(instance).unwrap();
        self.with(|scene| scene.past.instance_there = Some(owner))
    }

    /// Browser, when it was looked at, lists these.
    fn lists(self, listed: &[(&str, Option<u16>)]) -> Self {
        let entry = |(name, tcp): &(&str, Option<u16>)| Advertised {
            instance: Untrusted::from_bytes(name.as_bytes()),
            ..self.entry(*tcp)
        };
        let instances = listed.iter().map(entry).collect();
        self.list(Listed, instances)
    }

    /// The last good answer is so many days old.
    fn days_ago(self, days: i64) -> Self {
        let at = now() - SignedDuration::from_hours(24 * days);
        self.with(|scene| scene.past.last_good.as_mut().unwrap().at = at)
    }

    fn host_up_for(self, minutes: i64) -> Self {
        let at = now() - SignedDuration::from_mins(minutes);
        self.with(|scene| scene.past.host_came_up = Some(at))
    }
}

fn leads(what: &str, scene: &Scene) -> CauseId {
    let diagnosis = scene.diagnose();
    assert_eq!(diagnosis.tied, 1, "{what}: {diagnosis:?}");
    diagnosis.causes[0].id
}

fn cause(diagnosis: &Diagnosis, id: CauseId) -> Option<usize> {
    diagnosis.causes.iter().position(|cause| cause.id == id)
}

/// Cases and the cause that leads, alone.
#[rustfmt::skip]
pub(super) fn leading() -> Vec<(&'static str, Scene, CauseId)> {
    vec![
        // A port that was given or left at 1433, and where Browser lists the instance.
        ("moved, not looked at", was_prod().refused().lists(&[("PROD", Some(51001))]), C::WrongPort),
        ("moved, and the new port opens", was_prod().refused().lists(&[("PROD", Some(51001))]).port(51001, Open), C::WrongPort),
        ("moved, and stopped there too", was_prod().refused().lists(&[("PROD", Some(51001))]).port(51001, Refused), C::ServiceNotRunning),
        ("another instance has the port now", was_prod().refused().lists(&[("PROD", Some(51001)), ("TEST", Some(50123))]), C::WrongPort),
        ("it did not move", was_prod().refused().lists(&[("PROD", Some(50123))]), C::ServiceNotRunning),
        ("somebody is listed there", given().refused().lists(&[("TEST", Some(50123))]), C::ServiceNotRunning),
        ("others are listed elsewhere, and whose port it was is not known", given().refused().closed(Refused).lists(&[("TEST", Some(50200))]), C::ServiceNotRunning),
        ("it is not listed any more", was_prod().refused().lists(&[("TEST", Some(50200))]), C::ServiceNotRunning),
        ("it has no TCP port any more", was_prod().refused().lists(&[("PROD", None)]), C::TcpDisabled),
        ("the default instance left 1433", Scene::new("sales01").refused().lists(&[("MSSQLSERVER", Some(14330))]), C::WrongPort),
        ("1433 was written down: it may be another's", Scene::new("sales01,1433").refused().closed(Refused).lists(&[("MSSQLSERVER", Some(14330))]), C::ServiceNotRunning),
        ("the instance is named beside its old port", Scene::new(r"sales01\PROD,50123").refused().lists(&[("PROD", Some(51001))]), C::WrongPort),
        ("silent, and the host answers", was_prod().timed_out().closed(TimedOut).port(445, Open).lists(&[("PROD", Some(51001))]), C::WrongPort),
        ("a listener is listed nowhere", was_prod().kind(Kind::AgListener).refused().lists(&[("PROD", Some(51001))]), C::ServiceNotRunning),
        // A named instance that moved, judged by its old port.
        ("refused, the old port unknown", moved().refused(), C::StaleBrowserPort),
        ("refused, the old port opens", moved().refused().port(50123, Open), C::StaleBrowserPort),
        ("refused, the old port is closed too", moved().refused().port(50123, Refused), C::ServiceNotRunning),
        ("silent, the old port opens", moved().timed_out().port(50123, Open), C::StaleBrowserPort),
        ("silent, the old port is closed: only the old one is let through", moved().timed_out().port(50123, Refused), C::FirewallDrops),
        // A name that led elsewhere while it was well.
        ("moved, refused", other_machine(), C::StaleName),
        ("moved, and a Browser lists its own there", other_machine().lists(&[("MSSQLSERVER", Some(1433))]), C::StaleName),
        ("moved, silent", alive(led_elsewhere().timed_out()), C::StaleName),
        ("moved, silent, closed ports hidden", stealth(led_elsewhere()), C::StaleName),
        ("moved, the old place opens", other_machine().old_place(Open), C::StaleName),
        ("moved, the old place is gone", other_machine().old_place(Refused), C::ServiceNotRunning),
        ("moved, silent, the old place is gone", alive(led_elsewhere().timed_out()).old_place(TimedOut), C::FirewallDrops),
        ("it answered after the move", other_machine().good(SERVER, 1433), C::ServiceNotRunning),
        ("a cluster moves its addresses", other_machine().kind(Kind::Fci), C::ClusterGroupOffline),
        // The host came up minutes ago.
        ("refused, just after the boot", given().refused().host_up_for(3), C::ServiceNotRunning),
        ("silent with life, just after the boot", stealth(given()).host_up_for(3), C::ServiceNotRunning),
        ("Browser does not run, just after the boot", prod().browser(BrowserStatus::Refused).host_up_for(3), C::BrowserStopped),
    ]
}

#[test]
fn what_is_known_from_before_and_what_is_listed_decide() {
    for (what, scene, cause) in leading() {
        assert_eq!(leads(what, &scene), cause, "{what}: {:?}", scene.diagnose());
    }
}

#[test]
fn a_port_that_moved_is_told_with_the_way_around() {
    let (from, port) = (Port::literal(50123), Port::literal(51001));
    let when = now() - SignedDuration::from_mins(3);
    let listed = was_prod().refused().lists(&[("PROD", Some(51001))]);
    let moved = listed.diagnose();
    assert_eq!(moved.causes[0].confidence, Confidence::High);
    let said = Said::ListedElsewhere { from, port, when };
    assert!(moved.causes[0].because.contains(&said), "{moved:?}");
    assert!(moved.findings.contains(&Said::WayAroundListed { port }));
    assert!(moved.next_tests.contains(&Test::Port {
        address: SERVER.parse().unwrap(),
        port
    }));

    let opens = listed.clone().port(51001, Open).diagnose();
    assert!(opens.findings.contains(&Said::WayAroundListedOpen { port }));
    let closed = listed.port(51001, Refused).diagnose();
    let around = |said: &Said| said.key().starts_with("way-around");
    assert!(!closed.findings.iter().any(around), "{closed:?}");
}

#[test]
fn without_a_remembered_instance_the_listed_ports_raise_the_wrong_port_and_are_named() {
    let before = given().refused().diagnose();
    let after = given()
        .refused()
        .lists(&[("TEST", Some(50200)), ("DEV", Some(1433))])
        .diagnose();
    let ports = [Port::literal(50200), Port::DEFAULT].into_iter().collect();
    let place = cause(&after, C::WrongPort).unwrap();
    assert!(
        after.causes[place]
            .because
            .contains(&Said::ListedPorts { ports })
    );
    assert!(
        after.causes[place].confidence
            > before.causes[cause(&before, C::WrongPort).unwrap()].confidence
    );
    assert!(
        !after
            .findings
            .iter()
            .any(|said| said.key().starts_with("way-around"))
    );
}

#[test]
fn of_a_list_that_was_cut_off_nobody_knows_who_is_missing() {
    let cut = given()
        .refused()
        .lists(&[("TEST", Some(50200))])
        .with(|scene| {
            if let crate::evidence::Look::BrowserList(browser) = &mut scene.witnesses[0].look {
                browser.flaws.push("cut short".into());
            }
        });
    let named = |said: &Said| matches!(said, Said::ListedPorts { .. });
    let diagnosis = cut.diagnose();
    assert!(
        !diagnosis
            .causes
            .iter()
            .any(|cause| cause.because.iter().any(named))
    );
}

#[test]
fn a_given_port_that_fails_has_browser_looked_at() {
    let list = Test::BrowserList {
        address: SERVER.parse().unwrap(),
    };
    #[rustfmt::skip]
    let table = [
        ("refused", given().refused(), true),
        ("the default port refused", Scene::new("sales01").refused(), true),
        ("refused on loopback", Scene::new("127.0.0.5,50123").refused(), true),
        ("silent, and nothing else was looked at", given().timed_out(), false),
        ("silent, and the host answers", given().timed_out().closed(Refused), true),
        ("silent, and the host may hide its ports", given().timed_out().closed(TimedOut), true),
        ("all silent", given().timed_out().closed(TimedOut).port(445, TimedOut), false),
        ("Browser gave the port", prod().advertises(50123).refused(), false),
        ("Linux has no Browser", given().platform(Platform::Linux).refused(), false),
        ("a cloud has no Browser", given().platform(Platform::Azure).refused(), false),
        ("a listener is listed nowhere", given().kind(Kind::AgListener).refused(), false),
        ("looked at", given().refused().list(NotListed, vec![]), false),
    ];
    for (what, scene, wanted) in table {
        let tests = scene.diagnose().next_tests;
        let asked = tests
            .iter()
            .any(|test| matches!(test, Test::BrowserList { .. }));
        assert_eq!(asked, wanted, "{what}: {tests:?}");
    }
    assert!(given().refused().diagnose().next_tests.contains(&list));
}

#[test]
#[rustfmt::skip]
fn the_old_port_that_still_opens_is_the_way_around() {
    for opens in [moved().refused().port(50123, Open), moved().timed_out().port(50123, Open)] {
        let (port, when) = (Port::literal(50123), now() - SignedDuration::from_mins(3));
        assert!(opens.diagnose().findings.contains(&Said::WayAroundOpen { port, when }));
    }
}

#[test]
fn a_named_instance_that_answers_on_another_port_says_so_for_a_day() {
    let changed = |scene: Scene| {
        let findings = scene.answers().diagnose().findings;
        findings
            .iter()
            .any(|said| matches!(said, Said::PortChanged { .. }))
    };
    let known = |hours: i64| {
        prod().advertises(51001).good(SERVER, 51001).with(|scene| {
            let at = now() - SignedDuration::from_hours(hours);
            scene.past.port_before = Some((at, Port::literal(50123)));
        })
    };
    assert!(
        changed(prod().advertises(51001).good(SERVER, 50123)),
        "at once"
    );
    assert!(changed(known(1)), "and later");
    assert!(!changed(known(25)), "no news");
    assert!(!changed(prod().advertises(51001).good(SERVER, 51001)));
    assert!(!changed(prod().advertises(51001)), "never seen before");
    assert!(
        !changed(Scene::new("sales01,51001").good(SERVER, 50123)),
        "given by hand"
    );
}

#[test]
fn a_host_that_came_up_minutes_ago_may_still_be_starting() {
    #[rustfmt::skip]
    let table = [
        ("refused", given().refused(), true),
        ("silent with life", stealth(given()), true),
        ("silent without", given().timed_out().closed(TimedOut).port(445, TimedOut), false),
        ("Browser does not run", prod().browser(BrowserStatus::Refused), true),
        ("Browser is silent, the host is there", prod().browser(BrowserStatus::Silent).port(445, Open), true),
        ("Browser runs and does not know it", prod().browser(NotListed), false),
    ];
    for (what, scene, raised) in table {
        for (minutes, lately) in [(3, true), (16, false)] {
            let diagnosis = scene.clone().host_up_for(minutes).diagnose();
            let said = |said: &Said| matches!(said, Said::HostCameUp { .. });
            let place = cause(&diagnosis, C::ServiceNotRunning);
            let named = place.is_some_and(|place| diagnosis.causes[place].because.iter().any(said));
            assert_eq!(named, raised && lately, "{what}, {minutes}: {diagnosis:?}");
        }
    }
    assert_eq!(
        stealth(given()).diagnose().tied,
        3,
        "without it nobody knows"
    );
}

#[test]
fn an_old_memory_weighs_less_than_a_fresh_one() {
    let confidence = |days: i64| {
        let moved = Scene::new("db1.corp.test,1433")
            .refused()
            .good("10.0.4.99", 1433);
        let diagnosis = moved.days_ago(days).diagnose();
        diagnosis.causes[0].id
    };
    assert_eq!(
        (confidence(1), confidence(31)),
        (C::StaleName, C::ServiceNotRunning)
    );
    let other_port = |days: i64| {
        let scene = Scene::new("db1.corp.test,1435")
            .refused()
            .good(SERVER, 1433);
        let diagnosis = scene.days_ago(days).diagnose();
        diagnosis.causes[cause(&diagnosis, C::WrongPort).unwrap()].confidence
    };
    assert!(
        other_port(1) > other_port(31),
        "{:?} {:?}",
        other_port(1),
        other_port(31)
    );
}

/// The name led elsewhere until a minute ago, and another machine answers there now.
fn led_elsewhere() -> Scene {
    Scene::new("db1.corp.test,1433")
        .good("10.0.4.99", 1433)
        .moved_from("10.0.4.99", 1)
}

fn alive(scene: Scene) -> Scene {
    scene.closed(Refused).port(445, Open)
}

/// It refuses there, on a host that shows its closed ports.
fn other_machine() -> Scene {
    alive(led_elsewhere().refused())
}

impl Scene {
    fn old_place(self, status: ConnectStatus) -> Self {
        let there = Scene::new("10.0.4.99,1433").connect(status);
        let attempt = there.evidence.layers.connect.attempts[0].clone();
        self.look(crate::evidence::Look::Port(attempt))
    }
}

#[test]
fn a_name_whose_old_place_still_answers_is_stale_for_sure() {
    let opens = other_machine().old_place(Open).diagnose();
    assert_eq!(opens.causes[0].id, C::StaleName);
    assert_eq!(opens.causes[0].confidence, Confidence::High);
    let unseen = other_machine().diagnose();
    assert_eq!(unseen.causes[0].id, C::StaleName);
    assert!(unseen.causes[0].confidence < Confidence::High);
}

#[test]
fn the_place_where_it_answered_before_the_name_moved_is_looked_at_once() {
    let test = Test::Port {
        address: "10.0.4.99".parse().unwrap(),
        port: Port::DEFAULT,
    };
    let asks = |scene: Scene| scene.diagnose().next_tests.contains(&test);
    assert!(asks(led_elsewhere().refused()));
    assert!(asks(led_elsewhere().timed_out()));
    assert!(!asks(led_elsewhere().refused().old_place(Open)));
    assert!(!asks(led_elsewhere().refused().kind(Kind::AgListener)));
    let opens = led_elsewhere().timed_out().old_place(Open).diagnose();
    assert!(
        !opens.rules_out.contains(&Said::OutHostDown {}),
        "another machine is no sign of life"
    );
}

#[test]
fn a_port_whose_instance_answers_on_another_one_is_wrong_while_browser_is_silent() {
    let port = Port::literal(51001);
    let refused = || {
        was_prod()
            .refused()
            .with(|scene| scene.past.instance_on = Some(port))
            .list(BrowserStatus::Silent, vec![])
    };
    #[rustfmt::skip]
    let table = [
        ("known by its answer", refused().closed(Refused), C::WrongPort),
        ("and its port opens", refused().port(51001, Open), C::WrongPort),
        ("it stopped there too", refused().port(51001, Refused), C::ServiceNotRunning),
        ("Browser lists it here", refused().lists(&[("PROD", Some(50123))]), C::ServiceNotRunning),
    ];
    for (what, scene, cause) in table {
        assert_eq!(leads(what, &scene), cause, "{what}");
    }
    let diagnosis = refused().diagnose();
    assert!(
        diagnosis
            .findings
            .contains(&Said::WayAroundAnswers { port })
    );
    let because = &diagnosis.causes[0].because;
    assert!(because.contains(&Said::InstanceAnswersOn { port }));
}

#[test]
fn a_fix_that_was_tried_in_vain_moves_the_next_cause_up() {
    let tried = |first, hours| {
        let at = now() - SignedDuration::from_hours(hours);
        let cause = C::ServiceNotRunning;
        prod().advertises(50123).refused().with(|scene| {
            scene.past.tried = vec![Tried { cause, at, first }];
        })
    };
    let fresh = prod().advertises(50123).refused().diagnose();
    assert_eq!(fresh.causes[0].id, C::ServiceNotRunning);
    let next = fresh.causes[1].id;

    let in_vain = tried(Expectation::PortOpen, 0).diagnose();
    assert_eq!(in_vain.causes[0].id, next);
    assert_eq!(in_vain.causes.len(), fresh.causes.len());
    let last = in_vain.causes.last().unwrap();
    let remark = Said::TriedPortClosed { when: now() };
    assert_eq!(
        (last.id, last.against.last()),
        (C::ServiceNotRunning, Some(&remark))
    );

    let came_true_since = tried(Expectation::NameResolves, 0).diagnose();
    assert_eq!(came_true_since, fresh);
    let of_another_day = tried(Expectation::PortOpen, 25).diagnose();
    assert_eq!(of_another_day, fresh);
}
