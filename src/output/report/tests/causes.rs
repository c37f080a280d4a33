//! One report for every cause: would you send it?

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::config::Instance;
use crate::diagnosis::scene::{SERVER, Scene, now};
use crate::diagnosis::tests::{is_beyond_every_probe, scenes};
use crate::diagnosis::{CauseId, Diagnosis, State};
use crate::evidence::ConnectStatus::{Open, TimedOut};
use crate::monitor::{Row, Since, Transition};
use crate::output::fixture::{row, sent};
use crate::output::report::report;

/// The case of a cause that its report is written for, where it is not the first of the table:
/// the one that people meet, with the looks that the program takes by itself.
const CASES: &[(CauseId, &str)] = &[
    (
        CauseId::ServiceNotRunning,
        "V10 refused, and the host answers",
    ),
    (CauseId::FirewallDrops, "V12 only this port is dropped"),
    (CauseId::HostDown, "V13 all silent"),
    (CauseId::NoRoute, "router has no route"),
    (CauseId::RejectRule, "admin-prohibited by a router"),
    (CauseId::EngineHung, "V16 climbed, then silent"),
    (CauseId::LocalFirewall, "EPERM at once"),
    (
        CauseId::ListenerOffline,
        "a listener, both addresses silent",
    ),
    (CauseId::NotSqlServer, "V18 HTTP"),
    (CauseId::StaleName, "the name moved, then refused"),
    (CauseId::ProxyWithoutBackend, "V17 RST on loopback"),
    (CauseId::BrowserStopped, "V4 ICMP from the host"),
    (
        CauseId::BrowserFiltered,
        "V5 silent, and the host hides no port",
    ),
    (CauseId::BrowserReplyMalformed, "garbage from Browser"),
    (CauseId::InstanceNotListed, "V6 not listed"),
];

/// A row as the dashboard has it three minutes after the instance fell.
fn fallen(name: &str, scene: Scene) -> Row {
    let mut row = row(1, name, sent(scene));
    let (last, first) = (
        now() - SignedDuration::from_secs(192),
        now() - SignedDuration::from_secs(177),
    );
    row.since = Since {
        first_seen: Some(first),
        last_other: Some(last),
        at_least: false,
    };
    row.transitions = Arc::new([Transition {
        from: State::Answering,
        to: row.state,
        last_seen: Some(last),
        first_seen: first,
    }]);
    row
}

/// A row whose target nothing is ever sent to.
fn invalid(target: &str, diagnosis: impl FnOnce(&Instance) -> Diagnosis) -> Row {
    let instance = Instance::from_text(target);
    let diagnosis = diagnosis(&instance);
    let mut row = row(1, &instance.name.clone(), Scene::new("placeholder"));
    row.state = diagnosis.state;
    row.raw = diagnosis.state;
    row.instance = Arc::new(instance);
    row.evidence = None;
    row.diagnosis = Some(Arc::new(diagnosis));
    row
}

/// The row of each cause that a row can show.
fn rows() -> BTreeMap<CauseId, Row> {
    let mut rows = BTreeMap::new();
    for (what, scene, cause) in scenes() {
        let chosen = CASES.iter().find(|(of, _)| *of == cause);
        let wanted = match chosen {
            Some((_, case)) => *case == what,
            None => !rows.contains_key(&cause),
        };
        if wanted {
            let name = scene.target.text.clone();
            rows.insert(cause, fallen(&name, scene));
        }
    }
    let pipe = |instance: &Instance| {
        let target = instance.target.as_ref().unwrap();
        Diagnosis::not_tcp(target.over_tcp().unwrap_err())
    };
    rows.insert(
        CauseId::NotTcp,
        invalid(r"np:\\sales01\pipe\sql\query", pipe),
    );
    let typo = |instance: &Instance| Diagnosis::unreadable(instance.target.as_ref().unwrap_err());
    rows.insert(CauseId::TargetSyntax, invalid("db1/PROD", typo));
    rows
}

#[test]
fn every_cause_that_a_row_can_show_has_its_report() {
    let rows = rows();
    for cause in CauseId::ALL {
        // Only a client's message names the causes of TLS, of the login and of the client:
        // a probe ends before them, so no row and no report ever has one.
        assert_eq!(
            rows.contains_key(cause),
            !is_beyond_every_probe(*cause),
            "{cause}"
        );
    }
    for (cause, case) in CASES {
        assert!(rows.contains_key(cause), "{cause}: no such case: {case}");
    }
    for (cause, row) in rows {
        assert_eq!(row.diagnosis.as_ref().unwrap().causes[0].id, cause);
        insta::assert_snapshot!(cause.id(), report(&row, now(), None, None));
    }
}

/// Windows with its firewall on says nothing for a closed port: silence may be a stopped
/// service, a wrong port or a firewall's rule.
#[test]
fn the_trap_of_windows_is_told_as_a_tie() {
    let scene = Scene::new("db1.corp.test,1433")
        .timed_out()
        .closed(TimedOut)
        .port(445, Open)
        .good(SERVER, 1433);
    let trap = report(&fallen("HR", scene), now(), None, None);
    assert!(trap.contains("equally likely"), "{trap}");
    insta::assert_snapshot!("trap", trap);
    let unknown = Scene::new("db1.corp.test,1433").timed_out();
    insta::assert_snapshot!(
        "trap_before_any_look",
        report(&fallen("HR", unknown), now(), None, None)
    );
}
