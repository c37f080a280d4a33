//! What a colour means: the tokens of a theme as this terminal can show them, and never colour
//! alone.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::glyph::Mark;
use crate::config::theme::{self, Palette, Token};
use crate::diagnosis::{Confidence, State};

#[cfg(test)]
mod contrast;
mod depth;
mod device;
#[cfg(test)]
mod tests;

pub use depth::Depth;
pub use device::Device;

/// Styles by meaning. With `NO_COLOR` every colour is left out and the modifiers stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    styles: [Style; Token::ALL.len()],
}

impl Theme {
    /// The default theme, with colours or without them (`NO_COLOR`, `--no-color`).
    pub fn new(colour: bool) -> Self {
        Self::of(&Palette::default(), colour.then_some(Depth::Sixteen))
    }

    /// A theme on a terminal with so many colours; `None` where none are wanted.
    pub fn of(palette: &Palette, depth: Option<Depth>) -> Self {
        Self {
            styles: Token::ALL.map(|token| style(palette, token, depth)),
        }
    }

    /// The style of a token.
    pub fn token(self, token: Token) -> Style {
        self.styles[token as usize]
    }

    /// Gives what has no colour of its own those of plain text, and the background.
    pub fn ground(self, buffer: &mut Buffer) {
        let text = self.token(Token::Text);
        if text == Style::new() {
            return;
        }
        for cell in &mut buffer.content {
            if cell.fg == Color::Reset {
                cell.fg = text.fg.unwrap_or(Color::Reset);
            }
            if cell.bg == Color::Reset {
                cell.bg = text.bg.unwrap_or(Color::Reset);
            }
            cell.modifier |= text.add_modifier;
        }
    }

    /// It works.
    pub fn good(self) -> Style {
        self.token(Token::Good)
    }

    /// It works, with a finding.
    pub fn warning(self) -> Style {
        self.token(Token::Warning)
    }

    /// It fails.
    pub fn bad(self) -> Style {
        self.token(Token::Bad)
    }

    /// Of less weight.
    pub fn muted(self) -> Style {
        self.token(Token::Muted)
    }

    /// A label before a value.
    pub fn label(self) -> Style {
        self.token(Token::Label)
    }

    /// A heading.
    pub fn heading(self) -> Style {
        self.token(Token::Heading)
    }

    /// A command that can be copied.
    pub fn command(self) -> Style {
        self.token(Token::Command)
    }

    /// The selected row; reversed video where there is no background, so that it always shows.
    pub fn selected(self) -> Style {
        self.token(Token::Selected)
    }

    /// Something that must not be overlooked (`PAUSED`).
    pub fn loud(self) -> Style {
        self.token(Token::Loud)
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

/// How a token is drawn. Where the terminal lacks a colour of it, it is as in the theme `terminal`.
fn style(palette: &Palette, token: Token, depth: Option<Depth>) -> Style {
    let look = palette.look(token);
    let mut style = Style::new().add_modifier(modifiers(&look.modifiers));
    if let Some(depth) = depth {
        let (Some(fg), Some(bg)) = (depth.show(&look.fg), depth.show(&look.bg)) else {
            return self::style(&Palette::default(), token, Some(depth));
        };
        (style.fg, style.bg) = (fg, bg);
    }
    let always = match token {
        Token::Selected if style.bg.is_none_or(|bg| bg == Color::Reset) => Modifier::REVERSED,
        Token::Loud if depth.is_none() => Modifier::REVERSED | Modifier::BOLD,
        Token::Muted if depth.is_none() => Modifier::DIM,
        _ => Modifier::empty(),
    };
    style.add_modifier(always)
}

fn modifiers(given: &[theme::Modifier]) -> Modifier {
    let modifier = |modifier: &theme::Modifier| match modifier {
        theme::Modifier::Bold => Modifier::BOLD,
        theme::Modifier::Dim => Modifier::DIM,
        theme::Modifier::Italic => Modifier::ITALIC,
        theme::Modifier::Underlined => Modifier::UNDERLINED,
        theme::Modifier::Reversed => Modifier::REVERSED,
    };
    given.iter().map(modifier).collect()
}
