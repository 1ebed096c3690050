//! What a play found out, step by step, without an opinion: the judge words it.

use std::time::Duration;

use super::session::{Message, Received};
use super::transcript::Transcript;
use crate::case::{Case, ExpectKind, HeadExpect, HeadExpectKind, Series};
use crate::vocabulary::{Outcome, Phase};

/// One fact.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Where in the case.
    pub by: Phase,
    /// What was found.
    pub kind: FactKind,
    /// When, from the case's start.
    pub at: Duration,
    /// The transcript's event that shows it.
    pub event: Option<usize>,
}

/// What was found.
#[derive(Clone, Debug)]
pub enum FactKind {
    /// An expectation was met in a way that earns less than a pass.
    Departed {
        /// What it earns.
        outcome: Outcome,
        /// A zone or a sentence.
        because: String,
        /// What came.
        actual: Actual,
    },
    /// An expectation was not met.
    Failed {
        /// What was expected.
        expected: Expected,
        /// What came in its place.
        actual: Actual,
    },
    /// The environment failed: no connection, no process.
    Environment(String),
    /// The environment has not what the case needs, in a sentence.
    Unsupported(String),
}

/// What was expected.
#[derive(Clone, Debug)]
pub enum Expected {
    /// An expectation of the case.
    Step(Box<ExpectKind>),
    /// Every message of a series back.
    Series(Box<Series>),
    /// One of these heads; empty for a right one.
    Head(Vec<HeadExpect>),
    /// The clean closing handshake at the end.
    CleanClose,
    /// The same, and an end of the stream with FIN.
    CleanFin,
    /// The same, and the client leaves the end of TCP to the server.
    HeldOpen,
    /// A refused handshake: no frame, and the end.
    Refusal,
    /// A refused TLS handshake: no request.
    TlsRefusal,
    /// The host's name in a client's TLS handshake.
    ServerName,
}

/// What came.
#[derive(Clone, Debug)]
pub enum Actual {
    /// Something heard from the target.
    Received(Received),
    /// A handshake head; its status or request line.
    Head(String),
    /// What came of a TLS handshake, in a sentence.
    Tls(String),
    /// A field of a head that does not fit, in a sentence.
    Field(String),
    /// Nothing, for so long.
    Silence(Duration),
    /// A Pong came, though not the one expected; then nothing for so long.
    OtherPong(bytes::Bytes, Duration),
    /// A message came, though not one expected, from a target that speaks unasked; then nothing for so long.
    OtherMessage(Message, Duration),
    /// A head over the reader's bound.
    HeadTooLong(usize),
    /// Bytes that start no head.
    NoHead(String),
    /// The target did something, in words behind its name.
    Did(String),
    /// No connection of a client, in a sentence.
    NoCall(String),
}

/// One case, played.
#[derive(Clone, Debug)]
pub struct PlayResult {
    /// All that went over the wire.
    pub transcript: Transcript,
    /// What was found, in order. A broken or environmental fact is the last.
    pub facts: Vec<Fact>,
    /// Whether a wait ran out, so that a slow machine might be to blame.
    pub timed_out: bool,
    /// Whether the connection opened.
    pub opened: bool,
    /// Whether the target ended the connection in a way that a sound target would not (a reset, or an end in mid case).
    pub abnormal: bool,
    /// Whether the target ended an open connection without a Close frame, as it does when it dies.
    pub broke_off: bool,
    /// Connections that stood open beside it.
    pub idle_connections: usize,
}

impl PlayResult {
    /// A case that could not be played, because the environment failed.
    pub fn environment(message: String) -> Self {
        Self::unplayed(Phase::Connection, Some(FactKind::Environment(message)))
    }

    /// A case that could not be played, because the environment has not what it needs.
    pub fn unsupported(message: String) -> Self {
        Self::unplayed(Phase::Connection, Some(FactKind::Unsupported(message)))
    }

    /// A case of which nothing went over the wire.
    pub(super) fn unplayed(by: Phase, kind: Option<FactKind>) -> Self {
        let transcript = Transcript::new();
        let at = transcript.now();
        Self {
            transcript,
            facts: kind.map(|kind| Fact { by, kind, at, event: None }).into_iter().collect(),
            timed_out: false,
            opened: false,
            abnormal: false,
            broke_off: false,
            idle_connections: 0,
        }
    }
}

/// A case with a URL of its own, whose client has ended without a request; `why` tells how.
///
/// `slow` says that it did not end either, and was not waited for any longer.
pub fn play_without_call(case: &Case, why: String, slow: bool) -> PlayResult {
    let actual = Actual::NoCall(why);
    let expect = &case.handshake.expect;
    let kind = match expect.iter().find(|one| matches!(one.kind, HeadExpectKind::End)) {
        Some(_) if slow => {
            let because = "the client does not call, and its program goes on all the same".to_owned();
            Some(FactKind::Departed { outcome: Outcome::Lenient, because, actual })
        }
        Some(one) if one.outcome == Outcome::Pass => None,
        Some(one) => {
            Some(FactKind::Departed { outcome: one.outcome, because: one.because.clone().unwrap_or_default(), actual })
        }
        None => Some(FactKind::Failed { expected: Expected::Head(expect.clone()), actual }),
    };
    PlayResult { timed_out: slow, ..PlayResult::unplayed(Phase::Handshake, kind) }
}
