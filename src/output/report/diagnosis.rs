//! The sentence, the causes with what speaks for and against them, and what is proved.

use crate::advice::{Advice, CauseAdvice};
use crate::diagnosis::{Confidence, State};
use crate::monitor::Row;
use crate::output::markdown;

/// How many causes behind the leading ones are named.
const OTHERS: usize = 3;
/// How many looks that were not taken are named.
const TESTS: usize = 3;
/// How many sentences a list has.
const SENTENCES: usize = 8;

pub(super) fn write(lines: &mut Vec<String>, row: &Row, advice: &Advice) {
    markdown::heading(lines, "Diagnosis");
    if !advice.headline.is_empty() {
        lines.push(text(&advice.headline));
    }
    let new = advice.findings.iter();
    let new = new.filter(|finding| **finding != advice.headline);
    for finding in new.take(SENTENCES) {
        lines.extend([String::new(), text(finding)]);
    }
    causes(lines, advice);
    let mut known = Vec::new();
    known.extend(told("Proved", &advice.proves));
    known.extend(told("Ruled out", &advice.rules_out));
    // No probe logs in, so no state below `ready` says anything about logins.
    if row.state.is_up() && row.state != State::Ready {
        known.push("- Not tested: the login.".to_owned());
    }
    let tests = advice.next_tests.iter().take(TESTS);
    known.extend(tests.map(|test| format!("- Not looked at: {}", text(test))));
    if !known.is_empty() {
        lines.extend([String::new(), "What is known:".to_owned(), String::new()]);
        lines.append(&mut known);
    }
}

fn causes(lines: &mut Vec<String>, advice: &Advice) {
    let leading = advice.tied.max(1).min(advice.causes.len());
    let (leading, others) = advice.causes.split_at(leading);
    if leading.len() > 1 {
        let count = leading.len();
        lines.extend([
            String::new(),
            format!(
                "**{count} causes are equally likely**: what was seen fits each of them. The looks \
                 under “What to do” tell them apart; nothing should be changed before."
            ),
        ]);
    }
    for (at, one) in leading.iter().enumerate() {
        let label = if advice.tied > 1 {
            format!("Cause {} of {}", at + 1, leading.len())
        } else {
            "Probable cause".to_owned()
        };
        cause(lines, &label, advice, one);
    }
    if others.is_empty() {
        return;
    }
    lines.extend([String::new(), "Less likely:".to_owned(), String::new()]);
    for one in others.iter().take(OTHERS) {
        let (id, sure) = (one.id, sure(one.confidence));
        let mut line = format!("- {} ({sure}, `{id}`)", text(one.title));
        for (label, said) in [("for it", &one.because), ("against it", &one.against)] {
            if let Some(said) = joined(said, &advice.headline) {
                line = format!("{line}; {label}: {said}");
            }
        }
        lines.push(line);
    }
}

fn cause(lines: &mut Vec<String>, label: &str, advice: &Advice, cause: &CauseAdvice) {
    let (id, sure, title) = (cause.id, sure(cause.confidence), text(cause.title));
    lines.extend([
        String::new(),
        format!("**{label}: {title}** ({sure}, `{id}`)"),
        String::new(),
        text(cause.means),
    ]);
    let reasons = [("Because", &cause.because), ("Against", &cause.against)];
    let mut reasons = reasons
        .into_iter()
        .filter_map(|(label, said)| Some(format!("- {label}: {}", joined(said, &advice.headline)?)))
        .peekable();
    if reasons.peek().is_some() {
        lines.push(String::new());
        lines.extend(reasons);
    }
}

/// What is said, without what the headline has just said.
fn joined(said: &[String], headline: &str) -> Option<String> {
    let new = said.iter().filter(|said| !headline.contains(said.as_str()));
    let new: Vec<String> = new.take(SENTENCES).map(|said| text(said)).collect();
    (!new.is_empty()).then(|| new.join("; "))
}

fn told(label: &str, said: &[String]) -> Option<String> {
    Some(format!("- {label}: {}", joined(said, "")?))
}

fn sure(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "confidence high",
        Confidence::Medium => "confidence medium",
        Confidence::Low => "confidence low",
    }
}

fn text(sentence: &str) -> String {
    markdown::text(sentence, usize::MAX)
}
