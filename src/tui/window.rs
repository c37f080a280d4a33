//! How far back the tab `history` looks, and a history cut into columns for it.

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::State;
use crate::monitor::{History, Sample, Slot};

/// How far back the tab `history` looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// Every probe of the last five minutes.
    #[default]
    Minutes,
    /// The last hour, by the minute.
    Hour,
    /// The last day, by ten minutes.
    Day,
}

/// Smallest and largest latency, in microseconds.
pub type Range = (u32, u32);

/// What was seen in the time that one column stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The worst state.
    pub worst: State,
    /// Connect times.
    pub connect: Option<Range>,
    /// Engine times.
    pub engine: Option<Range>,
}

/// A time in which one thing was seen.
struct Piece {
    from: Timestamp,
    until: Timestamp,
    seen: Bucket,
}

impl Window {
    /// All windows, the shortest first.
    pub const ALL: [Self; 3] = [Self::Minutes, Self::Hour, Self::Day];

    /// How it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Minutes => "5 min",
            Self::Hour => "1 h",
            Self::Day => "24 h",
        }
    }

    /// How long it is.
    pub fn length(self) -> SignedDuration {
        match self {
            Self::Minutes => History::RAW,
            Self::Hour => SignedDuration::from_hours(1),
            Self::Day => SignedDuration::from_hours(24),
        }
    }

    /// The one after it; the shortest after the longest.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Minutes => Self::Hour,
            Self::Hour => Self::Day,
            Self::Day => Self::Minutes,
        }
    }

    /// The history of the window that ends at `now`, in so many columns. `None`: nothing was
    /// probed then. Where all is as usual, probes are one `interval` apart.
    pub fn columns(
        self,
        history: &History,
        now: Timestamp,
        interval: SignedDuration,
        count: usize,
    ) -> Vec<Option<Bucket>> {
        let mut columns = vec![None; count];
        let mut put = |piece| self.put(&mut columns, now, &piece);
        match self {
            Self::Minutes => {
                let nexts = history.raw().skip(1).map(|next| Some(next.at));
                for (sample, next) in history.raw().zip(nexts.chain([None])) {
                    put(Piece::of_sample(&sample, next, now, interval));
                }
            }
            Self::Hour => {
                let minute = SignedDuration::from_mins(1);
                history
                    .hour()
                    .for_each(|slot| put(Piece::of_slot(&slot, minute)));
            }
            Self::Day => {
                let minutes = SignedDuration::from_mins(10);
                history
                    .day()
                    .for_each(|slot| put(Piece::of_slot(&slot, minutes)));
            }
        }
        columns
    }

    /// Adds a piece to the columns that its time touches.
    fn put(self, columns: &mut [Option<Bucket>], now: Timestamp, piece: &Piece) {
        let begin = now - self.length();
        if columns.is_empty() || piece.until <= begin || piece.from > now {
            return;
        }
        let last = columns.len() - 1;
        let first = self.column(begin, piece.from, columns.len()).unwrap_or(0);
        // What ends where a column begins is not in it.
        let end = piece.until - SignedDuration::from_millis(1);
        let end = self.column(begin, end, columns.len()).unwrap_or(first);
        for column in &mut columns[first.min(last)..=end.clamp(first, last)] {
            match column {
                Some(bucket) => bucket.add(&piece.seen),
                None => *column = Some(piece.seen),
            }
        }
    }

    /// The column of a moment, of so many that begin at `begin`. `None` before that.
    pub fn column(self, begin: Timestamp, at: Timestamp, count: usize) -> Option<usize> {
        let gone = u128::try_from(at.duration_since(begin).as_millis()).ok()?;
        let whole = u128::try_from(self.length().as_millis()).ok()?;
        usize::try_from(gone * count as u128 / whole.max(1)).ok()
    }
}

impl Piece {
    /// A probe stands until the next one, unless that was missing.
    fn of_sample(
        sample: &Sample,
        next: Option<Timestamp>,
        now: Timestamp,
        interval: SignedDuration,
    ) -> Self {
        let next = next.unwrap_or(now);
        let is_usual = next.duration_since(sample.at) <= interval * 2;
        let until = if is_usual { next } else { sample.at + interval };
        let one = |us: Option<u32>| us.map(|us| (us, us));
        Self {
            from: sample.at,
            until,
            seen: Bucket {
                worst: sample.state,
                connect: one(sample.connect_us),
                engine: one(sample.engine_us),
            },
        }
    }

    fn of_slot(slot: &Slot, length: SignedDuration) -> Self {
        Self {
            from: slot.at,
            until: slot.at + length,
            seen: Bucket {
                worst: slot.worst,
                connect: slot.connect_us,
                engine: slot.engine_us,
            },
        }
    }
}

impl Bucket {
    /// Adds what was seen in the same time. States are ordered worst first.
    pub fn add(&mut self, other: &Self) {
        self.worst = self.worst.min(other.worst);
        self.connect = join(self.connect, other.connect);
        self.engine = join(self.engine, other.engine);
    }
}

fn join(one: Option<Range>, other: Option<Range>) -> Option<Range> {
    match (one, other) {
        (Some((least, most)), Some((less, more))) => Some((least.min(less), most.max(more))),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_096_800 + second).unwrap()
    }

    fn history(probes: &[(i64, State, Option<u32>)]) -> History {
        let mut history = History::default();
        for (second, state, us) in probes {
            history.push(Sample {
                at: at(*second),
                state: *state,
                connect_us: *us,
                engine_us: None,
            });
        }
        history
    }

    fn states(columns: &[Option<Bucket>]) -> String {
        let glyph = |column: &Option<Bucket>| column.map_or(" ", |bucket| bucket.worst.glyph());
        columns.iter().map(glyph).collect()
    }

    const INTERVAL: SignedDuration = SignedDuration::from_secs(15);

    #[test]
    fn a_probe_stands_until_the_next_and_a_pause_is_a_gap() {
        let probes = [0, 15, 30, 45, 150, 165].map(|second| (second, State::Answering, Some(400)));
        let columns = Window::Minutes.columns(&history(&probes), at(180), INTERVAL, 20);
        // From two minutes before the first probe; 15 seconds a column.
        assert_eq!(states(&columns), "        ●●●●      ●●");
    }

    #[test]
    fn the_worst_state_of_a_column_wins_and_its_range_is_whole() {
        let probes = [
            (0, State::Answering, Some(400)),
            (10, State::Refused, None),
            (20, State::Answering, Some(900)),
        ];
        let columns = Window::Minutes.columns(&history(&probes), at(30), INTERVAL, 5);
        let bucket = columns[4].unwrap();
        assert_eq!(bucket.worst, State::Refused);
        assert_eq!(bucket.connect, Some((400, 900)));
    }

    #[test]
    fn the_newest_probe_does_not_stand_for_ever() {
        let history = history(&[(0, State::Answering, None)]);
        let columns = Window::Minutes.columns(&history, at(120), INTERVAL, 20);
        assert_eq!(states(&columns), "            ●       ");
    }

    #[test]
    fn an_hour_and_a_day_take_their_slots() {
        let probes = [
            (0, State::Answering, Some(400)),
            (60, State::Refused, None),
            (180, State::Answering, Some(500)),
        ];
        let history = history(&probes);
        let hour = Window::Hour.columns(&history, at(240), INTERVAL, 60);
        assert_eq!(states(&hour).trim_start(), "●✖ ●");
        // One slot of ten minutes, of which four have gone.
        let day = Window::Day.columns(&history, at(240), INTERVAL, 144);
        assert_eq!(states(&day).trim_start(), "✖");
        // Fewer columns than slots lose nothing.
        let few = Window::Hour.columns(&history, at(240), INTERVAL, 4);
        assert_eq!(states(&few), "   ✖");
    }

    #[test]
    fn no_width_and_no_history_draw_nothing() {
        let probes = [(0, State::Answering, None)];
        for window in Window::ALL {
            assert!(
                window
                    .columns(&history(&probes), at(9), INTERVAL, 0)
                    .is_empty()
            );
            let empty = window.columns(&History::default(), at(9), INTERVAL, 3);
            assert_eq!(empty, [None; 3]);
        }
    }
}
