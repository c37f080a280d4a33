//! A day in the life of a fleet, told to what the dashboard holds: the ledger, the board, the
//! memory on disk and the screen. What is told is what fills every tier of every history.

use std::ffi::OsString;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;
use sqlreach::command::dashboard;
use sqlreach::config::{Config, Instance};
use sqlreach::evidence::{
    Advertised, Attempt, Browser, BrowserForm, BrowserStatus, Connect, ConnectStatus, Elapsed,
    EncryptionOffer, Evidence, Hop, HopStatus, Layers, Look, Os, Prelogin, PreloginStatus, Resolve,
    ResolveStatus, Seldom, Source, Vantage, Witness,
};
use sqlreach::monitor::{Board, Change, Event, InstanceId, Ledger, Memory, Rules};
use sqlreach::target::Port;
use sqlreach::tui::Theme;
use sqlreach::tui::app::App;

/// Of twenty instances one fails for the last hour.
const FAILING: u32 = 20;
/// Of four instances one is named, and Browser is asked for its port.
const NAMED: u32 = 4;
/// Rows between two drawings of the screen.
const FRAME: u32 = 100;

/// The part `day`: `day COUNT` prints the resident KiB of a process that watched them for a day.
pub fn run(words: &[OsString]) -> anyhow::Result<()> {
    let [count] = words else {
        bail!("day COUNT");
    };
    let count = count.to_str().context("a number")?.parse()?;
    let folder = tempfile::tempdir()?;
    let mut held = Held::new(count, &folder.path().join("memory.json"))?;
    for ago in moments() {
        let at = held.end - ago;
        for n in 0..count {
            held.probed(at, n, ago)?;
        }
        held.memory.save()?;
    }
    println!("{}", resident_kib("self")?);
    // Until here nothing of it is let go.
    drop(held);
    Ok(())
}

/// What a process takes of the machine's memory right now.
pub fn resident_kib(process: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let figure = line.and_then(|line| line.split_whitespace().next());
    Ok(figure.context("no VmRSS")?.parse()?)
}

/// How long before its end each round of the day is: one in ten minutes, one a minute for the
/// last hour, one in fifteen seconds for a little more than the last five minutes, so that what
/// is remembered is not as new as what is shown.
fn moments() -> impl Iterator<Item = SignedDuration> {
    let day = (1..144).rev().map(|n| 600 * n).filter(|&ago| ago > 3600);
    let hour = (7..=60).rev().map(|n| 60 * n);
    let minutes = (0..=25).rev().map(|n| 15 * n);
    day.chain(hour)
        .chain(minutes)
        .map(SignedDuration::from_secs)
}

/// What the dashboard holds.
struct Held {
    end: Timestamp,
    ledger: Ledger,
    board: Board,
    memory: Memory,
    app: App,
}

impl Held {
    fn new(count: u32, file: &std::path::Path) -> anyhow::Result<Self> {
        let end = Timestamp::now();
        let config = Config {
            instances: (0..count).map(instance).collect(),
            ..Config::default()
        };
        let size = Rect::new(0, 0, 160, 50);
        let about = dashboard::about(&config, String::new())?;
        let mut held = Self {
            end,
            ledger: Ledger::new(Rules::default()),
            board: Board::default(),
            memory: Memory::open(file).0,
            app: App::new(about, Theme::new(true), end, size),
        };
        let begin = end - SignedDuration::from_hours(24);
        held.ledger.replace(begin, &config.instances);
        held.board.arrange(held.ledger.order());
        let vantage = Vantage {
            host: "jump01".into(),
            os: Os::HERE,
            addresses: vec![IpAddr::from([10, 250, 9, 7])],
            ipv4: true,
            ..Vantage::default()
        };
        held.fold(begin, Event::Vantage { vantage });
        Ok(held)
    }

    /// A probe of the n-th ended.
    fn probed(&mut self, at: Timestamp, n: u32, ago: SignedDuration) -> anyhow::Result<()> {
        let id = *self.ledger.order().get(n as usize).context("an instance")?;
        let fails = n.is_multiple_of(FAILING) && ago < SignedDuration::from_secs(3600);
        let evidence = Box::new(evidence(at, n, fails));
        let fell = self.fold(at, Event::Probed { id, evidence });
        if fails && fell {
            for witness in witnesses(at, n) {
                self.fold(at, Event::Witnessed { id, witness });
            }
        }
        if n.is_multiple_of(FRAME) {
            self.app.take(self.board.take());
        }
        Ok(())
    }

    /// What the prober does with an event. Returns whether a state changed by it.
    fn fold(&mut self, at: Timestamp, event: Event) -> bool {
        let mut turned = false;
        for change in self.ledger.apply(at, event) {
            match change {
                Change::Row(id) => {
                    self.publish(id);
                    self.renew(id);
                }
                Change::State(id, _) => {
                    self.publish(id);
                    turned = true;
                }
                Change::Remember(id) => self.remember(at, id),
                Change::Standing(standing) => self.board.stand(standing),
                Change::Incidents => self.board.group(self.ledger.incidents()),
                Change::Confirm(_) | Change::Look(..) | Change::Ask(_) | Change::Hasten(_) => {}
            }
        }
        turned
    }

    fn publish(&self, id: InstanceId) {
        if let Some(row) = self.ledger.row(id) {
            self.board.put(row);
        }
    }

    fn renew(&mut self, id: InstanceId) {
        if let Some(row) = self.ledger.row(id) {
            self.memory.renew(&row.instance, &row.past);
        }
    }

    fn remember(&mut self, at: Timestamp, id: InstanceId) {
        if let Some(row) = self.ledger.row(id) {
            self.memory
                .remember(at, &row.instance, Arc::clone(&row.past));
        }
    }
}

fn instance(n: u32) -> Arc<Instance> {
    let name = name(n);
    Arc::new(Instance::from_text(&if is_named(n) {
        format!("{name}\\PROD")
    } else {
        format!("{name},1433")
    }))
}

fn is_named(n: u32) -> bool {
    n % NAMED == 1
}

fn name(n: u32) -> String {
    format!("sql{n:05}.corp.test")
}

fn address(n: u32) -> IpAddr {
    // No address ends in 0 or 255.
    Ipv4Addr::from((10 << 24) + ((n / 250) << 8) + n % 250 + 1).into()
}

fn ms(ms: u64) -> Elapsed {
    Duration::from_millis(ms).into()
}

/// What a probe sees: names through DNS, engines that answer, and some that time out.
fn evidence(at: Timestamp, n: u32, fails: bool) -> Evidence {
    let endpoint = SocketAddr::new(address(n), 1433);
    let status = if fails {
        ConnectStatus::TimedOut
    } else {
        ConnectStatus::Open
    };
    let layers = Layers {
        resolve: resolve(n),
        browser: if is_named(n) {
            browser(n).into()
        } else {
            Seldom::default()
        },
        connect: Connect {
            status,
            attempts: vec![attempt(endpoint, status)],
            ..Connect::default()
        },
        prelogin: if fails {
            Prelogin::default()
        } else {
            prelogin(endpoint)
        },
    };
    Evidence {
        at,
        elapsed: ms(7),
        layers,
    }
}

/// From the cache, as all but one in hundreds: that is once in the time that DNS gives.
fn resolve(n: u32) -> Resolve {
    Resolve {
        status: ResolveStatus::Ok,
        started: Some(ms(0)),
        addresses: vec![address(n)],
        ttl: Some(3600),
        source: Some(Source::Dns(SocketAddr::from(([10, 250, 9, 53], 53)))),
        cached: true,
        ..Resolve::default()
    }
}

fn browser(n: u32) -> Browser {
    let asked = SocketAddr::new(address(n), 1434);
    Browser {
        status: BrowserStatus::Ok,
        started: Some(ms(1)),
        elapsed: Some(ms(1)),
        form: Some(BrowserForm::Name),
        asked: Some(asked),
        answered_from: Some(asked),
        tries: Some(1),
        port: Port::new(1433),
        instances: vec![Advertised {
            server: format!("SQL{n:05}").into(),
            instance: "PROD".to_owned().into(),
            clustered: false,
            version: "16.0.4105.2".to_owned().into(),
            tcp: Port::new(1433),
            pipe: None,
        }],
        reply_hex: Some("05".repeat(90)),
        ..Browser::default()
    }
}

fn attempt(endpoint: SocketAddr, status: ConnectStatus) -> Attempt {
    Attempt {
        endpoint,
        local: Some(SocketAddr::from(([10, 250, 9, 7], 50_000))),
        status,
        started: Some(ms(2)),
        elapsed: ms(2),
        os_error: None,
        icmp: None,
        instead_of: None,
    }
}

fn prelogin(endpoint: SocketAddr) -> Prelogin {
    Prelogin {
        status: PreloginStatus::Ok,
        endpoint: Some(endpoint),
        started: Some(ms(4)),
        elapsed: Some(ms(3)),
        version: "16.0.4105.2".parse().ok(),
        encryption: Some(EncryptionOffer::On),
        instance_matches: Some(true),
        ..Prelogin::default()
    }
}

/// The looks that the fall of an instance costs.
fn witnesses(at: Timestamp, n: u32) -> [Witness; 3] {
    let port = |port| attempt(SocketAddr::new(address(n), port), ConnectStatus::TimedOut);
    let hop = |ttl| Hop {
        ttl,
        from: Some(IpAddr::from([10, 250, 0, ttl])),
        status: HopStatus::TtlExceeded,
        elapsed: ms(2),
    };
    [
        Look::ClosedPort(port(47_001)),
        Look::Port(port(445)),
        Look::Path {
            endpoint: SocketAddr::new(address(n), 1433),
            available: true,
            hops: (1..=6).map(hop).collect(),
        },
    ]
    .map(|look| Witness { at, look })
}
