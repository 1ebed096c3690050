//! The conversation after the handshake: what is sent, what is expected, how it ends.

use std::time::Duration;

use bytes::Bytes;

use super::handshake::HeadExpectKind;
use super::messages::{Compressed, Series};
use crate::vocabulary::{Because, Outcome, StreamEnd};
use crate::wire::{FrameSpec, LengthForm, Opcode};

/// One step of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its action.
    pub kind: StepKind,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Send something.
    Send(Send),
    /// Wait for something.
    Expect(Expect),
    /// Send messages and expect each to come back, one after the other.
    Series(Series),
}

/// Something that the harness sends.
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    /// What is sent.
    pub kind: SendKind,
    /// It is written in pieces.
    pub split: Option<WriteSplit>,
}

/// How bytes are split into writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteSplit {
    /// The size of each write in bytes, at least 1.
    pub size: usize,
    /// A pause between writes.
    pub pause: Option<Duration>,
}

/// The forms of a [`Send`].
#[derive(Clone, Debug, PartialEq)]
pub enum SendKind {
    /// Frames, in one write unless it is split. A fragmented message is its frames.
    Frames(Vec<SendFrame>),
    /// A message, compressed as negotiated, in one write unless it is split.
    Compressed(Compressed),
    /// Bytes as they are.
    Bytes(Bytes),
    /// Bytes that the last frame has kept back: all of them, or this number.
    Rest(Option<usize>),
    /// Several sends joined in one write.
    Together(Vec<Send>),
    /// A message that is never finished: all its fragments have FIN clear. As much of it is sent as the scale allows.
    Unfinished(Box<Series>),
    /// End the direction of the harness (FIN). Reading continues.
    HalfClose,
    /// Under TLS, send the closure alert only. TCP stays open.
    CloseNotify,
    /// Under TLS, end the direction of the harness without the closure alert: a truncation. Without TLS like `HalfClose`.
    TlsTruncate,
    /// Reset the connection (RST).
    Reset,
    /// Wait.
    Pause(Duration),
    /// Send a ping with fresh data and wait for its pong. What arrives before the pong is kept for the next `expect`.
    Barrier,
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
    /// The declared length, in place of the actual one.
    pub declared: Option<u64>,
    /// Only this many bytes of the encoded frame are written.
    pub truncate: Option<usize>,
    /// This many bytes at its end are kept back for [`SendKind::Rest`].
    pub hold: Option<usize>,
    /// The payload before masking.
    pub payload: Bytes,
}

impl SendFrame {
    /// A valid, final frame, masked as the role of the harness requires.
    pub fn plain(opcode: Opcode, payload: Bytes) -> Self {
        Self {
            fin: true,
            rsv: 0,
            opcode,
            mask: Masking::ByRole,
            form: None,
            declared: None,
            truncate: None,
            hold: None,
            payload,
        }
    }

    /// The frame with this masking key. The writer applies `truncate` and `hold`.
    pub fn spec(&self, mask: Option<[u8; 4]>) -> FrameSpec {
        FrameSpec {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            mask,
            form: self.form,
            declared: self.declared,
            payload: self.payload.clone(),
        }
    }
}

/// How a frame is masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Masking {
    /// As the role of the harness requires: masked with a fresh key to a server, unmasked to a client.
    #[default]
    ByRole,
    /// Masked, with a fresh key.
    Masked,
    /// Masked with this key.
    Key([u8; 4]),
    /// Not masked.
    Unmasked,
}

/// Something that is expected of the target.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// What must come.
    pub kind: ExpectKind,
    /// The time limit, in place of the timeout of the run.
    pub within: Option<Duration>,
}

/// The forms of an [`Expect`].
#[derive(Clone, Debug, PartialEq)]
pub enum ExpectKind {
    /// One thing.
    One(Expectation),
    /// One of several, each with its outcome. They are tried in order.
    OneOf(Vec<Alternative>),
    /// All of these, in any order.
    AllOf(Vec<Expectation>),
    /// May arrive or not: consumed if it arrives next, otherwise skipped.
    Optional(Expectation),
    /// Nothing arrives before the answer to a barrier.
    Nothing,
}

impl ExpectKind {
    /// All expectations in it, in order.
    pub fn expectations(&self) -> Vec<&Expectation> {
        match self {
            Self::One(one) | Self::Optional(one) => vec![one],
            Self::OneOf(alternatives) => alternatives.iter().flat_map(|one| &one.sequence).collect(),
            Self::AllOf(all) => all.iter().collect(),
            Self::Nothing => Vec::new(),
        }
    }
}

/// An alternative of `one-of`: one or more expectations in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    /// What must come, in order.
    pub sequence: Vec<Expectation>,
    /// Its outcome.
    pub outcome: Outcome,
    /// The reason for the outcome.
    pub because: Option<Because>,
}

/// One thing that must come.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// A message. `text` is `None` for either kind.
    Message {
        /// Whether it must be text (true) or binary (false).
        text: Option<bool>,
        /// What it must contain.
        content: Content,
    },
    /// A ping that the target sends.
    Ping(Content),
    /// A Pong.
    Pong(PongContent),
    /// The Close frame of the target, and the end of the closing handshake: RFC 6455 sections 5.5.1 and 7.1.
    Close(CloseExpect),
    /// The target fails the connection (section 7.1.7). The codes are the strict ones: another code, none, or no Close frame is
    /// lenient by zones Z1 and Z2.
    Fail(Vec<u16>),
    /// The stream ends, without a Close frame, in one of these ways; empty for any.
    Eof(Vec<StreamEnd>),
    /// The target answers with HTTP after the opening handshake (a second head).
    Http(HeadExpectKind),
    /// The connection stays open: a barrier is answered (false), or nothing arrives for a short quiet time (true, for places inside
    /// a frame, where a ping is not possible).
    StillOpen {
        /// Whether a quiet time replaces the barrier.
        quiet: bool,
    },
}

/// What a message must contain.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Anything.
    Any,
    /// These bytes.
    Equals(Bytes),
    /// JSON equal to this, in any layout.
    Json(serde_json::Value),
    /// JSON that contains at least this: objects may have more members at every depth; arrays are compared item by item.
    JsonContains(serde_json::Value),
    /// Bytes that contain these.
    Contains(Bytes),
}

/// What a pong must contain.
#[derive(Clone, Debug, PartialEq)]
pub enum PongContent {
    /// The data of the last Ping that this case sent.
    Same,
    /// This.
    Content(Content),
}

/// What the Close frame of the target must be.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseExpect {
    /// Any valid Close frame.
    Any,
    /// No code strict; 1000 lenient (Z6).
    Empty,
    /// The code of the Close that this case sent (or none, where it had none) strict; 1000 or none lenient (Z6).
    Same,
    /// One of these codes strict; 1000 or none lenient (Z6).
    Codes(Vec<u16>),
    /// Exactly one of these codes. Anything else fails.
    Exactly(Vec<u16>),
}

/// How a case ends if its steps have not ended the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Ends {
    /// A closing handshake that the harness starts with 1000.
    #[default]
    Clean,
    /// Like `Clean`, and the stream ends with FIN, not with a reset.
    Fin,
    /// Like `Clean`, and the client waits for the harness to end TCP (role client).
    ServerClosesTcp,
    /// Like `Clean`, and under TLS the closure alert of the target comes before the end of its stream.
    CloseNotify,
    /// The handshake was refused: no frame arrives, and the stream ends.
    Refused,
    /// The harness drops the connection. Nothing more is expected.
    Dropped,
}
