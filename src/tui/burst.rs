//! A burst of keys that is a paste, where the terminal has no bracketed paste: what somebody
//! pasted must never be taken for commands.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// So many keys of text that were all there at once are a paste: nobody types that fast.
const FEWEST: usize = 12;
/// Fewer different keys than this are keys that were held down while the screen was busy.
const DIFFERENT: usize = 4;
/// A paste is over when nothing more has come for so long. It arrives in pieces, and the
/// last may be short.
const PAUSE: Duration = Duration::from_millis(100);
/// Longer than anything that is worth reading; the rest of a paste is dropped.
const LONGEST: usize = 64 * 1024;

/// Tells pastes from keys. Time is passed in.
#[derive(Debug, Default)]
pub struct Burst {
    text: String,
    /// When the paste is over if nothing more comes; `None` while there is none.
    until: Option<Instant>,
}

impl Burst {
    /// The events of one read that are none of a paste, in their order. Text that is pasted is
    /// kept until the paste is [over](Self::over).
    pub fn read(&mut self, together: Vec<Event>, now: Instant) -> Vec<Event> {
        let is_paste = self.until.is_some() || is_burst(&together);
        if !is_paste {
            return together;
        }
        let mut others = Vec::new();
        for event in together {
            match text(&event) {
                Some(c) if self.text.len() < LONGEST => self.text.push(c),
                Some(_) => {}
                None => {
                    others.push(event);
                    continue;
                }
            }
            self.until = Some(now + PAUSE);
        }
        others
    }

    /// When to ask whether it is over; `None` while nothing is pasted.
    pub fn until(&self) -> Option<Instant> {
        self.until
    }

    /// The whole text of a paste that is over.
    pub fn over(&mut self, now: Instant) -> Option<String> {
        self.until.filter(|until| *until <= now)?;
        self.until = None;
        Some(std::mem::take(&mut self.text))
    }
}

fn is_burst(together: &[Event]) -> bool {
    let mut count = 0;
    let mut different: Vec<char> = Vec::new();
    for c in together.iter().filter_map(text) {
        count += 1;
        if different.len() < DIFFERENT && !different.contains(&c) {
            different.push(c);
        }
    }
    count >= FEWEST && different.len() >= DIFFERENT
}

/// The character that a key stands for in a pasted text.
fn text(event: &Event) -> Option<char> {
    let Event::Key(KeyEvent {
        code,
        modifiers,
        kind: KeyEventKind::Press,
        ..
    }) = event
    else {
        return None;
    };
    let modifiers = *modifiers - KeyModifiers::SHIFT;
    match code {
        // The line feeds of a text that came from elsewhere.
        KeyCode::Char('j') if modifiers == KeyModifiers::CONTROL => Some('\n'),
        KeyCode::Char(c) if modifiers.is_empty() || modifiers == ALT_GR => Some(*c),
        KeyCode::Enter if modifiers.is_empty() => Some('\n'),
        KeyCode::Tab if modifiers.is_empty() => Some('\t'),
        _ => None,
    }
}

/// Some terminals send AltGr so.
const ALT_GR: KeyModifiers = KeyModifiers::CONTROL.union(KeyModifiers::ALT);

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn keys(text: &str) -> Vec<Event> {
        let key = |c| {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                c => KeyCode::Char(c),
            };
            Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
        };
        text.chars().map(key).collect()
    }

    #[rstest]
    #[case::a_message("Login failed for user 'sa'.\nq", true)]
    #[case::a_server("10.0.4.12,1433", true)]
    #[case::just_long_enough("quit quietly", true)]
    #[case::a_word("quietly", false)]
    #[case::a_filter("/sales\n", false)]
    #[case::a_key_held_down("jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj", false)]
    #[case::two_keys_held_down("jjjjjjjjjjjjjjjkkkkkkkkkkkkkkk\n", false)]
    fn keys_that_came_together_are_a_paste_or_commands(#[case] text: &str, #[case] pasted: bool) {
        let now = Instant::now();
        let mut burst = Burst::default();
        let others = burst.read(keys(text), now);
        if pasted {
            assert_eq!(others, []);
            assert_eq!(burst.over(now), None);
            assert_eq!(burst.over(now + PAUSE).as_deref(), Some(text));
        } else {
            assert_eq!(others, keys(text));
            assert_eq!(burst.until(), None);
        }
    }

    #[test]
    fn the_short_last_piece_of_a_paste_belongs_to_it() {
        let now = Instant::now();
        let mut burst = Burst::default();
        assert_eq!(burst.read(keys("Cannot connect to db1"), now), []);
        // However long the screen was busy with something else.
        let later = now + PAUSE * 5;
        assert_eq!(burst.read(keys("\nq"), later), []);
        assert_eq!(burst.over(later), None);
        let text = burst.over(later + PAUSE).unwrap();
        assert_eq!(text, "Cannot connect to db1\nq");
        assert_eq!(burst.read(keys("q"), later + PAUSE), keys("q"));
    }

    #[test]
    fn what_is_no_text_goes_on_at_once() {
        let now = Instant::now();
        let mut burst = Burst::default();
        let mut together = keys("Cannot connect");
        together.insert(3, Event::Resize(80, 24));
        let stop = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        together.push(Event::Key(stop));
        let others = burst.read(together, now);
        assert_eq!(others, [Event::Resize(80, 24), Event::Key(stop)]);
        let text = burst.over(now + PAUSE).unwrap();
        assert_eq!(text, "Cannot connect");
    }

    #[test]
    fn line_feeds_and_alt_gr_are_text_and_releases_are_not() {
        let now = Instant::now();
        let mut burst = Burst::default();
        let mut together = keys("Cannot connect");
        let key = |c, modifiers| Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers));
        together.push(key('j', KeyModifiers::CONTROL));
        together.push(key('\\', ALT_GR));
        let release = KeyEvent {
            kind: KeyEventKind::Release,
            ..KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE)
        };
        together.push(Event::Key(release));
        burst.read(together, now);
        assert_eq!(burst.over(now + PAUSE).unwrap(), "Cannot connect\n\\");
    }

    #[test]
    fn an_endless_paste_does_not_grow_for_ever() {
        let now = Instant::now();
        let mut burst = Burst::default();
        for _ in 0..LONGEST / 10 {
            burst.read(keys("abcdefghijkl"), now);
        }
        assert_eq!(burst.over(now + PAUSE).unwrap().len(), LONGEST);
    }
}
