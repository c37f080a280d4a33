//! A key: how a terminal sends it, how people write it, and how it is read from the file.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Letters carry their case, so shift is left out for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Keys that are pressed one after the other; mostly one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chord(Vec<Key>);

/// More keys in a row nobody remembers.
const LONGEST_CHORD: usize = 3;

/// The keys that have a name, and what is shown for it.
const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("↑", KeyCode::Up),
    ("↓", KeyCode::Down),
    ("←", KeyCode::Left),
    ("→", KeyCode::Right),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    // Other names for the same; what is shown is the first.
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("return", KeyCode::Enter),
    ("escape", KeyCode::Esc),
    ("del", KeyCode::Delete),
    ("ins", KeyCode::Insert),
];

impl Key {
    pub(super) const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            modifiers: KeyModifiers::NONE,
        }
    }

    pub(super) const fn ctrl(c: char) -> Self {
        Self {
            code: KeyCode::Char(c),
            modifiers: KeyModifiers::CONTROL,
        }
    }

    /// The key of an event, whatever the terminal says about it: shift with a letter that is
    /// a capital already, ctrl with a capital (the protocol of kitty), AltGr as ctrl with alt
    /// (Windows).
    pub fn of(event: KeyEvent) -> Self {
        let (mut code, mut modifiers) = (event.code, event.modifiers);
        match code {
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => code = KeyCode::BackTab,
            KeyCode::Char(c) if is_alt_gr(event) => {
                modifiers -= KeyModifiers::CONTROL | KeyModifiers::ALT;
                code = KeyCode::Char(c);
            }
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
                code = KeyCode::Char(c.to_ascii_lowercase());
            }
            _ => {}
        }
        if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self { code, modifiers }
    }

    /// The event that this key makes.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// Reads a key as people write it; the error says what would be right.
    pub fn read(text: &str) -> Result<Self, String> {
        let (modifiers, rest) = modifiers(text);
        let code = code(rest).ok_or_else(|| {
            "write it like 'r', 'Y', 'ctrl-r', 'alt-x', 'shift-tab', 'f5', 'space' or 'g g'"
                .to_owned()
        })?;
        let shift = modifiers.contains(KeyModifiers::SHIFT);
        match code {
            KeyCode::Tab if modifiers == KeyModifiers::SHIFT => {
                return Ok(Self::plain(KeyCode::BackTab));
            }
            KeyCode::Tab | KeyCode::BackTab if !modifiers.is_empty() => {
                return Err("no terminal sends that; only 'tab' and 'shift-tab'".to_owned());
            }
            KeyCode::Char(c) => return letter(c, modifiers),
            KeyCode::Enter | KeyCode::Esc | KeyCode::Backspace if shift => {
                return Err(format!("most terminals send the same as for '{rest}'"));
            }
            _ => {}
        }
        Ok(Self { code, modifiers })
    }

    /// The key as people write it: `enter`, `ctrl-z`, `R`.
    pub fn name(self) -> String {
        let name = match self.code {
            KeyCode::BackTab => "shift-tab".into(),
            KeyCode::F(number) => format!("f{number}"),
            code => match (NAMED.iter().find(|(_, known)| *known == code), code) {
                (Some((name, _)), _) => (*name).to_owned(),
                (None, KeyCode::Char(c)) => c.to_string(),
                (None, other) => format!("{other:?}").to_lowercase(),
            },
        };
        let modifiers = [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ];
        let held = modifiers
            .iter()
            .filter(|(modifier, _)| self.modifiers.contains(*modifier))
            .map(|(_, name)| *name);
        held.chain([name.as_str()]).collect()
    }

    /// Whether it is needed to type in a field: a character, or what moves and deletes.
    pub fn types(self) -> bool {
        let plain = self.modifiers.is_empty();
        plain
            && matches!(
                self.code,
                KeyCode::Char(_)
                    | KeyCode::Backspace
                    | KeyCode::Delete
                    | KeyCode::Left
                    | KeyCode::Right
                    | KeyCode::Home
                    | KeyCode::End
            )
    }

    /// Whether it is this one, without modifiers.
    pub fn is(self, code: KeyCode) -> bool {
        self == Self::plain(code)
    }
}

/// Windows sends AltGr, which most keyboards need for `[`, `@` or `|`, as ctrl with alt.
fn is_alt_gr(event: KeyEvent) -> bool {
    let both = KeyModifiers::CONTROL | KeyModifiers::ALT;
    event.modifiers.contains(both)
        && matches!(event.code, KeyCode::Char(c) if !c.is_ascii_alphanumeric() && c != ' ')
}

fn modifiers(text: &str) -> (KeyModifiers, &str) {
    let known = [
        ("ctrl", KeyModifiers::CONTROL),
        ("alt", KeyModifiers::ALT),
        ("shift", KeyModifiers::SHIFT),
    ];
    let (mut modifiers, mut rest) = (KeyModifiers::NONE, text);
    while let Some((modifier, behind)) = known.iter().find_map(|(word, modifier)| {
        let (head, behind) = rest.split_at_checked(word.len())?;
        let behind = behind.strip_prefix(['-', '+'])?;
        let is_it = head.eq_ignore_ascii_case(word) && !behind.is_empty();
        is_it.then_some((*modifier, behind))
    }) {
        modifiers |= modifier;
        rest = behind;
    }
    (modifiers, rest)
}

fn code(text: &str) -> Option<KeyCode> {
    let mut characters = text.chars();
    if let (Some(c), None) = (characters.next(), characters.next())
        && !c.is_control()
        && !matches!(c, '↑' | '↓' | '←' | '→')
    {
        return Some(KeyCode::Char(c));
    }
    let lower = text.to_lowercase();
    if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == lower) {
        return Some(*code);
    }
    let number: u8 = lower.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(KeyCode::F(number))
}

fn letter(c: char, modifiers: KeyModifiers) -> Result<Key, String> {
    let held = |modifier| modifiers.contains(modifier);
    if held(KeyModifiers::CONTROL | KeyModifiers::ALT) {
        return Err("on many keyboards that is AltGr, which types".to_owned());
    }
    if held(KeyModifiers::CONTROL) {
        let same = match c.to_ascii_lowercase() {
            'i' => Some("tab"),
            'm' => Some("enter"),
            'h' => Some("backspace"),
            '[' => Some("esc"),
            _ => None,
        };
        if let Some(same) = same {
            return Err(format!("terminals send the same for '{same}'; write that"));
        }
        if !c.is_ascii_alphabetic() && c != ' ' {
            return Err("terminals send ctrl with letters and space only".to_owned());
        }
        return Ok(Key {
            code: KeyCode::Char(c.to_ascii_lowercase()),
            modifiers: KeyModifiers::CONTROL,
        });
    }
    let code = match (held(KeyModifiers::SHIFT), c.is_ascii_alphabetic()) {
        (true, true) => KeyCode::Char(c.to_ascii_uppercase()),
        (true, false) => return Err("write the character that it types".to_owned()),
        (false, _) => KeyCode::Char(c),
    };
    Ok(Key {
        code,
        modifiers: modifiers - KeyModifiers::SHIFT,
    })
}

impl Chord {
    /// One key alone.
    pub fn of(key: Key) -> Self {
        Self(vec![key])
    }

    /// Reads keys with blanks between them: `g g`, `ctrl-x s`.
    pub fn read(text: &str) -> Result<Self, String> {
        let keys: Vec<Key> = text
            .split_whitespace()
            .map(Key::read)
            .collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err("write 'space' for the space bar, and [] for no key".to_owned());
        }
        if keys.len() > LONGEST_CHORD {
            return Err(format!("at most {LONGEST_CHORD} keys one after the other"));
        }
        if keys.len() > 1 && keys.iter().any(|key| key.is(KeyCode::Esc)) {
            return Err("esc gives up what was begun, so it is no part of it".to_owned());
        }
        Ok(Self(keys))
    }

    /// The keys, at least one.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Whether one of the two begins with the other, or they are the same.
    pub fn clashes(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.iter().map(|key| key.name()).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("r", "r")]
    #[case("Y", "Y")]
    #[case("shift-y", "Y")]
    #[case("Ctrl+R", "ctrl-r")]
    #[case("ctrl-space", "ctrl-space")]
    #[case("alt-X", "alt-X")]
    #[case("alt--", "alt--")]
    #[case("-", "-")]
    #[case("shift-tab", "shift-tab")]
    #[case("F5", "f5")]
    #[case("up", "↑")]
    #[case("↑", "↑")]
    #[case("escape", "esc")]
    #[case("ctrl-up", "ctrl-↑")]
    #[case("g  g", "g g")]
    #[case("ctrl-x s", "ctrl-x s")]
    fn keys_are_read_and_written(#[case] text: &str, #[case] written: &str) {
        let chord = Chord::read(text).unwrap();
        assert_eq!(chord.to_string(), written);
        assert_eq!(Chord::read(written), Ok(chord), "and back");
    }

    #[rstest]
    #[case("", "'space'")]
    #[case("ctrl-i", "'tab'")]
    #[case("ctrl-m", "'enter'")]
    #[case("ctrl-h", "'backspace'")]
    #[case("ctrl-1", "letters and space")]
    #[case("ctrl-alt-q", "AltGr")]
    #[case("shift-1", "character that it types")]
    #[case("hyper-x", "write it like")]
    #[case("f25", "write it like")]
    #[case("\u{7}", "write it like")]
    #[case("a b c d", "at most 3")]
    #[case("g esc", "gives up")]
    fn what_no_terminal_sends_is_refused(#[case] text: &str, #[case] why: &str) {
        let error = Chord::read(text).unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    #[rstest]
    #[case(KeyCode::Char('R'), KeyModifiers::SHIFT, "R")]
    #[case(KeyCode::Char('R'), KeyModifiers::NONE, "R")]
    #[case(KeyCode::Char('R'), KeyModifiers::CONTROL | KeyModifiers::SHIFT, "ctrl-r")]
    #[case(KeyCode::Tab, KeyModifiers::SHIFT, "shift-tab")]
    #[case(KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab")]
    #[case(KeyCode::Char('['), KeyModifiers::CONTROL | KeyModifiers::ALT, "[")]
    #[case(KeyCode::Char('q'), KeyModifiers::CONTROL | KeyModifiers::ALT, "ctrl-alt-q")]
    #[case(KeyCode::Up, KeyModifiers::ALT, "alt-↑")]
    fn what_terminals_send_differently_is_one_key(
        #[case] code: KeyCode,
        #[case] modifiers: KeyModifiers,
        #[case] name: &str,
    ) {
        assert_eq!(Key::of(KeyEvent::new(code, modifiers)).name(), name);
    }
}
