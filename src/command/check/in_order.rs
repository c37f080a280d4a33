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
    /// Takes the item of that place, from 0. The next is what [`Self::next`] gives.
    pub fn put(&mut self, at: u32, item: Item) {
        self.waiting.insert(at, item);
    }

    /// The one whose turn it is, if it is here.
    pub fn next(&mut self) -> Option<Item> {
        let item = self.waiting.remove(&self.next)?;
        self.next += 1;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;

    #[test]
    fn the_order_of_the_list_is_kept() {
        let mut in_order = InOrder::default();
        let mut put = |at, item| {
            in_order.put(at, item);
            iter::from_fn(|| in_order.next()).collect::<String>()
        };
        assert_eq!(put(2, 'c'), "");
        assert_eq!(put(0, 'a'), "a");
        assert_eq!(put(1, 'b'), "bc");
        assert_eq!(put(3, 'd'), "d");
    }
}
