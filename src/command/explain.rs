//! `sqlreach explain`: reads what a client said. Sends nothing.

use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal as _, Read, Write as _, stdin, stdout};

use anyhow::{Context as _, bail};

use super::{ALL_WELL, SOME_FAIL, dress};
use crate::cli::{Common, DocumentFormat, Explain};
use crate::explain::{MAX_BYTES, explain};
use crate::output::explanation;

/// What to do where there is no message.
const NOTHING: &str = "nothing to explain: sqlreach explain 'the message of the client', or \
                       sqlreach explain - and paste it";

/// Explains the message; exit status 1 where it is none of a connection that failed.
pub fn run(options: &Explain, common: &Common) -> anyhow::Result<u8> {
    let text = text(&options.text)?;
    if text.trim().is_empty() {
        bail!(NOTHING);
    }
    let read = explain(&text);
    let status = if read.is_connection_error {
        ALL_WELL
    } else {
        SOME_FAIL
    };
    let mut out = BufWriter::new(stdout());
    let printed = match options.format {
        DocumentFormat::Json => explanation::document(&mut out, &read),
        DocumentFormat::Text => explanation::text(&mut out, &read, dress(common)),
    };
    match printed.and_then(|()| out.flush()) {
        Ok(()) => Ok(status),
        Err(error) => super::check::unread(error, status),
    }
}

fn text(arguments: &[OsString]) -> anyhow::Result<String> {
    match arguments {
        [] if stdin().is_terminal() => bail!(NOTHING),
        [] => bounded(stdin().lock()).context("cannot read standard input"),
        [dash] if dash == "-" => bounded(stdin().lock()).context("cannot read standard input"),
        words => {
            let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
            Ok(words.join(" "))
        }
    }
}

/// No more than is read of a message anyway, whatever its bytes are.
fn bounded(input: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    input.take(MAX_BYTES as u64).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
