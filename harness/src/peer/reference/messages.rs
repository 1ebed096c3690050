//! Fragments and text: RFC 6455 sections 5.4, 5.6 and 8.1.

use crate::wire::utf8::Validator;
use crate::wire::{FrameHead, Opcode};

use super::super::MAX_MESSAGE;
use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, INVALID_TEXT, IncomingFrame, PROTOCOL_ERROR};
use super::lenient_utf8;

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
    pub(super) inflate_failed: bool,
    /// The received bytes without inflating them, for a faulty endpoint.
    pub(super) uninflated: Vec<u8>,
}

impl Message {
    fn new(opcode: Opcode, compressed: bool) -> Self {
        Self {
            opcode,
            bytes: Vec::new(),
            frames: 0,
            validator: Validator::new(),
            compressed,
            inflate_failed: false,
            uninflated: Vec::new(),
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
    Lenient(lenient_utf8::AcceptedForms),
}

impl TextCheck {
    /// The check that an endpoint with this fault uses.
    pub(super) fn for_fault(fault: Option<Fault>) -> Self {
        let has = |other: Fault| fault == Some(other);
        let accepted = lenient_utf8::AcceptedForms {
            surrogates: has(Fault::SURROGATES_TAKEN),
            overlong: has(Fault::OVERLONG_TAKEN),
            above_10ffff: has(Fault::ABOVE_10FFFF_TAKEN),
        };
        if has(Fault::UTF8_UNCHECKED) || has(Fault::UTF8_REPLACED) {
            Self::Nothing
        } else if has(Fault::UTF8_UNCHECKED_IN_FRAGMENTS) {
            Self::Unfragmented
        } else if accepted != lenient_utf8::AcceptedForms::default() {
            Self::Lenient(accepted)
        } else {
            Self::Strict
        }
    }
}

/// Checks text as if each 64 KiB of it were a separate text.
fn check_each_64_kib(validator: &mut Validator, mut new_bytes: &[u8]) -> Result<(), Failure> {
    while !new_bytes.is_empty() {
        let capacity = 65536 - validator.seen() % 65536;
        let count = usize::try_from(capacity).map_or(new_bytes.len(), |capacity| capacity.min(new_bytes.len()));
        let (piece, rest) = new_bytes.split_at(count);
        validator.push(piece).map_err(|_| INVALID_TEXT)?;
        if validator.seen().is_multiple_of(65536) {
            validator.finish().map_err(|_| INVALID_TEXT)?;
        }
        new_bytes = rest;
    }
    Ok(())
}

impl Endpoint {
    /// Records the opcode and RSV1 of a data frame.
    pub(super) fn begin_data(&mut self, head: &FrameHead) {
        let opcode = match (head.opcode, &self.message) {
            (Opcode::CONTINUATION, Some(_)) => return self.record_later_rsv1(head),
            (Opcode::CONTINUATION, None) => Opcode::TEXT,
            (_, Some(_)) if self.has(Fault::MESSAGE_INSIDE_APPENDED) => return,
            (opcode, _) if opcode.is_reserved() => Opcode::BINARY,
            (opcode, _) => opcode,
        };
        let compressed = self.starts_compressed(head);
        self.message = Some(Message::new(opcode, compressed));
    }

    /// Checks the bytes of the frame in progress from `start` on, if they belong to a text message.
    pub(super) fn check_text(&mut self, start: usize) -> Result<(), Failure> {
        let binary_too = self.has(Fault::BINARY_CHECKED);
        let pings_too = self.has(Fault::PING_CHECKED_AS_TEXT);
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
            let new_bytes = frame.payload.get(start..).unwrap_or_default();
            if self.fault == Some(Fault::UTF8_PER_64_KIB) {
                return check_each_64_kib(&mut message.validator, new_bytes);
            }
            message.validator.push(new_bytes).map_err(|_| INVALID_TEXT)?;
        }
        Ok(())
    }

    /// Whether the connection fails at the first byte that makes a text invalid, whichever frame contains it.
    pub(super) fn checks_text_incrementally(&self) -> bool {
        self.text_check == TextCheck::Strict
    }

    /// Handles a complete text, binary or continuation frame.
    pub(super) fn handle_data(&mut self, frame: IncomingFrame) -> Result<(), Failure> {
        let IncomingFrame { head, payload, received, .. } = frame;
        let continues = head.opcode == Opcode::CONTINUATION;
        let empty = received == 0;
        let effective_fin = head.fin && !(empty && continues && self.has(Fault::EMPTY_LAST_FRAGMENT_IGNORED));
        if self.message.as_ref().is_some_and(|message| message.compressed) {
            self.end_compressed_frame(effective_fin)?;
        }
        let Some(mut message) = self.message.take() else {
            return Ok(());
        };
        let without_start = continues && message.frames == 0;
        let skips = self.has(Fault::STRAY_CONTINUATION_SKIPPED)
            || self.has(Fault::BAD_UTF8_ENDS_NOTHING)
            || self.has(Fault::FRAGMENTED_CONTROL_TAKEN);
        if without_start && skips {
            return Ok(());
        }
        message.frames += 1;
        if message.frames > 1024 && self.has(Fault::FRAGMENTS_OVER_1024_REFUSED) {
            return Err(PROTOCOL_ERROR);
        }
        if !message.compressed {
            self.append_fragment(&head, payload, &mut message);
        }
        if message.opcode == Opcode::TEXT && self.has(Fault::UTF8_PER_FRAME) {
            message.validator.finish().map_err(|_| INVALID_TEXT)?;
        }
        let ends_early = empty && message.frames > 100 && self.has(Fault::EMPTY_FRAGMENTS_END_MESSAGE);
        if effective_fin || ends_early {
            return self.complete_message(message);
        }
        if self.has(Fault::FRAGMENTS_DELIVERED) {
            self.handle_message(message.opcode, std::mem::take(&mut message.bytes));
        }
        let ignored = empty && message.frames == 1 && self.has(Fault::EMPTY_FIRST_FRAGMENT_IGNORED);
        if !ignored {
            self.message = Some(message);
        }
        Ok(())
    }

    /// Appends a fragment to the earlier ones.
    fn append_fragment(&self, head: &FrameHead, payload: Vec<u8>, message: &mut Message) {
        if message.frames > 1 && self.has(Fault::TYPE_OF_LAST_FRAGMENT) {
            message.opcode = head.opcode;
        }
        if message.frames > 8 && self.has(Fault::FRAGMENTS_BOUNDED) {
            return;
        }
        if message.frames > 0xffff && self.has(Fault::FRAGMENTS_COUNTED_IN_16_BITS) {
            return;
        }
        if message.frames == 0x8000 && self.has(Fault::FRAGMENT_COUNT_OVERFLOWS) {
            message.bytes.clear();
        }
        if message.bytes.is_empty() || self.has(Fault::LAST_FRAGMENT_ONLY) {
            message.bytes = payload;
        } else if payload.is_empty() && self.has(Fault::EMPTY_FRAGMENT_LOSES_MESSAGE) {
            message.bytes.clear();
        } else if self.has(Fault::FRAGMENTS_SWAPPED) {
            message.bytes.splice(..0, payload);
        } else {
            // Only an endpoint that does not add up its fragments reaches this bound.
            let capacity = (2 * MAX_MESSAGE).saturating_sub(message.bytes.len());
            let accepted = payload.get(..capacity.min(payload.len())).unwrap_or_default();
            message.bytes.extend_from_slice(accepted);
        }
    }

    /// Handles a complete message.
    fn complete_message(&mut self, message: Message) -> Result<(), Failure> {
        let message = if message.compressed {
            self.complete_compressed(message)
        } else {
            self.record_uncompressed();
            Some(message)
        };
        let Some(Message { opcode, bytes, validator, .. }) = message else {
            return Ok(());
        };
        if !self.has(Fault::UTF8_INCOMPLETE_TAKEN) {
            // Only text was passed to the validator.
            validator.finish().map_err(|_| INVALID_TEXT)?;
        }
        if opcode == Opcode::TEXT && !self.is_accepted_text(&bytes) {
            return Err(INVALID_TEXT);
        }
        self.handle_message(opcode, bytes);
        Ok(())
    }

    /// Checks of a complete text message that only a faulty endpoint makes.
    fn is_accepted_text(&self, bytes: &[u8]) -> bool {
        let text = || String::from_utf8_lossy(bytes);
        if let TextCheck::Lenient(accepted) = self.text_check {
            return lenient_utf8::is_text(bytes, accepted);
        }
        if self.has(Fault::NONCHARACTERS_REFUSED) {
            return !text().chars().any(lenient_utf8::is_noncharacter);
        }
        if self.has(Fault::BEYOND_BMP_REFUSED) {
            return !text().chars().any(|c| c.len_utf8() == 4);
        }
        true
    }
}
