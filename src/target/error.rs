//! A target that cannot be parsed: the text, the place, and what would be right.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Why a text is no target.
///
/// ```
/// let error = sqlreach::target::parse("db1/PROD").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r"'db1/PROD': '/' does not separate the instance (at 4); use a backslash: db1\PROD"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetError {
    /// The text as given, passwords masked, control characters stripped, length limited.
    pub text: String,
    /// The bytes of `text` that are wrong.
    pub at: Range<usize>,
    /// What is wrong there.
    pub problem: String,
    /// What would be right, where that is known.
    pub hint: Option<String>,
}

impl std::error::Error for TargetError {}

impl fmt::Display for TargetError {
    /// One line: `'db1/PROD': '/' does not separate the instance (at 4); use a backslash: db1\PROD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.text.get(..self.at.start).unwrap_or(&self.text);
        write!(
            f,
            "'{}': {} (at {})",
            self.text,
            self.problem,
            before.chars().count() + 1
        )?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}
