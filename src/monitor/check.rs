//! One probe for each target, and no watching: what one-shot commands use.
//!
//! Nothing settles here and nothing is confirmed. What failed is looked at as after a
//! change, two rounds at most. The fold is the ledger's own, with one instance in it.

mod crew;
mod here;
mod shared;

use std::mem;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::vec::Drain;

use foldhash::{HashMap, HashMapExt as _};
use futures_util::future::join_all;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use tokio::time::{MissedTickBehavior, interval};

use self::crew::Crew;
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

/// Probes each instance once and hands over the rows as soon as they are done. A few are in flight
/// at once, and as many more as hang, up to what this machine has descriptors for; no more are
/// held: memory stays flat however long the list. The rows' ids count from 0 in the order of
/// the list. Whoever ends the program next waits for [`Network::finish`] first.
pub async fn check(
    network: &Arc<Network>,
    instances: impl Stream<Item = Arc<Instance>>,
    options: &Arc<Options>,
    on_rows: impl FnMut(Drain<'_, Arc<Row>>),
) {
    check_by(network, instances, options, on_rows).await;
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

/// Instances under way at once: enough to wait for many answers together, and few enough for
/// a processor's cache.
const ROOM: usize = 64;
/// So many more are begun where those under way hang.
const MORE: usize = 256;
/// Where fewer than [`FEW`] have ended in this time, those under way hang. A machine that is
/// merely busy ends more.
const TURN: Duration = Duration::from_millis(5);
/// See [`TURN`].
const FEW: usize = 4;

async fn check_by<W: Walk>(
    walk: &Arc<W>,
    instances: impl Stream<Item = Arc<Instance>>,
    options: &Arc<Options>,
    mut on_rows: impl FnMut(Drain<'_, Arc<Row>>),
) {
    let shared = Arc::new(Shared::default());
    let most = in_flight_limit(walk.rate());
    let (walk, options) = (Arc::clone(walk), Arc::clone(options));
    let mut crew = Crew::new(move |id, instance| {
        let (walk, options, shared) =
            (Arc::clone(&walk), Arc::clone(&options), Arc::clone(&shared));
        async move { probe_once_by(&*walk, id, instance, &options, &shared).await }
    });
    let mut list = pin!(instances.enumerate());
    let (mut is_over, mut room) = (false, ROOM.min(most));
    let (mut rows, mut ended) = (Vec::new(), 0);
    let mut turn = interval(TURN);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let has_room = crew.under_way() < room;
        tokio::select! {
            biased;
            () = crew.rows(&mut rows), if crew.under_way() > 0 => {
                ended += rows.len();
                on_rows(rows.drain(..));
            }
            next = list.next(), if !is_over && has_room => {
                let mut next = Some(next);
                // As many more as the list has at hand.
                while let Some(Some((n, instance))) = next {
                    crew.give(InstanceId(u32::try_from(n).unwrap_or(u32::MAX)), instance);
                    next = (crew.under_way() < room)
                        .then(|| list.next().now_or_never())
                        .flatten();
                }
                is_over = matches!(next, Some(None));
            }
            _ = turn.tick(), if !is_over && !has_room => {
                if mem::take(&mut ended) < FEW {
                    room = (crew.under_way() + MORE).min(most);
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
    let here = shared.here.surroundings(walk);
    let (mut ledger, own) = Ledger::of_one(clock.set_at(), rules, &instance, past, here);
    if let Some(target) = instance
        .target
        .as_ref()
        .ok()
        .filter(|target| target.over_tcp().is_ok())
    {
        let request = Request {
            deadlines: instance.timeout.as_deref().map(deadlines),
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
        learn(&ledger, own, options);
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

fn learn(ledger: &Ledger, id: InstanceId, options: &Options) {
    if let (Some(memory), Some(row), Some(at)) = (&options.memory, ledger.row(id), ledger.now()) {
        locked(memory).remember(at, &row.instance, Arc::clone(&row.past));
    }
}

fn host(target: &Target) -> String {
    target.host.to_string().to_lowercase()
}

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
