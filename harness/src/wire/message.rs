//! From frames to what an application hears: messages, pings, pongs and closes.

use bytes::{Bytes, BytesMut};

use super::close::CloseBody;
use super::decode::RxFrame;

/// One thing heard from the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A whole text message. Its octets may be no UTF-8 when the peer is wrong.
    Text(Bytes),
    /// A whole binary message.
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

/// Joins fragments to messages. It follows a wrong peer as far as that makes sense: a continuation without a start is
/// dropped, a new message inside another takes its place; the decoder has recorded both.
#[derive(Debug, Default)]
pub struct Assembler {
    begun: Option<(bool, BytesMut)>,
}

impl Assembler {
    /// An assembler with no message begun.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a frame; returns what it completes.
    pub fn push(&mut self, frame: &RxFrame) -> Option<Incoming> {
        let _ = (frame, &self.begun);
        todo!()
    }

    /// Octets held of a message that is not complete.
    pub fn held(&self) -> usize {
        self.begun.as_ref().map_or(0, |(_, octets)| octets.len())
    }
}
