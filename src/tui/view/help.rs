//! The help, from the key map, and what the glyphs mean.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::lines::labelled;
use crate::diagnosis::State;
use crate::tui::app::App;
use crate::tui::glyph::Mark;
use crate::tui::help::Entry;

/// All lines of the help.
pub fn lines(app: &App, entries: &[Entry]) -> Vec<Line<'static>> {
    let theme = app.theme;
    let width = app
        .layout()
        .map_or(80, |layout| usize::from(layout.body().width));
    let mut lines = Vec::new();
    for entry in entries {
        if entry.keys.is_empty() {
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            lines.push(Line::styled(
                format!(" Keys {}", entry.text),
                theme.heading(),
            ));
        } else {
            lines.extend(labelled(
                &entry.keys,
                theme.label(),
                &entry.text,
                Style::new(),
                width,
            ));
        }
    }
    if !app.searched().is_empty() {
        if lines.is_empty() {
            let nothing = format!(" nothing in the help holds '{}'", app.searched());
            lines.push(Line::styled(nothing, theme.muted()));
        }
        return (lines.into_iter())
            .map(|line| marked(line, app.searched()))
            .collect();
    }
    if let Some(policy) = &app.about.policy {
        lines.push(Line::default());
        lines.extend(labelled(
            "policy",
            theme.label(),
            policy,
            Style::new(),
            width,
        ));
    }
    lines.push(Line::default());
    lines.push(Line::styled(
        " Layers: DNS name · BRW Browser · TCP port · SQL engine",
        theme.heading(),
    ));
    let marks = [
        (Mark::Good, "works"),
        (Mark::Partial, "works in part, or late"),
        (Mark::Failed, "failed, and something said so"),
        (Mark::Late, "nothing came back in time"),
        (Mark::NotReached, "not reached, or not needed"),
    ];
    for (mark, text) in marks {
        lines.push(Line::from(vec![
            Span::styled(format!(" {:<13}", mark.glyph()), theme.mark(mark)),
            Span::raw(text),
        ]));
    }
    lines.push(Line::default());
    lines.push(Line::styled(" States, worst first", theme.heading()));
    for state in State::ALL {
        let label = format!("{} {state}", state.glyph());
        lines.extend(labelled(
            &label,
            theme.state(state),
            meaning(state),
            Style::new(),
            width,
        ));
    }
    lines.push(Line::default());
    let text = "~ the newest probe saw something else; it counts when a second one agrees. \
                ? stale: this machine lost its network, or the probe is overdue. ✓ acknowledged. ◷ maintenance. ⇅ flapping.";
    lines.extend(labelled("marks", theme.label(), text, Style::new(), width));
    lines
}

/// The line with what was looked for underlined: seen without colours, too.
fn marked(line: Line<'static>, text: &str) -> Line<'static> {
    let mut marked = Line::default().style(line.style);
    for span in line.spans {
        let (whole, style) = (span.content.into_owned(), span.style);
        // Small ASCII letters stand where the large ones stood.
        let lower = whole.to_ascii_lowercase();
        let places: Vec<usize> = lower.match_indices(text).map(|(at, _)| at).collect();
        let mut done = 0;
        for at in places {
            let end = at + text.len();
            marked.push_span(Span::styled(whole[done..at].to_owned(), style));
            let found = style.add_modifier(Modifier::UNDERLINED | Modifier::BOLD);
            marked.push_span(Span::styled(whole[at..end].to_owned(), found));
            done = end;
        }
        marked.push_span(Span::styled(whole[done..].to_owned(), style));
    }
    marked
}

fn meaning(state: State) -> &'static str {
    match state {
        State::Unresolved => "the name gives no address",
        State::NotLocated => "a named instance, and Browser gives no port",
        State::Unreachable => "a device or this machine says that there is no way",
        State::Blocked => "this machine's own policy forbids it",
        State::TimedOut => "nothing comes back",
        State::Refused => "the port refuses",
        State::Silent => "the port opens and the engine does not answer",
        State::HungUp => "the port opens, then the connection ends without an answer",
        State::NotSql => "another service answers",
        State::WrongInstance => "another instance answers",
        State::TlsFailed => "the TLS handshake fails",
        State::LoginFailed => "the login fails",
        State::Degraded => "it answers, with something that clients will trip over",
        State::Answering => "the engine answers; a login is not tested",
        State::Ready => "everything that is tested works, login included",
        State::Open => "the port opens; the engine is not asked",
        State::Pending => "no result yet",
        State::Invalid => "cannot be parsed, or not reached over TCP",
    }
}
