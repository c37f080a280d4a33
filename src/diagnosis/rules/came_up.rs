//! A host that came up minutes ago: its services may still be on their way.

use super::Rule;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{FAIR, Scales};
use crate::diagnosis::{CauseId, Said, State};
use crate::evidence::BrowserStatus;

pub(super) const CAME_UP: &[Rule] = &[still_starting];

/// After a boot the services start one after the other, those with a delayed start minutes
/// later, and an engine recovers its databases before it listens.
fn still_starting(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(when) = sight.came_up_lately() else {
        return;
    };
    let said = Said::HostCameUp { when };
    let browser = sight.case.evidence.layers.browser.status;
    match (sight.state, sight.heard) {
        (State::Refused, Heard::Reset) => scales.raise(CauseId::ServiceNotRunning, FAIR, said),
        (State::TimedOut, _) if sight.alive.is_some() => {
            scales.raise(CauseId::ServiceNotRunning, FAIR, said);
        }
        (State::NotLocated, _)
            if browser == BrowserStatus::Refused
                || (browser == BrowserStatus::Silent && sight.alive.is_some()) =>
        {
            scales.raise(CauseId::BrowserStopped, FAIR, said);
            scales.raise(CauseId::ServiceNotRunning, FAIR, said);
        }
        _ => {}
    }
}
