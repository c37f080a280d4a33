//! bash and POSIX shells: single quotes take everything but themselves.

/// `A=b` in front of a command sets a variable.
pub(super) fn program(text: &str) -> String {
    if text.contains('=') {
        quoted(text)
    } else {
        argument(text.to_owned())
    }
}

/// One argument, quoted only where bash would read more than its characters.
pub(super) fn argument(text: String) -> String {
    let plain = |c: u8| {
        c.is_ascii_alphanumeric()
            || matches!(
                c,
                b'_' | b'-' | b'.' | b'/' | b':' | b'=' | b'+' | b',' | b'@' | b'%'
            )
    };
    if !text.is_empty() && text.bytes().all(plain) {
        text
    } else {
        quoted(&text)
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
