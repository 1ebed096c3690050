//! Compares the decoder and the assembler with tungstenite's.

use std::io::{self, Read, Write};

use bytes::Bytes;
use tungstenite::Message;
use tungstenite::error::{Error, ProtocolError};
use tungstenite::protocol::{Role as TungsteniteRole, WebSocket, WebSocketConfig};

use super::frames::read;
use super::splits::hashed_split;
use crate::vocabulary::Role;
use crate::wire::{Assembler, DeviationKind, Incoming, Opcode};

/// The longest frame that either side reads, in bytes.
const MAX_FRAME: u32 = 1 << 16;

/// Checks that tungstenite, as a server and as a client, receives what the decoder and the assembler return up to the
/// first frame that it should reject, that it rejects that frame for one of the reasons that the decoder recorded, and
/// that it rejects no other frame.
pub fn tungstenite_messages(data: &[u8]) {
    compare(data, Role::Client, Role::Server);
    compare(data, Role::Server, Role::Client);
}

/// How the reading should end.
#[derive(Debug)]
enum End {
    /// The stream is rejected for one of these reasons.
    Rejected(Vec<DeviationKind>),
    /// A frame exceeds the bound.
    TooLong,
    /// An opcode that is rejected before the payload has arrived.
    ReservedOpcode,
    /// The bytes end after a Close.
    Closed,
    /// The bytes end without a Close.
    Truncated,
}

fn compare(data: &[u8], sender: Role, role: Role) {
    let pieces = hashed_split(data);
    let (expected, end) = expected(&pieces, sender, role);
    let (received, error) = receive(&pieces, role);
    assert_eq!(received, expected, "as {role:?}, then {error:?}; expected end {end:?}");
    let as_expected = match &end {
        End::Rejected(kinds) => kinds.iter().any(|kind| rejects_for(kind, &error)),
        End::TooLong => matches!(error, Error::Capacity(_)),
        End::ReservedOpcode => matches!(error, Error::Protocol(ProtocolError::InvalidOpcode(_))),
        End::Closed => matches!(error, Error::ConnectionClosed),
        End::Truncated => matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)),
    };
    assert!(as_expected, "as {role:?} {error:?}; expected end {end:?}");
}

/// What tungstenite should receive according to the decoder's reading of the same bytes.
fn expected(pieces: &[&[u8]], sender: Role, role: Role) -> (Vec<Incoming>, End) {
    let reading = read(sender, MAX_FRAME.into(), pieces);
    let mut assembler = Assembler::new();
    let mut expected = Vec::new();
    let mut closed = false;
    for frame in &reading.frames {
        // Known difference: as a server tungstenite reads nothing after a Close, and so rejects nothing there.
        if closed && role == Role::Server {
            return (expected, End::Closed);
        }
        let kinds = frame.deviations.iter().map(|found| found.kind.clone());
        let rejected: Vec<_> = kinds.filter(is_rejected).collect();
        if !rejected.is_empty() {
            return (expected, End::Rejected(rejected));
        }
        closed |= frame.head.opcode == Opcode::CLOSE;
        expected.extend(assembler.push(frame).map(as_reported_by_tungstenite));
    }
    let reserved = reading.pending_head.is_some_and(|head| head.opcode.is_reserved());
    let end = match reading.overflow {
        _ if closed && role == Role::Server => End::Closed,
        // Known difference: it rejects a reserved opcode when the frame header has arrived; the decoder reports it with
        // the complete frame.
        _ if reserved => End::ReservedOpcode,
        Some(_) => End::TooLong,
        None if closed => End::Closed,
        None => End::Truncated,
    };
    (expected, end)
}

/// Whether tungstenite should reject a frame with this deviation.
fn is_rejected(kind: &DeviationKind) -> bool {
    match kind {
        // Known difference: it accepts a length in any form.
        DeviationKind::LengthNotMinimal => false,
        // Known difference: it reports 1002 to the application in place of a code that may not be sent, see
        // `as_reported_by_tungstenite`.
        DeviationKind::CloseCode(_) => false,
        _ => true,
    }
}

/// Whether tungstenite rejects this deviation with this error.
fn rejects_for(kind: &DeviationKind, error: &Error) -> bool {
    use DeviationKind as Kind;
    use ProtocolError as Reason;
    match (kind, error) {
        (Kind::TextNotUtf8 | Kind::CloseReasonNotUtf8, Error::Utf8(_)) => true,
        (Kind::LengthTopBit, Error::Capacity(_)) => true,
        (kind, Error::Protocol(error)) => match kind {
            Kind::ReservedBits(_) => *error == Reason::NonZeroReservedBits,
            Kind::ReservedOpcode(opcode) => *error == Reason::InvalidOpcode(*opcode),
            Kind::Unmasked => *error == Reason::UnmaskedFrameFromClient,
            Kind::Masked => *error == Reason::MaskedFrameFromServer,
            Kind::ControlTooLong(_) => *error == Reason::ControlFrameTooBig,
            Kind::ControlFragmented => *error == Reason::FragmentedControlFrame,
            Kind::ContinuationWithoutStart => *error == Reason::UnexpectedContinueFrame,
            Kind::MessageInsideMessage => matches!(error, Reason::ExpectedFragment(_)),
            Kind::CloseBodyOfOneByte => *error == Reason::InvalidCloseSequence,
            Kind::FrameAfterClose => *error == Reason::ReceivedAfterClosing,
            _ => false,
        },
        _ => false,
    }
}

/// What tungstenite reports to its application for an event of the assembler.
fn as_reported_by_tungstenite(incoming: Incoming) -> Incoming {
    match incoming {
        Incoming::Close(mut body) => {
            // Known difference: 1014 was registered after the RFC, and tungstenite treats it as a code that may not be
            // sent.
            let not_accepted = |&code: &u16| code == 1014 || !crate::wire::close::may_be_sent(code);
            if body.code.as_ref().is_some_and(not_accepted) {
                body.code = Some(1002);
                body.reason = Bytes::from_static(b"Protocol violation");
            }
            Incoming::Close(body)
        }
        other => other,
    }
}

/// Everything that tungstenite receives from the pieces, and the error that ends it.
fn receive(pieces: &[&[u8]], role: Role) -> (Vec<Incoming>, Error) {
    let limits = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(None)
        .max_frame_size(Some(MAX_FRAME as usize));
    let stream = Stream { pieces: pieces.iter().copied().filter(|piece| !piece.is_empty()).collect() };
    let mut socket = WebSocket::from_raw_socket(stream, tungstenite_role(role), Some(limits));
    let mut received = Vec::new();
    loop {
        match socket.read() {
            Ok(message) => received.push(incoming(message)),
            Err(error) => return (received, error),
        }
    }
}

fn incoming(message: Message) -> Incoming {
    match message {
        Message::Text(text) => Incoming::Text(text.into()),
        Message::Binary(bytes) => Incoming::Binary(bytes),
        Message::Ping(bytes) => Incoming::Ping(bytes),
        Message::Pong(bytes) => Incoming::Pong(bytes),
        Message::Close(None) => Incoming::Close(Default::default()),
        Message::Close(Some(frame)) => Incoming::Close(crate::wire::close::CloseBody {
            code: Some(frame.code.into()),
            reason: frame.reason.into(),
        }),
        Message::Frame(frame) => panic!("{frame} is not a message"),
    }
}

/// A stream that provides these pieces for reading and discards everything that is written.
struct Stream<'a> {
    pieces: std::collections::VecDeque<&'a [u8]>,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.pieces.pop_front() else {
            return Ok(0);
        };
        let (now, later) = piece.split_at(piece.len().min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        if !later.is_empty() {
            self.pieces.push_front(later);
        }
        Ok(now.len())
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const fn tungstenite_role(role: Role) -> TungsteniteRole {
    match role {
        Role::Server => TungsteniteRole::Server,
        Role::Client => TungsteniteRole::Client,
    }
}
