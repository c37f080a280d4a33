//! When to probe what. Owns the prober's thread.

mod agenda;
mod audits;
mod clock;
mod limits;
mod maintenance;
mod prober;
mod slots;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, anyhow};
use tokio::runtime::Handle;
use tokio::sync::mpsc as queue;
use tokio_util::sync::CancellationToken;

pub(super) use self::clock::Clock;
pub(super) use self::limits::deadlines;
pub use self::limits::{in_flight_limit, network_settings, round};
use self::prober::Prober;
pub(super) use self::walk::Walk;
use super::{Acknowledged, Attempt, Board, InstanceId, Memory, MemoryError, Recorder, Trouble};
use crate::config::{Config, Instance, Probe};
use crate::probe::Network;

/// What the monitor is started with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Settings and instances.
    pub config: Config,
    /// Where last known good is kept; `None` keeps nothing.
    pub memory: Option<PathBuf>,
}

/// What the user can ask of the monitor.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Probe these now, thoroughly.
    Probe(Vec<InstanceId>),
    /// Stop or go on. A probe that is asked for by hand is made all the same.
    Pause(bool),
    /// Take notice of an instance, or take it back.
    Acknowledge(InstanceId, Option<Acknowledged>),
    /// Put the fix of an instance to the proof: probe it at a quick pace until it shows.
    /// `None` calls it off.
    Verify(InstanceId, Option<Attempt>),
    /// Ask the host of this instance for everything it has.
    Discover(InstanceId),
    /// Watch these instead.
    Replace(Vec<Arc<Instance>>),
    /// Probe by these settings from now on.
    Configure(Box<Probe>),
}

/// The running monitor. Dropping it stops and joins the prober.
#[derive(Debug)]
pub struct Monitor {
    board: Arc<Board>,
    commands: queue::Sender<Command>,
    stop: CancellationToken,
    memory_problem: Option<MemoryError>,
    /// Why the recording ended before its time; `None` where nothing is recorded.
    recording: Option<Trouble>,
    prober: Option<JoinHandle<()>>,
    /// Closed by the prober when it is done.
    done: mpsc::Receiver<()>,
}

/// Commands that may wait. A full queue is said on the screen.
const COMMANDS: usize = 64;
/// How long the prober may take to end: it writes the memory and waits for nothing else.
const FAREWELL: Duration = Duration::from_millis(900);

/// A monitor that does not know yet what to watch. Its thread is there, and reads what is
/// remembered while the configuration is read. Dropping it ends the thread.
#[derive(Debug)]
pub struct Opening {
    prober: JoinHandle<()>,
    ready: mpsc::Receiver<anyhow::Result<Ready>>,
    work: mpsc::SyncSender<Box<Work>>,
    done: mpsc::Receiver<()>,
}

/// What the prober's thread has made before it knows what to watch.
#[derive(Debug)]
struct Ready {
    runtime: Handle,
    memory: Memory,
    problem: Option<MemoryError>,
}

/// What it is to do.
struct Work {
    prober: Prober<Network>,
    commands: queue::Receiver<Command>,
    stop: CancellationToken,
}

impl Opening {
    /// Starts the prober's thread. It reads the memory, if there is any, and waits.
    pub fn begin(memory: Option<PathBuf>) -> anyhow::Result<Self> {
        // One message each way, and the end.
        let (started, ready) = mpsc::sync_channel(1);
        let (work, wanted) = mpsc::sync_channel(1);
        let (running, done) = mpsc::sync_channel::<()>(1);
        let thread = std::thread::Builder::new()
            .name("prober".to_owned())
            .spawn(move || {
                let _running = running;
                run(memory.as_deref(), &started, &wanted);
            });
        Ok(Self {
            prober: thread.context("cannot start the prober's thread")?,
            ready,
            work,
            done,
        })
    }

    /// Watches by this configuration, with all that happens written down if there is a
    /// recorder. Sends nothing before it returns; then every instance is on the board already.
    pub fn start(self, config: Config, recorder: Option<Recorder>) -> anyhow::Result<Monitor> {
        let recording = recorder.as_ref().map(Recorder::trouble);
        let ended = |_| anyhow!("the prober ended before it began");
        let Ready {
            runtime,
            memory,
            problem,
        } = self.ready.recv().map_err(ended)??;
        let board = Arc::new(Board::default());
        let prober = {
            let _context = runtime.enter();
            let settings = network_settings(&config.probe, &config.policy);
            let network = Arc::new(Network::new(settings)?);
            let (board, clock) = (Arc::clone(&board), Clock::new());
            Prober::new(network, board, memory, recorder, clock, config)
        };
        let (commands, received) = queue::channel(COMMANDS);
        let stop = CancellationToken::new();
        let work = Work {
            prober,
            commands: received,
            stop: stop.clone(),
        };
        // It waits for nothing else; one that panicked is told by its thread.
        self.work.send(Box::new(work)).ok();
        Ok(Monitor {
            board,
            commands,
            stop,
            memory_problem: problem,
            recording,
            prober: Some(self.prober),
            done: self.done,
        })
    }
}

impl Monitor {
    /// Starts the prober's thread. Sends nothing before it has returned; then every
    /// instance is on the board already.
    pub fn start(setup: Setup) -> anyhow::Result<Self> {
        Self::recorded(setup, None)
    }

    /// The same, with all that happens written down.
    pub fn recorded(setup: Setup, recorder: Option<Recorder>) -> anyhow::Result<Self> {
        Opening::begin(setup.memory)?.start(setup.config, recorder)
    }

    /// The board that the screen reads.
    pub fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// Why nothing is remembered from before, where the file could not be used: worth a
    /// line on the screen.
    pub fn memory_problem(&self) -> Option<&MemoryError> {
        self.memory_problem.as_ref()
    }

    /// Whether all that happens is written down, and if that ended before its time, why:
    /// worth a line on the screen. `None` where nothing is recorded.
    pub fn recording(&self) -> Option<&Trouble> {
        self.recording.as_ref()
    }

    /// Whether the prober's thread still runs. It ends before the monitor is dropped only
    /// if it panicked; then the board stays as it is, and the screen should say so.
    pub fn is_running(&self) -> bool {
        self.prober
            .as_ref()
            .is_some_and(|prober| !prober.is_finished())
    }

    /// Hands a command over. Never blocks; `false` if the queue is full, and the
    /// screen says that it is busy.
    pub fn send(&self, command: Command) -> bool {
        self.commands.try_send(command).is_ok()
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.stop.cancel();
        // A disk that hangs must not keep the terminal: then the thread ends with the program.
        let ended = self.done.recv_timeout(FAREWELL) == Err(mpsc::RecvTimeoutError::Disconnected);
        let prober = self
            .prober
            .take()
            .filter(|prober| ended || prober.is_finished());
        if prober.is_some_and(|prober| prober.join().is_err()) {
            tracing::error!("the prober's thread panicked");
        }
    }
}

/// The prober's thread, from its runtime to its end.
fn run(
    memory: Option<&Path>,
    started: &mpsc::SyncSender<anyhow::Result<Ready>>,
    wanted: &mpsc::Receiver<Box<Work>>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            started
                .send(Err(anyhow!(error).context("cannot start the prober")))
                .ok();
            return;
        }
    };
    let (memory, problem) = memory.map(Memory::open).unwrap_or_default();
    if let Some(problem) = &problem {
        tracing::warn!("{problem}");
    }
    let ready = Ready {
        runtime: runtime.handle().clone(),
        memory,
        problem,
    };
    started.send(Ok(ready)).ok();
    // Nothing else runs here yet, so the wait blocks nobody.
    if let Ok(work) = wanted.recv() {
        let Work {
            prober,
            commands,
            stop,
        } = *work;
        runtime.block_on(prober.run(commands, stop));
    }
    // getaddrinfo cannot be cancelled, and nothing waits for it.
    runtime.shutdown_background();
}

#[cfg(test)]
pub(super) mod tests;
