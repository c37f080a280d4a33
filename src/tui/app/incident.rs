//! The incident of the selected instance, and its words.

use std::sync::Arc;

use super::App;
use crate::advice::{self, IncidentWords};
use crate::diagnosis::incident::Incident;
use crate::monitor::Row;

impl App {
    /// The incident that a row is part of.
    pub(super) fn incident(&self, row: &Row) -> Option<&Arc<Incident>> {
        self.incidents.get(&row.incident?)
    }

    /// The words for the incident that a row is part of, and how many others are.
    pub fn incident_words(&self, row: &Row) -> Option<(IncidentWords, usize)> {
        let incident = self.incident(row)?;
        let others = incident.members.len().saturating_sub(1);
        Some((advice::incident(incident, &self.about.zone), others))
    }

    /// Takes the incidents of this moment. Returns whether they are others.
    pub fn take_incidents(&mut self, incidents: Arc<crate::monitor::Incidents>) -> bool {
        if let Some(frozen) = &mut self.frozen {
            frozen.hold_incidents(incidents);
            return false;
        }
        // Mostly they are the very same.
        let is_new = !Arc::ptr_eq(&self.incidents, &incidents) && self.incidents != incidents;
        self.incidents = incidents;
        is_new
    }
}
