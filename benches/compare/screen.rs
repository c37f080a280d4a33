//! The dashboard in a terminal: what watching takes, how soon it answers a key, when it first
//! shows anything, and how much it writes for a change.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sqlreach::simulate::engine::Profile;
use sqlreach::wire::tds::ClientPrelogin;

use super::Ground;
use super::bare::address;
use super::pty::{Dashboard, Frame};
use super::table::Line;

/// Instances that are watched.
const WATCHED: u32 = 200;
/// Time between two probes of one.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long it is looked what that takes.
const LOOK: Duration = Duration::from_secs(20);
/// Keys of which the slowest one in a hundred counts.
const KEYS: usize = 300;
/// Starts of which the one in the middle counts.
const STARTS: usize = 10;

const ENTER: &str = "\r";

/// Instances by name `i00000`, `i00001` …, with the port that `port` gives each.
fn instances(count: u32, port: impl Fn(u32) -> u16) -> String {
    let mut config = String::new();
    for n in 0..count {
        let (address, port) = (address(n), port(n));
        let _ = write!(
            config,
            "\n[[instance]]\nserver = '{address},{port}'\nname = 'i{n:05}'\n"
        );
    }
    config
}

/// The table `[probe]`, and rows that stay where they are.
fn settings(interval: Duration, rate: &str) -> String {
    let interval = interval.as_millis();
    format!("[probe]\ninterval = '{interval}ms'\nrate = {rate}\n\n[screen]\nsort = 'instance'\n")
}

/// Counts that fit into 32 bits.
fn float(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Whether the table stands there with its rows.
fn has_table(frame: &Frame) -> bool {
    frame.has("INSTANCE") && frame.has("i00000")
}

/// 200 healthy instances every 5 seconds: wake-ups and processor time; and paused.
pub fn watching(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let healthy = ground.fleet.ports.healthy;
    let config = settings(INTERVAL, "100") + &instances(WATCHED, |_| healthy);
    let mut dashboard = Dashboard::start(ground, &config, &[])?;
    let all_well = format!("{WATCHED} answering");
    dashboard.wait(|frame| frame.has(&all_well))?;
    std::thread::sleep(INTERVAL);
    let (waits, worked, threads) = dashboard.rest(LOOK)?;
    let seconds = LOOK.as_secs_f64();
    let percent = |time: Duration| time.as_secs_f64() / seconds * 100.0;
    let probes = f64::from(WATCHED) * seconds / INTERVAL.as_secs_f64();
    let each = (float(waits) - 5.0 * seconds) / probes;

    dashboard.press("p")?;
    dashboard.wait(|frame| frame.has("PAUSED"))?;
    // What is under way ends, and threads that waited for work.
    std::thread::sleep(INTERVAL);
    let (idle, idle_worked, idle_threads) = dashboard.rest(LOOK / 2)?;
    drop(dashboard);

    // The same probes at the same pace, by the same program without its screen.
    let headless = Dashboard::start(ground, &config, &["--plain"])?;
    std::thread::sleep(3 * INTERVAL);
    let (_, alone, _) = headless.rest(LOOK)?;
    drop(headless);
    let beyond = percent(worked) - percent(alone);

    // What a probe costs in a sweep: more of them, less of them, and the difference. It is the
    // least there is, for thousands share each wake-up.
    let check = |count| ground.check("text", &[], count, &[healthy])?.least(3);
    let (few, many) = (check(2_000)?, check(10_000)?);
    let swept = many
        .processor
        .saturating_sub(few.processor)
        .mul_f64(probes / 8_000.0);
    Ok(vec![
        Line {
            work: "200 watched every 5 s, wake-ups beyond 5 a second",
            seen: format!("{waits} in {LOOK:?}, {probes} probes:{threads}"),
            got: each,
            most: 2.5,
            unit: "a probe",
        },
        Line {
            work: "the same, processor time beyond that of `--plain`, which has no screen",
            seen: format!(
                "{worked:.1?} and {alone:.1?}; {:.2} % beyond as many probes of a sweep, {swept:.1?}",
                percent(worked) - percent(swept),
            ),
            got: beyond,
            most: 0.3,
            unit: "% of a core",
        },
        Line {
            work: "the same, paused, wake-ups",
            seen: format!("{idle} in {:?}, {idle_worked:.1?}:{idle_threads}", LOOK / 2),
            got: float(idle) / (LOOK / 2).as_secs_f64(),
            most: 2.0,
            unit: "a second",
        },
    ])
}

/// From a key to the frame in which the selection has moved, while 10,000 instances are swept
/// from start on: half of them well, most others refuse, and some drop, so that all that can
/// be in flight nearly is.
pub fn keys(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let ports = ground.fleet.ports;
    let port = |n| match n % 50 {
        0 => ports.drops,
        n if n % 2 == 0 => ports.refused,
        _ => ports.healthy,
    };
    let second = Duration::from_secs(1);
    let config = settings(second, "'max'") + &instances(10_000, port);
    let mut dashboard = Dashboard::start(ground, &config, &[])?;
    dashboard.wait(has_table)?;
    dashboard.press("G")?;
    let mut before = dashboard.wait(|frame| frame.selected.is_some() && !has_table(frame))?;
    let mut took = Vec::with_capacity(KEYS);
    let (from, taken) = (Instant::now(), dashboard.taken()?);
    for n in 0..KEYS {
        // At no fixed place between two frames.
        std::thread::sleep(Duration::from_millis(20 + (n as u64 * 7) % 33));
        before = dashboard.skip().unwrap_or(before);
        let key = if n % 2 == 0 { "k" } else { "j" };
        let pressed = dashboard.press(key)?;
        let moved = dashboard.wait(|frame| frame.selected != before.selected)?;
        took.push(moved.at - pressed);
        before = moved;
    }
    let cores =
        dashboard.taken()?.worked_since(&taken).as_secs_f64() / from.elapsed().as_secs_f64();
    took.sort_unstable();
    let millis = |nth: usize| took[KEYS * nth / 100].as_secs_f64() * 1e3;
    Ok(vec![Line {
        work: "key to frame while 10,000 are swept, 99 in a hundred keys",
        seen: format!(
            "half of them {:.1} ms, 9 in 10 {:.1} ms, the slowest {:.1?}; {cores:.2} cores busy",
            millis(50),
            millis(90),
            took[KEYS - 1],
        ),
        got: millis(99),
        most: 16.0,
        unit: "ms",
    }])
}

/// From the start of the program to its first frame.
pub fn start(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let hour = Duration::from_secs(3600);
    let healthy = ground.fleet.ports.healthy;
    let of = |count| -> anyhow::Result<(f64, String)> {
        let config = settings(hour, "100") + &instances(count, |_| healthy);
        let mut took = Vec::with_capacity(STARTS);
        for _ in 0..STARTS {
            let dashboard = Dashboard::start(ground, &config, &[])?;
            let first = dashboard.frame()?;
            ensure!(
                has_table(&first),
                "the first frame has no table: {:?}",
                first.lines
            );
            took.push(first.at - dashboard.began);
        }
        took.sort_unstable();
        let (least, most) = (took[0], took[STARTS - 1]);
        Ok((
            took[STARTS / 2].as_secs_f64() * 1e3,
            format!("{STARTS} starts, {least:.1?} to {most:.1?}"),
        ))
    };
    let ((few, of_few), (many, of_many)) = (of(10)?, of(10_000)?);
    let line = |work, seen, got, most| Line {
        work,
        seen,
        got,
        most,
        unit: "ms",
    };
    Ok(vec![
        line("start to first frame, 10 instances", of_few, few, 25.0),
        line("the same, 10,000 in the configuration", of_many, many, 60.0),
    ])
}

/// Enter on an instance that fails: its cause and commands are there with the next frame.
pub fn enter(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let ports = ground.fleet.ports;
    let hour = Duration::from_secs(3600);
    let config = settings(hour, "100") + &instances(10, |_| ports.refused);
    let mut dashboard = Dashboard::start(ground, &config, &[])?;
    dashboard.wait(|frame| frame.has("10 down"))?;
    let (mut frames, mut took) = (0, Vec::new());
    for _ in 0..5 {
        // After a frame of the clock, so that the next one is of the key.
        dashboard.skip();
        dashboard.frame()?;
        let pressed = dashboard.press(ENTER)?;
        let mut count = 0;
        let shown = dashboard.wait(|frame| {
            count += 1;
            let is_open = frame.has(" browser ") && frame.has(" history ");
            is_open && frame.has("service is not running") && frame.has("docker ps")
        })?;
        frames = frames.max(count);
        took.push(shown.at - pressed);
        dashboard.press("\x1b")?;
        dashboard.wait(has_table)?;
    }
    took.sort_unstable();
    Ok(vec![Line {
        work: "Enter on a failing instance to its cause and commands",
        seen: format!(
            "after {:.1?} in the middle of {took:.1?}",
            took[took.len() / 2]
        ),
        got: f64::from(frames),
        most: 1.0,
        unit: "frames",
    }])
}

/// What is written when a row changes that is not selected, beyond what a passing second
/// writes anyway.
pub fn bytes(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let engine = Engine::start()?;
    let healthy = ground.fleet.ports.healthy;
    // The first one is selected and rests; the last one moves.
    let rest = instances(10, |_| healthy).replace("\nname", "\ninterval = '1h'\nname");
    let config = format!(
        "{}{rest}\n[[instance]]\nserver = '{}'\nname = 'moving'\ninterval = '2s'\n",
        settings(Duration::from_secs(3600), "100"),
        engine.address.to_string().replace(':', ",")
    );
    let mut dashboard = Dashboard::start(ground, &config, &[])?;
    dashboard.wait(|frame| frame.has("11 answering"))?;
    // Times of day stand still, where times since tick in each row.
    dashboard.press("T")?;
    dashboard.press("g")?;
    let moving = |frame: &Frame| {
        let line = frame.lines.iter().find(|line| line.contains("moving"));
        line.cloned().context("the row has gone")
    };
    std::thread::sleep(Duration::from_secs(2));
    let mut before = dashboard.skip().context("nothing was drawn")?;
    let (mut quiet, mut latency) = (Vec::new(), Vec::new());
    while latency.len() < 4 || quiet.len() < 3 {
        let frame = dashboard.frame()?;
        let same = moving(&frame)? == moving(&before)?;
        if same { &mut quiet } else { &mut latency }.push(frame.bytes);
        before = frame;
    }
    engine.stop();
    let fell = dashboard.wait(|frame| moving(frame).is_ok_and(|line| line.contains("refused")))?;
    quiet.sort_unstable();
    latency.sort_unstable();
    let second = quiet[quiet.len() / 2];
    let beyond = |bytes: usize| float(bytes.saturating_sub(second) as u64);
    Ok(vec![
        Line {
            work: "written when the latency of another row changes, beyond a second's clock",
            seen: format!("frames of {latency:?} bytes, and of {quiet:?} where it does not"),
            got: beyond(latency[latency.len() - 1]),
            most: 120.0,
            unit: "bytes",
        },
        Line {
            work: "the same when its state changes",
            seen: format!("a frame of {} bytes", fell.bytes),
            got: beyond(fell.bytes),
            most: 500.0,
            unit: "bytes",
        },
    ])
}

/// An engine that answers later each time, until nobody listens any more.
struct Engine {
    address: SocketAddr,
    ends: Arc<AtomicBool>,
}

impl Engine {
    fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 9, 9, 9), 0))?;
        let address = listener.local_addr()?;
        let ends = Arc::new(AtomicBool::new(false));
        let ending = Arc::clone(&ends);
        std::thread::spawn(move || {
            let answer = Profile::default()
                .answer(&ClientPrelogin::default())
                .encode();
            for (n, stream) in (0..).zip(listener.incoming()) {
                if ending.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                if stream.read(&mut [0; 512]).is_ok_and(|read| read > 0) {
                    std::thread::sleep(Duration::from_millis(n * 17 % 40));
                    let _ = stream.write_all(&answer);
                    let _ = stream.read(&mut [0; 512]);
                }
            }
        });
        Ok(Self { address, ends })
    }

    fn stop(&self) {
        self.ends.store(true, Ordering::SeqCst);
        // It waits for one more.
        let _ = TcpStream::connect(self.address);
    }
}
