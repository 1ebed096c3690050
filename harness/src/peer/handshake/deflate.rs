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
    pub server: Compressing,
    /// How the client compresses.
    pub client: Compressing,
}

/// How one end compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compressing {
    /// Whether a message may refer to earlier messages.
    pub takeover: bool,
    /// The base-2 logarithm of the largest window, 8 to 15.
    pub window_bits: u8,
}

impl Default for Compressing {
    fn default() -> Self {
        Self { takeover: true, window_bits: FULL_WINDOW }
    }
}

impl NegotiatedParams {
    /// How the end in this role compresses.
    pub const fn of(self, role: Role) -> Compressing {
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
    Bare,
    /// This many bits, 8 to 15.
    Bits(u8),
}

impl Window {
    /// The number of bits, if there is a value.
    pub(super) const fn bits(self) -> Option<u8> {
        match self {
            Self::Bare => None,
            Self::Bits(bits) => Some(bits),
        }
    }
}

impl Parameters {
    /// The negotiated parameters of a response with these parameters.
    pub(super) fn agreed(&self) -> NegotiatedParams {
        let compressing = |no_takeover: bool, window: Option<Window>| Compressing {
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
pub(super) struct Taken {
    /// Parameters with other names, which the peer ignores.
    pub(super) unknown: bool,
    /// A repeated parameter.
    pub(super) again: bool,
    /// A value of one of the takeover parameters.
    pub(super) takeover_value: bool,
    /// A number outside 8 to 15, which the peer replaces with the nearest valid one.
    pub(super) any_number: bool,
    /// Leading zeros.
    pub(super) zeros: bool,
    /// A value that is not a number, which the peer replaces with 15.
    pub(super) words: bool,
    /// A quoted value, which the peer does not read and replaces with 15.
    pub(super) quotes_unread: bool,
}

/// Parses the parameters of an element. Returns `None` if one is undefined, repeated or has an invalid value: RFC 7692
/// section 7.
pub(super) fn read(element: &Extension, taken: Taken) -> Option<Parameters> {
    let mut read = Parameters::default();
    let mut seen: Vec<&str> = Vec::new();
    for parameter in &element.parameters {
        let name = parameter.name.as_str();
        if seen.contains(&name) && !taken.again {
            return None;
        }
        seen.push(name);
        match name {
            SERVER_NO_TAKEOVER => read.server_no_takeover = flag(parameter, taken)?,
            CLIENT_NO_TAKEOVER => read.client_no_takeover = flag(parameter, taken)?,
            SERVER_WINDOW => read.server_window = Some(window(parameter, taken)?),
            CLIENT_WINDOW => read.client_window = Some(window(parameter, taken)?),
            _ if taken.unknown => {}
            _ => return None,
        }
    }
    Some(read)
}

fn flag(parameter: &Parameter, taken: Taken) -> Option<bool> {
    (parameter.value.is_none() || taken.takeover_value).then_some(true)
}

/// Parses a window: a decimal number from 8 to 15 without leading zeros (RFC 7692 sections 7.1.2.1 and 7.1.2.2), or the
/// name without a value.
fn window(parameter: &Parameter, taken: Taken) -> Option<Window> {
    let Some(value) = parameter.value.as_deref() else {
        return Some(Window::Bare);
    };
    if parameter.quoted && taken.quotes_unread {
        return Some(Window::Bits(FULL_WINDOW));
    }
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return taken.words.then_some(Window::Bits(FULL_WINDOW));
    }
    if value.starts_with('0') && value != "0" && !taken.zeros {
        return None;
    }
    // A number that does not fit exceeds all bounds.
    let number: u32 = value.parse().unwrap_or(u32::MAX);
    let near = u8::try_from(number.clamp(8, 15)).ok()?;
    (u32::from(near) == number || taken.any_number).then_some(Window::Bits(near))
}

#[cfg(test)]
mod tests {
    use super::super::grammar::extension;
    use super::*;

    fn parameters(text: &str, taken: Taken) -> Option<Parameters> {
        read(&extension(&format!("{NAME}{text}")).expect("an element"), taken)
    }

    #[test]
    fn right_parameters_are_read() {
        let right = |text: &str| parameters(text, Taken::default()).map(|read| read.agreed());
        let full = Compressing::default();
        assert_eq!(right(""), Some(NegotiatedParams { server: full, client: full }));
        let alone = Compressing { takeover: false, ..full };
        assert_eq!(right("; server_no_context_takeover"), Some(NegotiatedParams { server: alone, client: full }));
        assert_eq!(right(";client_no_context_takeover"), Some(NegotiatedParams { server: full, client: alone }));
        for bits in 8..=15 {
            let narrow = Compressing { window_bits: bits, ..full };
            let expected = Some(NegotiatedParams { server: narrow, client: full });
            assert_eq!(right(&format!("; server_max_window_bits={bits}")), expected);
            assert_eq!(right(&format!("; server_max_window_bits=\"{bits}\"")), expected);
            let expected = Some(NegotiatedParams { server: full, client: narrow });
            assert_eq!(right(&format!("; client_max_window_bits={bits}")), expected);
        }
        assert_eq!(right("; client_max_window_bits"), Some(NegotiatedParams::default()));
    }

    #[test]
    fn wrong_parameters_are_refused_unless_taken() {
        let strict = Taken::default();
        for (text, taken) in [
            ("; foo", Taken { unknown: true, ..strict }),
            ("; Server_No_Context_Takeover", Taken { unknown: true, ..strict }),
            ("; server_no_context_takeover; server_no_context_takeover", Taken { again: true, ..strict }),
            ("; client_max_window_bits; client_max_window_bits=10", Taken { again: true, ..strict }),
            ("; server_no_context_takeover=1", Taken { takeover_value: true, ..strict }),
            ("; client_no_context_takeover=true", Taken { takeover_value: true, ..strict }),
            ("; server_max_window_bits=7", Taken { any_number: true, ..strict }),
            ("; server_max_window_bits=16", Taken { any_number: true, ..strict }),
            ("; server_max_window_bits=0", Taken { any_number: true, ..strict }),
            ("; client_max_window_bits=99999999999", Taken { any_number: true, ..strict }),
            ("; server_max_window_bits=08", Taken { zeros: true, ..strict }),
            ("; client_max_window_bits=\"015\"", Taken { zeros: true, ..strict }),
            ("; server_max_window_bits=+9", Taken { words: true, ..strict }),
            ("; client_max_window_bits=x", Taken { words: true, ..strict }),
        ] {
            assert_eq!(parameters(text, strict), None, "{text}");
            assert!(parameters(text, taken).is_some(), "{text}");
        }
    }
}
