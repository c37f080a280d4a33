//! Whether a row is what a word of the filter asks for.

use jiff::{SignedDuration, Timestamp};

use super::fields::{Field, Quality};
use crate::advice;
use crate::diagnosis::State;
use crate::explain::Layer;
use crate::monitor::Row;
use crate::tui::{cells, text};

impl Field {
    /// Whether a row is so at `now`.
    pub fn matches(&self, row: &Row, now: Timestamp) -> bool {
        let evidence = row.evidence.as_deref();
        match self {
            Self::Text(text) => has_text(row, text),
            Self::Name(name) => contains(&row.instance.name, name),
            Self::Host(host) => cells::host(row).is_some_and(|own| contains(&own, host)),
            Self::Tag(tag) => {
                let mut tags = row.instance.tags.iter();
                tags.any(|own| own.to_lowercase() == *tag)
            }
            Self::Address(address) => has_address(row, address),
            Self::Version(version) => cells::version(row).is_some_and(|own| {
                let product = own.product().unwrap_or_default();
                contains(product, version) || contains(&own.to_string(), version)
            }),
            Self::State(states) => states.contains(&row.state),
            Self::Layer(layers) => layer(row.state).is_some_and(|own| layers.contains(&own)),
            Self::Cause(causes) => row.diagnosis.as_ref().is_some_and(|diagnosis| {
                let mut leading = diagnosis.leading().iter();
                leading.any(|cause| causes.contains(&cause.id))
            }),
            Self::Platform(platforms) => {
                let guess = || Some(advice::platform(&row.case()?).platform);
                let own = row.instance.declared.platform.or_else(guess);
                own.is_some_and(|own| platforms.contains(&own))
            }
            Self::Is(qualities) => qualities.iter().any(|quality| quality.is_of(row)),
            Self::Since(bound) => row
                .since
                .duration(now)
                .is_some_and(|(age, _)| bound.holds(age)),
            Self::Connect(bound) => evidence
                .and_then(text::connect_time)
                .is_some_and(|time| bound.holds(time.duration())),
            Self::Engine(bound) => evidence
                .and_then(text::engine_time)
                .is_some_and(|time| bound.holds(time.duration())),
        }
    }

    /// When time alone will decide otherwise about a row.
    pub fn turns(&self, row: &Row, now: Timestamp) -> Option<Timestamp> {
        let Self::Since(bound) = self else {
            return None;
        };
        let limit = SignedDuration::try_from(bound.limit()).ok()?;
        let turns = row.since.first_seen?.checked_add(limit).ok()?;
        (turns > now).then_some(turns)
    }
}

impl Quality {
    fn is_of(self, row: &Row) -> bool {
        match self {
            Self::Failing => row.state.is_failing(),
            Self::Maintenance => row.marks.maintenance.is_some(),
            Self::Acknowledged => row.marks.acknowledged.is_some(),
            Self::Stale => row.marks.stale,
            Self::Flapping => row.flapping().is_some(),
            Self::Paused => row.marks.paused,
            Self::Incident => row.incident.is_some(),
        }
    }
}

/// The layer that a failing state speaks of.
fn layer(state: State) -> Option<Layer> {
    Some(match state {
        State::Unresolved => Layer::Resolve,
        State::NotLocated => Layer::Browser,
        State::Unreachable | State::Blocked | State::TimedOut | State::Refused => Layer::Connect,
        State::Silent | State::HungUp | State::NotSql | State::WrongInstance => Layer::Prelogin,
        State::TlsFailed => Layer::Tls,
        State::LoginFailed => Layer::Login,
        State::Degraded
        | State::Answering
        | State::Ready
        | State::Open
        | State::Pending
        | State::Invalid => return None,
    })
}

fn has_text(row: &Row, text: &str) -> bool {
    contains(&row.instance.name, text)
        || contains(row.instance.text(), text)
        || contains(row.state.word(), text)
        || row.instance.tags.iter().any(|tag| contains(tag, text))
        || has_address(row, text)
        || cells::cause(row).is_some_and(|cause| contains(&cause, text))
}

fn has_address(row: &Row, text: &str) -> bool {
    row.evidence.as_ref().is_some_and(|evidence| {
        let mut attempts = evidence.layers.connect.attempts.iter();
        let mut addresses = evidence.layers.resolve.addresses.iter();
        attempts.any(|attempt| contains(&attempt.endpoint.to_string(), text))
            || addresses.any(|address| contains(&address.to_string(), text))
    })
}

fn contains(text: &str, lower: &str) -> bool {
    text.to_lowercase().contains(lower)
}
