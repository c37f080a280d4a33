//! The one word that is shown for an instance.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The one word that is shown for an instance, worst first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The name gives no address.
    Unresolved,
    /// A named instance, and Browser gives no port.
    NotLocated,
    /// Something says that there is no way.
    Unreachable,
    /// This machine's own policy forbids it.
    Blocked,
    /// Nothing comes back.
    TimedOut,
    /// The port refuses.
    Refused,
    /// The port opens and the engine does not answer.
    Silent,
    /// The port opens, then FIN or RST instead of an answer.
    HungUp,
    /// Another service answers.
    NotSql,
    /// Another instance answers.
    WrongInstance,
    /// The TLS handshake fails.
    TlsFailed,
    /// The login fails.
    LoginFailed,
    /// It answers, with a finding that a client will trip over.
    Degraded,
    /// The engine answers PRELOGIN; login not tested.
    Answering,
    /// Everything that is configured to be tested works, login included.
    Ready,
    /// The port opens; deeper layers are switched off.
    Open,
    /// No result yet.
    #[default]
    Pending,
    /// The target cannot be parsed, or cannot be reached over TCP.
    Invalid,
}

impl State {
    /// All states, worst first.
    pub const ALL: [Self; 18] = [
        Self::Unresolved,
        Self::NotLocated,
        Self::Unreachable,
        Self::Blocked,
        Self::TimedOut,
        Self::Refused,
        Self::Silent,
        Self::HungUp,
        Self::NotSql,
        Self::WrongInstance,
        Self::TlsFailed,
        Self::LoginFailed,
        Self::Degraded,
        Self::Answering,
        Self::Ready,
        Self::Open,
        Self::Pending,
        Self::Invalid,
    ];

    /// Whether a client cannot work: everything before [`State::Degraded`].
    pub fn is_failing(self) -> bool {
        self < Self::Degraded
    }

    /// Whether a client gets through: `degraded`, `answering`, `ready` or `open`.
    pub fn is_up(self) -> bool {
        (Self::Degraded..=Self::Open).contains(&self)
    }

    /// The word, as it stands on the screen, in JSON and in filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::NotLocated => "not-located",
            Self::Unreachable => "unreachable",
            Self::Blocked => "blocked",
            Self::TimedOut => "timed-out",
            Self::Refused => "refused",
            Self::Silent => "silent",
            Self::HungUp => "hung-up",
            Self::NotSql => "not-sql",
            Self::WrongInstance => "wrong-instance",
            Self::TlsFailed => "tls-failed",
            Self::LoginFailed => "login-failed",
            Self::Degraded => "degraded",
            Self::Answering => "answering",
            Self::Ready => "ready",
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Invalid => "invalid",
        }
    }
}

impl State {
    /// One column wide; always shown beside the word or in its colour, never alone.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::TimedOut | Self::Silent => "⧗",
            Self::Degraded => "▲",
            Self::Answering | Self::Ready => "●",
            Self::Open => "○",
            Self::Pending => "…",
            Self::Invalid => "?",
            _ => "✖",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn the_word_is_the_serialised_form() {
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.word());
        }
    }

    #[test]
    fn states_are_ordered_worst_first() {
        assert!(State::ALL.is_sorted());
        assert!(State::Refused.is_failing() && !State::Refused.is_up());
        assert!(State::Degraded.is_up() && !State::Degraded.is_failing());
        assert!(!State::Pending.is_up() && !State::Pending.is_failing());
        assert!(!State::Invalid.is_up() && !State::Invalid.is_failing());
    }
}
