//! Rows that were diagnosed each alone, read together: is it this machine?

use std::sync::Arc;

use jiff::Timestamp;

use super::neighbours::{Place, Tally};
use crate::diagnosis::{Families, Felt, OwnNetwork, Standing, diagnose};
use crate::evidence::Vantage;
use crate::monitor::Row;

/// What the rows of one check say together about this machine.
#[derive(Debug, Default)]
pub struct Together {
    tally: Tally,
    places: Vec<Place>,
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
        self.vantage = Some(vantage.clone());
        self.tally.join(row.id, &place);
        self.places.push(place);
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

fn place(row: &Row) -> Option<Place> {
    let vantage = Some(&row.surroundings.vantage);
    let evidence = row.evidence.as_deref()?;
    Some(Place::new(row.instance.target.as_deref().ok(), &[]).seen(evidence, vantage))
}
