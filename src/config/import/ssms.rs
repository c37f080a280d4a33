//! Registered servers of SQL Server Management Studio: a `.regsrvr` export, or its `RegSrvr.xml`.
//!
//! Each server is an element `RegisteredServer` with the elements `ServerName`, `Name`,
//! `Description`, `ServerType`, `ConnectionStringWithEncryptedPassword` and a `Parent` that
//! names its group. No entity and no DTD is read, and no password, encrypted or not.

use roxmltree::{Document, Node, ParsingOptions};

use super::Import;
use crate::config::edit::Entry;

/// More nodes than any export of 1 MiB needs.
const MOST_NODES: u32 = 300_000;

/// Reads an export. An error has its line.
pub(super) fn read(text: &str, most: usize) -> Result<Import, (usize, String)> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text.trim_start(), options).map_err(|error| {
        let line = usize::try_from(error.pos().row).unwrap_or(1);
        let problem = format!("no XML that can be read ({error}); export the servers again");
        (line, problem)
    })?;
    let mut import = Import::counting(Some("line"));
    let servers = document
        .descendants()
        .filter(|node| node.tag_name().name() == "RegisteredServer");
    for node in servers {
        // An export also has references to servers, which say nothing of them.
        let (name, server) = (inside(node, "Name"), inside(node, "ServerName"));
        let connection = inside(node, "ConnectionStringWithEncryptedPassword");
        let Some(server) = server.or(connection) else {
            continue;
        };
        let line = document.text_pos_at(node.range().start).row;
        let line = usize::try_from(line).unwrap_or(1);
        let kind = inside(node, "ServerType").unwrap_or("DatabaseEngine");
        if kind != "DatabaseEngine" {
            import.refuse(line, server, format!("{kind}, no database engine"));
            continue;
        }
        if connection.is_some_and(has_password) {
            import.passwords += 1;
        }
        let entry = Entry {
            server: server.to_owned(),
            name: name.filter(|name| *name != server).map(str::to_owned),
            tags: inside(node, "Parent").and_then(group).into_iter().collect(),
            platform: None,
            note: inside(node, "Description").map(str::to_owned),
        };
        import.take(line, entry, most);
    }
    Ok(import)
}

/// The text of an element inside, at any depth for the reference in `Parent`.
fn inside<'t>(node: Node<'t, '_>, name: &str) -> Option<&'t str> {
    let child = node
        .children()
        .find(|child| child.tag_name().name() == name)?;
    let texts = child.descendants().filter_map(|inner| inner.text());
    let mut texts = texts.map(str::trim);
    texts.find(|text| !text.is_empty())
}

/// The last group of `/RegisteredServersStore/ServerGroup/DatabaseEngineServerGroup/ServerGroup/Prod`;
/// `None` for the root.
fn group(path: &str) -> Option<String> {
    let (_, below) = path.split_once("/DatabaseEngineServerGroup/")?;
    let group = below.rsplit('/').next()?;
    (group != "ServerGroup").then(|| group.to_owned())
}

fn has_password(connection: &str) -> bool {
    let mut keys = connection
        .split(';')
        .filter_map(|pair| pair.split_once('='));
    keys.any(|(key, _)| matches!(key.trim().to_ascii_lowercase().as_str(), "password" | "pwd"))
}
