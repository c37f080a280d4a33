//! The system's resolver. It alone knows nsswitch, NRPT, scoped resolvers and mDNS,
//! so it decides which addresses are probed.
//!
//! `getaddrinfo` cannot be cancelled. It runs on a few threads that nobody joins:
//! a name that hangs keeps one of them until the system gives up, and the process
//! may end meanwhile. Equal questions share one call.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::probe::descriptors;

/// Names that wait for a thread. Where more are asked, the rest fails at once and says so.
const QUEUE: usize = 1024;

/// What the system answered: addresses in its order, or its error as it names it.
pub type Answer = Result<Vec<IpAddr>, String>;

/// A question as the system takes it; the tests ask something that hangs.
type Ask = fn(&str) -> Answer;

/// The threads that ask, and who waits for them.
pub struct System {
    ask: Ask,
    most: usize,
    shared: Arc<Shared>,
    queue: SyncSender<String>,
    names: Arc<Mutex<Receiver<String>>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    threads: usize,
    waiting: HashMap<String, Vec<oneshot::Sender<Answer>>>,
}

impl System {
    /// Starts no thread yet.
    pub fn new() -> Self {
        Self::with(getaddrinfo)
    }

    fn with(ask: Ask) -> Self {
        let (queue, names) = sync_channel(QUEUE);
        Self {
            ask,
            most: descriptors::calls(),
            shared: Arc::default(),
            queue,
            names: Arc::new(Mutex::new(names)),
        }
    }

    /// Asks for the addresses of `name`. Dropping the future forgets the question,
    /// not the call.
    pub async fn resolve(&self, name: &str) -> Answer {
        let answer = self.enqueue(name)?;
        answer
            .await
            .unwrap_or_else(|_| Err("the resolver thread ended".to_owned()))
    }

    fn enqueue(&self, name: &str) -> Result<oneshot::Receiver<Answer>, String> {
        let (tell, answer) = oneshot::channel();
        let mut state = self.shared.state();
        if let Some(waiting) = state.waiting.get_mut(name) {
            waiting.retain(|waiter| !waiter.is_closed());
            waiting.push(tell);
            return Ok(answer);
        }
        if self.queue.try_send(name.to_owned()).is_err() {
            return Err("too many names wait for the system's resolver".to_owned());
        }
        state.waiting.insert(name.to_owned(), vec![tell]);
        // `waiting` also holds the names that are being asked, one a thread.
        if state.waiting.len() > state.threads && state.threads < self.most {
            state.threads += 1;
            drop(state);
            self.start()?;
        }
        Ok(answer)
    }

    fn start(&self) -> Result<(), String> {
        let (shared, names, ask) = (Arc::clone(&self.shared), Arc::clone(&self.names), self.ask);
        let started = std::thread::Builder::new()
            .name("getaddrinfo".to_owned())
            .spawn(move || shared.serve(&names, ask));
        if started.is_err() {
            let mut state = self.shared.state();
            state.threads -= 1;
            if state.threads == 0 {
                return Err("no thread for the system's resolver".to_owned());
            }
        }
        Ok(())
    }
}

impl Shared {
    /// Answers names until the queue is closed.
    fn serve(&self, names: &Mutex<Receiver<String>>, ask: Ask) {
        loop {
            let name = names.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(name) = name else { return };
            let still_wanted = self
                .state()
                .waiting
                .get(&name)
                .is_some_and(|waiting| waiting.iter().any(|waiter| !waiter.is_closed()));
            let answer = if still_wanted {
                ask(&name)
            } else {
                Err("given up".to_owned())
            };
            for waiter in self.state().waiting.remove(&name).unwrap_or_default() {
                // Whoever gave up meanwhile does not need it.
                let _ = waiter.send(answer.clone());
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn getaddrinfo(name: &str) -> Answer {
    let mut addresses = Vec::new();
    for endpoint in (name, 0)
        .to_socket_addrs()
        .map_err(|error| in_words(&error))?
    {
        if !addresses.contains(&endpoint.ip()) {
            addresses.push(endpoint.ip());
        }
    }
    Ok(addresses)
}

/// std gives the resolver's text and not its number; the texts of glibc, musl and macOS are fixed.
fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text
        .strip_prefix("failed to lookup address information: ")
        .unwrap_or(&text);
    let name = match text {
        "Name or service not known"
        | "Name does not resolve"
        | "nodename nor servname provided, or not known" => "EAI_NONAME",
        "No address associated with hostname" | "Name has no usable address" => "EAI_NODATA",
        "Temporary failure in name resolution" | "Try again" => "EAI_AGAIN",
        "Non-recoverable failure in name resolution" | "Unrecoverable error" => "EAI_FAIL",
        _ => {
            return error
                .raw_os_error()
                .map_or_else(|| text.to_owned(), |code| format!("{code}: {text}"));
        }
    };
    format!("{name}: {text}")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn localhost_has_a_loopback_address() {
        let addresses = System::new().resolve("localhost").await.unwrap();
        assert!(addresses.iter().all(IpAddr::is_loopback));
        assert!(!addresses.is_empty());
    }

    #[tokio::test]
    async fn equal_questions_share_one_call() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let system = System::with(|_| {
            CALLS.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(50));
            Ok(vec![])
        });
        let (one, two, three) = tokio::join!(
            system.resolve("db1"),
            system.resolve("db1"),
            system.resolve("db2")
        );
        assert_eq!((one, two, three), (Ok(vec![]), Ok(vec![]), Ok(vec![])));
        assert_eq!(CALLS.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_few_names_that_hang_do_not_delay_the_others() {
        let system = System::with(|name| {
            if name.starts_with("dead") {
                std::thread::sleep(Duration::from_secs(3600));
            }
            Ok(vec![])
        });
        let dead: Vec<_> = (0..system.most - 1)
            .map(|index| system.enqueue(&format!("dead{index}")).unwrap())
            .collect();
        let alive = tokio::time::timeout(Duration::from_secs(5), system.resolve("alive")).await;
        assert_eq!(alive.unwrap(), Ok(vec![]));
        drop(dead);
    }

    #[tokio::test]
    async fn the_queue_is_bounded() {
        let system = System::with(|_| {
            std::thread::sleep(Duration::from_secs(3600));
            Ok(vec![])
        });
        let asked: Vec<_> = (0..2 * QUEUE)
            .map(|index| system.enqueue(&format!("db{index}")))
            .collect();
        assert!(asked.iter().filter(|asked| asked.is_err()).count() > QUEUE / 2);
    }

    #[test]
    fn errors_carry_their_name() {
        let error =
            io::Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(in_words(&error), "EAI_NONAME: Name or service not known");
    }
}
