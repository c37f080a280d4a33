//! A picture as SVG: text stays text, every run at its place, so that no font can shift it.

use std::fmt::Write as _;

use crate::picture::{Cell, Look, Paper, Picture, Rgb};
use crate::shapes;

/// A cell. A monospaced letter is about 0.6 of its size wide.
pub const WIDE: f64 = 8.43;
pub const HIGH: f64 = 18.0;
const FONT: f64 = 14.0;
const FONTS: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',\
    'Liberation Mono',monospace";
/// Between the edge and the text.
const MARGIN: f64 = 14.0;
/// The bar of the window.
const BAR: f64 = 30.0;
/// From the top of a cell to the line that letters stand on.
const BASE: f64 = 13.2;

/// What is said about a picture.
pub struct Caption<'a> {
    /// What was typed to get it
    pub command: &'a str,
    pub title: &'a str,
    /// For those who cannot see it
    pub description: String,
}

pub fn draw(picture: &Picture, paper: &Paper, caption: &Caption) -> String {
    let wide = number(2.0 * MARGIN + WIDE * count(picture.columns()));
    let high = number(MARGIN + BAR + HIGH * count(picture.lines.len()));
    let (ground, ink) = (hex(paper.ground), hex(paper.ink));
    let [title, description, command] =
        [caption.title, &caption.description, caption.command].map(escape);
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" role="img" aria-labelledby="title description" font-family="{FONTS}" font-size="{FONT}">
<title id="title">{title}</title>
<desc id="description">{description}</desc>
<rect x=".5" y=".5" width="{inner_wide}" height="{inner_high}" rx="9" fill="{ground}" stroke="{ink}" stroke-opacity=".25"/>
<g fill="{ink}" fill-opacity=".3"><circle cx="18" cy="16" r="5"/><circle cx="35" cy="16" r="5"/><circle cx="52" cy="16" r="5"/></g>
<text x="{middle}" y="20.5" font-size="12.5" fill="{ink}" fill-opacity=".6" text-anchor="middle">{command}</text>"#,
        inner_wide = number(2.0 * MARGIN + WIDE * count(picture.columns()) - 1.0),
        inner_high = number(MARGIN + BAR + HIGH * count(picture.lines.len()) - 1.0),
        middle = number(MARGIN + WIDE * count(picture.columns()) / 2.0),
    )
    .unwrap();
    for (row, line) in picture.lines.iter().enumerate() {
        let top = BAR + HIGH * count(row);
        grounds(&mut svg, line, top);
        drawn(&mut svg, line, top);
        written(&mut svg, line, top);
    }
    svg += "</svg>\n";
    svg
}

/// The colours behind the text.
fn grounds(svg: &mut String, line: &[Cell], top: f64) {
    let mut column = 0;
    for run in line.chunk_by(|one, next| one.look.ground == next.look.ground) {
        if let Some(ground) = run[0].look.ground {
            let (x, wide) = (number(left(column)), number(WIDE * count(run.len())));
            let (y, ground) = (number(top), hex(ground));
            writeln!(
                svg,
                r#"<rect x="{x}" y="{y}" width="{wide}" height="{HIGH}" fill="{ground}"/>"#
            )
            .unwrap();
        }
        column += run.len();
    }
}

/// Lines, blocks and dots, one path for what looks the same.
fn drawn(svg: &mut String, line: &[Cell], top: f64) {
    let mut paths: Vec<(Look, String)> = Vec::new();
    for (column, cell) in line.iter().enumerate() {
        let Some(path) = shape(cell, left(column), top) else {
            continue;
        };
        match paths.iter_mut().find(|(look, _)| *look == cell.look) {
            Some((_, whole)) => *whole += &path,
            None => paths.push((cell.look, path)),
        }
    }
    for (look, path) in paths {
        writeln!(svg, r#"<path d="{path}"{}/>"#, attributes(look)).unwrap();
    }
}

fn shape(cell: &Cell, x: f64, y: f64) -> Option<String> {
    shapes::path(cell.text.chars().next()?, x, y)
}

/// The letters: a `text` for a line, a `tspan` for what looks the same.
fn written(svg: &mut String, line: &[Cell], top: f64) {
    let spans: String = runs(line).iter().map(span).collect();
    if !spans.is_empty() {
        let y = number(top + BASE);
        writeln!(svg, r#"<text y="{y}" xml:space="preserve">{spans}</text>"#).unwrap();
    }
}

/// Cells that are written in one go.
struct Run {
    column: usize,
    /// How many cells it takes
    cells: usize,
    text: String,
    look: Look,
}

fn span(run: &Run) -> String {
    let (x, wide) = (number(left(run.column)), number(WIDE * count(run.cells)));
    let (text, attributes) = (escape(&run.text), attributes(run.look));
    format!(
        r#"<tspan x="{x}" textLength="{wide}" lengthAdjust="spacingAndGlyphs"{attributes}>{text}</tspan>"#
    )
}

fn runs(line: &[Cell]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    // Whether the next letter may join the run before it.
    let mut open = false;
    for (column, cell) in line.iter().enumerate() {
        let is_shape = shape(cell, 0.0, 0.0).is_some();
        if is_shape || (cell.text.is_empty() && !cell.look.underline) {
            open &= !is_shape;
            continue;
        }
        let text = if cell.text.is_empty() {
            " "
        } else {
            &cell.text
        };
        let is_plain = is_in_every_font(text);
        match runs.last_mut() {
            Some(run)
                if open
                    && is_plain
                    && run.look == cell.look
                    && column - run.column - run.cells <= 1 =>
            {
                if column > run.column + run.cells {
                    run.text.push(' ');
                }
                run.text += text;
                run.cells = column + 1 - run.column;
            }
            _ => runs.push(Run {
                column,
                cells: 1,
                text: text.to_owned(),
                look: cell.look,
            }),
        }
        open = is_plain;
    }
    runs
}

/// What comes from another font has another width: it stands alone.
fn is_in_every_font(text: &str) -> bool {
    text.is_ascii() || ["·", "—", "–", "…", "×"].contains(&text)
}

fn attributes(look: Look) -> String {
    let mut attributes = format!(r#" fill="{}""#, hex(look.ink));
    for (is_so, attribute) in [
        (look.bold, r#" font-weight="bold""#),
        (look.dim, r#" fill-opacity=".65""#),
        (look.italic, r#" font-style="italic""#),
        (look.underline, r#" text-decoration="underline""#),
    ] {
        if is_so {
            attributes += attribute;
        }
    }
    attributes
}

fn left(column: usize) -> f64 {
    MARGIN + WIDE * count(column)
}

fn count(cells: usize) -> f64 {
    f64::from(u16::try_from(cells).unwrap())
}

/// A hundredth is finer than anybody sees.
pub fn number(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            // XML has no way to write these.
            character if character.is_control() => {}
            character => escaped.push(character),
        }
    }
    escaped
}
