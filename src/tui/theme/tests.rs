//! What a theme comes to on a terminal.

use std::path::Path;

use ratatui::style::{Color, Modifier, Style};

use super::{Depth, Theme};
use crate::config::theme::{Palette, Token, names};

fn theme(text: &str, depth: Option<Depth>) -> Theme {
    Theme::of(
        &Palette::parse(text, Path::new("mine.toml")).unwrap(),
        depth,
    )
}

#[test]
fn the_default_is_the_terminals_own_colours() {
    let theme = Theme::new(true);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let reversed = Modifier::REVERSED;
    for (token, style) in [
        (Token::Text, Style::new()),
        (Token::Good, Style::new().fg(Color::Green)),
        (Token::Warning, Style::new().fg(Color::Yellow)),
        (Token::Bad, bold.fg(Color::Red)),
        (Token::Muted, Style::new().fg(Color::DarkGray)),
        (Token::Label, Style::new().fg(Color::Cyan)),
        (Token::Heading, bold),
        (Token::Command, bold),
        (Token::Selected, Style::new().add_modifier(reversed)),
        (Token::Loud, bold.fg(Color::Yellow).add_modifier(reversed)),
    ] {
        assert_eq!(theme.token(token), style, "{token:?}");
    }
}

#[test]
fn without_colours_no_theme_has_any_and_the_selection_is_reversed() {
    for name in names() {
        let theme = Theme::of(Palette::built_in(name).unwrap(), None);
        for token in Token::ALL {
            let style = theme.token(token);
            assert_eq!((style.fg, style.bg), (None, None), "{name} {token:?}");
        }
        for style in [theme.selected(), theme.loud()] {
            assert!(style.add_modifier.contains(Modifier::REVERSED), "{name}");
        }
        assert_eq!(theme.muted(), Style::new().add_modifier(Modifier::DIM));
    }
}

#[test]
fn on_sixteen_colours_every_theme_uses_those_of_the_terminal() {
    for name in names() {
        let theme = Theme::of(Palette::built_in(name).unwrap(), Some(Depth::Sixteen));
        for token in Token::ALL {
            let style = theme.token(token);
            for colour in [style.fg, style.bg].into_iter().flatten() {
                let is_other = matches!(colour, Color::Rgb(..) | Color::Indexed(_));
                assert!(!is_other, "{name} {token:?} {colour}");
            }
        }
        assert!(theme.selected().add_modifier.contains(Modifier::REVERSED));
        assert_eq!(theme.token(Token::Text), Style::new(), "{name}");
        assert_ne!(theme.good().fg, theme.bad().fg, "{name}");
    }
}

#[test]
fn a_theme_changes_what_it_says_and_leaves_the_rest() {
    let own = theme(
        "base = \"dark\"\ngood = 33\nbad = { modifiers = [\"italic\"] }\n",
        Some(Depth::Full),
    );
    let dark = Theme::of(Palette::built_in("dark").unwrap(), Some(Depth::Full));
    assert_eq!(own.good(), Style::new().fg(Color::Indexed(33)));
    let bad = Style::new().fg(Color::Rgb(0xff, 0x87, 0x87));
    assert_eq!(own.bad(), bad.add_modifier(Modifier::ITALIC));
    assert_eq!(own.label(), dark.label());
}

#[test]
fn a_selection_that_would_not_show_is_reversed() {
    for text in [
        "selected = { modifiers = [] }",
        "selected = { fg = \"red\", modifiers = [\"bold\"] }",
        "selected = { bg = \"default\", modifiers = [] }",
    ] {
        let selected = theme(text, Some(Depth::Full)).selected();
        assert!(selected.add_modifier.contains(Modifier::REVERSED), "{text}");
    }
}

#[test]
fn the_page_of_themes_lists_every_token_and_theme() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/themes.md");
    let page = std::fs::read_to_string(file).unwrap();
    let rows = |title: &str| -> Vec<String> {
        let (_, table) = page.split_once(title).unwrap();
        let rows = table.lines().skip_while(|line| !line.starts_with('|'));
        rows.take_while(|line| line.starts_with('|'))
            .skip(2)
            .map(ToOwned::to_owned)
            .collect()
    };
    let tokens = Token::ALL.map(|token| format!("| `{}` | {} |", token.word(), token.use_for()));
    assert_eq!(rows("## Tokens"), tokens);
    let first = |row: &String| row.split('`').nth(1).unwrap().to_owned();
    let listed: Vec<String> = rows("## The themes").iter().map(first).collect();
    assert_eq!(listed, names().collect::<Vec<_>>());
}
