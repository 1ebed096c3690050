//! Reading a handshake head with tolerance: what is wrong is recorded, not refused.

use bytes::Bytes;

/// The first line of a head, in its parts as they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// A request line.
    Request {
        /// The method, upper case when right.
        method: String,
        /// The request target.
        target: String,
        /// The version, `HTTP/1.1` when right.
        version: String,
    },
    /// A status line.
    Response {
        /// The version, `HTTP/1.1` when right.
        version: String,
        /// The status, 100 to 599 when right.
        status: u16,
        /// The reason phrase, often empty.
        reason: String,
    },
    /// Neither, lossily decoded.
    Malformed(String),
}

/// One field line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name as it stands, lossily decoded.
    pub name: String,
    /// Its value without outer white space, folds replaced by a space, as octets.
    pub value: Bytes,
    /// Offset of the line in the head.
    pub offset: usize,
}

impl Field {
    /// The value, lossily decoded.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.value).into_owned()
    }
}

/// One breach of RFC 9112 in a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadDeviation {
    /// Offset of the octet that shows it, counted from the head's first octet.
    pub offset: usize,
    /// What is wrong.
    pub kind: HeadDeviationKind,
}

/// What can be wrong in the form of a head (RFC 9112 sections 2 to 5; which fields there must be is not this room's matter).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadDeviationKind {
    /// A start line that is neither request nor status line.
    StartLine,
    /// Not exactly one space between the parts of the start line.
    StartLineSpaces,
    /// No space behind the status code.
    NoSpaceAfterStatus,
    /// Empty lines before the start line.
    LeadingEmptyLine,
    /// A line ended by a bare LF.
    BareLf,
    /// A CR that ends no line.
    BareCr,
    /// A NUL octet.
    Nul,
    /// Another control octet in a value.
    ControlOctet(u8),
    /// White space before the first field.
    SpaceBeforeFirstField,
    /// A folded line.
    Folded,
    /// White space between name and colon.
    SpaceBeforeColon,
    /// A line without colon.
    NoColon,
    /// An empty field name.
    EmptyName,
    /// A field name with an octet that no token has.
    NameNotToken,
    /// Octets above 0x7f in a value (allowed as opaque, told for information).
    ObsText,
}

/// A whole head as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its octets, the empty line included.
    pub raw: Bytes,
    /// Its first line.
    pub start: Start,
    /// Its fields in order.
    pub fields: Vec<Field>,
    /// What is wrong with its form, in the order of offsets.
    pub deviations: Vec<HeadDeviation>,
}

impl Head {
    /// All lines of a field, compared without letter case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> + 'a {
        self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name))
    }

    /// The field's first line, lossily decoded.
    pub fn first(&self, name: &str) -> Option<String> {
        self.all(name).next().map(Field::text)
    }

    /// The members of a comma-separated list over all lines of the field, outer white space removed, quoted strings kept whole,
    /// empty members left out.
    pub fn list(&self, name: &str) -> Vec<String> {
        let _ = name;
        todo!()
    }

    /// Whether the field's list has this token, compared without letter case (ASCII only).
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

/// Why no head can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The head is longer than the reader's bound.
    #[error("the head is longer than {0} octets")]
    TooLong(usize),
}

/// An incremental reader of one head. Any split of the same octets gives the same head.
#[derive(Debug)]
pub struct HeadReader {
    max: usize,
    buffer: Vec<u8>,
}

impl HeadReader {
    /// A reader that gives up on a head of more than `max` octets.
    pub fn new(max: usize) -> Self {
        Self { max, buffer: Vec::new() }
    }

    /// Takes the next octets. When the head is complete, it is returned with the octets that follow it.
    ///
    /// A head ends at its first empty line, ended by CR LF or by a bare LF (leading empty lines do not count).
    ///
    /// # Errors
    /// A head over the bound.
    pub fn push(&mut self, octets: &[u8]) -> Result<Option<(Head, Bytes)>, HeadError> {
        let _ = (self.max, octets);
        todo!()
    }

    /// The octets taken so far of a head that is not complete.
    pub fn pending(&self) -> &[u8] {
        &self.buffer
    }
}
