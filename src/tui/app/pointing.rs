//! What the mouse does: every click becomes what a key does, or a selection.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::{App, Tab};
use crate::config::{Column, Order};
use crate::tui::action::{Action, Effect};
use crate::tui::fleet::Spot;
use crate::tui::keymap::Mode;
use crate::tui::mouse::{self, Hit, NOTCH, Pane};
use crate::tui::view::HitMap;

/// Pressed in the terminals that people have; said where the terminal selects no more.
const ON: &str = "the mouse is on; to select text hold shift (iTerm2: option, macOS Terminal: fn)";
const OFF: &str = "the mouse is off: the terminal selects text with it";

impl App {
    /// Takes what the mouse did on the screen that was drawn. The first is `false` where that
    /// means nothing.
    pub fn mouse(&mut self, event: MouseEvent, hits: &HitMap) -> (bool, Option<Effect>) {
        // What was drawn has gone by now: nobody can have meant what came in its place.
        if !self.has_mouse() || hits.mode != Some(self.mode()) {
            return (false, None);
        }
        let (x, y) = (event.column, event.row);
        let notch = match event.kind {
            MouseEventKind::Down(MouseButton::Left) => None,
            MouseEventKind::ScrollDown => Some(NOTCH),
            MouseEventKind::ScrollUp => Some(-NOTCH),
            _ => return (false, None),
        };
        if let Some(by) = notch {
            let Some(pane) = mouse::pane(hits, x, y) else {
                return (false, None);
            };
            self.fleet.hold();
            return (self.turn_wheel(pane, by, hits), None);
        }
        let Some(hit) = mouse::hit(hits, x, y) else {
            return (false, None);
        };
        self.begun.clear();
        self.fleet.hold();
        let effect = self.click(hit);
        self.settle();
        (true, effect)
    }

    /// Whether the terminal is asked for the mouse. Not while a text is shown to be selected
    /// by hand, which the terminal does.
    pub fn has_mouse(&self) -> bool {
        self.mouse && self.shown.is_none()
    }

    pub(super) fn mouse_on_or_off(&mut self) -> Option<Effect> {
        self.mouse = !self.mouse;
        self.say(if self.mouse { ON } else { OFF });
        None
    }

    /// How far the pane under the table is scrolled; another row begins at the top.
    pub fn pane_scroll(&self) -> usize {
        let (of, scroll) = &self.pane;
        if of.as_ref() == self.fleet.selection() {
            *scroll
        } else {
            0
        }
    }

    fn click(&mut self, hit: Hit) -> Option<Effect> {
        match hit {
            Hit::Key(action) => self.act(action),
            Hit::Tab(tab) => self.open_tab(tab),
            Hit::Field(number) => self.go_to_field(number),
            Hit::Choice { at, check } => self.choose(at, check),
            // Under a field or a question the table is only looked at.
            _ if self.mode() != Mode::Table => None,
            Hit::Title(column) => self.sort_by_title(column),
            Hit::Line(spot) if self.fleet.selection() == Some(&spot) => self.act(Action::Enter),
            Hit::Line(spot) => self.go_to(&spot),
            Hit::Fold(name) => {
                self.go_to(&Spot::Group(name));
                self.act(Action::Fold)
            }
        }
    }

    fn go_to(&mut self, spot: &Spot) -> Option<Effect> {
        self.fleet.go_to(spot);
        None
    }

    fn open_tab(&mut self, tab: Tab) -> Option<Effect> {
        self.tab = tab;
        self.scroll = 0;
        None
    }

    /// The column that rows are sorted by already turns them round.
    fn sort_by_title(&mut self, column: Column) -> Option<Effect> {
        let order = self.fleet.sort();
        let reversed = order.column == column && !order.reversed;
        self.fleet.sort_by(Order { column, reversed });
        None
    }

    fn choose(&mut self, at: usize, check: bool) -> Option<Effect> {
        let choosing = self.choosing.as_mut()?;
        let again = choosing.at == at;
        choosing.at = at;
        if check || again {
            return self.act(Action::Toggle);
        }
        None
    }

    /// Returns whether anything moved.
    fn turn_wheel(&mut self, pane: Pane, by: isize, hits: &HitMap) -> bool {
        match pane {
            Pane::Table => self.move_window(by),
            Pane::Detail => {
                let before = self.pane_scroll();
                let after = before.saturating_add_signed(by).min(hits.detail_end);
                self.pane = (self.fleet.selection().cloned(), after);
                before != after
            }
            Pane::View => {
                let before = self.scroll;
                let after = before.saturating_add_signed(by).min(hits.scroll_end);
                self.scroll = after;
                before != after
            }
            Pane::List => {
                let Some(choosing) = &mut self.choosing else {
                    return false;
                };
                let before = choosing.at;
                choosing.step(by.signum());
                before != choosing.at
            }
        }
    }

    /// Moves what the table shows. The selection stays on its instance for as long as that is
    /// on the screen; then it goes along at the edge, since the pane speaks of what is seen.
    fn move_window(&mut self, by: isize) -> bool {
        let (Some(layout), Some(at)) = (self.layout(), self.fleet.position()) else {
            return false;
        };
        let rows = layout.table_rows();
        let end = self.fleet.lines().len().saturating_sub(rows);
        let top = self.top.saturating_add_signed(by).min(end);
        if top == self.top {
            return false;
        }
        self.top = top;
        let inside = at.clamp(top, top + rows.saturating_sub(1));
        if let Some(spot) = self.fleet.window(inside, 1).first().cloned() {
            self.fleet.go_to(&spot);
        }
        self.settle();
        true
    }
}
