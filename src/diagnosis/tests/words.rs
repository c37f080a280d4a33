//! What a diagnosis says besides its causes: never more than is known.

use std::net::{IpAddr, SocketAddr};

use crate::diagnosis::scene::{ME, ROUTER, SERVER, Scene, now};
use crate::diagnosis::{CauseId, Confidence, Diagnosis, Said, State};
use crate::evidence::{
    BrowserStatus, ConnectStatus, EncryptionOffer, HopStatus, Icmp, Look, PreloginStatus,
    ResolveStatus, ServerError, Source, Test,
};
use crate::target::{NotTcp, Port, Untrusted};

use ConnectStatus::{Open, Refused, TimedOut, Unreachable};

fn db1() -> Scene {
    Scene::new("db1.corp.test,1433")
}

fn prod() -> Scene {
    Scene::new(r"sales01\PROD")
}

fn server() -> IpAddr {
    SERVER.parse().unwrap()
}

fn endpoint(port: u16) -> SocketAddr {
    SocketAddr::new(server(), port)
}

fn half(scene: &mut Scene) {
    scene.evidence.layers.prelogin.first_bytes = Some("0401002b00000100".into());
}

#[test]
fn the_founding_case_reads_like_the_screen_in_the_design() {
    let diagnosis = prod()
        .advertises(50123)
        .refused()
        .good(SERVER, 50123)
        .diagnose();
    let port = Port::literal(50123);
    assert_eq!(
        diagnosis.headline,
        Some(Said::AdvertisedPortRefused {
            address: server(),
            port
        })
    );
    assert!(
        diagnosis.causes[0]
            .because
            .contains(&Said::BrowserAdvertises { port })
    );
    assert!(
        diagnosis.causes[0]
            .because
            .contains(&Said::BrowserAnswersThere { address: server() })
    );
    assert!(
        diagnosis.causes[0]
            .because
            .iter()
            .any(|said| matches!(said, Said::AnsweredHere { .. }))
    );
    for out in [
        Said::OutDns {},
        Said::OutDroppingFirewall {},
        Said::OutHostDown {},
    ] {
        assert!(diagnosis.rules_out.contains(&out), "{out:?}");
    }
}

#[test]
fn each_state_has_its_headline() {
    let address = server();
    let by: IpAddr = ROUTER.parse().unwrap();
    let port = Port::DEFAULT;
    let browser = endpoint(1434);
    let waited = std::time::Duration::from_secs(4).into();
    let endpoint = endpoint(1433);
    let version = "16.0.4105.2".parse().unwrap();
    let headlines = vec![
        (
            db1().unresolved(ResolveStatus::NotFound),
            Said::NameNotFoundHere {},
        ),
        (
            db1().unresolved(ResolveStatus::TimedOut),
            Said::DnsSilent {},
        ),
        (
            prod().browser(BrowserStatus::Silent),
            Said::BrowserSilent { browser },
        ),
        (
            prod().browser(BrowserStatus::Refused),
            Said::BrowserPortClosed { browser },
        ),
        (
            prod().browser(BrowserStatus::NotListed),
            Said::InstanceNotInList { listed: 0 },
        ),
        (
            prod().browser(BrowserStatus::NoTcp),
            Said::InstanceWithoutTcp {},
        ),
        (db1().refused(), Said::PortRefused { address, port }),
        (
            db1().refused().icmp(3, 3, ROUTER),
            Said::RejectedBy { by, endpoint },
        ),
        (
            db1().timed_out(),
            Said::NothingCameBack { endpoint, waited },
        ),
        (
            db1().connect(Unreachable).icmp(3, 1, ROUTER),
            Said::RouterFindsNoHost { by, address },
        ),
        (
            prod().browser(BrowserStatus::Malformed),
            Said::BrowserReplyUnreadable {},
        ),
        (
            prod().browser(BrowserStatus::Malformed).with(|scene| {
                scene.evidence.layers.browser.instances = vec![scene.entry(None)];
            }),
            Said::AdvertisedPortUnreadable {},
        ),
        (db1().answers(), Said::EngineAnswers { endpoint, version }),
        (
            db1().answers().also("10.0.5.12", TimedOut),
            Said::SomeAddressesSilent { live: 1, total: 2 },
        ),
        (db1().open(), Said::PortOpens { endpoint }),
    ];
    for (scene, headline) in headlines {
        assert_eq!(scene.diagnose().headline, Some(headline));
    }
    assert_eq!(
        db1().diagnose(),
        Diagnosis::default(),
        "nothing is said before the first result"
    );
}

#[test]
fn what_came_in_place_of_an_answer_is_told_as_what_it_is() {
    let endpoint = endpoint(1433);
    let headlines = vec![
        (
            db1().answer(PreloginStatus::Silent),
            Said::EngineSilent { endpoint },
        ),
        (
            db1().answer(PreloginStatus::Closed),
            Said::ClosedInsteadOfAnswer { endpoint },
        ),
        (
            db1().answer(PreloginStatus::Malformed),
            Said::AnswerMakesNoSense { endpoint },
        ),
        (
            db1().answer(PreloginStatus::NotTds),
            Said::AnswerIsNotSql { endpoint },
        ),
        (
            db1().answer(PreloginStatus::Silent).with(half),
            Said::AnswerStopped { endpoint },
        ),
        (
            db1().answer(PreloginStatus::Closed).with(half),
            Said::AnswerClosed { endpoint },
        ),
        (
            db1().answer(PreloginStatus::Reset).with(half),
            Said::AnswerReset { endpoint },
        ),
        (
            db1().answer(PreloginStatus::Malformed).with(|scene| {
                scene.evidence.layers.prelogin.error = Some(Box::new(ServerError {
                    number: 40613,
                    message: Untrusted::default(),
                }));
            }),
            Said::ErrorInsteadOfAnswer {
                endpoint,
                number: 40613,
            },
        ),
    ];
    for (scene, headline) in headlines {
        assert_eq!(scene.diagnose().headline, Some(headline));
    }
}

#[test]
fn only_an_address_that_is_known_to_be_the_servers_rules_dns_out() {
    for trusted in [
        Scene::new("10.0.4.12,1433").refused(),
        db1().refused().good(SERVER, 1433),
        db1().refused().good(SERVER, 1435),
        db1().answers(),
        prod().advertises(50123).answers(),
    ] {
        let diagnosis = trusted.diagnose();
        assert!(
            diagnosis.rules_out.contains(&Said::OutDns {}),
            "{diagnosis:?}"
        );
    }
    for suspect in [
        db1().refused(),
        db1().timed_out().closed(TimedOut).port(445, TimedOut),
        db1().refused().moved_from("10.0.4.99", 1),
        db1().refused().good("10.0.4.99", 1433),
        prod().advertises(50123).refused(),
        prod()
            .advertises(50123)
            .answer(PreloginStatus::InstanceMismatch),
        db1().answer(PreloginStatus::NotTds),
    ] {
        let diagnosis = suspect.diagnose();
        assert!(
            !diagnosis.rules_out.contains(&Said::OutDns {}),
            "{diagnosis:?}"
        );
        let resolves = |said: &Said| matches!(said, Said::NameResolves { .. });
        assert!(diagnosis.proves.iter().any(resolves), "{diagnosis:?}");
    }
}

#[test]
fn a_reason_does_not_repeat_the_headline_unless_it_is_the_only_one() {
    let endpoint = endpoint(1433);
    let several = db1().answer(PreloginStatus::Silent).diagnose();
    assert_eq!(several.headline, Some(Said::EngineSilent { endpoint }));
    let reasons = &several.causes[0].because;
    assert!(!reasons.is_empty() && !reasons.contains(&Said::EngineSilent { endpoint }));
    let lone = prod().browser(BrowserStatus::Malformed).diagnose();
    assert_eq!(lone.causes[0].because, [Said::BrowserReplyUnreadable {}]);
}

#[test]
fn a_refusal_by_a_device_says_nothing_about_the_host() {
    let diagnosis = db1().refused().icmp(3, 3, ROUTER).diagnose();
    assert_eq!(diagnosis.rules_out, []);
    assert!(diagnosis.proves.contains(&Said::DeviceAnswered {
        by: ROUTER.parse().unwrap()
    }));
}

#[test]
fn what_never_left_this_machine_proves_nothing_about_the_server() {
    for scene in [
        db1().unresolved(ResolveStatus::NotFound),
        db1().connect(ConnectStatus::Blocked).os_error(1),
        db1().connect(Unreachable).os_error(101),
    ] {
        assert!(
            scene
                .diagnose()
                .proves
                .contains(&Said::NothingReachedServer {})
        );
    }
    assert!(
        !db1()
            .timed_out()
            .diagnose()
            .proves
            .contains(&Said::NothingReachedServer {})
    );
}

#[test]
fn error_26_does_not_mean_that_the_engine_is_down() {
    let diagnosis = prod().browser(BrowserStatus::Silent).diagnose();
    assert!(diagnosis.findings.contains(&Said::EngineNotTested {}));
}

#[test]
fn the_way_around_browser_is_shown_where_it_is_known() {
    let when = now() - jiff::SignedDuration::from_mins(3);
    let (endpoint, port) = (endpoint(50123), Port::literal(50123));
    let lost = prod().browser(BrowserStatus::Silent).good(SERVER, 50123);
    assert!(
        lost.diagnose()
            .findings
            .contains(&Said::WayAroundKnown { port, when })
    );
    let opens = lost.clone().port(50123, Open).diagnose();
    assert!(opens.findings.contains(&Said::WayAroundOpen { port, when }));
    let closed = lost.clone().port(50123, Refused).diagnose();
    assert!(!closed.findings.iter().any(|said| matches!(
        said,
        Said::WayAroundOpen { .. } | Said::WayAroundKnown { .. }
    )));
    let answers = lost.clone().attempt(endpoint, Open).with(|scene| {
        scene.evidence.layers.prelogin.status = PreloginStatus::Ok;
    });
    let answers = answers.diagnose();
    assert_eq!(
        answers.state,
        State::NotLocated,
        "a client that asks Browser still fails"
    );
    assert!(answers.findings.contains(&Said::WayAroundAnswers { port }));
    assert!(!answers.findings.contains(&Said::EngineNotTested {}));
}

#[test]
fn findings_of_an_instance_that_answers_are_no_causes() {
    let diagnosis = db1()
        .source(Source::HostsFile)
        .dns_says("10.0.4.99")
        .good(SERVER, 1433)
        .build("15.0.4430.1")
        .answers()
        .with(|scene| {
            scene.evidence.layers.prelogin.encryption = Some(EncryptionOffer::NotSupported);
        })
        .diagnose();
    assert_eq!(
        (diagnosis.state, diagnosis.causes.len()),
        (State::Answering, 0)
    );
    let (from, to) = (
        "15.0.4430.1".parse().unwrap(),
        "16.0.4105.2".parse().unwrap(),
    );
    for said in [
        Said::NoEncryptionOffered {},
        Said::BuildChanged { from, to },
        Said::FromHostsFile {},
        Said::DnsSaysOther {
            address: "10.0.4.99".parse().unwrap(),
        },
    ] {
        assert!(diagnosis.findings.contains(&said), "{said:?}");
    }
}

#[test]
fn browsers_version_is_compared_by_product_only() {
    let found = |scene: Scene| {
        scene
            .diagnose()
            .findings
            .iter()
            .any(|said| matches!(said, Said::BrowserVersionDiffers { .. }))
    };
    // The scene's Browser lists 16.0.1000.6, the base level of the engine's 16.0.4105.2.
    assert!(!found(prod().advertises(50123).answers()));
    assert!(found(prod().advertises(50123).answers().with(|scene| {
        scene.evidence.layers.prelogin.version = "15.0.4430.1".parse().ok();
    })));
}

#[test]
fn remarks_about_the_spelling_are_findings() {
    let diagnosis = Scene::new(r"sales01\PROD,1433").answers().diagnose();
    assert_eq!(diagnosis.state, State::Answering);
    assert!(diagnosis.findings.contains(&Said::RemarkPortWins {
        port: Port::DEFAULT
    }));
}

#[test]
fn an_invalid_target_has_one_cause_and_a_headline() {
    for why in [
        NotTcp::NamedPipes,
        NotTcp::SharedMemory,
        NotTcp::LocalDb,
        NotTcp::Admin,
    ] {
        let diagnosis = Diagnosis::not_tcp(why);
        assert_eq!(
            (diagnosis.state, diagnosis.causes.len(), diagnosis.tied),
            (State::Invalid, 1, 1)
        );
        assert!(diagnosis.headline.is_some());
    }
}

#[test]
fn the_walk_tells_where_the_way_ends() {
    for (scene, hop) in [
        (db1().timed_out().path(&[ROUTER, "10.0.4.1"]), "10.0.4.1"),
        (
            Scene::new("fd00:4::12")
                .timed_out()
                .path(&["fd00:9::1", "fd00:4::1"]),
            "fd00:4::1",
        ),
        (
            db1()
                .connect(ConnectStatus::Unreachable)
                .icmp(3, 0, "10.0.4.1")
                .path(&[ROUTER, "10.0.4.1"]),
            "10.0.4.1",
        ),
    ] {
        let ends = Said::WalkEndsAfter {
            hop: hop.parse().unwrap(),
            ttl: 2,
            silent: 3,
        };
        assert_eq!(scene.diagnose().findings, [ends]);
    }
    let quiet = db1().timed_out().path(&[]).diagnose();
    assert_eq!(quiet.findings, [Said::WalkSilent {}]);
}

#[test]
fn packets_that_go_in_a_circle_are_not_said_to_lack_a_route() {
    let long = ["10.0.4.1", ROUTER].repeat(15);
    let diagnosis = db1()
        .connect(ConnectStatus::Unreachable)
        .icmp(11, 0, ROUTER)
        .circled(&long)
        .diagnose();
    let (by, address) = (ROUTER.parse().unwrap(), server());
    assert_eq!(diagnosis.headline, Some(Said::GoesRound { by, address }));
    assert_eq!(
        diagnosis.causes[0].because,
        [Said::GoesRound { by, address }]
    );
    assert_eq!(diagnosis.findings, [Said::WalkGoesRound { ttl: 30 }]);
}

#[test]
fn a_machine_without_the_family_rules_nothing_out_about_the_server() {
    let diagnosis = Scene::new("fd00:4::12")
        .connect(ConnectStatus::Unreachable)
        .os_error(101)
        .with(|scene| scene.surroundings.vantage.ipv6 = false)
        .diagnose();
    assert_eq!(diagnosis.causes[0].id, CauseId::NoRoute);
    assert_eq!(diagnosis.rules_out, [Said::OutDns {}]);
}

/// It got through a moment later: a rule that drops all of it is no longer sure.
#[test]
fn what_the_walk_gets_through_to_is_not_surely_dropped() {
    let silent = || db1().timed_out().closed(ConnectStatus::Refused);
    let leader = |scene: Scene| {
        let leader = scene.diagnose().causes.swap_remove(0);
        (leader.id, leader.confidence)
    };
    let drops = CauseId::FirewallDrops;
    assert_eq!(leader(silent()), (drops, Confidence::High));
    let reached = silent().walked(1433, &[ROUTER], HopStatus::Open);
    assert_eq!(leader(reached), (drops, Confidence::Medium));
    let all_silent = db1()
        .timed_out()
        .closed(ConnectStatus::TimedOut)
        .port(445, ConnectStatus::TimedOut)
        .walked(1433, &[ROUTER], HopStatus::Open);
    assert_ne!(leader(all_silent).0, CauseId::HostDown);
    // Somebody listens there.
    let stealth = db1()
        .timed_out()
        .closed(ConnectStatus::TimedOut)
        .port(445, ConnectStatus::Open)
        .walked(1433, &[ROUTER], HopStatus::Open);
    let named = |id| {
        stealth
            .diagnose()
            .leading()
            .iter()
            .any(|cause| cause.id == id)
    };
    assert!(named(drops) && !named(CauseId::ServiceNotRunning) && !named(CauseId::WrongPort));
}

#[test]
fn a_system_that_cannot_walk_says_so_and_is_asked_once() {
    for scene in [db1().timed_out(), db1().refused()] {
        let endpoint = "10.0.4.12:1433".parse().unwrap();
        let walk = Test::Path { endpoint };
        assert!(scene.diagnose().next_tests.contains(&walk));
        let diagnosis = scene
            .look(Look::Path {
                endpoint,
                available: false,
                hops: Vec::new(),
            })
            .diagnose();
        assert_eq!(diagnosis.findings, [Said::WalkNotAvailable {}]);
        assert!(!diagnosis.next_tests.contains(&walk));
    }
}

#[test]
fn behind_a_silent_browser_the_port_that_answers_is_named() {
    let silent = |answer| {
        prod()
            .browser(BrowserStatus::Silent)
            .good(SERVER, 51001)
            .attempt(endpoint(51001), Open)
            .with(|scene| {
                let prelogin = &mut scene.evidence.layers.prelogin;
                (prelogin.status, prelogin.endpoint) = (answer, Some(endpoint(51001)));
            })
            .diagnose()
            .headline
    };
    let (browser, port) = (endpoint(1434), Port::literal(51001));
    assert_eq!(
        silent(PreloginStatus::Ok),
        Some(Said::BrowserSilentPortAnswers { browser, port })
    );
    assert_eq!(
        silent(PreloginStatus::Silent),
        Some(Said::BrowserSilent { browser })
    );
}

#[test]
fn a_question_to_browser_that_did_not_get_out_is_not_blamed_on_a_device() {
    let icmp = |code, from: &str| {
        let from = from.parse().unwrap();
        prod()
            .browser(BrowserStatus::Refused)
            .with(|scene| {
                let kind = 3;
                scene.evidence.layers.browser.icmp = Some(Icmp { kind, code, from });
            })
            .diagnose()
            .headline
    };
    let (browser, address) = (endpoint(1434), server());
    let by = ROUTER.parse().unwrap();
    let forbidden = Said::BrowserForbiddenHere { browser };
    assert_eq!(icmp(3, ME), Some(forbidden));
    assert_eq!(icmp(13, ME), Some(forbidden));
    assert_eq!(icmp(1, ME), Some(Said::NobodyHasAddress { address }));
    assert_eq!(
        icmp(13, ROUTER),
        Some(Said::BrowserRejectedBy { by, browser })
    );
    let eperm = |scene: &mut Scene| scene.evidence.layers.browser.os_error = Some(1);
    let silent = prod().browser(BrowserStatus::Silent).with(eperm);
    assert_eq!(silent.diagnose().headline, Some(forbidden));
}
