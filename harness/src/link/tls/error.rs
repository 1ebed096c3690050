//! Why a TLS handshake fails, and what to do about it.

use std::io;
use std::time::Duration;

/// Why a TLS handshake failed.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The handshake took too long.
    #[error("the TLS handshake did not complete within {0:?}; does the port speak TLS, or plain ws://?")]
    Time(Duration),
    /// The server's certificate is not trusted.
    #[error(
        "the server's certificate is not trusted ({0}); name the CA that signed it with --ca FILE, or accept any certificate with --insecure"
    )]
    Certificate(String),
    /// The other end sent an alert.
    #[error("the other end rejects the TLS handshake with the alert {0}")]
    Alert(String),
    /// The received bytes are not TLS.
    #[error("the received bytes are not TLS; does the port speak plain WebSocket, ws:// instead of wss://?")]
    NotTls,
    /// The stream ended.
    #[error("the stream ended inside the TLS handshake")]
    Ended,
    /// The host is neither a name nor an address.
    #[error("`{0}` is not a name that a certificate can be issued for")]
    Name(String),
    /// Another rule of TLS is broken.
    #[error("the TLS handshake failed: {0}")]
    Other(String),
    /// The stream broke.
    #[error("the stream broke inside the TLS handshake: {0}")]
    Io(io::Error),
}

impl TlsError {
    /// Whether the other end stopped the handshake with an alert or the end of the stream, as a client does that rejects a certificate.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Alert(_) | Self::Ended | Self::Io(_))
    }

    /// Whether another attempt may succeed: the stream broke, as it does when a server restarts.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Ended | Self::Io(_))
    }
}

impl From<io::Error> for TlsError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Ended;
        }
        match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(rustls::Error::InvalidCertificate(why)) => Self::Certificate(why.to_string()),
            Some(rustls::Error::AlertReceived(alert)) => Self::Alert(format!("{alert:?}")),
            Some(rustls::Error::InvalidMessage(_)) => Self::NotTls,
            Some(other) => Self::Other(other.to_string()),
            None => Self::Io(error),
        }
    }
}
