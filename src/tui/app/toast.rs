//! What is said for a few seconds.

use jiff::{SignedDuration, Timestamp};

/// How long a sentence stands.
const STANDS: SignedDuration = SignedDuration::from_secs(6);
/// How long the answer to a key is left alone by what comes of itself.
const LEGIBLE: SignedDuration = SignedDuration::from_millis(1500);

/// A sentence, and the one that waits until it was read.
#[derive(Debug, Default)]
pub(super) struct Toast {
    shown: Option<Shown>,
    waiting: Option<String>,
}

#[derive(Debug)]
struct Shown {
    text: String,
    legible: Timestamp,
    until: Timestamp,
}

impl Toast {
    /// Answers a key, at once.
    pub(super) fn answer(&mut self, text: String, now: Timestamp) {
        self.show(text, now, now + LEGIBLE);
    }

    /// Says that something has begun; its end may be said any moment.
    pub(super) fn begin(&mut self, text: String, now: Timestamp) {
        self.show(text, now, now);
    }

    /// Says what came of itself, when the answer to the last key has been read.
    pub(super) fn tell(&mut self, text: String, now: Timestamp) {
        if self.shown.as_ref().is_some_and(|shown| shown.legible > now) {
            self.waiting = Some(text);
        } else {
            self.answer(text, now);
        }
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, now: Timestamp) {
        if let Some(text) = self.waiting.take() {
            self.tell(text, now);
        }
        self.shown = self.shown.take().filter(|shown| shown.until > now);
    }

    /// Nothing more is said.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.shown.as_ref().map(|shown| shown.text.as_str())
    }

    fn show(&mut self, text: String, now: Timestamp, legible: Timestamp) {
        let until = now + STANDS;
        self.shown = Some(Shown {
            text,
            legible,
            until,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(milliseconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(milliseconds)
    }

    #[test]
    fn what_comes_of_itself_waits_until_the_answer_to_a_key_was_read() {
        let mut toast = Toast::default();
        toast.answer("copied".to_owned(), after(0));
        toast.tell("1 difference".to_owned(), after(10));
        assert_eq!(toast.text(), Some("copied"));
        toast.pass(after(1000));
        assert_eq!(toast.text(), Some("copied"));
        toast.pass(after(2000));
        assert_eq!(toast.text(), Some("1 difference"));
        toast.pass(after(7999));
        assert_eq!(toast.text(), Some("1 difference"));
        toast.pass(after(8000));
        assert_eq!(toast.text(), None);
    }

    #[test]
    fn the_end_of_what_has_begun_and_another_key_do_not_wait() {
        let mut toast = Toast::default();
        toast.begin("asking…".to_owned(), after(0));
        toast.tell("nothing found".to_owned(), after(1));
        assert_eq!(toast.text(), Some("nothing found"));
        toast.answer("copied".to_owned(), after(2));
        assert_eq!(toast.text(), Some("copied"));
    }
}
