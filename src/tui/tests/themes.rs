//! The dashboard in every theme, and in ASCII.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::{draw, press, text};
use crate::config::theme::{Chosen, Palette, names};
use crate::config::{Config, Glyphs, Screen};
use crate::tui::app::App;
use crate::tui::marker::Marker;
use crate::tui::sample;
use crate::tui::theme::{Depth, Device, Theme};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn selected(width: u16, height: u16) -> App {
    let mut app = sample::app(width, height);
    press(&mut app, "g j");
    app
}

/// What a cell looks like, its letter apart.
fn look(cell: &Cell) -> String {
    let mut words = vec![];
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg));
    }
    words.extend(
        cell.modifier
            .iter_names()
            .map(|(name, _)| name.to_lowercase()),
    );
    if words.is_empty() {
        words.push("plain".to_owned());
    }
    words.join(" ")
}

/// A letter for each look, in the place of each cell that has it; then what the letters mean.
fn looks(buffer: &Buffer) -> String {
    let mut known: Vec<String> = Vec::new();
    let mut page = String::new();
    for line in buffer.content.chunks(usize::from(buffer.area.width)) {
        for cell in line {
            let look = look(cell);
            let at = known.iter().position(|one| *one == look);
            let at = at.unwrap_or_else(|| {
                known.push(look);
                known.len() - 1
            });
            page.push(char::from(b'a' + u8::try_from(at).unwrap()));
        }
        page.push('\n');
    }
    for (letter, look) in ('a'..='z').zip(&known) {
        writeln!(page, "{letter}  {look}").unwrap();
    }
    page
}

#[test]
fn every_theme_in_three_sizes() {
    for (width, height) in SIZES {
        let size = format!("{width}x{height}");
        let mut app = selected(width, height);
        let shown = text(&draw(&mut app, width, height));
        insta::assert_snapshot!(format!("text_{size}"), shown);
        for name in names() {
            app.theme = Theme::of(Palette::built_in(name).unwrap(), Some(Depth::Full));
            let buffer = draw(&mut app, width, height);
            assert_eq!(text(&buffer), shown, "a theme changes no letter");
            insta::assert_snapshot!(format!("{name}_{size}"), looks(&buffer));
        }
    }
}

#[test]
fn a_theme_with_a_background_has_it_everywhere() {
    let mut app = selected(120, 40);
    app.theme = Theme::of(Palette::built_in("light").unwrap(), Some(Depth::Full));
    for keys in ["", "C", "?", "enter", "a", "/"] {
        if !keys.is_empty() {
            press(&mut app, keys);
        }
        let buffer = draw(&mut app, 120, 40);
        let bare = buffer
            .content
            .iter()
            .filter(|cell| cell.bg == Color::Reset || cell.fg == Color::Reset);
        assert_eq!(bare.count(), 0, "after {keys}");
        press(&mut app, "esc");
    }
}

/// Every screen that a key leads to, from the table and from each tab.
#[test]
fn in_ascii_nothing_else_is_drawn_anywhere() {
    let keys: Vec<String> = ('!'..='~').map(String::from).collect();
    let mut places: Vec<Vec<&str>> = keys.iter().map(|key| vec!["g j", key]).collect();
    for (tab, key) in (0..5).flat_map(|tab| keys.iter().map(move |key| (tab, key))) {
        let is_told = ["?", "i", "v", "m", "t", "e", "1"].contains(&key.as_str());
        if is_told || tab == 0 {
            let mut place = vec!["g j enter"];
            place.extend(std::iter::repeat_n("]", tab));
            place.push(key);
            places.push(place);
        }
    }
    for place in places {
        let mut app = sample::app(120, 40);
        app.marker = Marker::Ascii;
        for keys in &place {
            press(&mut app, keys);
        }
        is_ascii(&mut app, (120, 40), &format!("{place:?}"));
    }
}

#[test]
fn in_ascii_every_other_screen_is_too() {
    let mut shown = sample::app(80, 24);
    shown.show(
        "a report".to_owned(),
        "refused → answering · ✖ ≥ 3".to_owned(),
    );
    let mut broken = sample::app(80, 24);
    broken.broken("sqlreach.toml:3:1: unknown key 'rat' … ".to_owned());
    let look = |what, mut app: App, size| {
        app.marker = Marker::Ascii;
        is_ascii(&mut app, size, what);
    };
    look("shown", shown, (80, 24));
    look("broken", broken, (80, 24));
    look("cut off", sample::cut_off(80, 24), (80, 24));
    look("many", sample::mass_failure(300, 80, 24), (80, 24));
    look("nothing", sample::empty(80, 24), (80, 24));
    look("tiny", sample::app(30, 8), (30, 8));
}

fn is_ascii(app: &mut App, (width, height): (u16, u16), place: &str) {
    let shown = text(&draw(app, width, height));
    let other: Vec<char> = shown.chars().filter(|c| !c.is_ascii()).collect();
    assert!(other.is_empty(), "{place}: {other:?} in\n{shown}");
}

#[test]
fn the_dashboard_in_ascii() {
    let mut app = selected(120, 40);
    app.marker = Marker::Ascii;
    insta::assert_snapshot!(text(&draw(&mut app, 120, 40)));
}

#[test]
fn a_changed_theme_is_taken_while_the_dashboard_runs() {
    let mut app = selected(120, 40);
    app.show_on(Device {
        depth: Some(Depth::Full),
        marker: Marker::Drawn,
    });
    assert_eq!(app.theme, Theme::new(true));
    let config = |theme: &str, glyphs| Config {
        screen: Screen {
            theme: Chosen {
                name: theme.to_owned(),
                palette: Palette::built_in(theme).unwrap().clone(),
            },
            glyphs,
            ..Screen::default()
        },
        ..Config::default()
    };
    app.reloaded(&config("dark", Glyphs::Ascii));
    let buffer = draw(&mut app, 120, 40);
    assert_eq!(buffer[(0, 0)].bg, Color::Rgb(0x1c, 0x1c, 0x1c));
    assert!(text(&buffer).is_ascii());
    app.reloaded(&config("terminal", Glyphs::Auto));
    let buffer = draw(&mut app, 120, 40);
    assert_eq!(buffer[(0, 0)].bg, Color::Reset);
    assert!(text(&buffer).contains('●'));
    let is_reversed = |cell: &Cell| cell.modifier.contains(Modifier::REVERSED);
    assert!(buffer.content.iter().any(is_reversed));
}
