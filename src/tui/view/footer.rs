//! The last line: what was just said, the field that is typed into, or the keys that work now.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::field;
use super::lines::clip;
use crate::tui::app::App;
use crate::tui::keymap;

/// The footer.
pub fn lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    if let Some(typing) = app.typing() {
        return field::lines(app, typing, width);
    }
    if let Some(asking) = app.asking() {
        let question = Span::styled(format!(" {} ", asking.question), app.theme.warning());
        let keys = keys(app, width);
        // A long path must not push the keys away.
        let room = width.saturating_sub(keys.width());
        let mut line = clip(vec![question], room);
        line.extend(keys.spans);
        return vec![line];
    }
    if let Some(toast) = app.toast() {
        let toast = Span::styled(format!(" {toast}"), app.theme.heading());
        return vec![clip(vec![toast], width)];
    }
    vec![keys(app, width)]
}

/// The keys of this mode, as many as fit; `help` and `quit` always do.
fn keys(app: &App, width: usize) -> Line<'static> {
    let replaying = app.replay().is_some();
    let works = |binding: &&keymap::Binding| {
        let is_out = replaying && binding.action.needs_a_monitor();
        !binding.short.is_empty() && !is_out && app.offers(binding.action)
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
