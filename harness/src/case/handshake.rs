//! The opening handshake of a case: changes to the head of the harness, and what the head of the target may be.

use bytes::Bytes;

use super::steps::{Send, WriteSplit};
use super::tls::TlsHandshake;
use crate::vocabulary::{Because, Outcome};

/// Bytes with placeholders that are filled in when the case is played.
///
/// In text, `%{host}` is the target's host and port, `%{port}` its port alone, `%{path}` the request target, `%{http}` and `%{ws}`
/// the schemes, with an `s` under TLS, `%{key}` the Sec-WebSocket-Key of this connection, `%{accept}` the accept value that
/// belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// Bytes as they are.
    Plain(Bytes),
    /// Text with at least one placeholder.
    Filled(String),
}

/// The opening handshake of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handshake {
    /// Changes to the TLS handshake.
    pub tls: TlsHandshake,
    /// The URL for the client, in place of the URL of the run (role client).
    pub url: Option<Template>,
    /// Changes to the request that the harness sends (role server).
    pub request: HeadPatch,
    /// Changes to the response that the harness sends (role client).
    pub response: HeadPatch,
    /// What the head of the target may be, each alternative with its outcome. Empty means a valid handshake that succeeds.
    pub expect: Vec<HeadExpect>,
    /// permessage-deflate is negotiated. If the target does not agree, the case is unsupported (Z24).
    pub deflate: Option<DeflateHandshake>,
}

/// How permessage-deflate is negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeflateHandshake {
    /// The offers to a server, the most preferred first.
    pub offers: Vec<String>,
    /// The answer to a client. Parameters that its offer requires are added.
    pub answer: crate::wire::deflate::Params,
    /// The answer is exactly that of the case. Otherwise, a client's hint at no context takeover is answered as well.
    pub spelled: Option<String>,
    /// The harness's own messages must be free to refer to those before.
    pub free_takeover: bool,
    /// The harness's own messages must be free to use a window of 15 bits.
    pub free_window: bool,
}

/// Changes to a valid head. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeadPatch {
    /// The bytes of the whole head, in place of all other changes except `split` and `then`.
    pub raw: Option<Template>,
    /// The request's method.
    pub method: Option<String>,
    /// The request target.
    pub target: Option<Template>,
    /// The protocol version, in place of `HTTP/1.1`.
    pub version: Option<String>,
    /// The response's status, in place of 101.
    pub status: Option<u16>,
    /// The response's reason phrase.
    pub reason: Option<String>,
    /// The `Sec-WebSocket-Key` from which the accept value is computed, in place of the received one.
    pub accept_for: Option<String>,
    /// Fields that are set to a single value.
    pub set: Vec<(String, Template)>,
    /// Field lines that are added at the end.
    pub add: Vec<(String, Template)>,
    /// Fields that are removed.
    pub remove: Vec<String>,
    /// Fields that come first, in this order.
    pub order: Vec<String>,
    /// The line ending.
    pub line_ending: crate::wire::handshake::LineEnding,
    /// The subprotocols that a request offers, or the one that a response selects.
    pub subprotocols: Vec<String>,
    /// The extensions that a request offers or that a response accepts.
    pub extensions: Vec<String>,
    /// Bytes before the head.
    pub before: Option<Template>,
    /// Bytes directly after the head, such as a body.
    pub body: Option<Template>,
    /// Sends written in the same write as the head.
    pub then: Vec<Send>,
    /// The head is written in pieces of this many bytes.
    pub split: Option<WriteSplit>,
}

/// One alternative for the head of the target.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadExpect {
    /// What it must contain.
    pub kind: HeadExpectKind,
    /// Its outcome.
    pub outcome: Outcome,
    /// The reason for the outcome.
    pub because: Option<Because>,
}

impl HeadExpect {
    /// Whether the connection opens in this alternative.
    pub fn opens(&self) -> bool {
        match &self.kind {
            HeadExpectKind::Head { status, .. } => {
                status.is_empty() || status.iter().any(|&(low, high)| low <= 101 && 101 <= high)
            }
            HeadExpectKind::End => false,
        }
    }
}

/// The forms of a [`HeadExpect`].
#[derive(Clone, Debug, PartialEq)]
pub enum HeadExpectKind {
    /// A head. For a response, `status` has ranges of the status, including both ends. Empty means any (role client: no status).
    Head {
        /// Status ranges.
        status: Vec<(u16, u16)>,
        /// Whether the accept value must be valid.
        accept: bool,
        /// The request's method, exactly.
        method: Option<String>,
        /// The request target, exactly.
        target: Option<Template>,
        /// What fields must contain.
        fields: Vec<(String, FieldMatch)>,
    },
    /// The connection ends without a head.
    End,
}

/// What a field must contain. The lines of a list field count as one list.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldMatch {
    /// Any value.
    Present,
    /// No line of it.
    Absent,
    /// A line of it, before all other fields.
    First,
    /// Exactly one line, with exactly this value.
    Equals(Template),
    /// A value that contains this text.
    Contains(String),
    /// A list that contains this token, in any letter case.
    Token(String),
    /// One of these, exactly.
    OneOf(Vec<String>),
}
