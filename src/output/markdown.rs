//! Markdown that says what it holds: nothing in a text becomes markup, a link or a line.

use crate::target::clean;

/// A text as it stands in a sentence or a table cell, at most `columns` columns wide.
///
/// Every character that begins markup within a line is escaped, so that a name cannot leave
/// its cell or start a link, a tag, a formula or a code.
pub(super) fn text(text: &str, columns: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    let shown = clean(text, columns);
    let mut characters = shown.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        // Within a word an underscore is one.
        let within = before.is_alphanumeric()
            && characters
                .peek()
                .is_some_and(|after| after.is_alphanumeric());
        let is_markup = match character {
            '_' => !within,
            // Before a letter it is nothing but itself, as in `SALES01\PROD`.
            '\\' => characters
                .peek()
                .is_none_or(|after| !after.is_ascii_alphanumeric()),
            other => "`*[]<>#|~&$".contains(other),
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(character);
        before = character;
    }
    escaped
}

/// A command as a block of its own: its fence is longer than any row of backticks within.
pub(super) fn block(language: &str, command: &str) -> String {
    let command = clean(command, usize::MAX);
    let fence = "`".repeat(backticks(&command).max(2) + 1);
    format!("{fence}{language}\n{command}\n{fence}")
}

/// A text as code within a line, at most `columns` columns wide: it reads and copies as it is.
pub(super) fn code(text: &str, columns: usize) -> String {
    let shown = clean(text, columns);
    if shown.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(backticks(&shown) + 1);
    // A backtick at an end would be taken for the fence.
    let gap = if shown.starts_with('`') || shown.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{gap}{shown}{gap}{fence}")
}

/// The longest row of backticks in a text.
fn backticks(text: &str) -> usize {
    let rows = text.split(|character| character != '`');
    rows.map(str::len).max().unwrap_or_default()
}

/// The heading of a section.
pub(super) fn heading(lines: &mut Vec<String>, title: &str) {
    lines.extend([String::new(), format!("## {title}"), String::new()]);
}

/// A section of points; nothing where there is none.
pub(super) fn list(lines: &mut Vec<String>, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    heading(lines, title);
    let items = items.iter();
    lines.extend(items.map(|item| format!("- {}", text(item, usize::MAX))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_cell() {
        assert_eq!(text("a|b`c`[d](e)<f>", 40), r"a\|b\`c\`\[d\](e)\<f\>");
        assert_eq!(text("_a_b_", 40), r"\_a_b\_");
        assert_eq!(text("a\n# b\u{1b}[2J", 40), "a \\# b\u{fffd}\\[2J");
    }

    #[test]
    fn a_backslash_escapes_nothing_of_ours() {
        assert_eq!(text(r"sales01\|", 40), r"sales01\\\|");
        assert_eq!(text(r"a\_b\", 40), r"a\\\_b\\");
        assert_eq!(text(r"sales01\PROD", 40), r"sales01\PROD");
    }

    #[test]
    fn code_within_a_line_cannot_end_early() {
        assert_eq!(code(r"sales01\PROD", 40), r"`sales01\PROD`");
        assert_eq!(code("a``b`", 40), "``` a``b` ```");
        assert_eq!(code(" \n", 40), "");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(block("sql", "SELECT 1"), "```sql\nSELECT 1\n```");
        assert_eq!(block("", "a ```` b"), "`````\na ```` b\n`````");
    }
}
