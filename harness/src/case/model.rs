//! A case as the rest of the harness sees it: data, with every placeholder of a matrix filled and every payload resolved.
//!
//! Octets that depend on the moment of play (`%{host}`, `%{key}` and their like, see [`Template`]) are filled by the player.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::wire::{LengthForm, Opcode};

/// Which side of the connection the target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The target is a server: the harness connects, and masks.
    Server,
    /// The target is a client: it connects to the harness.
    Client,
}

impl Role {
    /// `server` or `client`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How strongly the RFC asks for what a case proves. Ordered: `Must` is the strongest and the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// MUST, MUST NOT, REQUIRED, SHALL.
    Must,
    /// SHOULD, SHOULD NOT, RECOMMENDED.
    Should,
    /// MAY, OPTIONAL: the target must cope with it.
    May,
    /// Nothing is demanded; what was seen is told.
    Info,
}

impl Level {
    /// `must`, `should`, `may` or `info`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
            Self::Info => "info",
        }
    }
}

/// What a transcript earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The strict way.
    Pass,
    /// Allowed or harmless, not the strict way.
    Lenient,
    /// The RFC leaves it open; what was seen is told.
    Info,
    /// A requirement is broken.
    Fail,
    /// The target declined a feature that the case needs.
    Unsupported,
    /// Our side or the environment broke; the pass rate is invalid.
    Error,
}

impl Outcome {
    /// The word used in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Lenient => "lenient",
            Self::Info => "info",
            Self::Fail => "fail",
            Self::Unsupported => "unsupported",
            Self::Error => "error",
        }
    }
}

/// A feature that a case needs of its target; the probe finds out which it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// Text and binary messages come back unchanged.
    Echo,
    /// The target chooses one of the offered subprotocols (server), or asks for one (client).
    Subprotocol,
}

impl Need {
    /// All needs, in the order of their names.
    pub const ALL: [Self; 2] = [Self::Echo, Self::Subprotocol];

    /// The word used in case files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Subprotocol => "subprotocol",
        }
    }
}

/// One case for one or both roles.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its stable name: a path and a key, such as `ping-pong/echoes-payload-125`.
    pub id: String,
    /// The stimulus in a sentence.
    pub title: String,
    /// What the file's author wants a reader to know, beyond the title.
    pub note: Option<String>,
    /// The title of its group.
    pub group: String,
    /// Autobahn's numbers, such as `7.1.6`.
    pub autobahn: Vec<String>,
    /// The target's role; `None` plays against both.
    pub role: Option<Role>,
    /// Where the RFC speaks of it, such as `rfc6455#section-5.5.2`.
    pub spec: Vec<String>,
    /// The ids of the requirements that it proves.
    pub proves: Vec<String>,
    /// Its level: written, or the strongest of `proves`.
    pub level: Level,
    /// What the target must have.
    pub needs: Vec<Need>,
    /// The opening handshake.
    pub handshake: Handshake,
    /// The conversation behind the handshake.
    pub steps: Vec<Step>,
    /// How the connection ends when the steps have not ended it.
    pub ends: Ends,
    /// Where it was written.
    pub source: Source,
}

impl Case {
    /// Whether the case plays against a target of this role.
    pub fn suits(&self, role: Role) -> bool {
        self.role.is_none_or(|own| own == role)
    }

    /// Whether the case expects the handshake to succeed, so that frames follow.
    pub fn opens(&self) -> bool {
        let expect = &self.handshake.expect;
        !matches!(self.ends, Ends::Refused) && (expect.is_empty() || expect.iter().any(HeadExpect::opens))
    }
}

/// Where a case was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file, relative to the suite.
    pub file: Arc<str>,
    /// The line of the case's first key, from 1.
    pub line: usize,
    /// The case's own YAML, as written (with its placeholders), the group's keys not repeated.
    pub yaml: Arc<str>,
    /// The matrix row, `name=value` each, in order; empty without a matrix.
    pub row: Vec<(String, String)>,
}

/// Octets with places that are filled when the case is played.
///
/// In text, `%{host}` is the target's host and port, `%{path}` the request target, `%{key}` the Sec-WebSocket-Key of this
/// connection, `%{accept}` the accept value that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// Octets as they are.
    Plain(Bytes),
    /// Text with at least one place to fill.
    Filled(String),
}

/// The opening handshake of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handshake {
    /// What is changed in the request that the harness sends (role server).
    pub request: HeadPatch,
    /// What is changed in the response that the harness sends (role client).
    pub response: HeadPatch,
    /// What the target's head may be, each alternative with what it earns; empty means a right handshake that opens.
    pub expect: Vec<HeadExpect>,
}

/// Changes to a right head. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeadPatch {
    /// The whole head in the author's octets, in place of all else but `chop` and `then`.
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
    /// Octets before the head.
    pub before: Option<Template>,
    /// Octets right behind the head, such as a body.
    pub body: Option<Template>,
    /// Sends written in the same write as the head.
    pub then: Vec<Send>,
    /// The head is written in pieces of this many octets.
    pub chop: Option<Chop>,
}

/// One thing that the target's head may be.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadExpect {
    /// What it must look like.
    pub kind: HeadExpectKind,
    /// What it earns.
    pub outcome: Outcome,
    /// Why it earns that, a zone such as `Z13` or a sentence.
    pub because: Option<String>,
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
    /// Exactly one line, with exactly this value.
    Equals(Template),
    /// A value that contains this text.
    Contains(String),
    /// A list that has this token, whatever its letter case.
    Token(String),
    /// One of these, exactly.
    OneOf(Vec<String>),
}

/// One step of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What is done.
    pub kind: StepKind,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Say something.
    Send(Send),
    /// Wait for something.
    Expect(Expect),
}

/// Something the harness says.
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    /// What goes out.
    pub kind: SendKind,
    /// It is written in pieces.
    pub chop: Option<Chop>,
}

/// How octets are cut into writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chop {
    /// Octets a write, at least 1.
    pub size: usize,
    /// A pause between writes.
    pub pause: Option<Duration>,
}

/// The forms of a [`Send`].
#[derive(Clone, Debug, PartialEq)]
pub enum SendKind {
    /// Frames, in one write unless chopped. A fragmented message is its frames.
    Frames(Vec<SendFrame>),
    /// Octets as they are.
    Octets(Bytes),
    /// What the last frame has kept back: all that is left of it, or the next so many octets.
    Rest(Option<usize>),
    /// Several sends joined in one write.
    Together(Vec<Send>),
    /// End our direction of the stream (FIN); reading goes on.
    HalfClose,
    /// Reset the connection (RST).
    Reset,
    /// Wait.
    Pause(Duration),
    /// Ping with fresh data, and wait until its pong has come. What comes before the pong is kept for the next `expect`.
    Fence,
}

/// One frame to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendFrame {
    /// The FIN bit.
    pub fin: bool,
    /// The reserved bits, 0 to 7: 4 is RSV1.
    pub rsv: u8,
    /// The opcode.
    pub opcode: Opcode,
    /// How it is masked.
    pub mask: Masking,
    /// The form of its length, in place of the shortest.
    pub form: Option<LengthForm>,
    /// The declared length, in place of the true one.
    pub declared: Option<u64>,
    /// Only this many octets of the encoded frame are written.
    pub truncate: Option<usize>,
    /// This many octets at its end are kept back for [`SendKind::Rest`].
    pub hold: Option<usize>,
    /// The payload before masking.
    pub payload: Bytes,
}

/// How a frame is masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Masking {
    /// As our role demands: masked with a fresh key toward a server, unmasked toward a client.
    #[default]
    ByRole,
    /// Masked, with a fresh key.
    Masked,
    /// Masked with this key.
    Key([u8; 4]),
    /// Not masked.
    Unmasked,
}

/// Something the target may answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// What must come.
    pub kind: ExpectKind,
    /// The most it may take, in place of the run's patience.
    pub within: Option<Duration>,
}

/// The forms of an [`Expect`].
#[derive(Clone, Debug, PartialEq)]
pub enum ExpectKind {
    /// One thing.
    One(Expectation),
    /// One of several, each with what it earns. Tried in order.
    OneOf(Vec<Alternative>),
    /// All of these, in any order.
    AllOf(Vec<Expectation>),
    /// Comes or does not: taken when it is the next thing heard, else left to the next step.
    Optional(Expectation),
    /// Nothing comes before the answer to a fence.
    Nothing,
}

/// An alternative of `one-of`: one or more expectations in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// What must come, in order.
    pub sequence: Vec<Expectation>,
    /// What it earns.
    pub outcome: Outcome,
    /// Why, a zone such as `Z13` or a sentence.
    pub because: Option<String>,
}

/// One thing that must come.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// A message. `text` is `None` for either kind.
    Message {
        /// Whether it must be text (true) or binary (false).
        text: Option<bool>,
        /// What it must hold.
        content: Content,
    },
    /// A Ping of the target's own.
    Ping(Content),
    /// A Pong.
    Pong(PongContent),
    /// The target's Close frame, and the closing handshake's end: RFC 6455 sections 5.5.1 and 7.1.
    Close(CloseExpect),
    /// The target fails the connection (section 7.1.7). The codes are the strict ones: another code, none, or no Close frame is
    /// lenient by zones Z1 and Z2.
    Fail(Vec<u16>),
    /// The stream ends, without a Close frame, in one of these ways; empty for any.
    Eof(Vec<EndKind>),
    /// The target answers with HTTP behind the opening handshake (a second head).
    Http(HeadExpectKind),
    /// The connection goes on: a fence is answered (false), or nothing comes for a short quiet time (true, for places inside a
    /// frame where no ping can stand).
    StillOpen {
        /// Whether a quiet time stands in for the fence.
        quiet: bool,
    },
}

/// What a message must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Anything.
    Any,
    /// These octets.
    Equals(Bytes),
    /// JSON equal to this, whatever its layout.
    Json(serde_json::Value),
    /// JSON that has at least this: objects by subset at every depth, arrays member by member in order, all else equal.
    JsonContains(serde_json::Value),
    /// Octets that contain these.
    Contains(Bytes),
}

/// What a Pong must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum PongContent {
    /// The data of the last Ping that this case sent.
    Same,
    /// This.
    Content(Content),
}

/// What the target's Close must be.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseExpect {
    /// Any Close frame that may be on the wire.
    Any,
    /// No code strict; 1000 lenient (Z6).
    Empty,
    /// The code of the Close that this case sent (or none, where it had none) strict; 1000 or none lenient (Z6).
    Same,
    /// One of these codes strict; 1000 or none lenient (Z6).
    Codes(Vec<u16>),
    /// Exactly one of these codes; nothing else will do.
    Exactly(Vec<u16>),
}

/// How a stream can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndKind {
    /// An orderly end (FIN).
    Fin,
    /// A reset (RST).
    Reset,
}

/// How a case ends when its steps have not ended the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ends {
    /// A closing handshake that the harness begins with 1000.
    #[default]
    Clean,
    /// The handshake was refused: no frame and no pong comes, the stream ends.
    Refused,
    /// The harness drops the connection; nothing more is expected.
    Dropped,
}
