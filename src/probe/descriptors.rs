//! Descriptors: how many this program may have open, and how its sockets share them.
//!
//! Too few of them say nothing of any server, and resolvers report the lack of one as "no
//! such name". So a socket that would be one too many waits until another one is closed.

use std::sync::LazyLock;

use tokio::sync::{Semaphore, SemaphorePermit};

/// With fewer the program would do nothing but wait.
pub const NEEDED: usize = 32;
/// What it has open besides sockets: streams, the runtimes, signals, the terminal, and the
/// file that is just being read or written.
const OWN: usize = 20;
/// What one call of `getaddrinfo` opens: a socket for each of three servers, and one to sort.
const A_CALL: usize = 4;
/// Names that hang must not keep all others waiting.
const MOST_CALLS: usize = 8;
/// More than this is never used, and macOS allows no more.
const MOST: usize = 10_240;

/// A socket that may be open. Dropping it lets the next one go.
pub type Place = SemaphorePermit<'static>;

/// Waits until one more socket may be opened, in the order of asking. Every socket has a
/// deadline, and so this wait has an end.
pub async fn place() -> Option<Place> {
    static PLACES: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(places()));
    // It is never closed; without a place the socket is opened all the same.
    PLACES.acquire().await.ok()
}

/// Sockets that may be open at the same time.
pub fn places() -> usize {
    sockets(limit())
}

/// Calls of the system's resolver that may hang at the same time.
pub fn calls() -> usize {
    calls_of(limit())
}

/// How many descriptors this program may have open.
pub fn limit() -> usize {
    system::limit().map_or(MOST, |limit| {
        usize::try_from(limit).map_or(MOST, |limit| limit.min(MOST))
    })
}

/// Takes as many as the system grants without being asked for more: most grant 1024, or on
/// macOS 256, to programs that do not say that they can handle more.
pub fn raise() {
    if let Err(error) = system::raise(MOST as u64) {
        tracing::warn!("the limit of open files stays at {}: {error}", limit());
    }
}

fn calls_of(limit: usize) -> usize {
    (limit.saturating_sub(OWN) / (2 * A_CALL)).clamp(2, MOST_CALLS)
}

fn sockets(limit: usize) -> usize {
    limit.saturating_sub(OWN + A_CALL * calls_of(limit)).max(1)
}

#[cfg(unix)]
mod system {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    pub fn limit() -> Option<u64> {
        getrlimit(Resource::RLIMIT_NOFILE)
            .ok()
            .map(|(soft, _)| soft)
    }

    pub fn raise(most: u64) -> nix::Result<()> {
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        let wanted = hard.min(most);
        if soft < wanted {
            setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)?;
        }
        Ok(())
    }
}

/// Windows counts handles by the million.
#[cfg(not(unix))]
mod system {
    pub fn limit() -> Option<u64> {
        None
    }

    pub fn raise(_most: u64) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_sockets_and_the_rest_fit_into_every_limit() {
        for limit in NEEDED..=MOST {
            let used = OWN + A_CALL * calls_of(limit) + sockets(limit);
            assert!(used <= limit, "{used} of {limit}");
            assert!(sockets(limit) >= 4 && calls_of(limit) >= 2, "{limit}");
        }
        assert_eq!((calls_of(1024), sockets(1024)), (8, 972));
    }
}
