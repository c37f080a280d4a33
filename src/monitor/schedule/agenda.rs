//! Who is due, who waits, who is in flight: at most one probe of an instance at a time,
//! and at most one more that is asked for meanwhile.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use foldhash::HashMap;
use tokio::time::{Instant, sleep_until};

use crate::monitor::InstanceId;

/// Why an instance is probed. Ordered by how much it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// Its interval is over.
    Routine,
    /// A fix is put to the proof.
    Verify,
    /// A miss is confirmed.
    Confirm,
    /// Somebody asked.
    Hand,
}

/// The appointments of all instances.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// When each is due that is planned; one timer waits for the first of them.
    due: BTreeSet<(Instant, InstanceId)>,
    entries: HashMap<InstanceId, Appointment>,
    /// Due and not started for want of room, in the order they became due. All but routine
    /// goes first.
    urgent: VecDeque<InstanceId>,
    routine: VecDeque<InstanceId>,
}

#[derive(Debug)]
struct Appointment {
    /// Its time in the list of those that are planned.
    due: Option<Instant>,
    /// Why it is probed when its time comes.
    planned: Why,
    phase: Phase,
    started: Option<Instant>,
    /// When its next probe should begin, if there is room.
    expected: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    /// In one of the queues.
    Waiting(Why),
    /// In flight, and whether one more follows at once.
    Flying(Option<Why>),
}

impl Agenda {
    /// Makes room for so many instances more.
    pub(super) fn expect(&mut self, instances: usize) {
        self.entries.reserve(instances);
    }

    /// Whether no instance was entered, or all were struck out.
    pub(super) fn has_nobody(&self) -> bool {
        self.entries.is_empty()
    }

    /// Enters an instance, due after `delay`. One that is there already keeps its time.
    pub(super) fn enter(&mut self, id: InstanceId, delay: Duration) {
        if self.entries.contains_key(&id) {
            return;
        }
        let time = Instant::now() + delay;
        self.due.insert((time, id));
        let appointment = Appointment {
            due: Some(time),
            planned: Why::Routine,
            phase: Phase::Idle,
            started: None,
            expected: time,
        };
        self.entries.insert(id, appointment);
    }

    /// Strikes out all instances that are not kept. A probe in flight ends by itself.
    pub(super) fn retain(&mut self, keep: impl Fn(InstanceId) -> bool) {
        let Self {
            due,
            entries,
            urgent,
            routine,
        } = self;
        entries.retain(|id, appointment| {
            let stays = keep(*id);
            if let Some(time) = appointment.due.take_if(|_| !stays) {
                due.remove(&(time, *id));
            }
            stays
        });
        urgent.retain(|id| entries.contains_key(id));
        routine.retain(|id| entries.contains_key(id));
    }

    /// Waits for the next instance that is due, and why. `None` while nothing is planned.
    /// Cancel safe.
    pub(super) async fn next_due(&mut self) -> Option<(InstanceId, Why)> {
        let (time, _) = *self.due.first()?;
        if time > Instant::now() {
            sleep_until(time).await;
        }
        let (_, id) = self.due.pop_first()?;
        let appointment = self.entries.get_mut(&id)?;
        appointment.due = None;
        Some((
            id,
            std::mem::replace(&mut appointment.planned, Why::Routine),
        ))
    }

    /// Whether anything is planned at all.
    pub(super) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// Puts an instance in its queue; folded into what is waiting or in flight.
    pub(super) fn want(&mut self, id: InstanceId, why: Why) {
        let Some(appointment) = self.entries.get_mut(&id) else {
            return;
        };
        match &mut appointment.phase {
            // A routine probe that falls into another one has been made.
            Phase::Flying(again) => {
                if why > Why::Routine {
                    *again = (*again).max(Some(why));
                }
            }
            Phase::Waiting(waiting) if *waiting >= why => {}
            Phase::Waiting(waiting) => {
                if *waiting == Why::Routine {
                    self.routine.retain(|other| *other != id);
                    self.urgent.push_back(id);
                }
                *waiting = why;
            }
            Phase::Idle => {
                appointment.phase = Phase::Waiting(why);
                let queue = if why == Why::Routine {
                    &mut self.routine
                } else {
                    &mut self.urgent
                };
                queue.push_back(id);
            }
        }
    }

    /// The next that may start, and why. It counts as started.
    pub(super) fn start(&mut self) -> Option<(InstanceId, Why)> {
        let id = self
            .urgent
            .pop_front()
            .or_else(|| self.routine.pop_front())?;
        let appointment = self.entries.get_mut(&id)?;
        let Phase::Waiting(why) = appointment.phase else {
            return None;
        };
        appointment.phase = Phase::Flying(None);
        appointment.started = Some(Instant::now());
        // The appointment that this probe makes needless.
        if let Some(time) = appointment.due.take() {
            self.due.remove(&(time, id));
        }
        Some((id, why))
    }

    /// A probe ended. Returns whether another one follows at once, because it was asked
    /// for meanwhile.
    pub(super) fn end(&mut self, id: InstanceId) -> bool {
        let Some(appointment) = self.entries.get_mut(&id) else {
            return false;
        };
        let Phase::Flying(again) = std::mem::replace(&mut appointment.phase, Phase::Idle) else {
            return false;
        };
        if let Some(why) = again {
            self.want(id, why);
        }
        again.is_some()
    }

    /// Plans the next probe, at `time`.
    pub(super) fn plan(&mut self, id: InstanceId, why: Why, time: Instant) {
        let Some(appointment) = self.entries.get_mut(&id) else {
            return;
        };
        appointment.planned = why;
        appointment.expected = time;
        if let Some(before) = appointment.due.replace(time) {
            self.due.remove(&(before, id));
        }
        self.due.insert((time, id));
    }

    /// Brings a routine probe forward. Returns whether one is planned that is later.
    pub(super) fn hasten(&mut self, id: InstanceId, time: Instant) -> bool {
        let is_later = self.entries.get(&id).is_some_and(|appointment| {
            appointment.phase == Phase::Idle
                && appointment.due.is_some()
                && appointment.planned == Why::Routine
                && appointment.expected > time
        });
        if is_later {
            self.plan(id, Why::Routine, time);
        }
        is_later
    }

    /// Takes everything that waits and was not asked for by hand out of its queue.
    pub(super) fn hold(&mut self) {
        let Self {
            entries,
            urgent,
            routine,
            ..
        } = self;
        let mut held: Vec<_> = routine.drain(..).collect();
        urgent.retain(|id| {
            let by_hand = entries
                .get(id)
                .is_some_and(|entry| entry.phase == Phase::Waiting(Why::Hand));
            if !by_hand {
                held.push(*id);
            }
            by_hand
        });
        for id in &held {
            if let Some(appointment) = entries.get_mut(id) {
                appointment.phase = Phase::Idle;
            }
        }
    }

    /// Strikes out what is planned as a routine: nobody wakes for it until it is planned anew.
    pub(super) fn rest(&mut self) {
        let Self { due, entries, .. } = self;
        for (id, appointment) in entries {
            if appointment.planned == Why::Routine
                && let Some(time) = appointment.due.take()
            {
                due.remove(&(time, *id));
            }
        }
    }

    /// Whether the instance is entered.
    pub(super) fn knows(&self, id: InstanceId) -> bool {
        self.entries.contains_key(&id)
    }

    /// Whether nobody waits for the instance and it is not in flight.
    pub(super) fn is_idle(&self, id: InstanceId) -> bool {
        self.entries
            .get(&id)
            .is_some_and(|appointment| appointment.phase == Phase::Idle)
    }

    /// Whether nothing but its next routine probe is ahead of it.
    pub(super) fn is_routine(&self, id: InstanceId) -> bool {
        self.is_idle(id)
            && self
                .entries
                .get(&id)
                .is_some_and(|appointment| appointment.planned == Why::Routine)
    }

    /// Whether it is being probed, or will be as soon as there is room because somebody asked.
    pub(super) fn is_under_way(&self, id: InstanceId) -> bool {
        self.entries.get(&id).is_some_and(|appointment| {
            matches!(
                appointment.phase,
                Phase::Flying(_) | Phase::Waiting(Why::Verify | Why::Confirm | Why::Hand)
            )
        })
    }

    /// When the newest probe of an instance started.
    pub(super) fn started(&self, id: InstanceId) -> Option<Instant> {
        self.entries.get(&id)?.started
    }

    /// The instances whose probe should have ended, and has not, for longer than the
    /// `patience` with each.
    pub(super) fn overdue(&self, patience: impl Fn(InstanceId) -> Duration) -> Vec<InstanceId> {
        let now = Instant::now();
        self.entries
            .iter()
            .map(|(id, late)| (id, now.duration_since(late.expected)))
            .filter(|(_, late)| !late.is_zero())
            .filter(|(id, late)| *late > patience(**id))
            .map(|(id, _)| *id)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Agenda, Why};
    use crate::monitor::InstanceId;

    const A: InstanceId = InstanceId(1);
    const B: InstanceId = InstanceId(2);
    const C: InstanceId = InstanceId(3);

    fn agenda() -> Agenda {
        let mut agenda = Agenda::default();
        for id in [A, B, C] {
            agenda.enter(id, Duration::from_secs(15));
        }
        agenda
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_asked_goes_first_and_keeps_its_order() {
        let mut agenda = agenda();
        agenda.want(A, Why::Routine);
        agenda.want(C, Why::Hand);
        agenda.want(B, Why::Hand);
        let started: Vec<_> = std::iter::from_fn(|| agenda.start()).collect();
        assert_eq!(started, [(C, Why::Hand), (B, Why::Hand), (A, Why::Routine)]);
    }

    #[tokio::test(start_paused = true)]
    async fn never_two_in_flight_and_one_more_at_most() {
        let mut agenda = agenda();
        agenda.want(A, Why::Routine);
        assert_eq!(agenda.start(), Some((A, Why::Routine)));
        for _ in 0..3 {
            agenda.want(A, Why::Hand);
        }
        assert_eq!(agenda.start(), None);
        assert!(agenda.end(A));
        assert_eq!(agenda.start(), Some((A, Why::Hand)));
        assert!(!agenda.end(A));
        assert_eq!(agenda.start(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_routine_probe_within_another_one_has_been_made() {
        let mut agenda = agenda();
        agenda.want(A, Why::Hand);
        agenda.start();
        agenda.want(A, Why::Routine);
        assert!(!agenda.end(A));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_routine_becomes_urgent_when_asked() {
        let mut agenda = agenda();
        agenda.want(A, Why::Routine);
        agenda.want(B, Why::Routine);
        agenda.want(B, Why::Hand);
        assert_eq!(agenda.start(), Some((B, Why::Hand)));
        assert_eq!(agenda.start(), Some((A, Why::Routine)));
        assert_eq!(agenda.start(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_early_probe_takes_the_place_of_the_planned_one() {
        let mut agenda = Agenda::default();
        agenda.enter(A, Duration::from_secs(15));
        agenda.want(A, Why::Hand);
        agenda.start();
        assert!(agenda.is_empty());
        agenda.end(A);
        agenda.plan(A, Why::Confirm, Instant::now() + Duration::from_secs(1));
        assert_eq!(agenda.next_due().await, Some((A, Why::Confirm)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_rests_is_due_for_no_routine_until_it_is_planned_again() {
        let mut agenda = agenda();
        let soon = Instant::now() + Duration::from_secs(1);
        agenda.plan(B, Why::Verify, soon);
        agenda.rest();
        assert_eq!(agenda.next_due().await, Some((B, Why::Verify)));
        assert!(agenda.is_empty());
        agenda.plan(A, Why::Routine, soon);
        assert_eq!(agenda.next_due().await, Some((A, Why::Routine)));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_struck_out_is_never_due() {
        let mut agenda = agenda();
        agenda.want(A, Why::Routine);
        agenda.retain(|id| id == B);
        assert_eq!(agenda.start(), None);
        assert_eq!(agenda.next_due().await, Some((B, Why::Routine)));
        assert!(agenda.is_empty());
    }
}
