//! The glyphs of the layers. Each stands under the heading of its layer.

use crate::evidence::{
    Browser, BrowserStatus, Connect, ConnectStatus, Layers, Prelogin, PreloginStatus, Resolve,
    ResolveStatus, ResponseCode,
};

/// What one layer did, in one glyph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It worked.
    Good,
    /// Some of it worked.
    Partial,
    /// It failed, and something said so.
    Failed,
    /// Nothing came back in time.
    Late,
    /// It was not reached, or not needed.
    NotReached,
}

impl Mark {
    /// One column wide.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Good => "●",
            Self::Partial => "◐",
            Self::Failed => "✖",
            Self::Late => "⧗",
            Self::NotReached => "·",
        }
    }

    /// The marks of the four layers, in the order of the columns DNS BRW TCP SQL.
    pub fn of(layers: &Layers) -> [Self; 4] {
        [
            Self::resolve(&layers.resolve),
            Self::browser(&layers.browser),
            Self::connect(&layers.connect),
            Self::prelogin(&layers.prelogin),
        ]
    }

    fn resolve(resolve: &Resolve) -> Self {
        match resolve.status {
            ResolveStatus::Ok if !resolve.dns_differs.is_empty() => Self::Partial,
            ResolveStatus::Ok | ResolveStatus::Literal => Self::Good,
            ResolveStatus::TimedOut => Self::Late,
            ResolveStatus::Skipped => Self::NotReached,
            ResolveStatus::NotFound
            | ResolveStatus::NoAddress
            | ResolveStatus::ServerFailure
            | ResolveStatus::Refused => Self::Failed,
        }
    }

    /// The mark of what Browser said.
    pub fn browser(browser: &Browser) -> Self {
        match browser.status {
            BrowserStatus::Ok if browser.tries > Some(1) || browser.answered_from.is_some() => {
                Self::Partial
            }
            BrowserStatus::Ok => Self::Good,
            BrowserStatus::Silent => Self::Late,
            BrowserStatus::Skipped => Self::NotReached,
            BrowserStatus::Refused
            | BrowserStatus::Malformed
            | BrowserStatus::NotListed
            | BrowserStatus::NoTcp => Self::Failed,
        }
    }

    /// The mark of one attempt to connect.
    pub fn attempt(status: ConnectStatus) -> Self {
        match status {
            ConnectStatus::Open => Self::Good,
            ConnectStatus::TimedOut => Self::Late,
            ConnectStatus::Skipped => Self::NotReached,
            ConnectStatus::Refused
            | ConnectStatus::Unreachable
            | ConnectStatus::Blocked
            | ConnectStatus::Exhausted => Self::Failed,
        }
    }

    /// The mark of one question to a DNS server. A family without an address is no failure.
    pub fn question(code: ResponseCode) -> Self {
        match code {
            ResponseCode::Ok | ResponseCode::Empty => Self::Good,
            ResponseCode::TimedOut => Self::Late,
            ResponseCode::NxDomain
            | ResponseCode::ServFail
            | ResponseCode::Refused
            | ResponseCode::Cut
            | ResponseCode::Other => Self::Failed,
        }
    }

    fn connect(connect: &Connect) -> Self {
        match connect.status {
            ConnectStatus::Open
                if connect
                    .attempts
                    .iter()
                    .any(|attempt| attempt.status != ConnectStatus::Open) =>
            {
                Self::Partial
            }
            ConnectStatus::Open => Self::Good,
            ConnectStatus::TimedOut => Self::Late,
            ConnectStatus::Skipped => Self::NotReached,
            ConnectStatus::Refused
            | ConnectStatus::Unreachable
            | ConnectStatus::Blocked
            | ConnectStatus::Exhausted => Self::Failed,
        }
    }

    fn prelogin(prelogin: &Prelogin) -> Self {
        match prelogin.status {
            PreloginStatus::Ok => Self::Good,
            PreloginStatus::Silent => Self::Late,
            PreloginStatus::Skipped => Self::NotReached,
            PreloginStatus::Closed
            | PreloginStatus::Reset
            | PreloginStatus::NotTds
            | PreloginStatus::Malformed
            | PreloginStatus::InstanceMismatch => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::diagnosis::State;

    #[test]
    fn every_glyph_is_one_column_wide() {
        for state in State::ALL {
            assert_eq!(state.glyph().width(), 1, "{state}");
        }
        for mark in [
            Mark::Good,
            Mark::Partial,
            Mark::Failed,
            Mark::Late,
            Mark::NotReached,
        ] {
            assert_eq!(mark.glyph().width(), 1, "{mark:?}");
        }
    }
}
