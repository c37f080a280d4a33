//! A command in Markdown: a block in its language, or words to follow as a quote.

use super::markdown;
use crate::advice::{Command, Place, Shell};
use crate::evidence::Os;

/// Where a step is carried out. What takes a Windows shell is not typed on another system.
pub(super) fn place(place: Place, command: &Command, here: Os) -> &'static str {
    let windows = matches!(command.shell, Shell::Powershell | Shell::Cmd);
    match place {
        Place::Server => "on the server",
        Place::Client if windows && here != Os::Windows => "from a Windows client",
        Place::Client => "from the client",
        Place::Network => "on the network",
        Place::Domain => "on the DNS server or domain controller",
        Place::Cloud => "in the cloud's console",
    }
}

/// What to fill in before it is run.
pub(super) fn fill_in(command: &Command) -> Option<String> {
    let edit = command.edit.iter().map(|one| markdown::code(one, 80));
    let edit: Vec<String> = edit.collect();
    (!edit.is_empty()).then(|| format!("Fill in {} first.", edit.join(", ")))
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
