//! Parses the bytes of a complete head: RFC 9112 sections 2 and 5.

use std::ops::Range;

use bytes::Bytes;

use super::list::{is_space, trim};
use super::read::{Field, Head, HeadDeviation, HeadDeviationKind as Kind, Start};
use super::start_line;

/// The most deviations of a head that are recorded.
const MOST_NOTES: usize = 256;

/// The deviations found so far, at most [`MOST_NOTES`].
#[derive(Default)]
pub(super) struct Deviations(Vec<HeadDeviation>);

impl Deviations {
    pub(super) fn add(&mut self, offset: usize, kind: Kind) {
        // A head may have a deviation in every byte; the first of them are enough.
        if self.0.len() < MOST_NOTES {
            self.0.push(HeadDeviation { offset, kind });
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &HeadDeviation> {
        self.0.iter()
    }
}

/// A field that the next line may continue by a fold.
struct OpenField {
    name: String,
    value: Range<usize>,
    /// The joined value, if a fold was found.
    folded: Option<Vec<u8>>,
    offset: usize,
}

impl OpenField {
    /// Joins a folded line with one space, whatever whitespace surrounded the fold.
    fn fold(&mut self, raw: &[u8], segment: &[u8]) {
        let folded = self.folded.get_or_insert_with(|| raw.get(self.value.clone()).unwrap_or_default().to_vec());
        if !folded.is_empty() && !segment.is_empty() {
            folded.push(b' ');
        }
        folded.extend_from_slice(segment);
    }

    fn close(self, raw: &Bytes) -> Field {
        let value = match self.folded {
            Some(folded) => folded.into(),
            None => raw.slice(self.value),
        };
        Field { name: self.name, value, offset: self.offset }
    }
}

/// Parses a complete head, including its empty line. It rejects nothing.
pub(super) fn parse(raw: Bytes) -> Head {
    let mut deviations = Deviations::default();
    let mut start = None;
    let mut fields = Vec::new();
    let mut open: Option<OpenField> = None;
    let mut first_field = true;
    for line in lines(&raw, &mut deviations) {
        let bytes = raw.get(line.clone()).unwrap_or_default();
        match (&start, bytes.first()) {
            // An empty line precedes the start line or ends the head.
            (None, None) if line.start == 0 => deviations.add(0, Kind::LeadingEmptyLine),
            (_, None) => {}
            (None, Some(_)) => {
                record_invalid_bytes(bytes, line.start, &mut deviations);
                record_value_bytes(bytes, line.start, &mut deviations);
                start = Some(start_line::parse(&raw, line, &mut deviations));
            }
            (Some(_), Some(&byte)) => {
                record_invalid_bytes(bytes, line.start, &mut deviations);
                if is_space(byte) && first_field {
                    // Such lines do not belong to any field (RFC 9112 section 2.2).
                    deviations.add(line.start, Kind::SpaceBeforeFirstField);
                } else if is_space(byte) {
                    deviations.add(line.start, Kind::Folded);
                    record_value_bytes(bytes, line.start, &mut deviations);
                    if let Some(open) = &mut open {
                        open.fold(&raw, trim(bytes));
                    }
                } else {
                    first_field = false;
                    fields.extend(open.take().map(|open| open.close(&raw)));
                    open = field(bytes, line.start, &mut deviations);
                }
            }
        }
    }
    fields.extend(open.map(|open| open.close(&raw)));
    let mut deviations = deviations.0;
    deviations.sort_by_key(|found| found.offset);
    let start = start.unwrap_or_else(|| Start::Malformed(String::new()));
    Head { raw, start, fields, deviations }
}

/// Splits a head into lines without their ends. Line ends without CR are recorded.
fn lines(raw: &[u8], deviations: &mut Deviations) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in raw.split_inclusive(|&byte| byte == b'\n') {
        let start = at;
        at += line.len();
        let end = match line {
            [inner @ .., b'\r', b'\n'] => inner.len(),
            [inner @ .., b'\n'] => {
                deviations.add(at - 1, Kind::BareLf);
                inner.len()
            }
            unterminated => unterminated.len(),
        };
        lines.push(start..start + end);
    }
    lines
}

/// Splits a field line at its colon.
fn field(line: &[u8], offset: usize, deviations: &mut Deviations) -> Option<OpenField> {
    let Some(colon) = line.iter().position(|&byte| byte == b':') else {
        deviations.add(offset, Kind::NoColon);
        return None;
    };
    let (before, value) = line.split_at_checked(colon)?;
    let value = value.get(1..)?;
    // The line does not begin with whitespace, so all whitespace that is trimmed precedes the colon.
    let name = trim(before);
    if name.len() < before.len() {
        deviations.add(offset + name.len(), Kind::SpaceBeforeColon);
    }
    if name.is_empty() {
        deviations.add(offset, Kind::EmptyName);
    } else if let Some(invalid) = name.iter().position(|&byte| !is_token_byte(byte)) {
        deviations.add(offset + invalid, Kind::NameNotToken);
    }
    record_value_bytes(value, offset + colon + 1, deviations);
    let leading = value.iter().take_while(|&&byte| is_space(byte)).count();
    let value_start = offset + colon + 1 + leading;
    Some(OpenField {
        name: String::from_utf8_lossy(name).into_owned(),
        value: value_start..value_start + trim(value).len(),
        folded: None,
        offset,
    })
}

/// Records bytes that are invalid anywhere in a line.
fn record_invalid_bytes(bytes: &[u8], offset: usize, deviations: &mut Deviations) {
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            0 => deviations.add(offset + at, Kind::Nul),
            b'\r' => deviations.add(offset + at, Kind::BareCr),
            _ => {}
        }
    }
}

/// Records control bytes in a value or a start line, and the first of its bytes above 0x7f.
fn record_value_bytes(bytes: &[u8], offset: usize, deviations: &mut Deviations) {
    for (at, &byte) in bytes.iter().enumerate() {
        if matches!(byte, 0x01..=0x08 | 0x0a..=0x0c | 0x0e..=0x1f | 0x7f) {
            deviations.add(offset + at, Kind::ControlByte(byte));
        }
    }
    if let Some(at) = bytes.iter().position(|byte| !byte.is_ascii()) {
        deviations.add(offset + at, Kind::ObsText);
    }
}

/// Whether these bytes are a token (RFC 9110 section 5.6.2).
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|&byte| is_token_byte(byte))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "GET / HTTP/1.1\r\n";

    type Fields = Vec<(String, String)>;

    /// The fields of a head with these lines, and the deviations with offsets from the first line.
    fn read(lines: &[u8]) -> (Fields, Vec<(usize, Kind)>) {
        let head = parse([START.as_bytes(), lines, b"\r\n"].concat().into());
        assert!(matches!(head.start, Start::Request { .. }));
        let fields = head.fields.iter().map(|field| (field.name.clone(), field.text())).collect();
        let deviations = head.deviations.into_iter();
        (fields, deviations.map(|found| (found.offset - START.len(), found.kind)).collect())
    }

    fn fields(of: &[(&str, &str)]) -> Fields {
        of.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn outer_whitespace_is_removed_from_values() {
        let lines = b"A:1\r\nB: \t2 3\t \r\nC:\r\nD: \r\n";
        assert_eq!(read(lines), (fields(&[("A", "1"), ("B", "2 3"), ("C", ""), ("D", "")]), vec![]));
    }

    #[test]
    fn folded_lines_are_joined_with_a_space() {
        let lines = b"A: 1 \r\n \t 2\r\n \r\n\t3 \r\nB:\r\n 4\r\n";
        let folds = [7, 13, 16, 25].map(|offset| (offset, Kind::Folded)).to_vec();
        assert_eq!(read(lines), (fields(&[("A", "1 2 3"), ("B", "4")]), folds));
    }

    #[test]
    fn whitespace_before_the_first_field_is_skipped() {
        let lines = b" A: 1\r\n\tB\r\nC: 3\r\n";
        let skipped = [0, 7].map(|offset| (offset, Kind::SpaceBeforeFirstField)).to_vec();
        assert_eq!(read(lines), (fields(&[("C", "3")]), skipped));
    }

    #[test]
    fn invalid_names_are_reported() {
        let lines = b"A : 1\r\n: 2\r\nno colon\r\n fold\r\na b: 3\r\n\xc3\xa9: 4\r\n";
        let read = read(lines);
        assert_eq!(read.0, fields(&[("A", "1"), ("", "2"), ("a b", "3"), ("é", "4")]));
        assert_eq!(
            read.1,
            [
                (1, Kind::SpaceBeforeColon),
                (7, Kind::EmptyName),
                (12, Kind::NoColon),
                (22, Kind::Folded),
                (30, Kind::NameNotToken),
                (37, Kind::NameNotToken),
            ]
        );
    }

    #[test]
    fn invalid_bytes_are_reported() {
        let (fields_read, deviations) = read(b"A: 1\r2\0\x07\xff\xfe\nB: \x7f\t\r\r\n");
        assert_eq!(fields_read[1].1, "\x7f\t\r");
        assert_eq!(
            deviations,
            [
                (4, Kind::BareCr),
                (6, Kind::Nul),
                (7, Kind::ControlByte(7)),
                (8, Kind::ObsText),
                (10, Kind::BareLf),
                (14, Kind::ControlByte(0x7f)),
                (16, Kind::BareCr),
            ]
        );
    }

    #[test]
    fn leading_empty_lines_are_reported_once() {
        let head = parse(Bytes::from_static(b"\r\n\nHTTP/1.1 101 \r\nA: 1\r\n\r\n"));
        let found: Vec<_> = head.deviations.iter().map(|found| (found.offset, &found.kind)).collect();
        assert_eq!(found, [(0, &Kind::LeadingEmptyLine), (2, &Kind::BareLf)]);
        assert_eq!(head.fields.iter().map(|field| field.offset).collect::<Vec<_>>(), [18]);
        assert_eq!(head.status(), Some(101));
    }
}
