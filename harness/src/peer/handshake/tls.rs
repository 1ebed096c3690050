//! TLS below the opening handshake of the peers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::CertificateError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::PeerError;
use super::super::ending::LEFT_OPEN;
use super::super::faults::Fault;
use super::HEAD_TIME;
use crate::link::Link;
use crate::link::tls::{ClientTls, ServerTls, TlsError, Trust};

/// The first byte of TLS: the type of a handshake record (RFC 8446 section 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// The first message of a client (RFC 8446 section 4).
const CLIENT_HELLO: u8 = 1;

/// The TLS configuration of a client peer.
///
/// # Errors
/// What is invalid about the certificates that it trusts.
pub fn client(trust: Trust, fault: Option<Fault>) -> Result<ClientTls, TlsError> {
    let is = |asked: Fault| fault == Some(asked);
    let tls = match trust {
        Trust::Authorities(_) if is(Fault::TAKES_ANY_CERTIFICATE) => ClientTls::new(Trust::Anything, None)?,
        Trust::Authorities(all) if is(Fault::TAKES_UNTRUSTED_CERTIFICATE) => {
            ClientTls::forgiving(all, |flaw| matches!(flaw, CertificateError::UnknownIssuer))?
        }
        Trust::Authorities(all) if is(Fault::TAKES_WRONG_HOST) => ClientTls::forgiving(all, |flaw| {
            matches!(flaw, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
        })?,
        Trust::Authorities(all) if is(Fault::TAKES_EXPIRED_CERTIFICATE) => ClientTls::forgiving(all, |flaw| {
            matches!(flaw, CertificateError::Expired | CertificateError::ExpiredContext { .. })
        })?,
        trust => ClientTls::new(trust, None)?,
    };
    Ok(if is(Fault::NO_SERVER_NAME) { tls.without_server_name() } else { tls })
}

/// Performs the client's TLS handshake over a plain link.
///
/// # Errors
/// Why TLS failed.
pub async fn call(link: Link, host: &str, tls: &ClientTls, fault: Option<Fault>) -> Result<Secured, PeerError> {
    Ok(Secured::new(tls.connect(link, host, HEAD_TIME).await?, fault))
}

/// Performs the server's TLS handshake over a plain link.
///
/// # Errors
/// Why TLS failed.
pub async fn answer(mut link: Link, tls: &ServerTls, fault: Option<Fault>) -> Result<Secured, PeerError> {
    let (lenient, deaf) = (fault == Some(Fault::PLAIN_ON_TLS_PORT), fault == Some(Fault::TLS_FAILURE_LEFT_OPEN));
    if lenient || deaf {
        let [record, .., message] = first_bytes(&mut link).await?;
        if lenient && record != HANDSHAKE_RECORD {
            return Ok(Secured::new(link, fault));
        }
        if deaf && (record, message) != (HANDSHAKE_RECORD, CLIENT_HELLO) {
            tokio::time::sleep(LEFT_OPEN).await;
        }
    }
    Ok(Secured::new(tls.accept(link, HEAD_TIME).await?, fault))
}

/// Reads the header of the first record and the type of its first message. The bytes stay in the link and are read
/// again.
async fn first_bytes(link: &mut Link) -> Result<[u8; 6], PeerError> {
    let mut first = [0; 6];
    let mut count = 0;
    while let Some(rest) = first.get_mut(count..).filter(|rest| !rest.is_empty()) {
        count += link.read(rest).await.map_err(|_| PeerError::Ended)?;
    }
    link.unread(&first);
    Ok(first)
}

/// A stream that ends as TLS requires, or as the fault changes it.
#[derive(Debug)]
pub struct Secured {
    link: Link,
    curt: bool,
}

impl Secured {
    fn new(link: Link, fault: Option<Fault>) -> Self {
        Self { link, curt: fault == Some(Fault::NO_CLOSURE_ALERT) }
    }
}

impl AsyncRead for Secured {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_read(cx, into)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.link).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.curt { self.link.poll_truncate_tls(cx) } else { Pin::new(&mut self.link).poll_shutdown(cx) }
    }
}
