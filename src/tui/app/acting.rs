//! What each action does to the screen's state.

use super::{App, Field, LABELS, Tab, Typing, View};
use crate::monitor::{Command, InstanceId};
use crate::tui::action::{Action, Effect};
use crate::tui::filter::Filter;
use crate::tui::keymap::Mode;
use crate::tui::menu::Item;
use crate::tui::proving;

impl App {
    /// Carries out an action.
    pub fn act(&mut self, action: Action) -> Option<Effect> {
        if action.needs_a_monitor() && self.replay.is_some() {
            self.cannot_be_probed();
            return None;
        }
        if let Some(instead) = self.instead_of_a_group(action) {
            self.say(instead);
            return None;
        }
        let effect = match action {
            Action::Quit => Some(Effect::Quit),
            Action::Suspend => Some(Effect::Suspend),
            Action::Redraw => Some(Effect::Redraw),
            Action::Play(control) => Some(Effect::Play(control)),
            Action::Down => self.walk(1),
            Action::Up => self.walk(-1),
            Action::PageDown => self.walk(self.page()),
            Action::PageUp => self.walk(-self.page()),
            Action::First => self.walk(isize::MIN),
            Action::Last => self.walk(isize::MAX),
            Action::Enter => self.enter(),
            Action::Back => self.back(),
            Action::NextTab => self.turn(1),
            Action::PreviousTab => self.turn(Tab::ALL.len() - 1),
            Action::NextInstance => self.page_through(1),
            Action::PreviousInstance => self.page_through(-1),
            Action::Window => self.next_window(),
            Action::Probe => self.probe(),
            Action::Verify => self.verify(),
            Action::ProbeShown => self.probe_shown(),
            Action::Discover if self.fleet.is_empty() => self.ask_for_a_host(),
            Action::Discover => self.discover(),
            Action::Import => self.ask_for_a_file(),
            Action::Save => self.keep_session(),
            Action::Demo => self.demo(),
            Action::Copy(number) => self.copy(number),
            Action::CopyReport => self.pick(Item::Report),
            Action::CopyIncident => self.pick(Item::Incident),
            Action::CopyMenu => self.copy_menu(),
            Action::Pick(item) => self.pick(item),
            Action::Write => self.write(),
            Action::Plain => self.show_plain(),
            Action::Platform => self.next_platform(),
            Action::Clear if self.form.is_some() => {
                self.clear_field();
                None
            }
            Action::Explain | Action::Clear => self.explain(),
            Action::Add => self.add(),
            Action::Edit => self.edit(),
            Action::Remove => self.remove(),
            Action::Yes if self.review.is_some() => self.accept_review(),
            Action::Yes => self.yes(),
            Action::NextField => self.next_field(1),
            Action::PreviousField => self.next_field(LABELS.len() - 1),
            Action::Reload => Some(Effect::Reload),
            Action::ProbeNamed => self.probe_named(),
            Action::Filter => self.filter_or_search(),
            Action::Sort => self.sort_by_next_column(),
            Action::Older => self.recall(true),
            Action::Newer => self.recall(false),
            Action::Reverse => self.reverse(),
            Action::Group => self.group_by_next(),
            Action::Fold => self.fold_or_unfold(),
            Action::Close => self.fold(true),
            Action::Open => self.fold(false),
            Action::CloseAll => self.fold_all(true),
            Action::OpenAll => self.fold_all(false),
            Action::Columns if self.choosing.is_some() => self.back(),
            Action::Columns => self.choose_columns(),
            Action::Toggle if self.review.is_some() => {
                self.toggle_review();
                None
            }
            Action::Toggle => self.toggle_column(),
            Action::Earlier => self.move_column(-1),
            Action::Later => self.move_column(1),
            Action::CopyColumns => Some(self.copy_columns()),
            Action::Problems => {
                self.fleet.toggle_problems();
                None
            }
            Action::Pause => {
                self.paused = !self.paused;
                Some(Effect::Send(Command::Pause(self.paused)))
            }
            Action::Acknowledge => self.acknowledge(),
            Action::Times => self.switch_times(),
            Action::Zone => self.switch_zone(),
            Action::Freeze => self.freeze_or_thaw(),
            Action::Help => self.help_or_back(),
            Action::Mouse => self.mouse_on_or_off(),
        };
        self.settle();
        effect
    }

    /// Whether the action has something to work on right now: what the footer leaves out.
    pub fn offers(&self, action: Action) -> bool {
        let selected = self.fleet.selected();
        if self.fleet.is_empty() && action.needs_a_row() {
            return false;
        }
        match action {
            Action::CopyIncident | Action::Pick(Item::Incident) => {
                selected.is_some_and(|row| self.incident(row).is_some())
            }
            Action::Verify => selected.is_some_and(|row| proving::can_verify(row)),
            Action::Window => self.tab == Tab::History,
            Action::Add => self.about.kept.is_some(),
            Action::Save => {
                let kept = self.about.kept.as_ref();
                kept.is_some_and(|kept| kept.file().is_none() && kept.could_be().is_some())
            }
            Action::Demo => self.fleet.is_empty() && self.about.kept.is_some(),
            Action::Filter => self.shown.is_none(),
            _ => true,
        }
    }

    fn walk(&mut self, by: isize) -> Option<Effect> {
        if self.mode() == Mode::Table {
            self.fleet.step(by);
        } else if self.mode() == Mode::Review
            && let Some(review) = &mut self.review
        {
            review.step(by);
        } else if let Some(choosing) = &mut self.choosing {
            choosing.step(by);
        } else if let (Mode::Menu, Some(item)) = (self.mode(), self.menu) {
            self.walk_menu(item, by);
        } else {
            self.scroll = self.scroll.saturating_add_signed(by).min(self.scroll_end);
        }
        None
    }

    fn page(&self) -> isize {
        let rows = match (self.layout(), self.mode()) {
            (Some(layout), Mode::Table) => layout.table_rows(),
            (Some(layout), _) => usize::from(layout.body().height).saturating_sub(3),
            (None, _) => 1,
        };
        isize::try_from(rows.max(1)).unwrap_or(1)
    }

    fn enter(&mut self) -> Option<Effect> {
        if let Some(typing) = self.typing.take() {
            return self.accept(typing);
        }
        if let Some(item) = self.menu {
            return self.pick(item);
        }
        if self.form.is_some() {
            return self.save();
        }
        if self.review.is_some() {
            return self.accept_review();
        }
        if self.choosing.is_some() {
            return self.back();
        }
        if self.fleet.selected_group().is_some() {
            return self.fold_or_unfold();
        }
        if self.fleet.selected().is_some() {
            self.view = View::Drill;
            self.scroll = 0;
        }
        None
    }

    fn back(&mut self) -> Option<Effect> {
        if let Some(typing) = self.typing.take() {
            self.give_up(&typing);
        } else if self.shown.take().is_some() {
            // The text that was shown for selecting is closed.
        } else if self.help {
            self.help = false;
        } else if self.form.take().is_some()
            || self.review.take().is_some()
            || self.asking.take().is_some()
        {
            // Nothing is changed.
        } else if self.explaining.take().is_some() {
            // The message is forgotten.
        } else if self.choosing.take().is_some() || self.menu.take().is_some() {
            // The columns stay as they were chosen, and nothing was copied.
        } else if self.view == View::Drill {
            self.view = View::Table;
        } else if self.frozen.is_some() {
            self.thaw();
        } else {
            self.fleet.filter(Filter::default());
        }
        self.scroll = 0;
        None
    }

    /// The key that opens the help closes it, and a text that is shown.
    fn help_or_back(&mut self) -> Option<Effect> {
        if self.mode() == Mode::Help {
            return self.back();
        }
        self.help = true;
        self.searched.clear();
        self.scroll = 0;
        None
    }

    /// The key of the filter searches in the help; a text that is shown has nothing to search.
    fn filter_or_search(&mut self) -> Option<Effect> {
        match self.mode() {
            Mode::Help if self.shown.is_some() => None,
            Mode::Help => {
                self.searched.clear();
                self.begin(Field::Help)
            }
            _ => self.begin(Field::Filter),
        }
    }

    fn turn(&mut self, by: usize) -> Option<Effect> {
        self.tab = self.tab.step(by);
        self.scroll = 0;
        None
    }

    /// Into another instance without a look at the table: the lines of groups are passed over.
    fn page_through(&mut self, by: isize) -> Option<Effect> {
        let from = self.fleet.selected()?.id;
        loop {
            let at = self.fleet.position();
            self.fleet.step(by);
            if self.fleet.selected().is_some() || self.fleet.position() == at {
                break;
            }
        }
        let to = self.fleet.selected().map(|row| row.id);
        if to.is_none_or(|id| id == from) {
            self.fleet.select(from);
            let end = if by > 0 { "last" } else { "first" };
            self.say(format!("this is the {end} instance of the table"));
        } else {
            self.scroll = 0;
        }
        None
    }

    fn next_window(&mut self) -> Option<Effect> {
        if self.tab == Tab::History {
            self.window = self.window.next();
            self.scroll = 0;
        } else {
            self.say("the window belongs to the tab history");
        }
        None
    }

    fn probe(&mut self) -> Option<Effect> {
        if let Some(group) = self.fleet.selected_group() {
            let members = group.members.clone();
            self.say(format!("probing {} instances", members.len()));
            return Some(Effect::Send(Command::Probe(members)));
        }
        let row = self.fleet.selected()?;
        let (id, name) = (row.id, row.instance.name.clone());
        self.say(format!("probing {name}"));
        Some(Effect::Send(Command::Probe(vec![id])))
    }

    fn probe_shown(&mut self) -> Option<Effect> {
        let shown: Vec<InstanceId> = self.fleet.shown().to_vec();
        if shown.is_empty() {
            return None;
        }
        self.say(format!("probing {} instances", shown.len()));
        Some(Effect::Send(Command::Probe(shown)))
    }

    fn copy(&mut self, number: u8) -> Option<Effect> {
        let Some(text) = self.reading().and_then(|reading| reading.command(number)) else {
            self.say(format!("there is no command {number} here"));
            return None;
        };
        let text = text.to_owned();
        self.tries(number);
        Some(Effect::Copy {
            text,
            what: format!("command {number}"),
        })
    }

    fn next_platform(&mut self) -> Option<Effect> {
        let platforms = self.reading()?.platforms();
        let shown = self.reading()?.platform();
        let at = platforms.iter().position(|platform| *platform == shown)?;
        self.platform = Some(platforms[(at + 1) % platforms.len()]);
        self.reading = None;
        None
    }

    fn acknowledge(&mut self) -> Option<Effect> {
        let row = self.fleet.selected()?;
        if row.marks.acknowledged.is_some() {
            let id = row.id;
            self.say("no longer acknowledged");
            return Some(Effect::Send(Command::Acknowledge(id, None)));
        }
        self.begin(Field::Acknowledge(row.id))
    }

    fn accept(&mut self, typing: Typing) -> Option<Effect> {
        match typing.field {
            Field::Filter => {
                if let Some(error) = &typing.error {
                    let problem = error.problem.clone();
                    self.say(problem);
                    self.typing = Some(typing);
                } else {
                    self.remember(typing.text());
                }
                None
            }
            Field::Help => None,
            Field::File => self.take_file(typing),
            Field::Host => self.take_host(typing),
            Field::Acknowledge(id) => match self.acknowledgement(&typing) {
                Ok(acknowledged) => {
                    let command = Command::Acknowledge(id, Some(acknowledged));
                    Some(Effect::Send(command))
                }
                Err(error) => {
                    self.say(error.problem);
                    self.typing = Some(typing);
                    None
                }
            },
        }
    }

    fn give_up(&mut self, typing: &Typing) {
        match typing.field {
            Field::Filter => self.fleet.filter(typing.before.clone()),
            Field::Help => self.searched.clear(),
            Field::Acknowledge(_) | Field::File | Field::Host => {}
        }
    }

    pub(super) fn begin(&mut self, field: Field) -> Option<Effect> {
        self.typing = Some(Typing::new(field, &self.fleet));
        None
    }
}
