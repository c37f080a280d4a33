//! What a case fills in a command. Many commands give the same value to the same shell: each
//! such hole is filled once for a case.

use std::collections::HashMap;
use std::ops::Range;

use super::Escape;
use crate::advice::Shell;
use crate::advice::quote;
use crate::advice::render;
use crate::advice::slots::Remembered;
use crate::advice::template::{Piece, Template};

/// A part of a command that a case fills.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Hole {
    /// An argument of a program.
    Argument {
        shell: Shell,
        program: String,
        word: Template,
    },
    /// A value that stands alone in a raw line.
    Alone { shell: Shell, piece: Piece },
    /// A value in a sentence.
    Said(Piece),
    /// A whole line, since its program is not known before.
    Line { shell: Shell, words: Vec<Template> },
}

impl Hole {
    /// As the shell reads it; `None` withholds the command. The same steps fill one on a screen.
    fn filled(&self, slots: &Remembered<'_>) -> Option<String> {
        match self {
            Self::Argument {
                shell,
                program,
                word,
            } => {
                let word = render::word(word, slots).ok()?;
                quote::argument(*shell, program, &word).ok()
            }
            Self::Alone { shell, piece } => render::raw(piece, *shell, slots).ok(),
            Self::Said(piece) => piece.plain(&slots),
            Self::Line { shell, words } => {
                let words = words.iter();
                let words = words.map(|word| render::word(word, slots).ok());
                let words: Vec<_> = words.collect::<Option<_>>()?;
                quote::command_line(*shell, &words).ok()
            }
        }
    }
}

/// The number of a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HoleId(usize);

/// Every hole of the playbooks that were read, and what one case fills in.
pub(super) struct Holes {
    escape: Escape,
    ids: HashMap<Hole, HoleId>,
    all: Vec<(Hole, Filling)>,
    /// The fillings of this case, one behind the other.
    text: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Filling {
    /// Nobody asked in this case.
    Unasked,
    /// The case has no value, or the shell cannot be given it.
    Withheld,
    /// Where it lies.
    At(Range<usize>),
}

impl Holes {
    pub(super) fn new(escape: Escape) -> Self {
        Self {
            escape,
            ids: HashMap::new(),
            all: Vec::new(),
            text: Vec::new(),
        }
    }

    /// The number of the hole, now and from then on.
    pub(super) fn id(&mut self, hole: Hole) -> HoleId {
        let next = HoleId(self.all.len());
        let id = *self.ids.entry(hole.clone()).or_insert(next);
        if id == next {
            self.all.push((hole, Filling::Unasked));
        }
        id
    }

    /// Another case: nothing is filled.
    pub(super) fn empty(&mut self) {
        self.text.clear();
        for (_, filling) in &mut self.all {
            *filling = Filling::Unasked;
        }
    }

    /// Fills it, unless the case has no value for it or the shell cannot be given that one.
    pub(super) fn fill(&mut self, id: HoleId, slots: &Remembered<'_>) -> bool {
        let (hole, filling) = &mut self.all[id.0];
        if let Filling::Unasked = filling {
            *filling = match hole.filled(slots) {
                Some(filled) => {
                    let begin = self.text.len();
                    (self.escape)(&filled, &mut self.text);
                    Filling::At(begin..self.text.len())
                }
                None => Filling::Withheld,
            };
        }
        matches!(filling, Filling::At(_))
    }

    /// What it was filled with, as JSON; nothing where it is withheld.
    pub(super) fn filled(&self, id: HoleId) -> &[u8] {
        match &self.all[id.0].1 {
            Filling::At(place) => &self.text[place.clone()],
            Filling::Unasked | Filling::Withheld => &[],
        }
    }
}
