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
#[derive(Debug)]
pub struct Assembler {
    partial: Option<(bool, BytesMut)>,
    /// The most bytes of a message that are kept.
    most: usize,
    /// Bytes of the message in progress, or of the last whole one, kept or not.
    length: u64,
}

impl Default for Assembler {
    fn default() -> Self {
        Self::keeping(usize::MAX)
    }
}

impl Assembler {
    /// An assembler without a message in progress, which keeps messages complete.
    pub fn new() -> Self {
        Self::default()
    }

    /// An assembler that keeps the first `most` bytes of a message and counts the others; see [`Assembler::length`].
    pub fn keeping(most: usize) -> Self {
        Self { partial: None, most, length: 0 }
    }

    /// Takes a frame, or a piece of one, and returns what it completes. Frames with control and reserved opcodes are
    /// complete by themselves, whatever their FIN bit is, and do not affect the message in progress.
    ///
    /// It holds the received bytes of one message up to its bound: see [`Assembler::keeping`] and [`Assembler::held`].
    pub fn push(&mut self, frame: &RxFrame) -> Option<Incoming> {
        let payload = || frame.payload.clone();
        let content = frame.content();
        let ends = frame.head.fin && !frame.more;
        match frame.head.opcode {
            Opcode::TEXT | Opcode::BINARY if frame.at == 0 => {
                let text = frame.head.opcode == Opcode::TEXT;
                self.length = content.len() as u64;
                let kept = content.slice(..content.len().min(self.most));
                self.partial = (!ends).then(|| (text, BytesMut::from(&*kept)));
                ends.then(|| message(text, kept))
            }
            Opcode::TEXT | Opcode::BINARY | Opcode::CONTINUATION => {
                let partial = &mut self.partial.as_mut()?.1;
                self.length += content.len() as u64;
                let room = self.most.saturating_sub(partial.len());
                partial.extend_from_slice(content.get(..content.len().min(room)).unwrap_or_default());
                let (text, bytes) = self.partial.take_if(|_| ends)?;
                Some(message(text, bytes.freeze()))
            }
            Opcode::PING => Some(Incoming::Ping(payload())),
            Opcode::PONG => Some(Incoming::Pong(payload())),
            Opcode::CLOSE => Some(Incoming::Close(CloseBody::read(&frame.payload))),
            reserved => Some(Incoming::Unknown(reserved.value(), payload())),
        }
    }

    /// The number of bytes of the message in progress, or of the last complete one; it may exceed what was kept.
    pub fn length(&self) -> u64 {
        self.length
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
    fn incoming(frames: &[(bool, Opcode, &'static [u8])]) -> (Vec<Incoming>, usize) {
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
        let (incoming, held) = incoming(&[
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
        let (incoming, held) = incoming(&[
            (true, Opcode::CONTINUATION, b"x"),
            (false, Opcode::CONTINUATION, b"y"),
            (true, Opcode::BINARY, b"z"),
        ]);
        assert_eq!(incoming, [Incoming::Binary(Bytes::from_static(b"z"))]);
        assert_eq!(held, 0);
    }

    #[test]
    fn a_message_inside_another_takes_its_place() {
        let (incoming, held) = incoming(&[
            (false, Opcode::TEXT, b"old"),
            (false, Opcode::BINARY, b"new"),
            (true, Opcode::CONTINUATION, b"er"),
            (false, Opcode::TEXT, b"held"),
        ]);
        assert_eq!(incoming, [Incoming::Binary(Bytes::from_static(b"newer"))]);
        assert_eq!(held, 4);
    }

    #[test]
    fn a_long_message_is_counted_and_its_beginning_is_kept() {
        let mut decoder = Decoder::new(Role::Server, 1 << 20);
        let mut bytes = Vec::new();
        FrameSpec { fin: false, ..FrameSpec::new(Opcode::TEXT, &b"0123456789"[..]) }.write(&mut bytes);
        FrameSpec::new(Opcode::CONTINUATION, &b"abc"[..]).write(&mut bytes);
        decoder.push(&bytes);
        let mut assembler = Assembler::keeping(4);
        assert_eq!(decoder.next_frame().and_then(|frame| assembler.push(&frame)), None);
        assert_eq!(assembler.held(), 4);
        let message = decoder.next_frame().and_then(|frame| assembler.push(&frame));
        assert_eq!(message, Some(Incoming::Text(Bytes::from_static(b"0123"))));
        assert_eq!(assembler.length(), 13);
    }

    #[test]
    fn reserved_opcodes_and_fragmented_control_frames_are_reported() {
        let (incoming, held) = incoming(&[
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
