//! How the screen is divided, from its size alone.

use ratatui::layout::Rect;

/// Smaller than this, the screen only says so; probing goes on.
pub const SMALLEST: (u16, u16) = (40, 10);
/// Smaller than this, the detail pane is a screen of its own.
const BOTH: (u16, u16) = (80, 20);

/// Where each part goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// What is watched, and how it is.
    pub header: Rect,
    /// Column titles and rows.
    pub table: Rect,
    /// The selected instance; `None` where the screen is too small for both.
    pub detail: Option<Rect>,
    /// The keys, or a field and what is said of it.
    pub footer: Rect,
}

impl Layout {
    /// Divides `area` for a table of `rows` rows and a footer of `lines` lines. `None`: too
    /// small for anything.
    pub fn of(area: Rect, rows: usize, lines: u16) -> Option<Self> {
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return None;
        }
        let header = Rect { height: 1, ..area };
        let footer = Rect {
            y: area.bottom() - lines,
            height: lines,
            ..area
        };
        // A rule under the header, and nothing but the table above the footer.
        let body = Rect {
            y: area.y + 2,
            height: area.height - 2 - lines,
            ..area
        };
        if area.width < BOTH.0 || area.height < BOTH.1 {
            return Some(Self {
                header,
                table: body,
                detail: None,
                footer,
            });
        }
        // The table takes what it needs, at most two fifths: the detail is why people look.
        let wanted = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(1);
        let height = wanted.clamp(4, (body.height * 2 / 5).max(6));
        let table = Rect { height, ..body };
        let detail = Rect {
            y: table.bottom(),
            height: body.height - height,
            ..body
        };
        Some(Self {
            header,
            table,
            detail: Some(detail),
            footer,
        })
    }

    /// How many rows the table shows, its titles left out.
    pub fn table_rows(&self) -> usize {
        usize::from(self.table.height.saturating_sub(1))
    }

    /// The area of a view that fills the screen between header and footer.
    pub fn body(&self) -> Rect {
        let bottom = self.footer.y;
        Rect {
            height: bottom - self.table.y,
            ..self.table
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_never_overlap_and_never_leave_the_screen() {
        for width in 1..200 {
            for height in 1..60 {
                let area = Rect::new(0, 0, width, height);
                for (rows, lines) in [(0, 1), (3, 3), (12, 1), (5_000, 3)] {
                    let Some(layout) = Layout::of(area, rows, lines) else {
                        assert!(width < SMALLEST.0 || height < SMALLEST.1);
                        continue;
                    };
                    let parts = [
                        Some(layout.header),
                        Some(layout.table),
                        layout.detail,
                        Some(layout.footer),
                    ];
                    let parts: Vec<Rect> = parts.into_iter().flatten().collect();
                    for (at, part) in parts.iter().enumerate() {
                        assert_eq!(part.intersection(area), *part, "{width}x{height}");
                        assert!(parts[at + 1..].iter().all(|other| !other.intersects(*part)));
                    }
                    assert!(layout.table_rows() > 0);
                }
            }
        }
    }
}
