//! One cause's fixes: which of its playbook's commands a case fills, and the JSON of them all
//! with the holes that are left.

use serde_json::Error;

use super::Escape;
use super::form::Form;
use super::halves;
use super::head::Head;
use super::hole::Holes;
use super::reading::Reading;
use crate::advice::Command;
use crate::advice::playbook::{Line, Step, playbook};
use crate::advice::render::{applies, arranged, described, edits};
use crate::advice::slots::Slots;
use crate::diagnosis::{Cause, CauseId};
use crate::evidence::Os;
use crate::target::Platform;

/// Cases differ in few ways; hostile ones shall not make a sheet grow.
pub(super) const FORMS: usize = 16;

/// The fixes of a cause.
pub(super) struct Sheet {
    /// Its words, for each confidence that it was named with.
    heads: Vec<Head>,
    steps: Vec<Prepared>,
    /// The fixes as JSON with holes, for the ways in which cases differed so far.
    forms: Vec<(Key, Form)>,
}

/// A step and the texts of its commands; one that no case can make right has none.
struct Prepared {
    step: &'static Step,
    lines: Vec<(&'static Line, Option<Form>)>,
}

/// All that the fixes of a cause depend on but what fills their holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    platform: Platform,
    os: Os,
    port_is_known: bool,
    /// For each step whether it applies, and if so for each of its commands whether it is filled.
    marks: Vec<bool>,
}

impl Sheet {
    pub(super) fn of(cause: CauseId, holes: &mut Holes, escape: Escape) -> Self {
        let mut prepared = |step: &'static Step| {
            let lines = step.commands.iter();
            let lines = lines.map(|line| (line, Form::of(line, holes, escape).ok()));
            Prepared {
                step,
                lines: lines.collect(),
            }
        };
        Self {
            heads: Vec::new(),
            steps: playbook(cause).fixes.iter().map(&mut prepared).collect(),
            forms: Vec::new(),
        }
    }

    /// How many are kept.
    #[cfg(test)]
    pub(super) fn forms(&self) -> usize {
        self.forms.len()
    }

    /// Writes the cause.
    pub(super) fn write(
        &mut self,
        cause: &Cause,
        reading: &Reading<'_>,
        key: &mut Key,
        holes: &mut Holes,
        escape: Escape,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let known = self
            .heads
            .iter()
            .position(|head| head.is_for(cause.confidence));
        let at = if let Some(at) = known {
            at
        } else {
            self.heads.push(Head::of(cause.id, cause.confidence)?);
            self.heads.len() - 1
        };
        self.heads[at].write(cause, reading.case, escape, out);
        self.fixes(reading, key, holes)?.write(holes, out);
        out.extend_from_slice(&self.heads[at].tail);
        Ok(())
    }

    /// The list of fixes, whose holes are filled.
    fn fixes(
        &mut self,
        reading: &Reading<'_>,
        key: &mut Key,
        holes: &mut Holes,
    ) -> Result<&Form, Error> {
        self.fill(reading, key, holes);
        let known = self.forms.iter().position(|(known, _)| known == key);
        let at = if let Some(at) = known {
            at
        } else {
            if self.forms.len() == FORMS {
                self.forms.clear();
            }
            self.forms.push((key.clone(), self.form(reading, key)?));
            self.forms.len() - 1
        };
        Ok(&self.forms[at].1)
    }

    /// Fills the holes of all that applies, and notes what could be filled.
    fn fill(&self, reading: &Reading<'_>, key: &mut Key, holes: &mut Holes) {
        key.begin(reading);
        for Prepared { step, lines } in &self.steps {
            let applies = applies(step, Some(reading.case));
            key.marks.push(applies);
            if applies {
                key.marks.extend(lines.iter().map(|(_, form)| {
                    let form = form.as_ref();
                    form.is_some_and(|form| form.fill(holes, &reading.slots))
                }));
            }
        }
    }

    /// The list of fixes for cases with this key, such as this one.
    fn form(&self, reading: &Reading<'_>, key: &Key) -> Result<Form, Error> {
        let mut form = Form::default();
        let mut marks = key.marks.iter().copied();
        let mut before = "[";
        for Prepared { step, lines } in &self.steps {
            if marks.next() != Some(true) {
                continue;
            }
            // The lines first: `zip` would take a mark too many.
            let filled = lines.iter().zip(marks.by_ref());
            let filled = filled.filter(|(_, is_filled)| *is_filled);
            let filled = filled.filter_map(|((line, text), _)| Some((*line, text.as_ref()?)));
            let commands = arranged(step, filled.collect(), Some(reading.platform), reading.os());
            if !commands.is_empty() {
                form.json(before);
                before = ",";
                append_fix(&mut form, step, &commands, reading)?;
            }
        }
        form.json(if before == "[" { "[]" } else { "]" });
        Ok(form)
    }
}

impl Key {
    /// No case.
    pub(super) fn none() -> Self {
        Self {
            platform: Platform::Windows,
            os: Os::HERE,
            port_is_known: false,
            marks: Vec::new(),
        }
    }

    fn begin(&mut self, reading: &Reading<'_>) {
        self.platform = reading.platform;
        self.os = reading.os();
        self.port_is_known = reading.port_is_known;
        self.marks.clear();
    }
}

/// What a fix and a command are serialised with, where their commands and text go.
const NO_COMMANDS: &str = "\"commands\":[]";
const NO_TEXT: &str = "\"text\":\"\"";

fn append_fix(
    form: &mut Form,
    step: &'static Step,
    commands: &[(Platform, &'static Line, &Form)],
    reading: &Reading<'_>,
) -> Result<(), Error> {
    let fix = serde_json::to_string(&described(step, Vec::new()))?;
    let (head, tail) = halves(&fix, NO_COMMANDS);
    form.json(head);
    for (nth, (platform, line, text)) in commands.iter().enumerate() {
        let command = serde_json::to_string(&Command {
            platform: *platform,
            shell: line.shell,
            text: String::new().into(),
            edit: edits(&line.script, Slots(Some(reading.case))).into(),
        })?;
        let (head, tail) = halves(&command, NO_TEXT);
        if nth > 0 {
            form.json(",");
        }
        form.json(head);
        form.append(text);
        form.json(tail);
    }
    form.json(tail);
    Ok(())
}
