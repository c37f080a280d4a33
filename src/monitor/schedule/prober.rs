//! The prober: one loop that starts probes and looks, and folds what comes back.

mod discover;
mod keep;
mod prove;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use foldhash::{HashMap, HashMapExt as _, HashSet};
use tokio::sync::mpsc::Receiver;
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::agenda::{Agenda, Why};
use super::audits::Audits;
use super::limits::{Pace, deadlines, loop_limit, network_settings};
use super::maintenance::{self, Windows};
use super::slots::Slots;
use super::walk::Walk;
use super::{Clock, Command};
use crate::config::{Config, Instance, Probe, Timeout};
use crate::diagnosis::{Standing, State};
use crate::evidence::{Audit, Evidence, Test, Vantage, Witness};
use crate::monitor::check::Namesakes;
use crate::monitor::ledger::neighbours::is_answered;
use crate::monitor::{Board, Change, Event, InstanceId, Ledger, Memory, Recorder, Rules, Written};
use crate::policy::Policy;
use crate::probe::{Effort, Request};
use crate::target::Target;

/// A miss is confirmed so soon.
const CONFIRM: Duration = Duration::from_secs(1);
/// An engine that accepts and says nothing is not fed more connections than one in this time.
const SPARE_SILENT: Duration = Duration::from_secs(10);
/// How often this machine's own network is looked at: rounds of care.
const VANTAGE: u32 = 5;
/// How often at most, when failures pour in.
const VANTAGE_IN_A_STORM: Duration = Duration::from_secs(1);
/// How often the memory is written, if anything is new: rounds of care.
const SAVE: u32 = 15;
/// Looks that may be in flight at once; more wait.
const LOOKS: usize = 32;
/// How often it is looked for probes that are overdue.
const OVERDUE: Duration = Duration::from_secs(2);
/// The same while none is made.
const OVERDUE_PAUSED: Duration = Duration::from_secs(10);
/// How often at most instances are grouped into incidents while failures pour in.
const REGROUP: Duration = Duration::from_millis(500);
/// The time between two probes that are brought forward.
const HASTE: Duration = Duration::from_millis(50);
/// What a probe or look may take beyond the deadlines of its layers: the wait for the rate.
const SLACK: Duration = Duration::from_secs(60);

/// The prober's state. Lives on its own thread.
pub(super) struct Prober<W> {
    walk: Arc<W>,
    ledger: Ledger,
    agenda: Agenda,
    slots: Slots,
    board: Arc<Board>,
    memory: Memory,
    recorder: Option<Recorder>,
    clock: Clock,
    probe: Probe,
    /// Holds whatever settings come in.
    policy: Arc<Policy>,
    pace: Pace,
    /// How many probes may be in flight.
    room: usize,
    namesakes: Namesakes,
    /// Owns every probe, look, audit and write; ends with the prober.
    tasks: JoinSet<Done>,
    doing: HashMap<task::Id, Doing>,
    probing: usize,
    looking: usize,
    saving: bool,
    /// Looks that wait for room. Bounded by the two rounds that an instance is given.
    looks: VecDeque<(InstanceId, Test)>,
    audits: Audits,
    windows: Windows,
    vantage: Option<Vantage>,
    vantage_at: Option<Instant>,
    /// For when the last of the probes that were brought forward is planned.
    hastened: Option<Instant>,
    paused: bool,
}

/// What a task brought back.
enum Done {
    Probed(InstanceId, Box<Evidence>),
    Looked(InstanceId, Witness),
    Audited(InstanceId, Box<Audit>),
    Overran(Doing),
    Saved(Written),
}

/// What a task is for, so that one that panics can be told.
#[derive(Clone, Copy, Debug)]
enum Doing {
    Probe(InstanceId),
    Look(InstanceId),
    Audit(InstanceId),
    Save,
}

impl<W: Walk> Prober<W> {
    /// A prober with every instance on the board. When each is probed is decided, and
    /// anything sent, when it runs. Must be called inside a runtime.
    pub(super) fn new(
        walk: Arc<W>,
        board: Arc<Board>,
        memory: Memory,
        recorder: Option<Recorder>,
        clock: Clock,
        mut config: Config,
    ) -> Self {
        config.probe.hold_to(&config.policy);
        let mut prober = Self {
            walk,
            ledger: Ledger::new(Rules::from(&config.probe)),
            policy: Arc::clone(&config.policy),
            agenda: Agenda::default(),
            slots: Slots::default(),
            board,
            memory,
            recorder,
            clock,
            pace: Pace::new(config.probe.rate),
            room: loop_limit(config.probe.rate),
            probe: config.probe,
            namesakes: Namesakes::default(),
            tasks: JoinSet::new(),
            doing: HashMap::new(),
            probing: 0,
            looking: 0,
            saving: false,
            looks: VecDeque::new(),
            audits: Audits::default(),
            windows: Windows::default(),
            vantage: None,
            vantage_at: None,
            hastened: None,
            paused: false,
        };
        // While nobody is there whom it would have to be told.
        prober.look_around();
        prober.take_in(&config.instances);
        prober
    }

    /// Probes until it is told to stop, or nobody is left to tell it.
    pub(super) async fn run(mut self, mut commands: Receiver<Command>, stop: CancellationToken) {
        self.plan_the_new();
        // One timer for all that is done now and then: each wakes the thread a few times.
        let mut care = every(OVERDUE);
        let mut round = 0;
        let mut regroup = every(REGROUP);
        loop {
            self.start_what_waits();
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => break,
                },
                // Before what pours in, or it would wait for the end of the flood.
                _ = regroup.tick(), if self.ledger.is_to_regroup() => {
                    self.regroup();
                }
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended),
                Some((id, why)) = self.agenda.next_due(), if !self.agenda.is_empty() => {
                    self.due(id, why);
                }
                _ = care.tick() => {
                    self.take_care(round);
                    round = round.wrapping_add(1);
                    if self.paused {
                        care.reset_after(OVERDUE_PAUSED);
                    }
                }
            }
        }
        self.say_farewell().await;
    }

    /// What is done now and then, in rounds. While nothing is probed they are rare, and all of
    /// it is done in each.
    fn take_care(&mut self, round: u32) {
        self.catch_up();
        self.mark_overdue();
        self.lapse();
        self.maintain();
        if self.paused || round.is_multiple_of(VANTAGE) {
            self.look_around();
        }
        if self.paused || round.is_multiple_of(SAVE) {
            self.slots.tidy();
            self.save();
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Probe(ids) => {
                for id in ids {
                    self.agenda.want(id, Why::Hand);
                    self.publish(id);
                }
            }
            Command::Pause(paused) => self.pause(paused),
            Command::Acknowledge(id, acknowledged) => {
                self.fold(Event::Acknowledged { id, acknowledged });
            }
            Command::Verify(id, attempt) => self.verify(id, attempt),
            Command::Discover(id) => self.discover(id),
            Command::Replace(instances) => self.watch(&instances),
            Command::Configure(probe) => self.configure(*probe),
        }
    }

    /// Watches these instances from now on; those that were watched before keep their place.
    fn watch(&mut self, instances: &[Arc<Instance>]) {
        self.take_in(instances);
        self.plan_the_new();
    }

    /// Takes these instances in, in place of those before, and puts them on the board, for
    /// which the screen may wait.
    fn take_in(&mut self, instances: &[Arc<Instance>]) {
        self.remember_all();
        let at = self.clock.now();
        let memory = &self.memory;
        let recall = |instance: &Instance| memory.recall(instance);
        if let Some(recorder) = &mut self.recorder {
            recorder.watch(at, instances, recall);
        }
        let changes = self.ledger.replace_recalling(at, instances, recall);
        self.board.arrange(self.ledger.order());
        self.strike_out();
        self.follow(changes);
        let windows = Windows::of(instances);
        let has_any = !(self.windows.is_empty() && windows.is_empty());
        self.windows = windows;
        if has_any {
            self.maintain();
        } else {
            // Nobody is in one, nor was.
            self.windows.turn(at);
        }
        self.look_around();
    }

    /// Nothing is planned any more for what is not to be probed.
    fn strike_out(&mut self) {
        if self.agenda.has_nobody() {
            return;
        }
        let watched: HashSet<_> = self.reachable().into_iter().collect();
        self.agenda.retain(|id| watched.contains(&id));
        self.looks.retain(|(id, _)| watched.contains(id));
        self.audits.retain(|id| watched.contains(&id));
    }

    /// Who can be probed, in the order of the configuration.
    fn reachable(&self) -> Vec<InstanceId> {
        let order = self.ledger.order().iter().copied();
        order.filter(|id| self.target(*id).is_some()).collect()
    }

    /// Plans the first probes of those that are new.
    fn plan_the_new(&mut self) {
        let instances = self.ledger.order().iter();
        let instances = instances.filter_map(|id| self.ledger.instance(*id));
        self.namesakes = instances.map(|instance| &**instance).collect();
        let mut fresh = self.reachable();
        fresh.retain(|id| !self.agenda.knows(*id));
        self.agenda.expect(fresh.len());
        for (n, id) in self.host_by_host(fresh).into_iter().enumerate() {
            self.agenda.enter(id, self.pace.delay(n));
        }
    }

    /// Probes by these settings from now on; a probe that is under way ends by the old ones.
    fn configure(&mut self, mut probe: Probe) {
        probe.hold_to(&self.policy);
        if probe == self.probe {
            return;
        }
        self.walk = self
            .walk
            .reconfigured(network_settings(&probe, &self.policy));
        self.pace = Pace::new(probe.rate);
        self.room = loop_limit(probe.rate);
        self.probe = probe;
        let rules = Rules::from(&self.probe);
        self.fold(Event::Rules { rules });
        // Nobody waits for the end of an interval that is no longer the one.
        for id in self.ledger.order().to_vec() {
            if self.agenda.is_routine(id) {
                self.plan_routine(id);
            }
        }
    }

    /// Tells the ledger whose windows of maintenance began or ended.
    fn maintain(&mut self) {
        let at = self.clock.now();
        if !self.windows.turn(at) {
            return;
        }
        for id in self.ledger.order().to_vec() {
            let Some(instance) = self.ledger.instance(id) else {
                continue;
            };
            let window = maintenance::window(instance, at);
            let marks = self.ledger.marks(id);
            if marks.is_some_and(|marks| marks.maintenance.as_deref() != window.as_ref()) {
                self.fold(Event::Maintained { id, window });
            }
        }
    }

    fn pause(&mut self, paused: bool) {
        if self.paused == paused {
            return;
        }
        self.paused = paused;
        self.fold(Event::Paused { paused });
        if paused {
            self.looks.clear();
            self.agenda.hold();
            self.agenda.rest();
        } else {
            self.probe_all_soon();
        }
    }

    fn due(&mut self, id: InstanceId, why: Why) {
        let is_wanted = match why {
            Why::Verify => self.ledger.proving(id).is_some(),
            _ => !self.paused,
        };
        if is_wanted {
            self.agenda.want(id, why);
        } else {
            self.plan_routine(id);
        }
    }

    fn start_what_waits(&mut self) {
        while self.probing < self.room {
            let Some((id, why)) = self.agenda.start() else {
                break;
            };
            self.start_probe(id, why);
        }
        while self.looking < LOOKS {
            let Some((id, test)) = self.looks.pop_front() else {
                break;
            };
            self.start_look(id, test);
        }
        self.start_audits();
    }

    fn start_probe(&mut self, id: InstanceId, why: Why) {
        let Some(target) = self.target(id) else {
            return;
        };
        if why == Why::Hand {
            self.fold(Event::Asked { id });
        }
        let request = Request {
            deadlines: self.timeout(id).map(deadlines),
            browser: self.namesakes.form(&target),
            last_port: self.last_port(id, &target),
            by_hand: why == Why::Hand,
            target,
            effort: match why {
                Why::Routine => Effort::Routine,
                Why::Verify => Effort::Fresh,
                Why::Confirm | Why::Hand => Effort::Thorough,
            },
        };
        let (walk, limit) = (Arc::clone(&self.walk), self.limit(id));
        let task = self.tasks.spawn(async move {
            match timeout(limit, walk.probe(&request)).await {
                Ok(evidence) => Done::Probed(id, Box::new(evidence)),
                Err(_) => Done::Overran(Doing::Probe(id)),
            }
        });
        self.doing.insert(task.id(), Doing::Probe(id));
        self.probing += 1;
        if why != Why::Routine {
            self.publish(id);
        }
    }

    fn start_look(&mut self, id: InstanceId, test: Test) {
        let Some(target) = self.target(id) else {
            return;
        };
        let (walk, limit) = (Arc::clone(&self.walk), self.limit(id));
        let task = self.tasks.spawn(async move {
            match timeout(limit, walk.look(&target, test)).await {
                Ok(witness) => Done::Looked(id, witness),
                Err(_) => Done::Overran(Doing::Look(id)),
            }
        });
        self.doing.insert(task.id(), Doing::Look(id));
        self.looking += 1;
    }

    fn ended(&mut self, ended: Result<(task::Id, Done), JoinError>) {
        let (task, done) = match ended {
            Ok((task, done)) => (task, Ok(done)),
            Err(error) => (error.id(), Err(error)),
        };
        let Some(doing) = self.doing.remove(&task) else {
            return;
        };
        match doing {
            Doing::Probe(_) => self.probing -= 1,
            Doing::Look(_) => self.looking -= 1,
            Doing::Audit(_) => {}
            Doing::Save => self.saving = false,
        }
        match done {
            Ok(Done::Probed(id, evidence)) => self.probed(id, evidence),
            Ok(Done::Looked(id, witness)) => {
                self.fold(Event::Witnessed { id, witness });
            }
            Ok(Done::Audited(id, audit)) => self.audited(id, audit),
            Ok(Done::Saved(written)) => self.saved(written),
            Ok(Done::Overran(doing)) => self.failed(doing, "did not end in time"),
            Err(error) => {
                tracing::error!("a task of the prober panicked: {error}");
                self.failed(doing, "panicked");
            }
        }
    }

    fn probed(&mut self, id: InstanceId, evidence: Box<Evidence>) {
        let again = self.agenda.end(id);
        // Before a failure is believed: is this machine still on the network?
        let is_fresh = self
            .vantage_at
            .is_some_and(|at| at.elapsed() < VANTAGE_IN_A_STORM);
        if !is_answered(&evidence) && !is_fresh {
            self.look_around();
        }
        let confirm = self.fold(Event::Probed { id, evidence });
        if again {
            self.publish(id);
        } else if confirm && !self.paused {
            self.plan(id, Why::Confirm, Instant::now() + CONFIRM);
        } else {
            self.plan_next(id);
        }
    }

    /// A task that brought nothing back. The row keeps its state, and is marked.
    fn failed(&mut self, doing: Doing, how: &str) {
        match doing {
            Doing::Probe(id) => tracing::warn!("the probe of instance {} {how}", id.0),
            Doing::Look(id) => tracing::warn!("a look for instance {} {how}", id.0),
            Doing::Audit(id) => {
                tracing::warn!("asking the host of instance {} {how}", id.0);
                self.audit_ended(id);
            }
            Doing::Save => tracing::warn!("writing what is remembered {how}"),
        }
        if let Doing::Probe(id) = doing {
            let again = self.agenda.end(id);
            self.fold(Event::Overdue { id });
            self.publish(id);
            if !again {
                self.plan_next(id);
            }
        }
    }

    /// Folds an event and does what follows. Returns whether a confirmation is wanted.
    fn fold(&mut self, event: Event) -> bool {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.event(at, &event);
        }
        let changes = self.ledger.apply(at, event);
        self.follow(changes)
    }

    fn regroup(&mut self) {
        let at = self.clock.now();
        if let Some(recorder) = &mut self.recorder {
            recorder.regroup(at);
        }
        let changes = self.ledger.regroup();
        self.follow(changes);
    }

    fn follow(&mut self, changes: Vec<Change>) -> bool {
        let mut confirm = false;
        for change in changes {
            match change {
                Change::Row(id) => {
                    self.publish(id);
                    self.renew(id);
                }
                Change::State(id, transition) => {
                    let (from, to) = (transition.from, transition.to);
                    let name = self
                        .ledger
                        .instance(id)
                        .map_or("", |instance| &instance.name);
                    tracing::info!("{name} went from {from} to {to}");
                }
                Change::Confirm(_) => confirm = true,
                Change::Look(id, tests) => {
                    self.looks.extend(tests.into_iter().map(|test| (id, test)));
                }
                Change::Remember(id) => self.remember(id),
                Change::Ask(ids) => self.ask(&ids),
                Change::Hasten(ids) => self.hasten(&ids),
                Change::Standing(standing) => self.stand(standing),
                Change::Incidents => self.board.group(self.ledger.incidents()),
            }
        }
        confirm
    }

    /// Asks others before their time whether they still answer.
    fn ask(&mut self, ids: &[InstanceId]) {
        if !self.paused {
            for id in ids {
                self.agenda.want(*id, Why::Confirm);
            }
        }
    }

    /// Brings the routine probes of others forward, so many a second.
    fn hasten(&mut self, ids: &[InstanceId]) {
        if self.paused {
            return;
        }
        let now = Instant::now();
        for id in ids {
            let time = self.hastened.map_or(now, |last| now.max(last + HASTE));
            if self.agenda.hasten(*id, time) {
                self.hastened = Some(time);
            }
        }
    }

    /// This machine's own network stands otherwise; when it is well again, so may all be.
    fn stand(&mut self, standing: Standing) {
        let before = self.board.standing();
        if before.own_network != standing.own_network {
            if let Some(cause) = standing.cause {
                tracing::warn!("this machine itself is what fails: {cause}");
            } else {
                tracing::info!("this machine's own trouble is over");
            }
            if standing.is_fine() && !self.paused {
                self.probe_all_soon();
            }
        }
        self.board.stand(standing);
    }

    fn publish(&self, id: InstanceId) {
        let Some(mut row) = self.ledger.row(id) else {
            return;
        };
        if self.agenda.is_under_way(id) {
            Arc::make_mut(&mut row).probing = true;
        }
        if self.is_auditing(id) {
            Arc::make_mut(&mut row).auditing = true;
        }
        self.board.put(row);
    }

    /// While paused nothing is planned that would not be made: all are when it is over.
    fn plan_routine(&mut self, id: InstanceId) {
        if self.paused {
            return;
        }
        let Some(host) = self.ledger.host(id) else {
            return;
        };
        let interval = self.interval(id);
        let now = Instant::now();
        let started = self.agenda.started(id).unwrap_or(now);
        // A probe that takes as long as its interval still leaves the server some rest,
        // and one by hand shortly before the host is due stands for that one.
        let earliest = (started + interval / 2).max(now + interval / 8);
        let earliest = self
            .spared_until(id)
            .map_or(earliest, |spared| spared.max(earliest));
        let slot = self.slots.next(host, interval, started, earliest);
        self.agenda.plan(id, Why::Routine, slot);
    }

    fn plan(&mut self, id: InstanceId, why: Why, time: Instant) {
        let spared = self.spared_until(id);
        self.agenda
            .plan(id, why, spared.map_or(time, |spared| spared.max(time)));
    }

    /// Until when an engine that says nothing is left alone.
    fn spared_until(&self, id: InstanceId) -> Option<Instant> {
        let (_, raw) = self.ledger.states(id)?;
        let started = self.agenda.started(id)?;
        (raw == State::Silent).then_some(started + SPARE_SILENT)
    }

    /// All again, at the pace of a start.
    fn probe_all_soon(&mut self) {
        let now = Instant::now();
        let idle = self
            .ledger
            .order()
            .iter()
            .copied()
            .filter(|id| self.agenda.is_idle(*id) && self.ledger.proving(*id).is_none());
        let idle = self.host_by_host(idle.collect());
        for (n, id) in idle.into_iter().enumerate() {
            self.plan(id, Why::Routine, now + self.pace.delay(n));
        }
    }

    /// The instances of each host one after the other, where its first one was.
    fn host_by_host(&self, ids: Vec<InstanceId>) -> Vec<InstanceId> {
        let mut first = HashMap::with_capacity(ids.len());
        let first_of =
            |(n, id): (usize, &InstanceId)| *first.entry(self.ledger.host(*id)).or_insert(n);
        let firsts: Vec<usize> = ids.iter().enumerate().map(first_of).collect();
        let mut placed: Vec<_> = firsts.into_iter().zip(ids).collect();
        placed.sort_by_key(|(first, _)| *first);
        placed.into_iter().map(|(_, id)| id).collect()
    }

    fn look_around(&mut self) {
        self.vantage_at = Some(Instant::now());
        let vantage = self.walk.vantage();
        if self.vantage.as_ref() == Some(&vantage) {
            return;
        }
        self.vantage = Some(vantage.clone());
        self.fold(Event::Vantage { vantage });
    }

    /// Timers stand still while the machine sleeps: what was seen before is as old as the
    /// wall clock says, and is looked at again before the interval is over.
    fn catch_up(&mut self) {
        let slept = self.clock.take_leap().unsigned_abs();
        if self.paused || slept < OVERDUE {
            return;
        }
        let order = self.ledger.order().to_vec();
        let known = order.into_iter().filter(|id| self.agenda.knows(*id));
        let old: Vec<_> = known.filter(|id| slept >= self.interval(*id)).collect();
        for id in old {
            self.fold(Event::Overdue { id });
        }
        if slept >= self.probe.interval {
            self.probe_all_soon();
        }
    }

    fn mark_overdue(&mut self) {
        if self.paused {
            return;
        }
        // Where the rate cannot keep the interval, a whole cycle is waited for.
        let queue = self.pace.cycle(self.ledger.order().len());
        let patience = |id| queue + self.interval(id).max(self.layers(id));
        for id in self.agenda.overdue(patience) {
            self.fold(Event::Overdue { id });
        }
    }

    /// Ends the proofs and acknowledgements whose time is over, should no probe have told it.
    fn lapse(&mut self) {
        let at = self.clock.now();
        let changes = self.ledger.lapse(at);
        if let (false, Some(recorder)) = (changes.is_empty(), &mut self.recorder) {
            recorder.lapse(at);
        }
        self.follow(changes);
    }

    /// The target, if it can be probed.
    fn target(&self, id: InstanceId) -> Option<Arc<Target>> {
        let target = self.ledger.instance(id)?.target.as_ref().ok()?;
        target.over_tcp().is_ok().then(|| Arc::clone(target))
    }

    fn last_port(&self, id: InstanceId, target: &Target) -> Option<crate::target::Port> {
        let past = self.ledger.past(id).filter(|_| target.needs_browser())?;
        past.last_good.as_ref().map(|good| good.port)
    }

    /// The deadlines that are configured for this instance alone.
    fn timeout(&self, id: InstanceId) -> Option<&Timeout> {
        self.ledger.instance(id)?.timeout.as_deref()
    }

    /// Time between two probes of this instance.
    fn interval(&self, id: InstanceId) -> Duration {
        let instance = self.ledger.instance(id);
        instance
            .and_then(|instance| instance.interval)
            .unwrap_or(self.probe.interval)
    }

    /// What all layers of a probe may take together.
    fn layers(&self, id: InstanceId) -> Duration {
        let timeout = self.timeout(id).unwrap_or(&self.probe.timeout);
        timeout.resolve + timeout.browser + timeout.connect + timeout.prelogin
    }

    /// No probe takes longer than all its layers, and the wait for the rate.
    fn limit(&self, id: InstanceId) -> Duration {
        self.layers(id) + SLACK
    }
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
