//! The phases that SqlClient prints with a time-out: the one with the time is the layer.

use super::layer::Layer;
use crate::diagnosis::State;

/// Where the time went: `[Pre-Login] initialization=21036; handshake=0; [Login] …`.
///
/// Initialization is name, Browser and TCP; the handshake is PRELOGIN and TLS. The text is a
/// view's, so `[post-login]` is `[post login]`.
pub(super) fn slowest(text: &str) -> Option<(Layer, Option<State>)> {
    let from = text
        .find("[pre login]")
        .or_else(|| text.find("initialization="))?;
    let text = &text[from..];
    let login = text.find("[login]").unwrap_or(text.len());
    let (first, second) = text.split_at(login);
    let phases = [
        (value(second, "complete="), (Layer::Session, None)),
        (
            value(second, "initialization=").max(value(second, "authentication=")),
            (Layer::Login, None),
        ),
        (
            value(first, "handshake="),
            (Layer::Prelogin, Some(State::Silent)),
        ),
        (
            value(first, "initialization="),
            (Layer::Connect, Some(State::TimedOut)),
        ),
    ];
    let (time, phase) = phases.into_iter().max_by_key(|(time, _)| *time)?;
    time.filter(|time| *time > 0).map(|_| phase)
}

fn value(text: &str, key: &str) -> Option<u64> {
    let rest = text.get(text.find(key)? + key.len()..)?.trim_start();
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_with_the_time_is_the_layer() {
        for (text, layer) in [
            (
                "[pre login] initialization=21036; handshake=0;",
                Layer::Connect,
            ),
            (
                "[pre login] initialization=3; handshake=29995;",
                Layer::Prelogin,
            ),
            (
                "[pre login] initialization=3; handshake=5; [login] initialization=0; authentication=14900;",
                Layer::Login,
            ),
            (
                "[pre login] initialization=231; handshake=983; [login] initialization=0; authentication=0; [post login] complete=13000;",
                Layer::Session,
            ),
        ] {
            assert_eq!(slowest(text).unwrap().0, layer, "{text}");
        }
        assert_eq!(slowest("[pre login] initialization=0; handshake=0;"), None);
        assert_eq!(slowest("initialization=x"), None);
    }
}
