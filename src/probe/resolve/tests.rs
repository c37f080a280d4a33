use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_proto::op::ResponseCode as Code;
use hickory_proto::rr::{Name, RecordType};

use super::dns::tests::{Answerer, Says, answerer};
use super::*;
use crate::evidence::ResponseCode;

const WITHIN: Duration = Duration::from_millis(400);

fn resolver(answerer: &Answerer) -> Resolver {
    Resolver::of_servers(vec![answerer.server], Some("/nowhere/hosts".into()))
}

async fn resolve(
    resolver: &Resolver,
    name: &str,
    effort: Effort,
) -> (Resolve, Option<Vec<IpAddr>>) {
    let (early, told) = oneshot::channel();
    let resolve = resolver
        .resolve(name, effort, WITHIN, &Rate::new(None), early)
        .await;
    (resolve, told.await.ok())
}

async fn against(zone: impl Fn(&str, RecordType) -> Says + Send + Sync + 'static) -> Resolve {
    let answerer = answerer(zone).await;
    resolve(&resolver(&answerer), "sql_01.test", Effort::Routine)
        .await
        .0
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[tokio::test]
async fn both_families_are_found_and_each_question_is_kept() {
    let seen = against(|_, _| Says::Addresses(vec!["10.0.0.1", "fd00::1"])).await;
    assert_eq!(seen.status, ResolveStatus::Ok);
    assert_eq!(seen.addresses, addresses(&["10.0.0.1", "fd00::1"]));
    assert_eq!(seen.ttl, Some(60));
    assert!(matches!(seen.source, Some(Source::Dns(_))));
    let records: Vec<_> = seen
        .asked
        .iter()
        .map(|asked| (asked.name.raw(), asked.record.as_str()))
        .collect();
    assert_eq!(records, [("sql_01.test.", "A"), ("sql_01.test.", "AAAA")]);
}

#[tokio::test]
async fn a_failure_is_named_by_what_the_server_said() {
    for (says, expected) in [
        (Says::Code(Code::NXDomain), ResolveStatus::NotFound),
        (Says::Addresses(vec![]), ResolveStatus::NoAddress),
        (Says::Code(Code::ServFail), ResolveStatus::ServerFailure),
        (Says::Code(Code::Refused), ResolveStatus::Refused),
        (Says::Silence, ResolveStatus::TimedOut),
        (
            Says::Alias(vec!["gone.test."], vec![]),
            ResolveStatus::NoAddress,
        ),
    ] {
        let seen = against(move |_, _| says.clone()).await;
        assert_eq!(seen.status, expected);
        assert!(seen.addresses.is_empty());
    }
}

#[tokio::test]
async fn an_aaaa_record_that_is_never_answered_does_not_hide_the_a_record() {
    let seen = against(|_, record| match record {
        RecordType::A => Says::Addresses(vec!["10.0.0.1"]),
        _ => Says::Silence,
    })
    .await;
    assert_eq!((seen.status, seen.addresses.len()), (ResolveStatus::Ok, 1));
    assert_eq!(seen.asked[1].code, ResponseCode::TimedOut);
}

#[tokio::test]
async fn aliases_are_shown() {
    let seen = against(|_, _| Says::Alias(vec!["old.test.", "new.test."], vec!["10.0.0.1"])).await;
    assert_eq!(seen.canonical.unwrap().raw(), "new.test");
    assert_eq!(seen.chain[0].raw(), "old.test");
}

/// The system would report the NXDOMAIN of the last candidate.
#[tokio::test]
async fn each_candidate_of_the_search_list_keeps_its_own_code() {
    let answerer = answerer(|name, _| match name {
        "db1.corp.test." => Says::Code(Code::ServFail),
        _ => Says::Code(Code::NXDomain),
    })
    .await;
    let search = vec![Name::from_ascii("corp.test.").unwrap()];
    let names = Names {
        servers: vec![answerer.server],
        search,
        dots: 1,
    };
    let explanation = explain::explain(
        "db1",
        &names,
        &Dns::default(),
        WITHIN,
        Instant::now(),
        &Rate::new(None),
    )
    .await;
    assert_eq!(explanation.asked.len(), 4);
    assert_eq!(
        verdict::status(&explanation.asked),
        ResolveStatus::ServerFailure
    );
}

#[tokio::test]
async fn the_search_ends_at_the_first_name_with_an_address() {
    let answerer = answerer(|name, _| match name {
        "db1.corp.test." => Says::Addresses(vec!["10.0.0.1"]),
        _ => Says::Code(Code::NXDomain),
    })
    .await;
    let search = ["corp.test.", "lab.test."]
        .map(|name| Name::from_ascii(name).unwrap())
        .to_vec();
    let names = Names {
        servers: vec![answerer.server],
        search,
        dots: 1,
    };
    let explanation = explain::explain(
        "db1",
        &names,
        &Dns::default(),
        WITHIN,
        Instant::now(),
        &Rate::new(None),
    )
    .await;
    assert_eq!(explanation.addresses, addresses(&["10.0.0.1"]));
    assert_eq!(explanation.asked.len(), 2);
}

#[tokio::test]
async fn the_hosts_file_comes_first_and_dns_is_not_asked() {
    let answerer = answerer(|_, _| Says::Addresses(vec!["10.0.0.1"])).await;
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "10.9.9.9 db1.test").unwrap();
    let resolver = Resolver::of_servers(vec![answerer.server], Some(hosts.path().to_path_buf()));
    let (seen, told) = resolve(&resolver, "DB1.test", Effort::Routine).await;
    assert_eq!(
        (seen.status, seen.source),
        (ResolveStatus::Ok, Some(Source::HostsFile))
    );
    assert_eq!(told.unwrap(), addresses(&["10.9.9.9"]));
    assert!(answerer.asked().is_empty());
}

#[tokio::test]
async fn an_answer_is_reused_until_somebody_looks_thoroughly() {
    let answerer = answerer(|_, _| Says::Addresses(vec!["10.0.0.1"])).await;
    let resolver = resolver(&answerer);
    let (first, _) = resolve(&resolver, "db1.test", Effort::Routine).await;
    let (second, told) = resolve(&resolver, "DB1.test", Effort::Routine).await;
    assert!(!first.cached && second.cached && second.asked.is_empty());
    assert_eq!(told.unwrap(), first.addresses);
    assert_eq!(answerer.asked().len(), 2);
    let (third, _) = resolve(&resolver, "db1.test", Effort::Thorough).await;
    assert!(!third.cached && !third.asked.is_empty());
    assert_eq!(answerer.asked().len(), 4);
}

#[tokio::test]
async fn whoever_waits_for_a_fix_sees_a_name_move_before_its_time_to_live_ends() {
    let asked = AtomicUsize::new(0);
    let answerer = answerer(move |_, _| {
        // A and AAAA of the first question.
        let address = if asked.fetch_add(1, Ordering::SeqCst) < 2 {
            "10.0.0.1"
        } else {
            "10.0.0.2"
        };
        Says::Addresses(vec![address])
    })
    .await;
    let resolver = resolver(&answerer);
    let (before, _) = resolve(&resolver, "db1.test", Effort::Routine).await;
    let (fresh, _) = resolve(&resolver, "db1.test", Effort::Fresh).await;
    assert_eq!(before.addresses, addresses(&["10.0.0.1"]));
    assert_eq!(fresh.addresses, addresses(&["10.0.0.2"]));
    assert!(!fresh.cached);
}

#[tokio::test]
async fn equal_questions_that_meet_are_asked_once() {
    let answerer = answerer(|_, _| Says::Addresses(vec!["10.0.0.1"])).await;
    let resolver = resolver(&answerer);
    let (one, two) = tokio::join!(
        resolve(&resolver, "db1.test", Effort::Thorough),
        resolve(&resolver, "db1.test", Effort::Thorough),
    );
    assert_eq!(one.1, two.1);
    assert_eq!(answerer.asked().len(), 2);
}

#[tokio::test]
async fn the_system_knows_this_machine() {
    let resolver = Resolver::of_the_system(None);
    resolver
        .cache
        .keep("localhost".to_owned(), &Resolve::default(), Effort::Routine);
    let (seen, told) = resolve(&resolver, "localhost", Effort::Routine).await;
    assert_eq!(seen.status, ResolveStatus::Ok);
    assert!(seen.addresses.iter().all(IpAddr::is_loopback));
    assert_eq!(told.unwrap(), seen.addresses);
    assert!(
        seen.asked.is_empty(),
        "a name that is known is not explained in routine"
    );
}

/// What the system and DNS answered, and what was told to the probe before.
fn combined(system: system::Answer, dns: &[&str], told: Option<&[&str]>) -> Resolve {
    let (early, _) = oneshot::channel();
    let mut early = Announce::new(early);
    if let Some(told) = told {
        early.tell(&addresses(told));
    }
    let server = Some("10.0.0.53:53".parse().unwrap());
    let explanation = Explanation {
        addresses: addresses(dns),
        server,
        ttl: Some(60),
        ..Explanation::default()
    };
    combine(
        system,
        explanation,
        &mut early,
        &addresses(&["10.7.7.7"]),
        None,
    )
}

#[test]
fn the_addresses_of_the_system_are_probed_and_a_difference_is_shown() {
    let seen = combined(
        Ok(addresses(&["10.0.0.1"])),
        &["10.0.0.2"],
        Some(&["10.0.0.1"]),
    );
    assert_eq!(
        (&seen.addresses, seen.source),
        (&addresses(&["10.0.0.1"]), Some(Source::System))
    );
    assert_eq!(
        (seen.dns_differs, seen.ttl),
        (addresses(&["10.0.0.2"]), None)
    );
}

#[test]
fn a_family_that_one_of_them_leaves_out_is_no_difference() {
    let seen = combined(
        Ok(addresses(&["10.0.0.1"])),
        &["10.0.0.1", "fd00::1"],
        Some(&["10.0.0.1"]),
    );
    assert!(seen.dns_differs.is_empty());
    assert_eq!(seen.ttl, Some(60));
}

#[test]
fn an_address_from_the_hosts_file_is_said_to_be_from_there() {
    let seen = combined(
        Ok(addresses(&["10.7.7.7"])),
        &["10.0.0.2"],
        Some(&["10.7.7.7"]),
    );
    assert_eq!(
        (seen.source, seen.dns_differs),
        (Some(Source::HostsFile), addresses(&["10.0.0.2"]))
    );
}

#[test]
fn dns_lets_the_probe_go_on_where_the_system_fails_or_is_late() {
    let failed = combined(Err("EAI_AGAIN: Try again".to_owned()), &["10.0.0.2"], None);
    assert_eq!(
        (failed.status, &failed.addresses),
        (ResolveStatus::Ok, &addresses(&["10.0.0.2"]))
    );
    assert!(matches!(failed.source, Some(Source::Dns(_))) && failed.system_error.is_some());
    let late = combined(
        Ok(addresses(&["10.0.0.1"])),
        &["10.0.0.2"],
        Some(&["10.0.0.2"]),
    );
    assert_eq!(
        late.addresses,
        addresses(&["10.0.0.2"]),
        "these are the ones that were probed"
    );
    assert_eq!(late.dns_differs, addresses(&["10.0.0.2"]));
}

#[test]
fn without_a_dns_server_the_error_of_the_system_has_to_do() {
    let (early, _) = oneshot::channel();
    let seen = combine(
        Err("EAI_NODATA: x".to_owned()),
        Explanation::default(),
        &mut Announce::new(early),
        &[],
        None,
    );
    assert_eq!(seen.status, ResolveStatus::NoAddress);
}
