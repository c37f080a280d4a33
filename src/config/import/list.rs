//! A list: one server a line, `#` begins a comment. From a spreadsheet, behind tabs: name, tags,
//! note. On one line, servers stand between `;` or `,` where that can mean nothing else.

use super::{Import, MOST_PASTED, MOST_READ, ssms, vscode};
use crate::config::edit::Entry;
use crate::target::parse;

/// A longer line is no server.
const LONGEST: usize = 4_000;
/// Titles of a spreadsheet's first column.
const TITLES: [&str; 6] = [
    "server",
    "servername",
    "server name",
    "instance",
    "host",
    "data source",
];

/// What somebody pasted, if it is a list of servers and no single one: at least two of them,
/// and no more lines that are none.
pub fn pasted(text: &str) -> Option<Import> {
    let begin = text.trim_start();
    if begin.starts_with(['<', '{']) {
        let read = if begin.starts_with('<') {
            ssms::read(text, MOST_READ)
        } else {
            vscode::read(text, MOST_READ)
        };
        return read.ok().filter(|import| import.servers() > 0);
    }
    let mut lines = numbered(text);
    let (first, second) = (lines.next()?, lines.next());
    if second.is_none() {
        return on_one_line(before_comment(first.1).0);
    }
    let import = read(text, MOST_PASTED);
    let servers = import.servers();
    let is_list = servers >= 2 && servers >= import.items.len() - servers;
    is_list.then_some(import)
}

/// All servers of a text.
pub(super) fn read(text: &str, most: usize) -> Import {
    let mut import = Import::counting(Some("line"));
    for (number, line) in numbered(text) {
        let (line, comment) = before_comment(line);
        let mut columns = line.split('\t').map(str::trim);
        let server = columns.next().unwrap_or_default();
        let (name, tags, note) = (columns.next(), columns.next(), columns.next());
        if name.is_some() && TITLES.contains(&server.to_lowercase().as_str()) {
            continue;
        }
        if server.chars().nth(LONGEST).is_some() {
            import.refuse(number, server, "longer than any server");
            continue;
        }
        let some = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let tags = tags.unwrap_or_default().split([' ', ',', ';']);
        let entry = Entry {
            server: server.to_owned(),
            name: some(name),
            tags: tags
                .filter(|tag| !tag.is_empty())
                .map(str::to_owned)
                .collect(),
            platform: None,
            note: some(note).or_else(|| some(comment)),
        };
        import.take(number, entry, most);
    }
    import
}

/// The lines that say something, with their numbers.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    // A terminal sends a paste with the line end of the enter key.
    let separator = if text.contains('\n') { '\n' } else { '\r' };
    let lines = text.split(separator).enumerate();
    lines
        .map(|(at, line)| (at + 1, line.trim_matches(['\r', ' '])))
        .filter(|(_, line)| !before_comment(line).0.trim().is_empty())
}

/// A line without its comment, which begins at `#` at the start or behind a blank, and the
/// comment. In a connection string it may belong to a password, so there it is none.
fn before_comment(line: &str) -> (&str, Option<&str>) {
    let begins = |at: usize| at == 0 || line[..at].ends_with([' ', '\t']);
    let mut places = line.match_indices('#').map(|(at, _)| at);
    match places.find(|at| begins(*at)) {
        Some(at) if !line[..at].contains('=') => {
            (line[..at].trim_end(), Some(line[at + 1..].trim()))
        }
        _ => (line, None),
    }
}

/// `db1; db2` and `db1, db2,1433, db3\PROD`. Whatever has `=` is a connection string.
fn on_one_line(line: &str) -> Option<Import> {
    if line.contains('=') {
        return None;
    }
    let servers = if line.contains(';') {
        let pieces = line.split(';').map(|piece| piece.trim().to_owned());
        pieces.filter(|piece| !piece.is_empty()).collect()
    } else {
        between_commas(line)?
    };
    let is_server = |text: &String| parse(text).is_ok_and(|target| target.over_tcp().is_ok());
    if servers.len() < 2 || !servers.iter().all(is_server) {
        return None;
    }
    let mut import = Import::counting(None);
    for (at, server) in servers.into_iter().enumerate() {
        let entry = Entry {
            server,
            ..Entry::default()
        };
        import.take(at + 1, entry, MOST_PASTED);
    }
    Some(import)
}

/// A number belongs to the server before it, as its port. What else begins like a number may
/// be a port with a letter too many: then it is no list.
fn between_commas(line: &str) -> Option<Vec<String>> {
    let mut servers: Vec<String> = Vec::new();
    for piece in line.split(',').map(str::trim) {
        let is_port = piece.bytes().all(|byte| byte.is_ascii_digit());
        match servers.last_mut() {
            _ if piece.is_empty() => return None,
            Some(last) if is_port && !last.contains(',') => {
                last.push(',');
                last.push_str(piece);
            }
            _ if is_port => return None,
            _ if piece.starts_with(|c: char| c.is_ascii_digit()) && !piece.contains('.') => {
                return None;
            }
            _ => servers.push(piece.to_owned()),
        }
    }
    Some(servers)
}
