//! The line that says that the view is frozen, and what it leaves out.

use std::time::Duration;

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::banner;
use super::lines::clip;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Mode;
use crate::tui::text::duration;

/// The line; `None` while the view goes along.
pub fn line(app: &App, width: u16) -> Option<Line<'static>> {
    let said = said(app)?;
    let width = usize::from(width);
    let text = format!(" FROZEN {} {said} · probing goes on", app.clock());
    let lets_go = app.hint(Mode::Table, Action::Freeze, "lets go");
    let text = lets_go.map_or(text.clone(), |hint| format!("{text} · {hint}"));
    let text = format!("{text:<width$}");
    Some(clip(vec![Span::styled(text, app.theme.loud())], width))
}

/// The line where there is a banner, too: that one begins it, since a view that is frozen must
/// not hide what is wrong now; the header says that it is frozen in any case. `None` where not
/// both are to be said.
pub fn beside_the_banner(app: &App, width: u16) -> Option<Line<'static>> {
    let said = format!(" │ FROZEN {} ", said(app)?);
    let whole = banner::line(app, width)?;
    let needed: usize = text(&whole).trim_end().width();
    let room = width.saturating_sub(u16::try_from(said.width()).unwrap_or(width));
    if usize::from(room) < needed.min(ENOUGH) {
        return Some(whole);
    }
    let mut line = banner::line(app, room)?;
    line.push_span(Span::styled(said, app.theme.loud()));
    Some(line)
}

/// Columns of a banner in which it says what it is about.
const ENOUGH: usize = 40;

/// How old the view is, and what it leaves out: `(−42s) · 1 change waiting`.
fn said(app: &App) -> Option<String> {
    let (age, waiting) = app.frozen_for()?;
    let age = duration(Duration::try_from(age).unwrap_or_default());
    let waiting = match waiting {
        0 => "nothing changed since".to_owned(),
        1 => "1 change waiting".to_owned(),
        more => format!("{more} changes waiting"),
    };
    Some(format!("(−{age}) · {waiting}"))
}

fn text(line: &Line<'_>) -> String {
    line.spans
        .iter()
        .map(|span| span.content.as_ref())
        .collect()
}
