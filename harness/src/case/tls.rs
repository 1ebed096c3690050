//! The TLS handshake of a case: what is changed in ours, what the target's may be.

/// A certificate that a client is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Certificate {
    /// The right one: for localhost, 127.0.0.1 and ::1, signed by the authority that the client was told of.
    #[default]
    Valid,
    /// For another host.
    WrongHost,
    /// Signed by an authority of which the client was not told.
    Untrusted,
    /// One whose time is over.
    Expired,
}

/// What the target's TLS handshake may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum TlsExpect {
    /// It succeeds.
    #[default]
    Opens,
    /// The client refuses: an alert or the end of the stream comes, and no request.
    Refused,
    /// It succeeds, and the ClientHello names the host of the URL (RFC 6066 section 3).
    ServerName,
}

/// The TLS handshake of a case. The default changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TlsHandshake {
    /// No TLS: the bytes of the request go straight to the TLS port (role server).
    pub plain: bool,
    /// The certificate that the client is shown (role client).
    pub certificate: Certificate,
    /// What the client's handshake may be.
    pub expect: TlsExpect,
}

impl TlsHandshake {
    /// Whether the target is expected to refuse the TLS handshake.
    pub fn refused(self) -> bool {
        self.expect == TlsExpect::Refused
    }

    /// Whether the case is about the host's name, so that the URL must have one and no address.
    pub fn is_named(self) -> bool {
        self.expect != TlsExpect::Opens || self.certificate != Certificate::Valid
    }
}
