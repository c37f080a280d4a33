//! One line for what happened to one instance, and the command to type first.

use jiff::Timestamp;

use super::Part;
use super::told::{Quiet, Turn};
use crate::advice::Shell;
use crate::evidence::in_few_letters;
use crate::monitor::Row;
use crate::target::clean;
use crate::tui::app::App;
use crate::tui::reading::Reading;
use crate::tui::text::flapping;
use crate::tui::view::confidence;

/// A name is cut here.
const NAME: usize = 80;

/// The words for a turn, and the command; `None` where it is not worth any.
pub(super) fn of(
    row: &Row,
    turn: Turn,
    fell: Option<Timestamp>,
    app: &App,
) -> Option<(String, Option<String>)> {
    let name = clean(&row.instance.name, NAME);
    let state = row.state;
    let what = match turn {
        Turn::None => return None,
        Turn::Flaps => {
            let how = row.flapping().map_or_else(String::new, flapping);
            let told = format!("{name} {how}; not told again until it stays as it is");
            return Some((told, None));
        }
        Turn::Quiet => {
            let marks = &row.marks;
            let quiet = match (&marks.acknowledged, &marks.maintenance) {
                (Some(taken), _) => format!("acknowledged, {}", app.acknowledged_words(taken)),
                (None, Some(window)) => {
                    format!("in maintenance, {}", app.maintenance_words(window))
                }
                (None, None) => return None,
            };
            return Some((format!("{name} {state}, {quiet}"), None));
        }
        Turn::Rose(from) => {
            let to = row.since.first_seen.unwrap_or(app.now);
            let after =
                fell.map_or_else(String::new, |fell| format!(" after {}", length(fell, to)));
            format!("{name} {state} again{after} (was {from})")
        }
        Turn::First => {
            let (since, at_least) = row.since.duration(app.now).unwrap_or_default();
            let since = match row.since.first_seen {
                Some(_) if at_least => format!(" for {} or longer", in_few_letters(since)),
                Some(_) => format!(" for {}", in_few_letters(since)),
                None => String::new(),
            };
            format!("{name} {state}{since}")
        }
        Turn::Changed(from) => format!("{name} {state} (was {from})"),
        Turn::Steady => format!("{name} {state}, no longer flapping"),
        Turn::Loud(Quiet::Acknowledged) => format!("{name} {state}, no longer acknowledged"),
        Turn::Loud(Quiet::Maintenance) => format!("{name} {state}, and its maintenance is over"),
    };
    if super::is_well(state) {
        return Some((what, None));
    }
    let Some(reading) = Reading::of(row, None) else {
        return Some((what, None));
    };
    Some((format!("{what}{}", why(&reading)), command(&reading)))
}

/// `: nothing accepts connections there; most likely: the instance is stopped (high)`.
fn why(reading: &Reading) -> String {
    let advice = reading.advice();
    let mut said = String::new();
    if !advice.headline.is_empty() {
        said = format!(": {}", advice.headline.trim_end_matches('.'));
    }
    if let Some(first) = advice.causes.first() {
        let likely = if advice.tied > 1 {
            "perhaps"
        } else {
            "most likely"
        };
        let sure = confidence(first.confidence);
        let title = first.title.trim_end_matches('.');
        said = format!("{said}; {likely}: {title} ({sure})");
    }
    said
}

/// The first command, marked as in a shell where it is one. Never more than a line.
pub(super) fn command(reading: &Reading) -> Option<String> {
    let commands = reading.commands();
    let first = commands.first()?;
    let mark = match first.command.shell {
        Shell::Text => '-',
        _ => '$',
    };
    let text: Vec<&str> = first.command.text.lines().map(str::trim).collect();
    let text = clean(&text.join(" "), usize::MAX);
    Some(format!("{mark} {text}   ({})", first.about()))
}

/// How long it was from one moment to another.
pub(super) fn length(from: Timestamp, to: Timestamp) -> String {
    let span = to.duration_since(from);
    in_few_letters(span.try_into().unwrap_or_default())
}

/// One thing that happened to several.
pub(super) fn part(at: Timestamp, text: String, command: Option<String>) -> Part {
    Part { at, text, command }
}
