//! The checked tokens: the only text that reaches a packet or a command.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU16;

use hickory_proto::rr::Name;
use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthChar;

use super::Plainly;
use super::untrusted::{floor_char_boundary, is_invisible};

/// Why a text is no valid token: what is wrong and where (a byte offset).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct TokenError {
    /// What is wrong and what would be right.
    pub problem: String,
    /// Byte offset of the first offending character.
    pub at: usize,
}

/// A host name that can be looked up: letters, digits, `-`, `_` and dots, at most
/// 253 bytes and 63 a label (RFC 1123, with the underscore that Windows machines carry).
///
/// One dot at the end is kept: the name is then complete, and no search list is tried.
/// Letters beyond ASCII become their punycode form, which is what DNS is asked for. A name
/// whose last label is a number is refused, since resolvers read `1433` as `0.0.5.153`.
///
/// ```
/// use sqlreach::target::HostName;
///
/// assert_eq!(HostName::new("db_1.corp.example.")?.as_str(), "db_1.corp.example.");
/// assert_eq!(HostName::new("bücher.example")?.as_str(), "xn--bcher-kva.example");
/// assert!(HostName::new("-rf").is_err());
/// # Ok::<(), sqlreach::target::TokenError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostName(String);

/// A SQL Server instance name, without the host: at most 32 bytes on the wire, no
/// characters that end a name in any client's grammar (`\ , ; : / " '` and controls).
///
/// The rules are those of SQL Server's setup: a letter or `_`, then letters, digits, `_`,
/// `$`, `#` and `@`. `$` means something to every shell; whoever renders a command quotes.
///
/// ```
/// use sqlreach::target::InstanceName;
///
/// assert!(InstanceName::new("SQL$2022")?.matches("sql$2022"));
/// assert!(InstanceName::new("PROD;rm").is_err());
/// # Ok::<(), sqlreach::target::TokenError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InstanceName(String);

/// A TCP or UDP port, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Port(NonZeroU16);

/// The machine that a target names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Host {
    /// A name to be resolved.
    Name(HostName),
    /// A literal address, without an IPv6 scope id: those are refused, since `%eth0`
    /// names a network card of one machine and clients disagree about it.
    Address(IpAddr),
    /// `.`, `(local)`, `localhost` or nothing before `\INST`: this machine.
    Local,
}

impl HostName {
    /// The longest name that DNS carries, without the dot at the end.
    const MAX: usize = 253;
    /// The longest label that DNS carries.
    const MAX_LABEL: usize = 63;

    /// Checks a name. Fails on anything a resolver could not be asked for.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let Some(at) = text.find(|c: char| !c.is_ascii()) else {
            return Self::ascii(text);
        };
        // Dashes and quotes of word processors would make a name too, of some other machine.
        let fit = |c: char| c.is_ascii() || c.is_alphanumeric() || c.width() == Some(0);
        let strange = text.char_indices().find(|(_, c)| is_blank(*c) || !fit(*c));
        if let Some((at, character)) = strange {
            return Err(TokenError::at(at, unfit(character)));
        }
        // The mapping may yield what no name holds (a full-width `/` becomes `/`).
        let mapped = Name::from_utf8(text).ok().map(|name| name.to_ascii());
        mapped
            .and_then(|ascii| Self::ascii(&ascii).ok())
            .ok_or_else(|| {
                TokenError::at(
                    at,
                    "this is no name that DNS can carry, not even as punycode",
                )
            })
    }

    fn ascii(text: &str) -> Result<Self, TokenError> {
        let fit = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() {
            return Err(TokenError::at(0, "there is no host name"));
        }
        if let Some((at, character)) = text.char_indices().find(|(_, c)| !fit(c)) {
            return Err(TokenError::at(at, unfit(character)));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.len() > Self::MAX {
            return Err(TokenError::at(
                Self::MAX,
                format!(
                    "a host name has at most {} characters, this one has {}",
                    Self::MAX,
                    name.len()
                ),
            ));
        }
        let mut at = 0;
        for label in name.split('.') {
            Self::label(label).map_err(|problem| TokenError::at(at, problem))?;
            at += label.len() + 1;
        }
        let last = name.rsplit('.').next().unwrap_or(name);
        if is_number(last) {
            return Err(TokenError::at(
                name.len() - last.len(),
                "a name cannot end in a number: a resolver reads this as part of an IPv4 address",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    fn label(label: &str) -> Result<(), String> {
        if label.is_empty() {
            return Err("a part of the name is empty: a dot stands between two parts".to_owned());
        }
        if label.len() > Self::MAX_LABEL {
            return Err(format!(
                "a part of a name (between dots) has at most {} characters, this one has {}",
                Self::MAX_LABEL,
                label.len()
            ));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err("a part of a name neither begins nor ends with '-'".to_owned());
        }
        Ok(())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl InstanceName {
    /// The most that a request to Browser carries (\[MC-SQLR\] 2.2.3).
    const MAX: usize = 32;

    /// Checks an instance name. Fails on what SQL Server's setup would not take, so that
    /// a name is harmless in a packet, in a connection string and, quoted, in any shell.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let Some(first) = text.chars().next() else {
            return Err(TokenError::at(0, "there is no instance name"));
        };
        let fit = |c: char| is_letter(c) || c.is_numeric() || matches!(c, '_' | '$' | '#' | '@');
        if let Some((at, character)) = text.char_indices().find(|(_, c)| !fit(*c)) {
            return Err(TokenError::at(at, unfit(character)));
        }
        if !is_letter(first) && first != '_' {
            return Err(TokenError::at(
                0,
                "an instance name begins with a letter or '_'",
            ));
        }
        if text.len() > Self::MAX {
            let cut = floor_char_boundary(text, Self::MAX);
            return Err(TokenError::at(
                cut,
                format!(
                    "an instance name has at most 16 characters ({} bytes fit a request), this one has {} bytes",
                    Self::MAX,
                    text.len()
                ),
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text, in the case it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Instance names are compared without regard to case.
    pub fn matches(&self, other: &str) -> bool {
        if self.0.is_ascii() && other.is_ascii() {
            return self.0.eq_ignore_ascii_case(other);
        }
        self.0.to_lowercase() == other.to_lowercase()
    }
}

impl Port {
    /// 1433, where the default instance listens unless it was moved.
    pub const DEFAULT: Self = Self::literal(1433);
    /// 1434: SQL Server Browser on UDP, the dedicated administrator connection on TCP.
    pub const BROWSER: Self = Self::literal(1434);

    /// A port that is known when the program is written.
    ///
    /// # Panics
    ///
    /// On 0, which in a constant stops the compiler.
    pub const fn literal(number: u16) -> Self {
        match NonZeroU16::new(number) {
            Some(port) => Self(port),
            None => panic!("port 0 does not exist"),
        }
    }

    /// `None` for 0, which no one can connect to.
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(Self)
    }

    /// The number.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

impl TokenError {
    fn at(at: usize, problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            at,
        }
    }
}

/// A letter that every shell takes for one. The modifier letters of U+02B0 to U+02FF are
/// not: Windows turns some of them into quotes when a program asks for its arguments in ANSI.
fn is_letter(character: char) -> bool {
    character.is_alphabetic()
        && !is_invisible(character)
        && !matches!(character, '\u{2B0}'..='\u{2FF}')
}

/// Blanks, controls and what has no shape: in no name, in any script.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || is_invisible(character)
}

/// Decimal, or hexadecimal as C's `inet_aton` takes it.
fn is_number(label: &str) -> bool {
    let hex = label
        .strip_prefix("0x")
        .or_else(|| label.strip_prefix("0X"));
    label.bytes().all(|byte| byte.is_ascii_digit())
        || hex.is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Says why a character has no place in a name.
fn unfit(character: char) -> String {
    match character {
        ' ' => "a name holds no blanks".to_owned(),
        '*' | '?' => format!("'{character}' is a wildcard; names and addresses only"),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => {
            format!(
                "'{character}' is a dash of a word processor (U+{:04X}), not '-'",
                u32::from(character)
            )
        }
        _ if character.is_control() => {
            format!("a control character (U+{:04X})", u32::from(character))
        }
        _ if is_blank(character) => format!(
            "an invisible character (U+{:04X}), as web pages and mails carry; type the name anew",
            u32::from(character)
        ),
        _ => format!("'{character}' has no place in this name"),
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Address(address) => Plainly(*address).fmt(f),
            Self::Local => f.write_str("localhost"),
        }
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0
    }
}

impl TryFrom<String> for HostName {
    type Error = TokenError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<InstanceName> for String {
    fn from(name: InstanceName) -> Self {
        name.0
    }
}

impl TryFrom<String> for InstanceName {
    type Error = TokenError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}
