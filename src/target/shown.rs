//! A text as it may be shown and kept, and where a place of the original is in it.

use std::ops::Range;

use super::secret::{self, MASK};
use super::untrusted::shown_as;

/// The text without secrets and control characters, at most about `limit` characters, and
/// the range `at` of the original in it. Where the text is longer, the place stays in view.
pub(super) fn show(raw: &str, at: &Range<usize>, limit: usize) -> (String, Range<usize>) {
    if raw.len() <= limit
        && raw.bytes().all(|byte| byte.is_ascii_graphic())
        && secret::spans(raw).is_empty()
    {
        return (raw.to_owned(), at.clone());
    }
    let pieces = pieces(raw);
    let first = pieces
        .iter()
        .position(|piece| piece.end > at.start)
        .unwrap_or(pieces.len());
    let begin = if first < limit { 0 } else { first - limit / 2 };
    let end = pieces.len().min(begin + limit);

    let mut text = String::new();
    if begin > 0 {
        text.push('…');
    }
    let (mut from, mut to) = (None, text.len());
    for piece in &pieces[begin..end] {
        if from.is_none() && piece.end > at.start {
            from = Some(text.len());
        }
        text.push_str(&piece.shown);
        if piece.start < at.end {
            to = text.len();
        }
    }
    if end < pieces.len() {
        text.push('…');
    }
    let from = from.unwrap_or(text.len());
    let to = to.max(from);
    (text, from..to)
}

/// One character of the original, or one whole secret.
struct Piece {
    start: usize,
    end: usize,
    shown: String,
}

fn pieces(raw: &str) -> Vec<Piece> {
    let secrets = secret::spans(raw);
    let mut pieces = Vec::new();
    let mut next = secrets.iter().peekable();
    for (start, character) in raw.char_indices() {
        while next.peek().is_some_and(|span| span.end <= start) {
            next.next();
        }
        match next.peek() {
            Some(span) if span.start == start => pieces.push(Piece {
                start,
                end: span.end,
                shown: MASK.to_owned(),
            }),
            Some(span) if span.start < start => {}
            _ => pieces.push(Piece {
                start,
                end: start + character.len_utf8(),
                shown: shown_as(character).to_string(),
            }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_moves_with_the_mask() {
        let raw = "Password=geheim;Server=a b";
        let (text, at) = show(raw, &(24..25), 200);
        assert_eq!(text, "Password=***;Server=a b");
        assert_eq!(&text[at], " ");
    }

    #[test]
    fn a_place_in_a_secret_points_at_the_mask() {
        let (text, at) = show("Password=geheim", &(11..12), 200);
        assert_eq!(&text[at], "***");
    }

    #[test]
    fn a_place_far_back_stays_in_view() {
        let raw = format!("{}!{}", "x".repeat(5_000), "y".repeat(5_000));
        let (text, at) = show(&raw, &(5_000..5_001), 100);
        assert_eq!(&text[at], "!");
        assert!(text.starts_with('…') && text.ends_with('…') && text.chars().count() < 110);
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        assert_eq!(show("db1,", &(4..4), 100), ("db1,".to_owned(), 4..4));
    }
}
