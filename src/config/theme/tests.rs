//! Themes as they are written.

use std::fs;
use std::path::Path;

use rstest::rstest;

use super::{Colour, Modifier, Palette, Token, names};
use crate::config::{LoadError, Loaded};

fn mistakes(text: &str) -> Vec<String> {
    let mistakes = Palette::parse(text, Path::new("mine.toml")).unwrap_err();
    mistakes.iter().map(ToString::to_string).collect()
}

#[test]
fn every_theme_that_comes_with_the_program_can_be_read() {
    for name in names() {
        assert!(Palette::built_in(name).is_some(), "{name}");
    }
    assert_eq!(
        Palette::built_in("color-blind"),
        Palette::built_in("colour-blind")
    );
    assert_eq!(Palette::built_in("Dark"), None);
}

#[test]
fn a_look_is_a_colour_or_a_table() {
    let text = "good = \"#0aF0ff\"\nbad = { fg = [\"#ff0000\", 196, \"red\"], bg = 0, modifiers = [\"bold\", \"dim\"] }\n";
    let palette = Palette::parse(text, Path::new("mine.toml")).unwrap();
    assert_eq!(palette.look(Token::Good).fg, [Colour::Rgb(10, 240, 255)]);
    let bad = palette.look(Token::Bad);
    let red = [
        Colour::Rgb(255, 0, 0),
        Colour::Indexed(196),
        Colour::Indexed(1),
    ];
    assert_eq!(bad.fg, red);
    assert_eq!(bad.bg, [Colour::Indexed(0)]);
    assert_eq!(bad.modifiers, [Modifier::Bold, Modifier::Dim]);
    let default = Palette::default();
    assert_eq!(palette.look(Token::Loud), default.look(Token::Loud));
}

#[rstest]
#[case(
    "good = \"gren\"",
    "mine.toml:1:8: good: \"gren\" is no colour; did you mean 'green'?  | good = \"gren\""
)]
#[case(
    "good = 256",
    "mine.toml:1:8: good: 256 is no colour; write \"#rrggbb\", a number from 0 to 255, or a name such as \"red\" or \"bright-blue\"  | good = 256"
)]
#[case(
    "bad = { fg = \"#12345\" }",
    "mine.toml:1:14: fg: \"#12345\" is no colour; write \"#rrggbb\", a number from 0 to 255, or a name such as \"red\" or \"bright-blue\"  | bad = { fg = \"#12345\" }"
)]
#[case(
    "\nwarnin = \"red\"",
    "mine.toml:2:1: unknown key 'warnin' in the theme; did you mean 'warning'?  | warnin = \"red\""
)]
#[case(
    "loud = { blink = true }",
    "mine.toml:1:10: unknown key 'blink' in loud; known are fg, bg, modifiers  | loud = { blink = true }"
)]
#[case(
    "loud = { modifiers = [\"blod\"] }",
    "mine.toml:1:23: modifiers: \"blod\" is not known; did you mean 'bold'?  | loud = { modifiers = [\"blod\"] }"
)]
#[case(
    "base = \"drak\"",
    "mine.toml:1:8: base: \"drak\" does not come with the program; one of terminal, 16, dark, light, high-contrast, colour-blind  | base = \"drak\""
)]
fn a_mistake_is_one_line_that_says_what_to_do(#[case] text: &str, #[case] line: &str) {
    assert_eq!(mistakes(text), [line]);
}

#[test]
fn a_theme_lies_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sqlreach.toml");
    fs::write(&file, "[screen]\ntheme = \"mine\"\n").unwrap();
    let told = |file: &Path| match Loaded::read(file) {
        Err(LoadError::Mistakes(mistakes)) => {
            let root = folder.path().display().to_string();
            mistakes[0].to_string().replace(&root, "ROOT")
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        told(&file),
        "ROOT/sqlreach.toml:2:10: theme: ROOT/themes/mine.toml: there is no such file; write \
         that file, or choose one of terminal, 16, dark, light, high-contrast, colour-blind  | \
         theme = \"mine\""
    );
    fs::create_dir(folder.path().join("themes")).unwrap();
    let theme = folder.path().join("themes/mine.toml");
    fs::write(&theme, "good = \"blu\"\n").unwrap();
    assert_eq!(
        told(&file),
        "ROOT/themes/mine.toml:1:8: good: \"blu\" is no colour; did you mean 'blue'?  | good = \"blu\""
    );
    fs::write(&theme, "good = \"blue\"\n").unwrap();
    let loaded = Loaded::read(&file).unwrap();
    let palette = &loaded.config.screen.theme.palette;
    assert_eq!(palette.look(Token::Good).fg, [Colour::Indexed(4)]);
    fs::write(&theme, " ".repeat(65 << 10)).unwrap();
    assert!(told(&file).contains("larger than 64 KiB"));
    fs::remove_file(&theme).unwrap();
    fs::create_dir(&theme).unwrap();
    assert!(told(&file).contains("this is no file"));
}

#[rstest]
#[case("../mine")]
#[case("a/b")]
#[case(r"a\\b")]
#[case("")]
#[case(".")]
#[case("mine.toml")]
#[case("nul")]
#[case("COM1")]
#[case("café")]
fn a_name_is_no_path(#[case] name: &str) {
    let text = format!("[screen]\ntheme = \"{name}\"\n");
    let mistakes = Loaded::parse(&text, Path::new("x.toml")).unwrap_err();
    let told = mistakes[0].to_string();
    assert!(
        told.contains("is no name of a theme; one of terminal"),
        "{told}"
    );
}
