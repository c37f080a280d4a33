//! SSRP, the protocol of SQL Server Browser on UDP 1434 (\[MC-SQLR\]).
//!
//! A request is one datagram, an answer is one datagram, and silence is the only
//! negative answer. Names travel in the code page of the server; requests are
//! written in UTF-8, which is the same bytes for every name that is ASCII.

use std::fmt;

/// Longest instance name in a request (\[MC-SQLR\] 2.2.3).
pub const MAX_INSTANCE_BYTES: usize = 32;
/// A reply lists at most this many entries here; the rest is dropped and said.
pub const MAX_ENTRIES: usize = 256;
/// Longest value that is kept (\[MC-SQLR\] 2.2.5 allows 255 bytes to a name); the rest is cut.
pub const MAX_VALUE_BYTES: usize = 255;
/// Longest RESP_DATA, since RESP_SIZE has 16 bits (\[MC-SQLR\] 2.2.5).
pub const MAX_DATA_BYTES: usize = 65_535;
/// At most this many unknown keys of one entry are kept.
const MAX_OTHER: usize = 16;

/// First byte of every answer (SVR_RESP).
const SVR_RESP: u8 = 0x05;

/// What a client asks of Browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// `03`: all instances of the host (CLNT_UCAST_EX).
    List,
    /// `04 NAME 00`: one instance (CLNT_UCAST_INST).
    Instance(&'a str),
    /// `0F 01 NAME 00`: the port of its dedicated administrator connection.
    Dac(&'a str),
}

/// One instance in a reply, every field as it came (bytes of the server's code page).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// `ServerName`
    pub server: Vec<u8>,
    /// `InstanceName`
    pub instance: Vec<u8>,
    /// `IsClustered` was `Yes`: a failover cluster instance.
    pub clustered: bool,
    /// `Version`, the base or service pack level, not the build
    pub version: Vec<u8>,
    /// `tcp`, if it is listed and a number from 1 to 65535
    pub tcp: Option<u16>,
    /// `np`, the pipe
    pub pipe: Option<Vec<u8>>,
    /// Keys that are none of the above, with their values
    pub other: Vec<(Vec<u8>, Vec<u8>)>,
}

/// A decoded SVR_RESP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The instances in the order they came.
    pub entries: Vec<Entry>,
    /// What is wrong with the reply, though it could be read.
    pub flaws: Vec<Flaw>,
}

/// What is wrong with a reply that could still be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// RESP_SIZE is larger than what came: the reply was cut.
    Truncated,
    /// Bytes follow RESP_DATA.
    TrailingBytes,
    /// More than [`MAX_ENTRIES`] entries.
    TooManyEntries,
    /// A `tcp` value that is no port.
    BadPort,
}

/// Why bytes are no Browser reply at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// Fewer than three bytes.
    #[error("shorter than a header")]
    Short,
    /// The first byte is not 05.
    #[error("first byte is {0:#04x}, not 0x05")]
    NotAReply(u8),
    /// No entry could be read.
    #[error("no instance in it")]
    Empty,
}

impl Request<'_> {
    /// The datagram. Names longer than [`MAX_INSTANCE_BYTES`] are cut at a character.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::List => vec![0x03],
            Self::Instance(name) => named(&[0x04], name),
            Self::Dac(name) => named(&[0x0F, 0x01], name),
        }
    }

    /// Reads a request as a server does; `None` where a server must stay silent.
    ///
    /// `02` is the broadcast form of the list, which tedious sends to one host.
    /// The NUL behind a name may be missing: JDBC and tiberius leave it out.
    pub fn decode(datagram: &[u8]) -> Option<Request<'_>> {
        match datagram {
            [0x02 | 0x03] => Some(Request::List),
            [0x04, name @ ..] => wanted(name).map(Request::Instance),
            [0x0F, 0x01, name @ ..] => wanted(name).map(Request::Dac),
            _ => None,
        }
    }
}

impl Entry {
    /// Whether this entry is the instance `name`. Case does not count (\[MC-SQLR\] 2.2.3).
    pub fn is_named(&self, name: &str) -> bool {
        self.instance.eq_ignore_ascii_case(name.as_bytes())
            || std::str::from_utf8(&self.instance)
                .is_ok_and(|own| own.to_lowercase() == name.to_lowercase())
    }

    /// Takes one key with its value. The first of two equal keys counts, as in SqlClient.
    fn take(&mut self, key: &[u8], value: &[u8], flaws: &mut Vec<Flaw>) {
        let kept = || cut(value).to_vec();
        if key.eq_ignore_ascii_case(b"InstanceName") {
            self.instance = kept();
        } else if key.eq_ignore_ascii_case(b"IsClustered") {
            self.clustered = value.eq_ignore_ascii_case(b"Yes");
        } else if key.eq_ignore_ascii_case(b"Version") {
            self.version = kept();
        } else if key.eq_ignore_ascii_case(b"tcp") {
            let port = port(value);
            if port.is_none() {
                note(flaws, Flaw::BadPort);
            }
            self.tcp = self.tcp.or(port);
        } else if key.eq_ignore_ascii_case(b"np") {
            self.pipe.get_or_insert_with(kept);
        } else {
            self.keep(key, kept());
        }
    }

    /// Keeps a key that none of the fields is for.
    fn keep(&mut self, key: &[u8], value: Vec<u8>) {
        if self.other.len() < MAX_OTHER {
            self.other.push((cut(key).to_vec(), value));
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut field = |key: &[u8], value: &[u8]| {
            out.extend_from_slice(key);
            out.push(b';');
            out.extend_from_slice(value);
            out.push(b';');
        };
        field(b"ServerName", &self.server);
        field(b"InstanceName", &self.instance);
        field(b"IsClustered", if self.clustered { b"Yes" } else { b"No" });
        field(b"Version", &self.version);
        if let Some(port) = self.tcp {
            field(b"tcp", port.to_string().as_bytes());
        }
        if let Some(pipe) = &self.pipe {
            field(b"np", pipe);
        }
        for (key, value) in &self.other {
            field(key, value);
        }
        out.push(b';');
    }
}

impl Reply {
    /// Reads a reply. Tokenises on `;`, never splits on `;;` (it occurs inside data).
    pub fn decode(datagram: &[u8]) -> Result<Self, ReplyError> {
        let (size, came) = match datagram {
            [SVR_RESP, low, high, came @ ..] => {
                (usize::from(u16::from_le_bytes([*low, *high])), came)
            }
            [_, _, _, ..] => return Err(ReplyError::NotAReply(datagram[0])),
            _ => return Err(ReplyError::Short),
        };
        let mut reply = Self::default();
        if size > came.len() {
            note(&mut reply.flaws, Flaw::Truncated);
            // A value that was cut in the middle is worse than none: `tcp;501` of `tcp;50123;`.
            let whole = came.iter().rposition(|byte| *byte == b';').unwrap_or(0);
            reply.read(&came[..whole]);
        } else {
            if size < came.len() {
                note(&mut reply.flaws, Flaw::TrailingBytes);
            }
            reply.read(&came[..size]);
        }
        if reply.entries.is_empty() {
            return Err(ReplyError::Empty);
        }
        Ok(reply)
    }

    /// Writes a reply, as a server does. Entries that would make RESP_DATA longer
    /// than [`MAX_DATA_BYTES`] are left out, as are all that follow.
    pub fn encode(&self) -> Vec<u8> {
        let mut data = Vec::new();
        for entry in &self.entries {
            let before = data.len();
            entry.write(&mut data);
            if data.len() > MAX_DATA_BYTES {
                data.truncate(before);
                break;
            }
        }
        let size = u16::try_from(data.len()).unwrap_or(u16::MAX);
        let mut datagram = vec![SVR_RESP];
        datagram.extend_from_slice(&size.to_le_bytes());
        datagram.append(&mut data);
        datagram
    }

    /// The entry of one instance.
    pub fn entry(&self, instance: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.is_named(instance))
    }

    fn read(&mut self, data: &[u8]) {
        let mut tokens = data.split(|byte| *byte == b';');
        while let Some(key) = tokens.next() {
            if key.eq_ignore_ascii_case(b"ServerName") {
                if self.entries.len() == MAX_ENTRIES {
                    return note(&mut self.flaws, Flaw::TooManyEntries);
                }
                let Some(server) = tokens.next() else { return };
                self.entries.push(Entry {
                    server: cut(server).to_vec(),
                    ..Entry::default()
                });
                continue;
            }
            let Some(entry) = self.entries.last_mut() else {
                continue;
            };
            // An empty key is the second semicolon at the end of an entry.
            if key.is_empty() {
                continue;
            }
            let Some(value) = tokens.next() else { return };
            if key.eq_ignore_ascii_case(b"bv") {
                // `bv;ITEM;GROUP;ORG`: the one key with three values, any of them empty.
                let [group, org] = [tokens.next(), tokens.next()].map(Option::unwrap_or_default);
                entry.keep(key, [value, group, org].map(cut).join(&b';'));
            } else {
                entry.take(key, value, &mut self.flaws);
            }
        }
    }
}

/// Reads the answer to [`Request::Dac`]: the port, if the six bytes are right.
///
/// RESP_SIZE is the length of the whole packet here, not that of the data
/// (\[MC-SQLR\] 2.2.6).
pub fn decode_dac(datagram: &[u8]) -> Option<u16> {
    match *datagram {
        [SVR_RESP, 6, 0, 1, low, high] => {
            Some(u16::from_le_bytes([low, high])).filter(|port| *port != 0)
        }
        _ => None,
    }
}

/// Writes the answer to [`Request::Dac`], as a server does.
pub fn encode_dac(port: u16) -> [u8; 6] {
    let [low, high] = port.to_le_bytes();
    [SVR_RESP, 6, 0, 1, low, high]
}

/// A name as requests and PRELOGIN carry it: up to its first NUL, cut at a character.
pub(super) fn bounded(name: &str) -> &str {
    let name = name.split('\0').next().unwrap_or_default();
    let end = name
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8());
    &name[..end
        .take_while(|end| *end <= MAX_INSTANCE_BYTES)
        .last()
        .unwrap_or(0)]
}

fn named(prefix: &[u8], name: &str) -> Vec<u8> {
    [prefix, bounded(name).as_bytes(), &[0]].concat()
}

/// The name behind `04` or `0F 01`. Unknown code pages and anything too long stay unanswered.
fn wanted(name: &[u8]) -> Option<&str> {
    let name = name.strip_suffix(&[0]).unwrap_or(name);
    let fits = (1..=MAX_INSTANCE_BYTES).contains(&name.len()) && !name.contains(&0);
    fits.then(|| std::str::from_utf8(name).ok()).flatten()
}

/// Digits only: `parse` alone would take a `+`.
fn port(value: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(value).ok()?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|port| *port != 0)
}

fn cut(value: &[u8]) -> &[u8] {
    &value[..value.len().min(MAX_VALUE_BYTES)]
}

fn note(flaws: &mut Vec<Flaw>, flaw: Flaw) {
    if !flaws.contains(&flaw) {
        flaws.push(flaw);
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "cut short",
            Self::TrailingBytes => "bytes after its end",
            Self::TooManyEntries => "more instances than one host can have",
            Self::BadPort => "a port that is no port",
        })
    }
}

#[cfg(test)]
mod tests;
