//! Errors that show only in the whole conversation: steps that are never played, and answers without a question.

use super::super::document::Node;
use super::Reader;
use crate::case::{
    Alternative, Case, CloseExpect, ExpectKind, Expectation, PongContent, Send, SendKind, Step, StepKind,
};
use crate::diagnostics::Span;
use crate::wire::Opcode;

/// Checks the steps of a case with their nodes. `key` is the place of the key `steps`.
pub fn conversation(reader: &mut Reader<'_>, case: &Case, nodes: &[&Node], key: Option<Span>) {
    let http = |step: &Step| matches!(&step.kind, StepKind::Expect(expect) if expectations(&expect.kind).iter().any(|one| matches!(one, Expectation::Http(_))));
    if let (Some(key), false, false) = (key, case.steps.iter().all(|step| !http(step)), opens(case)) {
        in_http(reader, case, nodes, key);
        return;
    }
    if let (Some(key), false, false) = (key, case.steps.is_empty(), opens(case)) {
        let message = "the handshake is never expected to succeed, so no step is played";
        reader.diagnostic(key, message, Some("allow a 101 in `handshake.expect`, or remove the steps".into()));
        return;
    }
    let before = || case.handshake.request.then.iter().chain(&case.handshake.response.then);
    let mut pinged = before().any(|send| sends(send, Opcode::PING));
    let mut closed = before().any(|send| sends(send, Opcode::CLOSE));
    let mut ended: Option<&'static str> = None;
    let (mut half_closed, mut notified) = (false, false);
    let mut compressing = before().any(compresses);
    let mut held = 0;
    // An error in what is sent with the head is reported where its bytes are missing.
    for send in before() {
        let _ = keep_back(send, &mut held);
    }
    for (step, node) in case.steps.iter().zip(nodes) {
        let head = node.head();
        if let Some(ended) = ended {
            reader.diagnostic(head, format!("{ended}, so this step is never played"), None);
            return;
        }
        match &step.kind {
            StepKind::Send(send) => {
                if half_closed && !matches!(send.kind, SendKind::Pause(_) | SendKind::Reset) {
                    reader.diagnostic(head, "nothing can be sent after `half-close` or `truncate-tls`", None);
                }
                let ends = matches!(
                    send.kind,
                    SendKind::Pause(_) | SendKind::Reset | SendKind::HalfClose | SendKind::TlsTruncate
                );
                if notified && !half_closed && !ends {
                    reader.diagnostic(head, "no byte can be sent after `close-notify`", None);
                }
                notified |= last(send, |kind| matches!(kind, SendKind::CloseNotify));
                if let Some((message, hint)) = keep_back(send, &mut held) {
                    reader.diagnostic(head, message, hint.map(str::to_string));
                }
                compressing |= compresses(send);
                pinged |= sends(send, Opcode::PING);
                closed |= sends(send, Opcode::CLOSE);
                half_closed |= last(send, |kind| matches!(kind, SendKind::HalfClose | SendKind::TlsTruncate));
                if last(send, |kind| matches!(kind, SendKind::Reset)) {
                    ended = Some("`reset` ends the connection");
                }
            }
            StepKind::Series(_) if half_closed || notified => {
                reader.diagnostic(
                    head,
                    "nothing can be sent after `half-close`, `close-notify` or `truncate-tls`",
                    None,
                );
            }
            StepKind::Series(series) => compressing |= series.compress,
            StepKind::Expect(expect) => {
                let parts = expectations(&expect.kind);
                let expects = |wanted: fn(&Expectation) -> bool| parts.iter().any(|part| wanted(part));
                if !pinged && expects(|part| matches!(part, Expectation::Pong(PongContent::Same))) {
                    let hint = Some("send a `ping` first".to_string());
                    reader.diagnostic(head, "`pong: same` has no ping in this case to answer", hint);
                }
                if !closed && expects(|part| matches!(part, Expectation::Close(CloseExpect::Same))) {
                    let hint = Some("send a `close` first, or expect a code".to_string());
                    reader.diagnostic(head, "`close: same` has no Close frame in this case to answer", hint);
                }
                if ends(&expect.kind) {
                    ended = Some("the previous expectation ends the connection");
                }
            }
        }
    }
    if compressing && case.handshake.deflate.is_none() {
        let hint = Some("add `handshake: {deflate: true}`".to_string());
        reader.diagnostic(
            key.unwrap_or_default(),
            "a message is compressed, but the handshake does not offer compression",
            hint,
        );
    }
}

/// Checks the steps of a conversation that stays HTTP.
fn in_http(reader: &mut Reader<'_>, case: &Case, nodes: &[&Node], key: Span) {
    for (at, step) in case.steps.iter().enumerate() {
        let fits = match &step.kind {
            StepKind::Send(send) => matches!(send.kind, SendKind::Bytes(_) | SendKind::Pause(_) | SendKind::HalfClose),
            StepKind::Series(_) => false,
            StepKind::Expect(expect) => {
                matches!(&expect.kind, ExpectKind::One(Expectation::Http(_) | Expectation::Eof(_)))
            }
        };
        if !fits {
            let hint = "after a refused handshake, only `raw`, `pause`, `half-close`, `http` and `eof` are possible"
                .to_string();
            let span = nodes.get(at).map_or(key, |node| node.head());
            reader.diagnostic(span, "this step needs a connection that was upgraded", Some(hint));
        }
    }
}

/// Whether a send compresses a message.
fn compresses(send: &Send) -> bool {
    match &send.kind {
        SendKind::Compressed(_) => true,
        SendKind::Together(parts) => parts.iter().any(compresses),
        _ => false,
    }
}

/// Whether the handshake may succeed.
fn opens(case: &Case) -> bool {
    let expect = &case.handshake.expect;
    !case.handshake.tls.refused() && (expect.is_empty() || expect.iter().any(crate::case::HeadExpect::opens))
}

/// Whether a send has a frame of this opcode.
fn sends(send: &Send, opcode: Opcode) -> bool {
    match &send.kind {
        SendKind::Frames(frames) => frames.iter().any(|frame| frame.opcode == opcode),
        SendKind::Together(parts) => parts.iter().any(|part| sends(part, opcode)),
        // Raw bytes may contain a frame of that kind.
        SendKind::Bytes(_) => true,
        _ => false,
    }
}

/// Follows the bytes that `hold` keeps back and `rest` sends. Returns an error and a hint.
fn keep_back(send: &Send, held: &mut usize) -> Option<(&'static str, Option<&'static str>)> {
    match &send.kind {
        SendKind::Together(parts) => parts.iter().find_map(|part| keep_back(part, held)),
        SendKind::Rest(_) if *held == 0 => {
            Some(("`rest` has nothing to send", Some("hold bytes back with `hold: N` in the previous frame")))
        }
        SendKind::Rest(size) => {
            *held = size.map_or(0, |size| held.saturating_sub(size));
            None
        }
        SendKind::Frames(_) | SendKind::Barrier if *held > 0 => {
            Some(("this frame would be inside another frame, whose last bytes `hold` keeps back", None))
        }
        SendKind::Frames(frames) => {
            *held = frames.last().and_then(|frame| frame.hold).unwrap_or_default();
            None
        }
        _ => None,
    }
}

/// Whether it needs TLS.
pub fn is_of_tls(kind: &SendKind) -> bool {
    matches!(kind, SendKind::CloseNotify | SendKind::TlsTruncate)
}

/// Whether the last part of a send is of this kind.
pub fn last(send: &Send, wanted: fn(&SendKind) -> bool) -> bool {
    match &send.kind {
        SendKind::Together(parts) => parts.last().is_some_and(|part| last(part, wanted)),
        kind => wanted(kind),
    }
}

/// The single expectations in an expectation.
fn expectations(kind: &ExpectKind) -> Vec<&Expectation> {
    match kind {
        ExpectKind::One(one) | ExpectKind::Optional(one) => vec![one],
        ExpectKind::AllOf(all) => all.iter().collect(),
        ExpectKind::OneOf(alternatives) => alternatives.iter().flat_map(|one| &one.sequence).collect(),
        ExpectKind::Nothing => Vec::new(),
    }
}

/// Whether the connection ends in each alternative of the expectation.
fn ends(kind: &ExpectKind) -> bool {
    let final_one =
        |one: &Expectation| matches!(one, Expectation::Close(_) | Expectation::Fail(_) | Expectation::Eof(_));
    match kind {
        ExpectKind::One(one) => final_one(one),
        ExpectKind::AllOf(all) => all.iter().any(final_one),
        ExpectKind::OneOf(alternatives) => {
            alternatives.iter().all(|Alternative { sequence, .. }| sequence.iter().any(final_one))
        }
        ExpectKind::Optional(_) | ExpectKind::Nothing => false,
    }
}
