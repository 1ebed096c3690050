//! The conversation behind the handshake: what is said, what is awaited, how it ends.

use std::time::Duration;

use bytes::Bytes;

use super::handshake::HeadExpectKind;
use super::messages::{Compressed, Series};
use crate::vocabulary::{Because, Outcome, StreamEnd};
use crate::wire::{FrameSpec, LengthForm, Opcode};

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
    /// Send messages and take them back, one after the other.
    Series(Series),
}

/// Something the harness says.
#[derive(Clone, Debug, PartialEq)]
pub struct Send {
    /// What goes out.
    pub kind: SendKind,
    /// It is written in pieces.
    pub split: Option<WriteSplit>,
}

/// How bytes are cut into writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteSplit {
    /// Bytes a write, at least 1.
    pub size: usize,
    /// A pause between writes.
    pub pause: Option<Duration>,
}

/// The forms of a [`Send`].
#[derive(Clone, Debug, PartialEq)]
pub enum SendKind {
    /// Frames, in one write unless it is split. A fragmented message is its frames.
    Frames(Vec<SendFrame>),
    /// A message, compressed as the connection agreed, in one write unless it is split.
    Compressed(Compressed),
    /// Bytes as they are.
    Bytes(Bytes),
    /// What the last frame has kept back: all that is left of it, or the next so many bytes.
    Rest(Option<usize>),
    /// Several sends joined in one write.
    Together(Vec<Send>),
    /// A message that is never finished: all its fragments have FIN clear. As much of it is sent as the scale allows.
    Unfinished(Box<Series>),
    /// End our direction of the stream (FIN); reading goes on.
    HalfClose,
    /// Under TLS, its closure alert alone; the stream below stays open.
    CloseNotify,
    /// Under TLS, the end of our direction without the closure alert: a truncation. Without TLS like `HalfClose`.
    TlsTruncate,
    /// Reset the connection (RST).
    Reset,
    /// Wait.
    Pause(Duration),
    /// Ping with fresh data, and wait until its pong has come. What comes before the pong is kept for the next `expect`.
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
    /// The declared length, in place of the true one.
    pub declared: Option<u64>,
    /// Only this many bytes of the encoded frame are written.
    pub truncate: Option<usize>,
    /// This many bytes at its end are kept back for [`SendKind::Rest`].
    pub hold: Option<usize>,
    /// The payload before masking.
    pub payload: Bytes,
}

impl SendFrame {
    /// A right, final frame, masked as our role demands.
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

    /// The frame as it is written with this masking key; `truncate` and `hold` are the writer's.
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
    /// The most it may take, in place of the run's timeout.
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
    /// Nothing comes before the answer to a barrier.
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
    /// What it earns.
    pub outcome: Outcome,
    /// Why.
    pub because: Option<Because>,
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
    Eof(Vec<StreamEnd>),
    /// The target answers with HTTP behind the opening handshake (a second head).
    Http(HeadExpectKind),
    /// The connection goes on: a barrier is answered (false), or nothing comes for a short quiet time (true, for places inside a
    /// frame where no ping can stand).
    StillOpen {
        /// Whether a quiet time stands in for the barrier.
        quiet: bool,
    },
}

/// What a message must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Anything.
    Any,
    /// These bytes.
    Equals(Bytes),
    /// JSON equal to this, whatever its layout.
    Json(serde_json::Value),
    /// JSON that has at least this: objects by subset at every depth, arrays member by member in order, all else equal.
    JsonContains(serde_json::Value),
    /// Bytes that contain these.
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

/// How a case ends when its steps have not ended the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Ends {
    /// A closing handshake that the harness begins with 1000.
    #[default]
    Clean,
    /// As clean, and the stream ends with FIN, not with a reset.
    Fin,
    /// As clean, and the client leaves it to the harness to end TCP (role client).
    ServerClosesTcp,
    /// As clean, and under TLS the target's closure alert comes before the end of its stream.
    CloseNotify,
    /// The handshake was refused: no frame and no pong comes, the stream ends.
    Refused,
    /// The harness drops the connection; nothing more is expected.
    Dropped,
}
