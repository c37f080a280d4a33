//! How a connection ends: FIN, then read to the end, then close.
//!
//! `close()` with unread bytes in the receive buffer sends RST, which SQL Server
//! records as error 17830. So the write side is shut down, what still comes is read
//! and dropped, and only then the socket is closed.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How long an end of file is waited for.
const PATIENCE: Duration = Duration::from_millis(200);
/// How many bytes are read and dropped.
const MOST: usize = 64 * 1024;
/// So many at a time.
const PIECE: usize = 1024;

/// The connections that are ending. Dropping it closes them at once.
#[derive(Default)]
pub struct Drains {
    ending: Mutex<JoinSet<()>>,
}

impl Drains {
    /// Ends a connection in the background; `held` is let go when it is closed.
    /// There is one for each connection that opened, for at most 200 ms.
    pub fn end(&self, stream: TcpStream, held: impl Send + 'static) {
        let mut ending = self.ending();
        while ending.try_join_next().is_some() {}
        ending.spawn(async move {
            drain(stream).await;
            drop(held);
        });
    }

    /// Waits until all are closed.
    pub async fn finish(&self) {
        let mut ending = std::mem::take(&mut *self.ending());
        while ending.join_next().await.is_some() {}
    }

    fn ending(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.ending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn drain(mut stream: TcpStream) {
    // Whether the end came or not, there is nothing more to do for this connection.
    let _ = tokio::time::timeout(PATIENCE, read_to_the_end(&mut stream)).await;
}

async fn read_to_the_end(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut read = 0;
    while read < MOST {
        stream.readable().await?;
        // Mostly there is nothing but the end: no room is kept for more while it is waited for.
        match stream.try_read(&mut [0; PIECE]) {
            Ok(0) => return Ok(()),
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn unread_bytes_do_not_turn_the_close_into_a_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        server.write_all(&[7; 1000]).await.unwrap();
        client.readable().await.unwrap();
        let drains = Drains::default();
        drains.end(client, ());
        let mut rest = Vec::new();
        assert_eq!(
            server.read_to_end(&mut rest).await.unwrap(),
            0,
            "FIN, not RST"
        );
        drop(server);
        drains.finish().await;
    }

    #[tokio::test]
    async fn a_peer_that_keeps_its_side_open_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (_server, _) = listener.accept().await.unwrap();
        let drains = Drains::default();
        drains.end(client, ());
        tokio::time::timeout(Duration::from_secs(5), drains.finish())
            .await
            .unwrap();
    }
}
