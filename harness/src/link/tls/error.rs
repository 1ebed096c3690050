//! Why a TLS handshake fails, with what to do.

use std::io;
use std::time::Duration;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// It took too long.
    #[error("the TLS handshake is not over after {0:?}; does the port speak TLS, or plain ws://?")]
    Time(Duration),
    /// The server's certificate is not taken.
    #[error(
        "the server's certificate is not trusted ({0}); name the CA that signed it with --ca FILE, or take any certificate with --insecure"
    )]
    Certificate(String),
    /// The other end refused.
    #[error("the other end refuses the TLS handshake with the alert {0}")]
    Alert(String),
    /// What came is no TLS.
    #[error("what comes is no TLS; does the port speak plain WebSocket, ws:// in place of wss://?")]
    NotTls,
    /// The stream ended.
    #[error("the stream ended inside the TLS handshake")]
    Ended,
    /// The host is neither a name nor an address.
    #[error("`{0}` is no name that a certificate can be for")]
    Name(String),
    /// Another rule of TLS is broken.
    #[error("the TLS handshake failed: {0}")]
    Other(String),
    /// The stream broke.
    #[error("the stream broke inside the TLS handshake: {0}")]
    Io(io::Error),
}

impl TlsError {
    /// Whether the other end broke off, with an alert or the end of the stream, as one does that does not take a certificate.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Alert(_) | Self::Ended | Self::Io(_))
    }

    /// Whether another try may go better: the stream broke, which is what a server that restarts brings about.
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
