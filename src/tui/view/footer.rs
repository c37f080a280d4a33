//! The last line: what was just said, the field that is typed into, or the keys that work now.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::field;
use super::lines::clip;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::{Key, Row};

/// The footer, and where its keys are.
pub fn lines(app: &App, area: Rect) -> (Vec<Line<'static>>, Vec<(Rect, Action)>) {
    let width = usize::from(area.width);
    let nowhere = Vec::new;
    if let Some(typing) = app.typing() {
        return (field::lines(app, typing, width), nowhere());
    }
    if let Some(asking) = app.asking() {
        let question = Span::styled(format!(" {} ", asking.question), app.theme.warning());
        let (keys, widths) = keys(app, width);
        // A long path must not push the keys away.
        let room = width.saturating_sub(keys.width());
        let mut line = clip(vec![question], room);
        let places = places(area, line.width(), widths);
        line.extend(keys.spans);
        return (vec![line], places);
    }
    if let Some(toast) = app.toast() {
        let toast = Span::styled(format!(" {toast}"), app.theme.heading());
        return said(app, toast, area);
    }
    if !app.begun().is_empty() {
        return (vec![begun(app, width)], nowhere());
    }
    let (keys, widths) = keys(app, width);
    (vec![keys], places(area, 0, widths))
}

/// What was just said, and at the right the keys that help or lead out, where there is room for
/// both.
fn said(app: &App, toast: Span<'static>, area: Rect) -> (Vec<Line<'static>>, Vec<(Rect, Action)>) {
    let width = usize::from(area.width);
    let (keys, widths) = keys(app, 0);
    let used = toast.width() + 1 + keys.width();
    if used > width {
        return (vec![clip(vec![toast], width)], Vec::new());
    }
    let places = places(area, width - keys.width(), widths);
    let gap = width - toast.width() - keys.width();
    let mut line = Line::from(vec![toast, Span::raw(" ".repeat(gap))]);
    line.extend(keys.spans);
    (vec![line], places)
}

/// Where keys of these widths are that begin so many columns from the left.
fn places(area: Rect, from: usize, widths: Vec<(usize, Action)>) -> Vec<(Rect, Action)> {
    let columns = |wide: usize| u16::try_from(wide).unwrap_or(u16::MAX);
    let mut x = area.x.saturating_add(columns(from));
    let place = |(wide, action): (usize, Action)| {
        let width = columns(wide);
        let place = Rect { x, width, ..area }.intersection(area);
        x = x.saturating_add(width);
        (place, action)
    };
    widths.into_iter().map(place).collect()
}

/// The keys of a chord that has begun, and how it can go on.
fn begun(app: &App, width: usize) -> Line<'static> {
    let names: Vec<String> = app.begun().iter().map(|key| key.name()).collect();
    let mut line = vec![Span::styled(
        format!(" {} … ", names.join(" ")),
        app.theme.heading(),
    )];
    for (key, text) in ways_on(app) {
        line.push(Span::styled(format!(" {key} "), app.theme.label()));
        line.push(Span::raw(format!("{text} ")));
    }
    line.push(Span::styled(" esc ", app.theme.label()));
    line.push(Span::raw("give up "));
    clip(line, width)
}

/// The keys that complete what has begun.
fn ways_on(app: &App) -> Vec<(String, String)> {
    let mut ways = Vec::new();
    for row in app
        .modes()
        .into_iter()
        .flat_map(|mode| app.about.keys.all(mode))
    {
        for chord in &row.keys {
            if let Some(rest) = chord.keys().strip_prefix(app.begun())
                && !rest.is_empty()
            {
                let rest: Vec<String> = rest.iter().copied().map(Key::name).collect();
                let text = match row.short {
                    "" => row.long.to_string(),
                    short => short.to_owned(),
                };
                ways.push((rest.join(" "), text));
            }
        }
    }
    ways
}

/// The keys of this mode, as many as fit; `help`, `quit` and the way back are there in any
/// width. And how wide each is.
fn keys(app: &App, width: usize) -> (Line<'static>, Vec<(usize, Action)>) {
    let replaying = app.replay().is_some();
    let works = |binding: &&Row| {
        let is_out = replaying && binding.action.needs_a_monitor();
        !binding.short.is_empty() && !is_out && app.offers(binding.action)
    };
    let bindings: Vec<_> = app
        .modes()
        .into_iter()
        .flat_map(|mode| app.about.keys.of(mode))
        .filter(works)
        .collect();
    let pinned = |action| matches!(action, Action::Help | Action::Quit | Action::Back);
    let wide = |binding: &&Row| binding.key_shown().width() + binding.short.width() + 3;
    let mut room = width.saturating_sub(
        bindings
            .iter()
            .filter(|binding| pinned(binding.action))
            .map(wide)
            .sum(),
    );
    let mut line = Line::default();
    let mut widths = Vec::new();
    for binding in &bindings {
        if !pinned(binding.action) {
            let needed = wide(binding);
            if needed > room {
                continue;
            }
            room -= needed;
        }
        let key = binding.key_shown();
        line.push_span(Span::styled(format!(" {key} "), app.theme.label()));
        line.push_span(Span::raw(format!("{} ", binding.short)));
        widths.push((wide(binding), binding.action));
    }
    (line, widths)
}
