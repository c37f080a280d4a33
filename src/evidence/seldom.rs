//! A part of what was seen that most probes do not see: it takes no room then.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands where there is nothing of a kind.
pub trait Absent: Default + PartialEq + 'static {
    /// The same as its default, in one place for all.
    fn absent() -> &'static Self;
}

/// A part that is kept only where it says something. It reads and is written as what it holds.
///
/// ```
/// use sqlreach::evidence::{Browser, Layers};
///
/// let layers = Layers::default();
/// assert_eq!(layers.browser.port, None);
/// assert_eq!(layers.browser, Browser::default().into());
/// ```
#[derive(Clone, Default)]
pub struct Seldom<T>(Option<Box<T>>);

impl<T: Absent> From<T> for Seldom<T> {
    fn from(part: T) -> Self {
        Self((part != *T::absent()).then(|| Box::new(part)))
    }
}

impl<T: Absent> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or_else(|| T::absent())
    }
}

impl<T: Absent> DerefMut for Seldom<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Absent> PartialEq for Seldom<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Absent + fmt::Debug> fmt::Debug for Seldom<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: Absent + Serialize> Serialize for Seldom<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Absent + Deserialize<'de>> Deserialize<'de> for Seldom<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self::from)
    }
}
