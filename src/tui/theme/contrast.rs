//! Whether the themes that come with the program can be read. Contrast is that of WCAG 2.2,
//! 1.4.3 and 1.4.6; colour blindness is simulated with the matrices of Machado, Oliveira and
//! Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", IEEE
//! TVCG 15(6), 2009, severity 1.0; distances are those of CIE 1976 (L*a*b*, D65).

use ratatui::style::{Color, Modifier};

use super::{Depth, Theme, depth};
use crate::config::theme::{Palette, Token, names};

/// WCAG's level AA for text, and AAA for the theme that promises it.
const READABLE: f64 = 4.5;
const VERY_READABLE: f64 = 7.0;
/// Distance that is seen at a glance; about 2.3 is the least that is seen at all.
const APART: f64 = 20.0;

const PROTAN: [[f64; 3]; 3] = [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
];
const DEUTAN: [[f64; 3]; 3] = [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_820, 0.042_940, 0.968_881],
];
const TRITAN: [[f64; 3]; 3] = [
    [1.255_528, -0.076_749, -0.178_779],
    [-0.078_411, 0.930_809, 0.147_602],
    [0.004_733, 0.691_367, 0.303_900],
];
const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Red, green and blue as light, from 0 to 1.
fn light(color: Color) -> [f64; 3] {
    let rgb = match color {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(index @ 16..) => depth::rgb(index),
        other => panic!("{other} is whatever the terminal's scheme says"),
    };
    rgb.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn contrast(one: Color, other: Color) -> f64 {
    let luminance = |color| {
        let [red, green, blue] = light(color);
        0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    (one / other).max(other / one)
}

fn seen(color: Color, by: [[f64; 3]; 3]) -> [f64; 3] {
    let light = light(color);
    by.map(|row| {
        let parts = row.iter().zip(light);
        let sum: f64 = parts.map(|(weight, light)| weight * light).sum();
        sum.clamp(0.0, 1.0)
    })
}

fn lab([red, green, blue]: [f64; 3]) -> [f64; 3] {
    let x = (0.412_456_4 * red + 0.357_576_1 * green + 0.180_437_5 * blue) / 0.950_47;
    let y = 0.212_672_9 * red + 0.715_152_2 * green + 0.072_175_0 * blue;
    let z = (0.019_333_9 * red + 0.119_192_0 * green + 0.950_304_1 * blue) / 1.088_83;
    let [x, y, z] = [x, y, z].map(|value: f64| {
        if value > 216.0 / 24389.0 {
            value.cbrt()
        } else {
            (24389.0 / 27.0 * value + 16.0) / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(one: Color, other: Color, by: [[f64; 3]; 3]) -> f64 {
    let (one, other) = (lab(seen(one, by)), lab(seen(other, by)));
    let squares = one.into_iter().zip(other).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// The themes with a background of their own, at a depth that has it.
fn with_background() -> impl Iterator<Item = (&'static str, Depth, Theme)> {
    let themes = names().flat_map(|name| {
        let palette = Palette::built_in(name).unwrap();
        [Depth::Full, Depth::Indexed].map(|depth| (name, depth, Theme::of(palette, Some(depth))))
    });
    themes.filter(|(_, _, theme)| theme.token(Token::Text).bg.is_some())
}

#[test]
fn a_theme_with_a_background_can_be_read_on_it() {
    let mut looked_at = Vec::new();
    for (name, depth, theme) in with_background() {
        let wanted = if name == "high-contrast" {
            VERY_READABLE
        } else {
            READABLE
        };
        let text = theme.token(Token::Text);
        let selected = theme.token(Token::Selected);
        for token in Token::ALL {
            let style = theme.token(token);
            let fg = style.fg.or(text.fg).unwrap();
            let bg = style.bg.or(text.bg).unwrap();
            let ratio = contrast(fg, bg);
            assert!(ratio >= wanted, "{name} {depth:?} {token:?}: {ratio:.2}");
            // The selection is laid over a row in its colours.
            let fg = selected.fg.unwrap_or(fg);
            let ratio = contrast(fg, selected.bg.unwrap());
            let is_in_a_row = !matches!(token, Token::Selected | Token::Loud);
            assert!(
                ratio >= wanted || !is_in_a_row,
                "{name} {depth:?} {token:?} selected: {ratio:.2}"
            );
        }
        assert!(
            !selected.add_modifier.contains(Modifier::REVERSED),
            "{name}"
        );
        looked_at.push(name);
    }
    looked_at.dedup();
    assert_eq!(
        looked_at,
        ["dark", "light", "high-contrast", "colour-blind"]
    );
}

#[test]
fn what_is_good_and_what_is_bad_stay_apart_for_every_eye() {
    let palette = Palette::built_in("colour-blind").unwrap();
    for depth in [Depth::Full, Depth::Indexed] {
        let theme = Theme::of(palette, Some(depth));
        let [good, warning, bad] =
            [Token::Good, Token::Warning, Token::Bad].map(|token| theme.token(token).fg.unwrap());
        for (eye, matrix) in [
            ("normal", NORMAL),
            ("protan", PROTAN),
            ("deutan", DEUTAN),
            ("tritan", TRITAN),
        ] {
            for (one, other) in [(good, warning), (good, bad), (warning, bad)] {
                let far = distance(one, other, matrix);
                assert!(far >= APART, "{eye} {depth:?}: {one} {other} {far:.1}");
            }
        }
    }
}

/// The measure itself: red and green of one lightness are one colour for a deutan eye.
#[test]
fn the_simulation_finds_red_and_green_too_near() {
    let (red, green) = (Color::Rgb(0xb0, 0x50, 0x30), Color::Rgb(0x78, 0x78, 0x28));
    assert!(distance(red, green, NORMAL) > APART);
    assert!(distance(red, green, DEUTAN) < APART);
    assert!((contrast(Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)) - 21.0).abs() < 0.01);
}

/// What a theme over an unknown background can promise: the terminal's scheme decides every
/// colour, none is set behind text, and what must be seen is reversed.
#[test]
fn a_theme_without_a_background_leaves_the_colours_to_the_terminal() {
    for name in ["terminal", "16"] {
        let palette = Palette::built_in(name).unwrap();
        for depth in [Depth::Sixteen, Depth::Full] {
            let theme = Theme::of(palette, Some(depth));
            for token in Token::ALL {
                let style = theme.token(token);
                assert_eq!(style.bg, None, "{name} {token:?}");
                let is_own = matches!(
                    style.fg,
                    None | Some(
                        Color::Red | Color::Green | Color::Yellow | Color::Cyan | Color::DarkGray
                    )
                );
                assert!(is_own, "{name} {token:?}");
                let is_grey = style.fg == Some(Color::DarkGray);
                assert!(!is_grey || name == "terminal", "{name} {token:?}");
            }
            for token in [Token::Selected, Token::Loud] {
                let style = theme.token(token);
                assert!(style.add_modifier.contains(Modifier::REVERSED), "{name}");
            }
        }
    }
}
