//! Rows that belong together: by tag, host or subnet.

use std::collections::HashMap;
use std::sync::Arc;

use crate::config::Group;
use crate::diagnosis::{State, Subnet};
use crate::monitor::{InstanceId, Row};
use crate::tui::cells;

/// What a group is called; `None`: what it is grouped by is not known of its rows.
pub type GroupName = Option<Arc<str>>;

/// A group and what its line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What it is called.
    pub name: GroupName,
    /// Those of its instances that the filter lets through, in order.
    pub members: Vec<InstanceId>,
    /// How many are in which state, worst first.
    pub states: Vec<(State, usize)>,
    /// Whether only its line is shown.
    pub folded: bool,
    /// Its place among the lines of the table.
    pub(super) line: usize,
}

/// The group of a row. One with several tags is under the first.
pub fn name_of(group: Group, row: &Row) -> GroupName {
    match group {
        Group::None => None,
        Group::Tag => row.instance.tags.first().map(|tag| tag.as_str().into()),
        Group::Host => cells::host(row).map(|host| host.to_lowercase().into()),
        Group::Subnet => {
            let address = cells::address(row)?;
            Some(Subnet::of(address).to_string().into())
        }
    }
}

/// What is said where a row has no such thing.
pub fn words(group: Group, name: &GroupName) -> &str {
    match (name, group) {
        (Some(name), _) => name,
        (None, Group::Tag) => "no tag",
        (None, Group::Host) => "no host",
        (None, Group::Subnet) => "no address",
        (None, Group::None) => "",
    }
}

/// Rows in order, put into their groups: the group with the worst row first, and of those
/// that are alike by name, the nameless last.
pub(super) fn summaries<'a>(
    rows: impl Iterator<Item = (&'a GroupName, &'a Row)>,
    is_folded: impl Fn(&GroupName) -> bool,
) -> Vec<Summary> {
    let mut at: HashMap<&GroupName, usize> = HashMap::new();
    let mut all: Vec<Summary> = Vec::new();
    for (name, row) in rows {
        let at = *at.entry(name).or_insert_with(|| {
            all.push(Summary {
                name: name.clone(),
                members: Vec::new(),
                states: Vec::new(),
                folded: is_folded(name),
                line: 0,
            });
            all.len() - 1
        });
        let group = &mut all[at];
        group.members.push(row.id);
        match group
            .states
            .iter_mut()
            .find(|(state, _)| *state == row.state)
        {
            Some((_, count)) => *count += 1,
            None => group.states.push((row.state, 1)),
        }
    }
    for group in &mut all {
        group.states.sort_unstable();
    }
    all.sort_by(|a, b| {
        (a.worst().cmp(&b.worst()))
            .then_with(|| a.name.is_none().cmp(&b.name.is_none()))
            .then_with(|| a.name.cmp(&b.name))
    });
    all
}

impl Summary {
    /// The state of its worst row.
    pub fn worst(&self) -> State {
        self.states
            .first()
            .map_or(State::Pending, |(state, _)| *state)
    }
}
