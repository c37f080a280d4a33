//! An outage and its steps in words: for the screen and the reports.

use std::fmt;
use std::time::Duration;

use super::{Outage, Step, Turn};
use crate::evidence::{ConnectStatus, PreloginStatus, in_few_letters};

impl Outage {
    /// `client-visible outage between 18s and 31s`: what no sample saw is not claimed.
    pub fn told(&self) -> String {
        let (least, most) = self.bounds();
        let moved = match (self.from, self.to) {
            (Some(from), Some(to)) if self.is_failover() => {
                format!("{} → {}, ", from.ip(), to.ip())
            }
            _ => String::new(),
        };
        let least = in_few_letters(least);
        let span = match most {
            Some(most) => format!("between {least} and {}", in_few_letters(round_up(most))),
            None if self.is_over() => {
                format!("of at least {least}, since before this program watched")
            }
            None => format!("of {least} so far, at least"),
        };
        format!("{moved}client-visible outage {span}")
    }
}

/// An upper bound is not cut down to whole seconds.
fn round_up(span: Duration) -> Duration {
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    Duration::from_secs(seconds)
}

/// `10.0.4.12:1433 refused`.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint;
        let what = match self.what {
            Turn::Connect(status) => connected(status),
            Turn::Engine(status) => asked(status),
            Turn::Gone => {
                return write!(f, "{} is no longer an address of the name", endpoint.ip());
            }
            Turn::Port(new) => return write!(f, "{endpoint}: the port changed to {new}"),
        };
        write!(f, "{endpoint} {what}")
    }
}

fn connected(status: ConnectStatus) -> &'static str {
    match status {
        ConnectStatus::Open => "opened",
        ConnectStatus::Refused => "refused",
        ConnectStatus::TimedOut => "fell silent",
        ConnectStatus::Unreachable => "became unreachable",
        ConnectStatus::Blocked => "was blocked by this machine",
        ConnectStatus::Exhausted => "could not be tried: this machine had nothing left",
        ConnectStatus::Skipped => "was not tried",
    }
}

fn asked(status: PreloginStatus) -> &'static str {
    match status {
        PreloginStatus::Ok => "answered as SQL Server",
        PreloginStatus::Silent => "opened, and its engine was silent",
        PreloginStatus::Closed | PreloginStatus::Reset => "opened and hung up",
        PreloginStatus::NotTds | PreloginStatus::Malformed => "answered as something else",
        PreloginStatus::InstanceMismatch => "answered as another instance",
        PreloginStatus::Skipped => "was not asked",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Step, Turn};

    #[rstest]
    #[case(Turn::Gone, "10.0.4.12 is no longer an address of the name")]
    #[case(Turn::Port(50200), "10.0.4.12:50123: the port changed to 50200")]
    fn a_changed_port_is_told_apart_from_a_lost_address(#[case] turn: Turn, #[case] said: &str) {
        let step = Step {
            at: jiff::Timestamp::UNIX_EPOCH,
            endpoint: "10.0.4.12:50123".parse().unwrap(),
            what: turn,
        };
        assert_eq!(step.to_string(), said);
    }
}
