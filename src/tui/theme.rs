//! What a colour means. The terminal's own 16 colours, and never colour alone.

use ratatui::style::{Color, Modifier, Style};

use super::glyph::Mark;
use crate::diagnosis::{Confidence, State};

/// Styles by meaning. With `NO_COLOR` every colour is left out and the modifiers stay.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    colour: bool,
}

impl Theme {
    /// With colours, or without them (`NO_COLOR`, `--no-color`).
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    fn colour(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    /// It works.
    pub fn good(self) -> Style {
        self.colour(Color::Green)
    }

    /// It works, with a finding.
    pub fn warning(self) -> Style {
        self.colour(Color::Yellow)
    }

    /// It fails.
    pub fn bad(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Of less weight.
    pub fn muted(self) -> Style {
        if self.colour {
            Style::new().fg(Color::DarkGray)
        } else {
            Style::new().add_modifier(Modifier::DIM)
        }
    }

    /// A label before a value.
    pub fn label(self) -> Style {
        self.colour(Color::Cyan)
    }

    /// A heading.
    pub fn heading(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// A command that can be copied.
    pub fn command(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The selected row: reversed video, so that it shows without colours too.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Something that must not be overlooked (`PAUSED`).
    pub fn loud(self) -> Style {
        self.colour(Color::Yellow)
            .add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// The style of a state's word and glyph.
    pub fn state(self, state: State) -> Style {
        if state.is_failing() || state == State::Invalid {
            self.bad()
        } else if state == State::Degraded {
            self.warning()
        } else if state.is_up() {
            self.good()
        } else {
            self.muted()
        }
    }

    /// The style of a layer's glyph.
    pub fn mark(self, mark: Mark) -> Style {
        match mark {
            Mark::Good => self.good(),
            Mark::Partial => self.warning(),
            Mark::Failed | Mark::Late => self.bad(),
            Mark::NotReached => self.muted(),
        }
    }

    /// The style of a confidence.
    pub fn confidence(self, confidence: Confidence) -> Style {
        match confidence {
            Confidence::High => self.heading(),
            Confidence::Medium => Style::new(),
            Confidence::Low => self.muted(),
        }
    }
}
