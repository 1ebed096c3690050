//! TLS as a server.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::super::stream::Link;
use super::{HTTP_1_1, TlsError, TlsFacts, provider, server_name, version_of};

/// TLS for connections from clients, with one certificate.
#[derive(Clone, Debug)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
}

impl ServerTls {
    /// TLS with this certificate and its key.
    ///
    /// # Errors
    /// The key does not belong to the certificate.
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        // A client that ends without reading the tickets resets the connection, and its last bytes would be lost.
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(config) })
    }

    /// Does the TLS handshake over a plain link.
    ///
    /// # Errors
    /// Why the handshake did not complete within `timeout`.
    pub async fn accept(&self, link: Link, timeout: Duration) -> Result<Link, TlsError> {
        let mut wire = link.into_wire().ok_or_else(|| TlsError::Other("the link has TLS already".into()))?;
        wire.remember();
        let handshake = TlsAcceptor::from(Arc::clone(&self.config)).accept(wire);
        let mut stream = tokio::time::timeout(timeout, handshake).await.map_err(|_| TlsError::Time(timeout))??;
        let (wire, connection) = stream.get_mut();
        let facts = TlsFacts { version: version_of(connection), server_name: server_name(&wire.take_first()) };
        Ok(Link::secured(stream.into(), facts))
    }
}
