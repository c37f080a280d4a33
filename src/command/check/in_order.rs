//! What comes in any order, handed on in the order of the list.

use std::collections::BTreeMap;

/// Holds back what comes before its turn, so that all is counted as soon as it is done.
pub struct InOrder<Item> {
    next: u32,
    waiting: BTreeMap<u32, Item>,
}

impl<Item> Default for InOrder<Item> {
    fn default() -> Self {
        Self {
            next: 0,
            waiting: BTreeMap::new(),
        }
    }
}

impl<Item> InOrder<Item> {
    /// Takes the item of that place, from 0. Returns all whose turn it is now.
    pub fn put(&mut self, at: u32, item: Item) -> Vec<Item> {
        self.waiting.insert(at, item);
        let mut ready = Vec::new();
        while let Some(item) = self.waiting.remove(&self.next) {
            ready.push(item);
            self.next += 1;
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_list_is_kept() {
        let mut in_order = InOrder::default();
        assert!(in_order.put(2, 'c').is_empty());
        assert_eq!(in_order.put(0, 'a'), ['a']);
        assert_eq!(in_order.put(1, 'b'), ['b', 'c']);
        assert_eq!(in_order.put(3, 'd'), ['d']);
    }
}
