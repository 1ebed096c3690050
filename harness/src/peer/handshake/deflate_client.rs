//! The client's side of the negotiation of permessage-deflate: RFC 7692 sections 5 and 7.1.

use super::super::faults::Fault;
use super::deflate::{CompressionParams, Leniency, NAME, NegotiatedParams, Window, parse_parameters};
use super::grammar::extension;
use super::response::ResponseError;

/// The value of the request's Sec-WebSocket-Extensions.
pub fn offer(fault: Option<Fault>) -> &'static str {
    const VALID: &str = "permessage-deflate; client_max_window_bits";
    let faulty_offers = [
        (Fault::TAKES_UNOFFERED_CLIENT_WINDOW, "permessage-deflate"),
        (Fault::OFFERS_WINDOW_OF_16_BITS, "permessage-deflate; server_max_window_bits=16"),
        (Fault::OFFERS_BARE_SERVER_WINDOW, "permessage-deflate; server_max_window_bits"),
        (Fault::OFFERS_CLIENT_WINDOW_WITH_ZERO, "permessage-deflate; client_max_window_bits=09"),
        (Fault::OFFERS_PARAMETER_TWICE, "permessage-deflate; client_max_window_bits; client_max_window_bits=15"),
        (Fault::OFFERS_UNKNOWN_DEFLATE_PARAMETER, "permessage-deflate; client_max_window_bits; memory_level=8"),
        (Fault::OFFERS_SERVER_TAKEOVER_WITH_VALUE, "permessage-deflate; server_no_context_takeover=false"),
        (Fault::OFFERS_CLIENT_TAKEOVER_WITH_VALUE, "permessage-deflate; client_no_context_takeover=false"),
    ];
    faulty_offers.iter().find(|(other, _)| fault == Some(*other)).map_or(VALID, |(_, offer)| offer)
}

/// Checks the elements of a response's Sec-WebSocket-Extensions and returns the negotiated parameters.
///
/// # Errors
/// An extension that was not offered, a repeated permessage-deflate, or parameters on which a client must fail the
/// connection by RFC 7692 section 7.
pub fn check_response(members: &[String], fault: Option<Fault>) -> Result<Option<NegotiatedParams>, ResponseError> {
    let has = |other: Fault| fault == Some(other);
    let element = match members {
        [one] => one,
        [one, ..] if has(Fault::TAKES_DEFLATE_TWICE) => one,
        _ => return Err(ResponseError::Extension),
    };
    let element = extension(element).filter(|element| element.name == NAME).ok_or(ResponseError::Extension)?;
    let leniency = Leniency {
        unknown: has(Fault::TAKES_UNKNOWN_DEFLATE_PARAMETER),
        repeated: has(Fault::TAKES_DUPLICATE_IN_DEFLATE_ANSWER),
        takeover_value: has(Fault::TAKES_TAKEOVER_WITH_VALUE),
        any_number: has(Fault::TAKES_ANY_WINDOW),
        leading_zeros: has(Fault::TAKES_WINDOW_WITH_ZEROS),
        not_numbers: has(Fault::TAKES_WINDOW_IN_WORDS),
        quoted_ignored: false,
    };
    let parameters = parse_parameters(&element, leniency).ok_or(ResponseError::Deflate)?;
    let without_value = [parameters.server_window, parameters.client_window].contains(&Some(Window::NoValue));
    let rejected = (without_value && !has(Fault::TAKES_BARE_WINDOW))
        || (parameters.server_no_takeover && has(Fault::REFUSES_SERVER_NO_TAKEOVER))
        || (parameters.client_no_takeover && has(Fault::REFUSES_CLIENT_NO_TAKEOVER))
        || (parameters.server_window.is_some() && has(Fault::REFUSES_SERVER_WINDOW))
        || (parameters.client_window.is_some() && has(Fault::REFUSES_CLIENT_WINDOW));
    if rejected {
        return Err(ResponseError::Deflate);
    }
    let mut negotiated = parameters.negotiated();
    if has(Fault::ANSWER_PARAMETERS_UNREAD) {
        negotiated.client = CompressionParams::default();
    }
    Ok(Some(negotiated))
}

#[cfg(test)]
mod tests {
    use super::super::deflate::FULL_WINDOW;
    use super::*;

    fn checked(field: &str, fault: Option<Fault>) -> Result<Option<NegotiatedParams>, ResponseError> {
        let members: Vec<String> = field.split(',').map(|member| member.trim().to_owned()).collect();
        check_response(&members, fault)
    }

    #[test]
    fn valid_responses_are_accepted() {
        let full = CompressionParams { takeover: true, window_bits: FULL_WINDOW };
        let no_takeover = CompressionParams { takeover: false, window_bits: FULL_WINDOW };
        let narrow = |window_bits| CompressionParams { takeover: true, window_bits };
        for (field, server, client) in [
            ("permessage-deflate", full, full),
            ("permessage-deflate; server_no_context_takeover", no_takeover, full),
            ("permessage-deflate; client_no_context_takeover", full, no_takeover),
            ("permessage-deflate; server_max_window_bits=8", narrow(8), full),
            ("permessage-deflate; client_max_window_bits=\"9\"; server_max_window_bits=15", full, narrow(9)),
        ] {
            assert_eq!(checked(field, None), Ok(Some(NegotiatedParams { server, client })), "{field}");
        }
    }

    #[test]
    fn invalid_responses_are_rejected_without_a_fault() {
        for (field, fault) in [
            ("permessage-deflate; foo=1", Fault::TAKES_UNKNOWN_DEFLATE_PARAMETER),
            ("permessage-deflate; server_max_window_bits=7", Fault::TAKES_ANY_WINDOW),
            ("permessage-deflate; client_max_window_bits=16", Fault::TAKES_ANY_WINDOW),
            ("permessage-deflate; server_max_window_bits=010", Fault::TAKES_WINDOW_WITH_ZEROS),
            ("permessage-deflate; server_max_window_bits=x", Fault::TAKES_WINDOW_IN_WORDS),
            ("permessage-deflate; server_max_window_bits", Fault::TAKES_BARE_WINDOW),
            ("permessage-deflate; client_max_window_bits", Fault::TAKES_BARE_WINDOW),
            ("permessage-deflate; client_no_context_takeover=1", Fault::TAKES_TAKEOVER_WITH_VALUE),
            ("permessage-deflate, permessage-deflate", Fault::TAKES_DEFLATE_TWICE),
            (
                "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
                Fault::TAKES_DUPLICATE_IN_DEFLATE_ANSWER,
            ),
        ] {
            assert!(checked(field, None).is_err(), "{field}");
            assert!(checked(field, Some(fault)).is_ok_and(|negotiated| negotiated.is_some()), "{fault}: {field}");
        }
        for field in ["x", "permessage-deflate, x", "x, permessage-deflate", "", "permessage-deflate;"] {
            assert_eq!(checked(field, None), Err(ResponseError::Extension), "{field}");
        }
    }
}
