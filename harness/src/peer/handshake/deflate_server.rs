//! The server's side of the negotiation of permessage-deflate: RFC 7692 sections 5 and 7.1.

use super::super::faults::Fault;
use super::deflate::{
    CLIENT_WINDOW, FULL_WINDOW, Leniency, NAME, NegotiatedParams, Parameters, SERVER_NO_TAKEOVER, SERVER_WINDOW,
    Window, parse_parameters,
};
use super::grammar::{Extension, extension};

/// A server's answer to the offers of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeflateResponse {
    /// The value of Sec-WebSocket-Extensions.
    pub field: String,
    /// The negotiated parameters.
    pub negotiated: Option<NegotiatedParams>,
}

/// Answers the elements of a request's Sec-WebSocket-Extensions: accepts the first valid offer and declines the others.
/// Returns `None` if the server agrees to nothing.
///
/// The answer repeats `server_no_context_takeover` and `server_max_window_bits` as offered, and the value of
/// `client_max_window_bits` if common libraries can compress with it. The hint `client_no_context_takeover` is ignored:
/// this end inflates with context takeover.
pub fn respond(offers: &[String], fault: Option<Fault>) -> Option<DeflateResponse> {
    let has = |other: Fault| fault == Some(other);
    let elements = elements(offers);
    if elements.is_empty() && has(Fault::DEFLATE_AGREED_UNASKED) {
        return Some(DeflateResponse { field: NAME.to_owned(), negotiated: Some(NegotiatedParams::default()) });
    }
    let valid: Vec<(&Extension, Parameters)> =
        elements.iter().filter_map(|element| Some((element, parse_offer(element, fault)?))).collect();
    let first_is_valid = elements.first().is_some_and(|first| parse_offer(first, fault).is_some());
    let chosen = match &valid[..] {
        _ if has(Fault::BAD_DEFLATE_OFFER_ENDS_THE_LIST) && !first_is_valid => None,
        [.., last] if has(Fault::LATER_DEFLATE_OFFER_TAKEN) => Some(last),
        offers => offers.first(),
    };
    let Some((element, offered)) = chosen else {
        let empty = !offers.is_empty() && has(Fault::EMPTY_EXTENSIONS_WHEN_DECLINED);
        return empty.then(|| DeflateResponse { field: String::new(), negotiated: None });
    };
    let mut parameters = response_parameters(*offered, fault);
    let mut field = format_parameters(&parameters, fault);
    if has(Fault::DEFLATE_PARAMETERS_SENT_BACK)
        && let Some(unknown) = element.parameters.iter().find(|parameter| !field.contains(&parameter.name))
    {
        field = format!("{field}; {}", unknown.name);
    }
    if has(Fault::DEFLATE_AGREED_TWICE) && valid.len() > 1 {
        field = format!("{field}, {field}");
    }
    if has(Fault::CLIENT_TAKEOVER_HINT_BINDS) {
        parameters.client_no_takeover = offered.client_no_takeover;
    }
    Some(DeflateResponse { field, negotiated: Some(parameters.negotiated()) })
}

/// Whether one of these offers of permessage-deflate is invalid.
pub(super) fn has_invalid_offer(offers: &[String]) -> bool {
    elements(offers).iter().any(|element| parse_offer(element, None).is_none())
}

fn elements(offers: &[String]) -> Vec<Extension> {
    offers.iter().filter_map(|member| extension(member)).filter(|element| element.name == NAME).collect()
}

/// The parameters of an offer, if it is valid.
fn parse_offer(element: &Extension, fault: Option<Fault>) -> Option<Parameters> {
    let has = |other: Fault| fault == Some(other);
    let leniency = Leniency {
        unknown: has(Fault::UNKNOWN_DEFLATE_OFFER_TAKEN) || has(Fault::DEFLATE_PARAMETERS_SENT_BACK),
        repeated: has(Fault::DUPLICATE_IN_DEFLATE_OFFER_TAKEN),
        takeover_value: has(Fault::TAKEOVER_VALUE_OFFER_TAKEN),
        any_number: has(Fault::ANY_WINDOW_OFFER_TAKEN),
        leading_zeros: has(Fault::WINDOW_OFFER_WITH_ZEROS_TAKEN),
        not_numbers: has(Fault::WINDOW_OFFER_IN_WORDS_TAKEN),
        quoted_ignored: has(Fault::QUOTED_WINDOW_UNREAD),
    };
    let parameters = parse_parameters(element, leniency)?;
    let without_value = parameters.server_window == Some(Window::NoValue);
    (!without_value || has(Fault::BARE_WINDOW_OFFER_TAKEN)).then_some(parameters)
}

/// The parameters of the answer to a valid offer.
fn response_parameters(offered: Parameters, fault: Option<Fault>) -> Parameters {
    let has = |other: Fault| fault == Some(other);
    let full = Some(Window::Bits(FULL_WINDOW));
    let hint = offered.client_window.and_then(Window::bits);
    let mut answered = Parameters {
        server_no_takeover: offered.server_no_takeover && !has(Fault::SERVER_TAKEOVER_UNANSWERED),
        client_no_takeover: false,
        client_window: hint.filter(|bits| *bits > 8).map(Window::Bits),
        ..offered
    };
    if offered.server_window == Some(Window::NoValue) || has(Fault::SERVER_WINDOW_ANSWERED_LARGER) {
        answered.server_window = offered.server_window.and(full);
    }
    if has(Fault::SERVER_WINDOW_UNANSWERED) {
        answered.server_window = None;
    }
    if has(Fault::CLIENT_WINDOW_ANSWERED_BARE) && offered.client_window.is_some() {
        answered.client_window = Some(Window::NoValue);
    }
    if has(Fault::CLIENT_WINDOW_ANSWERED_UNASKED) || (has(Fault::CLIENT_HINT_EXCEEDED) && hint.is_some()) {
        answered.client_window = full;
    }
    answered
}

/// The text of an answer.
fn format_parameters(parameters: &Parameters, fault: Option<Fault>) -> String {
    let has = |other: Fault| fault == Some(other);
    let mut field = NAME.to_owned();
    if parameters.server_no_takeover {
        let value = if has(Fault::TAKEOVER_ANSWERED_WITH_VALUE) { "=true" } else { "" };
        field += &format!("; {SERVER_NO_TAKEOVER}{value}");
    }
    let windows = [(SERVER_WINDOW, parameters.server_window), (CLIENT_WINDOW, parameters.client_window)];
    for (name, window) in windows {
        match window {
            Some(Window::Bits(bits)) if has(Fault::WINDOW_ANSWERED_WITH_ZEROS) => {
                field += &format!("; {name}={bits:03}")
            }
            Some(Window::Bits(bits)) => field += &format!("; {name}={bits}"),
            Some(Window::NoValue) => field += &format!("; {name}"),
            None => {}
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field_for(offers: &str, fault: Option<Fault>) -> String {
        let offers: Vec<String> = offers.split(',').map(|offer| offer.trim().to_owned()).collect();
        respond(&offers, fault).map_or_else(|| "-".to_owned(), |response| response.field)
    }

    #[test]
    fn the_first_valid_offer_is_accepted() {
        for (offers, field) in [
            ("permessage-deflate", "permessage-deflate"),
            ("x, permessage-deflate", "permessage-deflate"),
            ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
            ("permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10"),
            ("permessage-deflate; client_max_window_bits=8", "permessage-deflate"),
            ("permessage-deflate; client_no_context_takeover", "permessage-deflate"),
            ("permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"),
            ("permessage-deflate; server_max_window_bits=\"9\"", "permessage-deflate; server_max_window_bits=9"),
            ("permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=8"),
            (
                "permessage-deflate; server_max_window_bits=7, permessage-deflate; server_max_window_bits=12",
                "permessage-deflate; server_max_window_bits=12",
            ),
            ("permessage-deflate; foo, permessage-deflate", "permessage-deflate"),
            (
                "permessage-deflate; server_no_context_takeover, permessage-deflate",
                "permessage-deflate; server_no_context_takeover",
            ),
        ] {
            assert_eq!(field_for(offers, None), field, "{offers}");
        }
    }

    #[test]
    fn invalid_offers_are_declined() {
        for offer in [
            "x",
            "Permessage-Deflate",
            "permessage-deflate2",
            "permessage-deflate; foo=1",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=08",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_no_context_takeover=1",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ] {
            assert_eq!(field_for(offer, None), "-", "{offer}");
            let offers = [offer.to_owned()];
            assert_eq!(has_invalid_offer(&offers), offer.starts_with("permessage-deflate;"), "{offer}");
        }
    }

    #[test]
    fn faults_change_the_response() {
        let leading_zeros = "permessage-deflate; server_max_window_bits=010";
        for (fault, offers, field) in [
            (
                Fault::SERVER_WINDOW_ANSWERED_LARGER,
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate; server_max_window_bits=15",
            ),
            (Fault::SERVER_WINDOW_ANSWERED_LARGER, "permessage-deflate", "permessage-deflate"),
            (Fault::SERVER_WINDOW_UNANSWERED, "permessage-deflate; server_max_window_bits=10", "permessage-deflate"),
            (
                Fault::CLIENT_WINDOW_ANSWERED_BARE,
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits",
            ),
            (
                Fault::CLIENT_WINDOW_ANSWERED_UNASKED,
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits=15",
            ),
            (Fault::WINDOW_ANSWERED_WITH_ZEROS, "permessage-deflate; server_max_window_bits=10", leading_zeros),
            (Fault::DEFLATE_PARAMETERS_SENT_BACK, "permessage-deflate; foo=1", "permessage-deflate; foo"),
            (
                Fault::DEFLATE_AGREED_TWICE,
                "permessage-deflate, permessage-deflate",
                "permessage-deflate, permessage-deflate",
            ),
            (Fault::EMPTY_EXTENSIONS_WHEN_DECLINED, "x", ""),
            (Fault::DEFLATE_AGREED_UNASKED, "x", "permessage-deflate"),
            (Fault::BAD_DEFLATE_OFFER_ENDS_THE_LIST, "permessage-deflate; foo, permessage-deflate", "-"),
        ] {
            assert_eq!(field_for(offers, Some(fault)), field, "{fault}: {offers}");
        }
    }
}
