//! The shape that a JSON value must have: documented fields, their types, closed sets of words.

use serde_json::Value;

/// What a value must be. Fields that nobody documented may be there besides.
#[derive(Clone, Copy)]
pub enum Shape {
    Text,
    /// RFC 3339, in UTC
    Time,
    /// Not negative
    Number,
    /// A whole number: drivers count below zero, too
    Code,
    Bool,
    /// This very number
    Exactly(u64),
    OneOf(&'static [&'static str]),
    Nullable(&'static Shape),
    ListOf(&'static Shape),
    Object(&'static [Field]),
    /// The object whose `kind` is this word
    ByKind(&'static [(&'static str, Shape)]),
}

/// A field of an object.
#[derive(Clone, Copy)]
pub enum Field {
    /// It is always there.
    Always(&'static str, Shape),
    /// It is absent where nothing is known of it.
    Known(&'static str, Shape),
}

impl Shape {
    /// Everything in which `value` differs, a line each, with its place.
    pub fn differences(&self, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        self.compare(value, "", &mut found);
        found
    }

    fn compare(&self, value: &Value, at: &str, found: &mut Vec<String>) {
        let mut wrong = |wanted: &str| found.push(format!("{at}: {wanted} expected, not {value}"));
        match self {
            Self::Text if !value.is_string() => wrong("a text"),
            Self::Time if !is_time(value) => wrong("a time in UTC"),
            Self::Number if value.as_f64().is_none_or(|number| number < 0.0) => wrong("a number"),
            Self::Code if !value.is_i64() => wrong("a whole number"),
            Self::Bool if !value.is_boolean() => wrong("true or false"),
            Self::Exactly(number) if value.as_u64() != Some(*number) => wrong(&number.to_string()),
            Self::OneOf(words) if !value.as_str().is_some_and(|word| words.contains(&word)) => {
                wrong(&words.join(" or "));
            }
            Self::Nullable(shape) if !value.is_null() => shape.compare(value, at, found),
            Self::ListOf(shape) => match value.as_array() {
                None => wrong("a list"),
                Some(list) => {
                    for (place, element) in list.iter().enumerate() {
                        shape.compare(element, &format!("{at}[{place}]"), found);
                    }
                }
            },
            Self::Object(fields) => fields
                .iter()
                .for_each(|field| field.compare(value, at, found)),
            Self::ByKind(kinds) => match kinds.iter().find(|(kind, _)| value["kind"] == *kind) {
                None => wrong("a known kind"),
                Some((_, shape)) => shape.compare(value, at, found),
            },
            _ => {}
        }
    }
}

impl Field {
    fn compare(&self, object: &Value, at: &str, found: &mut Vec<String>) {
        let (Self::Always(name, shape) | Self::Known(name, shape)) = self;
        let at = format!("{at}.{name}");
        match (object.get(name), self) {
            (Some(value), _) => shape.compare(value, &at, found),
            (None, Self::Always(..)) => found.push(format!("{at}: absent")),
            (None, Self::Known(..)) => {}
        }
    }
}

fn is_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn a_shape_tells_what_differs_and_where() {
    use Field::{Always, Known};
    const SHAPE: Shape = Shape::Object(&[
        Always("port", Shape::Nullable(&Shape::Number)),
        Always("tags", Shape::ListOf(&Shape::Text)),
        Known("state", Shape::OneOf(&["open", "refused"])),
        Known("at", Shape::Time),
    ]);
    let right = serde_json::json!({ "port": null, "tags": ["a"], "at": "2026-11-22T08:00:00Z" });
    assert_eq!(SHAPE.differences(&right), [""; 0]);
    let wrong = serde_json::json!({ "tags": ["a", 1], "state": "shut", "at": "2026-11-22" });
    let places: Vec<_> = SHAPE
        .differences(&wrong)
        .iter()
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(places, [".port", ".tags[1]", ".state", ".at"]);
}
