//! Whether the version that Browser lists contradicts the build that answers.
//!
//! Browser reads the level that was installed, so a newer update of the same service pack
//! is no contradiction.

use crate::evidence::Version;

/// The first build of each service pack, by major and minor version. Later products have none.
const SERVICE_PACKS: [(u8, u8, &[u16]); 5] = [
    (10, 0, &[2531, 4000, 5500, 6000]),
    (10, 50, &[2500, 4000, 6000]),
    (11, 0, &[3000, 5058, 6020, 7001]),
    (12, 0, &[4100, 5000, 6024]),
    (13, 0, &[4001, 5026, 6300]),
];

/// Whether the two cannot be of one installation.
pub(super) fn contradict(listed: &str, runs: Version) -> bool {
    let Some((major, minor, build)) = read(listed) else {
        return false;
    };
    if (major, minor) != (runs.major, line(runs.minor)) {
        return true;
    }
    // An update raises the build and never the level below it.
    build.is_some_and(|build| {
        build > runs.build || level(major, minor, build) != level(major, minor, runs.build)
    })
}

/// How many service packs a build holds.
fn level(major: u8, minor: u8, build: u16) -> usize {
    let packs = SERVICE_PACKS
        .iter()
        .find(|(of, line, _)| (*of, *line) == (major, minor));
    packs.map_or(0, |(_, _, packs)| {
        packs.iter().filter(|first| **first <= build).count()
    })
}

/// `16.0.1000.6`, also shortened; `None` for what is no version.
fn read(listed: &str) -> Option<(u8, u8, Option<u16>)> {
    let mut parts = listed.trim().split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = match parts.next() {
        Some(minor) => minor.parse().ok()?,
        None => 0,
    };
    let build = match parts.next() {
        Some(build) => Some(build.parse().ok()?),
        None => None,
    };
    Some((major, line(minor), build))
}

/// Setup writes the service pack into the minor version (`13.2.5026.0`); what tells
/// products apart is the 50 of 2008 R2 alone.
fn line(minor: u8) -> u8 {
    if minor < 10 { 0 } else { minor }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_same("16.0.1000.6", "16.0.1000.6", false)]
    #[case::an_update("16.0.1000.6", "16.0.4105.2", false)]
    #[case::an_update_of_the_same_service_pack("13.0.5026.0", "13.0.5888.11", false)]
    #[case::the_pack_as_minor("13.2.5026.0", "13.0.5888.11", false)]
    #[case::zeros_in_front("9.00.1399.06", "9.0.1399.6", false)]
    #[case::shortened("16.0", "16.0.4105.2", false)]
    #[case::no_version("\u{1b}[2J", "16.0.4105.2", false)]
    #[case::nothing("", "16.0.4105.2", false)]
    #[case::another_product("15.0.2000.5", "16.0.4105.2", true)]
    #[case::release_2("10.0.1600.22", "10.50.1600.1", true)]
    #[case::a_newer_pack_runs("11.0.2100.60", "11.0.7001.0", true)]
    #[case::an_older_pack_runs("12.0.6024.0", "12.0.4100.1", true)]
    #[case::more_than_runs("16.0.4105.2", "16.0.1000.6", true)]
    fn drift(#[case] listed: &str, #[case] runs: &str, #[case] expected: bool) {
        assert_eq!(contradict(listed, runs.parse().unwrap()), expected);
    }
}
