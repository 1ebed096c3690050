//! The stream below a connection, with or without TLS above it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;

use crate::os::LocalStream;

/// The most that is kept of the first bytes: a whole TLS record with its header.
const MAX_FIRST: usize = 5 + (16 << 10);

/// A stream of the system, or a pipe in memory.
#[derive(Debug)]
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(LocalStream),
    Pipe(DuplexStream),
}

/// A stream that can remember its first bytes.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    first: Option<Vec<u8>>,
    /// Bytes that were read and put back.
    unread: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, first: None, unread: Vec::new() }
    }

    /// Puts back bytes that were read, so that they are read again.
    pub(super) fn unread(&mut self, bytes: &[u8]) {
        self.unread.splice(..0, bytes.iter().copied());
    }

    /// Keeps the first bytes that are received from now on.
    pub(super) fn remember(&mut self) {
        self.first = Some(Vec::new());
    }

    /// The bytes that were kept. No further bytes are kept.
    pub(super) fn take_first(&mut self) -> Vec<u8> {
        self.first.take().unwrap_or_default()
    }

    /// Lets the drop of a TCP stream be a reset (RST).
    pub(super) fn reset_on_drop(&self) {
        if let Stream::Tcp(stream) = &self.stream {
            // If this fails, the drop sends a FIN.
            let _ = stream.set_zero_linger();
        }
    }

    fn pinned(&mut self) -> Pin<&mut dyn Duplex> {
        match &mut self.stream {
            Stream::Tcp(stream) => Pin::new(stream),
            Stream::Unix(stream) => Pin::new(stream),
            Stream::Pipe(stream) => Pin::new(stream),
        }
    }
}

/// What every stream implements.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        if self.unread.is_empty() {
            ready!(self.pinned().poll_read(cx, into))?;
        } else {
            let count = self.unread.len().min(into.remaining());
            into.put_slice(&self.unread.drain(..count).collect::<Vec<u8>>());
        }
        if let Some(first) = &mut self.first {
            let came = into.filled().get(before..).unwrap_or_default();
            let room = MAX_FIRST.saturating_sub(first.len()).min(came.len());
            first.extend_from_slice(came.get(..room).unwrap_or_default());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.pinned().poll_write(cx, bytes)
    }

    // TLS writes all its records at once: an alert after another record would be lost when the handshake fails.
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.pinned().poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Stream::Tcp(stream) => stream.is_write_vectored(),
            Stream::Unix(stream) => stream.is_write_vectored(),
            Stream::Pipe(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pinned().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pinned().poll_shutdown(cx)
    }
}
