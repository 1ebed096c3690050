//! Compares the decoder and the assembler with tungstenite's.

use std::io::{self, Read, Write};

use bytes::Bytes;
use tungstenite::Message;
use tungstenite::error::{Error, ProtocolError};
use tungstenite::protocol::{Role as TungsteniteRole, WebSocket, WebSocketConfig};

use super::frames::read;
use super::splits::drawn;
use crate::vocabulary::Role;
use crate::wire::{Assembler, DeviationKind, Incoming, Opcode};

/// The longest frame that either side reads, in bytes.
const MAX_FRAME: u32 = 1 << 16;

/// Checks that tungstenite, as a server and as a client, receives what ours receives up to the first frame that it
/// should reject, that it rejects that frame for one of the reasons that ours recorded, and that it rejects no other
/// frame.
pub fn tungstenite_messages(data: &[u8]) {
    compare(data, Role::Client, Role::Server);
    compare(data, Role::Server, Role::Client);
}

/// How the reading should end.
#[derive(Debug)]
enum End {
    /// The stream is rejected for one of these reasons.
    Refused(Vec<DeviationKind>),
    /// A frame exceeds the bound.
    TooLong,
    /// An opcode that is rejected before the payload has arrived.
    ReservedOpcode,
    /// The bytes end after a Close.
    Closed,
    /// The bytes end without a Close.
    Cut,
}

fn compare(data: &[u8], sender: Role, role: Role) {
    let pieces = drawn(data);
    let (expected, end) = expected(&pieces, sender, role);
    let (received_item, error) = received_item(&pieces, role);
    assert_eq!(received_item, expected, "as {role:?}, then {error:?}; we {end:?}");
    let fits = match &end {
        End::Refused(kinds) => kinds.iter().any(|kind| refuses(kind, &error)),
        End::TooLong => matches!(error, Error::Capacity(_)),
        End::ReservedOpcode => matches!(error, Error::Protocol(ProtocolError::InvalidOpcode(_))),
        End::Closed => matches!(error, Error::ConnectionClosed),
        End::Cut => matches!(error, Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)),
    };
    assert!(fits, "as {role:?} {error:?}; we {end:?}");
}

/// What tungstenite should receive according to our reading of the same bytes.
fn expected(pieces: &[&[u8]], sender: Role, role: Role) -> (Vec<Incoming>, End) {
    let reading = read(sender, MAX_FRAME.into(), pieces);
    let mut assembler = Assembler::new();
    let mut expected = Vec::new();
    let mut closed = false;
    for frame in &reading.frames {
        // Known difference: as a server it reads nothing after a Close, and so rejects nothing there.
        if closed && role == Role::Server {
            return (expected, End::Closed);
        }
        let kinds = frame.deviations.iter().map(|found| found.kind.clone());
        let refused: Vec<_> = kinds.filter(is_refused).collect();
        if !refused.is_empty() {
            return (expected, End::Refused(refused));
        }
        closed |= frame.head.opcode == Opcode::CLOSE;
        expected.extend(assembler.push(frame).map(as_tungstenite));
    }
    let reserved = reading.pending_head.is_some_and(|head| head.opcode.is_reserved());
    let end = match reading.overflow {
        _ if closed && role == Role::Server => End::Closed,
        // Known difference: it rejects a reserved opcode when the frame header has arrived; we report it with the
        // complete frame.
        _ if reserved => End::ReservedOpcode,
        Some(_) => End::TooLong,
        None if closed => End::Closed,
        None => End::Cut,
    };
    (expected, end)
}

/// Whether tungstenite should reject a frame with this deviation.
fn is_refused(kind: &DeviationKind) -> bool {
    match kind {
        // Known difference: it accepts a length in any form.
        DeviationKind::LengthNotMinimal => false,
        // Known difference: it reports 1002 to the application in place of a code that may not be sent, see
        // `as_tungstenite`.
        DeviationKind::CloseCode(_) => false,
        _ => true,
    }
}

/// Whether tungstenite rejects this deviation with this error.
fn refuses(kind: &DeviationKind, error: &Error) -> bool {
    use DeviationKind as Kind;
    use ProtocolError as Theirs;
    match (kind, error) {
        (Kind::TextNotUtf8 | Kind::CloseReasonNotUtf8, Error::Utf8(_)) => true,
        (Kind::LengthTopBit, Error::Capacity(_)) => true,
        (kind, Error::Protocol(error)) => match kind {
            Kind::ReservedBits(_) => *error == Theirs::NonZeroReservedBits,
            Kind::ReservedOpcode(opcode) => *error == Theirs::InvalidOpcode(*opcode),
            Kind::Unmasked => *error == Theirs::UnmaskedFrameFromClient,
            Kind::Masked => *error == Theirs::MaskedFrameFromServer,
            Kind::ControlTooLong(_) => *error == Theirs::ControlFrameTooBig,
            Kind::ControlFragmented => *error == Theirs::FragmentedControlFrame,
            Kind::ContinuationWithoutStart => *error == Theirs::UnexpectedContinueFrame,
            Kind::MessageInsideMessage => matches!(error, Theirs::ExpectedFragment(_)),
            Kind::CloseBodyOfOneByte => *error == Theirs::InvalidCloseSequence,
            Kind::FrameAfterClose => *error == Theirs::ReceivedAfterClosing,
            _ => false,
        },
        _ => false,
    }
}

/// What tungstenite reports to its application for an event that we received.
fn as_tungstenite(incoming: Incoming) -> Incoming {
    match incoming {
        Incoming::Close(mut body) => {
            // Known difference: 1014 was registered after the RFC, and tungstenite treats it as a code that may not be
            // sent.
            let unknown = |&code: &u16| code == 1014 || !crate::wire::close::may_be_sent(code);
            if body.code.as_ref().is_some_and(unknown) {
                body.code = Some(1002);
                body.reason = Bytes::from_static(b"Protocol violation");
            }
            Incoming::Close(body)
        }
        other => other,
    }
}

/// Everything that tungstenite receives from the pieces, and the error that ends it.
fn received_item(pieces: &[&[u8]], role: Role) -> (Vec<Incoming>, Error) {
    let limits = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(None)
        .max_frame_size(Some(MAX_FRAME as usize));
    let stream = Stream { pieces: pieces.iter().copied().filter(|piece| !piece.is_empty()).collect() };
    let mut socket = WebSocket::from_raw_socket(stream, of_tungstenite(role), Some(limits));
    let mut received_item = Vec::new();
    loop {
        match socket.read() {
            Ok(message) => received_item.push(incoming(message)),
            Err(error) => return (received_item, error),
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

const fn of_tungstenite(role: Role) -> TungsteniteRole {
    match role {
        Role::Server => TungsteniteRole::Server,
        Role::Client => TungsteniteRole::Client,
    }
}
