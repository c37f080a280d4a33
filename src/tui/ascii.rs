//! The same screen in ASCII: what is drawn is translated cell by cell, after it was drawn. Each
//! glyph is one column wide and stays so, and glyphs that tell states apart stay apart.

use ratatui::buffer::Buffer;

/// Glyphs of ours and what stands for them. Letters of the user's own names are not in here.
const TABLE: [(&str, &str); 59] = [
    // States and layers.
    ("●", "*"),
    ("○", "o"),
    ("▲", "!"),
    ("✖", "x"),
    ("⧗", "t"),
    ("◐", "%"),
    ("·", "-"),
    ("…", "~"),
    // Marks on a row.
    ("✓", "+"),
    ("⇅", "&"),
    ("◷", "@"),
    // How slow: a digit for each step.
    ("▁", "1"),
    ("▂", "2"),
    ("▃", "3"),
    ("▄", "4"),
    ("▅", "5"),
    ("▆", "6"),
    ("▇", "7"),
    ("█", "8"),
    // Lines.
    ("─", "-"),
    ("━", "="),
    ("│", "|"),
    ("┃", "|"),
    ("┌", "+"),
    ("┐", "+"),
    ("└", "+"),
    ("┘", "+"),
    ("├", "+"),
    ("┤", "+"),
    ("┬", "+"),
    ("┴", "+"),
    ("┼", "+"),
    // Arrows and buttons.
    ("▾", "v"),
    ("▴", "^"),
    ("▸", ">"),
    ("▶", ">"),
    ("■", "#"),
    ("‖", "|"),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    // Signs in sentences.
    ("×", "x"),
    ("≥", ">"),
    ("≤", "<"),
    ("−", "-"),
    ("–", "-"),
    ("—", "-"),
    ("‐", "-"),
    ("“", "\""),
    ("”", "\""),
    ("„", "\""),
    ("‘", "'"),
    ("’", "'"),
    ("‚", "'"),
    ("•", "*"),
    ("°", "o"),
    ("\u{a0}", " "),
    ("\u{fffd}", "?"),
];

/// What stands for a glyph; `None` for what is ASCII already, or a letter.
pub fn instead(glyph: &str) -> Option<&'static str> {
    if glyph.is_ascii() {
        return None;
    }
    if let Some((_, instead)) = TABLE.iter().find(|(known, _)| *known == glyph) {
        return Some(instead);
    }
    let is_braille = glyph.chars().all(|c| matches!(c, '\u{2800}'..='\u{28ff}'));
    is_braille.then_some("*")
}

/// The same of a text.
pub fn text(text: &str) -> String {
    let mut utf8 = [0; 4];
    text.chars()
        .fold(String::with_capacity(text.len()), |mut ascii, c| {
            let glyph = &*c.encode_utf8(&mut utf8);
            ascii.push_str(instead(glyph).unwrap_or(glyph));
            ascii
        })
}

/// Translates all that was drawn.
pub fn translate(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some(instead) = instead(cell.symbol()) {
            cell.set_symbol(instead);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::diagnosis::State;
    use crate::tui::glyph::Mark;

    #[test]
    fn every_glyph_keeps_its_width() {
        for (glyph, instead) in TABLE {
            assert!(instead.is_ascii() && instead.len() == 1, "{glyph}");
            assert!(!glyph.is_ascii() && glyph.width() == 1, "{glyph}");
        }
    }

    #[test]
    fn no_two_glyphs_that_tell_states_apart_become_one() {
        let states = State::ALL.map(State::glyph);
        let marks = [
            Mark::Good,
            Mark::Partial,
            Mark::Failed,
            Mark::Late,
            Mark::NotReached,
        ]
        .map(Mark::glyph);
        let steps = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
        let signs = ["✓", "⇅", "◷"];
        let mut glyphs: Vec<&str> = [&states[..], &marks, &steps, &signs].concat();
        glyphs.sort_unstable();
        glyphs.dedup();
        for (at, one) in glyphs.iter().enumerate() {
            for other in &glyphs[at + 1..] {
                let shown = |glyph: &str| instead(glyph).map_or(glyph.to_owned(), str::to_owned);
                assert_ne!(shown(one), shown(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn letters_of_a_name_stay() {
        for letter in ["ü", "й", "本", "a"] {
            assert_eq!(instead(letter), None);
        }
    }

    /// Whatever a view draws one day: a glyph that is not in the table would stay.
    #[test]
    fn every_glyph_of_the_sources_is_in_the_table() {
        // Parts of bars that ASCII draws otherwise, and a letter of an example.
        let drawn_alone = "▏▎▍▌▋▊▉ä";
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui")];
        let mut missing = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if name.contains("test") || name == "snapshots" || name == "sample.rs" {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let source = std::fs::read_to_string(&path).unwrap();
                let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let lines = code.lines().filter(|line| !line.trim().starts_with("//"));
                for c in lines.flat_map(str::chars).filter(|c| !c.is_ascii()) {
                    if instead(&c.to_string()).is_none() && !drawn_alone.contains(c) {
                        missing.push((name.clone(), c));
                    }
                }
            }
        }
        assert_eq!(missing, []);
    }

    #[test]
    fn a_text_keeps_its_letters() {
        assert_eq!(text("✖ Müller01 ≥ 3 · …"), "x Müller01 > 3 - ~");
    }
}
