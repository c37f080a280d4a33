//! What is composed is what would be serialised, byte for byte.

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::advice::advise;
use crate::advice::clients::clients_show;
use crate::advice::fixture::{Scene, found};
use crate::advice::quote::shells::NASTY;
use crate::diagnosis::{Confidence, Said, State};
use crate::evidence::{BrowserStatus, ConnectStatus, Os};
use crate::target::{Kind, Platform};

fn escape(text: &str, out: &mut Vec<u8>) {
    let json = serde_json::to_string(text).unwrap();
    out.extend_from_slice(&json.as_bytes()[1..json.len() - 1]);
}

thread_local! {
    /// One for all cases of a test, so that each uses what the others left.
    static COMPOSER: RefCell<Composer> = RefCell::new(Composer::new(escape));
}

/// Every cause, as if all of them had been found.
fn assert_same(scene: &Scene) {
    let case = scene.case();
    COMPOSER.with_borrow_mut(|composer| {
        let mut composing = composer.compose(&case);
        let mut diagnosis = found(CauseId::ALL);
        for state in State::ALL {
            diagnosis.state = state;
            let mut shown = Vec::new();
            composing.clients_show(&diagnosis, &mut shown).unwrap();
            let expected = clients_show(&case, &diagnosis);
            assert_eq!(
                String::from_utf8(shown).unwrap(),
                serde_json::to_string(&expected).unwrap()
            );
        }
        for (nth, id) in CauseId::ALL.iter().enumerate() {
            let mut diagnosis = found(&[*id]);
            let first = &mut diagnosis.causes[0];
            first.confidence = [Confidence::Low, Confidence::Medium, Confidence::High][nth % 3];
            first.because = Said::samples().into_iter().take(nth % 4).collect();
            first.against = Said::samples()
                .into_iter()
                .skip(nth)
                .take(nth % 3)
                .collect();
            let mut composed = Vec::new();
            composing.causes(&diagnosis, &mut composed).unwrap();
            let expected = advise(&case, &diagnosis).causes;
            assert_eq!(
                String::from_utf8(composed).unwrap(),
                serde_json::to_string(&expected).unwrap(),
                "{}",
                scene.target.text
            );
        }
    });
}

const TARGETS: &[&str] = &[
    "sales01",
    "sales01,1433",
    "sales01,1500",
    r"sales01\PROD",
    r"sales01\PROD,1500",
    r"sales01\MSSQLSERVER",
    r"sales01\A$B#C_",
    "sales01.corp.example",
    "shop.database.windows.net",
    "x.abc.eu-west-1.rds.amazonaws.com,1500",
    "10.0.4.12",
    "172.17.0.2,1500",
    r"10.0.4.12\PROD",
    "2001:db8::1",
    "[2001:db8::1]:1500",
    r"fe80::1\PROD",
    "localhost",
    r".\SQLEXPRESS",
    "(local)",
    "::1",
    "127.0.0.1,1499",
    "café.example",
];

fn changed(target: &'static str, change: impl Fn(Scene) -> Scene) {
    assert_same(&change(Scene::new(target)));
}

#[test]
fn every_cause_has_the_same_fixes_whatever_is_known() {
    for target in TARGETS {
        changed(target, |scene| scene);
        for os in [Os::Windows, Os::Linux, Os::MacOs] {
            changed(target, |mut scene| {
                scene.surroundings.vantage.os = os;
                scene.tried("10.0.4.12:1433", ConnectStatus::Refused)
            });
        }
        for platform in Platform::ALL {
            changed(target, |scene| scene.declared(Some(platform), None));
        }
        for kind in [
            Kind::Standalone,
            Kind::Fci,
            Kind::AgReplica,
            Kind::AgListener,
        ] {
            changed(target, |scene| scene.declared(None, Some(kind)));
        }
        changed(target, |scene| scene.listed("PROD", Some(50123), false));
        changed(target, |scene| scene.listed("PROD", None, true));
        changed(target, |scene| {
            scene
                .browser(BrowserStatus::Silent)
                .last_good("10.0.4.12:51001")
        });
    }
}

#[test]
fn many_ways_in_which_cases_differ_are_not_all_kept() {
    for nth in 0..3 * sheet::FORMS {
        let mut scene = Scene::new("sales01");
        let bit = |at: usize| nth >> at & 1 == 1;
        scene.declared.platform = Some(Platform::ALL[nth % 5]);
        scene.surroundings.vantage.os = if bit(0) { Os::Windows } else { Os::Linux };
        scene.past.host_came_up = bit(2).then_some(scene.evidence.at);
        assert_same(&scene);
    }
    COMPOSER.with_borrow(|composer| {
        assert!(
            composer
                .sheets
                .values()
                .all(|sheet| sheet.forms() <= sheet::FORMS)
        );
    });
}

/// A host, an instance or a port that somebody may have written.
fn target() -> impl Strategy<Value = String> {
    let name = "[a-z][a-z0-9_$#-]{0,12}(\\.[a-z]{1,5}){0,2}";
    let host = prop_oneof![
        name,
        any::<std::net::Ipv4Addr>().prop_map(|address| address.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|address| format!("[{address}]")),
        select(NASTY).prop_map(str::to_owned),
    ];
    let instance = prop_oneof![
        Just(String::new()),
        "\\\\[A-Z][A-Z0-9_$#]{0,15}",
        select(NASTY).prop_map(|name| format!("\\{name}")),
    ];
    let port = prop_oneof![
        Just(String::new()),
        (1..=u16::MAX).prop_map(|port| format!(",{port}"))
    ];
    (host, instance, port).prop_map(|(host, instance, port)| format!("{host}{instance}{port}"))
}

fn status() -> impl Strategy<Value = ConnectStatus> {
    select(&[
        ConnectStatus::Open,
        ConnectStatus::Refused,
        ConnectStatus::TimedOut,
        ConnectStatus::Unreachable,
        ConnectStatus::Blocked,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_written_and_answered_the_fixes_are_the_same(
        target in target().prop_filter("a target", |text| text.parse::<crate::target::Target>().is_ok()),
        listed in proptest::option::of((select(NASTY), proptest::option::of(1..=u16::MAX), any::<bool>())),
        tried in proptest::collection::vec((any::<std::net::SocketAddr>(), status()), 0..3),
        last in proptest::option::of(any::<std::net::SocketAddr>().prop_filter("a port", |last| last.port() != 0)),
        canonical in select(NASTY),
        me in select(NASTY),
        os in select(&[Os::Windows, Os::Linux, Os::MacOs]),
    ) {
        let mut scene = Scene::new(&target).canonical(canonical);
        if let Some((instance, tcp, clustered)) = listed {
            scene = scene.listed(instance, tcp, clustered);
        }
        for (endpoint, status) in tried {
            scene = scene.tried(&endpoint.to_string(), status);
        }
        if let Some(last) = last {
            scene = scene.last_good(&last.to_string());
        }
        scene.surroundings.vantage.host = me.into();
        scene.surroundings.vantage.os = os;
        assert_same(&scene);
    }
}
