//! The last line: what was just said, the field that is typed into, or the keys that work now.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::lines::clip;
use crate::tui::app::{App, Field, Typing};
use crate::tui::keymap;

/// The footer.
pub fn line(app: &App, width: u16) -> Line<'static> {
    let width = usize::from(width);
    if let Some(typing) = app.typing() {
        return field(app, typing, width);
    }
    if let Some(toast) = app.toast() {
        return clip(
            vec![Span::styled(format!(" {toast}"), app.theme.heading())],
            width,
        );
    }
    keys(app, width)
}

/// The keys of this mode, as many as fit; `help` and `quit` always do.
fn keys(app: &App, width: usize) -> Line<'static> {
    let replaying = app.replay().is_some();
    let works = |binding: &&keymap::Binding| {
        let is_out = replaying && binding.action.needs_a_monitor();
        !binding.short.is_empty() && !is_out
    };
    let bindings: Vec<_> = app
        .modes()
        .into_iter()
        .flat_map(keymap::of)
        .filter(works)
        .collect();
    let pinned = |short: &str| short == "help" || short == "quit" || short == "back";
    let shown_keys = |binding: &keymap::Binding| match binding.short {
        "copy" => binding.keys_shown(),
        _ => binding.keys[0].name(),
    };
    let wide = |binding: &&keymap::Binding| shown_keys(binding).width() + binding.short.width() + 3;
    let mut room = width.saturating_sub(
        bindings
            .iter()
            .filter(|binding| pinned(binding.short))
            .map(wide)
            .sum(),
    );
    let mut line = Line::default();
    for binding in &bindings {
        if !pinned(binding.short) {
            let needed = wide(binding);
            if needed > room {
                continue;
            }
            room -= needed;
        }
        let key = shown_keys(binding);
        line.push_span(Span::styled(format!(" {key} "), app.theme.label()));
        line.push_span(Span::raw(format!("{} ", binding.short)));
    }
    line
}

fn field(app: &App, typing: &Typing, width: usize) -> Line<'static> {
    let label = match typing.field {
        Field::Filter => " / ",
        Field::Acknowledge(_) => " why? ",
    };
    let mut spans = vec![Span::styled(label, app.theme.label())];
    let text = typing.text();
    let cursor = typing.cursor();
    let before: String = text.chars().take(cursor).collect();
    let under: String = text.chars().skip(cursor).take(1).collect();
    let after: String = text.chars().skip(cursor + 1).collect();
    let under = if under.is_empty() {
        " ".to_owned()
    } else {
        under
    };
    spans.push(Span::raw(before));
    spans.push(Span::styled(under, app.theme.selected()));
    spans.push(Span::raw(after));
    if let Some(error) = &typing.error {
        spans.push(Span::styled(
            format!("  {}", error.problem),
            app.theme.warning(),
        ));
    } else if typing.field == Field::Filter {
        let hint = "  words  state:refused  tag:prod  host:name  -not";
        spans.push(Span::styled(hint, app.theme.muted()));
    }
    clip(spans, width)
}
