//! What the dashboard takes of the machine's memory: a large fleet after a full day, and a
//! small one as it is watched.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use tempfile::TempDir;

use super::Ground;
use super::bare::address;
use super::day::resident_kib;
use super::table::Line;

/// Instances of a large fleet.
const LARGE: u32 = 10_000;
/// Instances of a small one.
const SMALL: u32 = 200;
/// Rounds of the small one, and the time between two.
const ROUNDS: u32 = 3;
const INTERVAL: Duration = Duration::from_secs(5);

/// Both.
pub fn memory(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    Ok(vec![full_day()?, fresh(ground)?])
}

/// What the dashboard holds of a large fleet after a day, in a process of its own.
fn full_day() -> anyhow::Result<Line> {
    let told = Command::new(env::current_exe()?)
        .args(["day", &LARGE.to_string()])
        .stderr(std::process::Stdio::inherit())
        .output()?;
    ensure!(told.status.success(), "the day ended with {}", told.status);
    let kib: u64 = String::from_utf8(told.stdout)?.trim().parse()?;
    Ok(Line {
        work: "memory of 10,000 instances, full day",
        seen: format!(
            "{kib} KiB resident: {} bytes an instance",
            kib * 1024 / u64::from(LARGE)
        ),
        got: mib(kib),
        most: 60.0,
        unit: "MiB",
    })
}

/// The program itself in a terminal, watching a small fleet for some rounds.
fn fresh(ground: &Ground) -> anyhow::Result<Line> {
    let home = TempDir::new()?;
    let file = home.path().join("fleet.toml");
    let mut config = format!("[probe]\ninterval = \"{}s\"\n", INTERVAL.as_secs());
    for n in 0..SMALL {
        let port = ground.fleet.ports.healthy;
        writeln!(config, "[[instance]]\nserver = '{},{port}'", address(n))?;
    }
    fs::write(&file, config)?;
    let pty = native_pty_system().openpty(PtySize {
        rows: 50,
        cols: 160,
        ..PtySize::default()
    })?;
    let mut command = CommandBuilder::new(&ground.sqlreach);
    command.arg("--config");
    command.arg(&file);
    command.cwd(home.path());
    command.env_clear();
    for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"] {
        command.env(variable, home.path());
    }
    command.env("TERM", "xterm-256color");
    let mut screen = pty.master.try_clone_reader()?;
    // Somebody must look at it, or it waits for its terminal.
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while screen.read(&mut piece).is_ok_and(|read| read > 0) {}
    });
    let mut child = pty.slave.spawn_command(command)?;
    drop(pty.slave);
    let process = child.process_id().context("it has no number")?.to_string();
    std::thread::sleep(INTERVAL * ROUNDS + INTERVAL / 2);
    let kib = resident_kib(&process);
    child.kill()?;
    child.wait()?;
    let kib = kib.context("the dashboard has ended")?;
    Ok(Line {
        work: "memory of 200 instances",
        seen: format!("{kib} KiB resident after {ROUNDS} rounds"),
        got: mib(kib),
        most: 14.0,
        unit: "MiB",
    })
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
