//! Reading frames from a stream of octets, in any split, with every deviation recorded where it stands.

use std::collections::VecDeque;

use bytes::{Buf as _, Bytes, BytesMut};

use super::close::{self, CloseBody};
use super::frame::{FrameHead, LengthForm, Opcode};
use super::mask;
use super::utf8::{self, Validator};

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
    ///
    /// FIN, reserved bits, opcode and the frame's place among others are shown by its first octet, the MASK bit by its second, a
    /// length by the first octet of its extended form, a payload by the octet itself. What is missing at the end of a payload
    /// is shown one past that end.
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
/// as its head is read, and nothing behind it is read. Memory grows with what arrived, never with what was declared.
#[derive(Debug)]
pub struct Decoder {
    sender: Sender,
    max_payload: u64,
    /// What has arrived behind the last whole frame and, once it is read, behind the head of the frame in progress.
    buffer: BytesMut,
    frames: VecDeque<RxFrame>,
    /// Offset of the first octet behind the last whole frame.
    offset: u64,
    current: Option<Current>,
    overflowed: bool,
    message: Option<Begun>,
    closed: bool,
}

/// The frame in progress, its head read.
#[derive(Debug)]
struct Current {
    head: FrameHead,
    length: usize,
    /// Octets of the payload that have arrived; they are unmasked and, in text, validated.
    done: usize,
    deviations: Vec<Deviation>,
}

/// A message in progress.
#[derive(Debug)]
struct Begun {
    /// For text that is right so far.
    text: Option<Validator>,
}

impl Decoder {
    /// A decoder of what `sender` writes, from the first octet behind the handshake.
    pub fn new(sender: Sender, max_payload: u64) -> Self {
        Self {
            sender,
            max_payload,
            buffer: BytesMut::new(),
            frames: VecDeque::new(),
            offset: 0,
            current: None,
            overflowed: false,
            message: None,
            closed: false,
        }
    }

    /// Takes the next octets.
    pub fn push(&mut self, octets: &[u8]) {
        if self.overflowed {
            return;
        }
        self.buffer.extend_from_slice(octets);
        self.advance();
    }

    /// The buffer that the next octets may be appended to in place of [`Decoder::push`], which spares a copy. What is in it must
    /// stay; call [`Decoder::advance`] when octets were appended.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Reads what was appended to [`Decoder::buffer_mut`].
    pub fn advance(&mut self) {
        while !self.overflowed {
            let goes_on = match self.current {
                None => self.begin_frame(),
                Some(_) => self.go_on(),
            };
            if !goes_on {
                return;
            }
        }
        self.buffer.clear();
    }

    /// The next whole frame.
    pub fn next_frame(&mut self) -> Option<RxFrame> {
        self.frames.pop_front()
    }

    /// The head of the frame that made this decoder stop, when it declared more than the bound.
    pub fn overflow(&self) -> Option<FrameHead> {
        self.overflowed.then(|| self.pending_head()).flatten()
    }

    /// How many octets of a frame that is not complete have arrived: 0 between frames. Behind an overflow it is the size of the
    /// head, as all else is dropped.
    pub fn pending(&self) -> u64 {
        match &self.current {
            None => self.buffer.len() as u64,
            Some(current) => (current.head.octets() + current.done) as u64,
        }
    }

    /// The head of the frame that is not complete, where enough of it has arrived.
    pub fn pending_head(&self) -> Option<FrameHead> {
        self.current.as_ref().map(|current| current.head)
    }

    /// What is wrong with the frame that is not complete, or with the one that overflowed, as far as its head and the payload
    /// that arrived show it. They are told again with the frame when it completes.
    pub fn pending_deviations(&self) -> &[Deviation] {
        self.current.as_ref().map_or(&[], |current| &current.deviations)
    }

    /// Reads a head if it has arrived.
    fn begin_frame(&mut self) -> bool {
        let Some((head, octets)) = FrameHead::read(&self.buffer) else {
            return false;
        };
        let deviations = self.head_deviations(&head);
        self.buffer.advance(octets);
        match head.opcode {
            Opcode::TEXT => self.message = Some(Begun { text: Some(Validator::new()) }),
            Opcode::BINARY => self.message = Some(Begun { text: None }),
            _ => {}
        }
        // A length with its top bit set is no length at all, whatever the bound.
        let fits = head.length <= self.max_payload && head.length >> 63 == 0;
        let length = usize::try_from(head.length).ok().filter(|_| fits);
        self.overflowed = length.is_none();
        self.current = Some(Current { head, length: length.unwrap_or(0), done: 0, deviations });
        true
    }

    /// Unmasks and checks what arrived of a payload; completes the frame when it is whole.
    fn go_on(&mut self) -> bool {
        let Some(mut current) = self.current.take() else {
            return false;
        };
        let payload_offset = self.offset + current.head.octets() as u64;
        let arrived = self.buffer.len().min(current.length);
        if let Some(new) = self.buffer.get_mut(current.done..arrived) {
            if let Some(key) = current.head.mask {
                mask::apply(new, key, current.done);
            }
            if let Some(begun) = self.message.as_mut().filter(|_| is_message(current.head.opcode)) {
                let offset = payload_offset + current.done as u64;
                current.deviations.extend(begun.check(new, offset));
            }
            current.done = arrived;
        }
        if current.done < current.length {
            self.current = Some(current);
            return false;
        }
        let end = payload_offset + current.length as u64;
        let payload = self.buffer.split_to(current.length.min(self.buffer.len())).freeze();
        if current.head.opcode == Opcode::CLOSE {
            self.closed = true;
            close_deviations(&payload, payload_offset, &mut current.deviations);
        } else if current.head.fin && is_message(current.head.opcode) {
            let finished = self.message.take().and_then(|begun| begun.finish(end));
            current.deviations.extend(finished);
        }
        let Current { head, deviations, .. } = current;
        self.frames.push_back(RxFrame { offset: self.offset, head, payload, deviations });
        self.offset = end;
        true
    }

    /// What a head shows to be wrong, in the order of offsets.
    fn head_deviations(&self, head: &FrameHead) -> Vec<Deviation> {
        let mut found = Vec::new();
        let mut note = |at: u64, wrong: bool, kind| {
            if wrong {
                found.push(Deviation { offset: self.offset + at, kind });
            }
        };
        let opcode = head.opcode;
        let begun = self.message.is_some();
        note(0, self.closed, DeviationKind::FrameAfterClose);
        note(0, head.rsv != 0, DeviationKind::ReservedBits(head.rsv));
        note(0, opcode.is_reserved(), DeviationKind::ReservedOpcode(opcode.value()));
        note(0, opcode.is_control() && !head.fin, DeviationKind::ControlFragmented);
        let continues = opcode == Opcode::CONTINUATION;
        note(0, continues && !begun, DeviationKind::ContinuationWithoutStart);
        let starts = is_message(opcode) && !continues;
        note(0, starts && begun, DeviationKind::MessageInsideMessage);
        match self.sender {
            Sender::Client => note(1, head.mask.is_none(), DeviationKind::Unmasked),
            Sender::Server => note(1, head.mask.is_some(), DeviationKind::Masked),
        }
        let longer = head.form != LengthForm::shortest(head.length);
        note(2, longer, DeviationKind::LengthNotMinimal);
        note(2, head.length >> 63 != 0, DeviationKind::LengthTopBit);
        let too_long = opcode.is_control() && head.length > 125;
        note(2, too_long, DeviationKind::ControlTooLong(head.length));
        found
    }
}

impl Begun {
    /// Checks the next octets, which begin at `offset` on the wire. A failure is told once for a message.
    fn check(&mut self, octets: &[u8], offset: u64) -> Option<Deviation> {
        let validator = self.text.as_mut()?;
        let before = validator.seen();
        let error = validator.push(octets).err()?;
        self.text = None;
        let offset = offset + error.offset.saturating_sub(before);
        Some(Deviation { offset, kind: DeviationKind::TextNotUtf8 })
    }

    /// Ends the message at `end` on the wire.
    fn finish(self, end: u64) -> Option<Deviation> {
        self.text?.finish().err()?;
        Some(Deviation { offset: end, kind: DeviationKind::TextNotUtf8 })
    }
}

/// Whether a frame with this opcode is part of a message.
fn is_message(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY)
}

/// What is wrong with a Close body that begins at `offset` on the wire.
fn close_deviations(payload: &Bytes, offset: u64, found: &mut Vec<Deviation>) {
    if payload.len() == 1 {
        found.push(Deviation { offset, kind: DeviationKind::CloseBodyOfOneOctet });
    }
    let CloseBody { code: Some(code), reason } = CloseBody::read(payload) else {
        return;
    };
    if !close::may_be_sent(code) {
        found.push(Deviation { offset, kind: DeviationKind::CloseCode(code) });
    }
    if let Err(error) = utf8::check(&reason) {
        let offset = offset + 2 + error.offset;
        found.push(Deviation { offset, kind: DeviationKind::CloseReasonNotUtf8 });
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
