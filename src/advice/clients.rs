//! What common clients show, so that a DBA recognises the message on somebody's screen.
//! The words are in `assets/messages/clients.toml`.

use std::sync::OnceLock;

use serde::Deserialize;

use super::slots::Slots;
use super::template::Template;
use super::{ClientShows, facts};
use crate::diagnosis::{Case, CauseId, Diagnosis, State};
use crate::evidence::{BrowserStatus, ConnectStatus, PreloginStatus, ResolveStatus};

/// What each client shows, by what it runs into. The fields are the file's tables, so a
/// symptom without words does not parse.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Words {
    name_not_found: Vec<Shown>,
    name_has_no_address: Vec<Shown>,
    dns_failing: Vec<Shown>,
    instance_not_located: Vec<Shown>,
    instance_not_listed: Vec<Shown>,
    no_tcp: Vec<Shown>,
    refused: Vec<Shown>,
    timed_out: Vec<Shown>,
    host_unreachable: Vec<Shown>,
    network_unreachable: Vec<Shown>,
    blocked: Vec<Shown>,
    ports_exhausted: Vec<Shown>,
    engine_silent: Vec<Shown>,
    hung_up_close: Vec<Shown>,
    hung_up_reset: Vec<Shown>,
    not_sql: Vec<Shown>,
    error_token: Vec<Shown>,
    wrong_instance: Vec<Shown>,
    dead_address: Vec<Shown>,
    browser_late: Vec<Shown>,
    certificate_untrusted: Vec<Shown>,
    certificate_self_signed: Vec<Shown>,
    certificate_name_mismatch: Vec<Shown>,
    certificate_expired: Vec<Shown>,
    no_common_tls: Vec<Shown>,
    encryption_required: Vec<Shown>,
    encryption_not_supported: Vec<Shown>,
    login_rejected: Vec<Shown>,
    database_unavailable: Vec<Shown>,
    kerberos_problem: Vec<Shown>,
    server_starting: Vec<Shown>,
    address_not_allowed: Vec<Shown>,
}

/// What one client shows, before a case fills it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    pub(super) client: String,
    pub(super) code: Option<i64>,
    #[serde(deserialize_with = "template")]
    pub(super) text: Template,
    /// No message of the corpus has these words. For the tests and for whoever reads the file.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "read by the tests"))]
    unverified: bool,
}

/// What common clients show for this case. A line whose values are not known is left out.
pub(super) fn clients_show(case: &Case<'_>, diagnosis: &Diagnosis) -> Vec<ClientShows> {
    fill(
        symptom(case, diagnosis).unwrap_or_default(),
        Slots(Some(case)),
    )
}

/// What clients show for a state that one client's message told, with its numbers; where the
/// message names no server, without the lines that print one.
pub(super) fn told_by(
    case: Option<&Case<'_>>,
    state: State,
    codes: &[i64],
    causes: &[CauseId],
) -> Vec<ClientShows> {
    let words = words();
    let told = |numbers: &[i64]| codes.iter().any(|code| numbers.contains(code));
    let shown: &[Shown] = match state {
        State::Unresolved if told(&[11004]) => &words.name_has_no_address,
        State::Unresolved if told(&[11002, -3]) => &words.dns_failing,
        State::Unresolved => &words.name_not_found,
        State::NotLocated if told(&[28]) => &words.no_tcp,
        State::NotLocated => &words.instance_not_located,
        State::Unreachable if told(&[10051, 101, 51]) => &words.network_unreachable,
        State::Unreachable => &words.host_unreachable,
        State::Blocked if told(&[10055, 10048, 99]) => &words.ports_exhausted,
        State::Blocked => &words.blocked,
        State::TimedOut => &words.timed_out,
        State::Refused => &words.refused,
        State::Silent => &words.engine_silent,
        State::HungUp if told(&[10054, 104, 54]) => &words.hung_up_reset,
        State::HungUp => &words.hung_up_close,
        State::NotSql => &words.not_sql,
        State::WrongInstance => &words.wrong_instance,
        State::LoginFailed if told(&[40615, 40914, 47073]) => &words.address_not_allowed,
        State::TlsFailed | State::LoginFailed => of_cause(words, state, causes),
        State::Degraded
        | State::Answering
        | State::Ready
        | State::Open
        | State::Pending
        | State::Invalid => return Vec::new(),
    };
    fill(shown, Slots(case))
}

/// TLS and logins fail in many ways, each with words of its own: those of the likeliest cause.
fn of_cause(words: &'static Words, state: State, causes: &[CauseId]) -> &'static [Shown] {
    let known = causes.iter().find_map(|cause| {
        Some(match (state, cause) {
            (State::TlsFailed, CauseId::CertificateUntrusted) => &words.certificate_untrusted,
            (State::TlsFailed, CauseId::CertificateSelfGenerated) => &words.certificate_self_signed,
            (State::TlsFailed, CauseId::CertificateNameMismatch) => {
                &words.certificate_name_mismatch
            }
            (State::TlsFailed, CauseId::CertificateExpired) => &words.certificate_expired,
            (State::TlsFailed, CauseId::NoCommonTls) => &words.no_common_tls,
            (State::TlsFailed, CauseId::EncryptionRequired) => &words.encryption_required,
            (State::TlsFailed, CauseId::EncryptionNotSupported) => &words.encryption_not_supported,
            (State::TlsFailed, CauseId::StrictOnly) => &words.hung_up_reset,
            (State::LoginFailed, CauseId::LoginRejected) => &words.login_rejected,
            (State::LoginFailed, CauseId::DatabaseUnavailable) => &words.database_unavailable,
            (State::LoginFailed, CauseId::KerberosProblem) => &words.kerberos_problem,
            (State::LoginFailed, CauseId::ServerStarting) => &words.server_starting,
            _ => return None,
        })
    });
    known.map_or(&[], Vec::as_slice)
}

fn fill(shown: &'static [Shown], slots: Slots<'_>) -> Vec<ClientShows> {
    shown
        .iter()
        .filter_map(
            |Shown {
                 client, code, text, ..
             }| {
                Some(ClientShows {
                    client,
                    code: *code,
                    text: text.plain(slots)?,
                })
            },
        )
        .collect()
}

/// What each client shows for what it runs into; `None` where nothing stops it.
pub(super) fn symptom(case: &Case<'_>, diagnosis: &Diagnosis) -> Option<&'static [Shown]> {
    let layers = &case.evidence.layers;
    let words = words();
    Some(match diagnosis.state {
        State::Unresolved => match layers.resolve.status {
            ResolveStatus::NoAddress => &words.name_has_no_address,
            ResolveStatus::ServerFailure | ResolveStatus::Refused | ResolveStatus::TimedOut => {
                &words.dns_failing
            }
            _ => &words.name_not_found,
        },
        State::NotLocated => match layers.browser.status {
            BrowserStatus::NoTcp => &words.no_tcp,
            BrowserStatus::NotListed => &words.instance_not_listed,
            _ => &words.instance_not_located,
        },
        State::Unreachable => match facts::attempt(case).and_then(|attempt| attempt.os_error) {
            // ENETUNREACH of Linux, macOS and Winsock.
            Some(101 | 51 | 10051) => &words.network_unreachable,
            _ => &words.host_unreachable,
        },
        State::Blocked if layers.connect.status == ConnectStatus::Exhausted => {
            &words.ports_exhausted
        }
        // Of clients it says nothing: they do not read our policy.
        State::Blocked if layers.connect.attempts.is_empty() => return None,
        State::Blocked => &words.blocked,
        State::TimedOut => &words.timed_out,
        State::Refused => &words.refused,
        State::Silent => &words.engine_silent,
        State::HungUp if layers.prelogin.error.is_some() => &words.error_token,
        State::HungUp if layers.prelogin.status == PreloginStatus::Reset => &words.hung_up_reset,
        State::HungUp => &words.hung_up_close,
        State::NotSql => &words.not_sql,
        State::WrongInstance => &words.wrong_instance,
        State::Degraded => match diagnosis.causes.first()?.id {
            CauseId::LocalPortsExhausted => &words.ports_exhausted,
            CauseId::SomeAddressesDead => &words.dead_address,
            CauseId::BrowserAnswersLate => &words.browser_late,
            _ => return None,
        },
        State::TlsFailed | State::LoginFailed => {
            let causes: Vec<CauseId> = diagnosis.causes.iter().map(|cause| cause.id).collect();
            of_cause(words, diagnosis.state, &causes)
        }
        // Clients get through.
        State::Answering | State::Ready | State::Open | State::Pending | State::Invalid => {
            return None;
        }
    })
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        toml::from_str(include_str!("../../assets/messages/clients.toml"))
            .expect("a test reads the file that is compiled in")
    })
}

fn template<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Template, D::Error> {
    let text = String::deserialize(deserializer)?;
    Template::parse(&text).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod corpus;

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::advice::fixture::{Scene, found};

    fn shows(scene: &Scene, state: State) -> Vec<ClientShows> {
        clients_show(
            &scene.case(),
            &Diagnosis {
                state,
                ..Diagnosis::default()
            },
        )
    }

    fn code(shown: &[ClientShows], client: &str) -> Option<i64> {
        shown
            .iter()
            .find(|shown| shown.client.contains(client))
            .and_then(|shown| shown.code)
    }

    #[rstest]
    #[case(State::Refused, "SqlClient", Some(10061))]
    #[case(State::Refused, "tcp: prefix", Some(53))]
    #[case(State::Refused, "Linux", Some(10057))]
    #[case(State::Refused, "FreeTDS", Some(20009))]
    #[case(State::TimedOut, "SqlClient", Some(10060))]
    #[case(State::TimedOut, "Linux", Some(258))]
    #[case(State::Unresolved, "SqlClient", Some(11001))]
    #[case(State::NotLocated, "SqlClient", Some(-1))]
    #[case(State::Blocked, "SqlClient", Some(10013))]
    #[case(State::Silent, "SqlClient", Some(-2))]
    #[case(State::HungUp, "SqlClient", Some(10054))]
    #[case(State::WrongInstance, "SqlClient", None)]
    fn each_client_shows_its_number(
        #[case] state: State,
        #[case] client: &str,
        #[case] number: Option<i64>,
    ) {
        let shown = shows(&Scene::refused(r"sales01\PROD"), state);
        assert!(
            shown.iter().any(|shown| shown.client.contains(client)),
            "{client}"
        );
        assert_eq!(code(&shown, client), number);
    }

    #[test]
    fn every_failing_state_without_a_layer_of_its_own_to_come_shows_something() {
        let scene = Scene::refused(r"sales01\PROD");
        for state in State::ALL.into_iter().filter(|state| state.is_failing()) {
            let expected = !matches!(state, State::TlsFailed | State::LoginFailed);
            assert_eq!(!shows(&scene, state).is_empty(), expected, "{state}");
        }
    }

    #[rstest]
    #[case(State::TlsFailed, CauseId::CertificateUntrusted, -2_146_893_019)]
    #[case(State::TlsFailed, CauseId::CertificateSelfGenerated, -2_146_893_019)]
    #[case(State::TlsFailed, CauseId::CertificateNameMismatch, -2_146_893_022)]
    #[case(State::TlsFailed, CauseId::CertificateExpired, -2_146_893_016)]
    #[case(State::TlsFailed, CauseId::NoCommonTls, -2_146_893_007)]
    #[case(State::TlsFailed, CauseId::EncryptionNotSupported, 20)]
    #[case(State::TlsFailed, CauseId::EncryptionRequired, 20)]
    #[case(State::LoginFailed, CauseId::LoginRejected, 18456)]
    #[case(State::LoginFailed, CauseId::DatabaseUnavailable, 4060)]
    #[case(State::LoginFailed, CauseId::ServerStarting, 18401)]
    fn a_failed_handshake_or_login_shows_the_words_of_its_cause(
        #[case] state: State,
        #[case] cause: CauseId,
        #[case] number: i64,
    ) {
        let mut diagnosis = found(&[cause]);
        diagnosis.state = state;
        let shown = clients_show(&Scene::refused("sales01").case(), &diagnosis);
        assert_eq!(shown[0].code, Some(number), "{shown:?}");
        assert_eq!(told_by(None, state, &[], &[cause])[0].code, Some(number));
    }

    #[test]
    fn an_instance_that_answers_shows_nothing() {
        for state in [State::Answering, State::Ready, State::Open, State::Pending] {
            assert!(shows(&Scene::new("sales01"), state).is_empty(), "{state}");
        }
    }

    #[test]
    fn the_message_names_this_host_and_port() {
        let shown = shows(&Scene::refused("sales01"), State::Refused);
        assert!(
            shown
                .iter()
                .any(|shown| shown.client == "JDBC"
                    && shown.text.contains("host sales01, port 50123"))
        );
    }

    #[test]
    fn a_port_that_nobody_knows_leaves_out_only_the_messages_that_print_it() {
        let shown = shows(&Scene::new(r"sales01\PROD"), State::Unresolved);
        assert!(shown.iter().all(|shown| shown.client != "JDBC"));
        assert_eq!(code(&shown, "SqlClient"), Some(11001));
    }

    #[test]
    fn an_instance_without_tcp_is_no_error_26() {
        let scene = Scene::new(r"sales01\PROD").listed("PROD", None, false);
        assert!(
            shows(&scene, State::NotLocated)[0]
                .text
                .contains("error: 28")
        );
    }

    #[test]
    fn an_error_of_the_network_interfaces_begins_with_its_own_number() {
        for scene in [
            Scene::new(r"sales01\PROD"),
            Scene::new(r"sales01\PROD").listed("TEST", Some(1433), false),
        ] {
            let shown = shows(&scene, State::NotLocated);
            assert!(
                shown[0]
                    .text
                    .starts_with("error: 26 - Error Locating Server/Instance Specified"),
                "{shown:?}"
            );
        }
    }

    #[test]
    fn dns_that_fails_is_not_a_name_that_is_missing() {
        let mut scene = Scene::new("sales01");
        scene.evidence.layers.resolve.status = ResolveStatus::TimedOut;
        assert_eq!(
            code(&shows(&scene, State::Unresolved), "SqlClient"),
            Some(11002)
        );
    }

    #[rstest]
    #[case(CauseId::SomeAddressesDead)]
    #[case(CauseId::LocalPortsExhausted)]
    fn a_degraded_instance_says_what_clients_trip_over(#[case] cause: CauseId) {
        let scene = Scene::new("sales01");
        let mut diagnosis = found(&[cause]);
        diagnosis.state = State::Degraded;
        assert!(!clients_show(&scene.case(), &diagnosis).is_empty());
    }

    #[test]
    fn no_message_holds_a_slot_or_a_control_character() {
        let scene = Scene::refused(r"sales01\PROD");
        for state in State::ALL {
            for shown in shows(&scene, state) {
                assert!(!shown.text.contains(['{', '}']), "{}", shown.text);
                assert!(!shown.text.chars().any(char::is_control), "{}", shown.text);
            }
        }
    }
}
