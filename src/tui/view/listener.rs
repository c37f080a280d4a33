//! In the tab `path`: what clients would experience at a name with several addresses.

use ratatui::style::Style;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr as _;

use super::lines::labelled;
use crate::advice::{ClientWould, clients_would};
use crate::diagnosis::listener::{Listener, Outlook};
use crate::monitor::Row;
use crate::tui::text;
use crate::tui::theme::Theme;

/// A table with a line for each generation of clients. Empty for a name with one address.
pub fn lines(theme: Theme, row: &Row, width: usize) -> Vec<Line<'static>> {
    let Some(case) = row.case() else {
        return Vec::new();
    };
    let Some(listener) = Listener::of(&case) else {
        return Vec::new();
    };
    let heading = format!(
        "{} of {} addresses open; DNS hands them out in turns",
        listener.live(),
        listener.addresses.len()
    );
    let clients = clients_would(&case);
    let names = clients.iter().map(|client| client.prospect.client.width());
    let columns = names.max().unwrap_or_default() + 2;
    let mut lines = vec![Line::default()];
    lines.extend(labelled(
        "Clients would",
        theme.label(),
        &heading,
        theme.muted(),
        width,
    ));
    lines.extend(
        clients
            .iter()
            .flat_map(|client| line(theme, client, columns, width)),
    );
    lines
}

fn line(theme: Theme, client: &ClientWould, columns: usize, width: usize) -> Vec<Line<'static>> {
    let style = match client.prospect.outlook {
        Outlook::Connects { .. } => Style::new(),
        Outlook::SometimesFails { .. } | Outlook::Fails => theme.warning(),
    };
    let head = format!("   {}", text::left(client.prospect.client, columns));
    let space = width.saturating_sub(head.width() + 1).max(8);
    let mut head = Some(head);
    let indent = " ".repeat(columns + 3);
    text::wrap(&client.text, space)
        .into_iter()
        .map(|part| {
            let head = head.take().unwrap_or_else(|| indent.clone());
            Line::from(vec![head.into(), ratatui::text::Span::styled(part, style)])
        })
        .collect()
}
