//! Certificates and keys from PEM files.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::{Error, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::client::Identity;

/// Why a PEM file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PemError {
    /// It cannot be read.
    #[error("cannot read {}: {source}; give a PEM file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the operating system or of the format.
        source: Error,
    },
    /// It contains no certificate.
    #[error("{} has no certificate; a PEM file has lines like -----BEGIN CERTIFICATE-----", .0.display())]
    Empty(PathBuf),
}

/// All certificates of a PEM file.
///
/// # Errors
/// The file cannot be read, or contains none.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let error = |source| PemError::Read { path: path.to_owned(), source };
    let all = CertificateDer::pem_file_iter(path).map_err(error)?;
    let all = all.collect::<Result<Vec<_>, _>>().map_err(error)?;
    if all.is_empty() { Err(PemError::Empty(path.to_owned())) } else { Ok(all) }
}

/// A certificate chain and its key, from two PEM files.
///
/// # Errors
/// A file cannot be read, or contains no certificate or key.
pub fn identity(certificate: &Path, key: &Path) -> Result<Identity, PemError> {
    let chain = certificates(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|source| PemError::Read { path: key.to_owned(), source })?;
    Ok(Identity { chain, key })
}
