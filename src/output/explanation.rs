//! What `explain` prints, for people and for scripts.

use std::io::{self, Write};

use serde_json::ser::PrettyFormatter;

use super::json::write_value;
use super::text::{Dress, mark};
use crate::explain::{Explanation, Told, told};

/// Writes it for people.
pub fn text(out: &mut impl Write, explanation: &Explanation, dress: Dress) -> io::Result<()> {
    let (on, off) = dress.command();
    for line in told(explanation) {
        match line {
            Told::Verdict(text) => writeln!(out, "{on}{text}{off}")?,
            Told::Line { label, text } => writeln!(out, "    {label:<11} {text}")?,
            Told::Command {
                is_typed,
                text,
                about,
            } => {
                let mark = mark(is_typed);
                writeln!(out, "                {mark} {on}{text}{off}   ({about})")?;
            }
        }
    }
    Ok(())
}

/// Writes it as one JSON document.
pub fn document(out: &mut impl Write, explanation: &Explanation) -> io::Result<()> {
    write_value(out, explanation, PrettyFormatter::new())
}
