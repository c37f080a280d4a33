//! The truth audit: what Browser says, what the port does and what answers there, side by
//! side, with the differences marked.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::answer;
use super::cells::{Cells, Columns};
use crate::advice::{Meaning, meaning};
use crate::diagnosis::audit::{self, Answers, Comparison, Difference};
use crate::evidence::{Audit, Browser, BrowserStatus, Listing, ResolveStatus};
use crate::monitor::Row;
use crate::target::{InstanceName, Port, Target};
use crate::tui::action::Action;
use crate::tui::app::{App, Times};
use crate::tui::glyph::Mark;
use crate::tui::keymap::Mode;
use crate::tui::text::duration;
use crate::tui::theme::Theme;
use crate::tui::view::lines::{clip, paragraph};

/// Stands before what does not fit together.
const DIFFERS: &str = "▲";
/// Columns that the marks of a line take.
const MARKS: usize = 5;
/// Stands before the instance that the row is about.
const WANTED: &str = "→";

/// All lines of an audit.
pub fn lines(app: &App, row: &Row, audit: &Audit, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let mut lines = paragraph(&taken(app, row, audit), theme.muted(), 1, width);
    if audit.listings.is_empty() {
        lines.push(Line::default());
        lines.extend(paragraph(&nowhere(audit), Style::new(), 1, width));
    }
    let target = row.instance.target.as_deref().ok();
    for (listing, comparison) in audit.listings.iter().zip(&audit::compare(audit)) {
        let sheet = Sheet {
            theme,
            width,
            target: target.filter(|_| is_own(row, listing)),
            listing,
            comparison,
        };
        lines.push(Line::default());
        lines.extend(sheet.lines());
    }
    // Of several addresses it would not be clear whose bytes they are.
    if let [only] = &audit.listings[..] {
        lines.extend(answer::bytes(theme, &only.browser, width));
    }
    lines
}

/// Whether clients of the instance go to this address too: the host may have been asked
/// by another name that has more addresses.
fn is_own(row: &Row, listing: &Listing) -> bool {
    let evidence = row.evidence.as_deref();
    let own = evidence.map_or(&[][..], |evidence| &evidence.layers.resolve.addresses);
    own.is_empty() || own.contains(&listing.address)
}

/// When it was taken: what it says may have changed since.
fn taken(app: &App, row: &Row, audit: &Audit) -> String {
    let ago = match app.times() {
        Times::Since => {
            let ago = app.now.duration_since(audit.at);
            format!("{} ago, ", duration(ago.try_into().unwrap_or_default()))
        }
        Times::OfDay => String::new(),
    };
    let at = audit
        .at
        .to_zoned(app.about.zone.clone())
        .strftime("%H:%M:%S %Z");
    let again = app.hint(Mode::Drill, Action::Discover, "asks this host again");
    let again = again.filter(|_| !row.auditing);
    let again = again.map_or(String::new(), |hint| format!("; {hint}"));
    format!("Asked {ago}at {at}{again}")
}

fn nowhere(audit: &Audit) -> String {
    let why = match audit.resolve.status {
        ResolveStatus::NotFound => "there is no such name",
        ResolveStatus::NoAddress => "the name has no address",
        ResolveStatus::TimedOut => "no DNS server answered in time",
        _ => "the name could not be resolved",
    };
    format!("Nobody could be asked: {why}.")
}

/// One address of the host.
struct Sheet<'a> {
    theme: Theme,
    width: usize,
    /// What the row is about, where its clients come to this address.
    target: Option<&'a Target>,
    listing: &'a Listing,
    comparison: &'a Comparison,
}

impl Sheet<'_> {
    /// What is wrong with Browser itself, then its instances.
    fn lines(&self) -> Vec<Line<'static>> {
        let mut lines = vec![self.head()];
        lines.extend(self.differences(&self.comparison.differences, None));
        lines.extend(answer::flaws(self.theme, &self.listing.browser, self.width));
        lines.extend(self.table());
        lines
    }

    fn head(&self) -> Line<'static> {
        let browser = &self.listing.browser;
        let mark = Mark::browser(browser);
        let head = vec![
            Span::styled(format!(" {} ", mark.glyph()), self.theme.mark(mark)),
            Span::styled(format!("{}  ", self.listing.address), self.theme.heading()),
            Span::raw(said(browser)),
            Span::raw(match self.target {
                Some(_) => "",
                None => "; not an address of this instance",
            }),
        ];
        clip(head, self.width)
    }

    /// Each instance, and under it what differs.
    fn table(&self) -> Vec<Line<'static>> {
        let missing = self.missing();
        let seen = self.comparison.lines.iter();
        let names = seen.filter_map(|line| Some(line.instance.as_ref()?.raw()));
        let names = names.chain(missing.map(InstanceName::as_str));
        let columns = Columns::of(self.width.saturating_sub(MARKS), names);
        let titles = format!("{}{}", " ".repeat(MARKS), columns.titles());
        let mut lines = vec![Line::styled(titles, self.theme.label())];
        for (at, line) in self.comparison.lines.iter().enumerate() {
            let entry = self.listing.browser.instances.get(at);
            let cells = columns.cells(self.listing, entry, line);
            lines.push(self.side_by_side(self.mark(line), self.is_wanted(line), &cells));
            lines.extend(self.differences(&line.differences, Some(line)));
        }
        if let Some(name) = missing {
            let cells = columns.unknown(&self.listing.browser, name.as_str());
            let is_absent = !self.listing.browser.instances.is_empty();
            let mark = if is_absent {
                Mark::Failed
            } else {
                Mark::NotReached
            };
            let mark = Span::styled(mark.glyph(), self.theme.mark(mark));
            lines.push(self.side_by_side(mark, true, &cells));
        }
        lines
    }

    /// One instance in three columns.
    fn side_by_side(&self, mark: Span<'static>, is_wanted: bool, cells: &Cells) -> Line<'static> {
        let heading = self.theme.heading();
        let (arrow, style) = if is_wanted {
            (WANTED, heading)
        } else {
            (" ", Style::new())
        };
        Line::from(vec![
            Span::styled(format!(" {arrow} "), heading),
            mark,
            Span::styled(format!(" {cells}"), style),
        ])
    }

    /// Whether a line fits together, in a glyph.
    fn mark(&self, line: &audit::Line) -> Span<'static> {
        if !line.differences.is_empty() {
            Span::styled(DIFFERS, self.theme.warning())
        } else if matches!(line.answers, Answers::Engine { .. }) {
            Span::styled(Mark::Good.glyph(), self.theme.good())
        } else {
            Span::styled(Mark::NotReached.glyph(), self.theme.muted())
        }
    }

    /// A port decides which instance a client reaches; a name does only where no port is
    /// given.
    fn is_wanted(&self, line: &audit::Line) -> bool {
        if let Some(name) = self.wanted_name() {
            let seen = line.instance.as_ref();
            return seen.is_some_and(|seen| name.matches(seen.raw()));
        }
        self.target.is_some_and(|target| {
            let port = Some(target.port.unwrap_or(Port::DEFAULT));
            port == line.port || port == line.advertised
        })
    }

    /// The name that a client would ask Browser for.
    fn wanted_name(&self) -> Option<&InstanceName> {
        let target = self.target.filter(|target| target.needs_browser())?;
        target.instance.as_ref()
    }

    /// The wanted instance, where no line is about it.
    fn missing(&self) -> Option<&InstanceName> {
        let is_seen = self
            .comparison
            .lines
            .iter()
            .any(|line| self.is_wanted(line));
        self.wanted_name().filter(|_| !is_seen)
    }

    /// Each difference: its word, what it means for a client, and what to do.
    fn differences(
        &self,
        differences: &[Difference],
        line: Option<&audit::Line>,
    ) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        for difference in differences {
            let Meaning { means, todo } = meaning(difference, line, self.listing.address);
            let word = format!("{DIFFERS} {}", difference.id().replace('-', " "));
            let text = format!("{word}: {means}");
            lines.extend(headed(&word, self.theme.warning(), &text, self.width));
            lines.extend(paragraph(&todo, self.theme.muted(), MARKS + 2, self.width));
        }
        lines
    }
}

/// What Browser did at this address, in a few words.
fn said(browser: &Browser) -> String {
    let count = browser.instances.len();
    let said = match (browser.status, count) {
        (_, 1) => "Browser lists 1 instance".to_owned(),
        (_, 2..) => format!("Browser lists {count} instances"),
        (BrowserStatus::Skipped, _) => "Browser was not asked".to_owned(),
        (BrowserStatus::Silent, _) => "Browser gives no answer".to_owned(),
        (BrowserStatus::Refused, _) => "nothing listens on Browser's port".to_owned(),
        (BrowserStatus::Malformed, _) => "Browser's answer cannot be read".to_owned(),
        _ => "Browser lists nothing".to_owned(),
    };
    match browser.elapsed.filter(|_| count > 0) {
        Some(elapsed) => format!("{said}, after {elapsed}"),
        None => said,
    }
}

/// A paragraph under the columns whose first words stand out.
fn headed(head: &str, style: Style, text: &str, width: usize) -> Vec<Line<'static>> {
    let mut lines = paragraph(text, Style::new(), MARKS, width);
    if let Some(first) = lines.first_mut()
        && let Some(rest) = first
            .spans
            .last()
            .and_then(|span| span.content.strip_prefix(head))
    {
        let rest = rest.to_owned();
        first.spans.pop();
        first.push_span(Span::styled(head.to_owned(), style));
        first.push_span(Span::raw(rest));
    }
    lines
}
