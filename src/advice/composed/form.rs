//! JSON with holes: text that was escaped once, and where a case fills it.

use super::Escape;
use super::hole::{Hole, HoleId, Holes};
use crate::advice::Shell;
use crate::advice::playbook::{Line, Run, Script};
use crate::advice::quote::{self, Receiver};
use crate::advice::render::{self, Withheld};
use crate::advice::slots::{Remembered, Slots};
use crate::advice::template::{Piece, Template};

/// JSON with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    parts: Vec<Part>,
    /// Each hole once.
    holes: Vec<HoleId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// JSON that is the same in every case.
    Json(String),
    /// Filled by the case.
    Hole(HoleId),
}

impl Form {
    /// The text of a command without its quotes. A command that no case can make right is
    /// withheld from all.
    pub(super) fn of(line: &Line, holes: &mut Holes, escape: Escape) -> Result<Self, Withheld> {
        let mut form = Self::default();
        let text = |form: &mut Self, text: &str| form.json_of(text, escape);
        match (&line.fixed, &line.script) {
            (Some(fixed), _) => text(&mut form, &fixed.text),
            (None, Script::Run(Run { words, quoted })) => {
                let Some(program) = words.first().filter(|first| first.is_fixed()) else {
                    let (shell, words) = (line.shell, words.clone());
                    form.hole(holes.id(Hole::Line { shell, words }));
                    return Ok(form);
                };
                let program = render::word(program, Slots(None))?.text;
                text(&mut form, &quote::program(line.shell, &program)?);
                let receiver = Receiver::of(line.shell, &program);
                for (word, quoted) in words.iter().zip(quoted).skip(1) {
                    text(&mut form, " ");
                    match quoted {
                        Some(quoted) => text(&mut form, quoted),
                        None => form.hole(holes.id(argument(line.shell, receiver, word))),
                    }
                }
            }
            (None, Script::Raw(template)) => {
                for piece in &template.0 {
                    match piece {
                        Piece::Text(_) | Piece::Edit(_) => {
                            text(&mut form, &render::raw(piece, line.shell, Slots(None))?);
                        }
                        Piece::Slot(_) | Piece::KnownPort => {
                            let (shell, piece) = (line.shell, piece.clone());
                            form.hole(holes.id(Hole::Alone { shell, piece }));
                        }
                    }
                }
            }
        }
        Ok(form)
    }

    /// A sentence without its quotes.
    pub(super) fn of_sentence(sentence: &Template, holes: &mut Holes, escape: Escape) -> Self {
        let mut form = Self::default();
        for piece in &sentence.0 {
            match piece {
                Piece::Text(text) => form.json_of(text, escape),
                piece => form.hole(holes.id(Hole::Said(piece.clone()))),
            }
        }
        form
    }

    fn json_of(&mut self, text: &str, escape: Escape) {
        let mut json = Vec::new();
        escape(text, &mut json);
        self.json(str::from_utf8(&json).expect("JSON is UTF-8"));
    }

    /// JSON that is the same in every case.
    pub(super) fn json(&mut self, json: &str) {
        match self.parts.last_mut() {
            Some(Part::Json(before)) => before.push_str(json),
            _ => self.parts.push(Part::Json(json.to_owned())),
        }
    }

    fn hole(&mut self, hole: HoleId) {
        self.parts.push(Part::Hole(hole));
        if !self.holes.contains(&hole) {
            self.holes.push(hole);
        }
    }

    /// Another form behind this one.
    pub(super) fn append(&mut self, other: &Self) {
        for part in &other.parts {
            match part {
                Part::Json(json) => self.json(json),
                Part::Hole(hole) => self.hole(*hole),
            }
        }
    }

    /// Fills its holes; whether that could be done.
    pub(super) fn fill(&self, holes: &mut Holes, slots: &Remembered<'_>) -> bool {
        self.holes.iter().all(|hole| holes.fill(*hole, slots))
    }

    /// Writes it with what its holes were filled with.
    pub(super) fn write(&self, holes: &Holes, out: &mut Vec<u8>) {
        for part in &self.parts {
            out.extend_from_slice(match part {
                Part::Json(json) => json.as_bytes(),
                Part::Hole(hole) => holes.filled(*hole),
            });
        }
    }
}

fn argument(shell: Shell, receiver: Receiver, word: &Template) -> Hole {
    Hole::Argument {
        shell,
        receiver,
        word: word.clone(),
    }
}
