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
        if "\\`*[]<>#|~&$".contains(character) || (character == '_' && !within) {
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
    let (mut longest, mut row) = (0, 0);
    for character in command.chars() {
        row = if character == '`' { row + 1 } else { 0 };
        longest = longest.max(row);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{command}\n{fence}")
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
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(block("sql", "SELECT 1"), "```sql\nSELECT 1\n```");
        assert_eq!(block("", "a ```` b"), "`````\na ```` b\n`````");
    }
}
