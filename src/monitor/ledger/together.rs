//! Rows that were diagnosed each alone, read together: is it this machine, and who fails
//! together?

use std::sync::Arc;

use jiff::Timestamp;

use super::neighbours::{Place, Tally};
use crate::config::Instance;
use crate::diagnosis::incident::{Failure, Fell, Incident, Member, group};
use crate::diagnosis::{CauseId, Families, Felt, OwnNetwork, Standing, diagnose};
use crate::evidence::Vantage;
use crate::monitor::{InstanceId, Row};

/// So many failing rows are read for incidents; a longer list has them only of its first.
const FALLEN: usize = 50_000;

/// What a failing row brings to an incident.
#[derive(Debug)]
struct Fallen {
    id: InstanceId,
    place: Place,
    instance: Arc<Instance>,
    leading: Box<[CauseId]>,
    failure: Failure,
    fell: Fell,
}

/// What the rows of one check say together.
#[derive(Debug, Default)]
pub struct Together {
    tally: Tally,
    places: Vec<Place>,
    fallen: Vec<Fallen>,
    vantage: Option<Vantage>,
}

impl Together {
    /// Takes a row.
    pub fn saw(&mut self, row: &Row) {
        let Some(place) = place(row) else {
            return;
        };
        let vantage = &row.surroundings.vantage;
        let reached = row.past.last_good.as_ref().map(|good| &good.address);
        let had = &mut self.tally.polled.had;
        *had = had.or(Families::of(reached)).or(Families::out_of(vantage));
        if self.vantage.as_ref() != Some(vantage) {
            self.vantage = Some(vantage.clone());
        }
        self.tally.join(row.id, &place);
        if let Some(evidence) = &row.evidence {
            let own = &evidence.layers.resolve.addresses;
            for witness in row.witnesses.iter() {
                self.tally.witnessed(&place.host, own, witness);
            }
        }
        if self.fallen.len() < FALLEN {
            self.fallen.extend(Fallen::of(row, &place));
        }
        self.places.push(place);
    }

    /// Who fails together, by all rows so far; their numbers are those of the rows. What
    /// this machine itself hides is in none.
    pub fn incidents(&self) -> Vec<Incident> {
        let shown = |one: &&Fallen| self.hides(&one.place) == OwnNetwork::Fine;
        let fallen = self.fallen.iter().filter(shown);
        let members: Vec<Member<'_>> = fallen.filter_map(Fallen::member).collect();
        group(&members, &self.tally.whole())
    }

    /// How this machine stands, by all rows so far.
    pub fn standing(&self, at: Timestamp) -> Standing {
        let mut felt = Felt::default();
        for place in &self.places {
            felt.add(self.hides(place));
        }
        let grounds = self.tally.grounds(self.vantage.as_ref());
        Standing::decide(&grounds, felt, &Standing::default(), at)
    }

    /// Marks a row that says nothing about its server, since this machine is what fails,
    /// and lets its diagnosis say so.
    pub fn mark(&self, row: &mut Row) {
        let own = place(row).map_or(OwnNetwork::Fine, |place| self.hides(&place));
        if own == OwnNetwork::Fine {
            return;
        }
        row.marks.stale = true;
        Arc::make_mut(&mut row.surroundings).own_network = own;
        row.diagnosis = row.case().map(|case| Arc::new(diagnose(&case)));
    }

    fn hides(&self, place: &Place) -> OwnNetwork {
        if place.is_answering() {
            OwnNetwork::Fine
        } else {
            self.tally.own_network(place, self.vantage.as_ref())
        }
    }
}

impl Fallen {
    fn of(row: &Row, place: &Place) -> Option<Self> {
        Some(Self {
            id: row.id,
            place: place.clone(),
            instance: Arc::clone(&row.instance),
            leading: row.diagnosis.as_ref()?.leading_ids(),
            failure: Failure::of(&row.case()?)?,
            fell: row.since.fell()?,
        })
    }

    fn member(&self) -> Option<Member<'_>> {
        let host = &self.instance.target.as_deref().ok()?.host;
        let (id, failure) = (self.id.0, self.failure);
        Some(Member::new(id, host, failure, &self.leading, self.fell))
    }
}

fn place(row: &Row) -> Option<Place> {
    let vantage = Some(&row.surroundings.vantage);
    let evidence = row.evidence.as_deref()?;
    Some(Place::new(row.instance.target.as_deref().ok(), &[]).seen(evidence, vantage))
}
