//! Reading frames from a stream of octets, in any split, with every deviation recorded where it stands.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::frame::FrameHead;

/// Who wrote the octets that a decoder reads: it decides whether frames must be masked (RFC 6455 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A client: every frame must be masked.
    Client,
    /// A server: no frame may be masked.
    Server,
}

/// One breach of RFC 6455 by the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// Offset of the octet that shows it, counted from the first octet behind the opening handshake.
    pub offset: u64,
    /// What is wrong.
    pub kind: DeviationKind,
}

/// What a sender can do wrong within its frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviationKind {
    /// Reserved bits set (0 to 7, 4 is RSV1) without an extension that gives them meaning: section 5.2.
    ReservedBits(u8),
    /// An undefined opcode: section 5.2.
    ReservedOpcode(u8),
    /// A client's frame without a mask: section 5.1.
    Unmasked,
    /// A server's frame with a mask: section 5.1.
    Masked,
    /// A length in a longer form than it needs: section 5.2.
    LengthNotMinimal,
    /// A 64-bit length with its top bit set: section 5.2.
    LengthTopBit,
    /// A control frame that declares more than 125 octets: section 5.5.
    ControlTooLong(u64),
    /// A control frame with FIN clear: section 5.5.
    ControlFragmented,
    /// A continuation frame with no message begun: section 5.4.
    ContinuationWithoutStart,
    /// A text or binary frame inside an unfinished message: section 5.4.
    MessageInsideMessage,
    /// A Close body of one octet: section 5.5.1.
    CloseBodyOfOneOctet,
    /// A close code that may not be on the wire: section 7.4.
    CloseCode(u16),
    /// A close reason that is not UTF-8: section 5.5.1.
    CloseReasonNotUtf8,
    /// Text that is not UTF-8, at the first octet that shows it: sections 5.6 and 8.1.
    TextNotUtf8,
    /// A frame behind the sender's own Close frame: section 5.5.1.
    FrameAfterClose,
}

/// A frame as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RxFrame {
    /// Offset of its first octet, counted from the first octet behind the opening handshake.
    pub offset: u64,
    /// Its head.
    pub head: FrameHead,
    /// Its payload, unmasked.
    pub payload: Bytes,
    /// What is wrong with it, in the order of offsets.
    pub deviations: Vec<Deviation>,
}

/// An incremental reader of frames. Any split of the same octets gives the same frames and deviations.
///
/// It holds at most `max_payload` octets of a payload: a frame that declares more is reported by [`Decoder::overflow`] as soon
/// as its head is read, and nothing behind it is read.
#[derive(Debug)]
pub struct Decoder {
    sender: Sender,
    max_payload: u64,
    buffer: BytesMut,
    frames: VecDeque<RxFrame>,
}

impl Decoder {
    /// A decoder of what `sender` writes, from the first octet behind the handshake.
    pub fn new(sender: Sender, max_payload: u64) -> Self {
        Self { sender, max_payload, buffer: BytesMut::new(), frames: VecDeque::new() }
    }

    /// Takes the next octets.
    pub fn push(&mut self, octets: &[u8]) {
        self.buffer.extend_from_slice(octets);
        let _ = (self.sender, self.max_payload);
        todo!()
    }

    /// The next whole frame.
    pub fn next_frame(&mut self) -> Option<RxFrame> {
        self.frames.pop_front()
    }

    /// The head of the frame that made this decoder stop, when it declared more than the bound.
    pub fn overflow(&self) -> Option<FrameHead> {
        todo!()
    }

    /// How many octets of a frame that is not complete have arrived: 0 between frames.
    pub fn pending(&self) -> u64 {
        todo!()
    }

    /// The head of the frame that is not complete, where enough of it has arrived.
    pub fn pending_head(&self) -> Option<FrameHead> {
        todo!()
    }
}
