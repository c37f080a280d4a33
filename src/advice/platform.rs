//! What the server runs on: declared, or guessed from evidence and shown as a guess.

use std::net::IpAddr;

use super::{PlatformGuess, facts};
use crate::diagnosis::Case;
use crate::evidence::{ConnectStatus, Look};
use crate::target::{Host, Platform, Untrusted};

/// Names under these belong to Azure SQL, the sovereign clouds included.
const AZURE: [&str; 4] = [
    ".database.windows.net",
    ".database.chinacloudapi.cn",
    ".database.usgovcloudapi.net",
    ".database.fabric.microsoft.com",
];
/// Names under these belong to Amazon RDS.
const RDS: [&str; 2] = [".rds.amazonaws.com", ".rds.amazonaws.com.cn"];

/// The platform of the server: declared, or guessed from evidence.
pub fn platform(case: &Case<'_>) -> PlatformGuess {
    match case.declared.platform {
        Some(platform) => PlatformGuess {
            platform,
            guessed: false,
        },
        None => PlatformGuess {
            platform: guess(case),
            guessed: true,
        },
    }
}

fn guess(case: &Case<'_>) -> Platform {
    // SQL Server on Linux has no Browser.
    if facts::browser_answered(case) {
        Platform::Windows
    } else if is_under(case, &AZURE) {
        Platform::Azure
    } else if is_under(case, &RDS) {
        Platform::Rds
    } else if facts::is_loopback(case) || facts::address(case).is_some_and(is_container_bridge) {
        Platform::Container
    } else if is_open(case, 22) && !is_open(case, 445) {
        Platform::Linux
    } else {
        Platform::Windows
    }
}

fn is_under(case: &Case<'_>, domains: &[&str]) -> bool {
    let resolve = &case.evidence.layers.resolve;
    let given = match &case.target.host {
        Host::Name(name) => Some(name.as_str()),
        Host::Address(_) | Host::Local => None,
    };
    // A company's own alias shows where it leads in the chain.
    let chain = resolve
        .canonical
        .iter()
        .chain(&resolve.chain)
        .map(Untrusted::raw);
    given.into_iter().chain(chain).any(|name| {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        domains.iter().any(|domain| name.ends_with(domain))
    })
}

/// Docker's default bridge.
fn is_container_bridge(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[..2] == [172, 17])
}

fn is_open(case: &Case<'_>, port: u16) -> bool {
    let seen = facts::witness(case, |look| match look {
        Look::Port(attempt) if attempt.endpoint.port() == port => Some(attempt),
        _ => None,
    });
    seen.is_some_and(|attempt| attempt.status == ConnectStatus::Open)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::advice::fixture::{Scene, attempt};

    fn port(number: u16, status: ConnectStatus) -> Look {
        Look::Port(attempt(([10, 0, 4, 12], number).into(), status))
    }

    fn guessed(scene: &Scene) -> Platform {
        let PlatformGuess { platform, guessed } = platform(&scene.case());
        assert!(guessed);
        platform
    }

    #[rstest]
    #[case("sales01", Platform::Windows)]
    #[case("shop.database.windows.net", Platform::Azure)]
    #[case("SHOP.Database.Windows.NET", Platform::Azure)]
    #[case("shop.database.windows.net.evil.example", Platform::Windows)]
    #[case("x.abc.eu-west-1.rds.amazonaws.com", Platform::Rds)]
    #[case("localhost", Platform::Container)]
    #[case("127.0.0.1,1433", Platform::Container)]
    #[case("172.17.0.2", Platform::Container)]
    #[case("172.18.0.2", Platform::Windows)]
    fn the_name_and_address_are_a_guess(#[case] target: &str, #[case] platform: Platform) {
        assert_eq!(guessed(&Scene::new(target)), platform);
    }

    #[test]
    fn a_browser_that_answers_means_windows_even_on_loopback() {
        assert_eq!(
            guessed(&Scene::new(r"localhost\PROD").listed("PROD", Some(50123), false)),
            Platform::Windows
        );
    }

    #[test]
    fn ssh_without_smb_means_linux() {
        let scene = Scene::refused("sales01").witness(port(22, ConnectStatus::Open));
        assert_eq!(guessed(&scene), Platform::Linux);
        let refused = scene.clone().witness(port(445, ConnectStatus::Refused));
        assert_eq!(guessed(&refused), Platform::Linux);
        let both = scene.witness(port(445, ConnectStatus::Open));
        assert_eq!(guessed(&both), Platform::Windows);
    }

    #[test]
    fn an_alias_into_a_cloud_shows_in_the_chain() {
        let scene =
            Scene::new("shop.corp.example").canonical("shop.privatelink.database.windows.net.");
        assert_eq!(guessed(&scene), Platform::Azure);
    }

    #[test]
    fn what_is_declared_is_no_guess() {
        let scene = Scene::new("shop.database.windows.net").declared(Some(Platform::Linux), None);
        let declared = platform(&scene.case());
        assert_eq!(
            declared,
            PlatformGuess {
                platform: Platform::Linux,
                guessed: false
            }
        );
    }
}
