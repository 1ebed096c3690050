//! TLS as a client.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::super::stream::Link;
use super::{HTTP_1_1, TlsError, TlsFacts, provider, version_of};

/// Whose certificates are accepted.
#[derive(Clone, Debug, Default)]
pub enum Trust {
    /// Those of the CAs that the system trusts.
    #[default]
    System,
    /// Those of these CAs.
    Authorities(Vec<CertificateDer<'static>>),
    /// All.
    Anything,
}

/// The harness's own certificate, for a server that requests one.
#[derive(Debug)]
pub struct Identity {
    /// The certificate and the intermediate ones.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

/// TLS for connections to servers.
#[derive(Clone, Debug)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
}

/// Whether a certificate is accepted in spite of this error.
type Forgives = fn(&CertificateError) -> bool;

impl ClientTls {
    /// TLS that accepts the certificates of `trust`, and shows `identity` to a server that requests a certificate.
    ///
    /// # Errors
    /// The certificates are invalid.
    pub fn new(trust: Trust, identity: Option<Identity>) -> Result<Self, TlsError> {
        match trust {
            Trust::Anything => Self::build(None, |_| true, identity),
            Trust::Authorities(all) => Self::build(Some(roots(all)?), |_| false, identity),
            Trust::System => {
                let found = rustls_native_certs::load_native_certs();
                let mut store = RootCertStore::empty();
                // Certificates of the system that cannot be read are ignored.
                store.add_parsable_certificates(found.certs);
                // Without any root every certificate is unknown, and the error has advice.
                Self::build((!store.is_empty()).then_some(store), |_| false, identity)
            }
        }
    }

    /// TLS that trusts these CAs and ignores some errors of certificates.
    ///
    /// # Errors
    /// The certificates of the CAs are invalid.
    pub fn forgiving(authorities: Vec<CertificateDer<'static>>, forgives: Forgives) -> Result<Self, TlsError> {
        Self::build(Some(roots(authorities)?), forgives, None)
    }

    /// The same without the server's name in the ClientHello.
    pub fn without_server_name(mut self) -> Self {
        Arc::make_mut(&mut self.config).enable_sni = false;
        self
    }

    fn build(roots: Option<RootCertStore>, forgives: Forgives, identity: Option<Identity>) -> Result<Self, TlsError> {
        let provider = provider();
        let other = |error: &dyn std::fmt::Display| TlsError::Other(error.to_string());
        let strict = match roots {
            Some(roots) => {
                let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
                Some(builder.build().map_err(|error| other(&error))?)
            }
            None => None,
        };
        let verifier = Verifier { strict, forgives, provider: Arc::clone(&provider) };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| other(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(Identity { chain, key }) => {
                builder.with_client_auth_cert(chain, key).map_err(|error| other(&error))?
            }
        };
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        // Each case has a full handshake, independent of earlier ones.
        config.resumption = Resumption::disabled();
        Ok(Self { config: Arc::new(config) })
    }

    /// Does the TLS handshake over a plain link with the server that has this name or address.
    ///
    /// # Errors
    /// Why the handshake did not complete within `timeout`.
    pub async fn connect(&self, link: Link, host: &str, timeout: Duration) -> Result<Link, TlsError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsError::Name(host.to_owned()))?;
        let wire = link.into_wire().ok_or_else(|| TlsError::Other("the link has TLS already".into()))?;
        let handshake = TlsConnector::from(Arc::clone(&self.config)).connect(name, wire);
        let stream = tokio::time::timeout(timeout, handshake).await.map_err(|_| TlsError::Time(timeout))??;
        let facts = TlsFacts { version: version_of(stream.get_ref().1), server_name: None };
        Ok(Link::secured(stream.into(), facts))
    }
}

fn roots(all: Vec<CertificateDer<'static>>) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in all {
        store.add(certificate).map_err(|error| TlsError::Other(error.to_string()))?;
    }
    Ok(store)
}

/// Checks certificates as a browser does, except for errors that are ignored. Signatures are always checked.
#[derive(Debug)]
struct Verifier {
    /// `None` knows no CA.
    strict: Option<Arc<WebPkiServerVerifier>>,
    forgives: Forgives,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = match &self.strict {
            Some(strict) => {
                strict.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now).map(|_| ())
            }
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        match found {
            Err(Error::InvalidCertificate(error)) if (self.forgives)(&error) => Ok(ServerCertVerified::assertion()),
            Err(error) => Err(error),
            Ok(()) => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
