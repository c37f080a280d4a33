//! Which spelling a text is written in, and the grammar of each.

mod command_line;
mod connection_string;
mod host;
mod jdbc;
mod pairs;
mod server;
mod url;

use std::borrow::Cow;
use std::ops::Range;

use super::shown::show;
use super::token::TokenError;
use super::untrusted::floor_char_boundary;
use super::{
    DEFAULT_INSTANCE, Host, InstanceName, Port, Protocol, Remark, Spelling, Target, TargetError,
};

/// Longer than any connection string that works; what is longer is no target.
const MAX_BYTES: usize = 16 * 1024;
/// Characters of a target's text that are kept.
const SHOWN_TARGET: usize = 1024;
/// Characters of a text that an error quotes.
const SHOWN_ERROR: usize = 160;

/// Parses one target in any spelling that a client takes.
///
/// ```
/// use sqlreach::target::parse;
///
/// assert_eq!(parse("tcp:db1,50123")?.port.map(|port| port.get()), Some(50123));
/// assert_eq!(parse("jdbc:sqlserver://db1;instanceName=PROD")?.short(), r"db1\PROD");
///
/// let error = parse("db1/PROD").unwrap_err();
/// assert_eq!(&error.text[error.at.clone()], "/");
/// assert!(error.hint.unwrap().contains(r"db1\PROD"));
/// # Ok::<(), sqlreach::target::TargetError>(())
/// ```
pub fn parse(text: &str) -> Result<Target, TargetError> {
    if text.len() > MAX_BYTES {
        let size = text.len() / 1024;
        let head = &text[..floor_char_boundary(text, MAX_BYTES)];
        return Err(Fault::new(
            0..0,
            format!("{size} KiB are more than any connection string"),
        )
        .into_error(head));
    }
    if let Some(found) = server::plain(text) {
        return Ok(found.into_target(text.to_owned(), Spelling::Server));
    }
    match read(text) {
        Ok((found, spelling)) => {
            let (shown, _) = show(unwrapped(text).1, &(0..0), SHOWN_TARGET);
            Ok(found.into_target(shown, spelling))
        }
        Err(fault) => Err(fault.into_error(text)),
    }
}

/// Tells the spellings apart. Faults are placed in `text`.
fn read(text: &str) -> Result<(Found, Spelling), Fault> {
    let (start, inner) = unwrapped(text);
    if inner.is_empty() {
        return Err(Fault::new(0..text.len(), "there is no server")
            .hint(r"a target is host, host,port or host\INSTANCE"));
    }
    let lower = inner.to_ascii_lowercase();
    let placed = |result: Result<Found, Fault>, spelling| {
        result
            .map(|found| (found, spelling))
            .map_err(|fault| fault.moved(start))
    };
    if lower.starts_with("jdbc:") {
        return placed(jdbc::read(inner), Spelling::Jdbc);
    }
    if let Some(scheme) = url::scheme(inner) {
        return placed(url::read(inner, scheme), Spelling::Url);
    }
    if command_line::is_one(inner) {
        return placed(command_line::read(inner), Spelling::Server);
    }
    // Go's driver marks an ODBC string so that `{}` quoting is in force.
    let odbc = if lower.starts_with("odbc:") { 5 } else { 0 };
    if odbc > 0 || inner.contains('=') {
        let read = connection_string::read(&inner[odbc..]).map_err(|fault| fault.moved(odbc));
        return placed(read, Spelling::ConnectionString);
    }
    placed(
        server::read(inner, server::Separator::Comma),
        Spelling::Server,
    )
}

/// Quotes that a text may have been copied with, in pairs.
const QUOTES: [(char, char); 7] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('“', '”'),
    ('„', '“'),
    ('‘', '’'),
    ('«', '»'),
];

/// The text without blanks around it and without the quotes it was copied with.
fn unwrapped(text: &str) -> (usize, &str) {
    let is_blank = |c: char| c.is_whitespace() || c == '\u{FEFF}';
    let start = text.len() - text.trim_start_matches(is_blank).len();
    let trimmed = text.trim_matches(is_blank);
    for (open, close) in QUOTES {
        let inner = trimmed
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close));
        // `"a" x "b"` is not one quoted text.
        if let Some(inner) = inner.filter(|inner| !inner.contains([open, close])) {
            let blanks = inner.len() - inner.trim_start().len();
            return (start + open.len_utf8() + blanks, inner.trim());
        }
    }
    (start, trimmed)
}

/// What a grammar read, before what the parts mean together is weighed.
#[derive(Clone, Debug)]
struct Found {
    host: Host,
    instance: Option<InstanceName>,
    port: Option<Port>,
    protocol: Protocol,
    remarks: Vec<Remark>,
}

impl Found {
    fn new(host: Host) -> Self {
        Self {
            host,
            instance: None,
            port: None,
            protocol: Protocol::Any,
            remarks: Vec::new(),
        }
    }

    /// The target that is shown as `text`.
    fn into_target(mut self, text: String, spelling: Spelling) -> Target {
        if self
            .instance
            .as_ref()
            .is_some_and(|instance| instance.matches(DEFAULT_INSTANCE))
        {
            self.instance = None;
            self.remarks.push(Remark::DefaultInstanceNamed);
        }
        if let (Some(instance), Some(port)) = (&self.instance, self.port) {
            self.remarks.push(Remark::PortWins {
                instance: instance.clone(),
                port,
            });
        }
        if self.port == Some(Port::BROWSER) && self.protocol != Protocol::Admin {
            self.remarks.push(Remark::DacPort);
        }
        if self.instance.is_none()
            && matches!(&self.host, Host::Name(name) if lost_a_backslash(name.as_str()))
        {
            self.remarks.push(Remark::MaybeLostBackslash);
        }
        Target {
            text,
            host: self.host,
            instance: self.instance,
            port: self.port,
            protocol: self.protocol,
            spelling,
            remarks: self.remarks,
        }
    }
}

/// `db1PROD`, `db.corp.localPROD`: a host in small letters, then an instance in capitals,
/// as bash leaves an unquoted `db1\PROD`.
fn lost_a_backslash(name: &str) -> bool {
    let Some(tail) = name.find(|c: char| c.is_ascii_uppercase()) else {
        return false;
    };
    let (host, instance) = name.split_at(tail);
    let host_like = host.contains(|c: char| c.is_ascii_lowercase())
        && (host.ends_with(|c: char| c.is_ascii_digit()) || host.contains('.'))
        && !host.ends_with(['.', '-', '_']);
    host_like
        && instance.len() > 1
        && instance
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// Why a text is no target, at a place of the original text.
#[derive(Clone, Debug)]
struct Fault {
    at: Range<usize>,
    problem: String,
    /// Owned where it is made of parts of `source`.
    hint: Option<Cow<'static, str>>,
    /// The part of the text that was read when the fault was found.
    source: Range<usize>,
}

impl Fault {
    fn new(at: Range<usize>, problem: impl Into<String>) -> Self {
        Self {
            source: at.clone(),
            at,
            problem: problem.into(),
            hint: None,
        }
    }

    /// A token's fault; `at` is the place of the token, which is `text`.
    fn token(error: TokenError, at: Range<usize>, text: &str) -> Self {
        let start = at.start + error.at;
        let length = text
            .get(error.at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        Self::new(start..start + length, error.problem)
    }

    fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, seen from a text in which the faulty one begins at `offset`.
    fn moved(mut self, offset: usize) -> Self {
        self.at = shifted(&self.at, offset);
        self.source = shifted(&self.source, offset);
        self
    }

    /// The same, where a value was decoded: inside the piece that it came from.
    fn within(self, piece: &Piece<'_>) -> Self {
        match &piece.value {
            Cow::Borrowed(_) => self.moved(piece.at.start),
            Cow::Owned(_) => Self {
                at: piece.at.clone(),
                source: piece.at.clone(),
                ..self
            },
        }
    }

    fn into_error(self, raw: &str) -> TargetError {
        let (text, at) = show(raw, &self.at, SHOWN_ERROR);
        // What was taken for a server may be the pieces of a badly quoted password.
        let secrets = super::secret::spans(raw);
        let has_secret = secrets
            .iter()
            .any(|span| span.start < self.source.end && self.source.start < span.end);
        let hint = self
            .hint
            .filter(|hint| matches!(hint, Cow::Borrowed(_)) || !has_secret);
        let hint = hint.map(|hint| super::clean(&super::mask_secrets(&hint), SHOWN_ERROR));
        TargetError {
            text,
            at,
            problem: super::clean(&self.problem, SHOWN_ERROR),
            hint,
        }
    }
}

fn shifted(range: &Range<usize>, offset: usize) -> Range<usize> {
    range.start + offset..range.end + offset
}

/// A value and where it stands in the text. Owned where it had to be decoded.
#[derive(Clone, Debug)]
struct Piece<'a> {
    value: Cow<'a, str>,
    at: Range<usize>,
}
