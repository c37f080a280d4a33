//! The dashboard over a long time and a large fleet that never rests: what it takes of this
//! machine stays as it is, and nobody's turn drifts.
//!
//! Two minutes, or as many as `SQLREACH_SOAK_MINUTES` says.
#![cfg(target_os = "linux")]
// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::fault::Fault;
use sqlreach::wire::tds::ClientPrelogin;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Instances that come and go.
const FLAPPING: usize = 2_000;
/// Instances that are always well, by which the turns are counted.
const STEADY: usize = 8;
/// Engines that are stopped or started in a second: each is about a minute in its state.
const TURNS_A_SECOND: u32 = 32;
const INTERVAL: Duration = Duration::from_secs(10);
/// Time between two looks at the process.
const LOOK: Duration = Duration::from_secs(5);
/// What an instance may still take while its histories fill.
const FILLING: u64 = 4 * 1024;

/// What the process takes at one moment.
#[derive(Clone, Copy, Debug)]
struct Taken {
    resident: u64,
    descriptors: u64,
    threads: u64,
    /// Processor time since it began, in hundredths of a second.
    worked: u64,
}

impl Taken {
    fn by(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let number = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let word = line.and_then(|line| line.split_whitespace().next());
            word.and_then(|word| word.parse::<u64>().ok()).unwrap()
        };
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let fields: Vec<&str> = fields.split_whitespace().collect();
        Self {
            worked: [11, 12]
                .map(|at| fields[at].parse::<u64>().unwrap())
                .iter()
                .sum(),
            resident: number("VmRSS:") * 1024,
            descriptors: fs::read_dir(format!("/proc/{process}/fd")).unwrap().count() as u64,
            threads: number("Threads:"),
        }
    }
}

/// Each on an address of its own, so that none is another's neighbour on its host.
async fn fleet() -> Vec<Engine> {
    let faults = [
        None,
        None,
        Some(Fault::Closes),
        Some(Fault::Http),
        Some(Fault::Silent),
    ];
    let mut engines = Vec::new();
    for (number, fault) in (0..FLAPPING).zip(faults.into_iter().cycle()) {
        let address = format!("127.81.{}.{}:0", number / 200, number % 200 + 1);
        let profile = Profile {
            fault,
            ..Profile::default()
        };
        let at: SocketAddr = address.parse().unwrap();
        engines.push(Engine::start(at, profile).await.unwrap());
    }
    engines
}

/// An engine that counts who comes.
async fn steady() -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.82.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let answer = Profile::default()
                    .answer(&ClientPrelogin::default())
                    .encode();
                if stream.read(&mut [0; 512]).await.is_ok_and(|read| read > 0) {
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.read(&mut [0; 512]).await;
                }
            });
        }
    });
    (address, count)
}

/// Stops and starts the engines one after the other, each half a round after its last turn.
async fn flap(mut engines: Vec<Engine>) {
    let mut turns = tokio::time::interval(Duration::from_secs(1) / TURNS_A_SECOND);
    let mut up = vec![true; engines.len()];
    // A step that has no factor in common with the number of engines visits them all.
    for turn in (0..).step_by(7) {
        turns.tick().await;
        let number = turn % engines.len();
        if up[number] {
            engines[number].stop().await;
            up[number] = false;
        } else {
            // Some other socket may have its port for a moment.
            up[number] = engines[number].resume().await.is_ok();
        }
    }
}

/// The program in a terminal that takes all that it draws.
struct Dashboard {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    process: u32,
    /// Bytes so far.
    drawn: Arc<AtomicU64>,
}

impl Dashboard {
    fn start(home: &TempDir, file: &Path) -> Self {
        let size = PtySize {
            rows: 50,
            cols: 160,
            ..PtySize::default()
        };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sqlreach"));
        command.args(["--config", file.to_str().unwrap()]);
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
            command.env(variable, home.path());
        }
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).unwrap();
        let mut screen = pty.master.try_clone_reader().unwrap();
        let drawn = Arc::new(AtomicU64::new(0));
        let drawing = Arc::clone(&drawn);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                drawing.fetch_add(read as u64, Ordering::Relaxed);
            }
        });
        Self {
            process: child.process_id().unwrap(),
            child,
            master: pty.master,
            drawn,
        }
    }

    fn quit(&mut self) {
        self.master.take_writer().unwrap().write_all(b"q").unwrap();
        let asked = Instant::now();
        let status = self.child.wait().unwrap();
        println!("quit after {:?}: {status:?}", asked.elapsed());
        assert!(status.success());
    }
}

fn minutes() -> u64 {
    let given = std::env::var("SQLREACH_SOAK_MINUTES").ok();
    given.map_or(2, |minutes| minutes.parse().expect("a number of minutes"))
}

fn raise_descriptors() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_fleet_that_flaps_takes_no_more_in_the_end_than_in_the_beginning() {
    raise_descriptors();
    let engines = fleet().await;
    let mut config = format!(
        "[probe]\ninterval = '{}s'\nrate = 'max'\n",
        INTERVAL.as_secs()
    );
    let mut counts = Vec::new();
    for number in 0..STEADY {
        let (address, count) = steady().await;
        counts.push(count);
        let server = format!("{},{}", address.ip(), address.port());
        writeln!(
            config,
            "[[instance]]\nserver = '{server}'\nname = 'steady{number}'"
        )
        .unwrap();
    }
    for engine in &engines {
        let address = engine.address();
        writeln!(
            config,
            "[[instance]]\nserver = '{},{}'",
            address.ip(),
            address.port()
        )
        .unwrap();
    }
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("fleet.toml");
    fs::write(&file, config).unwrap();

    let mut dashboard = Dashboard::start(&home, &file);

    let flapping = tokio::spawn(flap(engines));
    let lasts = Duration::from_secs(60 * minutes());
    // The first rounds are not at their pace yet.
    tokio::time::sleep(3 * INTERVAL).await;
    let before: Vec<u64> = counts
        .iter()
        .map(|count| count.load(Ordering::Relaxed))
        .collect();
    let begun = Instant::now();
    let mut taken = Vec::new();
    while begun.elapsed() < lasts {
        tokio::time::sleep(LOOK).await;
        taken.push(Taken::by(dashboard.process));
    }
    let passed = begun.elapsed();
    let probed: Vec<u64> = counts
        .iter()
        .zip(&before)
        .map(|(count, before)| count.load(Ordering::Relaxed) - before)
        .collect();
    let drawn = dashboard.drawn.load(Ordering::Relaxed);
    flapping.abort();
    dashboard.quit();

    assert_flat(&taken, passed, drawn);
    let rounds = passed.as_secs_f64() / INTERVAL.as_secs_f64();
    println!("probed {probed:?} of {rounds:.1}");
    for count in probed {
        let count = f64::from(u32::try_from(count).unwrap());
        assert!(
            (count - rounds).abs() <= 2.0 + rounds / 50.0,
            "{count} of {rounds}"
        );
    }
}

/// Nothing is larger in the second half than it was in the first, but for histories that fill.
fn assert_flat(taken: &[Taken], passed: Duration, drawn: u64) {
    let (early, late) = taken.split_at(taken.len() / 2);
    let most = |of: fn(&Taken) -> u64| {
        let most = |taken: &[Taken]| taken.iter().map(of).max().unwrap();
        (most(early), most(late))
    };
    let resident = most(|taken| taken.resident);
    let descriptors = most(|taken| taken.descriptors);
    let threads = most(|taken| taken.threads);
    let worked = taken[taken.len() - 1].worked - taken[0].worked;
    println!(
        "{passed:?}: bytes resident {resident:?}, descriptors {descriptors:?}, threads {threads:?} \
        (first half, second half); {drawn} bytes drawn, {} % of a core",
        worked / passed.as_secs(),
    );
    assert!(resident.1 <= resident.0 + FILLING * FLAPPING as u64);
    assert!(descriptors.1 <= descriptors.0 + 128);
    assert!(threads.1 <= threads.0 + 2);
}
