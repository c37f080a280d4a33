//! A file that somebody recorded: read line by line, with suspicion.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::super::recorder::{Entry, Header, LONGEST_LINE, Line, VERSION};

/// What a file cannot be replayed for.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It does not begin as a recording does.
    #[error("{} is no recording; sqlreach --record FILE makes one", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// A newer program wrote it.
    #[error("{} was recorded by sqlreach {sqlreach}, in a newer form (version {version}); replay it with that one", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The program's version.
        sqlreach: String,
        /// The form of its lines.
        version: u32,
    },
}

/// A recording that can be played.
#[derive(Debug)]
pub struct Recording<R = File> {
    lines: Lines<R>,
    header: Header,
    began: Timestamp,
    ended: Timestamp,
    length: Duration,
    /// Before its second line there is nothing to see.
    opening: Option<Duration>,
    gaps: u64,
    broken: u64,
    torn: bool,
}

/// The lines of a file, from where it is read.
#[derive(Debug)]
struct Lines<R> {
    input: BufReader<R>,
    /// Where the next line begins.
    offset: u64,
    buffer: Vec<u8>,
    time: Time,
}

/// Time since the recording began. A clock that is set back does not turn it round.
#[derive(Clone, Copy, Debug, Default)]
struct Time {
    newest: Option<Timestamp>,
    passed: Duration,
}

/// What stands at one place.
#[derive(Debug)]
enum Found {
    /// A line, in the buffer.
    Line,
    /// One that is longer than any of ours.
    TooLong,
    /// One without an end that makes no sense: the recorder was interrupted.
    Torn,
    End,
}

/// As much of a line as is looked at when a file is opened.
#[derive(Deserialize)]
struct Stamp {
    at: Timestamp,
    #[serde(default)]
    gap: Option<serde::de::IgnoredAny>,
}

impl Time {
    fn at(&mut self, at: Timestamp) -> Duration {
        if let Some(newest) = self.newest.replace(at) {
            let passed = Duration::try_from(at.duration_since(newest)).unwrap_or_default();
            self.passed = self.passed.saturating_add(passed);
        }
        self.passed
    }
}

impl Recording {
    /// Opens a file and reads it through once.
    pub fn open(path: &Path) -> Result<Self, ReplayError> {
        let unreadable = |error| ReplayError::Unreadable {
            path: path.to_owned(),
            error,
        };
        let file = File::open(path).map_err(unreadable)?;
        // A pipe cannot be read twice, and a folder not at all.
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("it is no ordinary file")));
        }
        Self::read(file, path)
    }
}

impl<R: Read + Seek> Recording<R> {
    /// The same, of anything that can be read twice. `path` is named in errors only.
    pub fn read(input: R, path: &Path) -> Result<Self, ReplayError> {
        let unreadable = |error| ReplayError::Unreadable {
            path: path.to_owned(),
            error,
        };
        let mut lines = Lines {
            input: BufReader::with_capacity(64 * 1024, input),
            offset: 0,
            buffer: Vec::new(),
            time: Time::default(),
        };
        let first = match lines.next().map_err(unreadable)? {
            Found::Line => Line::read(&lines.buffer),
            Found::TooLong | Found::Torn | Found::End => None,
        };
        let Some((began, header)) = first.and_then(header) else {
            return Err(ReplayError::NotOurs {
                path: path.to_owned(),
            });
        };
        if header.version > VERSION {
            return Err(ReplayError::Newer {
                path: path.to_owned(),
                sqlreach: header.sqlreach,
                version: header.version,
            });
        }
        let mut recording = Self {
            lines,
            header,
            began,
            ended: began,
            length: Duration::ZERO,
            opening: None,
            gaps: 0,
            broken: 0,
            torn: false,
        };
        recording.lines.time.at(began);
        recording.survey().map_err(unreadable)?;
        recording.rewind().map_err(unreadable)?;
        Ok(recording)
    }

    /// How it begins.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// When it began.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// The time of its last line.
    pub fn ended(&self) -> Timestamp {
        self.ended
    }

    /// How long it takes at the speed at which it was recorded.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// The first moment at which there is something to see.
    pub(super) fn opening(&self) -> Duration {
        self.opening.unwrap_or_default()
    }

    /// Places where lines are missing, because the disk did not keep up.
    pub fn gaps(&self) -> u64 {
        self.gaps
    }

    /// Lines that are no JSON with a time: they are skipped.
    pub fn broken(&self) -> u64 {
        self.broken
    }

    /// Whether the recorder was interrupted in the middle of its last line.
    pub fn is_torn(&self) -> bool {
        self.torn
    }

    /// Reads from the beginning again.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.lines.input.rewind()?;
        self.lines.offset = 0;
        self.lines.time = Time {
            newest: Some(self.began),
            passed: Duration::ZERO,
        };
        Ok(())
    }

    /// Where it is read.
    pub(super) fn place(&self) -> Place {
        Place {
            offset: self.lines.offset,
            time: self.lines.time,
        }
    }

    /// Reads on from where it was read before.
    pub(super) fn go_to(&mut self, place: Place) -> io::Result<()> {
        self.lines.input.seek(SeekFrom::Start(place.offset))?;
        self.lines.offset = place.offset;
        self.lines.time = place.time;
        Ok(())
    }

    /// The next whole line, and how long after the beginning it was. `Err`: a line that is
    /// skipped. `None`: there is no more.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Played, Skipped>>> {
        let line = match self.lines.next()? {
            Found::Line => Line::read(&self.lines.buffer),
            Found::TooLong => None,
            Found::Torn | Found::End => return Ok(None),
        };
        let Some(line) = line else {
            // Its time counted when the file was opened.
            if let Ok(stamp) = serde_json::from_slice::<Stamp>(&self.lines.buffer) {
                self.lines.time.at(stamp.at);
            }
            return Ok(Some(Err(Skipped(self.lines.offset))));
        };
        let after = self.lines.time.at(line.at);
        Ok(Some(Ok(Played { after, line })))
    }

    /// Reads the rest for its times alone.
    fn survey(&mut self) -> io::Result<()> {
        loop {
            match self.lines.next()? {
                Found::Line => {
                    let stamp: Result<Stamp, _> = serde_json::from_slice(&self.lines.buffer);
                    let Ok(stamp) = stamp else {
                        self.broken += 1;
                        continue;
                    };
                    self.length = self.lines.time.at(stamp.at);
                    self.opening.get_or_insert(self.length);
                    self.ended = stamp.at;
                    self.gaps += u64::from(stamp.gap.is_some());
                }
                Found::TooLong => self.broken += 1,
                Found::Torn => self.torn = true,
                Found::End => return Ok(()),
            }
        }
    }
}

/// Where a recording is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    offset: u64,
    time: Time,
}

/// A line that is none of ours, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skipped(pub(super) u64);

/// A line that was read.
#[derive(Debug)]
pub(super) struct Played {
    /// How long after the beginning.
    pub(super) after: Duration,
    pub(super) line: Line,
}

impl<R: Read + Seek> Lines<R> {
    fn next(&mut self) -> io::Result<Found> {
        self.buffer.clear();
        let most = LONGEST_LINE as u64 + 1;
        let read = (&mut self.input)
            .take(most)
            .read_until(b'\n', &mut self.buffer)?;
        self.offset += read as u64;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
            return Ok(Found::Line);
        }
        if read == 0 {
            return Ok(Found::End);
        }
        if read as u64 == most {
            self.skip_line()?;
            return Ok(Found::TooLong);
        }
        // Only its end is missing, or more.
        let is_whole = serde_json::from_slice::<Stamp>(&self.buffer).is_ok();
        Ok(if is_whole { Found::Line } else { Found::Torn })
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let waiting = self.input.fill_buf()?;
            if waiting.is_empty() {
                return Ok(());
            }
            let end = waiting.iter().position(|byte| *byte == b'\n');
            let skipped = end.map_or(waiting.len(), |at| at + 1);
            self.input.consume(skipped);
            self.offset += skipped as u64;
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

fn header(line: Line) -> Option<(Timestamp, Header)> {
    match line.entry {
        Entry::Recording(header) => Some((line.at, header)),
        Entry::Watch(_) | Entry::Event(_) | Entry::Regroup {} | Entry::Lapse {} | Entry::Gap(_) => {
            None
        }
    }
}
