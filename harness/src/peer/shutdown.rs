//! Ends a stream without losing data that was written before the end.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// How long a peer keeps reading while it waits for the other end to close the stream.
pub const LINGER_TIME: Duration = Duration::from_secs(2);

/// How many bytes a peer reads and discards in that time.
pub const MAX_DISCARDED: u64 = 256 * 1024 * 1024;

/// How long a peer that deliberately leaves the stream open does so.
pub const STAY_OPEN: Duration = Duration::from_secs(60);

/// Who ends the stream first: RFC 6455 section 7.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseOrder {
    /// This end, at once.
    First,
    /// The other end; this end follows, or goes first when it has waited for [`LINGER_TIME`].
    Second,
    /// Neither: this end leaves the stream open as long as the other end does, which violates the RFC.
    Never,
}

/// Ends the stream. Bytes that still arrive are read and discarded, because closing a TCP socket with unread bytes
/// resets the connection and destroys data that the other end has not read yet (RFC 9112 section 9.6 describes the same
/// for HTTP).
///
/// The function returns nothing: a stream that breaks here has ended, too.
pub async fn end_stream<S>(stream: &mut S, order: CloseOrder)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match order {
        CloseOrder::First => {
            if stream.shutdown().await.is_ok() {
                discard(stream, LINGER_TIME).await;
            }
        }
        CloseOrder::Second => {
            discard(stream, LINGER_TIME).await;
            let _ = stream.shutdown().await;
        }
        CloseOrder::Never => discard(stream, STAY_OPEN).await,
    }
}

/// Reads until the stream ends or one of the two bounds is reached.
async fn discard<S: AsyncRead + Unpin>(stream: &mut S, time: Duration) {
    let reading = async {
        let mut buffer = vec![0; 16 * 1024];
        let mut discarded = 0;
        while discarded < MAX_DISCARDED {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(read) => discarded += read as u64,
            }
        }
    };
    let _ = tokio::time::timeout(time, reading).await;
}
