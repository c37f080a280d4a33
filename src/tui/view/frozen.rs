//! The line that says that the view is frozen, and what it leaves out.

use std::time::Duration;

use ratatui::text::{Line, Span};

use super::lines::clip;
use crate::tui::app::App;
use crate::tui::text::duration;

/// The line; `None` while the view goes along.
pub fn line(app: &App, width: u16) -> Option<Line<'static>> {
    let (age, waiting) = app.frozen_for()?;
    let age = duration(Duration::try_from(age).unwrap_or_default());
    let waiting = match waiting {
        0 => "nothing changed since".to_owned(),
        1 => "1 change waiting".to_owned(),
        more => format!("{more} changes waiting"),
    };
    let at = app.clock();
    let text = format!(" FROZEN {at} (−{age}) · {waiting} · probing goes on · F lets go");
    let width = usize::from(width);
    let text = format!("{text:<width$}");
    Some(clip(vec![Span::styled(text, app.theme.loud())], width))
}
