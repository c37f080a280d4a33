//! A recording from its beginning to its end, as fast as it can be read.

use std::io::{self, Read, Seek};

use jiff::Timestamp;

use super::super::Board;
use super::Recording;
use super::stage::Stage;

/// Puts what each line comes to on the board and tells the time of the line. Lines that make no
/// sense are left out, as a [`Player`](super::Player) does.
pub fn through<R: Read + Seek>(
    mut recording: Recording<R>,
    board: &Board,
    mut each: impl FnMut(Timestamp) -> io::Result<()>,
) -> io::Result<()> {
    let mut stage = Stage::new(recording.header().rules().clone());
    while let Some(read) = recording.next()? {
        if let Ok(played) = read {
            let at = played.line.at;
            stage.take(played.line);
            stage.show(board);
            each(at)?;
        }
    }
    Ok(())
}
