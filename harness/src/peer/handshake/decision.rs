//! A server's verdict on a request.

/// A valid request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptedRequest {
    /// The key as it appears on the wire.
    pub key: Vec<u8>,
    /// The first offered subprotocol that the server supports.
    pub subprotocol: Option<String>,
    /// All offered subprotocols.
    pub offered: Vec<String>,
    /// The first line of Sec-WebSocket-Protocol, unchanged.
    pub protocol_line: Option<Vec<u8>>,
    /// The first line of Sec-WebSocket-Extensions, unchanged.
    pub extensions_line: Option<Vec<u8>>,
    /// All offered extensions with their parameters.
    pub extensions: Vec<String>,
    /// Whether a 100 must come before the 101: RFC 9110 section 7.8.
    pub expects_continue: bool,
}

/// An error response to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The status of the response.
    pub status: u16,
    /// What is invalid, for the body of the response.
    pub reason: &'static str,
    /// Additional fields of the response.
    pub fields: Vec<(&'static str, &'static str)>,
    /// Whether the request was HEAD, whose response has no body.
    pub head_only: bool,
    /// Whether a faulty server neither answers nor ends the connection.
    pub unanswered: bool,
}

impl Rejection {
    /// A rejection with this status and reason.
    pub fn new(status: u16, reason: &'static str) -> Self {
        Self { status, reason, fields: Vec::new(), head_only: false, unanswered: false }
    }

    /// The same rejection, not sent if `unanswered` is set.
    pub fn unanswered(self, unanswered: bool) -> Self {
        Self { unanswered, ..self }
    }

    /// The same rejection with another field in the response.
    pub fn with_field(mut self, name: &'static str, value: &'static str) -> Self {
        self.fields.push((name, value));
        self
    }
}
