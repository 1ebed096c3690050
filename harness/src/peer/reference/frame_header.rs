//! Frame headers: RFC 6455 sections 5.1, 5.2, 5.4 and 5.5. All violations in a header are found before the payload is
//! read.

use crate::vocabulary::Role;
use crate::wire::{FrameHead, LengthForm, Opcode};

use super::super::MAX_MESSAGE;
use super::super::faults::Fault;
use super::compression::RSV1;
use super::endpoint::{Endpoint, Failure, IncomingFrame, MESSAGE_TOO_BIG, PROTOCOL_ERROR};

/// Returns the failure unless the bytes are accepted.
fn ensure(accepted: bool, failure: Failure) -> Result<(), Failure> {
    if accepted { Ok(()) } else { Err(failure) }
}

impl Endpoint {
    /// Reads a frame header; returns `false` if the input ends inside it.
    pub(super) fn read_header(&mut self, input: &mut &[u8]) -> Result<bool, Failure> {
        loop {
            if let Some((head, _)) = FrameHead::read(&self.header) {
                self.header.clear();
                self.begin_frame(head)?;
                return Ok(true);
            }
            let Some((byte, rest)) = input.split_first() else {
                return Ok(false);
            };
            self.header.push(*byte);
            *input = rest;
            if let [first, second] = self.header[..] {
                self.check_bits(first, second)?;
            }
        }
    }

    /// Checks the first two bytes.
    fn check_bits(&self, first: u8, second: u8) -> Result<(), Failure> {
        let opcode = Opcode::new(first);
        self.check_reserved_bits(first >> 4 & 7, opcode)?;
        self.check_opcode(opcode)?;
        self.check_mask_bit(second & 0x80 != 0)?;
        let dropped = first & 0x70 != 0 && self.has(Fault::RSV_FRAMES_SKIPPED);
        if dropped || self.is_skipped(opcode) {
            Ok(())
        } else if opcode.is_control() {
            self.check_control(first & 0x80 != 0, second & 0x7f)
        } else {
            self.check_order(opcode, first & 0x80 != 0)
        }
    }

    fn check_reserved_bits(&self, bits: u8, opcode: Opcode) -> Result<(), Failure> {
        let compressed = self.is_valid_rsv1(bits & RSV1 != 0, opcode);
        if bits & RSV1 == 0 {
            ensure(compressed, PROTOCOL_ERROR)?;
        }
        let accepted = bits == 0
            || (bits == RSV1 && compressed)
            || self.has(Fault::TAKES_ANY_RSV)
            || self.has(Fault::RSV_FRAMES_SKIPPED)
            || (bits == 4 && self.has(Fault::TAKES_RSV1))
            || (bits == 2 && self.has(Fault::TAKES_RSV2))
            || (bits == 1 && self.has(Fault::TAKES_RSV3))
            || (opcode.is_control() && self.has(Fault::TAKES_RSV_IN_CONTROL))
            || (opcode == Opcode::CONTINUATION && self.has(Fault::TAKES_RSV_IN_CONTINUATION));
        ensure(accepted, PROTOCOL_ERROR)
    }

    fn check_opcode(&self, opcode: Opcode) -> Result<(), Failure> {
        let accepted = match (opcode.is_reserved(), opcode.is_control()) {
            (false, _) => true,
            (true, true) => self.has(Fault::SKIPS_RESERVED_CONTROL_OPCODES),
            (true, false) => self.has(Fault::SKIPS_RESERVED_DATA_OPCODES) || !self.is_skipped(opcode),
        };
        ensure(accepted, PROTOCOL_ERROR)
    }

    /// Whether a frame with this opcode has no effect if it is not rejected.
    fn is_skipped(&self, opcode: Opcode) -> bool {
        opcode.is_reserved() && !self.has(Fault::RESERVED_OPCODE_IS_BINARY)
    }

    fn check_mask_bit(&self, masked: bool) -> Result<(), Failure> {
        let accepted = match self.role {
            Role::Server => masked || self.has(Fault::TAKES_UNMASKED),
            Role::Client => !masked || self.has(Fault::TAKES_MASKED),
        };
        ensure(accepted, PROTOCOL_ERROR)
    }

    fn check_control(&self, fin: bool, length: u8) -> Result<(), Failure> {
        ensure(fin || self.has(Fault::FRAGMENTED_CONTROL_TAKEN), PROTOCOL_ERROR)?;
        let checked_later = self.has(Fault::LONG_LENGTH_FORM_SKIPPED)
            || self.has(Fault::LONG_LENGTH_FORM_TAKEN)
            || self.has(Fault::LENGTH_TOP_BIT_CUT);
        ensure(length <= 125 || checked_later || self.has(Fault::LONG_CONTROL_TAKEN), PROTOCOL_ERROR)?;
        ensure(length != 125 || !self.has(Fault::CONTROL_OF_125_REFUSED), PROTOCOL_ERROR)?;
        ensure(self.message.is_none() || !self.has(Fault::CONTROL_MID_MESSAGE_REFUSED), PROTOCOL_ERROR)
    }

    /// Checks that a data frame is allowed here.
    fn check_order(&self, opcode: Opcode, fin: bool) -> Result<(), Failure> {
        let accepted = match (opcode == Opcode::CONTINUATION, self.message.is_some()) {
            (true, true) | (false, false) => true,
            (true, false) => {
                self.has(Fault::STRAY_CONTINUATION_TAKEN)
                    || self.has(Fault::STRAY_CONTINUATION_SKIPPED)
                    // The continuation of a dropped text message is dropped, too.
                    || self.has(Fault::BAD_UTF8_ENDS_NOTHING)
                    || self.has(Fault::FRAGMENTED_CONTROL_TAKEN)
            }
            (false, true) => self.has(Fault::MESSAGE_INSIDE_REPLACES) || self.has(Fault::MESSAGE_INSIDE_APPENDED),
        };
        ensure(accepted, PROTOCOL_ERROR)?;
        ensure(fin || !self.has(Fault::FRAGMENTS_REFUSED), PROTOCOL_ERROR)
    }

    /// Checks the length of a complete header and starts its frame.
    fn begin_frame(&mut self, head: FrameHead) -> Result<(), Failure> {
        let checked = self.checked_length(&head);
        let length = checked.unwrap_or(head.length);
        let skipped = checked.is_err()
            || length > MAX_MESSAGE as u64
            || self.is_skipped(head.opcode)
            || (head.rsv != 0 && self.has(Fault::RSV_FRAMES_SKIPPED))
            || (head.form != LengthForm::shortest(head.length) && self.has(Fault::LONG_LENGTH_FORM_SKIPPED));
        match (skipped, head.opcode.is_control()) {
            (true, _) => {}
            (false, true) => self.record_later_rsv1(&head),
            (false, false) => self.begin_data(&head),
        }
        self.frame = Some(IncomingFrame { head, payload: Vec::new(), received: 0, remaining: length, skipped });
        checked.map(|_| ())
    }

    /// The length of the payload as the endpoint reads it.
    fn checked_length(&self, head: &FrameHead) -> Result<u64, Failure> {
        let length = head.length;
        ensure(head.mask != Some([0; 4]) || !self.has(Fault::REFUSES_ZERO_KEY), PROTOCOL_ERROR)?;
        let long_form = self.has(Fault::LONG_LENGTH_FORM_TAKEN) || self.has(Fault::LONG_LENGTH_FORM_SKIPPED);
        ensure(head.form == LengthForm::shortest(length) || long_form, PROTOCOL_ERROR)?;
        let length = if self.has(Fault::LENGTH_TOP_BIT_CUT) { length & (u64::MAX >> 1) } else { length };
        // A control frame is short, whatever form its length has.
        let long_control = head.opcode.is_control() && length > 125;
        ensure(!long_control || self.has(Fault::LONG_CONTROL_TAKEN), PROTOCOL_ERROR)?;
        match head.form {
            LengthForm::Bits16 if self.has(Fault::LENGTH_16_LITTLE_ENDIAN) => {
                return Ok(u64::from((length as u16).swap_bytes()));
            }
            LengthForm::Bits16 if length > 0x7fff && self.has(Fault::LENGTH_16_SIGNED) => {
                return Err(MESSAGE_TOO_BIG);
            }
            LengthForm::Bits64 if self.has(Fault::LENGTH_64_REFUSED) => return Err(MESSAGE_TOO_BIG),
            LengthForm::Bits64 if self.has(Fault::LENGTH_64_NEGATIVE) => {
                return Ok(u64::try_from(length as i32).unwrap_or(0));
            }
            LengthForm::Bits64 if self.has(Fault::LENGTH_64_CUT) => {
                return Ok(length & 0xffff_ffff);
            }
            _ => {}
        }
        if length >> 63 != 0 {
            ensure(self.has(Fault::LENGTH_TOP_BIT_AWAITED), PROTOCOL_ERROR)?;
            return Ok(length);
        }
        let message_length = match &self.message {
            // The size of a compressed message is known only after inflating it.
            Some(message) if !head.opcode.is_control() && !message.compressed => message.bytes.len() as u64,
            _ => 0,
        };
        let fits = length.saturating_add(message_length) <= MAX_MESSAGE as u64;
        ensure(
            length.saturating_add(message_length) <= 1 << 20 || !self.has(Fault::LONG_MESSAGES_REFUSED_AS_WRONG),
            PROTOCOL_ERROR,
        )?;
        ensure(fits || self.has(Fault::LENGTH_UNBOUNDED), MESSAGE_TOO_BIG)?;
        Ok(length)
    }
}
