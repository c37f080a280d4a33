//! Plays, pauses and seeks, on a thread of its own.

use std::io::{self, Read, Seek};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::super::{Board, Header};
use super::checkpoints::{Checkpoint, Checkpoints};
use super::recording::{Played, Skipped};
use super::{Recording, stage::Stage};

/// How many times faster than it happened.
pub const SPEEDS: [u32; 6] = [1, 2, 5, 10, 60, 600];

/// Controls that may wait. A full queue is said on the screen.
const CONTROLS: usize = 64;
/// Lines that are taken before it is looked for a control.
const STRETCH: usize = 64;
/// The screen is told no more often than it draws.
const FRAME: Duration = Duration::from_millis(33);

/// What the user can ask of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// Play, or stop; from the beginning where the end was reached.
    Toggle,
    /// The next speed of [`SPEEDS`].
    Faster,
    /// The one before.
    Slower,
    /// So many seconds further, or back.
    Skip(i32),
    /// To the next change of somebody's state.
    NextChange,
    /// To the one before.
    PreviousChange,
    /// To the beginning.
    Start,
    /// To the end.
    End,
}

/// How a replay stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Playback {
    /// The time that is shown.
    pub now: Timestamp,
    /// When the recording ends.
    pub ended: Timestamp,
    /// The machine that it was recorded on.
    pub vantage: String,
    /// Time goes on.
    pub playing: bool,
    /// How many times faster than it happened.
    pub speed: u32,
    /// How far a long way to another time is, in percent.
    pub seeking: Option<u8>,
    /// Places where lines are missing.
    pub gaps: u64,
    /// Lines that made no sense so far.
    pub skipped: u64,
    /// The recorder was interrupted in the middle of its last line.
    pub torn: bool,
}

/// A running replay. Dropping it stops and joins its thread.
#[derive(Debug)]
pub struct Player {
    board: Arc<Board>,
    dial: Arc<Mutex<Dial>>,
    header: Header,
    controls: Option<SyncSender<Control>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread tells the screen, at one moment.
#[derive(Debug)]
struct Dial {
    playback: Playback,
    since: Instant,
    /// What is left to the end.
    left: Duration,
}

impl Dial {
    fn read(&self, now: Instant) -> Playback {
        let mut playback = self.playback.clone();
        if playback.playing && playback.seeking.is_none() {
            let passed = now.saturating_duration_since(self.since);
            let passed = passed.saturating_mul(playback.speed).min(self.left);
            playback.now = later(playback.now, passed);
        }
        playback
    }
}

impl Player {
    /// Plays a recording from its beginning. Its first rows are on the board when it returns.
    pub fn start(recording: Recording) -> io::Result<Self> {
        let board = Arc::new(Board::default());
        let header = recording.header().clone();
        let now = Instant::now();
        let mut play = Play::new(recording, Arc::clone(&board), now);
        while play.step(now)? == Wait::No {}
        play.playing = true;
        let dial = Arc::new(Mutex::new(play.dial()));
        let (controls, asked) = mpsc::sync_channel(CONTROLS);
        let thread = std::thread::Builder::new()
            .name("replay".to_owned())
            .spawn({
                let dial = Arc::clone(&dial);
                move || {
                    if let Err(error) = run(&mut play, &dial, &asked) {
                        tracing::error!("cannot read the recording any further: {error}");
                    }
                }
            })?;
        Ok(Self {
            board,
            dial,
            header,
            controls: Some(controls),
            thread: Some(thread),
        })
    }

    /// The board that the screen reads.
    pub fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// How the recording begins.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// How it stands right now.
    pub fn playback(&self) -> Playback {
        locked(&self.dial).read(Instant::now())
    }

    /// Hands a control over. Never blocks; `false` if too many wait already.
    pub fn control(&self, control: Control) -> bool {
        let controls = self.controls.as_ref();
        controls.is_some_and(|controls| controls.try_send(control).is_ok())
    }

    /// Whether its thread still runs. It ends before the player is dropped only if the file
    /// cannot be read any further, or it panicked.
    pub fn is_running(&self) -> bool {
        let thread = self.thread.as_ref();
        thread.is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.controls = None;
        // It looks for an end after every stretch of lines.
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the replay's thread panicked");
        }
    }
}

fn locked(dial: &Mutex<Dial>) -> MutexGuard<'_, Dial> {
    dial.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run<R: Read + Seek>(
    play: &mut Play<R>,
    dial: &Mutex<Dial>,
    controls: &Receiver<Control>,
) -> io::Result<()> {
    loop {
        let wait = play.step(Instant::now())?;
        *locked(dial) = play.dial();
        let control = match wait {
            Wait::No => match controls.try_recv() {
                Ok(control) => Ok(control),
                Err(TryRecvError::Empty) => Err(RecvTimeoutError::Timeout),
                Err(TryRecvError::Disconnected) => Err(RecvTimeoutError::Disconnected),
            },
            Wait::For(time) => controls.recv_timeout(time),
            Wait::Control => controls.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match control {
            Ok(control) => {
                play.obey(control, Instant::now());
                *locked(dial) = play.dial();
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// How long nothing is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    No,
    For(Duration),
    /// Until somebody asks for something.
    Control,
}

/// Where it is on the way to, while it takes lines without showing them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    At(Duration),
    NextChange,
}

/// The replay itself; time is passed in.
#[derive(Debug)]
struct Play<R> {
    recording: Recording<R>,
    stage: Stage,
    board: Arc<Board>,
    /// Read already, and not due yet.
    next: Option<Played>,
    /// The time of the newest line that was taken, and how long after the beginning.
    newest: (Timestamp, Duration),
    /// How long after the beginning it is, at `since`.
    position: Duration,
    since: Instant,
    playing: bool,
    /// One of [`SPEEDS`].
    speed: usize,
    goal: Option<Goal>,
    /// The time of what is on the board, when it was put there.
    shown: Timestamp,
    /// Lines that were taken since the beginning.
    taken: u64,
    checkpoints: Checkpoints,
    /// When somebody's state changed, as far as lines were ever taken.
    changes: Vec<Duration>,
    skipped: u64,
    /// Where the last skipped line ends that was counted.
    counted: u64,
}

impl<R: Read + Seek> Play<R> {
    /// At the beginning, and not playing.
    fn new(recording: Recording<R>, board: Arc<Board>, now: Instant) -> Self {
        Self {
            stage: Stage::new(recording.header().rules().clone()),
            newest: (recording.began(), Duration::ZERO),
            position: Duration::ZERO,
            goal: Some(Goal::At(recording.opening())),
            shown: recording.began(),
            recording,
            board,
            next: None,
            since: now,
            playing: false,
            speed: 0,
            taken: 0,
            checkpoints: Checkpoints::default(),
            changes: Vec::new(),
            skipped: 0,
            counted: 0,
        }
    }

    fn obey(&mut self, control: Control, now: Instant) {
        self.pass(now);
        match control {
            Control::Toggle => {
                if !self.playing && self.position >= self.recording.length() {
                    self.seek(Duration::ZERO);
                }
                self.playing = !self.playing;
            }
            Control::Faster => self.speed = (self.speed + 1).min(SPEEDS.len() - 1),
            Control::Slower => self.speed = self.speed.saturating_sub(1),
            Control::Skip(seconds) => {
                let by = Duration::from_secs(u64::from(seconds.unsigned_abs()));
                let from = self.destination();
                self.seek(if seconds < 0 {
                    from.saturating_sub(by)
                } else {
                    from.saturating_add(by)
                });
            }
            Control::NextChange => {
                let from = self.destination();
                let known = self.changes.iter().find(|change| **change > from);
                self.goal = Some(known.map_or(Goal::NextChange, |change| Goal::At(*change)));
            }
            Control::PreviousChange => {
                // While it plays on, the one that was just gone to is not the one before.
                let lead = Duration::from_secs(u64::from(self.playing) * u64::from(self.rate()));
                let from = self.destination().saturating_sub(lead);
                let known = self.changes.iter().rev().find(|change| **change < from);
                self.seek(known.copied().unwrap_or_default());
            }
            Control::Start => self.seek(Duration::ZERO),
            Control::End => self.seek(Duration::MAX),
        }
    }

    fn seek(&mut self, to: Duration) {
        let to = to.clamp(self.recording.opening(), self.recording.length());
        self.goal = Some(Goal::At(to));
    }

    /// Where it will be when it is where it is on the way to.
    fn destination(&self) -> Duration {
        match self.goal {
            Some(Goal::At(position)) => position,
            Some(Goal::NextChange) => self.newest.1,
            None => self.position,
        }
    }

    fn rate(&self) -> u32 {
        SPEEDS[self.speed]
    }

    /// Lets time go on, if it does.
    fn pass(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.since);
        self.since = now;
        if self.playing && self.goal.is_none() {
            let wanted = self
                .position
                .saturating_add(passed.saturating_mul(self.rate()));
            self.position = wanted.min(self.recording.length());
        }
    }

    /// Takes the lines that are due, not too many at once, and shows what they come to.
    fn step(&mut self, now: Instant) -> io::Result<Wait> {
        self.pass(now);
        match self.goal {
            Some(Goal::At(position)) => {
                self.approach(position)?;
                if !self.take_until(position, false)? {
                    return Ok(Wait::No);
                }
                self.arrive(position);
            }
            Some(Goal::NextChange) => {
                // No change is known from here on, so none was where lines were taken before.
                self.approach(self.recording.length())?;
                let before = self.changes.last().copied();
                if !self.take_until(self.recording.length(), true)? {
                    return Ok(Wait::No);
                }
                let found = self
                    .changes
                    .last()
                    .copied()
                    .filter(|_| self.changes.last() != before.as_ref());
                // With what else happened at that moment.
                self.seek(found.unwrap_or(Duration::MAX));
                return Ok(Wait::No);
            }
            None => {
                if !self.take_until(self.position, false)? {
                    // Slower than wanted: the time that is shown is the one that was reached.
                    self.position = self.newest.1;
                }
            }
        }
        self.stage.show(&self.board);
        let (at, after) = self.newest;
        self.shown = later(at, self.position.saturating_sub(after));
        if self.position >= self.recording.length() {
            self.playing = false;
        }
        Ok(self.wait())
    }

    fn arrive(&mut self, position: Duration) {
        self.position = position;
        self.goal = None;
    }

    fn wait(&self) -> Wait {
        if !self.playing {
            return Wait::Control;
        }
        let next = self.next.as_ref().map(|next| next.after);
        let next = next.unwrap_or(self.recording.length());
        let left = next.saturating_sub(self.position) / self.rate();
        Wait::For(left.max(FRAME))
    }

    /// Takes lines up to a time, or to a change before it. `false`: there are more than are
    /// taken at once.
    fn take_until(&mut self, position: Duration, change: bool) -> io::Result<bool> {
        for _ in 0..STRETCH {
            let Some(played) = self.next_line()? else {
                return Ok(true);
            };
            if played.after > position {
                self.next = Some(played);
                return Ok(true);
            }
            if self.take(played) && change {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn next_line(&mut self) -> io::Result<Option<Played>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        loop {
            match self.recording.next()? {
                Some(Err(Skipped(end))) if end > self.counted => {
                    self.skipped += 1;
                    self.counted = end;
                }
                Some(Err(_)) => {}
                Some(Ok(played)) => return Ok(Some(played)),
                None => return Ok(None),
            }
        }
    }

    /// Takes a line. Returns whether somebody's state changed with it, for the first time
    /// that it was read.
    fn take(&mut self, played: Played) -> bool {
        let after = played.after;
        self.newest = (played.line.at, after);
        let turned = self.stage.take(played.line);
        self.taken += 1;
        if self.checkpoints.is_due(self.taken) {
            let checkpoint = Checkpoint {
                taken: self.taken,
                newest: self.newest,
                place: self.recording.place(),
                stage: self.stage.anew(),
            };
            self.checkpoints.keep(checkpoint);
        }
        let is_new = turned && self.changes.last().is_none_or(|last| *last < after);
        if is_new {
            self.changes.push(after);
        }
        is_new
    }

    /// Goes back, or skips what was taken before, as near before a time as may be.
    fn approach(&mut self, position: Duration) -> io::Result<()> {
        let is_back = position < self.newest.1;
        match self.checkpoints.before(position) {
            Some(checkpoint) if is_back || checkpoint.taken > self.taken => {
                self.recording.go_to(checkpoint.place)?;
                self.stage = checkpoint.stage.anew();
                self.taken = checkpoint.taken;
                self.newest = checkpoint.newest;
                self.next = None;
                Ok(())
            }
            None if is_back => self.rewind(),
            Some(_) | None => Ok(()),
        }
    }

    fn rewind(&mut self) -> io::Result<()> {
        self.recording.rewind()?;
        self.stage = Stage::new(self.recording.header().rules().clone());
        self.next = None;
        self.taken = 0;
        self.newest = (self.recording.began(), Duration::ZERO);
        Ok(())
    }

    /// How it stands, for the screen.
    fn dial(&self) -> Dial {
        let (at, after) = self.newest;
        let seeking = self.goal.map(|goal| {
            let to = match goal {
                Goal::At(position) => position,
                Goal::NextChange => self.recording.length(),
            };
            percent(after, to)
        });
        Dial {
            playback: Playback {
                now: match self.goal {
                    // What is on the board is still what was there before.
                    Some(_) => self.shown,
                    None => later(at, self.position.saturating_sub(after)),
                },
                ended: self.recording.ended(),
                vantage: self.recording.header().vantage.clone(),
                playing: self.playing,
                speed: self.rate(),
                seeking,
                gaps: self.recording.gaps(),
                skipped: self.skipped.max(self.recording.broken()),
                torn: self.recording.is_torn(),
            },
            since: self.since,
            left: self.recording.length().saturating_sub(self.position),
        }
    }
}

fn percent(part: Duration, whole: Duration) -> u8 {
    let percent = part.as_millis().saturating_mul(100) / whole.as_millis().max(1);
    u8::try_from(percent.min(100)).unwrap_or(100)
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests;
