//! A command in Markdown: a block in its language, or words to follow as a quote.

use super::markdown;
use crate::advice::{Command, Place, Shell};

/// Where a step is carried out.
pub(super) fn place(place: Place) -> &'static str {
    match place {
        Place::Server => "on the server",
        Place::Client => "from the client",
        Place::Network => "on the network",
        Place::Domain => "on the DNS server or domain controller",
        Place::Cloud => "in the cloud's console",
    }
}

/// The command as a block, or its words as a quote.
pub(super) fn script(command: &Command) -> String {
    let language = match command.shell {
        Shell::Powershell => "powershell",
        Shell::Cmd => "bat",
        Shell::Bash => "bash",
        Shell::Sql => "sql",
        // What is no sentence is to be copied: a connection string.
        Shell::Text if !command.text.ends_with(['.', '?', '!']) => {
            return format!("> {}", markdown::code(&command.text, usize::MAX));
        }
        Shell::Text => return format!("> {}", markdown::text(&command.text, usize::MAX)),
    };
    markdown::block(language, &command.text)
}
