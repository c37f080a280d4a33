//! Many servers at once: what was pasted, read from a file or found on a host, before any of it
//! is kept.

use std::path::Path;

use super::App;
use crate::config::edit::{Change, Entry};
use crate::config::import::{Import, Known, Verdict};
use crate::tui::action::{Action, Effect};
use crate::tui::keymap::Mode;

/// The servers that are looked through, while that is open.
#[derive(Clone, Debug)]
pub struct Review {
    /// Where they come from.
    title: String,
    import: Import,
    verdicts: Vec<Verdict>,
    /// Which of them would be added.
    ticked: Vec<bool>,
    at: usize,
    saving: bool,
    refused: Option<String>,
}

impl Review {
    fn new(title: String, import: Import, known: &Known) -> Self {
        let verdicts = import.verdicts(known);
        let ticked: Vec<bool> = verdicts.iter().map(|it| *it == Verdict::New).collect();
        let at = ticked.iter().position(|ticked| *ticked).unwrap_or(0);
        Self {
            title,
            import,
            verdicts,
            ticked,
            at,
            saving: false,
            refused: None,
        }
    }

    /// Where the servers come from.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What was read.
    pub fn import(&self) -> &Import {
        &self.import
    }

    /// What is to become of each item.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// Whether an item would be added.
    pub fn is_ticked(&self, at: usize) -> bool {
        self.ticked.get(at).is_some_and(|ticked| *ticked)
    }

    /// Which item is selected.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Why they could not be added.
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// How many would be added.
    pub fn chosen(&self) -> usize {
        self.ticked.iter().filter(|ticked| **ticked).count()
    }

    /// How many items there are of each kind: new, watched already, there twice, no server.
    pub fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for verdict in &self.verdicts {
            counts[match verdict {
                Verdict::New => 0,
                Verdict::Known(_) => 1,
                Verdict::Twice(_) => 2,
                Verdict::Wrong(_) => 3,
            }] += 1;
        }
        counts
    }

    pub(super) fn step(&mut self, by: isize) {
        let last = self.verdicts.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
    }

    /// Takes the selected one out, or in again. Returns whether it could be added at all.
    fn toggle(&mut self) -> bool {
        let is_new = self.verdicts.get(self.at) == Some(&Verdict::New);
        if let Some(ticked) = self.ticked.get_mut(self.at).filter(|_| is_new) {
            *ticked = !*ticked;
        }
        is_new
    }

    fn entries(&self) -> Vec<Entry> {
        let items = self.import.items.iter().zip(&self.ticked);
        let ticked = items.filter(|(_, ticked)| **ticked);
        ticked
            .filter_map(|(item, _)| item.entry.clone().ok())
            .collect()
    }
}

impl App {
    /// What is watched, for telling what is new.
    fn known(&self) -> Known {
        let mut known = Known::default();
        for row in self.fleet.all() {
            if let Ok(target) = &row.instance.target {
                known.note(target, &row.instance.name);
            }
        }
        known
    }

    /// Shows what was read before any of it is kept. Returns whether it can be.
    pub(super) fn review(&mut self, title: String, import: Import) -> bool {
        let can = self.can_change();
        if can {
            self.review = Some(Review::new(title, import, &self.known()));
            self.form = None;
        }
        can
    }

    /// What came of reading a file.
    pub fn imported(&mut self, path: &Path, read: Result<Import, String>) {
        match read {
            Ok(import) => {
                self.toast.clear();
                self.review(path.display().to_string(), import);
            }
            Err(why) => self.say(why),
        }
    }

    /// Hands what is ticked over to be kept. The list stays until it is.
    pub(super) fn accept_review(&mut self) -> Option<Effect> {
        let back = self.hint(Mode::Review, Action::Back, "leaves all as it was");
        let back = back.map_or(String::new(), |back| format!(": {back}"));
        let review = self.review.as_mut().filter(|review| !review.saving)?;
        let entries = review.entries();
        if entries.is_empty() {
            review.refused = Some(format!("nothing is ticked{back}"));
            return None;
        }
        review.saving = true;
        review.refused = None;
        Some(Effect::Keep(Change::Add(entries)))
    }

    pub(super) fn toggle_review(&mut self) {
        let Some(review) = &mut self.review else {
            return;
        };
        review.refused = None;
        if !review.toggle() {
            review.refused = Some("only what is new can be added".to_owned());
        }
    }

    /// What was ticked was not kept, and why. Returns whether it was asked for here.
    pub(super) fn review_not_kept(&mut self, why: &str) -> bool {
        let Some(review) = self.review.as_mut().filter(|review| review.saving) else {
            return false;
        };
        review.saving = false;
        review.refused = Some(why.to_owned());
        true
    }

    /// What is looked through, while that is open.
    pub fn reviewing(&self) -> Option<&Review> {
        self.review.as_ref()
    }
}
