//! What people are shown of a case: that several causes are equally likely, why each is
//! named, and never a character that moves a terminal.

use std::sync::Arc;

use proptest::prelude::*;

use super::properties::scene;
use super::rules::scenes;
use crate::advice::{self, Risk};
use crate::config::Instance;
use crate::diagnosis::scene::{SERVER, Scene, now};
use crate::evidence::ConnectStatus::{Open, TimedOut};
use crate::monitor::{Ledger, Row, Rules};
use crate::output::text::{self, Dress};
use crate::target::Platform;

/// All cases of the tables where several causes come first, and those of the trap.
fn ties() -> Vec<(&'static str, Scene)> {
    let hidden = |scene: Scene| scene.timed_out().closed(TimedOut).port(445, Open);
    let prod = || Scene::new(r"sales01\PROD");
    let trap = [
        (
            "nothing is known yet",
            Scene::new("db1.corp.test,1433").timed_out(),
        ),
        (
            "closed ports are hidden",
            hidden(Scene::new("db1.corp.test,1433")),
        ),
        (
            "hidden, and the port is Browser's",
            hidden(prod().advertises(1433)),
        ),
        (
            "hidden, and it answered there",
            hidden(prod().advertises(50123)).good(SERVER, 50123),
        ),
    ];
    let all = trap.into_iter().chain(scenes());
    all.filter(|(_, scene)| scene.diagnose().tied > 1).collect()
}

fn row(scene: &Scene) -> Row {
    let instance = Instance {
        declared: scene.declared.clone(),
        ..Instance::from_text(&scene.target.text)
    };
    let mut ledger = Ledger::new(Rules::default());
    ledger.replace(now(), &[Arc::new(instance)]);
    let pending = ledger.row(ledger.order()[0]).unwrap();
    let diagnosis = scene.diagnose();
    Row {
        state: diagnosis.state,
        raw: diagnosis.state,
        evidence: Some(Arc::new(scene.evidence.clone())),
        witnesses: scene.witnesses.clone().into(),
        diagnosis: Some(Arc::new(diagnosis)),
        past: Arc::new(scene.past.clone()),
        surroundings: Arc::new(scene.surroundings.clone()),
        ..Row::clone(&pending)
    }
}

fn as_text(scene: &Scene) -> String {
    let mut out = Vec::new();
    text::row(&mut out, &row(scene), Dress::Plain).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn where_causes_are_equal_the_first_step_is_a_look_on_every_platform() {
    let ties = ties();
    assert!(ties.len() >= 4);
    for (what, scene) in ties {
        let advice = advice::advise(&scene.case(), &scene.diagnose());
        let guess = advice::platform(&scene.case()).platform;
        assert!(!advice::commands_for(&advice, guess).is_empty(), "{what}");
        for platform in Platform::ALL {
            let first = advice::commands_for(&advice, platform).first().copied();
            let risk = first.map_or(Risk::ReadOnly, |first| first.fix.risk);
            assert_eq!(risk, Risk::ReadOnly, "{what}: {first:?}");
        }
    }
}

#[test]
fn where_causes_are_equal_the_text_says_so_and_names_them_all() {
    for (what, scene) in ties() {
        let (text, advice) = (
            as_text(&scene),
            advice::advise(&scene.case(), &scene.diagnose()),
        );
        assert!(text.contains("Equally likely:"), "{what}: {text}");
        for cause in &advice.causes[..advice.tied] {
            assert!(
                text.contains(&format!("{} (", cause.title)),
                "{what}: {text}"
            );
        }
    }
}

#[test]
fn the_text_says_what_raised_and_what_lowered_each_cause_that_it_names() {
    for (what, scene) in scenes() {
        let (text, advice) = (
            as_text(&scene),
            advice::advise(&scene.case(), &scene.diagnose()),
        );
        let equal = text.contains("Equally likely:");
        assert_eq!(equal, advice.tied > 1, "{what}: {text}");
        let named = advice
            .causes
            .iter()
            .filter(|cause| text.contains(&format!(", {})", cause.id)));
        for said in named.flat_map(|cause| cause.because.iter().chain(&cause.against)) {
            assert!(text.contains(said), "{what}: {said} is not in {text}");
        }
    }
}

/// Also those that turn the direction of writing.
fn moves_a_terminal(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_moves_a_terminal(scene in scene()) {
        let text = as_text(&scene);
        let advice = advice::advise(&scene.case(), &scene.diagnose());
        let sentences = advice.proves.iter().chain(&advice.rules_out).chain(&advice.findings).chain(&advice.next_tests);
        let causes = advice.causes.iter().flat_map(|cause| cause.because.iter().chain(&cause.against));
        let commands = advice.causes.iter().flat_map(|cause| &cause.fixes).flat_map(|fix| &fix.commands);
        let all = sentences.chain(causes).map(String::as_str)
            .chain(commands.map(|command| &*command.text))
            .chain(advice.clients_show.iter().map(|shown| shown.text.as_str()))
            .chain([advice.headline.as_str()])
            .chain(text.lines());
        for sentence in all {
            prop_assert!(!sentence.chars().any(moves_a_terminal), "{:?}", sentence);
        }
    }
}
