//! What clients show for this, and what they would experience at a name with several addresses.

use crate::advice::{self, Advice};
use crate::monitor::Row;
use crate::output::markdown;

/// How many messages are quoted.
const MESSAGES: usize = 6;
/// The widest that a message is shown.
const MESSAGE: usize = 400;

pub(super) fn write(lines: &mut Vec<String>, row: &Row, advice: &Advice) {
    // Where this machine is what fails, other machines' clients show something else.
    if !advice.clients_show.is_empty() && !row.marks.stale {
        markdown::heading(lines, "What clients show");
        for shows in advice.clients_show.iter().take(MESSAGES) {
            let text = markdown::code(&shows.text, MESSAGE);
            let code = shows.code.map_or(String::new(), |code| format!(" {code}"));
            lines.push(format!("- {}{code} — {text}", shows.client));
        }
    }
    let clients = crate::output::clients_would(row);
    let groups = advice::alike(&clients);
    if groups.len() < 2 {
        return;
    }
    markdown::heading(lines, "What clients would experience");
    lines.extend([
        "DNS hands the addresses out in turns, so clients differ in how they fare:".to_owned(),
        String::new(),
        "| clients | connect in |".to_owned(),
        "|---|---|".to_owned(),
    ]);
    for (names, client) in groups {
        let (names, text) = (names.join(", "), markdown::text(&client.text, MESSAGE));
        lines.push(format!("| {names} | {text} |"));
    }
}
