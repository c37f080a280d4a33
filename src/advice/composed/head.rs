//! The words of a cause around its fixes and its reasons.

use serde_json::Error;

use super::{Escape, halves};
use crate::advice::render::without_fixes;
use crate::advice::said;
use crate::diagnosis::{Case, Cause, CauseId, Confidence, Said};

/// A cause as JSON, cut where its reasons and its fixes go.
pub(super) struct Head {
    confidence: Confidence,
    before_because: Vec<u8>,
    before_against: Vec<u8>,
    before_fixes: Vec<u8>,
    pub(super) tail: Vec<u8>,
}

impl Head {
    pub(super) fn of(cause: CauseId, confidence: Confidence) -> Result<Self, Error> {
        let json = serde_json::to_string(&without_fixes(cause, confidence))?;
        let (before_because, rest) = halves(&json, "\"because\":[]");
        let (before_against, rest) = halves(rest, "\"against\":[]");
        let (before_fixes, tail) = halves(rest, "\"fixes\":[]");
        // The list of fixes brings its own brackets.
        let before_fixes = before_fixes.trim_end_matches('[');
        let tail = tail.trim_start_matches(']');
        let [before_because, before_against, before_fixes, tail] =
            [before_because, before_against, before_fixes, tail].map(Into::into);
        Ok(Self {
            confidence,
            before_because,
            before_against,
            before_fixes,
            tail,
        })
    }

    pub(super) fn is_for(&self, confidence: Confidence) -> bool {
        self.confidence == confidence
    }

    /// Writes all that stands before the fixes.
    pub(super) fn write(&self, found: &Cause, case: &Case<'_>, escape: Escape, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.before_because);
        write_all(&found.because, case, escape, out);
        out.extend_from_slice(&self.before_against);
        write_all(&found.against, case, escape, out);
        out.extend_from_slice(&self.before_fixes);
    }
}

fn write_all(said: &[Said], case: &Case<'_>, escape: Escape, out: &mut Vec<u8>) {
    for (nth, said) in said.iter().enumerate() {
        out.extend_from_slice(if nth == 0 { b"\"" } else { b",\"" });
        escape(&said::sentence(said, case), out);
        out.push(b'"');
    }
}
