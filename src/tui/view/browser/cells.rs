//! The three columns of the truth audit, and what stands in them.

use std::fmt;

use unicode_width::UnicodeWidthStr as _;

use crate::diagnosis::audit::{Answers, Difference, Identity, Line};
use crate::evidence::{Advertised, Browser, BrowserStatus, ConnectStatus, Listing};
use crate::target::clean;
use crate::tui::text::{cut, left};

/// Between two columns.
const GAP: usize = 2;
/// Names of instances have 16 letters at most; what a Browser sends may have any number.
const LONGEST_NAME: usize = 16;
/// The longest that is said of a port: `no TCP port`.
const PORT: usize = 11;
/// Stands where there was nothing to see.
const NOTHING: &str = "—";

/// How wide the columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    name: usize,
    browser: usize,
    port: usize,
    answers: usize,
}

/// Three cells in a row, no wider than they may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells(String);

impl fmt::Display for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Columns {
    /// Columns for so much room, in which these names fit.
    pub fn of<'a>(room: usize, names: impl Iterator<Item = &'a str>) -> Self {
        let longest = names.map(|name| clean(name, LONGEST_NAME).width()).max();
        // What is said of it beside its name, and of its port.
        let (said, port, longest_name) = match room {
            ..70 => (PORT, 15, 12),
            70..100 => (PORT, 17, LONGEST_NAME),
            _ => (35, 26, LONGEST_NAME),
        };
        let name = longest.unwrap_or_default().clamp(4, longest_name);
        let browser = name + GAP + said;
        Self {
            name,
            browser,
            port,
            answers: room.saturating_sub(browser + port + 2 * GAP),
        }
    }

    /// The titles of the columns.
    pub fn titles(&self) -> Cells {
        self.row(["BROWSER SAYS", "THE PORT", "WHAT ANSWERS"].map(str::to_owned))
    }

    /// What Browser says, what the port did, and what answers. `entry` is what Browser
    /// lists on this line.
    pub fn cells(&self, listing: &Listing, entry: Option<&Advertised>, line: &Line) -> Cells {
        self.row([
            self.browser(&listing.browser, entry, line),
            self.port(listing, line),
            self.answers(line),
        ])
    }

    /// A line for an instance of which nothing is known.
    pub fn unknown(&self, browser: &Browser, name: &str) -> Cells {
        let name = left(&clean(name, self.name), self.name);
        let said = not_listed(browser);
        self.row([format!("{name}  {said}"), NOTHING.into(), NOTHING.into()])
    }

    fn row(&self, [browser, port, answers]: [String; 3]) -> Cells {
        Cells(format!(
            "{}  {}  {}",
            left(&browser, self.browser),
            left(&port, self.port),
            cut(&answers, self.answers)
        ))
    }

    fn browser(&self, browser: &Browser, entry: Option<&Advertised>, line: &Line) -> String {
        let name = line.instance.as_ref();
        let name = name.map_or_else(|| NOTHING.to_owned(), |name| name.clean(self.name));
        let name = left(&name, self.name);
        let port = match (line.advertised, line.listed) {
            (Some(port), _) => format!("tcp {port}"),
            (None, true) => "no TCP port".to_owned(),
            (None, false) => not_listed(browser).to_owned(),
        };
        let version = entry.map(|entry| entry.version.clean(15));
        let clustered = entry.filter(|entry| entry.clustered);
        let facts = [
            Some(left(&port, PORT)),
            version.filter(|version| !version.is_empty()),
            clustered.map(|_| "clustered".to_owned()),
        ];
        let room = self.browser.saturating_sub(self.name + GAP);
        format!("{name}  {}", fit(facts, room))
    }

    fn port(&self, listing: &Listing, line: &Line) -> String {
        let Some(port) = line.port else {
            return NOTHING.to_owned();
        };
        let did = match line.connect {
            ConnectStatus::Open => "opens",
            ConnectStatus::Refused => "refuses",
            ConnectStatus::TimedOut => "timed out",
            ConnectStatus::Unreachable => "unreachable",
            ConnectStatus::Blocked => "blocked",
            ConnectStatus::Exhausted | ConnectStatus::Skipped => "not tried",
        };
        let mut doors = listing.doors.iter().filter(|door| door.port == port);
        let door = doors.find(|door| door.attempt.status == line.connect);
        let tried = door.filter(|door| door.attempt.status != ConnectStatus::Skipped);
        let facts = [
            Some(format!("{port} {did}")),
            tried.map(|door| door.attempt.elapsed.to_string()),
        ];
        fit(facts, self.port)
    }

    fn answers(&self, line: &Line) -> String {
        let facts = match line.answers {
            Answers::NotAsked => [Some(NOTHING.to_owned()), None, None],
            Answers::Engine { version, identity } => [
                Some(who(line, identity)),
                version.map(|version| version.to_string()),
                version.and_then(|version| version.product().map(str::to_owned)),
            ],
            Answers::Silence => [Some("says nothing".to_owned()), None, None],
            Answers::HangUp => [Some("hangs up".to_owned()), None, None],
            Answers::Service { .. } => [Some("not SQL Server".to_owned()), None, None],
            Answers::Error { number } => [Some(format!("error {number}")), None, None],
            Answers::Nonsense => [Some("nonsense".to_owned()), None, None],
        };
        fit(facts, self.answers)
    }
}

/// Whose engine it is, as far as it says so.
fn who(line: &Line, identity: Identity) -> String {
    let other = line
        .differences
        .iter()
        .find_map(|difference| match difference {
            Difference::OtherInstance { who, .. } => who.as_ref(),
            _ => None,
        });
    match (identity, &line.instance, other) {
        (Identity::Yes, Some(name), _) => name.clean(LONGEST_NAME),
        (Identity::No, _, Some(other)) => other.clean(LONGEST_NAME),
        (Identity::No, _, None) => "another one".to_owned(),
        (Identity::Yes | Identity::Unproven, ..) => "an engine".to_owned(),
    }
}

fn not_listed(browser: &Browser) -> &'static str {
    match browser.status {
        _ if !browser.instances.is_empty() => "not listed",
        BrowserStatus::Skipped => "not asked",
        BrowserStatus::Silent | BrowserStatus::Refused => "no answer",
        _ => "not listed",
    }
}

/// As many facts as have room, the first always: what matters least comes last.
fn fit<const N: usize>(facts: [Option<String>; N], room: usize) -> String {
    let mut shown = String::new();
    for fact in facts.into_iter().flatten() {
        if shown.is_empty() {
            shown = fact;
        } else if shown.width() + GAP + fact.width() <= room {
            shown.push_str(&" ".repeat(GAP));
            shown.push_str(&fact);
        } else {
            break;
        }
    }
    shown
}
