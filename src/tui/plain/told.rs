//! What was told of an instance, and what its newest row is worth.

use jiff::Timestamp;

use super::{is_well, nobody_knows};
use crate::diagnosis::State;
use crate::monitor::{IncidentId, Marks, Row};

/// What was told of an instance last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub state: State,
    /// When it began to fail; `None` while it does not.
    pub fell: Option<Timestamp>,
    pub flapping: bool,
    /// Nobody wants to hear of it.
    pub quiet: Option<Quiet>,
    pub incident: Option<IncidentId>,
}

/// Why nobody wants to hear of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quiet {
    /// Somebody took notice.
    Acknowledged,
    /// It may fail for now.
    Maintenance,
}

impl Quiet {
    fn of(marks: &Marks) -> Option<Self> {
        let acknowledged = marks.acknowledged.as_ref().map(|_| Self::Acknowledged);
        acknowledged.or(marks.maintenance.as_ref().map(|_| Self::Maintenance))
    }
}

/// What is worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing.
    None,
    /// It is known for the first time, and not well.
    First,
    /// It was in this state.
    Changed(State),
    /// It is well again, or as well as it gets.
    Rose(State),
    /// It goes up and down.
    Flaps,
    /// It has stayed as it is.
    Steady,
    /// Somebody took notice, or its maintenance began.
    Quiet,
    /// That is over, and it still fails.
    Loud(Quiet),
}

impl Told {
    /// What a row says; `None` where it says nothing of the instance as it is now.
    pub fn of(row: &Row) -> Option<Self> {
        let is_known = row.state == State::Invalid || !nobody_knows(row);
        (is_known && !row.marks.paused).then(|| Self {
            state: row.state,
            fell: None,
            flapping: row.flapping().is_some(),
            quiet: Quiet::of(&row.marks),
            incident: row.incident,
        })
    }

    /// Whether the two say the same, whenever it began.
    pub fn says(&self, other: &Self) -> bool {
        *self
            == Self {
                fell: self.fell,
                ..*other
            }
    }
}

/// What is worth a line between what was told and what is seen. `is_together` says whether an
/// incident is told for its members.
pub(super) fn turn(
    told: Option<&Told>,
    seen: &Told,
    is_together: impl Fn(Option<IncidentId>) -> bool,
) -> Turn {
    let Some(told) = told else {
        let is_told = is_well(seen.state) || seen.quiet.is_some() || is_together(seen.incident);
        return if is_told { Turn::None } else { Turn::First };
    };
    let was_failing = told.state.is_failing();
    if seen.quiet.is_some() {
        let is_told = told.quiet.is_some() || is_well(seen.state);
        return if is_told { Turn::None } else { Turn::Quiet };
    }
    if let Some(quiet) = told.quiet.filter(|_| !is_well(seen.state)) {
        return Turn::Loud(quiet);
    }
    match (told.flapping, seen.flapping) {
        (false, true) => return Turn::Flaps,
        // What was told when it began stays told until it is over.
        (true, true) => return Turn::None,
        (true, false) => return Turn::Steady,
        (false, false) => {}
    }
    let was_together = is_together(told.incident);
    if told.state == seen.state {
        // Of an incident that is over its own line says who still fails.
        return Turn::None;
    }
    match (was_failing, seen.state.is_failing()) {
        // The incident says how many of it are well.
        (true, false) if was_together && is_well(seen.state) => Turn::None,
        (true, false) => Turn::Rose(told.state),
        (_, true) if is_together(seen.incident) => Turn::None,
        _ => Turn::Changed(told.state),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn told(state: State) -> Told {
        Told {
            state,
            fell: None,
            flapping: false,
            quiet: None,
            incident: None,
        }
    }

    fn flapping(state: State) -> Told {
        Told {
            flapping: true,
            ..told(state)
        }
    }

    fn quiet(state: State) -> Told {
        Told {
            quiet: Some(Quiet::Acknowledged),
            ..told(state)
        }
    }

    fn together(state: State) -> Told {
        Told {
            incident: Some(IncidentId(3)),
            ..told(state)
        }
    }

    #[rstest]
    #[case::well_at_first(None, told(State::Answering), Turn::None)]
    #[case::failing_at_first(None, told(State::Refused), Turn::First)]
    #[case::never_probed(None, told(State::Invalid), Turn::First)]
    #[case::known_to_somebody(None, quiet(State::Refused), Turn::None)]
    #[case::one_of_many(None, together(State::Refused), Turn::None)]
    #[case::falls(
        Some(told(State::Answering)),
        told(State::Refused),
        Turn::Changed(State::Answering)
    )]
    #[case::slower(
        Some(told(State::Answering)),
        told(State::Degraded),
        Turn::Changed(State::Answering)
    )]
    #[case::fails_otherwise(
        Some(told(State::Refused)),
        told(State::TimedOut),
        Turn::Changed(State::Refused)
    )]
    #[case::rises(
        Some(told(State::Refused)),
        told(State::Answering),
        Turn::Rose(State::Refused)
    )]
    #[case::the_same(Some(told(State::Refused)), told(State::Refused), Turn::None)]
    #[case::falls_with_others(Some(told(State::Answering)), together(State::Refused), Turn::None)]
    #[case::joins(Some(told(State::Refused)), together(State::Refused), Turn::None)]
    #[case::rises_with_others(Some(together(State::Refused)), told(State::Answering), Turn::None)]
    #[case::is_left_behind(Some(together(State::Refused)), told(State::Refused), Turn::None)]
    #[case::flaps(Some(told(State::Answering)), flapping(State::Refused), Turn::Flaps)]
    #[case::still_flaps(Some(flapping(State::Refused)), flapping(State::Answering), Turn::None)]
    #[case::stays(Some(flapping(State::Refused)), told(State::Refused), Turn::Steady)]
    #[case::is_noticed(Some(told(State::Refused)), quiet(State::Refused), Turn::Quiet)]
    #[case::falls_unheard(Some(quiet(State::Answering)), quiet(State::Refused), Turn::None)]
    #[case::is_heard_again(
        Some(quiet(State::Refused)),
        told(State::Refused),
        Turn::Loud(Quiet::Acknowledged)
    )]
    #[case::rises_and_is_heard(
        Some(quiet(State::Refused)),
        told(State::Answering),
        Turn::Rose(State::Refused)
    )]
    fn each_change_is_worth_its_line(
        #[case] before: Option<Told>,
        #[case] seen: Told,
        #[case] wanted: Turn,
    ) {
        let is_together = |id: Option<IncidentId>| id.is_some();
        assert_eq!(turn(before.as_ref(), &seen, is_together), wanted);
    }
}
