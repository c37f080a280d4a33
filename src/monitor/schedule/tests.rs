//! The prober against a network that answers as it is told, while time is paused.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::prober::Prober;
use super::walk::Walk;
use super::{Clock, Command};
use crate::config::Config;
use crate::diagnosis::State::{self, Answering, Pending, Refused, Silent, TimedOut};
use crate::evidence::{Audit, BrowserForm, ConnectStatus, Evidence, Look, Test, Vantage, Witness};
use crate::monitor::tests::{at, attempt, audit, config, instance, saw, vantage};
use crate::monitor::{Board, InstanceId, Memory, Recorder, Row};
use crate::probe::{AuditRequest, Effort, Request, Settings};
use crate::target::{Host, Target};

/// A network where each target answers as it is told, the last answer for ever.
#[derive(Default)]
pub(crate) struct Told {
    answers: Mutex<HashMap<String, VecDeque<Answer>>>,
    /// How long every probe takes.
    takes: Duration,
    /// How long every look takes.
    looks_take: Duration,
    /// How long the probes of some targets take instead.
    slow: HashMap<String, Duration>,
    pub(crate) log: Mutex<Vec<Entry>>,
    pub(crate) looks: Mutex<Vec<Test>>,
    flying: Mutex<HashMap<String, u32>>,
    lost: Mutex<bool>,
    /// Every set of settings that it was given since the start.
    settings: Mutex<Vec<Settings>>,
    /// The audits that were asked for, how long each takes, and whether it panics then.
    audits: Mutex<Vec<AuditRequest>>,
    audit_takes: Duration,
    audit_panics: bool,
}

#[derive(Clone, Copy)]
enum Answer {
    State(State),
    Panic,
}

/// One probe that was made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) second: f64,
    pub(crate) target: String,
    pub(crate) effort: Effort,
    pub(crate) form: BrowserForm,
}

impl Told {
    pub(crate) fn new(answers: &[(&str, &[State])]) -> Self {
        let told = Self {
            takes: Duration::from_millis(10),
            looks_take: Duration::from_millis(10),
            ..Self::default()
        };
        for (target, states) in answers {
            told.answer(target, states.iter().copied().map(Answer::State));
        }
        told
    }

    pub(crate) fn panicking(self, target: &str) -> Self {
        self.answer(target, [Answer::Panic]);
        self
    }

    fn answer(&self, target: &str, answers: impl IntoIterator<Item = Answer>) {
        self.answers
            .lock()
            .unwrap()
            .insert(target.to_owned(), answers.into_iter().collect());
    }

    fn next(&self, target: &str) -> Answer {
        let mut answers = self.answers.lock().unwrap();
        let Some(answers) = answers.get_mut(target) else {
            return Answer::State(Answering);
        };
        if answers.len() > 1 {
            answers.pop_front().unwrap()
        } else {
            answers[0]
        }
    }

    fn times(&self, target: &str) -> Vec<f64> {
        let log = self.log.lock().unwrap();
        log.iter()
            .filter(|entry| entry.target == target)
            .map(|entry| entry.second)
            .collect()
    }

    fn efforts(&self) -> Vec<Effort> {
        self.log
            .lock()
            .unwrap()
            .iter()
            .map(|entry| entry.effort)
            .collect()
    }
}

/// A literal address is what it says; all names but some are of one host.
fn address(target: &Target) -> String {
    match &target.host {
        Host::Address(address) => address.to_string(),
        _ if target.text.starts_with("other") => "10.0.4.13".to_owned(),
        _ => "10.0.4.12".to_owned(),
    }
}

/// Ends a flight, also of a probe that is dropped.
struct Landing<'a> {
    told: &'a Told,
    target: &'a str,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.told.flying.lock().unwrap().remove(self.target);
    }
}

impl Walk for Told {
    async fn probe(&self, request: &Request) -> Evidence {
        let target = request.target.text.clone();
        let (effort, form) = (request.effort, request.browser);
        let (second, begun) = (seconds(), wall());
        self.log.lock().unwrap().push(Entry {
            second,
            target: target.clone(),
            effort,
            form,
        });
        let flying = {
            let mut flying = self.flying.lock().unwrap();
            let count = flying.entry(target.clone()).or_default();
            *count += 1;
            *count
        };
        assert_eq!(flying, 1, "two probes of {target} in flight");
        let landed = Landing {
            told: self,
            target: &target,
        };
        sleep(*self.slow.get(&target).unwrap_or(&self.takes)).await;
        drop(landed);
        let Answer::State(state) = self.next(&target) else {
            panic!("a probe that was told to");
        };
        Evidence {
            at: begun,
            ..saw(&address(&request.target), state)
        }
    }

    async fn look(&self, _: &Target, test: Test) -> Witness {
        self.looks.lock().unwrap().push(test);
        sleep(self.looks_take).await;
        let look = match test {
            Test::ClosedPort { .. } => {
                Look::ClosedPort(attempt("10.0.4.12:1", ConnectStatus::TimedOut))
            }
            Test::Path { endpoint } => Look::Path {
                endpoint,
                available: true,
                hops: Vec::new(),
            },
            _ => Look::Port(attempt("10.0.4.12:445", ConnectStatus::Open)),
        };
        Witness { at: at(0), look }
    }

    async fn audit(&self, request: &AuditRequest) -> Audit {
        self.audits.lock().unwrap().push(request.clone());
        sleep(self.audit_takes).await;
        assert!(!self.audit_panics, "an audit that was told to panic");
        #[expect(clippy::cast_possible_truncation, reason = "tests take minutes")]
        audit(seconds() as i64)
    }

    fn rate(&self) -> Option<u32> {
        None
    }

    fn vantage(&self) -> Vantage {
        vantage(!*self.lost.lock().unwrap())
    }

    fn reconfigured(self: &Arc<Self>, settings: Settings) -> Arc<Self> {
        self.settings.lock().unwrap().push(settings);
        Arc::clone(self)
    }

    async fn finish(&self) {}
}

thread_local! {
    static START: OnceCell<Instant> = const { OnceCell::new() };
    static AHEAD: Cell<i64> = const { Cell::new(0) };
}

/// Seconds since the test began to count.
fn seconds() -> f64 {
    START.with(|start| start.get_or_init(Instant::now).elapsed().as_secs_f64())
}

/// A wall clock that runs with the paused time, and alone when it is set.
fn wall() -> Timestamp {
    let passed = START.with(|start| start.get_or_init(Instant::now).elapsed());
    at(AHEAD.get()) + passed
}

/// Sets the wall clock, as somebody by hand, or as the machine wakes from its sleep.
fn set_ahead(seconds: i64) {
    AHEAD.set(seconds);
}

/// A prober that runs.
struct Running {
    board: Arc<Board>,
    commands: mpsc::Sender<Command>,
    stop: CancellationToken,
    told: Arc<Told>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(told: Told, config: Config) -> Self {
        Self::remembering(told, config, Memory::default())
    }

    fn remembering(told: Told, config: Config, memory: Memory) -> Self {
        Self::recorded(told, config, memory, None)
    }

    fn recorded(told: Told, config: Config, memory: Memory, recorder: Option<Recorder>) -> Self {
        let (told, board) = (Arc::new(told), Arc::new(Board::default()));
        let (commands, received) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let clock = Clock::of(wall);
        let prober = Prober::new(
            Arc::clone(&told),
            Arc::clone(&board),
            memory,
            recorder,
            clock,
            config,
        );
        let task = tokio::spawn(prober.run(received, stop.clone()));
        Self {
            board,
            commands,
            stop,
            told,
            task,
        }
    }

    async fn send(&self, command: Command) {
        self.commands.send(command).await.unwrap();
    }

    /// Waits until a row is as wanted.
    async fn row(&self, id: u32, wanted: impl Fn(&Row) -> bool) -> Arc<Row> {
        loop {
            let rows = self.board.rows();
            if let Some(row) = rows.iter().find(|row| row.id.0 == id && wanted(row)) {
                return Arc::clone(row);
            }
            self.board.take();
            self.board.changed().await;
        }
    }

    async fn pass(&self, seconds: u64) {
        sleep(Duration::from_secs(seconds)).await;
    }
}

mod audits;
mod configuring;
mod day;
mod proofs;
mod recording;
mod siblings;
mod waking;

#[tokio::test(start_paused = true)]
async fn few_are_probed_at_once_and_then_every_interval_with_jitter() {
    let running = Running::start(Told::new(&[]), config(&["a", "b", "c"]));
    running.pass(100).await;
    for target in ["a", "b", "c"] {
        let times = running.told.times(target);
        assert!(times[0] < 0.01, "{times:?}");
        assert!((6..=8).contains(&times.len()), "{times:?}");
        for pair in times.windows(2) {
            assert!((14.2..15.8).contains(&(pair[1] - pair[0])), "{times:?}");
        }
    }
    let gaps = running
        .told
        .times("a")
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect::<Vec<_>>();
    assert!(
        gaps.windows(2)
            .any(|pair| (pair[0] - pair[1]).abs() > 0.001),
        "no jitter: {gaps:?}"
    );
    assert!(
        running
            .told
            .efforts()
            .iter()
            .all(|effort| *effort == Effort::Routine)
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_round_of_many_keeps_the_rate() {
    let names: Vec<_> = (0..1000).map(|n| format!("db{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let running = Running::start(Told::new(&[]), config(&names));
    running.pass(10).await;
    let log = running.told.log.lock().unwrap().clone();
    assert!((500..=560).contains(&log.len()), "{}", log.len());
    let fullest = (0..10).map(|second| {
        let span = f64::from(second)..f64::from(second + 1);
        log.iter()
            .filter(|entry| span.contains(&entry.second))
            .count()
    });
    assert!(fullest.max().unwrap() <= 101);
}

#[tokio::test(start_paused = true)]
async fn a_miss_is_confirmed_after_a_second_and_thoroughly() {
    let told = Told::new(&[("a", &[Answering, Refused])]);
    let running = Running::start(told, config(&["a"]));
    let row = running.row(0, |row| row.state == Refused).await;
    let times = running.told.times("a");
    assert_eq!(times.len(), 3);
    assert!((1.0..1.1).contains(&(times[2] - times[1])), "{times:?}");
    assert_eq!(
        running.told.efforts(),
        [Effort::Routine, Effort::Routine, Effort::Thorough]
    );
    assert!(row.since.last_other.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_silent_engine_gets_one_connection_in_ten_seconds() {
    let mut config = config(&["a"]);
    config.probe.interval = Duration::from_secs(2);
    let running = Running::start(Told::new(&[("a", &[Silent])]), config);
    running.pass(60).await;
    let times = running.told.times("a");
    assert!(
        times.windows(2).all(|pair| pair[1] - pair[0] >= 10.0),
        "{times:?}"
    );
    assert!(times.len() >= 5, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn asked_twice_while_in_flight_one_more_follows() {
    let told = Told {
        takes: Duration::from_secs(3),
        ..Told::new(&[])
    };
    let running = Running::start(told, config(&["a"]));
    running.pass(1).await;
    for _ in 0..3 {
        running.send(Command::Probe(vec![InstanceId(0)])).await;
    }
    running.row(0, |row| row.probing).await;
    running.pass(9).await;
    assert_eq!(running.told.times("a").len(), 2);
    assert_eq!(running.told.efforts()[1], Effort::Thorough);
    assert!(!running.board.rows()[0].probing);
}

#[tokio::test(start_paused = true)]
async fn asked_by_hand_they_go_at_once_and_in_order() {
    let running = Running::start(Told::new(&[]), config(&["a", "b", "c"]));
    running.pass(5).await;
    running
        .send(Command::Probe([2, 0, 1].map(InstanceId).to_vec()))
        .await;
    running.pass(1).await;
    let log = running.told.log.lock().unwrap();
    let asked: Vec<_> = log[3..].iter().map(|entry| entry.target.as_str()).collect();
    assert_eq!(asked, ["c", "a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_pause_stops_new_probes_and_ends() {
    let running = Running::start(Told::new(&[]), config(&["a"]));
    running.row(0, |row| row.state == Answering).await;
    running.send(Command::Pause(true)).await;
    running.row(0, |row| row.marks.paused).await;
    let before = running.told.times("a").len();
    running.pass(600).await;
    assert_eq!(running.told.times("a").len(), before);
    assert!(
        !running.board.rows()[0].marks.stale,
        "paused is not overdue"
    );

    running.send(Command::Probe(vec![InstanceId(0)])).await;
    running.pass(1).await;
    assert_eq!(
        running.told.times("a").len(),
        before + 1,
        "by hand all the same"
    );

    running.send(Command::Pause(false)).await;
    running.pass(1).await;
    assert_eq!(running.told.times("a").len(), before + 2);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_panics_is_said_and_the_others_go_on() {
    let told = Told::new(&[]).panicking("a");
    let running = Running::start(told, config(&["a", "b"]));
    let row = running.row(0, |row| row.marks.stale).await;
    assert_eq!((row.state, row.probing), (Pending, false));
    running.row(1, |row| row.state == Answering).await;
    running.told.answer("a", [Answer::State(Answering)]);
    let row = running.row(0, |row| row.state == Answering).await;
    assert!(!row.marks.stale);
    assert!(running.told.times("a").len() >= 2);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_never_ends_is_given_up_and_said() {
    let told = Told {
        takes: Duration::from_secs(3600),
        ..Told::new(&[])
    };
    let running = Running::start(told, config(&["a"]));
    let row = running.row(0, |row| row.marks.stale).await;
    assert_eq!(row.state, Pending);
    assert!(seconds() < 120.0);
    running.pass(90).await;
    assert_eq!(running.told.times("a").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_looked_at_and_the_witness_is_on_the_row() {
    let told = Told::new(&[("a", &[Answering, TimedOut])]);
    let running = Running::start(told, config(&["a"]));
    let row = running.row(0, |row| !row.witnesses.is_empty()).await;
    assert_eq!(row.state, TimedOut);
    running.pass(120).await;
    let looks = running.told.looks.lock().unwrap();
    let closed = |test: &&Test| matches!(test, Test::ClosedPort { .. });
    assert_eq!(looks.iter().filter(closed).count(), 1, "{looks:?}");
}

#[tokio::test(start_paused = true)]
async fn witnesses_switched_off_send_nothing() {
    let mut config = config(&["a"]);
    config.probe.witnesses = false;
    let running = Running::start(Told::new(&[("a", &[TimedOut])]), config);
    running.pass(5).await;
    running.send(Command::Probe(vec![InstanceId(0)])).await;
    running.pass(60).await;
    assert_eq!(*running.told.looks.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_replaced_keeps_what_stays() {
    let running = Running::start(Told::new(&[]), config(&["a", "b"]));
    running.row(1, |row| row.state == Answering).await;
    running
        .send(Command::Replace(vec![instance("b"), instance("c")]))
        .await;
    running.row(2, |row| row.state == Answering).await;
    let ids: Vec<_> = running.board.rows().iter().map(|row| row.id.0).collect();
    assert_eq!(ids, [1, 2]);
    let before = running.told.times("a").len();
    running.pass(60).await;
    assert_eq!(running.told.times("a").len(), before);
    assert!(running.told.times("b").len() > 3);
}

/// Three minutes in the middle of the test.
fn maintained(server: &str) -> Config {
    let minute = |minutes: i64| {
        let time = at(0) + jiff::SignedDuration::from_mins(minutes);
        time.strftime("%F %H:%M").to_string()
    };
    let text = format!(
        "[[maintenance]]\nname = 'patch night'\nfrom = '{}'\nuntil = '{}'\nzone = 'utc'\n\
        [[instance]]\nserver = '{server}'",
        minute(2),
        minute(5)
    );
    Config::parse(&text, std::path::Path::new("t.toml")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn maintenance_is_marked_while_its_window_is_open_and_probing_goes_on() {
    let running = Running::start(Told::new(&[]), maintained("a"));
    assert_eq!(running.row(0, |_| true).await.marks.maintenance, None);
    let row = running.row(0, |row| row.marks.maintenance.is_some()).await;
    let window = row.marks.maintenance.clone().unwrap();
    assert_eq!(window.name, "patch night");
    assert!(wall() < window.until);
    let before = running.told.times("a").len();
    running.row(0, |row| row.marks.maintenance.is_none()).await;
    assert!(wall() >= window.until);
    assert!(running.told.times("a").len() > before + 5);
}

#[tokio::test(start_paused = true)]
async fn windows_that_come_and_go_with_the_configuration_are_in_force_at_once() {
    let running = Running::start(Told::new(&[]), config(&["a"]));
    running.pass(180).await;
    for (instance, is_open) in [
        (Arc::clone(&maintained("a").instances[0]), true),
        (instance("a"), false),
    ] {
        running.send(Command::Replace(vec![instance])).await;
        let is_so = |row: &Row| row.marks.maintenance.is_some() == is_open;
        running.row(0, is_so).await;
    }
    assert!(running.told.times("a").len() < 20, "long before its end");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_mended_is_probed() {
    let running = Running::start(Told::new(&[]), config(&["a"]));
    for (text, state) in [("np:a", State::Invalid), ("tcp:a", Answering)] {
        running.pass(20).await;
        running.send(Command::Replace(vec![instance(text)])).await;
        running.row(0, |row| row.state == state).await;
        running.send(Command::Probe(vec![InstanceId(0)])).await;
    }
    running.pass(60).await;
    assert!(running.told.times("np:a").is_empty());
    assert!(running.told.times("tcp:a").len() > 3);
}

#[tokio::test(start_paused = true)]
async fn a_lost_network_dims_the_rows_and_its_return_probes_them() {
    let running = Running::start(Told::new(&[("a", &[Answering, TimedOut])]), config(&["a"]));
    running.row(0, |row| row.state == Answering).await;
    *running.told.lost.lock().unwrap() = true;
    running
        .row(0, |row| row.marks.stale && row.raw == TimedOut)
        .await;
    running.pass(60).await;
    assert_eq!(running.board.rows()[0].state, Answering);
    running.told.answer("a", [Answer::State(Answering)]);
    *running.told.lost.lock().unwrap() = false;
    let before = seconds();
    running
        .row(0, |row| !row.marks.stale && row.raw == Answering)
        .await;
    assert!(seconds() - before <= 10.5, "probed as soon as it is back");
}

#[tokio::test(start_paused = true)]
async fn a_network_that_is_gone_when_the_first_probe_fails_is_noticed_before_it_counts() {
    let running = Running::start(Told::new(&[("a", &[Answering, TimedOut])]), config(&["a"]));
    running.row(0, |row| row.state == Answering).await;
    running.pass(12).await;
    *running.told.lost.lock().unwrap() = true;
    let row = running.row(0, |row| row.raw == TimedOut).await;
    assert!(row.marks.stale && row.state == Answering);
    assert_eq!(row.history.raw().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn browser_is_asked_for_its_list_where_instances_share_the_answer() {
    let running = Running::start(Told::new(&[]), config(&["h\\A", "H\\B", "other\\A", "h"]));
    running.pass(1).await;
    let log = running.told.log.lock().unwrap();
    let forms: Vec<_> = log
        .iter()
        .map(|entry| (entry.target.as_str(), entry.form))
        .collect();
    assert!(forms.contains(&("h\\A", BrowserForm::List)));
    assert!(forms.contains(&("H\\B", BrowserForm::List)));
    assert!(forms.contains(&("other\\A", BrowserForm::Name)));
}

#[tokio::test(start_paused = true)]
async fn the_instances_of_a_host_stay_together_and_ask_browser_once_a_cycle() {
    const CYCLES: usize = 50;
    /// How long an answer of Browser serves the other instances of its host.
    const FRESH: f64 = 2.0;
    let here: Vec<_> = (0..8).map(|n| format!("h\\I{n}")).collect();
    let there: Vec<_> = (0..3).map(|n| format!("other\\I{n}")).collect();
    // As a list is sorted by anything but the host.
    let targets: Vec<_> = (0..8)
        .flat_map(|n| here.get(n).into_iter().chain(there.get(n)))
        .map(String::as_str)
        .collect();
    let mut config = config(&targets);
    config.probe.interval = Duration::from_secs(30);
    let mut told = Told::new(&[("h\\I2", &[TimedOut]), ("h\\I5", &[Answering, Silent])]);
    told.slow = [("h\\I2", 8), ("h\\I5", 5), ("other\\I1", 1)]
        .map(|(target, seconds)| (target.to_owned(), Duration::from_secs(seconds)))
        .into();
    let running = Running::start(told, config);
    running.pass(30 * 50 - 15).await;

    let log = running.told.log.lock().unwrap();
    let routine = log.iter().filter(|probe| probe.effort == Effort::Routine);
    for (host, instances) in [("h\\", 8), ("other\\", 3)] {
        let mut questions: Vec<f64> = Vec::new();
        let mut probes = 0;
        for probe in routine
            .clone()
            .filter(|probe| probe.target.starts_with(host))
        {
            probes += 1;
            if questions
                .last()
                .is_none_or(|asked| probe.second - asked >= FRESH)
            {
                questions.push(probe.second);
            }
        }
        assert!(questions.len().abs_diff(CYCLES) <= 2, "{}", questions.len());
        assert!(probes >= instances * (CYCLES - 2), "{host} {probes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_hangs_is_stale_after_two_intervals() {
    let told = Told {
        slow: [("a".to_owned(), Duration::from_secs(60))].into(),
        ..Told::new(&[])
    };
    let running = Running::start(told, config(&["a", "b"]));
    running.row(0, |row| row.marks.stale).await;
    assert!((15.0..32.0).contains(&seconds()), "{}", seconds());
    running.row(0, |row| row.state == Answering).await;
    running.pass(80).await;
    let rows = running.board.rows();
    assert!(!rows[1].marks.stale);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_cannot_be_probed_is_on_the_board_and_left_alone() {
    let running = Running::start(Told::new(&[]), config(&["db1/PROD", "a"]));
    running.row(0, |row| row.state == State::Invalid).await;
    running.send(Command::Probe(vec![InstanceId(0)])).await;
    running.row(1, |row| row.state == Answering).await;
    running.pass(600).await;
    assert!(running.told.times("db1/PROD").is_empty());
    assert!(!running.board.rows()[0].marks.stale);
}

#[tokio::test(start_paused = true)]
async fn the_end_writes_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let (memory, _) = Memory::open(&path);
    let running = Running::remembering(Told::new(&[]), config(&["a"]), memory);
    running.row(0, |row| row.state == Answering).await;
    running.stop.cancel();
    running.task.await.unwrap();
    let past = Memory::open(&path).0.recall(&instance("a")).unwrap();
    assert!(past.last_good.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_memory_is_written_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let (memory, _) = Memory::open(&path);
    let running = Running::remembering(Told::new(&[]), config(&["a"]), memory);
    running.pass(31).await;
    assert!(Memory::open(&path).0.recall(&instance("a")).is_some());
    running.stop.cancel();
}

#[tokio::test(start_paused = true)]
async fn ten_failing_instances_of_one_host_cost_one_closed_and_one_telling_port() {
    let names: Vec<_> = (0..10).map(|n| format!("h,{}", 2000 + n)).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let answers: Vec<(&str, &[State])> = names
        .iter()
        .map(|name| (*name, &[Answering, TimedOut][..]))
        .collect();
    let running = Running::start(Told::new(&answers), config(&names));
    for id in 0..10 {
        let row = running.row(id, |row| row.witnesses.len() >= 2).await;
        assert_eq!(row.state, TimedOut);
    }
    running.pass(60).await;
    let looks = running.told.looks.lock().unwrap();
    let count = |wanted: fn(&Test) -> bool| looks.iter().filter(|test| wanted(test)).count();
    assert_eq!(count(|test| matches!(test, Test::ClosedPort { .. })), 1);
    assert_eq!(count(|test| matches!(test, Test::Port { .. })), 1);
    assert_eq!(count(|test| matches!(test, Test::Path { .. })), 10);
}

#[tokio::test(start_paused = true)]
async fn a_verdict_is_refined_within_two_seconds() {
    let told = Told {
        looks_take: Duration::from_secs(1),
        ..Told::new(&[("a", &[Answering, TimedOut])])
    };
    let running = Running::start(told, config(&["a"]));
    running.row(0, |row| row.state == TimedOut).await;
    let fell = seconds();
    let has_both = |row: &Row| {
        let looks = row.witnesses.iter().map(|witness| &witness.look);
        looks.filter(|look| look.attempt().is_some()).count() == 2
    };
    running.row(0, has_both).await;
    let took = seconds() - fell;
    assert!((1.9..2.1).contains(&took), "{took}");
}
