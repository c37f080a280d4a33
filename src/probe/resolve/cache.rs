//! Answers that still stand: by their time to live where DNS told one, else for a moment.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::evidence::{Elapsed, Resolve, ResolveStatus};
use crate::probe::Effort;

/// How long an answer stands that came without a time to live: less than a cycle.
const MOMENT: Duration = Duration::from_secs(5);
/// No answer stands longer, whatever DNS says: names move in an incident.
const LONGEST: Duration = Duration::from_secs(300);
/// Beyond so many names those that no longer stand are forgotten, and if need be all.
const MOST_NAMES: usize = 16_384;

/// What is known of names, by their lower-case text.
#[derive(Default)]
pub struct Cache {
    known: Mutex<HashMap<String, Known>>,
}

struct Known {
    resolve: Resolve,
    at: Instant,
    until: Instant,
    effort: Effort,
}

impl Cache {
    /// What serves a question put at `since`: an answer that came after it, or (in
    /// routine) one that still stands.
    pub fn get(&self, name: &str, effort: Effort, since: Instant) -> Option<Resolve> {
        let known = self.known();
        let known = known.get(name)?;
        let now = Instant::now();
        if known.at >= since && (effort != Effort::Thorough || known.effort == Effort::Thorough) {
            return Some(known.resolve.clone());
        }
        let stands = effort == Effort::Routine && now < known.until;
        stands.then(|| {
            let left = u32::try_from((known.until - now).as_secs()).unwrap_or(u32::MAX);
            Resolve {
                elapsed: Elapsed::default(),
                ttl: known.resolve.ttl.map(|_| left),
                asked: Vec::new(),
                cached: true,
                ..known.resolve.clone()
            }
        })
    }

    /// Whether the name was explained before.
    pub fn knows(&self, name: &str) -> bool {
        self.known().contains_key(name)
    }

    /// The last answer for the name, whether it still stands or not.
    pub fn previous(&self, name: &str) -> Option<Resolve> {
        self.known().get(name).map(|known| known.resolve.clone())
    }

    /// Keeps an answer. A failure does not stand; it serves those who wait for it now.
    pub fn keep(&self, name: String, resolve: &Resolve, effort: Effort) {
        let at = Instant::now();
        let stands = match (resolve.status, resolve.ttl) {
            (ResolveStatus::Ok, Some(seconds)) => Duration::from_secs(seconds.into()).min(LONGEST),
            (ResolveStatus::Ok, None) => MOMENT,
            _ => Duration::ZERO,
        };
        let mut known = self.known();
        if known.len() >= MOST_NAMES {
            known.retain(|_, known| known.until > at);
        }
        if known.len() >= MOST_NAMES {
            known.clear();
        }
        known.insert(
            name,
            Known {
                resolve: resolve.clone(),
                at,
                until: at + stands,
                effort,
            },
        );
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(ttl: Option<u32>) -> Resolve {
        Resolve {
            status: ResolveStatus::Ok,
            ttl,
            addresses: vec!["10.0.0.1".parse().unwrap()],
            ..Resolve::default()
        }
    }

    #[test]
    fn an_answer_stands_for_its_time_to_live() {
        let cache = Cache::default();
        cache.keep("db1".to_owned(), &found(Some(60)), Effort::Routine);
        cache.keep("db2".to_owned(), &found(Some(0)), Effort::Routine);
        let later = Instant::now();
        let known = cache.get("db1", Effort::Routine, later).unwrap();
        assert!(known.cached && known.ttl.unwrap() <= 60);
        assert_eq!(cache.get("db2", Effort::Routine, later), None);
    }

    #[test]
    fn a_thorough_question_takes_only_what_came_after_it() {
        let cache = Cache::default();
        let before = Instant::now();
        cache.keep("db1".to_owned(), &found(Some(60)), Effort::Thorough);
        assert!(
            cache
                .get("db1", Effort::Thorough, before)
                .is_some_and(|known| !known.cached)
        );
        assert_eq!(cache.get("db1", Effort::Thorough, Instant::now()), None);
    }

    #[test]
    fn a_fresh_question_takes_whatever_came_after_it_and_nothing_from_before() {
        let cache = Cache::default();
        let before = Instant::now();
        cache.keep("db1".to_owned(), &found(Some(60)), Effort::Routine);
        assert!(cache.get("db1", Effort::Fresh, before).is_some());
        assert_eq!(cache.get("db1", Effort::Fresh, Instant::now()), None);
    }

    #[test]
    fn a_failure_does_not_stand_but_the_name_is_known() {
        let cache = Cache::default();
        cache.keep(
            "db1".to_owned(),
            &Resolve {
                status: ResolveStatus::NotFound,
                ..Resolve::default()
            },
            Effort::Routine,
        );
        assert_eq!(cache.get("db1", Effort::Routine, Instant::now()), None);
        assert!(cache.knows("db1"));
    }

    #[test]
    fn the_number_of_names_is_bounded() {
        let cache = Cache::default();
        for index in 0..MOST_NAMES + 10 {
            cache.keep(format!("db{index}"), &found(Some(60)), Effort::Routine);
        }
        assert!(cache.known().len() <= MOST_NAMES);
    }
}
