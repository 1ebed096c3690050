//! Fragments and text: RFC 6455 sections 5.4, 5.6 and 8.1.

use crate::wire::utf8::Validator;
use crate::wire::{FrameHead, Opcode};

use super::super::MAX_MESSAGE;
use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, InFrame, NOT_UTF8, PROTOCOL};
use super::lenient;

/// A message in progress.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) opcode: Opcode,
    /// The complete fragments, or all inflated bytes.
    pub(super) bytes: Vec<u8>,
    /// How many frames it has so far.
    pub(super) frames: usize,
    pub(super) validator: Validator,
    /// Whether its bytes are compressed.
    pub(super) compressed: bool,
    /// Whether it failed to inflate and a faulty endpoint continues with it.
    pub(super) spoiled: bool,
    /// The received bytes without inflating them, for a faulty endpoint.
    pub(super) as_it_came: Vec<u8>,
}

impl Message {
    fn new(opcode: Opcode, compressed: bool) -> Self {
        Self {
            opcode,
            bytes: Vec::new(),
            frames: 0,
            validator: Validator::new(),
            compressed,
            spoiled: false,
            as_it_came: Vec::new(),
        }
    }
}

/// How text is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextCheck {
    /// As the RFC requires, at the first byte that makes the text invalid.
    Strict,
    /// Not at all.
    Nothing,
    /// Only unfragmented text.
    Unfragmented,
    /// At the end of the message, with these forms accepted.
    Lenient(lenient::Taken),
}

impl TextCheck {
    /// The check that an endpoint with this fault uses.
    pub(super) fn of(fault: Option<Fault>) -> Self {
        let is = |asked: Fault| fault == Some(asked);
        let taken = lenient::Taken {
            surrogates: is(Fault::SURROGATES_TAKEN),
            overlong: is(Fault::OVERLONG_TAKEN),
            above_10ffff: is(Fault::ABOVE_10FFFF_TAKEN),
        };
        if is(Fault::UTF8_UNCHECKED) || is(Fault::UTF8_REPLACED) {
            Self::Nothing
        } else if is(Fault::UTF8_UNCHECKED_IN_FRAGMENTS) {
            Self::Unfragmented
        } else if taken != lenient::Taken::default() {
            Self::Lenient(taken)
        } else {
            Self::Strict
        }
    }
}

/// Checks text as if each 64 KiB of it were a separate text.
fn check_each_64_kib(validator: &mut Validator, mut fresh: &[u8]) -> Result<(), Failure> {
    while !fresh.is_empty() {
        let room = 65536 - validator.seen() % 65536;
        let take = usize::try_from(room).map_or(fresh.len(), |room| room.min(fresh.len()));
        let (piece, rest) = fresh.split_at(take);
        validator.push(piece).map_err(|_| NOT_UTF8)?;
        if validator.seen().is_multiple_of(65536) {
            validator.finish().map_err(|_| NOT_UTF8)?;
        }
        fresh = rest;
    }
    Ok(())
}

impl Endpoint {
    /// Records the opcode and RSV1 of a data frame.
    pub(super) fn begin_data(&mut self, head: &FrameHead) {
        let fresh = match (head.opcode, &self.message) {
            (Opcode::CONTINUATION, Some(_)) => return self.note_later_rsv1(head),
            (Opcode::CONTINUATION, None) => Opcode::TEXT,
            (_, Some(_)) if self.fault(Fault::MESSAGE_INSIDE_APPENDED) => return,
            (opcode, _) if opcode.is_reserved() => Opcode::BINARY,
            (opcode, _) => opcode,
        };
        let compressed = self.begins_compressed(head);
        self.message = Some(Message::new(fresh, compressed));
    }

    /// Checks the bytes of the frame in progress from `start` on, if they belong to a text message.
    pub(super) fn check_text(&mut self, start: usize) -> Result<(), Failure> {
        let binary_too = self.fault(Fault::BINARY_CHECKED);
        let pings_too = self.fault(Fault::PING_CHECKED_AS_TEXT);
        let (Some(frame), Some(message)) = (&self.frame, &mut self.message) else {
            return Ok(());
        };
        let checked = match self.text_check {
            TextCheck::Strict => true,
            TextCheck::Unfragmented => frame.head.fin && message.frames == 0,
            TextCheck::Nothing | TextCheck::Lenient(_) => false,
        };
        let text = message.opcode == Opcode::TEXT || binary_too;
        let data = !frame.head.opcode.is_control();
        if checked && text && (data || (frame.head.opcode == Opcode::PING && pings_too)) {
            let fresh = frame.payload.get(start..).unwrap_or_default();
            if self.fault == Some(Fault::UTF8_PER_64_KIB) {
                return check_each_64_kib(&mut message.validator, fresh);
            }
            message.validator.push(fresh).map_err(|_| NOT_UTF8)?;
        }
        Ok(())
    }

    /// Whether the connection fails at the first byte that makes a text invalid, whichever frame contains it.
    pub(super) fn checks_text_at_once(&self) -> bool {
        self.text_check == TextCheck::Strict
    }

    /// Handles a complete text, binary or continuation frame.
    pub(super) fn take_data(&mut self, frame: InFrame) -> Result<(), Failure> {
        let InFrame { head, payload, seen, .. } = frame;
        let continues = head.opcode == Opcode::CONTINUATION;
        let empty = seen == 0;
        let seen_fin = head.fin && !(empty && continues && self.fault(Fault::EMPTY_LAST_FRAGMENT_IGNORED));
        if self.message.as_ref().is_some_and(|message| message.compressed) {
            self.end_compressed_frame(seen_fin)?;
        }
        let Some(mut message) = self.message.take() else {
            return Ok(());
        };
        let stray = continues && message.frames == 0;
        let skips = self.fault(Fault::STRAY_CONTINUATION_SKIPPED)
            || self.fault(Fault::BAD_UTF8_ENDS_NOTHING)
            || self.fault(Fault::FRAGMENTED_CONTROL_TAKEN);
        if stray && skips {
            return Ok(());
        }
        message.frames += 1;
        if message.frames > 1024 && self.fault(Fault::FRAGMENTS_OVER_1024_REFUSED) {
            return Err(PROTOCOL);
        }
        if !message.compressed {
            self.join(&head, payload, &mut message);
        }
        if message.opcode == Opcode::TEXT && self.fault(Fault::UTF8_PER_FRAME) {
            message.validator.finish().map_err(|_| NOT_UTF8)?;
        }
        let tired = empty && message.frames > 100 && self.fault(Fault::EMPTY_FRAGMENTS_END_MESSAGE);
        if seen_fin || tired {
            return self.complete(message);
        }
        if self.fault(Fault::FRAGMENTS_DELIVERED) {
            self.deliver(message.opcode, std::mem::take(&mut message.bytes));
        }
        let unseen = empty && message.frames == 1 && self.fault(Fault::EMPTY_FIRST_FRAGMENT_IGNORED);
        if !unseen {
            self.message = Some(message);
        }
        Ok(())
    }

    /// Appends a fragment to the earlier ones.
    fn join(&self, head: &FrameHead, payload: Vec<u8>, message: &mut Message) {
        if message.frames > 1 && self.fault(Fault::TYPE_OF_LAST_FRAGMENT) {
            message.opcode = head.opcode;
        }
        if message.frames > 8 && self.fault(Fault::FRAGMENTS_BOUNDED) {
            return;
        }
        if message.frames > 0xffff && self.fault(Fault::FRAGMENTS_COUNTED_IN_16_BITS) {
            return;
        }
        if message.frames == 0x8000 && self.fault(Fault::FRAGMENT_COUNT_OVERFLOWS) {
            message.bytes.clear();
        }
        if message.bytes.is_empty() || self.fault(Fault::LAST_FRAGMENT_ONLY) {
            message.bytes = payload;
        } else if payload.is_empty() && self.fault(Fault::EMPTY_FRAGMENT_LOSES_MESSAGE) {
            message.bytes.clear();
        } else if self.fault(Fault::FRAGMENTS_SWAPPED) {
            message.bytes.splice(..0, payload);
        } else {
            // Only an endpoint that does not add up its fragments reaches this bound.
            let room = (2 * MAX_MESSAGE).saturating_sub(message.bytes.len());
            let fits = payload.get(..room.min(payload.len())).unwrap_or_default();
            message.bytes.extend_from_slice(fits);
        }
    }

    /// Handles a complete message.
    fn complete(&mut self, message: Message) -> Result<(), Failure> {
        let message = if message.compressed {
            self.inflated(message)
        } else {
            self.note_plain();
            Some(message)
        };
        let Some(Message { opcode, bytes, validator, .. }) = message else {
            return Ok(());
        };
        if !self.fault(Fault::UTF8_INCOMPLETE_TAKEN) {
            // Only text was passed to the validator.
            validator.finish().map_err(|_| NOT_UTF8)?;
        }
        if opcode == Opcode::TEXT && !self.likes_text(&bytes) {
            return Err(NOT_UTF8);
        }
        self.deliver(opcode, bytes);
        Ok(())
    }

    /// Checks of a complete text message that only a faulty endpoint makes.
    fn likes_text(&self, bytes: &[u8]) -> bool {
        let text = || String::from_utf8_lossy(bytes);
        if let TextCheck::Lenient(taken) = self.text_check {
            return lenient::is_text(bytes, taken);
        }
        if self.fault(Fault::NONCHARACTERS_REFUSED) {
            return !text().chars().any(lenient::is_noncharacter);
        }
        if self.fault(Fault::BEYOND_BMP_REFUSED) {
            return !text().chars().any(|c| c.len_utf8() == 4);
        }
        true
    }
}
