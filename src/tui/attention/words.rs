//! What a call says: one sentence for an incident, a name for what changed alone.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Turn;
use crate::advice;
use crate::monitor::{Incidents, Row};
use crate::target::clean;

/// A notification shows no more than this.
const WIDTH: usize = 200;
/// Instances that are called by their names.
const NAMED: usize = 3;

/// What happened to these instances.
pub fn sentence(turns: &[(Arc<Row>, Turn)], incidents: &Incidents, zone: &TimeZone) -> String {
    let mut told = Vec::new();
    let mut first = None;
    let fell = turns.iter().filter(|(_, turn)| *turn == Turn::Fell);
    for id in fell.filter_map(|(row, _)| row.incident) {
        if !told.contains(&id)
            && let Some(incident) = incidents.get(&id)
        {
            told.push(id);
            first.get_or_insert(incident);
        }
    }
    let is_told = |(row, turn): &&(Arc<Row>, Turn)| {
        *turn == Turn::Fell && row.incident.is_some_and(|id| told.contains(&id))
    };
    let (in_incidents, single): (Vec<_>, Vec<_>) = turns.iter().partition(is_told);
    let mut parts = Vec::new();
    if told.len() > 1 {
        let (all, incidents) = (in_incidents.len(), told.len());
        parts.push(format!("{all} instances down in {incidents} incidents"));
    }
    if let Some(incident) = first {
        let sentence = advice::incident(incident, zone).sentence;
        parts.push(sentence.trim_end_matches('.').to_owned());
    }
    parts.extend(single.iter().take(NAMED).map(|(row, turn)| {
        let (name, state) = (&row.instance.name, row.state);
        match turn {
            Turn::Fell => format!("{name} is {state}"),
            Turn::Rose => format!("{name} is {state} again"),
            Turn::Flaps => format!("{name} is flapping"),
        }
    }));
    let rest = single.get(NAMED..).unwrap_or_default();
    let count = |wanted: Turn| rest.iter().filter(|(_, turn)| *turn == wanted).count();
    for (turn, words) in [
        (Turn::Fell, "more down"),
        (Turn::Rose, "more up again"),
        (Turn::Flaps, "more flapping"),
    ] {
        match count(turn) {
            0 => {}
            more => parts.push(format!("{more} {words}")),
        }
    }
    clean(&parts.join(" · "), WIDTH)
}
