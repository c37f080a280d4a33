//! A few ports, for a statement to name.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::target::Port;

/// So many are named, and the others counted.
const NAMED: usize = 4;

/// A few ports in rising order, and how many more there are. A small value, so that a
/// statement stays one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    named: [Option<Port>; NAMED],
    more: u32,
}

impl FromIterator<Port> for Ports {
    fn from_iter<Iter: IntoIterator<Item = Port>>(ports: Iter) -> Self {
        let mut all: Vec<Port> = ports.into_iter().collect();
        all.sort_unstable();
        all.dedup();
        let mut named = [None; NAMED];
        for (place, port) in named.iter_mut().zip(&all) {
            *place = Some(*port);
        }
        let more = u32::try_from(all.len().saturating_sub(NAMED)).unwrap_or(u32::MAX);
        Self { named, more }
    }
}

impl fmt::Display for Ports {
    /// `1433, 50200 and 3 more`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, port) in self.named.iter().flatten().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{port}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Ports;
    use crate::target::Port;

    #[rstest]
    #[case(&[51001], "51001")]
    #[case(&[51001, 1433, 51001], "1433, 51001")]
    #[case(&[5, 4, 3, 2, 1, 6], "1, 2, 3, 4 and 2 more")]
    fn a_few_are_named_and_the_others_counted(#[case] ports: &[u16], #[case] text: &str) {
        let ports: Ports = ports.iter().filter_map(|port| Port::new(*port)).collect();
        assert_eq!(ports.to_string(), text);
    }
}
