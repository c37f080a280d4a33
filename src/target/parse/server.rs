//! `[tcp:|np:|lpc:|admin:]host[\INSTANCE][,port]`, as sqlcmd, SSMS and every `Server=` take it.

use std::net::IpAddr;
use std::ops::Range;

use super::host::host_of;
use super::{Fault, Found, SHOWN_TARGET};
use crate::target::{Host, HostName, InstanceName, Port, Protocol, Remark};

/// What stands before the port where the text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// `host,port`; `host:port` is taken with a remark.
    Comma,
    /// `host:port`, in JDBC and FreeTDS; a comma is a fault there.
    Colon,
}

const PREFIXES: [(&str, Protocol); 4] = [
    ("tcp:", Protocol::Tcp),
    ("np:", Protocol::NamedPipes),
    ("lpc:", Protocol::SharedMemory),
    ("admin:", Protocol::Admin),
];

/// Reads `host[\INSTANCE][,port]` where it holds nothing but letters, digits and what joins
/// them: most servers are written so, and [`read`] makes the same of them in many times the
/// time. `None` for all else, right or wrong.
pub(super) fn plain(text: &str) -> Option<Found> {
    let (server, port) = cut(text, b',');
    let (host, instance) = cut(server, b'\\');
    let joins = |byte: u8| matches!(byte, b'.' | b'-' | b'_');
    let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || joins(b));
    let is_number = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text.len() <= SHOWN_TARGET;
    if !fits || !is_plain(host) || !instance.is_none_or(is_plain) || !port.is_none_or(is_number) {
        return None;
    }
    let machine = host_of(host).ok()?;
    // What has no letter may be a range of addresses.
    let is_named = host.bytes().any(|byte| byte.is_ascii_alphabetic());
    if !is_named && !matches!(machine, Host::Address(_)) {
        return None;
    }
    let mut found = Found::new(machine);
    found.instance = instance.map(InstanceName::new).transpose().ok()?;
    found.port = match port {
        Some(port) => Some(Port::new(port.parse().ok()?)?),
        None => None,
    };
    Some(found)
}

/// Both sides of the first `separator`, which is ASCII: a search for so little text that
/// looking byte by byte is quickest.
fn cut(text: &str, separator: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|byte| byte == separator) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Reads a server. Faults are placed in `text`.
pub(super) fn read(text: &str, separator: Separator) -> Result<Found, Fault> {
    server(text, separator).map_err(|fault| Fault {
        source: 0..text.len(),
        ..fault
    })
}

fn server(text: &str, separator: Separator) -> Result<Found, Fault> {
    let whole = Span { text, at: 0 }.trimmed();
    if whole.text.is_empty() {
        return Err(Fault::new(0..text.len(), "there is no server"));
    }
    let (protocol, rest, remark) = prefix(whole);
    if protocol != Protocol::Any && prefix(rest).0 != Protocol::Any {
        let place = rest.to(rest.text.find(':').map_or(0, |at| at + 1)).range();
        return Err(Fault::new(
            place,
            "a second prefix: a server has one protocol",
        ));
    }
    let mut found = if rest.text.is_empty() {
        Err(
            Fault::new(whole.range(), "there is no server after the prefix")
                .hint(format!("{}host,port", whole.text)),
        )
    } else if rest.text.starts_with(r"\\") {
        pipe(rest)
    } else if strip_prefix(rest, "(localdb)").is_some() {
        local_db(rest)
    } else {
        let reader = Reader {
            protocol,
            separator,
            prefix: &whole.text[..whole.text.len() - rest.text.len()],
        };
        reader.network(rest)
    }?;
    if found.protocol == Protocol::Any {
        found.protocol = protocol;
    }
    found.remarks.extend(remark);
    Ok(found)
}

/// A part of the text, with its place.
#[derive(Clone, Copy, Debug)]
struct Span<'a> {
    text: &'a str,
    at: usize,
}

impl Span<'_> {
    fn range(self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    fn from(self, index: usize) -> Self {
        Self {
            text: &self.text[index..],
            at: self.at + index,
        }
    }

    fn to(self, index: usize) -> Self {
        Self {
            text: &self.text[..index],
            at: self.at,
        }
    }

    fn trimmed(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        Self {
            text: self.text.trim(),
            at: self.at + start,
        }
    }

    /// Both sides of the first `separator`, which is ASCII.
    fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let at = self.text.find(separator)?;
        Some((self.to(at), self.from(at + 1)))
    }

    fn char_at(self, index: usize) -> Range<usize> {
        let length = self.text[index..].chars().next().map_or(0, char::len_utf8);
        self.at + index..self.at + index + length
    }
}

fn prefix(whole: Span<'_>) -> (Protocol, Span<'_>, Option<Remark>) {
    for (prefix, protocol) in PREFIXES {
        if let Some(rest) = strip_prefix(whole, prefix) {
            let remark = (!whole.text.starts_with(prefix)).then_some(Remark::UpperCasePrefix);
            return (protocol, rest.trimmed(), remark);
        }
    }
    (Protocol::Any, whole, None)
}

fn strip_prefix<'a>(span: Span<'a>, prefix: &str) -> Option<Span<'a>> {
    let head = span.text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| span.from(prefix.len()))
}

/// `\\host\pipe\MSSQL$INST\sql\query`
fn pipe(span: Span<'_>) -> Result<Found, Fault> {
    let mut parts = span.text[2..].split('\\');
    let host = parts.next().unwrap_or_default();
    let instance = parts.next().unwrap_or_default();
    if !instance.eq_ignore_ascii_case("pipe") {
        let fault = Fault::new(
            span.at..span.at + 2,
            r"'\\' begins the path of a named pipe, \\host\pipe\sql\query, and this is none",
        );
        let right = if instance.is_empty() {
            or_host(host).to_owned()
        } else {
            format!(r"{host}\{instance}")
        };
        return Err(fault.hint(format!("without the backslashes at the start: {right}")));
    }
    let mut found = Found::new(host_of(host).map_err(|fault| fault.moved(span.at + 2))?);
    found.protocol = Protocol::NamedPipes;
    let named = parts.next().and_then(|part| {
        part.get(..6)
            .filter(|head| head.eq_ignore_ascii_case("MSSQL$"))
            .map(|_| &part[6..])
    });
    found.instance = named.and_then(|name| InstanceName::new(name).ok());
    Ok(found)
}

/// `(localdb)\name`, where the name may hold what no instance name does (`v11.0`, `.\shared`).
fn local_db(span: Span<'_>) -> Result<Found, Fault> {
    let rest = span.from("(localdb)".len());
    let name = rest.text.strip_prefix('\\').filter(|name| !name.is_empty());
    let Some(name) = name else {
        return Err(
            Fault::new(rest.range(), "LocalDB wants the name of an instance")
                .hint(r"(localdb)\MSSQLLocalDB"),
        );
    };
    let mut found = Found::new(Host::Local);
    found.protocol = Protocol::LocalDb;
    found.instance = InstanceName::new(name).ok();
    Ok(found)
}

/// The context of `host[\INSTANCE][,port]`.
struct Reader<'a> {
    protocol: Protocol,
    separator: Separator,
    /// As given, for hints.
    prefix: &'a str,
}

impl Reader<'_> {
    fn network(&self, span: Span<'_>) -> Result<Found, Fault> {
        self.common_mistakes(span)?;
        let (host, rest) = if span.text.starts_with('[') {
            bracketed(span)?
        } else {
            split_host(span)
        };
        let mut found = Found::new(self.host(host, rest)?);
        self.behind_host(host, rest, &mut found)?;
        if found.port.is_some()
            && matches!(self.protocol, Protocol::NamedPipes | Protocol::SharedMemory)
        {
            let fault = Fault::new(rest.range(), format!("{} has no port", self.prefix));
            return Err(fault.hint(format!("tcp:{}{}", host.text, rest.text)));
        }
        Ok(found)
    }

    /// What people type or paste instead of a server, told before a grammar could
    /// complain about a detail of it.
    fn common_mistakes(&self, span: Span<'_>) -> Result<(), Fault> {
        let text = span.text;
        if let Some((at, quote)) = text.char_indices().find(|(_, c)| is_quote(*c)) {
            let bare: String = text.chars().filter(|c| !is_quote(*c)).collect();
            let once = text.matches(quote).count() % 2 == 1 && !matches!(quote, '{' | '}');
            let problem = if once {
                format!("the quote {quote} has no partner")
            } else {
                format!("'{quote}' is no part of a server's name")
            };
            return Err(Fault::new(span.char_at(at), problem).hint(format!("without it: {bare}")));
        }
        // In an instance's name `@` is allowed.
        if let Some(at) = text.find('@').filter(|at| !text[..*at].contains('\\')) {
            let problem = "'@' has no place here: a login is no part of a server's name";
            return Err(Fault::new(span.char_at(at), problem).hint("the server alone: host,port"));
        }
        if let Some(at) = text.find(';') {
            let fault = Fault::new(
                span.char_at(at),
                "';' belongs to a connection string, and this has no key=value",
            );
            return Err(fault.hint(format!(
                "the server alone, {}, or Server={}",
                or_host(&text[..at]),
                or_host(&text[..at])
            )));
        }
        if let Some(at) = text.find('/') {
            return Err(self.slash(span, at));
        }
        if let Some(at) = text.find(r"\\") {
            let fault = Fault::new(
                span.at + at..span.at + at + 2,
                "two backslashes, as source code and JSON write one",
            );
            return Err(fault.hint(format!(
                "one backslash: {}{}",
                self.prefix,
                text.replace(r"\\", r"\")
            )));
        }
        let dashed = text.split([',', '\\']).next().unwrap_or_default();
        let range = dashed.contains('-')
            && dashed
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
        if range && dashed.contains('.') {
            let at = dashed.find('-').unwrap_or(0);
            return Err(Fault::new(
                span.char_at(at),
                "this is a range of addresses; names and addresses only",
            )
            .hint("one target for each server"));
        }
        Ok(())
    }

    fn slash(&self, span: Span<'_>, at: usize) -> Fault {
        let (head, tail) = (&span.text[..at], &span.text[at + 1..]);
        let place = span.char_at(at);
        if head.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
            && tail
                .split(',')
                .next()
                .is_some_and(|bits| bits.parse::<u8>().is_ok())
        {
            return Fault::new(
                place.start..span.range().end,
                "this is a network, not a server; names and addresses only",
            )
            .hint("one target for each server");
        }
        let name = tail.split([',', ':']).next().unwrap_or_default();
        if HostName::new(head).is_ok() && InstanceName::new(name).is_ok() {
            return Fault::new(place, "'/' does not separate the instance")
                .hint(format!(r"use a backslash: {}{head}\{tail}", self.prefix));
        }
        Fault::new(place, "'/' has no place in a server's name")
            .hint(r"a backslash separates the instance: host\INSTANCE")
    }

    fn host(&self, host: Span<'_>, rest: Span<'_>) -> Result<Host, Fault> {
        if host.text.is_empty() {
            if rest.text.starts_with('\\') {
                return Ok(Host::Local);
            }
            let fault = Fault::new(
                rest.to(1.min(rest.text.len())).range(),
                "there is no host before the port",
            );
            return Err(fault.hint(format!("for this machine: {}.{}", self.prefix, rest.text)));
        }
        host_of(host.text).map_err(|fault| fault.moved(host.at))
    }

    /// `\INSTANCE`, `,port` or `:port`, in that order.
    fn behind_host(&self, host: Span<'_>, rest: Span<'_>, found: &mut Found) -> Result<(), Fault> {
        let mut rest = rest;
        if let Some(behind) = rest.text.strip_prefix('\\') {
            let behind = Span {
                text: behind,
                at: rest.at + 1,
            };
            let end = behind
                .text
                .find([',', ':', '\\'])
                .unwrap_or(behind.text.len());
            let name = behind.to(end).trimmed();
            if name.text.is_empty() {
                let fault = Fault::new(
                    rest.to(1).range(),
                    "there is no instance after the backslash",
                );
                return Err(fault.hint(format!(
                    "the default instance is the host alone: {}{}",
                    self.prefix,
                    or_host(host.text)
                )));
            }
            let instance = InstanceName::new(name.text)
                .map_err(|error| Fault::token(error, name.range(), name.text))?;
            found.instance = Some(instance);
            rest = behind.from(end);
            if rest.text.starts_with('\\') {
                return Err(Fault::new(
                    rest.char_at(0),
                    "a second backslash: a server has one instance name",
                )
                .hint(r"host\INSTANCE"));
            }
        }
        let Some(mark) = rest.text.chars().next() else {
            return Ok(());
        };
        let port = rest.from(mark.len_utf8());
        match (mark, self.separator) {
            (',', Separator::Colon) => {
                let fault = Fault::new(
                    rest.char_at(0),
                    "here a colon stands before the port, not a comma",
                );
                let before = found
                    .instance
                    .as_ref()
                    .map_or_else(String::new, |instance| format!(r"\{instance}"));
                return Err(fault.hint(format!("{}{before}:{}", host.text, port.text.trim())));
            }
            (':', Separator::Comma) => found.remarks.push(Remark::ColonPort),
            _ => {}
        }
        found.port = Some(self.port(host, port, found)?);
        Ok(())
    }

    fn port(&self, host: Span<'_>, port: Span<'_>, found: &Found) -> Result<Port, Fault> {
        let colon = matches!(self.separator, Separator::Colon);
        if let Some((number, instance)) = port.split_once('\\') {
            let fault = Fault::new(port.char_at(number.text.len()), "the port comes last");
            let mark = if colon { ':' } else { ',' };
            return Err(fault.hint(format!(
                r"{}{}\{}{mark}{}",
                self.prefix, host.text, instance.text, number.text
            )));
        }
        if let Some(at) = port.text.find([',', ':']) {
            let place = port.char_at(at);
            let problem = if found.remarks.contains(&Remark::ColonPort) {
                "a second port"
            } else {
                "a second comma: a server has one port"
            };
            return Err(Fault::new(place, problem).hint(format!(
                "{}{},{}",
                self.prefix,
                host.text,
                port.text[..at].trim()
            )));
        }
        number(port.text).map_err(|fault| fault.moved(port.at))
    }
}

/// A part of a text as an example, also where it is empty.
fn or_host(text: &str) -> &str {
    if text.is_empty() { "host" } else { text }
}

fn is_quote(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | '`' | '{' | '}' | '«' | '»' | '\u{2018}'..='\u{201F}'
    )
}

/// A port in decimal. Faults are placed in `text`.
pub(super) fn number(text: &str) -> Result<Port, Fault> {
    let digits = text.trim();
    let start = text.len() - text.trim_start().len();
    let place = start.min(text.len())..start.min(text.len()) + digits.len();
    if digits.is_empty() {
        return Err(Fault::new(place, "there is no port after the separator")
            .hint("a port is a number from 1 to 65535"));
    }
    let value = digits
        .parse::<u16>()
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let hint = "a port is a number from 1 to 65535; leave it out for 1433 or a named instance";
    match value.map(Port::new) {
        Some(Some(port)) => Ok(port),
        Some(None) => Err(Fault::new(place, "port 0 does not exist").hint(hint)),
        None if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(Fault::new(place, "no port is greater than 65535").hint(hint))
        }
        None => Err(Fault::new(place, "the port is not a number").hint(hint)),
    }
}

/// `[::1]` and what follows it.
fn bracketed(span: Span<'_>) -> Result<(Span<'_>, Span<'_>), Fault> {
    let Some(end) = span.text.find(']') else {
        return Err(
            Fault::new(span.char_at(0), "the bracket '[' is never closed")
                .hint("an IPv6 address with a port is [2001:db8::5],1433"),
        );
    };
    let inner = span.to(end).from(1);
    let rest = span.from(end + 1);
    if !inner.text.contains(':') {
        let fault = Fault::new(span.to(end + 1).range(), "brackets are for IPv6 addresses");
        return Err(fault.hint(format!(
            "without them: {}{}",
            or_host(inner.text),
            rest.text
        )));
    }
    if !rest.text.is_empty() && !rest.text.starts_with([',', ':', '\\']) {
        return Err(Fault::new(
            rest.char_at(0),
            "after the bracket only a port or an instance may follow",
        )
        .hint(format!("[{}],1433", inner.text)));
    }
    Ok((inner, rest))
}

/// The host and what follows: an IPv6 address has colons of its own.
fn split_host(span: Span<'_>) -> (Span<'_>, Span<'_>) {
    let end = span.text.find(['\\', ',']).unwrap_or(span.text.len());
    let head = span.to(end);
    let end = match head.text.find(':') {
        Some(colon) if head.text.matches(':').count() == 1 => colon,
        _ => end,
    };
    (span.to(end).trimmed(), span.from(end))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::plain;
    use crate::target::Spelling;
    use crate::target::parse::{read, show, unwrapped};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]
        #[test]
        fn a_plain_server_is_read_as_any_other(text in prop_oneof![
            2 => "[a-zA-Z0-9._-]{0,9}(\\\\[A-Z0-9_.-]{0,4})?(,[0-9]{0,6})?",
            1 => "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9-]{1,5}(\\\\[A-Z]{0,2})?(,[0-9]{0,5})?",
            1 => "(localhost|-S|-server|sqlcmd|db1PROD|\\.|odbc|jdbc)(\\\\MSSQLSERVER)?(,1434|,0+1433)?",
        ]) {
            let Some(found) = plain(&text) else { return Ok(()) };
            let quick = found.into_target(text.clone(), Spelling::Server);
            let (found, spelling) = read(&text).map_err(|fault| TestCaseError::fail(fault.problem))?;
            let (shown, _) = show(unwrapped(&text).1, &(0..0), 1024);
            prop_assert_eq!(quick, found.into_target(shown, spelling));
        }
    }
}
