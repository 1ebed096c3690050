//! What a server makes of a request.

/// A request that is right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The key as it stands on the wire.
    pub key: Vec<u8>,
    /// The first offered subprotocol that the server speaks.
    pub subprotocol: Option<String>,
    /// All offered subprotocols.
    pub offered: Vec<String>,
    /// Sec-WebSocket-Protocol as it stands on its first line.
    pub protocol_line: Option<Vec<u8>>,
    /// Sec-WebSocket-Extensions as it stands on its first line.
    pub extensions_line: Option<Vec<u8>>,
    /// All offered extensions with their parameters.
    pub extensions: Vec<String>,
    /// Whether a 100 must come before the 101: RFC 9110 section 7.8.
    pub continues: bool,
}

/// A request that is answered with an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    /// What is wrong, for the body of the answer.
    pub why: &'static str,
    /// Fields of the answer beyond the usual ones.
    pub fields: Vec<(&'static str, &'static str)>,
    /// Whether the request was HEAD, whose answer has no body.
    pub head_only: bool,
    /// Whether a wrong server neither answers nor ends the connection.
    pub silent: bool,
}

impl Refusal {
    /// A refusal with this status and reason.
    pub fn new(status: u16, why: &'static str) -> Self {
        Self { status, why, fields: Vec::new(), head_only: false, silent: false }
    }

    /// The same, never said, where `silent` is set.
    pub fn silent(self, silent: bool) -> Self {
        Self { silent, ..self }
    }

    /// The same with another field in the answer.
    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.fields.push((name, value));
        self
    }
}
