//! The truth audit in the tab `browser`, and the key that asks for it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ratatui::style::Color;

use super::*;
use crate::diagnosis::scene::{SERVER, now};
use crate::evidence::{
    Advertised, Attempt, Audit, Browser, BrowserForm, BrowserStatus, ConnectStatus, Door, KnownBy,
    Listing, Prelogin, PreloginStatus, Resolve, ResolveStatus, Service,
};
use crate::monitor::{News, Row};
use crate::target::{Port, Untrusted};

/// One address of a host, told as what happened there.
struct Saw(Listing);

impl Saw {
    /// A Browser that lists nothing yet.
    fn at(address: &str) -> Self {
        let address: IpAddr = address.parse().unwrap();
        Self(Listing {
            address,
            browser: Browser {
                status: BrowserStatus::Ok,
                form: Some(BrowserForm::List),
                asked: Some(SocketAddr::new(address, 1434)),
                tries: Some(1),
                elapsed: Some(Duration::from_micros(1_200).into()),
                ..Browser::default()
            },
            doors: Vec::new(),
        })
    }

    fn browser(mut self, change: impl FnOnce(&mut Browser)) -> Self {
        change(&mut self.0.browser);
        self
    }

    fn silent(self) -> Self {
        self.browser(|browser| {
            browser.status = BrowserStatus::Silent;
            browser.tries = Some(3);
        })
    }

    /// Browser lists an instance; what its port did, where it has one.
    fn lists(self, name: &str, tcp: Option<u16>, door: impl FnOnce(&mut Door)) -> Self {
        let mut saw = self.browser(|browser| {
            browser.instances.push(Advertised {
                server: Untrusted::from("SALES01".to_owned()),
                instance: Untrusted::from(name.to_owned()),
                clustered: false,
                version: Untrusted::from("16.0.1000.6".to_owned()),
                tcp: tcp.and_then(Port::new),
                pipe: None,
            });
        });
        if let Some(port) = tcp {
            saw = saw.tries(Some(name), port, KnownBy::Browser, door);
        }
        saw
    }

    fn knows(self, name: Option<&str>, port: u16, door: impl FnOnce(&mut Door)) -> Self {
        self.tries(name, port, KnownBy::Known, door)
    }

    fn tries(
        mut self,
        name: Option<&str>,
        port: u16,
        known_by: KnownBy,
        change: impl FnOnce(&mut Door),
    ) -> Self {
        let mut door = Door {
            instance: name.map(|name| Untrusted::from(name.to_owned())),
            port: Port::new(port).unwrap(),
            known_by,
            attempt: Attempt {
                started: None,
                endpoint: SocketAddr::new(self.0.address, port),
                local: None,
                status: ConnectStatus::Open,
                elapsed: Duration::from_micros(420).into(),
                os_error: None,
                icmp: None,
                instead_of: None,
            },
            prelogin: Prelogin::default(),
        };
        change(&mut door);
        self.0.doors.push(door);
        self
    }
}

fn refuses(door: &mut Door) {
    door.attempt.status = ConnectStatus::Refused;
}

fn times_out(door: &mut Door) {
    door.attempt.status = ConnectStatus::TimedOut;
    door.attempt.elapsed = Duration::from_secs(4).into();
}

pub(super) fn answers(door: &mut Door) {
    door.prelogin = Prelogin {
        status: PreloginStatus::Ok,
        version: Some("16.0.4105.2".parse().unwrap()),
        instance_matches: door.instance.as_ref().map(|_| true),
        ..Prelogin::default()
    };
}

fn is_another(door: &mut Door) {
    answers(door);
    door.prelogin.status = PreloginStatus::InstanceMismatch;
    door.prelogin.instance_matches = Some(false);
}

fn is_a_web_server(door: &mut Door) {
    door.prelogin.status = PreloginStatus::NotTds;
    door.prelogin.service = Some(Service::Http);
}

fn audit(listings: impl IntoIterator<Item = Saw>) -> Audit {
    Audit {
        at: now() + jiff::SignedDuration::from_secs(60),
        resolve: Resolve::default(),
        listings: listings.into_iter().map(|saw| saw.0).collect(),
    }
}

/// A host where everything that can differ does.
pub(super) fn everything_differs() -> Audit {
    let first = Saw::at(SERVER)
        .browser(|browser| {
            browser.tries = Some(2);
            browser.elapsed = Some(Duration::from_millis(1_300).into());
            browser.answered_from = Some("10.0.4.13:1434".parse().unwrap());
        })
        .lists("CRM", Some(50100), answers)
        .lists("PROD", Some(50123), refuses)
        .lists("WEB", Some(50200), is_a_web_server)
        .lists("TEST", Some(50300), is_another)
        .tries(Some("CRM"), 50300, KnownBy::Browser, is_another)
        .lists("LEGACY", Some(50400), |door| {
            answers(door);
            door.prelogin.version = Some("13.0.6300.2".parse().unwrap());
        })
        .lists("PIPESONLY", None, answers)
        .knows(None, 1500, answers)
        .tries(None, 1433, KnownBy::Default, refuses);
    let second = Saw::at("10.0.4.13")
        .silent()
        .knows(Some("PROD"), 50123, times_out)
        .tries(None, 1433, KnownBy::Default, times_out);
    audit([first, second])
}

/// The tab `browser` of `sales01\PROD`.
pub(super) fn tab(width: u16, height: u16) -> App {
    let mut app = sample::app(width, height);
    press(&mut app, "/ s a l e s enter enter ] ]");
    app
}

/// Hands over the row of the selected instance, changed.
fn news(app: &mut App, change: impl FnOnce(&mut Row)) {
    let mut row = Row::clone(app.fleet.selected().unwrap());
    change(&mut row);
    app.take(News {
        rows: vec![Arc::new(row)],
        order: None,
    });
}

pub(super) fn audited(app: &mut App, audit: Audit) {
    news(app, |row| {
        row.audit = Some(Arc::new(audit));
        row.auditing = false;
    });
}

#[test]
fn what_differs_is_marked_and_explained_in_three_widths() {
    for (width, height) in [(120, 60), (80, 76), (60, 90)] {
        let mut app = tab(width, height);
        audited(&mut app, everything_differs());
        insta::assert_snapshot!(format!("audit_{width}"), screen(&mut app, width, height));
    }
}

#[test]
fn a_host_where_nothing_differs_is_a_short_table() {
    let mut app = tab(80, 24);
    let saw = Saw::at(SERVER).lists("PROD", Some(50123), answers).lists(
        "MSSQLSERVER",
        Some(1433),
        answers,
    );
    audited(&mut app, audit([saw]));
    insta::assert_snapshot!(screen(&mut app, 80, 24));
}

#[test]
fn while_it_is_asked_again_the_last_answer_stays() {
    let mut app = tab(80, 24);
    audited(
        &mut app,
        audit([Saw::at(SERVER).lists("PROD", Some(50123), refuses)]),
    );
    news(&mut app, |row| row.auditing = true);
    insta::assert_snapshot!(screen(&mut app, 80, 24));
}

#[test]
fn an_instance_that_browser_does_not_list_is_a_line_of_its_own() {
    let mut app = tab(80, 24);
    audited(
        &mut app,
        audit([Saw::at(SERVER).lists("PRDO", Some(50123), answers)]),
    );
    let shown = screen(&mut app, 80, 24);
    assert!(shown.contains("→ ✖ PROD  not listed"), "{shown}");

    audited(&mut app, audit([Saw::at(SERVER).silent()]));
    let shown = screen(&mut app, 80, 24);
    assert!(shown.contains("→ · PROD  no answer"), "{shown}");
}

#[test]
fn at_an_address_that_is_not_its_own_no_line_is_the_wanted_one() {
    let mut app = tab(80, 24);
    let there = Saw::at("10.0.4.99").lists("PROD", Some(50123), answers);
    audited(&mut app, audit([there]));
    let shown = screen(&mut app, 80, 24);
    assert!(
        shown.contains("10.0.4.99  Browser lists 1 instance, after 1.2 ms; not an address"),
        "{shown}"
    );
    assert!(!shown.contains('→'), "{shown}");
}

#[test]
fn of_a_target_with_a_port_the_port_is_what_is_wanted() {
    let mut app = sample::app(80, 24);
    press(&mut app, "/ h r 0 2 enter enter ] ]");
    let saw = Saw::at("10.0.4.20")
        .lists("PROD", Some(50123), answers)
        .lists("HR", Some(1433), answers);
    audited(&mut app, audit([saw]));
    let shown = screen(&mut app, 80, 24);
    assert!(shown.contains("→ ● HR"), "{shown}");
    assert_eq!(shown.matches('→').count(), 1, "{shown}");
}

#[test]
fn a_name_without_addresses_says_why_nobody_was_asked() {
    let mut app = tab(80, 24);
    let resolve = Resolve {
        status: ResolveStatus::NotFound,
        ..Resolve::default()
    };
    audited(
        &mut app,
        Audit {
            resolve,
            ..audit([])
        },
    );
    let shown = screen(&mut app, 80, 24);
    assert!(
        shown.contains("Nobody could be asked: there is no such name."),
        "{shown}"
    );
}

#[test]
fn what_a_hostile_browser_lists_stays_in_its_column() {
    let mut app = tab(80, 60);
    let saw = Saw::at(SERVER)
        .lists("A\x1b[2J\u{202E}B", Some(50123), answers)
        .lists(&"漢字".repeat(120), Some(50124), refuses)
        .lists("PR\nOD", Some(50125), is_another)
        .browser(|browser| {
            browser.instances[1].version = Untrusted::from("9".repeat(300));
            browser.instances[1].clustered = true;
            browser.flaws = vec!["a \x1b]52;c;flaw".into()];
            browser.reply_hex = Some("ff".repeat(600));
        });
    audited(&mut app, audit([saw]));
    let shown = screen(&mut app, 80, 60);
    assert!(
        !shown.contains(|c: char| c.is_control() && c != '\n'),
        "{shown}"
    );
    insta::assert_snapshot!(shown);
}

#[test]
fn a_difference_shows_without_colours_too() {
    let mut app = tab(80, 76);
    app.theme = super::super::Theme::new(false);
    audited(&mut app, everything_differs());
    let buffer = draw(&mut app, 80, 76);
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset));
    let shown = text(&buffer);
    for word in ["▲ stale port", "▲ port taken", "▲ other instance"] {
        assert!(shown.contains(word), "{word}\n{shown}");
    }
}

#[test]
fn before_it_is_asked_the_tab_says_how_and_what_is_known() {
    let mut app = tab(80, 24);
    let shown = screen(&mut app, 80, 24);
    assert!(shown.contains("d asks this host"), "{shown}");
    assert!(shown.contains("→ PROD"), "what a probe was told\n{shown}");
    news(&mut app, |row| row.auditing = true);
    let shown = screen(&mut app, 80, 24);
    assert!(shown.contains("Asking this host"), "{shown}");
    assert!(!shown.contains("d asks this host"), "{shown}");
}

#[test]
fn the_key_asks_the_host_once_and_says_what_came_of_it() {
    let mut app = sample::app(100, 24);
    press(&mut app, "/ s a l e s enter");
    let id = app.fleet.selected().unwrap().id;
    assert_eq!(
        press(&mut app, "d"),
        Some(Effect::Send(Command::Discover(id)))
    );
    assert_eq!(app.toast(), Some("asking Browser on sales01…"));
    news(&mut app, |row| row.auditing = true);
    assert_eq!(press(&mut app, "d"), None);
    assert_eq!(app.toast(), Some("sales01 is being asked already"));
    audited(
        &mut app,
        audit([Saw::at(SERVER).lists("PROD", Some(50123), refuses)]),
    );
    assert_eq!(
        app.toast(),
        Some("sales01: 1 difference; see the tab browser")
    );
}

#[test]
fn an_answer_that_comes_at_once_is_said_as_well() {
    let mut app = tab(100, 24);
    press(&mut app, "d");
    audited(
        &mut app,
        audit([Saw::at(SERVER).lists("PROD", Some(50123), answers)]),
    );
    assert_eq!(
        app.toast(),
        Some("sales01: nothing contradicts what Browser says")
    );
}

#[test]
fn an_answer_that_comes_before_the_end_of_the_asking_is_said_too() {
    let mut app = tab(100, 24);
    press(&mut app, "d");
    let answer = audit([Saw::at(SERVER).lists("PROD", Some(50123), answers)]);
    news(&mut app, |row| {
        row.auditing = true;
        row.audit = Some(answer.into());
    });
    news(&mut app, |row| row.auditing = false);
    assert_eq!(
        app.toast(),
        Some("sales01: nothing contradicts what Browser says")
    );
}

#[test]
fn an_audit_that_brought_nothing_back_is_said() {
    let mut app = sample::app(100, 24);
    press(&mut app, "/ s a l e s enter");
    press(&mut app, "d");
    news(&mut app, |row| row.auditing = true);
    news(&mut app, |row| row.auditing = false);
    assert_eq!(
        app.toast(),
        Some("sales01 was not asked to the end; d asks again")
    );
}

#[test]
fn nothing_is_asked_for_an_instance_that_is_none() {
    let mut app = sample::app(100, 24);
    press(&mut app, "/ s t a t e : i n v a l i d enter");
    assert_eq!(press(&mut app, "d"), None);
    assert_eq!(
        app.toast(),
        Some("nothing is asked: db1/PROD is no server name")
    );
}
