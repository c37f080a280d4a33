//! The one word, from the evidence alone.

use crate::diagnosis::State;
use crate::diagnosis::scene::{ME, ROUTER, SERVER, Scene};
use crate::evidence::{BrowserStatus, ConnectStatus, PreloginStatus, ResolveStatus};
use crate::target::Kind;

use ConnectStatus::{Blocked, Exhausted, Open, Refused, TimedOut, Unreachable};

fn db1() -> Scene {
    Scene::new("db1.corp.test,1433")
}

fn prod() -> Scene {
    Scene::new(r"sales01\PROD")
}

fn engine_took(scene: Scene, milliseconds: u64) -> Scene {
    let took = std::time::Duration::from_millis(milliseconds);
    scene.with(|scene| scene.evidence.layers.prelogin.elapsed = Some(took.into()))
}

fn live(scene: Scene, expected: u16) -> Scene {
    scene.with(|scene| scene.declared.expected_live = Some(expected))
}

fn browser_took(scene: Scene, milliseconds: u64) -> Scene {
    let took = std::time::Duration::from_millis(milliseconds);
    scene.with(|scene| scene.evidence.layers.browser.elapsed = Some(took.into()))
}

fn no_ipv6(scene: Scene) -> Scene {
    scene.with(|scene| scene.surroundings.vantage.ipv6 = false)
}

#[rustfmt::skip]
fn table() -> Vec<(&'static str, Scene, State)> {
    use State as S;
    vec![
        ("nothing was probed", db1(), S::Pending),
        ("no such name", db1().unresolved(ResolveStatus::NotFound), S::Unresolved),
        ("a name and no address", db1().with(|s| s.evidence.layers.resolve.addresses.clear()), S::Unresolved),
        ("Browser silent", prod().browser(BrowserStatus::Silent), S::NotLocated),
        ("Browser silent, the last good port answers", prod().browser(BrowserStatus::Silent).answers(), S::NotLocated),
        ("Browser lists no tcp", prod().browser(BrowserStatus::NoTcp), S::NotLocated),
        ("Browser is not asked for a port that is given", Scene::new(r"sales01\PROD,1433").browser(BrowserStatus::Silent).answers(), S::Answering),
        ("refused", db1().refused(), S::Refused),
        ("refused with ICMP", db1().refused().icmp(3, 3, ROUTER), S::Refused),
        ("timed out", db1().timed_out(), S::TimedOut),
        ("prohibited by a router", db1().connect(Unreachable).icmp(3, 13, ROUTER), S::Unreachable),
        ("prohibited by ourselves", db1().connect(Unreachable).icmp(3, 13, ME), S::Blocked),
        ("port-unreachable from ourselves", db1().connect(Refused).icmp(3, 3, ME), S::Blocked),
        ("ARP failed", db1().connect(Unreachable).icmp(3, 1, ME), S::Unreachable),
        ("EACCES that a router sent", Scene::new("fd00::12").connect(Blocked).icmp(1, 1, "fd00::1").os_error(13), S::Unreachable),
        ("EPERM", db1().connect(Blocked).os_error(1), S::Blocked),
        ("no local port", db1().connect(Exhausted), S::Blocked),
        ("refused and silent", db1().timed_out().also("10.0.5.12", Refused), S::Refused),
        ("IPv4 silent, IPv6 without a route", db1().timed_out().also("fd00::12", Unreachable).os_error(101), S::TimedOut),
        ("connected, engine not asked", db1().open(), S::Open),
        ("silent", db1().answer(PreloginStatus::Silent), S::Silent),
        ("FIN", db1().answer(PreloginStatus::Closed), S::HungUp),
        ("RST", db1().answer(PreloginStatus::Reset), S::HungUp),
        ("another service", db1().answer(PreloginStatus::NotTds), S::NotSql),
        ("an error in place of an answer", db1().answer(PreloginStatus::Malformed).with(|s| s.evidence.layers.prelogin.error = Some(crate::evidence::ServerError { number: 40613, message: crate::target::Untrusted::default() }.into())), S::HungUp),
        ("nonsense", db1().answer(PreloginStatus::Malformed), S::NotSql),
        ("another instance", prod().advertises(50123).answer(PreloginStatus::InstanceMismatch), S::WrongInstance),
        ("another instance, by INSTOPT alone", prod().advertises(50123).answers().with(|s| s.evidence.layers.prelogin.instance_matches = Some(false)), S::WrongInstance),
        ("another instance, and the port wins", Scene::new(r"sales01\PROD,1433").answer(PreloginStatus::InstanceMismatch), S::Degraded),
        ("answering", db1().answers(), S::Answering),
        ("answering, by Browser's port", prod().advertises(50123).answers(), S::Answering),
        ("one address dead", db1().answers().also("10.0.5.12", TimedOut), S::Degraded),
        ("one address refuses", db1().answers().also("10.0.5.12", Refused), S::Degraded),
        ("one address dead, as a listener's is", db1().kind(Kind::AgListener).answers().also("10.0.5.12", TimedOut), S::Answering),
        ("one address dead, two of three expected", live(db1().answers().also("10.0.5.12", TimedOut).also("10.0.6.12", Open), 2), S::Answering),
        ("two addresses dead, two of three expected", live(db1().answers().also("10.0.5.12", TimedOut).also("10.0.6.12", TimedOut), 2), S::Degraded),
        ("more expected than there are", live(db1().answers(), 3), S::Answering),
        ("no way out over IPv6", no_ipv6(db1().answers().also("fd00::12", TimedOut)), S::Answering),
        ("an IPv6 address that is dead", db1().answers().also("fd00::12", TimedOut), S::Degraded),
        ("no route over IPv6 at once", db1().answers().also("fd00::12", Unreachable).os_error(101), S::Answering),
        ("Browser at 1001 ms", browser_took(prod().advertises(50123).answers(), 1001), S::Degraded),
        ("Browser at 999 ms", browser_took(prod().advertises(50123).answers(), 999), S::Answering),
        ("the engine at 3 s", engine_took(db1().answers(), 3000), S::Degraded),
        ("the engine at 1.4 s over a way of 700 ms", engine_took(db1().answers().took(700), 1400), S::Answering),
        ("300 ms where 2 ms are usual", engine_took(db1().answers().with(|s| s.past.usual_engine_ms = Some(2.0)), 300), S::Degraded),
        ("300 ms where 100 ms are usual", engine_took(db1().answers().with(|s| s.past.usual_engine_ms = Some(100.0)), 300), S::Answering),
        ("no encryption offered is a finding only", db1().answers().with(|s| s.evidence.layers.prelogin.encryption = Some(crate::evidence::EncryptionOffer::NotSupported)), S::Answering),
        ("it moved, and answers", db1().moved_from("10.0.4.99", 1).good(SERVER, 1433).answers(), S::Answering),
        ("a pipe", Scene::new(r"np:\\db1\pipe\sql\query"), S::Invalid),
    ]
}

#[test]
fn the_state_is_the_word_for_what_happened() {
    for (what, scene, state) in table() {
        assert_eq!(scene.diagnose().state, state, "{what}");
    }
}

#[test]
fn failing_has_causes_and_answering_has_none() {
    for (what, scene, state) in table() {
        let causes = scene.diagnose().causes.len();
        let wanted = state.is_failing() || matches!(state, State::Degraded | State::Invalid);
        assert_eq!(causes > 0, wanted, "{what}");
    }
}
