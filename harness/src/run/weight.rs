//! How much the two ends of a case have to keep at once.

use crate::case::{Case, Send, SendFrame, SendKind, Step, StepKind};
use crate::play::Scale;

/// From so many bytes on a case has long messages.
pub(super) const LIGHT: u64 = 1 << 20;
/// The most bytes that one byte of DEFLATE can come to: two bits for 258 bytes (RFC 1951 section 3.2.5).
const MOST_INFLATED: u64 = 1032;
/// RSV1: a message that is compressed already.
const RSV1: u8 = 4;

/// Bytes of a case that the target has to keep at once.
pub(super) fn weight(case: &Case, scale: Scale) -> u64 {
    let sends = case.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Send(send) => Some(send),
        StepKind::Series(_) | StepKind::Expect(_) => None,
    });
    let (mut bytes, mut compressed) = (0, false);
    sends.for_each(|send| sent(send, &mut bytes, &mut compressed));
    let inflated = if compressed { bytes * MOST_INFLATED } else { bytes };
    let of_step = |step: &Step| match &step.kind {
        StepKind::Series(series) => scale.weight(series),
        StepKind::Send(Send { kind: SendKind::Unfinished(series), .. }) => scale.unfinished(series) as u64,
        StepKind::Send(_) | StepKind::Expect(_) => 0,
    };
    case.steps.iter().map(of_step).fold(inflated, u64::max)
}

/// Adds the payloads of a send, and whether any of them is compressed.
fn sent(send: &Send, bytes: &mut u64, compressed: &mut bool) {
    match &send.kind {
        SendKind::Frames(frames) => {
            *bytes += frames.iter().map(|SendFrame { payload, .. }| payload.len() as u64).sum::<u64>();
            *compressed |= frames.iter().any(|frame| frame.rsv & RSV1 != 0 && !frame.opcode.is_control());
        }
        SendKind::Compressed(message) => *bytes += message.payload.len() as u64,
        SendKind::Bytes(raw) => *bytes += raw.len() as u64,
        SendKind::Together(all) => all.iter().for_each(|one| sent(one, bytes, compressed)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::suite::load_embedded;

    #[test]
    fn what_was_compressed_weighs_as_much_as_it_may_come_to() {
        let suite = load_embedded().expect("the suite");
        let weigh = |id: &str| weight(suite.get(id).expect(id), Scale::Budget);
        assert_eq!(weigh("ping-pong/ping-with-no-data"), 0);
        for bomb in ["deflate/bombs/32-mib-of-32-kib", "deflate/bombs/in-fragments"] {
            assert!(weigh(bomb) >= 32 << 20, "{bomb}: {}", weigh(bomb));
        }
    }
}
