//! A day in paused time: what must not grow does not grow, and nobody's turn drifts.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::super::prober::Prober;
use super::super::walk::Walk;
use super::super::{Clock, Command};
use super::{seconds, wall};
use crate::diagnosis::State::{self, Answering, Refused, Silent, TimedOut};
use crate::evidence::{Audit, ConnectStatus, Evidence, Look, Test, Vantage, Witness};
use crate::monitor::tests::{attempt, audit, config, saw, vantage};
use crate::monitor::{Board, Diary, History, Memory, Row};
use crate::probe::{AuditRequest, Request, Settings};
use crate::target::{Host, Target};

const HOUR: u64 = 3600;
/// Instances that flap, each at its own pace.
const FLAPPING: u32 = 100;
/// Instances that are well all day, by which the turns are counted.
const STEADY: u32 = 10;
const INTERVAL: Duration = Duration::from_secs(600);

/// A network on which some hosts never rest. The address tells which.
struct Restless {
    probes: Mutex<Vec<u32>>,
}

impl Restless {
    fn new() -> Self {
        let count = (FLAPPING + STEADY) as usize;
        Self {
            probes: Mutex::new(vec![0; count]),
        }
    }

    /// Each flapping host is in each state for a while of 5 to 60 minutes.
    fn state(number: u32) -> State {
        if number < STEADY {
            return Answering;
        }
        let minutes = f64::from(5 + number % 56);
        let turn = seconds() / 60.0 / minutes;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a day"
        )]
        let turn = turn as u32;
        [Answering, Refused, Answering, TimedOut, Answering, Silent][(turn + number) as usize % 6]
    }
}

/// `10.x.y.1` is the host number 256 x + y.
fn host(number: u32) -> String {
    format!("10.{}.{}.1", number / 256, number % 256)
}

fn number(target: &Target) -> u32 {
    let Host::Address(std::net::IpAddr::V4(address)) = &target.host else {
        panic!("{target:?} is no address");
    };
    let [_, x, y, _] = address.octets();
    u32::from(x) * 256 + u32::from(y)
}

impl Walk for Restless {
    async fn probe(&self, request: &Request) -> Evidence {
        let number = number(&request.target);
        self.probes.lock().unwrap()[number as usize] += 1;
        let begun = wall();
        sleep(Duration::from_millis(10)).await;
        Evidence {
            at: begun,
            ..saw(&host(number), Self::state(number))
        }
    }

    async fn look(&self, _: &Target, _: Test) -> Witness {
        sleep(Duration::from_millis(10)).await;
        Witness {
            at: wall(),
            look: Look::Port(attempt("10.0.4.12:445", ConnectStatus::Open)),
        }
    }

    async fn audit(&self, _: &AuditRequest) -> Audit {
        audit(0)
    }

    fn rate(&self) -> Option<u32> {
        None
    }

    fn vantage(&self) -> Vantage {
        vantage(true)
    }

    fn reconfigured(self: &Arc<Self>, _: Settings) -> Arc<Self> {
        Arc::clone(self)
    }

    async fn finish(&self) {}
}

/// What of a row could grow: each count beside its bound.
fn counts(row: &Row) -> [(usize, usize); 6] {
    [
        (row.history.raw().len(), History::MAX_RAW),
        (row.history.hour().count(), 60),
        (row.history.day().count(), 144),
        (row.transitions.len(), 32),
        (row.outages.len(), 8),
        (row.diary.notes().len(), Diary::MOST),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_day_of_flapping_leaves_nothing_behind_and_no_turn_drifts() {
    let walk = Arc::new(Restless::new());
    let hosts: Vec<String> = (0..FLAPPING + STEADY).map(host).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let mut config = config(&hosts);
    config.probe.interval = INTERVAL;
    config.probe.rate = None;
    let board = Arc::new(Board::default());
    let (_commands, received) = mpsc::channel::<Command>(8);
    let stop = CancellationToken::new();
    let prober = Prober::new(
        Arc::clone(&walk),
        Arc::clone(&board),
        Memory::default(),
        None,
        Clock::of(wall),
        config,
    );
    let running = tokio::spawn(prober.run(received, stop.clone()));

    // Between two rounds, when what was started has ended.
    let mut tasks = Vec::new();
    for hour in 1..=24 {
        sleep(Duration::from_secs(HOUR)).await;
        let rows = board.take().rows;
        tasks.push(Handle::current().metrics().num_alive_tasks());
        if hour % 6 == 0 {
            for row in rows {
                for (count, most) in counts(&row) {
                    assert!(count <= most, "{} after {hour} h", row.instance.name);
                }
            }
        }
    }
    let (early, late) = (&tasks[..6], &tasks[18..]);
    assert!(
        late.iter().max() <= early.iter().max().map(|most| most + 64).as_ref(),
        "{tasks:?}"
    );

    let steady = &walk.probes.lock().unwrap()[..STEADY as usize].to_vec();
    let expected = 24 * HOUR / INTERVAL.as_secs();
    for count in steady {
        let count = u64::from(*count);
        assert!(
            (expected - 2..=expected + 2).contains(&count),
            "{steady:?} of {expected}"
        );
    }
    stop.cancel();
    running.await.unwrap();
}
