//! What holds for every case, however odd.

use std::net::{IpAddr, SocketAddr};

use proptest::prelude::*;
use proptest::sample::select;

use super::contradictions::contradiction;
use crate::diagnosis::incident::{Fell, Member, Outcome};
use crate::diagnosis::scene::{ME, ROUTER, SERVER, Scene, now};
use crate::diagnosis::{Cause, CauseId, Confidence, Expectation, OwnNetwork, Said, State, Tried};
use crate::evidence::{
    Advertised, BrowserStatus, Connect, ConnectStatus, Icmp, Prelogin, PreloginStatus,
    ResolveStatus, ServerError, Service, Source,
};
use crate::target::{Host, Kind, Platform, Untrusted};

/// What a server may call itself: escapes, a bell, line ends, another direction, no UTF-8.
const HOSTILE: &[u8] = b"\x1b]0;x\x07\r\n\xe2\x80\xaeSALES\0\xff'; $(id)";

const CONNECT: [ConnectStatus; 7] = [
    ConnectStatus::Skipped,
    ConnectStatus::Open,
    ConnectStatus::Refused,
    ConnectStatus::TimedOut,
    ConnectStatus::Unreachable,
    ConnectStatus::Blocked,
    ConnectStatus::Exhausted,
];

fn target() -> impl Strategy<Value = Scene> {
    let targets = [
        "db1.corp.test",
        "db1,1433",
        r"sales01\PROD",
        r"sales01\PROD,50123",
        "10.0.4.12,1435",
        "127.0.0.5",
        "fd00::12",
        "x.database.windows.net",
    ];
    select(targets.to_vec()).prop_map(Scene::new)
}

fn icmp() -> impl Strategy<Value = Option<Icmp>> {
    let from = select(vec![SERVER, ME, ROUTER, "fd00::1"]);
    proptest::option::weighted(
        0.4,
        (0u8..13, 0u8..15, from).prop_map(|(kind, code, from)| Icmp {
            kind,
            code,
            from: from.parse().unwrap(),
        }),
    )
}

type Ports = Vec<(u16, ConnectStatus)>;

fn resolve() -> impl Strategy<Value = (ResolveStatus, Option<Source>, bool)> {
    let status = select(vec![
        ResolveStatus::Ok,
        ResolveStatus::Ok,
        ResolveStatus::Ok,
        ResolveStatus::Literal,
        ResolveStatus::NotFound,
        ResolveStatus::NoAddress,
        ResolveStatus::ServerFailure,
        ResolveStatus::Refused,
        ResolveStatus::TimedOut,
        ResolveStatus::Skipped,
    ]);
    let source = select(vec![
        None,
        Some(Source::HostsFile),
        Some(Source::ClientAlias),
        Some(Source::System),
    ]);
    (status, source, any::<bool>())
}

fn browser() -> impl Strategy<Value = (BrowserStatus, Option<u16>, Option<Icmp>)> {
    let status = select(vec![
        BrowserStatus::Skipped,
        BrowserStatus::Ok,
        BrowserStatus::Ok,
        BrowserStatus::Silent,
        BrowserStatus::Refused,
        BrowserStatus::Malformed,
        BrowserStatus::NotListed,
        BrowserStatus::NoTcp,
    ]);
    (status, proptest::option::of(1u16..), icmp())
}

fn prelogin() -> impl Strategy<Value = (PreloginStatus, Option<Service>, Option<bool>, u64)> {
    let status = select(vec![
        PreloginStatus::Skipped,
        PreloginStatus::Ok,
        PreloginStatus::Ok,
        PreloginStatus::Silent,
        PreloginStatus::Closed,
        PreloginStatus::Reset,
        PreloginStatus::NotTds,
        PreloginStatus::Malformed,
        PreloginStatus::InstanceMismatch,
    ]);
    let service = select(vec![
        None,
        Some(Service::Http),
        Some(Service::TlsFirst),
        Some(Service::Unknown),
    ]);
    (status, service, any::<Option<bool>>(), 0u64..5000)
}

/// How it ended, whether the address is of the other family, and whether another address of
/// this machine had to ask.
type Attempted = (ConnectStatus, Option<Icmp>, Option<i32>, bool, bool);

fn attempts() -> impl Strategy<Value = Vec<Attempted>> {
    let error = proptest::option::of(select(vec![
        1, 13, 22, 99, 101, 111, 113, 10013, 10051, 10065,
    ]));
    let status = select(CONNECT.to_vec());
    let elsewhere = proptest::bool::weighted(0.1);
    proptest::collection::vec((status, icmp(), error, any::<bool>(), elsewhere), 0..4)
}

fn witnesses() -> impl Strategy<Value = (Option<ConnectStatus>, Ports, bool, bool)> {
    let status = select(CONNECT[1..5].to_vec());
    let ports = proptest::collection::vec(
        (select(vec![22u16, 445, 3389, 1433, 50123]), status.clone()),
        0..3,
    );
    (
        proptest::option::of(status),
        ports,
        any::<bool>(),
        any::<bool>(),
    )
}

/// Last good (here or elsewhere, the port), minutes since a move, flapping, recent answers.
/// And what was tried in vain.
type Before = (Option<(bool, u16)>, Option<i64>, bool, Vec<f64>, Vec<Tried>);

fn past() -> impl Strategy<Value = Before> {
    let good = proptest::option::of((any::<bool>(), select(vec![1433u16, 50123, 1435])));
    (
        good,
        proptest::option::of(0i64..10),
        any::<bool>(),
        proptest::collection::vec(any::<f64>(), 0..8),
        proptest::collection::vec(tried(), 0..5),
    )
}

fn tried() -> impl Strategy<Value = Tried> {
    let first = select(vec![
        Expectation::NameResolves,
        Expectation::BrowserAnswers,
        Expectation::PortOpen,
        Expectation::EngineAnswers,
        Expectation::InstanceMatches,
    ]);
    let cause = select(CauseId::ALL.to_vec());
    (cause, first, 0i64..90).prop_map(|(cause, first, minutes)| Tried {
        cause,
        at: now() - jiff::SignedDuration::from_mins(minutes),
        first,
    })
}

/// The own network, three pairs of neighbours, kind, platform, a way over IPv4 and IPv6.
type Around = (
    OwnNetwork,
    [(u32, u32); 3],
    Option<Kind>,
    Option<Platform>,
    bool,
    bool,
);

fn around() -> impl Strategy<Value = Around> {
    let own = select(vec![
        OwnNetwork::Fine,
        OwnNetwork::Fine,
        OwnNetwork::NoRoute,
        OwnNetwork::NoDns,
        OwnNetwork::Firewall,
    ]);
    let count = || (0u32..3, 0u32..3);
    let kind = proptest::option::of(select(vec![
        Kind::Standalone,
        Kind::Fci,
        Kind::AgReplica,
        Kind::AgListener,
    ]));
    let platform = proptest::option::of(select(Platform::ALL.to_vec()));
    (
        own,
        [count(), count(), count()],
        kind,
        platform,
        any::<bool>(),
        any::<bool>(),
    )
}

prop_compose! {
    /// Any case at all, also such as no network brings about.
    pub(super) fn scene()(
        scene in target(), resolve in resolve(), browser in browser(), attempts in attempts(),
        prelogin in prelogin(), witnesses in witnesses(), past in past(), around in around(),
    ) -> Scene {
        let mut scene = scene;
        let address = scene.evidence.layers.resolve.addresses[0];
        if browser.0 != BrowserStatus::Skipped {
            scene = scene.browser(browser.0);
            scene.evidence.layers.browser.icmp = browser.2;
            scene.evidence.layers.browser.port = browser.1.and_then(crate::target::Port::new);
            let hostile = Untrusted::from_bytes(HOSTILE);
            scene.evidence.layers.browser.instances = vec![Advertised {
                server: hostile.clone(),
                instance: hostile.clone(),
                version: hostile,
                ..scene.entry(browser.1)
            }];
        }
        for (place, (status, icmp, error, other_family, elsewhere)) in attempts.into_iter().enumerate() {
            let address: IpAddr = match (place, other_family) {
                (0, _) => address,
                (_, true) => "fd00::77".parse().unwrap(),
                (_, false) => "10.0.5.12".parse().unwrap(),
            };
            if place > 0 {
                scene.evidence.layers.resolve.addresses.push(address);
            }
            scene = scene.attempt(SocketAddr::new(address, 1433), status);
            let attempt = scene.evidence.layers.connect.attempts.last_mut().unwrap();
            (attempt.icmp, attempt.os_error) = (icmp, error);
            if elsewhere && matches!(status, ConnectStatus::Open | ConnectStatus::Refused) {
                attempt.instead_of = Some(Box::new(ME.parse().unwrap()));
            }
        }
        scene.evidence.layers.prelogin.status = prelogin.0;
        scene.evidence.layers.prelogin.service = prelogin.1;
        scene.evidence.layers.prelogin.instance_matches = prelogin.2;
        scene.evidence.layers.prelogin.elapsed = Some(std::time::Duration::from_millis(prelogin.3).into());
        // Half an answer, or an error in place of one, where the status knows them.
        if prelogin.3 % 2 == 0 {
            scene.evidence.layers.prelogin.first_bytes = Some("0401002b".into());
            scene.evidence.layers.prelogin.error = (prelogin.0 == PreloginStatus::Malformed)
                .then(|| ServerError { number: 40613, message: Untrusted::from_bytes(HOSTILE) }.into());
        }
        if let Some(status) = witnesses.0 {
            scene = scene.closed(status);
        }
        for (port, status) in witnesses.1 {
            scene = scene.port(port, status);
        }
        if witnesses.2 {
            scene = scene.path(&[ROUTER]);
        }
        if witnesses.3 {
            scene = scene.list(BrowserStatus::NotListed, vec![]);
        }
        if let Some((here, port)) = past.0 {
            scene = scene.good(if here { SERVER } else { "10.0.4.99" }, port);
        }
        if let Some(minutes) = past.1 {
            scene = scene.moved_from("10.0.4.99", minutes);
        }
        scene.past.flapping = past.2;
        scene.past.usual_engine_ms = past.3.first().copied();
        scene.past.recent_engine_ms = past.3.into();
        scene.past.tried = past.4;
        scene.surroundings.own_network = around.0;
        scene = scene.neighbours(around.1[0], around.1[1]);
        scene.surroundings.host.answering = around.1[2].0;
        scene.declared.kind = around.2;
        scene.declared.platform = around.3;
        scene.surroundings.vantage.ipv4 = around.4;
        scene.surroundings.vantage.ipv6 = around.5;
        let layer = &mut scene.evidence.layers.resolve;
        layer.status = resolve.0;
        layer.source = resolve.1;
        if resolve.2 {
            layer.dns_differs = vec!["10.0.4.99".parse().unwrap()];
        }
        if !matches!(resolve.0, ResolveStatus::Ok | ResolveStatus::Literal) {
            layer.addresses.clear();
        }
        // An address is neither asked for nor overridden.
        if let Host::Address(address) = &scene.target.host {
            layer.status = ResolveStatus::Literal;
            layer.source = Some(Source::Literal);
            layer.dns_differs.clear();
            layer.addresses = vec![*address];
            scene.evidence.layers.connect.attempts.truncate(1);
        }
        let layers = &mut scene.evidence.layers;
        if layers.resolve.addresses.is_empty() {
            layers.connect = Connect::default();
            layers.prelogin = Prelogin::default();
        }
        // A family that something came back through has a way.
        for attempt in &layers.connect.attempts {
            let heard = !matches!(attempt.status, ConnectStatus::Unreachable | ConnectStatus::Skipped);
            let vantage = &mut scene.surroundings.vantage;
            vantage.ipv4 |= heard && attempt.endpoint.is_ipv4();
            vantage.ipv6 |= heard && attempt.endpoint.is_ipv6();
        }
        // Browser gives a port, or says why not, or is not needed.
        let browser = &mut layers.browser;
        match browser.status {
            BrowserStatus::Ok => browser.port = browser.port.or(crate::target::Port::new(50123)),
            BrowserStatus::Skipped if scene.target.needs_browser() => browser.status = BrowserStatus::Silent,
            _ => browser.port = None,
        }
        layers.connect.status =
            ConnectStatus::best(layers.connect.attempts.iter().map(|attempt| attempt.status));
        scene
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_failing_case_has_a_cause_and_an_answering_one_has_none(scene in scene()) {
        let diagnosis = scene.diagnose();
        if diagnosis.state.is_failing() {
            prop_assert!(!diagnosis.causes.is_empty());
        }
        if matches!(diagnosis.state, State::Answering | State::Ready | State::Open | State::Pending) {
            prop_assert!(diagnosis.causes.is_empty());
            prop_assert!(diagnosis.next_tests.is_empty());
        }
        prop_assert!(diagnosis.tied <= diagnosis.causes.len());
        prop_assert_eq!(diagnosis.tied == 0, diagnosis.causes.is_empty());
    }

    #[test]
    fn no_cause_contradicts_the_evidence(scene in scene()) {
        let diagnosis = scene.diagnose();
        for cause in &diagnosis.causes {
            let excluded = contradiction(cause.id, &scene);
            prop_assert!(excluded.is_none(), "{}, though {}: {:#?}", cause.id, excluded.unwrap_or_default(), diagnosis);
        }
        let named = |cause: CauseId| diagnosis.causes.iter().any(|named| named.id == cause);
        let mut attempts = scene.evidence.layers.connect.attempts.iter();
        let is_spared = attempts.any(|attempt| attempt.instead_of.is_some());
        prop_assert_eq!(named(CauseId::LocalPortsExhausted), match diagnosis.state {
            State::Blocked => !named(CauseId::LocalFirewall),
            State::Degraded => is_spared,
            _ => false,
        });
    }

    #[test]
    fn what_an_instance_brings_to_an_incident_agrees_with_its_diagnosis(scene in scene()) {
        let diagnosis = scene.diagnose();
        let fell = Fell { last_good: None, first_bad: scene.evidence.at };
        let case = scene.case();
        let leading = diagnosis.leading_ids();
        let Some(member) = Member::of(1, &case, &leading, fell) else {
            prop_assert!(!diagnosis.state.is_failing() || diagnosis.state == State::Unresolved);
            return Ok(());
        };
        prop_assert_eq!(member.state, diagnosis.state);
        let named = |cause: CauseId| diagnosis.causes.iter().any(|named| named.id == cause);
        match member.outcome {
            Outcome::NoPort(Some(_)) | Outcome::Answer => {
                prop_assert!(!named(CauseId::SiteUnreachable));
            }
            Outcome::Unnamed { .. } => prop_assert_eq!(diagnosis.state, State::Unresolved),
            Outcome::Nothing { .. } => {
                let up = diagnosis.rules_out.contains(&Said::OutHostDown {});
                prop_assert!(!up);
            }
            _ => {}
        }
    }

    #[test]
    fn what_is_ruled_out_is_no_cause(scene in scene()) {
        let diagnosis = scene.diagnose();
        let named = |cause: CauseId| diagnosis.causes.iter().any(|named| named.id == cause);
        for out in diagnosis.rules_out.iter() {
            let cause = match out {
                Said::OutDns {} => CauseId::StaleName,
                Said::OutDroppingFirewall {} => CauseId::FirewallDrops,
                Said::OutHostDown {} => CauseId::HostDown,
                Said::OutStopped {} => CauseId::ServiceNotRunning,
                Said::OutRouting {} => CauseId::NoRoute,
                _ => continue,
            };
            prop_assert!(!named(cause), "{:?}: {:?}", out, diagnosis);
        }
    }

    #[test]
    fn causes_are_ranked_once_each_and_only_a_lone_leader_is_high(scene in scene()) {
        let causes = scene.diagnose().causes;
        for (place, cause) in causes.iter().enumerate() {
            prop_assert!(causes[..place].iter().all(|before| before.id != cause.id));
            prop_assert!(place == 0 || cause.confidence < Confidence::High);
            prop_assert!(!cause.because.is_empty());
        }
    }

    #[test]
    fn what_was_tried_in_vain_changes_the_order_and_names_nothing(scene in scene()) {
        let causes = scene.diagnose().causes;
        let untried = scene.clone().with(|scene| scene.past.tried.clear()).diagnose().causes;
        let is_named = |id: CauseId| untried.iter().any(|cause| cause.id == id);
        // A list that is full may drop its last one for another.
        if untried.len() < 6 {
            prop_assert_eq!(causes.len(), untried.len());
            prop_assert!(causes.iter().all(|cause| is_named(cause.id)));
        }
        let in_vain = |cause: &Cause| cause.against.iter().any(|said| said.key().starts_with("tried-"));
        let mut behind = causes.iter().skip_while(|cause| !in_vain(cause));
        prop_assert!(behind.all(in_vain), "{causes:#?}");
    }

    #[test]
    fn the_same_case_gives_the_same_diagnosis_and_survives_a_recording(scene in scene()) {
        let diagnosis = scene.diagnose();
        prop_assert_eq!(&scene.diagnose(), &diagnosis);
        let json = serde_json::to_string(&diagnosis).unwrap();
        let back: crate::diagnosis::Diagnosis = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back.causes.len(), diagnosis.causes.len());
        prop_assert_eq!(back.headline.is_some(), diagnosis.headline.is_some());
    }

    #[test]
    fn every_expectation_can_be_asked(scene in scene()) {
        use Expectation as E;
        let case = scene.case();
        for expectation in [E::NameResolves, E::BrowserAnswers, E::InstanceListed, E::TcpListed, E::PortOpen,
            E::EngineAnswers, E::InstanceMatches, E::EncryptionOffered, E::AllAddressesOpen] {
            let _ = expectation.holds(&case);
        }
        if scene.diagnose().state == State::Answering {
            prop_assert_eq!(E::PortOpen.holds(&case), Some(true));
        }
    }
}
