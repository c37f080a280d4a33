//! OSC 52: what is written to the terminal so that it copies. It does not answer.

use std::io::{self, Write};

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;

/// The longest text in bytes that is sent. Terminals take sequences of 100,000 bytes: so much
/// in base64, and what stands around it. Of a longer one some copy nothing, some a part.
pub const LONGEST: usize = 74_994;

/// GNU screen reads at most 767 bytes of a string; of a longer one it writes the rest on the
/// screen (`MAXSTR`).
const PIECE: usize = 512;

/// Asks the terminal to copy a text.
pub fn osc52(text: &str, terminal: &mut impl Write) -> io::Result<()> {
    terminal.write_all(sequence(text).as_bytes())?;
    terminal.flush()
}

/// The same through GNU screen, which passes on what stands in DCS, and puts the pieces
/// together again by that.
pub fn through_screen(text: &str, terminal: &mut impl Write) -> io::Result<()> {
    // ESC \ would end the DCS; BEL ends an OSC as well.
    let whole = sequence(text).replace("\x1b\\", "\x07");
    for piece in whole.as_bytes().chunks(PIECE) {
        terminal.write_all(b"\x1bP")?;
        terminal.write_all(piece)?;
        terminal.write_all(b"\x1b\\")?;
    }
    terminal.flush()
}

fn sequence(text: &str) -> String {
    let mut sequence = String::new();
    let copy = CopyToClipboard::to_clipboard_from(text);
    copy.write_ansi(&mut sequence)
        .expect("a string takes all that is written");
    sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn osc52_carries_the_exact_text() {
        let mut terminal = Vec::new();
        osc52("sc.exe query 'MSSQL$PROD'", &mut terminal).unwrap();
        let sent = String::from_utf8(terminal).unwrap();
        assert!(
            sent.contains("]52;c;c2MuZXhlIHF1ZXJ5ICdNU1NRTCRQUk9EJw=="),
            "{sent:?}"
        );
    }

    #[test]
    fn the_longest_text_makes_a_sequence_that_terminals_take() {
        assert!(
            sequence(&"x".repeat(LONGEST)).len() <= 100_001,
            "ST has two bytes"
        );
        assert!(sequence(&"x".repeat(LONGEST + 1)).len() > 100_001);
    }

    #[test]
    fn screen_gets_pieces_that_make_up_the_whole_and_none_too_long_for_it() {
        let text = "SELECT 1; -- ä\n".repeat(200);
        let mut terminal = Vec::new();
        through_screen(&text, &mut terminal).unwrap();
        let sent = String::from_utf8(terminal).unwrap();
        let pieces: Vec<&str> = sent
            .split_terminator("\x1b\\")
            .map(|piece| piece.strip_prefix("\x1bP").unwrap())
            .collect();
        assert!(pieces.len() > 2);
        assert!(pieces.iter().all(|piece| piece.len() < 767));
        let whole = sequence(&text).replace("\x1b\\", "\x07");
        assert_eq!(pieces.concat(), whole);
        assert!(whole.ends_with('\x07'));
    }
}
