//! One value of the file to one checked setting.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::de::DeValue;

use crate::target::{HostName, Kind, Platform, Port, mask_secrets};

use super::duration::{self, DurationError};
use super::error::shown;
use super::keys::nearest;
use super::section::{Given, Wrong, describe};

/// A manual probe looks at the ports that tell causes apart; it is no port scan.
const MOST_WITNESS_PORTS: usize = 32;
/// DNS servers are asked one by one.
const MOST_DNS_SERVERS: usize = 8;
/// Nodes of a cluster: Windows Server allows 64.
const MOST_NODES: usize = 64;

const PLATFORMS: [(&str, Option<Platform>); 6] = [
    ("auto", None),
    ("windows", Some(Platform::Windows)),
    ("linux", Some(Platform::Linux)),
    ("container", Some(Platform::Container)),
    ("azure", Some(Platform::Azure)),
    ("rds", Some(Platform::Rds)),
];

const KINDS: [(&str, Option<Kind>); 5] = [
    ("auto", None),
    ("standalone", Some(Kind::Standalone)),
    ("fci", Some(Kind::Fci)),
    ("ag-replica", Some(Kind::AgReplica)),
    ("ag-listener", Some(Kind::AgListener)),
];

pub(super) fn interval(given: &Given<'_>) -> Result<Duration, Wrong> {
    length(given, duration::interval)
}

pub(super) fn timeout(given: &Given<'_>) -> Result<Duration, Wrong> {
    length(given, duration::timeout)
}

/// `None` is `"max"`.
pub(super) fn rate(given: &Given<'_>) -> Result<Option<u32>, Wrong> {
    match given.get_ref() {
        DeValue::String(text) if text == "max" => Ok(None),
        DeValue::Integer(_) => number(given, 1..=u32::MAX).map(Some),
        _ => Err(Wrong::new(format!(
            "{} is no number of connections a second",
            describe(given)
        ))
        .hint("write rate = 100, or rate = \"max\" for no limit")),
    }
}

pub(super) fn port(given: &Given<'_>) -> Result<Port, Wrong> {
    let number: u16 = number(given, 1..=u16::MAX)?;
    Port::new(number).ok_or_else(|| Wrong::new("port 0 does not exist"))
}

pub(super) fn witness_ports(given: &Given<'_>) -> Result<Vec<Port>, Wrong> {
    let mut ports: Vec<Port> = Vec::new();
    for port in list(given, MOST_WITNESS_PORTS, port)? {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    Ok(ports)
}

pub(super) fn yes_or_no(given: &Given<'_>) -> Result<bool, Wrong> {
    given.get_ref().as_bool().ok_or_else(|| {
        Wrong::new(format!("{} is neither true nor false", describe(given)))
            .hint("write true or false, without quotes")
    })
}

pub(super) fn dns_servers(given: &Given<'_>) -> Result<Vec<SocketAddr>, Wrong> {
    list(given, MOST_DNS_SERVERS, dns_server)
}

/// How many probes must agree.
pub(super) fn agreeing(given: &Given<'_>) -> Result<u8, Wrong> {
    number(given, 1..=20)
}

/// How many addresses should answer.
pub(super) fn live(given: &Given<'_>) -> Result<u16, Wrong> {
    number(given, 1..=1024)
}

/// Any text; what it means is decided elsewhere.
pub(super) fn raw_text<'t>(given: &'t Given<'t>) -> Result<&'t str, Wrong> {
    given.get_ref().as_str().ok_or_else(|| {
        Wrong::new(format!("{} is no text", describe(given))).hint("put it in 'single quotes'")
    })
}

/// A name as it stands in the table.
pub(super) fn name(given: &Given<'_>) -> Result<String, Wrong> {
    line(given, 256)
}

/// Labels: one word each, since a filter is written `tag:word`.
pub(super) fn tags(given: &Given<'_>) -> Result<Vec<String>, Wrong> {
    list(given, 64, |tag| {
        let word = line(tag, 64)?;
        if word.contains(char::is_whitespace) {
            return Err(Wrong::new(format!(
                "the tag \"{}\" is more than one word",
                shown(&word)
            ))
            .hint("a filter finds tag:word; use a hyphen"));
        }
        Ok(word)
    })
}

/// Text that may run over several lines. Whoever writes a password into it shall not see it
/// on a shared screen or in a report.
pub(super) fn note(given: &Given<'_>) -> Result<String, Wrong> {
    let text = raw_text(given)?;
    limited(text, 4096)?;
    match text
        .chars()
        .find(|character| is_unprintable(*character) && !matches!(character, '\n' | '\r' | '\t'))
    {
        Some(character) => Err(unprintable(character)),
        None => Ok(mask_secrets(&text.replace("\r\n", "\n")).into_owned()),
    }
}

pub(super) fn nodes(given: &Given<'_>) -> Result<Vec<HostName>, Wrong> {
    list(given, MOST_NODES, |node| {
        let text = raw_text(node)?;
        HostName::new(text)
            .map_err(|error| Wrong::new(format!("\"{}\" is no host name: {error}", shown(text))))
    })
}

pub(super) fn platform(given: &Given<'_>) -> Result<Option<Platform>, Wrong> {
    one_of(given, &PLATFORMS)
}

pub(super) fn kind(given: &Given<'_>) -> Result<Option<Kind>, Wrong> {
    one_of(given, &KINDS)
}

/// The platform that a word of the command line names; `None` is `auto`.
pub(super) fn platform_called(word: &str) -> Result<Option<Platform>, String> {
    called(word, &PLATFORMS).map_err(|hint| format!("'{}' is no platform; {hint}", shown(word)))
}

/// The word of a platform.
pub(super) fn platform_word(platform: Option<Platform>) -> &'static str {
    word_of(&platform, &PLATFORMS)
}

/// The word of a kind.
pub(super) fn kind_word(kind: Option<Kind>) -> &'static str {
    word_of(&kind, &KINDS)
}

fn length(
    given: &Given<'_>,
    read: fn(&str) -> Result<Duration, DurationError>,
) -> Result<Duration, Wrong> {
    match given.get_ref() {
        DeValue::String(text) => read(text).map_err(|error| match error {
            DurationError::Malformed => Wrong::new(format!("{} is no duration", describe(given)))
                .hint("write it like \"15s\", \"500ms\" or \"1h30m\""),
            other => Wrong::new(other.to_string()),
        }),
        DeValue::Integer(number) => Err(Wrong::new(format!("{} has no unit", describe(given)))
            .hint(format!("write \"{number}s\""))),
        _ => Err(Wrong::new(format!("{} is no duration", describe(given)))
            .hint("write it like \"15s\" or \"500ms\"")),
    }
}

fn number<N>(given: &Given<'_>, bounds: RangeInclusive<N>) -> Result<N, Wrong>
where
    N: TryFrom<i128> + PartialOrd + std::fmt::Display + Copy,
{
    let (least, most) = (*bounds.start(), *bounds.end());
    let DeValue::Integer(integer) = given.get_ref() else {
        let wrong = Wrong::new(format!("{} is no whole number", describe(given)));
        return Err(match given.get_ref().as_str().map(str::trim) {
            Some(text) if text.parse::<u32>().is_ok() => {
                wrong.hint(format!("write {text}, without quotes"))
            }
            _ => wrong.hint(format!("write a number from {least} to {most}")),
        });
    };
    i128::from_str_radix(integer.as_str(), integer.radix())
        .ok()
        .and_then(|number| N::try_from(number).ok())
        .filter(|number| bounds.contains(number))
        .ok_or_else(|| {
            Wrong::new(format!(
                "{} is not between {least} and {most}",
                describe(given)
            ))
        })
}

pub(super) fn list<'t, T>(
    given: &'t Given<'t>,
    most: usize,
    read: impl Fn(&'t Given<'t>) -> Result<T, Wrong>,
) -> Result<Vec<T>, Wrong> {
    let DeValue::Array(elements) = given.get_ref() else {
        return Err(Wrong::new(format!("{} is no list", describe(given)))
            .hint("write […], also around a single one"));
    };
    if elements.len() > most {
        return Err(Wrong::new(format!(
            "{} in the list; at most {most}",
            elements.len()
        )));
    }
    elements
        .iter()
        .map(|element| {
            read(element).map_err(|wrong| match wrong.at {
                None => wrong.at(element.span()),
                Some(_) => wrong,
            })
        })
        .collect()
}

fn dns_server(given: &Given<'_>) -> Result<SocketAddr, Wrong> {
    const DNS: u16 = 53;
    let text = raw_text(given)?.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let address = text.parse().or_else(|_| {
        bare.parse::<IpAddr>()
            .map(|address| SocketAddr::new(address, DNS))
    });
    match address {
        Ok(address) if address.port() != 0 && !address.ip().is_unspecified() => Ok(address),
        _ => Err(
            Wrong::new(format!("{} is no address of a DNS server", describe(given)))
                .hint("write \"10.0.0.53\", \"10.0.0.53:5353\" or \"[fd00::53]:53\""),
        ),
    }
}

/// A filter as it is typed into the dashboard; empty for none.
pub(super) fn filter(given: &Given<'_>) -> Result<String, Wrong> {
    match raw_text(given)?.trim() {
        "" => Ok(String::new()),
        _ => line(given, 256),
    }
}

fn line(given: &Given<'_>, most: usize) -> Result<String, Wrong> {
    let text = raw_text(given)?.trim();
    if text.is_empty() {
        return Err(Wrong::new("this is empty").hint("leave the line out instead"));
    }
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if text.len() <= most && text.bytes().all(is_plain) {
        return Ok(text.to_owned());
    }
    limited(text, most)?;
    match text.chars().find(|character| is_unprintable(*character)) {
        Some(character) => Err(unprintable(character)),
        None => Ok(text.to_owned()),
    }
}

fn limited(text: &str, most: usize) -> Result<(), Wrong> {
    match text.chars().count() {
        count if count > most => Err(Wrong::new(format!(
            "{count} characters are too many; at most {most}"
        ))),
        _ => Ok(()),
    }
}

/// Control characters, and those that turn the direction of a line (Unicode's bidi controls).
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn unprintable(character: char) -> Wrong {
    Wrong::new(format!(
        "the character U+{:04X} cannot be shown",
        u32::from(character)
    ))
    .hint("in \"double quotes\" a backslash is special; use 'single quotes'")
}

pub(super) fn one_of<T: Copy>(given: &Given<'_>, words: &[(&'static str, T)]) -> Result<T, Wrong> {
    let text = raw_text(given)?;
    called(text, words)
        .map_err(|hint| Wrong::new(format!("{} is not known", describe(given))).hint(hint))
}

/// The meaning of a word, or the hint that helps.
pub(super) fn called<T: Copy>(text: &str, words: &[(&'static str, T)]) -> Result<T, String> {
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*meaning);
    }
    let names = || words.iter().map(|(word, _)| *word);
    Err(match nearest(text, names()) {
        Some(word) => format!("did you mean '{word}'?"),
        None => format!("one of {}", names().collect::<Vec<_>>().join(", ")),
    })
}

fn word_of<T: PartialEq>(meaning: &T, words: &[(&'static str, T)]) -> &'static str {
    words
        .iter()
        .find(|(_, known)| known == meaning)
        .map_or("auto", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_and_kind_has_the_word_it_has_in_json() {
        for platform in Platform::ALL {
            assert_eq!(serde_json::json!(platform), platform_word(Some(platform)));
        }
        assert_eq!(PLATFORMS.len(), Platform::ALL.len() + 1);
        for (word, kind) in KINDS {
            assert_eq!(
                serde_json::json!(kind),
                kind.map_or(serde_json::Value::Null, |_| word.into())
            );
        }
    }
}
