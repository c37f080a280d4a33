//! Incidents in lines: one when it begins, one when it grew or is read anew, one when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::words::{command, length, part};
use super::{Part, is_well, nobody_knows};
use crate::advice;
use crate::diagnosis::incident::{Incident, Shared};
use crate::monitor::{IncidentId, InstanceId, Row};
use crate::tui::app::App;
use crate::tui::reading::Reading;

/// What changes of an incident is told no more often than this.
const DISTANCE: SignedDuration = SignedDuration::from_secs(30);
/// Instances that are called by their names.
pub(super) const NAMED: usize = 5;

/// The incidents that were told.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<IncidentId, One>);

#[derive(Debug)]
struct One {
    began: Timestamp,
    /// When something was said of it last.
    said_at: Timestamp,
    sentence: String,
    /// All that ever were part of it.
    members: BTreeSet<InstanceId>,
    /// How many of them were well when that was said last.
    well: usize,
    /// Something about it is not said yet.
    waits: bool,
}

impl Told {
    /// Whether an incident speaks for its members.
    pub fn is_told(&self, id: IncidentId) -> bool {
        self.0.contains_key(&id)
    }

    /// When there is something to say that had to wait.
    pub fn due(&self) -> Option<Timestamp> {
        let waiting = self.0.values().filter(|one| one.waits);
        waiting.map(|one| one.said_at + DISTANCE).min()
    }

    /// Takes those that began or changed.
    pub fn begun(&mut self, app: &App, now: Timestamp) -> Vec<Part> {
        let mut parts = Vec::new();
        for (id, incident) in app.incidents.iter() {
            let sentence = advice::incident(incident, &app.about.zone).sentence;
            let sentence = sentence.trim_end_matches('.').to_owned();
            let members = incident.members.iter().copied().map(InstanceId);
            if let Some(one) = self.0.get_mut(id) {
                one.members.extend(members);
                if one.sentence == sentence {
                    one.waits = false;
                } else if one.may_say(now) {
                    parts.push(part(
                        now,
                        format!("incident {} now: {sentence}", id.0),
                        None,
                    ));
                    one.sentence = sentence;
                } else {
                    one.waits = true;
                }
            } else if is_worth_a_line(incident, app) {
                let names = names(incident, app);
                let text = format!("incident {}: {sentence} ({names})", id.0);
                let first = example(incident, app).and_then(|row| Reading::of(&row, None));
                parts.push(part(now, text, first.as_ref().and_then(command)));
                let one = One {
                    began: incident.began.by,
                    said_at: now,
                    sentence,
                    members: members.collect(),
                    well: 0,
                    waits: false,
                };
                self.0.insert(*id, one);
            }
        }
        parts
    }

    /// Says how many of each are well again, and forgets those that are over.
    pub fn over(&mut self, app: &App, now: Timestamp) -> Vec<Part> {
        let mut parts = Vec::new();
        self.0.retain(|id, one| {
            let rows = one.members.iter().filter_map(|id| app.fleet.row(*id));
            let (well, others): (Vec<_>, Vec<_>) = rows.partition(|row| is_well(row.state));
            let well = well.len();
            let all = one.members.len();
            let answer = if well == 1 { "answers" } else { "answer" };
            let again = format!("{well} of {all} {answer} again");
            let is_on = app.incidents.contains_key(id);
            if !is_on {
                let after = length(one.began, now);
                let mut text = format!("incident {} is over after {after}: {again}", id.0);
                let failing = others.iter().filter(|row| row.state.is_failing());
                let failing: Vec<_> = failing.map(|row| row.instance.name.clone()).collect();
                if !failing.is_empty() {
                    text = format!("{text}; still failing: {}", some(failing));
                }
                parts.push(part(now, text, None));
            } else if well > one.well && one.may_say(now) {
                parts.push(part(now, format!("incident {}: {again}", id.0), None));
                one.well = well;
            } else if well != one.well {
                one.waits = well > one.well;
                one.well = one.well.min(well);
            }
            is_on
        });
        parts
    }
}

impl One {
    /// Whether enough time has passed; then something is said now.
    fn may_say(&mut self, now: Timestamp) -> bool {
        let may = self.said_at > now || now.duration_since(self.said_at) >= DISTANCE;
        if may {
            self.said_at = now;
            self.waits = false;
        }
        may
    }
}

/// This machine's own trouble is told by itself, and what somebody took notice of is not.
fn is_worth_a_line(incident: &Incident, app: &App) -> bool {
    let is_ours = matches!(incident.shared, Shared::ThisMachine(_));
    !is_ours && rows(incident, app).next().is_some()
}

/// Its rows that somebody wants to hear of.
fn rows<'a>(incident: &'a Incident, app: &'a App) -> impl Iterator<Item = &'a Arc<Row>> {
    let members = incident.members.iter().copied().map(InstanceId);
    let rows = members.filter_map(|id| app.fleet.row(id));
    rows.filter(|row| !nobody_knows(row) && !row.marks.is_quiet())
}

fn names(incident: &Incident, app: &App) -> String {
    some(
        rows(incident, app)
            .map(|row| row.instance.name.clone())
            .collect(),
    )
}

/// The first of these names, and how many more there are.
pub(super) fn some(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    if more > 0 {
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

/// The one that most was looked at.
fn example(incident: &Incident, app: &App) -> Option<Arc<Row>> {
    let shares = |row: &Row| {
        let leading = row.diagnosis.iter().flat_map(|one| one.leading());
        let mut causes = leading.map(|cause| cause.id);
        causes.any(|id| incident.causes.contains(&id))
    };
    let best = |row: &&Arc<Row>| (shares(row), row.witnesses.len(), std::cmp::Reverse(row.id));
    rows(incident, app).max_by_key(best).cloned()
}
