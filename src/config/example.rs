//! The commented example that `config init` writes.

/// The example: every key with its default, commented out (`#key = …`, words after `# `).
pub const EXAMPLE: &str = include_str!("../../assets/sqlreach.example.toml");

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::EXAMPLE;
    use crate::config::origin::Origin;
    use crate::config::{Instance, Loaded, Probe, Screen, file};
    use crate::target::Declared;

    fn parse(text: &str) -> Loaded {
        Loaded::parse(text, Path::new("example")).unwrap()
    }

    /// The example with every setting in force.
    fn uncommented() -> Loaded {
        let setting = |line: &'static str| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(line)
        };
        parse(&EXAMPLE.lines().map(setting).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn as_written_it_changes_nothing() {
        let config = parse(EXAMPLE).config;
        assert_eq!(config.probe, Probe::default());
        assert_eq!(config.screen, Screen::default());
        assert_eq!(config.instances, []);
    }

    #[test]
    fn every_value_is_the_default() {
        let loaded = uncommented();
        assert_eq!(loaded.config.probe, Probe::default());
        assert_eq!(loaded.config.screen, Screen::default());
        let [instance] = &loaded.config.instances[..] else {
            panic!("one instance")
        };
        let example = Instance {
            name: "Sales".to_owned(),
            tags: vec!["prod".to_owned(), "emea".to_owned()],
            declared: Declared {
                expected_live: Some(1),
                ..Declared::default()
            },
            note: Some("team Sales, runbook 12".to_owned()),
            interval: Some(Probe::default().interval),
            ..Instance::from_text(r"sales01\PROD")
        };
        assert_eq!(**instance, example);
    }

    #[test]
    fn every_key_is_there() {
        let loaded = uncommented();
        let keys = file::keys();
        for key in keys.probe {
            assert_ne!(loaded.probe.of(key), Origin::Default, "{key}");
        }
        for key in keys.screen {
            assert_ne!(loaded.screen.of(key), Origin::Default, "{key}");
        }
        for key in keys.instance {
            assert_ne!(loaded.instances[0].keys.of(key), Origin::Default, "{key}");
        }
    }
}
