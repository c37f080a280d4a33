//! Which facts a text tells: one pass for the phrases, one for the numbers.

use std::collections::HashMap;

use super::numbers::{self, LARGE, Number, Place};
use super::signals::{Kind, Of, Signal, Signals, Use};
use super::view::View;

/// Shown and put into JSON; a text with more is no message.
const MOST_CODES: usize = 16;

/// What was found in a text.
pub(super) struct Found {
    /// For each fact, whether it is told.
    pub(super) facts: Vec<bool>,
    /// For each client, whether one of its marks is there.
    pub(super) clients: Vec<bool>,
    /// Whether a mark is there that only clients of SQL Server have.
    pub(super) is_of_a_client: bool,
    /// The numbers that told a fact, in the order of the text.
    pub(super) codes: Vec<i64>,
}

/// From here on a hexadecimal number after `error code` may be the system's (`0x20` is EPIPE).
const SMALLEST_HEX: i64 = 0x20;

/// The places of signals that were seen: (fact, signal).
type Seen = Vec<(usize, usize)>;

impl Found {
    pub(super) fn in_view(signals: &Signals, view: &View) -> Self {
        let mut found = Self {
            facts: vec![false; signals.facts.len()],
            clients: vec![false; signals.clients.len()],
            is_of_a_client: false,
            codes: Vec::new(),
        };
        let mut seen = found.phrases(signals, view);
        for number in numbers::numbers(&view.plain) {
            found.number(signals, number, &mut seen);
        }
        // First what counts by itself, then what counts only beside something else.
        let (alone, beside): (Seen, Seen) = seen
            .into_iter()
            .partition(|(fact, signal)| signals.facts[*fact].signals[*signal].with.is_empty());
        for (fact, _) in alone {
            found.facts[fact] = true;
        }
        let told: Vec<usize> = beside
            .into_iter()
            .filter(|(fact, signal)| {
                let with = &signals.facts[*fact].signals[*signal].with;
                with.iter().any(|name| found.is_told(signals, name))
            })
            .map(|(fact, _)| fact)
            .collect();
        for fact in told {
            found.facts[fact] = true;
        }
        found
    }

    /// Whether a fact of that name is told; `stage` is any stage before a session.
    pub(super) fn is_told(&self, signals: &Signals, name: &str) -> bool {
        if name != "stage" {
            return signals.fact(name).is_some_and(|fact| self.facts[fact]);
        }
        signals.facts.iter().zip(&self.facts).any(|(fact, told)| {
            *told && fact.kind == Kind::Stage && fact.layer != Some(super::Layer::Session)
        })
    }

    fn phrases(&mut self, signals: &Signals, view: &View) -> Seen {
        let mut seen = Seen::new();
        let mut told = vec![false; signals.facts.len()];
        // For each signal and sentence, which of the lists have been met.
        let mut met: HashMap<(usize, usize, usize), u8> = HashMap::new();
        for hit in signals.search.find_overlapping_iter(&view.text) {
            let (start, end) = (hit.start(), hit.end());
            for Use { open, of } in &signals.uses[hit.pattern().as_usize()] {
                if !is_word(&view.text, start, end, *open) {
                    continue;
                }
                match *of {
                    Of::Client(client) => {
                        self.clients[client] = true;
                        self.is_of_a_client = true;
                    }
                    Of::Loose(client) => self.clients[client] = true,
                    Of::Signal { fact, signal } => {
                        if !is_denied(&view.text, start) && !told[fact] {
                            told[fact] = signals.facts[fact].signals[signal].with.is_empty();
                            seen.push((fact, signal));
                        }
                    }
                    Of::Near { fact, signal, list } => {
                        let lists = signals.facts[fact].signals[signal].near.len();
                        let met = met.entry((fact, signal, view.sentence(start))).or_default();
                        *met |= 1 << list;
                        if !told[fact] && *met == (1 << lists) - 1 {
                            told[fact] = true;
                            seen.push((fact, signal));
                        }
                    }
                }
            }
        }
        seen.sort_unstable();
        seen.dedup();
        seen
    }

    fn number(&mut self, signals: &Signals, number: Number, seen: &mut Seen) {
        let mut known = false;
        for (fact, signal, of) in signals.facts.iter().enumerate().flat_map(|(at, fact)| {
            let numbered = fact.signals.iter().enumerate();
            numbered.map(move |(signal, of)| (at, signal, of))
        }) {
            if fits(of, number) {
                known |= number.place != Place::Duration;
                if seen.len() < 4 * signals.facts.len() {
                    seen.push((fact, signal));
                }
            }
        }
        let code = match number {
            Number {
                value,
                place: Place::Os,
            } if value < -10 => -value,
            Number { value, .. } => value,
        };
        if known && !self.codes.contains(&code) && self.codes.len() < MOST_CODES {
            self.codes.push(code);
        }
    }
}

fn fits(signal: &Signal, Number { value, place }: Number) -> bool {
    let large = value.abs() >= LARGE;
    match place {
        Place::Duration => signal.duration,
        // Node prints errno with a minus; the small negative ones are getaddrinfo's.
        Place::Os => {
            signal.os.contains(&value)
                || value < -10 && signal.os.contains(&-value)
                || large && signal.number.contains(&value)
        }
        Place::Sni => signal.sni.contains(&value) || large && signal.number.contains(&value),
        Place::Hex => signal.hex.contains(&value) || signal.number.contains(&value),
        // A system's own number, written in hexadecimal; the smallest are anything else's too.
        Place::ErrorHex => {
            signal.hex.contains(&value)
                || signal.number.contains(&value)
                || value >= SMALLEST_HEX && signal.os.contains(&value)
        }
        Place::Error | Place::Bracket => {
            signal.number.contains(&value) || signal.alone.contains(&value)
        }
        Place::Native | Place::Anywhere => signal.number.contains(&value),
    }
}

/// Whether a hit is a word of its own, and no key of a connection string (`Connect Timeout=15`).
fn is_word(text: &str, start: usize, end: usize, open: bool) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let first = text[start..].chars().next();
    let last = text[..end].chars().next_back();
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    let glued = letter(first) && letter(before) && is_latin(before);
    let goes_on = !open && letter(last) && letter(after) && is_latin(after);
    let is_key = text[end..].trim_start().starts_with('=');
    // `pre-login` is another layer than the login.
    let is_other = text[start..end].starts_with("login") && text[..start].ends_with("pre ");
    !glued && !goes_on && !is_key && !is_other
}

/// Scripts without blanks between words glue everything.
fn is_latin(character: Option<char>) -> bool {
    character
        .is_some_and(|c| c.is_ascii() || matches!(c, '\u{C0}'..='\u{24F}' | '\u{400}'..='\u{52F}'))
}

/// `no error`, `without timeout`
fn is_denied(text: &str, start: usize) -> bool {
    ["no ", "without "].iter().any(|word| {
        text[..start]
            .strip_suffix(word)
            .is_some_and(|before| !before.ends_with(char::is_alphanumeric))
    })
}
