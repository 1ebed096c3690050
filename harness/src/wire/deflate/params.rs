//! The parameters of permessage-deflate, offered and agreed: RFC 7692 sections 5 and 7.1.

use crate::vocabulary::Role;
use std::fmt;

/// The extension's name.
pub const NAME: &str = "permessage-deflate";

/// The header in which a list of parameters appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A client's offer.
    Offer,
    /// A server's response.
    Answer,
}

/// The parameters of one offer or response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// `server_no_context_takeover`.
    pub server_no_context_takeover: bool,
    /// `client_no_context_takeover`.
    pub client_no_context_takeover: bool,
    /// `server_max_window_bits`, 8 to 15.
    pub server_max_window_bits: Option<u8>,
    /// `client_max_window_bits`: present without a value, or with a value from 8 to 15.
    pub client_max_window_bits: Option<Option<u8>>,
}

/// Why parameters are not valid for permessage-deflate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// A parameter that the extension does not define.
    #[error("the parameter `{0}` is not defined")]
    Undefined(String),
    /// A repeated parameter.
    #[error("the parameter `{0}` is repeated")]
    Duplicate(String),
    /// A value that the parameter cannot have; `None` if a required value is missing.
    #[error("the parameter `{0}` {problem}", problem = value_problem(.1.as_deref()))]
    Value(String, Option<String>),
}

fn value_problem(value: Option<&str>) -> String {
    value.map_or_else(|| "has no value".to_owned(), |value| format!("cannot be `{value}`"))
}

impl Params {
    /// Parses one element of Sec-WebSocket-Extensions, such as `permessage-deflate; client_max_window_bits`; returns
    /// `None` for another extension.
    pub fn read(member: &str, place: Place) -> Option<Result<Self, ParamsError>> {
        let mut parts = member.split(';').map(str::trim);
        // Extension tokens are compared case-sensitively, because RFC 6455 section 9.1 does not mention letter case.
        (parts.next()? == NAME).then(|| Self::parse_all(parts, place))
    }

    fn parse_all<'a>(parts: impl Iterator<Item = &'a str>, place: Place) -> Result<Self, ParamsError> {
        let mut params = Self::default();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(unquote(value.trim()))),
                None => (part, None),
            };
            let invalid_value = || ParamsError::Value(name.to_owned(), value.clone());
            let check_duplicate =
                |present: bool| if present { Err(ParamsError::Duplicate(name.to_owned())) } else { Ok(()) };
            match name {
                "server_no_context_takeover" | "client_no_context_takeover" => {
                    let flag = match name {
                        "server_no_context_takeover" => &mut params.server_no_context_takeover,
                        _ => &mut params.client_no_context_takeover,
                    };
                    check_duplicate(std::mem::replace(flag, true))?;
                    if value.is_some() {
                        return Err(invalid_value());
                    }
                }
                "server_max_window_bits" => {
                    check_duplicate(params.server_max_window_bits.is_some())?;
                    params.server_max_window_bits =
                        Some(value.as_deref().and_then(parse_bits).ok_or_else(invalid_value)?);
                }
                "client_max_window_bits" => {
                    check_duplicate(params.client_max_window_bits.is_some())?;
                    params.client_max_window_bits = Some(match &value {
                        None if place == Place::Offer => None,
                        None => return Err(invalid_value()),
                        Some(text) => Some(parse_bits(text).ok_or_else(invalid_value)?),
                    });
                }
                _ => return Err(ParamsError::Undefined(name.to_owned())),
            }
        }
        Ok(params)
    }

    /// How this response to an offer is invalid; empty for a valid one.
    pub fn answer_errors(&self, offer: &Self) -> Vec<AnswerError> {
        let mut errors = Vec::new();
        if offer.server_no_context_takeover && !self.server_no_context_takeover {
            errors.push(AnswerError::TakeoverNotAnswered);
        }
        match (offer.server_max_window_bits, self.server_max_window_bits) {
            (Some(_), None) => errors.push(AnswerError::WindowNotAnswered),
            (Some(offered), Some(answered)) if answered > offered => {
                errors.push(AnswerError::WindowLarger { offered, answered });
            }
            _ => {}
        }
        if self.client_max_window_bits.is_some() && offer.client_max_window_bits.is_none() {
            errors.push(AnswerError::ClientWindowNotOffered);
        }
        errors
    }
}

/// A decimal number from 8 to 15 without leading zeros.
fn parse_bits(text: &str) -> Option<u8> {
    text.parse().ok().filter(|bits: &u8| (8..=15).contains(bits) && text == bits.to_string())
}

/// A value may be a quoted string whose content is a token: RFC 6455 section 9.1.
fn unquote(value: &str) -> String {
    match value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) => inner.replace('\\', ""),
        None => value.to_owned(),
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        for (present, name) in [
            (self.server_no_context_takeover, "server_no_context_takeover"),
            (self.client_no_context_takeover, "client_no_context_takeover"),
        ] {
            if present {
                write!(f, "; {name}")?;
            }
        }
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; server_max_window_bits={bits}")?;
        }
        match self.client_max_window_bits {
            Some(Some(bits)) => write!(f, "; client_max_window_bits={bits}"),
            Some(None) => f.write_str("; client_max_window_bits"),
            None => Ok(()),
        }
    }
}

/// How a response violates the offer that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerError {
    /// `server_no_context_takeover` was offered and is not in the response: section 7.1.1.1.
    TakeoverNotAnswered,
    /// `server_max_window_bits` was offered and is not in the response: section 7.1.2.1.
    WindowNotAnswered,
    /// `server_max_window_bits` is larger than offered: section 7.1.2.1.
    WindowLarger {
        /// The offered value.
        offered: u8,
        /// The value in the response.
        answered: u8,
    },
    /// `client_max_window_bits` is in the response and was not offered: section 7.1.2.2.
    ClientWindowNotOffered,
}

/// The parameters that both ends follow once the extension is agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NegotiatedParams {
    /// Whether the server may refer to its earlier messages.
    pub server_takeover: bool,
    /// Whether the client may refer to its earlier messages.
    pub client_takeover: bool,
    /// The server's window in bits, 8 to 15.
    pub server_window: u8,
    /// The client's window in bits, 8 to 15.
    pub client_window: u8,
}

impl NegotiatedParams {
    /// The window in bits, and whether context takeover is used, for the messages that this side sends.
    pub const fn of(&self, sender: Role) -> (u8, bool) {
        match sender {
            Role::Server => (self.server_window, self.server_takeover),
            Role::Client => (self.client_window, self.client_takeover),
        }
    }

    /// The negotiated parameters of a response.
    pub fn by(answer: &Params) -> Self {
        Self {
            server_takeover: !answer.server_no_context_takeover,
            client_takeover: !answer.client_no_context_takeover,
            server_window: answer.server_max_window_bits.unwrap_or(15),
            client_window: answer.client_max_window_bits.flatten().unwrap_or(15),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(text: &str) -> Result<Params, ParamsError> {
        Params::read(&format!("permessage-deflate; {text}"), Place::Offer).unwrap()
    }

    #[test]
    fn parameters_are_read_and_written() {
        assert_eq!(Params::read("x-foo; a=1", Place::Offer), None);
        assert_eq!(Params::read("permessage-deflate", Place::Answer), Some(Ok(Params::default())));
        let text =
            "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits";
        assert_eq!(offer(text).unwrap().to_string(), format!("permessage-deflate; {text}"));
        let with_spaces = offer("client_max_window_bits = \"1\\0\" ;server_no_context_takeover").unwrap();
        assert_eq!(
            with_spaces.to_string(),
            "permessage-deflate; server_no_context_takeover; client_max_window_bits=10"
        );
    }

    #[test]
    fn invalid_parameters_are_named() {
        for text in ["7", "16", "0", "08", "+9", "x", "", "99999", "-9", "1 0"] {
            for name in ["server_max_window_bits", "client_max_window_bits"] {
                let expected = ParamsError::Value(name.into(), Some(text.into()));
                assert_eq!(offer(&format!("{name}={text}")), Err(expected));
            }
        }
        assert_eq!(offer("server_max_window_bits"), Err(ParamsError::Value("server_max_window_bits".into(), None)));
        assert!(matches!(offer("client_no_context_takeover=1"), Err(ParamsError::Value(..))));
        assert_eq!(offer("foo=1"), Err(ParamsError::Undefined("foo".into())));
        assert_eq!(offer(""), Err(ParamsError::Undefined(String::new())));
        for name in ["server_no_context_takeover", "client_max_window_bits", "server_max_window_bits=9"] {
            let text = format!("{name}; {name}");
            assert!(matches!(offer(&text), Err(ParamsError::Duplicate(_))), "{text}");
        }
        let bare = Params::read("permessage-deflate; client_max_window_bits", Place::Answer).unwrap();
        assert!(matches!(bare, Err(ParamsError::Value(_, None))));
    }

    #[test]
    fn responses_are_checked_against_offers() {
        let offered = offer("server_no_context_takeover; server_max_window_bits=10").unwrap();
        let answer = |text| offer(text).unwrap();
        assert_eq!(answer("server_no_context_takeover; server_max_window_bits=9").answer_errors(&offered), []);
        let bare = Params::default();
        assert_eq!(bare.answer_errors(&offered), [AnswerError::TakeoverNotAnswered, AnswerError::WindowNotAnswered]);
        assert_eq!(
            answer("server_no_context_takeover; server_max_window_bits=11; client_max_window_bits=9")
                .answer_errors(&offered),
            [AnswerError::WindowLarger { offered: 10, answered: 11 }, AnswerError::ClientWindowNotOffered]
        );
        assert_eq!(answer("client_no_context_takeover; server_max_window_bits=8").answer_errors(&bare), []);
        assert_eq!(NegotiatedParams::by(&answer("client_max_window_bits=9")).client_window, 9);
    }
}
