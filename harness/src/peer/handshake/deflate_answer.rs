//! The server's side of the negotiation of permessage-deflate: RFC 7692 sections 5 and 7.1.

use super::super::faults::Fault;
use super::deflate::{
    CLIENT_WINDOW, FULL_WINDOW, NAME, NegotiatedParams, Parameters, SERVER_NO_TAKEOVER, SERVER_WINDOW, Taken, Window,
    read,
};
use super::grammar::{Extension, extension};

/// A server's answer to the offers of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The value of Sec-WebSocket-Extensions.
    pub field: String,
    /// The negotiated parameters.
    pub agreed: Option<NegotiatedParams>,
}

/// Answers the elements of a request's Sec-WebSocket-Extensions: accepts the first valid offer and declines the others.
/// Returns `None` if the server agrees to nothing.
///
/// The answer repeats `server_no_context_takeover` and `server_max_window_bits` as offered, and the value of
/// `client_max_window_bits` if common libraries can compress with it. The hint `client_no_context_takeover` is ignored:
/// this end inflates with context takeover.
pub fn answer(offers: &[String], fault: Option<Fault>) -> Option<Answer> {
    let is = |asked: Fault| fault == Some(asked);
    let elements = elements(offers);
    if elements.is_empty() && is(Fault::DEFLATE_AGREED_UNASKED) {
        return Some(Answer { field: NAME.to_owned(), agreed: Some(NegotiatedParams::default()) });
    }
    let valid: Vec<(&Extension, Parameters)> =
        elements.iter().filter_map(|element| Some((element, offer(element, fault)?))).collect();
    let first_is_valid = elements.first().is_some_and(|first| offer(first, fault).is_some());
    let chosen = match &valid[..] {
        _ if is(Fault::BAD_DEFLATE_OFFER_ENDS_THE_LIST) && !first_is_valid => None,
        [.., last] if is(Fault::LATER_DEFLATE_OFFER_TAKEN) => Some(last),
        offers => offers.first(),
    };
    let Some((element, offered)) = chosen else {
        let empty = !offers.is_empty() && is(Fault::EMPTY_EXTENSIONS_WHEN_DECLINED);
        return empty.then(|| Answer { field: String::new(), agreed: None });
    };
    let mut agreed = agree(*offered, fault);
    let mut field = written(&agreed, fault);
    if is(Fault::DEFLATE_PARAMETERS_SENT_BACK)
        && let Some(unknown) = element.parameters.iter().find(|parameter| !field.contains(&parameter.name))
    {
        field = format!("{field}; {}", unknown.name);
    }
    if is(Fault::DEFLATE_AGREED_TWICE) && valid.len() > 1 {
        field = format!("{field}, {field}");
    }
    if is(Fault::CLIENT_TAKEOVER_HINT_BINDS) {
        agreed.client_no_takeover = offered.client_no_takeover;
    }
    Some(Answer { field, agreed: Some(agreed.agreed()) })
}

/// Whether one of these offers of permessage-deflate is invalid.
pub(super) fn has_invalid_offer(offers: &[String]) -> bool {
    elements(offers).iter().any(|element| offer(element, None).is_none())
}

fn elements(offers: &[String]) -> Vec<Extension> {
    offers.iter().filter_map(|member| extension(member)).filter(|element| element.name == NAME).collect()
}

/// The parameters of an offer, if it is valid.
fn offer(element: &Extension, fault: Option<Fault>) -> Option<Parameters> {
    let is = |asked: Fault| fault == Some(asked);
    let taken = Taken {
        unknown: is(Fault::UNKNOWN_DEFLATE_OFFER_TAKEN) || is(Fault::DEFLATE_PARAMETERS_SENT_BACK),
        again: is(Fault::DUPLICATE_IN_DEFLATE_OFFER_TAKEN),
        takeover_value: is(Fault::TAKEOVER_VALUE_OFFER_TAKEN),
        any_number: is(Fault::ANY_WINDOW_OFFER_TAKEN),
        zeros: is(Fault::WINDOW_OFFER_WITH_ZEROS_TAKEN),
        words: is(Fault::WINDOW_OFFER_IN_WORDS_TAKEN),
        quotes_unread: is(Fault::QUOTED_WINDOW_UNREAD),
    };
    let parameters = read(element, taken)?;
    let bare = parameters.server_window == Some(Window::Bare);
    (!bare || is(Fault::BARE_WINDOW_OFFER_TAKEN)).then_some(parameters)
}

/// The parameters of the answer to a valid offer.
fn agree(offered: Parameters, fault: Option<Fault>) -> Parameters {
    let is = |asked: Fault| fault == Some(asked);
    let full = Some(Window::Bits(FULL_WINDOW));
    let hint = offered.client_window.and_then(Window::bits);
    let mut agreed = Parameters {
        server_no_takeover: offered.server_no_takeover && !is(Fault::SERVER_TAKEOVER_UNANSWERED),
        client_no_takeover: false,
        client_window: hint.filter(|bits| *bits > 8).map(Window::Bits),
        ..offered
    };
    if offered.server_window == Some(Window::Bare) || is(Fault::SERVER_WINDOW_ANSWERED_LARGER) {
        agreed.server_window = offered.server_window.and(full);
    }
    if is(Fault::SERVER_WINDOW_UNANSWERED) {
        agreed.server_window = None;
    }
    if is(Fault::CLIENT_WINDOW_ANSWERED_BARE) && offered.client_window.is_some() {
        agreed.client_window = Some(Window::Bare);
    }
    if is(Fault::CLIENT_WINDOW_ANSWERED_UNASKED) || (is(Fault::CLIENT_HINT_EXCEEDED) && hint.is_some()) {
        agreed.client_window = full;
    }
    agreed
}

/// The text of an answer.
fn written(agreed: &Parameters, fault: Option<Fault>) -> String {
    let is = |asked: Fault| fault == Some(asked);
    let mut field = NAME.to_owned();
    if agreed.server_no_takeover {
        let value = if is(Fault::TAKEOVER_ANSWERED_WITH_VALUE) { "=true" } else { "" };
        field += &format!("; {SERVER_NO_TAKEOVER}{value}");
    }
    let windows = [(SERVER_WINDOW, agreed.server_window), (CLIENT_WINDOW, agreed.client_window)];
    for (name, window) in windows {
        match window {
            Some(Window::Bits(bits)) if is(Fault::WINDOW_ANSWERED_WITH_ZEROS) => {
                field += &format!("; {name}={bits:03}")
            }
            Some(Window::Bits(bits)) => field += &format!("; {name}={bits}"),
            Some(Window::Bare) => field += &format!("; {name}"),
            None => {}
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(offers: &str, fault: Option<Fault>) -> String {
        let offers: Vec<String> = offers.split(',').map(|offer| offer.trim().to_owned()).collect();
        answer(&offers, fault).map_or_else(|| "-".to_owned(), |answer| answer.field)
    }

    #[test]
    fn the_right_server_takes_the_first_valid_offer() {
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
            assert_eq!(answered(offers, None), field, "{offers}");
        }
    }

    #[test]
    fn the_right_server_declines_invalid_offers() {
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
            assert_eq!(answered(offer, None), "-", "{offer}");
            let offers = [offer.to_owned()];
            assert_eq!(has_invalid_offer(&offers), offer.starts_with("permessage-deflate;"), "{offer}");
        }
    }

    #[test]
    fn wrong_servers_answer_wrongly() {
        let zeros = "permessage-deflate; server_max_window_bits=010";
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
            (Fault::WINDOW_ANSWERED_WITH_ZEROS, "permessage-deflate; server_max_window_bits=10", zeros),
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
            assert_eq!(answered(offers, Some(fault)), field, "{fault}: {offers}");
        }
    }
}
