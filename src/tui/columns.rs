//! Which of the chosen columns fit into a width, and how wide each is.

use crate::config::Column;

/// The state's glyph and a blank, in front of every row.
pub const GLYPH: usize = 2;
/// The titles of the layers.
pub const LAYERS: [&str; 4] = ["DNS", "BRW", "TCP", "SQL"];
/// One layer.
pub const LAYER: usize = 4;
/// Between numbers that end at the right and words that begin at the left.
const GAP: usize = 2;

/// What matters most is fitted in first. The order on the screen is the chosen one.
const BY_WEIGHT: [Column; 12] = [
    Column::State,
    Column::Instance,
    Column::Layers,
    Column::Since,
    Column::Endpoint,
    Column::Cause,
    Column::Connect,
    Column::History,
    Column::Host,
    Column::Tags,
    Column::Engine,
    Column::Version,
];

/// Those that take what room is left, one after the other.
const ELASTIC: [Column; 5] = [
    Column::Instance,
    Column::Cause,
    Column::Host,
    Column::Tags,
    Column::History,
];

/// The columns that are on the screen, from left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns(Vec<Cell>);

/// A column and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Which.
    pub column: Column,
    /// Blanks in front of it.
    pub gap: usize,
    /// How wide it is, the gap left out.
    pub width: usize,
}

/// At which end the text of a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl Columns {
    /// Those of the chosen columns that fit.
    pub fn fit(chosen: &[Column], width: usize) -> Self {
        let mut kept: Vec<Column> = Vec::new();
        for column in BY_WEIGHT {
            if chosen.contains(&column) {
                kept.push(column);
                kept.sort_by_key(|kept| chosen.iter().position(|column| column == kept));
                if Self::least(&kept).width() > width {
                    kept.retain(|kept| *kept != column);
                }
            }
        }
        let mut columns = Self::least(&kept);
        let mut room = width.saturating_sub(columns.width());
        for column in ELASTIC {
            if let Some(cell) = columns.0.iter_mut().find(|cell| cell.column == column) {
                let (least, most) = span(column);
                let more = room.min(most - least);
                cell.width += more;
                room -= more;
            }
        }
        columns
    }

    fn least(columns: &[Column]) -> Self {
        let mut before = Side::Left;
        let cell = |column: &Column| {
            let own = side(*column);
            let gap = if before == Side::Right && own == Side::Left {
                GAP
            } else {
                0
            };
            before = own;
            Cell {
                column: *column,
                gap,
                width: span(*column).0,
            }
        };
        Self(columns.iter().map(cell).collect())
    }

    fn width(&self) -> usize {
        let cells = self.0.iter().map(|cell| cell.gap + cell.width);
        GLYPH + cells.sum::<usize>()
    }

    /// From left to right.
    pub fn cells(&self) -> &[Cell] {
        &self.0
    }

    /// The column on the screen after this one, from the last back to the first; the first
    /// where this one is not there.
    pub fn after(&self, column: Column) -> Option<Column> {
        let at = self.0.iter().position(|cell| cell.column == column);
        let next = at.map_or(0, |at| (at + 1) % self.0.len());
        self.0.get(next).map(|cell| cell.column)
    }
}

/// At which end the text of a column stands.
pub fn side(column: Column) -> Side {
    match column {
        Column::Connect | Column::Engine | Column::Since => Side::Right,
        _ => Side::Left,
    }
}

/// How wide a column is at least and at most, with a blank at its end where it is words.
fn span(column: Column) -> (usize, usize) {
    match column {
        // The word, and a mark behind it.
        Column::State => (17, 17),
        Column::Instance => (14, 30),
        Column::Host => (14, 32),
        // An IPv4 endpoint and `+1`.
        Column::Endpoint => (21, 21),
        Column::Layers => (LAYERS.len() * LAYER, LAYERS.len() * LAYER),
        // A time such as `0.40 ms`.
        Column::Connect | Column::Engine => (10, 10),
        // A duration such as `≥3m27s`.
        Column::Since => (9, 9),
        Column::History => (7, 19),
        Column::Tags => (10, 24),
        // `2022 16.0.4105`.
        Column::Version => (16, 16),
        // `service-not-running +2`.
        Column::Cause => (24, 34),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(chosen: &[Column], width: usize) -> String {
        let columns = Columns::fit(chosen, width);
        let names = columns.cells().iter().map(|cell| cell.column.word());
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_column_has_a_weight() {
        for column in Column::ALL {
            assert!(BY_WEIGHT.contains(&column), "{column:?}");
        }
    }

    #[test]
    fn the_chosen_order_is_kept_and_what_matters_least_goes_first() {
        use Column::{Cause, Engine, Instance, State, Version};
        let chosen = [Cause, Version, Instance, Engine, State];
        assert_eq!(names(&chosen, 120), "cause version instance engine state");
        assert_eq!(names(&chosen, 80), "cause instance engine state");
        assert_eq!(names(&chosen, 60), "cause instance state");
        assert_eq!(names(&chosen, 40), "instance state");
    }

    #[test]
    fn words_never_touch_the_number_before_them() {
        let columns = Columns::fit(&[Column::Since, Column::Cause, Column::Instance], 100);
        let gaps: Vec<usize> = columns.cells().iter().map(|cell| cell.gap).collect();
        assert_eq!(gaps, [0, GAP, 0]);
    }

    #[test]
    fn the_next_column_is_one_that_is_on_the_screen() {
        let columns = Columns::fit(&[Column::State, Column::Since], 80);
        assert_eq!(columns.after(Column::State), Some(Column::Since));
        assert_eq!(columns.after(Column::Since), Some(Column::State));
        assert_eq!(columns.after(Column::Cause), Some(Column::State));
    }
}
