//! The TLS handshake of a case: changes to that of the harness, and what that of the target may be.

/// A certificate that the harness presents to a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Certificate {
    /// The valid one: for localhost, 127.0.0.1 and ::1, signed by the authority that the client trusts.
    #[default]
    Valid,
    /// For another host.
    WrongHost,
    /// Signed by an authority that the client does not trust.
    Untrusted,
    /// Expired.
    Expired,
}

/// What the TLS handshake of the target may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum TlsExpect {
    /// It succeeds.
    #[default]
    Opens,
    /// The client refuses: an alert or the end of the stream arrives, and no request.
    Refused,
    /// It succeeds, and the ClientHello names the host of the URL (RFC 6066 section 3).
    ServerName,
}

/// The TLS handshake of a case. The default changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsHandshake {
    /// No TLS: the bytes of the request go straight to the TLS port (role server).
    pub plain: bool,
    /// The certificate for the client (role client).
    pub certificate: Certificate,
    /// What the handshake of the client may be.
    pub expect: TlsExpect,
}

impl TlsHandshake {
    /// Whether the target is expected to refuse the TLS handshake.
    pub fn refused(self) -> bool {
        self.expect == TlsExpect::Refused
    }

    /// Whether the case depends on the host name, so that the URL must have a name and not an address.
    pub fn is_named(self) -> bool {
        self.expect != TlsExpect::Opens || self.certificate != Certificate::Valid
    }
}
