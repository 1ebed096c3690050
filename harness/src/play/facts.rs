//! What a play found, step by step, without an opinion: the judge says what it earns.

use std::time::Duration;

use super::departure::Departure;
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
    /// What happened departs from what was expected.
    Departed {
        /// What was expected.
        expected: Expected,
        /// How it departs.
        departure: Departure,
        /// What happened.
        actual: Actual,
    },
    /// The environment failed: no connection, no process.
    Environment(String),
    /// The environment lacks something that the case needs, in a sentence.
    Unsupported(String),
}

impl FactKind {
    /// Something happened that is not what was expected in any form.
    pub(super) fn unmet(expected: Expected, actual: Actual) -> Self {
        Self::Departed { departure: Departure::of(&expected, &actual), expected, actual }
    }

    /// Whether what was expected happened, in another form, so that the case continues.
    pub fn is_variation(&self) -> bool {
        matches!(self, Self::Departed { departure, .. } if departure.is_variation())
    }
}

/// What was expected.
#[derive(Clone, Debug)]
pub enum Expected {
    /// An expectation of the case.
    Step(Box<ExpectKind>),
    /// Every message of a series back.
    Series(Box<Series>),
    /// One of these heads; empty for a valid one that opens the connection.
    Head(Vec<HeadExpect>),
    /// The client does not connect.
    NoHead,
    /// permessage-deflate is agreed as the case needs it.
    Deflate,
    /// The clean closing handshake at the end.
    CleanClose,
    /// The same, and an end of the stream with FIN.
    CleanFin,
    /// The same, and TLS's closure alert.
    CloseNotify,
    /// The same, and the client leaves the end of TCP to the server.
    HeldOpen,
    /// The end of the stream at once after the closing handshake.
    StreamEnd,
    /// A refused handshake: no frame, and the end.
    Refusal,
    /// A refused TLS handshake: no request.
    TlsRefusal,
    /// The host's name in a client's TLS handshake.
    ServerName,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Actual {
    /// Something received from the target.
    Received(Received),
    /// A handshake head, by its status or request line.
    Head(String),
    /// The result of a TLS handshake, in words.
    Tls(String),
    /// A part of a head that is not the expected one, in words.
    Field(String),
    /// The end of the stream, so long after the closing handshake.
    LateEnd(Duration),
    /// Nothing, for so long.
    Silence(Duration),
    /// A Pong came, though not the one expected; then nothing for so long.
    OtherPong(bytes::Bytes, Duration),
    /// A message came, though not the expected one, from a target that sends messages of its own; then nothing for so long.
    OtherMessage(Message, Duration),
    /// A head over the reader's bound.
    HeadTooLong(usize),
    /// Bytes that start no head.
    NoHead(String),
    /// The target accepted so many bytes while nothing of its echo was read.
    SentUnread(u64),
    /// No connection of a client, in words.
    NoCall(String),
}

/// One case, played.
#[derive(Clone, Debug)]
pub struct PlayResult {
    /// All that went over the wire.
    pub transcript: Transcript,
    /// What was found, in order. A fact after which the case cannot continue is the last.
    pub facts: Vec<Fact>,
    /// Whether a wait ran out, so that a slow machine might be to blame.
    pub timed_out: bool,
    /// Whether the connection opened.
    pub opened: bool,
    /// Whether the target ended the connection in a way that a conforming target would not: a reset, or an end in the middle of the
    /// case.
    pub abnormal: bool,
    /// Whether the target ended an open connection without a Close frame, as it does when it dies.
    pub broke_off: bool,
    /// Idle connections that were open at the same time.
    pub idle_connections: usize,
}

impl PlayResult {
    /// A case that could not be played, because the environment failed.
    pub fn environment(message: String) -> Self {
        Self::unplayed(Phase::Connection, Some(FactKind::Environment(message)))
    }

    /// A case that could not be played, because the environment lacks something that it needs.
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

/// A case with a URL of its own, whose client did not connect; `why` says how it ended.
///
/// `slow` says that it did not end in time.
pub fn play_without_call(case: &Case, why: String, slow: bool) -> PlayResult {
    let actual = Actual::NoCall(why);
    let expect = &case.handshake.expect;
    let kind = match expect.iter().find(|one| matches!(one.kind, HeadExpectKind::End)) {
        Some(_) if slow => {
            Some(FactKind::Departed { expected: Expected::NoHead, departure: Departure::ProgramContinues, actual })
        }
        Some(one) if one.outcome == Outcome::Pass => None,
        Some(one) => {
            let departure = Departure::Alternative { outcome: one.outcome, because: one.because.clone() };
            Some(FactKind::Departed { expected: Expected::Head(expect.clone()), departure, actual })
        }
        None => Some(FactKind::unmet(Expected::Head(expect.clone()), actual)),
    };
    PlayResult { timed_out: slow, ..PlayResult::unplayed(Phase::Handshake, kind) }
}
