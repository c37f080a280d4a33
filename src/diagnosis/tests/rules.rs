//! Every rule by itself, over all cases of the tables.

use std::collections::{BTreeMap, BTreeSet};

use super::{causes, engine, listeners, near_misses, past, resets};
use crate::diagnosis::State;
use crate::diagnosis::rules::explain;
use crate::diagnosis::scene::Scene;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::Scales;

/// Every case of the tables.
pub(super) fn scenes() -> Vec<(&'static str, Scene)> {
    let tables = [
        causes::table(),
        near_misses::not_first(),
        near_misses::not_named(),
        listeners::leading(),
        past::leading(),
    ];
    let cases = tables.into_iter().flatten();
    let cases = cases.map(|(what, scene, _)| (what, scene));
    cases
        .chain(engine::scenes())
        .chain(resets::scenes())
        .collect()
}

/// How often a rule spoke and was silent, in the cases of one state.
#[derive(Debug, Default)]
struct Heard {
    spoke: usize,
    silent: usize,
}

/// A rule that never speaks explains nothing, and one that always does says nothing about
/// the case: but for the first of a state, which may say what the state itself means.
#[test]
fn every_rule_speaks_in_one_case_and_is_silent_in_another_of_the_same_state() {
    // A rule by its address, and where it stands, so that it can be found.
    let mut rules: BTreeMap<usize, (String, BTreeMap<State, Heard>)> = BTreeMap::new();
    let mut first = BTreeSet::new();
    for (_, scene) in scenes() {
        let case = scene.case();
        let sight = Sight::of(&case);
        for (list, group) in explain(sight.state).iter().enumerate() {
            for (place, rule) in group.iter().enumerate() {
                if (list, place) == (0, 0) {
                    first.insert(*rule as usize);
                }
                let mut scales = Scales::default();
                rule(&sight, &mut scales);
                let (_, states) = rules.entry(*rule as usize).or_insert_with(|| {
                    (
                        format!("{}: list {list}, rule {place}", sight.state),
                        BTreeMap::new(),
                    )
                });
                let heard = states.entry(sight.state).or_default();
                if scales.is_untouched() {
                    heard.silent += 1;
                } else {
                    heard.spoke += 1;
                }
            }
        }
    }
    let tells =
        |rule: &usize, heard: &Heard| heard.spoke > 0 && (heard.silent > 0 || first.contains(rule));
    let wrong: Vec<_> = rules
        .iter()
        .filter(|(rule, (_, states))| !states.values().any(|heard| tells(rule, heard)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
