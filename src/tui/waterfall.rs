//! The waterfall of one probe: what began when, how long it took, and where that is on a
//! scale. Pure: evidence in, cells out. Times are microseconds since the probe began.

use crate::evidence::{BrowserStatus, Elapsed, Evidence, PreloginStatus, ResolveStatus};
use crate::tui::glyph::Mark;

/// Columns that the label of a tick and its distance to the next take.
const TICK: usize = 10;

/// One line: a layer, an endpoint, a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it was.
    pub label: String,
    /// When it was; `None` where it did not happen.
    pub span: Option<Span>,
    /// How it ended.
    pub mark: Mark,
}

/// From when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub start: u128,
    /// When it ended; never before that.
    pub end: u128,
}

/// All bars of one probe, in the order a client walks the layers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waterfall {
    /// One for each line.
    pub bars: Vec<Bar>,
    /// Some starts are not known: each such thing is drawn where the one before it ended.
    pub inferred: bool,
}

/// A round scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// From one tick to the next.
    pub step: u128,
    /// The whole width: a multiple of the step.
    pub whole: u128,
}

/// Where a bar is: its first cell, and how many eighths of cells it is wide from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// The cell.
    pub from: usize,
    /// At least one.
    pub eighths: usize,
}

impl Waterfall {
    /// What this probe did.
    pub fn of(evidence: &Evidence) -> Self {
        let layers = &evidence.layers;
        let [dns, brw, _, sql] = Mark::of(layers);
        let mut fall = Self::default();
        let mut after = 0;
        let resolve = &layers.resolve;
        if resolve.status == ResolveStatus::Skipped {
            fall.skip("resolve");
        } else {
            let is_literal = resolve.status == ResolveStatus::Literal;
            let started = is_literal.then(Elapsed::default).or(resolve.started);
            after = fall.add("resolve".to_owned(), dns, started, 0, resolve.elapsed);
        }
        for asked in &resolve.asked {
            // From a recording it may be any text.
            let record = if asked.record == "AAAA" { "AAAA" } else { "A" };
            let label = format!("  {record} at {}", asked.server);
            let mark = Mark::question(asked.code);
            fall.add(label, mark, asked.started, 0, asked.elapsed);
        }
        if layers.browser.status == BrowserStatus::Skipped {
            fall.skip("browser");
        } else {
            after = fall.add_browser(evidence, brw, after);
        }
        let attempts = &layers.connect.attempts;
        if attempts.is_empty() {
            fall.skip("connect");
        }
        let mut open = after;
        for attempt in attempts {
            let label = format!("connect {}", attempt.endpoint);
            let mark = Mark::attempt(attempt.status);
            let end = fall.add(label, mark, attempt.started, after, attempt.elapsed);
            if layers.prelogin.endpoint == Some(attempt.endpoint) {
                open = end;
            }
        }
        let prelogin = &layers.prelogin;
        if prelogin.status == PreloginStatus::Skipped {
            fall.skip("prelogin");
        } else {
            let elapsed = prelogin.elapsed.unwrap_or_default();
            let endpoint = prelogin.endpoint.map(|endpoint| format!(" {endpoint}"));
            let label = format!("prelogin{}", endpoint.unwrap_or_default());
            fall.add(label, sql, prelogin.started, open, elapsed);
        }
        fall
    }

    fn add_browser(&mut self, evidence: &Evidence, mark: Mark, after: u128) -> u128 {
        let browser = &evidence.layers.browser;
        let took = browser.elapsed.unwrap_or_default();
        self.inferred |= browser.started.is_none() && took > Elapsed::default();
        let begin = browser.started.map_or(after, micros);
        let mut sent = vec![begin];
        for again in &browser.again {
            sent.push(micros(*again).max(sent[sent.len() - 1]));
        }
        let last = sent[sent.len() - 1];
        // The time is that of the datagram that was answered, or of the whole wait.
        let end = match browser.status {
            BrowserStatus::Silent => last.max(begin + micros(took)),
            _ => last + micros(took),
        };
        self.push("browser".to_owned(), mark, begin, end);
        if !browser.again.is_empty() {
            for (at, start) in sent.iter().enumerate() {
                let next = sent.get(at + 1);
                let mark = next.map_or(mark, |_| Mark::Late);
                let label = format!("  datagram {}", at + 1);
                self.push(label, mark, *start, next.copied().unwrap_or(end));
            }
        }
        end
    }

    /// Adds a line and returns its end. `otherwise` is the start where none is known.
    fn add(
        &mut self,
        label: String,
        mark: Mark,
        started: Option<Elapsed>,
        otherwise: u128,
        took: Elapsed,
    ) -> u128 {
        self.inferred |= started.is_none() && took > Elapsed::default();
        let start = started.map_or(otherwise, micros);
        let end = start + micros(took);
        self.push(label, mark, start, end);
        end
    }

    fn push(&mut self, label: String, mark: Mark, start: u128, end: u128) {
        let span = Some(Span { start, end });
        self.bars.push(Bar { label, span, mark });
    }

    fn skip(&mut self, label: &str) {
        self.bars.push(Bar {
            label: label.to_owned(),
            span: None,
            mark: Mark::NotReached,
        });
    }

    /// The smallest round scale that holds all bars, with as many ticks as have room.
    pub fn scale(&self, columns: usize) -> Scale {
        let ends = self.bars.iter().filter_map(|bar| bar.span);
        let longest = ends.map(|span| span.end).max().unwrap_or(0).max(1);
        let room = u128::try_from(columns / TICK).unwrap_or(1).max(1);
        let mut power = 1;
        let step = loop {
            let steps = [power, 2 * power, 5 * power];
            if let Some(step) = steps.into_iter().find(|step| step * room >= longest) {
                break step;
            }
            power *= 10;
        };
        Scale {
            step,
            whole: longest.div_ceil(step) * step,
        }
    }
}

impl Scale {
    /// Where this is in so many columns.
    pub fn place(self, span: Span, columns: usize) -> Cells {
        let columns = columns.max(1);
        let wide = u128::try_from(columns).unwrap_or(1);
        let cells = |cells: u128| usize::try_from(cells).unwrap_or(usize::MAX);
        let from = cells(span.start * wide / self.whole).min(columns - 1);
        let end = cells((span.end * wide * 8 + self.whole / 2) / self.whole);
        Cells {
            from,
            eighths: end.clamp(from * 8 + 1, columns * 8) - from * 8,
        }
    }

    /// The ticks, each with its cell and its words, as many as have room.
    pub fn ticks(self, columns: usize) -> Vec<(usize, String)> {
        (0..=self.whole / self.step)
            .map(|number| {
                let at = number * self.step;
                let span = Span { start: at, end: at };
                (self.place(span, columns).from, self.words(at))
            })
            .collect()
    }

    /// `0`, `0.5 ms`, `2 s`.
    fn words(self, at: u128) -> String {
        if at == 0 {
            return "0".to_owned();
        }
        let (unit, name, digits) = if self.whole >= 2_000_000 {
            (1_000_000, "s", 6)
        } else {
            (1_000, "ms", 3)
        };
        let number = format!("{}.{:0digits$}", at / unit, at % unit);
        let number = number.trim_end_matches('0').trim_end_matches('.');
        format!("{number} {name}")
    }
}

fn micros(elapsed: Elapsed) -> u128 {
    elapsed.duration().as_micros()
}

#[cfg(test)]
mod tests;
