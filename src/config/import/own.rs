//! Another configuration of this program. Server, name, tags, platform and note are taken over.

use std::path::Path;

use super::Import;
use crate::config::ConfigError;
use crate::config::edit::Entry;
use crate::config::loaded::Loaded;
use crate::config::origin::Origin;

/// Whether it is one, by its name or by what it lists.
pub(super) fn is_one(text: &str, path: &Path) -> bool {
    let is_named_so = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    is_named_so || text.lines().any(|line| line.trim_end() == "[[instance]]")
}

/// Its instances, or its first mistake.
pub(super) fn read(text: &str, path: &Path) -> Result<Import, ConfigError> {
    let mut import = Import::counting(Some("line"));
    let loaded = match Loaded::parse(text, path) {
        Ok(loaded) => loaded,
        Err(mistakes) => return mistakes.into_iter().next().map_or(Ok(import), Err),
    };
    for (instance, origin) in loaded.config.instances.iter().zip(&loaded.instances) {
        let line = match origin.at {
            Origin::File { line } => line,
            _ => 0,
        };
        import.take(line, Entry::of(instance), super::MOST_READ);
    }
    Ok(import)
}
