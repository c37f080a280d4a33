//! A frozen view: what comes is held back, the newest of each, until it is let go.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::App;
use crate::diagnosis::Standing;
use crate::monitor::replay::Control;
use crate::monitor::{Incidents, InstanceId, News, Row};
use crate::tui::action::{Action, Effect};
use crate::tui::keymap::Mode;

/// What is held back while the view is frozen. It grows no larger than the fleet.
#[derive(Clone, Debug)]
pub struct Frozen {
    at: Timestamp,
    rows: HashMap<InstanceId, Arc<Row>>,
    order: Option<Arc<[InstanceId]>>,
    incidents: Option<Arc<Incidents>>,
    standing: Option<Standing>,
}

impl Frozen {
    fn new(at: Timestamp) -> Self {
        Self {
            at,
            rows: HashMap::new(),
            order: None,
            incidents: None,
            standing: None,
        }
    }

    /// When the view was frozen.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn hold(&mut self, news: News) {
        if let Some(order) = news.order {
            self.rows.retain(|id, _| order.contains(id));
            self.order = Some(order);
        }
        self.rows
            .extend(news.rows.into_iter().map(|row| (row.id, row)));
    }

    pub(super) fn hold_incidents(&mut self, incidents: Arc<Incidents>) {
        self.incidents = Some(incidents);
    }
}

impl App {
    /// What is held back; `None` while the view goes along.
    pub fn frozen(&self) -> Option<&Frozen> {
        self.frozen.as_ref()
    }

    /// How old the frozen view is, and how many instances are in another state since.
    pub fn frozen_for(&self) -> Option<(SignedDuration, usize)> {
        let frozen = self.frozen.as_ref()?;
        let is_other = |row: &&Arc<Row>| {
            let shown = self.fleet.row(row.id);
            shown.is_none_or(|shown| (shown.state, &shown.marks) != (row.state, &row.marks))
        };
        let waiting = frozen.rows.values().filter(is_other).count();
        Some((self.read_at.duration_since(frozen.at), waiting))
    }

    /// Takes how this machine's own network stands. Returns whether that shows.
    pub fn stand(&mut self, standing: Standing) -> bool {
        let is_new = *self.newest_standing() != standing;
        match &mut self.frozen {
            Some(frozen) => frozen.standing = Some(standing),
            None => self.standing = standing,
        }
        is_new
    }

    /// How this machine's own network stands now, also while the view is frozen: what is
    /// wrong here must not be hidden.
    pub fn newest_standing(&self) -> &Standing {
        let held = self.frozen.as_ref();
        held.and_then(|frozen| frozen.standing.as_ref())
            .unwrap_or(&self.standing)
    }

    pub(super) fn freeze_or_thaw(&mut self) -> Option<Effect> {
        if self.replay.is_some() {
            let toggle = Action::Play(Control::Toggle);
            let hint = self.hint(Mode::Replay, toggle, "stops the recording where it is");
            self.say(hint.unwrap_or_else(|| "a recording is not frozen".to_owned()));
        } else if self.frozen.is_some() {
            self.thaw();
        } else {
            self.frozen = Some(Frozen::new(self.now));
        }
        None
    }

    /// Shows what was held back.
    pub fn thaw(&mut self) {
        let Some(frozen) = self.frozen.take() else {
            return;
        };
        self.now = self.read_at;
        self.fleet.pass(self.now);
        if let Some(standing) = frozen.standing {
            self.stand(standing);
        }
        if let Some(incidents) = frozen.incidents {
            self.take_incidents(incidents);
        }
        self.take_in(News {
            rows: frozen.rows.into_values().collect(),
            order: frozen.order,
        });
    }

    /// The newest of an instance, shown or held back.
    pub(super) fn newest(&self, id: InstanceId) -> Option<&Arc<Row>> {
        let held = self.frozen.as_ref().and_then(|frozen| frozen.rows.get(&id));
        held.or_else(|| self.fleet.row(id))
    }

    /// The newest incidents, shown or held back.
    pub(super) fn newest_incidents(&self) -> &Arc<Incidents> {
        let held = self.frozen.as_ref();
        held.and_then(|frozen| frozen.incidents.as_ref())
            .unwrap_or(&self.incidents)
    }
}
