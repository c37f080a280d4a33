use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::KEPT;
use crate::diagnosis::State;
use crate::diagnosis::{Good, Past};
use crate::evidence::ConnectStatus::{self, Open, Refused, TimedOut};
use crate::evidence::{BrowserStatus, Connect, Elapsed, Evidence, PreloginStatus};
use crate::monitor::InstanceId;
use crate::monitor::ledger::{Event, Ledger, Rules};
use crate::monitor::outage::{Outage, Turn};
use crate::monitor::tests::{at, attempt, elapsed, instance, saw};

const OLD: &str = "10.0.4.12";
const NEW: &str = "10.0.5.12";

/// What a probe of a name with both addresses sees; the first open one answers.
fn both(old: ConnectStatus, new: ConnectStatus) -> Evidence {
    let answering = [(OLD, old), (NEW, new)]
        .into_iter()
        .find(|(_, status)| *status == Open);
    let mut evidence = match answering {
        Some((address, _)) => saw(address, State::Answering),
        None => saw(OLD, State::TimedOut),
    };
    let layers = &mut evidence.layers;
    layers.resolve.addresses = [OLD, NEW].map(|address| address.parse().unwrap()).to_vec();
    layers.connect.attempts = vec![
        attempt(&format!("{OLD}:1433"), old),
        attempt(&format!("{NEW}:1433"), new),
    ];
    layers.connect.status = ConnectStatus::best([old, new]);
    evidence.elapsed = Elapsed::default();
    evidence
}

/// A ledger that watches one listener.
struct Watched(Ledger);

impl Watched {
    fn new() -> Self {
        Self::recalling(None)
    }

    fn recalling(past: Option<&Past>) -> Self {
        let mut ledger = Ledger::new(Rules::default());
        let mut listener = (*instance("aglist01")).clone();
        listener.declared.expected_live = Some(1);
        ledger.replace_recalling(at(0), &[listener.into()], |_| past.cloned());
        Self(ledger)
    }

    /// Watches an instance whose port Browser tells.
    fn named() -> Self {
        let mut ledger = Ledger::new(Rules::default());
        ledger.replace(at(0), &[instance(r"db1\PROD")]);
        Self(ledger)
    }

    fn sees(&mut self, second: i64, evidence: Evidence) {
        let event = Event::Probed {
            id: InstanceId(0),
            evidence: Box::new(evidence),
        };
        self.0.apply(at(second), event);
    }

    fn outages(&self) -> Vec<Outage> {
        self.0.row(InstanceId(0)).unwrap().outages.to_vec()
    }

    fn only(&self) -> Outage {
        let [outage] = self.outages().try_into().unwrap();
        outage
    }
}

/// Good until 15, bad from 30 to 46, good from 61 on at the other address.
fn failed_over() -> Watched {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    watched.sees(15, both(Open, TimedOut));
    watched.sees(30, both(Refused, TimedOut));
    watched.sees(31, both(Refused, TimedOut));
    watched.sees(46, both(TimedOut, Refused));
    watched.sees(61, both(TimedOut, Open));
    watched
}

fn seconds(outage: &Outage) -> (u64, Option<u64>) {
    let (least, most) = outage.bounds();
    (least.as_secs(), most.as_ref().map(Duration::as_secs))
}

fn endpoint(address: &str) -> SocketAddr {
    format!("{address}:1433").parse().unwrap()
}

#[test]
fn a_failover_has_its_bounds_and_both_addresses() {
    let outage = failed_over().only();
    assert_eq!(seconds(&outage), (16, Some(46)));
    assert_eq!(
        (outage.from, outage.to),
        (Some(endpoint(OLD)), Some(endpoint(NEW)))
    );
    assert!(outage.is_failover() && outage.is_over());
    assert_eq!(
        (
            outage.last_good,
            outage.first_bad,
            outage.last_bad,
            outage.first_good
        ),
        (Some(at(15)), Some(at(30)), Some(at(46)), Some(at(61)))
    );
}

#[test]
fn a_failover_tells_what_each_address_did_and_when() {
    let told: Vec<_> = failed_over()
        .only()
        .steps
        .iter()
        .map(|step| (step.at, step.endpoint.ip().to_string(), step.what))
        .collect();
    let step = |second, address: &str, what| (at(second), address.to_owned(), what);
    assert_eq!(
        told,
        [
            step(30, OLD, Turn::Connect(Refused)),
            step(46, OLD, Turn::Connect(TimedOut)),
            step(46, NEW, Turn::Connect(Refused)),
            step(61, NEW, Turn::Connect(Open)),
            step(61, NEW, Turn::Engine(PreloginStatus::Ok)),
        ]
    );
}

#[test]
fn a_move_between_two_probes_is_a_failover_of_at_least_nothing() {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    watched.sees(15, both(TimedOut, Open));
    let outage = watched.only();
    assert_eq!(seconds(&outage), (0, Some(15)));
    assert!(outage.is_failover());
    assert_eq!(outage.first_bad, None);
}

#[test]
fn a_probe_that_takes_long_makes_the_bounds_wider() {
    let lasting = |ms, evidence: Evidence| Evidence {
        elapsed: elapsed(ms),
        ..evidence
    };
    let mut watched = Watched::new();
    // The engine answered at once, and the dead address held the probe for 8 s.
    watched.sees(8, lasting(8000, both(Open, TimedOut)));
    watched.sees(24, lasting(4000, both(TimedOut, TimedOut)));
    watched.sees(29, lasting(4000, both(TimedOut, TimedOut)));
    watched.sees(40, lasting(0, both(TimedOut, Open)));
    // Failing surely from 24, when the first had ended, to 25, when the second began.
    assert_eq!(seconds(&watched.only()), (1, Some(40)));
}

#[test]
fn one_failing_probe_alone_proves_no_length() {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    let long = Evidence {
        elapsed: elapsed(4000),
        ..both(TimedOut, TimedOut)
    };
    watched.sees(15, long);
    watched.sees(16, both(TimedOut, Open));
    assert_eq!(seconds(&watched.only()), (0, Some(16)));
}

#[test]
fn a_restart_is_an_outage_and_no_failover() {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    watched.sees(15, both(Refused, TimedOut));
    watched.sees(16, both(Refused, TimedOut));
    watched.sees(30, both(Open, TimedOut));
    let outage = watched.only();
    assert_eq!(seconds(&outage), (1, Some(30)));
    assert!(!outage.is_failover());
}

#[test]
fn a_single_miss_is_a_blip_and_no_outage() {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    watched.sees(15, both(TimedOut, TimedOut));
    watched.sees(16, both(Open, TimedOut));
    assert_eq!(watched.outages(), []);
}

#[test]
fn a_single_miss_with_a_move_is_a_failover() {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    watched.sees(15, both(TimedOut, TimedOut));
    watched.sees(16, both(TimedOut, Open));
    let outage = watched.only();
    assert!(outage.is_failover());
    assert_eq!(seconds(&outage), (0, Some(16)));
}

#[test]
fn an_address_that_still_answers_has_not_moved() {
    let mut watched = Watched::new();
    // Whichever opens first is asked, now this one and now that.
    for (second, address) in [(0, OLD), (15, NEW), (30, OLD), (45, NEW)] {
        let mut evidence = both(Open, Open);
        evidence.layers.prelogin.endpoint = Some(endpoint(address));
        watched.sees(second, evidence);
    }
    assert_eq!(watched.outages(), []);
}

#[test]
fn one_that_is_not_over_is_shown_without_an_end() {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    watched.sees(15, both(TimedOut, TimedOut));
    assert_eq!(watched.outages(), [], "it may be a blip");
    watched.sees(16, both(TimedOut, TimedOut));
    watched.sees(31, both(TimedOut, TimedOut));
    let outage = watched.only();
    assert_eq!(seconds(&outage), (16, None));
    assert!(!outage.is_over());
}

#[test]
fn an_outage_that_was_there_at_the_start_began_after_the_last_known_good() {
    let good = Good {
        at: at(-3600),
        addresses: vec![OLD.parse().unwrap()],
        address: OLD.parse().unwrap(),
        port: crate::target::Port::literal(1433),
        version: None,
    };
    let past = Past {
        last_good: Some(good),
        ..Past::default()
    };
    let mut watched = Watched::recalling(Some(&past));
    watched.sees(0, both(TimedOut, TimedOut));
    watched.sees(60, both(TimedOut, Open));
    let outage = watched.only();
    assert_eq!(seconds(&outage), (0, Some(3660)));
    assert!(outage.is_failover(), "the memory knew the address");
}

#[test]
fn without_a_last_good_there_is_no_upper_bound() {
    let mut watched = Watched::new();
    watched.sees(0, both(TimedOut, TimedOut));
    watched.sees(60, both(TimedOut, Open));
    assert_eq!(seconds(&watched.only()), (0, None));
}

#[test]
fn a_clock_set_back_makes_no_time_negative() {
    let mut watched = Watched::new();
    watched.sees(1000, both(Open, TimedOut));
    watched.sees(1015, both(TimedOut, TimedOut));
    watched.sees(1016, both(TimedOut, TimedOut));
    watched.sees(116, both(TimedOut, TimedOut));
    watched.sees(131, both(TimedOut, Open));
    let outage = watched.only();
    assert_eq!(seconds(&outage), (1, Some(31)));
    let times: Vec<Timestamp> = outage.steps.iter().map(|step| step.at).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn a_name_that_leads_elsewhere_tells_which_address_is_gone() {
    let mut watched = Watched::new();
    watched.sees(0, saw(OLD, State::Answering));
    watched.sees(15, saw(NEW, State::Answering));
    let outage = watched.only();
    assert!(outage.is_failover());
    let old = endpoint(OLD);
    assert!(
        outage
            .steps
            .iter()
            .any(|step| step.endpoint == old && step.what == Turn::Gone)
    );
}

/// A probe of a named instance that listens at this port, as Browser tells.
fn at_port(port: u16, state: State) -> Evidence {
    let mut evidence = saw(OLD, state);
    let endpoint = SocketAddr::new(OLD.parse().unwrap(), port);
    evidence.layers.connect.attempts[0].endpoint = endpoint;
    if state == State::Answering {
        evidence.layers.prelogin.endpoint = Some(endpoint);
    }
    evidence
}

/// Browser did not answer: nothing was tried.
fn not_located() -> Evidence {
    let mut evidence = at_port(1, State::TimedOut);
    evidence.layers.connect = Connect::default();
    evidence.layers.browser.status = BrowserStatus::Silent;
    evidence
}

/// Where it was, and what is told of each endpoint.
fn turns(outage: &Outage) -> Vec<(u16, Turn)> {
    let steps = outage.steps.iter();
    steps
        .map(|step| (step.endpoint.port(), step.what))
        .collect()
}

#[test]
fn a_port_that_changed_is_no_address_that_is_gone() {
    let mut watched = Watched::named();
    watched.sees(0, at_port(50123, State::Answering));
    watched.sees(15, at_port(50123, State::Refused));
    watched.sees(16, at_port(50123, State::Refused));
    watched.sees(31, at_port(50200, State::Answering));
    assert_eq!(
        turns(&watched.only()),
        [
            (50123, Turn::Connect(Refused)),
            (50123, Turn::Port(50200)),
            (50200, Turn::Connect(Open)),
            (50200, Turn::Engine(PreloginStatus::Ok)),
        ]
    );
}

#[test]
fn an_address_whose_port_nobody_tells_is_not_gone() {
    let mut watched = Watched::named();
    watched.sees(0, at_port(50123, State::Answering));
    watched.sees(15, not_located());
    watched.sees(16, not_located());
    watched.sees(31, at_port(50200, State::Answering));
    let turns = turns(&watched.only());
    assert_eq!(turns[0], (50123, Turn::Port(50200)), "{turns:?}");
    assert!(turns.iter().all(|(_, turn)| *turn != Turn::Gone));
}

#[test]
fn the_newest_outages_are_kept() {
    let mut watched = Watched::new();
    let rounds = i64::try_from(KEPT).unwrap() + 3;
    for round in 0..rounds {
        watched.sees(round * 100, both(Open, TimedOut));
        watched.sees(round * 100 + 15, both(TimedOut, TimedOut));
        watched.sees(round * 100 + 16, both(TimedOut, TimedOut));
    }
    let outages = watched.outages();
    assert_eq!(outages.len(), KEPT);
    assert_eq!(
        outages.last().unwrap().first_bad,
        Some(at((rounds - 1) * 100 + 15))
    );
}

/// A restart without a move, begun so late.
fn restarted(watched: &mut Watched, second: i64) {
    let probes = [Open, Refused, Refused, Open];
    for (second, status) in (second..).zip(probes) {
        watched.sees(second, both(status, TimedOut));
    }
}

#[test]
fn a_name_that_rotates_is_told_once_and_erases_no_outage() {
    let mut watched = Watched::new();
    restarted(&mut watched, 0);
    for round in 1..20 {
        let address = [OLD, NEW][round % 2];
        let second = 15 * i64::try_from(round).unwrap();
        watched.sees(second, saw(address, State::Answering));
    }
    let outages = watched.outages();
    let noticed: Vec<_> = outages.iter().map(|outage| outage.first_bad).collect();
    assert_eq!(noticed, [Some(at(1)), None]);
    assert_eq!(outages[1].first_good, Some(at(285)), "the newest move");
}

#[test]
fn a_move_without_a_failure_finds_no_room_among_outages() {
    let mut watched = Watched::new();
    for round in 0..i64::try_from(KEPT).unwrap() {
        restarted(&mut watched, round * 100);
    }
    watched.sees(900, saw(NEW, State::Answering));
    let outages = watched.outages();
    assert_eq!(outages.len(), KEPT);
    assert!(outages.iter().all(|outage| outage.first_bad.is_some()));
}

#[test]
fn an_outage_takes_the_place_of_a_move_without_a_failure() {
    let mut watched = Watched::new();
    restarted(&mut watched, 0);
    watched.sees(50, saw(NEW, State::Answering));
    watched.sees(60, saw(OLD, State::Answering));
    for round in 1..i64::try_from(KEPT).unwrap() {
        restarted(&mut watched, round * 100);
    }
    let first_bad = watched.outages()[0].first_bad;
    assert_eq!((watched.outages().len(), first_bad), (KEPT, Some(at(1))));
}

#[test]
fn a_long_outage_keeps_its_beginning_and_counts_the_rest() {
    let mut watched = Watched::new();
    watched.sees(0, both(Open, TimedOut));
    for second in 1..100 {
        let status = if second % 2 == 0 { Refused } else { TimedOut };
        watched.sees(second, both(status, TimedOut));
    }
    let outage = watched.only();
    assert_eq!(outage.steps[0].at, at(1));
    assert_eq!((outage.steps.len(), outage.left_out), (32, 67));
}
