//! A colour as it is written in a theme.

/// A colour of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// The terminal's own for plain text, or its background.
    Default,
    /// One of the terminal's 256; the first 16 are its own scheme.
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// The names of the first 16, in their order.
const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

impl Colour {
    /// `default`, `#rrggbb`, or one of the 16 names.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        if let Some(digits) = text.strip_prefix('#') {
            let is_rgb = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            let number = is_rgb.then(|| u32::from_str_radix(digits, 16).ok())??;
            let [_, red, green, blue] = number.to_be_bytes();
            return Some(Self::Rgb(red, green, blue));
        }
        let text = match text {
            "gray" | "grey" => "bright-black",
            text => text,
        };
        let at = NAMES.iter().position(|name| *name == text)?;
        u8::try_from(at).ok().map(Self::Indexed)
    }

    /// What can be written besides `#rrggbb` and numbers.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().chain(["default"])
    }

    /// Whether every terminal with colours has it.
    pub fn is_basic(self) -> bool {
        matches!(self, Self::Default | Self::Indexed(0..16))
    }
}
