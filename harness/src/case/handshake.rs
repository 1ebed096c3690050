//! The opening handshake of a case: what is changed in our head, what the target's may be.

use bytes::Bytes;

use super::steps::{Send, WriteSplit};
use super::tls::TlsHandshake;
use crate::vocabulary::{Because, Outcome};

/// Bytes with places that are filled when the case is played.
///
/// In text, `%{host}` is the target's host and port, `%{port}` its port alone, `%{path}` the request target, `%{http}` and `%{ws}`
/// the schemes, with an `s` under TLS, `%{key}` the Sec-WebSocket-Key of this connection, `%{accept}` the accept value that
/// belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// Bytes as they are.
    Plain(Bytes),
    /// Text with at least one place to fill.
    Filled(String),
}

/// The opening handshake of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handshake {
    /// What is changed in the TLS handshake below.
    pub tls: TlsHandshake,
    /// The URL that the client is given, in place of the run's own (role client).
    pub url: Option<Template>,
    /// What is changed in the request that the harness sends (role server).
    pub request: HeadPatch,
    /// What is changed in the response that the harness sends (role client).
    pub response: HeadPatch,
    /// What the target's head may be, each alternative with what it earns; empty means a right handshake that opens.
    pub expect: Vec<HeadExpect>,
    /// permessage-deflate is asked for; where it is not agreed, the case is unsupported (Z24).
    pub deflate: Option<DeflateHandshake>,
}

/// How permessage-deflate is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeflateHandshake {
    /// What is offered to a server, the most preferred first.
    pub offers: Vec<String>,
    /// What is answered to a client. Parameters that its offer demands are added.
    pub answer: crate::wire::deflate::Params,
    /// The answer as the case spells it; without it the client's hint at no takeover is answered as well.
    pub spelled: Option<String>,
    /// The harness's own messages must be free to refer to those before.
    pub free_takeover: bool,
    /// The harness's own messages must be free to use a window of 15 bits.
    pub free_window: bool,
}

/// Changes to a right head. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeadPatch {
    /// The whole head in the author's bytes, in place of all else but `split` and `then`.
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
    /// The `Sec-WebSocket-Key` that the accept value is computed for, in place of the one received.
    pub accept_for: Option<String>,
    /// Fields that get a single value.
    pub set: Vec<(String, Template)>,
    /// Lines added at the end.
    pub add: Vec<(String, Template)>,
    /// Fields taken away.
    pub remove: Vec<String>,
    /// Fields that come first, in this order.
    pub order: Vec<String>,
    /// What ends the lines.
    pub line_ending: crate::wire::handshake::LineEnding,
    /// Subprotocols offered in a request, or the one chosen in a response.
    pub subprotocols: Vec<String>,
    /// Extensions offered in a request, or agreed in a response.
    pub extensions: Vec<String>,
    /// Bytes before the head.
    pub before: Option<Template>,
    /// Bytes right behind the head, such as a body.
    pub body: Option<Template>,
    /// Sends written in the same write as the head.
    pub then: Vec<Send>,
    /// The head is written in pieces of this many bytes.
    pub split: Option<WriteSplit>,
}

/// One thing that the target's head may be.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadExpect {
    /// What it must look like.
    pub kind: HeadExpectKind,
    /// What it earns.
    pub outcome: Outcome,
    /// Why it earns that.
    pub because: Option<Because>,
}

impl HeadExpect {
    /// Whether this alternative is an opened connection.
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
    /// A head. For a response, `status` holds ranges of the status, both ends included, empty for any (role client: no status).
    Head {
        /// Status ranges.
        status: Vec<(u16, u16)>,
        /// Whether the accept value must be the right one.
        accept: bool,
        /// The request's method, exactly.
        method: Option<String>,
        /// The request target, exactly.
        target: Option<Template>,
        /// What single fields must hold.
        fields: Vec<(String, FieldMatch)>,
    },
    /// The connection ends without a head.
    End,
}

/// What a field must hold. Lines of a list field count as one list.
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
    /// A list that has this token, whatever its letter case.
    Token(String),
    /// One of these, exactly.
    OneOf(Vec<String>),
}
