//! One connection, with its bytes counted.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

use super::tls::TlsFacts;
use super::wire::{Duplex, Stream, Wire};
use crate::os::LocalStream;
use crate::vocabulary::StreamEnd;

/// How long our end of the stream may wait for a peer that reads nothing.
const SHUTDOWN: Duration = Duration::from_secs(2);
/// Bytes of one read.
const READ: usize = 128 << 10;

thread_local! {
    /// The buffer of a read. A waiting connection has none of its own, so that ten thousand of them need little memory.
    static THROUGH: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into_boxed_slice());
}

/// A connection to the target. Bytes are counted inside TLS, where there is TLS.
#[derive(Debug)]
pub struct Link {
    layer: Layer,
    received: u64,
    sent: u64,
    /// Whether TLS may hold bytes that were written.
    unflushed: bool,
    tls: Option<TlsFacts>,
}

#[derive(Debug)]
enum Layer {
    Plain(Wire),
    Tls(Box<TlsStream<Wire>>),
}

impl From<TcpStream> for Link {
    fn from(stream: TcpStream) -> Self {
        Self::plain(Wire::new(Stream::Tcp(stream)))
    }
}

impl From<LocalStream> for Link {
    fn from(stream: LocalStream) -> Self {
        Self::plain(Wire::new(Stream::Unix(stream)))
    }
}

impl From<DuplexStream> for Link {
    fn from(stream: DuplexStream) -> Self {
        Self::plain(Wire::new(Stream::Pipe(stream)))
    }
}

/// What was possible first, a write or a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// So many bytes were written.
    Wrote(usize),
    /// Nothing more can be written.
    WriteBroken,
    /// So many bytes were read.
    Read(usize),
    /// The peer's direction ended.
    Ended(StreamEnd),
}

impl Link {
    fn plain(wire: Wire) -> Self {
        Self { layer: Layer::Plain(wire), received: 0, sent: 0, unflushed: false, tls: None }
    }

    pub(super) fn secured(stream: TlsStream<Wire>, facts: TlsFacts) -> Self {
        let layer = Layer::Tls(Box::new(stream));
        Self { layer, received: 0, sent: 0, unflushed: false, tls: Some(facts) }
    }

    /// The same connection with its counts at zero, for a tunnel that begins after a proxy's response.
    pub(super) fn fresh(link: Self) -> Self {
        Self { received: 0, sent: 0, ..link }
    }

    /// The stream below; `None` where TLS runs already.
    pub(super) fn into_wire(self) -> Option<Wire> {
        match self.layer {
            Layer::Plain(wire) => Some(wire),
            Layer::Tls(_) => None,
        }
    }

    /// Puts back bytes that were read from a plain link, so that they are read again.
    pub fn unread(&mut self, bytes: &[u8]) {
        if let Layer::Plain(wire) = &mut self.layer {
            wire.unread(bytes);
        }
    }

    /// Bytes received so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Bytes written so far.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// What the TLS handshake showed, where there was one.
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.tls.as_ref()
    }

    /// Whether bytes that were written may still wait in TLS. An [`exchange`](Self::exchange) of no bytes sends them.
    pub fn unflushed(&self) -> bool {
        self.unflushed
    }

    /// Waits for bytes. They are at the start of `buffer`.
    ///
    /// # Errors
    /// The end of the peer's direction.
    pub async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, StreamEnd> {
        poll_fn(|cx| {
            // Bytes that TLS still holds are sent meanwhile. The next write reports an error.
            let _ = self.poll_flush(cx);
            self.poll_read_some(cx, buffer)
        })
        .await
    }

    /// Waits for bytes, and appends them to `into`.
    ///
    /// # Errors
    /// The end of the peer's direction.
    pub async fn read_into(&mut self, into: &mut BytesMut) -> Result<usize, StreamEnd> {
        poll_fn(|cx| {
            let _ = self.poll_flush(cx);
            self.poll_read_into(cx, into)
        })
        .await
    }

    /// Writes some of `bytes`, or reads when that comes first, so that two full pipes never wait for each other. What is read is
    /// appended to `into`.
    pub async fn exchange(&mut self, bytes: &[u8], into: &mut BytesMut, reading: bool) -> Exchange {
        poll_fn(|cx| {
            match self.poll_write_some(cx, bytes) {
                Poll::Ready(exchange) => return Poll::Ready(exchange),
                Poll::Pending if !reading => return Poll::Pending,
                Poll::Pending => {}
            }
            self.poll_read_into(cx, into).map(|read| read.map_or_else(Exchange::Ended, Exchange::Read))
        })
        .await
    }

    fn poll_read_into(&mut self, cx: &mut Context<'_>, into: &mut BytesMut) -> Poll<Result<usize, StreamEnd>> {
        THROUGH.with_borrow_mut(|through| {
            let read = ready!(self.poll_read_some(cx, through));
            into.extend_from_slice(through.get(..read.unwrap_or(0)).unwrap_or_default());
            Poll::Ready(read)
        })
    }

    fn poll_write_some(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Exchange> {
        if self.unflushed {
            match self.poll_flush(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(false) => return Poll::Ready(Exchange::WriteBroken),
                Poll::Ready(true) if bytes.is_empty() => return Poll::Ready(Exchange::Wrote(0)),
                Poll::Ready(true) => {}
            }
        }
        Pin::new(self.layer.as_dyn()).poll_write(cx, bytes).map(|result| match result {
            Ok(0) | Err(_) => Exchange::WriteBroken,
            Ok(count) => {
                self.sent += count as u64;
                self.unflushed = matches!(self.layer, Layer::Tls(_));
                let _ = self.poll_flush(cx);
                Exchange::Wrote(count)
            }
        })
    }

    /// Sends what TLS still holds; false when it cannot be sent.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if !self.unflushed {
            return Poll::Ready(true);
        }
        Pin::new(self.layer.as_dyn()).poll_flush(cx).map(|result| {
            self.unflushed = false;
            result.is_ok()
        })
    }

    fn poll_read_some(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize, StreamEnd>> {
        let mut into = ReadBuf::new(buffer);
        match Pin::new(self.layer.as_dyn()).poll_read(cx, &mut into) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => match into.filled().len() {
                0 => Poll::Ready(Err(StreamEnd::Fin)),
                count => {
                    self.received += count as u64;
                    Poll::Ready(Ok(count))
                }
            },
            Poll::Ready(Err(error)) => {
                // This is how TLS reports an end without the closure alert.
                let truncated = matches!(self.layer, Layer::Tls(_)) && error.kind() == ErrorKind::UnexpectedEof;
                Poll::Ready(Err(if truncated { StreamEnd::TlsTruncated } else { StreamEnd::Reset }))
            }
        }
    }

    /// Ends our direction of the stream: a FIN, with TLS after the closure alert. A stream that has ended already is not an error.
    pub async fn half_close(&mut self) {
        let shutdown = poll_fn(|cx| Pin::new(self.layer.as_dyn()).poll_shutdown(cx));
        // The peer may have reset the stream already.
        let _ = tokio::time::timeout(SHUTDOWN, shutdown).await;
    }

    /// Ends our direction of the stream by a FIN without TLS's closure alert. Without TLS there is no difference.
    pub async fn truncate_tls(&mut self) {
        let truncated = poll_fn(|cx| self.poll_truncate_tls(cx));
        let _ = tokio::time::timeout(SHUTDOWN, truncated).await;
        self.unflushed = false;
    }

    /// The same as a poll function.
    pub fn poll_truncate_tls(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.layer {
            Layer::Plain(wire) => Pin::new(wire).poll_shutdown(cx),
            Layer::Tls(stream) => {
                ready!(Pin::new(stream.as_mut()).poll_flush(cx))?;
                Pin::new(stream.get_mut().0).poll_shutdown(cx)
            }
        }
    }

    /// Sends TLS's closure alert and leaves the stream below open. Without TLS nothing happens.
    pub async fn close_notify(&mut self) {
        let Layer::Tls(stream) = &mut self.layer else { return };
        stream.get_mut().1.send_close_notify();
        let flush = poll_fn(|cx| Pin::new(stream.as_mut()).poll_flush(cx));
        let _ = tokio::time::timeout(SHUTDOWN, flush).await;
        self.unflushed = false;
    }

    /// Drops the connection; under TLS with the closure alert, where it can be written at once.
    pub fn leave(mut self) {
        if let Layer::Tls(stream) = &mut self.layer {
            let _ = Pin::new(stream.as_mut()).poll_shutdown(&mut Context::from_waker(Waker::noop()));
        }
    }

    /// Resets the connection (RST), where it is TCP; else drops it.
    pub fn reset(self) {
        match &self.layer {
            Layer::Plain(wire) => wire.reset_on_drop(),
            Layer::Tls(stream) => stream.get_ref().0.reset_on_drop(),
        }
    }
}

/// A link as any other stream, uncounted.
impl AsyncRead for Link {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // A reader that waits for a response must have sent everything.
        let _ = Self::poll_flush(&mut self, cx);
        Pin::new(self.layer.as_dyn()).poll_read(cx, into)
    }
}

impl AsyncWrite for Link {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(self.layer.as_dyn()).poll_write(cx, bytes))?;
        self.unflushed = matches!(self.layer, Layer::Tls(_));
        let _ = Self::poll_flush(&mut self, cx);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.layer.as_dyn()).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.layer.as_dyn()).poll_shutdown(cx)
    }
}

impl Layer {
    fn as_dyn(&mut self) -> &mut dyn Duplex {
        match self {
            Self::Plain(wire) => wire,
            Self::Tls(stream) => stream.as_mut(),
        }
    }
}
