//! One connection, with its octets counted.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// A connection to the target.
#[derive(Debug)]
pub struct Link {
    stream: Stream,
    received: u64,
    sent: u64,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Pipe(DuplexStream),
}

impl From<TcpStream> for Link {
    fn from(stream: TcpStream) -> Self {
        Self::new(Stream::Tcp(stream))
    }
}

impl From<UnixStream> for Link {
    fn from(stream: UnixStream) -> Self {
        Self::new(Stream::Unix(stream))
    }
}

impl From<DuplexStream> for Link {
    fn from(stream: DuplexStream) -> Self {
        Self::new(Stream::Pipe(stream))
    }
}

/// How the peer's direction of a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadEnd {
    /// An orderly end.
    Fin,
    /// A reset, or another error that ends the stream at once.
    Reset,
}

/// What came first of a write and a read that were both wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// So many octets were written.
    Wrote(usize),
    /// Nothing more can be written.
    WriteBroken,
    /// So many octets were read.
    Read(usize),
    /// The peer's direction ended.
    Ended(ReadEnd),
}

impl Link {
    fn new(stream: Stream) -> Self {
        Self { stream, received: 0, sent: 0 }
    }

    /// Octets received so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Octets written so far.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Waits for octets. They are at the start of `buffer`.
    ///
    /// # Errors
    /// The end of the peer's direction.
    pub async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadEnd> {
        poll_fn(|cx| self.poll_read_some(cx, buffer)).await
    }

    /// Writes some of `octets`, or reads when that comes first, so that two full pipes never wait for each other.
    pub async fn exchange(&mut self, octets: &[u8], buffer: &mut [u8], reading: bool) -> Exchange {
        poll_fn(|cx| {
            if let Poll::Ready(result) = Pin::new(self.stream.as_dyn()).poll_write(cx, octets) {
                return Poll::Ready(match result {
                    Ok(0) | Err(_) => Exchange::WriteBroken,
                    Ok(count) => {
                        self.sent += count as u64;
                        Exchange::Wrote(count)
                    }
                });
            }
            if !reading {
                return Poll::Pending;
            }
            self.poll_read_some(cx, buffer).map(|read| read.map_or_else(Exchange::Ended, Exchange::Read))
        })
        .await
    }

    fn poll_read_some(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize, ReadEnd>> {
        let mut into = ReadBuf::new(buffer);
        match Pin::new(self.stream.as_dyn()).poll_read(cx, &mut into) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => match into.filled().len() {
                0 => Poll::Ready(Err(ReadEnd::Fin)),
                count => {
                    self.received += count as u64;
                    Poll::Ready(Ok(count))
                }
            },
            Poll::Ready(Err(_)) => Poll::Ready(Err(ReadEnd::Reset)),
        }
    }

    /// Ends our direction of the stream (FIN). A stream that is gone already is no error.
    pub async fn half_close(&mut self) {
        // The peer may have reset the stream already, and there is nothing to be done about it.
        let _ = self.stream.as_dyn().shutdown().await;
    }

    /// Resets the connection (RST), where it is TCP; else drops it.
    pub fn reset(self) {
        if let Stream::Tcp(stream) = self.stream {
            // Without a linger of zero the drop sends a FIN, which is the best that can be had then.
            let _ = stream.set_zero_linger();
        }
    }
}

/// What a stream must be able to do.
trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

impl Stream {
    fn as_dyn(&mut self) -> &mut dyn Duplex {
        match self {
            Self::Tcp(stream) => stream,
            Self::Unix(stream) => stream,
            Self::Pipe(stream) => stream,
        }
    }
}
