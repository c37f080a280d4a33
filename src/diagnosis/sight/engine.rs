//! What the engine's own answer says, and how long it took.

use std::time::Duration;

use super::Sight;
use crate::diagnosis::Said;
use crate::evidence::{Elapsed, PreloginStatus};

impl Sight<'_> {
    /// The engine that answers says that it is not the wanted instance.
    pub(in crate::diagnosis) fn other_instance(&self) -> bool {
        let prelogin = &self.case.evidence.layers.prelogin;
        let denied = prelogin.status == PreloginStatus::InstanceMismatch
            || (prelogin.status == PreloginStatus::Ok && prelogin.instance_matches == Some(false));
        denied && self.case.target.instance.is_some()
    }

    /// The number of the error that a TDS server answered with in place of PRELOGIN.
    pub(in crate::diagnosis) fn server_error(&self) -> Option<u32> {
        let prelogin = &self.case.evidence.layers.prelogin;
        prelogin.error.as_ref().map(|error| error.number)
    }

    /// An answer to PRELOGIN began, and its rest never came.
    pub(in crate::diagnosis) fn answer_began(&self) -> bool {
        let prelogin = &self.case.evidence.layers.prelogin;
        let unfinished = matches!(
            prelogin.status,
            PreloginStatus::Silent | PreloginStatus::Closed | PreloginStatus::Reset
        );
        unfinished && prelogin.first_bytes.is_some()
    }

    /// The engine answered, and is not known to be another instance: the name leads to it.
    pub(in crate::diagnosis) fn engine_answered(&self) -> bool {
        let status = self.case.evidence.layers.prelogin.status;
        status == PreloginStatus::Ok && !self.other_instance()
    }

    /// The engine's own time: the answer's time without the way there and back.
    pub(in crate::diagnosis) fn engine_slow(&self) -> Option<Elapsed> {
        let took = self.case.evidence.layers.prelogin.elapsed?;
        let way = self
            .attempt
            .map_or(Duration::ZERO, |attempt| attempt.elapsed.duration());
        let own = took.duration().saturating_sub(way);
        let unusual =
            self.case.past.usual_engine_ms.is_some_and(|usual| {
                took.as_ms() > 10.0 * usual && own > Duration::from_millis(250)
            });
        (own > Duration::from_secs(1) || unusual).then_some(took)
    }

    /// The engine took longer and longer shortly before: three times its usual, or its own first.
    pub(in crate::diagnosis) fn engine_climbed(&self) -> Option<Said> {
        let recent = &self.case.past.recent_engine_ms;
        let (first, last) = (*recent.first()?, *recent.last()?);
        let before = self
            .case
            .past
            .usual_engine_ms
            .map_or(first, |usual| usual.min(first));
        let elapsed = |ms: f64| {
            Duration::try_from_secs_f64(ms / 1e3)
                .ok()
                .map(Elapsed::from)
        };
        (recent.len() >= 2 && last >= 3.0 * before && last >= 20.0).then_some(Said::EngineClimbed {
            from: elapsed(before)?,
            to: elapsed(last)?,
        })
    }
}
