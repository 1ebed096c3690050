//! Rules for permessage-deflate: offers, answers and compressed messages (RFC 7692).

use super::frames::by_deviation;
use super::response::{head_event, upgraded};
use super::{Breach, BreachKind, Rule, View};

use crate::play::deflate_offers;
use crate::vocabulary::Role;
use crate::wire::deflate::{AnswerError, NAME, Params, ParamsError, Place};
use crate::wire::{DeviationKind as Kind, Opcode};

/// A server's answer corresponds to what was offered.
pub static ANSWER: Rule = Rule {
    name: "deflate-answer",
    requirements: &[
        "rfc7692-5-decline-names-none",
        "rfc7692-5-rsv1-conflict-not-accepted",
        "rfc7692-7-decline-undefined-parameter",
        "rfc7692-7-decline-invalid-value",
        "rfc7692-7-decline-duplicate-parameter",
        "rfc7692-7.1.1.1-accept-repeats-it",
        "rfc7692-7.1.1.1-response-has-no-value",
        "rfc7692-7.1.1.2-response-has-no-value",
        "rfc7692-7.1.2.1-accept-same-or-smaller",
        "rfc7692-7.1.2.1-response-value-8-to-15",
        "rfc7692-7.1.2.1-server-declines-if-unsupported",
        "rfc7692-7.1.2.2-response-value-8-to-15",
        "rfc7692-7.1.2.2-response-only-if-offered",
        "rfc6455-9-parameters-as-specified",
        "rfc6455-9.1-parameters-defined",
    ],
    check: answer,
};

fn is_deflate(member: &str) -> bool {
    member.split(';').next().map(str::trim) == Some(NAME)
}

fn answer(view: &View<'_>) -> Vec<Breach> {
    let Some((head, event)) = upgraded(view) else { return Vec::new() };
    let offered = &view.transcript.offered_extensions;
    let answers: Vec<String> =
        head.list("Sec-WebSocket-Extensions").into_iter().filter(|one| is_deflate(one)).collect();
    // The rule for all extensions reports an answer to what was not offered.
    let Some(first) = answers.first().filter(|_| offered.iter().any(|one| is_deflate(one))) else { return Vec::new() };
    let mut breaches = Vec::new();
    let mut fail = |requirement, actual: String| breaches.push(Breach::sent(requirement, actual, event));
    if answers.len() > 1 {
        let actual = format!("permessage-deflate is accepted {} times, and each use would need RSV1", answers.len());
        fail("rfc7692-5-rsv1-conflict-not-accepted", actual);
    }
    let params = match Params::read(first, Place::Answer) {
        Some(Ok(params)) => params,
        Some(Err(error)) => {
            fail(requirement_of_answer(&error), format!("the answer `{first}`: {error}"));
            return breaches;
        }
        None => return breaches,
    };
    let offers = deflate_offers(offered);
    let Some(best) = offers.iter().min_by_key(|offer| params.answer_errors(offer).len()) else {
        let error = offered.iter().find_map(|member| Params::read(member, Place::Offer)?.err());
        let (requirement, why) = match &error {
            Some(error @ ParamsError::Undefined(_)) => ("rfc7692-7-decline-undefined-parameter", error.to_string()),
            Some(error @ ParamsError::Duplicate(_)) => ("rfc7692-7-decline-duplicate-parameter", error.to_string()),
            Some(error) => ("rfc7692-7-decline-invalid-value", error.to_string()),
            None => ("rfc7692-5-decline-names-none", "no valid offer".to_owned()),
        };
        fail(requirement, format!("the answer `{first}` accepts an offer that must be declined: {why}"));
        return breaches;
    };
    for flaw in params.answer_errors(best) {
        let offers = offers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let (requirement, why) = match flaw {
            AnswerError::TakeoverNotAnswered => (
                "rfc7692-7.1.1.1-accept-repeats-it",
                "server_no_context_takeover was offered and is missing".to_owned(),
            ),
            AnswerError::WindowNotAnswered => (
                "rfc7692-7.1.2.1-server-declines-if-unsupported",
                "server_max_window_bits was offered and is missing".to_owned(),
            ),
            AnswerError::WindowLarger { offered, answered } => (
                "rfc7692-7.1.2.1-accept-same-or-smaller",
                format!("server_max_window_bits is {answered}, more than the {offered} offered"),
            ),
            AnswerError::ClientWindowNotOffered => {
                ("rfc7692-7.1.2.2-response-only-if-offered", "client_max_window_bits was not offered".to_owned())
            }
        };
        fail(requirement, format!("the answer `{first}` to the offer `{offers}`: {why}"));
    }
    breaches
}

fn requirement_of_answer(error: &ParamsError) -> &'static str {
    match error {
        ParamsError::Value(name, _) => match name.as_str() {
            "server_no_context_takeover" => "rfc7692-7.1.1.1-response-has-no-value",
            "client_no_context_takeover" => "rfc7692-7.1.1.2-response-has-no-value",
            "server_max_window_bits" => "rfc7692-7.1.2.1-response-value-8-to-15",
            _ => "rfc7692-7.1.2.2-response-value-8-to-15",
        },
        ParamsError::Undefined(_) => "rfc6455-9.1-parameters-defined",
        ParamsError::Duplicate(_) => "rfc6455-9-parameters-as-specified",
    }
}

/// A client's offers have the form that the extension defines.
pub static OFFER: Rule = Rule {
    name: "deflate-offer",
    requirements: &[
        "rfc7692-5-offer-names-extension",
        "rfc7692-7.1.1.1-offer-has-no-value",
        "rfc7692-7.1.1.2-offer-has-no-value",
        "rfc7692-7.1.2.1-offer-value-8-to-15",
        "rfc7692-7.1.2.2-offer-value-8-to-15",
        "rfc6455-9-parameters-as-specified",
        "rfc6455-9.1-parameters-defined",
    ],
    check: offer,
};

fn offer(view: &View<'_>) -> Vec<Breach> {
    if view.role != Role::Client {
        return Vec::new();
    }
    let event = head_event(view);
    let mut breaches: Vec<Breach> = Vec::new();
    for member in &view.transcript.offered_extensions {
        let Some(Err(error)) = Params::read(member, Place::Offer) else { continue };
        let requirement = match &error {
            ParamsError::Value(name, _) => match name.as_str() {
                "server_no_context_takeover" => "rfc7692-7.1.1.1-offer-has-no-value",
                "client_no_context_takeover" => "rfc7692-7.1.1.2-offer-has-no-value",
                "server_max_window_bits" => "rfc7692-7.1.2.1-offer-value-8-to-15",
                _ => "rfc7692-7.1.2.2-offer-value-8-to-15",
            },
            ParamsError::Undefined(_) => "rfc6455-9.1-parameters-defined",
            ParamsError::Duplicate(_) => "rfc6455-9-parameters-as-specified",
        };
        breaches.push(Breach::sent(requirement, format!("the offer `{member}`: {error}"), event));
    }
    breaches
}

/// Compressed messages inflate, and observe what was agreed.
pub static DATA: Rule = Rule {
    name: "deflate-data",
    requirements: &[
        "rfc7692-5-accept-fully-supported",
        "rfc7692-5-agreed-parameters-tell-all",
        "rfc7692-5-agreed-then-used",
        "rfc7692-6-data-messages-only",
        "rfc7692-6.1-send-compressed-steps",
        "rfc7692-6.1-send-uncompressed-steps",
        "rfc7692-6.1-rsv1-not-on-control",
        "rfc7692-6.1-rsv1-not-on-later-fragments",
        "rfc7692-6.1-utf8-after-inflating",
        "rfc7692-7.2.1-message-ends-in-empty-block",
        "rfc7692-7.2.1-tail-stripped",
        "rfc7692-7.2.1-bfinal-padded",
        "rfc7692-7.2.1-no-strip-on-early-fragments",
        "rfc7692-7.2.1-window-at-most-32k",
        "rfc7692-7.2.1-client-no-takeover-obeyed",
        "rfc7692-7.2.1-server-no-takeover-obeyed",
        "rfc7692-7.2.1-client-window-obeyed",
        "rfc7692-7.2.1-server-window-obeyed",
        "rfc7692-7.2.2-client-keeps-to-agreed-window",
        "rfc7692-7.2.3.6-empty-fragment",
    ],
    check: data,
};

fn data(view: &View<'_>) -> Vec<Breach> {
    let Some(_) = view.transcript.deflate else { return Vec::new() };
    let server = view.role == Role::Server;
    let mut breaches = by_deviation(view, |kind| match kind {
        Kind::Deflate(_) => Some("rfc7692-7.2.1-message-ends-in-empty-block"),
        Kind::DeflateTailKept => Some("rfc7692-7.2.1-tail-stripped"),
        Kind::DeflateWindow { .. } if server => Some("rfc7692-7.2.1-server-window-obeyed"),
        Kind::DeflateWindow { .. } => Some("rfc7692-7.2.1-client-window-obeyed"),
        Kind::DeflateTakeover(_) if server => Some("rfc7692-7.2.1-server-no-takeover-obeyed"),
        Kind::DeflateTakeover(_) => Some("rfc7692-7.2.1-client-no-takeover-obeyed"),
        Kind::DeflateNothing => Some("rfc7692-7.2.3.6-empty-fragment"),
        _ => None,
    });
    for breach in &mut breaches {
        if breach.requirement == "rfc7692-7.2.3.6-empty-fragment" {
            breach.kind = BreachKind::EmptyCompressedMessage;
        }
    }
    for (event, frame) in view.transcript.received_frames() {
        let head = &frame.head;
        let reserved = frame.deviations.iter().any(|one| matches!(one.kind, Kind::ReservedBits(bits) if bits & 4 != 0));
        let requirement = match head.opcode {
            _ if !reserved => continue,
            Opcode::CONTINUATION => "rfc7692-6.1-rsv1-not-on-later-fragments",
            opcode if opcode.is_control() => "rfc7692-6.1-rsv1-not-on-control",
            _ => continue,
        };
        if !breaches.iter().any(|breach| breach.requirement == requirement) {
            let actual =
                format!("a {} frame has RSV1, which marks compressed messages on their first frame only", head.opcode);
            breaches.push(Breach::sent(requirement, actual, Some(event)));
        }
    }
    breaches
}
