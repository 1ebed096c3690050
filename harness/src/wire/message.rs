//! From frames to what an application receives: messages, pings, pongs and closes.

use bytes::{Bytes, BytesMut};

use super::close::CloseBody;
use super::decode::RxFrame;
use super::frame::Opcode;

/// One event from the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A complete text message. Its bytes may be invalid UTF-8 if the peer is faulty.
    Text(Bytes),
    /// A complete binary message.
    Binary(Bytes),
    /// A Ping with its data.
    Ping(Bytes),
    /// A Pong with its data.
    Pong(Bytes),
    /// A Close.
    Close(CloseBody),
    /// A frame with a reserved opcode.
    Unknown(u8, Bytes),
}

/// Joins fragments into messages. It follows an invalid stream as far as possible: a continuation without a started
/// message is dropped, and a new message inside another one replaces it; the decoder has recorded both.
#[derive(Debug, Default)]
pub struct Assembler {
    partial: Option<(bool, BytesMut)>,
}

impl Assembler {
    /// An assembler without a message in progress.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a frame, or a piece of one, and returns what it completes. Frames with control and reserved opcodes are
    /// complete by themselves, whatever their FIN bit is, and do not affect the message in progress.
    ///
    /// It holds the received bytes of one message without a bound of its own: see [`Assembler::held`].
    pub fn push(&mut self, frame: &RxFrame) -> Option<Incoming> {
        let payload = || frame.payload.clone();
        let content = frame.content();
        let ends = frame.head.fin && !frame.more;
        match frame.head.opcode {
            Opcode::TEXT | Opcode::BINARY if frame.at == 0 => {
                let text = frame.head.opcode == Opcode::TEXT;
                self.partial = (!ends).then(|| (text, BytesMut::from(&**content)));
                ends.then(|| message(text, content.clone()))
            }
            Opcode::TEXT | Opcode::BINARY | Opcode::CONTINUATION => {
                self.partial.as_mut()?.1.extend_from_slice(content);
                let (text, bytes) = self.partial.take_if(|_| ends)?;
                Some(message(text, bytes.freeze()))
            }
            Opcode::PING => Some(Incoming::Ping(payload())),
            Opcode::PONG => Some(Incoming::Pong(payload())),
            Opcode::CLOSE => Some(Incoming::Close(CloseBody::read(&frame.payload))),
            reserved => Some(Incoming::Unknown(reserved.value(), payload())),
        }
    }

    /// How many bytes of an incomplete message are held.
    pub fn held(&self) -> usize {
        self.partial.as_ref().map_or(0, |(_, bytes)| bytes.len())
    }
}

fn message(text: bool, bytes: Bytes) -> Incoming {
    if text { Incoming::Text(bytes) } else { Incoming::Binary(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Role;
    use crate::wire::{Decoder, FrameSpec};

    /// What a server received from these frames: FIN, opcode, payload.
    fn assemble(frames: &[(bool, Opcode, &'static [u8])]) -> (Vec<Incoming>, usize) {
        let mut decoder = Decoder::new(Role::Server, 1 << 20);
        for &(fin, opcode, payload) in frames {
            let mut bytes = Vec::new();
            FrameSpec { fin, ..FrameSpec::new(opcode, payload) }.write(&mut bytes);
            decoder.push(&bytes);
        }
        let mut assembler = Assembler::new();
        let mut incoming = Vec::new();
        while let Some(frame) = decoder.next_frame() {
            incoming.extend(assembler.push(&frame));
        }
        (incoming, assembler.held())
    }

    #[test]
    fn fragments_join_around_control_frames() {
        let (incoming, held) = assemble(&[
            (false, Opcode::TEXT, b"He"),
            (true, Opcode::PING, b"p"),
            (false, Opcode::CONTINUATION, b""),
            (true, Opcode::CONTINUATION, b"llo"),
            (true, Opcode::CLOSE, b"\x03\xe8bye"),
        ]);
        let close = CloseBody { code: Some(1000), reason: Bytes::from_static(b"bye") };
        let text = Incoming::Text(Bytes::from_static(b"Hello"));
        assert_eq!(incoming, [Incoming::Ping(Bytes::from_static(b"p")), text, Incoming::Close(close)]);
        assert_eq!(held, 0);
    }

    #[test]
    fn a_continuation_without_start_is_dropped() {
        let (incoming, held) = assemble(&[
            (true, Opcode::CONTINUATION, b"x"),
            (false, Opcode::CONTINUATION, b"y"),
            (true, Opcode::BINARY, b"z"),
        ]);
        assert_eq!(incoming, [Incoming::Binary(Bytes::from_static(b"z"))]);
        assert_eq!(held, 0);
    }

    #[test]
    fn a_message_inside_another_replaces_it() {
        let (incoming, held) = assemble(&[
            (false, Opcode::TEXT, b"old"),
            (false, Opcode::BINARY, b"new"),
            (true, Opcode::CONTINUATION, b"er"),
            (false, Opcode::TEXT, b"held"),
        ]);
        assert_eq!(incoming, [Incoming::Binary(Bytes::from_static(b"newer"))]);
        assert_eq!(held, 4);
    }

    #[test]
    fn reserved_opcodes_and_fragmented_control_frames_are_reported() {
        let (incoming, held) = assemble(&[
            (false, Opcode::TEXT, b"a"),
            (false, Opcode::new(3), b"?"),
            (false, Opcode::PONG, b"!"),
            (true, Opcode::CONTINUATION, b"b"),
        ]);
        assert_eq!(
            incoming,
            [
                Incoming::Unknown(3, Bytes::from_static(b"?")),
                Incoming::Pong(Bytes::from_static(b"!")),
                Incoming::Text(Bytes::from_static(b"ab")),
            ]
        );
        assert_eq!(held, 0);
    }
}
