//! What a handshake agrees to for permessage-deflate: RFC 7692 section 5.

use crate::case::DeflateHandshake;
use crate::vocabulary::Role;
use crate::wire::deflate::{NAME, NegotiatedParams, Params, Place};
use crate::wire::handshake::Head;

/// The valid offers of permessage-deflate in a list of extensions.
pub fn deflate_offers(extensions: &[String]) -> Vec<Params> {
    extensions.iter().filter_map(|member| Params::read(member, Place::Offer)?.ok()).collect()
}

/// What a server's response agrees to, where permessage-deflate was offered.
pub(super) fn agreed_by(offered: &[String], response: &Head) -> Option<NegotiatedParams> {
    let name = |member: &String| member.split(';').next().map(str::trim) == Some(NAME);
    if !offered.iter().any(name) {
        return None;
    }
    let answers = response.list("Sec-WebSocket-Extensions");
    answers
        .iter()
        .find_map(|member| Params::read(member, Place::Answer)?.ok())
        .map(|answer| NegotiatedParams::by(&answer))
}

/// The answer to a client's offers that gives the case what it needs: its parameters, and those that the first suitable offer requires.
pub(super) fn answer(ask: &DeflateHandshake, offered: &[String]) -> Option<String> {
    deflate_offers(offered).iter().find_map(|offer| {
        let bits = match (ask.answer.server_max_window_bits, offer.server_max_window_bits) {
            (Some(asked), Some(offered)) => Some(asked.min(offered)),
            (asked, offered) => asked.or(offered),
        };
        let answer = Params {
            server_no_context_takeover: ask.answer.server_no_context_takeover || offer.server_no_context_takeover,
            server_max_window_bits: bits,
            // Some clients reject a server that ignores their hint; only cases about the answer depend on that.
            client_no_context_takeover: match ask.spelled {
                Some(_) => ask.answer.client_no_context_takeover,
                None => offer.client_no_context_takeover,
            },
            ..ask.answer.clone()
        };
        let text = ask.spelled.clone().filter(|_| answer == ask.answer).unwrap_or_else(|| answer.to_string());
        answer.answer_errors(offer).is_empty().then_some(text)
    })
}

/// Whether what was agreed is what the case needs, with the target in this role.
pub(super) fn satisfies(ask: &DeflateHandshake, agreed: Option<NegotiatedParams>, role: Role) -> bool {
    agreed.is_some_and(|agreed| {
        let (takeover, window) = match role {
            Role::Server => (agreed.client_takeover, agreed.client_window),
            Role::Client => (agreed.server_takeover, agreed.server_window),
        };
        (takeover || !ask.free_takeover) && (window == 15 || !ask.free_window)
    })
}
