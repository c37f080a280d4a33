//! Connections of VS Code's mssql extension (`mssql.connections`) and of Azure Data Studio
//! (`datasource.connections`), as they stand in a `settings.json`: JSON with comments.

use serde_json::{Map, Value};

use super::Import;
use crate::config::edit::Entry;

type Object = Map<String, Value>;

/// Reads the settings. An error has its line.
pub(super) fn read(text: &str, most: usize) -> Result<Import, (usize, String)> {
    let broken = |line, what: String| (line, format!("no JSON that can be read: {what}"));
    let mut json = text.to_owned();
    json_strip_comments::strip(&mut json).map_err(|error| broken(1, error.to_string()))?;
    let settings: Value =
        serde_json::from_str(&json).map_err(|error| broken(error.line(), error.to_string()))?;
    let mut import = Import::counting(Some("connection"));
    let mut number = 0;
    for (connections, groups) in [
        ("mssql.connections", "mssql.connectionGroups"),
        ("datasource.connections", "datasource.connectionGroups"),
    ] {
        let groups = list(&settings, groups);
        for connection in list(&settings, connections) {
            number += 1;
            take(&mut import, number, connection, groups, most);
        }
    }
    Ok(import)
}

fn list<'v>(settings: &'v Value, key: &str) -> &'v [Value] {
    settings
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn take(import: &mut Import, number: usize, connection: &Value, groups: &[Value], most: usize) {
    let Some(outer) = connection.as_object() else {
        import.refuse(number, "", "no connection");
        return;
    };
    // Azure Data Studio keeps everything but the group in `options`.
    let options = outer.get("options").and_then(Value::as_object);
    let inner = options.unwrap_or(outer);
    let text = |key: &str| text_in(inner, key);
    let server = text("server").or_else(|| text("connectionString"));
    let provider = text_in(outer, "providerName").unwrap_or("MSSQL");
    if provider != "MSSQL" {
        let why = format!("a connection of {provider}, not of SQL Server");
        import.refuse(number, server.unwrap_or_default(), why);
        return;
    }
    let Some(server) = server else {
        import.refuse(number, "", "it names no server");
        return;
    };
    if text("password").is_some() {
        import.passwords += 1;
    }
    let port = inner.get("port").and_then(|port| {
        let number = port.as_u64().or_else(|| port.as_str()?.parse().ok());
        number.filter(|port| *port > 0)
    });
    let server = match port {
        Some(port) if !server.contains([',', '=']) => format!("{server},{port}"),
        _ => server.to_owned(),
    };
    let group = text_in(outer, "groupId").or_else(|| text("groupId"));
    let entry = Entry {
        server,
        name: text("profileName")
            .or_else(|| text("connectionName"))
            .map(str::to_owned),
        tags: group
            .and_then(|id| name_of(groups, id))
            .into_iter()
            .collect(),
        ..Entry::default()
    };
    import.take(number, entry, most);
}

fn text_in<'v>(object: &'v Object, key: &str) -> Option<&'v str> {
    let text = object.get(key)?.as_str()?.trim();
    (!text.is_empty()).then_some(text)
}

/// The name of a group; the root has none to speak of.
fn name_of(groups: &[Value], id: &str) -> Option<String> {
    let groups = groups.iter().filter_map(Value::as_object);
    let mut named = groups.filter(|group| text_in(group, "id") == Some(id));
    let name = text_in(named.next()?, "name")?;
    (name != "ROOT").then(|| name.to_owned())
}
