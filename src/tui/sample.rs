//! Rows for the tests of the screen: a morning on which several things are wrong.
//!
//! Evidence goes through the real ledger and the real diagnosis, so that the snapshots
//! show what a user would see.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::app::{About, App};
use super::fleet::Fleet;
use super::theme::Theme;
use crate::config::Instance;
use crate::diagnosis::scene::{Scene, now};
use crate::evidence::{BrowserStatus, ConnectStatus, Evidence, PreloginStatus, ResolveStatus};
use crate::monitor::{Event, InstanceId, Ledger, News, Row, Rules};

struct Sample {
    name: &'static str,
    tags: &'static [&'static str],
    target: &'static str,
    evidence: Option<Evidence>,
    witnesses: Vec<crate::evidence::Witness>,
}

fn sample(name: &'static str, tags: &'static [&'static str], target: &'static str) -> Sample {
    Sample {
        name,
        tags,
        target,
        evidence: None,
        witnesses: Vec::new(),
    }
}

impl Sample {
    fn saw(mut self, scene: Scene) -> Self {
        self.evidence = Some(scene.evidence);
        self.witnesses = scene.witnesses;
        self
    }
}

fn samples() -> Vec<Sample> {
    vec![
        sample("sales01\\PROD", &["prod"], r"sales01\PROD").saw(
            Scene::new(r"sales01\PROD")
                .browser(BrowserStatus::Ok)
                .advertises(50123)
                .refused()
                .closed(ConnectStatus::Refused),
        ),
        sample("hr02,1433", &["prod"], "10.0.4.20,1433").saw(
            Scene::new("10.0.4.20,1433")
                .timed_out()
                .closed(ConnectStatus::TimedOut)
                .port(445, ConnectStatus::Open),
        ),
        sample("reports", &["prod"], "reports01").saw(
            Scene::new("reports01")
                .answers()
                .also("10.0.4.32", ConnectStatus::TimedOut),
        ),
        sample("crm", &["prod"], "crm01").saw(Scene::new("crm01").answers()),
        sample("typo01", &["test"], "typo01")
            .saw(Scene::new("typo01").unresolved(ResolveStatus::NotFound)),
        sample("intranet", &["test"], "10.0.4.80,8080")
            .saw(Scene::new("10.0.4.80,8080").answer(PreloginStatus::NotTds)),
        sample("new01", &[], "new01"),
        sample("db1/PROD", &[], "db1/PROD"),
    ]
}

/// All rows, as the board would hand them over.
pub(crate) fn rows() -> Vec<Arc<Row>> {
    let ledger = ledger();
    let ids = ledger.order().iter();
    ids.filter_map(|id| ledger.row(*id)).collect()
}

fn ledger() -> Ledger {
    let samples = samples();
    let instances: Vec<Arc<Instance>> = samples
        .iter()
        .map(|sample| {
            let mut instance = Instance::from_text(sample.target);
            instance.name = sample.name.to_owned();
            instance.tags = sample.tags.iter().map(ToString::to_string).collect();
            Arc::new(instance)
        })
        .collect();
    let mut ledger = Ledger::new(Rules::default());
    ledger.replace(now(), &instances);
    let ids: Vec<InstanceId> = ledger.order().to_vec();
    for round in 0..2 {
        for (id, sample) in ids.iter().zip(&samples) {
            let Some(evidence) = &sample.evidence else {
                continue;
            };
            let at = now() + SignedDuration::from_secs(15 * round);
            let evidence = Box::new(Evidence {
                at,
                ..evidence.clone()
            });
            ledger.apply(at, Event::Probed { id: *id, evidence });
            for witness in &sample.witnesses {
                ledger.apply(
                    at,
                    Event::Witnessed {
                        id: *id,
                        witness: witness.clone(),
                    },
                );
            }
        }
    }
    ledger
}

/// The row of `crm` after it was probed so many more times and saw this each time.
pub(crate) fn probed_again(times: i64, saw: &Evidence) -> Arc<Row> {
    let mut ledger = ledger();
    let at_crm = |sample: &Sample| sample.name == "crm";
    let place = samples().iter().position(at_crm).unwrap();
    let id = ledger.order()[place];
    for time in 1..=times {
        let at = later() - SignedDuration::from_secs(15 * (times - time));
        let evidence = Box::new(Evidence { at, ..saw.clone() });
        ledger.apply(at, Event::Probed { id, evidence });
    }
    ledger.row(id).unwrap()
}

/// The dashboard of a machine that has lost its network.
pub(crate) fn cut_off(width: u16, height: u16) -> App {
    let mut ledger = ledger();
    let at = now() + SignedDuration::from_secs(40);
    let vantage = crate::evidence::Vantage::default();
    ledger.apply(at, Event::Vantage { vantage });
    let ids = ledger.order().iter();
    let mut app = empty(width, height);
    app.take(News {
        rows: ids.filter_map(|id| ledger.row(*id)).collect(),
        order: None,
    });
    app.standing = ledger.standing();
    app.take_incidents(ledger.incidents());
    app
}

/// A fleet of all rows.
pub(crate) fn fleet() -> Fleet {
    let mut fleet = Fleet::default();
    fleet.take(News {
        rows: rows(),
        order: None,
    });
    fleet
}

/// The time at which the screen is looked at: a few minutes after the probes.
pub(crate) fn later() -> Timestamp {
    now() + SignedDuration::from_secs(207)
}

/// The dashboard with all rows, of the given size.
pub(crate) fn app(width: u16, height: u16) -> App {
    of(&ledger(), width, height)
}

/// The dashboard of a subnet of many hosts that fell silent at once, one elsewhere being
/// well.
pub(crate) fn mass_failure(count: u32, width: u16, height: u16) -> App {
    let hosts = (0..count).map(|n| format!("10.7.{}.{}", n / 250, n % 250 + 1));
    let targets: Vec<String> = ["10.9.0.1".to_owned()].into_iter().chain(hosts).collect();
    let mut ledger = Ledger::new(Rules {
        down_after: 1,
        ..Rules::default()
    });
    let instances = targets
        .iter()
        .map(|text| Arc::new(Instance::from_text(text)));
    ledger.replace(now(), &instances.collect::<Vec<_>>());
    let ids = ledger.order().to_vec();
    for (second, down) in [(0, false), (15, true)] {
        let at = now() + SignedDuration::from_secs(second);
        for (id, text) in ids.iter().zip(&targets) {
            let scene = Scene::new(text);
            let is_down = down && *id != ids[0];
            let scene = if is_down {
                scene.timed_out()
            } else {
                scene.answers()
            };
            let evidence = Box::new(Evidence {
                at,
                ..scene.evidence
            });
            ledger.apply(at, Event::Probed { id: *id, evidence });
        }
    }
    ledger.regroup();
    of(&ledger, width, height)
}

fn of(ledger: &Ledger, width: u16, height: u16) -> App {
    let mut app = empty(width, height);
    let ids = ledger.order().iter();
    app.take(News {
        rows: ids.filter_map(|id| ledger.row(*id)).collect(),
        order: None,
    });
    app.take_incidents(ledger.incidents());
    app
}

/// The dashboard with all rows and a configuration of its own.
pub(crate) fn configured(about: About, width: u16, height: u16) -> App {
    let mut app = App::new(
        about,
        Theme::new(true),
        later(),
        Rect::new(0, 0, width, height),
    );
    app.take(News {
        rows: rows(),
        order: None,
    });
    app
}

/// The dashboard with nothing to watch.
pub(crate) fn empty(width: u16, height: u16) -> App {
    App::new(
        about(),
        Theme::new(true),
        later(),
        Rect::new(0, 0, width, height),
    )
}

/// What the samples are started with.
pub(crate) fn about() -> About {
    About {
        vantage: "jump01".into(),
        interval: std::time::Duration::from_secs(15),
        rate: None,
        label: String::new(),
        zone: TimeZone::UTC,
        local: TimeZone::posix("CET-1").unwrap(),
        keys: super::keymap::KeyMap::default(),
        screen: crate::config::Screen::default(),
        kept: None,
        state: None,
        policy: None,
        config_hint: "No configuration was found; it is looked for in ~/.config/sqlreach.".into(),
        report: |row, now, platform, incident| {
            let members = incident.map_or(0, |incident| incident.members.len());
            format!(
                "{} at {now} for {platform:?} with {members}",
                row.instance.name
            )
        },
        note: |incident, rows| format!("{} of {}", rows.len(), incident.members.len()),
    }
}
