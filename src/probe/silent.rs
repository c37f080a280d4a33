//! Engines that accept and say nothing. Every connection may hold a worker there, so what
//! was seen of one serves all rows that lead to it, and the next connection waits.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use foldhash::HashMap;

use crate::evidence::{Attempt, Prelogin, PreloginStatus};

/// One connection in this time, whoever asks in the loop.
const SPARE: Duration = Duration::from_secs(10);
/// The rest that even probes by hand leave between two connections.
const SPARE_BY_HAND: Duration = Duration::from_secs(2);

/// The endpoints that were silent a moment ago.
#[derive(Default)]
pub struct Silences {
    seen: Mutex<HashMap<SocketAddr, Silence>>,
    /// How many want nothing to be forgotten.
    keepers: AtomicUsize,
}

/// While it lives nothing is forgotten: whoever waits long for a turn still finds what was
/// seen meanwhile.
pub struct Keeper<'a>(&'a AtomicUsize);

impl Drop for Keeper<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What was seen of one, and when.
#[derive(Clone, Debug)]
pub struct Silence {
    pub attempt: Attempt,
    pub prelogin: Prelogin,
    begun: Instant,
    ended: Instant,
}

/// Who wants to connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    Routine,
    /// Wants to see for itself that it is still so.
    Confirming,
    Hand,
}

/// What is to be done with an endpoint.
#[derive(Debug)]
pub enum Advice {
    Connect,
    /// This was seen already.
    Take(Box<Silence>),
    /// Ask again then.
    Wait(Instant),
}

impl Silences {
    /// Keeps all that is seen until the keeper is dropped.
    pub fn keep(&self) -> Keeper<'_> {
        self.keepers.fetch_add(1, Ordering::Relaxed);
        Keeper(&self.keepers)
    }

    /// What somebody who wants to connect `now`, and has since `since`, should do.
    pub fn advise(
        &self,
        endpoint: SocketAddr,
        asker: Asker,
        since: Instant,
        now: impl FnOnce() -> Instant,
    ) -> Advice {
        let silences = self.all();
        let Some(silence) = silences.get(&endpoint) else {
            return Advice::Connect;
        };
        let now = now();
        let spared = silence.begun + SPARE;
        let rested = silence.ended + SPARE_BY_HAND;
        match asker {
            // It was still so after the question was put.
            _ if silence.ended >= since => Advice::Take(Box::new(silence.clone())),
            Asker::Routine if now < spared => Advice::Take(Box::new(silence.clone())),
            Asker::Confirming if now < spared => Advice::Wait(spared),
            Asker::Hand if now < rested => Advice::Wait(rested),
            _ => Advice::Connect,
        }
    }

    /// A connection that was made at `begun` ended `now`.
    pub fn seen(
        &self,
        attempt: &Attempt,
        prelogin: Option<&Prelogin>,
        begun: Instant,
        now: impl FnOnce() -> Instant,
    ) {
        let silent = prelogin.filter(|prelogin| prelogin.status == PreloginStatus::Silent);
        let mut silences = self.all();
        if silent.is_none() && silences.is_empty() {
            return;
        }
        let now = now();
        // Long enough for the deadline of any answer, and for whoever still waits.
        if self.keepers.load(Ordering::Relaxed) == 0 {
            silences.retain(|_, silence| now.duration_since(silence.ended) < SPARE);
        }
        match silent {
            Some(prelogin) => {
                let silence = Silence {
                    attempt: attempt.clone(),
                    prelogin: prelogin.clone(),
                    begun,
                    ended: now,
                };
                silences.insert(attempt.endpoint, silence);
            }
            None => {
                silences.remove(&attempt.endpoint);
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<SocketAddr, Silence>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::future::join_all;
    use rstest::rstest;

    use super::*;
    use crate::evidence::{BrowserForm, ConnectStatus, Elapsed};
    use crate::probe::scripted::{serve, until_closed};
    use crate::probe::{Deadlines, Depth, Effort, Network, Request, Settings};
    use crate::target::Port;

    fn attempt() -> Attempt {
        Attempt {
            started: None,
            endpoint: "10.0.4.12:1433".parse().unwrap(),
            local: None,
            status: ConnectStatus::Open,
            elapsed: Elapsed::default(),
            os_error: None,
            icmp: None,
            instead_of: None,
        }
    }

    fn said(status: PreloginStatus) -> Prelogin {
        Prelogin {
            status,
            ..Prelogin::default()
        }
    }

    /// The engine was silent from second 0 to second 5.
    #[rstest]
    #[case::routine_takes_it(Asker::Routine, 6.0, "take")]
    #[case::routine_connects_after_ten_seconds(Asker::Routine, 10.0, "connect")]
    #[case::who_waited_meanwhile_takes_it(Asker::Hand, 4.9, "take")]
    #[case::a_confirmation_waits(Asker::Confirming, 6.0, "10")]
    #[case::a_confirmation_connects_after_ten_seconds(Asker::Confirming, 10.0, "connect")]
    #[case::by_hand_leaves_some_rest(Asker::Hand, 5.5, "7")]
    #[case::by_hand_connects_before_the_loop_does(Asker::Hand, 7.0, "connect")]
    fn a_silent_engine_is_spared(
        #[case] asker: Asker,
        #[case] second: f64,
        #[case] expected: &str,
    ) {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs_f64(second);
        let silences = Silences::default();
        let (attempt, silent) = (attempt(), said(PreloginStatus::Silent));
        silences.seen(&attempt, Some(&silent), start, || at(5.0));
        let now = at(second.max(5.0));
        let advice = match silences.advise(attempt.endpoint, asker, at(second), || now) {
            Advice::Connect => "connect".to_owned(),
            Advice::Take(_) => "take".to_owned(),
            Advice::Wait(until) => (until - start).as_secs().to_string(),
        };
        assert_eq!(advice, expected);
    }

    #[test]
    fn one_that_answers_is_no_longer_spared() {
        let start = Instant::now();
        let (attempt, silences) = (attempt(), Silences::default());
        for status in [PreloginStatus::Silent, PreloginStatus::Ok] {
            silences.seen(&attempt, Some(&said(status)), start, || start);
        }
        let later = start + Duration::from_secs(1);
        let advice = silences.advise(attempt.endpoint, Asker::Routine, later, || later);
        assert!(matches!(advice, Advice::Connect));
    }

    #[test]
    fn what_an_audit_saw_stays_as_long_as_it_runs() {
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        let (silent, silences) = (said(PreloginStatus::Silent), Silences::default());
        let other = Attempt {
            endpoint: "10.0.4.13:1433".parse().unwrap(),
            ..attempt()
        };
        let endpoint = attempt().endpoint;
        let keeper = silences.keep();
        silences.seen(&attempt(), Some(&silent), start, || at(5));
        silences.seen(&other, Some(&silent), at(25), || at(30));
        let advice = silences.advise(endpoint, Asker::Hand, start, || at(30));
        assert!(matches!(advice, Advice::Take(_)));
        drop(keeper);
        silences.seen(&other, Some(&silent), at(31), || at(36));
        let advice = silences.advise(endpoint, Asker::Hand, start, || at(36));
        assert!(matches!(advice, Advice::Connect));
    }

    #[tokio::test]
    async fn rows_of_one_silent_endpoint_share_one_connection() {
        let accepted = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&accepted);
        let engine = serve("127.0.0.1:0", move |stream| {
            counter.fetch_add(1, Ordering::SeqCst);
            until_closed(stream)
        })
        .await;
        let wait = Duration::from_millis(100);
        let network = Network::new(Settings {
            deadlines: Deadlines {
                resolve: wait,
                browser: wait,
                connect: wait * 20,
                prelogin: wait,
            },
            rate: None,
            browser_port: Port::BROWSER,
            dns_servers: Vec::new(),
            hosts_file: None,
            policy: Arc::default(),
            depth: Depth::Prelogin,
        })
        .unwrap();
        let request = |effort| Request {
            target: Arc::new(
                format!("127.0.0.1,{}", engine.endpoint.port())
                    .parse()
                    .unwrap(),
            ),
            effort,
            by_hand: effort == Effort::Thorough,
            browser: BrowserForm::Name,
            deadlines: None,
            last_port: None,
        };
        let [routine, by_hand] = [Effort::Routine, Effort::Thorough].map(request);
        let rows = join_all([&routine, &routine, &by_hand].map(|row| network.probe(row))).await;
        let later = network.probe(&routine).await;
        for evidence in rows.iter().chain([&later]) {
            let layers = &evidence.layers;
            assert_eq!(layers.connect.status, ConnectStatus::Open);
            assert_eq!(layers.prelogin.status, PreloginStatus::Silent);
            assert_eq!(layers.prelogin.endpoint, Some(engine.endpoint));
        }
        assert_eq!(accepted.load(Ordering::SeqCst), 1);

        let begun = Instant::now();
        network.probe(&by_hand).await;
        assert_eq!(accepted.load(Ordering::SeqCst), 2);
        assert!(
            begun.elapsed() > Duration::from_secs(1),
            "it is left some rest"
        );
    }
}
