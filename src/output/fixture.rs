//! Rows for the tests of notes and reports.

use std::sync::Arc;

use crate::config::Instance;
use crate::diagnosis::scene::{ME, Scene};
use crate::monitor::{InstanceId, Marks, Row, Since};

/// A row that saw the scene, and nothing before.
pub(crate) fn row(id: u32, name: &str, scene: Scene) -> Row {
    let diagnosis = scene.diagnose();
    let text = scene.target.text.clone();
    let declared = scene.declared.clone();
    Row {
        id: InstanceId(id),
        instance: Arc::new(Instance {
            name: name.to_owned(),
            declared,
            ..Instance::from_text(&text)
        }),
        state: diagnosis.state,
        raw: diagnosis.state,
        since: Since::default(),
        marks: Marks::default(),
        probing: false,
        evidence: Some(Arc::new(scene.evidence)),
        witnesses: scene.witnesses.into(),
        diagnosis: Some(Arc::new(diagnosis)),
        past: Arc::new(scene.past),
        surroundings: Arc::new(scene.surroundings),
        history: Arc::default(),
        transitions: Arc::default(),
        outages: Arc::default(),
        audit: None,
        auditing: false,
        incident: None,
        proofs: Arc::default(),
        diary: Arc::default(),
    }
}

/// The scene with the local ports that its attempts came from, and as long as they took.
pub(super) fn sent(scene: Scene) -> Scene {
    scene.with(|scene| {
        let took = scene.evidence.layers.connect.attempts.iter();
        if let Some(longest) = took.map(|attempt| attempt.elapsed).max() {
            scene.evidence.elapsed = longest;
        }
        for attempt in &mut scene.evidence.layers.connect.attempts {
            attempt.local = Some(format!("{ME}:50112").parse().unwrap());
        }
    })
}
