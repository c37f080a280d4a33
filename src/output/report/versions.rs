//! Which engine answered and when, and what wrote this.

use crate::advice::product;
use crate::evidence::Os;
use crate::monitor::Row;
use crate::output::markdown;
use crate::output::moments::second;

pub(super) fn write(lines: &mut Vec<String>, row: &Row) {
    markdown::heading(lines, "Versions");
    let answer = row.evidence.as_deref();
    let answer = answer.and_then(|evidence| evidence.layers.prelogin.version);
    if let Some(version) = answer {
        lines.push(format!("- Engine now: {}", product(version)));
    }
    if let Some(good) = &row.past.last_good {
        let version = good.version.map_or("version not known".to_owned(), product);
        let when = if answer.is_some() {
            "before"
        } else {
            "when it last answered"
        };
        lines.push(format!(
            "- Engine {when}, at {} (UTC) on {}: {version}",
            second(good.at),
            std::net::SocketAddr::new(good.address, good.port.get())
        ));
    }
    let os = match row.surroundings.vantage.os {
        Os::Windows => "Windows",
        Os::Linux => "Linux",
        Os::MacOs => "macOS",
    };
    let version = env!("CARGO_PKG_VERSION");
    lines.push(match row.evidence {
        Some(_) => format!("- Written by sqlreach {version} on {os}"),
        None => format!("- Written by sqlreach {version}"),
    });
}
