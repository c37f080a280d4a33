//! What is written for a drawing: all of it between the marks of a synchronized update, and
//! nothing at all where nothing changed.
//!
//! ratatui hides the cursor and resets the colours with every drawing, changed or not. Over a
//! slow line that is most of what a quiet screen would send.

use std::io::{self, Write};

use crossterm::queue;
use crossterm::terminal::{self, BeginSynchronizedUpdate, Clear, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// crossterm's backend, which writes only what changes something.
#[derive(Debug)]
pub struct Sparing<W: Write> {
    backend: CrosstermBackend<W>,
    /// Something of this drawing has been written.
    begun: bool,
    /// The next drawing begins with an empty screen.
    clears: bool,
}

impl<W: Write> Sparing<W> {
    /// Writes to a terminal whose cursor is hidden.
    pub fn new(writer: W) -> Self {
        Self {
            backend: CrosstermBackend::new(writer),
            begun: false,
            clears: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            queue!(self.backend, BeginSynchronizedUpdate)?;
        }
        if std::mem::take(&mut self.clears) {
            queue!(self.backend, Clear(terminal::ClearType::All))?;
        }
        Ok(())
    }
}

impl<W: Write> Backend for Sparing<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() && !self.clears {
            return Ok(());
        }
        self.begin()?;
        self.backend.draw(content)
    }

    /// It is hidden for as long as the terminal is ours.
    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.backend.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.backend.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.backend.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    /// All of it is cleared by the drawing that follows: nobody sees an empty screen.
    fn clear_region(&mut self, what: ClearType) -> io::Result<()> {
        if what == ClearType::All {
            self.clears = true;
            return Ok(());
        }
        self.begin()?;
        self.backend.clear_region(what)
    }

    fn size(&self) -> io::Result<Size> {
        self.backend.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.backend.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.begun) {
            queue!(self.backend, EndSynchronizedUpdate)?;
        }
        Backend::flush(&mut self.backend)
    }
}
