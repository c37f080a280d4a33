//! What of the newest audit of the host does not fit together.

use crate::advice::meaning;
use crate::diagnosis::audit::compare;
use crate::monitor::Row;
use crate::output::markdown;
use crate::output::moments::second;

/// How many differences are told.
const DIFFERENCES: usize = 6;

pub(super) fn write(lines: &mut Vec<String>, row: &Row) {
    let Some(audit) = row.audit.as_deref() else {
        return;
    };
    let compared = compare(audit);
    let differences: Vec<String> = compared
        .iter()
        .flat_map(|compared| {
            compared.all().map(|(line, difference)| {
                let words = meaning(difference, line, compared.address);
                let said = format!("{} {}", words.means, words.todo);
                format!(
                    "- **{}** at {}: {}",
                    difference.id().replace('-', " "),
                    compared.address,
                    markdown::text(said.trim(), usize::MAX)
                )
            })
        })
        .collect();
    if differences.is_empty() {
        return;
    }
    markdown::heading(lines, "Differences on the host");
    lines.extend([
        format!(
            "What Browser lists, what is open and what answers, at {} (UTC):",
            second(audit.at)
        ),
        String::new(),
    ]);
    let more = differences.len().saturating_sub(DIFFERENCES);
    lines.extend(differences.into_iter().take(DIFFERENCES));
    if more > 0 {
        lines.push(format!("- {more} more: see `sqlreach discover`."));
    }
}
