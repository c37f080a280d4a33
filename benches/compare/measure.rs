//! What a command costs: each is run by a process of its own, which has no other child, so
//! that the system's figures are of that command alone.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::resource::{UsageWho, getrusage};
use serde::{Deserialize, Serialize};

/// What one run took.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Cost {
    /// From start to end.
    pub wall: Duration,
    /// Processor time, the kernel's included.
    pub processor: Duration,
    /// The most memory that was resident, in KiB.
    pub resident_kib: u64,
}

/// A command to be measured.
#[derive(Clone, Debug)]
pub struct Run {
    program: PathBuf,
    arguments: Vec<OsString>,
    input: Option<PathBuf>,
    most: Option<Duration>,
}

impl Run {
    /// A command without arguments.
    pub fn of(program: impl AsRef<Path>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            input: None,
            most: None,
        }
    }

    /// This program again, in another part.
    pub fn part(name: &str) -> anyhow::Result<Self> {
        Ok(Self::of(env::current_exe()?).arguments([name]))
    }

    /// More arguments.
    #[must_use]
    pub fn arguments(mut self, more: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(more.into_iter().map(Into::into));
        self
    }

    /// A file for its standard input.
    #[must_use]
    pub fn input(mut self, file: &Path) -> Self {
        self.input = Some(file.to_owned());
        self
    }

    /// Ends it after this time, whether or not it is done: its cost is more than that.
    #[must_use]
    pub fn at_most(mut self, time: Duration) -> Self {
        self.most = Some(time);
        self
    }

    /// Runs it so often and takes the run with the least processor time: what disturbs a run
    /// only ever adds.
    pub fn least(&self, times: usize) -> anyhow::Result<Cost> {
        let costs = (0..times)
            .map(|_| self.once())
            .collect::<Result<Vec<_>, _>>()?;
        let least = costs.into_iter().min_by_key(|cost| cost.processor);
        least.context("run at least once")
    }

    /// Runs it once.
    pub fn once(&self) -> anyhow::Result<Cost> {
        let mut command = Command::new(env::current_exe()?);
        command
            .arg("measured")
            .arg(
                self.most
                    .map_or(String::new(), |most| most.as_millis().to_string()),
            )
            .arg(&self.program)
            .args(&self.arguments);
        if let Some(input) = &self.input {
            command.stdin(File::open(input)?);
        }
        let told = command.stderr(Stdio::inherit()).output()?;
        if !told.status.success() {
            bail!("{} failed: {}", self.program.display(), told.status);
        }
        Ok(serde_json::from_slice(&told.stdout)?)
    }
}

/// The part `measured`: runs a command, for so many milliseconds at most if there is a number,
/// and prints its cost.
pub fn measured(words: &[OsString]) -> anyhow::Result<()> {
    let [most, program, arguments @ ..] = words else {
        bail!("measured what?");
    };
    let most = most.to_str().and_then(|most| most.parse().ok());
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()?;
    let (status, is_cut) = match most.map(Duration::from_millis) {
        Some(most) => end_after(&mut child, most)?,
        None => (child.wait()?, false),
    };
    let wall = begun.elapsed();
    // A check that found failures ends with 1.
    if !is_cut && status.code().is_none_or(|code| code > 1) {
        bail!("{} ended with {status}", Path::new(program).display());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let [user, system] = [usage.user_time(), usage.system_time()].map(|time| {
        let micros = time.tv_sec() * 1_000_000 + time.tv_usec();
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    });
    let cost = Cost {
        wall,
        processor: user + system,
        resident_kib: u64::try_from(usage.max_rss()).unwrap_or(0),
    };
    serde_json::to_writer(io::stdout(), &cost)?;
    Ok(())
}

/// Returns whether it was ended.
fn end_after(child: &mut Child, most: Duration) -> io::Result<(ExitStatus, bool)> {
    let until = Instant::now() + most;
    while Instant::now() < until {
        if let Some(status) = child.try_wait()? {
            return Ok((status, false));
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    Ok((child.wait()?, true))
}
