//! A certificate authority that is made at the start, and the certificates that it signs: a valid one and invalid ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use jiff::{Span, Timestamp, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::ServerTls;
use crate::case::Certificate;

/// For how long certificates are valid, in days.
const DAYS: i64 = 30;

/// Why a certificate cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CertificateTrouble {
    /// The certificate cannot be generated.
    #[error("cannot make a certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// TLS rejects the certificate.
    #[error("cannot use the certificate that was made: {0}")]
    Use(#[from] rustls::Error),
}

/// A certificate authority. Its key is only in memory.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
    der: CertificateDer<'static>,
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Errors
    /// No key can be made.
    pub fn new() -> Result<Self, CertificateTrouble> {
        Self::named("wsspec test CA")
    }

    fn named(name: &str) -> Result<Self, CertificateTrouble> {
        let mut params = dated(CertificateParams::default(), 0);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?;
        let (pem, der) = (certificate.pem(), certificate.der().clone());
        Ok(Self { issuer: Issuer::new(params, key), pem, der })
    }

    /// Its certificate as PEM.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Its certificate.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.der.clone()
    }

    /// TLS for a server on this machine with a certificate of this kind.
    ///
    /// # Errors
    /// The certificate cannot be made.
    pub fn server(&self, kind: Certificate) -> Result<ServerTls, CertificateTrouble> {
        let mut params = dated(CertificateParams::default(), if kind == Certificate::Expired { 2 * DAYS } else { 0 });
        let name = if kind == Certificate::WrongHost { "elsewhere.invalid" } else { "localhost" };
        params.distinguished_name.push(DnType::CommonName, name);
        params.subject_alt_names = vec![SanType::DnsName(name.try_into()?)];
        if kind != Certificate::WrongHost {
            let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            params.subject_alt_names.extend(addresses.map(SanType::IpAddress));
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = if kind == Certificate::Untrusted {
            params.signed_by(&key, &Self::named("wsspec CA that nobody trusts")?.issuer)?
        } else {
            params.signed_by(&key, &self.issuer)?
        };
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(ServerTls::new(vec![certificate.der().clone()], secret)?)
    }
}

/// Makes a certificate valid from `DAYS` before today to `DAYS` after it, both moved `ago` days into the past.
fn dated(mut params: CertificateParams, ago: i64) -> CertificateParams {
    let now = TimeZone::UTC.to_datetime(Timestamp::now()).date();
    let date = |days: i64| {
        let date = now.saturating_add(Span::new().days(days));
        let part = |part: i8| u8::try_from(part).unwrap_or(1);
        date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    (params.not_before, params.not_after) = (date(-DAYS - ago), date(DAYS - ago));
    params
}
