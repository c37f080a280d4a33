//! One probe for each target, and no watching: what one-shot commands use.
//!
//! Nothing settles here and nothing is confirmed. What failed is looked at as after a
//! change, two rounds at most. The fold is the ledger's own, with one instance in it.

mod shared;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use futures_util::{Stream, StreamExt};

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
        match self.0.get(&host(target)) {
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

/// Probes each instance once and hands over its row as soon as it is done. As many are in
/// flight as this machine has descriptors for, and no more are held: memory stays flat
/// however long the list. The rows' ids count from 0 in the order of the list. Whoever
/// ends the program next waits for [`Network::finish`] first.
pub async fn check(
    network: &Arc<Network>,
    instances: impl Stream<Item = Arc<Instance>>,
    options: &Arc<Options>,
    on_row: impl FnMut(Row),
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
) -> Row {
    probe_once_by(network, id, instance, options, &SharedLooks::default()).await
}

async fn check_by<W: Walk>(
    walk: &Arc<W>,
    instances: impl Stream<Item = Arc<Instance>>,
    options: &Arc<Options>,
    mut on_row: impl FnMut(Row),
) {
    let shared = Arc::new(SharedLooks::default());
    let probes = instances.enumerate().map(|(n, instance)| {
        let id = InstanceId(u32::try_from(n).unwrap_or(u32::MAX));
        let (walk, options, shared) = (Arc::clone(walk), Arc::clone(options), Arc::clone(&shared));
        isolated(id, instance, move |id, instance| async move {
            probe_once_by(&*walk, id, instance, &options, &shared).await
        })
    });
    let done = probes.buffer_unordered(in_flight_limit());
    done.for_each(|row| {
        on_row(row);
        std::future::ready(())
    })
    .await;
}

async fn probe_once_by<W: Walk>(
    walk: &W,
    id: InstanceId,
    instance: Arc<Instance>,
    options: &Options,
    shared: &SharedLooks,
) -> Row {
    let mut clock = Clock::new();
    let mut ledger = Ledger::new(Rules {
        witnesses: options.witnesses,
        ..Rules::default()
    });
    let past = options
        .memory
        .as_ref()
        .and_then(|memory| locked(memory).recall(&instance));
    ledger.apply(
        clock.now(),
        Event::Vantage {
            vantage: walk.vantage(),
        },
    );
    ledger.replace_recalling(clock.now(), &[Arc::clone(&instance)], |_| past.clone());
    // The only one in the ledger.
    let own = InstanceId(0);
    if let Some(target) = instance
        .target
        .as_ref()
        .ok()
        .filter(|target| target.over_tcp().is_ok())
    {
        let last_good = past.as_ref().and_then(|past| past.last_good.as_ref());
        let request = Request {
            deadlines: instance.timeout.as_ref().map(deadlines),
            target: Arc::clone(target),
            effort: Effort::Thorough,
            by_hand: true,
            browser: options.namesakes.form(target),
            last_port: last_good
                .filter(|_| target.needs_browser())
                .map(|good| good.port),
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
                shared.take(test, target, options.path, move || walk.look(target, test))
            });
            let witnesses = join_all(looks).await;
            for witness in witnesses {
                changes.extend(ledger.apply(clock.now(), Event::Witnessed { id: own, witness }));
            }
        }
        learn(&ledger, &mut clock, own, options);
    }
    match ledger.row(own) {
        Some(row) => Row {
            id,
            ..Arc::unwrap_or_clone(row)
        },
        None => super::row::pending(id, instance),
    }
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

/// Runs one probe as a task of its own, so that one that panics leaves a row without a
/// result and the others go on.
async fn isolated<Probe: Future<Output = Row> + Send + 'static>(
    id: InstanceId,
    instance: Arc<Instance>,
    probe: impl FnOnce(InstanceId, Arc<Instance>) -> Probe,
) -> Row {
    let task = tokio::spawn(probe(id, Arc::clone(&instance)));
    let task = AbortOnDrop(task);
    match task.ended().await {
        Ok(row) => row,
        Err(error) => {
            tracing::error!("the probe of {} ended: {error}", instance.name);
            let mut row = super::row::pending(id, instance);
            row.marks.stale = true;
            row
        }
    }
}

/// A task that ends when nobody waits for it any more.
struct AbortOnDrop(tokio::task::JoinHandle<Row>);

impl AbortOnDrop {
    async fn ended(mut self) -> Result<Row, tokio::task::JoinError> {
        (&mut self.0).await
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
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
