//! Describes an event of a transcript in one line.

use std::borrow::Cow;

use crate::bytes::from_hex;
use crate::results::{Direction, Event, FrameEvent, StreamEnd, What};
use crate::text::{one_line, shorten};

/// How many characters of a payload a line shows, or how many bytes.
const PREVIEW: usize = 36;
const PREVIEW_BYTES: usize = 10;

/// A line about an event, in its three parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct OneLine {
    /// Its kind: `text`, `handshake`, `bytes`, `end`. Empty for a note.
    pub name: String,
    /// The facts, two spaces between them.
    pub facts: String,
    /// Its content: quoted text or bytes, or the text of a note.
    pub preview: String,
}

impl OneLine {
    /// The whole line.
    pub(crate) fn text(&self) -> String {
        let parts = [&self.name, &self.facts, &self.preview];
        parts.into_iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("  ")
    }
}

/// The event as a line of plain text, with its time and direction: `   0.42 ms  ->  text  fin  …`.
pub(crate) fn event_text(event: &Event) -> String {
    let arrow = match event.direction {
        Some(Direction::Out) => "->",
        Some(Direction::In) => "<-",
        None => "--",
    };
    format!("{:>9.2} ms  {arrow}  {}", event.at_ms, event_line(&event.what).text())
}

/// The line about an event.
pub(crate) fn event_line(what: &What) -> OneLine {
    match what {
        What::Head { text } => {
            let first = text.lines().find(|line| !line.is_empty()).unwrap_or_default();
            OneLine { name: "handshake".into(), facts: String::new(), preview: one_line(&shorten(first, 100)).into() }
        }
        What::Frame(frame) => frame_line(frame),
        What::Bytes { length, hex } => {
            OneLine { name: "bytes".into(), facts: format!("{length} B"), preview: hex_preview(hex, *length) }
        }
        What::End { how } => {
            let preview = match how {
                StreamEnd::Fin => "the stream ends (FIN)".into(),
                StreamEnd::TlsTruncated => "the stream ends (FIN) without the closure alert of TLS".into(),
                StreamEnd::Reset => "the stream is reset (RST)".into(),
            };
            OneLine { name: "end".into(), facts: String::new(), preview }
        }
        What::Note { text } => OneLine { preview: one_line(text).into(), ..OneLine::default() },
    }
}

/// The name of an opcode (RFC 6455 section 5.2).
pub(crate) fn opcode_name(opcode: u8) -> Cow<'static, str> {
    Cow::Borrowed(match opcode {
        0 => "continuation",
        1 => "text",
        2 => "binary",
        8 => "close",
        9 => "ping",
        10 => "pong",
        other => return Cow::Owned(format!("opcode {other}")),
    })
}

/// The reserved bits that are set, as `RSV1`, `RSV1+3`; empty for none.
pub(crate) fn reserved(rsv: u8) -> String {
    let set: Vec<&str> =
        [(4, "1"), (2, "2"), (1, "3")].into_iter().filter(|(bit, _)| rsv & bit != 0).map(|(_, name)| name).collect();
    if set.is_empty() { String::new() } else { format!("RSV{}", set.join("+")) }
}

/// The form in bits that a payload of this length must have (RFC 6455 section 5.2).
pub(crate) const fn shortest_form(length: u64) -> u8 {
    match length {
        0..=125 => 7,
        126..=0xffff => 16,
        _ => 64,
    }
}

/// The meaning of a close code (RFC 6455 section 7.4.1 and the registry), if it has one.
pub(crate) const fn close_code_name(code: u16) -> Option<&'static str> {
    Some(match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "unsupported data",
        1004 => "reserved",
        1005 => "no status, never on the wire",
        1006 => "abnormal closure, never on the wire",
        1007 => "invalid payload data",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "extension missing",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        1015 => "TLS failure, never on the wire",
        _ => return None,
    })
}

fn frame_line(frame: &FrameEvent) -> OneLine {
    let mut facts = vec![if frame.fin { "fin".into() } else { "no fin".into() }];
    if frame.rsv & 7 != 0 {
        facts.push(reserved(frame.rsv));
    }
    facts.push(match &frame.mask {
        Some(key) => format!("masked {key}"),
        None => "unmasked".into(),
    });
    if frame.form != shortest_form(frame.length) {
        facts.push(format!("{}-bit length", frame.form));
    }
    facts.push(format!("{} B", frame.length));
    let bytes = from_hex(&frame.payload);
    let preview = match (frame.opcode, bytes.as_slice()) {
        (_, []) => String::new(),
        (8, [high, low, reason @ ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            let name = close_code_name(code).map(|name| format!(" {name}")).unwrap_or_default();
            let reason = if reason.is_empty() { String::new() } else { format!("  {}", text_preview(reason, false)) };
            format!("{code}{name}{reason}")
        }
        (_, bytes) => text_preview(bytes, frame.length > bytes.len() as u64),
    };
    OneLine { name: opcode_name(frame.opcode).into(), facts: facts.join("  "), preview }
}

/// The bytes in quotes where they are text, else in hexadecimal.
fn text_preview(bytes: &[u8], more: bool) -> String {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        // A code point that is truncated at the end of the record is not an error of the target.
        Err(error) if more && error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    };
    match valid {
        Some(text) if text.chars().filter(|c| c.is_control()).count() * 4 <= text.chars().count() => {
            let shown = shorten(text, PREVIEW);
            let ellipsis = if more && !shown.ends_with('…') { "…" } else { "" };
            format!("\"{}\"{ellipsis}", one_line(&shown))
        }
        _ => spaced(bytes, more),
    }
}

fn hex_preview(hex: &str, length: u64) -> String {
    let bytes = from_hex(hex);
    spaced(&bytes, length > bytes.len() as u64)
}

fn spaced(bytes: &[u8], more: bool) -> String {
    let shown: Vec<String> = bytes.iter().take(PREVIEW_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let ellipsis = if more || bytes.len() > PREVIEW_BYTES { " …" } else { "" };
    format!("{}{ellipsis}", shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::MaskingKey;

    fn line(frame: FrameEvent) -> String {
        event_line(&What::Frame(frame)).text()
    }

    #[test]
    fn frames_read_as_one_line() {
        let hello = FrameEvent {
            fin: true,
            opcode: 1,
            mask: Some(MaskingKey([0x37, 0xfa, 0x21, 0x3d])),
            form: 7,
            length: 5,
            payload: "48656c6c6f".into(),
            ..FrameEvent::default()
        };
        assert_eq!(line(hello), "text  fin  masked 37fa213d  5 B  \"Hello\"");
        let close = FrameEvent {
            fin: true,
            opcode: 8,
            form: 7,
            length: 5,
            payload: "03ea627965".into(),
            ..FrameEvent::default()
        };
        assert_eq!(line(close), "close  fin  unmasked  5 B  1002 protocol error  \"bye\"");
        let reserved =
            FrameEvent { rsv: 5, opcode: 11, form: 64, length: 2, payload: "fffe".into(), ..FrameEvent::default() };
        assert_eq!(line(reserved), "opcode 11  no fin  RSV1+3  unmasked  64-bit length  2 B  ff fe");
        let truncated = FrameEvent {
            fin: true,
            opcode: 1,
            form: 16,
            length: 300,
            payload: "c3a9c3".into(),
            ..FrameEvent::default()
        };
        assert_eq!(line(truncated), "text  fin  unmasked  300 B  \"é\"…");
    }

    #[test]
    fn what_acts_is_shown_in_every_part() {
        let head = What::Head { text: "GET /\x1b[2J HTTP/1.1\r\nHost: a\r\n".into() };
        assert_eq!(event_line(&head).text(), "handshake  GET /\\x1b[2J HTTP/1.1");
        let note = What::Note { text: "a\nb".into() };
        assert_eq!(event_line(&note).text(), "a\\nb");
    }
}
