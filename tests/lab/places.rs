//! Names for the addresses of the lab, so that a scenario reads like a story.

/// A name, and its address in each family.
const PLACES: [(&str, [&str; 2]); 9] = [
    ("client", ["10.77.1.2", "fd77:1::2"]),
    ("router1", ["10.77.1.1", "fd77:1::1"]),
    ("router2", ["10.77.9.2", "fd77:9::2"]),
    ("server", ["10.77.2.2", "fd77:2::2"]),
    ("other", ["10.77.3.2", "fd77:3::2"]),
    // Nobody has these addresses: behind the second router, and beside the client.
    ("nobody", ["10.77.2.99", "fd77:2::99"]),
    ("no-neighbour", ["10.77.1.99", "fd77:1::99"]),
    // No router knows this network, and not even the client knows the last one.
    ("lost", ["10.77.5.2", "fd77:5::2"]),
    ("nowhere", ["10.99.0.1", "fd99::1"]),
];

/// The parts, and the address of each that is nearest to the client.
const PARTS: [(&str, &str); 5] = [
    ("c", "client"),
    ("r", "router1"),
    ("q", "router2"),
    ("s", "server"),
    ("t", "other"),
];

/// Whether the text differs between the families.
pub fn is_of_both(text: &str) -> bool {
    let named = |name: &str| text.contains(&format!("{{{name}}}"));
    PLACES.iter().any(|(name, _)| named(name))
}

/// The text with addresses for names: `{server}` in the family that is asked for (0 is IPv4),
/// `{server4}` and `{server6}` in their own.
pub fn fill(text: &str, family: usize) -> String {
    let mut filled = text.to_owned();
    for (name, addresses) in PLACES {
        filled = filled
            .replace(&format!("{{{name}}}"), addresses[family])
            .replace(&format!("{{{name}4}}"), addresses[0])
            .replace(&format!("{{{name}6}}"), addresses[1]);
    }
    assert!(!filled.contains('{'), "no such place: {text}");
    filled
}

/// The same for text that stands for itself in both families.
pub fn fill_both(text: &str) -> Vec<String> {
    let families = if is_of_both(text) { 2 } else { 1 };
    (0..families).map(|family| fill(text, family)).collect()
}

/// Where the client reaches a part over IPv4.
pub fn of_part(part: &str) -> &'static str {
    let place = PARTS.iter().find(|(name, _)| *name == part);
    let (_, place) = place.unwrap_or_else(|| panic!("no such part: {part}"));
    let found = PLACES.iter().find(|(name, _)| name == place);
    found.unwrap().1[0]
}
