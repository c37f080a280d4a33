use proptest::prelude::*;

use super::*;

fn fall(spans: &[(u64, u64)]) -> Waterfall {
    let mut fall = Waterfall::default();
    for (start, took) in spans {
        let start = u128::from(*start);
        let end = start + u128::from(*took);
        fall.push("connect".to_owned(), Mark::Good, start, end);
    }
    fall
}

proptest! {
    #[test]
    fn bars_stay_in_the_area_in_order_and_to_scale(
        spans in prop::collection::vec((any::<u64>(), any::<u64>()), 1..20),
        shift in 0..60_u32,
        columns in 1..200_usize,
    ) {
        let spans: Vec<_> = spans.iter().map(|(a, b)| (a >> shift, b >> shift)).collect();
        let fall = fall(&spans);
        let scale = fall.scale(columns);
        let wide = u128::try_from(columns).unwrap();
        let mut placed = Vec::new();
        for span in fall.bars.iter().filter_map(|bar| bar.span) {
            prop_assert!(span.end <= scale.whole);
            let cells = scale.place(span, columns);
            prop_assert!(cells.eighths >= 1);
            prop_assert!(cells.from * 8 + cells.eighths <= columns * 8);
            // A cell in time, and what is drawn against what was.
            let cell = scale.whole / wide + 1;
            let time = |eighths: usize| u128::try_from(eighths).unwrap() * scale.whole / (wide * 8);
            prop_assert!(time(cells.from * 8).abs_diff(span.start) <= cell);
            prop_assert!(time(cells.from * 8 + cells.eighths).abs_diff(span.end) <= cell);
            placed.push((span, cells));
        }
        placed.sort_by_key(|(span, _)| span.start);
        prop_assert!(placed.is_sorted_by_key(|(_, cells)| cells.from));
        placed.sort_by_key(|(span, _)| span.end);
        let end = |cells: &Cells| cells.from * 8 + cells.eighths;
        // What took nothing is still one eighth wide.
        prop_assert!(placed.windows(2).all(|two| end(&two[0].1) <= end(&two[1].1) + 8));
    }

    #[test]
    fn ticks_never_touch(longest in any::<u64>(), shift in 0..64_u32, columns in 20..200_usize) {
        let scale = fall(&[(0, longest >> shift)]).scale(columns);
        let ticks = scale.ticks(columns);
        prop_assert!(ticks.len() >= 2);
        prop_assert!(ticks.len() <= columns / TICK + 1);
        prop_assert!(ticks.is_sorted_by_key(|(column, _)| *column));
    }
}

#[test]
fn a_scale_is_round() {
    let words = |took, columns| {
        let ticks = fall(&[(0, took)]).scale(columns).ticks(columns);
        ticks
            .into_iter()
            .map(|(_, words)| words)
            .collect::<Vec<_>>()
    };
    assert_eq!(words(4_000_300, 40), ["0", "2 s", "4 s", "6 s"]);
    assert_eq!(
        words(2_300, 50),
        ["0", "0.5 ms", "1 ms", "1.5 ms", "2 ms", "2.5 ms"]
    );
    assert_eq!(words(900_000, 30), ["0", "500 ms", "1000 ms"]);
}
