use super::*;
use crate::evidence::BrowserStatus;
#[cfg(target_os = "linux")]
use crate::probe::scripted::respond_from;
use crate::probe::scripted::{Responder, listing, respond};

const PATIENCE: Duration = Duration::from_millis(400);

async fn ask(responder: &Responder, form: BrowserForm, patience: Patience) -> Browser {
    let answers = Answers::new(Port::new(responder.endpoint.port()).unwrap());
    let wanted = Wanted {
        instance: Some("PROD"),
        form,
        patience,
    };
    answers
        .ask(
            &[responder.endpoint.ip()],
            wanted,
            &Gate::new(Arc::default(), None),
        )
        .await
}

async fn said(reply: Vec<u8>) -> Browser {
    let responder = respond("127.0.0.1:0", move |_, _| Some(reply.clone())).await;
    ask(&responder, BrowserForm::Name, Patience::Once(PATIENCE)).await
}

#[tokio::test]
async fn the_port_of_the_wanted_instance_is_taken_whatever_its_case() {
    let seen = said(listing(&[("Test", Some(50001)), ("prod", Some(50123))])).await;
    assert_eq!(
        (seen.status, seen.port),
        (BrowserStatus::Ok, Port::new(50123))
    );
    assert_eq!((seen.tries, seen.answered_from), (Some(1), None));
    assert_eq!(seen.instances.len(), 2);
    assert!(seen.reply_hex.unwrap().starts_with("05"));
}

#[tokio::test]
async fn each_form_is_sent_as_a_driver_sends_it() {
    let responder = respond("127.0.0.1:0", |_, _| {
        Some(listing(&[("PROD", Some(50123))]))
    })
    .await;
    for form in [BrowserForm::Name, BrowserForm::List] {
        assert_eq!(
            ask(&responder, form, Patience::Once(PATIENCE)).await.form,
            Some(form)
        );
    }
    assert_eq!(
        responder.asked(),
        [b"\x04PROD\0".to_vec(), b"\x03".to_vec()]
    );
}

#[tokio::test]
async fn an_answer_for_another_instance_is_no_answer_for_this_one() {
    let seen = said(listing(&[("OTHER", Some(50001))])).await;
    assert_eq!((seen.status, seen.port), (BrowserStatus::NotListed, None));
    assert_eq!(seen.instances[0].instance.raw(), "OTHER");
}

#[tokio::test]
async fn an_instance_without_a_port_has_tcp_switched_off() {
    assert_eq!(
        said(listing(&[("PROD", None)])).await.status,
        BrowserStatus::NoTcp
    );
}

#[tokio::test]
async fn garbage_is_malformed_and_kept() {
    let seen = said(b"\x1b[31mHTTP".to_vec()).await;
    assert_eq!(seen.status, BrowserStatus::Malformed);
    assert_eq!(seen.reply_hex.unwrap(), hex_of(b"\x1b[31mHTTP"));
    assert_eq!(seen.flaws.len(), 1);
}

#[tokio::test]
async fn a_huge_reply_is_kept_only_in_part() {
    let mut reply = vec![5, 0xFF, 0xFF];
    reply.resize(60_000, b'A');
    let seen = said(reply).await;
    assert_eq!(seen.status, BrowserStatus::Malformed);
    assert!(seen.reply_hex.unwrap().len() <= 1024);
}

#[tokio::test]
async fn a_cut_reply_is_read_as_far_as_it_goes() {
    let mut reply = listing(&[("PROD", Some(50123))]);
    reply[1] = 0xFF;
    let seen = said(reply).await;
    assert_eq!((seen.status, seen.flaws.len()), (BrowserStatus::Ok, 1));
}

/// What the cut took may be the port: that TCP is off, or the name unknown, nobody said.
#[tokio::test]
async fn a_reply_whose_flaw_may_hide_the_port_says_nothing_of_it() {
    let cut = |entries: &[(&str, Option<u16>)], keep: usize| {
        let whole = listing(entries);
        whole[..whole.len() - keep].to_vec()
    };
    let bad_port =
        String::from_utf8_lossy(&listing(&[("PROD", Some(50123))])).replace("50123", "99999");
    for (reply, status) in [
        (cut(&[("PROD", Some(50123))], 8), BrowserStatus::Malformed),
        (
            cut(&[("TEST", Some(50001)), ("PROD", Some(50123))], 60),
            BrowserStatus::Malformed,
        ),
        (
            cut(&[("PROD", None), ("TEST", Some(50001))], 8),
            BrowserStatus::NoTcp,
        ),
        (bad_port.into_bytes(), BrowserStatus::Malformed),
    ] {
        let seen = said(reply).await;
        assert_eq!(seen.status, status, "{seen:?}");
    }
}

#[tokio::test]
async fn no_answer_is_silence_after_the_whole_wait() {
    let responder = respond("127.0.0.1:0", |_, _| None).await;
    let seen = ask(&responder, BrowserForm::Name, Patience::Once(PATIENCE)).await;
    assert_eq!((seen.status, seen.tries), (BrowserStatus::Silent, Some(1)));
    assert!(seen.elapsed.unwrap().duration() >= PATIENCE);
    assert_eq!(responder.asked().len(), 1);
}

#[tokio::test]
async fn a_thorough_question_is_repeated_and_says_which_try_was_answered() {
    let responder = respond("127.0.0.1:0", |number, _| {
        (number == 2).then(|| listing(&[("PROD", Some(50123))]))
    })
    .await;
    let seen = ask(&responder, BrowserForm::Name, Patience::Thrice(PATIENCE)).await;
    assert_eq!((seen.status, seen.tries), (BrowserStatus::Ok, Some(2)));
    let silent = respond("127.0.0.1:0", |_, _| None).await;
    let seen = ask(&silent, BrowserForm::Name, Patience::Thrice(PATIENCE)).await;
    assert_eq!((seen.status, seen.tries), (BrowserStatus::Silent, Some(3)));
    assert_eq!(silent.asked().len(), 3);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_closed_port_refuses_and_the_icmp_message_is_kept() {
    let endpoint = std::net::UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let answers = Answers::new(Port::new(endpoint.port()).unwrap());
    let wanted = Wanted {
        instance: Some("PROD"),
        form: BrowserForm::Name,
        patience: Patience::Once(PATIENCE),
    };
    let seen = answers
        .ask(&[endpoint.ip()], wanted, &Gate::new(Arc::default(), None))
        .await;
    assert_eq!(seen.status, BrowserStatus::Refused);
    let icmp = seen.icmp.unwrap();
    assert_eq!((icmp.kind, icmp.code, icmp.from), (3, 3, endpoint.ip()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_reply_from_another_address_is_kept() {
    let reply = |_: usize, _: &[u8]| Some(listing(&[("PROD", Some(50123))]));
    let responder = respond_from("127.0.0.1:0", Some("127.0.0.2:0"), reply).await;
    let seen = ask(&responder, BrowserForm::Name, Patience::Once(PATIENCE)).await;
    assert_eq!(seen.status, BrowserStatus::Ok);
    assert_eq!(seen.answered_from.unwrap().ip().to_string(), "127.0.0.2");
    assert_eq!(seen.asked, Some(responder.endpoint));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn garbage_from_a_stranger_is_not_heard() {
    let responder = respond_from("127.0.0.1:0", Some("127.0.0.2:0"), |_, _| {
        Some(b"boo".to_vec())
    })
    .await;
    let seen = ask(&responder, BrowserForm::Name, Patience::Once(PATIENCE)).await;
    assert_eq!(seen.status, BrowserStatus::Silent);
}

#[tokio::test]
async fn two_instances_of_a_host_share_one_datagram() {
    let responder = respond("127.0.0.1:0", |_, _| {
        Some(listing(&[("PROD", Some(1)), ("TEST", Some(2))]))
    })
    .await;
    let answers = Answers::new(Port::new(responder.endpoint.port()).unwrap());
    let gate = Gate::new(Arc::default(), None);
    let addresses = [responder.endpoint.ip()];
    let ask = |instance| {
        let wanted = Wanted {
            instance: Some(instance),
            form: BrowserForm::List,
            patience: Patience::Once(PATIENCE),
        };
        answers.ask(&addresses, wanted, &gate)
    };
    let (prod, test) = tokio::join!(ask("PROD"), ask("TEST"));
    let later = ask("PROD").await;
    assert_eq!(
        [prod.port, test.port, later.port],
        [Port::new(1), Port::new(2), Port::new(1)]
    );
    assert_eq!(responder.asked().len(), 1);
}

#[tokio::test]
async fn asked_anew_it_hears_what_the_host_says_now_and_sends_one_datagram() {
    let responder = respond("127.0.0.1:0", |turn, _| {
        (turn > 1).then(|| listing(&[("PROD", Some(50123))]))
    })
    .await;
    let answers = Answers::new(Port::new(responder.endpoint.port()).unwrap());
    let gate = Gate::new(Arc::default(), None);
    let addresses = [responder.endpoint.ip()];
    let ask = |patience| {
        let wanted = Wanted {
            instance: Some("PROD"),
            form: BrowserForm::Name,
            patience,
        };
        answers.ask(&addresses, wanted, &gate)
    };
    // The first question is not answered, and the second asker waits for its end.
    let (first, meanwhile) =
        tokio::join!(ask(Patience::Anew(PATIENCE)), ask(Patience::Anew(PATIENCE)));
    assert_eq!(first.status, BrowserStatus::Silent);
    assert_eq!(meanwhile.status, BrowserStatus::Ok);
    assert_eq!(responder.asked().len(), 2);
    let again = ask(Patience::Anew(PATIENCE)).await;
    assert_eq!((again.status, again.tries), (BrowserStatus::Ok, Some(1)));
    assert_eq!(
        responder.asked().len(),
        3,
        "not what was heard a moment ago"
    );
}

#[tokio::test]
async fn of_several_addresses_the_one_that_answers_counts_and_is_remembered() {
    let responder = respond("127.0.0.1:0", |_, _| {
        Some(listing(&[("PROD", Some(50123))]))
    })
    .await;
    let answers = Answers::new(Port::new(responder.endpoint.port()).unwrap());
    let gate = Gate::new(Arc::default(), None);
    // Nobody listens on the first address.
    let addresses = ["127.0.0.9".parse().unwrap(), responder.endpoint.ip()];
    let ask = |form, patience| {
        answers.ask(
            &addresses,
            Wanted {
                instance: Some("PROD"),
                form,
                patience,
            },
            &gate,
        )
    };
    let thorough = ask(BrowserForm::Name, Patience::Thrice(PATIENCE)).await;
    assert_eq!(
        (thorough.status, thorough.asked),
        (BrowserStatus::Ok, Some(responder.endpoint))
    );
    let routine = ask(BrowserForm::List, Patience::Once(PATIENCE)).await;
    assert_eq!(
        (routine.status, routine.asked),
        (BrowserStatus::Ok, Some(responder.endpoint))
    );
}

fn hex_of(bytes: &[u8]) -> String {
    crate::probe::prelogin::hex(bytes)
}
