//! The tab `path`: a waterfall, then each layer with its time, and everything it saw.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::lines::labelled;
use crate::advice::seen;
use crate::evidence::Evidence;
use crate::monitor::Row;
use crate::tui::app::App;
use crate::tui::glyph::Mark;
use crate::tui::theme::Theme;

/// All lines of the tab.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let Some(evidence) = row.evidence.as_deref() else {
        return vec![Line::styled(" no result yet", theme.muted())];
    };
    let [dns, brw, tcp, sql] = Mark::of(&evidence.layers);
    let layers = &evidence.layers;
    let mut lines = vec![at(app, evidence)];
    lines.extend(super::waterfall::lines(app, evidence, width));
    lines.push(Line::default());
    lines.extend(layer(
        theme,
        dns,
        "resolve",
        &seen::resolve(&layers.resolve),
        width,
    ));
    lines.extend(layer(
        theme,
        brw,
        "browser",
        &seen::browser(&layers.browser),
        width,
    ));
    lines.extend(layer(
        theme,
        tcp,
        "connect",
        &seen::connect(&layers.connect, row.surroundings.vantage.senders),
        width,
    ));
    lines.extend(layer(
        theme,
        sql,
        "prelogin",
        &seen::prelogin(&layers.prelogin),
        width,
    ));
    lines.extend(super::listener::lines(theme, row, width));
    if !row.witnesses.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled(" Looked at besides", theme.label()));
        for witness in row.witnesses.iter() {
            for text in seen::witness(witness, row.surroundings.vantage.senders) {
                lines.extend(labelled("", Style::new(), &text, Style::new(), width));
            }
        }
    }
    lines
}

fn at(app: &App, evidence: &Evidence) -> Line<'static> {
    let at = evidence
        .at
        .to_zoned(app.about.zone.clone())
        .strftime("%H:%M:%S%.3f %Z")
        .to_string();
    Line::styled(
        format!(" probed at {at}, {} in all", evidence.elapsed),
        app.theme.muted(),
    )
}

fn layer(
    theme: Theme,
    mark: Mark,
    name: &str,
    facts: &[String],
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (at, fact) in facts.iter().enumerate() {
        let label = if at == 0 {
            format!("{} {name}", mark.glyph())
        } else {
            String::new()
        };
        let mut wrapped = labelled(&label, theme.mark(mark), fact, Style::new(), width);
        lines.append(&mut wrapped);
    }
    if lines.is_empty() {
        lines.push(Line::from(vec![
            Span::styled(format!(" {} {name:<13}", mark.glyph()), theme.mark(mark)),
            Span::styled("not reached, or not needed", theme.muted()),
        ]));
    }
    lines
}
