//! What the tests of several servers share: a client made of plain sockets and the decoders.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire::tds::{Decoded, PreloginReply, PreloginRequest};

/// Far beyond what any of these take: a deadline that a failing test hits.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Connects within the deadline.
pub async fn connect(at: SocketAddr) -> TcpStream {
    timeout(DEADLINE, TcpStream::connect(at))
        .await
        .expect("no connection in time")
        .unwrap()
}

/// Everything until FIN; a reset fails the test.
pub async fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut all = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut all))
        .await
        .expect("no end in time")
        .unwrap();
    all
}

/// Sends a PRELOGIN and reads until something can be said of the answer.
pub async fn ask(at: SocketAddr, instance: &str) -> Decoded {
    let mut stream = connect(at).await;
    stream
        .write_all(
            &PreloginRequest {
                instance,
                trace: [0; 8],
            }
            .encode(),
        )
        .await
        .unwrap();
    let mut buffer = Vec::new();
    loop {
        match PreloginReply::decode(&buffer) {
            Decoded::Incomplete => {
                let read = timeout(DEADLINE, stream.read_buf(&mut buffer))
                    .await
                    .expect("no answer in time")
                    .unwrap();
                assert_ne!(read, 0, "closed after {buffer:?}");
            }
            decoded => return decoded,
        }
    }
}
