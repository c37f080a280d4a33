//! When a window comes back: `daily 02:00`, `sun 02:00`, `second tue 22:00`, `last sun 02:00`.

use std::fmt;

use jiff::civil::{Date, DateTime, Time, Weekday};

use crate::config::section::Wrong;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

const PLACES: [(&str, i8); 5] = [
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("last", -1),
];

/// When each window begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// On which days.
    pub days: Days,
    /// At what time of day.
    pub at: Time,
}

/// The days of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// Each.
    Daily,
    /// One of the week.
    Weekly(Weekday),
    /// One of the month: the n-th, or with -1 the last, such day of the week.
    Monthly(i8, Weekday),
}

impl Every {
    /// When it begins on a day, if it does.
    pub fn on(self, day: Date) -> Option<DateTime> {
        let is_day = match self.days {
            Days::Daily => true,
            Days::Weekly(weekday) => day.weekday() == weekday,
            Days::Monthly(nth, weekday) => day.nth_weekday_of_month(nth, weekday).ok() == Some(day),
        };
        is_day.then(|| day.to_datetime(self.at))
    }

    pub(super) fn read(text: &str) -> Result<Self, Wrong> {
        let words: Vec<String> = text
            .split_whitespace()
            .map(str::to_ascii_lowercase)
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (days, time) = match words[..] {
            ["daily", time] => (Days::Daily, time),
            [day, time] => (Days::Weekly(weekday(day)?), time),
            [place, day, time] => (Days::Monthly(nth(place)?, weekday(day)?), time),
            _ => return Err(wrong(format!("\"{text}\" is no day and time"))),
        };
        let at = self::time(time)
            .ok_or_else(|| wrong(format!("\"{time}\" is no time of day, as 02:00 is")))?;
        Ok(Self { days, at })
    }
}

fn weekday(word: &str) -> Result<Weekday, Wrong> {
    // `sunday` as well, and whatever is in between.
    let is_named = |name: &str, day: Weekday| {
        let full = format!("{day:?}").to_ascii_lowercase();
        word.starts_with(name) && full.starts_with(word)
    };
    let mut days = WEEKDAYS.iter();
    let found = days.find(|(name, day)| is_named(name, *day));
    let found = found.map(|(_, day)| *day);
    found.ok_or_else(|| wrong(format!("\"{word}\" is no day of the week")))
}

fn nth(word: &str) -> Result<i8, Wrong> {
    let mut places = PLACES.iter();
    let found = places.find(|(name, _)| *name == word).map(|(_, nth)| *nth);
    found.ok_or_else(|| {
        wrong(format!(
            "\"{word}\" is not first, second, third, fourth or last"
        ))
    })
}

/// `2:00`, `02:00`, `22:30`.
pub(super) fn time(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once(':')?;
    let is_number = |text: &str, most| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(hour, 2) || !is_number(minute, 2) || minute.len() != 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn wrong(problem: String) -> Wrong {
    Wrong::new(problem)
        .hint("write \"daily 02:00\", \"sun 02:00\", \"second tue 22:00\" or \"last sun 02:00\"")
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |day: Weekday| {
            let mut days = WEEKDAYS.iter();
            days.find(|(_, known)| *known == day)
                .map_or("", |(word, _)| word)
        };
        match self.days {
            Days::Daily => write!(f, "daily ")?,
            Days::Weekly(weekday) => write!(f, "{} ", day(weekday))?,
            Days::Monthly(nth, weekday) => {
                let mut places = PLACES.iter();
                let place = places.find(|(_, known)| *known == nth);
                write!(
                    f,
                    "{} {} ",
                    place.map_or("", |(word, _)| word),
                    day(weekday)
                )?;
            }
        }
        write!(f, "{:02}:{:02}", self.at.hour(), self.at.minute())
    }
}
