//! TDS packets and PRELOGIN (\[MS-TDS\] 2.2.3 and 2.2.6.5).
//!
//! A message is one packet or several, each with a header of eight bytes, the last
//! one marked. PRELOGIN is the first message of a client; the server answers it
//! before anybody has said who they are.

use std::fmt;

use super::ssrp;
use super::token::ServerError;

/// Length of the packet header.
pub const HEADER: usize = 8;
/// No PRELOGIN answer is longer; a longer one is not read.
pub const MAX_PACKET: usize = 4096;
/// First eight bytes of the TRACEID connection id of every probe, so that a
/// server-side trace can tell them from clients: ASCII `sqlreach`.
pub const TRACE_PREFIX: [u8; 8] = *b"sqlreach";

/// Packet type of every answer (\[MS-TDS\] 2.2.3.1.1).
pub const TYPE_ANSWER: u8 = 0x04;
/// Packet type of LOGIN7.
pub const TYPE_LOGIN7: u8 = 0x10;
/// Packet type of PRELOGIN, and of the TLS records behind it.
pub const TYPE_PRELOGIN: u8 = 0x12;

/// Status bit: the last packet of its message.
const END_OF_MESSAGE: u8 = 0x01;
/// What a probe says its version is: that of the example in the specification,
/// since some servers close on a first option they do not like.
const CLIENT_VERSION: Version = Version {
    major: 9,
    minor: 0,
    build: 0,
    sub_build: 0,
};

/// At most this many unknown options are written, so that an answer stays within one packet.
const MAX_UNNAMED: usize = 64;

/// The encryption option of a PRELOGIN (\[MS-TDS\] 2.2.6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// 00: only the login is encrypted
    Off,
    /// 01
    On,
    /// 02: no TLS at all
    NotSupported,
    /// 03: the server forces it
    Required,
    /// anything else, as it came
    Other(u8),
}

/// A product version as PRELOGIN carries it: major, minor, build, sub-build.
///
/// ```
/// use sqlreach::wire::tds::Version;
/// let version = Version { major: 16, minor: 0, build: 4105, sub_build: 2 };
/// assert_eq!(version.to_string(), "16.0.4105.2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 16 is SQL Server 2022
    pub major: u8,
    /// 50 marks 2008 R2
    pub minor: u8,
    /// the build
    pub build: u16,
    /// sub-build
    pub sub_build: u16,
}

/// What a probe sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreloginRequest<'a> {
    /// The instance that is expected; empty for the default instance.
    pub instance: &'a str,
    /// The bytes behind [`TRACE_PREFIX`] in the connection id; the activity id repeats them.
    pub trace: [u8; 8],
}

/// What a server answers; every option as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreloginReply {
    /// Product version
    pub version: Option<Version>,
    /// Encryption offer; `None` where the option is missing
    pub encryption: Option<Encryption>,
    /// INSTOPT: `Some(true)` the instance matches, `Some(false)` it does not
    pub instance_matches: Option<bool>,
    /// MARS
    pub mars: Option<bool>,
    /// FEDAUTHREQUIRED
    pub federated_authentication: Option<bool>,
    /// Tokens that the specification does not name
    pub other: Vec<u8>,
}

/// How far a buffer got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// More bytes are needed; nothing wrong so far. Never said of [`MAX_PACKET`] bytes or more.
    Incomplete,
    /// A whole answer.
    Reply(PreloginReply),
    /// The first byte is no TDS reply: see [`super::greeting`].
    NotTds,
    /// A TDS reply packet whose PRELOGIN makes no sense.
    Malformed(&'static str),
    /// A TDS ERROR token instead of options (an Azure gateway, or a version before 7.0).
    ErrorToken {
        /// the server's error number
        number: u32,
        /// the text, UTF-16 decoded, as it came
        message: String,
    },
}

/// What a client's PRELOGIN asked for, as a server reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientPrelogin {
    /// INSTOPT without its NUL
    pub instance: Vec<u8>,
    /// Encryption
    pub encryption: Option<Encryption>,
    /// Connection id of TRACEID
    pub trace: Option<[u8; 16]>,
    /// The client asked for MARS: a server answers that option only then
    pub asks_mars: bool,
    /// The client knows federated authentication: the same
    pub asks_federated: bool,
    /// Length of the whole message, headers included
    pub length: usize,
}

/// How far the packets of one message got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// More bytes are needed.
    Incomplete,
    /// The first byte is another packet type, or no packet.
    OtherType(u8),
    /// Headers that no server or client writes.
    Malformed(&'static str),
    /// The last packet has come.
    Whole {
        /// What the packets carry, joined
        payload: Vec<u8>,
        /// Bytes of the buffer that belong to the message
        length: usize,
    },
}

/// PL_OPTION_TOKEN (\[MS-TDS\] 2.2.6.5).
mod option {
    pub const VERSION: u8 = 0x00;
    pub const ENCRYPTION: u8 = 0x01;
    pub const INSTOPT: u8 = 0x02;
    pub const THREADID: u8 = 0x03;
    pub const MARS: u8 = 0x04;
    pub const TRACEID: u8 = 0x05;
    pub const FEDAUTHREQUIRED: u8 = 0x06;
    pub const NONCEOPT: u8 = 0x07;
    pub const TERMINATOR: u8 = 0xFF;
}

impl PreloginRequest<'_> {
    /// The packet: VERSION, ENCRYPTION off, INSTOPT, THREADID, MARS off, TRACEID.
    ///
    /// The instance is cut like a name in SSRP, see [`ssrp::MAX_INSTANCE_BYTES`].
    pub fn encode(&self) -> Vec<u8> {
        let instance = [ssrp::bounded(self.instance).as_bytes(), &[0]].concat();
        // TRACEID: connection id and activity id, 16 bytes each, then a sequence number
        let id = [TRACE_PREFIX, self.trace].concat();
        let trace = [&id[..], &id[..], &1u32.to_le_bytes()].concat();
        let options: [(u8, &[u8]); 6] = [
            (option::VERSION, &CLIENT_VERSION.bytes()),
            (option::ENCRYPTION, &[Encryption::Off.byte()]),
            (option::INSTOPT, &instance),
            (option::THREADID, &[0; 4]),
            (option::MARS, &[0]),
            (option::TRACEID, &trace),
        ];
        packet(TYPE_PRELOGIN, &write_options(&options))
    }
}

impl PreloginReply {
    /// Reads a server's answer from the start of `buffer`; takes fragmented packets.
    pub fn decode(buffer: &[u8]) -> Decoded {
        match message(buffer, TYPE_ANSWER, MAX_PACKET) {
            Message::Incomplete => Decoded::Incomplete,
            Message::OtherType(_) => Decoded::NotTds,
            Message::Malformed(why) => Decoded::Malformed(why),
            Message::Whole { payload, .. } => match Self::read(&payload) {
                Ok(reply) => Decoded::Reply(reply),
                Err(why) => match ServerError::decode(&payload) {
                    Some(ServerError {
                        number, message, ..
                    }) => Decoded::ErrorToken { number, message },
                    None => Decoded::Malformed(why),
                },
            },
        }
    }

    /// Writes an answer, as a server does (packet type 04). THREADID is always
    /// there and empty; [`PreloginReply::other`] tokens are written without data.
    pub fn encode(&self) -> Vec<u8> {
        let version = self.version.map(Version::bytes);
        let encryption = self.encryption.map(|offer| [offer.byte()]);
        let instance = self.instance_matches.map(|matches| [u8::from(!matches)]);
        let mars = self.mars.map(|on| [u8::from(on)]);
        let federated = self
            .federated_authentication
            .map(|required| [u8::from(required)]);
        let mut options: Vec<(u8, &[u8])> = Vec::new();
        options.extend(version.iter().map(|data| (option::VERSION, &data[..])));
        options.extend(
            encryption
                .iter()
                .map(|data| (option::ENCRYPTION, &data[..])),
        );
        options.extend(instance.iter().map(|data| (option::INSTOPT, &data[..])));
        options.push((option::THREADID, &[]));
        options.extend(mars.iter().map(|data| (option::MARS, &data[..])));
        options.extend(
            federated
                .iter()
                .map(|data| (option::FEDAUTHREQUIRED, &data[..])),
        );
        let unnamed = |token: &&u8| (option::NONCEOPT + 1..option::TERMINATOR).contains(*token);
        options.extend(
            self.other
                .iter()
                .filter(unnamed)
                .take(MAX_UNNAMED)
                .map(|token| (*token, &[][..])),
        );
        packet(TYPE_ANSWER, &write_options(&options))
    }

    fn read(payload: &[u8]) -> Result<Self, &'static str> {
        let mut reply = Self::default();
        for (token, data) in read_options(payload)? {
            match (token, data) {
                (option::VERSION, [major, minor, b0, b1, s0, s1]) => {
                    reply.version.get_or_insert(Version {
                        major: *major,
                        minor: *minor,
                        build: u16::from_be_bytes([*b0, *b1]),
                        sub_build: u16::from_be_bytes([*s0, *s1]),
                    });
                }
                (option::VERSION, _) => return Err("its VERSION is not six bytes long"),
                (option::ENCRYPTION, [byte]) => {
                    reply.encryption.get_or_insert(Encryption::from(*byte));
                }
                (option::INSTOPT, [byte @ (0 | 1)]) => {
                    reply.instance_matches.get_or_insert(*byte == 0);
                }
                (option::MARS, [byte]) => {
                    reply.mars.get_or_insert(*byte != 0);
                }
                (option::FEDAUTHREQUIRED, [byte]) => {
                    reply.federated_authentication.get_or_insert(*byte != 0);
                }
                (..=option::NONCEOPT, _) => {}
                (token, _) => reply.other.push(token),
            }
        }
        Ok(reply)
    }
}

/// Reads a client's PRELOGIN packet; `None` while bytes are missing, `Some(Err)` if it is none.
pub fn decode_client(buffer: &[u8]) -> Option<Result<ClientPrelogin, &'static str>> {
    match message(buffer, TYPE_PRELOGIN, MAX_PACKET) {
        Message::Incomplete => None,
        Message::OtherType(_) => Some(Err("no PRELOGIN packet")),
        Message::Malformed(why) => Some(Err(why)),
        Message::Whole { payload, length } => Some(read_client(&payload, length)),
    }
}

/// Reads one message of a packet type from the start of `buffer`, at most `limit`
/// bytes of it: what is longer is malformed, so that a reader can stop there.
pub fn message(buffer: &[u8], packet_type: u8, limit: usize) -> Message {
    let mut payload = Vec::new();
    let mut at = 0;
    loop {
        let rest = &buffer[at..];
        let packet_length = match rest {
            [first, ..] if *first != packet_type && at == 0 => return Message::OtherType(*first),
            [first, ..] if *first != packet_type => {
                return Message::Malformed("its packets change their type");
            }
            [_, _, high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
            _ if at + HEADER > limit => return Message::Malformed("longer than any such message"),
            _ => return Message::Incomplete,
        };
        if packet_length < HEADER {
            return Message::Malformed("a packet shorter than its header");
        }
        if at + packet_length > limit {
            return Message::Malformed("longer than any such message");
        }
        let Some(packet) = rest.get(..packet_length) else {
            return Message::Incomplete;
        };
        payload.extend_from_slice(&packet[HEADER..]);
        at += packet_length;
        if packet[1] & END_OF_MESSAGE != 0 {
            return Message::Whole {
                payload,
                length: at,
            };
        }
    }
}

/// One packet that is its whole message. The payload is cut at what the length field holds.
pub fn packet(packet_type: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER + payload.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    let mut packet = vec![packet_type, END_OF_MESSAGE, high, low, 0, 0, 1, 0];
    packet.extend_from_slice(&payload[..usize::from(length) - HEADER]);
    packet
}

fn read_client(payload: &[u8], length: usize) -> Result<ClientPrelogin, &'static str> {
    let options = read_options(payload)?;
    // A server closes where VERSION is not the first option.
    if options
        .first()
        .is_none_or(|(token, _)| *token != option::VERSION)
    {
        return Err("VERSION is not its first option");
    }
    let mut client = ClientPrelogin {
        length,
        ..ClientPrelogin::default()
    };
    for (token, data) in options {
        match token {
            option::ENCRYPTION => {
                client.encryption = data.first().map(|byte| Encryption::from(*byte));
            }
            option::INSTOPT => {
                client.instance = data
                    .split(|byte| *byte == 0)
                    .next()
                    .unwrap_or_default()
                    .to_vec();
            }
            option::MARS => client.asks_mars = true,
            option::TRACEID => client.trace = data.get(..16).and_then(|id| id.try_into().ok()),
            option::FEDAUTHREQUIRED => client.asks_federated = true,
            _ => {}
        }
    }
    Ok(client)
}

/// The option list: token, offset and length (big-endian, from the start of the payload)
/// of each, ended by FF, and the data they point at.
fn read_options(payload: &[u8]) -> Result<Vec<(u8, &[u8])>, &'static str> {
    let mut options = Vec::new();
    let mut rest = payload;
    loop {
        match rest {
            [option::TERMINATOR, ..] if options.is_empty() => return Err("it has no options"),
            [option::TERMINATOR, ..] => return Ok(options),
            [token, o0, o1, l0, l1, after @ ..] => {
                let offset = usize::from(u16::from_be_bytes([*o0, *o1]));
                let length = usize::from(u16::from_be_bytes([*l0, *l1]));
                let data = match length {
                    0 => &[][..], // where it points does not matter
                    _ => payload
                        .get(offset..offset + length)
                        .ok_or("an option points outside of it")?,
                };
                options.push((*token, data));
                rest = after;
            }
            _ => return Err("its option list has no end"),
        }
    }
}

fn write_options(options: &[(u8, &[u8])]) -> Vec<u8> {
    let mut offset = options.len() * 5 + 1;
    let mut payload = Vec::new();
    for (token, data) in options {
        let field = |number: usize| {
            u16::try_from(number)
                .expect("options stay within one packet")
                .to_be_bytes()
        };
        payload.push(*token);
        payload.extend_from_slice(&field(offset));
        payload.extend_from_slice(&field(data.len()));
        offset += data.len();
    }
    payload.push(option::TERMINATOR);
    payload.extend(options.iter().flat_map(|(_, data)| *data));
    payload
}

impl Encryption {
    /// The byte on the wire.
    pub fn byte(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::On => 1,
            Self::NotSupported => 2,
            Self::Required => 3,
            Self::Other(byte) => byte,
        }
    }
}

impl From<u8> for Encryption {
    fn from(byte: u8) -> Self {
        match byte {
            0 => Self::Off,
            1 => Self::On,
            2 => Self::NotSupported,
            3 => Self::Required,
            other => Self::Other(other),
        }
    }
}

impl Version {
    fn bytes(self) -> [u8; 6] {
        let [b0, b1] = self.build.to_be_bytes();
        let [s0, s1] = self.sub_build.to_be_bytes();
        [self.major, self.minor, b0, b1, s0, s1]
    }
}

impl fmt::Display for Version {
    /// `16.0.4105.2`; without a sub-build `12.0.6024`, as Microsoft writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)?;
        match self.sub_build {
            0 => Ok(()),
            sub_build => write!(f, ".{sub_build}"),
        }
    }
}

#[cfg(test)]
mod tests;
