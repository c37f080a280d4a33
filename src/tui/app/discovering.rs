//! Asking a host for everything it has, and what is said while it is asked.

use jiff::Timestamp;

use super::{App, Tab};
use crate::diagnosis::audit::{Comparison, compare};
use crate::evidence::Audit;
use crate::monitor::{Command, InstanceId, News, Row};
use crate::tui::action::{Action, Effect};
use crate::tui::keymap::Mode;

/// A host that is being asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// For which instance.
    id: InstanceId,
    /// When it was asked before.
    known: Option<Timestamp>,
}

impl Asked {
    /// For the first time.
    pub(super) fn new(id: InstanceId) -> Self {
        Self { id, known: None }
    }
}

impl App {
    /// Asks the host of the selected instance, where there is one to ask.
    pub(super) fn discover(&mut self) -> Option<Effect> {
        let row = self.fleet.selected()?;
        let (id, auditing, known) = (row.id, row.auditing, audited(row));
        let host = match host(row) {
            Ok(host) => host,
            Err(why) => {
                self.say(format!("nothing is asked: {why}"));
                return None;
            }
        };
        if auditing {
            let said = format!("{host} is being asked already");
            self.toast.begin(said, self.read_at);
            return None;
        }
        let said = format!("asking Browser on {host}…");
        self.toast.begin(said, self.read_at);
        self.asked = Some(Asked { id, known });
        Some(Effect::Send(Command::Discover(id)))
    }

    /// What to say of the host that was asked for last, if these are the news that it
    /// has been.
    pub(super) fn discovered(&mut self, news: &News) -> Option<String> {
        let Asked { id: asked, known } = self.asked?;
        let new = news.rows.iter().find(|row| row.id == asked)?;
        let old = self.fleet.row(asked)?;
        // The answer may be there before the asking ends.
        let is_new = new.audit.is_some() && audited(new) != known;
        if new.auditing || !(old.auditing || is_new) {
            return None;
        }
        self.asked = None;
        let host = host(new).ok()?;
        let Some(audit) = new.audit.as_deref().filter(|_| is_new) else {
            return Some(self.hinted(
                &format!("{host} was not asked to the end"),
                Mode::Table,
                Action::Discover,
                "asks again",
            ));
        };
        let is_shown =
            self.tab == Tab::Browser && self.drilled().is_some_and(|row| row.id == asked);
        let hint = if is_shown {
            ""
        } else {
            "; see the tab browser"
        };
        Some(format!("{host}: {}{hint}", outcome(audit)))
    }
}

/// The host of an instance, or why it cannot be asked.
fn host(row: &Row) -> Result<String, String> {
    let name = &row.instance.name;
    match &row.instance.target {
        Err(_) => Err(format!("{name} is no server name")),
        Ok(target) if target.over_tcp().is_err() => Err(format!("{name} is not reached over TCP")),
        Ok(target) => Ok(target.host.to_string()),
    }
}

/// When its host was asked last.
fn audited(row: &Row) -> Option<Timestamp> {
    row.audit.as_ref().map(|audit| audit.at)
}

fn outcome(audit: &Audit) -> String {
    if audit.listings.is_empty() {
        return "its name gives no address".to_owned();
    }
    let comparisons = compare(audit);
    let differences = comparisons.iter().flat_map(Comparison::all);
    match differences.count() {
        0 => "nothing contradicts what Browser says".to_owned(),
        1 => "1 difference".to_owned(),
        more => format!("{more} differences"),
    }
}
