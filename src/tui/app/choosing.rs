//! The list of columns: which are shown, and in which order.

use crate::config::Column;

/// The list of columns, while it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choosing {
    /// Every column and whether it is wanted, in the order they would be shown.
    pub columns: Vec<(Column, bool)>,
    /// Which is selected.
    pub at: usize,
}

impl Choosing {
    /// The wanted columns first, then the others.
    pub fn new(wanted: &[Column]) -> Self {
        let others = Column::ALL
            .into_iter()
            .filter(|column| !wanted.contains(column));
        let columns = wanted.iter().map(|column| (*column, true));
        Self {
            columns: columns
                .chain(others.map(|column| (column, false)))
                .collect(),
            at: 0,
        }
    }

    /// The wanted columns, in order.
    pub fn wanted(&self) -> Vec<Column> {
        let wanted = self.columns.iter().filter(|(_, wanted)| *wanted);
        wanted.map(|(column, _)| *column).collect()
    }

    /// Selects another, stopping at the ends.
    pub(super) fn step(&mut self, by: isize) {
        self.at = self.stepped(by);
    }

    /// Moves the selected one.
    pub(super) fn shift(&mut self, by: isize) {
        let to = self.stepped(by);
        self.columns.swap(self.at, to);
        self.at = to;
    }

    /// Shows the selected one, or hides it. Returns whether another is left.
    pub(super) fn toggle(&mut self) -> bool {
        let is_last = self.wanted().len() == 1;
        let (_, wanted) = &mut self.columns[self.at];
        if *wanted && is_last {
            return false;
        }
        *wanted = !*wanted;
        true
    }

    fn stepped(&self, by: isize) -> usize {
        let last = self.columns.len() - 1;
        self.at.saturating_add_signed(by).min(last)
    }
}

/// The line that chooses these columns in the configuration.
pub fn config_line(columns: &[Column]) -> String {
    let words: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.word()))
        .collect();
    format!("columns = [{}]", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_hidden_moved_and_never_all_gone() {
        let mut choosing = Choosing::new(&[Column::State, Column::Instance]);
        assert_eq!(choosing.columns.len(), Column::ALL.len());
        choosing.shift(1);
        assert_eq!(choosing.wanted(), [Column::Instance, Column::State]);
        assert!(choosing.toggle());
        assert_eq!(choosing.wanted(), [Column::Instance]);
        choosing.step(isize::MIN);
        assert!(!choosing.toggle());
        assert_eq!(config_line(&choosing.wanted()), "columns = [\"instance\"]");
    }
}
