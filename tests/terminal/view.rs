//! What is on the screen, and what was sent to get it there.

use std::num::NonZeroU16;

/// The program begins and ends a drawing with these (synchronised update).
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// The screen as a terminal shows it.
pub struct View {
    parser: vt100::Parser,
    /// Everything that was ever sent.
    sent: Vec<u8>,
    /// Where [`View::sent`] begins.
    mark: usize,
    /// Nothing more comes: the program and its children have let the terminal go.
    pub ended: bool,
}

impl View {
    pub fn new(columns: u16, rows: u16) -> Self {
        let (rows, columns) = (at_least_one(rows), at_least_one(columns));
        Self {
            parser: vt100::Parser::new(rows, columns, 0),
            sent: Vec::new(),
            mark: 0,
            ended: false,
        }
    }

    pub fn take(&mut self, bytes: &[u8]) {
        self.parser.process(bytes);
        self.sent.extend(bytes);
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser
            .set_size(at_least_one(rows), at_least_one(columns));
    }

    /// What was sent since [`View::mark`].
    pub fn sent(&self) -> &[u8] {
        &self.sent[self.mark..]
    }

    /// Everything that was sent since the start.
    pub fn all_sent(&self) -> &[u8] {
        &self.sent
    }

    pub fn has_sent(&self, wanted: &str) -> bool {
        find_last(self.sent(), wanted.as_bytes()).is_some()
    }

    pub fn mark(&mut self) {
        self.mark = self.sent.len();
    }

    /// Whether a drawing is under way: what a person would see is the one before.
    pub fn is_half_drawn(&self) -> bool {
        let recent = &self.sent[self.sent.len().saturating_sub(1 << 18)..];
        find_last(recent, BEGIN) > find_last(recent, END)
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The program has the screen for itself.
    pub fn is_taken(&self) -> bool {
        self.screen().alternate_screen()
    }

    /// The terminal is as a shell wants it, as far as the screen goes.
    pub fn is_given_back(&self) -> bool {
        let screen = self.screen();
        !screen.alternate_screen()
            && !screen.hide_cursor()
            && !screen.bracketed_paste()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }

    /// Buttons and the wheel are reported to the program.
    pub fn has_mouse(&self) -> bool {
        self.screen().mouse_protocol_mode() == vt100::MouseProtocolMode::PressRelease
    }

    pub fn lines(&self) -> Vec<String> {
        let (_, columns) = self.screen().size();
        self.screen()
            .rows(0, columns.get())
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    pub fn line(&self, row: usize) -> String {
        self.lines().get(row).cloned().unwrap_or_default()
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }

    pub fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// The first line that contains the text.
    pub fn line_with(&self, text: &str) -> Option<String> {
        self.lines().into_iter().find(|line| line.contains(text))
    }

    pub fn header(&self) -> String {
        self.line(0)
    }

    pub fn footer(&self) -> String {
        self.lines().last().cloned().unwrap_or_default()
    }

    /// Whether the last line says exactly this, keys at its right left out.
    pub fn says(&self, sentence: &str) -> bool {
        let footer = self.footer();
        let said = footer.split("   ").next().unwrap_or_default();
        said.trim() == sentence
    }

    /// The field of the filter, while it is open. What can be written stands under it.
    pub fn filter_field(&self) -> Option<String> {
        let lines = self.lines();
        let field = lines.get(lines.len().checked_sub(3)?)?;
        Some(field.clone()).filter(|line| line.starts_with(" / "))
    }

    /// The titles of the table's columns, while the table is shown.
    pub fn titles(&self) -> Option<String> {
        Some(self.line(2)).filter(|line| line.starts_with("  STATE"))
    }

    /// The row of the table with this name, as it is shown. Names are whole words.
    pub fn row(&self, name: &str) -> Option<String> {
        self.titles()?;
        let is_pane = |line: &String| line.starts_with("──");
        let rows = self
            .lines()
            .into_iter()
            .skip(3)
            .take_while(|line| !is_pane(line));
        let name = format!(" {name}  ");
        rows.into_iter()
            .find(|line| format!("{line}  ").contains(&name))
    }

    /// The word for the state of the instance with this name; `None` while it is not shown.
    pub fn state(&self, name: &str) -> Option<String> {
        self.row(name)?
            .split_whitespace()
            .nth(1)
            .map(ToOwned::to_owned)
    }

    /// The row in reversed video, and where it is.
    pub fn selected(&self) -> Option<(u16, String)> {
        let (rows, _) = self.screen().size();
        (0..rows.get())
            .find(|row| self.is_reversed(*row, 0))
            .map(|row| (row, self.line(row.into())))
    }

    pub fn selected_has(&self, name: &str) -> bool {
        self.selected()
            .is_some_and(|(_, line)| format!("{line}  ").contains(&format!(" {name} ")))
    }

    /// The text in reversed video on a line.
    pub fn reversed(&self, row: u16) -> String {
        let (_, columns) = self.screen().size();
        (0..columns.get())
            .filter(|column| self.is_reversed(row, *column))
            .filter_map(|column| self.screen().cell(row, column))
            .map(vt100::Cell::contents)
            .collect()
    }

    fn is_reversed(&self, row: u16, column: u16) -> bool {
        self.screen()
            .cell(row, column)
            .is_some_and(vt100::Cell::inverse)
    }
}

fn at_least_one(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).unwrap_or(NonZeroU16::MIN)
}

fn find_last(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .rposition(|window| window == wanted)
}
