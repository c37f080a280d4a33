//! A group of rows: its line in the table, and the pane under it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::lines::{clip, labelled, paragraph};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::fleet::{Summary, words};
use crate::tui::keymap::Mode;
use crate::tui::text::left;

/// Columns that a group's name is given, so that the counts stand under each other.
const NAME: usize = 22;
/// More names help nobody, and a group may have thousands.
const MOST_NAMES: usize = 200;

/// `▾ prod   5 instances   ✖ 3 refused · ● 2 answering`.
pub fn line(app: &App, group: &Summary, width: usize) -> Line<'static> {
    let mark = if group.folded { "▸ " } else { "▾ " };
    let name = crate::target::clean(words(app.fleet.grouping(), &group.name), width);
    // A longer name is shown whole where there is room; the counts give way.
    let name = if name.width() < NAME {
        left(&name, NAME)
    } else {
        format!("{name} ")
    };
    let mut spans = vec![
        Span::styled(mark, app.theme.heading()),
        Span::styled(name, app.theme.heading()),
        Span::raw(format!("{:>13}  ", instances(group.members.len()))),
    ];
    for (at, (state, count)) in group.states.iter().enumerate() {
        if at > 0 {
            spans.push(Span::styled(" · ", app.theme.muted()));
        }
        let text = format!("{} {count} {state}", state.glyph());
        spans.push(Span::styled(text, app.theme.state(*state)));
    }
    clip(spans, width)
}

/// `prod · 5 instances`, over the pane.
pub fn title(app: &App, group: &Summary) -> String {
    let name = words(app.fleet.grouping(), &group.name);
    format!("{name} · {}", instances(group.members.len()))
}

/// Who is in which state, and what the keys do here.
pub fn lines(app: &App, group: &Summary, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let members = group.members.iter().take(MOST_NAMES);
    let rows: Vec<_> = members.filter_map(|id| app.fleet.row(*id)).collect();
    let mut lines = Vec::new();
    for (state, count) in &group.states {
        let names: Vec<&str> = rows
            .iter()
            .filter(|row| row.state == *state)
            .map(|row| row.instance.name.as_str())
            .collect();
        let mut text = format!("{count}: {}", names.join(" · "));
        if names.len() < *count {
            text.push_str(" …");
        }
        let style = theme.state(*state);
        lines.extend(labelled(state.word(), style, &text, Style::new(), width));
    }
    let folds = if group.folded { "unfolds" } else { "folds" };
    if let Some(hint) = hint(app, folds) {
        lines.push(Line::default());
        lines.extend(paragraph(&hint, theme.muted(), 1, width));
    }
    lines
}

/// What the keys do here, as far as keys are bound to it.
fn hint(app: &App, folds: &str) -> Option<String> {
    let key = |action| app.key_for(Mode::Table, action);
    let this = key(Action::Fold).map(|key| format!("{key} {folds} this group"));
    let all = key(Action::CloseAll).zip(key(Action::OpenAll));
    let all = all.map(|(close, open)| format!("{close} and {open} fold and unfold all"));
    let folding: Vec<String> = [this, all].into_iter().flatten().collect();
    let probes = key(Action::Probe).map(|key| format!("{key} probes its instances"));
    let folding = (!folding.is_empty()).then(|| folding.join(", "));
    let parts: Vec<String> = [folding, probes].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("{}.", parts.join("; ")))
}

fn instances(count: usize) -> String {
    let noun = if count == 1 { "instance" } else { "instances" };
    format!("{count} {noun}")
}
