//! The one step that ranks causes.
//!
//! Rules put weights on causes, each with the statement that justifies it. A cause's score
//! is the sum. Nothing else decides an order or a confidence, so a verdict can be argued
//! with by looking at the weights alone.

use smallvec::SmallVec;

use super::{Cause, CauseId, Confidence, Said};

/// The evidence fits nothing else.
pub(super) const CERTAIN: i16 = 100;
/// A fact that speaks for this cause and against most others.
pub(super) const STRONG: i16 = 60;
/// The everyday reason for such evidence.
pub(super) const LIKELY: i16 = 50;
/// As likely as two or three others.
pub(super) const EVEN: i16 = 45;
/// Fits, and is not the everyday reason.
pub(super) const FAIR: i16 = 30;
/// Fits.
pub(super) const WEAK: i16 = 20;
/// Cannot be excluded.
pub(super) const FAINT: i16 = 10;
/// A statement that explains a weight and adds none.
pub(super) const NO_MORE: i16 = 0;

/// Scores this close are equal: no rule is exact to five points.
const EQUAL: i16 = 5;
/// From here on a leader may be called sure, if it leads by [`CLEAR`].
const SURE: i16 = 60;
/// A lead that nobody argues with.
const CLEAR: i16 = 20;
/// From here on a cause is more than possible.
const PROBABLE: i16 = 40;
/// More causes than this help nobody at 3 a.m.
const MOST: usize = 6;

/// What the rules put on the causes.
#[derive(Default)]
pub(super) struct Scales {
    weights: Vec<Weight>,
    /// Causes whose fix was tried in vain, and what says so.
    set_back: Vec<(CauseId, Said)>,
}

struct Weight {
    cause: CauseId,
    points: i16,
    said: Said,
}

impl Scales {
    /// Speaks for a cause. With [`NO_MORE`] it only says why.
    pub(super) fn raise(&mut self, cause: CauseId, points: i16, said: Said) {
        self.put(cause, points, said);
    }

    /// Speaks against a cause, in case that another rule raises it.
    pub(super) fn lower(&mut self, cause: CauseId, points: i16, said: Said) {
        self.put(cause, -points, said);
    }

    /// Puts a cause behind all others that the evidence speaks for, because its fix was
    /// tried in vain. That excludes nothing (a fix may have been carried out badly), so its
    /// score stays, and one that has nobody behind it still leads.
    pub(super) fn set_back(&mut self, cause: CauseId, said: Said) {
        self.set_back.push((cause, said));
    }

    fn put(&mut self, cause: CauseId, points: i16, said: Said) {
        if self.weights.capacity() == 0 {
            // As many as a failing case comes to; an answering one allocates nothing.
            self.weights.reserve(24);
        }
        self.weights.push(Weight {
            cause,
            points,
            said,
        });
    }

    /// Whether no rule spoke for any cause.
    pub(super) fn is_empty(&self) -> bool {
        self.weights.iter().all(|weight| weight.points < 0)
    }

    /// Whether no rule said anything.
    #[cfg(test)]
    pub(super) fn is_untouched(&self) -> bool {
        self.weights.is_empty()
    }

    /// The causes, most likely first, and how many of the first are equally likely.
    /// Equal scores keep the order of [`CauseId::ALL`], so that a row never flickers.
    pub(super) fn rank(&self) -> (Vec<Cause>, usize) {
        let mut scores = [None::<i16>; CauseId::ALL.len()];
        for weight in self.weights.iter().filter(|weight| weight.points >= 0) {
            *scores[weight.cause as usize].get_or_insert(0) += weight.points;
        }
        for weight in self.weights.iter().filter(|weight| weight.points < 0) {
            if let Some(score) = &mut scores[weight.cause as usize] {
                *score += weight.points;
            }
        }
        let mut ranked: SmallVec<[(CauseId, i16); 16]> = SmallVec::new();
        ranked.extend(
            CauseId::ALL
                .iter()
                .filter_map(|cause| Some((*cause, scores[*cause as usize]?))),
        );
        ranked.sort_by_key(|(cause, score)| (self.class(*cause, *score), -score));
        // The leader stays whatever speaks against it: something did happen.
        let worth = ranked
            .iter()
            .skip(1)
            .take_while(|(_, score)| *score > 0)
            .count();
        ranked.truncate((worth + 1).min(MOST));
        let class = |(cause, score): &(CauseId, i16)| self.class(*cause, *score);
        let tied = ranked
            .iter()
            .take_while(|other| ranked[0].1 - other.1 <= EQUAL && class(other) == class(&ranked[0]))
            .count();
        // Also over those that were set back: what was tried in vain is not excluded.
        let best_other = ranked.iter().skip(1).map(|(_, score)| *score).max();
        let lead = best_other.map_or(i16::MAX, |score| ranked[0].1 - score);
        let causes = ranked
            .iter()
            .enumerate()
            .map(|(place, (id, score))| Cause {
                id: *id,
                confidence: match confidence(place, *score, lead) {
                    _ if self.is_set_back(*id) && place > 0 => Confidence::Low,
                    Confidence::High if self.is_set_back(*id) => Confidence::Medium,
                    confidence => confidence,
                },
                because: self.statements(*id, |points| points >= 0),
                against: self.objections(*id),
            })
            .collect();
        (causes, tied)
    }

    fn is_set_back(&self, cause: CauseId) -> bool {
        self.set_back.iter().any(|(other, _)| *other == cause)
    }

    /// First what the evidence speaks for, then what of it was tried in vain, then what
    /// it speaks against.
    fn class(&self, cause: CauseId, score: i16) -> u8 {
        match score {
            ..=0 => 2,
            _ => u8::from(self.is_set_back(cause)),
        }
    }

    fn objections(&self, cause: CauseId) -> Vec<Said> {
        let mut said = self.statements(cause, |points| points < 0);
        let tried = self.set_back.iter().filter(|(other, _)| *other == cause);
        said.extend(tried.map(|(_, said)| *said));
        said
    }

    fn statements(&self, cause: CauseId, wanted: fn(i16) -> bool) -> Vec<Said> {
        let weights = self.weights.iter();
        let weights = weights.filter(|weight| weight.cause == cause && wanted(weight.points));
        let mut said = Vec::with_capacity(weights.clone().count());
        for weight in weights {
            if !said.contains(&weight.said) {
                said.push(weight.said);
            }
        }
        said
    }
}

fn confidence(place: usize, score: i16, lead: i16) -> Confidence {
    if place == 0 && score >= SURE && lead >= CLEAR {
        Confidence::High
    } else if score >= PROBABLE {
        Confidence::Medium
    } else {
        Confidence::Low
    }
}

#[cfg(test)]
mod tests {
    use super::{CERTAIN, EVEN, FAIR, LIKELY, NO_MORE, STRONG, Scales, WEAK};
    use crate::diagnosis::{CauseId, Confidence, Said};

    const WHY: Said = Said::ResetIsNoDrop {};

    fn rank(weights: &[(CauseId, i16)]) -> (Vec<(CauseId, Confidence)>, usize) {
        let mut scales = Scales::default();
        for (cause, points) in weights {
            match points {
                0.. => scales.raise(*cause, *points, WHY),
                _ => scales.lower(*cause, -points, WHY),
            }
        }
        let (causes, tied) = scales.rank();
        (
            causes
                .iter()
                .map(|cause| (cause.id, cause.confidence))
                .collect(),
            tied,
        )
    }

    #[test]
    fn nothing_raised_is_no_cause() {
        assert_eq!(rank(&[]), (vec![], 0));
        assert_eq!(rank(&[(CauseId::HostDown, -CERTAIN)]), (vec![], 0));
    }

    #[test]
    fn a_clear_lead_is_high_and_the_rest_is_not() {
        let (causes, tied) = rank(&[
            (CauseId::WrongPort, FAIR),
            (CauseId::ServiceNotRunning, STRONG),
        ]);
        assert_eq!(tied, 1);
        assert_eq!(causes[0], (CauseId::ServiceNotRunning, Confidence::High));
        assert_eq!(causes[1], (CauseId::WrongPort, Confidence::Low));
    }

    #[test]
    fn a_narrow_lead_is_medium() {
        let (causes, tied) = rank(&[
            (CauseId::WrongPort, LIKELY),
            (CauseId::ServiceNotRunning, STRONG),
        ]);
        assert_eq!(tied, 1);
        assert!(
            causes
                .iter()
                .all(|(_, confidence)| *confidence == Confidence::Medium)
        );
    }

    #[test]
    fn equal_scores_are_tied_in_a_fixed_order() {
        let forward = rank(&[
            (CauseId::FirewallDrops, EVEN),
            (CauseId::ServiceNotRunning, EVEN),
            (CauseId::HostDown, WEAK),
        ]);
        let backward = rank(&[
            (CauseId::HostDown, WEAK),
            (CauseId::ServiceNotRunning, EVEN),
            (CauseId::FirewallDrops, EVEN),
        ]);
        assert_eq!(forward, backward);
        assert_eq!(forward.1, 2);
        assert_eq!(forward.0[0].0, CauseId::ServiceNotRunning);
    }

    #[test]
    fn what_is_outweighed_is_left_out_but_never_the_leader() {
        let (causes, _) = rank(&[
            (CauseId::HostDown, WEAK),
            (CauseId::HostDown, -FAIR),
            (CauseId::StaleArp, WEAK),
        ]);
        assert_eq!(causes.len(), 1);
        let (causes, tied) = rank(&[(CauseId::HostDown, WEAK), (CauseId::HostDown, -FAIR)]);
        assert_eq!((causes[0], tied), ((CauseId::HostDown, Confidence::Low), 1));
    }

    fn set_back(weights: &[(CauseId, i16)], in_vain: &[CauseId]) -> Vec<(CauseId, Confidence)> {
        let mut scales = Scales::default();
        for (cause, points) in weights {
            scales.raise(*cause, *points, WHY);
        }
        for cause in in_vain {
            scales.set_back(*cause, WHY);
        }
        let (causes, tied) = scales.rank();
        assert_eq!(tied, 1, "{causes:?}");
        for cause in &causes {
            assert_eq!(
                cause.against.len(),
                usize::from(in_vain.contains(&cause.id))
            );
        }
        causes
            .iter()
            .map(|cause| (cause.id, cause.confidence))
            .collect()
    }

    #[test]
    fn what_was_tried_in_vain_makes_room_for_the_next_and_stays() {
        use CauseId::{HostDown, ServiceNotRunning, WrongPort};
        use Confidence::{Low, Medium};
        let weights = [
            (ServiceNotRunning, CERTAIN),
            (WrongPort, STRONG),
            (HostDown, WEAK),
        ];
        assert_eq!(
            set_back(&weights, &[ServiceNotRunning]),
            [
                (WrongPort, Medium),
                (HostDown, Low),
                (ServiceNotRunning, Low)
            ],
            "not sure of the next: the first is not excluded"
        );
        assert_eq!(
            set_back(&weights, &[ServiceNotRunning, WrongPort]),
            [(HostDown, Low), (ServiceNotRunning, Low), (WrongPort, Low)]
        );
    }

    #[test]
    fn what_was_tried_in_vain_still_leads_where_nothing_else_fits() {
        let alone = [(CauseId::ServiceNotRunning, CERTAIN)];
        assert_eq!(
            set_back(&alone, &[CauseId::ServiceNotRunning]),
            [(CauseId::ServiceNotRunning, Confidence::Medium)]
        );
    }

    #[test]
    fn nothing_becomes_a_cause_by_being_tried() {
        assert_eq!(
            set_back(&[(CauseId::WrongPort, EVEN)], &[CauseId::HostDown]),
            [(CauseId::WrongPort, Confidence::Medium)]
        );
    }

    #[test]
    fn a_statement_is_made_once_for_a_cause() {
        let mut scales = Scales::default();
        scales.raise(CauseId::HostDown, WEAK, WHY);
        scales.raise(CauseId::HostDown, NO_MORE, WHY);
        let (causes, _) = scales.rank();
        assert_eq!((causes[0].because.len(), causes[0].against.len()), (1, 0));
    }
}
