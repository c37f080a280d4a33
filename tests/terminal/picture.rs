//! The screen of a terminal as cells with colours, ready to be drawn.

/// Red, green and blue.
pub type Rgb = (u8, u8, u8);

/// What a terminal makes of the colours that a program asks for.
pub struct Paper {
    pub ground: Rgb,
    pub ink: Rgb,
    /// The 16 colours of ECMA-48, the bright ones last.
    pub colours: [Rgb; 16],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a terminal has four switches"
)]
pub struct Look {
    pub ink: Rgb,
    /// `None` where the paper shows.
    pub ground: Option<Rgb>,
    pub bold: bool,
    pub dim: bool,
    pub italic: bool,
    pub underline: bool,
}

#[derive(Clone, Debug)]
pub struct Cell {
    /// Empty for a blank, and for the second half of a wide character.
    pub text: String,
    pub look: Look,
}

pub struct Picture {
    pub lines: Vec<Vec<Cell>>,
}

impl Picture {
    pub fn of(screen: &vt100::Screen, paper: &Paper) -> Self {
        let (rows, columns) = screen.size();
        let line = |row| {
            (0..columns.get())
                .map(|column| cell(screen.cell(row, column).unwrap(), paper))
                .collect()
        };
        Self {
            lines: (0..rows.get()).map(line).collect(),
        }
    }

    pub fn columns(&self) -> usize {
        self.lines.first().map_or(0, Vec::len)
    }

    /// What a line says, one character a cell.
    pub fn line(&self, row: usize) -> String {
        let glyph = |cell: &Cell| cell.text.chars().next().unwrap_or(' ');
        self.lines[row].iter().map(glyph).collect()
    }

    pub fn text(&self) -> String {
        let lines: Vec<_> = (0..self.lines.len()).map(|row| self.line(row)).collect();
        lines.join("\n")
    }

    /// Writes something else in the place of what a line says. What it is longer or shorter
    /// by, the widest gap of the line gives or takes.
    pub fn replace(&mut self, row: usize, old: &str, new: &str) {
        let line = self.line(row);
        let Some(at) = line.find(old) else { return };
        let begin = line[..at].chars().count();
        let columns = self.columns();
        let cells = &mut self.lines[row];
        let look = cells[begin].look;
        let letters = new.chars().map(|letter| Cell {
            text: letter.to_string().trim().to_owned(),
            look,
        });
        cells.splice(begin..begin + old.chars().count(), letters);
        let gap = widest_gap(cells);
        while cells.len() > columns {
            cells.remove(gap);
        }
        while cells.len() < columns {
            let blank = cells[gap].clone();
            cells.insert(gap, blank);
        }
    }
}

/// Where the longest row of blanks begins.
fn widest_gap(line: &[Cell]) -> usize {
    let blanks = |at: &usize| {
        let rest = line[*at..].iter();
        rest.take_while(|cell| cell.text.is_empty()).count()
    };
    (0..line.len()).max_by_key(blanks).unwrap_or(0)
}

fn cell(cell: &vt100::Cell, paper: &Paper) -> Cell {
    let ink = colour(cell.fgcolor(), paper);
    let ground = colour(cell.bgcolor(), paper);
    let (ink, ground) = if cell.inverse() {
        let ink = ink.unwrap_or(paper.ink);
        (ground.unwrap_or(paper.ground), Some(ink))
    } else {
        (ink.unwrap_or(paper.ink), ground)
    };
    Cell {
        text: cell.contents().trim().to_owned(),
        look: Look {
            ink,
            ground,
            bold: cell.bold(),
            dim: cell.dim(),
            italic: cell.italic(),
            underline: cell.underline(),
        },
    }
}

/// The colours above 16 are the same in every terminal: a cube of 6×6×6, then 24 greys.
fn colour(colour: vt100::Color, paper: &Paper) -> Option<Rgb> {
    let step = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(red, green, blue) => Some((red, green, blue)),
        vt100::Color::Idx(index @ ..16) => Some(paper.colours[usize::from(index)]),
        vt100::Color::Idx(index @ 16..232) => {
            let index = index - 16;
            Some((step(index / 36), step(index / 6 % 6), step(index % 6)))
        }
        vt100::Color::Idx(index @ 232..) => {
            let grey = 8 + 10 * (index - 232);
            Some((grey, grey, grey))
        }
    }
}

/// A dark terminal, with colours that can be told apart on it.
pub const DARK: Paper = Paper {
    ground: (0x14, 0x17, 0x1d),
    ink: (0xd6, 0xda, 0xe1),
    colours: [
        (0x3a, 0x40, 0x4b),
        (0xff, 0x70, 0x6b),
        (0x7f, 0xca, 0x7c),
        (0xe8, 0xbc, 0x5f),
        (0x6f, 0xa9, 0xff),
        (0xd6, 0x92, 0xe2),
        (0x5f, 0xc9, 0xd8),
        (0xd6, 0xda, 0xe1),
        (0x82, 0x8a, 0x97),
        (0xff, 0x95, 0x90),
        (0xa3, 0xe3, 0x9f),
        (0xf7, 0xd5, 0x7e),
        (0x97, 0xc4, 0xff),
        (0xe8, 0xb4, 0xf1),
        (0x8f, 0xe2, 0xec),
        (0xff, 0xff, 0xff),
    ],
};

/// A light one.
pub const LIGHT: Paper = Paper {
    ground: (0xfc, 0xfc, 0xfa),
    ink: (0x22, 0x27, 0x2e),
    colours: [
        (0x22, 0x27, 0x2e),
        (0xb4, 0x26, 0x1e),
        (0x1a, 0x7a, 0x36),
        (0x87, 0x5f, 0x00),
        (0x0a, 0x5f, 0xc4),
        (0x7d, 0x4b, 0xd8),
        (0x0b, 0x6f, 0x82),
        (0x8c, 0x95, 0xa0),
        (0x66, 0x6e, 0x79),
        (0xcf, 0x22, 0x2e),
        (0x1f, 0x88, 0x3d),
        (0x9a, 0x67, 0x00),
        (0x21, 0x8b, 0xff),
        (0xa4, 0x75, 0xf9),
        (0x31, 0x92, 0xaa),
        (0xff, 0xff, 0xff),
    ],
};

#[test]
fn a_text_is_replaced_where_it_ends() {
    let mut parser = vt100::Parser::new(1.try_into().unwrap(), 20.try_into().unwrap(), 0);
    parser.process(b"5s       from vm end");
    let mut picture = Picture::of(parser.screen(), &DARK);
    picture.replace(0, "from vm ", "from jump01 ");
    assert_eq!(picture.line(0), "5s   from jump01 end");
    picture.replace(0, "from jump01 ", "from a ");
    assert_eq!(picture.line(0), "5s        from a end");
    picture.replace(0, "nowhere", "x");
    assert_eq!(picture.line(0), "5s        from a end");
}
