//! A fleet inside a namespace: a site of servers, and the whole monitor that watches it.

use std::io::Write;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command as Program;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlreach::config::Config;
use sqlreach::monitor::{Attempt, Board, Command, InstanceId, Monitor, Row, Setup};
use sqlreach::simulate::browser::{Behaviour, Browser, Listing};
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::fault::Fault;

/// Where a datagram goes that stands for a moment, so that the capture knows of it.
const MARKER: &str = "10.77.1.1:9";
pub const MARKER_PORT: u16 = 9;
/// No step of a script takes longer.
const PATIENCE: Duration = Duration::from_secs(40);

/// What is known of one row in the end.
#[derive(Debug, Serialize, Deserialize)]
pub struct Watched {
    pub host: String,
    pub state: String,
    pub probes: usize,
    pub witnesses: usize,
}

impl Watched {
    /// The address that it has for a name.
    pub fn address(&self) -> IpAddr {
        self.host.parse().unwrap()
    }
}

/// Plays a script with a monitor: `STEP STEP …`, then the configuration on the lines below.
///
/// | step | |
/// |---|---|
/// | `probed=N` | until every row was probed so often |
/// | `witnessed=N` | until so many witnesses are on the board |
/// | `mark` | sends the marker |
/// | `signal=FIFO` | until the test writes to it |
/// | `rest=MS` | for so long: what must not be sent, would be |
/// | `hand` `verify` `pause` `resume` | the commands |
pub fn watch(script: &str) -> String {
    let (steps, text) = script.split_once('\n').unwrap();
    let config = Config::parse(text, Path::new("fleet.toml")).unwrap();
    let setup = Setup {
        config,
        memory: None,
    };
    let monitor = Monitor::start(setup).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for step in steps.split(' ') {
        runtime.block_on(play(&monitor, step));
    }
    let watched: Vec<_> = rows(monitor.board()).iter().map(watched).collect();
    serde_json::to_string(&watched).unwrap()
}

async fn play(monitor: &Monitor, step: &str) {
    let (verb, rest) = step.split_once('=').unwrap_or((step, ""));
    let number = || rest.parse::<usize>().unwrap();
    match verb {
        "probed" => {
            let probed = |row: &Row| row.history.raw().count() >= number();
            until(monitor, |rows| rows.iter().all(probed)).await;
        }
        "witnessed" => {
            let count = |rows: &[Watched]| rows.iter().map(|row| row.witnesses).sum::<usize>();
            until(monitor, |rows| {
                let rows: Vec<_> = rows.iter().map(watched).collect();
                count(&rows) >= number()
            })
            .await;
        }
        "mark" => {
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            socket.send_to(&[0], MARKER).unwrap();
        }
        "signal" => drop(std::fs::read(rest).unwrap()),
        "rest" => tokio::time::sleep(Duration::from_millis(rest.parse().unwrap())).await,
        "hand" => {
            let ids: Vec<InstanceId> = rows(monitor.board()).iter().map(|row| row.id).collect();
            assert!(monitor.send(Command::Probe(ids)));
        }
        "verify" => {
            for row in rows(monitor.board()) {
                let attempt = Attempt {
                    cause: row.diagnosis.unwrap().causes[0].id,
                    fix: "Mend it".to_owned(),
                    expects: Vec::new(),
                };
                assert!(monitor.send(Command::Verify(row.id, Some(attempt))));
            }
        }
        "pause" | "resume" => {
            let paused = verb == "pause";
            assert!(monitor.send(Command::Pause(paused)));
            until(monitor, |rows| {
                rows.iter().all(|row| row.marks.paused == paused)
            })
            .await;
        }
        _ => panic!("{step}"),
    }
}

/// Waits for the board. What never comes is told by what the test then finds.
async fn until(monitor: &Monitor, so: impl Fn(&[Row]) -> bool) {
    let board = monitor.board();
    let wait = async {
        while !so(&rows(board)) {
            board.changed().await;
        }
    };
    if tokio::time::timeout(PATIENCE, wait).await.is_err() {
        eprintln!("it did not come to that");
    }
}

fn rows(board: &Board) -> Vec<Row> {
    board.take();
    board.rows().iter().map(|row| Row::clone(row)).collect()
}

fn watched(row: &Row) -> Watched {
    let target = row.instance.target.as_ref().unwrap();
    Watched {
        host: target.host.to_string(),
        state: row.state.to_string(),
        probes: row.history.raw().count(),
        witnesses: row.witnesses.len(),
    }
}

/// Serves a line each of `engine ENDPOINT`, `silent ENDPOINT` and
/// `browser ENDPOINT NAME=PORT…`, on addresses that it gives the card.
pub fn serve(site: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut engines = Vec::new();
        let mut browsers = Vec::new();
        for line in site.lines() {
            let mut words = line.split(' ');
            let kind = words.next().unwrap();
            let at: SocketAddr = words.next().unwrap().parse().unwrap();
            own(at.ip());
            let profile = match kind {
                "browser" => {
                    let listings = words.map(listing).collect();
                    let browser = Browser::start(at, listings, Behaviour::Answers).await;
                    browsers.push(browser.unwrap());
                    continue;
                }
                "silent" => Profile::from(Fault::Silent),
                _ => Profile {
                    instance: words.next().unwrap_or("MSSQLSERVER").to_owned(),
                    ..Profile::default()
                },
            };
            engines.push(Engine::start(at, profile).await.unwrap());
        }
        println!("\nREADY");
        std::io::stdout().flush().unwrap();
        std::future::pending::<()>().await;
    });
}

fn listing(word: &str) -> Listing {
    let (instance, port) = word.split_once('=').unwrap();
    Listing::new("SITE", instance, port.parse().ok())
}

/// Gives the card an address, unless it has it.
fn own(address: IpAddr) {
    let _ = Program::new("ip")
        .args(["addr", "add", &format!("{address}/24"), "dev", "s0"])
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
}
