use std::future::Future;

use rstest::rstest;
use socket2::SockRef;

use super::*;
use crate::evidence::Service;
use crate::probe::scripted::{Scripted, answer, serve, until_closed};

const DEADLINE: Duration = Duration::from_millis(400);

async fn asked(server: &Scripted, instance: &str) -> Prelogin {
    let mut stream = TcpStream::connect(server.endpoint).await.unwrap();
    ask(&mut stream, server.endpoint, instance, DEADLINE).await
}

async fn against<F>(script: impl Fn(TcpStream) -> F + Send + 'static) -> Prelogin
where
    F: Future<Output = ()> + Send + 'static,
{
    asked(&serve("127.0.0.1:0", script).await, "PROD").await
}

/// Reads the request, writes `bytes` and waits for the end.
async fn says(bytes: Vec<u8>) -> Prelogin {
    against(move |mut stream| {
        let bytes = bytes.clone();
        async move {
            stream.read_u8().await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            until_closed(stream).await;
        }
    })
    .await
}

#[tokio::test]
async fn an_engine_is_recorded_with_every_option() {
    let seen = says(answer().encode()).await;
    assert_eq!(seen.status, PreloginStatus::Ok);
    assert_eq!(seen.version.unwrap().to_string(), "16.0.4105.2");
    assert_eq!(seen.encryption, Some(EncryptionOffer::Off));
    assert_eq!(seen.instance_matches, Some(true));
    assert_eq!(seen.mars, Some(false));
    assert_eq!(seen.federated_authentication, None);
    assert_eq!(seen.first_bytes, None);
    assert!(seen.elapsed.is_some() && seen.endpoint.is_some());
}

#[tokio::test]
async fn the_request_names_the_instance_and_carries_the_trace_prefix() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let server = serve("127.0.0.1:0", move |mut stream| {
        let tell = tell.lock().unwrap().take().unwrap();
        async move {
            let mut bytes = Vec::new();
            while tds::decode_client(&bytes).is_none() {
                stream.read_buf(&mut bytes).await.unwrap();
            }
            tell.send(bytes).unwrap();
            stream.write_all(&answer().encode()).await.unwrap();
            until_closed(stream).await;
        }
    })
    .await;
    asked(&server, "PROD").await;
    let bytes = told.await.unwrap();
    let request = tds::decode_client(&bytes).unwrap().unwrap();
    assert_eq!(request.instance, b"PROD");
    assert_eq!(request.encryption, Some(tds::Encryption::Off));
    assert_eq!(request.trace.unwrap()[..8], tds::TRACE_PREFIX);
}

#[tokio::test]
async fn another_instance_on_the_port_is_a_mismatch_only_where_one_was_asked_for() {
    let reply = PreloginReply {
        instance_matches: Some(false),
        ..answer()
    }
    .encode();
    let server = serve("127.0.0.1:0", move |mut stream| {
        let reply = reply.clone();
        async move {
            stream.write_all(&reply).await.unwrap();
            until_closed(stream).await;
        }
    })
    .await;
    assert_eq!(
        asked(&server, "PROD").await.status,
        PreloginStatus::InstanceMismatch
    );
    let unnamed = asked(&server, "").await;
    assert_eq!(
        (unnamed.status, unnamed.instance_matches),
        (PreloginStatus::Ok, Some(false))
    );
}

#[tokio::test]
async fn an_answer_in_pieces_is_put_together() {
    let seen = against(|mut stream| async move {
        for byte in answer().encode() {
            stream.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        until_closed(stream).await;
    })
    .await;
    assert_eq!(seen.status, PreloginStatus::Ok);
}

#[tokio::test]
async fn an_engine_that_says_nothing_is_silent_at_the_deadline() {
    let seen = against(until_closed).await;
    assert_eq!(seen.status, PreloginStatus::Silent);
    assert_eq!(seen.first_bytes, None);
    assert!(seen.elapsed.unwrap().duration() >= DEADLINE);
}

#[tokio::test]
async fn a_dripping_server_gains_no_time() {
    let begun = Instant::now();
    let seen = against(|mut stream| async move {
        for byte in [4, 1, 0, 0x2B, 0, 0, 1, 0, 0, 0] {
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    })
    .await;
    assert_eq!(seen.status, PreloginStatus::Silent);
    assert!(seen.first_bytes.unwrap().starts_with("04"));
    assert!(begun.elapsed() < DEADLINE * 3);
}

#[tokio::test]
async fn a_server_that_closes_after_reading_is_closed() {
    let seen = against(|mut stream| async move {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
    })
    .await;
    assert_eq!((seen.status, seen.os_error), (PreloginStatus::Closed, None));
}

#[tokio::test]
async fn a_server_that_resets_is_a_reset() {
    let seen = against(|stream| async move {
        stream.readable().await.unwrap();
        SockRef::from(&stream)
            .set_linger(Some(Duration::ZERO))
            .unwrap();
    })
    .await;
    assert_eq!(seen.status, PreloginStatus::Reset);
    assert!(seen.os_error.is_some());
}

#[tokio::test]
async fn a_stream_without_end_is_cut() {
    let begun = Instant::now();
    let seen =
        against(|mut stream| async move { while stream.write_all(&[b'A'; 8192]).await.is_ok() {} })
            .await;
    assert_eq!(seen.status, PreloginStatus::NotTds);
    assert_eq!(*seen.first_bytes.unwrap(), *"41".repeat(FIRST_BYTES));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_tds_answer_without_end_is_malformed() {
    let seen = against(|mut stream| async move {
        // Packets that are never the last one.
        let packet = [&[4, 0, 0, 108, 0, 0, 1, 0][..], &[0; 100]].concat();
        while stream.write_all(&packet).await.is_ok() {}
    })
    .await;
    assert_eq!(seen.status, PreloginStatus::Malformed);
    assert_eq!(seen.first_bytes.unwrap().len(), 2 * FIRST_BYTES);
}

#[tokio::test]
async fn an_error_in_place_of_options_is_recorded_with_its_number_and_text() {
    let error = crate::wire::token::ServerError {
        number: 40613,
        message: "not\u{1b}[2J available".to_owned(),
        ..Default::default()
    };
    let seen = says(tds::packet(tds::TYPE_ANSWER, &error.encode())).await;
    assert_eq!(
        (seen.status, seen.service),
        (PreloginStatus::Malformed, None)
    );
    let error = seen.error.unwrap();
    assert_eq!(error.number, 40613);
    assert_eq!(error.message.clean(40), "not\u{fffd}[2J available");
}

#[tokio::test]
async fn the_beginning_of_an_answer_is_kept_where_the_rest_never_came() {
    let half = answer().encode()[..9].to_vec();
    let told = hex(&half);
    let seen = against(move |mut stream| {
        let half = half.clone();
        async move {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            stream.write_all(&half).await.unwrap();
        }
    })
    .await;
    assert_eq!(
        (seen.status, seen.first_bytes.as_deref()),
        (PreloginStatus::Closed, Some(&*told))
    );
}

#[rstest]
#[case::web(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", Service::Http)]
#[case::ssh(b"SSH-2.0-OpenSSH_9.2\r\n", Service::Ssh)]
#[case::mail(b"220 mail.corp.test ESMTP Postfix\r\n", Service::Smtp)]
#[case::files(b"220 (vsFTPd 3.0.3)\r\n", Service::Ftp)]
#[case::tls_alert(&[0x15, 3, 3, 0, 2, 2, 0x46], Service::TlsFirst)]
#[case::garbage(&[0xDE, 0xAD, 0xBE, 0xEF, b'\n'], Service::Unknown)]
#[tokio::test]
async fn another_service_is_recognised(#[case] bytes: &[u8], #[case] expected: Service) {
    let seen = says(bytes.to_vec()).await;
    assert_eq!(
        (seen.status, seen.service),
        (PreloginStatus::NotTds, Some(expected))
    );
    assert_eq!(
        *seen.first_bytes.unwrap(),
        *hex(&bytes[..bytes.len().min(FIRST_BYTES)])
    );
}

#[tokio::test]
async fn a_banner_that_comes_in_two_pieces_is_still_recognised() {
    let seen = against(|mut stream| async move {
        stream.write_all(b"2").await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        stream.write_all(b"20 mail ESMTP\r\n").await.unwrap();
        until_closed(stream).await;
    })
    .await;
    assert_eq!(seen.service, Some(Service::Smtp));
}

#[tokio::test]
async fn a_banner_is_read_even_where_the_server_has_closed_already() {
    let server = serve("127.0.0.1:0", |mut stream| async move {
        stream.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    })
    .await;
    let mut stream = TcpStream::connect(server.endpoint).await.unwrap();
    stream.readable().await.unwrap();
    let seen = ask(&mut stream, server.endpoint, "", DEADLINE).await;
    assert_eq!(seen.service, Some(Service::Ssh));
}
