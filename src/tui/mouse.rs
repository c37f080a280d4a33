//! What the mouse points at: a place on the screen that was drawn, and what stands there.

use ratatui::layout::{Position, Rect};

use super::action::Action;
use super::app::Tab;
use super::fleet::{GroupName, Spot};
use super::view::HitMap;
use crate::config::Column;

/// Lines that one notch of the wheel moves.
pub const NOTCH: isize = 3;
/// How wide the mark of a group is that folds it.
const FOLD: u16 = 2;
/// From the left edge of the list to the end of a column's box: ` [x] `.
const CHECK: u16 = 5;

/// What a click is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The line of the table that this stands on.
    Line(Spot),
    /// The mark of a group.
    Fold(GroupName),
    /// The title of a column.
    Title(Column),
    /// A tab.
    Tab(Tab),
    /// A key of the footer.
    Key(Action),
    /// A line of the list over everything else, and whether its box was meant.
    Choice {
        /// Its number.
        at: usize,
        /// The box in front of it.
        check: bool,
    },
    /// A field of the form, by its number.
    Field(usize),
}

/// What the wheel turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    /// The table.
    Table,
    /// The pane under it.
    Detail,
    /// The view that fills the screen.
    View,
    /// The list over everything else.
    List,
}

/// What stands at a place; `None` where a click means nothing.
pub fn hit(map: &HitMap, x: u16, y: u16) -> Option<Hit> {
    let at = Position { x, y };
    let key = find(&map.keys, at).map(Hit::Key);
    let tab = || find(&map.tabs, at).map(Hit::Tab);
    let title = || find(&map.titles, at).map(Hit::Title);
    let field = || find(&map.fields, at).map(Hit::Field);
    key.or_else(tab)
        .or_else(title)
        .or_else(field)
        .or_else(|| choice(map, at))
        .or_else(|| line(map, at))
}

/// What the wheel turns at a place.
pub fn pane(map: &HitMap, x: u16, y: u16) -> Option<Pane> {
    let at = Position { x, y };
    let panes = [
        (map.list, Pane::List),
        (map.rows, Pane::Table),
        (map.detail, Pane::Detail),
        (map.scrolls, Pane::View),
    ];
    let found = panes.into_iter().find(|(place, _)| place.contains(at));
    found.map(|(_, pane)| pane)
}

fn find<T: Clone>(places: &[(Rect, T)], at: Position) -> Option<T> {
    let found = places.iter().find(|(place, _)| place.contains(at));
    found.map(|(_, what)| what.clone())
}

fn choice(map: &HitMap, at: Position) -> Option<Hit> {
    let (place, number) = map.options.iter().find(|(place, _)| place.contains(at))?;
    Some(Hit::Choice {
        at: *number,
        check: at.x < place.x.saturating_add(CHECK),
    })
}

fn line(map: &HitMap, at: Position) -> Option<Hit> {
    if !map.rows.contains(at) {
        return None;
    }
    let spot = map.lines.get(usize::from(at.y - map.rows.y))?;
    Some(match spot {
        Spot::Group(name) if at.x < map.rows.x.saturating_add(FOLD) => Hit::Fold(name.clone()),
        spot => Hit::Line(spot.clone()),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::tui::{sample, tests, view};

    fn table() -> HitMap {
        HitMap {
            rows: Rect::new(0, 3, 100, 4),
            lines: vec![
                Spot::Group(None),
                Spot::Group(Some("prod".into())),
                Spot::Group(Some("test".into())),
            ],
            titles: vec![
                (Rect::new(2, 2, 17, 1), Column::State),
                (Rect::new(19, 2, 30, 1), Column::Instance),
            ],
            keys: vec![
                (Rect::new(0, 23, 8, 1), Action::Help),
                (Rect::new(8, 23, 8, 1), Action::Quit),
            ],
            detail: Rect::new(0, 7, 100, 16),
            ..HitMap::default()
        }
    }

    #[rstest]
    #[case::its_mark(0, 4, Some(Hit::Fold(Some("prod".into()))))]
    #[case::end_of_its_mark(1, 4, Some(Hit::Fold(Some("prod".into()))))]
    #[case::its_name(2, 4, Some(Hit::Line(Spot::Group(Some("prod".into())))))]
    #[case::end_of_its_line(99, 5, Some(Hit::Line(Spot::Group(Some("test".into())))))]
    #[case::no_row_stands_there(5, 6, None)]
    #[case::right_of_the_table(100, 4, None)]
    #[case::before_the_first_title(1, 2, None)]
    #[case::first_title(2, 2, Some(Hit::Title(Column::State)))]
    #[case::end_of_it(18, 2, Some(Hit::Title(Column::State)))]
    #[case::next_title(19, 2, Some(Hit::Title(Column::Instance)))]
    #[case::behind_the_last_title(49, 2, None)]
    #[case::first_key(7, 23, Some(Hit::Key(Action::Help)))]
    #[case::next_key(8, 23, Some(Hit::Key(Action::Quit)))]
    #[case::header(3, 0, None)]
    #[case::detail(3, 10, None)]
    #[case::far_away(u16::MAX, u16::MAX, None)]
    fn a_click_means_what_stands_there(#[case] x: u16, #[case] y: u16, #[case] hit: Option<Hit>) {
        assert_eq!(super::hit(&table(), x, y), hit);
    }

    #[rstest]
    #[case::row(5, 3, Some(Pane::Table))]
    #[case::empty_row(5, 6, Some(Pane::Table))]
    #[case::detail(5, 7, Some(Pane::Detail))]
    #[case::header(5, 0, None)]
    #[case::footer(5, 23, None)]
    fn the_wheel_turns_what_is_under_it(
        #[case] x: u16,
        #[case] y: u16,
        #[case] pane: Option<Pane>,
    ) {
        assert_eq!(super::pane(&table(), x, y), pane);
    }

    /// Every key of the footer and every title is where it is drawn.
    #[test]
    fn what_is_hit_is_what_is_read() {
        for (width, height) in [(120, 40), (80, 24), (60, 20), (40, 10)] {
            let mut app = sample::app(width, height);
            for keys in ["", "enter", "esc ?", "esc C"] {
                if !keys.is_empty() {
                    tests::press(&mut app, keys);
                }
                let (map, shown) = tests::drawn(&mut app, width, height);
                assert!(!map.keys.is_empty(), "{shown}");
                for (place, action) in &map.keys {
                    let line = shown.lines().nth(usize::from(place.y)).unwrap();
                    let text: String = line.chars().skip(place.x.into()).collect();
                    let row = app.about.keys.all(app.mode());
                    let row = row.iter().find(|row| row.action == *action).unwrap();
                    let words = format!(" {} {}", row.key_shown(), row.short);
                    assert!(text.starts_with(&words), "{action:?}: {text:?}\n{shown}");
                }
                for (place, column) in &map.titles {
                    let line = shown.lines().nth(usize::from(place.y)).unwrap();
                    let cells = line.chars().skip(place.x.into());
                    let text: String = cells.take(place.width.into()).collect();
                    let word = match column {
                        Column::Layers => "DNS".to_owned(),
                        column => column.word().to_uppercase(),
                    };
                    assert!(text.contains(&word), "{column:?}: {text:?}\n{shown}");
                }
            }
        }
    }

    #[test]
    fn a_list_covers_what_is_under_it() {
        let mut app = sample::app(100, 30);
        tests::press(&mut app, "C");
        let (map, shown) = tests::drawn(&mut app, 100, 30);
        let y = (0..)
            .zip(shown.lines())
            .find(|(_, line)| line.contains("[x] instance"))
            .map(|(y, _)| y)
            .unwrap();
        let x = map.list.x + 1;
        let choice = |check| Some(Hit::Choice { at: 1, check });
        assert_eq!(hit(&map, x + 1, y), choice(true));
        assert_eq!(hit(&map, x + 9, y), choice(false));
        assert_eq!(pane(&map, x, y), Some(Pane::List));
        // The table beside it is seen, and means nothing.
        assert_eq!((hit(&map, 1, 3), pane(&map, 1, 3)), (None, None));
    }

    #[test]
    fn a_screen_that_is_too_small_has_nothing_to_hit() {
        let mut app = sample::app(30, 6);
        let (map, _) = tests::drawn(&mut app, 30, 6);
        assert_eq!(map, view::HitMap::default());
    }
}
