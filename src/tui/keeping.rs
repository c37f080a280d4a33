//! Keeps the configuration: writes what is changed on the screen, and reads the file again
//! when somebody else changes it. A thread of its own, since a disk may hang; the screen wakes
//! for what it must know alone.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use crate::config::edit::Change;
use crate::config::{Config, Kept, LoadError, write};

/// An editor writes, renames and sets modes; it is done after so long.
const SETTLE: Duration = Duration::from_millis(300);
/// How often the file's time and size are looked at, where no event came: not every file
/// system has events.
const ANYWAY: Duration = Duration::from_secs(2);
/// Changes that may wait; more are refused, and the screen says so.
const JOBS: usize = 8;
/// How long a change that is being written when the screen ends may take.
const LAST_PATIENCE: Duration = Duration::from_millis(100);

/// What the screen asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Job {
    /// Make this change.
    Change(Change),
    /// Write what is watched to the file that it could be kept in.
    Save,
    /// Read the file again because a key says so.
    Reload,
    /// Read it again because something happened to it.
    Look,
    /// Read it again if it has another time or size.
    LookAnyway,
}

/// What became of it.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// A change was made; this is in force.
    Changed(Box<Config>),
    /// What is watched was written, so many of them new.
    Saved(usize),
    /// It was not, and why.
    Refused(String),
    /// The file says something else now; this is in force.
    Reloaded(Box<Config>),
    /// It says what it said.
    Same,
    /// It holds a mistake or cannot be read; what it said before is in force.
    Broken(String),
    /// It can be read again, and says what it said before.
    Mended,
}

/// The running thread.
#[derive(Debug)]
pub(super) struct Keeping {
    /// `None` once it is to end.
    jobs: Option<Arc<SyncSender<Job>>>,
    told: mpsc::Receiver<Told>,
    thread: Option<JoinHandle<()>>,
}

impl Keeping {
    /// Begins to watch the file.
    pub(super) fn start(kept: Kept) -> io::Result<Self> {
        let (jobs, received) = sync_channel(JOBS);
        let jobs = Arc::new(jobs);
        let seen = Seen {
            jobs: Arc::downgrade(&jobs),
            is_told: Arc::default(),
        };
        // A screen that is busy takes one at a time; the thread waits.
        let (telling, told) = mpsc::channel(1);
        let thread = thread::Builder::new()
            .name("keeping".to_owned())
            .spawn(move || Keeper::new(kept, received, seen).keep(&telling))?;
        Ok(Self {
            jobs: Some(jobs),
            told,
            thread: Some(thread),
        })
    }

    /// Hands a job over; `false` if too many wait.
    pub(super) fn send(&self, job: Job) -> bool {
        self.jobs
            .as_ref()
            .is_some_and(|jobs| jobs.try_send(job).is_ok())
    }

    /// The next thing to know. Waits for ever where nothing is kept. Cancel safe.
    pub(super) async fn next(keeping: &mut Option<Self>) -> Told {
        if let Some(keeping) = keeping
            && let Some(told) = keeping.told.recv().await
        {
            return told;
        }
        std::future::pending().await
    }
}

impl Drop for Keeping {
    /// What was asked for just before the end is still done, unless the disk hangs.
    fn drop(&mut self) {
        self.jobs = None;
        self.told.close();
        let Some(thread) = self.thread.take() else {
            return;
        };
        let until = Instant::now() + LAST_PATIENCE;
        while !thread.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
        if thread.is_finished() && thread.join().is_err() {
            tracing::error!("the thread that keeps the configuration panicked");
        }
    }
}

/// Tells of events, one at a time: one says all, and no flood of them keeps a key out.
#[derive(Clone, Debug)]
struct Seen {
    jobs: Weak<SyncSender<Job>>,
    /// One is on its way.
    is_told: Arc<AtomicBool>,
}

impl Seen {
    fn tell(&self) {
        let Some(jobs) = self.jobs.upgrade() else {
            return;
        };
        if !self.is_told.swap(true, Ordering::AcqRel) && jobs.try_send(Job::Look).is_err() {
            self.take();
        }
    }

    /// The next one is told again.
    fn take(&self) {
        self.is_told.store(false, Ordering::Release);
    }
}

/// The thread.
struct Keeper {
    kept: Kept,
    jobs: Receiver<Job>,
    seen: Seen,
    watcher: Option<RecommendedWatcher>,
    /// The folders that it watches: one that was replaced, or a link that leads elsewhere now,
    /// sends no events any more.
    places: Vec<(PathBuf, u64)>,
    /// As of the last look; `None` before the first, which compares with what was started with.
    stamp: Option<Stamp>,
    /// What is wrong with the file.
    broken: Option<String>,
    /// When what happened to the file has settled.
    settled: Option<Instant>,
}

impl Keeper {
    fn new(kept: Kept, jobs: Receiver<Job>, seen: Seen) -> Self {
        Self {
            kept,
            jobs,
            seen,
            watcher: None,
            places: Vec::new(),
            stamp: None,
            broken: None,
            settled: None,
        }
    }

    fn keep(mut self, telling: &mpsc::Sender<Told>) {
        self.watch();
        while let Some(job) = self.next_job() {
            if let Some(told) = self.work(&job) {
                // Where nobody listens any more, what was asked for is done all the same.
                let _ = telling.blocking_send(told);
            }
            self.watch();
        }
    }

    /// Watches the file, where that is not done yet.
    fn watch(&mut self) {
        if self.watcher.is_none()
            && let Some(file) = self.kept.file()
        {
            self.watcher = watch(file, self.seen.clone());
            self.places = folders(file);
        }
    }

    /// The next thing to do; `None` at the end.
    fn next_job(&mut self) -> Option<Job> {
        loop {
            let job = match self.patience() {
                Some(patience) => self.jobs.recv_timeout(patience),
                None => self.jobs.recv().map_err(RecvTimeoutError::from),
            };
            match job {
                Ok(Job::Look) => {
                    self.settled.get_or_insert_with(|| Instant::now() + SETTLE);
                }
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Timeout) if self.settled.take().is_some() => {
                    self.seen.take();
                    return Some(Job::Look);
                }
                Err(RecvTimeoutError::Timeout) => return Some(Job::LookAnyway),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// How long nothing may come; `None` where nothing is kept.
    fn patience(&self) -> Option<Duration> {
        match self.settled {
            Some(settled) => Some(settled.saturating_duration_since(Instant::now())),
            None => self.kept.file().is_some().then_some(ANYWAY),
        }
    }

    /// Does a job. Returns what the screen must know of it.
    fn work(&mut self, job: &Job) -> Option<Told> {
        // Before reading: what is written while it is read has another one.
        let now = Some(Stamp::of(self.kept.file()));
        if self.places != self.kept.file().map(folders).unwrap_or_default() {
            self.watcher = None;
        }
        let is_known = *job == Job::LookAnyway && now == self.stamp;
        self.stamp = now;
        if is_known {
            return None;
        }
        let told = carry_out(&mut self.kept, job);
        let by_key = !matches!(job, Job::Look | Job::LookAnyway);
        let before = self.broken.take();
        match told {
            Told::Broken(problem) => {
                let is_known = before.as_ref() == Some(&problem);
                self.broken = Some(problem.clone());
                (by_key || !is_known).then_some(Told::Broken(problem))
            }
            told @ (Told::Refused(_) | Told::Saved(_)) => {
                self.broken = before;
                Some(told)
            }
            Told::Same if before.is_some() => Some(Told::Mended),
            Told::Same if !by_key => None,
            told => Some(told),
        }
    }
}

fn carry_out(kept: &mut Kept, job: &Job) -> Told {
    match job {
        Job::Change(change) => match kept.change(change) {
            Ok(()) => Told::Changed(Box::new(kept.config().clone())),
            Err(error) => Told::Refused(error.to_string()),
        },
        Job::Save => match kept.save() {
            Ok(added) => Told::Saved(added),
            Err(error) => Told::Refused(error.to_string()),
        },
        Job::Reload | Job::Look | Job::LookAnyway => match kept.reload() {
            Ok(true) => Told::Reloaded(Box::new(kept.config().clone())),
            Ok(false) => Told::Same,
            Err(LoadError::Unreadable { path, error })
                if error.kind() == std::io::ErrorKind::NotFound =>
            {
                Told::Broken(format!("{}: there is no such file now", path.display()))
            }
            Err(error) => Told::Broken(error.to_string()),
        },
    }
}

/// The time and size of a file; nothing where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp(Option<(SystemTime, u64)>);

impl Stamp {
    fn of(file: Option<&Path>) -> Self {
        let read = |file: &Path| {
            let metadata = file.metadata().ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        };
        Self(file.and_then(read))
    }
}

/// The folders that events about the file come from, and what tells each from another of its
/// name.
fn folders(file: &Path) -> Vec<(PathBuf, u64)> {
    let mut folders: Vec<PathBuf> = files(file)
        .iter()
        .map(|file| write::folder(file).to_owned())
        .collect();
    folders.dedup();
    let folders = folders.into_iter();
    folders
        .map(|folder| (folder.clone(), mark_of(&folder)))
        .collect()
}

#[cfg(unix)]
fn mark_of(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    folder.metadata().map_or(0, |metadata| metadata.ino())
}

/// A folder that is watched cannot be replaced here.
#[cfg(not(unix))]
fn mark_of(folder: &Path) -> u64 {
    u64::from(folder.is_dir())
}

/// The file, and the one that it is a link to.
fn files(file: &Path) -> Vec<PathBuf> {
    let mut files = vec![file.to_owned()];
    files.extend(file.canonicalize().ok().filter(|real| real != file));
    files
}

/// Watches the folders of the file, and of the file that it is a link to: editors replace
/// files, and a watch on the file itself would end with the first one. `None` where there is
/// no folder yet, or no such thing as events.
fn watch(file: &Path, seen: Seen) -> Option<RecommendedWatcher> {
    let files = files(file);
    if !write::folder(file).is_dir() {
        return None;
    }
    let names: Vec<_> = files
        .iter()
        .filter_map(|file| file.file_name().map(ToOwned::to_owned))
        .collect();
    let is_of_it = move |event: &notify::Event| {
        let mut paths = event.paths.iter().filter_map(|path| path.file_name());
        let is_named = paths.any(|path| names.iter().any(|name| name == path));
        // Reading is an event as well, and this reads.
        !event.kind.is_access() && (is_named || event.need_rescan())
    };
    let watching = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| is_of_it(&event)) {
            seen.tell();
        }
    });
    let watching = watching.and_then(|mut watcher| {
        for (folder, _) in &folders(file) {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
        }
        Ok(watcher)
    });
    watching
        .inspect_err(|error| tracing::warn!("changes of {} go unseen: {error}", file.display()))
        .ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::Overrides;
    use crate::config::edit::Entry;

    /// Longer than any load delays an event; a lost one never comes.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// As editors do: a new file in the place of the old one.
    fn replace(file: &Path, text: &str) {
        let new = file.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(&new, file).unwrap();
    }

    fn sees(events: &Receiver<Job>, seen: &Seen, what: &str) {
        let event = events.recv_timeout(PATIENCE);
        assert_eq!(event, Ok(Job::Look), "not seen: {what}");
        // One edit may be several events.
        seen.take();
        while events.recv_timeout(SETTLE).is_ok() {
            seen.take();
        }
    }

    #[test]
    fn every_way_to_edit_a_file_is_an_event() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sqlreach.toml");
        let (jobs, events) = sync_channel(JOBS);
        let jobs = Arc::new(jobs);
        let seen = Seen {
            jobs: Arc::downgrade(&jobs),
            is_told: Arc::default(),
        };
        let _watcher = watch(&file, seen.clone()).unwrap();
        for _ in 0..3 {
            fs::write(&file, "a").unwrap();
            sees(&events, &seen, "a file that is created");
            fs::write(&file, "b").unwrap();
            sees(&events, &seen, "a file that is written");
            replace(&file, "c");
            sees(&events, &seen, "a file that is replaced");
            fs::remove_file(&file).unwrap();
            sees(&events, &seen, "a file that is removed");
        }
    }

    #[test]
    fn a_flood_of_events_keeps_no_key_out() {
        let (jobs, received) = sync_channel(JOBS);
        let jobs = Arc::new(jobs);
        let seen = Seen {
            jobs: Arc::downgrade(&jobs),
            is_told: Arc::default(),
        };
        (0..1000).for_each(|_| seen.tell());
        assert_eq!(jobs.try_send(Job::Reload), Ok(()));
        assert_eq!(received.try_iter().count(), 2);
        seen.take();
        seen.tell();
        assert_eq!(received.try_recv(), Ok(Job::Look), "the next one is told");
    }

    #[test]
    fn what_was_asked_for_just_before_the_end_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sqlreach.toml");
        fs::write(&file, "").unwrap();
        let kept = Kept::new(Some(file.clone()), Config::default(), Overrides::default());
        let keeping = Keeping::start(kept).unwrap();
        for server in ["db1", "db2"] {
            let entry = Entry {
                server: server.to_owned(),
                ..Entry::default()
            };
            assert!(keeping.send(Job::Change(Change::Add(vec![entry]))));
        }
        drop(keeping);
        // A disk that is slow is not waited for to the end, and the thread goes on.
        let until = Instant::now() + PATIENCE;
        loop {
            let text = fs::read_to_string(&file).unwrap();
            if text.contains("db1") && text.contains("db2") {
                return;
            }
            assert!(Instant::now() < until, "{text}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_is_replaced_and_a_link_that_is_turned_are_noticed() {
        let root = tempfile::tempdir().unwrap();
        let [folder, real, other] = ["f", "real", "other"].map(|name| root.path().join(name));
        for folder in [&folder, &real, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("x.toml"), "").unwrap();
        }
        let file = folder.join("x.toml");
        let before = folders(&file);
        fs::rename(&folder, root.path().join("old")).unwrap();
        fs::create_dir(&folder).unwrap();
        assert_ne!(folders(&file), before, "another folder of that name");

        std::os::unix::fs::symlink(real.join("x.toml"), &file).unwrap();
        let before = folders(&file);
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(other.join("x.toml"), &file).unwrap();
        assert_ne!(folders(&file), before, "a link that leads elsewhere");
        assert_eq!(folders(&file), folders(&file));
    }
}
