//! Fragments and text: RFC 6455 sections 5.4, 5.6 and 8.1.

use crate::wire::utf8::Validator;
use crate::wire::{FrameHead, Opcode};

use super::super::MAX_MESSAGE;
use super::super::faults::Fault;
use super::endpoint::{Endpoint, Failure, InFrame, NOT_UTF8};
use super::lax;

/// A message that has begun.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) opcode: Opcode,
    /// The fragments that are complete.
    pub(super) octets: Vec<u8>,
    /// How many frames it has had.
    frames: usize,
    validator: Validator,
}

impl Message {
    fn new(opcode: Opcode) -> Self {
        Self { opcode, octets: Vec::new(), frames: 0, validator: Validator::new() }
    }
}

/// How text is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextCheck {
    /// As the RFC has it, at the first octet that no text can have.
    Strict,
    /// Not at all.
    Nothing,
    /// Unfragmented text only.
    Unfragmented,
    /// At the end of the message, with these forms taken too.
    Lax(lax::Taken),
}

impl TextCheck {
    /// The check of an endpoint with this fault.
    pub(super) fn of(fault: Option<Fault>) -> Self {
        let is = |asked: Fault| fault == Some(asked);
        let taken = lax::Taken {
            surrogates: is(Fault::SURROGATES_TAKEN),
            overlong: is(Fault::OVERLONG_TAKEN),
            above_10ffff: is(Fault::ABOVE_10FFFF_TAKEN),
        };
        if is(Fault::UTF8_UNCHECKED) || is(Fault::UTF8_REPLACED) {
            Self::Nothing
        } else if is(Fault::UTF8_UNCHECKED_IN_FRAGMENTS) {
            Self::Unfragmented
        } else if taken != lax::Taken::default() {
            Self::Lax(taken)
        } else {
            Self::Strict
        }
    }
}

impl Endpoint {
    /// Takes note of a data frame's opcode.
    pub(super) fn begin_data(&mut self, opcode: Opcode) {
        let fresh = match (opcode, &self.message) {
            (Opcode::CONTINUATION, Some(_)) => return,
            (Opcode::CONTINUATION, None) => Opcode::TEXT,
            (_, Some(_)) if self.fault(Fault::MESSAGE_INSIDE_APPENDED) => return,
            (opcode, _) if opcode.is_reserved() => Opcode::BINARY,
            (opcode, _) => opcode,
        };
        self.message = Some(Message::new(fresh));
    }

    /// Checks the octets of the frame in progress from `start` on, where they belong to a text.
    pub(super) fn check_text(&mut self, start: usize) -> Result<(), Failure> {
        let binary_too = self.fault(Fault::BINARY_CHECKED);
        let pings_too = self.fault(Fault::PING_CHECKED_AS_TEXT);
        let (Some(frame), Some(message)) = (&self.frame, &mut self.message) else {
            return Ok(());
        };
        let checked = match self.text_check {
            TextCheck::Strict => true,
            TextCheck::Unfragmented => frame.head.fin && message.frames == 0,
            TextCheck::Nothing | TextCheck::Lax(_) => false,
        };
        let text = message.opcode == Opcode::TEXT || binary_too;
        let data = !frame.head.opcode.is_control();
        if checked && text && (data || (frame.head.opcode == Opcode::PING && pings_too)) {
            let fresh = frame.payload.get(start..).unwrap_or_default();
            message.validator.push(fresh).map_err(|_| NOT_UTF8)?;
        }
        Ok(())
    }

    /// Takes a whole text, binary or continuation frame.
    pub(super) fn take_data(&mut self, frame: InFrame) -> Result<(), Failure> {
        let InFrame { head, payload, .. } = frame;
        let Some(mut message) = self.message.take() else {
            return Ok(());
        };
        let continues = head.opcode == Opcode::CONTINUATION;
        let stray = continues && message.frames == 0;
        let skips = self.fault(Fault::STRAY_CONTINUATION_SKIPPED)
            || self.fault(Fault::BAD_UTF8_ENDS_NOTHING)
            || self.fault(Fault::FRAGMENTED_CONTROL_TAKEN);
        if stray && skips {
            return Ok(());
        }
        message.frames += 1;
        let empty = payload.is_empty();
        self.join(&head, payload, &mut message);
        if message.opcode == Opcode::TEXT && self.fault(Fault::UTF8_PER_FRAME) {
            message.validator.finish().map_err(|_| NOT_UTF8)?;
        }
        let seen_fin = head.fin && !(empty && continues && self.fault(Fault::EMPTY_LAST_FRAGMENT_IGNORED));
        if seen_fin {
            return self.complete(message);
        }
        if self.fault(Fault::FRAGMENTS_DELIVERED) {
            self.deliver(message.opcode, std::mem::take(&mut message.octets));
        }
        let unseen = empty && message.frames == 1 && self.fault(Fault::EMPTY_FIRST_FRAGMENT_IGNORED);
        if !unseen {
            self.message = Some(message);
        }
        Ok(())
    }

    /// Puts a fragment behind those before it.
    fn join(&self, head: &FrameHead, payload: Vec<u8>, message: &mut Message) {
        if message.frames > 1 && self.fault(Fault::TYPE_OF_LAST_FRAGMENT) {
            message.opcode = head.opcode;
        }
        if message.frames > 8 && self.fault(Fault::FRAGMENTS_BOUNDED) {
            return;
        }
        if message.octets.is_empty() || self.fault(Fault::LAST_FRAGMENT_ONLY) {
            message.octets = payload;
        } else if payload.is_empty() && self.fault(Fault::EMPTY_FRAGMENT_LOSES_MESSAGE) {
            message.octets.clear();
        } else if self.fault(Fault::FRAGMENTS_SWAPPED) {
            message.octets.splice(..0, payload);
        } else {
            // Only an endpoint that does not sum its fragments comes to this bound.
            let room = (2 * MAX_MESSAGE).saturating_sub(message.octets.len());
            let fits = payload.get(..room.min(payload.len())).unwrap_or_default();
            message.octets.extend_from_slice(fits);
        }
    }

    /// Takes a whole message.
    fn complete(&mut self, message: Message) -> Result<(), Failure> {
        let Message { opcode, octets, validator, .. } = message;
        if !self.fault(Fault::UTF8_INCOMPLETE_TAKEN) {
            // Only text has been shown to the validator.
            validator.finish().map_err(|_| NOT_UTF8)?;
        }
        if opcode == Opcode::TEXT && !self.likes_text(&octets) {
            return Err(NOT_UTF8);
        }
        self.deliver(opcode, octets);
        Ok(())
    }

    /// What only a wrong endpoint asks of a whole text.
    fn likes_text(&self, octets: &[u8]) -> bool {
        let text = || String::from_utf8_lossy(octets);
        if let TextCheck::Lax(taken) = self.text_check {
            return lax::is_text(octets, taken);
        }
        if self.fault(Fault::NONCHARACTERS_REFUSED) {
            return !text().chars().any(lax::is_noncharacter);
        }
        if self.fault(Fault::BEYOND_BMP_REFUSED) {
            return !text().chars().any(|c| c.len_utf8() == 4);
        }
        true
    }
}
