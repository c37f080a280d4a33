//! What is wrong now, in a few lines: what stays on the normal screen when the dashboard is left,
//! and what the plain lines say when they end or are asked.

use std::sync::Arc;

use super::app::App;
use super::ascii;
use super::marker::Marker;
use super::text::cut;
use crate::advice;
use crate::diagnosis::State;
use crate::monitor::{IncidentId, Row};
use crate::target::clean;
use crate::tui::reading::Reading;

/// Lines in all.
const MOST: usize = 5;
/// A name is cut here.
const NAME: usize = 40;

/// At most five lines, no wider than asked and without colours: the counts, the incidents,
/// then what is wrong alone, the worst first. Nothing where nothing was watched, and nothing
/// of a recording, whose end is not now.
pub fn lines(app: &App, width: usize) -> Vec<String> {
    if app.fleet.is_empty() || app.replay().is_some() {
        return Vec::new();
    }
    let label = match app.about.label.as_str() {
        "" => String::new(),
        label => format!(" {label}"),
    };
    let summary = Summary::of(app);
    let mut lines = vec![format!(
        "sqlreach{label} {}: {}",
        app.clock(),
        summary.counts
    )];
    lines.extend(
        summary
            .wrong
            .iter()
            .map(|(state, words)| format!("  {} {words}", state.glyph())),
    );
    if summary.more > 0 {
        lines.push(format!("  and {} more", summary.more));
    }
    let fits = |line: String| {
        let line = cut(&clean(&line, usize::MAX), width);
        match app.marker {
            Marker::Ascii => ascii::text(&line),
            Marker::Drawn => line,
        }
    };
    lines.into_iter().map(fits).collect()
}

/// What is wrong now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// `12 instances, 3 down, 1 degraded, 8 answering`.
    pub counts: String,
    /// The incidents, then what is wrong alone, the worst first: a few, each with the state
    /// that it is shown as.
    pub wrong: Vec<(State, String)>,
    /// How many are wrong besides.
    pub more: usize,
}

impl Summary {
    /// Of what is shown.
    pub fn of(app: &App) -> Self {
        let mut wrong = wrong(app);
        let room = MOST - 1;
        let more = match wrong.len() {
            all if all > room => all - (room - 1),
            _ => 0,
        };
        wrong.truncate(wrong.len() - more);
        Self {
            counts: counts(app),
            wrong: wrong.iter().map(|wrong| wrong.words(app)).collect(),
            more,
        }
    }
}

/// One thing that is wrong.
enum Wrong<'a> {
    Incident(IncidentId),
    Alone(&'a Arc<Row>),
}

/// What nobody took notice of, the incidents first.
fn wrong(app: &App) -> Vec<Wrong<'_>> {
    let is_wrong = |row: &&Arc<Row>| {
        let fails = row.state.is_failing() || row.state == State::Degraded;
        fails && !row.marks.stale && !row.marks.is_quiet()
    };
    let mut rows: Vec<&Arc<Row>> = app.fleet.all().filter(is_wrong).collect();
    rows.sort_by_key(|row| (row.state, std::cmp::Reverse(row.since.first_seen)));
    let incident = |row: &Row| row.incident.filter(|id| app.incidents.contains_key(id));
    let mut incidents = Vec::new();
    for id in rows.iter().filter_map(|row| incident(row)) {
        if !incidents.contains(&id) {
            incidents.push(id);
        }
    }
    let alone = rows.into_iter().filter(|row| incident(row).is_none());
    let incidents = incidents.into_iter().map(Wrong::Incident);
    incidents.chain(alone.map(Wrong::Alone)).collect()
}

impl Wrong<'_> {
    fn words(&self, app: &App) -> (State, String) {
        match self {
            Self::Incident(id) => {
                let sentence = app.incidents.get(id).map(|incident| {
                    let words = advice::incident(incident, &app.about.zone);
                    words.sentence
                });
                (State::Refused, sentence.unwrap_or_default())
            }
            Self::Alone(row) => {
                let name = clean(&row.instance.name, NAME);
                let since = app.since_words(&row.since).unwrap_or_default();
                let reading = Reading::of(row, None);
                let advice = reading.as_ref().map(Reading::advice);
                let cause = advice.and_then(|advice| {
                    let first = advice.causes.first()?;
                    let likely = if advice.tied > 1 {
                        "perhaps"
                    } else {
                        "most likely"
                    };
                    Some(format!(" · {likely}: {}", first.title))
                });
                let (state, cause) = (row.state, cause.unwrap_or_default());
                (state, format!("{name} {state} {since}{cause}"))
            }
        }
    }
}

/// `12 instances, 3 down, 1 degraded, 8 answering`.
fn counts(app: &App) -> String {
    let counts = app.fleet.counts();
    let total = app.fleet.len();
    let noun = if total == 1 { "instance" } else { "instances" };
    let mut parts = vec![format!("{total} {noun}")];
    for (count, word) in [
        (counts.down, "down"),
        (counts.degraded, "degraded"),
        (counts.well, "answering"),
        (counts.acknowledged, "acknowledged"),
        (counts.maintenance, "in maintenance"),
        (counts.stale, "stale"),
        (counts.pending, "without a result"),
        (counts.invalid, "invalid"),
    ] {
        if count == total && word == "answering" {
            parts.push("all answering".to_owned());
        } else if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::{Acknowledged, News};
    use crate::tui::sample;

    #[test]
    fn the_worst_is_said_in_five_lines() {
        let app = sample::app(120, 40);
        insta::assert_snapshot!(lines(&app, 120).join("\n"));
        for width in [0, 1, 40, 80] {
            let lines = lines(&app, width);
            assert_eq!(lines.len(), 5);
            assert!(lines.iter().all(|line| line.chars().count() <= width));
        }
    }

    #[test]
    fn incidents_are_one_line_each() {
        let app = sample::mass_failure(600, 120, 40);
        insta::assert_snapshot!(lines(&app, 120).join("\n"));
    }

    #[test]
    fn where_all_is_well_there_is_one_line_and_of_nothing_none() {
        let mut app = sample::empty(120, 40);
        assert!(lines(&app, 120).is_empty());
        let well = sample::rows()
            .into_iter()
            .filter(|row| row.state == State::Answering);
        app.take(News {
            rows: well.collect(),
            order: None,
        });
        let [only] = &lines(&app, 120)[..] else {
            panic!("more than a line")
        };
        assert!(only.ends_with(": 1 instance, all answering"), "{only}");
    }

    #[test]
    fn what_is_acknowledged_is_counted_and_not_listed() {
        let mut app = sample::empty(120, 40);
        let mut row = Row::clone(&sample::rows()[0]);
        row.marks.acknowledged = Some(Box::new(Acknowledged {
            reason: "disk".into(),
            until: None,
        }));
        app.take(News {
            rows: vec![Arc::new(row)],
            order: None,
        });
        let [only] = &lines(&app, 120)[..] else {
            panic!("more than a line")
        };
        assert!(only.ends_with(": 1 instance, 1 acknowledged"), "{only}");
    }
}
