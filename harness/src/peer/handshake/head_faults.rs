//! A head as faulty peers see it.

use crate::wire::handshake::{Field, Head, HeadDeviationKind, HeadReader};

use super::super::faults::Fault;

/// The fields that the handshake uses, in their usual letter case.
pub(super) const KNOWN_FIELDS: [&str; 8] = [
    "Host",
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Accept",
];

/// The length above which a value or a name stalls a faulty peer.
const LONG_FIELD: usize = 250;
/// The number of fields above which a head stalls a faulty peer.
const MANY_FIELDS: usize = 100;
/// The number of fields that a faulty peer keeps.
const MAX_KEPT_FIELDS: usize = 16;

/// The fields that may be split over several lines.
const LIST_FIELDS: [&str; 4] = ["Upgrade", "Connection", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"];

/// The head as a peer with this fault sees it.
pub(super) fn apply_head_faults(head: &Head, fault: Option<Fault>) -> Head {
    let Some(fault) = fault else { return head.clone() };
    if let Some(bytes) = rewrite(&head.raw, fault) {
        let read = HeadReader::new(bytes.len()).push(&bytes);
        return read.ok().flatten().map_or_else(|| head.clone(), |(head, _)| head);
    }
    let mut changed = head.clone();
    if fault == Fault::REQUEST_NAMES_CASE_SENSITIVE || fault == Fault::RESPONSE_NAMES_CASE_SENSITIVE {
        changed.fields.retain(|field| {
            !KNOWN_FIELDS.iter().any(|known| known.eq_ignore_ascii_case(&field.name) && *known != field.name)
        });
    }
    if fault == Fault::REQUEST_FIRST_LINE_ONLY {
        let mut names_before: Vec<&str> = Vec::new();
        changed.fields.retain(|field| {
            let list = LIST_FIELDS.iter().find(|known| known.eq_ignore_ascii_case(&field.name));
            let first = list.is_none_or(|name| !names_before.contains(name));
            names_before.extend(list);
            first
        });
    }
    if fault == Fault::LAST_FIELDS_LOST {
        changed.fields.truncate(MAX_KEPT_FIELDS);
    }
    if fault == Fault::VALUES_NOT_TRIMMED {
        for field in &mut changed.fields {
            field.value = untrimmed_value(head, field).unwrap_or_default().into();
        }
    }
    if fault == Fault::SPACE_BEFORE_COLON_KEPT {
        let spaces = head.deviations.iter().filter(|found| found.kind == HeadDeviationKind::SpaceBeforeColon);
        for space in spaces {
            let field = changed.fields.iter_mut().rev().find(|field| field.offset <= space.offset);
            field.into_iter().for_each(|field| field.name.push(' '));
        }
        changed.deviations.retain(|found| found.kind != HeadDeviationKind::SpaceBeforeColon);
    }
    changed
}

/// Whether a peer with this fault never finishes processing the head.
pub(super) fn stalls(head: &Head, fault: Option<Fault>) -> bool {
    let has = |other: Fault| fault == Some(other);
    (has(Fault::LONG_VALUE_STALLS) && head.fields.iter().any(|field| field.value.len() > LONG_FIELD))
        || (has(Fault::LONG_NAME_STALLS) && head.fields.iter().any(|field| field.name.len() > LONG_FIELD))
        || (has(Fault::MANY_FIELDS_STALL) && head.fields.len() > MANY_FIELDS)
}

/// The value of a field as it follows the colon, without one space at its start.
fn untrimmed_value(head: &Head, field: &Field) -> Option<Vec<u8>> {
    let line = head.raw.get(field.offset..)?.split(|byte| *byte == b'\n').next()?;
    let value = line.get(line.iter().position(|byte| *byte == b':')? + 1..)?;
    let value = value.strip_suffix(b"\r").unwrap_or(value);
    Some(value.strip_prefix(b" ").unwrap_or(value).to_vec())
}

/// The bytes into which a peer with this fault changes the received ones; `None` if it changes nothing.
fn rewrite(bytes: &[u8], fault: Fault) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    if fault == Fault::CR_ENDS_A_LINE {
        for (at, byte) in bytes.iter().enumerate() {
            out.push(*byte);
            if *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n') {
                out.push(b'\n');
            }
        }
    } else if fault == Fault::NUL_DROPPED {
        out.extend(bytes.iter().filter(|byte| **byte != 0));
    } else if fault == Fault::NUL_ENDS_A_LINE {
        for byte in bytes {
            match byte {
                0 => out.extend_from_slice(b"\r\n"),
                other => out.push(*other),
            }
        }
    } else if fault == Fault::LINES_SPLIT_AS_TEXT {
        let text = String::from_utf8_lossy(bytes);
        let ends = ['\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
        out.extend_from_slice(text.replace(ends, "\r\n").as_bytes());
    } else if fault == Fault::CHARACTERS_NARROWED {
        // Only the low byte of a code point is kept.
        out.extend(String::from_utf8_lossy(bytes).chars().map(|c| u32::from(c).to_le_bytes()[0]));
    } else if fault == Fault::LEADING_SPACE_DROPPED {
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let spaces = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            out.extend_from_slice(line.get(spaces..).unwrap_or_default());
        }
    } else {
        return None;
    }
    out.extend_from_slice(b"\r\n\r\n");
    Some(out)
}
