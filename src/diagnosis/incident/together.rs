//! Who fell together: falls whose intervals touch, or nearly.

use jiff::{SignedDuration, Timestamp};

use super::Member;

/// Falls this close to each other may have one reason: a host takes its time to go down, and
/// no two instances are looked at in the same second.
const SLACK: SignedDuration = SignedDuration::from_secs(30);

/// An interval in which something happened.
pub(super) trait Interval {
    /// No earlier than this.
    fn start(&self) -> Timestamp;
    /// No later than this.
    fn end(&self) -> Timestamp;
}

impl Interval for &Member<'_> {
    fn start(&self) -> Timestamp {
        self.fell.earliest()
    }

    fn end(&self) -> Timestamp {
        self.fell.first_bad
    }
}

/// Cuts what is sorted by its start wherever nothing happened for longer than the slack.
pub(super) fn chains<T: Interval>(sorted: Vec<T>) -> Vec<Vec<T>> {
    let mut chains: Vec<Vec<T>> = Vec::new();
    let mut until = None;
    for item in sorted {
        let joins = until.is_some_and(|until| item.start().duration_since(until) <= SLACK);
        until = if joins {
            until.max(Some(item.end()))
        } else {
            Some(item.end())
        };
        match chains.last_mut() {
            Some(chain) if joins => chain.push(item),
            _ => chains.push(vec![item]),
        }
    }
    chains
}
