//! Lines, blocks, Braille and the marks of states as shapes, since fonts draw them with gaps,
//! in a width of their own, as an emoji, or not at all.

use std::fmt::Write as _;

use crate::svg::{HIGH, WIDE, number};

/// The path of a character that is drawn and not written, in a cell that begins at `x`, `y`.
pub fn path(character: char, x: f64, y: f64) -> Option<String> {
    match character {
        '▁'..='█' => Some(lower_block(character, x, y)),
        '\u{2800}'..='\u{28ff}' => Some(braille(character, x, y)),
        '●' | '◐' | '▲' | '✖' | '⧗' => Some(mark(character, x, y)),
        _ => lines(character, x, y),
    }
}

/// The marks of states, as large as a letter.
fn mark(character: char, x: f64, y: f64) -> String {
    const R: f64 = 3.6;
    let (middle, centre) = (x + WIDE / 2.0, y + HIGH / 2.0 + 0.4);
    let at = |right: f64, down: f64| {
        let (x, y) = (middle + right * R, centre + down * R);
        format!("{} {}", number(x), number(y))
    };
    let half = |sweep| format!("A{R} {R} 0 0 {sweep} {}", at(0.0, 1.0));
    match character {
        '●' => format!(
            "M{}{}A{R} {R} 0 0 1 {}z",
            at(0.0, -1.0),
            half(1),
            at(0.0, -1.0)
        ),
        // The left half is full, the right one a ring.
        '◐' => format!(
            "M{}{}zM{}{}L{}A2.6 2.6 0 0 0 {}z",
            at(0.0, -1.0),
            half(0),
            at(0.0, -1.0),
            half(1),
            at(0.0, 0.722),
            at(0.0, -0.722),
        ),
        '▲' => format!("M{}L{}L{}z", at(0.0, -1.05), at(1.1, 0.95), at(-1.1, 0.95)),
        '⧗' => {
            let corners = [(-1.0, -1.3), (1.0, -1.3), (-1.0, 1.3), (1.0, 1.3)];
            polygon(&corners.map(|(right, down)| at(right, down)))
        }
        _ => {
            let (inner, outer) = (0.42, 1.0);
            let corners = [
                (0.0, -inner),
                (outer - inner, -outer),
                (outer, inner - outer),
                (inner, 0.0),
                (outer, outer - inner),
                (outer - inner, outer),
                (0.0, inner),
                (inner - outer, outer),
                (-outer, outer - inner),
                (-inner, 0.0),
                (-outer, inner - outer),
                (inner - outer, -outer),
            ];
            polygon(&corners.map(|(right, down)| at(right, down)))
        }
    }
}

fn polygon(corners: &[String]) -> String {
    format!("M{}z", corners.join("L"))
}

/// The arms that meet in the middle of the cell: up, right, down, left.
fn arms(character: char) -> Option<[bool; 4]> {
    let arms = match character {
        '─' => "rl",
        '│' => "ud",
        '┌' | '╭' => "rd",
        '┐' | '╮' => "dl",
        '└' | '╰' => "ur",
        '┘' | '╯' => "ul",
        '├' => "urd",
        '┤' => "udl",
        '┬' => "rdl",
        '┴' => "url",
        '┼' => "urdl",
        _ => return None,
    };
    Some(['u', 'r', 'd', 'l'].map(|arm| arms.contains(arm)))
}

fn lines(character: char, x: f64, y: f64) -> Option<String> {
    const THICK: f64 = 1.2;
    let [up, right, down, left] = arms(character)?;
    let (middle, half) = ((x + WIDE / 2.0, y + HIGH / 2.0), THICK / 2.0);
    let mut path = String::new();
    if left || right {
        let from = if left { x } else { middle.0 - half };
        let to = if right { x + WIDE } else { middle.0 + half };
        path += &rectangle(from, middle.1 - half, to - from, THICK);
    }
    if up || down {
        let from = if up { y } else { middle.1 - half };
        let to = if down { y + HIGH } else { middle.1 + half };
        path += &rectangle(middle.0 - half, from, THICK, to - from);
    }
    Some(path)
}

/// From one eighth to the whole cell.
fn lower_block(character: char, x: f64, y: f64) -> String {
    let eighths = u32::from(character) - u32::from('▁') + 1;
    // A hair is left between neighbours, so that each can be told apart.
    let high = (HIGH - 4.0) * f64::from(eighths) / 8.0;
    rectangle(x + 0.6, y + HIGH - 2.0 - high, WIDE - 1.2, high)
}

/// The dots of Braille, numbered by column from the top; 7 and 8 came later (Unicode 2800).
fn braille(character: char, x: f64, y: f64) -> String {
    const PLACES: [(f64, f64); 8] = [
        (0.0, 0.0),
        (0.0, 1.0),
        (0.0, 2.0),
        (1.0, 0.0),
        (1.0, 1.0),
        (1.0, 2.0),
        (0.0, 3.0),
        (1.0, 3.0),
    ];
    const SIZE: f64 = 2.4;
    let bits = u32::from(character) - 0x2800;
    let is_set = |dot: &(usize, &(f64, f64))| bits & (1 << dot.0) != 0;
    let dots = PLACES.iter().enumerate().filter(is_set);
    dots.map(|(_, (column, row))| {
        let x = x + WIDE * (column + 0.5) / 2.0 - SIZE / 2.0;
        let y = y + HIGH * (row + 0.5) / 4.0 - SIZE / 2.0;
        rectangle(x, y, SIZE, SIZE)
    })
    .collect()
}

fn rectangle(x: f64, y: f64, wide: f64, high: f64) -> String {
    let mut path = String::new();
    let [x, y, wide, high] = [x, y, wide, high].map(number);
    write!(path, "M{x} {y}h{wide}v{high}h-{wide}z").unwrap();
    path
}

#[test]
fn what_is_no_shape_is_written() {
    assert_eq!(path('a', 0.0, 0.0), None);
    assert_eq!(path('≥', 0.0, 0.0), None);
}

#[test]
fn each_dot_of_braille_is_drawn() {
    let dots = |character| path(character, 0.0, 0.0).unwrap().matches('M').count();
    assert_eq!(['⠀', '⠁', '⣀', '⣿'].map(dots), [0, 1, 2, 8]);
}
