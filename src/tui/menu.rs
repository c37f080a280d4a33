//! What can be copied from one instance.

/// One line of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// The name.
    Name,
    /// `host,port`, as a client would type it.
    Server,
    /// A connection string with slots for what nobody knows here.
    ConnectionString,
    /// The line that tests a login by hand.
    LoginTest,
    /// What is wrong and why, in two sentences.
    Cause,
    /// The report on the instance.
    Report,
    /// The note that hands its incident over.
    Incident,
}

impl Item {
    /// All of them, in order.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::Server,
        Self::ConnectionString,
        Self::LoginTest,
        Self::Cause,
        Self::Report,
        Self::Incident,
    ];

    /// What it is, in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Server => "server",
            Self::ConnectionString => "connection string",
            Self::LoginTest => "test of a login",
            Self::Cause => "cause",
            Self::Report => "report",
            Self::Incident => "note",
        }
    }

    /// What the word of its action begins with: `pick-name`.
    pub fn action_name(self) -> &'static str {
        match self {
            Self::Name => "pick-name",
            Self::Server => "pick-server",
            Self::ConnectionString => "pick-connection-string",
            Self::LoginTest => "pick-login-test",
            Self::Cause => "pick-cause",
            Self::Report => "pick-report",
            Self::Incident => "pick-incident",
        }
    }
}

/// Another of these, so many further, stopping at the ends; the first where it is not there.
pub(super) fn step(items: &[Item], from: Item, by: isize) -> Option<Item> {
    let at = items.iter().position(|item| *item == from);
    let last = items.len().checked_sub(1)?;
    let to = at.map_or(0, |at| at.saturating_add_signed(by).min(last));
    items.get(to).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stop_at_the_ends_and_pass_over_what_is_not_there() {
        let items = [Item::Name, Item::Report];
        assert_eq!(step(&items, Item::Name, 1), Some(Item::Report));
        assert_eq!(step(&items, Item::Report, 1), Some(Item::Report));
        assert_eq!(step(&items, Item::Report, isize::MIN), Some(Item::Name));
        assert_eq!(step(&items, Item::Cause, 1), Some(Item::Name));
        assert_eq!(step(&[], Item::Name, 1), None);
    }
}
