//! An incident in the words of `assets/messages/incidents.toml`, with what the team that is
//! asked can run.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::playbook::playbook;
use super::render::fix;
use super::{Command, Place, Risk, platform};
use crate::diagnosis::incident::{Began, Facts, Incident, Life, Shared, Verdict};
use crate::diagnosis::{Case, State};

/// An incident in words.
#[derive(Clone, Debug, PartialEq)]
pub struct IncidentWords {
    /// One sentence that claims no more than is known.
    pub sentence: String,
    /// What was seen, a sentence each.
    pub seen: Vec<String>,
    /// What was looked for and not seen, or not looked for.
    pub not_seen: Vec<String>,
    /// What that team is asked.
    pub ask: String,
    /// Whom the note is for.
    pub team: &'static str,
}

/// A look that the team which is asked can take.
#[derive(Clone, Debug, PartialEq)]
pub struct TeamCommand {
    /// One line.
    pub title: &'static str,
    /// Where it is carried out.
    pub place: Place,
    /// What to know first.
    pub note: Option<&'static str>,
    /// The command, filled for one instance.
    pub command: Command,
}

/// Whom an incident is handed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Team {
    Network,
    Server,
    Names,
    Here,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Words {
    sentence: HashMap<String, String>,
    seen: HashMap<String, String>,
    not_seen: HashMap<String, String>,
    ask: HashMap<String, String>,
    team: HashMap<String, String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    toml::from_str(include_str!("../../assets/messages/incidents.toml"))
        .expect("a test renders every sentence of the file that is compiled in")
});

/// Puts an incident into words; times of day are those of `zone`.
pub fn incident(incident: &Incident, zone: &TimeZone) -> IncidentWords {
    let slots = Slots { incident, zone };
    let key = incident.verdict.key();
    IncidentWords {
        sentence: slots.fill(word(&WORDS.sentence, key), None),
        seen: seen(&slots),
        not_seen: not_seen(&slots),
        ask: slots.fill(word(&WORDS.ask, key), None),
        team: word(&WORDS.team, Team::of(incident.verdict).key()),
    }
}

/// The looks that the playbooks of the incident's causes give that team, filled for one of
/// its instances; at most `limit`. Nothing that changes anything is handed to others unasked.
pub fn team_commands(incident: &Incident, case: &Case<'_>, limit: usize) -> Vec<TeamCommand> {
    let places = places(incident.verdict);
    let looks = |place: &Place| looks(incident, case, *place, limit);
    places
        .iter()
        .map(looks)
        .find(|commands| !commands.is_empty())
        .unwrap_or_default()
}

fn looks(incident: &Incident, case: &Case<'_>, place: Place, limit: usize) -> Vec<TeamCommand> {
    let own = platform::platform(case).platform;
    let steps = incident.causes.iter().flat_map(|id| &playbook(*id).fixes);
    let looks = steps.filter(|step| step.risk == Risk::ReadOnly && step.place == place);
    let mut commands: Vec<TeamCommand> = Vec::new();
    for fix in looks.filter_map(|step| fix(step, Some(case))) {
        let Some(command) = fix.commands.into_iter().find(|one| one.platform == own) else {
            continue;
        };
        let again = commands.iter().any(|one| one.command.text == command.text);
        if commands.len() < limit && !again {
            commands.push(TeamCommand {
                title: fix.title,
                place: fix.place,
                note: fix.note.map(|note| note.0),
                command,
            });
        }
    }
    commands
}

fn word(words: &'static HashMap<String, String>, key: &str) -> &'static str {
    // A test asks for every key; one without words would show as nothing.
    words.get(key).map(String::as_str).unwrap_or_default()
}

impl Team {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::CutOff
            | Verdict::NoDns
            | Verdict::ForbiddenHere
            | Verdict::ExhaustedHere
            | Verdict::NoRouteHere => Self::Here,
            Verdict::DnsSilent
            | Verdict::DnsSilentUnnamed
            | Verdict::DnsFailing
            | Verdict::DnsFailingUnnamed
            | Verdict::NoSuchNames
            | Verdict::NoAddresses => Self::Names,
            Verdict::HearsNothing
            | Verdict::DeviceRejects
            | Verdict::DeviceHasNoRoute
            | Verdict::BehindHop
            | Verdict::SubnetSilent
            | Verdict::SubnetOrWaySilent
            | Verdict::SubnetQuiet
            | Verdict::PortRule
            | Verdict::PortSilent
            | Verdict::BrowserGone
            | Verdict::HostResetOnTheWay
            | Verdict::HostProxied => Self::Network,
            Verdict::PortRefused
            | Verdict::HostRefuses
            | Verdict::AddressRefuses
            | Verdict::HostRule
            | Verdict::HostHides
            | Verdict::HostSilentAlone
            | Verdict::HostSilent
            | Verdict::HostQuiet
            | Verdict::EnginesSilent
            | Verdict::EnginesHangUp
            | Verdict::HostTogether => Self::Server,
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Server => "server",
            Self::Names => "names",
            Self::Here => "here",
        }
    }
}

/// Where the team of an incident works, and where it looks when a playbook has nothing for it
/// there: a rule for a port may be the server's own, and nobody logs on to a host that is
/// silent, so that its console comes first.
fn places(verdict: Verdict) -> &'static [Place] {
    match (Team::of(verdict), verdict) {
        (Team::Network, _)
        | (Team::Server, Verdict::HostSilentAlone | Verdict::HostSilent | Verdict::HostQuiet) => {
            &[Place::Network, Place::Server]
        }
        (Team::Server, _) => &[Place::Server, Place::Network],
        (Team::Names, _) => &[Place::Domain],
        (Team::Here, _) => &[Place::Client],
    }
}

fn seen(slots: &Slots<'_>) -> Vec<String> {
    let facts = &slots.incident.facts;
    let say = |key, count| slots.fill(word(&WORDS.seen, key), count);
    let mut seen: Vec<String> = facts
        .states
        .iter()
        .map(|(state, count)| {
            let words = word(&WORDS.seen, "state").replace("{states}", state.word());
            slots.fill(&words, Some(*count))
        })
        .collect();
    for (life, count) in &facts.life {
        seen.push(say(life_key(*life), Some(*count)));
    }
    match &slots.incident.shared {
        Shared::Device { .. } => seen.push(say("device", None)),
        Shared::DnsServer {
            server: Some(_), ..
        } if !is_silent_dns(slots) => {
            seen.push(say("dns", None));
        }
        Shared::Hop(_) => seen.push(say("hop", None)),
        _ => {}
    }
    let quiet = facts.nothing == facts.instances;
    for (key, answering, told) in [
        ("subnet", facts.subnet.answering, quiet),
        (
            "elsewhere",
            facts.elsewhere.answering,
            !facts.subnets.is_empty(),
        ),
    ] {
        if told && answering > 0 {
            seen.push(say(key, usize::try_from(answering).ok()));
        }
    }
    seen
}

fn not_seen(slots: &Slots<'_>) -> Vec<String> {
    let facts = &slots.incident.facts;
    let unnamed = matches!(slots.incident.shared, Shared::DnsServer { .. });
    let quiet = facts.nothing == facts.instances;
    let refused = matches!(facts.states[..], [(State::Refused, _)]);
    let elsewhere = facts.elsewhere;
    let say = |key, count| slots.fill(word(&WORDS.not_seen, key), count);
    [
        ("nothing", Some(facts.nothing), facts.nothing > 0),
        ("every-port", Some(facts.every_port), facts.every_port > 0),
        ("other-ports", None, quiet && facts.every_port == 0),
        ("life", None, refused && facts.life.is_empty()),
        (
            "subnet",
            None,
            quiet && facts.subnet.answering == 0 && !facts.subnets.is_empty(),
        ),
        (
            "elsewhere",
            None,
            quiet && elsewhere.answering == 0 && elsewhere.silent > 0,
        ),
        (
            "elsewhere-unknown",
            None,
            quiet && elsewhere.answering + elsewhere.silent == 0,
        ),
        ("servers", None, unnamed),
        ("login", None, !unnamed),
    ]
    .into_iter()
    .filter(|(_, _, holds)| *holds)
    .map(|(key, count, _)| say(key, count))
    .collect()
}

fn is_silent_dns(slots: &Slots<'_>) -> bool {
    slots.incident.verdict == Verdict::DnsSilent
}

fn life_key(life: Life) -> &'static str {
    match life {
        Life::ClosedPort => "closed-port",
        Life::OtherPort => "other-port",
        Life::Browser => "browser",
        Life::OtherInstance => "other-instance",
    }
}

/// The values of an incident.
struct Slots<'a> {
    incident: &'a Incident,
    zone: &'a TimeZone,
}

impl Slots<'_> {
    /// The template with its slots filled. Every value is a checked token, an address, a
    /// number or a time.
    fn fill(&self, template: &str, count: Option<usize>) -> String {
        let mut sentence = String::with_capacity(160);
        let mut rest = template;
        while let Some((text, after)) = rest.split_once('{') {
            sentence.push_str(text);
            let Some((slot, after)) = after.split_once('}') else {
                break;
            };
            match self.value(slot, count) {
                Some(value) => sentence.push_str(&value),
                None => sentence.push_str(slot),
            }
            rest = after;
        }
        sentence.push_str(rest);
        sentence
    }

    fn value(&self, slot: &str, count: Option<usize>) -> Option<String> {
        let facts = &self.incident.facts;
        let shared = &self.incident.shared;
        Some(match (slot, shared) {
            ("who", _) => several(facts.instances, "instance"),
            ("hosts", _) => several(facts.hosts, "host"),
            ("subnets", _) => several(facts.subnets.len(), "subnet"),
            ("states", _) => states(facts),
            ("since", _) => since(self.incident.began, self.zone),
            ("walked", _) => thousands(facts.walked),
            ("total", _) => thousands(facts.instances),
            ("count", _) => thousands(count?),
            ("host", Shared::Host(host)) => host.to_string(),
            ("subnet", Shared::Subnet(subnet)) => subnet.to_string(),
            ("subnet", _) => facts.subnets.first()?.to_string(),
            ("hop", Shared::Hop(hop)) => hop.to_string(),
            ("device", Shared::Device { by, .. }) => by.to_string(),
            ("server", Shared::DnsServer { server, .. }) => server.as_ref()?.to_string(),
            ("port", Shared::Port(port)) => port.to_string(),
            _ => return None,
        })
    }
}

fn several(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(count))
}

fn thousands(count: usize) -> String {
    match count {
        ..1000 => count.to_string(),
        _ => format!("{},{:03}", count / 1000, count % 1000),
    }
}

fn states(facts: &Facts) -> String {
    if let [(only, _)] = facts.states[..] {
        return only.word().to_owned();
    }
    let counts: Vec<String> = facts
        .states
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    format!("failing ({})", counts.join(", "))
}

/// `between 14:00:02 and 14:00:17`, with the day where two days are spoken of. The clock of
/// the reader needs no name; UTC is named, since few clocks on a wall show it.
fn since(began: Began, zone: &TimeZone) -> String {
    let Began { after, by } = began;
    let utc = if *zone == TimeZone::UTC { " UTC" } else { "" };
    let local = |at: Timestamp| at.to_zoned(zone.clone());
    let Some(after) = after else {
        return format!("{}{utc} or earlier", local(by).strftime("%H:%M:%S"));
    };
    let (after, by) = (local(after), local(by));
    let form = if after.date() == by.date() {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    let (after, by) = (
        after.strftime(form).to_string(),
        by.strftime(form).to_string(),
    );
    if after == by {
        format!("{by}{utc}")
    } else {
        format!("between {after} and {by}{utc}")
    }
}

#[cfg(test)]
mod tests;
