//! Which columns of the table fit into a width, and how wide each is.

use super::sort::Column;

/// How wide each column is; 0 where it does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The name.
    pub instance: usize,
    /// All four layers together.
    pub layers: usize,
    /// How long it is in its state.
    pub since: usize,
    /// The address and port that the state speaks of.
    pub endpoint: usize,
    /// Connect time.
    pub connect: usize,
    /// The engine's answer.
    pub engine: usize,
    /// The newest probes.
    pub history: usize,
}

/// The state's glyph and a blank.
pub const GLYPH: usize = 2;
/// The state's word, and a mark behind it.
pub const STATE: usize = 17;
/// The name: at least, and at most.
const INSTANCE: (usize, usize) = (14, 30);
/// An IPv4 endpoint and `+1`.
pub const ENDPOINT: usize = 21;
/// The titles of the layers.
pub const LAYERS: [&str; 4] = ["DNS", "BRW", "TCP", "SQL"];
/// One layer.
pub const LAYER: usize = 4;
/// A time such as `0.40 ms`.
pub const TIME: usize = 10;
/// A duration such as `≥3m27s`.
pub const SINCE: usize = 9;
/// The newest probes: at least, and at most.
const HISTORY: (usize, usize) = (9, 21);

impl Columns {
    /// What matters most is fitted in first.
    pub fn for_width(width: usize) -> Self {
        let mut room = width.saturating_sub(GLYPH + STATE + INSTANCE.0);
        let mut fit = |columns: usize| {
            let fitted = if columns <= room { columns } else { 0 };
            room -= fitted;
            fitted
        };
        let layers = fit(LAYERS.len() * LAYER);
        let since = fit(SINCE);
        let endpoint = fit(ENDPOINT);
        let connect = fit(TIME);
        let history = fit(HISTORY.0);
        let engine = fit(TIME);
        let wider = room.min(INSTANCE.1 - INSTANCE.0);
        let longer = (room - wider).min(HISTORY.1 - HISTORY.0);
        Self {
            instance: INSTANCE.0 + wider,
            layers,
            since,
            endpoint,
            connect,
            engine,
            history: if history > 0 { history + longer } else { 0 },
        }
    }

    /// Whether a column is on the screen.
    pub fn shows(self, column: Column) -> bool {
        match column {
            Column::State | Column::Instance => true,
            Column::Endpoint => self.endpoint > 0,
            Column::Connect => self.connect > 0,
            Column::Engine => self.engine > 0,
            Column::Since => self.since > 0,
        }
    }
}
