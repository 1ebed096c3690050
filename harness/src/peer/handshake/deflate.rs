//! The parts of permessage-deflate that both ends of the handshake parse: RFC 7692 sections 5 and 7.1.

use super::grammar::{Extension, Parameter};
use crate::vocabulary::Role;

/// The extension's name.
pub const NAME: &str = "permessage-deflate";

/// The window of DEFLATE in bits if no other was agreed: 32,768 bytes.
pub const FULL_WINDOW: u8 = 15;

/// The names of the four parameters.
pub(super) const SERVER_NO_TAKEOVER: &str = "server_no_context_takeover";
/// See [`SERVER_NO_TAKEOVER`].
pub(super) const CLIENT_NO_TAKEOVER: &str = "client_no_context_takeover";
/// See [`SERVER_NO_TAKEOVER`].
pub(super) const SERVER_WINDOW: &str = "server_max_window_bits";
/// See [`SERVER_NO_TAKEOVER`].
pub(super) const CLIENT_WINDOW: &str = "client_max_window_bits";

/// The negotiated parameters: how each end compresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NegotiatedParams {
    /// How the server compresses.
    pub server: CompressionParams,
    /// How the client compresses.
    pub client: CompressionParams,
}

/// How one end compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompressionParams {
    /// Whether a message may refer to earlier messages.
    pub takeover: bool,
    /// The base-2 logarithm of the largest window, 8 to 15.
    pub window_bits: u8,
}

impl Default for CompressionParams {
    fn default() -> Self {
        Self { takeover: true, window_bits: FULL_WINDOW }
    }
}

impl NegotiatedParams {
    /// How the end in this role compresses.
    pub const fn for_sender(self, role: Role) -> CompressionParams {
        match role {
            Role::Server => self.server,
            Role::Client => self.client,
        }
    }
}

/// The parameters of one element. The caller checks whether a window may lack its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) server_no_takeover: bool,
    pub(super) client_no_takeover: bool,
    pub(super) server_window: Option<Window>,
    pub(super) client_window: Option<Window>,
}

/// The value of a window parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// The name without a value.
    NoValue,
    /// This many bits, 8 to 15.
    Bits(u8),
}

impl Window {
    /// The number of bits, if there is a value.
    pub(super) const fn bits(self) -> Option<u8> {
        match self {
            Self::NoValue => None,
            Self::Bits(bits) => Some(bits),
        }
    }
}

impl Parameters {
    /// The negotiated parameters of a response with these parameters.
    pub(super) fn negotiated(&self) -> NegotiatedParams {
        let compressing = |no_takeover: bool, window: Option<Window>| CompressionParams {
            takeover: !no_takeover,
            window_bits: window.and_then(Window::bits).unwrap_or(FULL_WINDOW),
        };
        NegotiatedParams {
            server: compressing(self.server_no_takeover, self.server_window),
            client: compressing(self.client_no_takeover, self.client_window),
        }
    }
}

/// Invalid parts of an element that a faulty peer accepts. A correct peer accepts none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Leniency {
    /// Parameters with other names, which the peer ignores.
    pub(super) unknown: bool,
    /// A repeated parameter.
    pub(super) repeated: bool,
    /// A value of one of the takeover parameters.
    pub(super) takeover_value: bool,
    /// A number outside 8 to 15, which the peer replaces with the nearest valid one.
    pub(super) any_number: bool,
    /// Leading zeros.
    pub(super) leading_zeros: bool,
    /// A value that is not a number, which the peer replaces with 15.
    pub(super) not_numbers: bool,
    /// A quoted value, which the peer does not read and replaces with 15.
    pub(super) quoted_ignored: bool,
}

/// Parses the parameters of an element. Returns `None` if one is undefined, repeated or has an invalid value: RFC 7692
/// section 7.
pub(super) fn parse_parameters(element: &Extension, leniency: Leniency) -> Option<Parameters> {
    let mut parsed = Parameters::default();
    let mut seen: Vec<&str> = Vec::new();
    for parameter in &element.parameters {
        let name = parameter.name.as_str();
        if seen.contains(&name) && !leniency.repeated {
            return None;
        }
        seen.push(name);
        match name {
            SERVER_NO_TAKEOVER => parsed.server_no_takeover = flag(parameter, leniency)?,
            CLIENT_NO_TAKEOVER => parsed.client_no_takeover = flag(parameter, leniency)?,
            SERVER_WINDOW => parsed.server_window = Some(window(parameter, leniency)?),
            CLIENT_WINDOW => parsed.client_window = Some(window(parameter, leniency)?),
            _ if leniency.unknown => {}
            _ => return None,
        }
    }
    Some(parsed)
}

fn flag(parameter: &Parameter, leniency: Leniency) -> Option<bool> {
    (parameter.value.is_none() || leniency.takeover_value).then_some(true)
}

/// Parses a window: a decimal number from 8 to 15 without leading zeros (RFC 7692 sections 7.1.2.1 and 7.1.2.2), or the
/// name without a value.
fn window(parameter: &Parameter, leniency: Leniency) -> Option<Window> {
    let Some(value) = parameter.value.as_deref() else {
        return Some(Window::NoValue);
    };
    if parameter.quoted && leniency.quoted_ignored {
        return Some(Window::Bits(FULL_WINDOW));
    }
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return leniency.not_numbers.then_some(Window::Bits(FULL_WINDOW));
    }
    if value.starts_with('0') && value != "0" && !leniency.leading_zeros {
        return None;
    }
    // A number that does not fit exceeds all bounds.
    let number: u32 = value.parse().unwrap_or(u32::MAX);
    let nearest = u8::try_from(number.clamp(8, 15)).ok()?;
    (u32::from(nearest) == number || leniency.any_number).then_some(Window::Bits(nearest))
}

#[cfg(test)]
mod tests {
    use super::super::grammar::extension;
    use super::*;

    fn parameters(text: &str, leniency: Leniency) -> Option<Parameters> {
        parse_parameters(&extension(&format!("{NAME}{text}")).expect("an element"), leniency)
    }

    #[test]
    fn valid_parameters_are_parsed() {
        let negotiated = |text: &str| parameters(text, Leniency::default()).map(|parsed| parsed.negotiated());
        let full = CompressionParams::default();
        assert_eq!(negotiated(""), Some(NegotiatedParams { server: full, client: full }));
        let alone = CompressionParams { takeover: false, ..full };
        assert_eq!(negotiated("; server_no_context_takeover"), Some(NegotiatedParams { server: alone, client: full }));
        assert_eq!(negotiated(";client_no_context_takeover"), Some(NegotiatedParams { server: full, client: alone }));
        for bits in 8..=15 {
            let narrow = CompressionParams { window_bits: bits, ..full };
            let expected = Some(NegotiatedParams { server: narrow, client: full });
            assert_eq!(negotiated(&format!("; server_max_window_bits={bits}")), expected);
            assert_eq!(negotiated(&format!("; server_max_window_bits=\"{bits}\"")), expected);
            let expected = Some(NegotiatedParams { server: full, client: narrow });
            assert_eq!(negotiated(&format!("; client_max_window_bits={bits}")), expected);
        }
        assert_eq!(negotiated("; client_max_window_bits"), Some(NegotiatedParams::default()));
    }

    #[test]
    fn invalid_parameters_are_rejected_unless_tolerated() {
        let strict = Leniency::default();
        for (text, leniency) in [
            ("; foo", Leniency { unknown: true, ..strict }),
            ("; Server_No_Context_Takeover", Leniency { unknown: true, ..strict }),
            ("; server_no_context_takeover; server_no_context_takeover", Leniency { repeated: true, ..strict }),
            ("; client_max_window_bits; client_max_window_bits=10", Leniency { repeated: true, ..strict }),
            ("; server_no_context_takeover=1", Leniency { takeover_value: true, ..strict }),
            ("; client_no_context_takeover=true", Leniency { takeover_value: true, ..strict }),
            ("; server_max_window_bits=7", Leniency { any_number: true, ..strict }),
            ("; server_max_window_bits=16", Leniency { any_number: true, ..strict }),
            ("; server_max_window_bits=0", Leniency { any_number: true, ..strict }),
            ("; client_max_window_bits=99999999999", Leniency { any_number: true, ..strict }),
            ("; server_max_window_bits=08", Leniency { leading_zeros: true, ..strict }),
            ("; client_max_window_bits=\"015\"", Leniency { leading_zeros: true, ..strict }),
            ("; server_max_window_bits=+9", Leniency { not_numbers: true, ..strict }),
            ("; client_max_window_bits=x", Leniency { not_numbers: true, ..strict }),
        ] {
            assert_eq!(parameters(text, strict), None, "{text}");
            assert!(parameters(text, leniency).is_some(), "{text}");
        }
    }
}
