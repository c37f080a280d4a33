//! Settling: how many probes must agree before the state of an instance changes.

use jiff::Timestamp;

use super::Rules;
use crate::diagnosis::State;
use crate::monitor::Transition;

/// How far an instance is from another state.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settling {
    settled: State,
    /// The last probe that saw the settled state.
    last_seen: Option<Timestamp>,
    /// Probes in a row that saw something else.
    run: Option<Run>,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    rank: Rank,
    count: u8,
    first: Timestamp,
}

/// What one probe did to the settled state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    /// The probe saw the settled state.
    Same,
    /// It saw another one, which does not count yet.
    Blip(Confirm),
    /// The state changed.
    Settled(Transition, Confirm),
}

/// Whether a second probe is wanted at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirm {
    Yes,
    No,
}

/// Worse is less. Changes within a rank do not bring an instance up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Failing,
    Degraded,
    Well,
}

impl Settling {
    /// Takes the state that one probe saw.
    pub(super) fn observe(&mut self, at: Timestamp, raw: State, rules: &Rules) -> Outcome {
        if raw == self.settled {
            self.run = None;
            self.last_seen = Some(at);
            return Outcome::Same;
        }
        let rank = Rank::of(raw);
        let mut run = match self.run.take() {
            Some(run) if run.rank == rank => run,
            _ => Run {
                rank,
                count: 0,
                first: at,
            },
        };
        run.count = run.count.saturating_add(1);
        // A first miss is confirmed at once, and so is the first result of all: the
        // second try asks Browser again, which the first does only once.
        let fell = rank == Rank::Failing && !self.settled.is_failing();
        if run.count < self.needed(raw, rules) {
            self.run = Some(run);
            return Outcome::Blip(Confirm::when(fell));
        }
        let transition = Transition {
            from: self.settled,
            to: raw,
            last_seen: self.last_seen,
            first_seen: run.first,
        };
        self.settled = raw;
        self.last_seen = Some(at);
        Outcome::Settled(transition, Confirm::when(fell && run.count == 1))
    }

    /// Moves every time by what the wall clock was set back.
    pub(super) fn turn_back(&mut self, by: jiff::SignedDuration) {
        let times = self
            .last_seen
            .iter_mut()
            .chain(self.run.iter_mut().map(|run| &mut run.first));
        for time in times {
            *time = time.saturating_sub(by).unwrap_or(*time);
        }
    }

    /// The same evidence, read with a witness beside it, may name the failure anew.
    pub(super) fn refine(&mut self, state: State) {
        self.settled = state;
    }

    fn needed(&self, raw: State, rules: &Rules) -> u8 {
        if matches!(self.settled, State::Pending | State::Invalid) {
            return 1;
        }
        let (from, to) = (Rank::of(self.settled), Rank::of(raw));
        if to > from {
            rules.up_after
        } else if to < from {
            rules.down_after
        } else if to == Rank::Failing && !is_answer(raw) {
            // Refused, then silence once: silence proves nothing by itself.
            rules.down_after
        } else {
            1
        }
    }
}

impl Confirm {
    fn when(wanted: bool) -> Self {
        if wanted { Self::Yes } else { Self::No }
    }
}

impl Rank {
    fn of(state: State) -> Self {
        match state {
            State::Degraded => Self::Degraded,
            state if state.is_failing() => Self::Failing,
            _ => Self::Well,
        }
    }
}

/// Whether something answered: proof by itself, where silence is only its absence.
fn is_answer(state: State) -> bool {
    matches!(
        state,
        State::Refused
            | State::Silent
            | State::HungUp
            | State::NotSql
            | State::WrongInstance
            | State::TlsFailed
            | State::LoginFailed
    )
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use rstest::rstest;

    use super::{Confirm, Outcome, Settling};
    use crate::diagnosis::State::{self, Answering, Degraded, Refused, TimedOut, Unreachable};
    use crate::monitor::ledger::Rules;

    /// Runs a sequence, one probe a second, and writes what each did:
    /// `=` same, `.` blip, `!` settled, followed by `?` where a confirmation is wanted.
    fn told(down_after: u8, up_after: u8, states: &[State]) -> String {
        let rules = Rules {
            down_after,
            up_after,
            ..Rules::default()
        };
        let mut settling = Settling::default();
        let mut told = String::new();
        for (second, &state) in states.iter().enumerate() {
            let at = Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
            let (sign, confirm) = match settling.observe(at, state, &rules) {
                Outcome::Same => ('=', Confirm::No),
                Outcome::Blip(confirm) => ('.', confirm),
                Outcome::Settled(_, confirm) => ('!', confirm),
            };
            told.push(sign);
            if confirm == Confirm::Yes {
                told.push('?');
            }
        }
        told
    }

    #[rstest]
    #[case::the_first_result_counts_at_once(2, 1, &[Answering, Answering], "!=")]
    #[case::started_into_a_failure_is_confirmed_once(2, 1, &[Refused, Refused, Refused], "!?==")]
    #[case::a_single_miss_is_a_blip(2, 1, &[Answering, TimedOut, Answering], "!.?=")]
    #[case::down_takes_two_of_two(2, 1, &[Answering, TimedOut, TimedOut, TimedOut], "!.?!=")]
    #[case::two_kinds_of_failure_are_two_misses(2, 1, &[Answering, TimedOut, Refused, Refused], "!.?!=")]
    #[case::up_takes_one(2, 1, &[Refused, Answering], "!?!")]
    #[case::a_miss_in_between_starts_anew(2, 1, &[Answering, TimedOut, Answering, TimedOut], "!.?=.?")]
    #[case::three_of_three(3, 1, &[Answering, Refused, Refused, Refused], "!.?.?!")]
    #[case::one_of_one_is_confirmed_all_the_same(1, 1, &[Answering, Refused, Refused], "!!?=")]
    #[case::up_after_two(2, 2, &[Refused, Answering, Refused, Answering, Answering], "!?.=.!")]
    #[case::degraded_is_a_way_down(2, 1, &[Answering, Degraded, Degraded, Answering], "!.!!")]
    #[case::from_degraded_to_failing(2, 1, &[Degraded, Refused, Refused], "!.?!")]
    #[case::degraded_then_refused_is_one_miss_of_each(2, 1, &[Answering, Degraded, Refused, Refused], "!..?!")]
    #[case::an_answer_counts_at_once(2, 1, &[TimedOut, Refused], "!?!")]
    #[case::silence_after_an_answer_takes_two(2, 1, &[Refused, TimedOut, Refused, TimedOut, TimedOut], "!?.=.!")]
    #[case::two_kinds_of_silence_do_not_flicker(2, 1, &[TimedOut, Unreachable, TimedOut, Unreachable], "!?.=.")]
    fn settles(
        #[case] down_after: u8,
        #[case] up_after: u8,
        #[case] states: &[State],
        #[case] expected: &str,
    ) {
        assert_eq!(told(down_after, up_after, states), expected);
    }

    #[test]
    fn a_change_lies_between_the_last_good_and_the_first_bad() {
        let rules = Rules::default();
        let mut settling = Settling::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        settling.observe(at(0), Answering, &rules);
        settling.observe(at(15), Answering, &rules);
        settling.observe(at(30), Refused, &rules);
        let Outcome::Settled(transition, _) = settling.observe(at(31), Refused, &rules) else {
            panic!("two of two")
        };
        assert_eq!((transition.from, transition.to), (Answering, Refused));
        assert_eq!(
            (transition.last_seen, transition.first_seen),
            (Some(at(15)), at(30))
        );
    }
}
