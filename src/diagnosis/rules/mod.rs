//! The rules, one file for each layer.
//!
//! A rule is a function that looks at a case and puts weights on causes. Which rules are
//! asked depends on the state alone: a rule about refusals never sees a silence, so no
//! rule has to defend itself against evidence that is not its own.

mod browser;
mod came_up;
mod cluster;
mod connect;
mod degraded;
mod moved;
mod prelogin;
mod resolve;
mod surroundings;

pub(super) use surroundings::unheard;

use super::sight::Sight;
use super::weigh::{FAINT, Scales};
use super::{CauseId, Said, State};

/// Raises and lowers causes for one reason.
pub(super) type Rule = fn(&Sight<'_>, &mut Scales);

/// The rules that can explain a state.
pub(super) fn explain(state: State) -> &'static [&'static [Rule]] {
    match state {
        State::Unresolved => &[resolve::RULES, surroundings::CUT_OFF],
        State::NotLocated => &[
            browser::RULES,
            came_up::CAME_UP,
            cluster::SILENCE,
            surroundings::SILENCE,
            surroundings::CUT_OFF,
            moved::BROWSER,
        ],
        State::Unreachable => &[
            connect::unreachable::RULES,
            moved::CONNECT,
            cluster::SILENCE,
            surroundings::SILENCE,
            surroundings::CUT_OFF,
            connect::PROXY,
        ],
        State::Blocked => &[connect::BLOCKED, surroundings::CUT_OFF],
        State::TimedOut => &[
            connect::silence::RULES,
            connect::listed::RULES,
            came_up::CAME_UP,
            moved::CONNECT,
            cluster::SILENCE,
            surroundings::SILENCE,
            surroundings::CUT_OFF,
            connect::PROXY,
        ],
        State::Refused => &[
            connect::refused::RULES,
            connect::reset::RULES,
            connect::listed::RULES,
            came_up::CAME_UP,
            moved::CONNECT,
            cluster::REFUSED,
            connect::PROXY,
        ],
        State::Silent => &[prelogin::SILENT, connect::PROXY],
        State::HungUp => &[prelogin::HUNG_UP, connect::PROXY],
        State::NotSql => &[prelogin::NOT_SQL, moved::CONNECT, connect::PROXY],
        State::WrongInstance => &[prelogin::WRONG_INSTANCE, moved::CONNECT],
        State::Degraded => &[degraded::RULES],
        // Their layers bring their own rules; the rest has nothing to explain.
        State::TlsFailed
        | State::LoginFailed
        | State::Answering
        | State::Ready
        | State::Open
        | State::Pending
        | State::Invalid => &[],
    }
}

/// Asks every rule that can explain the case.
pub(super) fn weigh(sight: &Sight<'_>) -> Scales {
    let mut scales = Scales::default();
    for rule in explain(sight.state).iter().copied().flatten() {
        rule(sight, &mut scales);
    }
    if scales.is_empty()
        && let Some(cause) = everyday(sight.state)
    {
        scales.raise(cause, FAINT, Said::NothingNarrowsIt {});
    }
    for (cause, said) in sight.tried_in_vain() {
        scales.set_back(cause, said);
    }
    scales
}

/// The everyday cause of a state, for evidence that holds an outcome and no detail
/// (a recording of another version, a platform that tells less).
fn everyday(state: State) -> Option<CauseId> {
    Some(match state {
        State::Unresolved => CauseId::NameNotFound,
        State::NotLocated => CauseId::BrowserFiltered,
        State::Unreachable => CauseId::HostDown,
        State::Blocked => CauseId::LocalFirewall,
        State::TimedOut => CauseId::FirewallDrops,
        State::Refused => CauseId::ServiceNotRunning,
        State::Silent => CauseId::EngineHung,
        State::HungUp => CauseId::ProxyWithoutBackend,
        State::NotSql => CauseId::NotSqlServer,
        State::WrongInstance => CauseId::WrongInstanceOnPort,
        _ => return None,
    })
}
