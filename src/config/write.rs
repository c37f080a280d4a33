//! The file on the disk: replaced as a whole or not at all.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::disk;

use super::decode::decode;
use super::edit::{Change, EditError};
use super::loaded::LARGEST;

/// The mark that Windows editors put in front of UTF-8.
const MARK: &[u8] = &[0xEF, 0xBB, 0xBF];

/// Why a change was not written. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The change itself cannot be made.
    #[error("nothing was written: {0}")]
    Edit(#[from] EditError),
    /// The file cannot be read or written.
    #[error("nothing was written: {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Its bytes are not the ones of a UTF-8 text.
    #[error("nothing was written: {}: save the file as UTF-8 first", .0.display())]
    Encoding(PathBuf),
    /// Somebody else wrote it in the meantime.
    #[error("nothing was written: {} was changed meanwhile; try again", .0.display())]
    Changed(PathBuf),
    /// The file says something that cannot be read.
    #[error("nothing was written: {error}")]
    Unread {
        /// What it is.
        error: Box<super::LoadError>,
    },
    /// It was written, and cannot be read again.
    #[error("{} was written, but cannot be read again: {error}", path.display())]
    Reread {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: Box<super::LoadError>,
    },
}

/// Makes a change in the file, which is created where there is none.
///
/// The file is read, changed and replaced under its real name where it is a link; its mode
/// stays, its owner as far as this user may. A file that was written between reading and
/// replacing is left alone.
pub fn change(path: &Path, change: &Change) -> Result<(), WriteError> {
    let failed = |error| WriteError::Io {
        path: path.to_owned(),
        error,
    };
    let (real, before) = match fs::canonicalize(path) {
        Ok(real) => {
            let bytes = read(&real).map_err(failed)?;
            (real, Some(bytes))
        }
        Err(error) if is_absent(path, &error) => (path.to_owned(), None),
        Err(error) => return Err(failed(error)),
    };
    let bytes = before.as_deref().unwrap_or_default();
    let (mark, rest) = match bytes.strip_prefix(MARK) {
        Some(rest) => (MARK, rest),
        None => (&[][..], bytes),
    };
    // What is UTF-16 is read as well, but not written.
    let text = decode(rest)
        .ok()
        .filter(|text| text.as_bytes() == rest)
        .ok_or_else(|| WriteError::Encoding(path.to_owned()))?;
    let new = change.write(&text, path)?;
    let bytes = [mark, new.as_bytes()].concat();
    if replace(&real, before.as_deref(), &bytes).map_err(failed)? {
        Ok(())
    } else {
        Err(WriteError::Changed(path.to_owned()))
    }
}

/// Creates a folder and those above it, for this user alone, as the XDG specification asks.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// There is nothing, not even a link that leads nowhere.
fn is_absent(path: &Path, error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err()
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("larger than 64 MiB"));
    }
    Ok(bytes)
}

/// Replaces the file if it still holds `before`. Whoever reads it sees the old one or the new
/// one, also after a loss of power.
fn replace(path: &Path, before: Option<&[u8]>, bytes: &[u8]) -> io::Result<bool> {
    let folder = folder(path);
    if before.is_none() {
        create_folder(folder)?;
    }
    // A new one is readable by its owner alone (0600), whatever the umask.
    let mut file = disk::temporary(folder)?;
    file.write_all(bytes)?;
    if let Some(before) = before {
        // A rename would not ask whether this user may write to the file.
        drop(OpenOptions::new().write(true).open(path)?);
        keep_metadata(path, file.as_file())?;
        file.as_file().sync_all()?;
        if read(path)? != before {
            return Ok(false);
        }
        file.persist(path).map_err(|error| error.error)?;
    } else {
        file.as_file().sync_all()?;
        match file.persist_noclobber(path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                return Ok(false);
            }
            Err(error) => return Err(error.error),
        }
    }
    disk::settle(folder);
    Ok(true)
}

fn keep_metadata(path: &Path, file: &File) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        // Only root may give a file away; the group may stay without that.
        if fchown(file, Some(metadata.uid()), Some(metadata.gid())).is_err() {
            fchown(file, None, Some(metadata.gid())).ok();
        }
    }
    file.set_permissions(metadata.permissions())
}
