//! The newest proof of a fix: what was tried, what of it has come true, how it ended.

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::lines::{LABEL, clip, labelled};
use crate::advice::{expectation, proof};
use crate::monitor::{Ended, Expected, Proof, Row};
use crate::tui::app::App;
use crate::tui::glyph::Mark;
use crate::tui::proving;
use crate::tui::reading::Reading;
use crate::tui::text;
use crate::tui::theme::Theme;

/// The lines of the proof that is worth showing; none where there is none.
pub fn lines(app: &App, row: &Row, reading: &Reading, width: usize) -> Vec<Line<'static>> {
    let Some(proof) = proving::shown(row) else {
        return Vec::new();
    };
    let theme = app.theme;
    let title = &proof.attempt.fix;
    let mut lines = labelled("Fix", theme.label(), title, Style::new(), width);
    let (words, style) = status(theme, proof, reading, app.now);
    lines.extend(labelled("", theme.label(), &words, style, width));
    let widest = |expected: &Expected| expectation(expected.what).width();
    let column = proof.expected.iter().map(widest).max().unwrap_or(0);
    let expected = proof.expected.iter();
    lines.extend(expected.map(|expected| line(theme, proof, expected, column, width)));
    lines
}

/// How far it is, or how it ended.
fn status(theme: Theme, proof: &Proof, reading: &Reading, now: Timestamp) -> (String, Style) {
    let Some(ended) = &proof.ended else {
        let elapsed = now.duration_since(proof.began);
        let limit = proof.until.duration_since(proof.began);
        let words = proof::verifying(elapsed, limit, proof.probes, proof.seen);
        return (words, theme.heading());
    };
    match *ended {
        Ended::Fixed { after, by } => {
            let fixed = proof::fixed(after, by);
            let words = match reading.login_test() {
                Some(number) => format!("{fixed} · {number} copies the line that tests a login"),
                None => fixed,
            };
            (words, theme.good())
        }
        Ended::NotFixed { first, at } => {
            let elapsed = at.duration_since(proof.began);
            (proof::not_fixed(elapsed, first), theme.bad())
        }
        Ended::Untold { at } => {
            let elapsed = at.duration_since(proof.began);
            (proof::stopped(elapsed), theme.muted())
        }
    }
}

/// `✓ the port opens      after 38 to 42 s`, or `· the engine answers` while it does not.
fn line(
    theme: Theme,
    proof: &Proof,
    expected: &Expected,
    column: usize,
    width: usize,
) -> Line<'static> {
    let what = expectation(expected.what);
    let indent = " ".repeat(LABEL + 1);
    let Some(met) = expected.met else {
        let mark = Span::styled(Mark::NotReached.glyph(), theme.muted());
        let what = Span::raw(format!(" {what}"));
        return clip(vec![Span::raw(indent), mark, what], width);
    };
    let when = proof::came_true(proof.began, met.after, met.by);
    let spans = vec![
        Span::raw(indent),
        Span::styled("✓", theme.good()),
        Span::raw(format!(" {}", text::left(what, column))),
        Span::styled(format!("   {when}"), theme.muted()),
    ];
    clip(spans, width)
}
