//! The loop that prints lines: ends first, then questions, then news.

use std::io::{self, Read, Seek, Write};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};

use super::Plain;
use super::asks::Asks;
use super::paper::Paper;
use crate::monitor::replay::{Recording, through};
use crate::monitor::{Board, Trouble};
use crate::tui::About;
use crate::tui::keeping::{Keeping, Told};
use crate::tui::signals::Signals;
use crate::tui::source::{Source, Wanted};
use crate::tui::terminal::HangUp;

/// The board is read no more often than this.
const PACE: Duration = Duration::from_millis(200);
/// How often it is looked whether the monitor still runs, and a busy one is asked again.
const CARE: Duration = Duration::from_secs(5);

/// How things stood at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing fails that nobody took notice of.
    Well,
    /// Something does, or cannot be probed.
    Failing,
}

impl Ended {
    fn of(plain: &Plain) -> Self {
        if plain.is_failing() {
            Self::Failing
        } else {
            Self::Well
        }
    }
}

/// Prints what changes until a signal ends it or nobody reads any more, and then what is wrong.
/// `watched` is how many instances there are.
pub fn run<'a>(source: impl Into<Source<'a>>, about: About, watched: usize) -> io::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut hang_up = HangUp::watch()?;
    runtime.block_on(watch(source.into(), about, watched, &mut hang_up))
}

/// Prints what changes in a recording, at the times of its changes, and then what was wrong.
pub fn replay<R: Read + Seek>(
    recording: Recording<R>,
    about: About,
    out: &mut impl Write,
) -> io::Result<Ended> {
    let board = Board::default();
    let header = recording.header().clone();
    let began = recording.began();
    let ended = recording.ended();
    let mut about = about;
    about.vantage.clone_from(&header.vantage);
    let mut plain = Plain::new(about, began);
    let mut is_open = false;
    through(recording, &board, |at| {
        if plain.is_due(at) {
            let due = plain.due().map_or(at, |due| due.min(at));
            print(out, &plain.lines(due))?;
        }
        plain.take(at, &board);
        let watched = board.rows().len();
        if !is_open && watched > 0 {
            is_open = true;
            print(out, &plain.opening(watched))?;
        }
        Ok(())
    })?;
    print(out, &plain.lines(ended))?;
    print(out, &plain.summary(ended))?;
    Ok(Ended::of(&plain))
}

fn print(out: &mut impl Write, lines: &[String]) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    out.flush()
}

async fn watch(
    source: Source<'_>,
    about: About,
    watched: usize,
    hang_up: &mut HangUp,
) -> io::Result<Ended> {
    let mut signals = Signals::listen_for_the_end()?;
    let mut asks = Asks::listen()?;
    let paper = Paper::start()?;
    let board = source.board();
    let mut keeping = about.kept.clone().map(Keeping::start).transpose()?;
    let mut plain = Plain::new(about, Timestamp::now());
    let mut waiting = plain.opening(watched);
    waiting.extend(
        source
            .remark()
            .map(|remark| plain.remark(Timestamp::now(), &remark))
            .into_iter()
            .flatten(),
    );
    let mut wanted = Wanted::default();
    let mut stopped = false;
    let mut unrecorded = false;
    let mut pace = Instant::now();
    loop {
        let now = Timestamp::now();
        let is_due = plain.is_due(now);
        let has_lines = is_due || !waiting.is_empty();
        let wake = match plain.due() {
            Some(due) if !is_due => {
                Instant::now() + Duration::try_from(due.duration_since(now)).unwrap_or_default()
            }
            _ => Instant::now() + CARE,
        };
        let news = async {
            sleep_until(pace).await;
            board.changed().await;
        };
        tokio::select! {
            biased;
            () = hang_up.happened() => break,
            () = paper.unread() => break,
            _ = signals.next() => break,
            () = asks.next() => {
                // Asked again before it was answered: once is enough.
                if waiting.is_empty() {
                    waiting = plain.summary(Timestamp::now());
                }
            }
            told = Keeping::next(&mut keeping) => {
                let now = Timestamp::now();
                match told {
                    Told::Reloaded(config) | Told::Changed(config) => {
                        let count = config.instances.len();
                        let noun = if count == 1 { "instance" } else { "instances" };
                        waiting.extend(plain.remark(now, &format!("the configuration changed: {count} {noun}")));
                        wanted.config(*config);
                    }
                    Told::Broken(problem) => {
                        waiting.extend(plain.remark(now, &format!("the configuration is not read again: {problem}")));
                    }
                    Told::Saved(_) | Told::Refused(_) | Told::Same | Told::Mended => {}
                }
            }
            room = paper.room(), if has_lines => {
                let Some(room) = room else { break };
                let mut lines = std::mem::take(&mut waiting);
                if is_due {
                    lines.extend(plain.lines(now));
                }
                room.send(lines);
            }
            () = news => {
                pace = Instant::now() + PACE;
                plain.take(Timestamp::now(), board);
            }
            () = sleep_until(wake), if !is_due => {}
        }
        wanted.send(source);
        if let Some(why) = source.has_stopped()
            && !stopped
        {
            stopped = true;
            waiting.extend(plain.remark(Timestamp::now(), why));
        }
        if let Some(reason) = source.recording().and_then(Trouble::reason)
            && !unrecorded
        {
            unrecorded = true;
            let said =
                format!("the recording has stopped: {reason}; what was written can be replayed");
            waiting.extend(plain.remark(Timestamp::now(), &said));
        }
    }
    let now = Timestamp::now();
    plain.take(now, board);
    let mut last = waiting;
    last.extend(plain.summary(now));
    paper.end(last)?;
    Ok(Ended::of(&plain))
}
