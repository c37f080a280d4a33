//! How many programs run in terminals at once.
//!
//! Many of them have a simulated network of their own: there is room for sixteen, and for
//! four on a small machine. Each test is a thread, whatever the number of threads.

use std::cell::OnceCell;
use std::sync::{Condvar, Mutex, PoisonError};

const PLACES: usize = 4;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

thread_local! {
    /// A test that starts a second program needs no second place, or it could wait for ever.
    static MINE: OnceCell<Place> = const { OnceCell::new() };
}

/// Waits for a place, which this test keeps to its end.
pub fn take() {
    MINE.with(|mine| {
        mine.get_or_init(Place::new);
    });
}

struct Place;

impl Place {
    fn new() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = FREED
            .wait_while(taken, |taken| *taken == PLACES)
            .unwrap_or_else(PoisonError::into_inner);
        *taken += 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}
