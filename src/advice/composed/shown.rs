//! What clients show for one thing that they run into.

use serde_json::Error;

use super::form::Form;
use super::hole::Holes;
use super::reading::Reading;
use super::{Escape, halves};
use crate::advice::ClientShows;
use crate::advice::clients::Shown;

/// What each client shows, as JSON with holes.
pub(super) struct ShownByAll(Vec<Form>);

impl ShownByAll {
    pub(super) fn of(
        shown: &'static [Shown],
        holes: &mut Holes,
        escape: Escape,
    ) -> Result<Self, Error> {
        let form = |shown: &'static Shown| {
            let json = serde_json::to_string(&ClientShows {
                client: &shown.client,
                code: shown.code,
                text: String::new(),
            })?;
            let (head, tail) = halves(&json, "\"text\":\"\"");
            let mut form = Form::default();
            form.json(head);
            form.append(&Form::of_sentence(&shown.text, holes, escape));
            form.json(tail);
            Ok(form)
        };
        shown.iter().map(form).collect::<Result<_, _>>().map(Self)
    }

    /// Writes the list of those whose values are known.
    pub(super) fn write(&self, reading: &Reading<'_>, holes: &mut Holes, out: &mut Vec<u8>) {
        let mut before = b'[';
        for form in &self.0 {
            if form.fill(holes, &reading.slots) {
                out.push(before);
                before = b',';
                form.write(holes, out);
            }
        }
        if before == b'[' {
            out.push(b'[');
        }
        out.push(b']');
    }
}
