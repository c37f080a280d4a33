//! Whose host is being asked for everything it has: one audit for a host at a time, few
//! at once.

use std::collections::VecDeque;

use crate::monitor::InstanceId;

/// The audits that wait and those that run.
#[derive(Debug, Default)]
pub(super) struct Audits {
    waiting: VecDeque<Wanted>,
    running: Vec<Wanted>,
}

#[derive(Debug)]
struct Wanted {
    by: InstanceId,
    /// The rows that say that it is under way.
    told: Vec<InstanceId>,
}

impl Audits {
    /// A host has many ports, and each is connected to.
    const AT_ONCE: usize = 2;
    /// A person asks for one after the other; more than this is a key that sticks.
    const WAITING: usize = 32;

    /// Queues an audit, and keeps who is told. `false`, and nothing is queued, where one
    /// of the `same_host` is under way or too many wait.
    pub(super) fn want(
        &mut self,
        by: InstanceId,
        told: Vec<InstanceId>,
        same_host: impl Fn(InstanceId) -> bool,
    ) -> bool {
        let queues = self.waiting.len() < Self::WAITING && !self.is_under_way(same_host);
        if queues {
            self.waiting.push_back(Wanted { by, told });
        }
        queues
    }

    /// The next that may start. It counts as started.
    pub(super) fn start(&mut self) -> Option<InstanceId> {
        if self.running.len() >= Self::AT_ONCE {
            return None;
        }
        let next = self.waiting.pop_front()?;
        let by = next.by;
        self.running.push(next);
        Some(by)
    }

    /// An audit ended, however. Returns who was told of it.
    pub(super) fn end(&mut self, by: InstanceId) -> Vec<InstanceId> {
        let at = self.running.iter().position(|running| running.by == by);
        at.map_or_else(Vec::new, |at| self.running.remove(at).told)
    }

    /// Strikes out those that wait for an instance that is not kept. One that runs ends
    /// by itself.
    pub(super) fn retain(&mut self, keep: impl Fn(InstanceId) -> bool) {
        self.waiting.retain(|waiting| keep(waiting.by));
    }

    /// Whether an audit of the `same_host` waits or runs.
    pub(super) fn is_under_way(&self, same_host: impl Fn(InstanceId) -> bool) -> bool {
        let mut all = self.waiting.iter().chain(&self.running);
        all.any(|wanted| same_host(wanted.by))
    }
}

#[cfg(test)]
mod tests {
    use super::Audits;
    use crate::monitor::InstanceId;

    /// Each instance is a host of its own.
    fn want(audits: &mut Audits, id: u32) -> bool {
        let id = InstanceId(id);
        audits.want(id, vec![id], |other| other == id)
    }

    fn started(audits: &mut Audits) -> Vec<u32> {
        std::iter::from_fn(|| audits.start())
            .map(|id| id.0)
            .collect()
    }

    #[test]
    fn two_run_and_the_others_wait_their_turn() {
        let mut audits = Audits::default();
        assert!((1..=4).all(|id| want(&mut audits, id)));
        assert_eq!(started(&mut audits), [1, 2]);
        assert_eq!(audits.end(InstanceId(2)), [InstanceId(2)]);
        assert_eq!(started(&mut audits), [3]);
        assert_eq!(started(&mut audits), [] as [u32; 0]);
    }

    #[test]
    fn one_of_a_host_is_enough_whether_it_waits_or_runs() {
        let mut audits = Audits::default();
        assert!(want(&mut audits, 1));
        assert!(!want(&mut audits, 1));
        assert_eq!(started(&mut audits), [1]);
        assert!(!want(&mut audits, 1));
        audits.end(InstanceId(1));
        assert!(want(&mut audits, 1));
    }

    #[test]
    fn a_key_that_sticks_fills_no_more_than_the_queue() {
        let mut audits = Audits::default();
        let taken = (0..100).filter(|id| want(&mut audits, *id)).count();
        assert_eq!(taken, Audits::WAITING);
    }

    #[test]
    fn one_that_waits_for_nobody_is_struck_out() {
        let mut audits = Audits::default();
        assert!((1..=3).all(|id| want(&mut audits, id)));
        audits.retain(|id| id != InstanceId(2));
        assert_eq!(started(&mut audits), [1, 3]);
    }
}
