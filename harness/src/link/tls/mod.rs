//! TLS over a link, in both roles, and the certificates for it.

mod authority;
mod client;
mod error;
mod files;
mod hello;
mod server;

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

pub use authority::{Authority, CertificateTrouble};
pub use client::{ClientTls, Identity, Trust};
pub use error::TlsError;
pub use files::{PemError, certificates, identity};
pub use hello::server_name;
pub use server::ServerTls;

/// What a TLS handshake revealed about the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version, such as `TLS 1.3`.
    pub version: String,
    /// The name that a client put into its ClientHello (RFC 6066 section 3), as received.
    pub server_name: Option<Vec<u8>>,
}

/// The protocol offered by ALPN: WebSocket's opening handshake is HTTP/1.1 (RFC 6455 section 4.1).
const HTTP_1_1: &[u8] = b"http/1.1";

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn version_of(connection: &rustls::CommonState) -> String {
    match connection.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
        _ => "TLS".to_owned(),
    }
}

#[cfg(test)]
mod tests;
