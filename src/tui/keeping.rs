//! Keeps the configuration: writes what is changed on the screen, and reads the file again
//! when somebody else changes it. A task of its own, since a disk may hang.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::config::edit::Change;
use crate::config::{Config, Kept, LoadError, write};

/// An editor writes, renames and sets modes; it is done after so long.
const SETTLE: Duration = Duration::from_millis(300);
/// How often the file's time and size are looked at, where no event came: not every file
/// system has events.
const ANYWAY: Duration = Duration::from_secs(2);
/// Changes that may wait; more are refused, and the screen says so.
const JOBS: usize = 8;

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

/// The running task. It ends with the runtime.
#[derive(Debug)]
pub(super) struct Keeping {
    jobs: Sender<Job>,
    told: Receiver<Told>,
}

impl Keeping {
    /// Begins to watch the file. Must be called inside a runtime.
    pub(super) fn start(kept: Kept) -> Self {
        let (jobs, received) = channel(JOBS);
        // A screen that is busy takes one at a time; the task waits.
        let (telling, told) = channel(1);
        tokio::spawn(keep(kept, received, telling));
        Self { jobs, told }
    }

    /// Hands a job over; `false` if too many wait.
    pub(super) fn send(&self, job: Job) -> bool {
        self.jobs.try_send(job).is_ok()
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

async fn keep(mut kept: Kept, mut jobs: Receiver<Job>, telling: Sender<Told>) {
    // One event says all: a full channel has been told already.
    let (seen, mut events) = channel(1);
    let mut watcher = None;
    // The folders that it watches: one that was replaced, or a link that leads elsewhere now,
    // sends no events any more.
    let mut places = Vec::new();
    let mut broken = None;
    // As of the last look; `None` before the first, which compares with what was started with.
    let mut stamp = None;
    loop {
        if watcher.is_none() {
            watcher = kept.file().and_then(|file| watch(file, seen.clone()));
            places = kept.file().map(folders).unwrap_or_default();
        }
        let job = tokio::select! {
            job = jobs.recv() => match job {
                Some(job) => job,
                None => return,
            },
            Some(()) = events.recv() => {
                sleep(SETTLE).await;
                events.try_recv().ok();
                Job::Look
            }
            () = sleep(ANYWAY), if kept.file().is_some() => Job::LookAnyway,
        };
        let by_key = !matches!(job, Job::Look | Job::LookAnyway);
        let done = spawn_blocking(move || {
            // Before reading: what is written while it is read has another one.
            let now = Some(kept.file().and_then(stamp_of));
            let folders = kept.file().map(folders).unwrap_or_default();
            let told = (job != Job::LookAnyway || now != stamp).then(|| carry_out(&mut kept, &job));
            (kept, now, folders, told)
        });
        let Ok((back, now, folders, told)) = done.await else {
            return;
        };
        (kept, stamp) = (back, now);
        if folders != places {
            watcher = None;
        }
        let Some(told) = told else {
            continue;
        };
        let before = broken.take();
        let told = match told {
            Told::Broken(problem) => {
                let is_known = before.as_ref() == Some(&problem);
                broken = Some(problem.clone());
                if is_known && !by_key {
                    continue;
                }
                Told::Broken(problem)
            }
            told @ (Told::Refused(_) | Told::Saved(_)) => {
                broken = before;
                told
            }
            Told::Same if before.is_some() => Told::Mended,
            Told::Same if !by_key => continue,
            told => told,
        };
        if telling.send(told).await.is_err() {
            return;
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

/// The time and size of a file; `None` where there is none.
fn stamp_of(file: &Path) -> Option<(SystemTime, u64)> {
    let metadata = file.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
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
fn watch(file: &Path, seen: Sender<()>) -> Option<RecommendedWatcher> {
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
            seen.try_send(()).ok();
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

    /// Longer than any load delays an event; a lost one never comes.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// As editors do: a new file in the place of the old one.
    fn replace(file: &Path, text: &str) {
        let new = file.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(&new, file).unwrap();
    }

    async fn sees(events: &mut Receiver<()>, what: &str) {
        let event = tokio::time::timeout(PATIENCE, events.recv()).await;
        assert_eq!(
            event.unwrap_or_else(|_| panic!("not seen: {what}")),
            Some(())
        );
        // One edit may be several events.
        while tokio::time::timeout(SETTLE, events.recv()).await.is_ok() {}
    }

    #[tokio::test]
    async fn every_way_to_edit_a_file_is_an_event() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sqlreach.toml");
        let (seen, mut events) = channel(1);
        let _watcher = watch(&file, seen).unwrap();
        for _ in 0..3 {
            fs::write(&file, "a").unwrap();
            sees(&mut events, "a file that is created").await;
            fs::write(&file, "b").unwrap();
            sees(&mut events, "a file that is written").await;
            replace(&file, "c");
            sees(&mut events, "a file that is replaced").await;
            fs::remove_file(&file).unwrap();
            sees(&mut events, "a file that is removed").await;
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
