//! The table of an audit, 80 columns wide.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

use super::Audited;
use crate::advice::meaning;
use crate::diagnosis::State;
use crate::diagnosis::audit::{Answers, Comparison, Difference, Identity, Line};
use crate::evidence::{Browser, BrowserStatus, ConnectStatus, ResolveStatus, Service, Version};
use crate::output::text::Dress;
use crate::target::clean;

/// The width of the screen that it fits.
const WIDTH: usize = 80;
/// Where the words of a difference begin.
const INDENT: usize = 4;
/// The columns: instance, what Browser says, the port, what answers, whether by that name.
const COLUMNS: [usize; 5] = [16, 12, 15, 27, 4];
const HEADS: [&str; 5] = ["INSTANCE", "BROWSER SAYS", "PORT", "ANSWERS", "NAME"];
/// What stands where there is nothing to say.
const NOTHING: &str = "—";

/// Writes one host, with what a comparison of its audit says.
pub fn host(
    out: &mut impl Write,
    audited: &Audited,
    compared: &[Comparison],
    dress: Dress,
) -> io::Result<()> {
    let Audited { host, audit } = audited;
    if compared.is_empty() {
        let why = unresolved(audit.resolve.status);
        writeln!(out, "{host}\n  no address to ask: {why}\n")?;
    }
    for (compared, listing) in compared.iter().zip(&audit.listings) {
        let address = listing.address.to_string();
        if *host == address {
            writeln!(out, "{host}")?;
        } else {
            writeln!(out, "{host}  {address}")?;
        }
        writeln!(out, "  {}", browser(&listing.browser))?;
        for difference in &compared.differences {
            words(out, compared, None, difference, dress)?;
        }
        let has_list = !listing.browser.instances.is_empty();
        lines(out, compared, has_list, dress)?;
        writeln!(out)?;
    }
    let left_out = audit.resolve.addresses.len().saturating_sub(compared.len());
    if left_out > 0 && !compared.is_empty() {
        writeln!(
            out,
            "  {left_out} more not asked: no way there from here, or beyond the fourth address\n"
        )?;
    }
    Ok(())
}

/// Writes the last line.
pub fn summary(out: &mut impl Write, hosts: usize, differences: usize) -> io::Result<()> {
    let plural = |count: usize, noun: &str| match count {
        0 => format!("no {noun}"),
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    };
    let (hosts, differences) = (plural(hosts, "host"), plural(differences, "difference"));
    writeln!(out, "{hosts}: {differences}")
}

fn unresolved(status: ResolveStatus) -> &'static str {
    match status {
        ResolveStatus::NotFound => "there is no such name",
        ResolveStatus::ServerFailure => "the DNS servers fail",
        ResolveStatus::Refused => "the DNS servers refuse",
        ResolveStatus::TimedOut => "the DNS servers do not answer",
        _ => "the name has none",
    }
}

fn browser(browser: &Browser) -> String {
    let took = browser.elapsed.unwrap_or_default();
    let tries = browser.tries.unwrap_or_default();
    match browser.status {
        BrowserStatus::Skipped => "Browser was not asked".to_owned(),
        BrowserStatus::Silent => format!("Browser: no answer ({tries} tries, {took})"),
        BrowserStatus::Refused => "Browser: refused, nothing listens there".to_owned(),
        BrowserStatus::Malformed => format!("Browser: an answer that cannot be read ({took})"),
        BrowserStatus::Ok | BrowserStatus::NotListed | BrowserStatus::NoTcp => {
            match browser.instances.len() {
                1 => format!("Browser lists 1 instance ({took})"),
                count => format!("Browser lists {count} instances ({took})"),
            }
        }
    }
}

fn lines(
    out: &mut impl Write,
    compared: &Comparison,
    has_list: bool,
    dress: Dress,
) -> io::Result<()> {
    writeln!(out, "  {}", cells(&HEADS.map(str::to_owned)))?;
    for line in &compared.lines {
        let state = if !line.differences.is_empty() {
            Some(State::Degraded)
        } else if matches!(line.answers, Answers::Engine { .. }) {
            Some(State::Answering)
        } else {
            None
        };
        let (on, off) = state.map_or(("", ""), |state| dress.state(state));
        let glyph = state.map_or(" ", State::glyph);
        let (answers, name) = answers(line);
        let row = [
            instance(line),
            says(line, has_list),
            port(line),
            answers,
            name.to_owned(),
        ];
        writeln!(out, "{on}{glyph}{off} {}", cells(&row))?;
        for difference in &line.differences {
            words(out, compared, Some(line), difference, dress)?;
        }
    }
    Ok(())
}

fn instance(line: &Line) -> String {
    match &line.instance {
        Some(name) => name.clean(COLUMNS[0]),
        None => "(any)".to_owned(),
    }
}

fn says(line: &Line, has_list: bool) -> String {
    match (line.listed, line.advertised) {
        (false, _) if !has_list => NOTHING.to_owned(),
        (false, _) => "not listed".to_owned(),
        (true, Some(port)) => format!("tcp {port}"),
        (true, None) => "no TCP port".to_owned(),
    }
}

fn port(line: &Line) -> String {
    let Some(port) = line.port else {
        return match line.advertised {
            Some(_) => "not tried",
            None => NOTHING,
        }
        .to_owned();
    };
    let did = match line.connect {
        ConnectStatus::Open => "open",
        ConnectStatus::Refused => "refused",
        ConnectStatus::TimedOut => "no answer",
        ConnectStatus::Unreachable => "no way",
        ConnectStatus::Blocked => "blocked",
        ConnectStatus::Exhausted | ConnectStatus::Skipped => "not tried",
    };
    format!("{port} {did}")
}

/// What answers, and whether it is the instance.
fn answers(line: &Line) -> (String, &'static str) {
    let answers = match line.answers {
        Answers::Engine { version, identity } => return (engine(version), word(identity)),
        Answers::NotAsked => NOTHING.to_owned(),
        Answers::Silence => "nothing".to_owned(),
        Answers::HangUp => "closes the connection".to_owned(),
        Answers::Service { service } => match service {
            Service::Unknown => "not SQL Server".to_owned(),
            known => format!("not SQL Server: {}", crate::advice::service_name(known)),
        },
        Answers::Error { number } => format!("error {number}"),
        Answers::Nonsense => "nothing that makes sense".to_owned(),
    };
    (answers, NOTHING)
}

/// The build first: it says what the name of the product does not.
fn engine(version: Option<Version>) -> String {
    match version.map(|version| (version, version.product())) {
        Some((version, Some(product))) => format!("{version} {product}"),
        Some((version, None)) => version.to_string(),
        None => "SQL Server".to_owned(),
    }
}

fn word(identity: Identity) -> &'static str {
    match identity {
        Identity::Yes => "yes",
        Identity::No => "no",
        Identity::Unproven => NOTHING,
    }
}

fn cells(cells: &[String; 5]) -> String {
    let mut row = String::with_capacity(2 * WIDTH);
    for (cell, width) in cells.iter().zip(COLUMNS) {
        let cell = clean(cell, width);
        row.push_str(&cell);
        row.extend(std::iter::repeat_n(
            ' ',
            width + 1 - cell.width().min(width),
        ));
    }
    row.truncate(row.trim_end().len());
    row
}

/// What a difference means and what to do, below what it is about.
fn words(
    out: &mut impl Write,
    compared: &Comparison,
    line: Option<&Line>,
    difference: &Difference,
    dress: Dress,
) -> io::Result<()> {
    let meaning = meaning(difference, line, compared.address);
    let (on, off) = dress.state(State::Degraded);
    let text = format!("{}: {} {}", difference.id(), meaning.means, meaning.todo);
    let mut id = difference.id();
    for piece in wrapped(&text, WIDTH - INDENT) {
        let rest = piece.strip_prefix(id).unwrap_or(&piece);
        let id = std::mem::take(&mut id);
        writeln!(out, "{:INDENT$}{on}{id}{off}{rest}", "")?;
    }
    Ok(())
}

/// The text in lines of at most `columns`, broken between words.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is one from the start");
        if last.is_empty() {
            last.push_str(word);
        } else if last.width() + 1 + word.width() <= columns {
            last.push(' ');
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests;
