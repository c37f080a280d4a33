//! Times in a note or a report: UTC, to the second where people read, finer where logs are.

use jiff::Timestamp;

use crate::evidence::Elapsed;

pub(super) fn end(at: Timestamp, elapsed: Elapsed) -> Timestamp {
    at.saturating_add(elapsed.duration()).unwrap_or(at)
}

pub(super) fn interval(at: Timestamp, elapsed: Elapsed) -> String {
    format!("{} to {}", moment(at), moment(end(at, elapsed)))
}

/// With the date, for the head of a note.
pub(super) fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Within the day that the head names.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%H:%M:%S%.3f").to_string()
}

/// When something began that was not so yet at `after` and was so at `by`.
pub(super) fn between(after: Option<Timestamp>, by: Timestamp) -> String {
    match after {
        Some(after) if second(after) == second(by) => second(by),
        Some(after) => {
            let same_day = after.strftime("%F").to_string() == by.strftime("%F").to_string();
            let by = if same_day {
                by.strftime("%H:%M:%S").to_string()
            } else {
                second(by)
            };
            format!("between {} and {by}", second(after))
        }
        None => format!("{} or earlier", second(by)),
    }
}
