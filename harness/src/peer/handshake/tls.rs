//! TLS below the opening handshake of the peers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::CertificateError;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::PeerError;
use super::super::faults::Fault;
use super::super::shutdown::STAY_OPEN;
use super::HEAD_TIMEOUT;
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
pub fn client_config(trust: Trust, fault: Option<Fault>) -> Result<ClientTls, TlsError> {
    let has = |other: Fault| fault == Some(other);
    let tls = match trust {
        Trust::Authorities(_) if has(Fault::TAKES_ANY_CERTIFICATE) => ClientTls::new(Trust::Anything, None)?,
        Trust::Authorities(all) if has(Fault::TAKES_UNTRUSTED_CERTIFICATE) => {
            ClientTls::forgiving(all, |error| matches!(error, CertificateError::UnknownIssuer))?
        }
        Trust::Authorities(all) if has(Fault::TAKES_WRONG_HOST) => ClientTls::forgiving(all, |error| {
            matches!(error, CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. })
        })?,
        Trust::Authorities(all) if has(Fault::TAKES_EXPIRED_CERTIFICATE) => ClientTls::forgiving(all, |error| {
            matches!(error, CertificateError::Expired | CertificateError::ExpiredContext { .. })
        })?,
        trust => ClientTls::new(trust, None)?,
    };
    Ok(if has(Fault::NO_SERVER_NAME) { tls.without_server_name() } else { tls })
}

/// Performs the client's TLS handshake over a plain link.
///
/// # Errors
/// Why TLS failed.
pub async fn connect(
    link: Link,
    host: &str,
    tls: &ClientTls,
    fault: Option<Fault>,
) -> Result<PeerTlsStream, PeerError> {
    Ok(PeerTlsStream::new(tls.connect(link, host, HEAD_TIMEOUT).await?, fault))
}

/// Performs the server's TLS handshake over a plain link.
///
/// # Errors
/// Why TLS failed.
pub async fn accept(mut link: Link, tls: &ServerTls, fault: Option<Fault>) -> Result<PeerTlsStream, PeerError> {
    let (accepts_plain, ignores_failure) =
        (fault == Some(Fault::PLAIN_ON_TLS_PORT), fault == Some(Fault::TLS_FAILURE_LEFT_OPEN));
    if accepts_plain || ignores_failure {
        let [record, .., message] = first_bytes(&mut link).await?;
        if accepts_plain && record != HANDSHAKE_RECORD {
            return Ok(PeerTlsStream::new(link, fault));
        }
        if ignores_failure && (record, message) != (HANDSHAKE_RECORD, CLIENT_HELLO) {
            tokio::time::sleep(STAY_OPEN).await;
        }
    }
    Ok(PeerTlsStream::new(tls.accept(link, HEAD_TIMEOUT).await?, fault))
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
pub struct PeerTlsStream {
    link: Link,
    skips_closure_alert: bool,
}

impl PeerTlsStream {
    fn new(link: Link, fault: Option<Fault>) -> Self {
        Self { link, skips_closure_alert: fault == Some(Fault::NO_CLOSURE_ALERT) }
    }
}

impl AsyncRead for PeerTlsStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_read(cx, into)
    }
}

impl AsyncWrite for PeerTlsStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.link).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.link).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.skips_closure_alert {
            self.link.poll_truncate_tls(cx)
        } else {
            Pin::new(&mut self.link).poll_shutdown(cx)
        }
    }
}
