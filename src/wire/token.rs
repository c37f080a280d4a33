//! The tokens of a TDS answer that say no: ERROR, and DONE behind it (\[MS-TDS\] 2.2.7.10, 2.2.7.6).

/// ERROR
const ERROR: u8 = 0xAA;
/// INFO, which has the layout of ERROR
const INFO: u8 = 0xAB;
/// LOGINACK
const LOGINACK: u8 = 0xAD;
/// ENVCHANGE
const ENVCHANGE: u8 = 0xE3;
/// DONE
const DONE: u8 = 0xFD;

/// An ERROR token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerError {
    /// The server's error number: 18456 is a login that was rejected.
    pub number: u32,
    /// Its state, which says more to a DBA than the server tells a client
    pub state: u8,
    /// Its severity
    pub class: u8,
    /// The text, as it came
    pub message: String,
    /// The server's name for itself
    pub server: String,
}

impl ServerError {
    /// Finds the first ERROR in a token stream, which may begin with INFO or ENVCHANGE.
    ///
    /// The text is UTF-16, or single bytes from a server older than 7.0.
    pub fn decode(stream: &[u8]) -> Option<Self> {
        let mut rest = stream;
        while let [token, low, high, after @ ..] = rest {
            let length = usize::from(u16::from_le_bytes([*low, *high]));
            match *token {
                ERROR => return Self::body(after.get(..length).unwrap_or(after)),
                INFO | LOGINACK | ENVCHANGE => rest = after.get(length..)?,
                _ => return None,
            }
        }
        None
    }

    /// Writes the ERROR and a DONE that ends the answer with it, as a server does.
    /// Texts are cut at what their length fields hold.
    pub fn encode(&self) -> Vec<u8> {
        let message: Vec<u16> = self.message.encode_utf16().take(2048).collect();
        let server: Vec<u16> = self.server.encode_utf16().take(255).collect();
        let mut body = Vec::new();
        body.extend_from_slice(&self.number.to_le_bytes());
        body.extend_from_slice(&[self.state, self.class]);
        body.extend_from_slice(
            &u16::try_from(message.len())
                .unwrap_or(u16::MAX)
                .to_le_bytes(),
        );
        body.extend(message.iter().flat_map(|unit| unit.to_le_bytes()));
        body.push(u8::try_from(server.len()).unwrap_or(u8::MAX));
        body.extend(server.iter().flat_map(|unit| unit.to_le_bytes()));
        body.push(0); // no procedure
        body.extend_from_slice(&1u32.to_le_bytes()); // line

        let mut stream = vec![ERROR];
        stream.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_le_bytes());
        stream.append(&mut body);
        // DONE_ERROR, no command, no rows (64 bits since TDS 7.2)
        stream.extend_from_slice(&[DONE, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        stream
    }

    fn body(body: &[u8]) -> Option<Self> {
        let [n0, n1, n2, n3, state, class, low, high, text @ ..] = body else {
            return None;
        };
        let letters = usize::from(u16::from_le_bytes([*low, *high]));
        let (message, server) = match text.get(..letters * 2) {
            Some(wide) => (utf16(wide), server_name(&text[letters * 2..])),
            None => (
                text.iter()
                    .take(letters)
                    .map(|byte| char::from(*byte))
                    .collect(),
                String::new(),
            ),
        };
        let number = u32::from_le_bytes([*n0, *n1, *n2, *n3]);
        Some(Self {
            number,
            state: *state,
            class: *class,
            message,
            server,
        })
    }
}

/// A B_VARCHAR: its length in letters, then the letters.
fn server_name(rest: &[u8]) -> String {
    let Some((letters, rest)) = rest.split_first() else {
        return String::new();
    };
    rest.get(..usize::from(*letters) * 2)
        .map(utf16)
        .unwrap_or_default()
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rejected() -> ServerError {
        ServerError {
            number: 18456,
            state: 1,
            class: 14,
            message: "Login failed for user 'sa'.".into(),
            server: "SALES01\\PROD".into(),
        }
    }

    #[test]
    fn an_error_is_read_as_it_was_written() {
        assert_eq!(ServerError::decode(&rejected().encode()), Some(rejected()));
    }

    #[test]
    fn an_error_behind_other_tokens_is_found() {
        let stream = [&[ENVCHANGE, 3, 0, 1, 0, 0], &rejected().encode()[..]].concat();
        assert_eq!(ServerError::decode(&stream), Some(rejected()));
    }

    #[test]
    fn an_old_server_writes_single_bytes() {
        let text = b"Login failed";
        let mut stream = vec![ERROR, 20, 0, 0x18, 0x48, 0, 0, 1, 14, 12, 0];
        stream.extend_from_slice(text);
        let error = ServerError::decode(&stream).unwrap();
        assert_eq!(
            (error.number, error.message.as_str()),
            (18456, "Login failed")
        );
    }

    #[test]
    fn what_is_no_token_is_no_error() {
        assert_eq!(ServerError::decode(&[]), None);
        assert_eq!(ServerError::decode(&[ERROR]), None);
        assert_eq!(ServerError::decode(&[ERROR, 0, 0]), None);
        assert_eq!(ServerError::decode(b"HTTP/1.1 400"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = ServerError::decode(&bytes);
            let _ = ServerError::decode(&[&[ERROR, 0xff, 0xff], &bytes[..]].concat());
        }

        #[test]
        fn any_text_is_written_and_read(message in ".{0,100}", server in "[A-Z]{0,20}", number: u32) {
            let error = ServerError { number, state: 2, class: 20, message, server };
            prop_assert_eq!(ServerError::decode(&error.encode()), Some(error));
        }
    }
}
