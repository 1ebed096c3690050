//! How what happened departs from what was expected, without an opinion: the policy of the judge says what it earns.

use super::facts::{Actual, Expected};
use super::session::Received;
use crate::vocabulary::{Because, Outcome, StreamEnd};

/// How what happened departs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Departure {
    /// An alternative of the case, to which the case itself gives an outcome.
    Alternative {
        /// The outcome that the case gives.
        outcome: Outcome,
        /// The reason that the case gives.
        because: Option<Because>,
    },
    /// The connection failed without a Close frame.
    NoCloseFrame,
    /// The connection failed with a Close frame without a code.
    NoCode,
    /// The connection failed with another code, which may be sent.
    OtherCode {
        /// The codes that were expected.
        expected: Vec<u16>,
        /// The code that came.
        actual: u16,
    },
    /// A Close frame answered ours with 1000 or without a code, in place of the code that was expected.
    NormalCode,
    /// The closing handshake that the harness began was answered with another code, which may be sent.
    OtherClosingCode(u16),
    /// A client that failed the connection sent its Close frame and left the end of the stream to a timer of its own.
    EndLeftToTimer,
    /// The stream ended a good while after the closing handshake.
    LateEnd,
    /// A message met a limit of the target, which refused it.
    LimitMet,
    /// The target accepted everything that was sent while nothing was read.
    AcceptsUnread,
    /// The closing handshake was complete, and the stream ended without TLS's closure alert.
    TlsTruncated,
    /// A client that refused the response sent another request on the connection.
    AnotherRequest,
    /// A client that refused the response left it to the server to end the stream.
    EndLeftToServer,
    /// A client that refused the response sent a Close frame, and ended the stream.
    CloseFrameUnopened,
    /// The connection opened without permessage-deflate as the case needs it.
    NoDeflate,
    /// The client did not connect, as expected, and its program did not end.
    ProgramContinues,

    /// Nothing came in time.
    Silence,
    /// A message or Pong came that was not the expected one, and then nothing in time.
    AnotherOne,
    /// A message came.
    AnotherMessage,
    /// The target's Close frame came, and the stream stayed open.
    StreamLeftOpen,
    /// The stream ended without a Close frame.
    NoClosingHandshake,
    /// A Close frame came, and the end of the stream.
    Closed,
    /// The stream was reset after the closing handshake.
    Reset,
    /// The client ended the stream before the server did.
    EndedFirst,
    /// The connection continued.
    Continued,
    /// The opening handshake was not the expected one.
    Handshake,
    /// The client's TLS handshake named no server.
    NoServerName,
    /// The client did not refuse the TLS handshake.
    TlsAccepted,
    /// Anything else.
    Other,
}

impl Departure {
    /// Whether what was expected happened, in another form: the case continues after it.
    pub const fn is_variation(&self) -> bool {
        matches!(
            self,
            Self::Alternative { .. }
                | Self::NoCloseFrame
                | Self::NoCode
                | Self::OtherCode { .. }
                | Self::NormalCode
                | Self::OtherClosingCode(_)
                | Self::EndLeftToTimer
                | Self::LateEnd
                | Self::LimitMet
                | Self::AcceptsUnread
                | Self::TlsTruncated
                | Self::AnotherRequest
                | Self::EndLeftToServer
                | Self::CloseFrameUnopened
                | Self::NoDeflate
                | Self::ProgramContinues
        )
    }

    /// How something departs that is not what was expected in any form.
    pub(super) fn of(expected: &Expected, actual: &Actual) -> Self {
        match (expected, actual) {
            (Expected::ServerName, _) => Self::NoServerName,
            (Expected::TlsRefusal, _) => Self::TlsAccepted,
            (_, Actual::Silence(_)) => Self::Silence,
            (_, Actual::OtherPong(..) | Actual::OtherMessage(..)) => Self::AnotherOne,
            (Expected::CleanFin, Actual::Received(Received::Closed(Some(_), Some(StreamEnd::Reset)))) => Self::Reset,
            (Expected::HeldOpen, Actual::Received(Received::Closed(Some(_), Some(_)))) => Self::EndedFirst,
            (Expected::Head(_), _) => Self::Handshake,
            (_, Actual::Received(received)) => match received {
                Received::Message(_) => Self::AnotherMessage,
                Received::Closed(Some(_), None) => Self::StreamLeftOpen,
                Received::Closed(Some(_), Some(_)) => Self::Closed,
                Received::Closed(None, _) => Self::NoClosingHandshake,
                Received::BarrierAnswered => Self::Continued,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}
