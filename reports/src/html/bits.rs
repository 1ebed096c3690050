//! A frame's head, bit by bit (RFC 6455 section 5.2).

use std::ops::Range;

use crate::bytes::{from_hex, to_hex};
use crate::describe::{close_code_name, opcode_name, reserved, shortest_form};
use crate::results::{Direction, FrameEvent};

/// A line about some bits of a head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// The bytes in hexadecimal, the bits, and their meaning, in columns.
    pub text: String,
    /// Whether these bits are invalid.
    pub wrong: bool,
}

/// The parts of an invalid frame that are invalid. All are false for a frame without deviations: RSV1 is valid if an extension was
/// negotiated, which the frame alone does not show.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools)]
struct InvalidFields {
    fin: bool,
    rsv: bool,
    opcode: bool,
    mask: bool,
    length: bool,
}

impl InvalidFields {
    /// `role` is the target's.
    fn of(frame: &FrameEvent, direction: Option<Direction>, role: &str) -> Self {
        if frame.wrong.is_empty() {
            return Self::default();
        }
        let control = frame.opcode & 8 != 0;
        let client_sent = (direction == Some(Direction::In)) == (role == "client");
        Self {
            fin: control && !frame.fin,
            rsv: frame.rsv & 7 != 0,
            opcode: matches!(frame.opcode, 3..=7 | 11..),
            mask: frame.mask.is_some() != client_sent,
            length: frame.form != shortest_form(frame.length)
                || control && frame.length > 125
                || frame.length >> 63 != 0,
        }
    }
}

/// The header as lines. Bytes that are missing in an incomplete header have no line.
pub(crate) fn rows(frame: &FrameEvent, direction: Option<Direction>, role: &str) -> Vec<Row> {
    let invalid = InvalidFields::of(frame, direction, role);
    let bytes = from_hex(&frame.head);
    let mut rows = Vec::with_capacity(8);
    let mut row = |bytes: &str, bits: &str, meaning: String, invalid: bool| {
        rows.push(Row { text: format!("{bytes:<8}  {bits:<9}  {meaning}").trim_end().into(), wrong: invalid });
    };
    let Some(&first) = bytes.first() else {
        return rows;
    };
    let bits = |byte: u8, width: usize, low: u32| format!("{:0width$b}", (byte >> low) & ((1u16 << width) - 1) as u8);
    let fin = first >> 7;
    let fin_means = if fin == 1 { "FIN 1, the last or only fragment" } else { "FIN 0, more fragments follow" };
    row(&format!("{first:02x}"), &format!("{fin}... ...."), fin_means.into(), invalid.fin);
    let rsv = first >> 4 & 7;
    let rsv_means = if rsv == 0 { "RSV 0".into() } else { format!("{} set", reserved(rsv)) };
    row("", &format!(".{} ....", bits(first, 3, 4)), rsv_means, invalid.rsv);
    let opcode = first & 15;
    let opcode_means = match opcode {
        3..=7 | 11.. => format!("opcode {opcode}, reserved"),
        _ => format!("opcode {opcode}, {}", opcode_name(opcode)),
    };
    row("", &format!(".... {}", bits(first, 4, 0)), opcode_means, invalid.opcode);
    let Some(&second) = bytes.get(1) else {
        return rows;
    };
    let masked = second >> 7 == 1;
    let mask_means = if masked { "MASK 1, a masking key follows" } else { "MASK 0, not masked" };
    row(&format!("{second:02x}"), &format!("{}... ....", second >> 7), mask_means.into(), invalid.mask);
    let short = second & 0x7f;
    let (extra, short_means) = match short {
        126 => (2, "126: the length follows in 16 bits".into()),
        127 => (8, "127: the length follows in 64 bits".into()),
        _ => (0, format!("length {short}")),
    };
    row("", &format!(".{} {}", bits(second, 3, 4), bits(second, 4, 0)), short_means, invalid.length && extra == 0);
    let mut rest = &bytes[2..];
    if extra > 0 && !rest.is_empty() {
        let (field, remaining) = rest.split_at(extra.min(rest.len()));
        let form = shortest_form(frame.length);
        let better = if frame.form > form { format!(", which fits in {form} bits") } else { String::new() };
        let meaning =
            if field.len() < extra { "length, incomplete".into() } else { format!("length {}{better}", frame.length) };
        if field.len() > 4 {
            row(&to_hex(&field[..4]), "", String::new(), invalid.length);
            row(&to_hex(&field[4..]), "", meaning, invalid.length);
        } else {
            row(&to_hex(field), "", meaning, invalid.length);
        }
        rest = remaining;
    }
    if masked && !rest.is_empty() {
        let key = &rest[..rest.len().min(4)];
        row(
            &to_hex(key),
            "",
            if key.len() < 4 { "masking key, incomplete" } else { "masking key" }.into(),
            invalid.mask,
        );
    }
    rows
}

/// The bytes of the payload that are invalid, as far as the frame alone shows: a close code, or the first invalid UTF-8.
pub(crate) fn invalid_payload(frame: &FrameEvent, payload: &[u8]) -> Option<Range<u64>> {
    if frame.wrong.is_empty() || frame.rsv & 7 != 0 {
        return None;
    }
    let invalid = |from: usize| {
        let error = std::str::from_utf8(payload.get(from..)?).err()?;
        let start = (from + error.valid_up_to()) as u64;
        Some(start..start + error.error_len()? as u64)
    };
    match (frame.opcode, payload) {
        (8, [_]) => Some(0..1),
        (8, [high, low, ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            let sendable = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
            if sendable { invalid(2) } else { Some(0..2) }
        }
        (1, _) => invalid(0),
        _ => None,
    }
}

/// A description of the payload of a Close frame.
pub(crate) fn close_meaning(frame: &FrameEvent, payload: &[u8]) -> Option<String> {
    match (frame.opcode, payload) {
        (8, [high, low, ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            let name = close_code_name(code).unwrap_or(match code {
                3000..=3999 => "registered by libraries",
                4000..=4999 => "private use",
                _ => "undefined",
            });
            Some(format!("close code {code}, {name}"))
        }
        (8, [_]) => Some("one byte is not a close code".into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::MaskingKey;

    fn texts(frame: &FrameEvent, dir: Direction, role: &str) -> Vec<String> {
        rows(frame, Some(dir), role)
            .into_iter()
            .map(|row| format!("{}{}", if row.wrong { "! " } else { "  " }, row.text))
            .collect()
    }

    #[test]
    fn a_masked_ping_with_a_64_bit_length() {
        let frame = FrameEvent {
            fin: false,
            rsv: 4,
            opcode: 9,
            mask: Some(MaskingKey([0x37, 0xfa, 0x21, 0x3d])),
            form: 64,
            length: 126,
            head: "49ff000000000000007e37fa213d".into(),
            wrong: vec!["RSV1 is set".into()],
            ..FrameEvent::default()
        };
        assert_eq!(
            texts(&frame, Direction::In, "server"),
            [
                "! 49        0... ....  FIN 0, more fragments follow",
                "! .100 ....  RSV1 set",
                "  .... 1001  opcode 9, ping",
                "! ff        1... ....  MASK 1, a masking key follows",
                "  .111 1111  127: the length follows in 64 bits",
                "! 00000000",
                "! 0000007e             length 126, which fits in 16 bits",
                "! 37fa213d             masking key",
            ]
            .map(|line| if line[2..].starts_with('.') {
                format!("{}          {}", &line[..2], &line[2..])
            } else {
                line.into()
            })
        );
    }

    #[test]
    fn a_truncated_head_has_fewer_lines() {
        for (head, lines) in [("", 0), ("81", 3), ("817e", 5), ("817e01", 6), ("818137fa", 6), ("zz", 0)] {
            let frame = FrameEvent { fin: true, opcode: 1, form: 7, head: head.into(), ..FrameEvent::default() };
            assert_eq!(rows(&frame, Some(Direction::Out), "server").len(), lines, "{head}");
        }
    }

    #[test]
    fn invalid_bytes_are_found() {
        let frame = |opcode| FrameEvent { opcode, wrong: vec!["x".into()], ..FrameEvent::default() };
        assert_eq!(invalid_payload(&frame(1), b"ok\xff"), Some(2..3));
        assert_eq!(invalid_payload(&frame(8), &[0x03, 0xed]), Some(0..2));
        assert_eq!(invalid_payload(&frame(8), &[0x03, 0xe8, b'a', 0xc0]), Some(3..4));
        assert_eq!(invalid_payload(&frame(8), &[3]), Some(0..1));
        assert_eq!(invalid_payload(&frame(2), b"\xff"), None);
        assert_eq!(invalid_payload(&FrameEvent { opcode: 1, ..FrameEvent::default() }, b"\xff"), None);
    }
}
