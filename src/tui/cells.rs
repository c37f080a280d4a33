//! What a row says in each column that is words: read by the table, the order and the filter.

use std::net::IpAddr;

use crate::diagnosis;
use crate::evidence::{Attempt, Evidence, Version};
use crate::monitor::Row;
use crate::target::Host;

/// The host of the target, where there is one.
pub fn host(row: &Row) -> Option<String> {
    let target = row.instance.target.as_ref().ok()?;
    Some(target.host.to_string())
}

/// The endpoint that the state speaks of, and how many more there are.
pub fn endpoint(evidence: &Evidence) -> String {
    let connect = &evidence.layers.connect;
    match (
        spoken_of(evidence),
        evidence.layers.resolve.addresses.first(),
    ) {
        (Some(attempt), _) => match connect.attempts.len() {
            1 => attempt.endpoint.to_string(),
            many => format!("{} +{}", attempt.endpoint, many - 1),
        },
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    }
}

/// The attempt that the state speaks of.
pub fn spoken_of(evidence: &Evidence) -> Option<&Attempt> {
    let connect = &evidence.layers.connect;
    let alike = connect.ended(connect.status).next();
    alike.or(connect.attempts.first())
}

/// The address that the state speaks of; before the first result the one that is configured.
pub fn address(row: &Row) -> Option<IpAddr> {
    if let Some(case) = row.case() {
        return diagnosis::address_of(&case);
    }
    match row.instance.target.as_ref().ok()?.host {
        Host::Address(address) => Some(address),
        _ => None,
    }
}

/// The labels, in the order of the configuration.
pub fn tags(row: &Row) -> String {
    row.instance.tags.join(",")
}

/// The version that answered, or that did when it was last seen.
pub fn version(row: &Row) -> Option<Version> {
    let answered = row
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.layers.prelogin.version);
    answered.or_else(|| row.past.last_good.as_ref()?.version)
}

/// A version as the column has it: `2022 16.0.4105`.
pub fn version_words(version: Version) -> String {
    let build = format!("{}.{}.{}", version.major, version.minor, version.build);
    let year = version
        .product()
        .and_then(|product| product.strip_prefix("SQL Server "))
        .and_then(|year| year.split(' ').next());
    match year {
        Some(year) => format!("{year} {build}"),
        None => build,
    }
}

/// The id of the most likely cause, and how many are as likely: `service-not-running +2`.
pub fn cause(row: &Row) -> Option<String> {
    let (first, others) = row.diagnosis.as_ref()?.leading().split_first()?;
    Some(match others.len() {
        0 => first.id.id().to_owned(),
        others => format!("{} +{others}", first.id.id()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    #[test]
    fn several_addresses_are_counted() {
        let rows = sample::rows();
        let reports = rows.iter().find(|row| row.instance.name == "reports");
        let evidence = reports.and_then(|row| row.evidence.as_deref()).unwrap();
        assert!(endpoint(evidence).ends_with(" +1"));
    }

    #[test]
    fn a_version_is_a_year_and_a_build() {
        for (version, words) in [
            ("16.0.4105.2", "2022 16.0.4105"),
            ("12.0.2000.8", "2014 12.0.2000"),
            ("99.1.2.3", "99.1.2"),
        ] {
            let version = Version::try_from(version.to_owned()).unwrap();
            assert_eq!(version_words(version), words);
        }
    }
}
