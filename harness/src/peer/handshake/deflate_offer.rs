//! The client's side of the negotiation of permessage-deflate: RFC 7692 sections 5 and 7.1.

use super::super::faults::Fault;
use super::deflate::{Compressing, NAME, NegotiatedParams, Taken, Window, read};
use super::grammar::extension;
use super::response::BadResponse;

/// The value of the request's Sec-WebSocket-Extensions.
pub fn offer(fault: Option<Fault>) -> &'static str {
    const RIGHT: &str = "permessage-deflate; client_max_window_bits";
    let wrong = [
        (Fault::TAKES_UNOFFERED_CLIENT_WINDOW, "permessage-deflate"),
        (Fault::OFFERS_WINDOW_OF_16_BITS, "permessage-deflate; server_max_window_bits=16"),
        (Fault::OFFERS_BARE_SERVER_WINDOW, "permessage-deflate; server_max_window_bits"),
        (Fault::OFFERS_CLIENT_WINDOW_WITH_ZERO, "permessage-deflate; client_max_window_bits=09"),
        (Fault::OFFERS_PARAMETER_TWICE, "permessage-deflate; client_max_window_bits; client_max_window_bits=15"),
        (Fault::OFFERS_UNKNOWN_DEFLATE_PARAMETER, "permessage-deflate; client_max_window_bits; memory_level=8"),
        (Fault::OFFERS_SERVER_TAKEOVER_WITH_VALUE, "permessage-deflate; server_no_context_takeover=false"),
        (Fault::OFFERS_CLIENT_TAKEOVER_WITH_VALUE, "permessage-deflate; client_no_context_takeover=false"),
    ];
    wrong.iter().find(|(wrong, _)| fault == Some(*wrong)).map_or(RIGHT, |(_, offer)| offer)
}

/// Checks the elements of a response's Sec-WebSocket-Extensions and returns the negotiated parameters.
///
/// # Errors
/// An extension that was not offered, a repeated permessage-deflate, or parameters on which a client must fail the
/// connection by RFC 7692 section 7.
pub fn check_answer(members: &[String], fault: Option<Fault>) -> Result<Option<NegotiatedParams>, BadResponse> {
    let is = |asked: Fault| fault == Some(asked);
    let element = match members {
        [one] => one,
        [one, ..] if is(Fault::TAKES_DEFLATE_TWICE) => one,
        _ => return Err(BadResponse::Extension),
    };
    let element = extension(element).filter(|element| element.name == NAME).ok_or(BadResponse::Extension)?;
    let taken = Taken {
        unknown: is(Fault::TAKES_UNKNOWN_DEFLATE_PARAMETER),
        again: is(Fault::TAKES_DUPLICATE_IN_DEFLATE_ANSWER),
        takeover_value: is(Fault::TAKES_TAKEOVER_WITH_VALUE),
        any_number: is(Fault::TAKES_ANY_WINDOW),
        zeros: is(Fault::TAKES_WINDOW_WITH_ZEROS),
        words: is(Fault::TAKES_WINDOW_IN_WORDS),
        quotes_unread: false,
    };
    let answered = read(&element, taken).ok_or(BadResponse::Deflate)?;
    let bare = [answered.server_window, answered.client_window].contains(&Some(Window::Bare));
    let refused = (bare && !is(Fault::TAKES_BARE_WINDOW))
        || (answered.server_no_takeover && is(Fault::REFUSES_SERVER_NO_TAKEOVER))
        || (answered.client_no_takeover && is(Fault::REFUSES_CLIENT_NO_TAKEOVER))
        || (answered.server_window.is_some() && is(Fault::REFUSES_SERVER_WINDOW))
        || (answered.client_window.is_some() && is(Fault::REFUSES_CLIENT_WINDOW));
    if refused {
        return Err(BadResponse::Deflate);
    }
    let mut agreed = answered.agreed();
    if is(Fault::ANSWER_PARAMETERS_UNREAD) {
        agreed.client = Compressing::default();
    }
    Ok(Some(agreed))
}

#[cfg(test)]
mod tests {
    use super::super::deflate::FULL_WINDOW;
    use super::*;

    fn checked(field: &str, fault: Option<Fault>) -> Result<Option<NegotiatedParams>, BadResponse> {
        let members: Vec<String> = field.split(',').map(|member| member.trim().to_owned()).collect();
        check_answer(&members, fault)
    }

    #[test]
    fn the_right_client_takes_valid_answers() {
        let full = Compressing { takeover: true, window_bits: FULL_WINDOW };
        let alone = Compressing { takeover: false, window_bits: FULL_WINDOW };
        let narrow = |window_bits| Compressing { takeover: true, window_bits };
        for (field, server, client) in [
            ("permessage-deflate", full, full),
            ("permessage-deflate; server_no_context_takeover", alone, full),
            ("permessage-deflate; client_no_context_takeover", full, alone),
            ("permessage-deflate; server_max_window_bits=8", narrow(8), full),
            ("permessage-deflate; client_max_window_bits=\"9\"; server_max_window_bits=15", full, narrow(9)),
        ] {
            assert_eq!(checked(field, None), Ok(Some(NegotiatedParams { server, client })), "{field}");
        }
    }

    #[test]
    fn the_right_client_refuses_the_others() {
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
            assert!(checked(field, Some(fault)).is_ok_and(|agreed| agreed.is_some()), "{fault}: {field}");
        }
        for field in ["x", "permessage-deflate, x", "x, permessage-deflate", "", "permessage-deflate;"] {
            assert_eq!(checked(field, None), Err(BadResponse::Extension), "{field}");
        }
    }
}
