//! A text as phrases are looked for in it: small letters, one blank, names out of the way.

use super::named::Names;

/// What stands for the host that the message names.
pub(super) const HOST: &str = "@host@";

/// A sentence without an end is cut here, so that words far apart do not meet.
const LONGEST_SENTENCE: usize = 400;

/// The text to search, and where its sentences begin.
pub(super) struct View {
    /// Small letters; blanks, line ends, `-` and `_` are one blank each.
    pub(super) text: String,
    /// Small letters, otherwise as given: for numbers, which carry signs.
    pub(super) plain: String,
    /// Offsets in `text` at which a sentence begins, in order.
    sentences: Vec<usize>,
}

impl View {
    pub(super) fn new(text: &str, names: &Names) -> Self {
        let plain = without_names(&text.to_ascii_lowercase(), names);
        let mut view = Self {
            text: String::with_capacity(plain.len()),
            plain: String::new(),
            sentences: Vec::new(),
        };
        let mut before = ' ';
        let mut characters = plain.chars().peekable();
        while let Some(character) = characters.next() {
            let character = match (character, characters.peek()) {
                // As Python and JSON print a line end and a quote.
                ('\\', Some('n' | 'r' | 't')) => {
                    characters.next();
                    '\n'
                }
                ('\\', Some('"' | '\'')) => continue,
                _ => straight(character),
            };
            if is_nothing(character) {
                continue;
            }
            view.push(character, before);
            before = character;
        }
        view.plain = plain;
        view
    }

    fn push(&mut self, character: char, before: char) {
        let ends = character == '\n' || (character == ' ' && matches!(before, '.' | ';' | '!'));
        let last = self.sentences.last().copied().unwrap_or(0);
        if ends || self.text.len() - last > LONGEST_SENTENCE {
            self.sentences.push(self.text.len());
        }
        if !is_blank(character) {
            self.text.push(character);
        } else if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
    }

    /// The number of the sentence that an offset lies in.
    pub(super) fn sentence(&self, at: usize) -> usize {
        self.sentences.partition_point(|start| *start <= at)
    }
}

/// A phrase in the form that the view has.
pub(super) fn phrase(text: &str) -> String {
    let text = text.to_lowercase();
    let words: Vec<&str> = text
        .split(is_blank)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// At most `most` bytes, cut between characters.
pub(super) fn bounded(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || matches!(character, '-' | '_')
}

/// Characters without a shape, as web pages and mails carry.
fn is_nothing(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Quotes and dashes as word processors and chats turn them.
fn straight(character: char) -> char {
    match character {
        '‘' | '’' | '‚' | '´' => '\'',
        '“' | '”' | '„' => '"',
        '‐'..='―' | '−' => '-',
        other => other,
    }
}

/// A host called `refused.corp` or `tls-proxy.corp` is no evidence: the hosts that the text
/// names, and every dotted word with a dash in it, become [`HOST`]. Class names have no dash.
fn without_names(text: &str, names: &Names) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let tail = &text[at..];
        let end = tail.find(|c| !is_name(c)).unwrap_or(tail.len());
        if end == 0 {
            let next = tail.chars().next().map_or(1, char::len_utf8);
            masked.push_str(&tail[..next]);
            at += next;
            continue;
        }
        let word = tail[..end].trim_end_matches('.');
        // `go-mssqldb.readPrelogin(` is a function.
        let is_call = tail[end..].starts_with('(');
        if names.has_host(word) || is_dashed_name(word) && !is_call {
            masked.push_str(HOST);
            masked.push_str(&tail[word.len()..end]);
        } else {
            masked.push_str(&tail[..end]);
        }
        at += end;
    }
    masked
}

fn is_dashed_name(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or(word);
    word.contains('-')
        && word.contains('.')
        && !word.starts_with(['-', '.'])
        && last.len() >= 2
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
}
