//! The end of a stream, so that nothing written before it is lost.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// How long a peer goes on reading for the other end's end of the stream.
pub const LINGER: Duration = Duration::from_secs(2);

/// How much it reads and throws away meanwhile, in bytes.
pub const MAX_DISCARDED: u64 = 256 * 1024 * 1024;

/// How long a peer that leaves the stream open on purpose does so.
pub const LEFT_OPEN: Duration = Duration::from_secs(60);

/// Who ends the stream first: RFC 6455 section 7.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// This end does, at once.
    First,
    /// The other end does; this one follows, or goes first when it has waited for [`LINGER`].
    Second,
    /// This end leaves the stream open as long as the other one does, which is wrong.
    Never,
}

/// Ends the stream. What still arrives is read and thrown away: closing a TCP socket with unread bytes resets the connection and
/// destroys what the other end has not yet read (RFC 9112 section 9.6 tells the same of HTTP).
///
/// Nothing is returned: a stream that breaks here has ended too.
pub async fn end<S>(stream: &mut S, order: Order)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match order {
        Order::First => {
            if stream.shutdown().await.is_ok() {
                discard(stream, LINGER).await;
            }
        }
        Order::Second => {
            discard(stream, LINGER).await;
            let _ = stream.shutdown().await;
        }
        Order::Never => discard(stream, LEFT_OPEN).await,
    }
}

/// Reads until the stream ends, within both bounds.
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
