//! When to probe what. Owns the prober's thread.

mod agenda;
mod audits;
mod clock;
mod limits;
mod maintenance;
mod prober;
mod slots;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, anyhow};
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

impl Monitor {
    /// Starts the prober's thread. Sends nothing before it has returned; then every
    /// instance is on the board already.
    pub fn start(setup: Setup) -> anyhow::Result<Self> {
        Self::recorded(setup, None)
    }

    /// The same, with all that happens written down.
    pub fn recorded(setup: Setup, recorder: Option<Recorder>) -> anyhow::Result<Self> {
        let recording = recorder.as_ref().map(Recorder::trouble);
        let board = Arc::new(Board::default());
        let (commands, received) = queue::channel(COMMANDS);
        let stop = CancellationToken::new();
        let (started, start) = mpsc::sync_channel(1);
        let (go, went) = mpsc::sync_channel::<()>(1);
        let (running, done) = mpsc::sync_channel::<()>(1);
        let thread = {
            let (board, stop) = (Arc::clone(&board), stop.clone());
            std::thread::Builder::new()
                .name("prober".to_owned())
                .spawn(move || {
                    let _running = running;
                    run(setup, recorder, board, received, stop, &started, &went);
                })
        };
        let prober = thread.context("cannot start the prober's thread")?;
        let memory_problem = start
            .recv()
            .map_err(|_| anyhow!("the prober ended before it began"))??;
        go.send(()).ok();
        Ok(Self {
            board,
            commands,
            stop,
            memory_problem,
            recording,
            prober: Some(prober),
            done,
        })
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

/// How the prober's thread began: with its memory, or with a problem of it.
type Started = anyhow::Result<Option<MemoryError>>;

/// The prober's thread, from its runtime to its end.
fn run(
    setup: Setup,
    recorder: Option<Recorder>,
    board: Arc<Board>,
    commands: queue::Receiver<Command>,
    stop: CancellationToken,
    started: &mpsc::SyncSender<Started>,
    went: &mpsc::Receiver<()>,
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
    let network = {
        let _context = runtime.enter();
        Network::new(network_settings(&setup.config.probe, &setup.config.policy))
    };
    let network = match network {
        Ok(network) => Arc::new(network),
        Err(error) => {
            started.send(Err(error)).ok();
            return;
        }
    };
    let (memory, problem) = setup
        .memory
        .as_deref()
        .map(Memory::open)
        .unwrap_or_default();
    if let Some(problem) = &problem {
        tracing::warn!("{problem}");
    }
    runtime.block_on(async {
        let prober = Prober::new(network, board, memory, recorder, Clock::new(), setup.config);
        started.send(Ok(problem)).ok();
        // Nothing else runs here yet, so the wait blocks nobody.
        if went.recv().is_ok() {
            prober.run(commands, stop).await;
        }
    });
    // getaddrinfo cannot be cancelled, and nothing waits for it.
    runtime.shutdown_background();
}

#[cfg(test)]
pub(super) mod tests;
