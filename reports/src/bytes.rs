//! Bytes from their hexadecimal form, and as a dump.

use std::ops::Range;

use data_encoding::HEXLOWER_PERMISSIVE;

/// The number of bytes in a line of a dump.
const LINE: usize = 16;

/// The bytes that a hexadecimal text encodes, up to the first pair that is not hexadecimal.
pub(crate) fn from_hex(hex: &str) -> Vec<u8> {
    let decode = |length: usize| HEXLOWER_PERMISSIVE.decode(hex.as_bytes().get(..length & !1).unwrap_or_default());
    decode(hex.len()).or_else(|error| decode(error.position)).unwrap_or_default()
}

/// The bytes in hexadecimal.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    HEXLOWER_PERMISSIVE.encode(bytes)
}

/// A line of a dump, divided into the parts before, inside and after a marked range.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct DumpLine {
    /// The first byte's place.
    pub offset: String,
    /// The bytes in hexadecimal.
    pub hex: [String; 3],
    /// Spaces that align the text after short lines.
    pub gap: String,
    /// The same bytes as ASCII, with a dot for each byte that is not printable.
    pub ascii: [String; 3],
}

impl DumpLine {
    /// Whether some of it is marked.
    pub(crate) fn marked(&self) -> bool {
        !self.hex[1].is_empty()
    }
}

/// A dump of these bytes, of which the first has the offset `start`. `mark` is a range of offsets.
pub(crate) fn dump(bytes: &[u8], start: u64, mark: Option<&Range<u64>>) -> Vec<DumpLine> {
    let mut lines = Vec::with_capacity(bytes.len().div_ceil(LINE));
    for (at, chunk) in (start..).step_by(LINE).zip(bytes.chunks(LINE)) {
        let mut line = DumpLine { offset: format!("{at:04x}"), ..DumpLine::default() };
        for (place, &byte) in (at..).zip(chunk) {
            let part = match mark {
                Some(mark) if place >= mark.end => 2,
                Some(mark) if place >= mark.start => 1,
                _ => 0,
            };
            if place != at {
                // A mark begins and ends at a byte, so the spaces around it are outside.
                let left = if part == 1 && line.hex[1].is_empty() { 0 } else { part };
                line.hex[left].push(' ');
            }
            line.hex[part].push_str(&format!("{byte:02x}"));
            line.ascii[part].push(if matches!(byte, 0x20..=0x7e) { char::from(byte) } else { '.' });
        }
        if bytes.len() > LINE {
            line.gap = " ".repeat((LINE - chunk.len()) * 3);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_stops_at_the_first_invalid_pair() {
        assert_eq!(from_hex("37fA21"), [0x37, 0xfa, 0x21]);
        assert_eq!(from_hex("37<script>"), [0x37]);
        assert_eq!(from_hex("37a"), [0x37]);
        assert_eq!(from_hex("373x38"), [0x37]);
        assert_eq!(from_hex("37<b>"), [0x37]);
        assert_eq!(from_hex("+1"), [0u8; 0]);
        assert_eq!(from_hex("é"), [0u8; 0]);
    }

    #[test]
    fn a_dump_marks_a_range_across_lines() {
        let bytes: Vec<u8> = (0x38..0x4a).collect();
        let lines = dump(&bytes, 0, Some(&(14..17)));
        assert_eq!(lines[0].hex, ["38 39 3a 3b 3c 3d 3e 3f 40 41 42 43 44 45 ", "46 47", ""]);
        assert_eq!(lines[0].ascii, ["89:;<=>?@ABCDE", "FG", ""]);
        assert_eq!(lines[1].hex, ["", "48", " 49"]);
        assert_eq!(lines[1].gap.len(), 42);
        assert!(lines[1].marked());
        assert_eq!(lines[1].offset, "0010");
    }
}
