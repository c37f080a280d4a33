//! What a case fills in a command. Many commands give the same value to the same shell: each
//! such hole is filled once for a case, and not again while the cases give it the same values.

use std::array;
use std::collections::HashMap;

use super::Escape;
use crate::advice::Shell;
use crate::advice::quote::{self, Receiver};
use crate::advice::render;
use crate::advice::slots::{Remembered, Value, Wanted};
use crate::advice::template::{Piece, Template};

/// A part of a command that a case fills.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Hole {
    /// An argument.
    Argument {
        shell: Shell,
        receiver: Receiver,
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
    /// What it asks a case for.
    fn wanted(&self) -> Box<[Wanted]> {
        let of_all = |words: &[Template]| {
            let pieces = words.iter().flat_map(|word| &word.0);
            pieces.filter_map(Piece::wanted).collect()
        };
        match self {
            Self::Argument { word, .. } => of_all(array::from_ref(word)),
            Self::Alone { piece, .. } | Self::Said(piece) => piece.wanted().into_iter().collect(),
            Self::Line { words, .. } => of_all(words),
        }
    }

    /// As the shell reads it; `None` withholds the command. The same steps fill one on a screen.
    fn filled(&self, slots: &Remembered<'_>) -> Option<String> {
        match self {
            Self::Argument {
                shell,
                receiver,
                word,
            } => {
                let word = render::word(word, slots).ok()?;
                quote::argument(*shell, *receiver, word).ok()
            }
            Self::Alone { shell, piece } => render::raw(piece, *shell, slots).ok(),
            Self::Said(piece) => piece.plain(&slots),
            Self::Line { shell, words } => {
                let words = words.iter();
                let words = words.map(|word| render::word(word, slots).ok());
                let words: Vec<_> = words.collect::<Option<_>>()?;
                quote::command_line(*shell, words).ok()
            }
        }
    }
}

/// The number of a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HoleId(usize);

/// Every hole of the playbooks that were read, and what they are filled with.
pub(super) struct Holes {
    escape: Escape,
    ids: HashMap<Hole, HoleId>,
    all: Vec<Kept>,
    /// What the cases answered last.
    answers: [Answer; Wanted::COUNT],
    /// Cases so far.
    cases: u64,
}

/// A hole.
struct Kept {
    hole: Hole,
    wanted: Box<[Wanted]>,
    /// The case that it was filled for, or looked at in vain, and the last one that it fits.
    filled: u64,
    fits: u64,
    /// Not where the case has no such value, or the shell cannot be given it.
    is_filled: bool,
    /// What it is filled with.
    json: Vec<u8>,
}

/// What the cases answered to one question.
#[derive(Default)]
struct Answer {
    value: Option<Value>,
    /// The first case that answered so, and the last that was asked.
    since: u64,
    asked: u64,
}

impl Holes {
    pub(super) fn new(escape: Escape) -> Self {
        Self {
            escape,
            ids: HashMap::new(),
            all: Vec::new(),
            answers: array::from_fn(|_| Answer::default()),
            cases: 0,
        }
    }

    /// The number of the hole, now and from then on.
    pub(super) fn id(&mut self, hole: Hole) -> HoleId {
        let next = HoleId(self.all.len());
        let id = *self.ids.entry(hole.clone()).or_insert(next);
        if id == next {
            self.all.push(Kept {
                wanted: hole.wanted(),
                hole,
                filled: 0,
                fits: 0,
                is_filled: false,
                json: Vec::new(),
            });
        }
        id
    }

    /// Another case.
    pub(super) fn next_case(&mut self) {
        self.cases += 1;
    }

    /// Fills it, unless the case has no value for it or the shell cannot be given that one.
    pub(super) fn fill(&mut self, id: HoleId, slots: &Remembered<'_>) -> bool {
        let case = self.cases;
        let kept = &mut self.all[id.0];
        if kept.fits == case {
            return kept.is_filled;
        }
        kept.fits = case;
        let answers = &mut self.answers;
        let since = kept.wanted.iter().map(|wanted| {
            let answer = &mut answers[wanted.index()];
            answer.ask(case, || slots.answer(*wanted));
            answer.since
        });
        let since = since.max().unwrap_or_default();
        if kept.filled == 0 || since > kept.filled {
            kept.filled = case;
            kept.json.clear();
            let filled = kept.hole.filled(slots);
            kept.is_filled = filled.is_some();
            if let Some(filled) = filled {
                (self.escape)(&filled, &mut kept.json);
            }
        }
        kept.is_filled
    }

    /// What it was filled with, as JSON; nothing where it is withheld.
    pub(super) fn filled(&self, id: HoleId) -> &[u8] {
        &self.all[id.0].json
    }
}

impl Answer {
    /// Asks a case, once.
    fn ask<'a>(&mut self, case: u64, answer: impl FnOnce() -> Option<&'a Value>) {
        if self.asked == case {
            return;
        }
        let answer = answer();
        if self.asked == 0 || self.value.as_ref() != answer {
            self.value = answer.cloned();
            self.since = case;
        }
        self.asked = case;
    }
}
