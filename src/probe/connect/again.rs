//! Who repeats a SYN that nobody answered.
//!
//! Everywhere else the system does. Windows repeats it after a *reset*, too, half a second
//! apart, and tells of a refusal only after the last (KB 175523). So the first SYN goes out
//! on a socket that repeats none, where the system can do that, and a refusal is told at
//! once. A lost SYN must be no `timed-out`: after [`AFTER`] without an answer a second
//! socket is opened beside the first, an ordinary one whose SYN the system repeats. Their
//! SYNs leave at 0, 1 and 2 s, where Linux sends them at 0, 1 and 3 s.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// When a SYN is first repeated (RFC 6298 2.1).
pub const AFTER: Duration = Duration::from_secs(1);

/// What `first` says; where it is silent for [`AFTER`], or gives up before, what the first
/// of both says that is not silent. `second` is `None` where it could not be sent, or where
/// no time is left for it.
pub async fn unless_answered<O, S: Future<Output = O>>(
    first: impl Future<Output = O>,
    second: impl FnOnce() -> Option<S>,
    is_silent: impl Fn(&O) -> bool,
) -> O {
    let mut first = pin!(first);
    let given_up = match tokio::time::timeout(AFTER, first.as_mut()).await {
        Ok(outcome) if !is_silent(&outcome) => return outcome,
        Ok(silence) => Some(silence),
        Err(_) => None,
    };
    match (given_up, second()) {
        (Some(silence), None) => silence,
        (Some(_), Some(second)) => second.await,
        (None, None) => first.await,
        (None, Some(second)) => {
            let mut second = pin!(second);
            tokio::select! {
                biased;
                outcome = first.as_mut() => {
                    if is_silent(&outcome) { second.await } else { outcome }
                }
                outcome = second.as_mut() => {
                    if is_silent(&outcome) { first.await } else { outcome }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use tokio::time::{Instant, sleep};

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Heard {
        SynAck,
        Reset,
        Silence,
    }
    use Heard::{Reset, Silence, SynAck};

    async fn after(heard: Heard, millis: u64) -> Heard {
        sleep(Duration::from_millis(millis)).await;
        heard
    }

    /// What the first and the second socket hear, and when after their own SYN.
    #[rstest]
    #[case::refused_at_once((Reset, 1), Some((Reset, 1)), (Reset, 1))]
    #[case::a_slow_path((SynAck, 900), Some((SynAck, 900)), (SynAck, 900))]
    #[case::one_syn_lost((Silence, 4000), Some((SynAck, 20)), (SynAck, 1020))]
    #[case::one_syn_lost_and_refused((Silence, 4000), Some((Reset, 1500)), (Reset, 2500))]
    #[case::the_system_gave_up_on_the_first((Silence, 500), Some((SynAck, 20)), (SynAck, 520))]
    #[case::a_very_slow_path((SynAck, 1400), Some((SynAck, 1400)), (SynAck, 1400))]
    #[case::the_system_gave_up_on_a_very_slow_path(
        (Silence, 1000), Some((SynAck, 1400)), (SynAck, 2400)
    )]
    #[case::the_first_answers_after_the_second_gave_up(
        (SynAck, 2500), Some((Silence, 1000)), (SynAck, 2500)
    )]
    #[case::nobody_answers((Silence, 4000), Some((Silence, 3000)), (Silence, 4000))]
    #[case::the_second_cannot_be_sent((SynAck, 1500), None, (SynAck, 1500))]
    #[case::no_time_for_a_second((Silence, 300), None, (Silence, 300))]
    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_told_at_once_and_a_lost_syn_is_repeated(
        #[case] first: (Heard, u64),
        #[case] second: Option<(Heard, u64)>,
        #[case] expected: (Heard, u64),
    ) {
        let begun = Instant::now();
        let heard = unless_answered(
            after(first.0, first.1),
            || second.map(|(heard, millis)| after(heard, millis)),
            |heard| *heard == Silence,
        )
        .await;
        let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap();
        assert_eq!((heard, elapsed), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_in_time_sends_no_second_syn() {
        let mut sent = false;
        let second = || {
            sent = true;
            Some(after(SynAck, 1))
        };
        unless_answered(after(Reset, 1), second, |heard| *heard == Silence).await;
        assert!(!sent);
    }
}
