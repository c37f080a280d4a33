//! The bytes of a call: the bell, and a desktop notification by OSC 9 or OSC 777.

use std::io::{self, Write};

use crate::config::{Notify, Screen};
use crate::target::clean;

/// What gets through to the terminal that the user sits at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passes {
    /// Everything.
    All,
    /// tmux and screen drop the notifications, and pass the bell on in their own way.
    Bell,
}

impl Passes {
    /// From the environment: `$TMUX` and `$STY`.
    pub fn from_environment() -> Self {
        let inside = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if inside("TMUX") || inside("STY") {
            Self::Bell
        } else {
            Self::All
        }
    }
}

/// Calls: rings and notifies as the configuration wants it and as it gets through.
pub fn write(
    sentence: &str,
    screen: &Screen,
    passes: Passes,
    terminal: &mut impl Write,
) -> io::Result<()> {
    if screen.bell {
        terminal.write_all(b"\x07")?;
    }
    let text = field(sentence);
    match (screen.notify, passes) {
        (Notify::Off, _) | (_, Passes::Bell) => {}
        // The word in front keeps a text that begins with a number from being read as one
        // of the other things that OSC 9 is used for.
        (Notify::Osc9, Passes::All) => write!(terminal, "\x1b]9;sqlreach: {text}\x07")?,
        (Notify::Osc777, Passes::All) => {
            write!(terminal, "\x1b]777;notify;sqlreach;{text}\x1b\\")?;
        }
    }
    terminal.flush()
}

/// A text that neither ends the sequence nor begins another field of it.
fn field(sentence: &str) -> String {
    clean(sentence, usize::MAX).replace(';', ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(bell: bool, notify: Notify, passes: Passes) -> String {
        let screen = Screen {
            bell,
            notify,
            ..Screen::default()
        };
        let mut terminal = Vec::new();
        let hostile = "a;b\x1b]0;c\x07 is refused\u{9c}";
        write(hostile, &screen, passes, &mut terminal).unwrap();
        String::from_utf8(terminal).unwrap()
    }

    #[test]
    fn each_call_can_be_turned_off_and_carries_no_sequence_of_its_own() {
        let text = field("a;b\x1b]0;c\x07 is refused\u{9c}");
        assert!(
            !text.contains(|c: char| c.is_control() || c == ';'),
            "{text:?}"
        );
        let osc9 = format!("\x1b]9;sqlreach: {text}\x07");
        let osc777 = format!("\x1b]777;notify;sqlreach;{text}\x1b\\");
        for (bell, notify, passes, wanted) in [
            (false, Notify::Off, Passes::All, String::new()),
            (true, Notify::Off, Passes::All, "\x07".into()),
            (false, Notify::Osc9, Passes::All, osc9.clone()),
            (true, Notify::Osc9, Passes::All, format!("\x07{osc9}")),
            (false, Notify::Osc777, Passes::All, osc777),
            (true, Notify::Osc777, Passes::Bell, "\x07".into()),
            (false, Notify::Osc9, Passes::Bell, String::new()),
        ] {
            assert_eq!(
                sent(bell, notify, passes),
                wanted,
                "{bell} {notify:?} {passes:?}"
            );
        }
    }
}
