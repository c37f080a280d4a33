//! One probe for each target, and no watching: what one-shot commands use.
//!
//! Nothing settles here and nothing is confirmed. What failed is looked at as after a
//! change, two rounds at most. The fold is the ledger's own, with one instance in it.

mod here;
mod shared;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use foldhash::{HashMap, HashMapExt as _};
use futures_util::future::join_all;
use futures_util::{Stream, StreamExt};
use tokio::task::{self, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

use self::here::Here;
use self::shared::SharedLooks;
pub use super::ledger::Together;
use super::schedule::{Clock, Walk, deadlines, in_flight_limit};
use super::{Change, Event, InstanceId, Ledger, Memory, Row, Rules};
use crate::config::Instance;
use crate::evidence::{BrowserForm, Test};
use crate::probe::{Effort, Network, Request};
use crate::target::Target;

/// How a check is made.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The instances that are known beforehand: where a host has several, Browser is
    /// asked for its list.
    pub namesakes: Namesakes,
    /// Whether extra looks are taken at what failed.
    pub witnesses: bool,
    /// Whether the way to an address that does not answer is walked, and who sent a RST.
    pub path: bool,
    /// What is known from before; what the check learns is put there.
    pub memory: Option<Arc<Mutex<Memory>>>,
}

/// How many instances of each host need Browser.
#[derive(Clone, Debug, Default)]
pub struct Namesakes(HashMap<String, u32>);

impl Namesakes {
    /// How Browser is asked for a target: for its list where several instances share the
    /// answer, else as a driver does.
    pub fn form(&self, target: &Target) -> BrowserForm {
        let count = if self.0.is_empty() {
            None
        } else {
            self.0.get(&host(target))
        };
        match count {
            Some(2..) => BrowserForm::List,
            _ => BrowserForm::Name,
        }
    }
}

impl<'a> FromIterator<&'a Instance> for Namesakes {
    fn from_iter<Instances: IntoIterator<Item = &'a Instance>>(instances: Instances) -> Self {
        let mut counts = HashMap::new();
        let targets = instances
            .into_iter()
            .filter_map(|instance| instance.target.as_ref().ok());
        for target in targets.filter(|target| target.needs_browser()) {
            *counts.entry(host(target)).or_default() += 1;
        }
        Self(counts)
    }
}

/// Probes each instance once and hands over its row as soon as it is done. A few are in flight
/// at once, and as many more as hang, up to what this machine has descriptors for; no more are
/// held: memory stays flat however long the list. The rows' ids count from 0 in the order of
/// the list. Whoever ends the program next waits for [`Network::finish`] first.
pub async fn check(
    network: &Arc<Network>,
    instances: impl Stream<Item = Arc<Instance>>,
    options: &Arc<Options>,
    on_row: impl FnMut(Arc<Row>),
) {
    check_by(network, instances, options, on_row).await;
}

/// Probes one instance once, looks at what failed, and diagnoses it. The row's `past` is
/// what is known after the probe; its surroundings are this machine alone.
pub async fn probe_once(
    network: &Network,
    id: InstanceId,
    instance: Arc<Instance>,
    options: &Options,
) -> Arc<Row> {
    probe_once_by(network, id, instance, options, &Shared::default()).await
}

/// What the probes of one check share.
#[derive(Default)]
struct Shared {
    here: Here,
    looks: SharedLooks,
}

/// Probes that run at once. A few keep a processor busy, and its caches warm.
const ROOM: usize = 256;
/// Where fewer than [`FEW`] have ended in this time, those that run hang, and take nobody's
/// room any more. A machine that is merely busy ends more.
const TURN: Duration = Duration::from_millis(20);
/// See [`TURN`].
const FEW: usize = 16;

async fn check_by<W: Walk>(
    walk: &Arc<W>,
    instances: impl Stream<Item = Arc<Instance>>,
    options: &Arc<Options>,
    mut on_row: impl FnMut(Arc<Row>),
) {
    let shared = Arc::new(Shared::default());
    let most = in_flight_limit(walk.rate());
    let mut instances = pin!(instances.enumerate());
    let mut probes = Probes::default();
    let mut turn = interval(TURN);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut ended, mut is_over) = (0, false);
    loop {
        let has_room = probes.young < ROOM && probes.tasks.len() < most;
        tokio::select! {
            biased;
            Some(row) = probes.next(), if !probes.tasks.is_empty() => {
                ended += 1;
                on_row(row);
            }
            next = instances.next(), if !is_over && has_room => match next {
                Some((n, instance)) => {
                    let id = InstanceId(u32::try_from(n).unwrap_or(u32::MAX));
                    let (walk, options, shared) =
                        (Arc::clone(walk), Arc::clone(options), Arc::clone(&shared));
                    probes.start(id, instance, |id, instance| async move {
                        probe_once_by(&*walk, id, instance, &options, &shared).await
                    });
                }
                None => is_over = true,
            },
            _ = turn.tick(), if !is_over && !has_room => {
                if std::mem::take(&mut ended) < FEW {
                    probes.age();
                }
            }
            else => break,
        }
    }
}

async fn probe_once_by<W: Walk>(
    walk: &W,
    id: InstanceId,
    instance: Arc<Instance>,
    options: &Options,
    shared: &Shared,
) -> Arc<Row> {
    let mut clock = Clock::new();
    let rules = Rules {
        witnesses: options.witnesses,
        ..Rules::default()
    };
    let past = options
        .memory
        .as_ref()
        .and_then(|memory| locked(memory).recall(&instance));
    let last_port = past
        .as_ref()
        .and_then(|past| Some(past.last_good.as_ref()?.port));
    let vantage = shared.here.vantage(walk);
    let (mut ledger, own) = Ledger::of_one(clock.now(), rules, &instance, past, vantage);
    if let Some(target) = instance
        .target
        .as_ref()
        .ok()
        .filter(|target| target.over_tcp().is_ok())
    {
        let request = Request {
            deadlines: instance.timeout.as_ref().map(deadlines),
            target: Arc::clone(target),
            effort: Effort::Thorough,
            by_hand: true,
            browser: options.namesakes.form(target),
            last_port: last_port.filter(|_| target.needs_browser()),
        };
        if options.path {
            // Who wants the walks asks for all that a probe by hand may look at.
            ledger.apply(clock.now(), Event::Asked { id: own });
        }
        let evidence = Box::new(walk.probe(&request).await);
        let mut changes = ledger.apply(clock.now(), Event::Probed { id: own, evidence });
        while let Some(tests) = looks(changes, options) {
            changes = Vec::new();
            let looks = tests.into_iter().map(|test| {
                shared
                    .looks
                    .take(test, target, options.path, move || walk.look(target, test))
            });
            let witnesses = Box::pin(join_all(looks)).await;
            for witness in witnesses {
                changes.extend(ledger.apply(clock.now(), Event::Witnessed { id: own, witness }));
            }
        }
        learn(&ledger, &mut clock, own, options);
    }
    let row = ledger.into_row(own);
    let mut row = row.unwrap_or_else(|| Arc::new(super::row::pending(id, instance)));
    Arc::make_mut(&mut row).id = id;
    row
}

/// The looks that the changes ask for; `None` ends the check.
fn looks(changes: Vec<Change>, options: &Options) -> Option<Vec<Test>> {
    let wanted = changes.into_iter().filter_map(|change| match change {
        Change::Look(_, tests) => Some(tests),
        _ => None,
    });
    let tests: Vec<_> = wanted
        .flatten()
        .filter(|test| options.path || !matches!(test, Test::Path { .. }))
        .collect();
    (!tests.is_empty()).then_some(tests)
}

fn learn(ledger: &Ledger, clock: &mut Clock, id: InstanceId, options: &Options) {
    if let (Some(memory), Some(row)) = (&options.memory, ledger.row(id)) {
        locked(memory).remember(clock.now(), &row.instance, Arc::clone(&row.past));
    }
}

/// The probes that are under way, each a task of its own, so that one that panics leaves a
/// row without a result and the others go on. They end with their owner.
#[derive(Default)]
struct Probes {
    tasks: JoinSet<Arc<Row>>,
    /// What each is for.
    doing: HashMap<task::Id, Doing>,
    /// Grows as they age.
    generation: u32,
    /// How many are of this generation.
    young: usize,
}

struct Doing {
    id: InstanceId,
    instance: Arc<Instance>,
    generation: u32,
}

impl Probes {
    fn start<Probe: Future<Output = Arc<Row>> + Send + 'static>(
        &mut self,
        id: InstanceId,
        instance: Arc<Instance>,
        probe: impl FnOnce(InstanceId, Arc<Instance>) -> Probe,
    ) {
        let task = self.tasks.spawn(probe(id, Arc::clone(&instance)));
        let generation = self.generation;
        self.young += 1;
        self.doing.insert(
            task.id(),
            Doing {
                id,
                instance,
                generation,
            },
        );
    }

    /// Those that run now are no longer young.
    fn age(&mut self) {
        self.generation = self.generation.wrapping_add(1);
        self.young = 0;
    }

    fn end(&mut self, task: task::Id) -> Option<Doing> {
        let doing = self.doing.remove(&task)?;
        self.young -= usize::from(doing.generation == self.generation);
        Some(doing)
    }

    /// The row of the next that ends.
    async fn next(&mut self) -> Option<Arc<Row>> {
        match self.tasks.join_next_with_id().await? {
            Ok((task, row)) => {
                self.end(task);
                Some(row)
            }
            Err(error) => {
                let Doing { id, instance, .. } = self.end(error.id())?;
                tracing::error!("the probe of {} ended: {error}", instance.name);
                let mut row = super::row::pending(id, instance);
                row.marks.stale = true;
                Some(Arc::new(row))
            }
        }
    }
}

fn host(target: &Target) -> String {
    target.host.to_string().to_lowercase()
}

fn locked(memory: &Mutex<Memory>) -> std::sync::MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
