//! What the engine's own answer says, and how long it took, apart from the way there.

use std::time::Duration;

use super::Sight;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::{Recent, Said};
use crate::evidence::{ConnectStatus, Dac, Elapsed, Look, PreloginStatus};
use crate::target::Port;

/// A way that takes three times its usual time, and so much more, is slow.
const SLOWER_WAY: Duration = Duration::from_millis(100);
/// A way that was never timed before is called quick up to here.
const QUICK_WAY: Duration = Duration::from_millis(250);

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

    /// The engine's own time: the answer's time without the way there and back. Where the
    /// way itself became slow, the engine is not to blame.
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
        let slow = own > Duration::from_secs(1) || unusual;
        (slow && !self.way_explains(took)).then_some(took)
    }

    /// How much longer than usual connecting took: from and to.
    pub(in crate::diagnosis) fn way_climbed(&self) -> Option<(Elapsed, Elapsed)> {
        let took = self.attempt?.elapsed;
        let usual = elapsed(self.case.past.usual_connect_ms?)?;
        let is_slow = took.duration() >= usual.duration().saturating_mul(3)
            && took.duration().saturating_sub(usual.duration()) >= SLOWER_WAY;
        (is_slow && self.heard == Heard::Open).then_some((usual, took))
    }

    /// Connecting climbed by at least half of what the engine's answer did: that is there
    /// and back once, and packets that are lost are lost on both.
    fn way_explains(&self, took: Elapsed) -> bool {
        let Some((from, to)) = self.way_climbed() else {
            return false;
        };
        let usual = self.case.past.usual_engine_ms.unwrap_or(0.0);
        2.0 * (to.as_ms() - from.as_ms()) >= took.as_ms() - usual
    }

    /// Connecting is as quick as ever, so that it is not the network.
    pub(in crate::diagnosis) fn connect_is_flat(&self) -> Option<Said> {
        let took = self.attempt?.elapsed;
        match self.case.past.usual_connect_ms.and_then(elapsed) {
            _ if self.way_climbed().is_some() => None,
            Some(usual) => Some(Said::ConnectStaysFlat { usual, took }),
            None => (took.duration() <= QUICK_WAY).then_some(Said::ConnectIsFlat { took }),
        }
    }

    /// The engine took longer and longer shortly before: three times its usual, or its own
    /// first. Not where connecting did the same.
    pub(in crate::diagnosis) fn engine_climbed(&self) -> Option<Said> {
        let past = self.case.past;
        let (from, to) = climb(&past.recent_engine_ms, past.usual_engine_ms)?;
        let way = climb(&past.recent_connect_ms, past.usual_connect_ms)
            .map_or(0.0, |(from, to)| to - from);
        let climbed = to >= 3.0 * from && to >= 20.0 && 2.0 * way < to - from;
        climbed.then_some(Said::EngineClimbed {
            from: elapsed(from)?,
            to: elapsed(to)?,
        })
    }

    /// How far an engine that still answers has climbed.
    pub(in crate::diagnosis) fn engine_climbs(&self, took: Elapsed) -> Option<Said> {
        let from = elapsed(self.case.past.usual_engine_ms?)?;
        (took.duration() >= from.duration().saturating_mul(3))
            .then_some(Said::EngineClimbs { from, to: took })
    }

    /// The target is an instance whose administrator connection has a known place: TCP 1434
    /// for the default one, and what Browser says for a named one.
    pub(in crate::diagnosis) fn has_dac(&self) -> bool {
        let is_known = self.case.target.instance.is_some() || self.port == Port::DEFAULT;
        is_known && !self.is_cloud()
    }

    /// What the look at the administrator connection found. Behind something that
    /// completes every handshake it found nothing.
    pub(in crate::diagnosis) fn dac(&self) -> Option<Said> {
        let dac: &Dac = self.newest(|look| match look {
            Look::Dac(dac) => Some(dac),
            _ => None,
        })?;
        if self.every_port_opens().is_some() {
            return None;
        }
        Some(match &dac.attempt {
            Some(attempt) if attempt.status == ConnectStatus::Open => Said::DacOpens {
                endpoint: attempt.endpoint,
            },
            Some(attempt) => Said::DacClosed {
                endpoint: attempt.endpoint,
            },
            None => Said::DacNotNamed {},
        })
    }
}

/// From the usual, or the first where that was less, to the newest.
fn climb(recent: &Recent, usual: Option<f64>) -> Option<(f64, f64)> {
    let mut recent = recent.iter();
    let (first, last) = (recent.next()?, recent.next_back()?);
    Some((usual.map_or(first, |usual| usual.min(first)), last))
}

fn elapsed(ms: f64) -> Option<Elapsed> {
    Duration::try_from_secs_f64(ms / 1e3)
        .ok()
        .map(Elapsed::from)
}
