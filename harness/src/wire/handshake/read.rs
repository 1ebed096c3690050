//! Reads a handshake head tolerantly: violations are recorded, and nothing is rejected.

use bytes::Bytes;

use super::{list, parse};

/// The first line of a head, in its parts as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// A request line.
    Request {
        /// The method, in upper case if valid.
        method: String,
        /// The request target.
        target: String,
        /// The version, `HTTP/1.1` if valid.
        version: String,
    },
    /// A status line.
    Response {
        /// The version, `HTTP/1.1` if valid.
        version: String,
        /// The status, 100 to 599 if valid.
        status: u16,
        /// The reason phrase, often empty.
        reason: String,
    },
    /// Neither of the two, decoded lossily.
    Malformed(String),
}

/// One field line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name as received, decoded lossily, without whitespace before the colon.
    pub name: String,
    /// Its value as bytes, without outer whitespace, with each fold replaced by a space.
    pub value: Bytes,
    /// Offset of the line within the head.
    pub offset: usize,
}

impl Field {
    /// The value, decoded lossily.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.value).into_owned()
    }
}

/// One violation of RFC 9112 in a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadDeviation {
    /// Offset of the byte that shows it, counted from the head's first byte.
    pub offset: usize,
    /// The violation.
    pub kind: HeadDeviationKind,
}

/// The violations in the form of a head (RFC 9112 sections 2 to 5; this module does not check which fields are
/// required).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadDeviationKind {
    /// A start line that is neither a request line nor a status line. Its parts are still reported if they can be
    /// identified: a malformed version or method is shown at that part.
    StartLine,
    /// Not exactly one space between the parts of the start line.
    StartLineSpaces,
    /// No space after the status code.
    NoSpaceAfterStatus,
    /// Empty lines before the start line.
    LeadingEmptyLine,
    /// A line that ends with a bare LF.
    BareLf,
    /// A CR that does not end a line.
    BareCr,
    /// A NUL byte.
    Nul,
    /// Another control byte in a value.
    ControlByte(u8),
    /// Whitespace before the first field.
    SpaceBeforeFirstField,
    /// A folded line.
    Folded,
    /// Whitespace between the name and the colon.
    SpaceBeforeColon,
    /// A line without a colon.
    NoColon,
    /// An empty field name.
    EmptyName,
    /// A field name with a byte that is not allowed in a token.
    NameNotToken,
    /// Bytes above 0x7f in a value (allowed as opaque, reported as information).
    ObsText,
}

/// A complete head as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its bytes, including the empty line.
    pub raw: Bytes,
    /// Its first line.
    pub start: Start,
    /// Its fields in order.
    pub fields: Vec<Field>,
    /// The violations in its form, in the order of their offsets.
    pub deviations: Vec<HeadDeviation>,
}

impl Head {
    /// Parses bytes that are a head, or what an author wrote in its place. Nothing is rejected.
    pub fn of(raw: Bytes) -> Self {
        parse::parse(raw)
    }

    /// All lines of a field; the name is compared case-insensitively.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> + 'a {
        self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field's first line, decoded lossily.
    pub fn first(&self, name: &str) -> Option<String> {
        self.all(name).next().map(Field::text)
    }

    /// The elements of a comma-separated list over all lines of the field, without outer whitespace and without empty
    /// elements, with quoted strings kept intact.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.all(name).flat_map(|field| list::members(&field.value)).collect()
    }

    /// Whether the field's list has this token, compared case-insensitively (ASCII only).
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.list(name).iter().any(|member| member.eq_ignore_ascii_case(token))
    }

    /// The status of a response.
    pub fn status(&self) -> Option<u16> {
        match &self.start {
            Start::Response { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// Why a head cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The head exceeds the reader's bound.
    #[error("the head is longer than {0} bytes")]
    TooLong(usize),
}

/// An incremental reader of one head. Any split of the same bytes gives the same head.
///
/// After it has returned a head, the reader starts again with the next one.
#[derive(Debug)]
pub struct HeadReader {
    max: usize,
    buffer: Vec<u8>,
    /// The start of the line in progress.
    line_start: usize,
    /// How far the buffer has been searched for the end of a line.
    searched: usize,
    /// Whether the start line has been seen, so that an empty line ends the head.
    started: bool,
}

impl HeadReader {
    /// A reader that gives up on a head of more than `max` bytes.
    pub fn new(max: usize) -> Self {
        Self { max, buffer: Vec::new(), line_start: 0, searched: 0, started: false }
    }

    /// Reads the next bytes. When the head is complete, it is returned with the bytes that follow it.
    ///
    /// A head ends at its first empty line, which ends with CR LF or a bare LF (leading empty lines do not count).
    ///
    /// # Errors
    /// A head that exceeds the bound; later bytes are dropped and cause the same error.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<(Head, Bytes)>, HeadError> {
        let room = self.max.saturating_sub(self.buffer.len()).min(bytes.len());
        let (taken, excess) = bytes.split_at(room);
        self.buffer.extend_from_slice(taken);
        let Some(end) = self.find_end() else {
            let fits = excess.is_empty();
            return if fits { Ok(None) } else { Err(HeadError::TooLong(self.max)) };
        };
        let done = std::mem::replace(self, Self::new(self.max));
        let mut raw = Bytes::from(done.buffer);
        let mut rest = raw.split_off(end);
        if !excess.is_empty() {
            rest = [&rest, excess].concat().into();
        }
        Ok(Some((parse::parse(raw), rest)))
    }

    /// The bytes of an incomplete head so far.
    pub fn pending(&self) -> &[u8] {
        &self.buffer
    }

    /// The offset after the empty line that ends the head. No byte is searched twice.
    fn find_end(&mut self) -> Option<usize> {
        while let Some(found) = self.buffer.get(self.searched..)?.iter().position(|&byte| byte == b'\n') {
            let newline = self.searched + found;
            let empty = matches!(self.buffer.get(self.line_start..newline), Some([] | [b'\r']));
            (self.line_start, self.searched) = (newline + 1, newline + 1);
            if empty && self.started {
                return Some(newline + 1);
            }
            self.started |= !empty;
        }
        self.searched = self.buffer.len();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    fn read(bytes: &[u8]) -> Option<(Head, Bytes)> {
        HeadReader::new(1 << 16).push(bytes).ok().flatten()
    }

    #[test]
    fn a_head_is_returned_with_the_bytes_after_it() {
        let bytes = [RESPONSE, b"\x81\x00"].concat();
        let (head, rest) = read(&bytes).unwrap();
        assert_eq!((&head.raw[..], &rest[..]), (RESPONSE, &b"\x81\x00"[..]));
        assert_eq!(head.status(), Some(101));
        assert_eq!(head.first("UPGRADE").as_deref(), Some("websocket"));
        assert_eq!(head.deviations, []);
    }

    #[test]
    fn one_byte_at_a_time_gives_the_same_head() {
        let mut reader = HeadReader::new(RESPONSE.len());
        let (last, first) = RESPONSE.split_last().unwrap();
        for (at, byte) in first.iter().enumerate() {
            assert_eq!(reader.push(&[*byte]), Ok(None));
            assert_eq!(reader.pending().len(), at + 1);
        }
        assert_eq!(reader.push(&[*last]), Ok(read(RESPONSE)));
        assert!(reader.pending().is_empty());
    }

    #[test]
    fn the_bound_applies_to_the_head_only() {
        let bytes = [RESPONSE, &[b'x'; 100]].concat();
        let mut reader = HeadReader::new(RESPONSE.len());
        let (_, rest) = reader.push(&bytes).unwrap().unwrap();
        assert_eq!(rest.len(), 100);

        let mut reader = HeadReader::new(RESPONSE.len() - 1);
        assert_eq!(reader.push(&bytes), Err(HeadError::TooLong(RESPONSE.len() - 1)));
        assert_eq!(reader.push(b"\r\n"), Err(HeadError::TooLong(RESPONSE.len() - 1)));
        assert!(reader.pending().len() < RESPONSE.len());
    }

    #[test]
    fn the_first_empty_line_ends_a_head() {
        for head in [&b"GET / HTTP/1.1\n\n"[..], b"GET / HTTP/1.1\r\n\n", b"\r\n\nGET / HTTP/1.1\n\r\n"] {
            assert_eq!(read(&[head, b"\n"].concat()).map(|(head, _)| head.raw.len()), Some(head.len()));
        }
        assert_eq!(read(b"GET / HTTP/1.1\r\r\n\r\r\n"), None);
        assert_eq!(read(b"\r\n\r\n\r\n"), None);
    }

    #[test]
    fn two_heads_are_read_in_turn() {
        let mut reader = HeadReader::new(1000);
        let (_, rest) = reader.push(&[RESPONSE, RESPONSE].concat()).unwrap().unwrap();
        assert_eq!(reader.push(&rest), Ok(Some((read(RESPONSE).unwrap().0, Bytes::new()))));
    }

    #[test]
    fn tokens_are_found_in_all_lines_and_letter_cases() {
        let bytes = b"GET / HTTP/1.1\r\nConnection: keep-alive, ,\r\nconnection:UPGRADE\r\n\r\n";
        let (head, _) = read(bytes).unwrap();
        assert_eq!(head.list("Connection"), ["keep-alive", "UPGRADE"]);
        assert!(head.has_token("CONNECTION", "upgrade"));
        assert!(!head.has_token("Connection", "keep"));
    }
}
