//! What the harness sent, in words: `a ping of 126 bytes`.

use super::sentences::{bytes_of, count};
use crate::case::{Compressed, Masking, Send, SendFrame, SendKind};
use crate::vocabulary::Role;
use crate::wire::Opcode;
use crate::wire::close::CloseBody;

/// Sends in words; `None` when nothing was sent that can be named.
pub(super) fn sent(sends: &[&Send], role: Role) -> Option<String> {
    let named: Vec<String> = sends.iter().filter_map(|send| of_send(send, role)).collect();
    match named.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first, last] => Some(format!("{first} and {last}")),
        [first, .., last] => Some(format!("{first}, and so on to {last}")),
    }
}

fn of_send(send: &Send, role: Role) -> Option<String> {
    Some(match &send.kind {
        SendKind::Frames(frames) => of_frames(frames, role)?,
        SendKind::Compressed(message) => compressed(message),
        SendKind::Bytes(bytes) => count(bytes.len() as u64, "byte"),
        SendKind::Rest(None) => "the rest of a frame".to_owned(),
        SendKind::Rest(Some(number)) => format!("{} more of a frame", count(*number as u64, "byte")),
        SendKind::Together(sends) => {
            let sends: Vec<&Send> = sends.iter().collect();
            return sent(&sends, role);
        }
        SendKind::Unfinished(series) => {
            format!("a {} message without an end", if series.text { "text" } else { "binary" })
        }
        SendKind::HalfClose => "the end of the harness's direction (FIN)".to_owned(),
        SendKind::CloseNotify => "TLS's closure alert".to_owned(),
        SendKind::TlsTruncate => "a FIN without TLS's closure alert".to_owned(),
        SendKind::Reset => "a reset (RST)".to_owned(),
        SendKind::Pause(_) | SendKind::Barrier => return None,
    })
}

fn compressed(message: &Compressed) -> String {
    let kind = if message.text { "text" } else { "binary" };
    format!("a compressed {kind} message of {}", bytes_of(message.payload.len() as u64))
}

fn of_frames(frames: &[SendFrame], role: Role) -> Option<String> {
    let is_data = |frame: &&SendFrame| matches!(frame.opcode, Opcode::TEXT | Opcode::BINARY);
    match frames {
        [] => None,
        [one] => Some(of_frame(one, role)),
        [first, rest @ .., last]
            if is_data(&first)
                && !first.fin
                && last.fin
                && rest.iter().chain([last]).all(|frame| frame.opcode == Opcode::CONTINUATION)
                && rest.iter().all(|frame| !frame.fin) =>
        {
            let length: usize = frames.iter().map(|frame| frame.payload.len()).sum();
            let kind = if first.opcode == Opcode::TEXT { "text" } else { "binary" };
            Some(format!("a {kind} message of {} in {} fragments", bytes_of(length as u64), frames.len()))
        }
        [first, last] => Some(format!("{} and {}", of_frame(first, role), of_frame(last, role))),
        [first, .., last] => {
            Some(format!("{} frames, from {} to {}", frames.len(), of_frame(first, role), of_frame(last, role)))
        }
    }
}

fn of_frame(frame: &SendFrame, role: Role) -> String {
    let size = bytes_of(frame.payload.len() as u64);
    let code = CloseBody::read(&frame.payload).code.filter(|_| frame.payload.len() <= 125);
    let mut text = match (frame.opcode, frame.fin) {
        (Opcode::TEXT, true) => format!("a text message of {size}"),
        (Opcode::BINARY, true) => format!("a binary message of {size}"),
        (Opcode::TEXT, false) => format!("a first text fragment of {size}"),
        (Opcode::BINARY, false) => format!("a first binary fragment of {size}"),
        (Opcode::CONTINUATION, true) => format!("a last fragment of {size}"),
        (Opcode::CONTINUATION, false) => format!("a fragment of {size}"),
        (Opcode::CLOSE, _) => match code {
            Some(code) => format!("a Close frame with {code}"),
            None if frame.payload.is_empty() => "an empty Close frame".to_owned(),
            None => format!("a Close frame of {size}"),
        },
        (Opcode::PING, _) => format!("a ping of {size}"),
        (Opcode::PONG, _) => format!("a pong of {size}"),
        (other, _) => format!("a frame with the reserved {other}"),
    };
    let mut details = Vec::new();
    if frame.opcode.is_control() && !frame.fin {
        details.push("without FIN".to_owned());
    }
    if frame.rsv & 7 != 0 {
        let set = [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")].into_iter().filter(|(bit, _)| frame.rsv & bit != 0);
        details.push(format!("with {}", set.map(|(_, name)| name).collect::<Vec<_>>().join(" and ")));
    }
    match (frame.mask, role) {
        (Masking::Unmasked, Role::Server) => details.push("unmasked".to_owned()),
        (Masking::Masked | Masking::Key(_), Role::Client) => details.push("masked".to_owned()),
        _ => {}
    }
    if let Some(declared) = frame.declared {
        details.push(format!("which declares {}", bytes_of(declared)));
    }
    if let Some(keep) = frame.truncate {
        details.push(format!("truncated to {}", bytes_of(keep as u64)));
    }
    if let Some(hold) = frame.hold {
        details.push(format!("but for its last {}", bytes_of(hold as u64)));
    }
    for detail in details {
        text.push_str(", ");
        text.push_str(&detail);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    use bytes::Bytes;

    fn send(frames: Vec<SendFrame>) -> Send {
        Send { kind: SendKind::Frames(frames), split: None }
    }

    #[test]
    fn sends_are_named() {
        let ping = |size| SendFrame::plain(Opcode::PING, Bytes::from(vec![b'x'; size]));
        let fragment = |opcode, fin, text: &'static str| SendFrame {
            fin,
            ..SendFrame::plain(opcode, Bytes::from_static(text.as_bytes()))
        };
        let text = |send: Send| sent(&[&send], Role::Server).unwrap_or_default();
        assert_eq!(text(send(vec![ping(126)])), "a ping of 126 bytes");
        assert_eq!(text(send(vec![ping(1), ping(0)])), "a ping of 1 byte and a ping of 0 bytes");
        assert_eq!(
            text(send(vec![SendFrame { rsv: 5, mask: Masking::Unmasked, ..ping(2) }])),
            "a ping of 2 bytes, with RSV1 and RSV3, unmasked"
        );
        let fragments = vec![fragment(Opcode::TEXT, false, "ab"), fragment(Opcode::CONTINUATION, true, "c")];
        assert_eq!(text(send(fragments)), "a text message of 3 bytes in 2 fragments");
        let close = SendFrame::plain(Opcode::CLOSE, CloseBody::payload(1000, b"").into());
        assert_eq!(text(send(vec![close])), "a Close frame with 1000");
    }
}
