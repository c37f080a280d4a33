//! The menu of what can be copied from the selected instance, and writing it to a file.

use super::App;
use crate::advice;
use crate::monitor::{InstanceId, Row};
use crate::tui::action::Effect;
use crate::tui::menu::{self, Item};
use crate::tui::reading::Reading;

impl App {
    /// Opens the menu, or closes it.
    pub(super) fn copy_menu(&mut self) -> Option<Effect> {
        if self.menu.take().is_some() {
            return None;
        }
        if self.fleet.selected().is_some() {
            self.menu = Some(Item::Name);
        } else {
            self.say("select an instance to copy from");
        }
        None
    }

    /// The selected line of the menu, while it is open.
    pub fn menu(&self) -> Option<Item> {
        self.menu
    }

    /// What the menu has for the selected instance, each with its text. Rendered for every
    /// drawing while the menu is open, and not otherwise.
    pub fn copyable(&self) -> Vec<(Item, String)> {
        let items = Item::ALL.into_iter();
        items
            .filter_map(|item| Some((item, self.text_of(item)?)))
            .collect()
    }

    /// Selects another line.
    pub(super) fn walk_menu(&mut self, from: Item, by: isize) {
        let copyable = self.copyable();
        let items: Vec<Item> = copyable.into_iter().map(|(item, _)| item).collect();
        self.menu = menu::step(&items, from, by);
    }

    /// Copies a line of the menu, and closes it.
    pub(super) fn pick(&mut self, item: Item) -> Option<Effect> {
        let (text, what, _) = self.chosen(item)?;
        self.menu = None;
        Some(Effect::Copy { text, what })
    }

    /// Writes the selected line of the menu to a file; without a menu the report.
    pub(super) fn write(&mut self) -> Option<Effect> {
        let (text, what, about) = self.chosen(self.menu.unwrap_or(Item::Report))?;
        self.menu = None;
        Some(Effect::Write { text, what, about })
    }

    /// Shows the selected line of the menu by itself.
    pub(super) fn show_plain(&mut self) -> Option<Effect> {
        let (text, what, _) = self.chosen(self.menu?)?;
        let text = crate::tui::clipboard::plain(&text);
        self.show(format!("{what}, to be selected by hand"), text);
        None
    }

    /// The text, what it is, and the name of the instance.
    fn chosen(&mut self, item: Item) -> Option<(String, String, String)> {
        let row = self.fleet.selected()?;
        let name = row.instance.name.clone();
        let Some(text) = self.text_of(item) else {
            self.say(match item {
                Item::Incident => format!("{name} is in no incident"),
                _ => format!("there is no {} for {name} yet", item.label()),
            });
            return None;
        };
        let what = match (item, self.incident(row)) {
            (Item::Incident, Some(incident)) => {
                format!("note on {} instances", incident.members.len())
            }
            (Item::Report, _) => format!("report on {name}"),
            _ => format!("{} of {name}", item.label()),
        };
        Some((text, what, name))
    }

    fn text_of(&self, item: Item) -> Option<String> {
        let row = self.fleet.selected()?;
        match item {
            Item::Name => Some(row.instance.name.clone()),
            Item::Server => server(row),
            Item::ConnectionString => {
                let declared = &row.instance.declared;
                Some(advice::connection_string(&server(row)?, declared))
            }
            Item::LoginTest => {
                let test = advice::login_test(&row.case()?)?;
                let platform = self.reading()?.platform();
                let mut commands = test.commands.into_iter();
                let command = commands.find(|command| command.platform == platform)?;
                Some(command.text.into_owned())
            }
            Item::Cause => Some(cause(self.reading()?)),
            Item::Report => Some(self.report_text(row)),
            Item::Incident => self.note_text(row),
        }
    }

    /// With the commands for the platform that the user chose, if any was chosen.
    fn report_text(&self, row: &Row) -> String {
        let platform = self.platform.and(self.reading()).map(Reading::platform);
        let incident = self.incident(row).map(AsRef::as_ref);
        (self.about.report)(row, self.now, platform, incident)
    }

    fn note_text(&self, row: &Row) -> Option<String> {
        let incident = self.incident(row)?;
        let members = incident.members.iter().copied().map(InstanceId);
        let rows: Vec<Row> = members
            .filter_map(|id| self.fleet.row(id))
            .map(|row| Row::clone(row))
            .collect();
        Some((self.about.note)(incident, &rows))
    }
}

fn server(row: &Row) -> Option<String> {
    let target = row.instance.target.as_ref().ok()?;
    advice::server(target, row.case().as_ref())
}

/// The headline, and the likeliest cause where one is known; of a tie all of it.
fn cause(reading: &Reading) -> String {
    let advice = reading.advice();
    let mut text = advice.headline.clone();
    let tied = advice.tied.max(1);
    for (at, cause) in advice.causes.iter().take(tied).enumerate() {
        let begins = match (at, tied) {
            (0, 1) => " Most likely: ",
            (0, _) => " Equally likely: ",
            _ => " Or: ",
        };
        text.push_str(begins);
        text.push_str(cause.title.trim_end_matches('.'));
        text.push('.');
    }
    text
}
