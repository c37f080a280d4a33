//! Text to fit the screen: cut, padded, wrapped by columns, and durations in few letters.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

pub use crate::evidence::in_few_letters as duration;
use crate::evidence::{ConnectStatus, Elapsed, Evidence};
use crate::monitor::{Flapping, Since};
use crate::target::Platform;

/// How many columns a text takes. Most of ours is ASCII, of which each byte takes one.
fn width(text: &str) -> usize {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        text.len()
    } else {
        text.width()
    }
}

/// At most `columns` wide, with `…` where something was cut off.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        kept.push(c);
        used += width;
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// Exactly `columns` wide, cut or filled up on the right.
pub fn left(text: &str, columns: usize) -> String {
    filled(text, columns, |_| 0)
}

/// Exactly `columns` wide, cut or filled up on the left.
pub fn right(text: &str, columns: usize) -> String {
    filled(text, columns, |space| space)
}

/// Exactly `columns` wide, in the middle.
pub fn centre(text: &str, columns: usize) -> String {
    filled(text, columns, |space| space / 2)
}

/// Cut, or filled up, of which so much as `before` says is on the left.
fn filled(text: &str, columns: usize, before: impl Fn(usize) -> usize) -> String {
    let cut = (width(text) > columns).then(|| cut(text, columns));
    let text = cut.as_deref().unwrap_or(text);
    // A character of two columns that was cut off may have left one of them free.
    let space = columns.saturating_sub(width(text));
    let before = before(space);
    let mut cell = String::with_capacity(text.len() + space);
    cell.extend(std::iter::repeat_n(' ', before));
    cell.push_str(text);
    cell.extend(std::iter::repeat_n(' ', space - before));
    cell
}

/// Lines of at most `columns`, broken at blanks; a word that is too long is broken anywhere.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word = word;
        if !line.is_empty() && line.width() + 1 + word.width() > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        while line.width() + word.width() > columns {
            let (head, tail) = split_at_width(word, columns - line.width());
            line.push_str(head);
            lines.push(std::mem::take(&mut line));
            word = tail;
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Splits so that the head is at most `columns` wide, and at least one character long.
fn split_at_width(word: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in word.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns && at > 0 {
            return word.split_at(at);
        }
    }
    (word, "")
}

/// `3m12s`, or `≥ 12s` where it may be longer.
pub fn since(since: &Since, now: Timestamp) -> Option<String> {
    let (length, at_least) = since.duration(now)?;
    let length = duration(length);
    Some(if at_least {
        format!("≥{length}")
    } else {
        length
    })
}

/// A moment in few letters: its time today, else its day as well.
pub fn moment(moment: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let [at, today] = [moment, now].map(|time| time.to_zoned(zone.clone()));
    let format = if at.date() == today.date() {
        "%H:%M:%S"
    } else {
        "%d %b %H:%M"
    };
    at.strftime(format).to_string()
}

/// When it began: `14:00:17`, `≤14:00` where it may have begun before; the day where that
/// was another one.
pub fn began(since: &Since, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let [at, today] = [since.first_seen?, now].map(|time| time.to_zoned(zone.clone()));
    let format = match (at.date() == today.date(), since.at_least) {
        (true, false) => "%H:%M:%S",
        (true, true) => "≤%H:%M",
        (false, false) => "%d %b",
        (false, true) => "≤%d %b",
    };
    Some(at.strftime(format).to_string())
}

/// How an instance goes up and down.
pub fn flapping(flapping: Flapping) -> String {
    match flapping {
        Flapping::Changes(changes) => format!("flapping: {changes} changes in 5 min"),
        Flapping::Blips => "flapping: opens and refuses in turn".to_owned(),
    }
}

/// The name of a platform on the screen.
pub fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Windows => "windows",
        Platform::Linux => "linux",
        Platform::Container => "container",
        Platform::Azure => "azure",
        Platform::Rds => "rds",
    }
}

/// Connect time of the fastest address that opened or refused.
pub fn connect_time(evidence: &Evidence) -> Option<Elapsed> {
    let connect = &evidence.layers.connect;
    connect
        .attempts
        .iter()
        .filter(|attempt| matches!(attempt.status, ConnectStatus::Open | ConnectStatus::Refused))
        .filter(|attempt| attempt.status == connect.status)
        .map(|attempt| attempt.elapsed)
        .min()
}

/// Time of the engine's answer, where it answered.
pub fn engine_time(evidence: &Evidence) -> Option<Elapsed> {
    let prelogin = &evidence.layers.prelogin;
    prelogin.version.and(prelogin.elapsed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_wrap_and_long_ones_break() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn a_cell_is_exactly_as_wide_as_its_column(text in "\\PC*", columns in 0usize..40) {
            prop_assert_eq!(left(&text, columns).width(), columns);
            prop_assert_eq!(right(&text, columns).width(), columns);
            prop_assert_eq!(centre(&text, columns).width(), columns);
        }

        #[test]
        fn wrapping_loses_no_letter(text in "[a-z ü漢]{0,80}", columns in 2usize..30) {
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|line| line.width() <= columns));
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
