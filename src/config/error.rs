//! A mistake in the file: where it is, what it is, what would be right.

use std::cell::OnceCell;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::target::{clean, mask_secrets};

use super::keys::is_like_a_secret;

/// Of a line, so much is looked at; secrets are found from its beginning.
const LOOKED_AT: usize = 4096;
/// Of a line, so many columns are quoted.
const QUOTED: usize = 120;

/// A mistake in the file: where, what, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line itself, passwords masked, control characters replaced, cut to a screen's width.
    pub quoted: String,
    /// What is wrong.
    pub problem: String,
    /// What would be right, where that is known.
    pub hint: Option<String>,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    /// One line: `FILE:12:3: unknown key 'rat' in [probe]; did you mean 'rate'?  | rat = 100`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = visible(&self.file.to_string_lossy());
        write!(f, "{file}:{}:{}: {}", self.line, self.column, self.problem)?;
        if let Some(hint) = &self.hint {
            write!(f, "; {hint}")?;
        }
        if !self.quoted.is_empty() {
            write!(f, "  | {}", self.quoted)?;
        }
        Ok(())
    }
}

/// A text of which a byte offset can be turned into a line and column, fast and often.
pub(super) struct Source<'t> {
    text: &'t str,
    file: &'t Path,
    /// What was left out of it.
    gaps: &'t [Gap],
    /// The offset at which each line begins; looked for when a place is asked for.
    lines: OnceCell<Vec<usize>>,
    /// The offsets of `"""` and of `'''`, which begin and end texts of several lines; looked
    /// for when there is a mistake to be quoted.
    quotes: OnceCell<[Vec<usize>; 2]>,
}

/// Lines that were left out of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// Where they were, as a byte offset of the text that is left.
    at: usize,
    /// How many bytes were left out up to there.
    bytes: usize,
    /// And how many lines.
    lines: usize,
}

impl Gap {
    /// Leaves more lines out, where the text that is left is so long.
    pub(super) fn add(gaps: &mut Vec<Self>, at: usize, bytes: usize, lines: usize) {
        let before = gaps.last().map_or((0, 0), |gap| (gap.bytes, gap.lines));
        let gap = Self {
            at,
            bytes: before.0.saturating_add(bytes),
            lines: before.1.saturating_add(lines),
        };
        match gaps.last_mut() {
            Some(last) if last.at == at => *last = gap,
            _ => gaps.push(gap),
        }
    }
}

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str, file: &'t Path) -> Self {
        Self::with_gaps(text, file, &[])
    }

    /// A text out of which whole lines were left.
    pub(super) fn with_gaps(text: &'t str, file: &'t Path, gaps: &'t [Gap]) -> Self {
        Self {
            text,
            file,
            gaps,
            lines: OnceCell::new(),
            quotes: OnceCell::new(),
        }
    }

    /// Where each line begins.
    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate();
            let ends = ends.filter(|(_, byte)| *byte == b'\n');
            let behind = ends.map(|(at, _)| at + 1);
            std::iter::once(0).chain(behind).collect()
        })
    }

    /// The line of a byte offset, from 0, among those that are left.
    fn own_line(&self, at: usize) -> usize {
        self.lines().partition_point(|begin| *begin <= at) - 1
    }

    /// What was left out in front of a byte offset: bytes and lines.
    fn left_out(&self, at: usize) -> (usize, usize) {
        let before = self.gaps.partition_point(|gap| gap.at <= at);
        let last = before.checked_sub(1).map(|last| self.gaps[last]);
        last.map_or((0, 0), |gap| (gap.bytes, gap.lines))
    }

    /// A byte offset of the text before anything was left out.
    pub(super) fn place(&self, at: usize) -> usize {
        at + self.left_out(at).0
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn file(&self) -> &'t Path {
        self.file
    }

    /// The text between two offsets, empty where there is none.
    pub(super) fn slice(&self, span: std::ops::Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or("")
    }

    /// The line of a byte offset, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.own_line(at) + 1 + self.left_out(at).1
    }

    /// A mistake at a byte offset.
    pub(super) fn error(&self, at: usize, problem: String, hint: Option<String>) -> ConfigError {
        let line = self.line(at);
        let begin = self.lines()[self.own_line(at)];
        let before = self.slice(begin..at.min(self.text.len())).chars().count();
        let quoted = self.quote(begin, before);
        ConfigError {
            file: self.file.to_owned(),
            line,
            column: before + 1,
            quoted,
            problem,
            hint,
        }
    }

    /// A mistake at a word of a line.
    pub(super) fn error_on(
        &self,
        line: usize,
        word: &str,
        problem: String,
        hint: Option<String>,
    ) -> ConfigError {
        let lines = self.lines();
        let begin = lines[line.clamp(1, lines.len()) - 1];
        let at = self.text[begin..].find(word).unwrap_or(0);
        self.error(begin + at, problem, hint)
    }

    fn quote(&self, begin: usize, before: usize) -> String {
        // In a text of several lines the word that tells a secret may stand on another line.
        let text = self.text;
        let quotes = self.quotes.get_or_init(|| {
            ["\"\"\"", "'''"].map(|quotes| text.match_indices(quotes).map(|(at, _)| at).collect())
        });
        if quotes
            .iter()
            .any(|quotes| quotes.partition_point(|at| *at < begin) % 2 == 1)
        {
            return String::new();
        }
        let rest = &self.text[begin..];
        let line = without_secrets(cut(rest.split(['\n', '\r']).next().unwrap_or(rest)));
        let skipped = if before < QUOTED {
            0
        } else {
            before - QUOTED * 2 / 3
        };
        let window: String = line.chars().skip(skipped).take(QUOTED).collect();
        visible(window.trim())
    }
}

/// Text of the user as it may stand in a message: one short line, no secrets, no control characters.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let text = without_secrets(cut(text));
    let short: String = text.chars().take(MOST).collect();
    let rest = if short.len() < text.len() { "…" } else { "" };
    visible(&short) + rest
}

/// Everything behind the first secret goes: TOML escapes the quotes of a connection string,
/// so where a secret ends cannot be told from a raw line.
fn without_secrets(text: &str) -> String {
    let masked = mask_secrets(text);
    let known = if masked == text {
        None
    } else {
        masked.find("***")
    };
    let mistyped = masked
        .match_indices(['=', ':'])
        .find(|(at, _)| is_like_a_secret(word_before(&masked[..*at])));
    match (known, mistyped) {
        (Some(at), None) => format!("{}***", &masked[..at]),
        (None, Some((at, _))) => format!("{} ***", &masked[..=at]),
        (Some(at), Some((other, _))) if at <= other => format!("{}***", &masked[..at]),
        (Some(_), Some((other, _))) => format!("{} ***", &masked[..=other]),
        (None, None) => masked.into_owned(),
    }
}

fn word_before(text: &str) -> &str {
    let text = text.trim_end_matches([' ', '\t', '"', '\'']);
    let word = text.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
    &text[word.len()..]
}

fn visible(text: &str) -> String {
    clean(text, LOOKED_AT)
}

fn cut(text: &str) -> &str {
    match text
        .char_indices()
        .find(|(at, character)| at + character.len_utf8() > LOOKED_AT)
    {
        Some((at, _)) => &text[..at],
        None => text,
    }
}
