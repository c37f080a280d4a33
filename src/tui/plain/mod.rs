//! The dashboard in lines: what changes is said once, in words, and nothing is drawn. For screen
//! readers, terminals without cursor control, logs and CI.
//!
//! Each instance is compared with what was last told of it. Changes are gathered for a moment, so
//! that looks and incidents are complete when they are told, and a flood is no more than the
//! newest of each.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::Rect;

use super::app::{About, App};
use super::attention::nobody_knows;
use super::summary::Summary;
use super::theme::Theme;
use crate::advice;
use crate::diagnosis::{CauseId, State};
use crate::monitor::{Board, InstanceId, Row};
use crate::target::clean;

mod asks;
mod incidents;
mod paper;
mod run;
mod told;
mod words;

pub use run::{Ended, replay, run};

use incidents::Told as Incidents;
use told::{Told, Turn};

/// Changes that come within this time of the first are told together.
const GATHER: SignedDuration = SignedDuration::from_secs(3);
/// An instance without a result holds the first summary up no longer than this.
const PATIENCE: SignedDuration = SignedDuration::from_secs(10);

/// What was told so far, and what is not told yet.
#[derive(Debug)]
pub struct Plain {
    app: App,
    told: HashMap<InstanceId, Told>,
    incidents: Incidents,
    /// This machine's own trouble, and since when.
    trouble: Option<(Option<CauseId>, Timestamp)>,
    /// What there may be something to tell of.
    changed: BTreeSet<InstanceId>,
    /// When the first news came that is not told yet.
    since: Option<Timestamp>,
    began: Timestamp,
    /// Whether the first summary was told.
    is_summed: bool,
    /// The day of the line before.
    day: Date,
}

impl Plain {
    /// Nothing is told yet.
    pub fn new(about: About, now: Timestamp) -> Self {
        let day = now.to_zoned(about.zone.clone()).date();
        Self {
            app: App::new(about, Theme::new(false), now, Rect::default()),
            told: HashMap::new(),
            incidents: Incidents::default(),
            trouble: None,
            changed: BTreeSet::new(),
            since: None,
            began: now,
            is_summed: false,
            day,
        }
    }

    /// The line before all others: what is watched, and which day and clock the others mean.
    pub fn opening(&self, watched: usize) -> Vec<String> {
        let about = &self.app.about;
        let label = match about.label.as_str() {
            "" => String::new(),
            label => format!(" {label}"),
        };
        let noun = if watched == 1 {
            "instance"
        } else {
            "instances"
        };
        let zoned = self.began.to_zoned(about.zone.clone());
        let mut line = format!(
            "sqlreach{label}: {watched} {noun}, {}, from {}; it is {}",
            about.pace(watched),
            about.vantage,
            zoned.strftime("%F, times in %Z"),
        );
        if watched == 0 {
            line = format!("{line}; {}", about.config_hint);
        }
        if let Some(policy) = &about.policy {
            line = format!("{line}; {policy}");
        }
        vec![self.line(self.began, &line)]
    }

    /// Takes what is new on the board.
    pub fn take(&mut self, now: Timestamp, board: &Board) {
        self.app.tick(now);
        let standing = board.standing();
        let incidents = board.incidents();
        let news = board.take();
        let mut is_news = news.order.is_some();
        let ids: Vec<InstanceId> = news.rows.iter().map(|row| row.id).collect();
        self.app.take(news);
        is_news |= self.app.stand(standing);
        is_news |= self.app.take_incidents(incidents);
        for id in ids {
            let row = self.app.fleet.row(id);
            if row.is_some_and(|row| self.has_news(row)) {
                is_news = true;
                self.changed.insert(id);
            }
        }
        if is_news {
            self.since.get_or_insert(now);
        }
    }

    fn has_news(&self, row: &Row) -> bool {
        let Some(seen) = Told::of(row) else {
            return false;
        };
        self.told.get(&row.id).is_none_or(|told| !told.says(&seen))
    }

    /// When there is something to tell next; `None` until something new comes.
    pub fn due(&self) -> Option<Timestamp> {
        let gathered = self.since.map(|since| since + GATHER);
        if !self.is_summed {
            let fleet = &self.app.fleet;
            let is_known = !fleet.is_empty() && fleet.counts().pending == 0;
            let patience = self.began + PATIENCE;
            return Some(
                gathered
                    .filter(|_| is_known)
                    .map_or(patience, |at| at.min(patience)),
            );
        }
        [gathered, self.incidents.due()].into_iter().flatten().min()
    }

    /// Whether that time has come. A clock that was set back holds nothing up.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let is_back = self.since.is_some_and(|since| since > now) || self.began > now;
        is_back || self.due().is_some_and(|due| due <= now)
    }

    /// What is to be told now. Each line stands by itself; a command is on the line below what
    /// it is for.
    pub fn lines(&mut self, now: Timestamp) -> Vec<String> {
        self.app.tick(now);
        self.since = None;
        if self.began > now {
            self.began = now;
        }
        let mut lines = self.new_day(now);
        if !self.is_summed {
            self.is_summed = true;
            lines.push(self.line(now, &Summary::of(&self.app).counts));
        }
        lines.extend(self.standing(now));
        let mut parts = self.incidents.begun(&self.app, now);
        let mut rose = Vec::new();
        for id in std::mem::take(&mut self.changed) {
            let Some(row) = self.app.fleet.row(id).cloned() else {
                continue;
            };
            let told = self.tell(&row, now);
            if matches!(told, Some((Turn::Rose(_), _))) && is_well(row.state) {
                rose.push((row.instance.name.clone(), told));
            } else {
                parts.extend(told.map(|(_, part)| part));
            }
        }
        parts.extend(together(rose, now));
        let fleet = &self.app.fleet;
        self.told.retain(|id, _| fleet.row(*id).is_some());
        parts.extend(self.incidents.over(&self.app, now));
        parts.sort_by_key(|part| part.at);
        for part in parts {
            lines.push(self.line(part.at, &part.text));
            lines.extend(part.command.map(|command| format!("         {command}")));
        }
        lines
    }

    /// What is wrong now, in a few lines.
    pub fn summary(&mut self, now: Timestamp) -> Vec<String> {
        self.app.tick(now);
        let mut lines = self.new_day(now);
        let summary = Summary::of(&self.app);
        lines.push(self.line(now, &summary.counts));
        for (_, words) in &summary.wrong {
            lines.push(self.line(now, words));
        }
        if summary.more > 0 {
            lines.push(self.line(now, &format!("and {} more", summary.more)));
        }
        lines
    }

    /// Whether something fails that nobody took notice of, or cannot be probed.
    pub fn is_failing(&self) -> bool {
        let counts = self.app.fleet.counts();
        counts.down + counts.invalid > 0
    }

    /// Says something that is no news of an instance.
    pub fn remark(&mut self, now: Timestamp, text: &str) -> Vec<String> {
        self.app.tick(now);
        let mut lines = self.new_day(now);
        lines.push(self.line(now, text));
        lines
    }

    /// How this machine itself stands, where that changed.
    fn standing(&mut self, now: Timestamp) -> Option<String> {
        let standing = &self.app.standing;
        let words = advice::standing(standing);
        let text = match (&words, self.trouble) {
            (Some(_), Some((cause, _))) if cause == standing.cause => return None,
            (Some(words), _) => {
                let since = standing.since.unwrap_or(now);
                self.trouble = Some((standing.cause, since));
                format!("this machine {}; first: {}", words.says, words.first)
            }
            (None, Some((_, since))) => {
                self.trouble = None;
                let length = words::length(since, now);
                format!("this machine has its network again, after {length}")
            }
            (None, None) => return None,
        };
        Some(self.line(now, &text))
    }

    /// What is to be told of an instance, which counts as told from now on.
    fn tell(&mut self, row: &Row, now: Timestamp) -> Option<(Turn, Part)> {
        let mut seen = Told::of(row)?;
        let before = self.told.get(&row.id);
        seen.fell = before
            .and_then(|told| told.fell)
            .filter(|_| row.state.is_failing());
        if row.state.is_failing() && seen.fell.is_none() {
            seen.fell = row.since.first_seen;
        }
        let is_together = |id: Option<_>| id.is_some_and(|id| self.incidents.is_told(id));
        let turn = told::turn(before, &seen, is_together);
        let fell = before.and_then(|told| told.fell);
        self.told.insert(row.id, seen);
        let at = match turn {
            Turn::First | Turn::Quiet | Turn::Loud(_) => now,
            _ => row.since.first_seen.unwrap_or(now),
        };
        let (text, command) = words::of(row, turn, fell, &self.app)?;
        Some((turn, Part { at, text, command }))
    }

    /// Days pass under who watches for long; the lines say the time alone.
    fn new_day(&mut self, now: Timestamp) -> Vec<String> {
        let day = now.to_zoned(self.app.about.zone.clone()).date();
        if std::mem::replace(&mut self.day, day) == day {
            return Vec::new();
        }
        vec![self.line(now, &format!("it is {day} now"))]
    }

    fn line(&self, at: Timestamp, text: &str) -> String {
        let time = at.to_zoned(self.app.about.zone.clone());
        let text = clean(text, usize::MAX);
        format!("{} {text}", time.strftime("%H:%M:%S"))
    }
}

/// One thing that is told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    at: Timestamp,
    text: String,
    command: Option<String>,
}

/// What rose, by itself, or as one line where that is much.
fn together(rose: Vec<(String, Option<(Turn, Part)>)>, now: Timestamp) -> Vec<Part> {
    if rose.len() <= incidents::NAMED {
        let told = rose.into_iter().filter_map(|(_, told)| told);
        return told.map(|(_, part)| part).collect();
    }
    let count = rose.len();
    let names = incidents::some(rose.into_iter().map(|(name, _)| name).collect());
    let text = format!("{count} instances answer again: {names}");
    vec![words::part(now, text, None)]
}

/// Whether it is as it should be.
fn is_well(state: State) -> bool {
    matches!(state, State::Answering | State::Ready | State::Open)
}

#[cfg(test)]
mod tests;
