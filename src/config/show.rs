//! The settings in force as a file that could be read again, each with its origin.

use toml::Value;

use crate::target::{clean, mask_secrets};

use super::duration;
use super::loaded::{InstanceOrigin, Loaded};
use super::origin::Origin;
use super::{Instance, Maintenance, Probe, Timeout, When, policy, value};

/// Comments begin here, unless the setting is longer.
const COMMENT_AT: usize = 40;

impl Loaded {
    /// What is in force as TOML, the origin of each setting as a comment, passwords masked.
    pub fn show(&self) -> String {
        let file = self
            .config
            .file
            .as_ref()
            .map(|path| path.display().to_string());
        let name = self
            .config
            .file
            .as_ref()
            .and_then(|path| path.file_name())
            .unwrap_or_default();
        let mut page = Page {
            text: String::new(),
            file: clean(&name.to_string_lossy(), 80),
        };
        page.line(&format!(
            "# file: {}",
            clean(file.as_deref().unwrap_or("none"), 400)
        ));
        if let Some(policy) = policy::said(&self.config.policy) {
            page.line(&format!("# {policy}"));
        }
        page.line("\n[probe]");
        self.show_probe(&mut page);
        page.line("\n[screen]");
        for (key, value) in self.config.screen.settings() {
            page.setting(key, &value, self.screen.of(key));
        }
        page.line("\n[keys]");
        page.line("# what is not here has the keys of docs/keys.md");
        for bound in &self.config.keys {
            let keys: Vec<&str> = bound.keys.iter().map(|key| key.text.as_str()).collect();
            let line = bound.action.line();
            let name = toml_key(&bound.action.text);
            page.setting(&name, &keys.into(), Origin::File { line });
        }
        for (window, origin) in self.config.maintenance.iter().zip(&self.maintenance) {
            page.line("");
            show_maintenance(window, origin, &mut page);
        }
        for (instance, origin) in self.config.instances.iter().zip(&self.instances) {
            page.line("");
            show_instance(instance, origin, &mut page);
        }
        page.text
    }

    fn show_probe(&self, page: &mut Page) {
        let Probe {
            interval,
            rate,
            browser_port,
            witness_ports,
            witnesses,
            dns_servers,
            timeout,
            down_after,
            up_after,
        } = &self.config.probe;
        let ports: Vec<i64> = witness_ports.iter().map(|port| port.get().into()).collect();
        let servers: Vec<String> = dns_servers.iter().map(ToString::to_string).collect();
        let settings: [(&str, Value); 8] = [
            ("interval", duration::text(*interval).into()),
            (
                "rate",
                rate.map_or_else(|| "max".into(), |rate| i64::from(rate).into()),
            ),
            ("browser_port", i64::from(browser_port.get()).into()),
            ("witness_ports", ports.into()),
            ("witnesses", (*witnesses).into()),
            ("dns_servers", servers.into()),
            ("down_after", i64::from(*down_after).into()),
            ("up_after", i64::from(*up_after).into()),
        ];
        for (key, value) in settings {
            page.setting(key, &value, self.probe.of(key));
        }
        for (key, deadline) in deadlines(timeout) {
            page.setting(key, &deadline, self.probe.of(key));
        }
    }
}

/// A name as it can stand in front of `=`.
fn toml_key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.to_owned();
    }
    Value::from(name).to_string()
}

fn show_maintenance(window: &Maintenance, origin: &InstanceOrigin, page: &mut Page) {
    page.commented("[[maintenance]]", origin.at);
    let mut setting = |key: &str, value: Value| page.setting(key, &value, origin.keys.of(key));
    setting("name", window.name.as_str().into());
    for (key, names) in [
        ("tags", &window.tags),
        ("instances", &window.instances),
        ("hosts", &window.hosts),
    ] {
        setting(key, names.clone().into());
    }
    match &window.when {
        When::Once { from, until } => {
            for (key, time) in [("from", from), ("until", until)] {
                setting(key, time.strftime("%F %H:%M").to_string().into());
            }
        }
        When::Repeats { every, lasts } => {
            setting("every", every.to_string().into());
            setting("lasts", duration::text(*lasts).into());
        }
    }
    setting("zone", window.zone.as_str().into());
}

fn show_instance(instance: &Instance, origin: &InstanceOrigin, page: &mut Page) {
    page.commented("[[instance]]", origin.at);
    let keys = &origin.keys;
    let declared = &instance.declared;
    let server = if keys.of("server") == Origin::Default {
        origin.at
    } else {
        keys.of("server")
    };
    page.setting("server", &instance.text().into(), server);
    page.setting("name", &instance.name.as_str().into(), keys.of("name"));
    page.setting("tags", &instance.tags.clone().into(), keys.of("tags"));
    page.setting(
        "platform",
        &value::platform_word(declared.platform).into(),
        keys.of("platform"),
    );
    page.setting(
        "kind",
        &value::kind_word(declared.kind).into(),
        keys.of("kind"),
    );
    let nodes: Vec<String> = declared.nodes.iter().map(ToString::to_string).collect();
    page.setting("nodes", &nodes.into(), keys.of("nodes"));
    if let Some(live) = declared.expected_live {
        page.setting(
            "expected_live",
            &i64::from(live).into(),
            keys.of("expected_live"),
        );
    }
    if let Some(note) = &instance.note {
        page.setting("note", &note.as_str().into(), keys.of("note"));
    }
    if let Some(interval) = instance.interval {
        page.setting(
            "interval",
            &duration::text(interval).into(),
            keys.of("interval"),
        );
    }
    let own = instance
        .timeout
        .as_deref()
        .map(deadlines)
        .into_iter()
        .flatten();
    for (key, deadline) in own.filter(|(key, _)| keys.of(key) != Origin::Default) {
        page.setting(key, &deadline, keys.of(key));
    }
}

fn deadlines(timeout: &Timeout) -> [(&'static str, Value); 4] {
    let Timeout {
        resolve,
        browser,
        connect,
        prelogin,
    } = *timeout;
    [
        ("timeout.resolve", resolve),
        ("timeout.browser", browser),
        ("timeout.connect", connect),
        ("timeout.prelogin", prelogin),
    ]
    .map(|(key, deadline)| (key, duration::text(deadline).into()))
}

/// The text that is written, and the file's name for the comments.
struct Page {
    text: String,
    file: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn setting(&mut self, key: &str, value: &Value, origin: Origin) {
        let value = masked(value);
        self.commented(&format!("{key} = {value}"), origin);
    }

    fn commented(&mut self, line: &str, origin: Origin) {
        let comment = match origin {
            Origin::Default => "default".to_owned(),
            Origin::File { line } => format!("{}:{line}", self.file),
            Origin::CommandLine => "command line".to_owned(),
            Origin::Policy => "the policy of this machine".to_owned(),
        };
        self.line(&format!("{line:COMMENT_AT$}  # {comment}"));
    }
}

/// Whoever writes a password into a note shall not see it on a shared screen.
fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => mask_secrets(text).as_ref().into(),
        Value::Array(values) => values.iter().map(masked).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}
