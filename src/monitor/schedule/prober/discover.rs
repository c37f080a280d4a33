//! A host that is asked for everything it has: on demand, paused or not.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::{Doing, Done, Prober, SLACK};
use crate::evidence::Audit;
use crate::monitor::schedule::limits::deadlines;
use crate::monitor::schedule::walk::Walk;
use crate::monitor::{Event, InstanceId};
use crate::probe::AuditRequest;
use crate::target::{InstanceName, Port, Target};

/// Ports of a host that may follow one upon the other where all of them hang: 64 at each
/// of four addresses, eight at a time.
const TURNS: u32 = 32;

impl<W: Walk> Prober<W> {
    /// Asks the host of an instance, unless it is being asked, or cannot be.
    pub(super) fn discover(&mut self, id: InstanceId) {
        let ledger = &self.ledger;
        if self.target(id).is_none() {
            return;
        }
        let host = ledger.host(id);
        let rows = ledger.of_one_host(id);
        let is_same = |other| ledger.host(other) == host;
        if self.audits.want(id, rows.clone(), is_same) {
            for row in rows {
                self.publish(row);
            }
        }
    }

    pub(super) fn start_audits(&mut self) {
        while let Some(id) = self.audits.start() {
            match self.target(id) {
                Some(target) => self.start_audit(id, &target),
                None => self.audit_ended(id),
            }
        }
    }

    pub(super) fn audited(&mut self, id: InstanceId, audit: Box<Audit>) {
        // Ended first, or the row with the answer would say that it is still asked for.
        let told = self.audits.end(id);
        self.fold(Event::Audited { id, audit });
        for told in told {
            self.publish(told);
        }
    }

    /// Where it brought nothing back the rows keep what they had.
    pub(super) fn audit_ended(&mut self, id: InstanceId) {
        for told in self.audits.end(id) {
            self.publish(told);
        }
    }

    /// Whether the host of an instance is being asked, or waits for its turn.
    pub(super) fn is_auditing(&self, id: InstanceId) -> bool {
        let host = self.ledger.host(id);
        host.is_some()
            && self
                .audits
                .is_under_way(|other| self.ledger.host(other) == host)
    }

    fn start_audit(&mut self, id: InstanceId, target: &Target) {
        let request = AuditRequest {
            host: target.host.clone(),
            known: self.known_ports(id),
            deadlines: self.timeout(id).map(deadlines),
        };
        let (walk, limit) = (Arc::clone(&self.walk), self.audit_limit(id));
        let task = self.tasks.spawn(async move {
            match timeout(limit, walk.audit(&request)).await {
                Ok(audit) => Done::Audited(id, Box::new(audit)),
                Err(_) => Done::Overran(Doing::Audit(id)),
            }
        });
        self.doing.insert(task.id(), Doing::Audit(id));
    }

    /// No audit takes longer than all its turns, and the wait for the rate.
    fn audit_limit(&self, id: InstanceId) -> Duration {
        let timeout = self.timeout(id).unwrap_or(&self.probe.timeout);
        let turn = timeout.connect + timeout.prelogin;
        timeout.resolve + timeout.browser + turn * TURNS + SLACK
    }

    /// The ports of the host that are configured, or that answered before.
    fn known_ports(&self, id: InstanceId) -> Vec<(Option<InstanceName>, Port)> {
        let mut known = Vec::new();
        for member in self.ledger.of_one_host(id) {
            let Some(target) = self.target(member) else {
                continue;
            };
            let past = self.ledger.past(member);
            let last_good = past.and_then(|past| past.last_good.as_ref());
            let ports = [target.port, last_good.map(|good| good.port)];
            for port in ports.into_iter().flatten() {
                let door = (target.instance.clone(), port);
                if !known.contains(&door) {
                    known.push(door);
                }
            }
        }
        known
    }
}
