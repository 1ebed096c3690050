//! Which sizes of messages a target accepts, found out in the probe: what is above them may be refused (RFC 6455 section 10.4).

use std::time::Duration;

use bytes::Bytes;
use wsspec_reports::results::ProbedLimits;

use super::dispatch::Target;
use super::probe::{expect, is_good, own};
use crate::case::{Content, Ends, Expectation, Handshake, Send, SendFrame, SendKind, StepKind};
use crate::play::{Accepted, Amounts, Settings};
use crate::wire::Opcode;

/// The sizes that are tried, in bytes: common limits, the largest first.
const SIZES: [usize; 10] = [1 << 20, 1 << 18, 1 << 16, (1 << 16) - 1, 1 << 15, 1 << 14, 1 << 13, 1 << 12, 1 << 10, 126];
/// The fragments of a message in fragments.
const FRAGMENTS: usize = 256;
/// How long an echo may take.
const ECHO: Duration = Duration::from_secs(3);

/// Finds out the largest message that is echoed, in one frame and in fragments. A target without a limit costs two conversations.
pub(super) async fn learn(target: &dyn Target, settings: &Settings) -> Accepted {
    let mut amounts = Amounts::LEAST;
    let Some(frame) = largest(target, settings, |size| vec![size]).await else { return Accepted::default() };
    amounts.frame = frame.unwrap_or(amounts.frame);
    let piece = usize::try_from(amounts.frame).unwrap_or(usize::MAX);
    let in_fragments = |size: usize| {
        let fragment = (size / FRAGMENTS).clamp(1, piece);
        let mut sizes = vec![fragment; size / fragment];
        sizes.extend((!size.is_multiple_of(fragment)).then_some(size % fragment));
        sizes
    };
    if let Some(Some(message)) = largest(target, settings, in_fragments).await {
        amounts.message = message.max(amounts.frame);
        amounts.fragments = in_fragments(usize::try_from(message).unwrap_or_default()).len() as u64;
    } else {
        amounts.message = amounts.frame;
    }
    let is_limit = amounts.frame < SIZES[0] as u64 || amounts.message < SIZES[0] as u64;
    Accepted { amounts, is_limit }
}

/// The largest size that is echoed in these fragments, if any; `None` when a message got no reaction, which says nothing about limits.
async fn largest(
    target: &dyn Target,
    settings: &Settings,
    fragments: impl Fn(usize) -> Vec<usize>,
) -> Option<Option<u64>> {
    for size in SIZES {
        let case = own("limits", Handshake::default(), message(&fragments(size)), Ends::Clean);
        // Here a refusal is an answer, and not excused.
        let asks = Settings { strict_messages: false, accepted: Accepted::unlimited(), ..settings.clone() };
        let played = target.play(&case, &asks).await.result;
        if is_good(&played) {
            return Some(Some(size as u64));
        }
        if played.timed_out || !played.opened {
            return None;
        }
    }
    Some(None)
}

/// A binary message in fragments of these sizes, and its echo.
fn message(sizes: &[usize]) -> Vec<StepKind> {
    let data = Bytes::from(vec![b'*'; sizes.iter().sum()]);
    let mut at = 0;
    let frames = sizes.iter().enumerate().map(|(place, size)| {
        let opcode = if place == 0 { Opcode::BINARY } else { Opcode::CONTINUATION };
        let payload = data.slice(at..at + size);
        at += size;
        SendFrame { fin: place + 1 == sizes.len(), ..SendFrame::plain(opcode, payload) }
    });
    let frames = SendKind::Frames(frames.collect());
    let echo = Expectation::Message { text: None, content: Content::Equals(data.clone()) };
    vec![StepKind::Send(Send { kind: frames, split: None }), expect(echo, Some(ECHO))]
}

/// The limits as the results hold them.
pub(super) const fn recorded(accepted: &Accepted) -> ProbedLimits {
    let Amounts { frame, message, fragments } = accepted.amounts;
    ProbedLimits { frame, message, fragments, refused_above: accepted.is_limit }
}

/// The limits of an earlier run.
pub(super) fn replayed(limits: Option<ProbedLimits>) -> Accepted {
    limits.map_or_else(Accepted::default, |limits| {
        let ProbedLimits { frame, message, fragments, refused_above } = limits;
        Accepted { amounts: Amounts { frame, message, fragments }, is_limit: refused_above }
    })
}
