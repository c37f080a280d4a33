//! Each difference once, and once just missed.

use std::net::SocketAddr;

use jiff::Timestamp;
use rstest::rstest;

use super::*;
use crate::evidence::{Advertised, Attempt, Icmp, Prelogin, Resolve, ServerError};

const ADDRESS: &str = "10.0.4.12";

/// What one address of a host says.
struct Host(Listing);

fn host() -> Host {
    let browser = Browser {
        status: BrowserStatus::Ok,
        asked: Some(format!("{ADDRESS}:1434").parse().unwrap()),
        tries: Some(1),
        elapsed: Some(Duration::from_millis(2).into()),
        ..Browser::default()
    };
    Host(Listing {
        address: ADDRESS.parse().unwrap(),
        browser,
        doors: Vec::new(),
    })
}

impl Host {
    fn lists(mut self, instance: &str, tcp: Option<u16>) -> Self {
        self.0.browser.instances.push(Advertised {
            server: Untrusted::from("DB1".to_owned()),
            instance: Untrusted::from(instance.to_owned()),
            clustered: false,
            version: Untrusted::from("16.0.1000.6".to_owned()),
            tcp: tcp.and_then(Port::new),
            pipe: None,
        });
        self
    }

    fn clustered(mut self) -> Self {
        self.0.browser.instances.last_mut().unwrap().clustered = true;
        self
    }

    fn of_version(mut self, version: &str) -> Self {
        let last = self.0.browser.instances.last_mut().unwrap();
        last.version = Untrusted::from(version.to_owned());
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Browser)) -> Self {
        change(&mut self.0.browser);
        self
    }

    fn door(mut self, known_by: KnownBy, instance: Option<&str>, port: u16, is: Is) -> Self {
        let endpoint = SocketAddr::new(self.0.address, port);
        let (status, prelogin) = is.seen();
        let attempt = Attempt {
            started: None,
            endpoint,
            local: None,
            status,
            elapsed: Duration::ZERO.into(),
            os_error: None,
            icmp: None,
            instead_of: None,
        };
        self.0.doors.push(Door {
            instance: instance.map(|name| Untrusted::from(name.to_owned())),
            port: Port::new(port).unwrap(),
            known_by,
            attempt,
            prelogin,
        });
        self
    }

    /// A port that Browser lists, or where the listed name was tried.
    fn listed(self, instance: &str, port: u16, is: Is) -> Self {
        self.door(KnownBy::Browser, Some(instance), port, is)
    }

    fn known(self, instance: Option<&str>, port: u16, is: Is) -> Self {
        self.door(KnownBy::Known, instance, port, is)
    }

    fn compared(self) -> Comparison {
        let audit = Audit {
            at: Timestamp::UNIX_EPOCH,
            resolve: Resolve::default(),
            listings: vec![self.0],
        };
        compare(&audit).remove(0)
    }

    fn differences(self) -> Vec<Difference> {
        let compared = self.compared();
        compared.all().map(|(_, found)| found.clone()).collect()
    }
}

/// What a port does.
#[derive(Clone, Copy)]
enum Is {
    Me,
    Another,
    Runs(&'static str),
    Refused,
    Silent,
    Unreachable,
    Http,
    Hung,
    Gateway,
}

impl Is {
    fn seen(self) -> (ConnectStatus, Prelogin) {
        let engine = |status, matches, version: &str| Prelogin {
            status,
            version: Some(version.parse().unwrap()),
            instance_matches: Some(matches),
            ..Prelogin::default()
        };
        let other = |status| Prelogin {
            status,
            ..Prelogin::default()
        };
        let open = ConnectStatus::Open;
        match self {
            Self::Me => (open, engine(PreloginStatus::Ok, true, "16.0.4105.2")),
            Self::Runs(version) => (open, engine(PreloginStatus::Ok, true, version)),
            Self::Another => {
                let status = PreloginStatus::InstanceMismatch;
                (open, engine(status, false, "13.0.5026.0"))
            }
            Self::Refused => (ConnectStatus::Refused, Prelogin::default()),
            Self::Silent => (ConnectStatus::TimedOut, Prelogin::default()),
            Self::Unreachable => (ConnectStatus::Unreachable, Prelogin::default()),
            Self::Http => {
                let service = Some(Service::Http);
                let status = PreloginStatus::NotTds;
                (
                    open,
                    Prelogin {
                        service,
                        ..other(status)
                    },
                )
            }
            Self::Hung => (open, other(PreloginStatus::Silent)),
            Self::Gateway => {
                let message = Untrusted::default();
                let error = ServerError {
                    number: 40613,
                    message,
                };
                let status = PreloginStatus::Malformed;
                (
                    open,
                    Prelogin {
                        error: Some(Box::new(error)),
                        ..other(status)
                    },
                )
            }
        }
    }
}

fn prod() -> Host {
    host().lists("PROD", Some(50123))
}

fn turned_back_by(browser: &mut Browser, device: &str) {
    browser.status = BrowserStatus::Refused;
    browser.icmp = Some(Icmp {
        kind: 3,
        code: 1,
        from: device.parse().unwrap(),
    });
}

/// Two names on one port, one of them there.
fn two_on_one_port() -> Host {
    prod().lists("TEST", Some(50123))
}

#[rstest]
#[case::refused(prod().listed("PROD", 50123, Is::Refused), &["stale-port"])]
#[case::silent(prod().listed("PROD", 50123, Is::Silent), &["stale-port"])]
#[case::no_way_there(prod().listed("PROD", 50123, Is::Unreachable), &[])]
#[case::not_tried(prod(), &[])]
#[case::another_service(prod().listed("PROD", 50123, Is::Http), &["port-taken"])]
#[case::an_engine_that_hangs(prod().listed("PROD", 50123, Is::Hung), &["silent-engine"])]
#[case::a_gateway(prod().listed("PROD", 50123, Is::Gateway), &[])]
#[case::another_instance(prod().listed("PROD", 50123, Is::Another), &["other-instance"])]
#[case::another_instance_where_it_is_configured(
    prod().listed("PROD", 50123, Is::Me).known(Some("OLD"), 50123, Is::Another),
    &["other-instance"]
)]
#[case::itself(prod().listed("PROD", 50123, Is::Me), &[])]
#[case::in_other_case(host().lists("Prod", Some(50123)).listed("PROD", 50123, Is::Me), &[])]
#[case::another_product(
    prod().of_version("15.0.2000.5").listed("PROD", 50123, Is::Me),
    &["version-drift"]
)]
#[case::an_update(prod().of_version("16.0.1000.6").listed("PROD", 50123, Is::Me), &[])]
#[case::the_version_of_another_instance(
    prod().of_version("15.0.2000.5").listed("PROD", 50123, Is::Another),
    &["other-instance"]
)]
#[case::an_engine_on_a_port_that_nobody_lists(
    prod().listed("PROD", 50123, Is::Me).known(Some("SECRET"), 50999, Is::Me),
    &["hidden-instance"]
)]
#[case::an_unlisted_default_instance(
    prod().listed("PROD", 50123, Is::Me).door(KnownBy::Default, None, 1433, Is::Me),
    &["hidden-instance"]
)]
#[case::nobody_on_1433(
    prod().listed("PROD", 50123, Is::Me).door(KnownBy::Default, None, 1433, Is::Refused),
    &[]
)]
#[case::a_second_port_of_a_listed_instance(
    prod().listed("PROD", 50123, Is::Me).known(Some("PROD"), 1433, Is::Me),
    &[]
)]
#[case::unlisted_where_there_is_no_browser(
    host().with(|browser| browser.status = BrowserStatus::Silent).door(KnownBy::Default, None, 1433, Is::Me),
    &[]
)]
#[case::unlisted_in_a_damaged_list(
    prod().with(|browser| browser.flaws.push("cut".to_owned())).listed("PROD", 50123, Is::Me)
        .known(Some("SECRET"), 50999, Is::Me),
    &["reply-malformed"]
)]
#[case::one_port_for_two_and_neither_asked(two_on_one_port(), &["shared-port", "shared-port"])]
#[case::one_port_for_two(
    two_on_one_port().listed("PROD", 50123, Is::Me).listed("TEST", 50123, Is::Another),
    &["shared-port", "other-instance", "shared-port"]
)]
#[case::one_port_for_two_cluster_addresses(
    host().lists("A", Some(1433)).clustered().lists("B", Some(1433)).clustered(), &[]
)]
#[case::no_tcp(host().lists("PROD", None), &["no-tcp"])]
#[case::no_tcp_in_a_damaged_list(
    host().lists("PROD", None).with(|browser| browser.flaws.push("cut".to_owned())),
    &["reply-malformed"]
)]
#[case::from_elsewhere(
    prod().with(|browser| browser.answered_from = Some("10.0.4.13:1434".parse().unwrap())),
    &["answered-elsewhere"]
)]
#[case::from_where_it_was_asked(
    prod().with(|browser| browser.answered_from = browser.asked), &[]
)]
#[case::on_the_second_try(prod().with(|browser| browser.tries = Some(2)), &["answered-late"])]
#[case::after_more_than_a_second(
    prod().with(|browser| browser.elapsed = Some(Duration::from_millis(1001).into())),
    &["answered-late"]
)]
#[case::within_a_second(
    prod().with(|browser| browser.elapsed = Some(Duration::from_secs(1).into())), &[]
)]
#[case::browser_silent(
    host().with(|browser| { browser.status = BrowserStatus::Silent; browser.tries = Some(3); }),
    &["browser-silent"]
)]
#[case::browser_silent_where_a_named_instance_is_known(
    host().with(|browser| browser.status = BrowserStatus::Silent).known(Some("PROD"), 50123, Is::Me),
    &["browser-silent"]
)]
#[case::browser_refused(
    host().with(|browser| browser.status = BrowserStatus::Refused), &["browser-refused"]
)]
#[case::browser_refused_where_none_is_needed(
    host().with(|browser| browser.status = BrowserStatus::Refused).known(None, 1433, Is::Me), &[]
)]
#[case::forbidden_on_this_machine(
    host().with(|browser| { browser.status = BrowserStatus::Silent; browser.os_error = Some(1); }),
    &["stopped-here"]
)]
#[case::a_router_says_that_the_host_is_away(
    host().with(|browser| turned_back_by(browser, "10.0.9.1")), &["unreachable"]
)]
#[case::a_router_rejects_browser_alone(
    host().with(|browser| turned_back_by(browser, "10.0.9.1")).door(KnownBy::Default, None, 1433, Is::Me),
    &[]
)]
#[case::the_host_itself_says_so(
    host().with(|browser| turned_back_by(browser, ADDRESS)), &["browser-refused"]
)]
#[case::an_answer_that_is_none(
    host().with(|browser| browser.status = BrowserStatus::Malformed), &["reply-malformed"]
)]
fn what_differs_is_marked_and_nothing_else(#[case] host: Host, #[case] expected: &[&str]) {
    let found = host.differences();
    let ids: Vec<_> = found.iter().map(Difference::id).collect();
    assert_eq!(ids, expected, "{found:?}");
}

#[test]
fn the_table_has_a_case_for_every_difference() {
    let table = include_str!("tests.rs");
    for id in Difference::IDS {
        assert!(table.matches(&format!("&[\"{id}")).count() > 0, "{id}");
    }
}

#[test]
fn whose_port_it_is_is_said_where_that_is_known() {
    let compared = host()
        .lists("TEST", Some(50123))
        .lists("PROD", None)
        .listed("TEST", 50123, Is::Another)
        .listed("PROD", 50123, Is::Me)
        .compared();
    let other = Difference::OtherInstance {
        port: Port::literal(50123),
        who: Some(Untrusted::from("PROD".to_owned())),
        clustered: false,
    };
    assert_eq!(compared.lines[0].differences, [other]);
    assert_eq!(compared.lines.len(), 2, "the question is no line");
}

/// Every engine since 2012 says yes to `MSSQLSERVER`.
#[test]
fn the_default_instance_is_not_believed_on_a_port_that_another_one_has() {
    let compared = host()
        .lists("MSSQLSERVER", Some(1433))
        .lists("PROD", Some(1433))
        .listed("MSSQLSERVER", 1433, Is::Me)
        .listed("PROD", 1433, Is::Me)
        .compared();
    let identity = |line: &Line| match line.answers {
        Answers::Engine { identity, .. } => identity,
        other => panic!("{other:?}"),
    };
    let identities: Vec<_> = compared.lines.iter().map(identity).collect();
    assert_eq!(identities, [Identity::No, Identity::Yes]);
    assert_eq!(compared.lines[0].differences[0].id(), "other-instance");
}

#[rstest]
#[case::every_engine_says_yes(Is::Me, Identity::Unproven)]
#[case::an_old_one_means_it(Is::Runs("10.50.6000.34"), Identity::Yes)]
fn a_yes_to_the_default_name(#[case] is: Is, #[case] expected: Identity) {
    let host = host().lists("MSSQLSERVER", Some(1433));
    let compared = host.listed("MSSQLSERVER", 1433, is).compared();
    let Answers::Engine { identity, .. } = compared.lines[0].answers else {
        panic!("{compared:?}")
    };
    assert_eq!(identity, expected);
}

#[test]
fn where_a_moved_instance_answers_is_said() {
    let compared = prod()
        .listed("PROD", 50123, Is::Silent)
        .known(Some("PROD"), 50999, Is::Me)
        .compared();
    let stale = Difference::StalePort {
        port: Port::literal(50123),
        silent: true,
        clustered: false,
        found: Some(Port::literal(50999)),
    };
    assert_eq!(compared.lines[0].differences, [stale]);
    let known = &compared.lines[1];
    assert_eq!((known.listed, known.differences.len()), (true, 0));
    assert_eq!(known.advertised, Port::new(50123));
}

#[test]
fn a_name_that_could_not_be_asked_for_has_the_port_that_was_tried_for_any() {
    let compared = host()
        .lists("rm -rf", Some(50123))
        .door(KnownBy::Browser, None, 50123, Is::Refused)
        .compared();
    assert_eq!(compared.lines.len(), 1);
    assert_eq!(compared.lines[0].differences[0].id(), "stale-port");
}
