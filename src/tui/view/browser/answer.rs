//! What SQL Server Browser told a probe: every instance that it listed then.

use ratatui::style::Style;
use ratatui::text::Line;

use crate::evidence::{Advertised, Browser, BrowserStatus, Look};
use crate::monitor::Row;
use crate::tui::app::App;
use crate::tui::text::{left, right};
use crate::tui::theme::Theme;
use crate::tui::view::lines::{labelled, paragraph};

/// What it told, or why it was not asked.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let Some(browser) = newest(row) else {
        let text = "Browser was not asked: a client that is given a port, or the default \
                    instance, does not ask it.";
        return paragraph(text, theme.muted(), 1, width);
    };
    let mut lines = Vec::new();
    if browser.instances.is_empty() {
        let text = match browser.status {
            BrowserStatus::Refused => "Nothing listens on the Browser port: ICMP said so.",
            BrowserStatus::Malformed => "Something answered, and not as Browser does.",
            _ => {
                "No answer. Silence is Browser's only way to say no: stopped, filtered, hidden \
                  and unknown instances all look like this."
            }
        };
        lines.extend(paragraph(text, Style::new(), 1, width));
    } else {
        let title = format!(
            "   {}{}{}{}",
            left("INSTANCE", 26),
            right("TCP", 7),
            "  ",
            left("VERSION", 17)
        );
        lines.push(Line::styled(
            format!("{title}CLUSTERED  PIPE"),
            theme.heading(),
        ));
        lines.extend(
            browser
                .instances
                .iter()
                .map(|entry| self::entry(row, entry, width)),
        );
    }
    lines.extend(flaws(theme, browser, width));
    lines.extend(bytes(theme, browser, width));
    lines
}

/// What is wrong with an answer that could still be read.
pub fn flaws(theme: Theme, browser: &Browser, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for flaw in &browser.flaws {
        let text = format!("The answer has a flaw: {}", crate::target::clean(flaw, 120));
        lines.extend(paragraph(&text, theme.warning(), 1, width));
    }
    lines
}

/// An answer as it came.
pub fn bytes(theme: Theme, browser: &Browser, width: usize) -> Vec<Line<'static>> {
    let Some(hex) = &browser.reply_hex else {
        return Vec::new();
    };
    let hex = crate::target::clean(hex, 2_048);
    let mut lines = vec![Line::default()];
    lines.extend(labelled(
        "as it came",
        theme.label(),
        &hex,
        theme.muted(),
        width,
    ));
    lines
}

/// The answer with the most to show: the list, where one was asked for.
fn newest(row: &Row) -> Option<&Browser> {
    let asked = row
        .witnesses
        .iter()
        .rev()
        .find_map(|witness| match &witness.look {
            Look::BrowserList(browser) if !browser.instances.is_empty() => Some(browser),
            _ => None,
        });
    let own = row
        .evidence
        .as_deref()
        .map(|evidence| &*evidence.layers.browser);
    asked.or(own.filter(|browser| browser.status != BrowserStatus::Skipped))
}

fn entry(row: &Row, entry: &Advertised, width: usize) -> Line<'static> {
    let wanted = row
        .instance
        .target
        .as_ref()
        .ok()
        .and_then(|target| target.instance.as_ref());
    let mark = if wanted.is_some_and(|wanted| wanted.matches(entry.instance.raw())) {
        "→"
    } else {
        " "
    };
    let tcp = entry.tcp.map_or("none".into(), |port| port.to_string());
    let clustered = if entry.clustered { "yes" } else { "no" };
    let pipe = entry
        .pipe
        .as_ref()
        .map_or(String::new(), |pipe| pipe.clean(60));
    let text = format!(
        " {mark} {}{}  {}{}  {pipe}",
        left(&entry.instance.clean(25), 26),
        right(&tcp, 7),
        left(&entry.version.clean(16), 17),
        left(clustered, 9),
    );
    Line::from(crate::tui::text::cut(&text, width))
}
