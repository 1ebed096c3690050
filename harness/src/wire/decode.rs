//! Reads frames from a stream of bytes, in any split, and records every deviation with its position.

use std::collections::VecDeque;

use bytes::{Buf as _, Bytes, BytesMut};

use super::close::{self, CloseBody};
pub use super::deviation::{Deviation, DeviationKind};
use super::frame::{FrameHead, LengthForm, Opcode};
use super::mask;
use super::message_inflater::MessageInflater;
use super::utf8::{self, Validator};
use crate::vocabulary::Role;

/// A frame as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RxFrame {
    /// Offset of its first byte, counted from the first byte after the opening handshake.
    pub offset: u64,
    /// Its header.
    pub head: FrameHead,
    /// Its payload, unmasked; for a frame that is reported in pieces, this piece of it.
    pub payload: Bytes,
    /// Its deviations in the order of their offsets. Of a frame in pieces, the last piece has them.
    pub deviations: Vec<Deviation>,
    /// Where this piece begins in the payload of a frame that is reported in pieces; 0 for the first.
    pub at: u64,
    /// Whether more pieces of this frame follow.
    pub more: bool,
    /// What it inflates to in a compressed message.
    pub inflated: Option<Bytes>,
}

impl RxFrame {
    /// The bytes that this frame adds to its message, inflated if it is compressed.
    pub fn content(&self) -> &Bytes {
        self.inflated.as_ref().unwrap_or(&self.payload)
    }
}

/// The minimum length of a piece of a payload, except for the last one.
const MIN_PIECE: usize = 16 << 10;
/// Compressed bytes that are inflated at once, so that a piece inflates to 4 MiB at most.
const MAX_COMPRESSED_PIECE: usize = 4 << 10;
/// How many inflated bytes may be pending before reading stops.
const MAX_QUEUED: usize = 1 << 20;
/// Frames that wait to be taken before more is read.
const MAX_WAITING: usize = 1024;

/// An incremental reader of frames. Any split of the same bytes gives the same frames and deviations. It holds at most `max_payload` bytes of a payload: a frame that declares more is reported by [`Decoder::overflow`]
/// as soon as its header is read, and nothing after it is read. Memory grows with the bytes that arrived, never with a
/// declared length.
#[derive(Debug)]
pub struct Decoder {
    sender: Role,
    max_payload: u64,
    /// The bytes that arrived after the last complete frame or, once it is read, after the header of the current one.
    buffer: BytesMut,
    frames: VecDeque<RxFrame>,
    /// Offset of the first byte after the last complete frame.
    offset: u64,
    current: Option<PartialFrame>,
    overflowed: bool,
    message: Option<PartialMessage>,
    closed: bool,
    /// Whether long frames of messages are reported in pieces.
    in_pieces: bool,
    inflater: Option<MessageInflater>,
    /// Inflated bytes in `frames`.
    queued: usize,
    /// Whether bytes in `buffer` wait until frames have been taken.
    paused: bool,
    /// Bytes that end reading in place of a frame.
    stop: &'static [u8],
}

/// The frame in progress, whose header is read.
#[derive(Debug)]
struct PartialFrame {
    head: FrameHead,
    length: usize,
    /// How many bytes of the payload have arrived; they are unmasked and, in text, validated.
    received: usize,
    /// How many of them were reported in pieces and are no longer in the buffer.
    reported: usize,
    deviations: Vec<Deviation>,
}

/// A message in progress.
#[derive(Debug)]
struct PartialMessage {
    /// The validator of text that is valid so far.
    text: Option<Validator>,
}

impl Decoder {
    /// A decoder of the bytes that `sender` writes, starting with the first byte after the handshake.
    pub fn new(sender: Role, max_payload: u64) -> Self {
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
            in_pieces: false,
            inflater: None,
            queued: 0,
            paused: false,
            stop: b"",
        }
    }

    /// Starts permessage-deflate: RSV1 marks a compressed message. The sender keeps to a window of `window` bits, and refers
    /// to earlier messages only with `takeover`.
    pub fn agree_deflate(&mut self, window: u8, takeover: bool) {
        self.inflater = Some(MessageInflater::new(window, takeover));
    }

    /// Sets whether frames of messages are reported in pieces as they arrive, so that a long frame is never held completely.
    pub fn report_in_pieces(&mut self, in_pieces: bool) {
        self.in_pieces = in_pieces;
    }

    /// Stops at bytes that begin with `stop` in place of a frame, such as those of another protocol.
    pub fn stopping_at(self, stop: &'static [u8]) -> Self {
        Self { stop, ..self }
    }

    /// The bytes at which reading stopped.
    pub fn stopped_at(&self) -> Option<&[u8]> {
        let stops = self.current.is_none() && !self.stop.is_empty() && self.buffer.starts_with(self.stop);
        stops.then_some(&self.buffer)
    }

    /// Reads the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.overflowed {
            return;
        }
        self.buffer.extend_from_slice(bytes);
        self.advance();
    }

    /// The buffer to which the next bytes may be appended instead of calling [`Decoder::push`], which avoids a copy.
    /// Its content must not be changed; call [`Decoder::advance`] after appending.
    pub fn buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Reads what was appended to [`Decoder::buffer_mut`].
    pub fn advance(&mut self) {
        self.paused = false;
        while !self.overflowed {
            if self.queued >= MAX_QUEUED || self.frames.len() >= MAX_WAITING {
                // The rest is read when the pending frames have been taken.
                self.paused = true;
                return;
            }
            let progressed = match self.current {
                None => self.begin_frame(),
                Some(_) => self.continue_frame(),
            };
            if !progressed {
                return;
            }
        }
        self.buffer.clear();
    }

    /// The next complete frame.
    pub fn next_frame(&mut self) -> Option<RxFrame> {
        if self.frames.is_empty() && self.paused {
            self.advance();
        }
        let frame = self.frames.pop_front()?;
        self.queued -= frame.inflated.as_ref().map_or(0, Bytes::len).min(self.queued);
        Some(frame)
    }

    /// The header of the frame that declared more than the bound, at which reading stopped.
    pub fn overflow(&self) -> Option<FrameHead> {
        self.overflowed.then(|| self.pending_head()).flatten()
    }

    /// How many bytes of an incomplete frame have arrived: 0 between frames, after an overflow the size of the header.
    pub fn pending(&self) -> u64 {
        match &self.current {
            None => self.buffer.len() as u64,
            Some(current) => (current.head.bytes() + current.received) as u64,
        }
    }

    /// The header of the incomplete frame, if enough of it has arrived.
    pub fn pending_head(&self) -> Option<FrameHead> {
        self.current.as_ref().map(|current| current.head)
    }

    /// The deviations of the incomplete frame, or of the one that overflowed, as far as its header and the received
    /// payload show them. They are reported again with the complete frame.
    pub fn pending_deviations(&self) -> &[Deviation] {
        self.current.as_ref().map_or(&[], |current| &current.deviations)
    }

    /// Reads a frame header if it has arrived.
    fn begin_frame(&mut self) -> bool {
        if self.stopped_at().is_some() {
            return false;
        }
        let Some((head, bytes)) = FrameHead::read(&self.buffer) else { return false };
        let deviations = self.check_header(&head);
        self.buffer.advance(bytes);
        if matches!(head.opcode, Opcode::TEXT | Opcode::BINARY) {
            let text = head.opcode == Opcode::TEXT;
            let compressed = self.inflater.is_some() && head.rsv & RSV1 != 0;
            if let Some(inflater) = &mut self.inflater {
                inflater.begin(compressed, text);
            }
            // The bytes of compressed text are not text.
            self.message = Some(PartialMessage { text: (text && !compressed).then(Validator::new) });
        }
        // A length with its top bit set is never valid, whatever the bound.
        let fits = head.length <= self.max_payload && head.length >> 63 == 0;
        let length = usize::try_from(head.length).ok().filter(|_| fits);
        self.overflowed = length.is_none();
        self.current = Some(PartialFrame { head, length: length.unwrap_or(0), received: 0, reported: 0, deviations });
        true
    }

    /// Unmasks and checks the received bytes of a payload, and completes the frame when they are all there.
    fn continue_frame(&mut self) -> bool {
        let Some(mut current) = self.current.take() else {
            return false;
        };
        let payload_offset = self.offset + current.head.bytes() as u64;
        let inflates = self.in_pieces
            && is_message(current.head.opcode)
            && self.inflater.as_ref().is_some_and(MessageInflater::is_compressed);
        let most = if inflates { current.reported.saturating_add(MAX_COMPRESSED_PIECE) } else { usize::MAX };
        let arrived = (current.reported + self.buffer.len()).min(current.length).min(most);
        if let Some(new) = self.buffer.get_mut(current.received - current.reported..arrived - current.reported) {
            if let Some(key) = current.head.mask {
                mask::apply(new, key, current.received);
            }
            if let Some(begun) = self.message.as_mut().filter(|_| is_message(current.head.opcode)) {
                let offset = payload_offset + current.received as u64;
                current.deviations.extend(begun.check(new, offset));
            }
            current.received = arrived;
        }
        let complete = current.received == current.length;
        let ready = current.received - current.reported;
        let piece = if inflates { MAX_COMPRESSED_PIECE } else { MIN_PIECE };
        if !(complete || self.in_pieces && ready >= piece && is_message(current.head.opcode)) {
            self.current = Some(current);
            return false;
        }
        let end = payload_offset + current.received as u64;
        let payload = self.buffer.split_to(ready.min(self.buffer.len())).freeze();
        let ends_message = complete && current.head.fin && is_message(current.head.opcode);
        if current.head.opcode == Opcode::CLOSE {
            self.closed = true;
            check_close_body(&payload, payload_offset, &mut current.deviations);
        } else if ends_message {
            let finished = self.message.take().and_then(|begun| begun.finish(end));
            current.deviations.extend(finished);
        }
        let inflated = match self.inflate(&current.head, &payload, ends_message, end, &mut current.deviations) {
            Ok(inflated) => inflated,
            Err(()) => {
                self.overflowed = true;
                self.current = Some(current);
                return true;
            }
        };
        self.queued += inflated.as_ref().map_or(0, Bytes::len);
        let at = current.reported as u64;
        current.reported = current.received;
        let deviations = if complete { std::mem::take(&mut current.deviations) } else { Vec::new() };
        let head = current.head;
        self.frames.push_back(RxFrame {
            offset: self.offset,
            head,
            payload,
            deviations,
            at,
            more: !complete,
            inflated,
        });
        if complete {
            self.offset = end;
        } else {
            self.current = Some(current);
        }
        true
    }

    /// Inflates a piece of a compressed message; returns an error if the message exceeds the bound.
    fn inflate(
        &mut self,
        head: &FrameHead,
        payload: &Bytes,
        ends: bool,
        offset: u64,
        deviations: &mut Vec<Deviation>,
    ) -> Result<Option<Bytes>, ()> {
        let of_message = is_message(head.opcode);
        let Some(inflater) = self.inflater.as_mut().filter(|inflater| of_message && inflater.is_compressed()) else {
            return Ok(None);
        };
        let (mut out, mut found) = (BytesMut::new(), Vec::new());
        let fits = inflater.push(payload, ends, self.max_payload, &mut out, &mut found);
        deviations.extend(found.into_iter().map(|kind| Deviation { offset, kind }));
        fits.then(|| Some(out.freeze())).ok_or(())
    }

    /// The deviations in a header, in the order of their offsets.
    fn check_header(&self, head: &FrameHead) -> Vec<Deviation> {
        let mut found = Vec::new();
        let mut note = |at: u64, applies: bool, kind| {
            if applies {
                found.push(Deviation { offset: self.offset + at, kind });
            }
        };
        let opcode = head.opcode;
        let begun = self.message.is_some();
        note(0, self.closed, DeviationKind::FrameAfterClose);
        // With permessage-deflate RSV1 has a meaning only on the first frame of a message: RFC 7692 section 6.
        let starts = is_message(opcode) && opcode != Opcode::CONTINUATION;
        let meant = if self.inflater.is_some() && starts { RSV1 } else { 0 };
        let reserved = head.rsv & !meant;
        note(0, reserved != 0, DeviationKind::ReservedBits(reserved));
        note(0, opcode.is_reserved(), DeviationKind::ReservedOpcode(opcode.value()));
        note(0, opcode.is_control() && !head.fin, DeviationKind::ControlFragmented);
        let continues = opcode == Opcode::CONTINUATION;
        note(0, continues && !begun, DeviationKind::ContinuationWithoutStart);
        note(0, starts && begun, DeviationKind::MessageInsideMessage);
        match self.sender {
            Role::Client => note(1, head.mask.is_none(), DeviationKind::Unmasked),
            Role::Server => note(1, head.mask.is_some(), DeviationKind::Masked),
        }
        let longer = head.form != LengthForm::shortest(head.length);
        note(2, longer, DeviationKind::LengthNotMinimal);
        note(2, head.length >> 63 != 0, DeviationKind::LengthTopBit);
        let too_long = opcode.is_control() && head.length > 125;
        note(2, too_long, DeviationKind::ControlTooLong(head.length));
        found
    }
}

impl PartialMessage {
    /// Checks the next bytes, which begin at `offset` on the wire. A failure is reported once per message.
    fn check(&mut self, bytes: &[u8], offset: u64) -> Option<Deviation> {
        let validator = self.text.as_mut()?;
        let before = validator.seen();
        let error = validator.push(bytes).err()?;
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

/// RSV1 as a reserved bit.
const RSV1: u8 = 4;

/// Whether a frame with this opcode is part of a message.
fn is_message(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY)
}

/// The deviations of a Close body that begins at `offset` on the wire.
fn check_close_body(payload: &Bytes, offset: u64, found: &mut Vec<Deviation>) {
    if payload.len() == 1 {
        found.push(Deviation { offset, kind: DeviationKind::CloseBodyOfOneByte });
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
